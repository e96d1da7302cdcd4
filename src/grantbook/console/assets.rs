//! What pages load: one style sheet, one script, one icon. They are part of the program; no page asks another host.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/console.js");
const ICON: &str = include_str!("assets/icon.svg");

/// Stands in the addresses of style sheet and script, so that they may be kept for as long as they are the same.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let hash = blake3::hash([STYLE, SCRIPT].concat().as_bytes());
        hash.to_hex().chars().take(12).collect()
    });
    &VERSION
}

pub(crate) async fn style() -> Response {
    kept("text/css; charset=utf-8", STYLE)
}

pub(crate) async fn script() -> Response {
    kept("text/javascript; charset=utf-8", SCRIPT)
}

pub(crate) async fn icon() -> Response {
    kept("image/svg+xml", ICON)
}

fn kept(media: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, media),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}
