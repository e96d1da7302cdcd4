//! Signatures of checkpoints: signed notes (C2SP signed-note) with Ed25519 keys, and the cosignatures of witnesses
//! (C2SP tlog-cosignature, `cosignature/v1`), who say when they saw a checkpoint and that it went on from all they saw before.

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signer as _, SigningKey, Verifier as _, VerifyingKey};
use signed_note::{Note, NoteError, Signature, Signer, StandardVerifier, Verifier, VerifierList, key_id};
use zeroize::Zeroizing;

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

/// What a file with a signing key begins with, as C2SP signed-note has it.
const SECRET_TITLE: &str = "PRIVATE+KEY+";

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

    /// The name that it signs under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key as it is written to a file that nobody else reads: `PRIVATE+KEY+name+id+secret`.
    pub fn secret_text(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(self.key.to_bytes());
        let bytes = Zeroizing::new([&[ALGORITHM_ED25519], secret.as_slice()].concat());
        let id = key_id(&self.name, &encoded(ALGORITHM_ED25519, &self.key.verifying_key()));
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(bytes.as_slice()));
        Zeroizing::new(format!("{SECRET_TITLE}{}+{id:08x}+{}", self.name, encoded.as_str()))
    }

    /// The key that such a text is; `None` where it is none, or its id is another key's.
    pub fn from_secret_text(text: &str) -> Option<NoteKey> {
        let (name, rest) = text.strip_prefix(SECRET_TITLE)?.split_once('+')?;
        let (id, secret) = rest.split_once('+')?;
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(secret).ok()?);
        let secret = bytes.strip_prefix(&[ALGORITHM_ED25519])?;
        let key = NoteKey::new(name, secret.try_into().ok()?).ok()?;
        let written = key.secret_text();
        (written.as_str() == text && u32::from_str_radix(id, 16).is_ok()).then_some(key)
    }

    /// Signs a checkpoint. Errors: its text is none that can be signed (control characters, too long).
    pub fn sign(&self, checkpoint: &Checkpoint) -> Result<Vec<u8>, NoteError> {
        sign_together(checkpoint, &[self])
    }
}

/// Signs a checkpoint with several keys, so that who trusts one of them comes to know the others. Errors: as for one.
pub fn sign_together(checkpoint: &Checkpoint, keys: &[&NoteKey]) -> Result<Vec<u8>, NoteError> {
    let mut note = Note::new(checkpoint.text().as_bytes(), &[])?;
    for NoteKey { name, key } in keys {
        note.add_sigs(&[&Ed25519 { name, key }])?;
    }
    Ok(note.to_bytes())
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
        known.push(Box::new(log_key(key).ok_or_else(|| Untrusted::Key((*key).to_owned()))?));
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

/// The checkpoint that a note is of, whoever signed it. Errors: it is no note, or of no checkpoint.
pub fn read_checkpoint(note: &[u8]) -> Result<Checkpoint, Untrusted> {
    let note = Note::from_bytes(note)?;
    Ok(Checkpoint::parse(&String::from_utf8_lossy(note.text()))?)
}

/// What one witness said of a checkpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cosignature {
    /// The witness's verifier key.
    pub witness: String,
    /// When it saw the checkpoint, in seconds since 1970.
    pub time: u64,
    /// Its line of the note, with the newline.
    pub line: String,
}

/// The checkpoint of a note and its cosignatures by the witnesses given; signatures of others are passed over. Errors: it is
/// no note of a checkpoint, a key is none, a cosignature is wrong, or there is none of these witnesses.
pub fn cosignatures(note: &[u8], witnesses: &[&str]) -> Result<(Checkpoint, Vec<Cosignature>), Untrusted> {
    let checkpoint = read_checkpoint(note)?;
    let note = Note::from_bytes(note)?;
    let mut found = Vec::new();
    for key in witnesses {
        let witness = Witness::parse(key).ok_or_else(|| Untrusted::Key((*key).to_owned()))?;
        let verified = match note.verify(&VerifierList::new(vec![Box::new(witness)])) {
            Ok((verified, _)) => verified,
            Err(NoteError::UnverifiedNote) => continue,
            Err(wrong) => return Err(wrong.into()),
        };
        for signature in &verified {
            let line = String::from_utf8_lossy(&signature.to_bytes()).into_owned();
            if let Some(time) = time_of(signature) {
                found.push(Cosignature { witness: (*key).to_owned(), time, line });
            }
        }
    }
    if found.is_empty() { Err(Untrusted::Unsigned) } else { Ok((checkpoint, found)) }
}

/// The name in a verifier key of a log or of a witness; `None` where it is no such key.
pub fn key_name(key: &str) -> Option<String> {
    witness_name(key).or_else(|| log_key(key).map(|key| key.name().to_owned()))
}

/// The verifier of a log's signatures; `None` where the text is no key in its one form.
fn log_key(key: &str) -> Option<StandardVerifier> {
    has_plain_id(key).then(|| StandardVerifier::new(key).ok()).flatten()
}

/// Whether a verifier key writes its id in its one form: eight digits, letters small.
fn has_plain_id(key: &str) -> bool {
    let id = key.split('+').nth(1).unwrap_or_default();
    id.len() == 8 && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// The name in a witness's verifier key; `None` where it is no such key.
pub fn witness_name(key: &str) -> Option<String> {
    Witness::parse(key).map(|witness| witness.name)
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
        let given = u32::from_str_radix(id, 16).ok().filter(|_| has_plain_id(vkey))?;
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
    fn a_key_is_written_to_a_file_and_read_back() {
        let ours = key("grantbook.example", 7);
        let text = ours.secret_text();
        assert!(text.starts_with("PRIVATE+KEY+grantbook.example+"));
        let again = NoteKey::from_secret_text(&text).unwrap();
        assert_eq!(again.sign(&checkpoint()).unwrap(), ours.sign(&checkpoint()).unwrap());
        // Every other character would be another key, or none.
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] ^= 1;
            assert!(String::from_utf8(changed).is_ok_and(|text| NoteKey::from_secret_text(&text).is_none()), "{at}");
        }
        assert!(NoteKey::from_secret_text(&text[..text.len() - 1]).is_none());
    }

    #[test]
    fn keys_that_sign_together_each_open_the_checkpoint() {
        let (old, new) = (key("grantbook.example", 1), key("grantbook.example", 2));
        let note = sign_together(&checkpoint(), &[&old, &new]).unwrap();
        for key in [&old, &new] {
            assert_eq!(open_checkpoint(&note, &[&key.verifier_key()], &[]).unwrap().signers, ["grantbook.example"]);
        }
    }

    #[test]
    fn cosignatures_are_taken_out_of_a_note() {
        let ours = key("grantbook.example", 1);
        let (line, witness) = cosign("witness.example/w1", 3, 1_795_253_400, &checkpoint().text());
        let (_, other) = cosign("witness.example/w2", 4, 0, "");
        let mut note = ours.sign(&checkpoint()).unwrap();
        assert!(matches!(cosignatures(&note, &[&witness]), Err(Untrusted::Unsigned)));
        note.extend(&line);
        let (of, found) = cosignatures(&note, &[&other, &witness]).unwrap();
        let expected = Cosignature { witness, time: 1_795_253_400, line: String::from_utf8(line).unwrap() };
        assert_eq!((of, found), (checkpoint(), vec![expected]));
        assert!(matches!(cosignatures(&note, &[&other]), Err(Untrusted::Unsigned)));
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
