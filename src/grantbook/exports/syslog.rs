//! Messages of RFC 5424, for programs that gather what all systems of a house tell.

use serde_json::Value;

use super::happened::Happened;

/// Log audit, as RFC 5424 numbers facilities.
const FACILITY: u8 = 13;

/// What was refused is a warning; everything else is worth knowing.
const WARNING: u8 = 4;
const NOTICE: u8 = 5;

/// Ours is no registered enterprise: this number is kept for those who have none (RFC 5612).
const STRUCTURED: &str = "grantbook@32473";

/// The most characters of a message's id and of the name of a host.
const MOST_ID: usize = 32;
const MOST_HOST: usize = 255;

/// The messages of an entry, one an event, without what ends them. The host is the tenant.
pub(crate) fn messages(entry: &Value) -> impl Iterator<Item = String> {
    Happened::all(entry).map(|event| message(&event))
}

/// A message as it goes over TCP: with its length in octets before it (RFC 6587, 3.4.1).
pub(crate) fn framed(message: &str) -> String {
    format!("{} {message}", message.len())
}

fn message(event: &Happened<'_>) -> String {
    let priority = FACILITY * 8 + if event.refused() { WARNING } else { NOTICE };
    let at = event.of_entry("/at").unwrap_or("-");
    let tenant = printable(event.of_entry("/tenant").unwrap_or_default(), MOST_HOST);
    let kind = printable(event.kind(), MOST_ID);
    let position = event.position().to_string();
    let authority = event.event.get("authority").and_then(Value::as_u64).map(|authority| authority.to_string());
    let known = [
        ("position", Some(position.as_str())),
        ("event", Some(&*event.index.to_string())),
        ("actor_kind", event.of_entry("/actor/kind")),
        ("actor", event.of_entry("/actor/id")),
        ("command", event.of_entry("/command")),
        ("command_id", event.of_entry("/command_id")),
        ("authority", authority.as_deref()),
        ("account", event.text("account")),
        ("ip", event.of_entry("/source/ip")),
        ("reason", event.of_entry("/reason")),
        ("ticket", event.of_entry("/ticket")),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!(" {name}=\"{}\"", escaped(value?))))
    .collect::<String>();
    // A byte order mark says that what follows is UTF-8.
    format!("<{priority}>1 {at} {tenant} grantbook - {kind} [{STRUCTURED}{known}] \u{feff}{}", event.line())
}

/// A value of structured data: a quote, a backslash and a closing bracket have a backslash before them, and nothing in it
/// ends the line.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        if matches!(letter, '"' | '\\' | ']') {
            text.push('\\');
        }
        text.push(if letter.is_control() { ' ' } else { letter });
    }
    text
}

/// A field of the header: printable ASCII without spaces; `-` for none.
fn printable(text: &str, most: usize) -> String {
    let text: String = text.chars().filter(char::is_ascii_graphic).take(most).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}
