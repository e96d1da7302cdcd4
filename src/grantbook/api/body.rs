//! Bodies: JSON, of bounded size.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;

use super::problem::{Problem, ProblemKind};

/// The largest body that is taken, an import aside.
pub(crate) const MOST_BYTES: usize = 1 << 20;

/// How long a body may take to come: whoever sends it byte by byte holds a connection no longer.
const LONGEST: Duration = Duration::from_secs(30);

/// Reads a body of JSON. Errors: it says that it is something else, is too large, or is no JSON.
pub(crate) async fn json(headers: &HeaderMap, body: Body) -> Result<Value, Problem> {
    json_up_to(MOST_BYTES, headers, body).await
}

/// Reads a body of JSON of at most so many bytes.
pub(crate) async fn json_up_to(most: usize, headers: &HeaderMap, body: Body) -> Result<Value, Problem> {
    parsed(&text_of_json(most, headers, body).await?)
}

/// Reads the text of a body of commands, which [`parsed`] reads without copying it. Errors: as [`json`], but that it is none.
pub(crate) async fn commands(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    text_of_json(MOST_BYTES, headers, body).await
}

async fn text_of_json(most: usize, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    if let Some(given) = headers.get(CONTENT_TYPE) {
        let given = given.to_str().unwrap_or_default();
        let media = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if media != "application/json" && !media.ends_with("+json") {
            let detail = "the body must be JSON: say `Content-Type: application/json`";
            return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
        }
    }
    bytes_up_to(most, body).await
}

/// The JSON of a text. Errors: it is none.
pub(crate) fn parsed<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Problem> {
    // The place of the mistake is said, and nothing of the text: it may hold a password.
    serde_json::from_slice(text).map_err(|error| {
        if text.is_empty() {
            return Problem::new(ProblemKind::NotJson, "the body is empty: expected JSON");
        }
        let place = format!("the body is no JSON: line {}, column {}", error.line(), error.column());
        Problem::new(ProblemKind::NotJson, place)
    })
}

/// Reads a body of at most so many bytes. Errors: it is larger, or does not come in time.
pub(crate) async fn bytes_up_to(most: usize, body: Body) -> Result<Bytes, Problem> {
    let too_large =
        || Problem::new(ProblemKind::TooLarge, format!("the body is larger than {most} bytes, or was cut off"));
    let read = tokio::time::timeout(LONGEST, to_bytes(body, most)).await;
    let too_slow =
        |_| Problem::new(ProblemKind::TooSlow, format!("the body did not come within {} s", LONGEST.as_secs()));
    read.map_err(too_slow)?.map_err(|_| too_large())
}

/// Text of a field that must be there.
pub(crate) fn text<'a>(body: &'a Value, field: &str) -> Result<&'a str, Problem> {
    maybe_text(body, field)?.ok_or_else(|| Problem::malformed(field, "expected text"))
}

/// Text of a field that need not be there; null is the same as leaving it out.
pub(crate) fn maybe_text<'a>(body: &'a Value, field: &str) -> Result<Option<&'a str>, Problem> {
    match body.get(field).filter(|value| !value.is_null()) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| Problem::malformed(field, "expected text")),
    }
}

/// The body must be an object with no other fields than these.
pub(crate) fn only(body: &Value, fields: &[&str]) -> Result<(), Problem> {
    let Some(object) = body.as_object() else {
        return Err(Problem::malformed("body", format!("expected an object of {}", fields.join(", "))));
    };
    match object.keys().find(|key| !fields.contains(&key.as_str())) {
        // What looks like the name of a field is named; anything else may be a secret in the wrong place.
        Some(key) => {
            let named = key.len() <= 32 && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let field = if named { key.as_str() } else { "body" };
            let what = if named { "there is no such field" } else { "has a field that is not expected" };
            Err(Problem::malformed(field, format!("{what}: expected {}", fields.join(", "))))
        }
        None => Ok(()),
    }
}
