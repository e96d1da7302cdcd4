//! What is appended, and the checks that come before anything is written. The same for every store.

use std::collections::BTreeMap;

use crate::contain::StorageTrouble;
use crate::name::StreamName;

/// The largest entry, in bytes.
pub const MAX_ENTRY_BYTES: usize = 1024 * 1024;

/// Consecutive entries for one stream, a part of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Append<'a> {
    /// The stream to append to; it begins to exist with its first entry.
    pub stream: &'a StreamName,
    /// The position of the first of the entries: the stream's last position plus one.
    pub first: u64,
    /// The entries, each at most [`MAX_ENTRY_BYTES`].
    pub entries: &'a [Vec<u8>],
    /// The ledger's tree root after the last of them; opaque here, kept in the head.
    pub root: [u8; 32],
}

/// Why a batch was not appended. All but `StateUnknown` are found before anything is written and change nothing.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The first entry would not follow the stream's last one. Read the stream on and decide again.
    #[error("stream `{stream}`: expected first position {expected}, found {found}")]
    WrongPosition {
        /// The stream.
        stream: StreamName,
        /// The position that comes next.
        expected: u64,
        /// The position asked for.
        found: u64,
    },
    /// An entry is too large to be stored. Split or refuse the command.
    #[error("stream `{stream}`: the entry at position {position} has {found} bytes, expected at most {limit}")]
    EntryTooLarge {
        /// The stream.
        stream: StreamName,
        /// The position the entry would have had.
        position: u64,
        /// The largest size, in bytes.
        limit: usize,
        /// Its size, in bytes.
        found: usize,
    },
    /// A part of the batch has no entries. A mistake of the caller.
    #[error("stream `{stream}`: expected at least one entry, found none")]
    NoEntries {
        /// The stream.
        stream: StreamName,
    },
    /// Storage failed during this or an earlier append, so nobody knows what is on disk. Open the store again and replay.
    #[error("the state of the store is unknown, start again by replay: {0}")]
    StateUnknown(StorageTrouble),
}

/// Checks sizes and positions of a whole batch against the last positions. Returns the last position of each stream afterwards.
pub(crate) fn check<'a>(
    batch: &[Append<'a>],
    last_position: impl Fn(&StreamName) -> u64,
) -> Result<BTreeMap<&'a StreamName, u64>, AppendError> {
    let mut lasts = BTreeMap::new();
    for append in batch {
        let stream = append.stream;
        let before = lasts.get(stream).copied().unwrap_or_else(|| last_position(stream));
        let expected = before.saturating_add(1);
        if append.first != expected {
            return Err(AppendError::WrongPosition { stream: stream.clone(), expected, found: append.first });
        }
        if append.entries.is_empty() {
            return Err(AppendError::NoEntries { stream: stream.clone() });
        }
        let mut last = before;
        for entry in append.entries {
            last = last.saturating_add(1);
            if entry.len() > MAX_ENTRY_BYTES {
                return Err(AppendError::EntryTooLarge {
                    stream: stream.clone(),
                    position: last,
                    limit: MAX_ENTRY_BYTES,
                    found: entry.len(),
                });
            }
        }
        lasts.insert(stream, last);
    }
    Ok(lasts)
}
