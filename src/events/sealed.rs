//! Personal values as the journal holds them: sealed, each with the key of the contact it is about.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeStruct as _};

/// Which key opens a sealed value. Made at random with the contact; 0 marks text that was never sealed
/// (replay fixtures that people read), which no writer stores.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct KeyId(pub u64);

impl KeyId {
    /// No key: the bytes are the text itself. Only fixtures have such values, never a journal.
    pub const CLEAR: KeyId = KeyId(0);
}

/// A personal value: a name, an email, an address. Only who holds the key reads it; once the key is erased, nobody does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Sealed {
    /// The key that opens it.
    pub key: KeyId,
    /// Nonce, ciphertext and tag, as the ledger's sealing lays them out.
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// Text that is not sealed, as a replay fixture has it.
    pub fn clear(text: &str) -> Sealed {
        Sealed { key: KeyId::CLEAR, bytes: text.as_bytes().to_vec() }
    }

    /// The text, where the value was never sealed.
    pub fn as_clear(&self) -> Option<&str> {
        (self.key == KeyId::CLEAR).then(|| std::str::from_utf8(&self.bytes).ok())?
    }
}

/// An email address, sealed, with what the rules need to know of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SealedEmail {
    /// The address.
    pub address: Sealed,
    /// Whether it had the form of an address when it was given (rule: G2).
    pub valid: bool,
}

/// In the public form clear text is text, and a sealed value an object of `sealed_key` and `sealed_bytes` (hexadecimal),
/// which whoever holds the key replaces by what it opens to. Stored bytes have the two fields.
impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !to.is_human_readable() {
            return (self.key, &self.bytes).serialize(to);
        }
        match self.as_clear() {
            Some(text) => to.serialize_str(text),
            None => {
                let mut form = to.serialize_struct("Sealed", 2)?;
                form.serialize_field("sealed_key", &self.key)?;
                let hex: String = self.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                form.serialize_field("sealed_bytes", &hex)?;
                form.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            return String::deserialize(from).map(|text| Sealed::clear(&text));
        }
        <(KeyId, Vec<u8>)>::deserialize(from).map(|(key, bytes)| Sealed { key, bytes })
    }
}

/// In the public form an address is its text alone.
impl Serialize for SealedEmail {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { self.address.serialize(to) } else { (&self.address, self.valid).serialize(to) }
    }
}

impl<'de> Deserialize<'de> for SealedEmail {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            let address = Sealed::deserialize(from)?;
            let valid = address.as_clear().is_some_and(is_email_address);
            return Ok(SealedEmail { address, valid });
        }
        let (address, valid) = <(Sealed, bool)>::deserialize(from).map_err(D::Error::custom)?;
        Ok(SealedEmail { address, valid })
    }
}

/// The version of a secret in the vault: random, says nothing of the secret (rules: B5, C14).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct SecretVersion(pub u64);

/// Whether `text` has the form of an email address: one `@` with something before it and a dotted or plain host after,
/// no spaces, at most 254 characters (RFC 5321's limit).
pub fn is_email_address(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
    let labels = host.split('.').all(|label| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-') && !label.starts_with('-')
    });
    plain(local) && !local.contains('@') && labels && text.chars().count() <= 254
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: G2
    #[test]
    fn addresses_are_told_from_other_text() {
        for good in ["bob@example.org", "b.s+x@mail", "a@b-c.de"] {
            assert!(is_email_address(good), "{good}");
        }
        for wrong in ["", "bob", "@example.org", "bob@", "bob@ex ample.org", "bob@.org", "a@b@c", "b b@c.de"] {
            assert!(!is_email_address(wrong), "{wrong}");
        }
    }
}
