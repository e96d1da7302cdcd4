use clap_complete::Shell;

use super::output::Output;
use super::trouble::Trouble;

/// Writes a shell's completions to standard output
#[derive(clap::Args)]
pub(crate) struct Completions {
    /// For which shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, output: &mut Output) -> Result<(), Trouble> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::description(), "grantbook", &mut script);
        output.line(String::from_utf8_lossy(&script).trim_end())
    }
}
