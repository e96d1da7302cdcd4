//! Parameters and headers, each stated once.

use serde_json::{Map, Value, json};

use super::operations::Operation;
use crate::api::params::MOST_ROWS;

const LARGEST: u64 = 9_007_199_254_740_991;

/// Every parameter that a route takes beside its path.
pub(super) fn parameters() -> Value {
    let text = || json!({"type": "string"});
    let account = || json!({"type": "string", "minLength": 1, "maxLength": 129});
    let position = || json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": LARGEST});
    let capabilities: Vec<&str> = grantbook_rights::Capability::ALL.iter().map(|one| one.name()).collect();
    let kinds: Vec<&str> = grantbook_events::Event::descriptions().map(|event| event.kind).collect();
    let rows = [
        (
            "as_of",
            false,
            json!({"$ref": "#/components/schemas/Point"}),
            "What the answer is to be as of: a position, or an RFC 3339 instant; now, where it is left out.",
            json!("2026-11-21T09:30:00Z"),
        ),
        ("at_least", false, position(), "Wait until the book has come to this position: read your writes.", json!(1)),
        (
            "account",
            false,
            account(),
            "An account's id, `@username` or `guest`; the asker's own, where it is left out.",
            json!("jeff"),
        ),
        (
            "do",
            true,
            json!({"type": "string", "enum": capabilities}),
            "What is asked for.",
            json!("dashboard.manage_admins"),
        ),
        (
            "on",
            false,
            text(),
            "On what: an account, app, object, organisation, community or query, as the capability asks.",
            json!("datastation"),
        ),
        (
            "from",
            false,
            json!({"$ref": "#/components/schemas/Point"}),
            "From here on: a position or an instant.",
            json!(1),
        ),
        (
            "to",
            false,
            json!({"$ref": "#/components/schemas/Point"}),
            "Up to here: a position or an instant.",
            json!(17),
        ),
        (
            "since",
            false,
            json!({"$ref": "#/components/schemas/Point"}),
            "Since then: a position or an instant.",
            json!(1),
        ),
        ("after", false, position(), "Go on after this position: the `next` of the page before.", json!(0)),
        ("after_account", false, text(), "Go on after this account: the `next` of the page before.", json!("bob")),
        (
            "limit",
            false,
            json!({"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
            "At most so many; where entries come in another form than a page of JSON, there is no greatest.",
            json!(100),
        ),
        (
            "limit_of_rows",
            false,
            json!({"type": "integer", "minimum": 1, "maximum": MOST_ROWS}),
            "At most so many rows.",
            json!(1000),
        ),
        (
            "cosigned",
            false,
            json!({"type": "boolean", "default": false}),
            "The newest that a witness cosigned.",
            json!(true),
        ),
        (
            "format_of_checkpoint",
            false,
            json!({"type": "string", "enum": ["note", "json"]}),
            "The note itself, or JSON; else `Accept` says it.",
            json!("json"),
        ),
        (
            "format_of_lineage",
            false,
            json!({"type": "string", "enum": ["json", "text", "svg", "dot"], "default": "json"}),
            "In which form: JSON, a tree of plain lines, a picture, or a graph for Graphviz.",
            json!("json"),
        ),
        (
            "format_of_report",
            false,
            json!({"type": "string", "enum": ["html", "csv", "json"], "default": "html"}),
            "In which form: a page that prints, a table, or JSON.",
            json!("json"),
        ),
        ("from_of_tree", true, position(), "The size of the earlier tree, in entries.", json!(1)),
        (
            "to_of_tree",
            false,
            position(),
            "The size of the later tree, in entries; now, where it is left out.",
            json!(17),
        ),
        (
            "order",
            false,
            json!({"type": "string", "enum": ["asc", "desc"], "default": "asc"}),
            "Oldest or newest first.",
            json!("asc"),
        ),
        (
            "format",
            false,
            json!({"type": "string", "enum": ["json", "ndjson", "csv", "cloudevents", "ocsf", "syslog"]}),
            "In which form; else `Accept` says it.",
            json!("json"),
        ),
        (
            "actor",
            false,
            account(),
            "Only what they did, as entries show who acted: an account's id or `@username`; an operator's name, or `support:NAME` where an account is called so too; `system`, `guest` or `support` for all of that kind.",
            json!("bob"),
        ),
        ("subject", false, account(), "Only what happened to this account.", json!("jeff")),
        (
            "type",
            false,
            json!({"type": "array", "items": {"type": "string", "enum": kinds}, "minItems": 1}),
            "Only events of this type, or of these, with commas between.",
            json!(["admin_added"]),
        ),
        (
            "acting_for",
            false,
            text(),
            "The organisation that one acts for: of one's other companies nobody is visible then (rule: O21).",
            json!("acme"),
        ),
        ("username_prefix", false, text(), "How the username begins (rule: A6).", json!("je")),
        ("search", false, text(), "A part of the name or id.", json!("jeff")),
        ("position", true, position(), "The number of an entry.", json!(1)),
        ("size", false, position(), "The size of the tree; the newest, where it is left out.", json!(1)),
        (
            "granted",
            false,
            json!({"type": "boolean", "default": false}),
            "Count rights that an account was granted and has no working credentials to use.",
            json!(true),
        ),
        (
            "direction",
            false,
            json!({"type": "string", "enum": ["up", "down", "both"]}),
            "Which way to walk: to what it rests on, or to what rests on it.",
            json!("up"),
        ),
        (
            "everything",
            false,
            json!({"type": "boolean", "default": false}),
            "Tell sign-ins and mails as well.",
            json!(true),
        ),
        ("object", false, text(), "The path of an object.", json!("/site/news")),
        ("code", false, text(), "The kind of finding.", json!("staff-without-second-factor")),
        ("one", false, text(), "One capability of a separation to try.", json!("roles.assign")),
        ("other", false, text(), "The other capability.", json!("dashboard.manage_admins")),
        ("dry_run", false, json!({"type": "boolean", "default": false}), "Decide and record nothing.", json!(true)),
    ];
    let mut parameters: Map<String, Value> = rows
        .into_iter()
        .map(|(name, required, schema, words, example)| {
            // Some are asked for by one name, and are not the same everywhere.
            let asked = match name {
                "after_account" => "after",
                "as_of" => "as_of",
                other => other.split("_of_").next().unwrap_or(other),
            };
            let mut row = json!({"name": asked, "in": "query", "required": required, "description": words, "schema": schema, "example": example});
            if let (true, Some(row)) = (name == "type", row.as_object_mut()) {
                row.insert("style".to_owned(), "form".into());
                row.insert("explode".to_owned(), false.into());
            }
            (name.to_owned(), row)
        })
        .collect();
    let headers = [
        (
            "Idempotency-Key",
            json!({"type": "string", "format": "uuid"}),
            "Carries the command out once: given again, it is answered with the entry of the first time.",
            json!("01935a3c-6a2e-7c4b-9f53-2b1de8a0c001"),
        ),
        (
            "If-Match",
            json!({"type": "string", "pattern": "^(W/)?\"?[0-9]{1,16}([.].*)?\"?$"}),
            "The position that the command rests on, as a view's `ETag` gives it: 412 where the book has moved on.",
            json!("\"17\""),
        ),
        (
            "If-None-Match",
            text(),
            "The `ETag` of an answer that is here already: 304 where it is the same.",
            json!("W/\"17.5d41402abc4b2a76\""),
        ),
        ("Last-Event-ID", position(), "The last id that was read.", json!(17)),
    ];
    parameters.extend(headers.into_iter().map(|(name, schema, words, example)| {
        let row = json!({"name": name, "in": "header", "required": false, "description": words, "schema": schema, "example": example});
        (name.to_owned(), row)
    }));
    Value::Object(parameters)
}

/// A parameter of the path.
pub(super) fn in_path(operation: &Operation, name: &str) -> Value {
    let views: Vec<&str> = grantbook_inquiries::VIEWS.iter().map(|(name, _)| *name).collect();
    let (schema, words, example) = match name {
        "cloud_id" => (
            json!({"type": "string", "pattern": "^[a-z][a-z0-9]{2,31}$"}),
            "The Cloud ID of a tenant.",
            json!("abcimis"),
        ),
        "account" => (
            json!({"type": "string", "minLength": 1, "maxLength": 129}),
            "An account's id, or `@username`.",
            json!("jeff"),
        ),
        "view" => (json!({"type": "string", "enum": views}), "The name of a view.", json!("admins")),
        "key" => (
            json!({"type": "string", "format": "uuid"}),
            "The Idempotency-Key.",
            json!("01935a3c-6a2e-7c4b-9f53-2b1de8a0c001"),
        ),
        "position" => (
            json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": LARGEST}),
            "The number of an entry.",
            json!(1),
        ),
        "review" => {
            (json!({"type": "string", "minLength": 1, "maxLength": 128}), "The name of a review.", json!("spring"))
        }
        "webhook" => {
            (json!({"type": "string", "minLength": 1, "maxLength": 128}), "The name of a webhook.", json!("siem"))
        }
        _ => (json!({"type": "string"}), operation.summary, json!("0/000")),
    };
    json!({"name": name, "in": "path", "required": true, "description": words, "schema": schema, "example": example})
}

/// Headers of answers.
pub(super) fn headers() -> Value {
    json!({
        "ETag": {"description": "The position that the answer is as of and, of a view, the fingerprint of what it says.",
                 "schema": {"type": "string"}, "example": "W/\"17.5d41402abc4b2a76\""},
        "Location": {"description": "Where the entry is.", "schema": {"type": "string"}, "example": "/v1/tenants/abcimis/events/17"},
        "Retry-After": {"description": "After how many seconds to try again.", "schema": {"type": "integer", "minimum": 1}, "example": 1},
        "WWW-Authenticate": {"description": "How to sign in.", "schema": {"type": "string"}, "example": "Bearer"},
    })
}
