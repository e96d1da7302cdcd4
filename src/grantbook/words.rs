//! Entries in words. Events are told by their own public form, so that a new one needs nothing here.

use serde_json::Value;

/// Who acted, by the name of then.
pub(crate) fn actor(entry: &Value) -> String {
    let actor = entry.get("actor").unwrap_or(&Value::Null);
    let text = |name: &str| actor.get(name).and_then(Value::as_str);
    let who = match (text("kind"), text("name").or(text("id"))) {
        (Some("support"), Some(name)) => format!("support ({name})"),
        (Some("system"), _) => "the ledger".to_owned(),
        (_, Some(name)) => name.to_owned(),
        (kind, None) => format!("a {}", kind.unwrap_or("guest")),
    };
    let import = entry.get("import").filter(|import| !import.is_null());
    clean(&if import.is_some() { format!("{who} (imported)") } else { who })
}

/// What happened, one line an event, with the position of its authority.
pub(crate) fn events(entry: &Value) -> Vec<(String, Option<u64>)> {
    entry.get("events").and_then(Value::as_array).into_iter().flatten().map(event).collect()
}

/// One event: its type in words, then its fields, with the position of its authority. Accounts go by their names.
pub(crate) fn event(event: &Value) -> (String, Option<u64>) {
    (happened(event), event.get("authority").and_then(Value::as_u64))
}

fn happened(event: &Value) -> String {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default().replace('_', " ");
    let mut fields = Vec::new();
    for (name, value) in event.as_object().into_iter().flatten() {
        let form = matches!(name.as_str(), "type" | "version" | "authority" | "command_index" | "erased");
        let unseen = matches!(name.as_str(), "secret" | "token" | "chain" | "browser" | "new_key");
        if form || unseen || name.ends_with("_name") && event.get(name.trim_end_matches("_name")).is_some() {
            continue;
        }
        let known_as = event.get(format!("{name}_name")).and_then(Value::as_str);
        let text = known_as.map_or_else(|| plain(value), str::to_owned);
        if name == "account" {
            fields.insert(0, text);
        } else if !text.is_empty() {
            fields.push(format!("{} {text}", name.replace('_', " ")));
        }
    }
    let text = if fields.is_empty() { kind } else { format!("{kind}: {}", fields.join(", ")) };
    clean(&text)
}

/// A value as a person writes it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.len() == 27 && text.ends_with('Z') => moment(text),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let told = |(name, value): (&String, &Value)| match value {
                // Only that it is so is to be said.
                Value::Bool(true) => name.clone(),
                Value::Null
                | Value::Bool(false)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => format!("{name} {}", plain(value)),
            };
            fields.map(told).collect::<Vec<_>>().join(", ")
        }
    }
}

/// Text that moves no cursor.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// An instant as people read it, to the second; days stay days.
pub(crate) fn moment(instant: &str) -> String {
    match (instant.get(..10), instant.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time}"),
        _ => instant.to_owned(),
    }
}
