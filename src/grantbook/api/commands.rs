//! Giving commands at a tenant's door.

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{CONTENT_TYPE, IF_MATCH, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use grantbook_decisions::Refusal;
use grantbook_decisions::command::{self, CommandJson, Door};
use grantbook_encoding::json::Form;
use grantbook_events::Position;
use grantbook_ledger::{Caller, Done, LedgerError, ShownSecret, TenantHandle, Terms};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body;
use super::params::position;
use super::problem::{Problem, ProblemKind};
use super::visit::{Asker, Visit};

/// Gives one command, or a list of commands as one entry.
pub(crate) async fn give(mut visit: Visit, Path(cloud_id): Path<String>, given: Body) -> Result<Response, Problem> {
    let caller = visit.caller()?;
    let tenant = visit.tenant(&cloud_id, &Asker::Caller(caller.clone())).await?;
    let text = body::commands(&visit.headers, given).await?;
    let body: CommandJson<'_> = body::parsed(&text)?;
    let terms = terms(&mut visit)?;
    visit.params.finish()?;
    if let Caller::Support { .. } = caller {
        well_formed(&body, Door::Tenant)?;
        return Err(Refusal::not_of_this_door().into());
    }
    if let Err(ahead) = seen(&tenant, &terms) {
        // What is malformed is told first.
        well_formed(&body, Door::Tenant)?;
        return Err(ahead);
    }
    let done = tenant.command(&caller, body, &terms).await?;
    answer(&tenant, &done)
}

/// What came of a command, after its answer was lost.
pub(crate) async fn outcome(visit: Visit, Path((cloud_id, key)): Path<(String, String)>) -> Result<Response, Problem> {
    let caller = visit.caller()?;
    let tenant = visit.tenant_called(&cloud_id, &Asker::Caller(caller.clone())).await?;
    visit.params.finish()?;
    let key = parse_key("key", &key)?;
    let Some((position, entry)) = tenant.outcome(&caller, key)? else {
        return Err(Problem::not_found("nothing was recorded under this key; a refused command may be given again"));
    };
    Ok(Json(json!({"position": position.0, "entry": tenant.show(Some(position), &entry)})).into_response())
}

/// What is told of a command, of a list of which it may be long: written as it is made.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
    entry: Option<Form<'a>>,
    /// The seed of a second factor is in no entry: it is shown to its holder this once (rules: C14, S6).
    #[serde(skip_serializing_if = "Option::is_none")]
    second_factor: Option<Value>,
    /// Nor is a webhook's secret: its receiver must be told (rule: C14).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    webhook_secrets: Vec<Value>,
}

/// What came of a command: 201 where it is recorded, now or before under the same key; 200 for a dry run.
pub(crate) fn answer(tenant: &TenantHandle, done: &Done) -> Result<Response, Problem> {
    let secret = |one: &ShownSecret| json!({"webhook": one.webhook.as_str(), "secret": one.secret.as_str()});
    let told = |entry: Option<Form<'_>>| {
        // What was not recorded has no secrets.
        let recorded = done.position.is_some();
        let seed = done.second_factor.as_ref().filter(|_| recorded);
        serde_json::to_vec(&Told {
            position: done.position,
            entry,
            second_factor: seed.map(|one| json!({"secret": one.secret.as_str(), "otpauth": one.otpauth.as_str()})),
            webhook_secrets: done.webhook_secrets.iter().filter(|_| recorded).map(secret).collect(),
        })
    };
    let body = match &done.entry {
        Some(entry) => tenant.write_shown(done.position, entry, |form| told(Some(form))),
        None => told(None),
    };
    let unwritten = |_| Problem::new(ProblemKind::Unexpected, "what was recorded could not be told");
    let body = ([(CONTENT_TYPE, "application/json")], body.map_err(unwritten)?);
    let Some(position) = done.position else { return Ok((StatusCode::OK, body).into_response()) };
    let mut response = (StatusCode::CREATED, body).into_response();
    let location = format!("/v1/tenants/{}/events/{position}", tenant.cloud_id());
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// What comes beside the commands. A dry run has no key: it records nothing that could be given again.
pub(crate) fn terms(visit: &mut Visit) -> Result<Terms, Problem> {
    let dry_run = visit.params.flag("dry_run")?;
    let key = header(&visit.headers, "idempotency-key").map(|key| parse_key("Idempotency-Key", key?)).transpose()?;
    let if_match = header(&visit.headers, IF_MATCH.as_str()).map(|text| parse_tag(text?)).transpose()?;
    Ok(Terms { key: key.filter(|_| !dry_run), if_match, dry_run, origin: visit.origin() })
}

/// Whoever names a position in `If-Match` has seen it: it cannot lie ahead.
pub(crate) fn seen(tenant: &TenantHandle, terms: &Terms) -> Result<(), Problem> {
    let last = tenant.last();
    match terms.if_match.filter(|seen| *seen > last) {
        Some(_) => Err(LedgerError::MovedOn(last).into()),
        None => Ok(()),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Option<Result<&'a str, Problem>> {
    let value = headers.get(name)?;
    Some(value.to_str().map_err(|_| Problem::malformed(name, "expected ASCII text")))
}

pub(crate) fn parse_key(field: &str, text: &str) -> Result<[u8; 16], Problem> {
    let key = Uuid::parse_str(text.trim()).map_err(|_| Problem::malformed(field, "expected a UUID"))?;
    Ok(*key.as_bytes())
}

/// `"17"`, or as views give it in `ETag`: there it is weak, and the fingerprint of the view stands behind a full stop. The
/// position is what counts: what is decided rests on the book, not on one view of it.
fn parse_tag(text: &str) -> Result<Position, Problem> {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    position("If-Match", inner.split('.').next().unwrap_or(inner))
}

/// Whether a body would be read as commands of this door: what is malformed is told first, to whomever.
pub(crate) fn well_formed(body: &CommandJson<'_>, door: Door) -> Result<(), Problem> {
    let one = |given: &CommandJson<'_>| {
        command::well_formed(given, door).map_err(|malformed| Problem::from(LedgerError::from(malformed)))
    };
    match command::field(body, "commands").and_then(CommandJson::as_array) {
        None => one(body),
        Some(list) => list.iter().enumerate().try_for_each(|(index, command)| {
            one(command).map_err(|problem| problem.within(&format!("commands[{index}]")))
        }),
    }
}
