//! Schemas of answers, bodies and problems.

use serde_json::{Map, Value, json};

use super::super::problem::{PROBLEM_JSON, ProblemKind};
use super::glossary;
use super::named::NAMED;
use super::operations::Operation;
use super::shape::{schema, schema_name};
use super::views::VIEWS;
use super::{commands, events, values};

/// Every schema that has a name.
pub(super) fn schemas() -> Value {
    let mut schemas = commands::schemas();
    let views: Vec<Value> = VIEWS
        .iter()
        .filter(|(name, _)| there(name))
        .map(|(name, _)| json!({"$ref": format!("#/components/schemas/{}", schema_name("View", name))}))
        .collect();
    for (name, shape) in VIEWS.iter().filter(|(name, _)| there(name)) {
        let mut made = schema(shape);
        let words = grantbook_inquiries::VIEWS.iter().find(|(known, _)| known == name).map_or("", |(_, words)| *words);
        if let Some(fields) = made.as_object_mut() {
            fields.insert("title".to_owned(), (*name).into());
            fields.insert("description".to_owned(), words.into());
        }
        schemas.insert(schema_name("View", name), made);
    }
    for (name, words, shape) in NAMED {
        schemas.insert((*name).to_owned(), described(schema(shape), words));
    }
    schemas.extend(events::schemas());
    schemas.extend(values::schemas());
    schemas
        .insert("View".to_owned(), json!({"anyOf": views, "description": "The view that was asked for, by its name."}));
    schemas.insert("Problem".to_owned(), problem());
    Value::Object(schemas)
}

/// Whether there is such a view.
fn there(name: &str) -> bool {
    grantbook_inquiries::VIEWS.iter().any(|(known, _)| *known == name)
}

fn described(mut schema: Value, words: &str) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".to_owned(), words.into());
    }
    schema
}

fn problem() -> Value {
    let slugs: Vec<&str> = ProblemKind::ALL.iter().map(|kind| kind.told().1).collect();
    json!({
        "type": "object",
        "description": "Why a request was not carried out (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "enum": slugs, "description": "What kind of problem: a slug that stays.", "examples": ["forbidden"]},
            "title": {"type": "string", "description": "The same for a person.", "examples": ["A rule does not let you"]},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status.", "examples": [403]},
            "detail": {"type": "string", "description": "A sentence for a person.", "examples": ["only an effective Admin User adds or removes Admin Users"]},
            "rule": {"type": "string", "description": "The rule that refused, where one did.", "examples": ["F9"]},
            "rule_words": {"type": "string", "description": "What the rule says.", "examples": ["only an effective Admin User adds or removes Admin Users"]},
            "position": {"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64, "description": "Where one matters, the position.", "examples": [17]},
            "command_index": {"type": "integer", "minimum": 0, "description": "Of a list of commands, which one it is about, from 0.", "examples": [1]},
            "field": {"type": "string", "description": "Which field or parameter is not as expected.", "examples": ["account"]},
        },
    })
}

/// The answers that are problems, by status.
pub(super) fn problems() -> Value {
    let one = |kind: &ProblemKind| {
        let (status, slug, title) = kind.told();
        // Of one status there may be several.
        let alike = ProblemKind::ALL.iter().map(|kind| kind.told()).filter(|(of, ..)| *of == status);
        let words: Vec<String> = alike.map(|(_, slug, title)| format!("{title} (`{slug}`).")).collect();
        let mut headers = Map::new();
        for (header, of) in [("WWW-Authenticate", 401), ("Retry-After", 429)] {
            if status.as_u16() == of {
                headers.insert(header.to_owned(), json!({"$ref": format!("#/components/headers/{header}")}));
            }
        }
        let example = json!({"type": slug, "title": title, "status": status.as_u16(), "detail": "a sentence that says what and why"});
        let content = json!({"schema": {"$ref": "#/components/schemas/Problem"}, "example": example});
        let described = json!({
            "description": words.join(" "), "headers": headers, "content": {PROBLEM_JSON: content},
        });
        (status.as_u16().to_string(), described)
    };
    let mut problems = Map::new();
    for (status, described) in ProblemKind::ALL.iter().map(one) {
        problems.entry(status).or_insert(described);
    }
    Value::Object(problems)
}

/// A body that is taken, in one media type or another.
pub(super) fn request_body(bodies: &[(&str, &str)]) -> Value {
    let content: Map<String, Value> = bodies
        .iter()
        .map(|(media, shape)| {
            let held = if shape.is_empty() { json!({"type": "string"}) } else { taken(schema(shape)) };
            ((*media).to_owned(), json!({"schema": held}))
        })
        .collect();
    json!({"required": true, "content": content})
}

/// The schema of what is taken: objects have no other fields, and one that need not be there may be null instead.
fn taken(mut schema: Value) -> Value {
    for one in schema.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        *one = taken(one.take());
    }
    if let Some(items) = schema.get_mut("items") {
        *items = taken(items.take());
    }
    let needed = schema.get("required").cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return schema };
    for (name, property) in properties {
        let inner = taken(property.take());
        let must_be = needed.as_array().is_some_and(|needed| needed.iter().any(|one| one == name.as_str()));
        *property = if must_be { inner } else { glossary::or_null(inner) };
    }
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

/// What an operation answers.
pub(super) fn responses(operation: &Operation) -> Value {
    let mut responses = Map::new();
    for (status, media, shape) in operation.answers {
        let words = match status {
            200 => "Done, or answered.",
            201 => "Recorded: it is durable.",
            202 => "Taken.",
            204 => "Done.",
            _ => "Nothing changed since.",
        };
        let response = responses.entry(status.to_string()).or_insert_with(|| json!({"description": words}));
        if let Some(fields) = response.as_object_mut() {
            if !media.is_empty() {
                let held = if shape.is_empty() { json!({"type": "string"}) } else { schema(shape) };
                let content = fields.entry("content").or_insert_with(|| json!({}));
                if let Some(content) = content.as_object_mut() {
                    content.insert((*media).to_owned(), json!({"schema": held}));
                }
            }
            let header = match (*status, operation.takes.contains(&"as_of")) {
                (201, _) => Some("Location"),
                (200 | 304, true) if operation.tag == "questions" && operation.method == "get" => Some("ETag"),
                _ => None,
            };
            if let Some(header) = header {
                fields
                    .insert("headers".to_owned(), json!({header: {"$ref": format!("#/components/headers/{header}")}}));
            }
        }
    }
    // A body that may be too large may come too slowly.
    let too_slow = operation.problems.contains(&413).then_some(&408);
    for status in operation.problems.iter().chain(too_slow) {
        responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{status}")}));
    }
    // Parameters that nobody asks for are refused everywhere; so there always is one.
    responses.entry("500").or_insert_with(|| json!({"$ref": "#/components/responses/500"}));
    Value::Object(responses)
}
