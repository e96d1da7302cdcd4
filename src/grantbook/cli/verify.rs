use std::path::{Path, PathBuf};

use grantbook_ledger::{Ledger, Options};
use indicatif::ProgressBar;

use super::desk::expect_ledger;
use super::global::{Global, ledger_options};
use super::output::Output;
use super::trouble::Trouble;
use crate::verify::{EXIT_REFUSED, KeptNote, Problem, Verification, refused, verify_against};

/// Checks every stored byte: encoding, order, hash tree, signatures, views rebuilt and compared; says what is wrong and where
///
/// It opens the directory itself, so no server may be running on it. Nothing is repaired.
#[derive(clap::Args)]
pub(crate) struct Verify {
    /// Hold the book against a checkpoint that was kept elsewhere: shows a copy that was put back and a changed history
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// A mirror of it, to be held against the journal entry by entry
    #[arg(long, value_name = "DIR", env = "GRANTBOOK_MIRROR")]
    mirror: Option<PathBuf>,
}

impl Verify {
    pub(crate) async fn run(&self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        global.needs_directory("verify")?;
        expect_ledger(&global.data)?;
        let kept = self.checkpoints.iter().map(|file| {
            let note = std::fs::read(file);
            let note = note.map_err(|error| Trouble::Usage(format!("`{}` cannot be read: {error}", file.display())))?;
            Ok(KeptNote { file: file.display().to_string(), note })
        });
        let kept = kept.collect::<Result<Vec<_>, Trouble>>()?;
        // Nothing is repaired: a journal that was put back may be too short, and the longer one may still be found.
        let options = Options { keep_unnamed_secrets: true, ..ledger_options(&global.data)? };
        let found = match Ledger::open(options).await {
            Ok(ledger) => {
                let mut found = read(&ledger, &kept, output);
                if let Some(mirror) = &self.mirror {
                    self.compare(&ledger, mirror, &mut found, output);
                }
                ledger.close().await.map_err(|error| Trouble::Storage(error.to_string()))?;
                found
            }
            Err(error) => refused(&error),
        };
        if output.json {
            output.json(&found.json())?;
        } else {
            output.written(|out| found.write_to(out))?;
        }
        match (found.exit(), found.problems.len()) {
            (0, _) => Ok(()),
            (EXIT_REFUSED, _) => {
                Err(Trouble::Storage(format!("the ledger in `{}` cannot be opened", global.data.display())))
            }
            (_, problems) => Err(Trouble::Refused(format!("the ledger is not as it should be: {problems} found"))),
        }
    }
}

impl Verify {
    /// Holds the mirror against the journal.
    fn compare(&self, ledger: &Ledger, mirror: &Path, found: &mut Verification, output: &Output) {
        match ledger.compare_mirror(mirror) {
            Ok(entries) => {
                let all: u64 = found.checked.iter().map(|checked| checked.entries).sum();
                output.note(format_args!("The mirror has {entries} of {all} entries, each as the journal has it."));
            }
            Err(error) => found.problems.push(Problem {
                tenant: None,
                position: None,
                file: Some(mirror.display().to_string()),
                what: "mirror",
                expected: "a mirror with the journal's own entries".to_owned(),
                found: error.to_string(),
            }),
        }
    }
}

fn read(ledger: &Ledger, kept: &[KeptNote], output: &Output) -> Verification {
    let bar = if output.shows_progress() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    let found = verify_against(ledger, kept, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    found
}
