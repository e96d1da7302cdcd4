//! Entries and points in the words of the command line.

use serde_json::Value;

use super::output::moment;
pub(crate) use crate::words::{actor, events, plain};

/// What an answer is as of: `as of position 17 (2026-11-21 09:30:00)`.
pub(crate) fn as_of(answer: &Value) -> String {
    let as_of = answer.get("as_of");
    let position = as_of.and_then(|as_of| as_of.get("position")).and_then(Value::as_u64).unwrap_or_default();
    let instant = as_of.and_then(|as_of| as_of.get("instant")).and_then(Value::as_str);
    match instant {
        Some(instant) => format!("as of position {position} ({} UTC)", moment(instant)),
        None => format!("as of position {position}"),
    }
}

/// An account by its name and id.
pub(crate) fn person(row: &Value) -> String {
    match (row.get("name").and_then(Value::as_str), row.get("account").and_then(Value::as_str)) {
        (Some(name), Some(id)) if name != id => format!("{name} ({id})"),
        (_, Some(id)) => id.to_owned(),
        (Some(name), None) => name.to_owned(),
        (None, None) => "nobody".to_owned(),
    }
}

/// The rows of a table of entries: position, when, who, what, authority.
pub(crate) fn rows(entry: &Value) -> Vec<Vec<String>> {
    let position = entry.get("position").and_then(Value::as_u64);
    let at = entry.get("at").and_then(Value::as_str).map(moment).unwrap_or_default();
    let mut lead = vec![position.map_or_else(String::new, |position| format!("#{position}")), at, actor(entry)];
    let mut rows = Vec::new();
    for (what, authority) in events(entry) {
        let authority = authority.map_or_else(String::new, |authority| format!("#{authority}"));
        let mut row = std::mem::replace(&mut lead, vec![String::new(); 3]);
        row.extend([what, authority]);
        rows.push(row);
    }
    rows
}

/// The header of such a table.
pub(crate) const ENTRY_HEADER: [&str; 5] = ["position", "when", "who", "what", "authority"];
