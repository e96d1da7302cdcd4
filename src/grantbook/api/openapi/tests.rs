//! That the description says everything, and of everything what it is.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::Value;

use super::operations::operations;
use super::views::VIEWS;
use super::{ROUTES, document, glossary, schemas};
use crate::api::problem::ProblemKind;

/// The routes of `routes.rs`, each with its methods.
fn routed() -> Vec<(String, String)> {
    let public = ROUTES.split("pub(crate) fn operator()").next().unwrap();
    let mut routes = Vec::new();
    for part in public.split(".route(").skip(1) {
        let path = part.split('"').nth(1).unwrap();
        let handlers = &part[part.find(path).unwrap() + path.len()..];
        for method in ["get", "post", "put", "delete", "patch"] {
            if handlers.contains(&format!(" {method}(")) || handlers.contains(&format!(".{method}(")) {
                routes.push((path.to_owned(), method.to_owned()));
            }
        }
    }
    assert!(routes.len() > 30, "{routes:?}");
    routes
}

#[test]
fn every_kind_of_problem_is_described() {
    let (document, problems) = (document(), schemas::problems());
    let slugs = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].as_array().unwrap();
    let kinds = ProblemKind::ALL.iter().map(|kind| kind.told());
    for (status, slug, _) in kinds.chain([(StatusCode::REQUEST_TIMEOUT, "too-slow", "")]) {
        assert!(slugs.iter().any(|known| known == slug), "{slug}");
        let answer = &problems[status.as_str()];
        assert!(answer["description"].as_str().unwrap().contains(&format!("`{slug}`")), "{slug}: {answer}");
        assert_eq!(answer["content"]["application/problem+json"]["example"]["status"], status.as_u16());
    }
    assert!(slugs.iter().any(|known| known == "no-evidence"));
    let answers = &document["paths"]["/v1/tenants/{cloud_id}/case-file"]["post"]["responses"];
    assert!(answers["408"].is_object(), "a body may come too slowly: {answers}");
}

#[test]
fn every_route_is_described() {
    for (path, method) in routed() {
        let described = operations().any(|operation| operation.path == path && operation.method == method);
        assert!(described, "{method} {path}: say what it is in operations/");
    }
}

/// What is not said of a schema, and of all that lies in it.
fn unsaid(schema: &Value, place: &str, found: &mut Vec<String>) {
    let list = |name: &str| schema.get(name).and_then(Value::as_array).into_iter().flatten();
    if schema.get("$ref").is_some() {
        return;
    }
    if schema.get("anyOf").or(schema.get("oneOf")).is_some() {
        for (index, one) in list("anyOf").chain(list("oneOf")).enumerate() {
            unsaid(one, &format!("{place}/{index}"), found);
        }
        return;
    }
    let Some(kind) = schema.get("type") else {
        found.push(format!("{place}: its type, which glossary/ or the shape must say"));
        return;
    };
    let is = |name: &str| kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == name));
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    if is("object") && properties.is_none() && others.is_none() {
        found.push(format!("{place}: which fields it has"));
    }
    if others == Some(&Value::Bool(true)) && schema.get("x-open").and_then(Value::as_str).is_none_or(str::is_empty) {
        found.push(format!("{place}: why nobody can say which fields it has"));
    }
    if let Some(others) = others.filter(|others| others.is_object()) {
        unsaid(others, &format!("{place}.*"), found);
    }
    if is("array") {
        match schema.get("items") {
            Some(items) => unsaid(items, &format!("{place}[]"), found),
            None => found.push(format!("{place}: what is in the list")),
        }
    }
    for (name, field) in properties.into_iter().flatten() {
        let place = format!("{place}.{name}");
        if field.get("description").and_then(Value::as_str).is_none_or(str::is_empty) {
            found.push(format!("{place}: what it means"));
        }
        let leaf = ["$ref", "anyOf", "oneOf", "properties", "additionalProperties", "items", "const", "enum"];
        if leaf.iter().all(|name| field.get(*name).is_none()) && field.get("examples").is_none() {
            found.push(format!("{place}: an example"));
        }
        unsaid(field, &place, found);
    }
}

#[test]
fn of_every_field_down_to_the_last_it_is_said_what_it_is() {
    let document = document();
    let mut found = Vec::new();
    for (name, schema) in document.pointer("/components/schemas").unwrap().as_object().unwrap() {
        unsaid(schema, name, &mut found);
    }
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
            let answers = operation["responses"].as_object().unwrap().values();
            let answers = answers.filter_map(|answer| answer.get("content")?.as_object()).flatten();
            for (media, body) in bodies.chain(answers) {
                unsaid(&body["schema"], &format!("{method} {path} {media}"), &mut found);
            }
        }
    }
    assert!(found.is_empty(), "is not said of\n{}", found.join("\n"));
}

#[test]
fn the_glossary_is_in_order_says_everything_once_and_its_examples_are_json() {
    let mut all = BTreeSet::new();
    for fields in glossary::TOPICS {
        let names: Vec<&str> = fields.iter().map(|(name, ..)| *name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(names, sorted);
        for (name, _, _, words, example) in *fields {
            assert!(all.insert(*name), "{name} stands twice");
            assert!(words.ends_with('.'), "{name}: {words}");
            assert!(serde_json::from_str::<Value>(example).is_ok(), "{name}: {example}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own() {
    let document = document();
    let mut ids = BTreeSet::new();
    let mut waiting = vec![&document];
    while let Some(part) = waiting.pop() {
        if let Some(reference) = part.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
        }
        if let Some(id) = part.get("operationId").and_then(Value::as_str) {
            assert!(ids.insert(id.to_owned()), "{id} stands twice");
        }
        waiting.extend(part.as_object().into_iter().flatten().map(|(_, part)| part));
        waiting.extend(part.as_array().into_iter().flatten());
    }
}

#[test]
fn every_view_is_described() {
    let described: BTreeSet<&str> = VIEWS.iter().map(|(name, _)| *name).collect();
    let there: BTreeSet<&str> = grantbook_inquiries::VIEWS.iter().map(|(name, _)| *name).collect();
    assert!(there.is_subset(&described), "{:?}: say in views.rs what they hold", there.difference(&described));
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let page = super::page::page(&document());
    assert!(page.contains("<code>add_admin</code>") && page.contains("/v1/tenants/{cloud_id}/why"));
    for foreign in ["<script", "src=", "http://", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}
