//! The container of one entry: format byte, length, payload, checksum.
//!
//! # Adding version 2
//! 1. The types of version 1 as they are now are copied to `v1.rs`, with nothing but their serde derives: from then on they
//!    are that format's and never change.
//! 2. There, `upcast(v1::Entry) -> Entry` says what an old entry means in the new words. It is total and pure; what it cannot
//!    know, it says as version 1 meant it.
//! 3. [`Format`] gets `V2 = 2`, [`Format::NEWEST`] names it, and the arm that the compiler asks for in [`decode`] reads
//!    `payload::read::<v1::Entry>(..).map(v1::upcast)` for version 1. The canonical check is of the old types, so it still
//!    compares with what was once written.
//! 4. Golden lines of `v2/` are added; those of `v1/` must go on decoding, now to the upcast entries.
//!
//! A new event type needs no version: it is a variant at the end of its enum.

use grantbook_events::Entry;

use crate::payload;
use crate::{DecodeError, EncodeError};

/// The most bytes that one entry's encoding may have, container included.
pub const MAX_ENTRY_BYTES: usize = 1 << 20;

/// Format byte and length.
pub(crate) const HEADER_BYTES: usize = 5;
pub(crate) const CHECKSUM_BYTES: usize = 4;

/// The formats that entries were ever written in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// The first.
    V1,
}

impl Format {
    /// What [`encode`] writes.
    pub const NEWEST: Format = Format::V1;

    /// The byte that stands for it on disk.
    pub fn byte(self) -> u8 {
        match self {
            Format::V1 => 1,
        }
    }

    /// The format that `byte` stands for; `None` where this version of the program knows none.
    pub fn of(byte: u8) -> Option<Format> {
        match byte {
            1 => Some(Format::V1),
            _ => None, // any other byte is of a later version, or no entry
        }
    }
}

/// Appends the one encoding of `entry` to `into`. Errors: the entry is too large; then `into` is as it was.
pub fn encode(entry: &Entry, into: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = into.len();
    let written = frame(Format::NEWEST, into, |into| {
        payload::write(entry, into, MAX_ENTRY_BYTES - HEADER_BYTES - CHECKSUM_BYTES)
    });
    if written.is_err() {
        into.truncate(start);
    }
    written
}

/// The entry that `bytes`, all of them, encode. Errors: they are damaged, written by something else or not canonical; the
/// error says where, what was expected and what was found. Costs one pass for the checksum and one to read.
pub fn decode(bytes: &[u8]) -> Result<Entry, DecodeError> {
    let (format, payload) = unframe(bytes)?;
    match format {
        Format::V1 => payload::read(payload),
    }
}

/// Puts a container around what `payload` appends.
fn frame(
    format: Format,
    into: &mut Vec<u8>,
    payload: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let start = into.len();
    into.extend([format.byte(), 0, 0, 0, 0]);
    payload(into)?;
    let length = into.len() - start - HEADER_BYTES;
    // A payload is at most 1 MiB long, so its length fits.
    let length = u32::try_from(length).map_err(|_| EncodeError::TooLarge { limit: MAX_ENTRY_BYTES })?;
    if let Some(stated) = into.get_mut(start + 1..start + HEADER_BYTES) {
        stated.copy_from_slice(&length.to_be_bytes());
    }
    let checksum = crc32fast::hash(into.get(start..).unwrap_or_default());
    into.extend(checksum.to_be_bytes());
    Ok(())
}

/// Takes the container off, after checking every byte of it.
fn unframe(bytes: &[u8]) -> Result<(Format, &[u8]), DecodeError> {
    let found = bytes.len();
    if found > MAX_ENTRY_BYTES {
        return Err(DecodeError::TooLong { expected: MAX_ENTRY_BYTES, found });
    }
    let too_short = DecodeError::TooShort { expected: HEADER_BYTES + CHECKSUM_BYTES, found };
    let Some((before, stated)) = bytes.split_last_chunk::<CHECKSUM_BYTES>() else { return Err(too_short) };
    let Some(([format, length @ ..], payload)) = before.split_first_chunk::<HEADER_BYTES>() else {
        return Err(too_short);
    };
    let format = Format::of(*format).ok_or(DecodeError::UnknownFormat { found: *format })?;
    let length = u32::from_be_bytes(*length);
    if usize::try_from(length) != Ok(payload.len()) {
        return Err(DecodeError::Length { stated: length, found: payload.len() });
    }
    let (stated, computed) = (u32::from_be_bytes(*stated), crc32fast::hash(before));
    if stated != computed {
        return Err(DecodeError::Checksum { at: before.len(), stated, computed });
    }
    Ok((format, payload))
}

/// Any bytes in a container that is right, as something hostile would write them.
#[cfg(test)]
pub(crate) fn framed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame(Format::V1, &mut bytes, |into| {
        into.extend_from_slice(payload);
        Ok(())
    })
    .unwrap();
    bytes
}

/// The payload of an encoding.
#[cfg(test)]
pub(crate) fn payload_of(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(entry, &mut bytes).unwrap();
    unframe(&bytes).unwrap().1.to_vec()
}
