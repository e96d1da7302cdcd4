//! The store on disk: sled, with a head and a seal of our own beside it.

use std::collections::BTreeMap;
use std::fs::File;

use parking_lot::{Mutex, RwLock};

use crate::append::{self, Append, AppendError};
use crate::contain::{Doing, StorageTrouble, contained};
use crate::head::{Head, HeadState, Heads};
use crate::head_thread::HeadThread;
use crate::key::Key;
use crate::layout::{Layout, remove, replace_file, sync_all_under, sync_dir};
use crate::lock::Lock;
use crate::name::StreamName;
use crate::open_error::OpenError;
use crate::opening;
use crate::options::StoreOptions;
use crate::packing::Packing;
use crate::reading::SledEntries;
use crate::record::{Record, RecordLimits};
use crate::report::OpenReport;
use crate::seal::Seal;
use crate::trial::close_sled;

/// A store on disk. One process has it open at a time; one thread appends, any number read.
pub struct SledStore {
    // In this order when dropped: sled first, the lock last.
    db: sled::Db,
    /// A handle of our own to sled's file: `flush` alone reaches neither the file's size nor the disk's cache.
    own: File,
    layout: Layout,
    limits: RecordLimits,
    /// The last durable position of each stream.
    lasts: RwLock<BTreeMap<StreamName, u64>>,
    committer: Mutex<Committer>,
    lock: Lock,
}

struct Committer {
    /// The newest durable batch.
    batch: u64,
    head: HeadThread,
    packing: Packing,
    /// Why nothing may be appended any more.
    trouble: Option<StorageTrouble>,
}

/// A store was not sealed. Nothing acknowledged is lost: it opens as after a crash.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// An append failed before, so what is on disk is unknown and must not be sealed. Open it again and replay.
    #[error("the store was not sealed, since its state is unknown: {0}")]
    StateUnknown(StorageTrouble),
    /// Something failed while closing.
    #[error("the store was not sealed: {0}")]
    Storage(#[from] StorageTrouble),
}

impl SledStore {
    /// Opens or creates a store.
    pub fn open(options: &StoreOptions) -> Result<(SledStore, OpenReport), OpenError> {
        opening::open(options)
    }

    #[expect(clippy::too_many_arguments, reason = "one caller, which has just made all of them")]
    pub(crate) fn new(
        db: sled::Db,
        own: File,
        layout: Layout,
        lock: Lock,
        limits: RecordLimits,
        heads: &Heads,
        batch: u64,
        head: HeadThread,
    ) -> SledStore {
        let lasts = heads.iter().map(|(stream, state)| (stream.clone(), state.last)).collect();
        let committer = Mutex::new(Committer { batch, head, packing: Packing::zstd(), trouble: None });
        SledStore { db, own, layout, limits, lasts: RwLock::new(lasts), committer, lock }
    }

    /// See [`crate::Store::append`].
    pub fn append(&self, batch: &[Append<'_>]) -> Result<(), AppendError> {
        let mut committer = self.committer.lock();
        if let Some(trouble) = &committer.trouble {
            return Err(AppendError::StateUnknown(trouble.clone()));
        }
        let lasts = append::check(batch, |stream| self.last_position(stream))?;
        if lasts.is_empty() {
            return Ok(());
        }
        let number = committer.batch.saturating_add(1);
        let mut changes = Heads::new();
        let mut records = Vec::new();
        for append in batch {
            records.extend(Record::pack(append, number, self.limits, &mut committer.packing));
            let last = lasts.get(append.stream).copied().unwrap_or_default();
            changes.insert(append.stream.clone(), HeadState { last, root: Some(append.root) });
        }

        let begun = committer.head.begin(number, changes);
        let outcome = begun.and_then(|()| {
            let stored = self.store(records);
            let headed = committer.head.wait();
            stored.and(headed)
        });
        if let Err(trouble) = outcome {
            tracing::error!(batch = number, %trouble, "append failed, the store takes no more");
            committer.trouble = Some(trouble.clone());
            return Err(AppendError::StateUnknown(trouble));
        }
        committer.batch = number;
        let mut published = self.lasts.write();
        for (stream, last) in lasts {
            match published.get_mut(stream) {
                Some(position) => *position = last,
                None => drop(published.insert(stream.clone(), last)),
            }
        }
        Ok(())
    }

    /// Writes records, in order, and makes them durable.
    ///
    /// sled recovers a prefix of what it was given, so of whole entries of one stream a crash leaves the first ones, which is
    /// what nobody was told of yet. Several streams, and the parts of one entry, must be there together: only for them sled's own
    /// batches are used, which cost about a quarter of the speed.
    fn store(&self, records: Vec<(Key, Vec<u8>)>) -> Result<(), StorageTrouble> {
        let one_stream = records.windows(2).all(|pair| matches!(pair, [(a, _), (b, _)] if a.stream == b.stream));
        let whole_entries = records.iter().all(|(key, _)| key.part == 0);
        contained("appending to sled", || {
            if one_stream && whole_entries {
                for (key, value) in records {
                    self.db.insert(key.encode(), value)?;
                }
            } else {
                let mut together = sled::Batch::default();
                for (key, value) in records {
                    together.insert(key.encode(), value);
                }
                self.db.apply_batch(together)?;
            }
            self.db.flush()
        })?;
        self.own.sync_data().doing(|| format!("syncing `{}`", self.layout.db.display()))
    }

    /// See [`crate::Store::last_position`].
    pub fn last_position(&self, stream: &StreamName) -> u64 {
        self.lasts.read().get(stream).copied().unwrap_or(0)
    }

    /// See [`crate::Store::streams`].
    pub fn streams(&self) -> Vec<(StreamName, u64)> {
        self.lasts.read().iter().map(|(stream, last)| (stream.clone(), *last)).collect()
    }

    /// See [`crate::Store::head`].
    pub fn head(&self) -> Result<BTreeMap<StreamName, HeadState>, OpenError> {
        // No append is under way while the file is read, so that it says no more than what is durable.
        let _between = self.committer.lock();
        Ok(Head::read(&self.layout.head)?.map(|head| head.after()).unwrap_or_default())
    }

    pub(crate) fn entries(&self, stream: &StreamName, from: u64) -> SledEntries {
        SledEntries::new(&self.db, stream, from, self.last_position(stream))
    }

    /// See [`crate::Store::close`].
    pub fn close(self) -> Result<(), CloseError> {
        let SledStore { db, own, layout, committer, lock, .. } = self;
        let Committer { head, trouble, .. } = committer.into_inner();
        let closed = close_sled(db, &layout.db);
        if let Some(trouble) = trouble {
            return Err(CloseError::StateUnknown(trouble));
        }
        closed?;
        drop(own);
        sync_all_under(&layout.dir, &layout.sled)?;
        head.stop()?.close()?;
        let seal = Seal::of(&layout.dir)?;
        replace_file(&layout.seal, seal.encode().as_bytes())?;
        remove(&layout.broken_seal)?;
        sync_dir(&layout.dir)?;
        drop(lock);
        Ok(())
    }
}
