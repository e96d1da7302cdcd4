//! One line a request, and one shape for every answer that is a problem.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use grantbook_events::CloudId;
use tracing::Span;

use super::problem::{PROBLEM_JSON, Problem};

/// What a route learns about a request that its line tells. Never what was asked, said or presented (rule: C14).
#[derive(Debug, Default)]
pub(crate) struct Note {
    tenant: OnceLock<CloudId>,
    actor: OnceLock<&'static str>,
}

impl Note {
    /// Which tenant it is about.
    pub(crate) fn tenant(&self, tenant: CloudId) {
        let _ = self.tenant.set(tenant);
    }

    /// Of which kind the actor is.
    pub(crate) fn actor(&self, kind: &'static str) {
        let _ = self.actor.set(kind);
    }
}

/// The line of a request under way.
pub(crate) struct Line {
    began: Instant,
    method: Method,
    route: Option<MatchedPath>,
    note: Arc<Note>,
    span: Span,
}

impl Line {
    /// Begins it, and puts the [`Note`] beside the request that its route may write to.
    pub(crate) fn begin(request: &mut Request) -> Line {
        let (began, note) = (Instant::now(), Arc::new(Note::default()));
        request.extensions_mut().insert(note.clone());
        let (method, route) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
        let span = span(request, named(&route));
        Line { began, method, route, note, span }
    }

    /// What the request is in a trace.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Writes it, and makes the answer one of ours.
    pub(crate) fn end(self, response: Response) -> Response {
        let mut response = shaped(response);
        super::headers::strict(response.headers_mut());
        let (status, route) = (response.status().as_u16(), named(&self.route));
        self.span.record("http.response.status_code", status);
        crate::metrics::answered(route, &self.method, status, self.began.elapsed());
        tracing::info!(
            method = self.method.as_str(),
            route,
            status,
            micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            tenant = self.note.tenant.get().map_or("", CloudId::as_str),
            actor = self.note.actor.get().copied().unwrap_or("guest"),
            "request"
        );
        response
    }
}

/// How a route is called where none was found, too.
fn named(route: &Option<MatchedPath>) -> &str {
    route.as_ref().map_or("none", MatchedPath::as_str)
}

/// What a request is in a trace: named by its route, never by its path, and part of the caller's trace where they have one.
fn span(request: &Request, route: &str) -> Span {
    let method = request.method().as_str();
    let span = tracing::debug_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    #[cfg(feature = "otel")]
    crate::traces::go_on(&span, request.headers());
    span
}

/// Refusals of the router itself get the shape of every other problem.
fn shaped(response: Response) -> Response {
    let status = response.status();
    let problem = response.headers().get(CONTENT_TYPE).is_some_and(|media| media.as_bytes() == PROBLEM_JSON.as_bytes());
    let json = response.headers().get(CONTENT_TYPE).is_some_and(|media| media.as_bytes() == b"application/json");
    // A page says itself what is wrong.
    let page = response.headers().get(CONTENT_TYPE).is_some_and(|media| media.as_bytes().starts_with(b"text/html"));
    if problem || json || page || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let allow = response.headers().get(ALLOW).cloned();
    let mut response = Problem::of_status(status).into_response();
    if let Some(allow) = allow {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}
