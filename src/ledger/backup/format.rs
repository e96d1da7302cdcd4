//! Frames: each with its length, and a hash that covers the frame before.

use std::io::{self, Read, Write};

const MAGIC: [u8; 8] = *b"GBBACK\0\x01";
/// The longest body: what a reader is ever made to keep in memory at once.
const MOST_BODY: u32 = 16 << 20;

/// What a frame holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Contents = 1,
    Entries = 2,
    Secrets = 3,
    End = 4,
    File = 5,
}

impl Kind {
    fn of(byte: u8) -> Option<Kind> {
        [Kind::Contents, Kind::Entries, Kind::Secrets, Kind::End, Kind::File]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

/// A backup that is not as it was written: where, and what is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the backup is damaged at byte {at}: {what}")]
pub struct BackupDamage {
    /// The offset of the frame.
    pub at: u64,
    /// What is wrong with it.
    pub what: String,
}

fn hash(before: &[u8; 32], kind: Kind, body: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new().update(before).update(&[kind as u8]).update(body).finalize().as_bytes()
}

/// Writes frames.
pub(super) struct Frames<W> {
    to: W,
    hash: [u8; 32],
    written: u64,
}

impl<W: Write> Frames<W> {
    pub(super) fn begin(mut to: W) -> io::Result<Frames<W>> {
        to.write_all(&MAGIC)?;
        Ok(Frames { to, hash: [0; 32], written: MAGIC.len() as u64 })
    }

    pub(super) fn write(&mut self, kind: Kind, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).ok().filter(|length| *length <= MOST_BODY);
        let length = length.ok_or_else(|| io::Error::other("a frame of the backup is too long"))?;
        self.hash = hash(&self.hash, kind, body);
        self.to.write_all(&[kind as u8])?;
        self.to.write_all(&length.to_be_bytes())?;
        self.to.write_all(body)?;
        self.to.write_all(&self.hash)?;
        self.written += 37 + u64::from(length);
        Ok(())
    }

    /// The file, the hash of the last frame and how many bytes were written.
    pub(super) fn finish(mut self) -> io::Result<(W, [u8; 32], u64)> {
        self.to.flush()?;
        Ok((self.to, self.hash, self.written))
    }
}

/// A frame that was read and whose hash is right.
pub(super) struct Frame {
    /// Where it begins.
    pub(super) at: u64,
    pub(super) kind: Kind,
    pub(super) body: Vec<u8>,
}

impl Frame {
    pub(super) fn damaged(&self, what: impl Into<String>) -> BackupDamage {
        BackupDamage { at: self.at, what: what.into() }
    }
}

/// Reads frames. What cannot be read for the disk's sake is damage as well: where, and what the system said.
pub(super) struct FramesRead<R> {
    from: R,
    hash: [u8; 32],
    at: u64,
}

impl<R: Read> FramesRead<R> {
    pub(super) fn begin(mut from: R) -> Result<FramesRead<R>, BackupDamage> {
        let mut magic = [0; MAGIC.len()];
        let read = from.read_exact(&mut magic);
        if read.is_err() || magic != MAGIC {
            return Err(BackupDamage {
                at: 0,
                what: "this is no backup of Grantbook, or of another version".to_owned(),
            });
        }
        Ok(FramesRead { from, hash: [0; 32], at: MAGIC.len() as u64 })
    }

    /// The next frame; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, BackupDamage> {
        let at = self.at;
        let damaged = |what: String| BackupDamage { at, what };
        let mut kind = [0];
        let read = self.from.read(&mut kind).map_err(|error| damaged(format!("it cannot be read: {error}")))?;
        if read == 0 {
            return Ok(None);
        }
        let cut = |error: io::Error| {
            let ended = error.kind() == io::ErrorKind::UnexpectedEof;
            damaged(if ended {
                "the file ends in the middle of a frame: it was cut".to_owned()
            } else {
                format!("it cannot be read: {error}")
            })
        };
        let [kind] = kind;
        let kind = Kind::of(kind).ok_or_else(|| damaged(format!("a frame begins with {kind}, which no frame does")))?;
        let mut length = [0; 4];
        self.from.read_exact(&mut length).map_err(cut)?;
        let length = u32::from_be_bytes(length);
        if length > MOST_BODY {
            return Err(damaged(format!("a frame of {length} bytes, and none is longer than {MOST_BODY}")));
        }
        let mut body = Vec::new();
        let got = self.from.by_ref().take(u64::from(length)).read_to_end(&mut body).map_err(cut)?;
        if got as u64 != u64::from(length) {
            return Err(cut(io::ErrorKind::UnexpectedEof.into()));
        }
        let mut told = [0; 32];
        self.from.read_exact(&mut told).map_err(cut)?;
        self.hash = hash(&self.hash, kind, &body);
        if told != self.hash {
            return Err(damaged("its hash differs: it was changed, or what is before it".to_owned()));
        }
        self.at += 37 + u64::from(length);
        Ok(Some(Frame { at, kind, body }))
    }

    /// The hash of the last frame, and where the file goes on.
    pub(super) fn reached(&self) -> ([u8; 32], u64) {
        (self.hash, self.at)
    }
}

/// Fields of a body, read one after the other.
pub(super) struct Body<'a> {
    rest: &'a [u8],
}

impl<'a> Body<'a> {
    pub(super) fn of(frame: &'a Frame) -> Body<'a> {
        Body { rest: &frame.body }
    }

    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(*self.bytes(4)?.first_chunk()?))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(*self.bytes(8)?.first_chunk()?))
    }

    /// A field with its length before it.
    pub(super) fn field(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        self.bytes(length)
    }

    pub(super) fn is_over(&self) -> bool {
        self.rest.is_empty()
    }
}

pub(super) fn put_field(to: &mut Vec<u8>, field: &[u8]) {
    to.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
    to.extend(field);
}
