//! The one door to every store.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::append::{Append, AppendError};
use crate::damage::Damage;
use crate::head::HeadState;
use crate::memory::{MemoryEntries, MemoryStore};
use crate::name::StreamName;
use crate::open_error::OpenError;
use crate::options::StoreOptions;
use crate::reading::SledEntries;
use crate::report::OpenReport;
use crate::sled_store::{CloseError, SledStore};

/// A store of opaque entries by stream and position. The contract is in the crate's own documentation.
pub enum Store {
    /// On disk.
    Sled(Box<SledStore>),
    /// In memory, for tests.
    Memory(MemoryStore),
}

impl Store {
    /// Opens or creates a store on disk, and says what was found. Blocks; after a crash for as long as copying and reading the
    /// whole store takes.
    pub fn open(options: &StoreOptions) -> Result<(Store, OpenReport), OpenError> {
        let (store, report) = SledStore::open(options)?;
        Ok((Store::Sled(Box::new(store)), report))
    }

    /// An empty store in memory.
    pub fn memory() -> Store {
        Store::Memory(MemoryStore::new())
    }

    /// Appends entries to one or several streams. Blocks until all are durable; see the crate's documentation for what `Ok` and
    /// each error mean. A stream may come more than once in a batch. Calls exclude each other: one committer gets the most by large
    /// batches.
    pub fn append(&self, batch: &[Append<'_>]) -> Result<(), AppendError> {
        match self {
            Store::Sled(store) => store.append(batch),
            Store::Memory(store) => store.append(batch),
        }
    }

    /// The last durable position of a stream; 0 if it has no entries.
    pub fn last_position(&self, stream: &StreamName) -> u64 {
        match self {
            Store::Sled(store) => store.last_position(stream),
            Store::Memory(store) => store.last_position(stream),
        }
    }

    /// Every stream with its last durable position, in order of name.
    pub fn streams(&self) -> Vec<(StreamName, u64)> {
        match self {
            Store::Sled(store) => store.streams(),
            Store::Memory(store) => store.streams(),
        }
    }

    /// What the head says now, read from its file anew: how far each durable stream has come, and its root. `None` in
    /// memory. Waits for an append that is under way.
    pub fn head(&self) -> Result<Option<BTreeMap<StreamName, HeadState>>, OpenError> {
        match self {
            Store::Sled(store) => store.head().map(Some),
            Store::Memory(_) => Ok(None),
        }
    }

    /// The entries of a stream from a position on, up to what is durable now, in order. Every position is given or the
    /// iterator says what is wrong with it, and then ends.
    pub fn read(&self, stream: &StreamName, from: u64) -> Entries<'_> {
        let source = match self {
            Store::Sled(store) => Source::Sled(Box::new(store.entries(stream, from))),
            Store::Memory(store) => Source::Memory(store.entries(stream, from)),
        };
        Entries { source, _store: PhantomData }
    }

    /// Closes the store and seals it. After any error nothing is lost, but the store opens as after a crash; so too if it is
    /// dropped without being closed.
    pub fn close(self) -> Result<(), CloseError> {
        match self {
            Store::Sled(store) => store.close(),
            Store::Memory(_) => Ok(()),
        }
    }
}

/// The entries of a stream: position and bytes. Ends after the last one, or after [`Damage`].
pub struct Entries<'a> {
    source: Source,
    /// Reading keeps the store open.
    _store: PhantomData<&'a Store>,
}

enum Source {
    Sled(Box<SledEntries>),
    Memory(MemoryEntries),
}

impl Iterator for Entries<'_> {
    type Item = Result<(u64, Vec<u8>), Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Sled(entries) => entries.next(),
            Source::Memory(entries) => entries.next(),
        }
    }
}
