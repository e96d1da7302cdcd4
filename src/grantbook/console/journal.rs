//! The journal: entries by filters, newest first, each told in sentences.

use grantbook_events::{AccountId, Actor, Event, Position};
use grantbook_inquiries::{Shown, sentence};
use serde_json::Value;

use super::json;
use super::page::{Page, Told, refusal};
use super::parts::{Body, Cell, Filter, FilterField, Link, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

/// How many entries one page has.
const PAGE: &str = "50";

/// The filters, as the API calls them.
const FILTERS: [(&str, &str, &str); 5] = [
    ("actor", "Who acted", "an id, @username, an operator, system"),
    ("subject", "On whom", "an id or @username"),
    ("type", "What", "admin_added, role_assigned"),
    ("from", "From", "2026-03-01 or a position"),
    ("to", "To", "2026-03-31 or a position"),
];

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    let given: Vec<(&str, String)> = FILTERS
        .iter()
        .map(|(name, _, _)| (*name, visitor.param(name).trim().to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, bound(name, value)))
        .collect();
    let mut query: Vec<(&str, &str)> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let filters = query.clone();
    query.extend([("order", "desc"), ("limit", PAGE)]);
    let after = visitor.param("after").to_owned();
    if !after.is_empty() {
        query.push(("after", &after));
    }
    let lead = if visitor.reader.reads_all() {
        "Every entry of the tenant, newest first. Nothing here is ever changed or removed."
    } else {
        "The entries that name you, newest first; of other people's entries only what concerns you (rule U2)."
    };
    let page = visitor.page("Journal").lead(lead);
    let section = Section::new("Entries").with(filter(&visitor));
    let answer = match visitor.try_ask("events", &query).await {
        Ok(answer) => answer,
        // What was mistyped stays there, to be mended.
        Err(trouble) if !filters.is_empty() && matches!(trouble.status, 404 | 422) => {
            return Ok(page.note(refusal(&trouble)).section(section).status(trouble.status));
        }
        Err(trouble) => return Err(visitor.told(trouble)),
    };
    let table = table(&visitor, json::list(&answer, "entries")).await;
    let next = json::number(&answer, "next").map(|next| {
        let next = next.to_string();
        let query: Vec<(&str, &str)> = filters.iter().copied().chain([("after", next.as_str())]).collect();
        Link::new(visitor.to("journal", &query), "Earlier entries")
    });
    let section = section.with(table.into()).more(next);
    let export = |format: &str| {
        let query: Vec<(&str, &str)> = filters.iter().copied().chain([("format", format)]).collect();
        visitor.data("events", &query)
    };
    let (lines, list) = (export("ndjson"), export("json"));
    Ok(page.section(section).export(lines, "JSON lines").export(list, "JSON"))
}

/// A day as a bound reaches from its beginning or to its end.
pub(crate) fn bound(name: &str, value: String) -> String {
    match (name, super::when::read(&value)) {
        ("from", Ok(Some(point))) if value.len() == 10 => point.replace("T23:59:59.999999Z", "T00:00:00Z"),
        ("from" | "to", Ok(Some(point))) => point,
        _ => value, // any other is for the API to judge
    }
}

fn filter(visitor: &Visitor) -> Body {
    let field = |(name, label, hint): &(&str, &str, &str)| FilterField::new(name, label, visitor.param(name), hint);
    Body::Filter(Filter {
        to: visitor.to("journal", &[]).split('?').next().unwrap_or_default().to_owned(),
        kept: visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone())).collect(),
        fields: FILTERS.iter().map(field).collect(),
        button: "Show".to_owned(),
    })
}

/// Entries of the API's answer as a table.
pub(crate) async fn table(visitor: &Visitor, entries: &[Value]) -> Table {
    let positions: Vec<Position> =
        entries.iter().filter_map(|entry| json::number(entry, "position")).map(Position).collect();
    let told = visitor.shown(|shown| positions.iter().map(|position| told(visitor, shown, *position)).collect());
    let told: Vec<Vec<String>> = told.await.unwrap_or_default();
    let rows = entries.iter().enumerate().map(|(index, entry)| {
        let lines = told.get(index).cloned().unwrap_or_default();
        let mut what: Vec<Cell> = lines.into_iter().map(Cell::Text).collect();
        what.extend(reasons(entry));
        let authorities = json::list(entry, "events").iter().filter_map(|event| json::number(event, "authority"));
        let mut authorities: Vec<u64> = authorities.collect();
        authorities.dedup();
        vec![
            show::position(visitor, json::number(entry, "position").unwrap_or_default()),
            Cell::Moment(json::text(entry, "at").to_owned()),
            actor(visitor, entry),
            Cell::Stack(what),
            Cell::Line(authorities.into_iter().map(|authority| show::position(visitor, authority)).collect()),
        ]
    });
    Table::new("Entries", &["entry", "when (UTC)", "who", "what", "authority"]).nothing("No such entry.").rows(rows)
}

/// An entry in sentences, with the names of then: those of its events that are for the visitor.
pub(crate) fn told(visitor: &Visitor, shown: &Shown<'_>, position: Position) -> Vec<String> {
    told_of(visitor, shown, position, None)
}

/// The same, of those events alone that concern an account, where some do.
pub(crate) fn told_of(
    visitor: &Visitor,
    shown: &Shown<'_>,
    position: Position,
    account: Option<&AccountId>,
) -> Vec<String> {
    let Some(entry) = shown.read(position) else { return Vec::new() };
    let then = Shown { as_of: shown.views.timeline.as_of(position), ..*shown };
    let own = match &entry.actor {
        Actor::Account { id, .. } => visitor.reader.account() == Some(id),
        Actor::System | Actor::Guest | Actor::Support { .. } => false,
    };
    let mut seen: Vec<&Event> = entry.events.iter().map(|recorded| &recorded.event).collect();
    seen.retain(|event| visitor.reader.sees(own, event));
    let concerned = |event: &&Event| account.is_some_and(|account| event.concerns(account));
    if seen.iter().any(concerned) {
        seen.retain(concerned);
    }
    seen.into_iter().map(|event| capitalised(sentence(&then, &entry.actor, event))).collect()
}

/// A sentence begins with a capital, where it does not begin with somebody's id.
fn capitalised(sentence: String) -> String {
    if sentence.starts_with("the ") || sentence.starts_with("a guest") || sentence.starts_with("support ") {
        return show::capital(&sentence);
    }
    sentence
}

/// The reasons that were given with the commands of an entry.
fn reasons(entry: &Value) -> Vec<Cell> {
    let single = json::maybe_text(entry, "reason");
    let of_list = json::list(entry, "commands").iter().filter_map(|command| json::maybe_text(command, "reason"));
    let ticket = json::maybe_text(entry, "ticket").map(|ticket| Cell::Soft(format!("ticket {ticket}")));
    single.into_iter().chain(of_list).map(|reason| Cell::Soft(format!("“{reason}”"))).chain(ticket).collect()
}

/// Who acted, by the name of then.
pub(crate) fn actor(visitor: &Visitor, entry: &Value) -> Cell {
    let actor = entry.get("actor").unwrap_or(&Value::Null);
    let who = match json::text(actor, "kind") {
        "account" => show::somebody(visitor, json::text(actor, "id"), json::maybe_text(actor, "name")),
        "support" => Cell::text(format!("support ({})", json::text(actor, "id"))),
        "system" => Cell::Soft("the ledger".to_owned()),
        _ => Cell::Soft("a guest".to_owned()), // any other is not signed in
    };
    if entry.get("import").is_none_or(Value::is_null) {
        return who;
    }
    Cell::Line(vec![who, Cell::mark(Tone::Past, "imported")])
}
