//! Personal values as the journal holds them: sealed, each with the key of the contact it is about.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeStruct as _};

/// Which key opens a sealed value. Made at random with the contact; 0 marks text that was never sealed
/// (replay fixtures that people read), which no writer stores.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyId(pub u64);

impl KeyId {
    /// No key: the bytes are the text itself. Only fixtures have such values, never a journal.
    pub const CLEAR: KeyId = KeyId(0);
    /// No key any more: what a fixture has in place of a value that was erased before it was exported. No writer makes it.
    pub const ERASED: KeyId = KeyId(u64::MAX);
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

    /// What a fixture has in place of a value that was erased before it was exported: nobody opens it.
    pub fn erased() -> Sealed {
        Sealed { key: KeyId::ERASED, bytes: Vec::new() }
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
            return from.deserialize_any(ShownSealed);
        }
        <(KeyId, Vec<u8>)>::deserialize(from).map(|(key, bytes)| Sealed { key, bytes })
    }
}

/// The shown form as a visitor reads it: text, or the object of a value that nobody opened.
struct ShownSealed;

impl<'de> serde::de::Visitor<'de> for ShownSealed {
    type Value = Sealed;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text, or an object of `sealed_key` and `sealed_bytes`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Sealed, E> {
        Ok(Sealed::clear(text))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Sealed, A::Error> {
        let (mut key, mut bytes) = (None, None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "sealed_key" => key = Some(map.next_value()?),
                "sealed_bytes" => {
                    let text = map.next_value::<String>()?;
                    bytes = Some(from_hex(&text).ok_or_else(|| A::Error::custom("expected hexadecimal digits"))?);
                }
                other => return Err(A::Error::custom(format!("`{other}` is no field of a sealed value"))),
            }
        }
        let key = key.ok_or_else(|| A::Error::missing_field("sealed_key"))?;
        let bytes = bytes.ok_or_else(|| A::Error::missing_field("sealed_bytes"))?;
        Ok(Sealed { key, bytes })
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let (pairs, rest) = digits.as_ref()?.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// In the public form an address is its text alone. What nobody can open counts as a valid address.
impl Serialize for SealedEmail {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { self.address.serialize(to) } else { (&self.address, self.valid).serialize(to) }
    }
}

impl<'de> Deserialize<'de> for SealedEmail {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            let address = Sealed::deserialize(from)?;
            let valid = address.as_clear().is_none_or(is_email_address);
            return Ok(SealedEmail { address, valid });
        }
        let (address, valid) = <(Sealed, bool)>::deserialize(from).map_err(D::Error::custom)?;
        Ok(SealedEmail { address, valid })
    }
}

/// The version of a secret in the vault: random, says nothing of the secret (rules: B5, C14).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SecretVersion(pub u64);

/// Random numbers use all 64 bits, which numbers of JSON do not hold: they are shown as 16 hexadecimal digits and stored as
/// numbers.
fn show_random<S: Serializer>(number: u64, to: S) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() { to.collect_str(&format_args!("{number:016x}")) } else { to.serialize_u64(number) }
}

fn read_random<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    if !from.is_human_readable() {
        return u64::deserialize(from);
    }
    let text = String::deserialize(from)?;
    let digits = (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let number = digits.then(|| u64::from_str_radix(&text, 16).ok()).flatten();
    number.ok_or_else(|| D::Error::custom("expected 1 to 16 hexadecimal digits"))
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        show_random(self.0, to)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_random(from).map(KeyId)
    }
}

impl Serialize for SecretVersion {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        show_random(self.0, to)
    }
}

impl<'de> Deserialize<'de> for SecretVersion {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_random(from).map(SecretVersion)
    }
}

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
