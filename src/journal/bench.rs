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
use crate::record::{Record, RecordLimits};
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
    let path = dir.join("raw");
    let doing = || format!("writing `{}`", path.display());
    let mut file = File::create(&path).doing(doing)?;
    let mut took = Duration::ZERO;
    for commit in 0..load.commits {
        let bytes = load.batch(commit).concat();
        let began = Instant::now();
        file.write_all(&bytes).and_then(|()| file.sync_data()).doing(doing)?;
        took += began.elapsed();
    }
    Ok(load.measured(took))
}

/// Bare sled with the journal's keys, record sizes and cache: insert, `flush`, `sync_data`. No head, checks or batches. Makes a
/// directory `bare-sled` in the directory.
pub fn bare_sled(dir: &Path, load: Load, cache_bytes: u64, limits: RecordLimits) -> Result<Measured, StorageTrouble> {
    let dir = dir.join("bare-sled");
    let stream = bench_stream()?;
    let db = open_sled(&dir, cache_bytes)?;
    let own = File::open(dir.join("db")).doing(|| "opening sled's file".into())?;
    let mut took = Duration::ZERO;
    let mut first = 1;
    for commit in 0..load.commits {
        let entries = load.batch(commit);
        let append = Append { stream: &stream, first, entries: &entries, root: [0; 32] };
        let records: Vec<_> = Record::pack(&append, commit, limits).into_iter().map(|(k, v)| (k.encode(), v)).collect();
        first += entries.len() as u64;
        let began = Instant::now();
        contained("writing to bare sled", || {
            for (key, value) in records {
                db.insert(key, value)?;
            }
            db.flush()
        })?;
        own.sync_data().doing(|| "syncing sled's file".into())?;
        took += began.elapsed();
    }
    Ok(load.measured(took))
}

/// The journal itself: [`crate::Store::append`] with the same load. Makes a directory `journal` in the directory.
pub fn journal(dir: &Path, load: Load, cache_bytes: u64, limits: RecordLimits) -> Result<Measured, StorageTrouble> {
    let mut options = StoreOptions::new(dir.join("journal"));
    options.cache_bytes = cache_bytes;
    options.records = limits;
    let failed = |e: &dyn std::fmt::Display| StorageTrouble::new("measuring the journal", e);
    let (store, _) = crate::Store::open(&options).map_err(|e| failed(&e))?;
    let stream = bench_stream()?;
    let mut took = Duration::ZERO;
    let mut first = store.last_position(&stream) + 1;
    for commit in 0..load.commits {
        let entries = load.batch(commit);
        let began = Instant::now();
        let append = Append { stream: &stream, first, entries: &entries, root: [0; 32] };
        store.append(&[append]).map_err(|e| failed(&e))?;
        took += began.elapsed();
        first += entries.len() as u64;
    }
    store.close().map_err(|e| failed(&e))?;
    Ok(load.measured(took))
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
