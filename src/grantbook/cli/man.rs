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
        let mut description = super::description();
        let Some(folder) = &self.to else {
            return output.written(|out| clap_mangen::Man::new(description).render(&mut &mut *out));
        };
        description.build();
        let unwritten = |error| Trouble::Storage(format!("`{}` cannot be written: {error}", folder.display()));
        std::fs::create_dir_all(folder).map_err(unwritten)?;
        clap_mangen::generate_to(description, folder).map_err(unwritten)
    }
}
