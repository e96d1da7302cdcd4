//! Whether the program is well, and what it is.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Api;
use super::problem::{Problem, ProblemKind};

/// What this is and where to look.
pub(crate) async fn about() -> &'static str {
    concat!(
        "Grantbook ",
        env!("CARGO_PKG_VERSION"),
        ": the book in which every grant of a right is written.\n\n",
        "Sign in         POST /v1/tenants/{cloud_id}/sign-in  {\"username\", \"password\"}\n",
        "Give a command  POST /v1/tenants/{cloud_id}/commands (what there is: GET /v1/commands)\n",
        "Ask             GET  /v1/tenants/{cloud_id}/can?do=dashboard.manage_admins (what there is: GET /v1/capabilities)\n",
        "                GET  /v1/tenants/{cloud_id}/why, views/{view}, accounts, events; all with ?as_of=\n",
        "Is it well?     GET  /healthz, /readyz, /metrics\n",
        "All of it       /docs for people, /openapi.json for programs\n",
    )
}

/// The program runs.
pub(crate) async fn alive() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// The ledger can store.
pub(crate) async fn ready(State(api): State<Api>) -> Result<Response, Problem> {
    if api.service.ledger().failed() {
        let detail = "something could not be stored: the ledger must be opened again";
        return Err(Problem::new(ProblemKind::NotStored, detail));
    }
    Ok((StatusCode::OK, Json(json!({"status": "ready"}))).into_response())
}

/// Figures for Prometheus.
pub(crate) async fn metrics(State(api): State<Api>) -> Response {
    let text = crate::metrics::text(api.service.ledger());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
