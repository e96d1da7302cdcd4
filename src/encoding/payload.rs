//! The payload: bincode's standard configuration, read with a limit and compared with what writing it again gives.

use bincode::de::read::Reader;
use bincode::enc::write::Writer;
use serde::{Serialize, de::DeserializeOwned};

use crate::format::{HEADER_BYTES, MAX_ENTRY_BYTES};
use crate::{DecodeError, EncodeError, quick};

/// bincode counts what it reads as if no integer were shortened, up to eight times what is there; a stated length beyond the
/// limit is refused before memory is asked for.
const LIMIT: usize = 8 * MAX_ENTRY_BYTES;

const CONFIG: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<LIMIT>,
> = bincode::config::standard().with_limit::<LIMIT>();

/// Appends `value` to `into`, at most `limit` bytes. After an error `into` may have been appended to.
pub(crate) fn write<T: Serialize>(value: &T, into: &mut Vec<u8>, limit: usize) -> Result<(), EncodeError> {
    let mut bounded = Bounded { into, left: limit, full: false };
    match bincode::serde::encode_into_writer(value, &mut bounded, CONFIG) {
        Ok(()) => Ok(()),
        Err(_) if bounded.full => Err(EncodeError::TooLarge { limit: MAX_ENTRY_BYTES }),
        Err(error) => Err(EncodeError::Unwritable { message: error.to_string() }),
    }
}

/// The value that `bytes`, all of them, encode in the one way it is written.
pub(crate) fn read<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match quick::read(bytes) {
        Some(value) => Ok(value),
        None => read_and_compare(bytes),
    }
}

/// The same by bincode, which says what is wrong, and by writing it again, which shows whether it is written otherwise.
pub(crate) fn read_and_compare<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (value, count) = bincode::serde::borrow_decode_from_slice::<T, _>(bytes, CONFIG).map_err(|error| {
        let at = HEADER_BYTES + bytes.len() - unread_by::<T>(bytes);
        DecodeError::Payload { at, message: in_words(error) }
    })?;
    if count < bytes.len() {
        return Err(DecodeError::LeftOver { at: HEADER_BYTES + count, count: bytes.len() - count });
    }
    let mut same = Same { bytes, difference: None };
    // The comparing writer's own error is told by `difference`; there is no other.
    let again = bincode::serde::encode_into_writer(&value, &mut same, CONFIG);
    if again.is_ok() && same.bytes.is_empty() {
        return Ok(value);
    }
    let (offset, expected) = same.difference.unwrap_or((0, None));
    let at = bytes.len() - same.bytes.len() + offset;
    Err(DecodeError::NotCanonical { at: HEADER_BYTES + at, expected, found: bytes.get(at).copied() })
}

/// How many bytes nobody had read where reading stopped: told by a reader that counts, since the one that borrows does not.
fn unread_by<T: DeserializeOwned>(bytes: &[u8]) -> usize {
    let mut unread = Unread { bytes };
    // Why it stopped is known already.
    let _ = bincode::serde::decode_from_reader::<T, _, _>(&mut unread, CONFIG);
    unread.bytes.len()
}

/// What bincode found, as a sentence's part.
fn in_words(error: bincode::error::DecodeError) -> String {
    if let bincode::error::DecodeError::OtherString(message) = error {
        return message;
    }
    if let bincode::error::DecodeError::UnexpectedEnd { additional } = error {
        return format!("expected {additional} more bytes, found the end of the payload");
    }
    if let bincode::error::DecodeError::LimitExceeded = error {
        return "a stated length is beyond what an entry may hold".to_owned();
    }
    format!("unreadable: {error}")
}

/// Writes at the end of a vector until there is no room left.
struct Bounded<'a> {
    into: &'a mut Vec<u8>,
    left: usize,
    full: bool,
}

impl Writer for Bounded<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), bincode::error::EncodeError> {
        match self.left.checked_sub(bytes.len()) {
            Some(left) => {
                self.left = left;
                self.into.extend_from_slice(bytes);
                Ok(())
            }
            None => {
                self.full = true;
                Err(bincode::error::EncodeError::UnexpectedEnd)
            }
        }
    }
}

/// Bytes not read yet, which can be counted when reading stopped.
struct Unread<'a> {
    bytes: &'a [u8],
}

impl Reader for Unread<'_> {
    #[inline]
    fn read(&mut self, wanted: &mut [u8]) -> Result<(), bincode::error::DecodeError> {
        let Some((now, later)) = self.bytes.split_at_checked(wanted.len()) else {
            let additional = wanted.len() - self.bytes.len();
            return Err(bincode::error::DecodeError::UnexpectedEnd { additional });
        };
        wanted.copy_from_slice(now);
        self.bytes = later;
        Ok(())
    }

    #[inline]
    fn peek_read(&mut self, count: usize) -> Option<&[u8]> {
        self.bytes.get(..count)
    }

    #[inline]
    fn consume(&mut self, count: usize) {
        self.bytes = self.bytes.get(count..).unwrap_or_default();
    }
}

/// Takes what is written only where it equals what is there.
struct Same<'a> {
    bytes: &'a [u8],
    /// How far into the bytes that are left, and what was to be written there.
    difference: Option<(usize, Option<u8>)>,
}

impl Writer for Same<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), bincode::error::EncodeError> {
        if let Some(left) = self.bytes.strip_prefix(bytes) {
            self.bytes = left;
            return Ok(());
        }
        let offset = self.bytes.iter().zip(bytes).take_while(|(one, other)| one == other).count();
        self.difference = Some((offset, bytes.get(offset).copied()));
        Err(bincode::error::EncodeError::UnexpectedEnd)
    }
}
