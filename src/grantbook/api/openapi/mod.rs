//! The API's own description, OpenAPI 3.1, and the page that shows it.
//!
//! It is put together from what the program goes by itself: commands, settings, views, capabilities and event types from
//! their descriptions, problems from their kinds, and the routes from `routes.rs`. What is said of each route stands in
//! `operations/`, what each field means in `glossary/`, once for all answers, and how answers are put together in `named.rs`
//! and `views.rs`. A route of which nothing is said, and a field that nobody explains, is a failing test; the tests of the API
//! hold every answer against it.

mod commands;
mod events;
mod glossary;
mod named;
mod operations;
mod page;
mod parameters;
mod schemas;
mod shape;
#[cfg(test)]
mod tests;
mod values;
mod views;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::Json;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Map, Value, json};

use operations::{Operation, TAGS, Who, operations};

/// The list of routes as it is written: the router cannot be asked what it holds.
const ROUTES: &str = include_str!("../routes.rs");

/// The description, made once.
static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// The page, made once.
static PAGE: LazyLock<String> = LazyLock::new(|| page::page(&DOCUMENT));

/// `/openapi.json`.
pub(crate) async fn json() -> Response {
    Json(&*DOCUMENT).into_response()
}

/// `/docs`: the same for people. It needs no other host, and no script.
pub(crate) async fn docs() -> Response {
    Html(PAGE.as_str()).into_response()
}

/// The whole description.
fn document() -> Value {
    let mut paths = Map::new();
    for operation in operations().filter(|operation| is_routed(operation.path)) {
        let path = paths.entry(written(operation.path)).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method.to_owned(), described(operation));
        }
    }
    let tags =
        TAGS.iter().filter(|(tag, _)| used(tag)).map(|(name, words)| json!({"name": name, "description": words}));
    only_what_is_used(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Grantbook",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The book in which every grant of a right is written.",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "contact": {"name": "Whoever runs this server"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "security": [{"session": []}],
        "tags": tags.collect::<Value>(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a session, as `sign-in` answers it: of that tenant alone (rule: T5).",
                },
                "support": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a support operator, as `grantbook support-token create` prints it (rule: U4).",
                },
            },
            "parameters": parameters::parameters(),
            "headers": parameters::headers(),
            "responses": schemas::problems(),
            "schemas": schemas::schemas(),
        },
    }))
}

/// Whether an operation that is routed has a tag.
fn used(tag: &str) -> bool {
    operations().any(|operation| operation.tag == tag && is_routed(operation.path))
}

/// The description without components that nothing refers to.
fn only_what_is_used(mut document: Value) -> Value {
    loop {
        let used = references(&document);
        let mut dropped = false;
        for kind in ["parameters", "headers", "responses", "schemas"] {
            let components = document.pointer_mut(&format!("/components/{kind}")).and_then(Value::as_object_mut);
            if let Some(components) = components {
                let before = components.len();
                components.retain(|name, _| used.contains(&format!("#/components/{kind}/{name}")));
                dropped |= components.len() < before;
            }
        }
        if !dropped {
            return document;
        }
    }
}

/// Everything that is referred to.
fn references(part: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![part];
    while let Some(part) = waiting.pop() {
        found.extend(part.get("$ref").and_then(Value::as_str).map(str::to_owned));
        waiting.extend(part.as_object().into_iter().flatten().map(|(_, part)| part));
        waiting.extend(part.as_array().into_iter().flatten());
    }
    found
}

const INTRODUCTION: &str = "Everything is a question (`GET`) or a command (`POST .../commands`). Every question takes \
    `as_of`, a position or an instant, and says in `as_of` what it was answered as of. Every command becomes an entry of \
    the journal, durable before it is answered; a refusal names the rule that refused. Positions count the entries of a \
    tenant from 1. Times are UTC, RFC 3339. Fields may be added to answers: read over those that you do not know.";

/// Whether the router has a path.
fn is_routed(path: &str) -> bool {
    ROUTES.contains(&format!("\"{path}\""))
}

/// A path as OpenAPI writes it: there a parameter that takes the rest of a path looks as every other does.
fn written(path: &str) -> String {
    path.replace("{*", "{")
}

fn described(operation: &Operation) -> Value {
    let mut told = Map::new();
    told.insert("operationId".to_owned(), operation.id.into());
    told.insert("tags".to_owned(), json!([operation.tag]));
    told.insert("summary".to_owned(), operation.summary.into());
    told.insert(
        "description".to_owned(),
        if operation.words.is_empty() { operation.summary } else { operation.words }.into(),
    );
    let in_path = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| parameters::in_path(operation, name.trim_start_matches('*')));
    let others = operation.takes.iter().map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
    let all: Vec<Value> = in_path.chain(others).collect();
    if !all.is_empty() {
        told.insert("parameters".to_owned(), all.into());
    }
    if !operation.body.is_empty() {
        told.insert("requestBody".to_owned(), schemas::request_body(operation.body));
    }
    told.insert("responses".to_owned(), schemas::responses(operation));
    told.insert(
        "security".to_owned(),
        match operation.who {
            Who::Signed => json!([{"session": []}, {"support": []}]),
            Who::Account => json!([{"session": []}]),
            Who::Support => json!([{"support": []}]),
            Who::Anybody => json!([]),
            Who::AnybodyOrSigned => json!([{}, {"session": []}]),
        },
    );
    Value::Object(told)
}
