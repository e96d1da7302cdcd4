//! Every answer held against the description that the server gives of itself, `/openapi.json`: it has no field that the
//! description does not name, lacks none that must be there, and each is of the kind that is said. What a request that was
//! carried out took, its parameters and its body, is held against it too.
//!
//! Of JSON Schema it knows what the description uses; a word that it does not know is a complaint. Of text it looks at words
//! to choose from and at the length, not at patterns and formats.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use crate::installation::{Answered, Asked, Installation};

/// What the server says of itself: the same whatever the ledger holds.
static DESCRIPTION: OnceCell<Description> = OnceCell::const_new();

/// Words of JSON Schema that say nothing of which values fit, or that are not looked at.
const PASSED_OVER: [&str; 9] =
    ["$schema", "default", "description", "discriminator", "examples", "format", "pattern", "title", "uniqueItems"];

/// The description.
pub(crate) struct Description {
    document: Value,
}

/// An answer that is described: whose, with which status, of which media type; that of an answer without a body is empty.
pub(crate) type Described = (String, u16, String);

/// What does not fit, and where.
#[derive(Debug)]
struct Misfit {
    place: String,
    why: String,
    /// Whether it is of a schema that the value itself names.
    named: bool,
}

fn misfit<T>(place: &str, why: impl Into<String>) -> Result<T, Misfit> {
    Err(Misfit { place: place.to_owned(), why: why.into(), named: false })
}

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
        Description { document }
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
        let id = operation["operationId"].as_str().unwrap();
        let told = |misfit: Misfit| format!("{id}: {}: {}", misfit.place, misfit.why);
        let status = answered.status;
        let Some(response) = operation["responses"].get(status.to_string()) else {
            return Err(format!("{id}: that it answers {status} is not described"));
        };
        let media = self.content(self.resolved(response), answered).map_err(told)?;
        if status < 300 {
            self.parameters(operation, query).map_err(told)?;
            self.body(operation, asked).map_err(told)?;
        }
        Ok(Some((id.to_owned(), status, media)))
    }

    /// Holds a value against a schema of that name.
    pub(crate) fn fits(&self, schema: &str, value: &Value) -> Result<(), String> {
        let schema = &self.document["components"]["schemas"][schema];
        let told = |misfit: Misfit| format!("{}: {}", misfit.place, misfit.why);
        self.check(schema, value, "").map_err(told)
    }

    /// The views, each with the name of its schema.
    pub(crate) fn views(&self) -> Vec<(&str, &str)> {
        let schemas = self.document["components"]["schemas"].as_object().unwrap().iter();
        let views = schemas.filter(|(name, _)| name.starts_with("View"));
        views.filter_map(|(name, schema)| Some((schema.get("title")?.as_str()?, name.as_str()))).collect()
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object().unwrap();
        let matching = paths.iter().filter(|(template, _)| fits(template, path));
        // Of several the one that leaves least open.
        let (_, methods) = matching.min_by_key(|(template, _)| template.matches('{').count())?;
        methods.get(method.to_lowercase())
    }

    fn resolved<'a>(&'a self, part: &'a Value) -> &'a Value {
        let reference = part.get("$ref").and_then(Value::as_str);
        reference.map_or(part, |reference| self.document.pointer(reference.strip_prefix('#').unwrap()).unwrap())
    }

    /// The body of an answer, by its media type, which is answered.
    fn content(&self, response: &Value, answered: &Answered) -> Result<String, Misfit> {
        let Some(media) = media_type(&answered.headers) else {
            return if answered.text.is_empty() {
                Ok(String::new())
            } else {
                misfit("", "has a body of no media type")
            };
        };
        let Some(content) = response.pointer("/content").and_then(|content| content.get(&media)) else {
            return misfit("", format!("that it answers {} with {media} is not described", answered.status));
        };
        let body = if is_json(&media) { answered.json() } else { answered.text.as_str().into() };
        self.check(&content["schema"], &body, "answer")?;
        Ok(media)
    }

    fn parameters(&self, operation: &Value, query: &str) -> Result<(), Misfit> {
        let known = operation["parameters"].as_array().into_iter().flatten().map(|one| self.resolved(one));
        let known: BTreeSet<&str> =
            known.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap()).collect();
        let given = query.split('&').filter(|one| !one.is_empty()).map(|one| one.split('=').next().unwrap());
        for name in given {
            if !known.contains(name) {
                return misfit(name, "the parameter is not described");
            }
        }
        Ok(())
    }

    fn body(&self, operation: &Value, asked: &Asked) -> Result<(), Misfit> {
        // Where nothing is taken, null is sent for nothing.
        let Some(body) = asked.body.as_ref().filter(|body| *body != "null") else { return Ok(()) };
        let named = asked.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let media = named.map_or("application/json", |(_, media)| media.split(';').next().unwrap().trim());
        let Some(content) = operation["requestBody"]["content"].get(media) else {
            return misfit("body", format!("that it takes {media} is not described"));
        };
        let given = if is_json(media) { serde_json::from_str(body).unwrap() } else { body.as_str().into() };
        self.check(&content["schema"], &given, "body")
    }

    /// Holds a value against a schema.
    fn check(&self, schema: &Value, value: &Value, place: &str) -> Result<(), Misfit> {
        if schema.get("$ref").is_some() {
            return self.check(self.resolved(schema), value, place);
        }
        let fields = schema.as_object().unwrap();
        let known = [
            "additionalProperties",
            "anyOf",
            "const",
            "enum",
            "items",
            "maxItems",
            "maxLength",
            "maxProperties",
            "maximum",
            "minItems",
            "minLength",
            "minProperties",
            "minimum",
            "oneOf",
            "properties",
            "required",
            "type",
        ];
        let unknown = |name: &&String| {
            !known.contains(&name.as_str()) && !PASSED_OVER.contains(&name.as_str()) && !name.starts_with("x-")
        };
        if let Some(unknown) = fields.keys().find(unknown) {
            return misfit(place, format!("what `{unknown}` in a schema means is not known here"));
        }
        if let Some(several) = schema.get("anyOf").or(schema.get("oneOf")) {
            return self.check_any(schema, several.as_array().unwrap(), value, place);
        }
        let Some(kind) = schema.get("type") else { return misfit(place, "nothing is said of it") };
        let kinds = kind.as_array().cloned().unwrap_or_else(|| vec![kind.clone()]);
        if !kinds.iter().any(|kind| is(kind.as_str().unwrap(), value)) {
            return misfit(place, format!("is {value} and should be of type {kind}"));
        }
        if schema.get("const").is_some_and(|one| one != value)
            || schema.get("enum").is_some_and(|words| !words.as_array().unwrap().contains(value))
        {
            return misfit(place, format!("is {value}, which is not among what it may be"));
        }
        bounded(schema, value, place)?;
        match value {
            Value::Object(found) => self.check_object(schema, found, place),
            Value::Array(members) => members
                .iter()
                .enumerate()
                .try_for_each(|(index, member)| self.check(&schema["items"], member, &format!("{place}[{index}]"))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn check_any(&self, schema: &Value, several: &[Value], value: &Value, place: &str) -> Result<(), Misfit> {
        if let Some(named) = schema.pointer("/discriminator/propertyName")
            && let Some(name) = value.get(named.as_str().unwrap()).and_then(Value::as_str)
            && let Some(reference) = schema["discriminator"]["mapping"].get(name)
        {
            let named = |found: Misfit| Misfit { named: true, ..found };
            return self.check(&serde_json::json!({"$ref": reference}), value, place).map_err(named);
        }
        // What fits none is told of the one that comes nearest.
        let near = |found: &Misfit| (found.named, found.place.len());
        let mut nearest: Option<Misfit> = None;
        for one in several {
            match self.check(one, value, place) {
                Ok(()) => return Ok(()),
                Err(found) if nearest.as_ref().is_none_or(|known| near(&found) > near(known)) => {
                    nearest = Some(found);
                }
                Err(_) => {}
            }
        }
        nearest.map_or_else(|| misfit(place, "may be nothing at all"), Err)
    }

    fn check_object(&self, schema: &Value, found: &Map<String, Value>, place: &str) -> Result<(), Misfit> {
        let properties = schema.get("properties").and_then(Value::as_object);
        let needed = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in needed.map(|name| name.as_str().unwrap()) {
            if !found.contains_key(name) {
                return misfit(place, format!("lacks `{name}`, which must be there"));
            }
        }
        let others = schema.get("additionalProperties");
        for (name, value) in found {
            let place = format!("{place}.{name}");
            match (properties.and_then(|properties| properties.get(name)), others) {
                (Some(property), _) => self.check(property, value, &place)?,
                (None, Some(others)) if others.is_object() => self.check(others, value, &place)?,
                // Whoever leaves open what there is says why.
                (None, Some(Value::Bool(true))) if schema.get("x-open").is_some() => {}
                (None, _) => return misfit(&place, "the field is not described"),
            }
        }
        Ok(())
    }
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

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("`{other}` is no type"),
    }
}

/// How much there may be of a value.
fn bounded(schema: &Value, value: &Value, place: &str) -> Result<(), Misfit> {
    let (least, most, size) = match value {
        Value::Number(number) => ("minimum", "maximum", number.as_f64().unwrap()),
        Value::String(text) => ("minLength", "maxLength", text.chars().count() as f64),
        Value::Array(members) => ("minItems", "maxItems", members.len() as f64),
        Value::Object(fields) => ("minProperties", "maxProperties", fields.len() as f64),
        Value::Null | Value::Bool(_) => return Ok(()),
    };
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    if bound(least).is_some_and(|least| size < least) || bound(most).is_some_and(|most| size > most) {
        return misfit(place, format!("is {value}, which is less or more than there may be"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_that_differs_is_found() {
        let schema = json!({"type": "object", "required": ["a"], "properties": {
            "a": {"type": ["integer", "null"], "minimum": 1}, "b": {"type": "array", "items": {"$ref": "#/paths/x"}}}});
        let document =
            Description::of(json!({"paths": {"x": {"anyOf": [{"type": "string", "enum": ["y"]}, {"type": "null"}]}}}));
        let check = |value: Value| document.check(&schema, &value, "").map_err(|found| found.place);
        assert!(check(json!({"a": 1, "b": ["y", null]})).is_ok() && check(json!({"a": null})).is_ok());
        let wrong = [
            (json!({}), ""),
            (json!({"a": "1"}), ".a"),
            (json!({"a": 0}), ".a"),
            (json!({"a": 1, "c": 1}), ".c"),
            (json!({"a": 1, "b": ["z"]}), ".b[0]"),
            (json!([]), ""),
        ];
        for (value, place) in wrong {
            assert_eq!(check(value), Err(place.to_owned()));
        }
        assert!(document.check(&json!({}), &json!(1), "").is_err(), "a schema that says nothing fits nothing");
        assert!(document.check(&json!({"type": "object"}), &json!({"a": 1}), "").is_err());
        assert!(document.check(&json!({"type": "string", "if": {}}), &json!("x"), "").is_err());
    }

    #[test]
    fn paths_are_told_apart() {
        assert!(
            fits("/v1/{a}/events/{position}", "/v1/x/events/7") && fits("/v1/{a}/tile/{path}", "/v1/x/tile/0/000.p/1")
        );
        assert!(!fits("/v1/{a}/events/{position}", "/v1/x/events") && !fits("/v1/{a}", "/v1/"));
    }
}
