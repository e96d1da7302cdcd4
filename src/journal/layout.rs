//! The files of a store, and making them durable.

use std::fs::{self, DirBuilder, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::contain::{Doing, StorageTrouble};

/// The mode of every file that is made: what they tell is nobody else's to read, whatever directory they come to lie in.
pub(crate) const OWNERS: u32 = 0o600;

/// The paths of a store's files.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) dir: PathBuf,
    pub(crate) lock: PathBuf,
    pub(crate) head: PathBuf,
    pub(crate) seal: PathBuf,
    pub(crate) broken_seal: PathBuf,
    pub(crate) sled: PathBuf,
    pub(crate) db: PathBuf,
    pub(crate) trial: PathBuf,
}

impl Layout {
    pub(crate) fn new(dir: &Path) -> Layout {
        Layout {
            dir: dir.to_owned(),
            lock: dir.join("lock"),
            head: dir.join("head"),
            seal: dir.join("seal"),
            broken_seal: dir.join("seal.broken"),
            sled: dir.join("sled"),
            db: dir.join("sled").join("db"),
            trial: dir.join("trial"),
        }
    }

    /// Whether sled's file is there and not empty.
    pub(crate) fn has_data(&self) -> Result<bool, StorageTrouble> {
        match fs::metadata(&self.db) {
            Ok(meta) => Ok(meta.len() > 0),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(e).doing(|| format!("looking at `{}`", self.db.display())),
        }
    }
}

/// Makes a directory's entries durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), StorageTrouble> {
    File::open(dir).and_then(|d| d.sync_all()).doing(|| format!("syncing directory `{}`", dir.display()))
}

/// Makes the directory for its owner alone, parents included, and its own entry durable.
pub(crate) fn create_dir(dir: &Path) -> Result<(), StorageTrouble> {
    if dir.is_dir() {
        return Ok(());
    }
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.doing(|| format!("creating directory `{}`", dir.display()))?;
    let absolute = std::path::absolute(dir).doing(|| format!("resolving `{}`", dir.display()))?;
    absolute.parent().map_or(Ok(()), sync_dir)
}

/// Writes a file anew, for its owner alone, so that, whatever happens, the old or the new content is there: beside it, sync,
/// rename, sync.
/// The handle returned is open for writing at the end of the content.
pub(crate) fn replace_file(path: &Path, content: &[u8]) -> Result<File, StorageTrouble> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    let write = || {
        let mut file = File::options().write(true).create(true).truncate(true).mode(OWNERS).open(&beside)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        Ok(file)
    };
    let file = write().doing(|| format!("writing `{}`", path.display()))?;
    path.parent().map_or(Ok(()), sync_dir)?;
    Ok(file)
}

/// Removes a file or directory that may be absent; says whether it was there.
pub(crate) fn remove(path: &Path) -> Result<bool, StorageTrouble> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e).doing(|| format!("removing `{}`", path.display())),
    }
}

/// All files under a directory, as paths relative to `base` with `/` between, in order.
pub(crate) fn files_under(base: &Path, dir: &Path) -> Result<Vec<String>, StorageTrouble> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(next) = waiting.pop() {
        let mut list = || -> std::io::Result<()> {
            for entry in fs::read_dir(&next)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    waiting.push(entry.path());
                } else if let Ok(relative) = entry.path().strip_prefix(base) {
                    let parts: Vec<_> = relative.components().map(|c| c.as_os_str().to_string_lossy()).collect();
                    found.push(parts.join("/"));
                }
            }
            Ok(())
        };
        list().doing(|| format!("listing `{}`", next.display()))?;
    }
    found.sort();
    Ok(found)
}

/// Makes everything under a directory durable, and the directory itself.
pub(crate) fn sync_all_under(base: &Path, dir: &Path) -> Result<(), StorageTrouble> {
    for path in files_under(base, dir)? {
        let synced = File::open(base.join(&path)).and_then(|file| file.sync_all());
        synced.doing(|| format!("syncing `{path}`"))?;
    }
    sync_dir(dir)
}
