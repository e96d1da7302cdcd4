//! A record: several consecutive entries of one stream, or a part of a large one, as one value of the store.
//!
//! Layout in `docs/journal-format.md`. The checksum covers key and value, so that a record vouches for its place.

use crate::append::Append;
use crate::damage::{Damage, DamageKind};
use crate::key::Key;
use crate::packing::{Packing, unpacked};

/// Entries, or a part of one, as they are.
const PLAIN: u8 = 1;
/// Entries, packed: their length together, then what they were packed to.
const PACKED: u8 = 2;
/// format, length, batch, count, part, parts
const HEADER_BYTES: usize = 1 + 4 + 8 + 2 + 2 + 2;
const CHECKSUM_BYTES: usize = 8;
/// The length before each entry of a record of whole entries.
const ENTRY_LENGTH_BYTES: usize = 2;
/// Before what was packed: how many bytes that was.
const UNPACKED_LENGTH_BYTES: usize = 4;

/// How large a record may become, before it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordLimits {
    /// Most entries in one record, 1 to 65,535.
    pub entries: u16,
    /// Most bytes of one record's value, 64 to 65,535. Above about 7 KB sled may spill to files that it never syncs.
    pub bytes: u16,
}

impl Default for RecordLimits {
    fn default() -> Self {
        RecordLimits { entries: 64, bytes: 7 * 1024 }
    }
}

impl RecordLimits {
    fn payload(self) -> usize {
        usize::from(self.bytes.max(64)) - HEADER_BYTES - CHECKSUM_BYTES
    }
}

/// A record, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The batch it was appended in.
    pub batch: u64,
    /// Its part number, the same as in its key.
    pub part: u16,
    /// How many parts the entry has; 1 for whole entries.
    pub parts: u16,
    /// What the record holds, in one piece: whoever only checks it needs no more memory.
    payload: Vec<u8>,
    /// From where up to where in the payload its entries lie, or this part of the one entry.
    places: Vec<(usize, usize)>,
}

impl Record {
    /// The entries, or this part's bytes of the one entry.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.places.iter().map(|(from, to)| self.payload.get(*from..*to).unwrap_or_default())
    }

    /// Adds the next part of the one entry.
    pub(crate) fn go_on(&mut self, part: &Record) {
        part.entries().for_each(|more| self.payload.extend_from_slice(more));
        self.places = vec![(0, self.payload.len())];
    }

    /// Puts one append of a batch into records, in order of key.
    pub fn pack(append: &Append<'_>, batch: u64, limits: RecordLimits, packing: &mut Packing) -> Vec<(Key, Vec<u8>)> {
        let room = limits.payload();
        let most = usize::from(limits.entries.max(1));
        let mut records = Vec::new();
        let mut position = append.first;
        let mut rest = append.entries;
        while let Some(first) = rest.first() {
            let key = |part| Key { stream: append.stream.clone(), position, part };
            if first.len() + ENTRY_LENGTH_BYTES > room {
                let slices: Vec<&[u8]> = first.chunks(room - ENTRY_LENGTH_BYTES).collect();
                let parts = u16::try_from(slices.len()).unwrap_or(u16::MAX);
                for (part, slice) in (0..parts).zip(slices) {
                    let key = key(part);
                    let value = write(&key, PLAIN, (batch, 1, parts), &[slice]);
                    records.push((key, value));
                }
                position += 1;
                rest = rest.split_first().map_or(&[], |(_, rest)| rest);
                continue;
            }
            let mut payload = Vec::with_capacity(room);
            let mut count: u16 = 0;
            while let Some((entry, others)) = rest.split_first() {
                if usize::from(count) == most || payload.len() + ENTRY_LENGTH_BYTES + entry.len() > room {
                    break;
                }
                payload.extend_from_slice(&u16::try_from(entry.len()).unwrap_or(u16::MAX).to_be_bytes());
                payload.extend_from_slice(entry);
                count += 1;
                rest = others;
            }
            let key = key(0);
            let of = (batch, count, 1);
            let value = match packing.pack(&payload) {
                Some(packed) => write(&key, PACKED, of, &[&length_bytes(payload.len()), &packed]),
                None => write(&key, PLAIN, of, &[&payload]),
            };
            records.push((key, value));
            position += u64::from(count);
        }
        records
    }

    /// Reads a record found under a key, and checks everything that it says of itself.
    pub fn read(key: &Key, value: &[u8]) -> Result<Record, Damage> {
        let damage = |kind, expected: String, found: String| Damage {
            stream: key.stream.clone(),
            position: key.position,
            kind,
            expected,
            found,
        };
        let short = || damage(DamageKind::Length, "a whole record".into(), format!("{} bytes", value.len()));
        let (&format, _) = value.split_first().ok_or_else(short)?;
        if format != PLAIN && format != PACKED {
            return Err(damage(DamageKind::Format, format!("{PLAIN} or {PACKED}"), format.to_string()));
        }
        let (body, checksum) = value.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(short)?;
        let mut fields = Fields(body);
        fields.take::<1>().ok_or_else(short)?;
        let length = u32::from_be_bytes(*fields.take().ok_or_else(short)?);
        if usize::try_from(length).ok() != Some(value.len()) {
            return Err(damage(DamageKind::Length, format!("{length} bytes"), format!("{} bytes", value.len())));
        }
        let expected = self::checksum(&key.encode(), body);
        if expected != *checksum {
            return Err(damage(DamageKind::Checksum, hex(&expected), hex(checksum)));
        }
        let batch = u64::from_be_bytes(*fields.take().ok_or_else(short)?);
        let count = u16::from_be_bytes(*fields.take().ok_or_else(short)?);
        let part = u16::from_be_bytes(*fields.take().ok_or_else(short)?);
        let parts = u16::from_be_bytes(*fields.take().ok_or_else(short)?);
        if part != key.part || part >= parts {
            return Err(damage(DamageKind::Part, format!("part {} of {parts}", key.part), format!("part {part}")));
        }
        if count == 0 || (parts > 1 && count != 1) {
            return Err(damage(DamageKind::Count, "1 or more, 1 in a part".into(), count.to_string()));
        }
        if parts > 1 {
            return Ok(Record { batch, part, parts, payload: fields.0.to_vec(), places: vec![(0, fields.0.len())] });
        }
        let payload = if format == PACKED {
            let length = u32::from_be_bytes(*fields.take().ok_or_else(short)?);
            let length = usize::try_from(length).ok().filter(|length| *length <= usize::from(u16::MAX));
            let length = length.ok_or_else(|| {
                damage(DamageKind::Length, format!("at most {} bytes of entries", u16::MAX), "more".into())
            })?;
            let unpacked = unpacked(fields.0, length);
            unpacked.map_err(|found| damage(DamageKind::Packing, format!("{length} bytes"), found))?
        } else {
            fields.0.to_vec()
        };
        let mut places = Vec::with_capacity(usize::from(count));
        let mut fields = Fields(&payload);
        for _ in 0..count {
            let length = u16::from_be_bytes(*fields.take().ok_or_else(short)?);
            let (from, left) = (payload.len() - fields.0.len(), fields.0.len());
            if fields.take_slice(usize::from(length)).is_none() {
                return Err(damage(DamageKind::Length, format!("an entry of {length} bytes"), format!("{left} bytes")));
            }
            places.push((from, from + usize::from(length)));
        }
        if !fields.0.is_empty() {
            return Err(damage(DamageKind::TrailingBytes, "none".into(), format!("{} bytes", fields.0.len())));
        }
        Ok(Record { batch, part, parts, payload, places })
    }
}

/// A record's value: of which format, of which batch, of how many entries and parts, and its payload piece by piece.
fn write(key: &Key, format: u8, (batch, count, parts): (u64, u16, u16), payload: &[&[u8]]) -> Vec<u8> {
    let length = HEADER_BYTES + payload.iter().map(|piece| piece.len()).sum::<usize>() + CHECKSUM_BYTES;
    let mut value = Vec::with_capacity(length);
    value.push(format);
    value.extend_from_slice(&length_bytes(length));
    value.extend_from_slice(&batch.to_be_bytes());
    value.extend_from_slice(&count.to_be_bytes());
    value.extend_from_slice(&key.part.to_be_bytes());
    value.extend_from_slice(&parts.to_be_bytes());
    payload.iter().for_each(|piece| value.extend_from_slice(piece));
    let checksum = checksum(&key.encode(), &value);
    value.extend_from_slice(&checksum);
    value
}

fn length_bytes(length: usize) -> [u8; UNPACKED_LENGTH_BYTES] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

fn checksum(key: &[u8], body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key);
    hasher.update(body);
    first_eight(&hasher)
}

/// The first eight bytes of a hash.
pub(crate) fn first_eight(hasher: &blake3::Hasher) -> [u8; 8] {
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    bytes
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The unread rest of a run of fields.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    /// The next `N` bytes, or `None` if there are fewer.
    pub(crate) fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(taken)
    }

    /// The next `n` bytes, or `None` if there are fewer.
    pub(crate) fn take_slice(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }
}
