//! Which methods a route has, for whoever asks.

use axum::http::StatusCode;
use axum::http::header::{ALLOW, HeaderValue};
use axum::response::{IntoResponse, Response};

/// Answers OPTIONS with what the router says in its refusal.
pub(crate) fn told(response: Response) -> Response {
    let allow = response.headers().get(ALLOW).and_then(|allow| allow.to_str().ok());
    match allow.map(|allow| HeaderValue::from_str(&format!("{allow},OPTIONS"))) {
        Some(Ok(allow)) if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            (StatusCode::NO_CONTENT, [(ALLOW, allow)]).into_response()
        }
        Some(_) | None => response,
    }
}
