use std::path::PathBuf;

use super::output::Output;
use super::trouble::Trouble;
use crate::bench::{Plan, run};

/// Measures how fast the ledger is on this machine, beside the raw disk and the bare store
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// A directory on the disk that is meant; what is put there is removed. Else the system's temporary one
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// About how long writing is measured, in seconds
    #[arg(long, default_value_t = Plan::default().seconds, value_name = "SECONDS")]
    seconds: f64,
    /// Over how many rounds
    #[arg(long, default_value_t = Plan::default().rounds, value_name = "COUNT")]
    rounds: usize,
    /// How many transitions the history that is read has
    #[arg(long, default_value_t = Plan::default().transitions, value_name = "COUNT")]
    transitions: u32,
}

impl Bench {
    pub(crate) async fn run(self, output: &mut Output) -> Result<(), Trouble> {
        let plan = Plan { dir: self.dir, seconds: self.seconds, rounds: self.rounds, transitions: self.transitions };
        let figures = run(&plan, &mut |what| output.note(what)).await;
        let figures = figures.map_err(|error| Trouble::Storage(format!("the bench failed: {error:#}")))?;
        if output.json { output.json(&figures.json()) } else { output.written(|out| figures.write_to(out)) }
    }
}
