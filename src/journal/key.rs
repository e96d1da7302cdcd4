//! The key of a record: stream, position, part, in that order.

use crate::name::StreamName;

/// Ends the name in a key: lower than any byte of a name.
const NAME_END: u8 = 0;

/// Where a record belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The stream of its entries.
    pub stream: StreamName,
    /// The position of its first entry.
    pub position: u64,
    /// 0, or the number of the part of a split entry.
    pub part: u16,
}

impl Key {
    /// The key's bytes; they sort as the keys do.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Key::prefix(&self.stream);
        bytes.extend_from_slice(&self.position.to_be_bytes());
        bytes.extend_from_slice(&self.part.to_be_bytes());
        bytes
    }

    /// Reads a key; `None` if the bytes are none.
    pub fn decode(bytes: &[u8]) -> Option<Key> {
        let end = bytes.iter().position(|b| *b == NAME_END)?;
        let (name, rest) = bytes.split_at_checked(end)?;
        let (_, rest) = rest.split_first()?;
        let (position, rest) = rest.split_first_chunk::<8>()?;
        let part = <[u8; 2]>::try_from(rest).ok()?;
        let position = u64::from_be_bytes(*position);
        Some(Key { stream: StreamName::from_bytes(name)?, position, part: u16::from_be_bytes(part) })
    }

    /// What all keys of a stream, and no others, begin with.
    pub(crate) fn prefix(stream: &StreamName) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(StreamName::MAX_BYTES + 11);
        bytes.extend_from_slice(stream.as_str().as_bytes());
        bytes.push(NAME_END);
        bytes
    }

    /// The least bytes above all keys of a stream.
    pub(crate) fn end(stream: &StreamName) -> Vec<u8> {
        let mut bytes = stream.as_str().as_bytes().to_vec();
        bytes.push(NAME_END + 1);
        bytes
    }
}
