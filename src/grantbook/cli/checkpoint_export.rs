//! `grantbook checkpoint export`: the tree as static files, which any web server can serve.

use std::io::Write;
use std::path::Path;

use grantbook_ledger::{TilePath, read_checkpoint};
use indicatif::ProgressBar;
use serde_json::Value;

use super::checkpoint::text;
use super::desk::Desk;
use super::output::Output;
use super::trouble::Trouble;

/// Writes `checkpoint` and `tile/...` under `dir`, the checkpoint last, so that it never promises what is not there.
pub(crate) async fn export(desk: &Desk, dir: &Path, hashes_only: bool, output: &mut Output) -> Result<(), Trouble> {
    let answer = desk.ask(&["checkpoint"], |request| request.query("format", "json")).await?;
    let size = answer.get("size").and_then(Value::as_u64).unwrap_or_default();
    goes_on_from(desk, dir, size).await?;
    let mut told = Told::default();
    let paths: Vec<TilePath> = TilePath::all(size).filter(|path| path.level.is_some() || !hashes_only).collect();
    let bar = if output.shows_progress() { ProgressBar::new(paths.len() as u64) } else { ProgressBar::hidden() };
    for path in paths {
        bar.inc(1);
        let name = format!("tile/{path}");
        let file = dir.join(&name);
        // What is in a tile at some width never changes.
        if file.exists() {
            told.there += 1;
            continue;
        }
        let parts: Vec<&str> = name.split('/').collect();
        let answer = desk.client.bytes(desk.question(&parts).await?).await?;
        match answer.status {
            200 => put(&file, &answer.bytes)?,
            503 => {
                output.note(format_args!("left out {name}: {}", desk.refused(&answer.json()?)));
                told.left_out += 1;
                continue;
            }
            _ => return Err(desk.refused(&answer.json()?)),
        }
        told.written += 1;
    }
    bar.finish_and_clear();
    put(&dir.join("checkpoint"), text(&answer, "checkpoint").as_bytes())?;
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

/// Whether the book goes on from what was exported there before. Errors: it does not, and nothing is written.
async fn goes_on_from(desk: &Desk, dir: &Path, size: u64) -> Result<(), Trouble> {
    let Ok(note) = std::fs::read(dir.join("checkpoint")) else { return Ok(()) };
    let other = |why: String| {
        Trouble::Refused(format!("`{}` has a checkpoint that this book does not go on from: {why}", dir.display()))
    };
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

/// Writes a file whole or not at all.
fn put(file: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let unwritten =
        |error: std::io::Error| Trouble::Storage(format!("`{}` cannot be written: {error}", file.display()));
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder).map_err(unwritten)?;
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    let mut new = std::fs::File::create(&name).map_err(unwritten)?;
    new.write_all(bytes).map_err(unwritten)?;
    std::fs::rename(&name, file).map_err(unwritten)
}
