//! What the local operator does, who can open the directory: tenants and support tokens.

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use grantbook_decisions::command::not_guest;
use grantbook_events::{AccountId, CloudId, Edition, Instant, OperatorName, SecretVersion};
use grantbook_ledger::{SupportToken, TenantRequest};
use serde_json::{Value, json};

use super::body;
use super::customers::listed;
use super::problem::Problem;
use super::visit::Visit;

/// Creates a tenant. MANAGER's first password is in the answer, this once (rule: M1).
pub(crate) async fn create_tenant(visit: Visit, given: Body) -> Result<Response, Problem> {
    let operator = visit.operator()?;
    let body = body::json(&visit.headers, given).await?;
    visit.params.finish()?;
    let request = request(&body)?;
    let cloud_id = request.cloud_id.clone();
    let created = visit.ledger().create_tenant(&operator, request).await?;
    let answer = json!({
        "cloud_id": cloud_id.as_str(),
        "position": created.position.0,
        "manager_password": created.manager_password.as_str(),
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn request(body: &Value) -> Result<TenantRequest, Problem> {
    body::only(body, &["cloud_id", "edition", "manager_email", "first_admin", "at"])?;
    let cloud_id = CloudId::new(body::text(body, "cloud_id")?);
    let mut request = TenantRequest::new(cloud_id.map_err(|wrong| Problem::malformed("cloud_id", wrong.message))?);
    if let Some(edition) = body::maybe_text(body, "edition")? {
        request.edition =
            Edition::parse(edition).map_err(|expected| Problem::malformed("edition", expected.to_string()))?;
    }
    if let Some(account) = body::maybe_text(body, "first_admin")? {
        let account = AccountId::new(account).map_err(|wrong| Problem::malformed("first_admin", wrong.message))?;
        not_guest(&account).map_err(|message| Problem::malformed("first_admin", message))?;
        request.first_admin = Some(account);
    }
    if let Some(at) = body::maybe_text(body, "at")? {
        request.at = Some(Instant::parse(at).map_err(|expected| Problem::malformed("at", expected))?);
    }
    request.manager_email = body::maybe_text(body, "manager_email")?.map(str::to_owned);
    Ok(request)
}

/// The tenants.
pub(crate) async fn tenants(visit: Visit) -> Result<Response, Problem> {
    visit.operator()?;
    visit.params.finish()?;
    Ok(Json(json!({"tenants": listed(visit.ledger()).await?})).into_response())
}

/// Issues a token to a support operator. It is in the answer, this once (rule: U4).
pub(crate) async fn issue_support_token(visit: Visit, given: Body) -> Result<Response, Problem> {
    let by = visit.operator()?;
    let body = body::json(&visit.headers, given).await?;
    visit.params.finish()?;
    body::only(&body, &["operator"])?;
    let operator = OperatorName::new(body::text(&body, "operator")?)
        .map_err(|wrong| Problem::malformed("operator", wrong.message))?;
    let (token, id) = visit.ledger().issue_support_token(&by, operator.clone()).await?;
    let answer = json!({"operator": operator.as_str(), "id": shown(id), "token": token.reveal()});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The support tokens ever issued, without the tokens.
pub(crate) async fn support_tokens(visit: Visit) -> Result<Response, Problem> {
    visit.operator()?;
    visit.params.finish()?;
    let rows = visit.ledger().support_tokens()?;
    let row = |token: &SupportToken| {
        json!({
            "operator": token.operator.as_str(),
            "id": shown(token.id),
            "issued": token.issued.to_string(),
            "revoked": token.revoked.map(|revoked| revoked.to_string()),
        })
    };
    Ok(Json(json!({"support_tokens": rows.iter().map(row).collect::<Value>()})).into_response())
}

/// Revokes a support token.
pub(crate) async fn revoke_support_token(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let by = visit.operator()?;
    visit.params.finish()?;
    let id = u64::from_str_radix(&id, 16).map_err(|_| Problem::not_found("there is no such support token"))?;
    visit.ledger().revoke_support_token(&by, SecretVersion(id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A token's id as text: 64 bits are more than every program can hold as a number.
fn shown(id: SecretVersion) -> String {
    format!("{:016x}", id.0)
}
