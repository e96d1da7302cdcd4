use std::path::PathBuf;

use grantbook_ledger::Options;

use super::global::{Global, ledger_options};
use super::output::Output;
use super::trouble::Trouble;

/// Says whether the ledger's directory is fit for service, each check with what to do about it
#[derive(clap::Args)]
pub(crate) struct Doctor {
    /// A mirror of it, to be held against the journal
    #[arg(long, value_name = "DIR", env = "GRANTBOOK_MIRROR")]
    mirror: Option<PathBuf>,
}

impl Doctor {
    pub(crate) async fn run(&self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        global.needs_directory("doctor")?;
        let options = Options { mirror: self.mirror.clone(), ..ledger_options(&global.data)? };
        let checkup = crate::doctor::doctor(&options).await;
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
