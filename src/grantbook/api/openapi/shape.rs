//! Shapes of JSON, written down shortly: `{as_of, admins: [{account, since, until?}], next}`.
//!
//! ```text
//! name            a field that the glossary explains
//! name?           one that need not be there
//! name=word       one that means what the glossary says of `word`
//! name: SHAPE     one that holds another shape; `name: SHAPE|null` or null; `name=word: SHAPE` in the words of `word`
//! ..name          the fields of a fragment
//! {*: SHAPE}      an object with names of people's own as keys
//! [SHAPE]         a list; `[SHAPE]+` of 1 to 1000
//! @Name           a schema of its own name
//! word            (alone) what the glossary says of `word`
//! SHAPE / SHAPE   one or the other
//! ```

use serde_json::{Map, Value, json};

use super::glossary;
use super::named::FRAGMENTS;

/// The name of a schema: of the command `add_admin` it is `CommandAddAdmin`, of the view `app-users` `ViewAppUsers`.
pub(super) fn schema_name(of: &str, name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    format!("{of}{}", name.split(['_', '-']).map(part).collect::<String>())
}

/// The JSON Schema of a shape.
pub(super) fn schema(shape: &str) -> Value {
    let mut rest = shape.trim();
    value(&mut rest)
}

fn value(rest: &mut &str) -> Value {
    let mut one_of = vec![one(rest)];
    while rest.starts_with('/') {
        skip(rest, "/");
        one_of.push(one(rest));
    }
    if one_of.len() == 1 { one_of.remove(0) } else { json!({"anyOf": one_of}) }
}

fn one(rest: &mut &str) -> Value {
    let mut made = match rest.chars().next() {
        Some('{') => object(rest),
        Some('[') => {
            skip(rest, "[");
            let items = value(rest);
            skip(rest, "]");
            let mut list = json!({"type": "array", "items": items});
            if let (true, Some(fields)) = (rest.starts_with('+'), list.as_object_mut()) {
                skip(rest, "+");
                fields.insert("minItems".to_owned(), 1.into());
                fields.insert("maxItems".to_owned(), 1_000.into());
            }
            list
        }
        Some('@') => {
            skip(rest, "@");
            json!({"$ref": format!("#/components/schemas/{}", word(rest))})
        }
        _ => glossary::schema(word(rest)),
    };
    if rest.starts_with("|null") {
        skip(rest, "|null");
        made = glossary::or_null(made);
    }
    made
}

fn object(rest: &mut &str) -> Value {
    skip(rest, "{");
    let (mut properties, mut required) = (Map::new(), Vec::new());
    while !rest.is_empty() && !rest.starts_with('}') {
        if rest.starts_with('*') {
            skip(rest, "*");
            skip(rest, ":");
            let each = value(rest);
            skip(rest, "}");
            return json!({"type": "object", "additionalProperties": each});
        }
        if rest.starts_with("..") {
            skip(rest, "..");
            let (of_fragment, needed) = fragment(word(rest));
            properties.extend(of_fragment);
            required.extend(needed);
            skip(rest, ",");
            continue;
        }
        let name = word(rest);
        let optional = rest.starts_with('?');
        skip(rest, "?");
        let meant = if rest.starts_with('=') {
            skip(rest, "=");
            word(rest)
        } else {
            name
        };
        let schema = if rest.starts_with(':') {
            skip(rest, ":");
            glossary::explained(value(rest), meant)
        } else {
            glossary::schema(meant)
        };
        properties.insert(name.to_owned(), schema);
        if !optional {
            required.push(Value::from(name));
        }
        skip(rest, ",");
    }
    skip(rest, "}");
    json!({"type": "object", "properties": properties, "required": required})
}

/// The fields of a fragment, and those of them that must be there.
fn fragment(name: &str) -> (Map<String, Value>, Vec<Value>) {
    let shape = FRAGMENTS.iter().find(|(known, _)| *known == name).map_or("", |(_, shape)| *shape);
    let made = schema(shape);
    let fields = made.get("properties").and_then(Value::as_object).cloned();
    let required = made.get("required").and_then(Value::as_array).cloned();
    (fields.unwrap_or_default(), required.unwrap_or_default())
}

/// Takes out what stands next, where it does, and the spaces behind it.
fn skip(rest: &mut &str, mark: &str) {
    *rest = rest.strip_prefix(mark).unwrap_or(rest).trim_start();
}

fn word<'a>(rest: &mut &'a str) -> &'a str {
    let end =
        rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '-')).unwrap_or(rest.len());
    let (word, behind) = rest.split_at(end);
    *rest = behind.trim_start();
    word
}
