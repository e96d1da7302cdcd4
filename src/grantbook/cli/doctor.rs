use std::path::PathBuf;

use grantbook_ledger::Options;

use serde_json::{Value, json};

use super::config;
use super::global::{Global, ledger_options};
use super::output::Output;
use super::trouble::Trouble;

/// Says whether the ledger's directory is fit for service, each check with what to do about it
///
/// Then it says how `serve` would be set, and where each value came from: a file, the environment or the default.
#[derive(clap::Args)]
pub(crate) struct Doctor {
    /// The settings of `serve`, as its own `--config` takes them
    #[arg(long, value_name = "FILE", env = "GRANTBOOK_CONFIG")]
    config: Option<PathBuf>,
    /// A mirror of it, to be held against the journal
    #[arg(long, value_name = "DIR", env = "GRANTBOOK_MIRROR")]
    mirror: Option<PathBuf>,
}

impl Doctor {
    pub(crate) async fn run(&self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        global.needs_directory("doctor")?;
        let settings = config::explain(&super::description(), self.config.as_deref())?;
        let options = Options { mirror: self.mirror.clone(), ..ledger_options(&global.data)? };
        let checkup = crate::doctor::doctor(&options).await;
        if output.json {
            let mut all = checkup.json();
            if let Some(fields) = all.as_object_mut() {
                fields.insert(
                    "settings".to_owned(),
                    json!(settings.iter().map(config::Setting::json).collect::<Value>()),
                );
            }
            output.json(&all)?;
        } else {
            output.written(|out| checkup.write_to(out))?;
            output.line("")?;
            let row =
                |setting: &config::Setting| vec![setting.flag.clone(), setting.value.clone(), setting.from.clone()];
            output.table(&["serve", "value", "from"], &settings.iter().map(row).collect::<Vec<_>>())?;
        }
        if checkup.failed() {
            return Err(Trouble::Refused("not fit for service".to_owned()));
        }
        Ok(())
    }
}
