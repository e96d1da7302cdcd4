//! One line a request, and one shape for every answer that is a problem.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use grantbook_events::CloudId;
use tracing::{Instrument, Span};

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

/// Answers a request, and writes its line.
pub(crate) async fn line(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let note = Arc::new(Note::default());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    request.extensions_mut().insert(note.clone());
    let span = span(&request, route.as_deref().unwrap_or("none"));
    let mut response = shaped(next.run(request).instrument(span.clone()).await);
    super::headers::strict(response.headers_mut());
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    crate::metrics::answered(route.as_deref().unwrap_or("none"), method.as_str(), status, began.elapsed());
    tracing::info!(
        method = method.as_str(),
        route = route.as_deref().unwrap_or("none"),
        status,
        micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        tenant = note.tenant.get().map_or("", CloudId::as_str),
        actor = note.actor.get().copied().unwrap_or("guest"),
        "request"
    );
    response
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
