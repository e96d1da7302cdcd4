//! `replay`: fixtures and exports, folded again and compared.

use std::path::PathBuf;

use super::output::Output;
use super::trouble::Trouble;

/// Replays fixtures and exports: folds their entries, decides them again and compares with the expected views
#[derive(clap::Args)]
pub(crate) struct Replay {
    /// Folders with fixtures, or files that `export` wrote
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write the expected views of fixtures that are not frozen anew, from what was computed
    #[arg(long)]
    bless: bool,
}

impl Replay {
    pub(crate) fn run(&self, output: &mut Output) -> Result<(), Trouble> {
        let report = crate::replay::run(&self.paths, self.bless);
        output.line(report.to_string().trim_end())?;
        if report.passed() {
            return Ok(());
        }
        Err(Trouble::Refused("what was replayed is not what was expected".to_owned()))
    }
}
