//! What writes a mirror: it reads the store from where the mirror ends, and writes frames.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::MirrorError;
use super::scan::Reached;
use super::segment::{Frame, HEADER_BYTES, Link, MOST_BYTES, MOST_ENTRIES, header, path};
use crate::contain::{Doing, StorageTrouble};
use crate::layout::{OWNERS, sync_dir};
use crate::name::StreamName;
use crate::store::Store;

/// The writing end of a mirror.
#[derive(Debug)]
pub(crate) struct Follower {
    dir: PathBuf,
    /// A segment above this size is followed by the next, in bytes.
    segment_bytes: u64,
    /// Where it was when the last sync succeeded: what was written since is written again after a failure.
    synced: End,
    /// The last position of each stream then.
    lasts: BTreeMap<StreamName, u64>,
    /// Where it is now.
    end: End,
    /// The last position of each stream that was written since.
    written: BTreeMap<StreamName, u64>,
    /// The newest segment, open at `end`. `None` before the first write and after a failure.
    file: Option<File>,
}

/// Where frames end.
#[derive(Debug, Clone, Copy)]
struct End {
    /// The segment; 0 where there is none.
    number: u64,
    /// Up to where it is sound, in bytes.
    length: u64,
    /// The hash of the newest frame.
    link: Link,
}

impl Follower {
    pub(crate) fn new(dir: PathBuf, segment_bytes: u64, reached: Reached) -> Follower {
        let Reached { number, length, link, rest: _, lasts } = reached;
        let end = End { number, length, link };
        Follower { dir, segment_bytes, synced: end, lasts, end, written: BTreeMap::new(), file: None }
    }

    /// The last position of each stream that was copied and synced.
    pub(crate) fn lasts(&self) -> &BTreeMap<StreamName, u64> {
        &self.lasts
    }

    /// Copies everything that is durable in the store and not here, and makes it durable. Errors: nothing is lost by them;
    /// the next call goes on.
    pub(crate) fn catch_up(&mut self, store: &Store) -> Result<(), MirrorError> {
        let copied = self.copy(store);
        if matches!(copied, Err(MirrorError::Storage(_))) {
            self.go_back();
        }
        copied
    }

    /// After a failure nobody knows what the file holds beyond what was synced. A sync that is only called again may succeed
    /// without it: the system lets go of pages that it could not write. So it is cut off and written again.
    fn go_back(&mut self) {
        self.file = None;
        self.end = self.synced;
        self.written.clear();
    }

    fn copy(&mut self, store: &Store) -> Result<(), MirrorError> {
        if self.file.is_none() && self.end.number > 0 {
            // What was found here when it was opened may never have been synced.
            self.open()?;
        }
        for (stream, last) in store.streams() {
            let copied = self.written.get(&stream).or_else(|| self.lasts.get(&stream));
            let from = copied.copied().unwrap_or(0).saturating_add(1);
            if from > last {
                continue;
            }
            let mut frame = Frame { stream: stream.clone(), first: from, entries: Vec::new() };
            let mut bytes = 0;
            for read in store.read(&stream, from) {
                let (position, entry) = read.map_err(MirrorError::Store)?;
                if !frame.entries.is_empty()
                    && (bytes + entry.len() > MOST_BYTES || frame.entries.len() == MOST_ENTRIES)
                {
                    self.write(&frame)?;
                    frame = Frame { stream: stream.clone(), first: position, entries: Vec::new() };
                    bytes = 0;
                }
                bytes += entry.len();
                frame.entries.push(entry);
            }
            if !frame.entries.is_empty() {
                self.write(&frame)?;
            }
        }
        if !self.written.is_empty() {
            self.sync()?;
        }
        Ok(())
    }

    fn write(&mut self, frame: &Frame) -> Result<(), StorageTrouble> {
        self.make_room()?;
        let (bytes, link) = frame.encode(&self.end.link);
        if let Some(file) = self.file.as_mut() {
            file.write_all(&bytes).doing(|| format!("writing the mirror in `{}`", self.dir.display()))?;
        }
        self.end.length += bytes.len() as u64;
        self.end.link = link;
        self.written.insert(frame.stream.clone(), frame.last());
        Ok(())
    }

    /// Makes durable what was written.
    fn sync(&mut self) -> Result<(), StorageTrouble> {
        if let Some(file) = &self.file {
            file.sync_data().doing(|| format!("syncing the mirror in `{}`", self.dir.display()))?;
        }
        self.synced = self.end;
        self.lasts.append(&mut self.written);
        Ok(())
    }

    /// Sees to it that a segment with room is open for writing.
    fn make_room(&mut self) -> Result<(), StorageTrouble> {
        if self.end.number > 0 && self.end.length >= self.segment_bytes {
            // It is never opened again: all of it is durable before the next begins.
            self.sync()?;
            self.file = None;
            (self.end.number, self.end.length) = (self.end.number + 1, 0);
        }
        if self.file.is_none() {
            self.end.number = self.end.number.max(1);
            self.open()?;
        }
        Ok(())
    }

    /// Opens the segment at its end, begins it where there is none, and makes it durable as it then is.
    fn open(&mut self) -> Result<(), StorageTrouble> {
        let path = path(&self.dir, self.end.number);
        let doing = || format!("opening `{}` to write", path.display());
        let mut file = File::options().create(true).append(true).mode(OWNERS).open(&path).doing(doing)?;
        file.set_len(self.end.length).doing(doing)?;
        if self.end.length < HEADER_BYTES {
            file.set_len(0).doing(doing)?;
            file.write_all(&header(self.end.number, &self.end.link)).doing(doing)?;
            self.end.length = HEADER_BYTES;
        }
        file.sync_all().doing(doing)?;
        sync_dir(&self.dir)?;
        self.file = Some(file);
        Ok(())
    }
}
