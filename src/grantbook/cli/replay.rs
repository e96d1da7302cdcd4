use std::path::PathBuf;

use super::output::Output;
use super::trouble::{Trouble, expect_there};

/// Replays histories and compares what they mean with what is expected: fixtures in folders, exports in JSON lines
#[derive(clap::Args)]
pub(crate) struct Replay {
    /// Folders of fixtures, and files that `export` wrote
    #[arg(required = true, value_name = "DIR|FILE")]
    paths: Vec<PathBuf>,
    /// Write expected views that differ anew, those of frozen fixtures aside
    #[arg(long)]
    bless: bool,
}

impl Replay {
    pub(crate) fn run(&self, output: &mut Output) -> Result<(), Trouble> {
        self.paths.iter().try_for_each(|path| expect_there(path, "file or folder"))?;
        let report = crate::replay::run(&self.paths, self.bless);
        if output.json {
            let replayed = report.replayed.iter().map(|one| {
                serde_json::json!({
                    "path": one.path.display().to_string(),
                    "title": one.title,
                    "last": one.last.0,
                    "fingerprint": one.fingerprint,
                    "problems": one.problems,
                })
            });
            output.json(&serde_json::json!({"ok": report.passed(), "replayed": replayed.collect::<Vec<_>>()}))?;
        } else {
            output.line(report.to_string().trim_end())?;
        }
        if report.passed() {
            return Ok(());
        }
        Err(Trouble::Refused("what was replayed is not what was expected".to_owned()))
    }
}
