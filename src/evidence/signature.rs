//! Signatures of checkpoints: signed notes (C2SP signed-note) with Ed25519 keys, and the cosignatures of witnesses
//! (C2SP tlog-cosignature, `cosignature/v1`), who say when they saw a checkpoint and that it went on from all they saw before.

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signer as _, SigningKey, Verifier as _, VerifyingKey};
use signed_note::{Note, NoteError, Signature, Signer, StandardVerifier, Verifier, VerifierList, key_id};

use crate::checkpoint::{BadCheckpoint, Checkpoint};

const ALGORITHM_ED25519: u8 = 1;
const ALGORITHM_COSIGNATURE: u8 = 4;

/// A key that signs, with the name that it signs under. What it shows of itself is its verifier key alone.
pub struct NoteKey {
    name: String,
    key: SigningKey,
}

impl std::fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("NoteKey").field(&self.verifier_key()).finish()
    }
}

/// A name that no key can have: it is empty or has spaces or pluses.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected a name without spaces and pluses for a key, found `{0}`")]
pub struct BadKeyName(pub String);

impl NoteKey {
    /// The key made of 32 secret random bytes. Errors: the name is none that a key can have.
    pub fn new(name: &str, secret: &[u8; 32]) -> Result<NoteKey, BadKeyName> {
        if !signed_note::is_key_name_valid(name) {
            return Err(BadKeyName(name.to_owned()));
        }
        Ok(NoteKey { name: name.to_owned(), key: SigningKey::from_bytes(secret) })
    }

    /// What others check its signatures with: `name+id+key`, as C2SP signed-note writes verifier keys.
    pub fn verifier_key(&self) -> String {
        signed_note::new_ed25519_verifier_key(&self.name, &self.key.verifying_key())
    }

    /// Signs a checkpoint. Errors: its text is none that can be signed (control characters, too long).
    pub fn sign(&self, checkpoint: &Checkpoint) -> Result<Vec<u8>, NoteError> {
        let mut note = Note::new(checkpoint.text().as_bytes(), &[])?;
        note.add_sigs(&[&Ed25519 { name: &self.name, key: &self.key }])?;
        Ok(note.to_bytes())
    }
}

struct Ed25519<'a> {
    name: &'a str,
    key: &'a SigningKey,
}

impl Signer for Ed25519<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn key_id(&self) -> u32 {
        key_id(self.name, &encoded(ALGORITHM_ED25519, &self.key.verifying_key()))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        Ok(self.key.try_sign(message)?.to_vec())
    }
}

/// A checkpoint whose signatures hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Who signed it, of the keys that were given, in the order of the note: the verifier keys' names.
    pub signers: Vec<String>,
    /// The witnesses who cosigned it, of those given, each with when, in seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
}

/// Why a note is no checkpoint to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    /// A verifier key is none.
    #[error("expected a verifier key such as `name+0a1b2c3d+AR...`, found `{0}`")]
    Key(String),
    /// The note is malformed, a signature is wrong, or none is of a known key.
    #[error("the note does not hold: {0}")]
    Note(#[from] NoteError),
    /// No signature is of a key that signs; witnesses alone vouch for nothing.
    #[error("the note is signed by none of the keys given")]
    Unsigned,
    /// What is signed is no checkpoint.
    #[error("what is signed is no checkpoint: {0}")]
    Checkpoint(#[from] BadCheckpoint),
}

/// Opens a signed checkpoint: every signature of a key given must hold, and at least one must be by one of `keys`.
/// Signatures of other keys are passed over. Errors: see [`Untrusted`].
pub fn open_checkpoint(note: &[u8], keys: &[&str], witnesses: &[&str]) -> Result<Opened, Untrusted> {
    let mut known: Vec<Box<dyn Verifier>> = Vec::new();
    for key in keys {
        known.push(Box::new(StandardVerifier::new(key).map_err(|_| Untrusted::Key((*key).to_owned()))?));
    }
    let mut witnessing = Vec::new();
    for key in witnesses {
        let witness = Witness::parse(key).ok_or_else(|| Untrusted::Key((*key).to_owned()))?;
        witnessing.push((witness.name.clone(), witness.id));
        known.push(Box::new(witness));
    }
    let note = Note::from_bytes(note)?;
    let (verified, _) = note.verify(&VerifierList::new(known))?;
    let mut opened = Opened {
        checkpoint: Checkpoint::parse(&String::from_utf8_lossy(note.text()))?,
        signers: Vec::new(),
        witnesses: Vec::new(),
    };
    for signature in &verified {
        let cosigner = witnessing.iter().any(|(name, id)| name == signature.name() && *id == signature.id());
        match time_of(signature).filter(|_| cosigner) {
            Some(time) => opened.witnesses.push((signature.name().to_owned(), time)),
            None => opened.signers.push(signature.name().to_owned()),
        }
    }
    if opened.signers.is_empty() { Err(Untrusted::Unsigned) } else { Ok(opened) }
}

/// The verifier of a witness's cosignatures.
struct Witness {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl Witness {
    fn parse(vkey: &str) -> Option<Witness> {
        let (name, rest) = vkey.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let encoded = BASE64_STANDARD.decode(key).ok()?;
        let (algorithm, key) = encoded.split_first()?;
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let given = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8)?;
        let known = *algorithm == ALGORITHM_COSIGNATURE && given == key_id(name, &encoded);
        (known && signed_note::is_key_name_valid(name)).then(|| Witness { name: name.to_owned(), id: given, key })
    }
}

impl Verifier for Witness {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    /// The signature is eight bytes of time and an Ed25519 signature of the text under a line that names that time.
    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<8>() else { return false };
        let Ok(signature) = ed25519_dalek::Signature::from_slice(signature) else { return false };
        self.key.verify(&cosigned(u64::from_be_bytes(*time), text), &signature).is_ok()
    }
}

/// What a witness signs at `time`, in seconds since 1970.
fn cosigned(time: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat()
}

fn time_of(signature: &Signature) -> Option<u64> {
    signature.signature().first_chunk::<8>().map(|time| u64::from_be_bytes(*time))
}

fn encoded(algorithm: u8, key: &VerifyingKey) -> Vec<u8> {
    [&[algorithm], key.as_bytes().as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    fn checkpoint() -> Checkpoint {
        let origin = "grantbook.example/abcimis".to_owned();
        Checkpoint { origin, size: 17, root: leaf_hash(b"x"), extensions: Vec::new() }
    }

    fn key(name: &str, secret: u8) -> NoteKey {
        NoteKey::new(name, &[secret; 32]).unwrap()
    }

    /// A witness's line under a note, and its verifier key.
    fn cosign(name: &str, secret: u8, time: u64, text: &str) -> (Vec<u8>, String) {
        let signing = SigningKey::from_bytes(&[secret; 32]);
        let public = encoded(ALGORITHM_COSIGNATURE, &signing.verifying_key());
        let id = key_id(name, &public);
        let signature = signing.try_sign(&cosigned(time, text.as_bytes())).unwrap();
        let bytes = [time.to_be_bytes().as_slice(), signature.to_bytes().as_slice()].concat();
        let line = Signature::new(name.to_owned(), id, bytes).unwrap().to_bytes();
        (line, format!("{name}+{id:08x}+{}", BASE64_STANDARD.encode(public)))
    }

    #[test]
    fn a_signed_checkpoint_opens_with_its_key_and_with_no_other() {
        let (ours, other) = (key("grantbook.example", 1), key("grantbook.example", 2));
        let note = ours.sign(&checkpoint()).unwrap();
        let opened = open_checkpoint(&note, &[&ours.verifier_key()], &[]).unwrap();
        assert_eq!((opened.checkpoint, opened.signers), (checkpoint(), vec!["grantbook.example".to_owned()]));
        let refused = open_checkpoint(&note, &[&other.verifier_key()], &[]).unwrap_err();
        assert!(matches!(refused, Untrusted::Note(NoteError::UnverifiedNote)), "{refused}");
    }

    #[test]
    fn no_byte_of_the_signed_text_can_be_changed() {
        let ours = key("grantbook.example", 1);
        let note = ours.sign(&checkpoint()).unwrap();
        for at in 0..checkpoint().text().len() {
            let mut changed = note.clone();
            changed[at] ^= 1;
            assert!(open_checkpoint(&changed, &[&ours.verifier_key()], &[]).is_err(), "byte {at}");
        }
    }

    #[test]
    fn witnesses_say_when_and_vouch_for_nothing_alone() {
        let ours = key("grantbook.example", 1);
        let mut note = ours.sign(&checkpoint()).unwrap();
        let (line, witness) = cosign("witness.example/w1", 3, 1_795_253_400, &checkpoint().text());
        note.extend(&line);
        let opened = open_checkpoint(&note, &[&ours.verifier_key()], &[&witness]).unwrap();
        assert_eq!(opened.witnesses, [("witness.example/w1".to_owned(), 1_795_253_400)]);
        assert_eq!(opened.signers.len(), 1);
        assert!(matches!(open_checkpoint(&note, &[], &[&witness]), Err(Untrusted::Unsigned)));
        // Who is not known is passed over.
        assert_eq!(open_checkpoint(&note, &[&ours.verifier_key()], &[]).unwrap().witnesses, []);
    }

    #[test]
    fn a_witness_signs_its_time_too() {
        let ours = key("grantbook.example", 1);
        let (line, witness) = cosign("witness.example/w1", 3, 1_795_253_400, &checkpoint().text());
        let line = Signature::from_bytes(line.strip_suffix(b"\n").unwrap()).unwrap();
        let mut later = line.signature().to_vec();
        later[7] += 1;
        let forged = Signature::new(line.name().to_owned(), line.id(), later).unwrap().to_bytes();
        let note = [ours.sign(&checkpoint()).unwrap(), forged].concat();
        let refused = open_checkpoint(&note, &[&ours.verifier_key()], &[&witness]).unwrap_err();
        assert!(matches!(refused, Untrusted::Note(NoteError::InvalidSignature { .. })), "{refused}");
    }

    #[test]
    fn a_key_shows_its_public_half_alone() {
        let ours = key("grantbook.example", 7);
        let shown = format!("{ours:?}");
        assert!(shown.contains(&ours.verifier_key()));
        assert!(!shown.contains(&BASE64_STANDARD.encode([7; 32])));
        for name in ["", "a b", "a+b", "a\u{a0}b"] {
            assert_eq!(NoteKey::new(name, &[1; 32]).unwrap_err(), BadKeyName(name.to_owned()));
        }
        for wrong in ["", "x", "a+b+c", "grantbook.example+00000000+AQ=="] {
            assert!(matches!(open_checkpoint(b"", &[wrong], &[]), Err(Untrusted::Key(_))), "{wrong}");
            assert!(matches!(open_checkpoint(b"", &[], &[wrong]), Err(Untrusted::Key(_))), "{wrong}");
        }
    }
}
