//! Schemas of values that commands take and answers show, and of what is described elsewhere.

use serde_json::{Map, Value, json};

use super::glossary;

/// Every one of them, by its name.
pub(super) fn schemas() -> Map<String, Value> {
    let named = [
        ("Principal", principal()),
        ("ReviewScope", review_scope()),
        ("Condition", condition()),
        ("GivenCondition", given_condition()),
        ("Point", point()),
        ("CloudEvents", cloud_events()),
        ("GivenCommand", given_command()),
        ("AnyJson", glossary::open("it is part of what is open itself")),
        ("OpenApi", openapi()),
    ];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn principal() -> Value {
    json!({
        "description": "Whom a right is for.",
        "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
        "properties": {
            "group": {"type": "string", "description": "The members of a group.", "examples": ["Editors"]},
            "role": {"type": "string", "description": "The holders of a role.", "examples": ["Everyone"]},
            "account": {"type": "string", "description": "One account.", "examples": ["jeff"]},
            "member_type": {"type": "string", "description": "The contacts of a member type.", "examples": ["Regular"]},
            "staff": {"type": "boolean", "const": true, "description": "All staff.", "examples": [true]},
        },
    })
}

fn review_scope() -> Value {
    json!({
        "description": "What a review looks at.",
        "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
        "properties": {
            "app": {"type": "string", "description": "Who is assigned to one app.", "examples": ["datastation"]},
            "apps": {"type": "boolean", "const": true, "description": "Who is assigned to any app.", "examples": [true]},
            "role": {"type": "string", "description": "Who holds a role.", "examples": ["RemoteService"]},
            "group": {"type": "string", "description": "Who is a member of a group.", "examples": ["Reporting"]},
            "admins": {"type": "boolean", "const": true, "description": "Who is an Admin User.", "examples": [true]},
            "object": {"type": "string", "description": "Whom an object's own setting admits.", "examples": ["/site/news"]},
        },
    })
}

fn condition() -> Value {
    let itself = || json!({"$ref": "#/components/schemas/Condition"});
    let several = |words: &str| json!({"type": "array", "items": itself(), "description": words, "examples": [[]]});
    let field =
        |words: &str, example: &str| json!({"type": ["string", "null"], "description": words, "examples": [example]});
    json!({
        "description": "What contacts have in common (rules: V1, X4), as it is shown.",
        "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
        "properties": {
            "member_type": field("Their member type, without case; null for none.", "Regular"),
            "status": field("Their status, without case; null for none.", "active"),
            "all": several("All of these; of none, every contact."),
            "any": several("Any of these; of none, no contact."),
            "not": {"$ref": "#/components/schemas/Condition", "description": "Not this."},
        },
    })
}

/// A condition as commands take it: shorter than it is shown.
fn given_condition() -> Value {
    let itself = || json!({"$ref": "#/components/schemas/GivenCondition"});
    let several = |words: &str| json!({"type": "array", "items": itself(), "description": words, "examples": [[]]});
    let field = |words: &str, example: &str| {
        let one = json!({"type": ["string", "null"], "description": "One; null for none.", "examples": [example]});
        let any = json!({"type": "array", "items": {"type": "string"}, "description": "Any of these.", "examples": [[example]]});
        json!({"anyOf": [one, any], "description": words})
    };
    json!({
        "description": "What contacts have in common (rules: V1, X4): of several fields all. At most 64 parts on at most 8 levels.",
        "type": "object", "additionalProperties": false,
        "properties": {
            "member_type": field("Their member type, without case.", "Regular"),
            "status": field("Their status, without case.", "active"),
            "all": several("All of these; of none, every contact."),
            "any": several("Any of these; of none, no contact."),
            "not": {"$ref": "#/components/schemas/GivenCondition", "description": "Not this."},
        },
    })
}

fn point() -> Value {
    json!({
        "description": "A position, or an RFC 3339 instant.",
        "anyOf": [
            {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991_u64, "examples": [17]},
            {"type": "string", "description": "An instant, or a position as text.", "examples": ["2026-11-21T09:30:00Z"]},
        ],
    })
}

fn cloud_events() -> Value {
    json!({"type": "array", "description": "CloudEvents 1.0, the batch of their JSON format.", "items": {
        "type": "object", "required": ["specversion", "id", "source", "type"],
        "properties": {
            "specversion": {"type": "string", "const": "1.0", "description": "The version of CloudEvents."},
            "id": {"type": "string", "description": "Position and number of the event.", "examples": ["17.0"]},
            "source": {"type": "string", "format": "uri-reference", "description": "The tenant.", "examples": ["/v1/tenants/abcimis"]},
            "type": {"type": "string", "description": "The event type and its version.", "examples": ["grantbook.admin_added.v1"]},
            "subject": {"type": "string", "description": "Whom it happened to.", "examples": ["jeff"]},
            "time": {"type": "string", "format": "date-time", "description": "When it happened.", "examples": ["2026-11-21T09:30:00.000000Z"]},
            "datacontenttype": {"type": "string", "description": "What `data` is.", "examples": ["application/json"]},
            "data": {"$ref": "#/components/schemas/EntryOfEvent", "description": "The entry, with this event alone as `event`."},
        },
    }})
}

fn given_command() -> Value {
    json!({
        "type": "object", "required": ["name"], "additionalProperties": true,
        "description": "A command with its fields, as `POST .../commands` takes it; secrets need not be in it.",
        "x-open": "its fields are those of the command that it names, without the secrets",
        "properties": {"name": glossary::schema("command_name")},
    })
}

fn openapi() -> Value {
    json!({
        "type": "object", "required": ["openapi", "info", "paths"], "additionalProperties": true,
        "description": "A description in the form of OpenAPI 3.1.",
        "x-open": "OpenAPI says what is in it",
        "properties": {
            "openapi": {"type": "string", "description": "The version of OpenAPI.", "examples": ["3.1.0"]},
        },
    })
}
