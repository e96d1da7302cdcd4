//! Why a store is not opened, and what an operator can do.

use std::fmt;

use crate::contain::StorageTrouble;
use crate::damage::Damage;
use crate::name::StreamName;

/// A store is refused. Unless the trial was skipped, sled's files are byte for byte as they were.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open. Stop that one, or talk to it.
    #[error("the store is open elsewhere: held by {holder}")]
    Locked {
        /// The line in the lock file: process id and program.
        holder: String,
    },
    /// The files are not those that were sealed. Restore them from a copy.
    #[error(
        "the store differs from its seal and was left as it is: {}; restore it from a copy or a mirror",
        each(mismatches)
    )]
    SealDiffers {
        /// Every file that differs.
        mismatches: Vec<SealMismatch>,
    },
    /// The seal itself is damaged.
    #[error(
        "the seal is damaged at line {line}: expected {expected}; restore it from a copy, or remove the file `seal` to open the store as after a crash"
    )]
    SealDamaged {
        /// The line, from 1; 0 if it is not even lines.
        line: usize,
        /// What was expected there.
        expected: String,
    },
    /// The store has data, but the file `head` is not there.
    #[error(
        "the head is missing{}: expected the file `head` beside a store that has data, found none; restore it from a copy, or \
         accept that what the store may have lost cannot be noticed and open it with a new head (`serve --accept-missing-head`)",
        if *seal_missing { ", and so is the seal" } else { "" }
    )]
    HeadMissing {
        /// Whether neither `seal` nor `seal.broken` is there either.
        seal_missing: bool,
    },
    /// The head is damaged in a place that a crash does not explain.
    #[error(
        "the head is damaged at byte {at}: expected {expected}; restore it from a copy, or remove the file `head` and open the store \
         with a new one (`serve --accept-missing-head`)"
    )]
    HeadDamaged {
        /// The offset in the file.
        at: usize,
        /// What was expected there.
        expected: String,
    },
    /// The head names streams, but there is no store.
    #[error(
        "the store is missing: expected {streams} streams as the head says, found no data in `sled/`; restore it from a copy or a mirror"
    )]
    StoreMissing {
        /// How many streams the head names.
        streams: usize,
    },
    /// A stream ends before the position that the head says was reached.
    #[error(
        "the store is short: stream `{stream}`: expected to reach position {expected}, found {found}; restore it from a copy or a mirror"
    )]
    Short {
        /// The stream.
        stream: StreamName,
        /// The least position acceptable.
        expected: u64,
        /// Its last position in the store.
        found: u64,
    },
    /// A stream goes on beyond the head by more than what can have been in flight.
    #[error(
        "the head is older than the store: stream `{stream}`: expected to end at position {expected}, found {found}, of batch {batch}; \
         restore the head that belongs to this store, or remove it and open with a new one (`serve --accept-missing-head`)"
    )]
    HeadBehind {
        /// The stream.
        stream: StreamName,
        /// The last position that the head names.
        expected: u64,
        /// The first position that cannot be explained.
        found: u64,
        /// The batch of that position.
        batch: u64,
    },
    /// Reading all of the unsealed store met damage.
    #[error("the unsealed store is damaged: {0}; restore it from a copy or a mirror")]
    Damaged(#[from] Damage),
    /// A key that is none of ours, so that it belongs to no stream.
    #[error("the store holds a foreign key: expected stream, position and part, found bytes {key}")]
    ForeignKey {
        /// The key, in hexadecimal.
        key: String,
    },
    /// No copy could be made to try the opening on.
    #[error(
        "the store was not closed cleanly, and a copy to try the opening on needs {needed} bytes: {trouble}; make room, or copy the \
         directory elsewhere yourself and open it without trial"
    )]
    NoRoomForTrial {
        /// The bytes that the copy takes.
        needed: u64,
        /// What went wrong.
        trouble: StorageTrouble,
    },
    /// sled itself refuses the store, or panics on it.
    #[error("the store cannot be opened: {0}; restore it from a copy or a mirror")]
    Unopenable(StorageTrouble),
    /// The operating system refused something. See what, and try again.
    #[error(transparent)]
    Storage(#[from] StorageTrouble),
}

/// How a file differs from its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealMismatch {
    /// It is not there.
    Missing {
        /// The path within the store.
        file: String,
        /// Its sealed length, in bytes.
        length: u64,
    },
    /// It was not there when the store was sealed.
    Unexpected {
        /// The path within the store.
        file: String,
    },
    /// It is shorter or longer.
    Length {
        /// The path within the store.
        file: String,
        /// The sealed length, in bytes.
        expected: u64,
        /// The length found, in bytes.
        found: u64,
        /// The two are equal up to at least this byte.
        differs_from: u64,
    },
    /// It has the same length but other bytes.
    Bytes {
        /// The path within the store.
        file: String,
        /// The first block that differs begins here,
        from: u64,
        /// and ends before here.
        to: u64,
        /// How many blocks differ.
        blocks: usize,
        /// How many there are.
        of: usize,
    },
}

impl fmt::Display for SealMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SealMismatch::Missing { file, length } => {
                write!(f, "`{file}`: expected {length} bytes, found no such file")
            }
            SealMismatch::Unexpected { file } => write!(f, "`{file}`: expected no such file, found one"),
            SealMismatch::Length { file, expected, found, differs_from } => {
                write!(f, "`{file}`: expected {expected} bytes, found {found}, differing from byte {differs_from}")
            }
            SealMismatch::Bytes { file, from, to, blocks, of } => {
                write!(
                    f,
                    "`{file}`: expected the sealed bytes, found others between {from} and {to} ({blocks} of {of} blocks)"
                )
            }
        }
    }
}

fn each(mismatches: &[SealMismatch]) -> String {
    let texts: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
