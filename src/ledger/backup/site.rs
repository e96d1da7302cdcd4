//! Where a restoration is built: in a folder inside the directory that it is for. So a mount point, a link, and a folder that
//! somebody made for the service serve as well as a directory that is not there yet.
//!
//! Invariants:
//! - `journal` comes last into its place: what has none is no ledger, and while the folder lies there none is begun.
//! - What was not placed to its end is removed: it holds secrets.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::restore::RestoreError;
use crate::private::private_dir;

/// The folder that is built in.
const BUILT_IN: &str = ".restoring";
/// The folder that a journal alone is built in.
pub(super) const JOURNAL_BUILT_IN: &str = "journal.restoring";
/// What makes a directory a ledger's.
const JOURNAL: &str = "journal";
/// What a new file system brings along.
const BROUGHT_ALONG: &str = "lost+found";

/// Whether a restoration into the directory began and did not end: what lies there is no ledger, and none is to be begun.
pub fn is_half_restored(dir: &Path) -> io::Result<bool> {
    let there = |name: &str| dir.join(name).try_exists();
    Ok((there(BUILT_IN)? || there(JOURNAL_BUILT_IN)?) && !there(JOURNAL)?)
}

/// Refuses a directory that holds anything but what an interrupted restoration left in its folder.
pub(super) fn expect_vacant(dir: &Path) -> Result<(), RestoreError> {
    let names = match fs::read_dir(dir) {
        Ok(names) => names.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<OsString>>>()?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut others: Vec<&OsStr> = names.iter().map(OsString::as_os_str).collect();
    others.retain(|name| *name != BUILT_IN && *name != BROUGHT_ALONG);
    if others.is_empty() {
        return Ok(());
    }
    if others.len() < names.len() && is_half_restored(dir)? {
        // Some of it may be somebody's who put it there since: a vault is not removed on a guess.
        let mut found: Vec<String> = others.iter().map(|name| format!("`{}`", name.display())).collect();
        found.sort();
        return Err(RestoreError::Interrupted { dir: dir.to_owned(), found: found.join(", ") });
    }
    Err(RestoreError::NotEmpty(dir.to_owned()))
}

/// A restoration under way. Dropped before it is placed, it removes what was made.
pub(super) struct Site {
    dir: PathBuf,
    built_in: PathBuf,
    /// Whether the directory was made for this.
    made: bool,
    /// What is in its place already.
    placed: Vec<PathBuf>,
    /// Held so that another restoration does not clear the folder.
    _held: File,
}

impl Site {
    /// Makes the folder in a directory that is vacant, and the directory where it is not there. What an interrupted
    /// restoration left in the folder is removed. Errors: another one is at work there, or nothing can be made there.
    pub(super) fn begin(dir: &Path) -> Result<Site, RestoreError> {
        let built_in = dir.join(BUILT_IN);
        let made = !dir.try_exists()?;
        private_dir(dir)?;
        match held(&built_in, dir) {
            Ok(_held) => fs::remove_dir_all(&built_in)?,
            Err(RestoreError::Disk(error)) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let begun = DirBuilder::new().mode(0o700).create(&built_in).map_err(RestoreError::from);
        match begun.and_then(|()| held(&built_in, dir)) {
            Ok(held) => Ok(Site { dir: dir.to_owned(), built_in, made, placed: Vec::new(), _held: held }),
            Err(error) => {
                if made {
                    let _ = fs::remove_dir(dir);
                }
                Err(error)
            }
        }
    }

    /// Where to build.
    pub(super) fn folder(&self) -> &Path {
        &self.built_in
    }

    /// Moves what was built into its place, and makes it durable there. Errors: something else came to lie there, or it
    /// cannot be moved; then nothing of it stays.
    pub(super) fn place(mut self) -> Result<(), RestoreError> {
        let vacant = expect_vacant(&self.dir);
        if matches!(vacant, Err(RestoreError::Interrupted { .. })) {
            // This one was not: what lies there is somebody else's.
            return Err(RestoreError::NotEmpty(self.dir.clone()));
        }
        vacant?;
        for entry in fs::read_dir(&self.built_in)? {
            let name = entry?.file_name();
            if name != JOURNAL {
                self.move_up(&name)?;
            }
        }
        // What the journal makes a ledger of is durable before it does.
        sync(&self.dir)?;
        self.move_up(OsStr::new(JOURNAL))?;
        sync(&self.dir)?;
        if self.made {
            let whole = self.dir.canonicalize()?;
            whole.parent().map_or(Ok(()), sync)?;
        }
        self.placed.clear();
        self.made = false;
        Ok(())
    }

    fn move_up(&mut self, name: &OsStr) -> io::Result<()> {
        let to = self.dir.join(name);
        fs::rename(self.built_in.join(name), &to)?;
        self.placed.push(to);
        Ok(())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // The journal went last and goes first. Whether all of this succeeds changes nothing else.
        for path in self.placed.iter().rev() {
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
        let _ = fs::remove_dir_all(&self.built_in);
        if self.made {
            let _ = fs::remove_dir(&self.dir);
        }
    }
}

/// Opens the folder and holds it. Where the file system knows no locks it goes on without.
fn held(folder: &Path, dir: &Path) -> Result<File, RestoreError> {
    let opened = File::open(folder)?;
    match opened.try_lock() {
        Ok(()) | Err(TryLockError::Error(_)) => Ok(opened),
        Err(TryLockError::WouldBlock) => Err(RestoreError::AtWork(dir.to_owned())),
    }
}

/// Makes the entries of a folder durable.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    fn build(site: &Site) {
        fs::create_dir(site.folder().join("journal")).unwrap();
        fs::write(site.folder().join("journal").join("head"), "h").unwrap();
        fs::write(site.folder().join("vault.db"), "secret").unwrap();
    }

    #[test]
    fn what_is_not_placed_to_its_end_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let (there, gone) = (place.path().join("there"), place.path().join("gone"));
        fs::create_dir(&there).unwrap();
        for dir in [&there, &gone] {
            build(&Site::begin(dir).unwrap());
            assert_eq!(names(place.path()), ["there"]);
            assert_eq!(names(&there), [""; 0]);
        }
        // It fails when the vault is in its place already: there is no journal to follow.
        let site = Site::begin(&there).unwrap();
        fs::write(site.folder().join("vault.db"), "secret").unwrap();
        assert!(site.place().is_err());
        assert_eq!(names(&there), [""; 0]);
        // What came meanwhile stays.
        let site = Site::begin(&there).unwrap();
        build(&site);
        fs::write(there.join("vault.db"), "other").unwrap();
        assert!(matches!(site.place(), Err(RestoreError::NotEmpty(_))));
        assert_eq!(
            (names(&there), fs::read(there.join("vault.db")).unwrap()),
            (vec!["vault.db".into()], b"other".into())
        );
    }

    #[test]
    fn a_folder_that_is_being_built_in_is_no_ledger_and_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("data");
        assert!(!is_half_restored(&dir).unwrap());
        let site = Site::begin(&dir).unwrap();
        build(&site);
        assert!(is_half_restored(&dir).unwrap());
        assert!(matches!(Site::begin(&dir), Err(RestoreError::AtWork(_))));
        assert_eq!(names(site.folder()), ["journal", "vault.db"]);
        site.place().unwrap();
        assert!(!is_half_restored(&dir).unwrap());
        assert_eq!(names(&dir), ["journal", "vault.db"]);
        assert!(matches!(expect_vacant(&dir), Err(RestoreError::NotEmpty(_))));
    }
}
