//! The keys that sign a tenant's checkpoints: one that signs, and every one that ever did, whose signatures hold for ever.
//!
//! ```text
//! checkpoints/<tenant>/key     PRIVATE+KEY+<origin>+<id>+<secret>, open to its owner alone
//! checkpoints/<tenant>/keys    <since what size> <how it came> <verifier key> [<handover, base64>], oldest first
//! ```

use base64::prelude::{BASE64_STANDARD, Engine};
use grantbook_evidence::{Checkpoint, NoteKey, key_name, sign_together};
use zeroize::Zeroizing;

use crate::checkpoint_folder::Folder;

const KEY: &str = "key";
const KEYS: &str = "keys";

/// How a key came into use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyStart {
    /// It is the tenant's first.
    First,
    /// It followed another, which signed the handover together with it.
    Rotated,
    /// The one before it was lost, and could not sign a handover.
    AfterLoss,
    /// It was in use before, and its file was put back.
    PutBack,
}

impl KeyStart {
    const ALL: [KeyStart; 4] = [KeyStart::First, KeyStart::Rotated, KeyStart::AfterLoss, KeyStart::PutBack];

    /// The word for it.
    pub fn slug(self) -> &'static str {
        match self {
            KeyStart::First => "first",
            KeyStart::Rotated => "rotated",
            KeyStart::AfterLoss => "after-loss",
            KeyStart::PutBack => "put-back",
        }
    }
}

/// A key that signs checkpoints, or did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownKey {
    /// What its signatures are checked with.
    pub verifier_key: String,
    /// How many entries there were when it came into use.
    pub since: u64,
    /// How it came into use.
    pub how: KeyStart,
    /// The checkpoint that it and the key before it signed together; `None` where there was none to hand over.
    pub handover: Option<String>,
}

/// The keys of one tenant.
pub(crate) struct NoteKeys {
    pub(crate) current: NoteKey,
    /// Every key that ever signed, oldest first; the last is the current one.
    pub(crate) known: Vec<KnownKey>,
}

impl NoteKeys {
    /// Takes up the key in the folder, or makes one where there is none. Errors: a sentence that says what is wrong with
    /// which file, and what an operator can do.
    pub(crate) fn open(folder: &Folder, origin: &str, size: u64) -> Result<NoteKeys, String> {
        let unread = |name: &str, error: std::io::Error| format!("`{}` cannot be read: {error}", folder.shown(name));
        let known = read_known(folder).map_err(|line| {
            format!("line {line} of `{}` is none of a list of keys: put back a copy of it", folder.shown(KEYS))
        })?;
        let text = folder.read(KEY).map_err(|error| unread(KEY, error))?.map(Zeroizing::new);
        let Some(text) = text else {
            let how = if known.is_empty() { KeyStart::First } else { KeyStart::AfterLoss };
            if how == KeyStart::AfterLoss {
                tracing::error!(file = folder.shown(KEY), "the key that signs checkpoints is lost: a new one is made");
            }
            return NoteKeys::begin(folder, draw(origin)?, known, size, how, None);
        };
        if folder.is_open_to_others(KEY) {
            let file = folder.shown(KEY);
            return Err(format!("`{file}` can be read by others than its owner: `chmod 600` it, and rotate the key"));
        }
        let current = NoteKey::from_secret_text(text.trim_end()).filter(|key| key.name() == origin);
        let current = current.ok_or_else(|| {
            let file = folder.shown(KEY);
            format!("`{file}` is no key of `{origin}`: put back a copy of it, or remove it and a new one is made")
        })?;
        let listed = known.last().is_some_and(|last| last.verifier_key == current.verifier_key());
        if listed {
            return Ok(NoteKeys { current, known });
        }
        // A rotation that was cut short, or a copy of an older key.
        let how = if known.is_empty() { KeyStart::First } else { KeyStart::PutBack };
        NoteKeys::begin(folder, current, known, size, how, None)
    }

    /// A new key follows, and both sign `checkpoint`. Errors: as for opening; the old key stays in use.
    pub(crate) fn rotate(&mut self, folder: &Folder, checkpoint: &Checkpoint) -> Result<(), String> {
        let next = draw(&checkpoint.origin)?;
        let handover = sign_together(checkpoint, &[&self.current, &next]).map_err(|error| error.to_string())?;
        let handover = String::from_utf8_lossy(&handover).into_owned();
        let (known, size) = (self.known.clone(), checkpoint.size);
        *self = NoteKeys::begin(folder, next, known, size, KeyStart::Rotated, Some(handover))?;
        Ok(())
    }

    /// The secret is durable before the list names it: a signature is never made with a key that could be gone.
    fn begin(
        folder: &Folder,
        current: NoteKey,
        mut known: Vec<KnownKey>,
        since: u64,
        how: KeyStart,
        handover: Option<String>,
    ) -> Result<NoteKeys, String> {
        let verifier_key = current.verifier_key();
        known.push(KnownKey { verifier_key, since, how, handover });
        let unwritten = |name: &str, error| format!("`{}` cannot be written: {error}", folder.shown(name));
        let secret = Zeroizing::new(format!("{}\n", current.secret_text().as_str()));
        folder.write(KEY, &secret).map_err(|error| unwritten(KEY, error))?;
        folder.write(KEYS, &listed(&known)).map_err(|error| unwritten(KEYS, error))?;
        Ok(NoteKeys { current, known })
    }
}

fn draw(origin: &str) -> Result<NoteKey, String> {
    let mut secret = Zeroizing::new([0u8; 32]);
    getrandom::fill(secret.as_mut_slice()).map_err(|error| format!("no random bytes for a key: {error}"))?;
    NoteKey::new(origin, &secret).map_err(|error| error.to_string())
}

fn listed(known: &[KnownKey]) -> String {
    let line = |key: &KnownKey| {
        let handover = key.handover.as_ref().map(|note| format!(" {}", BASE64_STANDARD.encode(note)));
        format!("{} {} {}{}\n", key.since, key.how.slug(), key.verifier_key, handover.unwrap_or_default())
    };
    known.iter().map(line).collect()
}

/// The keys that a folder lists, oldest first. Errors: the number of a line that is none; 0 where it cannot be read at all.
pub(crate) fn read_known(folder: &Folder) -> Result<Vec<KnownKey>, usize> {
    let text = folder.read(KEYS).map_err(|_| 0usize)?.unwrap_or_default();
    text.lines().enumerate().map(|(index, line)| known_key(line).ok_or(index + 1)).collect()
}

fn known_key(line: &str) -> Option<KnownKey> {
    let mut words = line.split(' ');
    let (since, how, key) = (words.next()?.parse().ok()?, words.next()?, words.next()?);
    let handover = match words.next() {
        None => None,
        Some(encoded) => Some(String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?),
    };
    let how = KeyStart::ALL.into_iter().find(|known| known.slug() == how)?;
    let whole = words.next().is_none() && key_name(key).is_some();
    whole.then(|| KnownKey { verifier_key: key.to_owned(), since, how, handover })
}
