//! The name of a stream.

use std::fmt;
use std::str::FromStr;

/// The name of a stream of entries: a tenant's Cloud ID or `_installation`. 1 to 40 bytes of `a-z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(Box<str>);

/// Why a text is no stream name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no stream name: expected 1 to 40 characters of a-z, 0-9, _ and -")]
pub struct InvalidStreamName(String);

impl StreamName {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 40;

    /// Checks a text and makes it a name.
    pub fn new(text: &str) -> Result<StreamName, InvalidStreamName> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if text.is_empty() || text.len() > Self::MAX_BYTES || !text.bytes().all(allowed) {
            return Err(InvalidStreamName(text.chars().take(80).collect()));
        }
        Ok(StreamName(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<StreamName> {
        StreamName::new(std::str::from_utf8(bytes).ok()?).ok()
    }
}

impl FromStr for StreamName {
    type Err = InvalidStreamName;

    fn from_str(text: &str) -> Result<StreamName, InvalidStreamName> {
        StreamName::new(text)
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
