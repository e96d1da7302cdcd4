//! `grantbook checkpoint export`: the tree as static files, which any web server can serve.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use grantbook_ledger::{Hash, TILE_WIDTH, TilePath, Tree, leaf_hash, read_checkpoint};
use indicatif::ProgressBar;
use serde_json::Value;

use super::checkpoint::text;
use super::desk::Desk;
use super::output::Output;
use super::trouble::Trouble;

/// Writes `checkpoint` and `tile/...` under `dir`, the checkpoint last, so that it never promises what is not there. A file that
/// is there is held against the tile above it, and written again where it differs: a full disk or a crash may have cut it.
pub(crate) async fn export(desk: &Desk, dir: &Path, hashes_only: bool, output: &mut Output) -> Result<(), Trouble> {
    let answer = desk.ask(&["checkpoint"], |request| request.query("format", "json")).await?;
    let size = answer.get("size").and_then(Value::as_u64).unwrap_or_default();
    let mut folder = Folder { dir, unsynced: BTreeSet::new() };
    goes_on_from(desk, &folder, size).await?;
    let all = TilePath::all(size).filter(|path| path.level.is_some() || !hashes_only).count() as u64;
    let bar = if output.shows_progress() { ProgressBar::new(all) } else { ProgressBar::hidden() };
    let mut told = Told::default();
    // Of a tile that is not full no other has the hash: one a level, which are asked for. Below them hangs all the rest.
    let newest = TilePath::all(size).filter(|path| path.level.is_some() && path.width < TILE_WIDTH);
    let mut waiting: Vec<Wanted> = newest.map(|path| Wanted { path, known: None }).collect();
    while let Some(wanted) = waiting.pop() {
        bar.inc(1);
        let name = format!("tile/{}", wanted.path);
        let there = folder.read(&name)?;
        let bytes = match there {
            Some(bytes) if wanted.is(&bytes) => {
                told.there += 1;
                bytes
            }
            there => {
                let parts: Vec<&str> = name.split('/').collect();
                let answer = desk.client.bytes(desk.question(&parts).await?).await?;
                match answer.status {
                    200 if there.as_ref() == Some(&answer.bytes) => told.there += 1,
                    200 => {
                        folder.put(&name, &answer.bytes)?;
                        told.written += 1;
                    }
                    503 => {
                        output.note(format_args!("left out {name}: {}", desk.refused(&answer.json()?)));
                        told.left_out += 1;
                        continue;
                    }
                    _ => return Err(desk.refused(&answer.json()?)),
                }
                answer.bytes
            }
        };
        waiting.extend(wanted.below(&bytes, hashes_only));
    }
    bar.finish_and_clear();
    folder.sync()?;
    folder.put("checkpoint", text(&answer, "checkpoint").as_bytes())?;
    folder.sync()?;
    let Told { written, there, left_out } = told;
    if output.json {
        let told = serde_json::json!({"size": size, "written": written, "there_already": there, "left_out": left_out});
        return output.json(&told);
    }
    let shown = dir.display();
    output.note(format_args!("{size} entries: {written} files written to `{shown}`, {there} were there already"));
    if left_out > 0 {
        return Err(Trouble::Refused(format!("{left_out} bundles of entries have no such form and were left out")));
    }
    Ok(())
}

#[derive(Default)]
struct Told {
    written: u64,
    there: u64,
    left_out: u64,
}

/// A tile or a bundle that the export is to have.
struct Wanted {
    path: TilePath,
    /// What is known of its content, where anything is.
    known: Option<Known>,
}

/// What is known of a content.
enum Known {
    /// The root over the hashes of a full tile.
    Root(Hash),
    /// The hashes of a bundle's entries.
    Leaves(Vec<Hash>),
}

impl Wanted {
    /// Whether these bytes are known to be it.
    fn is(&self, bytes: &[u8]) -> bool {
        match &self.known {
            None => false,
            Some(Known::Root(root)) => hashes(bytes).is_some_and(|found| root_of(&found) == *root),
            Some(Known::Leaves(leaves)) => bundled(bytes).is_some_and(|found| found == *leaves),
        }
    }

    /// What hangs below a tile with these bytes.
    fn below(&self, bytes: &[u8], hashes_only: bool) -> Vec<Wanted> {
        let (Some(level), Some(found)) = (self.path.level, hashes(bytes)) else { return Vec::new() };
        let Some(below) = level.checked_sub(1) else {
            let path = TilePath { level: None, ..self.path };
            let bundle = Wanted { path, known: Some(Known::Leaves(found)) };
            return if hashes_only { Vec::new() } else { vec![bundle] };
        };
        let path = |index| TilePath { level: Some(below), index, width: TILE_WIDTH };
        let full = (self.path.index.saturating_mul(TILE_WIDTH)..).zip(found);
        full.map(|(index, root)| Wanted { path: path(index), known: Some(Known::Root(root)) }).collect()
    }
}

fn root_of(hashes: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    hashes.iter().for_each(|hash| tree.push(*hash));
    tree.root()
}

/// The hashes side by side in a tile; `None` where these are none.
fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (whole, rest) = bytes.as_chunks();
    rest.is_empty().then(|| whole.to_vec())
}

/// The hashes of the entries in a bundle; `None` where it is none.
fn bundled(mut rest: &[u8]) -> Option<Vec<Hash>> {
    let mut found = Vec::new();
    while let Some((length, more)) = rest.split_first_chunk() {
        let (leaf, more) = more.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        found.push(leaf_hash(leaf));
        rest = more;
    }
    rest.is_empty().then_some(found)
}

/// Whether the book goes on from what was exported there before. Errors: it does not, or what is there cannot be read; nothing
/// is written.
async fn goes_on_from(desk: &Desk, folder: &Folder<'_>, size: u64) -> Result<(), Trouble> {
    let Some(note) = folder.read("checkpoint")? else { return Ok(()) };
    let shown = folder.dir.display();
    let other =
        |why: String| Trouble::Refused(format!("`{shown}` has a checkpoint that this book does not go on from: {why}"));
    let before = read_checkpoint(&note).map_err(|error| other(error.to_string()))?;
    if before.size > size {
        return Err(other(format!("it has {} entries, and the book {size}", before.size)));
    }
    let from = before.size.to_string();
    let proof = desk.ask(&["proof", "consistency"], |request| request.query("from", &from)).await?;
    if text(&proof, "from_root") == grantbook_ledger::base64(&before.root) {
        return Ok(());
    }
    Err(other(format!("the first {from} entries are others")))
}

/// Where the export goes.
struct Folder<'a> {
    dir: &'a Path,
    /// Folders with names that are not durable yet.
    unsynced: BTreeSet<PathBuf>,
}

impl Folder<'_> {
    /// A file; `None` where there is none. Errors: it cannot be read, which does not mean that it is not there.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let file = self.dir.join(name);
        match fs::read(&file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Trouble::Storage(format!("`{}` cannot be read: {error}", file.display()))),
        }
    }

    /// Writes a file whole or not at all. Its name is durable after [`Self::sync`].
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let file = self.dir.join(name);
        let beside = self.dir.join(format!("{name}.new"));
        let folder = file.parent().unwrap_or(self.dir);
        let write = || {
            fs::create_dir_all(folder)?;
            let mut new = File::create(&beside)?;
            new.write_all(bytes)?;
            new.sync_all()?;
            fs::rename(&beside, &file)
        };
        write().map_err(|error| Trouble::Storage(format!("`{}` cannot be written: {error}", file.display())))?;
        let here = folder.ancestors().take_while(|folder| folder.starts_with(self.dir));
        self.unsynced.extend(here.map(Path::to_owned));
        Ok(())
    }

    /// Makes the names of what was put durable.
    fn sync(&mut self) -> Result<(), Trouble> {
        for folder in std::mem::take(&mut self.unsynced) {
            let synced = File::open(&folder).and_then(|opened| opened.sync_all());
            synced.map_err(|error| Trouble::Storage(format!("`{}` cannot be synced: {error}", folder.display())))?;
        }
        Ok(())
    }
}
