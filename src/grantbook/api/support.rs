//! Support's door: operators who act from outside a tenant, each named, each act with a ticket (rule: U4).

use axum::Json;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use grantbook_decisions::Refusal;
use grantbook_decisions::command::{Door, describe};
use grantbook_events::{CloudId, OperatorName, Position};
use grantbook_ledger::{Caller, Ledger, LedgerError, Point, Terms, support_target};
use serde_json::{Value, json};

use super::body;
use super::commands::{answer, seen, terms, well_formed};
use super::problem::Problem;
use super::visit::Visit;

/// Gives a command of support's. `add_app` and `add_module` without a Cloud ID are given to every tenant in turn.
pub(crate) async fn give(mut visit: Visit, given: Body) -> Result<Response, Problem> {
    let caller = visit.caller()?;
    admitted(visit.ledger(), &caller).await?;
    let body = body::json(&visit.headers, given).await?;
    let terms = terms(&mut visit)?;
    visit.params.finish()?;
    well_formed(&body, Door::Support)?;
    let operator = match caller {
        Caller::Support { operator } => operator,
        Caller::Account { .. } => return Err(refused(visit.ledger(), &caller, &body, terms.dry_run).await),
    };
    if body.get("cloud_id").is_none_or(Value::is_null) && for_all(&body) {
        return Ok(to_all(visit.ledger(), &operator, &body, &terms).await);
    }
    let tenant = visit.tenant_named(target(&body)?.as_str())?;
    seen(&tenant, &terms)?;
    let done = tenant.support_command(&operator, &body, &terms).await?;
    Ok(answer(&tenant, &done))
}

/// A session that is over is none, at this door too.
async fn admitted(ledger: &Ledger, caller: &Caller) -> Result<(), Problem> {
    match caller {
        Caller::Support { .. } => Ok(()),
        Caller::Account { tenant, .. } => Ok(ledger.tenant_named(tenant)?.admits(caller).await?),
    }
}

/// A tenant's people have a door of their own. That they tried this one is recorded in their tenant (rule: U1).
async fn refused(ledger: &Ledger, caller: &Caller, body: &Value, dry_run: bool) -> Problem {
    let refusal = Refusal::not_of_this_door();
    if let Caller::Account { tenant, .. } = caller
        && !dry_run
        && let Ok(tenant) = ledger.tenant_named(tenant)
    {
        let named = body.get("name").and_then(Value::as_str);
        let name = named.and_then(describe).map_or("support_command", |known| known.name);
        match tenant.note_refused(caller, name, None, &refusal).await {
            Ok(()) | Err(LedgerError::Importing) => {}
            Err(error) => return error.into(),
        }
    }
    refusal.into()
}

/// The tenant that a command is on, or that all commands of a list are on.
fn target(body: &Value) -> Result<CloudId, Problem> {
    let Some(list) = body.get("commands").and_then(Value::as_array) else { return Ok(support_target(body)?) };
    let mut found: Option<CloudId> = None;
    for (index, command) in list.iter().enumerate() {
        let place = format!("commands[{index}]");
        let one = support_target(command).map_err(|error| Problem::from(error).within(&place))?;
        if found.as_ref().is_some_and(|found| *found != one) {
            let detail = "expected the same tenant in every command: a list is one entry of one tenant";
            return Err(Problem::malformed("cloud_id", detail).within(&place));
        }
        found = Some(one);
    }
    found.ok_or_else(|| Problem::malformed("commands", "expected at least one command"))
}

/// Whether a command without a Cloud ID is for every tenant.
fn for_all(body: &Value) -> bool {
    matches!(body.get("name").and_then(Value::as_str), Some("add_app" | "add_module"))
}

/// Every tenant in turn; each takes it or refuses it by itself.
async fn to_all(ledger: &Ledger, operator: &OperatorName, body: &Value, terms: &Terms) -> Response {
    let mut rows = Vec::new();
    for cloud_id in ledger.tenants() {
        let done = match ledger.tenant_named(&cloud_id) {
            Ok(tenant) => tenant.support_command(operator, body, terms).await,
            Err(error) => Err(error),
        };
        rows.push(match done {
            Ok(done) => json!({"cloud_id": cloud_id.as_str(), "position": done.position.map(|position| position.0)}),
            Err(error) => json!({"cloud_id": cloud_id.as_str(), "problem": Problem::from(error).json()}),
        });
    }
    let status = if terms.dry_run { StatusCode::OK } else { StatusCode::CREATED };
    (status, Json(json!({"tenants": rows}))).into_response()
}

/// The tenants, for support.
pub(crate) async fn tenants(visit: Visit) -> Result<Response, Problem> {
    if let super::visit::Asker::Caller(caller @ Caller::Account { .. }) = visit.asker()? {
        admitted(visit.ledger(), &caller).await?;
        return Err(refused(visit.ledger(), &caller, &Value::Null, false).await);
    }
    visit.params.finish()?;
    Ok(Json(json!({"tenants": listed(visit.ledger()).await?})).into_response())
}

/// Every tenant with its last position and its edition.
pub(crate) async fn listed(ledger: &Ledger) -> Result<Vec<Value>, Problem> {
    let mut rows = Vec::new();
    for cloud_id in ledger.tenants() {
        let tenant = ledger.tenant_named(&cloud_id)?;
        let (last, edition): (Position, &str) = tenant
            .ask(Point::Now, |views, as_of| (as_of.position, views.tenant.edition(as_of.position).slug()))
            .await?;
        rows.push(json!({"cloud_id": cloud_id.as_str(), "last": last.0, "edition": edition}));
    }
    Ok(rows)
}
