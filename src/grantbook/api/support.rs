//! Support's door: operators who act from outside, each named, each act with a ticket (rule: U4). What is on one tenant is
//! recorded there; what is on customers, their Cloud IDs and every tenant's catalogue in the installation's own ledger.

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use grantbook_decisions::Refusal;
use grantbook_decisions::command::{CommandJson, Door, describe, field, of_installation};
use grantbook_events::{CloudId, Position};
use grantbook_ledger::{Caller, Ledger, SupportDone, support_target};
use serde_json::json;

use super::body;
use super::commands::{answer, parse_key, seen, terms, well_formed};
use super::problem::Problem;
use super::visit::{Asker, Visit};

/// Gives a command of support's.
pub(crate) async fn give(mut visit: Visit, given: Body) -> Result<Response, Problem> {
    let caller = visit.caller()?;
    admitted(visit.ledger(), &caller).await?;
    let text = body::commands(&visit.headers, given).await?;
    let body: CommandJson<'_> = body::parsed(&text)?;
    let terms = terms(&mut visit)?;
    visit.params.finish()?;
    well_formed(&body, Door::Support)?;
    let operator = match caller {
        Caller::Support { operator } => operator,
        Caller::Account { .. } => {
            let named = field(&body, "name").and_then(CommandJson::as_str);
            return Err(refused(visit.ledger(), &caller, named, terms.dry_run).await);
        }
    };
    if in_installation(&body)? {
        let done = visit.ledger().support_command(&operator, body, &terms).await?;
        return Ok(told(done));
    }
    let tenant = visit.tenant_named(target(&body)?.as_str())?;
    seen(&tenant, &terms)?;
    let done = tenant.support_command(&operator, body, &terms).await?;
    answer(&tenant, &done)
}

/// What came of an act of the installation's: 201 where it is recorded, 200 for a dry run.
fn told(done: SupportDone) -> Response {
    let SupportDone { position, entry, tenant, reached, manager_password } = done;
    let Some(position) = position else {
        return (StatusCode::OK, Json(json!({"entry": entry}))).into_response();
    };
    let mut answer = json!({"position": position.0, "entry": entry});
    if let Some(fields) = answer.as_object_mut() {
        match tenant {
            Some(cloud_id) => drop(fields.insert("cloud_id".to_owned(), cloud_id.as_str().into())),
            None => {
                let row = |(cloud_id, position): &(CloudId, Position)| json!({"cloud_id": cloud_id.as_str(), "position": position.0});
                fields.insert("tenants".to_owned(), reached.iter().map(row).collect());
            }
        }
        if let Some(password) = &manager_password {
            fields.insert("manager_password".to_owned(), password.as_str().into());
        }
    }
    let mut response = (StatusCode::CREATED, Json(answer)).into_response();
    if manager_password.is_some() {
        // Shown this once, and kept by nobody on the way (rules: C14, M1).
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Whether a body is for the installation's own ledger. Errors: a list is for it in part.
fn in_installation(body: &CommandJson<'_>) -> Result<bool, Problem> {
    let Some(list) = field(body, "commands").and_then(CommandJson::as_array) else { return Ok(of_installation(body)) };
    let first = list.first().is_some_and(of_installation);
    match list.iter().position(|command| of_installation(command) != first) {
        None => Ok(first),
        Some(index) => {
            let detail =
                "expected commands on the same ledger in a list: that of one tenant, or the installation's own";
            Err(Problem::malformed("name", detail).within(&format!("commands[{index}]")))
        }
    }
}

/// What came of an operator's command, after its answer was lost: whoever gave it need not know in which book it is. Looked
/// for in the installation's own ledger first, then in each tenant's by Cloud ID; where one key was given to several, the
/// first of them is told, and the tenant's own route tells the others.
pub(crate) async fn outcome(visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let caller = visit.caller()?;
    let Caller::Support { operator } = &caller else {
        admitted(visit.ledger(), &caller).await?;
        return Err(refused(visit.ledger(), &caller, None, false).await);
    };
    visit.params.finish()?;
    let (ledger, key) = (visit.ledger(), parse_key("key", &key)?);
    if let Some((position, entry)) = ledger.support_outcome(operator, key)? {
        return Ok(Json(json!({"position": position.0, "entry": entry})).into_response());
    }
    for cloud_id in ledger.tenants() {
        let tenant = ledger.tenant_named(&cloud_id)?;
        if let Some((position, entry)) = tenant.outcome(&caller, key)? {
            let entry = tenant.show(Some(position), &entry);
            return Ok(Json(json!({"position": position.0, "entry": entry})).into_response());
        }
    }
    Err(Problem::not_found("nothing was recorded under this key; a refused command may be given again"))
}

/// Lets support and the local operator through to what is theirs to read. Errors: it is somebody of a tenant, which is
/// recorded there (rule: U1), or nobody.
pub(crate) async fn readers_only(visit: &Visit) -> Result<(), Problem> {
    match visit.asker()? {
        Asker::Operator(_) | Asker::Caller(Caller::Support { .. }) => Ok(()),
        Asker::Caller(caller @ Caller::Account { .. }) => {
            admitted(visit.ledger(), &caller).await?;
            Err(refused(visit.ledger(), &caller, None, false).await)
        }
    }
}

/// A session that is over is none, at this door too.
async fn admitted(ledger: &Ledger, caller: &Caller) -> Result<(), Problem> {
    match caller {
        Caller::Support { .. } => Ok(()),
        Caller::Account { tenant, .. } => Ok(ledger.tenant_named(tenant)?.admits(caller).await?),
    }
}

/// A tenant's people have a door of their own. That they tried this one, with the command that they `named`, is recorded in their tenant (rule: U1).
async fn refused(ledger: &Ledger, caller: &Caller, named: Option<&str>, dry_run: bool) -> Problem {
    let refusal = Refusal::not_of_this_door();
    if let Caller::Account { tenant, .. } = caller
        && !dry_run
        && let Ok(tenant) = ledger.tenant_named(tenant)
    {
        let name = named.and_then(describe).map_or("support_command", |known| known.name);
        if let Err(error) = tenant.note_refused(caller, name, None, &refusal).await {
            return error.into();
        }
    }
    refusal.into()
}

/// The tenant that a command is on, or that all commands of a list are on.
fn target(body: &CommandJson<'_>) -> Result<CloudId, Problem> {
    let Some(list) = field(body, "commands").and_then(CommandJson::as_array) else { return Ok(support_target(body)?) };
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
