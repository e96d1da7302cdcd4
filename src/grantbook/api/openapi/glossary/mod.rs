//! What each field of an answer means: its type, a sentence with its unit, an example. Stated once, for all answers.
//!
//! One file a topic, each in order. A field that does not mean the same everywhere has a word for each meaning, and the
//! shapes say which is meant: `since=failing_since`.

mod kept;
mod proven;
mod told;

use serde_json::{Map, Value, json};

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Holds {
    Text,
    Boolean,
    /// A number of an entry, from 0 to 2^53 - 1.
    Position,
    /// A whole number.
    Count,
    /// RFC 3339, UTC, to the microsecond.
    Instant,
    /// A day.
    Date,
    /// A schema of its own name.
    Named(&'static str),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of numbers of entries.
    Positions,
    /// Text, a number, or yes or no.
    Scalar,
    /// Any JSON: the reason why no more can be said of it.
    Open(&'static str),
    /// What the shape says in which it stands.
    Stated,
}

use Holds::{Boolean, Count, Date, Instant, Named, OneOf, Open, Position, Positions, Scalar, Stated, Text, Texts};

/// One field: its name, what it holds, whether null is a value, what it means, an example in JSON.
type Row = (&'static str, Holds, bool, &'static str, &'static str);

/// Every field, by topic.
pub(super) const TOPICS: &[&[Row]] = &[kept::FIELDS, told::FIELDS, proven::FIELDS];

/// What the glossary says of a field.
fn find(name: &str) -> Option<&'static Row> {
    TOPICS.iter().copied().flatten().find(|(known, ..)| *known == name)
}

/// What a field means, in words.
pub(super) fn words(name: &str) -> &'static str {
    find(name).map_or("", |(.., words, _)| words)
}

/// The schema of a field, with what it means. Of a field that nobody explains it says nothing, which fails a test.
pub(super) fn schema(name: &str) -> Value {
    let Some((_, holds, null, words, example)) = find(name) else { return json!({}) };
    let bare = bare(*holds);
    let mut schema = if *null { or_null(bare) } else { bare };
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".to_owned(), (*words).into());
        // What has a name of its own is shown where that is described.
        if let (Ok(example), false) = (serde_json::from_str::<Value>(example), matches!(holds, Named(_) | Stated)) {
            fields.insert("examples".to_owned(), json!([example]));
        }
    }
    schema
}

/// A schema with what the glossary says of the field that has it.
pub(super) fn explained(schema: Value, name: &str) -> Value {
    let mut schema = schema;
    if let (Some((.., words, _)), Some(fields)) = (find(name), schema.as_object_mut()) {
        fields.insert("description".to_owned(), (*words).into());
    }
    schema
}

/// The same, or null.
pub(super) fn or_null(schema: Value) -> Value {
    if let Some(Value::String(kind)) = schema.get("type") {
        let mut nullable: Map<String, Value> = schema.as_object().cloned().unwrap_or_default();
        nullable.insert("type".to_owned(), json!([kind, "null"]));
        // A list of words that null must be one of, where null may be given.
        if let Some(words) = nullable.get_mut("enum").and_then(Value::as_array_mut) {
            words.push(Value::Null);
        }
        return Value::Object(nullable);
    }
    if let Some(Value::Array(kinds)) = schema.get("type") {
        let others = kinds.iter().filter(|kind| *kind != "null").cloned();
        let kinds: Value = others.chain(["null".into()]).collect();
        let mut nullable: Map<String, Value> = schema.as_object().cloned().unwrap_or_default();
        nullable.insert("type".to_owned(), kinds);
        return Value::Object(nullable);
    }
    if schema.get("$ref").or(schema.get("anyOf")).is_none() {
        return schema;
    }
    // What is said of the field is said of both.
    let mut inner = schema;
    let said = inner.as_object_mut().and_then(|fields| fields.shift_remove("description"));
    let mut nullable = json!({"anyOf": [inner, {"type": "null"}]});
    if let (Some(said), Some(fields)) = (said, nullable.as_object_mut()) {
        fields.insert("description".to_owned(), said);
    }
    nullable
}

fn bare(holds: Holds) -> Value {
    let position = || json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991_u64});
    match holds {
        Text => json!({"type": "string"}),
        Boolean => json!({"type": "boolean"}),
        Position | Count => position(),
        Instant => json!({"type": "string", "format": "date-time"}),
        Date => json!({"type": "string", "format": "date"}),
        Named(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
        OneOf(words) => json!({"type": "string", "enum": words}),
        Texts => json!({"type": "array", "items": {"type": "string"}}),
        Positions => json!({"type": "array", "items": position()}),
        Scalar => json!({"type": ["string", "number", "boolean"]}),
        Open(reason) => open(reason),
        Stated => json!({}),
    }
}

/// The schema of any JSON, with the reason why no more can be said of it.
pub(super) fn open(reason: &str) -> Value {
    json!({
        "type": ["object", "array", "string", "number", "boolean", "null"],
        "items": {"$ref": "#/components/schemas/AnyJson"}, "additionalProperties": true, "x-open": reason,
    })
}
