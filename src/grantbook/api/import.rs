//! Importing history made elsewhere, by the local operator (rule: U6).

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use grantbook_events::{CloudId, OperatorName, Ticket};
use grantbook_ledger::{
    Created, ImportError, ImportOrder, Imported, LedgerError, TenantHandle, TenantRequest, first_instant,
};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::problem::{Problem, ProblemKind};
use super::visit::Visit;

/// How often it is told how many lines are done.
const TELL: Duration = Duration::from_millis(200);

type Running = Pin<Box<dyn Future<Output = Result<Imported, ImportError>> + Send>>;

/// Imports the lines of the body, and makes the tenant where it does not exist. The answer tells how far it is, line by
/// line, and ends with what came of it. It stops where nobody listens any more; run again it goes on there. With
/// `dry_run=true` nothing is recorded, and the answer is how many lines are in the book already.
pub(crate) async fn import(mut visit: Visit, Path(cloud_id): Path<String>, given: Body) -> Result<Response, Problem> {
    let operator = visit.operator()?;
    let dry_run = visit.params.flag("dry_run")?;
    let ticket = ticket(visit.params.need("ticket", "the ticket that the import rests on")?)?;
    visit.params.finish()?;
    let cloud_id = named(&cloud_id)?;
    let order = ImportOrder { operator, ticket, origin: visit.origin() };
    let bytes = to_bytes(given, usize::MAX).await;
    let bytes = bytes.map_err(|_| Problem::new(ProblemKind::NotJson, "the body was cut off"))?;
    let text = String::from_utf8(bytes.into());
    let text = text.map_err(|_| Problem::new(ProblemKind::NotJson, "the body is not UTF-8"))?;
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if dry_run {
        let skipped = match visit.ledger().tenant_named(&cloud_id) {
            Ok(tenant) => tenant.imported_already(&lines).map_err(problem)?,
            Err(LedgerError::NoSuchTenant(_)) => 0,
            Err(error) => return Err(error.into()),
        };
        return Ok(Json(json!({"would": {"skip": skipped}})).into_response());
    }
    let (tenant, created) = match visit.ledger().tenant_named(&cloud_id) {
        Ok(tenant) => (tenant, None),
        Err(LedgerError::NoSuchTenant(_)) => {
            let created = create(&visit, &cloud_id, &order.operator, &lines).await?;
            (visit.ledger().tenant_named(&cloud_id)?, Some(created))
        }
        Err(error) => return Err(error.into()),
    };
    let (told, done) = watch::channel(0);
    let running: Running = Box::pin(async move {
        let mut progress = |lines| {
            told.send_replace(lines);
        };
        tenant.import(&order, &lines, &mut progress).await
    });
    let first = created.map(|created| {
        json!({"created": {
            "cloud_id": cloud_id.as_str(),
            "position": created.position.0,
            "manager_password": created.manager_password.as_str(),
        }})
    });
    Ok(told_line_by_line(first, running, done))
}

/// A tenant that begins with the first line.
async fn create(
    visit: &Visit,
    cloud_id: &CloudId,
    operator: &OperatorName,
    lines: &[String],
) -> Result<Created, Problem> {
    let first = lines.first().ok_or_else(|| Problem::malformed("body", "expected at least one line"))?;
    let at = Some(first_instant(first).map_err(problem)?);
    let request = TenantRequest { at, ..TenantRequest::new(cloud_id.clone()) };
    Ok(visit.ledger().create_tenant(operator, request).await?)
}

/// Gives up the import that is under way, on its own ticket where no other is given.
pub(crate) async fn abandon(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let operator = visit.operator()?;
    let ticket = visit.params.take("ticket").map(ticket).transpose()?;
    visit.params.finish()?;
    let tenant: TenantHandle = visit.ledger().tenant_named(&named(&cloud_id)?)?;
    match tenant.abandon_import(&operator, ticket, &visit.origin()).await? {
        Some(line) => Ok(Json(json!({"abandoned": {"line": line}})).into_response()),
        None => Err(Problem::not_found("no import is under way")),
    }
}

fn ticket(text: String) -> Result<Ticket, Problem> {
    Ticket::new(&text).map_err(|wrong| Problem::malformed("ticket", wrong.message))
}

fn named(cloud_id: &str) -> Result<CloudId, Problem> {
    CloudId::new(cloud_id).map_err(|wrong| Problem::malformed("cloud_id", wrong.message))
}

fn told_line_by_line(first: Option<Value>, running: Running, done: watch::Receiver<u64>) -> Response {
    let ticks = tokio::time::interval(TELL);
    let lines = stream::unfold(Some((first, running, done, ticks)), |state| async move {
        let (first, mut running, mut done, mut ticks) = state?;
        if let Some(first) = first {
            return Some((line(&first), Some((None, running, done, ticks))));
        }
        loop {
            tokio::select! {
                biased;
                outcome = &mut running => return Some((line(&told(outcome)), None)),
                _ = ticks.tick() => {
                    if done.has_changed().unwrap_or(false) {
                        let lines = *done.borrow_and_update();
                        return Some((line(&json!({"done": lines})), Some((None, running, done, ticks))));
                    }
                }
            }
        }
    });
    let mut response = Body::from_stream(lines.fuse()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

fn line(value: &Value) -> Result<String, Infallible> {
    Ok(format!("{value}\n"))
}

fn told(outcome: Result<Imported, ImportError>) -> Value {
    match outcome {
        Ok(Imported { skipped, recorded, last }) => {
            json!({"imported": {"skipped": skipped, "recorded": recorded, "last": last.0}})
        }
        Err(error) => {
            let at = match &error {
                ImportError::Line { line, .. } => Some(*line),
                ImportError::OtherFile(_) | ImportError::Ledger(_) => None,
            };
            let mut told = problem(error).json();
            if let (Some(told), Some(line)) = (told.as_object_mut(), at) {
                told.insert("line".to_owned(), line.into());
            }
            json!({"problem": told})
        }
    }
}

fn problem(error: ImportError) -> Problem {
    let detail = error.to_string();
    match error {
        ImportError::Line { rule, .. } => Problem::malformed("line", detail).by_rule(rule),
        ImportError::OtherFile(_) => Problem::new(ProblemKind::Conflict, detail).by_rule(Some("U6")),
        // The first line is before the book's last entry: a matter of the state.
        ImportError::Ledger(error @ LedgerError::Malformed { .. }) => {
            Problem::from(error).of_kind(ProblemKind::Conflict)
        }
        ImportError::Ledger(error) => error.into(),
    }
}
