//! The head: how far each stream has come, outside the store. Layout in `docs/journal-format.md`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::contain::{Doing, StorageTrouble};
use crate::layout::replace_file;
use crate::name::StreamName;
use crate::open_error::OpenError;
use crate::record::{Fields, first_eight};

const MAGIC: [u8; 8] = *b"GBHEAD\x00\x01";
const BASE: u8 = 1;
const BATCH: u8 = 2;
/// Length and kind before a frame's body.
const FRAME_HEADER_BYTES: usize = 5;
const CHECKSUM_BYTES: usize = 8;
/// The least size of a head that is being written to.
const LEAST_BYTES: usize = 1024 * 1024;

/// How far a stream has come, as the head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeadState {
    /// The last position.
    pub last: u64,
    /// The ledger's tree root after it. `None` if the stream was found ahead of or short of the head.
    pub root: Option<[u8; 32]>,
}

/// Streams and how far they have come.
pub(crate) type Heads = BTreeMap<StreamName, HeadState>;

/// What the head says: every stream before the newest batch, and what the newest batch changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// The number of the newest batch.
    pub(crate) batch: u64,
    /// Every stream as of the batch before.
    pub(crate) before: Heads,
    /// The streams that the newest batch touched, after it. Empty where the newest batch is part of `before`.
    pub(crate) newest: Heads,
    /// Whether the file ended in a frame that was never completed.
    pub(crate) torn: bool,
}

impl Head {
    /// Every stream as of the newest batch.
    pub(crate) fn after(&self) -> Heads {
        let mut heads = self.before.clone();
        heads.extend(self.newest.iter().map(|(name, state)| (name.clone(), *state)));
        heads
    }

    fn push(&mut self, batch: u64, changes: Heads) {
        // One by one: `append` would rebuild the whole map.
        self.before.extend(std::mem::replace(&mut self.newest, changes));
        self.batch = batch;
    }

    /// Reads a head file. `None` if there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Head>, OpenError> {
        match std::fs::read(path) {
            Ok(bytes) => Head::parse(&bytes).map(Some),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StorageTrouble::new(format!("reading `{}`", path.display()), e).into()),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Head, OpenError> {
        let damaged = |at: usize, expected: &str| OpenError::HeadDamaged { at, expected: expected.into() };
        if !bytes.starts_with(&MAGIC) {
            return Err(damaged(0, "the magic of a head"));
        }
        let base = Frame::read(bytes, MAGIC.len()).filter(|frame| frame.kind == BASE);
        let base = base.ok_or_else(|| damaged(MAGIC.len(), "a base frame whose checksum fits"))?;
        let mut head = Head { batch: base.batch, before: base.heads, newest: Heads::new(), torn: false };
        let mut at = base.end;
        while let Some(frame) = Frame::read(bytes, at) {
            if frame.kind != BATCH || Some(frame.batch) != head.batch.checked_add(1) {
                return Err(damaged(at, "the frame of the next batch"));
            }
            head.push(frame.batch, frame.heads);
            at = frame.end;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        head.torn = rest.iter().any(|b| *b != 0);
        // A torn frame is the last thing written. A good one behind it means that the bytes here were good once.
        if head.torn && (at.saturating_add(1)..bytes.len()).any(|start| Frame::read(bytes, start).is_some()) {
            return Err(damaged(at, "a frame whose checksum fits, since more frames follow"));
        }
        Ok(head)
    }
}

struct Frame {
    kind: u8,
    batch: u64,
    heads: Heads,
    end: usize,
}

impl Frame {
    fn read(bytes: &[u8], at: usize) -> Option<Frame> {
        let mut fields = Fields(bytes.get(at..)?);
        let length = u32::from_be_bytes(*fields.take()?);
        let [kind] = *fields.take()?;
        if kind != BASE && kind != BATCH {
            return None;
        }
        let body = fields.take_slice(usize::try_from(length).ok()?)?;
        if *fields.take::<CHECKSUM_BYTES>()? != checksum(at, kind, body) {
            return None;
        }
        let (batch, heads) = read_body(body)?;
        Some(Frame { kind, batch, heads, end: at + FRAME_HEADER_BYTES + body.len() + CHECKSUM_BYTES })
    }

    fn write(out: &mut Vec<u8>, at: usize, kind: u8, batch: u64, heads: &Heads) {
        let mut body = Vec::with_capacity(12 + heads.len() * 64);
        body.extend_from_slice(&batch.to_be_bytes());
        body.extend_from_slice(&u32::try_from(heads.len()).unwrap_or(u32::MAX).to_be_bytes());
        for (name, state) in heads {
            body.push(u8::try_from(name.as_str().len()).unwrap_or(u8::MAX));
            body.extend_from_slice(name.as_str().as_bytes());
            body.extend_from_slice(&state.last.to_be_bytes());
            body.push(u8::from(state.root.is_some()));
            body.extend_from_slice(state.root.as_ref().map_or(&[][..], |root| root));
        }
        out.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.push(kind);
        out.extend_from_slice(&body);
        out.extend_from_slice(&checksum(at, kind, &body));
    }
}

fn read_body(body: &[u8]) -> Option<(u64, Heads)> {
    let mut fields = Fields(body);
    let batch = u64::from_be_bytes(*fields.take()?);
    let count = u32::from_be_bytes(*fields.take()?);
    let mut heads = Heads::new();
    for _ in 0..count {
        let [length] = *fields.take()?;
        let name = StreamName::from_bytes(fields.take_slice(usize::from(length))?)?;
        let last = u64::from_be_bytes(*fields.take()?);
        let root = match *fields.take()? {
            [0] => None,
            [1] => Some(*fields.take()?),
            [_] => return None,
        };
        heads.insert(name, HeadState { last, root });
    }
    fields.0.is_empty().then_some((batch, heads))
}

fn checksum(at: usize, kind: u8, body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&u64::try_from(at).unwrap_or(u64::MAX).to_be_bytes());
    hasher.update(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    hasher.update(&[kind]);
    hasher.update(body);
    first_eight(&hasher)
}

/// The head file, open for writing.
#[derive(Debug)]
pub(crate) struct HeadFile {
    path: PathBuf,
    file: File,
    /// Where the next frame begins.
    at: usize,
    /// Where the zeros end.
    size: usize,
    head: Head,
}

impl HeadFile {
    /// Writes a head file anew, with zeros behind to be filled by later batches.
    pub(crate) fn create(path: &Path, head: Head) -> Result<HeadFile, StorageTrouble> {
        let mut content = encode(&head);
        let at = content.len();
        let size = LEAST_BYTES.max(at.saturating_mul(4));
        content.resize(size, 0);
        let mut file = replace_file(path, &content)?;
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(u64::try_from(at).unwrap_or(u64::MAX)))
            .doing(|| format!("seeking in `{}`", path.display()))?;
        Ok(HeadFile { path: path.to_owned(), file, at, size, head })
    }

    /// Adds a batch, durably. The cost is that of the streams it touched.
    pub(crate) fn append(&mut self, batch: u64, changes: Heads) -> Result<(), StorageTrouble> {
        let mut frame = Vec::new();
        Frame::write(&mut frame, self.at, BATCH, batch, &changes);
        self.head.push(batch, changes);
        if self.at + frame.len() > self.size {
            *self = HeadFile::create(&self.path, std::mem::take(&mut self.head))?;
            return Ok(());
        }
        let written = self.file.write_all(&frame).and_then(|()| self.file.sync_data());
        written.doing(|| format!("writing `{}`", self.path.display()))?;
        self.at += frame.len();
        Ok(())
    }

    /// Writes the file anew with nothing but the state of every stream, as it is sealed.
    pub(crate) fn close(self) -> Result<(), StorageTrouble> {
        let heads = self.head.after();
        replace_file(&self.path, &encode(&Head { batch: self.head.batch, before: heads, ..Head::default() })).map(drop)
    }
}

fn encode(head: &Head) -> Vec<u8> {
    let mut content = MAGIC.to_vec();
    let base = if head.newest.is_empty() { head.batch } else { head.batch.saturating_sub(1) };
    Frame::write(&mut content, MAGIC.len(), BASE, base, &head.before);
    if !head.newest.is_empty() {
        let at = content.len();
        Frame::write(&mut content, at, BATCH, head.batch, &head.newest);
    }
    content
}
