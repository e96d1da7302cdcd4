//! A file under way: written beside its place under a name that nobody else has, and put there whole or not at all.
//!
//! Invariants:
//! - Nothing that was there before is overwritten or removed.
//! - What was not placed is removed: it holds secrets.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use uuid::Uuid;

/// A way to give a file its name where none has that name, the surest first. Not every file system knows each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// A rename that overwrites nothing.
    Rename,
    /// A second name, then without the first.
    Link,
    /// An empty file that nobody else could make, then a rename over it.
    Claim,
}

const WAYS: [Way; 3] = [Way::Rename, Way::Link, Way::Claim];

/// A file that is not in its place yet. Dropped, it is removed.
pub(super) struct Partial {
    /// Where it is written.
    path: PathBuf,
    /// Its place.
    file: PathBuf,
}

impl Partial {
    /// Makes the file beside its place, for its owner alone.
    pub(super) fn create(file: &Path) -> io::Result<(Partial, File)> {
        let (unlike, _) = Uuid::new_v4().as_u64_pair();
        let mut name = OsString::from(file);
        name.push(format!(".{:08x}.partial", unlike >> 32));
        let path = PathBuf::from(name);
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok((Partial { path, file: file.to_owned() }, opened))
    }

    /// Where it is written.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it in its place, durably. Errors: `AlreadyExists` where a file came to lie there, which stays as it is; else what the
    /// system said. Then nothing of it is in its place.
    pub(super) fn place(self) -> io::Result<()> {
        self.place_by(&WAYS)
    }

    fn place_by(self, ways: &[Way]) -> io::Result<()> {
        let mut last = Err(io::Error::from(ErrorKind::Unsupported));
        for way in ways {
            last = self.named(*way);
            match &last {
                Ok(()) => break,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => break,
                // Whatever stands in this way may not stand in the next.
                Err(_) => {}
            }
        }
        last?;
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        if synced.is_err() {
            let _ = fs::remove_file(&self.file);
        }
        synced
    }

    fn named(&self, way: Way) -> io::Result<()> {
        match way {
            Way::Rename => Ok(renameat_with(CWD, &self.path, CWD, &self.file, RenameFlags::NOREPLACE)?),
            // Dropping takes the first name away.
            Way::Link => fs::hard_link(&self.path, &self.file),
            Way::Claim => {
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.file)?;
                let renamed = fs::rename(&self.path, &self.file);
                if renamed.is_err() {
                    let _ = fs::remove_file(&self.file);
                }
                renamed
            }
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // In its place it has this name no more. Whether this succeeds changes nothing else.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn each_way_places_a_file_and_overwrites_none() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("all.gbb");
        let left = || fs::read_dir(place.path()).unwrap().count();
        for way in WAYS {
            for (there, expected) in [(None, "new"), (Some("other"), "other")] {
                there.iter().for_each(|text| fs::write(&file, text).unwrap());
                let (partial, mut opened) = Partial::create(&file).unwrap();
                opened.write_all(b"new").unwrap();
                let placed = partial.place_by(&[way]).map_err(|error| error.kind());
                assert_eq!(placed, there.map_or(Ok(()), |_| Err(ErrorKind::AlreadyExists)), "{way:?}");
                assert_eq!((fs::read_to_string(&file).unwrap().as_str(), left()), (expected, 1), "{way:?}");
                let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
                assert!(there.is_some() || mode == 0o600, "{way:?}: {mode:o}");
                fs::remove_file(&file).unwrap();
            }
        }
    }

    #[test]
    fn what_cannot_be_placed_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let (partial, _) = Partial::create(&place.path().join("all.gbb")).unwrap();
        let beside = Partial { path: partial.path.clone(), file: place.path().join("not there").join("all.gbb") };
        assert_eq!(beside.place().unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
