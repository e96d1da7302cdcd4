//! The file of one stream's kept views: written in one go, read whole and looked at before anything of it is believed.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use grantbook_evidence::Tree;
use grantbook_journal::StreamName;
use grantbook_projections::Views;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Folded, FoldedRef};
use crate::private::private_dir;

const MAGIC: &[u8; 8] = b"GBVIEWS1";

/// By what the views were made: the sources of the rooms that decode and fold (`build.rs`). Whatever changes there, the layout
/// of views or what an event means, makes older files those of another program.
const FOLD: &str = env!("GRANTBOOK_FOLD");

/// How much is written between two syncs: whoever commits meanwhile waits for that much at most.
const SYNC_EVERY: usize = 4 << 20;

/// bincode as it comes: what is read was written here, as its seal says.
const CONFIG: bincode::config::Configuration = bincode::config::standard();

/// Whose views they are, and by what they were made.
#[derive(Deserialize, Serialize)]
struct Header {
    fold: String,
    stream: String,
    position: u64,
    leaf: [u8; 32],
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotUsed {
    #[error("there is none")]
    Absent,
    #[error("the file cannot be read: {0}")]
    Unread(String),
    #[error("there is no key for it, or others than its owner could read the key")]
    NoKey,
    #[error("it is not as it was written")]
    Broken,
    #[error("it was written by a program that folds otherwise")]
    OtherProgram,
    #[error("it is that of `{0}`")]
    OtherStream(String),
    #[error("the journal has no such entry at position {0}: it is older, or another")]
    OtherJournal(grantbook_events::Position),
    #[error("{0}")]
    OtherHistory(String),
}

/// What files are sealed with.
pub(super) struct SealKey(Zeroizing<[u8; 32]>);

impl SealKey {
    /// A new one. Errors: there are no random numbers to be had.
    pub(super) fn draw() -> Result<SealKey, getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(SealKey(key))
    }

    pub(super) fn parse(text: &str) -> Option<SealKey> {
        blake3::Hash::from_hex(text.trim_end()).ok().map(|key| SealKey(Zeroizing::new(key.into())))
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}\n", blake3::Hash::from(*self.0).to_hex()))
    }

    fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(&self.0)
    }
}

/// Writes a file; durable, but for its name, when this returns.
pub(super) fn write(
    path: &Path,
    dir: &Path,
    stream: &StreamName,
    folded: FoldedRef<'_>,
    key: &SealKey,
) -> io::Result<()> {
    private_dir(dir)?;
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let mut sealed = BufWriter::with_capacity(1 << 16, Sealed { file, hasher: key.hasher(), unsynced: 0 });
    let FoldedRef { views, tree, leaf } = folded;
    let header =
        Header { fold: FOLD.to_owned(), stream: stream.as_str().to_owned(), position: folded.position().0, leaf };
    sealed.write_all(MAGIC)?;
    bincode::serde::encode_into_std_write((&header, tree, views), &mut sealed, CONFIG).map_err(io::Error::other)?;
    let mut sealed = sealed.into_inner().map_err(io::IntoInnerError::into_error)?;
    let seal = sealed.hasher.finalize();
    sealed.file.write_all(seal.as_bytes())?;
    sealed.file.sync_all()
}

/// A file and the hash of what was written to it.
struct Sealed {
    file: File,
    hasher: blake3::Hasher,
    unsynced: usize,
}

impl Write for Sealed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.unsynced += written;
        if self.unsynced >= SYNC_EVERY {
            self.unsynced = 0;
            self.file.sync_data()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Reads a file of `stream`. Errors: why it is not used.
pub(super) fn read(path: &Path, stream: &StreamName, key: Option<&SealKey>) -> Result<Folded, NotUsed> {
    let bytes = std::fs::read(path).map_err(|error| {
        let absent = error.kind() == io::ErrorKind::NotFound;
        if absent { NotUsed::Absent } else { NotUsed::Unread(error.to_string()) }
    })?;
    let (content, seal) = bytes.split_last_chunk::<32>().ok_or(NotUsed::Broken)?;
    // Compared in constant time.
    if key.ok_or(NotUsed::NoKey)?.hasher().update(content).finalize() != blake3::Hash::from(*seal) {
        return Err(NotUsed::Broken);
    }
    let content = content.strip_prefix(MAGIC).ok_or(NotUsed::Broken)?;
    let (header, length): (Header, usize) = decoded(content)?;
    if header.fold != FOLD {
        return Err(NotUsed::OtherProgram);
    }
    if header.stream != stream.as_str() {
        return Err(NotUsed::OtherStream(header.stream));
    }
    let ((tree, views), rest): ((Tree, Views), usize) = decoded(content.get(length..).unwrap_or_default())?;
    let folded = Folded { views, tree, leaf: header.leaf };
    let whole = length + rest == content.len()
        && folded.position().0 == header.position
        && folded.tree.size() == header.position;
    if whole { Ok(folded) } else { Err(NotUsed::Broken) }
}

fn decoded<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<(T, usize), NotUsed> {
    bincode::serde::decode_from_slice(bytes, CONFIG).map_err(|_| NotUsed::Broken)
}
