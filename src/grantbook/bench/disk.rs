//! The rows to compare with: a plain file, and sled alone.

use std::path::Path;
use std::time::{Duration, Instant};

use grantbook_journal::bench::{BareSled, RawFile};
use grantbook_journal::{RecordLimits, StoreOptions};

use super::median;

/// Some time of doing one thing again and again.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Slice {
    pub(crate) done: u64,
    pub(crate) took: Duration,
    /// How long each commit took, where that was measured.
    pub(crate) each: Vec<Duration>,
}

impl Slice {
    pub(crate) fn per_second(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64().max(1e-9)
    }

    pub(crate) fn median_seconds(&self) -> f64 {
        median(self.each.iter().map(Duration::as_secs_f64))
    }
}

/// A plain file and a bare sled, each written in commits of as many entries as are in flight.
pub(crate) struct Disk {
    raw: RawFile,
    bare: BareSled,
    in_flight: usize,
    entry_bytes: usize,
    written: u64,
}

impl Disk {
    pub(crate) fn make(dir: &Path, in_flight: usize, entry_bytes: usize) -> anyhow::Result<Disk> {
        std::fs::create_dir_all(dir)?;
        let bare = BareSled::new(dir, StoreOptions::CACHE_BYTES, RecordLimits::default())?;
        Ok(Disk { raw: RawFile::new(dir)?, bare, in_flight, entry_bytes, written: 0 })
    }

    /// Entries not all alike, so that nothing gains by sameness.
    fn entries(&mut self) -> Vec<Vec<u8>> {
        let mut entry = || {
            self.written += 1;
            let seed = blake3_of(self.written);
            seed.iter().copied().cycle().take(self.entry_bytes).collect()
        };
        (0..self.in_flight).map(|_| entry()).collect()
    }

    pub(crate) fn raw(&mut self, slice: Duration) -> anyhow::Result<Slice> {
        self.slice(slice, |disk, entries| Ok(disk.raw.commit(&entries)?))
    }

    pub(crate) fn bare_sled(&mut self, slice: Duration) -> anyhow::Result<Slice> {
        self.slice(slice, |disk, entries| Ok(disk.bare.commit(entries)?))
    }

    /// Only the commits count, not the making of entries.
    fn slice(
        &mut self,
        slice: Duration,
        mut commit: impl FnMut(&mut Disk, Vec<Vec<u8>>) -> anyhow::Result<Duration>,
    ) -> anyhow::Result<Slice> {
        let (began, mut each, mut done) = (Instant::now(), Vec::new(), 0);
        while began.elapsed() < slice || each.is_empty() {
            let entries = self.entries();
            done += entries.len() as u64;
            each.push(commit(self, entries)?);
        }
        Ok(Slice { done, took: each.iter().sum(), each })
    }
}

fn blake3_of(number: u64) -> [u8; 32] {
    *blake3::hash(&number.to_be_bytes()).as_bytes()
}
