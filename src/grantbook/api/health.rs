//! Whether the program is well, and what it is.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Api;
use super::problem::{Problem, ProblemKind};
use super::visit::Visit;

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
        "Check us        GET  /v1/tenants/{cloud_id}/checkpoint, proof/inclusion?position=, proof/consistency?from=, tile/...\n",
        "                POST /v1/tenants/{cloud_id}/case-file {\"question\": \"why\", \"account\", \"do\"}\n",
        "Is it well?     GET  /healthz, /readyz, /metrics\n",
        "All of it       /docs for people, /openapi.json for programs\n",
    )
}

/// The program runs; and whether its views are what the entries mean, as far as that was checked.
pub(crate) async fn alive(State(api): State<Api>) -> Response {
    let health = api.service.views_health();
    let status = if health.drifts.is_empty() { "ok" } else { "drifted" };
    Json(json!({"status": status, "views": {"rounds": health.rounds, "drifted": health.drifts.len()}})).into_response()
}

/// The same with all there is to say, for the local operator.
pub(crate) async fn in_full(visit: Visit) -> Result<Response, Problem> {
    visit.operator()?;
    visit.params.finish()?;
    let health = visit.api.service.views_health();
    let drifts = health
        .drifts
        .iter()
        .map(|drift| json!({"tenant": drift.tenant, "position": drift.position.0, "views": drift.views}));
    Ok(Json(json!({
        "storage": if visit.ledger().failed() { "stopped" } else { "ok" },
        "views": {
            "rounds": health.rounds,
            "seconds": health.took.as_secs_f64(),
            "drifts": drifts.collect::<serde_json::Value>(),
        },
    }))
    .into_response())
}

/// The ledger can store.
pub(crate) async fn ready(State(api): State<Api>) -> Result<Response, Problem> {
    if api.service.ledger().failed() {
        let detail = "something could not be stored: the ledger must be opened again";
        return Err(Problem::new(ProblemKind::NotStored, detail));
    }
    let mut answer = json!({"status": "ready"});
    if let (Some(mirror), Some(fields)) = (api.service.ledger().mirror(), answer.as_object_mut()) {
        let state = json!({"behind": mirror.behind, "stuck": mirror.trouble.is_some()});
        fields.insert("mirror".to_owned(), state);
    }
    Ok((StatusCode::OK, Json(answer)).into_response())
}

/// Figures for Prometheus.
pub(crate) async fn metrics(State(api): State<Api>) -> Response {
    let text = crate::metrics::text(api.service.ledger(), &api.service.views_health());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
