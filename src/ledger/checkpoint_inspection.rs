//! What is kept of a tenant's checkpoints, looked at and left as it is.

use grantbook_evidence::{Checkpoint, NoteKey, cosignatures, open_checkpoint};
use zeroize::Zeroizing;

use crate::checkpoint_folder::Folder;
use crate::checkpoint_keys::{KnownKey, read_known};
use crate::volume::Volume;

/// What is kept of a tenant's checkpoints.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeptEvidence {
    /// Every key that ever signed, oldest first.
    pub keys: Vec<KnownKey>,
    /// The checkpoints that are kept and whose signatures hold, each with its file.
    pub checkpoints: Vec<(String, Checkpoint)>,
    /// What is wrong: which file, what was expected, what was found.
    pub troubles: Vec<(String, &'static str, String)>,
}

impl Volume<'_> {
    /// Looks at what is kept of the tenant's checkpoints; nothing for the installation's own, of which none are signed.
    pub fn kept_evidence(&self) -> KeptEvidence {
        let Some(tenant) = self.cloud_id() else { return KeptEvidence::default() };
        let checkpoints = self.checkpoints();
        let folder = checkpoints.folder(tenant.as_str());
        let mut kept = KeptEvidence::default();
        match read_known(&folder) {
            Ok(keys) => kept.keys = keys,
            Err(line) => kept.trouble("keys", "a list of keys", format!("something else in line {line}")),
        }
        kept.look_at_key(&folder);
        kept.look_at_handovers();
        match folder.read("kept") {
            Ok(Some(note)) => kept.look_at_note("kept", &note),
            Ok(None) => {}
            Err(error) => kept.trouble("kept", "a file that can be read", error),
        }
        for witness in checkpoints.witnesses() {
            let file = format!("cosigned-{}", witness.split('+').nth(1).unwrap_or_default());
            let Ok(Some(note)) = folder.read(&file) else { continue };
            match cosignatures(note.as_bytes(), &[&witness]) {
                Ok((checkpoint, _)) => kept.checkpoints.push((file, checkpoint)),
                Err(wrong) => kept.trouble(&file, "a checkpoint that the witness cosigned", wrong),
            }
        }
        kept
    }
}

impl KeptEvidence {
    fn trouble(&mut self, file: &str, expected: &'static str, found: impl ToString) {
        self.troubles.push((file.to_owned(), expected, found.to_string()));
    }

    fn look_at_key(&mut self, folder: &Folder) {
        let text = match folder.read("key") {
            Ok(Some(text)) => Zeroizing::new(text),
            Ok(None) if self.keys.is_empty() => return,
            Ok(None) => return self.trouble("key", "the key that signs checkpoints", "no such file: it is lost"),
            Err(error) => return self.trouble("key", "a file that can be read", error),
        };
        if folder.is_open_to_others("key") {
            self.trouble("key", "a file of its owner alone", "one that others can read: `chmod 600` it");
        }
        let known = self.keys.last().map(|key| key.verifier_key.as_str());
        let name = known.map(|key| key.split('+').next().unwrap_or_default().to_owned());
        match NoteKey::from_secret_text(text.trim_end()) {
            Some(key) if known == Some(key.verifier_key().as_str()) => {}
            Some(key) if self.keys.iter().any(|known| known.verifier_key == key.verifier_key()) => {
                self.trouble("key", "the newest key", "one that was in use before");
            }
            Some(_) | None => {
                let name = name.unwrap_or_else(|| "the tenant".to_owned());
                self.trouble("key", "a key that signs checkpoints", format!("a text that is no key of `{name}`"));
            }
        }
    }

    /// Each key but the first is vouched for by the one before it, where that was not lost.
    fn look_at_handovers(&mut self) {
        let pairs = self.keys.windows(2).filter_map(|pair| match pair {
            [before, after] => Some((before.clone(), after.clone())),
            _ => None, // any other window has not two keys
        });
        for (before, after) in pairs.collect::<Vec<_>>() {
            let Some(note) = &after.handover else { continue };
            for key in [&before.verifier_key, &after.verifier_key] {
                if let Err(wrong) = open_checkpoint(note.as_bytes(), &[key], &[]) {
                    self.trouble("keys", "a handover that both keys signed", wrong);
                }
            }
        }
    }

    fn look_at_note(&mut self, file: &str, note: &str) {
        let keys: Vec<&str> = self.keys.iter().map(|key| key.verifier_key.as_str()).collect();
        match open_checkpoint(note.as_bytes(), &keys, &[]) {
            Ok(opened) => self.checkpoints.push((file.to_owned(), opened.checkpoint)),
            Err(wrong) => self.trouble(file, "a checkpoint that was signed here", wrong),
        }
    }
}
