//! The way back: a ledger's directory made from a backup, or its journal from the mirror.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use grantbook_decisions::store_restored;
use grantbook_events::{Actor, CloudId, OperatorName, Position};
use grantbook_evidence::{Frontier, leaf_hash};
use grantbook_journal::{Append, MirrorError, Store, StoreOptions, StreamName, rebuild};

use super::cut::Cut;
use super::files;
use super::format::BackupDamage;
use super::site::{JOURNAL_BUILT_IN, Site, expect_vacant, sync};
use super::whole::{Piece, check, hex, walk};
use crate::error::LedgerError;
use crate::job::Act;
use crate::ledger::Ledger;
use crate::opening::OpenError;
use crate::options::{Options, Place};
use crate::vault::{self, Vault};
use crate::writer::named;

/// Up to where one tenant is restored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Until {
    /// Which tenant.
    pub tenant: CloudId,
    /// Its last position then.
    pub position: Position,
}

/// A ledger that was restored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// Where each stream ends.
    pub streams: Vec<(StreamName, u64)>,
    /// The digest of the copy.
    pub digest: String,
    /// What else there is to say of the copy: a mirror's torn end.
    pub remark: Option<String>,
    /// What one tenant lacks, where it was restored to an earlier position.
    pub cut: Option<Cut>,
}

/// Why nothing was restored. Nothing of it is left, unless it says that it is restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup is not whole.
    #[error(transparent)]
    Damaged(#[from] BackupDamage),
    /// The mirror is not whole, or is of another store.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// Something is there already.
    #[error(
        "`{0}` is not empty, and nothing is ever overwritten: name a directory that is empty or not there, with --data"
    )]
    NotEmpty(PathBuf),
    /// A restoration was interrupted when it was being put in its place.
    #[error(
        "a restoration into `{dir}` was interrupted, and beside its folder `.restoring` lies {found}, which may come from it: \
         it is no ledger; look, and remove all of it that nobody needs, or name another directory with --data"
    )]
    Interrupted {
        /// The directory.
        dir: PathBuf,
        /// What lies there.
        found: String,
    },
    /// Another restoration is not at its end.
    #[error("another restoration into `{0}` is at work")]
    AtWork(PathBuf),
    /// A journal is there already.
    #[error("there is a journal in `{0}`: move it away first, it is never overwritten")]
    JournalThere(PathBuf),
    /// A mirror has no secrets.
    #[error(
        "there is no vault in `{0}`: a mirror holds the entries alone, and without the vault no password and no personal \
         value can be read again. Put the latest copy of vault.db there first, mode 600"
    )]
    NoVault(PathBuf),
    /// There is no such tenant or position in the backup.
    #[error("the backup holds no position {position} of `{tenant}`")]
    NoSuchPosition {
        /// The tenant.
        tenant: CloudId,
        /// The position.
        position: Position,
    },
    /// The disk.
    #[error("what was to be restored could not be written: {0}")]
    Disk(#[from] io::Error),
    /// The journal could not be written.
    #[error("the journal could not be written: {0}")]
    Journal(String),
    /// The vault could not be written.
    #[error("the vault could not be written: {0}")]
    Vault(String),
    /// What was restored was not opened.
    #[error("it is restored, and could not be opened: {0}")]
    Open(#[from] OpenError),
    /// It is restored, and the act could not be recorded.
    #[error("it is restored, and could not be recorded in the book: {0}")]
    NotRecorded(LedgerError),
}

/// Makes a ledger in a directory that is empty or not there from a backup, and records it there as the operator's act. With
/// `until`, one tenant ends earlier.
pub async fn restore(
    file: &Path,
    options: &Options,
    operator: &OperatorName,
    until: Option<&Until>,
) -> Result<Restored, RestoreError> {
    let dir = directory(options)?;
    expect_vacant(dir)?;
    let whole = check(file)?;
    if let Some(Until { tenant, position }) = until {
        let held = whole.contents.streams.iter().find(|(stream, _, _)| stream.as_str() == tenant.as_str());
        if position.0 == 0 || held.is_none_or(|(_, last, _)| position.0 > *last) {
            return Err(RestoreError::NoSuchPosition { tenant: tenant.clone(), position: *position });
        }
    }
    let site = Site::begin(dir)?;
    let streams = fill(file, options, site.folder(), until)?;
    site.place()?;
    let entries = streams.iter().map(|(_, last)| *last).sum();
    let cut = told(options, operator, (entries, &whole.digest), until).await?;
    Ok(Restored { streams, digest: whole.digest, remark: None, cut })
}

/// Makes the journal of a ledger's directory anew from a mirror. The vault must be there; the journal must not.
pub async fn rebuild_from_mirror(
    mirror: &Path,
    options: &Options,
    operator: &OperatorName,
) -> Result<Restored, RestoreError> {
    let dir = directory(options)?;
    let (journal, making) = (dir.join("journal"), dir.join(JOURNAL_BUILT_IN));
    if journal.try_exists()? && fs::read_dir(&journal)?.next().is_some() {
        return Err(RestoreError::JournalThere(dir.to_owned()));
    }
    if !dir.join("vault.db").try_exists()? {
        return Err(RestoreError::NoVault(dir.to_owned()));
    }
    if making.try_exists()? {
        // What an interrupted restoration left: it never was a ledger.
        fs::remove_dir_all(&making)?;
    }
    let (mut trees, mut chain): (HashMap<StreamName, Frontier>, _) = (HashMap::new(), blake3::Hasher::new());
    let store = StoreOptions { cache_bytes: options.cache_bytes, ..StoreOptions::new(&making) };
    let rebuilt = rebuild(mirror, &store, &mut |stream, entry| {
        let tree = trees.entry(stream.clone()).or_default();
        let leaf = leaf_hash(entry);
        chain.update(&leaf);
        tree.push(leaf);
        tree.root()
    });
    // A rename takes the place of a folder that is empty.
    let placed = rebuilt.map_err(RestoreError::from).and_then(|rebuilt| {
        fs::rename(&making, &journal)?;
        Ok(rebuilt)
    });
    if placed.is_err() {
        let _ = fs::remove_dir_all(&making);
    }
    let rebuilt = placed?;
    sync(dir)?;
    let streams: Vec<(StreamName, u64)> = rebuilt.streams.into_iter().collect();
    let digest = hex(chain.finalize().as_bytes());
    let entries = streams.iter().map(|(_, last)| *last).sum();
    // What the mirror lacks may be found elsewhere, and then its passwords and keys are needed: the next start drops them.
    let options = Options { keep_unnamed_secrets: true, ..options.clone() };
    told(&options, operator, (entries, &digest), None).await?;
    Ok(Restored { streams, digest, remark: rebuilt.torn, cut: None })
}

fn directory(options: &Options) -> Result<&Path, RestoreError> {
    match &options.place {
        Place::Directory(dir) if dir.as_os_str().is_empty() => Ok(Path::new(".")),
        Place::Directory(dir) => Ok(dir),
        Place::Memory => Err(RestoreError::Disk(io::Error::other("a ledger in memory has no directory"))),
    }
}

/// Writes journal and vault into a fresh folder.
fn fill(
    file: &Path,
    options: &Options,
    making: &Path,
    until: Option<&Until>,
) -> Result<Vec<(StreamName, u64)>, RestoreError> {
    let store_options = StoreOptions { cache_bytes: options.cache_bytes, ..StoreOptions::new(making.join("journal")) };
    let (store, _) = Store::open(&store_options).map_err(|error| RestoreError::Journal(error.to_string()))?;
    let mut vault = Vault::open_or_create(making).map_err(|error| RestoreError::Vault(error.to_string()))?;
    let mut trees: HashMap<StreamName, Frontier> = HashMap::new();
    walk::<RestoreError>(file, &mut |piece| match piece {
        Piece::Entries(stream, first, entries) => {
            let kept = kept(&stream, first, entries, until);
            if kept.is_empty() {
                return Ok(());
            }
            let tree = trees.entry(stream.clone()).or_default();
            kept.iter().for_each(|entry| tree.push(leaf_hash(entry)));
            let append = Append { stream: &stream, first, entries: &kept, root: tree.root() };
            store.append(&[append]).map_err(|error| RestoreError::Journal(error.to_string()))
        }
        Piece::File(file) => Ok(files::put(making, &file)?),
        Piece::Secrets(secrets) => {
            vault.commit(&secrets).map_err(|error: vault::CommitError| RestoreError::Vault(error.to_string()))
        }
    })?;
    let streams = store.streams();
    store.close().map_err(|error| RestoreError::Journal(error.to_string()))?;
    drop(vault);
    Ok(streams)
}

/// The entries of a run that are restored.
fn kept(stream: &StreamName, first: u64, mut entries: Vec<Vec<u8>>, until: Option<&Until>) -> Vec<Vec<u8>> {
    if let Some(Until { tenant, position }) = until
        && tenant.as_str() == stream.as_str()
    {
        let many = (position.0 + 1).saturating_sub(first);
        entries.truncate(usize::try_from(many).unwrap_or(usize::MAX));
    }
    entries
}

/// Opens what was restored, which checks it, and records the act. Gives what a tenant lacks that ends earlier.
async fn told(
    options: &Options,
    operator: &OperatorName,
    (entries, digest): (u64, &str),
    until: Option<&Until>,
) -> Result<Option<Cut>, RestoreError> {
    let ledger = Ledger::open(Options { mirror: None, ..options.clone() }).await?;
    let name = named("restore_store").map_err(RestoreError::NotRecorded)?;
    let act = Act {
        events: vec![store_restored(entries, digest.to_owned())],
        ..Act::new(name, Actor::Support { operator: operator.clone() })
    };
    ledger.record_in_installation(act).await.map_err(RestoreError::NotRecorded)?;
    let cut = until.map(|until| Cut::of(&ledger, until)).transpose();
    let cut = cut.map_err(|error| OpenError::Other(format!("the vault: {error}")));
    ledger.close().await.map_err(|error| RestoreError::Journal(error.to_string()))?;
    Ok(cut?)
}
