//! Which methods a route has, for whoever asks.

use axum::extract::Request;
use axum::http::header::{ALLOW, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Answers OPTIONS with what the router says in its refusal. It stands outside of the router, which says it last.
pub(crate) async fn told(request: Request, next: Next) -> Response {
    let asked = *request.method() == Method::OPTIONS;
    let response = next.run(request).await;
    let allow = response.headers().get(ALLOW).and_then(|allow| allow.to_str().ok());
    match allow.map(|allow| HeaderValue::from_str(&format!("{allow},OPTIONS"))) {
        Some(Ok(allow)) if asked && response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            (StatusCode::NO_CONTENT, [(ALLOW, allow)]).into_response()
        }
        Some(_) | None => response,
    }
}
