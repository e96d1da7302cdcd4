use super::global::{Global, ledger_options};
use super::output::Output;
use super::trouble::Trouble;

/// Says whether the ledger's directory is fit for service, each check with what to do about it
#[derive(clap::Args)]
pub(crate) struct Doctor {}

impl Doctor {
    pub(crate) async fn run(&self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        global.needs_directory("doctor")?;
        let checkup = crate::doctor::doctor(&ledger_options(&global.data)?).await;
        if output.json {
            output.json(&checkup.json())?;
        } else {
            output.written(|out| checkup.write_to(out))?;
        }
        if checkup.failed() {
            return Err(Trouble::Refused("not fit for service".to_owned()));
        }
        Ok(())
    }
}
