//! The guest doors: signing in and out, and changing a password that another has set.

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use grantbook_events::{Client, SignInPlane};
use grantbook_ledger::{Caller, Credentials, SignedIn, TenantHandle, Terms};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::body;
use super::problem::Problem;
use super::visit::{Asker, Visit};

/// Signs somebody in.
pub(crate) async fn sign_in(visit: Visit, Path(cloud_id): Path<String>, given: Body) -> Result<Response, Problem> {
    let body = body::json(&visit.headers, given).await?;
    body::only(&body, &["username", "password", "code", "plane", "client", "browser"])?;
    let credentials = credentials(&body)?;
    let origin = visit.origin();
    visit.params.finish()?;
    let Ok(tenant) = visit.tenant_named(&cloud_id) else {
        return Err(Problem::at_the_door(visit.ledger().sign_in_nowhere(&credentials.password, &origin).await));
    };
    match tenant.sign_in(&credentials, &origin).await.map_err(Problem::at_the_door)? {
        SignedIn::Session { token, done, account } => Ok(Json(json!({
            "token": token.reveal(),
            "expires_at": done.expires_at.map(|at| at.to_string()),
            "account": account.as_str(),
            "became_admin": done.became_admin,
            "must_change_password": false,
            "must_enrol_second_factor": done.only_enrols,
            "position": done.position.map(|position| position.0),
        }))
        .into_response()),
        SignedIn::MustChange { account } => Ok(Json(json!({
            "token": null,
            "expires_at": null,
            "account": account.as_str(),
            "became_admin": false,
            "must_change_password": true,
            "must_enrol_second_factor": false,
            "position": null,
        }))
        .into_response()),
    }
}

fn credentials(body: &Value) -> Result<Credentials, Problem> {
    let plane = body::maybe_text(body, "plane")?.map_or(Ok(SignInPlane::Dashboard), SignInPlane::parse);
    let client = body::maybe_text(body, "client")?.map_or(Ok(Client::Browser), Client::parse);
    Ok(Credentials {
        username: body::text(body, "username")?.to_owned(),
        password: Zeroizing::new(body::text(body, "password")?.to_owned()),
        plane: plane.map_err(|expected| Problem::malformed("plane", expected.to_string()))?,
        client: client.map_err(|expected| Problem::malformed("client", expected.to_string()))?,
        code: body::maybe_text(body, "code")?.map(|code| Zeroizing::new(code.to_owned())),
        browser: body::maybe_text(body, "browser")?.unwrap_or_default().to_owned(),
    })
}

/// Ends the session of the token.
pub(crate) async fn sign_out(visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let caller = visit.caller()?;
    let tenant = visit.tenant(&cloud_id, &Asker::Caller(caller.clone())).await?;
    visit.params.finish()?;
    if let Caller::Support { .. } = caller {
        return Err(Problem::forbidden("U4", "a support token has no session: the local operator revokes it"));
    }
    end_session(&tenant, &caller, Terms { origin: visit.origin(), ..Terms::default() }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn end_session(tenant: &TenantHandle, caller: &Caller, terms: Terms) -> Result<(), Problem> {
    tenant.command(caller, &json!({"name": "end_session"}), &terms).await?;
    Ok(())
}

/// Changes a password, with the old one and the code of a second factor where there is one (rules: C16, S6).
pub(crate) async fn change_password(
    visit: Visit,
    Path(cloud_id): Path<String>,
    given: Body,
) -> Result<Response, Problem> {
    let body = body::json(&visit.headers, given).await?;
    body::only(&body, &["username", "old", "new", "code"])?;
    let (username, old, new) = (body::text(&body, "username")?, body::text(&body, "old")?, body::text(&body, "new")?);
    let code = body::maybe_text(&body, "code")?;
    let origin = visit.origin();
    visit.params.finish()?;
    let Ok(tenant) = visit.tenant_named(&cloud_id) else {
        return Err(Problem::at_the_door(visit.ledger().sign_in_nowhere(old, &origin).await));
    };
    tenant.change_password_with_code(username, old, new, code, &origin).await.map_err(Problem::at_the_door)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
