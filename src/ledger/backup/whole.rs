//! A backup read from its first byte to its last: every hash, every entry, every root.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use grantbook_evidence::{Frontier, Hash, leaf_hash};
use grantbook_journal::StreamName;
use serde_json::{Value, json};

use super::files::{self, Kept};
use super::format::{BackupDamage, Body, Frame, FramesRead, Kind};
use super::secrets;
use crate::vault::VaultWrite;

/// What a backup says that it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contents {
    /// When it was taken, as an RFC 3339 instant.
    pub taken_at: String,
    /// The program that took it.
    pub program: String,
    /// The streams: last position, and the root of the hash tree there.
    pub streams: Vec<(StreamName, u64, Hash)>,
}

/// What a backup was found to hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Whole {
    /// What it says that it holds; it does.
    pub contents: Contents,
    /// How many entries, of all streams.
    pub entries: u64,
    /// How many secrets.
    pub secrets: u64,
    /// How many files: keys that sign checkpoints, and what was signed.
    pub files: u64,
    /// The hash of its end: its name.
    pub digest: String,
}

/// What is read, piece by piece.
pub(super) enum Piece {
    /// Entries of a stream from a position on.
    Entries(StreamName, u64, Vec<Vec<u8>>),
    /// Secrets.
    Secrets(Vec<VaultWrite>),
    /// A file of the directory.
    File(Kept),
}

/// Reads a whole backup. Errors: the first thing that is wrong, and where.
pub fn check(file: &Path) -> Result<Whole, BackupDamage> {
    walk::<BackupDamage>(file, &mut |_| Ok(()))
}

/// Reads a whole backup and hands over what is in it. Errors: the first thing that is wrong, or what `take` says.
pub(super) fn walk<E: From<BackupDamage>>(
    file: &Path,
    take: &mut dyn FnMut(Piece) -> Result<(), E>,
) -> Result<Whole, E> {
    let opened =
        File::open(file).map_err(|error| BackupDamage { at: 0, what: format!("it cannot be opened: {error}") });
    let mut frames = FramesRead::begin(BufReader::new(opened?))?;
    let first = frames.next()?.filter(|frame| frame.kind == Kind::Contents);
    let first = first.ok_or_else(|| BackupDamage { at: 8, what: "it does not begin with its contents".to_owned() })?;
    let contents = contents(&first).ok_or_else(|| first.damaged("its contents cannot be read"))?;
    let mut reading = Reading::new(&contents);
    loop {
        let Some(frame) = frames.next()? else {
            let (_, at) = frames.reached();
            return Err(BackupDamage { at, what: "the file ends before the backup does: it was cut".to_owned() }.into());
        };
        match frame.kind {
            Kind::Contents => return Err(frame.damaged("contents in the middle").into()),
            Kind::Entries => {
                let (stream, from, entries) = reading.entries(&frame)?;
                take(Piece::Entries(stream, from, entries))?;
            }
            Kind::Secrets => {
                let read = secrets::read(&frame).ok_or_else(|| frame.damaged("secrets that cannot be read"))?;
                reading.secrets += read.len() as u64;
                take(Piece::Secrets(read))?;
            }
            Kind::File => {
                let file = files::read(&frame).ok_or_else(|| frame.damaged("a file that cannot be read"))?;
                reading.files += 1;
                take(Piece::File(file))?;
            }
            Kind::End => {
                reading.end(&frame)?;
                break;
            }
        }
    }
    let (digest, end) = frames.reached();
    if frames.next()?.is_some() {
        return Err(BackupDamage { at: end, what: "something follows the end".to_owned() }.into());
    }
    let Reading { read: entries, secrets, files, .. } = reading;
    Ok(Whole { contents, entries, secrets, files, digest: hex(&digest) })
}

/// How far the streams are read.
struct Reading<'a> {
    contents: &'a Contents,
    /// Which stream of the contents, the next position of it, and its tree so far.
    stream: usize,
    next: u64,
    tree: Frontier,
    read: u64,
    secrets: u64,
    files: u64,
}

impl<'a> Reading<'a> {
    fn new(contents: &'a Contents) -> Reading<'a> {
        Reading { contents, stream: 0, next: 1, tree: Frontier::default(), read: 0, secrets: 0, files: 0 }
    }

    fn entries(&mut self, frame: &Frame) -> Result<(StreamName, u64, Vec<Vec<u8>>), BackupDamage> {
        let Some((expected, last, root)) = self.contents.streams.get(self.stream) else {
            return Err(frame.damaged("entries of a stream that the contents do not name"));
        };
        let (name, from, entries) = run(frame).ok_or_else(|| frame.damaged("entries that cannot be read"))?;
        if name != expected.as_str() || from != self.next {
            let what = format!("entries of `{name}` from {from} on: expected `{expected}` from {} on", self.next);
            return Err(frame.damaged(what));
        }
        for (position, entry) in (from..).zip(&entries) {
            let decoded = grantbook_encoding::decode(entry);
            decoded.map_err(|wrong| frame.damaged(format!("the entry of `{name}` at position {position}: {wrong}")))?;
            self.tree.push(leaf_hash(entry));
        }
        self.next += entries.len() as u64;
        self.read += entries.len() as u64;
        if self.next > *last + 1 {
            return Err(frame.damaged(format!("`{name}` goes on beyond its last position {last}")));
        }
        if self.next == *last + 1 {
            if self.tree.root() != *root {
                return Err(frame.damaged(format!("the tree root of `{name}` is not the one that the contents say")));
            }
            (self.stream, self.next, self.tree) = (self.stream + 1, 1, Frontier::default());
        }
        Ok((expected.clone(), from, entries))
    }

    fn end(&self, frame: &Frame) -> Result<(), BackupDamage> {
        if let Some((name, last, _)) = self.contents.streams.get(self.stream) {
            return Err(frame.damaged(format!("`{name}` ends at {}, before its last position {last}", self.next - 1)));
        }
        let told: Option<Value> = serde_json::from_slice(&frame.body).ok();
        let expected = end(self.read, self.secrets, self.files);
        if told.as_ref() != Some(&expected) {
            return Err(frame.damaged(format!("the end says other numbers than were read: expected {expected}")));
        }
        Ok(())
    }
}

/// The end's body.
pub(super) fn end(entries: u64, secrets: u64, files: u64) -> Value {
    json!({"entries": entries, "secrets": secrets, "files": files})
}

fn run(frame: &Frame) -> Option<(String, u64, Vec<Vec<u8>>)> {
    let mut body = Body::of(frame);
    let length = usize::from(body.u8()?);
    let name = std::str::from_utf8(body.bytes(length)?).ok()?.to_owned();
    let (first, count) = (body.u64()?, body.u32()?);
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(body.field()?.to_vec());
    }
    (body.is_over() && !entries.is_empty()).then_some((name, first, entries))
}

impl Contents {
    pub(super) fn to_json(&self) -> Value {
        let row = |(stream, last, root): &(StreamName, u64, Hash)| json!({"stream": stream.as_str(), "last": last, "root": hex(root)});
        let streams: Value = self.streams.iter().map(row).collect();
        json!({"taken_at": self.taken_at, "program": self.program, "streams": streams})
    }
}

fn contents(frame: &Frame) -> Option<Contents> {
    let told: Value = serde_json::from_slice(&frame.body).ok()?;
    let text = |name: &str| Some(told.get(name)?.as_str()?.to_owned());
    let row = |row: &Value| {
        let last = row.get("last")?.as_u64().filter(|last| *last > 0)?;
        Some((StreamName::new(row.get("stream")?.as_str()?).ok()?, last, unhex(row.get("root")?.as_str()?)?))
    };
    let streams = told.get("streams")?.as_array()?.iter().map(row).collect::<Option<Vec<_>>>()?;
    Some(Contents { taken_at: text("taken_at")?, program: text("program")?, streams })
}

pub(super) fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Hash> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}
