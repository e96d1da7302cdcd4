//! How the book is kept, as the overview tells it: what was signed of it, what was checked, its second copy.

use serde_json::Value;

use super::json;
use super::page::Told;
use super::parts::{Body, Cell, Link, Section, Tone};
use super::visitor::Visitor;

/// How much of a root is shown: enough to compare by eye with one that was kept.
const ROOT_LETTERS: usize = 12;

/// How the book is kept as things are now.
pub(crate) async fn section(visitor: &Visitor) -> Result<Section, Told> {
    let path = visitor.signed.api("integrity");
    let answer = visitor.signed.asker.get(&path, &[]).await.map_err(|trouble| visitor.told(trouble))?;
    let mut facts = vec![
        ("signed last".to_owned(), signed(visitor, &answer)),
        ("views".to_owned(), views(answer.get("views").unwrap_or(&Value::Null))),
        ("journal".to_owned(), journal(&answer)),
    ];
    facts.extend(
        answer.get("mirror").filter(|mirror| !mirror.is_null()).map(|found| ("mirror".to_owned(), mirror(found))),
    );
    // A proof is checked by the browser on the page of its entry.
    let newest = json::number(answer.get("as_of").unwrap_or(&Value::Null), "position").unwrap_or_default().to_string();
    let prove = Link::new(visitor.to(&format!("journal/{newest}"), &[]), "Check the proof of the newest entry");
    Ok(Section::new("Integrity")
        .lead("Nobody need take our word: `grantbook verify` reads every byte, and a checkpoint kept elsewhere shows what was changed since.")
        .act(Link::new(visitor.data_at("checkpoint", &[]), "Sign a checkpoint and keep it"))
        .with(Body::Facts(facts))
        .more(Some(prove)))
}

fn signed(visitor: &Visitor, answer: &Value) -> Cell {
    if let Some(why) = json::maybe_text(answer, "nothing_signed") {
        return Cell::Line(vec![Cell::mark(Tone::No, "nothing is signed any more"), Cell::text(why)]);
    }
    let Some(checkpoint) = answer.get("checkpoint").filter(|checkpoint| !checkpoint.is_null()) else {
        return Cell::Soft("nothing yet".to_owned());
    };
    let size = json::number(checkpoint, "size").unwrap_or_default();
    let root: String = json::text(checkpoint, "root").chars().take(ROOT_LETTERS).collect();
    let at = json::maybe_text(checkpoint, "signed_at");
    let at = at.map(|at| Cell::Line(vec![Cell::Soft("at".to_owned()), Cell::Moment(at.to_owned())]));
    let entries = Cell::link(visitor.to(&format!("journal/{size}"), &[]), format!("entries 1 to {size}"));
    let root = [Cell::Soft("root".to_owned()), Cell::Code(format!("{root}…"))];
    Cell::Line(std::iter::once(entries).chain(root).chain(at).collect())
}

fn views(found: &Value) -> Cell {
    let position = json::number(found, "position").unwrap_or_default();
    let when = Cell::Moment(json::text(found, "checked_at").to_owned());
    let (mark, words) = match json::text(found, "status") {
        "ok" => (Cell::mark(Tone::Yes, "checked"), format!("folded anew and compared up to entry {position},")),
        "drifted" => {
            let names: Vec<&str> = json::list(found, "drifted").iter().filter_map(Value::as_str).collect();
            let words = format!("{} are not what the entries mean: open the ledger again,", names.join(", "));
            (Cell::mark(Tone::No, "drifted"), words)
        }
        _ => return Cell::Soft("not checked since the start yet".to_owned()), // any other is before the first look
    };
    Cell::Line(vec![mark, Cell::text(words), when])
}

fn journal(answer: &Value) -> Cell {
    if answer.get("stored").and_then(Value::as_bool) == Some(false) {
        let words = "something could not be stored: the ledger must be opened again";
        return Cell::Line(vec![Cell::mark(Tone::No, "stopped"), Cell::text(words)]);
    }
    let (mark, words) = match json::text(answer, "seal") {
        "whole" => (Cell::mark(Tone::Yes, "sealed"), "when it was opened, every file was as it was left"),
        "broken" => {
            (Cell::mark(Tone::Past, "not sealed"), "it was not closed cleanly last; it was opened as after a crash")
        }
        "removed" => (Cell::mark(Tone::No, "seal removed"), "somebody removed its seal: find out who"),
        "new" => (Cell::mark(Tone::Plain, "new"), "it was made by the server that is at work"),
        _ => (Cell::mark(Tone::Past, "in memory"), "nothing of it outlives the server"), // any other has no files
    };
    Cell::Line(vec![mark, Cell::text(words)])
}

fn mirror(found: &Value) -> Cell {
    let behind = json::number(found, "behind").unwrap_or_default();
    let words = match behind {
        0 => "it has every entry".to_owned(),
        1 => "it lacks 1 entry".to_owned(),
        behind => format!("it lacks {behind} entries"), // any other number
    };
    let mark = match (json::yes(found, "stuck"), behind) {
        (true, _) => Cell::mark(Tone::No, "stuck"),
        (false, 0) => Cell::mark(Tone::Yes, "whole"),
        (false, _) => Cell::mark(Tone::Past, "behind"),
    };
    Cell::Line(vec![mark, Cell::text(words)])
}
