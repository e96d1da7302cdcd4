use std::path::PathBuf;

use super::output::Output;
use super::trouble::Trouble;

/// Writes the manual page to standard output, or a page for each command into a folder
#[derive(clap::Args)]
pub(crate) struct Man {
    /// Write `grantbook.1` and a page for each command into this folder instead
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self, output: &mut Output) -> Result<(), Trouble> {
        let description = super::description();
        let Some(folder) = &self.to else {
            return output.written(|out| clap_mangen::Man::new(description).render(&mut &mut *out));
        };
        let unwritten = |error| Trouble::Storage(format!("`{}` cannot be written: {error}", folder.display()));
        std::fs::create_dir_all(folder).map_err(unwritten)?;
        clap_mangen::generate_to(without_help(description), folder).map_err(unwritten)
    }
}

/// The same without the commands `help` at every level, which need no page of their own.
fn without_help(command: clap::Command) -> clap::Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_for_each_command_and_none_for_help() {
        let folder = tempfile::tempdir().unwrap();
        let man = Man { to: Some(folder.path().to_owned()) };
        man.run(&mut Output::standard(false, true)).unwrap();
        let read = std::fs::read_dir(folder.path()).unwrap();
        let pages: Vec<String> = read.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
        for page in ["grantbook.1", "grantbook-serve.1", "grantbook-do-add_admin.1"] {
            assert!(pages.iter().any(|known| known == page), "{page}");
        }
        assert!(!pages.iter().any(|page| page.contains("help")), "{pages:?}");
    }
}
