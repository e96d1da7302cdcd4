//! What writes a mirror: it reads the store from where the mirror ends, and writes frames.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use super::MirrorError;
use super::scan::Reached;
use super::segment::{Frame, HEADER_BYTES, Link, MOST_BYTES, MOST_ENTRIES, header, path};
use crate::contain::{Doing, StorageTrouble};
use crate::layout::sync_dir;
use crate::name::StreamName;
use crate::store::Store;

/// The writing end of a mirror.
#[derive(Debug)]
pub(crate) struct Follower {
    dir: PathBuf,
    /// A segment above this size is followed by the next, in bytes.
    segment_bytes: u64,
    number: u64,
    /// Up to where the segment is known to be sound, in bytes.
    length: u64,
    link: Link,
    /// `None` before the first write and after a failed one: then the segment is cut to `length` first.
    file: Option<File>,
    lasts: BTreeMap<StreamName, u64>,
}

impl Follower {
    pub(crate) fn new(dir: PathBuf, segment_bytes: u64, reached: Reached) -> Follower {
        let Reached { number, length, link, rest: _, lasts } = reached;
        Follower { dir, segment_bytes, number, length, link, file: None, lasts }
    }

    /// The last position of each stream that was copied.
    pub(crate) fn lasts(&self) -> &BTreeMap<StreamName, u64> {
        &self.lasts
    }

    /// Copies everything that is durable in the store and not here, and makes it durable. Errors: nothing is lost by them;
    /// the next call goes on.
    pub(crate) fn catch_up(&mut self, store: &Store) -> Result<(), MirrorError> {
        let mut written = false;
        for (stream, last) in store.streams() {
            let from = self.lasts.get(&stream).copied().unwrap_or(0).saturating_add(1);
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
            written = true;
        }
        match self.file.as_ref().filter(|_| written) {
            Some(file) => {
                let synced = file.sync_data().doing(|| format!("syncing the mirror in `{}`", self.dir.display()));
                Ok(self.or_reopen(synced)?)
            }
            None => Ok(()),
        }
    }

    fn write(&mut self, frame: &Frame) -> Result<(), StorageTrouble> {
        let opened = self.opened();
        self.or_reopen(opened)?;
        let (bytes, link) = frame.encode(&self.link);
        let written = match self.file.as_mut() {
            Some(file) => file.write_all(&bytes).doing(|| format!("writing the mirror in `{}`", self.dir.display())),
            None => Ok(()),
        };
        self.or_reopen(written)?;
        self.length += bytes.len() as u64;
        self.link = link;
        self.lasts.insert(frame.stream.clone(), frame.last());
        Ok(())
    }

    /// After a failure nobody knows what the file holds beyond what was sound before.
    fn or_reopen<T>(&mut self, done: Result<T, StorageTrouble>) -> Result<T, StorageTrouble> {
        if done.is_err() {
            self.file = None;
        }
        done
    }

    /// Sees to it that a segment with room is open for writing at its sound end.
    fn opened(&mut self) -> Result<(), StorageTrouble> {
        let full = self.length >= self.segment_bytes && self.number > 0;
        if self.file.is_some() && !full {
            return Ok(());
        }
        if full {
            if let Some(file) = self.file.take() {
                file.sync_data().doing(|| format!("syncing the mirror in `{}`", self.dir.display()))?;
            }
            (self.number, self.length) = (self.number + 1, 0);
        }
        self.number = self.number.max(1);
        let path = path(&self.dir, self.number);
        let doing = || format!("opening `{}` to write", path.display());
        let mut file = File::options().create(true).append(true).open(&path).doing(doing)?;
        file.set_len(self.length).doing(doing)?;
        if self.length < HEADER_BYTES {
            file.set_len(0).doing(doing)?;
            file.write_all(&header(self.number, &self.link)).doing(doing)?;
            self.length = HEADER_BYTES;
        }
        file.sync_all().doing(doing)?;
        sync_dir(&self.dir)?;
        self.file = Some(file);
        Ok(())
    }
}
