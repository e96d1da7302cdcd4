//! The files of a tenant's checkpoints: what is written replaces what was there, or leaves it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::private::private_dir;

/// A folder that only its owner opens; in memory there is none, and nothing is kept.
#[derive(Clone, Debug)]
pub(crate) struct Folder(pub(crate) Option<PathBuf>);

impl Folder {
    /// A file of the folder as it is; `None` where there is none.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<String>> {
        let Some(path) = self.path(name) else { return Ok(None) };
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// When a file of the folder was written; `None` where there is none.
    pub(crate) fn written_at(&self, name: &str) -> Option<SystemTime> {
        self.path(name).and_then(|path| std::fs::metadata(path).ok()?.modified().ok())
    }

    /// Whether others than the owner may open a file of the folder.
    pub(crate) fn is_open_to_others(&self, name: &str) -> bool {
        let mode = self.path(name).and_then(|path| std::fs::metadata(path).ok()).map(|file| file.permissions().mode());
        mode.is_some_and(|mode| mode & 0o077 != 0)
    }

    /// Puts a file into the folder, which is made where it is missing: durable when this returns, and open to nobody else.
    pub(crate) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let (Some(folder), Some(path), Some(new)) = (&self.0, self.path(name), self.path(&format!("{name}.new")))
        else {
            return Ok(());
        };
        private_dir(folder)?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        sync(folder)?;
        folder.parent().map_or(Ok(()), sync)
    }

    /// Where a file of the folder is, for messages.
    pub(crate) fn shown(&self, name: &str) -> String {
        self.path(name).map_or_else(|| name.to_owned(), |path| path.display().to_string())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.as_ref().map(|folder| folder.join(name))
    }
}

/// Removes a file; one that is not there is as good as removed.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes what was put into a folder, renamed in it or removed from it durable.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
