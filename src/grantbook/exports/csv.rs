//! A row an event (RFC 4180, with `\n` at the ends of lines), for spreadsheets and scripts.

use serde_json::Value;

use super::happened::Happened;

/// The columns. `details` is a JSON object: what is said of this type of event beside whom it happened to.
const COLUMNS: [&str; 23] = [
    "tenant",
    "position",
    "event",
    "at",
    "recorded_at",
    "actor_kind",
    "actor",
    "actor_name",
    "command",
    "command_id",
    "reason",
    "ticket",
    "source_ip",
    "source_user_agent",
    "imported_by",
    "import_ticket",
    "import_line",
    "type",
    "plane",
    "authority",
    "account",
    "account_name",
    "details",
];

/// The first line.
pub(crate) fn header() -> String {
    line(&COLUMNS.map(str::to_owned))
}

/// One event.
pub(crate) fn row(event: &Happened<'_>) -> String {
    let mut details = event.fields();
    details.shift_remove("account");
    details.shift_remove("account_name");
    let entry = |path: &str| event.entry.pointer(path).map_or_else(String::new, cell);
    let own = |name: &str| event.event.get(name).map_or_else(String::new, cell);
    let plane = event.described.map_or_else(String::new, |described| described.plane.to_string());
    line(&[
        entry("/tenant"),
        entry("/position"),
        event.index.to_string(),
        entry("/at"),
        entry("/recorded_at"),
        entry("/actor/kind"),
        entry("/actor/id"),
        entry("/actor/name"),
        entry("/command"),
        entry("/command_id"),
        entry("/reason"),
        entry("/ticket"),
        entry("/source/ip"),
        entry("/source/user_agent"),
        entry("/import/operator"),
        entry("/import/ticket"),
        entry("/import/line"),
        own("type"),
        plane,
        own("authority"),
        own("account"),
        own("account_name"),
        Value::Object(details).to_string(),
    ])
}

/// A value as a cell. A text that a spreadsheet would take for a formula is put behind an apostrophe, which it shows as
/// text: what people wrote into a reason must not run where an auditor opens it.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn line(cells: &[String; COLUMNS.len()]) -> String {
    let mut line = Vec::new();
    let mut writer = csv::WriterBuilder::new().from_writer(&mut line);
    // Writing to memory does not fail.
    let _ = writer.write_record(cells);
    drop(writer);
    String::from_utf8(line).unwrap_or_default()
}
