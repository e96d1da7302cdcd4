//! Which methods a route has, for whoever asks.

use axum::http::StatusCode;
use axum::http::header::{ALLOW, HeaderValue};
use axum::response::{IntoResponse, Response};

/// Every route answers OPTIONS, so a refusal of another method names it too.
pub(crate) fn with_options(mut response: Response) -> Response {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Some(allow) = allowed(&response)
    {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

/// Answers OPTIONS with what the router says in its refusal.
pub(crate) fn told(response: Response) -> Response {
    match allowed(&response) {
        Some(allow) if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            (StatusCode::NO_CONTENT, [(ALLOW, allow)]).into_response()
        }
        Some(_) | None => response,
    }
}

/// The methods that the router names, and OPTIONS.
fn allowed(response: &Response) -> Option<HeaderValue> {
    let allow = response.headers().get(ALLOW)?.to_str().ok()?;
    HeaderValue::from_str(&format!("{allow},OPTIONS")).ok()
}
