//! The doors of those who cannot sign in (rules: P1, P4, P6). The first two are answered the same whatever there is: with
//! 202, after the same time, before anything was looked at.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::body;
use super::problem::Problem;
use super::visit::Visit;

/// How long such an answer takes. What is asked for is usually recorded by then; the answer does not wait for it, so that
/// the time it takes says nothing either.
const ANSWERED_AFTER: Duration = Duration::from_millis(100);

/// Somebody forgot a password.
pub(crate) async fn forgot_password(
    visit: Visit,
    Path(cloud_id): Path<String>,
    given: Body,
) -> Result<Response, Problem> {
    let body = asked(&visit, given, "username").await?;
    let (username, origin) = (body::text(&body, "username")?.to_owned(), visit.origin());
    visit.params.finish()?;
    if let Ok(tenant) = visit.tenant_named(&cloud_id) {
        tenant.forgot_password(&username, &origin);
    }
    Ok(on_its_way().await)
}

/// Somebody forgot a username.
pub(crate) async fn forgot_username(
    visit: Visit,
    Path(cloud_id): Path<String>,
    given: Body,
) -> Result<Response, Problem> {
    let body = asked(&visit, given, "email").await?;
    let (email, origin) = (body::text(&body, "email")?.to_owned(), visit.origin());
    visit.params.finish()?;
    if let Ok(tenant) = visit.tenant_named(&cloud_id) {
        tenant.forgot_username(&email, &origin);
    }
    Ok(on_its_way().await)
}

async fn asked(visit: &Visit, given: Body, field: &str) -> Result<Value, Problem> {
    let body = body::json(&visit.headers, given).await?;
    body::only(&body, &[field])?;
    Ok(body)
}

async fn on_its_way() -> Response {
    tokio::time::sleep(ANSWERED_AFTER).await;
    let detail = "if there is such an account, and it has an address, a mail is on its way to it";
    (StatusCode::ACCEPTED, Json(json!({"detail": detail}))).into_response()
}

/// Somebody chooses a password by a mailed link.
pub(crate) async fn reset_password(
    visit: Visit,
    Path(cloud_id): Path<String>,
    given: Body,
) -> Result<Response, Problem> {
    let body = body::json(&visit.headers, given).await?;
    body::only(&body, &["token", "new"])?;
    let (token, new) = (body::text(&body, "token")?, body::text(&body, "new")?);
    let origin = visit.origin();
    visit.params.finish()?;
    let Ok(tenant) = visit.tenant_named(&cloud_id) else {
        // Nobody learns here which tenants there are (rule: T5).
        return Err(Problem::forbidden("P4", "this link does not work, or works no longer: ask for a new one"));
    };
    tenant.reset_password(token, new, &origin).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The page that the link of the mail opens. The token stands behind the `#`, which no browser sends to a server, and so
/// in no log on the way.
pub(crate) async fn page() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; \
             form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ];
    (headers, include_str!("reset_password.html")).into_response()
}
