//! A file with what the book tells, written where somebody asked for it: whole or not at all, and for its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Puts `bytes` into the file at `path`, which only its owner may read. What was there before stays until all is on the disk,
/// so a full one takes nothing away; a link is followed, and what is no file (`/dev/stdout`) is written to as it is. Errors: it cannot be written.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let there = fs::metadata(path);
    if there.as_ref().is_ok_and(|there| !there.is_file()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let path = if there.is_ok() { fs::canonicalize(path)? } else { path.to_owned() };
    let beside = beside(&path)?;
    let written = put(&beside, bytes).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
        return written;
    }
    // The name is to last as well; not every file system takes a sync of a folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// A name in the same folder that nobody else writes to.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut beside = name.to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    Ok(path.with_file_name(beside))
}

fn put(beside: &Path, bytes: &[u8]) -> io::Result<()> {
    // One that was left over by a process of the same number.
    let _ = fs::remove_file(beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_replaced_whole_and_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (file, kept, link) = (dir.path().join("a"), dir.path().join("kept"), dir.path().join("link"));
        fs::write(&file, "before").unwrap();
        fs::hard_link(&file, &kept).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&file, b"after").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
        assert_eq!(fs::read_to_string(&kept).unwrap(), "before", "what was there is not written into");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        write(&link, b"by the link").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "by the link");
        write(Path::new("/dev/null"), b"nowhere").unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3, "nothing is left over");
        // It cannot be: what is there stays.
        let long = dir.path().join("n".repeat(252));
        fs::write(&long, "before").unwrap();
        assert!(write(&long, b"after").is_err());
        assert_eq!(fs::read_to_string(&long).unwrap(), "before");
        assert!(write(&dir.path().join("no/folder"), b"x").is_err());
    }
}
