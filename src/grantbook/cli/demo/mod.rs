use super::global::Global;
use super::output::Output;
use super::trouble::Trouble;

/// Tells the organisation example on a fresh ledger, answers who granted what, and serves it
#[derive(clap::Args)]
pub(crate) struct Demo {
    /// End after the story
    #[arg(long)]
    no_serve: bool,
}

impl Demo {
    pub(crate) async fn run(&self, _global: &Global, _output: &mut Output) -> Result<(), Trouble> {
        let _ = self.no_serve;
        Ok(())
    }
}
