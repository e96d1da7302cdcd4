//! What lies behind the place where a segment breaks off. A crash leaves nothing whole there: sound frames behind it mean
//! that it was damaged.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::segment::{Frame, LINK_BYTES, Link, body, link};
use crate::contain::{Doing, StorageTrouble};
use crate::name::StreamName;

/// The most that is searched, in bytes: more than a segment has, and so than a crash leaves.
const MOST_SEARCHED: u64 = 256 * 1024 * 1024;
/// How many times as many bytes as are searched may be hashed for it. What was ever written takes less than three.
const MOST_HASHED: usize = 4;

/// The newest entry of each stream, with its position.
pub(crate) type Newest = BTreeMap<StreamName, (u64, Vec<u8>)>;

/// More lies there than is searched, or more looks like frames than ever was written. A crash leaves neither.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMuch;

/// Looks for sound frames behind `broken`, where those that a segment begins with end: the newest entries of all that there
/// are, none where it is torn as a crash leaves it.
pub(crate) fn behind(path: &Path, broken: u64) -> Result<Result<Newest, TooMuch>, StorageTrouble> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(broken.saturating_sub(LINK_BYTES as u64)))?;
        file.take(MOST_SEARCHED + 1).read_to_end(&mut bytes)
    });
    let many = read.doing(|| format!("reading `{}`", path.display()))?;
    Ok(if many as u64 > MOST_SEARCHED { Err(TooMuch) } else { search(&bytes) })
}

/// Searches bytes that begin with the hash of the last frame that is sound.
fn search(bytes: &[u8]) -> Result<Newest, TooMuch> {
    let mut search = Search { bytes, may_hash: bytes.len().saturating_mul(MOST_HASHED), newest: Newest::new() };
    // Where its hash is what was changed of a frame, the next goes on from the one it had.
    if let (Some(before), Some(body)) = (bytes.first_chunk(), body(bytes, LINK_BYTES)) {
        search.sound(LINK_BYTES + 4 + body.len() + LINK_BYTES, &link(before, body))?;
    }
    let mut at = LINK_BYTES + 1;
    while let Some(before) = bytes.get(at - LINK_BYTES..).and_then(|rest| rest.first_chunk()) {
        at = search.sound(at, before)?.unwrap_or(at + 1);
    }
    Ok(search.newest)
}

struct Search<'a> {
    bytes: &'a [u8],
    /// How many more bytes.
    may_hash: usize,
    newest: Newest,
}

impl Search<'_> {
    /// Takes note of the frame at `at` that goes on from `before`, and says where it ends; `None` if there is none.
    ///
    /// Every offset is asked, so what costs little is asked first: hardly one in a thousand begins with a length that a frame
    /// can have here, and of these hardly any with a name, a count, and entries that fill the body.
    fn sound(&mut self, at: usize, before: &Link) -> Result<Option<usize>, TooMuch> {
        let Some(body) = body(self.bytes, at) else { return Ok(None) };
        let Some(mut frame) = Frame::decode(body) else { return Ok(None) };
        self.may_hash = self.may_hash.checked_sub(body.len()).ok_or(TooMuch)?;
        let end = at + 4 + body.len() + LINK_BYTES;
        if self.bytes.get(end - LINK_BYTES..end) != Some(&link(before, body)) {
            return Ok(None);
        }
        let last = frame.last();
        if let Some(entry) = frame.entries.pop() {
            self.newest.insert(frame.stream, (last, entry));
        }
        Ok(Some(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of one entry.
    fn frame(entry: Vec<u8>) -> Frame {
        Frame { stream: StreamName::new("a").unwrap(), first: 7, entries: vec![entry] }
    }

    #[test]
    fn sound_frames_are_found_wherever_they_begin() {
        for between in 1..300 {
            let mut bytes = vec![between as u8; LINK_BYTES + between];
            let mut before = *bytes.last_chunk().unwrap();
            for entry in ["one", "two"] {
                let (encoded, link) = frame(entry.into()).encode(&before);
                bytes.extend(encoded);
                before = link;
            }
            let newest = search(&bytes).unwrap();
            assert_eq!(newest, [(StreamName::new("a").unwrap(), (7, b"two".to_vec()))].into(), "{between}");
        }
    }

    #[test]
    fn what_was_never_written_is_not_hashed_without_end() {
        // Frames within each other, none of them sound: each has all the others as its entry.
        let mut bytes = Vec::new();
        for _ in 0..20 {
            bytes = frame(bytes).encode(&[0; LINK_BYTES]).0;
        }
        bytes.splice(..0, [1; LINK_BYTES + 1]);
        assert_eq!(search(&bytes), Err(TooMuch));
    }

    #[test]
    fn zeros_and_bytes_by_chance_are_searched_at_once() {
        let mut state = 1_u64;
        let by_chance: Vec<u8> = (0..1 << 20)
            .map(|_| {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        assert_eq!(search(&by_chance), Ok(Newest::new()));
        assert_eq!(search(&vec![0; 1 << 20]), Ok(Newest::new()));
    }
}
