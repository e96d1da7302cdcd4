//! Every answer held against the description that the server gives of itself, `/openapi.json`: it has no field that the
//! description does not name, lacks none that must be there, and each is of the kind that is said. What a request that was
//! carried out took, its parameters and its body, is held against it too.
//!
//! Answers are open, so that a field can come to them. Here every object that does not say that it is open is closed first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::http::HeaderMap;
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::installation::{Answered, Asked, Installation};

/// What the server says of itself: the same whatever the ledger holds.
static DESCRIPTION: OnceCell<Description> = OnceCell::const_new();

/// What the description is called among schemas.
const URI: &str = "urn:grantbook:description";

/// The description.
pub(crate) struct Description {
    document: Value,
    schemas: Registry<'static>,
    /// By the pointer of the schema.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// An answer that is described: whose, with which status, of which media type; that of an answer without a body is empty.
pub(crate) type Described = (String, u16, String);

impl Installation {
    /// What is answered, which must be as it is described.
    pub(crate) async fn ask(&self, asked: &Asked) -> Answered {
        let (answered, held) = self.ask_and_hold(asked).await;
        if let Err(complaint) = held {
            panic!("{asked:?}: {} {}\n{complaint}", answered.status, answered.text);
        }
        answered
    }

    /// A request that must succeed.
    pub(crate) async fn must(&self, asked: &Asked) -> Value {
        let answered = self.ask(asked).await;
        assert!(answered.status < 300, "{asked:?}: {} {}", answered.status, answered.text);
        answered.json()
    }

    /// What is answered, and whose answer that is as it is described; or how it is not.
    pub(crate) async fn ask_and_hold(&self, asked: &Asked) -> (Answered, Result<Option<Described>, String>) {
        let answered = self.answer(asked).await;
        let held = self.description().await.hold(asked, &answered);
        (answered, held)
    }

    /// The description that the server gives of itself.
    pub(crate) async fn description(&self) -> &'static Description {
        let read = async || {
            let asked = Asked { method: "GET".to_owned(), path: "/openapi.json".to_owned(), ..Asked::default() };
            Description::of(self.answer(&asked).await.json())
        };
        DESCRIPTION.get_or_init(read).await
    }
}

impl Description {
    pub(crate) fn of(document: Value) -> Description {
        assert!(document["paths"].is_object(), "{document}");
        let schemas = Registry::new().add(URI, closed(document.clone())).unwrap().prepare().unwrap();
        Description { document, schemas, validators: Mutex::default() }
    }

    /// Every answer that is described, refusals aside.
    pub(crate) fn answers(&self) -> BTreeSet<Described> {
        let operations =
            self.document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
        let mut answers = BTreeSet::new();
        for (_, operation) in operations {
            let id = operation["operationId"].as_str().unwrap();
            for (status, response) in operation["responses"].as_object().unwrap() {
                let status: u16 = status.parse().unwrap();
                let media = response["content"].as_object().map(|content| content.keys().cloned().collect());
                let media: Vec<String> = media.unwrap_or_else(|| vec![String::new()]);
                answers.extend(media.into_iter().filter(|_| status < 400).map(|media| (id.to_owned(), status, media)));
            }
        }
        answers
    }

    /// Holds a request and its answer against the description. `None` where the path is no public one: routes of the local
    /// operator are not described, and paths that are none have nothing to be held against.
    pub(crate) fn hold(&self, asked: &Asked, answered: &Answered) -> Result<Option<Described>, String> {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let Some(operation) = self.operation(&asked.method, path) else { return Ok(None) };
        let id = self.at(&operation)["operationId"].as_str().unwrap();
        let told = |misfit: String| format!("{id}: {misfit}");
        let status = answered.status;
        let response = format!("{operation}/responses/{status}");
        if self.document.pointer(&response).is_none() {
            return Err(told(format!("that it answers {status} is not described")));
        }
        let media = self.content(&self.resolved(response), answered).map_err(told)?;
        if status < 300 {
            self.parameters(&operation, query).map_err(told)?;
            self.body(&operation, asked).map_err(told)?;
        }
        Ok(Some((id.to_owned(), status, media)))
    }

    /// Holds a value against a schema of that name.
    pub(crate) fn fits(&self, schema: &str, value: &Value) -> Result<(), String> {
        self.check(&format!("/components/schemas/{schema}"), value)
    }

    /// The views, each with the name of its schema.
    pub(crate) fn views(&self) -> Vec<(&str, &str)> {
        let schemas = self.document["components"]["schemas"].as_object().unwrap().iter();
        let views = schemas.filter(|(name, _)| name.starts_with("View"));
        views.filter_map(|(name, schema)| Some((schema.get("title")?.as_str()?, name.as_str()))).collect()
    }

    /// The operation of a path, as a pointer.
    fn operation(&self, method: &str, path: &str) -> Option<String> {
        let paths = self.document["paths"].as_object().unwrap();
        let matching = paths.iter().filter(|(template, _)| fits(template, path));
        // Of several the one that leaves least open.
        let (template, methods) = matching.min_by_key(|(template, _)| template.matches('{').count())?;
        let method = method.to_lowercase();
        methods.get(&method).map(|_| format!("/paths/{}/{method}", escaped(template)))
    }

    fn at(&self, pointer: &str) -> &Value {
        self.document.pointer(pointer).unwrap()
    }

    /// Where a pointer leads, references followed.
    fn resolved(&self, pointer: String) -> String {
        let reference = self.at(&pointer).get("$ref").and_then(Value::as_str);
        reference.map_or(pointer, |reference| reference.strip_prefix('#').unwrap().to_owned())
    }

    /// The body of an answer, by its media type, which is answered.
    fn content(&self, response: &str, answered: &Answered) -> Result<String, String> {
        let Some(media) = media_type(&answered.headers) else {
            return if answered.text.is_empty() {
                Ok(String::new())
            } else {
                Err("a body of no media type".to_owned())
            };
        };
        let schema = format!("{response}/content/{}/schema", escaped(&media));
        if self.document.pointer(&schema).is_none() {
            return Err(format!("that it answers {} with {media} is not described", answered.status));
        }
        let body = if is_json(&media) { answered.json() } else { answered.text.as_str().into() };
        self.check(&schema, &body)?;
        Ok(media)
    }

    fn parameters(&self, operation: &str, query: &str) -> Result<(), String> {
        let described = self.at(operation)["parameters"].as_array().map_or(0, Vec::len);
        let described = (0..described).map(|index| self.at(&self.resolved(format!("{operation}/parameters/{index}"))));
        let known: BTreeSet<&str> =
            described.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap()).collect();
        let mut given = query.split('&').filter(|one| !one.is_empty()).map(|one| one.split('=').next().unwrap());
        given
            .find(|name| !known.contains(name))
            .map_or(Ok(()), |name| Err(format!("the parameter {name} is not described")))
    }

    fn body(&self, operation: &str, asked: &Asked) -> Result<(), String> {
        // Where nothing is taken, null is sent for nothing.
        let Some(body) = asked.body.as_ref().filter(|body| *body != "null") else { return Ok(()) };
        let named = asked.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media = named.map_or("application/json", |(_, media)| media.split(';').next().unwrap().trim());
        let schema = format!("{operation}/requestBody/content/{}/schema", escaped(media));
        if self.document.pointer(&schema).is_none() {
            return Err(format!("that it takes {media} is not described"));
        }
        let given = if is_json(media) { serde_json::from_str(body).unwrap() } else { body.as_str().into() };
        self.check(&schema, &given)
    }

    /// Holds a value against the schema that a pointer leads to. Errors: what does not fit, the innermost place of it.
    fn check(&self, schema: &str, value: &Value) -> Result<(), String> {
        let validator = self.validator(schema);
        let innermost = validator.iter_errors(value).max_by_key(|found| found.instance_path().as_str().len());
        innermost.map_or(Ok(()), |found| Err(format!("{}: {found}", found.instance_path())))
    }

    fn validator(&self, schema: &str) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let made = || {
            let reference = schema.replace('{', "%7B").replace('}', "%7D");
            let options = jsonschema::options().with_registry(&self.schemas).should_validate_formats(true);
            Arc::new(options.build(&json!({"$ref": format!("{URI}#{reference}")})).unwrap())
        };
        validators.entry(schema.to_owned()).or_insert_with(made).clone()
    }
}

/// A description whose objects have no other fields than it names, those aside that say that they are open.
fn closed(mut part: Value) -> Value {
    match &mut part {
        Value::Object(fields) => {
            if fields.contains_key("properties") && !fields.contains_key("additionalProperties") {
                fields.insert("additionalProperties".to_owned(), false.into());
            }
            fields.values_mut().for_each(|field| *field = closed(field.take()));
        }
        Value::Array(members) => members.iter_mut().for_each(|member| *member = closed(member.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    part
}

/// A name as a part of a pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether a media type is one document of JSON.
fn is_json(media: &str) -> bool {
    media == "application/json" || media.ends_with("+json")
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let media = headers.get("content-type")?.to_str().unwrap();
    Some(media.split(';').next().unwrap().trim().to_owned())
}

/// Whether a path is one of a template. The last part of one may hold slashes of its own, as tiles have them.
fn fits(template: &str, path: &str) -> bool {
    let (parts, mut given) = (template.split('/').collect::<Vec<_>>(), path.split('/').collect::<Vec<_>>());
    if template.ends_with("/tile/{path}") && given.len() > parts.len() {
        given.truncate(parts.len());
    }
    let fits = |(part, given): (&&str, &&str)| part == given || (part.starts_with('{') && !given.is_empty());
    parts.len() == given.len() && parts.iter().zip(&given).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_differs_is_found() {
        let one = json!({"type": "object", "required": ["a"], "properties": {
            "a": {"type": ["integer", "null"], "minimum": 1},
            "b": {"type": "array", "items": {"$ref": "#/components/schemas/Word"}},
        }});
        let word = json!({"anyOf": [{"type": "string", "enum": ["y"]}, {"type": "null"}]});
        let document = json!({"paths": {}, "components": {"schemas": {"One": one, "Word": word}}});
        let description = Description::of(document);
        let fits =
            |value: Value| description.fits("One", &value).map_err(|told| told.split(": ").next().unwrap().to_owned());
        assert!(fits(json!({"a": 1, "b": ["y", null]})).is_ok() && fits(json!({"a": null})).is_ok());
        let wrong = [
            (json!({}), ""),
            (json!({"a": "1"}), "/a"),
            (json!({"a": 0}), "/a"),
            (json!({"a": 1, "c": 1}), ""),
            (json!({"a": 1, "b": ["z"]}), "/b/0"),
            (json!([]), ""),
        ];
        for (value, place) in wrong {
            assert_eq!(fits(value), Err(place.to_owned()));
        }
    }

    #[test]
    fn paths_are_told_apart() {
        assert!(
            fits("/v1/{a}/events/{position}", "/v1/x/events/7") && fits("/v1/{a}/tile/{path}", "/v1/x/tile/0/000.p/1")
        );
        assert!(!fits("/v1/{a}/events/{position}", "/v1/x/events") && !fits("/v1/{a}", "/v1/"));
    }
}
