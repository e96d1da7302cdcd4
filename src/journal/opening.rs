//! Opening a store: the decision table of `docs/journal-format.md`, from top to bottom.

use std::fs::{self, File};
use std::time::Instant;

use crate::contain::{Doing, contained};
use crate::head::{Head, HeadFile};
use crate::head_thread::HeadThread;
use crate::layout::{Layout, create_dir, files_under, remove, replace_file, sync_all_under, sync_dir};
use crate::lock::Lock;
use crate::open_error::{OpenError, SealMismatch};
use crate::options::{StoreOptions, Trial};
use crate::report::{OpenReport, SealFound, TrialDone};
use crate::seal::Seal;
use crate::sled_store::SledStore;
use crate::survey::{self, Standing};
use crate::trial::{self, await_release, is_leftover, open_sled};

/// Opens or creates a store.
pub(crate) fn open(options: &StoreOptions) -> Result<(SledStore, OpenReport), OpenError> {
    let began = Instant::now();
    let layout = Layout::new(&options.dir);
    create_dir(&layout.dir)?;
    let lock = Lock::take(&layout.lock)?;
    let found = find(&layout, options)?;

    let mut leftovers = clear_ours(&layout)?;
    let mut trial_done = None;
    match found.seal {
        SealFound::New => create(&layout)?,
        SealFound::Whole { .. } => break_seal(&layout)?,
        SealFound::Broken | SealFound::Removed => {
            await_release(&layout.db)?;
            if options.trial == Trial::Copy {
                trial_done = Some(try_out(&layout, options, found.head.as_ref())?);
            }
            leftovers.extend(clear_sled(&layout)?);
            mark_broken(&layout)?;
        }
    }
    let db = open_sled(&layout.sled, options.cache_bytes).map_err(OpenError::Unopenable)?;
    let sealed = matches!(found.seal, SealFound::Whole { .. });
    let (standing, _) = judge(&db, found.head.as_ref(), sealed)?;

    // What survived a process may not have reached the disk yet; and sled's files may be new.
    contained("flushing the store", || db.flush())?;
    let own = File::open(&layout.db).doing(|| format!("opening `{}`", layout.db.display()))?;
    sync_all_under(&layout.dir, &layout.sled)?;
    sync_dir(&layout.dir)?;

    let Standing { batch, heads, newest_missing, ahead } = standing;
    let head = Head { batch, before: heads.clone(), ..Head::default() };
    let head = HeadThread::start(HeadFile::create(&layout.head, head)?)?;
    let report = OpenReport {
        seal: found.seal,
        head_torn: found.head.as_ref().is_some_and(|head| head.torn),
        head_made_anew: found.head.is_none() && found.seal != SealFound::New,
        newest_missing,
        ahead,
        leftovers,
        trial: trial_done,
        heads,
        took: began.elapsed(),
    };
    report.trace();
    let store = SledStore::new(db, own, layout, lock, options.records, &report.heads, batch, head);
    Ok((store, report))
}

/// What a directory holds before anything is done to it.
pub(crate) struct Found {
    pub(crate) seal: SealFound,
    /// `None` for a new store, and where a missing head was accepted.
    pub(crate) head: Option<Head>,
}

/// Reads lock-step through the table; touches nothing.
pub(crate) fn find(layout: &Layout, options: &StoreOptions) -> Result<Found, OpenError> {
    let seal_there = layout.seal.exists();
    let broken_there = layout.broken_seal.exists();
    if !layout.has_data()? {
        let streams = Head::read(&layout.head)?.map(|head| head.after().len());
        return match streams {
            None if !seal_there && !broken_there => Ok(Found { seal: SealFound::New, head: None }),
            // The head is the first thing made and the store the last.
            Some(0) if !seal_there => Ok(Found { seal: SealFound::New, head: None }),
            _ => Err(OpenError::StoreMissing { streams: streams.unwrap_or(0) }),
        };
    }
    let seal = match Seal::read(&layout.seal)? {
        Some(seal) => {
            check(&seal, layout, options)?;
            let (files, bytes) = seal.extent();
            SealFound::Whole { files, bytes }
        }
        None if broken_there => SealFound::Broken,
        None => SealFound::Removed,
    };
    let head = Head::read(&layout.head)?;
    if head.is_none() && !options.accept_missing_head {
        return Err(OpenError::HeadMissing { seal_missing: seal == SealFound::Removed });
    }
    Ok(Found { seal, head })
}

/// Checks the seal. A missing head has a refusal of its own, and may be accepted.
fn check(seal: &Seal, layout: &Layout, options: &StoreOptions) -> Result<(), OpenError> {
    let Err(refusal) = seal.check(&layout.dir) else { return Ok(()) };
    if let OpenError::SealDiffers { mismatches } = &refusal
        && let [SealMismatch::Missing { file, .. }] = mismatches.as_slice()
        && file == "head"
    {
        return match options.accept_missing_head {
            true => Ok(()),
            false => Err(OpenError::HeadMissing { seal_missing: false }),
        };
    }
    Err(refusal)
}

/// Head first, store last, so that an interrupted creation can be told from a store that is missing.
fn create(layout: &Layout) -> Result<(), OpenError> {
    HeadFile::create(&layout.head, Head::default())?;
    mark_broken(layout)?;
    create_dir(&layout.sled)?;
    Ok(())
}

/// From here on the seal must not be believed any more.
fn break_seal(layout: &Layout) -> Result<(), OpenError> {
    await_release(&layout.db)?;
    fs::rename(&layout.seal, &layout.broken_seal).doing(|| "breaking the seal".into())?;
    sync_dir(&layout.dir)?;
    Ok(())
}

/// Leaves the mark that this store was opened, where there is none.
fn mark_broken(layout: &Layout) -> Result<(), OpenError> {
    if !layout.broken_seal.exists() {
        replace_file(&layout.broken_seal, Seal::default().encode().as_bytes())?;
    }
    Ok(())
}

/// Clears what an interrupted close, rewrite or trial of ours left.
fn clear_ours(layout: &Layout) -> Result<Vec<String>, OpenError> {
    let mut cleared = Vec::new();
    for name in ["head.new", "seal.new", "seal.broken.new", "trial"] {
        if remove(&layout.dir.join(name))? {
            cleared.push(name.to_owned());
        }
    }
    Ok(cleared)
}

/// Clears what sled left and cannot open with. Only where there is no seal: a sealed store has none.
fn clear_sled(layout: &Layout) -> Result<Vec<String>, OpenError> {
    let leftovers: Vec<String> =
        files_under(&layout.dir, &layout.sled)?.into_iter().filter(|path| is_leftover(path)).collect();
    for path in &leftovers {
        remove(&layout.dir.join(path))?;
    }
    Ok(leftovers)
}

fn try_out(layout: &Layout, options: &StoreOptions, head: Option<&Head>) -> Result<TrialDone, OpenError> {
    trial::run(layout, options.cache_bytes, |db| {
        let (_, ends) = judge(db, head, false)?;
        Ok(survey::read_all(db, &ends)?)
    })
}

/// Whether a store may be opened, and where each of its streams ends.
fn judge(db: &sled::Db, head: Option<&Head>, sealed: bool) -> Result<(Standing, survey::Ends), OpenError> {
    let ends = survey::ends(db)?;
    let standing = match head {
        Some(head) => survey::compare(db, &ends, head, sealed)?,
        None => survey::without_head(&ends),
    };
    Ok((standing, ends))
}
