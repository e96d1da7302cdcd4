//! Which other sites' pages may ask: none, unless the server was told so.

use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderValue, Method};
use tower_http::cors::CorsLayer;

/// Lets pages of these origins ask, with a token that they hold; cookies are not let through. `None` for no origin.
pub(crate) fn of(origins: &[HeaderValue]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let own = ["idempotency-key", "last-event-id"].map(HeaderName::from_static);
    let headers = [ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH].into_iter().chain(own);
    let layer = CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers(headers.collect::<Vec<_>>())
        .expose_headers([ETAG, LOCATION])
        .max_age(Duration::from_secs(600));
    Some(layer)
}
