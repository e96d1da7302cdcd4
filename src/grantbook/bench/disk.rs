//! The rows to compare with: a plain file, and sled alone.

use std::path::Path;
use std::time::{Duration, Instant};

use grantbook_journal::bench::{BareSled, RawFile};
use grantbook_journal::{RecordLimits, StoreOptions};

use super::slice::Slice;

/// A plain file and a bare sled, each written in commits of as many entries as are in flight.
pub struct Disk {
    raw: RawFile,
    bare: BareSled,
    payloads: Payloads,
    in_flight: usize,
}

/// Makes entries of one size, not all alike, so that nothing gains by sameness.
pub struct Payloads {
    bytes: usize,
    made: u64,
}

impl Payloads {
    /// Of so many bytes each.
    pub fn new(bytes: usize) -> Payloads {
        Payloads { bytes, made: 0 }
    }

    /// The next so many.
    pub fn next(&mut self, count: usize) -> Vec<Vec<u8>> {
        let mut one = || {
            self.made += 1;
            let seed = blake3::hash(&self.made.to_be_bytes());
            seed.as_bytes().iter().copied().cycle().take(self.bytes).collect()
        };
        (0..count).map(|_| one()).collect()
    }
}

impl Disk {
    /// Makes both in a directory. `entry_bytes` is the size of an entry.
    ///
    /// Errors: the directory cannot be used.
    pub fn make(dir: &Path, in_flight: usize, entry_bytes: usize) -> anyhow::Result<Disk> {
        std::fs::create_dir_all(dir)?;
        let bare = BareSled::new(dir, StoreOptions::CACHE_BYTES, RecordLimits::default())?;
        Ok(Disk { raw: RawFile::new(dir)?, bare, payloads: Payloads::new(entry_bytes), in_flight })
    }

    /// Appends to the plain file and syncs, for about so long.
    ///
    /// Errors: it cannot be written.
    pub fn raw(&mut self, slice: Duration) -> anyhow::Result<Slice> {
        commits(slice, self.in_flight, &mut self.payloads, |entries| Ok(self.raw.commit(&entries)?))
    }

    /// Inserts into sled, flushes and syncs, for about so long.
    ///
    /// Errors: it cannot be written.
    pub fn bare_sled(&mut self, slice: Duration) -> anyhow::Result<Slice> {
        commits(slice, self.in_flight, &mut self.payloads, |entries| Ok(self.bare.commit(entries)?))
    }
}

/// Commits so many entries at once, again and again, for about `slice`. `commit` gives the time that counts: the making of
/// entries does not.
///
/// Errors: those of `commit`.
pub fn commits(
    slice: Duration,
    in_flight: usize,
    payloads: &mut Payloads,
    mut commit: impl FnMut(Vec<Vec<u8>>) -> anyhow::Result<Duration>,
) -> anyhow::Result<Slice> {
    let (began, mut each) = (Instant::now(), Vec::new());
    while began.elapsed() < slice || each.is_empty() {
        each.push(commit(payloads.next(in_flight))?);
    }
    Ok(Slice { done: (each.len() * in_flight) as u64, took: each.iter().sum(), each })
}
