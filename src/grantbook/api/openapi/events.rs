//! Event types as schemas, from their own descriptions: adding an event changes nothing here.

use grantbook_events::{Description, Event};
use serde_json::{Map, Value, json};

/// The schema of any event, and of each type the fields that it has.
pub(super) fn schema() -> Value {
    let kinds: Vec<&str> = Event::descriptions().map(|event| event.kind).collect();
    let each: Map<String, Value> =
        Event::descriptions().map(|event| (event.kind.to_owned(), described(event))).collect();
    json!({
        "type": "object",
        "description": "Something that happened. Beside these fields it has those of its type, which `x-types` lists: \
            what is not there is not set. Where something changed, `before` holds what it was.",
        "properties": {
            "type": {"type": "string", "enum": kinds, "description": "What happened, in snake case and past tense.",
                     "examples": ["admin_added"]},
            "version": {"type": "integer", "minimum": 1, "description": "The version of the type's form.", "examples": [1]},
            "authority": super::glossary::schema("authority"),
            "command_index": {"type": "integer", "minimum": 0, "examples": [0],
                              "description": "Of a list of commands, by which it happened, from 0."},
            "account": {"type": ["string", "null"], "description": "Whom it happened to.", "examples": ["jeff"]},
            "account_name": {"type": ["string", "null"], "description": "The name that the account had then.",
                             "examples": ["Jeff T."]},
        },
        "required": ["type", "version", "authority"],
        "x-types": each,
    })
}

fn described(event: &Description) -> Value {
    let fields: Map<String, Value> =
        event.fields.iter().map(|(name, kind)| ((*name).to_owned(), kind.replace(' ', "").into())).collect();
    json!({"description": event.words, "plane": event.plane.to_string(), "ocsf": event.ocsf.to_string(), "fields": fields})
}
