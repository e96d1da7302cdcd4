//! That the description says everything, and of everything what it is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::operations::OPERATIONS;
use super::{ROUTES, document, glossary, schemas};

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
fn every_route_is_described() {
    for (path, method) in routed() {
        let described = OPERATIONS.iter().any(|operation| operation.path == path && operation.method == method);
        assert!(described, "{method} {path}: say what it is in operations.rs");
    }
}

#[test]
fn every_name_in_a_shape_is_explained() {
    let shapes = OPERATIONS
        .iter()
        .flat_map(|operation| operation.answers.iter().map(|(.., shape)| *shape).chain(operation.body));
    for shape in shapes.chain(schemas::VIEWS.iter().map(|(_, shape)| *shape)) {
        // `name=word` is explained by the word.
        let shape = shape.replace("?=", "=");
        let words = shape.split(|letter: char| !(letter.is_alphanumeric() || "_=@".contains(letter)));
        for word in words.filter(|word| !word.is_empty() && !word.starts_with('@') && *word != "null") {
            let word = word.rsplit('=').next().unwrap();
            assert!(
                word.is_empty() || glossary::find(word).is_some(),
                "`{word}` in {shape}: say what it is in glossary.rs"
            );
        }
    }
}

#[test]
fn the_glossary_is_in_order_and_its_examples_are_json() {
    let names: Vec<&str> = glossary::FIELDS.iter().map(|(name, ..)| *name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted);
    for (name, .., example) in glossary::FIELDS {
        assert!(serde_json::from_str::<Value>(example).is_ok(), "{name}: {example}");
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
    let described: BTreeSet<&str> = schemas::VIEWS.iter().map(|(name, _)| *name).collect();
    let there: BTreeSet<&str> = grantbook_inquiries::VIEWS.iter().map(|(name, _)| *name).collect();
    assert!(there.is_subset(&described), "{:?}: say in schemas.rs what they hold", there.difference(&described));
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let page = super::page::page(&document());
    assert!(page.contains("<code>add_admin</code>") && page.contains("/v1/tenants/{cloud_id}/why"));
    for foreign in ["<script", "src=", "http://", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}
