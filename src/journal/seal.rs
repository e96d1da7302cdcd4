//! The seal: what every file of a cleanly closed store was, so that a changed one is never given to sled.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use blake3::hazmat::{ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};

use crate::contain::{Doing, StorageTrouble};
use crate::layout::{Layout, files_under};
use crate::open_error::{OpenError, SealMismatch};
use crate::record::hex;

const TITLE: &str = "grantbook-seal 1";
/// How finely a seal can say where a file differs. A power of two, and of BLAKE3's chunks.
const BLOCK_BYTES: usize = 64 * 1024;

/// Lengths and hashes of all files of a store, by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seal {
    files: BTreeMap<String, SealedFile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SealedFile {
    length: u64,
    /// As `b3sum` prints it.
    hash: String,
    /// The hash-tree node of each block, of files above one block.
    blocks: Vec<String>,
}

impl Seal {
    /// Reads and hashes the files of a store as they are: the head and everything of sled's.
    pub fn of(dir: &Path) -> Result<Seal, StorageTrouble> {
        let layout = Layout::new(dir);
        let mut paths = if layout.sled.is_dir() { files_under(dir, &layout.sled)? } else { Vec::new() };
        if layout.head.exists() {
            paths.push("head".into());
        }
        let mut files = BTreeMap::new();
        for path in paths {
            let sealed = SealedFile::of(&dir.join(&path)).doing(|| format!("reading `{path}`"))?;
            files.insert(path, sealed);
        }
        Ok(Seal { files })
    }

    /// Compares with the files as they are now. What differs first is said first.
    pub fn check(&self, dir: &Path) -> Result<(), OpenError> {
        let found = Seal::of(dir)?;
        let mut mismatches = Vec::new();
        for (path, sealed) in &self.files {
            match found.files.get(path) {
                None => mismatches.push(SealMismatch::Missing { file: path.clone(), length: sealed.length }),
                Some(file) => mismatches.extend(sealed.compare(path, file)),
            }
        }
        for path in found.files.keys().filter(|path| !self.files.contains_key(*path)) {
            mismatches.push(SealMismatch::Unexpected { file: path.clone() });
        }
        if mismatches.is_empty() { Ok(()) } else { Err(OpenError::SealDiffers { mismatches }) }
    }

    /// The number of files, and of their bytes.
    pub(crate) fn extent(&self) -> (usize, u64) {
        (self.files.len(), self.files.values().map(|file| file.length).sum())
    }

    pub(crate) fn encode(&self) -> String {
        let mut text = format!("{TITLE}\n");
        for (path, file) in &self.files {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "file {path} {} {}", file.length, file.hash);
            for block in &file.blocks {
                let _ = writeln!(text, "block {block}");
            }
        }
        let end = blake3::hash(text.as_bytes()).to_hex();
        let _ = writeln!(text, "end {end}");
        text
    }

    /// Reads a seal file. `None` if there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Seal>, OpenError> {
        match std::fs::read(path) {
            Ok(bytes) => Seal::parse(&bytes).map(Some),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StorageTrouble::new(format!("reading `{}`", path.display()), e).into()),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Seal, OpenError> {
        let damaged = |line: usize, expected: &str| OpenError::SealDamaged { line, expected: expected.into() };
        let text = std::str::from_utf8(bytes).map_err(|_| damaged(0, "text"))?;
        let (body, end) = text.rsplit_once("end ").ok_or_else(|| damaged(0, "a last line beginning with `end`"))?;
        if end != format!("{}\n", blake3::hash(body.as_bytes()).to_hex()) {
            return Err(damaged(body.lines().count() + 1, "the hash of the lines above"));
        }
        let mut files = BTreeMap::new();
        let mut current: Option<(String, SealedFile)> = None;
        for (number, line) in (1..).zip(body.lines()) {
            if number == 1 {
                if line != TITLE {
                    return Err(damaged(number, TITLE));
                }
            } else if let Some(block) = line.strip_prefix("block ") {
                let (_, file) = current.as_mut().ok_or_else(|| damaged(number, "a file before its blocks"))?;
                file.blocks.push(block.into());
            } else {
                files.extend(current.take());
                current = Some(file_line(line).ok_or_else(|| damaged(number, "file <path> <length> <hash>"))?);
            }
        }
        files.extend(current);
        Ok(Seal { files })
    }
}

fn file_line(line: &str) -> Option<(String, SealedFile)> {
    // The path comes first and could hold a space; the other two cannot.
    let (rest, hash) = line.strip_prefix("file ")?.rsplit_once(' ')?;
    let (path, length) = rest.rsplit_once(' ')?;
    Some((path.into(), SealedFile { length: length.parse().ok()?, hash: hash.into(), blocks: Vec::new() }))
}

impl SealedFile {
    /// Hashes a file in one reading: its blocks are subtrees of BLAKE3's tree, from which the file's hash is merged.
    fn of(path: &Path) -> io::Result<SealedFile> {
        let mut file = File::open(path)?;
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        let mut nodes: Vec<ChainingValue> = Vec::new();
        let mut length: u64 = 0;
        let hash = loop {
            block.clear();
            let read = Read::by_ref(&mut file).take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
            if length == 0 && read < BLOCK_BYTES {
                length = read as u64;
                break blake3::hash(&block);
            }
            if read == 0 {
                break match nodes.split_last() {
                    Some((_, [])) => one_block(path)?,
                    _ => merge_root(&nodes),
                };
            }
            nodes.push(blake3::Hasher::new().set_input_offset(length).update(&block).finalize_non_root());
            length += read as u64;
        };
        let blocks = if nodes.len() > 1 { nodes.iter().map(|node| hex(node)).collect() } else { Vec::new() };
        Ok(SealedFile { length, hash: hash.to_hex().to_string(), blocks })
    }

    fn compare(&self, path: &str, found: &SealedFile) -> Option<SealMismatch> {
        if self == found {
            return None;
        }
        let file = path.to_owned();
        let block_count = self.blocks.len().max(1);
        let differing = self.blocks.iter().zip(&found.blocks).filter(|(a, b)| a != b).count();
        let first = self.blocks.iter().zip(&found.blocks).position(|(a, b)| a != b);
        let from = match first {
            Some(block) => (block as u64) * BLOCK_BYTES as u64,
            // All blocks that both have are equal, or there is but one.
            None if self.length != found.length => {
                (self.blocks.len().min(found.blocks.len()) as u64 * BLOCK_BYTES as u64).min(found.length)
            }
            None => 0,
        };
        if self.length != found.length {
            return Some(SealMismatch::Length { file, expected: self.length, found: found.length, differs_from: from });
        }
        let to = (from + BLOCK_BYTES as u64).min(self.length);
        Some(SealMismatch::Bytes { file, from, to, blocks: differing.max(1), of: block_count })
    }
}

/// The hash of a file of exactly one block, whose node is the root and so is hashed as such.
fn one_block(path: &Path) -> io::Result<blake3::Hash> {
    std::fs::read(path).map(|bytes| blake3::hash(&bytes))
}

fn merge_root(nodes: &[ChainingValue]) -> blake3::Hash {
    let (left, right) = halves(nodes);
    merge_subtrees_root(&merge(left), &merge(right), Mode::Hash)
}

fn merge(nodes: &[ChainingValue]) -> ChainingValue {
    match nodes {
        [] => ChainingValue::default(),
        [node] => *node,
        _ => {
            let (left, right) = halves(nodes);
            merge_subtrees_non_root(&merge(left), &merge(right), Mode::Hash)
        }
    }
}

/// BLAKE3's tree is left-full: the left half is the largest power of two below the whole.
fn halves(nodes: &[ChainingValue]) -> (&[ChainingValue], &[ChainingValue]) {
    nodes.split_at(nodes.len().next_power_of_two() / 2)
}
