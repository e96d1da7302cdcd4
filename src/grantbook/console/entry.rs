//! One entry: what happened, in sentences and as it is on the wire, and on whose authority.

use axum::extract::Path;
use grantbook_events::Position;
use serde_json::Value;

use super::journal;
use super::json;
use super::page::{Page, Told};
use super::parts::{Body, Cell, Note, Proof, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

pub(crate) async fn page(visitor: Visitor, Path((_, text)): Path<(String, String)>) -> Result<Page, Told> {
    let entry = visitor.ask(&format!("events/{}", super::ask::encoded(&text)), &[]).await?;
    let position = json::number(&entry, "position").unwrap_or_default();
    let told = visitor.shown(|shown| journal::told(&visitor, shown, Position(position))).await;
    let told = told.unwrap_or_default();
    let title = format!("Entry {position}");
    let page = visitor.page(title).lead(told.first().cloned().unwrap_or_default());
    let page = super::commands::recorded(&visitor).into_iter().fold(page, Page::note);
    let page = corrections(&entry).into_iter().fold(page, Page::note);
    let page = page.act(visitor.to_then("", &position.to_string()), "The tenant as of this entry");
    let page = match visitor.reader.reads_all() && position > 1 {
        true => page.act(visitor.to("what-if", &[("without", &position.to_string())]), "What if it had not happened"),
        false => page,
    };
    let page = match visitor.reader.reads_all() && !visitor.past() {
        true => {
            page.act(visitor.to_do("record_correction", &[("position", &position.to_string())]), "Say that it is wrong")
        }
        false => page,
    };
    let raw = serde_json::to_string_pretty(&entry).unwrap_or_default();
    let wire = Section::new("As it is on the wire")
        .lead("The public form: it never holds a secret. Personal values are shown as their key opens them.")
        .with(Body::Raw { text: raw, label: "The entry as JSON".to_owned() });
    let evidence = evidence(&visitor, position);
    let neighbours = neighbours(&visitor, position);
    Ok(page
        .beside(vec![facts(&visitor, &entry), events(&visitor, &entry, &told)])
        .section(evidence)
        .section(neighbours)
        .section(wire)
        .export(visitor.data(&format!("events/{position}"), &[]), "JSON"))
}

/// What was said against an entry later (rule: U5).
fn corrections(entry: &Value) -> Vec<Note> {
    let one = |correction: &Value| {
        let said = json::number(correction, "position").unwrap_or_default();
        let right = json::number(correction, "corrected_by").map(|right| format!(" Entry {right} set it right."));
        let line = format!("Entry {said} says so.{}", right.unwrap_or_default());
        Note::new(Tone::No, "This entry was said to be wrong", line)
    };
    json::list(entry, "corrections").iter().map(one).collect()
}

fn facts(visitor: &Visitor, entry: &Value) -> Section {
    let text = |name: &str| json::maybe_text(entry, name).map(|text| Cell::text(text.to_owned()));
    let moment = |name: &str| Cell::Moment(json::text(entry, name).to_owned());
    let mut facts = vec![
        ("when (UTC)".to_owned(), moment("at")),
        ("who".to_owned(), journal::actor(visitor, entry)),
        ("command".to_owned(), Cell::Code(json::text(entry, "command").to_owned())),
    ];
    if json::text(entry, "recorded_at") != json::text(entry, "at") {
        facts.push(("recorded (UTC)".to_owned(), moment("recorded_at")));
    }
    for (name, words) in [("reason", "reason"), ("ticket", "ticket")] {
        facts.extend(text(name).map(|cell| (words.to_owned(), cell)));
    }
    for command in json::list(entry, "commands") {
        let reason = json::maybe_text(command, "reason").map(|reason| Cell::Soft(format!("“{reason}”")));
        let name = Cell::Code(json::text(command, "name").to_owned());
        facts.push(("of the list".to_owned(), Cell::Line([Some(name), reason].into_iter().flatten().collect())));
    }
    if let Some(source) = entry.get("source").filter(|source| !source.is_null()) {
        let agent = Cell::Soft(json::text(source, "user_agent").to_owned());
        facts.push(("from".to_owned(), Cell::Line(vec![Cell::text(json::text(source, "ip")), agent])));
    }
    if let Some(import) = entry.get("import").filter(|import| !import.is_null()) {
        let words = format!(
            "line {} of {}, by {} on ticket {}",
            json::number(import, "line").unwrap_or_default(),
            json::text(import, "source"),
            json::text(import, "operator"),
            json::text(import, "ticket")
        );
        facts.push(("imported".to_owned(), Cell::mark(Tone::Past, words)));
    }
    facts.extend(json::number(entry, "cause").map(|cause| ("caused by".to_owned(), Cell::Number(cause))));
    facts.push(("command id".to_owned(), Cell::Code(json::text(entry, "command_id").to_owned())));
    Section::new("The entry").with(Body::Facts(facts))
}

fn events(visitor: &Visitor, entry: &Value, told: &[String]) -> Section {
    let rows = json::list(entry, "events").iter().enumerate().map(|(index, event)| {
        let authority = json::number(event, "authority").map(|authority| show::position(visitor, authority));
        let before = event.get("before").filter(|before| !before.is_null());
        let before =
            before.map(|before| Cell::Line(vec![Cell::Soft("before:".to_owned()), show::value(visitor, before)]));
        let words = Cell::text(told.get(index).cloned().unwrap_or_default());
        vec![
            Cell::Stack([Some(words), before].into_iter().flatten().collect()),
            Cell::Code(json::text(event, "type").to_owned()),
            authority.unwrap_or(Cell::Soft("none: the ledger, support or the start".to_owned())),
        ]
    });
    let lead = "All of these happened, or none. The authority is the entry that gave the right that was used.";
    let table = Table::new("Events of the entry", &["what happened", "type", "authority"]).rows(rows);
    Section::new("What happened").lead(lead).with(table.into())
}

/// The proof that the entry is in the tree that the checkpoint signs, for the browser to check.
fn evidence(visitor: &Visitor, position: u64) -> Section {
    let at = position.to_string();
    let section =
        Section::new("Its proof").lead("That the entry is in the book, unchanged, as the signed checkpoint says.");
    let links = vec![
        Cell::link(visitor.data_at("proof/inclusion", &[("position", &at)]), "the proof"),
        Cell::link(visitor.data_at("checkpoint", &[]), "the checkpoint"),
    ];
    let section = if visitor.reader.reads_all() {
        let words =
            "Your browser checks it by itself where scripts run; `grantbook proof` does the same on the command line.";
        let data = visitor.data_at("", &[]).trim_end_matches('/').to_owned();
        section.with(Body::Proof(Proof { data, position, words: words.to_owned() }))
    } else {
        section
    };
    section.with(Body::Facts(vec![("as data".to_owned(), Cell::Line(links))]))
}

fn neighbours(visitor: &Visitor, position: u64) -> Section {
    let last = visitor.seen.position.0;
    let mut links = Vec::new();
    if position > 1 {
        let before = position - 1;
        links.push(Cell::Act { to: visitor.to(&format!("journal/{before}"), &[]), text: format!("Entry {before}") });
    }
    if position < last {
        let after = position + 1;
        links.push(Cell::Act { to: visitor.to(&format!("journal/{after}"), &[]), text: format!("Entry {after}") });
    }
    Section::new("Before and after").with(Body::Facts(vec![("read on".to_owned(), Cell::Line(links))]))
}
