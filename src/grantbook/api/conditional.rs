//! Answers that the asker has already (RFC 9110, 13.1.2).

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

/// What the asker of something has already, as `If-None-Match` says.
pub(crate) struct Known(Option<HeaderValue>);

impl Known {
    /// Of a request that asks.
    pub(crate) fn to_asker(request: &Request) -> Known {
        let asks = matches!(*request.method(), Method::GET | Method::HEAD);
        Known(request.headers().get(IF_NONE_MATCH).filter(|_| asks).cloned())
    }

    /// 304 instead of what is known. Who may read was looked at before: the answer was made.
    pub(crate) fn left_out(self, response: Response) -> Response {
        match self.0 {
            Some(known) if response.status() == StatusCode::OK && names(&known, response.headers()) => {
                let tag = response.headers().get(ETAG).cloned();
                let mut response = StatusCode::NOT_MODIFIED.into_response();
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response.headers_mut().extend(tag.map(|tag| (ETAG, tag)));
                response
            }
            Some(_) | None => response,
        }
    }
}

/// Whether one of the tags is that of the answer; compared weakly, as this header is.
fn names(known: &HeaderValue, answer: &HeaderMap) -> bool {
    let Some(tag) = answer.get(ETAG).and_then(|tag| tag.to_str().ok()) else { return false };
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.to_str().is_ok_and(|known| known.split(',').any(|one| one.trim() == "*" || opaque(one) == opaque(tag)))
}
