//! What answers hold, as cells: people, causes, instants, yes and no. And any answer at all, so that a view that is added
//! has a page at once.

use serde_json::{Map, Value};

use super::json;
use super::parts::{Body, Cell, Section, Table, Tone};
use super::visitor::Visitor;

/// The most rows that a table of a whole view shows; the page's data has them all.
const MOST_ROWS: usize = 200;

/// Somebody named by `account` and, where it is known, `name`.
pub(crate) fn person(visitor: &Visitor, row: &Value) -> Cell {
    somebody(visitor, json::text(row, "account"), json::maybe_text(row, "name"))
}

/// An account, by its page where the visitor may open that.
pub(crate) fn somebody(visitor: &Visitor, id: &str, name: Option<&str>) -> Cell {
    if id.is_empty() {
        return Cell::Soft("nobody".to_owned());
    }
    let open = visitor.reader.reads_all() || visitor.own == id;
    let to = open.then(|| visitor.to(&format!("people/{id}"), &[]));
    Cell::Person { to, name: name.unwrap_or(id).to_owned(), id: id.to_owned() }
}

/// Who brought something about: `by`, else support, else the ledger itself; imported where it was (rule: U6).
pub(crate) fn by(visitor: &Visitor, row: &Value) -> Cell {
    let who = match (json::maybe_text(row, "by"), json::maybe_text(row, "by_support")) {
        (Some(id), _) => somebody(visitor, id, None),
        (None, Some(operator)) => Cell::text(format!("support ({operator})")),
        (None, None) => Cell::Soft("the ledger".to_owned()),
    };
    match row.get("import").filter(|import| !import.is_null()) {
        Some(import) => {
            let ticket = json::text(import, "ticket");
            Cell::Line(vec![who, Cell::mark(Tone::Past, format!("imported, {ticket}"))])
        }
        None => who,
    }
}

/// An entry by its position.
pub(crate) fn position(visitor: &Visitor, position: u64) -> Cell {
    Cell::link(visitor.to(&format!("journal/{position}"), &[]), format!("#{position}"))
}

/// What brought a state about: an entry, or the clock.
pub(crate) fn cause(visitor: &Visitor, cause: &Value) -> Cell {
    match (json::number(cause, "position"), json::maybe_text(cause, "clock")) {
        (Some(at), _) => position(visitor, at),
        (None, Some(moment)) => Cell::Line(vec![Cell::Soft("the clock,".to_owned()), Cell::Moment(moment.to_owned())]),
        (None, None) => Cell::Nothing,
    }
}

/// The end of a grant.
pub(crate) fn until(row: &Value) -> Cell {
    json::maybe_text(row, "until").map_or(Cell::Soft("no end".to_owned()), |until| Cell::Moment(until.to_owned()))
}

/// Whether a grant gives anything now.
pub(crate) fn effective(row: &Value) -> Cell {
    match row.get("effective").and_then(Value::as_bool) {
        Some(true) => Cell::mark(Tone::Yes, "in force"),
        Some(false) => Cell::mark(Tone::No, "rests"),
        None => Cell::Nothing,
    }
}

/// Yes or no.
pub(crate) fn yes_or_no(yes: bool) -> Cell {
    if yes { Cell::mark(Tone::Yes, "yes") } else { Cell::Soft("no".to_owned()) }
}

/// Words for the name of a field.
pub(crate) fn words(name: &str) -> String {
    match name {
        "by" => "given by".to_owned(),
        "account" => "account".to_owned(),
        name => name.replace(['_', '-'], " "), // any other reads as it is
    }
}

/// Any value.
pub(crate) fn value(visitor: &Visitor, found: &Value) -> Cell {
    match found {
        Value::Null => Cell::Soft("–".to_owned()),
        Value::Bool(yes) => yes_or_no(*yes),
        Value::Number(number) => Cell::text(number.to_string()),
        Value::String(text) if text.len() == 27 && text.ends_with('Z') => Cell::Moment(text.clone()),
        Value::String(text) => Cell::text(text.clone()),
        Value::Array(list) if list.is_empty() => Cell::Soft("none".to_owned()),
        Value::Array(list) => {
            let cells = list.iter().take(MOST_ROWS).map(|one| value(visitor, one));
            let more = list.len().saturating_sub(MOST_ROWS);
            let more = (more > 0).then(|| Cell::Soft(format!("and {more} more")));
            Cell::Stack(cells.chain(more).collect())
        }
        Value::Object(fields) => object(visitor, found, fields),
    }
}

fn object(visitor: &Visitor, found: &Value, fields: &Map<String, Value>) -> Cell {
    if fields.len() == 1 && (fields.contains_key("position") || fields.contains_key("clock")) {
        return cause(visitor, found);
    }
    let mut cells = Vec::new();
    if fields.contains_key("account") {
        cells.push(person(visitor, found));
    }
    if fields.contains_key("since") && fields.contains_key("by") {
        cells.push(Cell::Line(vec![
            Cell::Soft("by".to_owned()),
            by(visitor, found),
            cause(visitor, found.get("since").unwrap_or(&Value::Null)),
        ]));
    }
    for (name, inner) in fields {
        let told = matches!(name.as_str(), "account" | "name" | "since" | "by" | "by_support" | "import");
        let unsaid = inner.is_null() || *inner == Value::Bool(false) && name != "effective";
        if told && fields.contains_key("account") || told && name != "name" && fields.contains_key("by") || unsaid {
            continue;
        }
        cells.push(match (name.as_str(), inner) {
            ("effective", Value::Bool(_)) => effective(found),
            (_, Value::Bool(true)) => Cell::mark(Tone::Plain, words(name)),
            // Any other is named before it is told.
            (_, inner) => Cell::Line(vec![Cell::Soft(words(name)), value(visitor, inner)]),
        });
    }
    Cell::Line(cells)
}

/// Any answer, in sections: its single values as facts, its lists and tables one by one.
pub(crate) fn sections(visitor: &Visitor, title: &str, answer: &Value) -> Vec<Section> {
    let (mut facts, mut sections) = (Vec::new(), Vec::new());
    for (name, inner) in answer.as_object().into_iter().flatten().filter(|(name, _)| *name != "as_of") {
        match inner {
            Value::Array(list) => {
                sections.push(Section::new(capital(&words(name))).with(rows(visitor, name, list).into()))
            }
            Value::Object(fields) if fields.values().all(|value| value.is_object() || value.is_array()) => {
                sections.push(Section::new(capital(&words(name))).with(named_rows(visitor, name, fields).into()));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                facts.push((words(name), value(visitor, inner)));
            }
        }
    }
    if !facts.is_empty() {
        sections.insert(0, Section::new(title).with(Body::Facts(facts)));
    }
    sections
}

pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The columns that rows have together, in the order in which they come.
fn columns<'a>(rows: impl Iterator<Item = &'a Value>) -> Vec<&'a str> {
    let mut columns: Vec<&str> = Vec::new();
    for (name, value) in rows.filter_map(Value::as_object).flatten() {
        let told_elsewhere = matches!(name.as_str(), "name" | "by_support" | "import");
        if !columns.contains(&name.as_str()) && !told_elsewhere && !value.is_null() {
            columns.push(name);
        }
    }
    columns
}

fn cells(visitor: &Visitor, row: &Value, columns: &[&str]) -> Vec<Cell> {
    let cell = |column: &&str| match *column {
        "account" => person(visitor, row),
        "by" => by(visitor, row),
        "until" => until(row),
        "effective" => effective(row),
        column => row.get(column).map_or(Cell::Nothing, |found| value(visitor, found)), // any other is told as it is
    };
    columns.iter().map(cell).collect()
}

fn rows(visitor: &Visitor, name: &str, list: &[Value]) -> Table {
    if list.iter().any(|row| !row.is_object()) {
        let rows = list.iter().take(MOST_ROWS).map(|one| vec![value(visitor, one)]);
        return Table::new(words(name), &[name]).rows(rows);
    }
    let columns = columns(list.iter().take(MOST_ROWS));
    let shown = list.iter().take(MOST_ROWS).map(|row| cells(visitor, row, &columns));
    let mut table = Table::new(words(name), &[]).rows(shown);
    table.columns = columns.iter().map(|column| words(column)).collect();
    cut(table, list.len())
}

fn named_rows(visitor: &Visitor, name: &str, fields: &Map<String, Value>) -> Table {
    let columns = columns(fields.values().take(MOST_ROWS));
    let shown = fields.iter().take(MOST_ROWS).map(|(name, row)| {
        let first = Cell::text(name.clone());
        let rest = match row {
            Value::Array(_) => vec![value(visitor, row)],
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                cells(visitor, row, &columns)
            }
        };
        [vec![first], rest].concat()
    });
    let mut table = Table::new(words(name), &["name"]).rows(shown);
    table.columns.extend(columns.iter().map(|column| words(column)));
    if columns.is_empty() {
        table.columns.push(words(name));
    }
    cut(table, fields.len())
}

fn cut(mut table: Table, count: usize) -> Table {
    if count > MOST_ROWS {
        let mut last = vec![Cell::Soft(format!("and {} more: this page as data has them all", count - MOST_ROWS))];
        last.resize(table.columns.len().max(1), Cell::Nothing);
        table.rows.push(last);
    }
    table
}
