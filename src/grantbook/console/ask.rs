//! Asking the API, in this process, in the name of whoever is signed in.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Method, Request};
use serde_json::Value;
use tower::ServiceExt;
use zeroize::Zeroizing;

use super::json;
use crate::api::{Note, Peer};

/// Who asks, and from where.
#[derive(Clone)]
pub(crate) struct Asker {
    asked: Router,
    token: Option<Zeroizing<String>>,
    agent: Option<HeaderValue>,
    peer: Option<Peer>,
    note: Option<Arc<Note>>,
}

/// Why the API did not answer as wished, as it said it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Trouble {
    pub(crate) status: u16,
    pub(crate) title: String,
    pub(crate) detail: String,
    /// The rule that refused, and what it says.
    pub(crate) rule: Option<Box<(String, String)>>,
    /// The field that is not as expected.
    pub(crate) field: Option<String>,
}

impl Trouble {
    pub(crate) fn of(status: u16, body: &Value) -> Trouble {
        let text = |field: &str| json::text(body, field).to_owned();
        Trouble {
            status,
            title: text("title"),
            detail: text("detail"),
            rule: json::maybe_text(body, "rule").map(|rule| Box::new((rule.to_owned(), text("rule_words")))),
            field: json::maybe_text(body, "field").map(str::to_owned),
        }
    }

    pub(crate) fn new(status: u16, title: &str, detail: impl Into<String>) -> Trouble {
        Trouble { status, title: title.to_owned(), detail: detail.into(), ..Trouble::default() }
    }
}

/// The part of a path, or of a query, as it stands in an address.
pub(crate) fn encoded(text: &str) -> String {
    // In a path `+` is no space.
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// An address: a path with what comes after its question mark.
pub(crate) fn address(path: &str, query: &[(&str, &str)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(query);
    format!("{path}?{}", pairs.finish())
}

impl Asker {
    /// Whoever sent a request, with their token.
    pub(crate) fn of(asked: &Router, parts: &Parts, token: Option<Zeroizing<String>>) -> Asker {
        Asker {
            asked: asked.clone(),
            token,
            agent: parts.headers.get(USER_AGENT).cloned(),
            peer: parts.extensions.get::<Peer>().cloned(),
            note: parts.extensions.get::<Arc<Note>>().cloned(),
        }
    }

    /// Asks for what is at an address of the API.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Trouble> {
        self.send(Method::GET, &address(path, query), None, None).await
    }

    /// Gives something to what is at an address of the API.
    pub(crate) async fn post(&self, path: &str, query: &[(&str, &str)], body: &Value) -> Result<Value, Trouble> {
        self.send(Method::POST, &address(path, query), Some(body), None).await
    }

    /// The same, so that it is done once however often it is sent.
    pub(crate) async fn post_once(&self, path: &str, key: &str, body: &Value) -> Result<Value, Trouble> {
        self.send(Method::POST, path, Some(body), Some(key)).await
    }

    async fn send(
        &self,
        method: Method,
        address: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Value, Trouble> {
        let (status, bytes) = self.answer(method, address, body, key).await?;
        let said: Value = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).map_err(|_| unfit("the answer is no JSON"))?
        };
        if (200..300).contains(&status) { Ok(said) } else { Err(Trouble::of(status, &said)) }
    }

    async fn answer(
        &self,
        method: Method,
        address: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<(u16, Vec<u8>), Trouble> {
        let response = self.passed_on(method, address, body, key).await?;
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.map_err(|error| unfit(&error.to_string()))?;
        Ok((status, bytes.to_vec()))
    }

    /// The answer as it is, to be passed on.
    pub(crate) async fn passed_on(
        &self,
        method: Method,
        address: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<axum::response::Response, Trouble> {
        let mut request = Request::builder().method(method).uri(address);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.as_str()));
        }
        if let Some(agent) = &self.agent {
            request = request.header(USER_AGENT, agent);
        }
        if let Some(key) = key {
            request = request.header(HeaderName::from_static("idempotency-key"), key);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = request.body(body).map_err(|error| unfit(&error.to_string()))?;
        if let Some(peer) = &self.peer {
            request.extensions_mut().insert(peer.clone());
        }
        if let Some(note) = &self.note {
            request.extensions_mut().insert(note.clone());
        }
        Ok(self.asked.clone().oneshot(request).await.unwrap_or_else(|never| match never {}))
    }
}

fn unfit(what: &str) -> Trouble {
    Trouble::new(500, "Something went wrong that should not have", what)
}
