//! The small files of a ledger's directory that a backup holds as they are: the keys that sign checkpoints, what was signed,
//! and how far webhooks are. Without them a restored ledger could not go on with what others have signatures of, and would
//! send every entry once more.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use zeroize::Zeroizing;

use super::format::{Body, Frame, put_field};
use crate::private::private_dir;

/// The folders that are copied whole.
const FOLDERS: [&str; 2] = ["checkpoints", "webhooks"];
/// The longest file that is copied: what is longer is none of these.
const MOST_BYTES: u64 = 8 << 20;

/// A file: where it lies below the directory, and what it holds.
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// The files below a ledger's directory, in the order of their paths. What is being replaced while this reads is passed over.
pub(super) fn of(dir: &Path) -> io::Result<Vec<Kept>> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> =
        FOLDERS.iter().map(|folder| dir.join(folder)).filter(|path| path.is_dir()).collect();
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_none_or(|extension| extension != "new") {
                found.extend(one(dir, &path)?);
            }
        }
    }
    found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn one(dir: &Path, path: &Path) -> io::Result<Option<Kept>> {
    let mut bytes = Zeroizing::new(Vec::new());
    match File::open(path) {
        Ok(file) => file.take(MOST_BYTES).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let name = path.strip_prefix(dir).ok().and_then(Path::to_str);
    Ok(name.map(|name| Kept { path: name.to_owned(), bytes }))
}

/// The body of a file's frame.
pub(super) fn body(file: &Kept) -> Zeroizing<Vec<u8>> {
    let mut to = Zeroizing::new(Vec::with_capacity(file.path.len() + file.bytes.len() + 8));
    put_field(&mut to, file.path.as_bytes());
    put_field(&mut to, &file.bytes);
    to
}

/// The file of a frame; `None` where it is none, or would lie anywhere else than it may.
pub(super) fn read(frame: &Frame) -> Option<Kept> {
    let mut body = Body::of(frame);
    let path = std::str::from_utf8(body.field()?).ok()?.to_owned();
    let bytes = Zeroizing::new(body.field()?.to_vec());
    let mut parts = Path::new(&path).components();
    let here = parts.next().is_some_and(|first| FOLDERS.iter().any(|folder| first.as_os_str() == *folder));
    let below = parts.all(|part| matches!(part, Component::Normal(_)));
    (here && below && body.is_over()).then_some(Kept { path, bytes })
}

/// Puts a file where it was, for the owner alone.
pub(super) fn put(dir: &Path, file: &Kept) -> io::Result<()> {
    let path = dir.join(&file.path);
    if let Some(folder) = path.parent() {
        private_dir(folder)?;
    }
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    to.write_all(&file.bytes)?;
    to.sync_all()?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
