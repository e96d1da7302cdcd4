//! One file of a mirror: a header and frames, each hash covering the one before. The bytes are in `docs/mirror-format.md`.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::append::MAX_ENTRY_BYTES;
use crate::contain::{Doing, StorageTrouble};
use crate::name::StreamName;

const MAGIC: [u8; 8] = *b"GBMIRR\x00\x01";
/// The length of a header, in bytes.
pub(crate) const HEADER_BYTES: u64 = 48;
/// The most entries of a frame.
pub(crate) const MOST_ENTRIES: usize = 4_096;
/// The most bytes of entries in a frame beyond its first entry.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// The most bytes of a body.
const MOST_BODY_BYTES: usize = MOST_BYTES + MAX_ENTRY_BYTES + 8 * MOST_ENTRIES;
/// The length of the hash that a frame ends with, in bytes.
pub(crate) const LINK_BYTES: usize = 32;

/// The hash that a frame ends with.
pub(crate) type Link = [u8; LINK_BYTES];

/// Consecutive entries of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) stream: StreamName,
    pub(crate) first: u64,
    pub(crate) entries: Vec<Vec<u8>>,
}

/// Where the readable frames of a segment end, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With the file.
    Whole,
    /// Something that is no frame follows.
    Broken {
        /// What was expected there, and what was found.
        reason: String,
    },
}

/// The path of a segment.
pub(crate) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("segment-{number:020}"))
}

/// The first bytes of a segment.
pub(crate) fn header(number: u64, before: &Link) -> Vec<u8> {
    [MAGIC.as_slice(), &number.to_be_bytes(), before].concat()
}

impl Frame {
    /// Its bytes, and the hash that they end with, which the next frame goes on from.
    pub(crate) fn encode(&self, before: &Link) -> (Vec<u8>, Link) {
        let mut bytes = vec![0; 4];
        let name = self.stream.as_str().as_bytes();
        // A name has at most 40 bytes, a frame at most some MiB: see `StreamName` and the limits above.
        bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        bytes.extend(name);
        bytes.extend(self.first.to_be_bytes());
        bytes.extend(length(self.entries.len()));
        for entry in &self.entries {
            bytes.extend(length(entry.len()));
            bytes.extend(entry);
        }
        let (length_at, body) = bytes.split_at_mut(4);
        length_at.copy_from_slice(&length(body.len()));
        let link = link(before, body);
        bytes.extend(link);
        (bytes, link)
    }

    pub(crate) fn decode(body: &[u8]) -> Option<Frame> {
        let mut rest = body;
        let name_bytes = usize::from(*take(&mut rest, 1)?.first()?);
        let stream = StreamName::from_bytes(take(&mut rest, name_bytes)?)?;
        let first = u64::from_be_bytes(take(&mut rest, 8)?.try_into().ok()?);
        let count = number(&mut rest)?;
        if count == 0 || count > MOST_ENTRIES {
            return None;
        }
        // Nothing is copied of what turns out to be no frame.
        let mut entries = Vec::with_capacity(count);
        for _ in 0..count {
            let bytes = number(&mut rest)?;
            entries.push(take(&mut rest, bytes)?);
        }
        let entries = || entries.into_iter().map(<[u8]>::to_vec).collect();
        rest.is_empty().then(|| Frame { stream, first, entries: entries() })
    }

    /// The position of its last entry.
    pub(crate) fn last(&self) -> u64 {
        self.first.saturating_add(self.entries.len() as u64).saturating_sub(1)
    }
}

/// A segment read frame by frame.
pub(crate) struct Segment {
    from: BufReader<File>,
    path: PathBuf,
    link: Link,
    /// Up to where the file has been found sound, in bytes.
    sound: u64,
    length: u64,
}

impl Segment {
    /// Opens a segment. `Err(End)` inside: its header is not that of segment `number` after a frame with the hash `before`.
    pub(crate) fn open(dir: &Path, number: u64, before: &Link) -> Result<Result<Segment, End>, StorageTrouble> {
        let path = path(dir, number);
        let doing = || format!("reading `{}`", path.display());
        let file = File::open(&path).doing(doing)?;
        let length = file.metadata().doing(doing)?.len();
        let mut from = BufReader::with_capacity(1 << 18, file);
        let mut found = Vec::new();
        (&mut from).take(HEADER_BYTES).read_to_end(&mut found).doing(doing)?;
        if found != header(number, before) {
            let reason = format!("expected the header of segment {number} that goes on from the one before");
            return Ok(Err(End::Broken { reason }));
        }
        Ok(Ok(Segment { from, path, link: *before, sound: HEADER_BYTES, length }))
    }

    /// The next frame, or the end of those that can be read.
    pub(crate) fn next(&mut self) -> Result<Result<Frame, End>, StorageTrouble> {
        if self.sound == self.length {
            return Ok(Err(End::Whole));
        }
        let broken = |reason: &str| Ok(Err(End::Broken { reason: reason.to_owned() }));
        let left = self.length - self.sound;
        let mut length = [0; 4];
        if left < 4 || !self.filled(&mut length)? {
            return broken("expected the length of a frame, found the end of the file");
        }
        let body_bytes = u32::from_be_bytes(length);
        if u64::from(body_bytes) + 36 > left || body_bytes as usize > MOST_BODY_BYTES {
            return broken("expected a frame, found a length that reaches beyond the end of the file or of any frame");
        }
        let (mut body, mut hash) = (vec![0; body_bytes as usize], [0; 32]);
        if !self.filled(&mut body)? || !self.filled(&mut hash)? {
            return broken("expected a frame, found the end of the file");
        }
        if link(&self.link, &body) != hash {
            return broken("expected a frame that goes on from the one before, found another hash");
        }
        let Some(frame) = Frame::decode(&body) else {
            return broken("expected a frame of entries, found a body of another form");
        };
        self.link = hash;
        self.sound += u64::from(body_bytes) + 36;
        Ok(Ok(frame))
    }

    /// The hash of the last frame read, and up to where the file is sound, in bytes.
    pub(crate) fn reached(&self) -> (Link, u64) {
        (self.link, self.sound)
    }

    fn filled(&mut self, bytes: &mut [u8]) -> Result<bool, StorageTrouble> {
        match self.from.read_exact(bytes) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(e) => Err(e).doing(|| format!("reading `{}`", self.path.display())),
        }
    }
}

/// The body of what would be a frame at `at`, if its length is one that a frame can have there.
pub(crate) fn body(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let (length, rest) = bytes.get(at..)?.split_first_chunk()?;
    let body_bytes = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if body_bytes > MOST_BODY_BYTES || rest.len() < body_bytes.checked_add(LINK_BYTES)? {
        return None;
    }
    rest.get(..body_bytes)
}

/// The hash of a frame with this body that goes on from one with the hash `before`.
pub(crate) fn link(before: &Link, body: &[u8]) -> Link {
    *blake3::Hasher::new().update(before).update(body).finalize().as_bytes()
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

fn number(rest: &mut &[u8]) -> Option<usize> {
    let bytes: [u8; 4] = take(rest, 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(bytes)).ok()
}

fn take<'a>(rest: &mut &'a [u8], bytes: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(bytes)?;
    *rest = left;
    Some(taken)
}
