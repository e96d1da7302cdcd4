//! Views kept beside the journal, so that opening folds only what came since. A tenant has one file; what it holds is
//! derived, private to the program that wrote it, and can be thrown away at any time.
//!
//! ```text
//! views/key               the key that the files are sealed with, 32 bytes in hex, open to its owner alone
//! views/<stream>.views    "GBVIEWS1"; then, in bincode: Header, tree, views; then BLAKE3 of all before it, keyed (32)
//! ```
//!
//! Invariants:
//! - A file is read by nobody before its keyed hash was found right, and used only where it was written by a program that
//!   folds as this one does, and the journal holds the entry that it was kept at ([`Folded::leaf`]).
//! - What is not used is removed and said in the log; opening then folds every entry, as if nothing had been kept.
//! - Personal values in it are sealed as they are in the journal. When somebody is erased the file goes, before anybody is
//!   told so, and none that was begun before takes its place.

mod ahead;
mod file;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grantbook_events::Position;
use grantbook_evidence::{Hash, Tree, leaf_hash};
use grantbook_journal::{Store, StreamName};
use grantbook_projections::Views;
use parking_lot::Mutex;

use crate::checkpoint_folder::{Folder, remove, sync};
use crate::tenant::Tenant;
use ahead::Ahead;
pub(crate) use file::NotUsed;
use file::SealKey;

const KEY: &str = "key";

/// What a stream's entries mean up to a position: views, tree, and the hash of the last leaf.
pub struct Folded {
    /// The views.
    pub views: Views,
    /// The tree over the entries.
    pub tree: Tree,
    /// The hash of the last entry: what tells this history from every other.
    pub leaf: Hash,
}

impl Folded {
    /// The last entry that was folded.
    pub fn position(&self) -> Position {
        self.views.timeline.last()
    }
}

/// A promise that folding began after everything that was purged till then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FoldBegun(u64);

/// The kept views of all streams.
pub(crate) struct KeptViews {
    dir: Option<PathBuf>,
    /// How many entries must have come before views are kept anew.
    every: u64,
    streams: Mutex<HashMap<StreamName, Known>>,
    ahead: Ahead,
}

/// What is known of a stream's file.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// Up to where the file goes; 0 where there is none.
    kept: u64,
    /// From where the ledger's opening folded on.
    opened_from: u64,
    /// How many times it was purged.
    purged: u64,
    /// The live views were found wrong: nothing is kept of them any more.
    distrusted: bool,
}

impl KeptViews {
    /// Those of a data directory, or of nowhere. They are kept anew when `every` entries came, or an eighth of all.
    pub(crate) fn new(data: Option<&Path>, every: u64) -> KeptViews {
        KeptViews {
            dir: data.map(|data| data.join("views")),
            every,
            streams: Mutex::default(),
            ahead: Ahead::default(),
        }
    }

    /// Begins to read every file there is, while the journal is opened.
    pub(crate) fn read_ahead(self: &Arc<Self>) {
        let files = self.dir.iter().filter_map(|dir| std::fs::read_dir(dir).ok()).flatten().flatten();
        let streams = files.filter_map(|file| StreamName::new(file.file_name().to_str()?.strip_suffix(".views")?).ok());
        let kept = self.clone();
        self.ahead.begin(streams.collect(), move |stream| kept.read(stream));
    }

    /// What was read and is of no stream that is there is forgotten.
    pub(crate) fn opened(&self) {
        self.ahead.end();
    }

    /// The kept views of a stream; `None` where there are none, or none to be used: those are removed.
    pub(crate) fn load(&self, stream: &StreamName) -> Option<Folded> {
        let path = self.path(stream)?;
        // What was being written when the program ended.
        let _ = remove(&path.with_extension("new"));
        match self.ahead.take(stream, |stream| self.read(stream)) {
            Ok(folded) => {
                self.know(stream, |known| known.kept = folded.position().0);
                Some(folded)
            }
            Err(NotUsed::Absent) => None,
            Err(why) => {
                self.discard(stream, &why);
                None
            }
        }
    }

    fn read(&self, stream: &StreamName) -> Result<Folded, NotUsed> {
        let path = self.path(stream).ok_or(NotUsed::Absent)?;
        file::read(&path, stream, self.key()?.as_ref())
    }

    /// Removes what is not to be used, and says why. What cannot be removed is passed over by the next opening as well.
    pub(crate) fn discard(&self, stream: &StreamName, why: &NotUsed) {
        let stream_name = stream.as_str();
        if matches!(why, NotUsed::OtherProgram) {
            // As after every upgrade that touches how entries are read.
            tracing::info!(stream = stream_name, %why, "kept views are not used: every entry is folded");
        } else {
            tracing::warn!(stream = stream_name, %why, "kept views are not used: every entry is folded");
        }
        if let Err(error) = self.purge(stream) {
            tracing::warn!(stream = stream.as_str(), %error, "kept views that are not used could not be removed");
        }
    }

    /// Opening folded on from the entry at this position.
    pub(crate) fn opened_from(&self, stream: &StreamName, position: Position) {
        self.know(stream, |known| known.opened_from = position.0);
    }

    /// Where opening folded on from; the start where it folded every entry.
    pub(crate) fn was_opened_from(&self, stream: &StreamName) -> Position {
        Position(self.known(stream).opened_from)
    }

    /// To be asked for before what is to be kept is folded.
    pub(crate) fn begin(&self, stream: &StreamName) -> FoldBegun {
        FoldBegun(self.known(stream).purged)
    }

    /// Whether enough came since views were kept last.
    pub(crate) fn due(&self, stream: &StreamName, position: Position) -> bool {
        let Known { kept, distrusted, .. } = self.known(stream);
        self.dir.is_some() && !distrusted && position.0.saturating_sub(kept) >= self.every.max(kept / 8)
    }

    /// Keeps views. False where the stream was purged since their folding `begun`. Errors: they cannot be written, and what
    /// was kept before stays.
    pub(crate) fn keep(&self, stream: &StreamName, folded: FoldedRef<'_>, begun: FoldBegun) -> io::Result<bool> {
        let (Some(path), Some(dir)) = (self.path(stream), self.dir.as_deref()) else { return Ok(false) };
        let key = self.key_or_new()?;
        let new = path.with_extension("new");
        if let Err(error) = file::write(&new, dir, stream, folded, &key) {
            // On a full disk even a part of it is in the way.
            let _ = remove(&new);
            return Err(error);
        }
        let mut streams = self.streams.lock();
        let known = streams.entry(stream.clone()).or_default();
        if FoldBegun(known.purged) != begun || known.distrusted {
            drop(streams);
            return remove(&new).map(|()| false);
        }
        std::fs::rename(&new, &path)?;
        known.kept = folded.position().0;
        sync(dir)?;
        Ok(true)
    }

    /// Removes what is kept of a stream, and lets nothing take its place that was begun before. Errors: something of it may
    /// still be there.
    pub(crate) fn purge(&self, stream: &StreamName) -> io::Result<()> {
        let (Some(path), Some(dir)) = (self.path(stream), self.dir.as_deref()) else { return Ok(()) };
        let mut streams = self.streams.lock();
        let known = streams.entry(stream.clone()).or_default();
        (known.purged, known.kept) = (known.purged + 1, 0);
        if !dir.exists() {
            return Ok(());
        }
        remove(&path)?;
        remove(&path.with_extension("new"))?;
        sync(dir)
    }

    /// The live views are not what the entries mean: nothing is kept of them, and opening again folds every entry.
    pub(crate) fn distrust(&self, stream: &StreamName) {
        self.know(stream, |known| known.distrusted = true);
        if let Err(error) = self.purge(stream) {
            tracing::error!(stream = stream.as_str(), %error, "kept views could not be removed: remove `views/`");
        }
    }

    fn known(&self, stream: &StreamName) -> Known {
        self.streams.lock().get(stream).copied().unwrap_or_default()
    }

    fn know(&self, stream: &StreamName, change: impl FnOnce(&mut Known)) {
        change(self.streams.lock().entry(stream.clone()).or_default());
    }

    fn path(&self, stream: &StreamName) -> Option<PathBuf> {
        self.dir.as_ref().map(|dir| dir.join(format!("{}.views", stream.as_str())))
    }

    /// The key; `None` where there is none, or others could have read it.
    fn key(&self) -> Result<Option<SealKey>, NotUsed> {
        let folder = Folder(self.dir.clone());
        let text = folder.read(KEY).map_err(|error| NotUsed::Unread(error.to_string()))?;
        Ok(text.filter(|_| !folder.is_open_to_others(KEY)).and_then(|text| SealKey::parse(&text)))
    }

    fn key_or_new(&self) -> io::Result<SealKey> {
        if let Ok(Some(key)) = self.key() {
            return Ok(key);
        }
        let key = SealKey::draw().map_err(io::Error::other)?;
        Folder(self.dir.clone()).write(KEY, &key.text())?;
        Ok(key)
    }
}

/// What is to be kept, where it lies.
#[derive(Clone, Copy)]
pub(crate) struct FoldedRef<'a> {
    pub(crate) views: &'a Views,
    pub(crate) tree: &'a Tree,
    pub(crate) leaf: Hash,
}

impl FoldedRef<'_> {
    fn position(&self) -> Position {
        self.views.timeline.last()
    }
}

impl Folded {
    pub(crate) fn as_ref(&self) -> FoldedRef<'_> {
        FoldedRef { views: &self.views, tree: &self.tree, leaf: self.leaf }
    }
}

/// At a clean close, when nothing more is written: keeps a tenant's live views where that is due. What goes wrong costs the
/// next opening some time, and nothing else.
pub(crate) fn keep_live(kept_views: &KeptViews, store: &Store, tenant: &Tenant) {
    let (views, tree, stream) = (tenant.views.read(), tenant.tree.lock(), &tenant.stream);
    let last = views.timeline.last();
    // Views may run ahead of what could be stored.
    if tenant.durable() != last || tree.size() != last.0 || !kept_views.due(stream, last) {
        return;
    }
    let Some(Ok((_, bytes))) = store.read(stream, last.0).next() else { return };
    let folded = FoldedRef { views: &views, tree: &tree, leaf: leaf_hash(&bytes) };
    if let Err(error) = kept_views.keep(stream, folded, kept_views.begin(stream)) {
        tracing::warn!(stream = stream.as_str(), %error, "views were not kept: the next start folds every entry");
    }
}
