//! What the disk and sled alone can do, to compare the journal with. Nothing is printed here.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::append::Append;
use crate::contain::{Doing, StorageTrouble, contained};
use crate::layout::files_under;
use crate::name::StreamName;
use crate::options::StoreOptions;
use crate::packing::Packing;
use crate::record::{Record, RecordLimits};
use crate::store::Store;
use crate::trial::open_sled;

/// Something done many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// How many syncs.
    pub commits: u64,
    /// How many entries in all of them.
    pub entries: u64,
    /// Bytes of the entries.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
}

impl Measured {
    /// Entries a second.
    pub fn entries_per_second(&self) -> f64 {
        self.entries as f64 / self.took.as_secs_f64()
    }

    /// Commits a second.
    pub fn commits_per_second(&self) -> f64 {
        self.commits as f64 / self.took.as_secs_f64()
    }
}

/// What is measured: a number of entries of one size committed together, again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Entries in flight: committed together.
    pub in_flight: usize,
    /// Bytes of each.
    pub entry_bytes: usize,
    /// How often.
    pub commits: u64,
}

impl Load {
    fn batch(&self, commit: u64) -> Vec<Vec<u8>> {
        // Not all alike, so that nothing gains by sameness.
        let entry = |n: usize| {
            let seed = blake3::hash(&[commit.to_be_bytes(), (n as u64).to_be_bytes()].concat());
            seed.as_bytes().iter().copied().cycle().take(self.entry_bytes).collect()
        };
        (0..self.in_flight).map(entry).collect()
    }

    fn measured(&self, took: Duration) -> Measured {
        let entries = self.commits * self.in_flight as u64;
        Measured { commits: self.commits, entries, bytes: entries * self.entry_bytes as u64, took }
    }
}

/// Appends to a file and `fdatasync`s, once a commit: the most that this disk can do. Makes a file `raw` in the directory.
pub fn raw(dir: &Path, load: Load) -> Result<Measured, StorageTrouble> {
    let mut raw = RawFile::new(dir)?;
    let took = (0..load.commits).map(|commit| raw.commit(&load.batch(commit))).sum::<Result<_, _>>()?;
    Ok(load.measured(took))
}

/// Bare sled with the journal's keys, record sizes and cache: insert, `flush`, `sync_data`. No head, no checks. Makes a
/// directory `bare-sled` in the directory.
pub fn bare_sled(dir: &Path, load: Load, cache_bytes: u64, limits: RecordLimits) -> Result<Measured, StorageTrouble> {
    let mut bare = BareSled::new(dir, cache_bytes, limits)?;
    let took = (0..load.commits).map(|commit| bare.commit(load.batch(commit))).sum::<Result<_, _>>()?;
    Ok(load.measured(took))
}

/// The journal itself: [`crate::Store::append`] with the same load. Makes a directory `journal` in the directory.
pub fn journal(dir: &Path, load: Load, cache_bytes: u64, limits: RecordLimits) -> Result<Measured, StorageTrouble> {
    let mut journal = Journal::new(dir, cache_bytes, limits)?;
    let took = (0..load.commits).map(|commit| journal.commit(&load.batch(commit))).sum::<Result<_, _>>()?;
    journal.store.close().map_err(failed)?;
    Ok(load.measured(took))
}

/// Raw file, bare sled and journal, measured side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SideBySide {
    /// See [`raw`].
    pub raw: Measured,
    /// See [`bare_sled`].
    pub bare_sled: Measured,
    /// See [`journal`].
    pub journal: Measured,
}

/// Measures all three with the same load, one commit of each in turn, so that what else the machine does falls on all alike
/// and their ratios can be trusted.
pub fn side_by_side(
    dir: &Path,
    load: Load,
    cache_bytes: u64,
    limits: RecordLimits,
) -> Result<SideBySide, StorageTrouble> {
    let mut raw = RawFile::new(dir)?;
    let mut bare = BareSled::new(dir, cache_bytes, limits)?;
    let mut journal = Journal::new(dir, cache_bytes, limits)?;
    let [mut raw_took, mut bare_took, mut journal_took] = [Duration::ZERO; 3];
    for commit in 0..load.commits {
        let entries = load.batch(commit);
        raw_took += raw.commit(&entries)?;
        journal_took += journal.commit(&entries)?;
        bare_took += bare.commit(entries)?;
    }
    journal.store.close().map_err(failed)?;
    let (raw, bare_sled) = (load.measured(raw_took), load.measured(bare_took));
    Ok(SideBySide { raw, bare_sled, journal: load.measured(journal_took) })
}

/// A plain file that is appended to and synced.
pub struct RawFile {
    file: File,
}

impl RawFile {
    /// Makes a file `raw` in the directory.
    pub fn new(dir: &Path) -> Result<RawFile, StorageTrouble> {
        Ok(RawFile { file: File::create(dir.join("raw")).doing(|| "creating the raw file".into())? })
    }

    /// Appends entries and syncs; out comes how long that took.
    pub fn commit(&mut self, entries: &[Vec<u8>]) -> Result<Duration, StorageTrouble> {
        let bytes = entries.concat();
        let began = Instant::now();
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        written.doing(|| "writing the raw file".into())?;
        Ok(began.elapsed())
    }
}

/// sled with nothing around it.
pub struct BareSled {
    db: sled::Db,
    own: File,
    stream: StreamName,
    next: u64,
    limits: RecordLimits,
}

impl BareSled {
    /// Makes a directory `bare-sled` in the directory.
    pub fn new(dir: &Path, cache_bytes: u64, limits: RecordLimits) -> Result<BareSled, StorageTrouble> {
        let dir = dir.join("bare-sled");
        let db = open_sled(&dir, cache_bytes)?;
        let own = File::open(dir.join("db")).doing(|| "opening sled's file".into())?;
        Ok(BareSled { db, own, stream: bench_stream()?, next: 1, limits })
    }

    /// Inserts entries with the journal's keys and record sizes, flushes and syncs; out comes how long that took, packing aside.
    pub fn commit(&mut self, entries: Vec<Vec<u8>>) -> Result<Duration, StorageTrouble> {
        let append = Append { stream: &self.stream, first: self.next, entries: &entries, root: [0; 32] };
        let records = Record::pack(&append, 1, self.limits, &mut Packing::none());
        let records: Vec<_> = records.into_iter().map(|(key, value)| (key.encode(), value)).collect();
        self.next += entries.len() as u64;
        let began = Instant::now();
        contained("writing to bare sled", || {
            for (key, value) in records {
                self.db.insert(key, value)?;
            }
            self.db.flush()
        })?;
        self.own.sync_data().doing(|| "syncing sled's file".into())?;
        Ok(began.elapsed())
    }
}

struct Journal {
    store: Store,
    stream: StreamName,
}

impl Journal {
    fn new(dir: &Path, cache_bytes: u64, limits: RecordLimits) -> Result<Journal, StorageTrouble> {
        let mut options = StoreOptions::new(dir.join("journal"));
        options.cache_bytes = cache_bytes;
        options.records = limits;
        let (store, _) = Store::open(&options).map_err(failed)?;
        Ok(Journal { store, stream: bench_stream()? })
    }

    fn commit(&mut self, entries: &[Vec<u8>]) -> Result<Duration, StorageTrouble> {
        let began = Instant::now();
        let first = self.store.last_position(&self.stream) + 1;
        self.store.append(&[Append { stream: &self.stream, first, entries, root: [0; 32] }]).map_err(failed)?;
        Ok(began.elapsed())
    }
}

fn failed(error: impl std::fmt::Display) -> StorageTrouble {
    StorageTrouble::new("measuring the journal", error)
}

/// The bytes of all files of a store, or of any directory.
pub fn disk_bytes(dir: &Path) -> Result<u64, StorageTrouble> {
    let mut bytes = 0;
    for path in files_under(dir, dir)? {
        bytes += std::fs::metadata(dir.join(&path)).doing(|| format!("looking at `{path}`"))?.len();
    }
    Ok(bytes)
}

fn bench_stream() -> Result<StreamName, StorageTrouble> {
    StreamName::new("bench").map_err(|e| StorageTrouble::new("naming the stream", e))
}
