//! The store in memory, for tests: the same contract but for durability.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::append::{self, Append, AppendError};
use crate::damage::Damage;
use crate::name::StreamName;

/// A store that is gone when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    streams: RwLock<BTreeMap<StreamName, Vec<Arc<[u8]>>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// See [`crate::Store::append`].
    pub fn append(&self, batch: &[Append<'_>]) -> Result<(), AppendError> {
        let mut streams = self.streams.write();
        append::check(batch, |stream| streams.get(stream).map_or(0, |entries| entries.len() as u64))?;
        for append in batch {
            let entries = append.entries.iter().map(|entry| Arc::from(entry.as_slice()));
            streams.entry(append.stream.clone()).or_default().extend(entries);
        }
        Ok(())
    }

    /// See [`crate::Store::last_position`].
    pub fn last_position(&self, stream: &StreamName) -> u64 {
        self.streams.read().get(stream).map_or(0, |entries| entries.len() as u64)
    }

    /// See [`crate::Store::streams`].
    pub fn streams(&self) -> Vec<(StreamName, u64)> {
        self.streams.read().iter().map(|(stream, entries)| (stream.clone(), entries.len() as u64)).collect()
    }

    pub(crate) fn entries(&self, stream: &StreamName, from: u64) -> MemoryEntries {
        let from = from.max(1);
        let streams = self.streams.read();
        let entries = streams.get(stream).map(Vec::as_slice).unwrap_or_default();
        let skipped = usize::try_from(from - 1).unwrap_or(usize::MAX);
        let entries: Vec<_> = entries.iter().skip(skipped).cloned().collect();
        MemoryEntries { position: from, entries: entries.into_iter() }
    }
}

/// The entries of a stream as they were when reading began.
pub(crate) struct MemoryEntries {
    position: u64,
    entries: std::vec::IntoIter<Arc<[u8]>>,
}

impl Iterator for MemoryEntries {
    type Item = Result<(u64, Vec<u8>), Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entries.next()?;
        let position = self.position;
        self.position += 1;
        Some(Ok((position, entry.to_vec())))
    }
}
