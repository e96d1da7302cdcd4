//! The mirror: a second copy of a store's entries in plain files, written by a follower of the store.
//!
//! It never decides anything and no answer waits for it. It is what a store is rebuilt from when its disk is lost, and the one
//! witness inside the machine that can tell when a sound but older store was put in the place of the one it followed.

mod behind;
mod follower;
mod rebuild;
mod scan;
mod segment;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

pub use rebuild::{Rebuilt, rebuild};

use crate::contain::{Doing, StorageTrouble};
use crate::damage::Damage;
use crate::layout::create_dir;
use crate::lock::Lock;
use crate::name::StreamName;
use crate::open_error::OpenError;
use crate::store::Store;
use behind::Newest;
use follower::Follower;
use scan::{Reached, scan};

/// Where a mirror is and how it is written.
#[derive(Debug, Clone)]
pub struct MirrorOptions {
    /// Its directory; created if it is not there. On another disk than the store, or it protects against less.
    pub dir: PathBuf,
    /// A segment above this size is followed by the next, in bytes.
    pub segment_bytes: u64,
    /// After how long what failed is tried again.
    pub retry: Duration,
}

impl MirrorOptions {
    /// The usual options for a directory: segments of 64 MiB, another try every second.
    pub fn new(dir: impl Into<PathBuf>) -> MirrorOptions {
        MirrorOptions { dir: dir.into(), segment_bytes: 64 * 1024 * 1024, retry: Duration::from_secs(1) }
    }
}

/// Why a mirror cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// A file of it is not what was written. Move the mirror away; a new one is made from the store.
    #[error("segment {segment} of the mirror is damaged at byte {offset}: {reason}")]
    Damaged {
        /// Which segment.
        segment: u64,
        /// Where in it, in bytes.
        offset: u64,
        /// What was expected, and what was found.
        reason: String,
    },
    /// The store ends before its mirror does: it has lost entries, or an old copy stands in its place.
    #[error(
        "stream `{stream}` ends at position {store} in the store and at {mirror} in its mirror: the store has lost entries, \
         or is an old copy; rebuild it from the mirror, or move the mirror away if the older store is meant"
    )]
    StoreBehind {
        /// The stream.
        stream: StreamName,
        /// Where it ends in the store.
        store: u64,
        /// Where it ends in the mirror.
        mirror: u64,
    },
    /// Store and mirror hold different entries at a position: they are not of one history.
    #[error("store and mirror hold different entries at position {position} of stream `{stream}`")]
    Different {
        /// The stream.
        stream: StreamName,
        /// The first position at which they were seen to differ.
        position: u64,
    },
    /// There are entries already where a store should be rebuilt.
    #[error("expected an empty directory to rebuild the store in, found a store in `{}`", .0.display())]
    NotEmpty(PathBuf),
    /// The store could not be read.
    #[error(transparent)]
    Store(Damage),
    /// The store could not be opened, or the mirror is in use.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The operating system failed.
    #[error(transparent)]
    Storage(#[from] StorageTrouble),
}

/// What followed where a mirror was not sound any more: it is cut off, and copied anew from the store.
#[derive(Debug)]
pub enum CutOff {
    /// Nothing whole, as a crash leaves it: what was expected there, and what was found.
    Torn(String),
    /// Sound frames behind something that is none: always [`MirrorError::Damaged`]. The store has all that they hold, or the
    /// mirror would have been refused.
    Damaged(MirrorError),
}

/// How far a mirror is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MirrorStatus {
    /// The last position of each stream that is durable in the mirror.
    pub copied: BTreeMap<StreamName, u64>,
    /// Why it does not get on, while it does not.
    pub trouble: Option<String>,
}

impl MirrorStatus {
    /// How many durable entries of the store are not in the mirror.
    pub fn behind(&self, store: &Store) -> u64 {
        let copied = |stream: &StreamName| self.copied.get(stream).copied().unwrap_or(0);
        store.streams().iter().map(|(stream, last)| last.saturating_sub(copied(stream))).sum()
    }
}

/// A mirror that follows a store, on a thread of its own.
#[derive(Debug)]
pub struct Mirror {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    _lock: Lock,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How often it was woken, and which of these wakings the last finished round served.
    asked: u64,
    served: u64,
    /// It is to end.
    stop: bool,
    status: MirrorStatus,
}

impl Mirror {
    /// Opens or makes a mirror of `store`, compares the two, and begins to follow. Blocks while the whole mirror is read;
    /// copying goes on behind. Also gives what is cut off at its end. Errors: see [`MirrorError`]; nothing has been changed.
    ///
    /// Damage in the newest segment is no error here, while the store holds what lies behind it: when power fails, what was
    /// not synced may be lost in the middle, and the store is whole.
    pub fn follow(options: &MirrorOptions, store: &Arc<Store>) -> Result<(Mirror, Option<CutOff>), MirrorError> {
        create_dir(&options.dir)?;
        let lock = Lock::take(&options.dir.join("lock"))?;
        let reached = compared(&options.dir, store, Depth::LastEntries)?;
        let damage = reached.damage().map(CutOff::Damaged);
        let cut_off = damage.or_else(|| reached.rest.as_ref().map(|rest| CutOff::Torn(rest.reason.clone())));
        let follower = Follower::new(options.dir.clone(), options.segment_bytes, reached);
        let shared = Arc::new(Shared::default());
        {
            let mut state = shared.state.lock();
            state.asked = 1;
            state.status.copied = follower.lasts().clone();
        }
        let thread = {
            let (shared, store, retry) = (Arc::clone(&shared), Arc::clone(store), options.retry);
            let named = std::thread::Builder::new().name("mirror".to_owned());
            named.spawn(move || run(&shared, follower, &store, retry)).doing(|| "starting the mirror".to_owned())?
        };
        Ok((Mirror { shared, thread: Some(thread), _lock: lock }, cut_off))
    }

    /// Says that the store holds more than before.
    pub fn wake(&self) {
        self.shared.state.lock().asked += 1;
        self.shared.changed.notify_all();
    }

    /// How far it is.
    pub fn status(&self) -> MirrorStatus {
        self.shared.state.lock().status.clone()
    }

    /// Waits until it holds everything that was durable in the store when it was called, or has tried to.
    pub fn settle(&self) -> MirrorStatus {
        let mut state = self.shared.state.lock();
        state.asked += 1;
        let own = state.asked;
        self.shared.changed.notify_all();
        while state.served < own {
            self.shared.changed.wait(&mut state);
        }
        state.status.clone()
    }
}

impl Drop for Mirror {
    /// Copies what is left, if it can, and ends. The store is let go of.
    fn drop(&mut self) {
        self.shared.state.lock().stop = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // It does not panic; and if it did, the mirror is no reason to take the store down.
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared, mut follower: Follower, store: &Store, retry: Duration) {
    loop {
        let (serving, stop) = {
            let mut state = shared.state.lock();
            while state.asked == state.served && !state.stop {
                if state.status.trouble.is_some() {
                    if shared.changed.wait_for(&mut state, retry).timed_out() {
                        break;
                    }
                } else {
                    shared.changed.wait(&mut state);
                }
            }
            (state.asked, state.stop)
        };
        let outcome = follower.catch_up(store);
        let mut state = shared.state.lock();
        let before = state.status.trouble.take();
        match outcome {
            Ok(()) => {
                if before.is_some() {
                    tracing::info!("the mirror goes on");
                }
                state.status.copied.clone_from(follower.lasts());
            }
            Err(error) => {
                let error = error.to_string();
                if before.as_ref() != Some(&error) {
                    tracing::error!(error, "the mirror does not get on; it is tried again");
                }
                state.status.trouble = Some(error);
            }
        }
        state.served = serving;
        drop(state);
        shared.changed.notify_all();
        if stop {
            return;
        }
    }
}

/// How much of store and mirror is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The last entry of each stream in the mirror: each hash of the mirror covers what comes before.
    LastEntries,
    /// Every entry.
    All,
}

/// Compares every entry of a mirror with the store's; how many there are. Errors: the first difference, or damage.
pub fn compare(dir: &Path, store: &Store) -> Result<u64, MirrorError> {
    let reached = compared(dir, store, Depth::All)?;
    Ok(reached.lasts.values().sum())
}

fn compared(dir: &Path, store: &Store, depth: Depth) -> Result<Reached, MirrorError> {
    let mut newest = Newest::new();
    let mut reached = scan(dir, &mut |mut frame| {
        if depth == Depth::All {
            let last = store.last_position(&frame.stream);
            for (position, (entry, read)) in
                (frame.first..).zip(frame.entries.iter().zip(store.read(&frame.stream, frame.first)))
            {
                if position <= last && read.map_err(MirrorError::Store)?.1 != *entry {
                    return Err(MirrorError::Different { stream: frame.stream.clone(), position });
                }
            }
        }
        let last = frame.last();
        if let Some(entry) = frame.entries.pop() {
            newest.insert(frame.stream, (last, entry));
        }
        Ok(())
    })?;
    if depth == Depth::All {
        reached = reached.undamaged()?;
    }
    // What lies behind damage was written too: a store that lacks it has lost it.
    let behind = reached.rest.iter().flat_map(|rest| &rest.behind);
    for (stream, (mirror, copied)) in newest.iter().chain(behind) {
        let last = store.last_position(stream);
        if last < *mirror {
            return Err(MirrorError::StoreBehind { stream: stream.clone(), store: last, mirror: *mirror });
        }
        if let Some(read) = store.read(stream, *mirror).next()
            && read.map_err(MirrorError::Store)?.1 != *copied
        {
            return Err(MirrorError::Different { stream: stream.clone(), position: *mirror });
        }
    }
    Ok(reached)
}
