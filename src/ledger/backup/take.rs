//! Taking a backup, while the ledger works on.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use grantbook_decisions::backup_taken;
use grantbook_events::{Actor, OperatorName};
use grantbook_evidence::{Frontier, leaf_hash};
use grantbook_journal::{Damage, StreamName};
use serde_json::Value;

use super::files;
use super::format::{BackupDamage, Frames, Kind, put_field};
use super::partial::Partial;
use super::secrets;
use super::whole::{Contents, Whole, check, end};
use crate::error::LedgerError;
use crate::job::Act;
use crate::ledger::{Ledger, Shared};
use crate::vault::{ReadError, VaultWrite};
use crate::writer::named;

/// How many entries a frame holds at most, and how many bytes of them beyond the first.
const MOST_ENTRIES: usize = 4_096;
const MOST_BYTES: usize = 1 << 20;

/// A backup that was taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupTaken {
    /// What is in it.
    pub whole: Whole,
    /// How long the file is.
    pub bytes: u64,
}

/// Why no backup was taken. Nothing of it is left, unless it says that it is complete.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file of that name, and it is never overwritten.
    #[error("`{0}` is there already, and a backup is never overwritten: give another name")]
    Exists(PathBuf),
    /// The file could not be written.
    #[error("`{file}` could not be written: {cause}")]
    NotWritten {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The journal is damaged.
    #[error("the journal cannot be read: {0}")]
    Journal(Damage),
    /// The vault is damaged.
    #[error(transparent)]
    Vault(#[from] ReadError),
    /// What was written is not what was meant: the disk is not to be trusted.
    #[error("what was written does not read back: {0}")]
    NotReadBack(BackupDamage),
    /// It is there, and could not be recorded.
    #[error("the backup is complete, and could not be recorded in the book: {0}")]
    NotRecorded(LedgerError),
}

impl Ledger {
    /// Writes a backup of everything to a file that is not there yet, reads it back, and records it as the operator's act.
    /// `progress` is told how many of how many entries are written.
    ///
    /// Errors: see [`BackupError`].
    pub async fn backup(
        &self,
        operator: &OperatorName,
        file: &Path,
        progress: impl FnMut(u64, u64) + Send + 'static,
    ) -> Result<BackupTaken, BackupError> {
        let (shared, path) = (self.shared.clone(), file.to_owned());
        let mut progress = progress;
        let taken = tokio::task::spawn_blocking(move || take(&shared, &path, &mut progress)).await;
        let gone =
            || BackupError::NotWritten { file: file.to_owned(), cause: io::Error::other("the work was given up") };
        let taken = taken.unwrap_or_else(|_| Err(gone()))?;
        let name = named("take_backup").map_err(BackupError::NotRecorded)?;
        let act = Act {
            events: vec![backup_taken(taken.whole.entries, taken.whole.digest.clone())],
            ..Act::new(name, Actor::Support { operator: operator.clone() })
        };
        self.record_in_installation(act).await.map_err(BackupError::NotRecorded)?;
        Ok(taken)
    }
}

fn take(shared: &Shared, file: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<BackupTaken, BackupError> {
    let not_written = |cause: io::Error| BackupError::NotWritten { file: file.to_owned(), cause };
    if file.try_exists().map_err(not_written)? {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let (partial, opened) = Partial::create(file).map_err(not_written)?;
    let bytes = write(shared, opened, progress).map_err(|stopped| stopped.at(file))?;
    let whole = check(partial.path()).map_err(BackupError::NotReadBack)?;
    let placed = partial.place();
    if placed.as_ref().is_err_and(|cause| cause.kind() == ErrorKind::AlreadyExists) {
        return Err(BackupError::Exists(file.to_owned()));
    }
    placed.map_err(not_written)?;
    Ok(BackupTaken { whole, bytes })
}

fn write(shared: &Shared, opened: File, progress: &mut dyn FnMut(u64, u64)) -> Result<u64, Stopped> {
    // Before the moment: what was signed by now is of trees that the moment has.
    let files = shared.dir.as_deref().map_or(Ok(Vec::new()), files::of)?;
    let Moment { streams, secrets: kept } = moment(shared)?;
    // The roots come first in the file, and so are computed first: reading twice is cheaper than keeping everything.
    let mut contents = Contents {
        taken_at: shared.clock.now().to_string(),
        program: concat!("grantbook ", env!("CARGO_PKG_VERSION")).to_owned(),
        streams: Vec::new(),
    };
    for (stream, last) in streams {
        let mut tree = Frontier::default();
        for read in shared.store.read(&stream, 1) {
            let (position, entry) = read.map_err(Stopped::Journal)?;
            if position > last {
                break;
            }
            tree.push(leaf_hash(&entry));
        }
        contents.streams.push((stream, last, tree.root()));
    }
    let mut frames = Frames::begin(BufWriter::new(opened))?;
    frames.write(Kind::Contents, contents.to_json().to_string().as_bytes())?;
    let all = contents.streams.iter().map(|(_, last, _)| *last).sum();
    let mut done = 0;
    for (stream, last, _) in &contents.streams {
        write_stream(shared, (stream, *last), &mut frames, &mut |count| {
            done += count;
            progress(done, all);
        })?;
    }
    for secrets in kept.chunks(secrets::A_FRAME) {
        frames.write(Kind::Secrets, &secrets::body(secrets))?;
    }
    for file in &files {
        frames.write(Kind::File, &files::body(file))?;
    }
    let end: Value = end(done, kept.len() as u64, files.len() as u64);
    frames.write(Kind::End, end.to_string().as_bytes())?;
    let (buffered, _, bytes) = frames.finish()?;
    buffered.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    Ok(bytes)
}

/// What is to be copied.
struct Moment {
    streams: Vec<(StreamName, u64)>,
    secrets: Vec<VaultWrite>,
}

/// Where every stream ends and what the vault holds, at one moment. The vault is held still meanwhile: no secret is added or
/// retired, and so no entry becomes durable whose secrets are not among these.
fn moment(shared: &Shared) -> Result<Moment, ReadError> {
    let vault = shared.vault.lock();
    let streams: Vec<(StreamName, u64)> = shared.store.streams().into_iter().filter(|(_, last)| *last > 0).collect();
    let mut secrets = vault.everything()?;
    drop(vault);
    // Of somebody whose erasing is durable the key may be about to go.
    secrets.retain(|secret| {
        let VaultWrite::ContactKey { tenant, account, .. } = secret else { return true };
        let open = shared
            .tenants
            .read()
            .iter()
            .find(|(cloud_id, _)| cloud_id.as_str() == tenant)
            .map(|(_, open)| open.clone());
        let gone = open.is_some_and(|open| {
            let (views, durable) = (open.tenant.views.read(), open.tenant.durable());
            let who = views.names.accounts.get(account);
            who.is_some_and(|who| views.keeping.erased(who, durable).is_some())
        });
        !gone
    });
    Ok(Moment { streams, secrets })
}

/// Why writing ended before its end.
enum Stopped {
    Journal(Damage),
    Vault(ReadError),
    File(io::Error),
}

impl Stopped {
    fn at(self, file: &Path) -> BackupError {
        match self {
            Stopped::Journal(damage) => BackupError::Journal(damage),
            Stopped::Vault(error) => BackupError::Vault(error),
            Stopped::File(cause) => BackupError::NotWritten { file: file.to_owned(), cause },
        }
    }
}

impl From<io::Error> for Stopped {
    fn from(cause: io::Error) -> Stopped {
        Stopped::File(cause)
    }
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Stopped {
        Stopped::Vault(error)
    }
}

fn write_stream(
    shared: &Shared,
    (stream, last): (&StreamName, u64),
    frames: &mut Frames<impl Write>,
    written: &mut dyn FnMut(u64),
) -> Result<(), Stopped> {
    let (mut first, mut entries, mut bytes) = (1, Vec::new(), 0);
    let mut put = |first: u64, entries: &mut Vec<Vec<u8>>| -> Result<(), Stopped> {
        frames.write(Kind::Entries, &run(stream, first, entries))?;
        written(entries.len() as u64);
        entries.clear();
        Ok(())
    };
    for read in shared.store.read(stream, 1) {
        let (position, entry) = read.map_err(Stopped::Journal)?;
        if position > last {
            break;
        }
        if !entries.is_empty() && (entries.len() == MOST_ENTRIES || bytes + entry.len() > MOST_BYTES) {
            put(first, &mut entries)?;
            (first, bytes) = (position, 0);
        }
        bytes += entry.len();
        entries.push(entry);
    }
    if entries.is_empty() { Ok(()) } else { put(first, &mut entries) }
}

fn run(stream: &StreamName, first: u64, entries: &[Vec<u8>]) -> Vec<u8> {
    let name = stream.as_str().as_bytes();
    let mut body = vec![u8::try_from(name.len()).unwrap_or(u8::MAX)];
    body.extend(name);
    body.extend(first.to_be_bytes());
    body.extend(u32::try_from(entries.len()).unwrap_or(u32::MAX).to_be_bytes());
    entries.iter().for_each(|entry| put_field(&mut body, entry));
    body
}
