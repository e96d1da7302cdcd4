//! Opening sled, and trying it on a copy first.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::contain::{Doing, StorageTrouble, contained};
use crate::layout::{Layout, files_under, remove};
use crate::open_error::OpenError;
use crate::report::TrialDone;

/// sled's leftovers of a snapshot that was interrupted: `snap.*.generating`. With one of them it refuses to open.
pub(crate) fn is_leftover(path: &str) -> bool {
    path.strip_prefix("sled/snap.").is_some_and(|rest| rest.ends_with(".generating"))
}

/// Opens sled in a directory, its panics contained.
pub(crate) fn open_sled(dir: &Path, cache_bytes: u64) -> Result<sled::Db, StorageTrouble> {
    // No flushing behind our back: what is durable is decided by `append` alone.
    let config = || sled::Config::new().path(dir).cache_capacity(cache_bytes).flush_every_ms(None);
    contained("opening sled", || config().open())
}

/// Drops sled and waits until its threads have let go of the file, so that nothing changes any more.
pub(crate) fn close_sled(db: sled::Db, file: &Path) -> Result<(), StorageTrouble> {
    contained("closing sled", || {
        db.flush()?;
        drop(db);
        Ok(())
    })?;
    await_release(file)
}

/// Waits until nobody holds sled's own lock on its file.
pub(crate) fn await_release(file: &Path) -> Result<(), StorageTrouble> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let doing = || format!("waiting for sled to let go of `{}`", file.display());
    let began = Instant::now();
    let handle = File::open(file).doing(doing)?;
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(e)) => return Err(e).doing(doing),
            Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(1)),
            Err(TryLockError::WouldBlock) => return Err(StorageTrouble::new(doing(), "it is still held")),
        }
    }
}

/// Copies `sled/` to `trial/`, opens the copy and lets it be judged. The copy is removed whatever comes out.
pub(crate) fn run(
    layout: &Layout,
    cache_bytes: u64,
    judge: impl FnOnce(&sled::Db) -> Result<u64, OpenError>,
) -> Result<TrialDone, OpenError> {
    let began = Instant::now();
    let outcome = copied(layout).and_then(|bytes| {
        let db = open_sled(&layout.trial, cache_bytes).map_err(OpenError::Unopenable)?;
        let judged = judge(&db);
        // What closing the copy says does not matter: it is thrown away.
        let _ = close_sled(db, &layout.trial.join("db"));
        Ok(TrialDone { bytes, entries: judged?, took: began.elapsed() })
    });
    discard(layout)?;
    outcome
}

/// Removes the copy. The kernel frees a file's blocks with its last handle, which of a large store takes as long as copying
/// it: nobody waits for that.
fn discard(layout: &Layout) -> Result<(), StorageTrouble> {
    let last_handle = File::open(layout.trial.join("db"));
    if remove(&layout.trial).is_err() {
        // Over a network a file is there as long as it is open.
        drop(last_handle);
        return remove(&layout.trial).map(drop);
    }
    // Without a thread it is freed at once.
    let _ = thread::Builder::new().name("trial-freed".to_owned()).spawn(move || drop(last_handle));
    Ok(())
}

/// Copies a file. What of it is there is written to the disk meanwhile: sled syncs what it opens after a crash, and would wait
/// for all of it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (File::open(from)?, File::create(to)?);
    to.set_permissions(from.metadata()?.permissions())?;
    let copying = AtomicBool::new(true);
    thread::scope(|scope| {
        let write = || -> io::Result<()> {
            while copying.load(Ordering::Relaxed) {
                to.sync_data()?;
            }
            Ok(())
        };
        // Without a thread sled waits for it. An error is told here, since it is told once.
        let writing = thread::Builder::new().name("trial-written".to_owned()).spawn_scoped(scope, write);
        let copied = io::copy(&mut &from, &mut &to);
        copying.store(false, Ordering::Relaxed);
        let written = writing.map_or(Ok(()), |writing| writing.join().unwrap_or(Ok(())));
        copied.and(written)
    })
}

fn copied(layout: &Layout) -> Result<u64, OpenError> {
    let files: Vec<String> =
        files_under(&layout.dir, &layout.sled)?.into_iter().filter(|path| !is_leftover(path)).collect();
    let mut needed = 0;
    for path in &files {
        let meta = fs::metadata(layout.dir.join(path)).doing(|| format!("looking at `{path}`"))?;
        needed += meta.len();
    }
    for path in &files {
        let inside = path.strip_prefix("sled/").unwrap_or(path);
        let target = layout.trial.join(inside);
        let made = target.parent().map_or(Ok(()), fs::create_dir_all);
        // Shares blocks where the file system can.
        let copied = made.and_then(|()| copy(&layout.dir.join(path), &target));
        let copied = copied.doing(|| format!("copying `{path}` to `{}`", target.display()));
        copied.map_err(|trouble| OpenError::NoRoomForTrial { needed, trouble })?;
    }
    Ok(needed)
}
