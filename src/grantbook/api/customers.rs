//! What support and the local operator read of the installation: its tenants, its customers, its own history.

use axum::Json;
use axum::response::{IntoResponse, Response};
use grantbook_events::{Instant, Position, Sealed};
use grantbook_ledger::{InstallationView, Ledger, Point};
use grantbook_projections::{Assigned, Customer};
use serde_json::{Map, Value, json};

use super::problem::Problem;
use super::support::readers_only;
use super::visit::Visit;

/// The most entries on a page.
const MOST: usize = 1_000;

/// The tenants.
pub(crate) async fn tenants(visit: Visit) -> Result<Response, Problem> {
    readers_only(&visit).await?;
    visit.params.finish()?;
    Ok(Json(json!({"tenants": listed(visit.ledger()).await?})).into_response())
}

/// Every tenant with its last position, its edition, whose it is, what for, and whether it is closed.
pub(crate) async fn listed(ledger: &Ledger) -> Result<Vec<Value>, Problem> {
    let mut rows = Vec::new();
    for cloud_id in ledger.tenants() {
        let tenant = ledger.tenant_named(&cloud_id)?;
        let row = tenant.ask(Point::Now, |views, as_of| {
            let customer = views.tenant.genesis(as_of.position).map(|genesis| genesis.customer.as_str().to_owned());
            let closed = views.tenant.closed(as_of.position).map(|closed| views.timeline.at(closed).to_string());
            (as_of.position, views.tenant.edition(as_of.position).slug(), customer, closed)
        });
        let (last, edition, customer, closed) = row.await?;
        let purpose = ledger.ask_installation(Point::Now, |here| {
            let assigned = here.views.installation.cloud_id(&cloud_id);
            assigned.and_then(|assigned| assigned.purpose).map(|purpose| purpose.slug())
        });
        rows.push(json!({
            "cloud_id": cloud_id.as_str(),
            "last": last.0,
            "edition": edition,
            "customer": customer,
            "purpose": purpose.await?,
            "closed": closed,
        }));
    }
    Ok(rows)
}

/// The customers, each with subscriptions, requests, checks and Cloud IDs.
pub(crate) async fn customers(mut visit: Visit) -> Result<Response, Problem> {
    readers_only(&visit).await?;
    let point = visit.params.point("as_of")?.unwrap_or_default();
    visit.params.finish()?;
    let answer = visit.ledger().ask_installation(point, |here| {
        let known = here.views.customers.all(here.as_of.position);
        let rows: Vec<Value> =
            known.map(|(number, registered, customer)| row(here, number, registered, customer)).collect();
        // Before everything the clock reads nothing.
        let clock = (here.as_of.clock > Instant::EARLIEST).then(|| here.as_of.clock.to_string());
        json!({"as_of": {"position": here.as_of.position.0, "instant": clock}, "customers": rows})
    });
    Ok(Json(answer.await?).into_response())
}

fn row(here: &InstallationView<'_>, number: u32, registered: Position, customer: &Customer) -> Value {
    let (views, as_of) = (here.views, here.as_of);
    let open = |sealed: &Sealed| (here.open)(sealed);
    let position = as_of.position;
    let mut subscriptions = Map::new();
    let mut recorded: Vec<_> = views.customers.subscriptions(number, position).collect();
    recorded.sort_by(|(_, one), (_, other)| one.app.cmp(&other.app));
    for (since, state) in recorded {
        let subscription = state.subscription;
        let shown = json!({
            "status": subscription.status.slug(),
            "from": subscription.from.to_string(),
            "until": subscription.until.map(|until| until.to_string()),
            "licensed": subscription.licenses(as_of.clock),
            "since": {"position": since.0},
        });
        subscriptions.insert(state.app.as_str().to_owned(), shown);
    }
    let theirs: Vec<_> =
        views.installation.cloud_ids(position).filter(|(_, known)| known.customer == customer.name).collect();
    let requests = views.customers.requests(number, position).map(|request| {
        let answered = theirs.iter().find(|(_, known)| known.request == Some(request.recorded));
        json!({
            "position": request.recorded.0,
            "purpose": request.purpose.slug(),
            "requester_name": open(&request.requester_name),
            "requester_email": open(&request.requester_email.address),
            "organisation": request.organisation.as_str(),
            "url": request.url.as_str(),
            "region": request.region.as_str(),
            "answered_by": answered.map(|(cloud_id, _)| cloud_id.as_str()),
        })
    });
    let checks = views.customers.checks(number, position).map(|check| {
        json!({
            "position": check.recorded.0,
            "at": views.timeline.at(check.recorded).to_string(),
            "url": check.url.as_str(),
            "passed": check.passed,
            "findings": check.findings,
        })
    });
    let assigned = |known: &Assigned| {
        json!({
            "purpose": known.purpose.map(|purpose| purpose.slug()),
            "since": {"position": known.position.0},
            "closed": known.closed_at(position).map(|closed| json!({"position": closed.0})),
        })
    };
    let cloud_ids: Map<String, Value> =
        theirs.iter().map(|(cloud_id, known)| (cloud_id.as_str().to_owned(), assigned(known))).collect();
    json!({
        "customer": customer.name.as_str(),
        "full_name": open(&customer.full_name),
        "contact_email": open(&customer.contact_email.address),
        "since": {"position": registered.0},
        "subscriptions": subscriptions,
        "cloud_ids": cloud_ids,
        "requests": requests.collect::<Value>(),
        "checks": checks.collect::<Value>(),
    })
}

/// The entries of the installation's own ledger, a page at a time.
pub(crate) async fn entries(mut visit: Visit) -> Result<Response, Problem> {
    readers_only(&visit).await?;
    let after = visit.params.position("after")?.unwrap_or(Position::START);
    let limit = visit.params.count("limit", 100, MOST)?;
    visit.params.finish()?;
    let ledger = visit.ledger();
    let read = ledger.installation_entries(after.next())?;
    let mut rows = Vec::new();
    let mut next = None;
    for (position, entry) in read {
        if rows.len() == limit {
            next = Some(position.before().0);
            break;
        }
        rows.push(ledger.show_of_installation(position, &entry)?);
    }
    Ok(Json(json!({"entries": rows, "next": next})).into_response())
}
