//! `bench`: how fast, beside the bare disk and the bare store.

use std::path::PathBuf;

use crate::bench::Plan;

use super::output::Output;
use super::trouble::Trouble;

/// Measures in one run: raw file, bare sled, durable commands, HTTP, rebuilding, checks; and the ratios
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// A directory on the disk that is meant; a new one in it is used and removed
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// About how long writing is measured
    #[arg(long, default_value_t = 30.0)]
    seconds: f64,
}

impl Bench {
    pub(crate) async fn run(&self, output: &mut Output) -> Result<(), Trouble> {
        let plan = Plan { dir: Some(self.dir.clone()), seconds: self.seconds, ..Plan::default() };
        let shows = output.shows_progress();
        let told = |what: &str| {
            if shows {
                output.note(format_args!("measuring: {what}"));
            }
        };
        let figures = crate::bench::run(&plan, &mut { told }).await;
        let figures = figures.map_err(|error| Trouble::Storage(format!("it could not be measured: {error:#}")))?;
        if output.json { output.json(&figures.json()) } else { output.written(|out| figures.write_to(out)) }
    }
}
