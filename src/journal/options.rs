//! How a store is opened.

use std::path::PathBuf;

use crate::record::RecordLimits;

/// Where a sled store is and how it is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The directory of the store; created with all that is in it if it is not there.
    pub dir: PathBuf,
    /// Most memory that sled's cache uses, in bytes.
    pub cache_bytes: u64,
    /// How large records become. May differ from one opening to the next.
    pub records: RecordLimits,
    /// What to do before sled opens a store without a valid seal.
    pub trial: Trial,
    /// Opens a store whose head is missing and makes the head anew from the store. What the store lost before, if anything, can
    /// then no longer be noticed here: compare with a signed checkpoint or a copy.
    pub accept_missing_head: bool,
}

/// What to do before sled opens a store without a valid seal, as after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trial {
    /// Open and read a copy first, so that a store that is then refused has not been touched. Needs the store's size in free
    /// space, unless the file system shares blocks.
    #[default]
    Copy,
    /// Open it at once: sled may change a damaged file before it is refused. For operators who made their own copy.
    Skip,
}

impl StoreOptions {
    /// sled's cache unless said otherwise: 64 MiB.
    pub const CACHE_BYTES: u64 = 64 * 1024 * 1024;

    /// The usual options for a directory.
    pub fn new(dir: impl Into<PathBuf>) -> StoreOptions {
        StoreOptions {
            dir: dir.into(),
            cache_bytes: Self::CACHE_BYTES,
            records: RecordLimits::default(),
            trial: Trial::default(),
            accept_missing_head: false,
        }
    }
}
