//! A directory that goes with the demo.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::cli::trouble::Trouble;

/// A directory of its owner's alone, removed when it is dropped.
pub(super) struct TemporaryDirectory {
    path: PathBuf,
}

impl TemporaryDirectory {
    pub(super) fn create() -> Result<TemporaryDirectory, Trouble> {
        let path = std::env::temp_dir().join(format!("grantbook-demo-{}", uuid::Uuid::new_v4().simple()));
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| Trouble::Storage(format!("`{}` cannot be made: {error}", path.display())))?;
        Ok(TemporaryDirectory { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clear away: it lies where temporary files do.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
