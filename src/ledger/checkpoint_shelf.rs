//! What is kept of one tenant's checkpoints: the keys, the newest one that was signed, what witnesses cosigned.
//!
//! A log that signs two trees of which neither goes on from the other has forked, and nobody can trust it again. So what is
//! signed is kept, and nothing is signed that does not go on from it, whatever was put back from an older copy.

use std::time::{Duration, Instant, SystemTime};

use grantbook_evidence::{Checkpoint, Cosignature, Hash, cosignatures, open_checkpoint};

use crate::checkpoint_folder::Folder;
use crate::checkpoint_keys::{KnownKey, NoteKeys};

const KEPT: &str = "kept";

/// How often at most what was signed is written to its file.
const KEEP_EVERY: Duration = Duration::from_secs(1);

/// A checkpoint, signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedCheckpoint {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The note: text, our signature, the cosignatures of witnesses.
    pub note: String,
    /// Who cosigned it.
    pub cosignatures: Vec<Cosignature>,
}

/// A checkpoint that witnesses cosigned, with what they said.
struct Cosigned {
    checkpoint: Checkpoint,
    by: Cosignature,
}

/// What is kept of one tenant's checkpoints.
pub(crate) struct Shelf {
    folder: Folder,
    origin: String,
    keys: Result<NoteKeys, String>,
    /// The newest checkpoint that was signed, and whether it lies in its file as well.
    newest: Option<(Checkpoint, String)>,
    newest_is_kept: bool,
    /// When it was signed; after a start, when its file was written.
    newest_at: Option<SystemTime>,
    kept_at: Option<Instant>,
    /// Whether the newest was compared with the tree since the ledger was opened; before, nothing is signed.
    compared: bool,
    /// The newest of each witness.
    cosigned: Vec<Cosigned>,
}

impl Shelf {
    /// Takes up what is kept of the tree named `origin`, which has `size` leaves.
    pub(crate) fn open(folder: Folder, origin: &str, size: u64, witnesses: &[String]) -> Shelf {
        let keys = NoteKeys::open(&folder, origin, size);
        let mut shelf = Shelf {
            origin: origin.to_owned(),
            keys,
            newest: None,
            newest_is_kept: true,
            newest_at: folder.written_at(KEPT),
            kept_at: None,
            compared: true,
            cosigned: Vec::new(),
            folder,
        };
        match shelf.kept() {
            Ok(kept) => {
                shelf.compared = kept.is_none();
                shelf.newest = kept;
            }
            Err(wrong) => shelf.keys = Err(wrong),
        }
        for witness in witnesses {
            shelf.cosigned.extend(shelf.read_cosigned(witness));
        }
        shelf
    }

    /// The checkpoint in the file. Errors: what is wrong with it.
    fn kept(&self) -> Result<Option<(Checkpoint, String)>, String> {
        let file = self.folder.shown(KEPT);
        let Some(note) = self.folder.read(KEPT).map_err(|error| format!("`{file}` cannot be read: {error}"))? else {
            return Ok(None);
        };
        let Ok(keys) = &self.keys else { return Ok(None) };
        let known: Vec<&str> = keys.known.iter().map(|key| key.verifier_key.as_str()).collect();
        match open_checkpoint(note.as_bytes(), &known, &[]) {
            Ok(opened) if opened.checkpoint.origin == self.origin => Ok(Some((opened.checkpoint, note))),
            Ok(opened) => Err(format!("`{file}` is of another tree, `{}`", opened.checkpoint.origin)),
            Err(wrong) => {
                Err(format!("`{file}` is no checkpoint that was signed here ({wrong}): put back a copy of it"))
            }
        }
    }

    /// The newest checkpoint that is to be compared with the tree before anything is signed; `None` once that is done.
    pub(crate) fn to_compare(&self) -> Option<&Checkpoint> {
        self.newest.as_ref().map(|(checkpoint, _)| checkpoint).filter(|_| !self.compared)
    }

    /// The tree has this root at the size of the newest checkpoint; `None` where it does not come that far. If that is not
    /// what was signed, nothing more is, until somebody looks at it.
    pub(crate) fn compare(&mut self, size: u64, root: Option<Hash>) {
        let Some(newest) = self.to_compare() else { return };
        let wrong = match root {
            Some(root) if root == newest.root => None,
            Some(_) => Some(format!(
                "the entries are others than those of the checkpoint of size {} that was signed (`{}`): the history was \
                 changed or replaced",
                newest.size,
                self.folder.shown(KEPT)
            )),
            None => Some(format!(
                "there are {size} entries, and a checkpoint of {} was signed (`{}`): this is an older copy",
                newest.size,
                self.folder.shown(KEPT)
            )),
        };
        match wrong {
            None => self.compared = true,
            Some(wrong) => {
                tracing::error!(origin = self.origin, wrong, "no checkpoint is signed any more");
                self.keys = Err(wrong);
            }
        }
    }

    /// Signs the tree of `size` leaves. Errors: why nothing is signed.
    pub(crate) fn sign(&mut self, size: u64, root: Hash) -> Result<SignedCheckpoint, String> {
        let keys = self.keys.as_ref().map_err(Clone::clone)?;
        let known = self.newest.as_ref().filter(|(newest, _)| newest.size == size && newest.root == root);
        let (checkpoint, note) = match known {
            Some(known) => known.clone(),
            None => {
                let checkpoint = Checkpoint { origin: self.origin.clone(), size, root, extensions: Vec::new() };
                let note = keys.current.sign(&checkpoint).map_err(|error| error.to_string())?;
                (checkpoint, String::from_utf8_lossy(&note).into_owned())
            }
        };
        if self.newest.as_ref().is_none_or(|(newest, _)| newest.size < size) {
            self.newest = Some((checkpoint.clone(), note.clone()));
            (self.newest_is_kept, self.newest_at) = (false, Some(SystemTime::now()));
            if self.kept_at.is_none_or(|at| at.elapsed() >= KEEP_EVERY) {
                self.keep()?;
            }
        }
        let by = self.cosigned.iter().filter(|cosigned| cosigned.checkpoint == checkpoint);
        let cosignatures: Vec<Cosignature> = by.map(|cosigned| cosigned.by.clone()).collect();
        let note = cosignatures.iter().fold(note, |note, by| note + &by.line);
        Ok(SignedCheckpoint { checkpoint, note, cosignatures })
    }

    /// Writes the newest checkpoint to its file, where it does not lie there yet. Errors: it cannot be written.
    pub(crate) fn keep(&mut self) -> Result<(), String> {
        let Some((_, note)) = self.newest.as_ref().filter(|_| !self.newest_is_kept) else { return Ok(()) };
        let unwritten = |error| format!("`{}` cannot be written: {error}", self.folder.shown(KEPT));
        self.folder.write(KEPT, note).map_err(unwritten)?;
        (self.newest_is_kept, self.kept_at) = (true, Some(Instant::now()));
        Ok(())
    }

    /// A new key follows the old one; both sign the tree of `size` leaves. Errors: why not; then the old one stays.
    pub(crate) fn rotate(&mut self, size: u64, root: Hash) -> Result<(), String> {
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root, extensions: Vec::new() };
        let keys = self.keys.as_mut().map_err(|wrong| wrong.clone())?;
        keys.rotate(&self.folder, &checkpoint)?;
        // What the old key signed last is signed anew by whoever asks.
        self.newest = None;
        self.sign(size, root)?;
        self.keep()
    }

    /// The newest checkpoint that was signed, and when; `None` where none was. Errors: nothing is signed any more, and why.
    pub(crate) fn newest(&self) -> Result<Option<(Checkpoint, Option<SystemTime>)>, String> {
        self.keys.as_ref().map_err(Clone::clone)?;
        Ok(self.newest.as_ref().map(|(checkpoint, _)| (checkpoint.clone(), self.newest_at)))
    }

    /// Every key that ever signed, oldest first. Errors: why nothing is signed.
    pub(crate) fn known(&self) -> Result<&[KnownKey], String> {
        self.keys.as_ref().map(|keys| keys.known.as_slice()).map_err(Clone::clone)
    }

    /// The size of the newest checkpoint that a witness cosigned.
    pub(crate) fn newest_cosigned(&self) -> Option<u64> {
        self.cosigned.iter().map(|cosigned| cosigned.checkpoint.size).max()
    }

    /// Keeps what a witness said of a checkpoint of this tree, where it is newer than what it said before. Errors: it cannot
    /// be written.
    pub(crate) fn cosign(&mut self, checkpoint: &Checkpoint, by: Cosignature) -> Result<bool, String> {
        let newer = |before: &Cosigned| (before.checkpoint.size, before.by.time) >= (checkpoint.size, by.time);
        if self.cosigned.iter().any(|before| before.by.witness == by.witness && newer(before)) {
            return Ok(false);
        }
        let file = cosigned_file(&by.witness);
        let note = format!("{}\n{}", checkpoint.text(), by.line);
        let unwritten = |error| format!("`{}` cannot be written: {error}", self.folder.shown(&file));
        self.folder.write(&file, &note).map_err(unwritten)?;
        self.cosigned.retain(|before| before.by.witness != by.witness);
        self.cosigned.push(Cosigned { checkpoint: checkpoint.clone(), by });
        Ok(true)
    }

    fn read_cosigned(&self, witness: &str) -> Option<Cosigned> {
        let file = cosigned_file(witness);
        let note = self.folder.read(&file).ok().flatten()?;
        match cosignatures(note.as_bytes(), &[witness]) {
            Ok((checkpoint, mut by)) if checkpoint.origin == self.origin => {
                by.pop().map(|by| Cosigned { checkpoint, by })
            }
            Ok(_) | Err(_) => {
                tracing::warn!(file = self.folder.shown(&file), "a kept cosignature does not hold, and is passed over");
                None
            }
        }
    }
}

/// The file with the newest cosignature of a witness: named by the id of its key.
fn cosigned_file(witness: &str) -> String {
    format!("cosigned-{}", witness.split('+').nth(1).unwrap_or("unknown"))
}
