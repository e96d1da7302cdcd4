//! What a reader finds where the history should be.

use std::fmt;

use crate::name::StreamName;

/// Stored history that is not what was appended. Nothing after it can be trusted; restore the store from a copy or a mirror.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("damage in stream `{stream}` at position {position}: {kind}: expected {expected}, found {found}")]
pub struct Damage {
    /// The stream in which it is.
    pub stream: StreamName,
    /// The first position that cannot be read.
    pub position: u64,
    /// Which check failed.
    pub kind: DamageKind,
    /// What the check expected.
    pub expected: String,
    /// What it found.
    pub found: String,
}

/// The check that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamageKind {
    /// The key is none of ours.
    Key,
    /// The format byte of a record.
    Format,
    /// The length of a record, or of an entry in it.
    Length,
    /// The checksum over key and record.
    Checksum,
    /// The count of entries in a record.
    Count,
    /// The part numbers of a split entry.
    Part,
    /// What the entries of a record were packed to.
    Packing,
    /// Bytes left over after the last entry of a record.
    TrailingBytes,
    /// The next position is not there, or another one is in its place.
    Gap,
    /// The store itself failed to read.
    Storage,
}

impl fmt::Display for DamageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DamageKind::Key => "key",
            DamageKind::Format => "format byte",
            DamageKind::Length => "length",
            DamageKind::Checksum => "checksum",
            DamageKind::Count => "count of entries",
            DamageKind::Part => "part of an entry",
            DamageKind::Packing => "packing of entries",
            DamageKind::TrailingBytes => "trailing bytes",
            DamageKind::Gap => "order of positions",
            DamageKind::Storage => "storage",
        })
    }
}
