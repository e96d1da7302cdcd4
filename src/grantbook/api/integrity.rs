//! How a tenant's book is kept, in short: for whoever wants to know whether to look closer.

use axum::extract::Path;
use axum::response::Response;
use grantbook_ledger::{Integrity, LastCheckpoint, Point, SealFound, TenantHandle, base64};
use serde_json::{Value, json};

use super::evidence::reading;
use super::problem::Problem;
use super::reader::Reader;
use super::views::answered;
use super::visit::Visit;

/// What was signed last, how far the live views were compared with the entries, how the journal was found when it was opened,
/// and how far its second copy is: as things are now, for whoever is signed in, as hashes are.
pub(crate) async fn integrity(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let at_least = visit.params.at_least()?;
    visit.params.finish()?;
    let tenant = &reader.tenant;
    at_least.wait(tenant).await?;
    let as_of = tenant.ask(Point::Now, |_, as_of| as_of).await?;
    let Integrity { checkpoint, stored, seal, mirror } = reading(tenant, TenantHandle::integrity).await?;
    let nothing_signed = checkpoint.as_ref().err().cloned();
    let mirror = mirror.map(|mirror| json!({"behind": mirror.behind, "stuck": mirror.stuck}));
    Ok(answered(json!({
        "as_of": {"position": as_of.position.0, "instant": as_of.clock.to_string()},
        "checkpoint": checkpoint.ok().flatten().map(|last| signed(&last)),
        "nothing_signed": nothing_signed,
        "views": views(&visit, tenant),
        "stored": stored,
        "seal": seal.map(seal_word),
        "mirror": mirror,
    })))
}

fn signed(last: &LastCheckpoint) -> Value {
    let LastCheckpoint { checkpoint, at } = last;
    json!({
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": base64(&checkpoint.root),
        "signed_at": at.map(|at| at.to_string()),
    })
}

/// How far the live views were compared with the entries, and what came of it.
fn views(visit: &Visit, tenant: &TenantHandle) -> Value {
    match visit.api.service.views_checked(tenant.cloud_id().as_str()) {
        None => json!({"status": "unchecked"}),
        Some(checked) => json!({
            "status": if checked.drifted.is_empty() { "ok" } else { "drifted" },
            "position": checked.position.0,
            "checked_at": checked.at.to_string(),
            "drifted": checked.drifted,
        }),
    }
}

fn seal_word(seal: SealFound) -> &'static str {
    match seal {
        SealFound::New => "new",
        SealFound::Whole { .. } => "whole",
        SealFound::Broken => "broken",
        SealFound::Removed => "removed",
    }
}
