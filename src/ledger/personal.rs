//! Personal values between the outside and the journal: sealed on the way in, opened when shown.
//!
//! A sealed value in an event begins with a byte that says which field it is; that field, the tenant and the account are
//! bound into the seal, so that no value can be passed off as another.

use std::cell::RefCell;
use std::collections::HashMap;

use grantbook_events::{AccountId, KeyId, Sealed};

use crate::sealing::{ContactKey, KeyRing, Place, seal};

/// The fields that are sealed, each with the byte that stands for it. Frozen: the bytes are in journals.
const FIELDS: [(u8, &str); 12] = [
    (1, "full_name"),
    (2, "email"),
    (3, "city"),
    (4, "state"),
    (5, "country"),
    (6, "phone"),
    (7, "picture"),
    (8, "source"),
    (9, "contact_email"),
    (10, "requester_name"),
    (11, "requester_email"),
    (0, "other"),
];

fn tag_of(field: &str) -> u8 {
    FIELDS.iter().find(|(_, name)| *name == field).map_or(0, |(tag, _)| *tag)
}

fn field_of(tag: u8) -> &'static str {
    FIELDS.iter().find(|(number, _)| *number == tag).map_or("other", |(_, name)| name)
}

/// The keys of a tenant's contacts.
pub(crate) struct Keys {
    tenant: String,
    ring: KeyRing,
}

impl Keys {
    pub(crate) fn new(tenant: &str, keys: Vec<(String, ContactKey)>) -> Keys {
        let owned = keys.into_iter().filter_map(|(account, key)| Some((AccountId::new(&account).ok()?, key)));
        Keys { tenant: tenant.to_owned(), ring: KeyRing::new(tenant, owned) }
    }

    /// A new contact's key.
    pub(crate) fn add(&self, account: &AccountId, key: ContactKey) {
        self.ring.add(account, key);
    }

    /// Forgets an account's keys: none of its values opens from now on.
    pub(crate) fn erase(&self, account: &AccountId) {
        self.ring.erase(account);
    }

    /// The key of an account, for tests that search for it.
    #[cfg(test)]
    pub(crate) fn current_secret(&self, account: &str) -> [u8; 32] {
        *self.ring.current(&AccountId::new(account).unwrap()).unwrap().secret()
    }

    /// Whether there is a key of the account's.
    pub(crate) fn holds(&self, account: &AccountId) -> bool {
        self.ring.current(account).is_some()
    }

    /// What a sealed value says; `None` where its key is gone.
    pub(crate) fn open(&self, sealed: &Sealed) -> Option<String> {
        if let Some(text) = sealed.as_clear() {
            return Some(text.to_owned());
        }
        let (tag, bytes) = sealed.bytes.split_first()?;
        self.ring.open(sealed.key.0, field_of(*tag), bytes).ok()
    }

    /// Seals where a request came from, with the key of the account that it is about.
    pub(crate) fn seal_source(&self, account: &AccountId, text: &str) -> Option<Sealed> {
        let (key, bytes) = self.ring.seal_once(account, "source", text).ok()?;
        Some(tagged(key, "source", bytes))
    }
}

fn tagged(key: u64, field: &str, bytes: Vec<u8>) -> Sealed {
    let mut tagged = Vec::with_capacity(bytes.len() + 1);
    tagged.push(tag_of(field));
    tagged.extend(bytes);
    Sealed { key: KeyId(key), bytes: tagged }
}

/// The keys behind the personal values of one request.
#[derive(Default, Clone)]
pub(crate) struct Sealing {
    /// Keys drawn for contacts that have none yet.
    pub(crate) drawn: HashMap<AccountId, ContactKey>,
    /// Which key sealed a value about whom.
    pub(crate) used: Vec<(AccountId, KeyId)>,
}

/// Seals the personal values of one request. A contact that has no key yet gets one, which is kept only if the request
/// is accepted.
pub(crate) struct RequestSealer<'a> {
    keys: &'a Keys,
    drawn: RefCell<HashMap<AccountId, ContactKey>>,
    used: RefCell<Vec<(AccountId, KeyId)>>,
    failed: RefCell<bool>,
}

impl<'a> RequestSealer<'a> {
    pub(crate) fn new(keys: &'a Keys) -> RequestSealer<'a> {
        RequestSealer { keys, drawn: RefCell::default(), used: RefCell::default(), failed: RefCell::new(false) }
    }

    pub(crate) fn seal(&self, account: &AccountId, field: &'static str, text: &str) -> Sealed {
        let sealed = self.try_seal(account, field, text);
        *self.failed.borrow_mut() |= sealed.is_none();
        let sealed = sealed.unwrap_or_else(Sealed::erased);
        self.used.borrow_mut().push((account.clone(), sealed.key));
        sealed
    }

    fn try_seal(&self, account: &AccountId, field: &'static str, text: &str) -> Option<Sealed> {
        if let Ok((key, bytes)) = self.keys.ring.seal(account, field, text) {
            return Some(tagged(key, field, bytes));
        }
        let mut drawn = self.drawn.borrow_mut();
        if !drawn.contains_key(account) {
            drawn.insert(account.clone(), ContactKey::draw().ok()?);
        }
        let key = drawn.get(account)?;
        let place = Place { tenant: &self.keys.tenant, account: account.as_str(), field };
        Some(tagged(key.id(), field, seal(key, place, text).ok()?))
    }

    /// The keys that were drawn, and which key sealed what; `None` where something could not be sealed.
    pub(crate) fn finish(self) -> Option<Sealing> {
        let sealing = Sealing { drawn: self.drawn.into_inner(), used: self.used.into_inner() };
        (!self.failed.into_inner()).then_some(sealing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_again_and_equal_texts_seal_alike() {
        let keys = Keys::new("abcimis", Vec::new());
        let bob = AccountId::new("bob").unwrap();
        let sealer = RequestSealer::new(&keys);
        let (one, other) = (sealer.seal(&bob, "full_name", "Bob S."), sealer.seal(&bob, "full_name", "Bob S."));
        assert_eq!(one, other);
        assert_eq!(keys.open(&one), None, "a key that was not kept opens nothing");
        let Sealing { drawn, used } = sealer.finish().unwrap();
        assert_eq!(used, vec![(bob.clone(), one.key), (bob.clone(), one.key)]);
        for (account, key) in drawn {
            keys.add(&account, key);
        }
        assert_eq!(keys.open(&one).as_deref(), Some("Bob S."));
        let mut passed_off = one.clone();
        passed_off.bytes[0] = tag_of("email");
        assert_eq!(keys.open(&passed_off), None, "a name is not passed off as an email");
    }
}
