//! `doctor`: is a directory fit for service, and what is to be done?

use super::global::{Global, ledger_options};
use super::output::Output;
use super::trouble::Trouble;

/// Looks whether the directory and its settings are fit for service, and says what to do
#[derive(clap::Args)]
pub(crate) struct Doctor {}

impl Doctor {
    pub(crate) async fn run(&self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        let checkup = crate::doctor::doctor(&ledger_options(&global.data)?).await;
        if output.json {
            output.json(&checkup.json())?;
        } else {
            output.written(|out| checkup.write_to(out))?;
        }
        if checkup.failed() { Err(Trouble::Refused("not fit for service".to_owned())) } else { Ok(()) }
    }
}
