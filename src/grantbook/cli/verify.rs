//! `verify`: every byte of a directory, checked.

use grantbook_ledger::Ledger;

use super::global::{Global, ledger_options};
use super::output::Output;
use super::trouble::Trouble;

/// Checks every byte: encoding, order, gaps, checksums, tree roots, head, vault; rebuilds every view and compares
#[derive(clap::Args)]
pub(crate) struct Verify {}

impl Verify {
    pub(crate) async fn run(&self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        if !global.data.join("journal").exists() {
            return Err(Trouble::Usage(format!("there is no ledger in `{}`", global.data.display())));
        }
        let verification = match Ledger::open(ledger_options(&global.data)?).await {
            Ok(ledger) => {
                let bar = output.shows_progress().then(|| indicatif::ProgressBar::new(0));
                let verification = crate::verify::verify(&ledger, &mut |done, all| {
                    if let Some(bar) = &bar {
                        bar.set_length(all);
                        bar.set_position(done);
                    }
                });
                if let Some(bar) = bar {
                    bar.finish_and_clear();
                }
                ledger.close().await.map_err(|error| Trouble::Storage(error.to_string()))?;
                verification
            }
            Err(error) => crate::verify::refused(&error),
        };
        if output.json {
            output.json(&verification.json())?;
        } else {
            output.written(|out| verification.write_to(out))?;
        }
        match verification.exit() {
            0 => Ok(()),
            1 => Err(Trouble::Refused("the check failed".to_owned())),
            _ => Err(Trouble::Storage("the ledger cannot be opened".to_owned())),
        }
    }
}
