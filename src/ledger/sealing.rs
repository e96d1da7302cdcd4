//! Personal values, sealed with the key of the contact they are about, so that erasing the key erases the person wherever
//! the bytes were copied to, and changes no byte.
//!
//! AES-256-GCM-SIV (RFC 8452). A sealed value is bound to its place: tenant, account and field are authenticated with it,
//! so that the bytes opened in another place are refused. Layout:
//!
//! ```text
//! 01                  text that may be compared: nonce derived from the field
//! 02  nonce(12)       text sealed once: random nonce
//! then ciphertext of (text, 80, zeros up to a multiple of 16 bytes), tag(16)
//! ```
//!
//! **Why one nonce may serve again.** [`seal`] gives equal bytes for equal text under the same key in the same place, so that
//! a command tried again can be compared with its first try by bytes alone. With plain GCM a repeated nonce would be fatal;
//! GCM-SIV derives the real nonce from the whole message, so that a repeated one reveals only whether two messages were
//! *equal*. What shows to one who has the bytes and no key: whether one person's one field has the same value at two
//! moments, and its length rounded up to 16 bytes. Between two persons, two tenants or two fields nothing shows. Where even
//! that is too much (the address an entry came from) [`seal_once`] draws its nonce.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use grantbook_events::AccountId;
use grantbook_projections::FastMap;
use parking_lot::RwLock;
use zeroize::Zeroizing;

use crate::tokens::{NoRandomness, random_bytes, random_name};

/// The longest personal value, in bytes of UTF-8: an entry with several must stay within what one record holds.
pub const MAX_TEXT_BYTES: usize = 1024;

const COMPARABLE: u8 = 1;
const ONCE: u8 = 2;
const NONCE_BYTES: usize = 12;
const BLOCK_BYTES: usize = 16;
const END_OF_TEXT: u8 = 0x80;

/// The key that one contact's personal values are sealed with. Lies in the vault, never in the journal; wiped when dropped.
#[derive(Clone)]
pub struct ContactKey {
    id: u64,
    secret: Zeroizing<[u8; 32]>,
}

impl ContactKey {
    /// Draws a new key with a new random id, never 0.
    pub fn draw() -> Result<ContactKey, NoRandomness> {
        Ok(ContactKey { id: random_name()?, secret: random_bytes()? })
    }

    /// The name by which sealed values and the journal know the key. Says nothing of it.
    pub fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn new(id: u64, secret: Zeroizing<[u8; 32]>) -> ContactKey {
        ContactKey { id, secret }
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

impl fmt::Debug for ContactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContactKey({}, hidden)", self.id)
    }
}

/// Where a sealed value belongs; in any other place it does not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The account whose contact the value is about.
    pub account: &'a str,
    /// What the value is, such as `email`.
    pub field: &'a str,
}

impl Place<'_> {
    /// What is authenticated with a value: how it was sealed and where it belongs. Each part with its length before it, so
    /// that no two places give the same bytes.
    fn bound_to(&self, kind: u8) -> Vec<u8> {
        let parts = [self.tenant, self.account, self.field];
        let mut bytes = Vec::with_capacity(1 + parts.iter().map(|part| size_of::<u64>() + part.len()).sum::<usize>());
        bytes.push(kind);
        for part in parts {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }

    /// The nonce of comparable values: one a field, so that even the nonce is not shared between fields.
    fn nonce(&self) -> [u8; NONCE_BYTES] {
        thread_local! {
            /// Those of the fields that there are: few, and each is derived once a thread.
            static KNOWN: RefCell<FastMap<String, [u8; NONCE_BYTES]>> = RefCell::default();
        }
        KNOWN.with_borrow_mut(|known| match known.get(self.field) {
            Some(nonce) => *nonce,
            None => *known.entry(self.field.to_owned()).or_insert(self.derived_nonce()),
        })
    }

    fn derived_nonce(&self) -> [u8; NONCE_BYTES] {
        let digest = blake3::derive_key("grantbook sealing nonce of a field, version 1", self.field.as_bytes());
        let mut nonce = [0; NONCE_BYTES];
        nonce.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        nonce
    }
}

/// Why a text was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Longer than [`MAX_TEXT_BYTES`].
    #[error("a personal value has at most {MAX_TEXT_BYTES} bytes")]
    TooLong,
    /// The account has no key in this ring: there is none yet, or it was erased.
    #[error("account `{account}` has no key to seal with")]
    NoKey {
        /// The account.
        account: String,
    },
    /// No random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Seals a text so that it can be compared: equal text under the same key in the same place gives equal bytes.
pub fn seal(key: &ContactKey, place: Place<'_>, text: &str) -> Result<Vec<u8>, SealError> {
    encrypt(key, place, COMPARABLE, &place.nonce(), vec![COMPARABLE], text)
}

/// Seals a text that nobody needs to compare: equal texts give different bytes.
pub fn seal_once(key: &ContactKey, place: Place<'_>, text: &str) -> Result<Vec<u8>, SealError> {
    let nonce: Zeroizing<[u8; NONCE_BYTES]> = random_bytes()?;
    let mut head = vec![ONCE];
    head.extend(nonce.iter());
    encrypt(key, place, ONCE, &nonce, head, text)
}

/// The text, where these bytes were sealed with this key for this place and nothing has changed them since.
pub fn open(key: &ContactKey, place: Place<'_>, sealed: &[u8]) -> Option<String> {
    let (&kind, rest) = sealed.split_first()?;
    let (nonce, ciphertext) = match kind {
        COMPARABLE => (place.nonce(), rest),
        ONCE => rest.split_first_chunk::<NONCE_BYTES>().map(|(nonce, rest)| (*nonce, rest))?,
        _ => return None,
    };
    let payload = Payload { msg: ciphertext, aad: &place.bound_to(kind) };
    let padded = Zeroizing::new(cipher(key).decrypt(Nonce::from_slice(&nonce), payload).ok()?);
    let end = padded.iter().rposition(|&byte| byte != 0).filter(|&at| padded.get(at) == Some(&END_OF_TEXT))?;
    String::from_utf8(padded.get(..end)?.to_vec()).ok()
}

fn encrypt(
    key: &ContactKey,
    place: Place<'_>,
    kind: u8,
    nonce: &[u8; NONCE_BYTES],
    mut sealed: Vec<u8>,
    text: &str,
) -> Result<Vec<u8>, SealError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(SealError::TooLong);
    }
    // Sized before it is filled, so that no outgrown copy of the text stays behind.
    let padded_len = (text.len() + 1).next_multiple_of(BLOCK_BYTES);
    let mut padded = Zeroizing::new(Vec::with_capacity(padded_len));
    padded.extend(text.as_bytes());
    padded.push(END_OF_TEXT);
    padded.resize(padded_len, 0);
    let payload = Payload { msg: &padded, aad: &place.bound_to(kind) };
    // The cipher refuses only what is longer than 64 GiB.
    sealed.extend(cipher(key).encrypt(Nonce::from_slice(nonce), payload).map_err(|_| SealError::TooLong)?);
    Ok(sealed)
}

fn cipher(key: &ContactKey) -> Aes256GcmSiv {
    Aes256GcmSiv::new(key.secret().into())
}

/// Why a sealed value was not opened. The two must never be taken for each other: a person erased is as it should be, bytes
/// that do not authenticate are not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotOpened {
    /// The key is not there: erased, or lost with the vault.
    #[error("the key of this value is not there")]
    NoKey,
    /// The key is there and the bytes were not sealed with it for this place, or were changed.
    #[error("this value was not sealed for this place, or was changed")]
    NotAuthentic,
}

/// The keys of one tenant's contacts, shared between threads. What it holds came from the vault; it writes nothing.
pub struct KeyRing {
    tenant: String,
    keys: RwLock<Held>,
}

/// A key and whose it is.
struct Owned {
    account: AccountId,
    key: ContactKey,
}

/// Keys as they are sought: of an account, to seal with the last; by the id that a sealed value names, to open it.
#[derive(Default)]
struct Held {
    of_account: FastMap<AccountId, Vec<Arc<Owned>>>,
    by_id: FastMap<u64, Arc<Owned>>,
}

impl KeyRing {
    /// A ring with the keys that the vault holds of this tenant. Of several keys of one account, the last seals.
    pub fn new(tenant: &str, keys: impl IntoIterator<Item = (AccountId, ContactKey)>) -> KeyRing {
        let ring = KeyRing { tenant: tenant.to_owned(), keys: RwLock::default() };
        keys.into_iter().for_each(|(account, key)| ring.add(&account, key));
        ring
    }

    /// Adds a key; the account's values are sealed with it from now on, and those under its earlier keys still open.
    pub fn add(&self, account: &AccountId, key: ContactKey) {
        let owned = Arc::new(Owned { account: account.clone(), key });
        let mut keys = self.keys.write();
        keys.by_id.insert(owned.key.id(), owned.clone());
        keys.of_account.entry(account.clone()).or_default().push(owned);
    }

    /// Erases the account's keys from memory: none of its values opens from now on. (The vault drops them from disk.)
    pub fn erase(&self, account: &AccountId) {
        let mut keys = self.keys.write();
        for owned in keys.of_account.remove(account).unwrap_or_default() {
            keys.by_id.remove(&owned.key.id());
        }
    }

    /// The key that an account's values are sealed with now.
    pub fn current(&self, account: &AccountId) -> Option<ContactKey> {
        self.last(account).map(|owned| owned.key.clone())
    }

    /// Seals a comparable value of an account with its current key; gives the key's id and the bytes.
    pub fn seal(&self, account: &AccountId, field: &str, text: &str) -> Result<(u64, Vec<u8>), SealError> {
        let key = &self.sealing(account)?.key;
        Ok((key.id(), seal(key, self.place(account, field), text)?))
    }

    /// Seals a value of an account that nobody compares with its current key; gives the key's id and the bytes.
    pub fn seal_once(&self, account: &AccountId, field: &str, text: &str) -> Result<(u64, Vec<u8>), SealError> {
        let key = &self.sealing(account)?.key;
        Ok((key.id(), seal_once(key, self.place(account, field), text)?))
    }

    /// Opens a value that was sealed with the key of this id.
    pub fn open(&self, key_id: u64, field: &str, sealed: &[u8]) -> Result<String, NotOpened> {
        let owned = self.keys.read().by_id.get(&key_id).cloned().ok_or(NotOpened::NoKey)?;
        open(&owned.key, self.place(&owned.account, field), sealed).ok_or(NotOpened::NotAuthentic)
    }

    fn last(&self, account: &AccountId) -> Option<Arc<Owned>> {
        self.keys.read().of_account.get(account)?.last().cloned()
    }

    fn sealing(&self, account: &AccountId) -> Result<Arc<Owned>, SealError> {
        self.last(account).ok_or_else(|| SealError::NoKey { account: account.as_str().to_owned() })
    }

    fn place<'a>(&'a self, account: &'a AccountId, field: &'a str) -> Place<'a> {
        Place { tenant: &self.tenant, account: account.as_str(), field }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: Place<'static> = Place { tenant: "acme", account: "jeff", field: "email" };

    fn fixed_key() -> ContactKey {
        ContactKey::new(7, Zeroizing::new([42; 32]))
    }

    #[test]
    fn what_was_sealed_opens_as_itself() {
        let key = ContactKey::draw().unwrap();
        for len in [0, 1, 14, 15, 16, 17, 31, 32, 1023, 1024] {
            let text = "ä\u{80}\0x".chars().cycle().scan(0, |n, c| {
                *n += c.len_utf8();
                (*n <= len).then_some(c)
            });
            let text: String = text.collect();
            assert_eq!(open(&key, EMAIL, &seal(&key, EMAIL, &text).unwrap()).as_deref(), Some(&*text));
            assert_eq!(open(&key, EMAIL, &seal_once(&key, EMAIL, &text).unwrap()).as_deref(), Some(&*text));
        }
        assert!(matches!(seal(&key, EMAIL, &"x".repeat(1025)), Err(SealError::TooLong)));
    }

    #[test]
    fn equal_text_in_one_place_gives_equal_bytes_unless_sealed_once() {
        let key = ContactKey::draw().unwrap();
        let name = Place { field: "name", ..EMAIL };
        assert_eq!(seal(&key, EMAIL, "jeff@x.org").unwrap(), seal(&key, EMAIL, "jeff@x.org").unwrap());
        assert_ne!(seal(&key, EMAIL, "jeff@x.org").unwrap(), seal(&key, name, "jeff@x.org").unwrap());
        assert_ne!(seal(&key, EMAIL, "a").unwrap(), seal(&ContactKey::draw().unwrap(), EMAIL, "a").unwrap());
        assert_ne!(seal_once(&key, EMAIL, "a").unwrap(), seal_once(&key, EMAIL, "a").unwrap());
    }

    /// These bytes are in journals: they must open for ever. (An independent implementation of RFC 8452 gave the same ones.)
    #[test]
    fn sealed_bytes_are_frozen() {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(hex(&EMAIL.nonce()), "ba9594ab662aae6c9eec263a");
        let sealed = seal(&fixed_key(), EMAIL, "jeff@example.org").unwrap();
        assert_eq!(
            hex(&sealed),
            "0179be2d04f9b49ae85c7262bf342e88993f8a295c18d5be9cb3eb4893d949fdea84e0893b1b8ceab59c0c973d4e856256"
        );
        let once = "02000102030405060708090a0b8f39436bb703ce0caf95829dab2a77e7e5460fb8740fd481e36be4e18b116c08";
        let once: Vec<u8> =
            (0..once.len()).step_by(2).map(|at| u8::from_str_radix(&once[at..at + 2], 16).unwrap()).collect();
        assert_eq!(open(&fixed_key(), EMAIL, &once).as_deref(), Some("192.0.2.7"));
    }

    #[test]
    fn a_sealed_value_cannot_be_moved() {
        let key = fixed_key();
        let places = [
            Place { tenant: "other", ..EMAIL },
            Place { account: "bob", ..EMAIL },
            Place { field: "name", ..EMAIL },
            Place { tenant: "acmej", account: "eff", ..EMAIL },
            Place { account: "jeffe", field: "mail", ..EMAIL },
        ];
        for sealed in [seal(&key, EMAIL, "jeff@x.org").unwrap(), seal_once(&key, EMAIL, "jeff@x.org").unwrap()] {
            assert!(places.iter().all(|place| open(&key, *place, &sealed).is_none()));
            assert!(open(&ContactKey::draw().unwrap(), EMAIL, &sealed).is_none());
        }
    }

    #[test]
    fn a_changed_or_cut_value_does_not_open() {
        let key = fixed_key();
        for sealed in [seal(&key, EMAIL, "jeff@x.org").unwrap(), seal_once(&key, EMAIL, "jeff@x.org").unwrap()] {
            for at in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert_eq!(open(&key, EMAIL, &changed), None, "byte {at}");
                assert_eq!(open(&key, EMAIL, &sealed[..at]), None, "cut at {at}");
            }
        }
    }

    #[test]
    fn the_length_shows_in_steps_of_sixteen() {
        let lens: Vec<_> = [0, 15, 16, 31, 32].map(|n| seal(&fixed_key(), EMAIL, &"x".repeat(n)).unwrap().len()).into();
        assert_eq!(lens, [33, 33, 49, 49, 65]);
    }

    fn account(id: &str) -> AccountId {
        AccountId::new(id).unwrap()
    }

    #[test]
    fn erasing_a_key_erases_the_person_and_nobody_else() {
        let (jeff, bob) = (account("jeff"), account("bob"));
        let ring = KeyRing::new("acme", [&jeff, &bob].map(|who| (who.clone(), ContactKey::draw().unwrap())));
        let (jeffs, of_jeff) = ring.seal(&jeff, "name", "Jeff").unwrap();
        let (bobs, of_bob) = ring.seal(&bob, "name", "Bob").unwrap();
        assert_eq!(ring.open(jeffs, "name", &of_jeff).as_deref(), Ok("Jeff"));
        assert_eq!(ring.open(bobs, "name", &of_jeff), Err(NotOpened::NotAuthentic));
        ring.erase(&jeff);
        assert_eq!(ring.open(jeffs, "name", &of_jeff), Err(NotOpened::NoKey));
        assert!(matches!(ring.seal(&jeff, "name", "Jeff"), Err(SealError::NoKey { .. })));
        assert_eq!(ring.open(bobs, "name", &of_bob).as_deref(), Ok("Bob"));
    }

    #[test]
    fn an_earlier_key_still_opens_what_it_sealed_until_all_of_them_are_erased() {
        let jeff = account("jeff");
        let ring = KeyRing::new("acme", [(jeff.clone(), ContactKey::draw().unwrap())]);
        let (old, sealed) = ring.seal_once(&jeff, "name", "Jeff").unwrap();
        let newer = ContactKey::draw().unwrap();
        ring.add(&jeff, newer.clone());
        assert_eq!(ring.current(&jeff).unwrap().id(), newer.id());
        assert_eq!(ring.open(old, "name", &sealed).as_deref(), Ok("Jeff"));
        ring.erase(&jeff);
        assert_eq!(ring.open(old, "name", &sealed), Err(NotOpened::NoKey));
    }

    // rule: C14
    #[test]
    fn debug_shows_no_key() {
        let ring = KeyRing::new("acme", [(account("jeff"), fixed_key())]);
        assert_eq!(format!("{:?}", fixed_key()), "ContactKey(7, hidden)");
        assert_eq!(format!("{ring:?}"), "KeyRing { tenant: \"acme\", .. }");
    }
}
