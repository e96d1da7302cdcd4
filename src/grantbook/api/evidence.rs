//! Evidence for those who do not trust us: checkpoints, proofs and tiles, in the forms of C2SP.
//!
//! Hashes say nothing of what they are of: whoever is signed in reads them, and everybody where the tenant's setting
//! `public_evidence` says so. Bundles of entries are the whole history, and are read by who may read that (rule: U3).

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use grantbook_events::{Position, Setting};
use grantbook_ledger::{
    ConsistencyProof, Hash, InclusionProof, KnownKey, LedgerError, Point, SignedCheckpoint, TenantHandle, TilePath,
    base64,
};
use serde_json::{Value, json};

use super::params::{Looking, Params};
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::views::answered;
use super::visit::Visit;

/// The largest note that is taken: a checkpoint with the signatures of many witnesses.
const MOST_NOTE_BYTES: usize = 64 * 1024;

const TEXT: &str = "text/plain; charset=utf-8";

/// Whoever may read the tenant's hashes.
struct Onlooker {
    tenant: TenantHandle,
    /// Whoever is signed in; `None` for the public.
    reader: Option<Reader>,
    public: bool,
}

impl Onlooker {
    /// Errors: nobody is signed in, and the tenant's evidence is not public, or there is no such tenant.
    async fn of(visit: &Visit, cloud_id: &str) -> Result<Onlooker, Problem> {
        if visit.asker_or_guest()?.is_some() {
            let reader = Reader::of(visit, cloud_id).await?;
            let public = is_public(&reader.tenant).await?;
            return Ok(Onlooker { tenant: reader.tenant.clone(), reader: Some(reader), public });
        }
        let tenant = visit.tenant_named(cloud_id).map_err(|_| Problem::not_signed_in())?;
        if is_public(&tenant).await? {
            return Ok(Onlooker { tenant, reader: None, public: true });
        }
        Err(Problem::not_signed_in())
    }
}

async fn is_public(tenant: &TenantHandle) -> Result<bool, Problem> {
    let on = tenant.ask(Point::Now, |views, as_of| views.settings.is_on(Setting::PublicEvidence, as_of.position));
    Ok(on.await?)
}

/// Does what reads the journal on a thread that may wait for the disk.
pub(crate) async fn reading<R: Send + 'static>(
    tenant: &TenantHandle,
    read: impl FnOnce(&TenantHandle) -> Result<R, LedgerError> + Send + 'static,
) -> Result<R, Problem> {
    let read = tenant.aside(read).await;
    let read = read.ok_or_else(|| Problem::new(ProblemKind::Unexpected, "the journal could not be read"))?;
    Ok(read?)
}

/// The tree of which point is meant.
async fn size_at(tenant: &TenantHandle, looking: &Looking) -> Result<u64, Problem> {
    looking.wait(tenant).await?;
    Ok(tenant.ask(looking.point, |_, as_of| as_of.position.0).await?)
}

/// The checkpoint, signed; with `cosigned=true` the newest that a witness cosigned.
pub(crate) async fn checkpoint(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let Onlooker { tenant, .. } = Onlooker::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let cosigned = visit.params.flag("cosigned")?;
    let as_json = json_wanted(&visit.headers, &mut visit.params)?;
    visit.params.finish()?;
    let size = size_at(&tenant, &looking).await?;
    let signed = reading(&tenant, move |tenant| {
        let signed = if cosigned { tenant.cosigned_checkpoint()? } else { Some(tenant.checkpoint(size)?) };
        signed.map(|signed| Ok((signed, tenant.checkpoint_keys()?))).transpose()
    });
    let Some((signed, keys)) = signed.await? else {
        return Err(Problem::not_found("no witness has cosigned a checkpoint yet"));
    };
    if as_json {
        return Ok(answered(checkpoint_json(&signed, &keys)));
    }
    Ok(([(CONTENT_TYPE, TEXT)], signed.note).into_response())
}

/// Whether JSON is wanted, by `format` or else by `Accept`; else it is the note itself.
fn json_wanted(headers: &HeaderMap, params: &mut Params) -> Result<bool, Problem> {
    match params.take("format").as_deref() {
        Some("json") => Ok(true),
        Some("note") => Ok(false),
        Some(_) => Err(Problem::malformed("format", "expected note or json")),
        None => {
            let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
            Ok(accept.split([',', ';']).any(|media| media.trim() == "application/json"))
        }
    }
}

fn checkpoint_json(signed: &SignedCheckpoint, keys: &[KnownKey]) -> Value {
    let SignedCheckpoint { checkpoint, note, cosignatures } = signed;
    let by = cosignatures.iter().map(|by| json!({"witness": by.witness, "time": by.time}));
    json!({
        "as_of": {"position": checkpoint.size},
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": base64(&checkpoint.root),
        "checkpoint": note,
        "cosignatures": by.collect::<Value>(),
        "keys": keys.iter().enumerate().map(|(index, key)| key_json(key, index + 1 == keys.len())).collect::<Value>(),
    })
}

pub(crate) fn key_json(key: &KnownKey, in_use: bool) -> Value {
    let KnownKey { verifier_key, since, how, handover } = key;
    json!({"key": verifier_key, "in_use": in_use, "since": since, "how": how.slug(), "handover": handover})
}

/// Takes what witnesses said of a checkpoint: a note of it with their lines.
pub(crate) async fn take_cosignatures(
    visit: Visit,
    Path(cloud_id): Path<String>,
    given: Body,
) -> Result<Response, Problem> {
    let Onlooker { tenant, .. } = Onlooker::of(&visit, &cloud_id).await?;
    visit.params.finish()?;
    let bytes = to_bytes(given, MOST_NOTE_BYTES).await;
    let bytes =
        bytes.map_err(|_| Problem::new(ProblemKind::TooLarge, "the note is larger than is taken, or was cut off"))?;
    let note = String::from_utf8(bytes.into()).map_err(|_| Problem::malformed("body", "expected a note in UTF-8"))?;
    let news = reading(&tenant, move |tenant| tenant.take_cosignatures(&note)).await?;
    let taken = news.iter().map(|by| json!({"witness": by.witness, "time": by.time}));
    Ok(Json(json!({"taken": taken.collect::<Value>()})).into_response())
}

/// The proof that an entry is in the tree.
pub(crate) async fn inclusion(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let Onlooker { tenant, .. } = Onlooker::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let position = needed(&mut visit.params, "position", "the position of an entry")?;
    let size = visit.params.position("size")?;
    visit.params.finish()?;
    if position == Position::START {
        return Err(Problem::malformed("position", "expected the position of an entry, from 1"));
    }
    let last = size_at(&tenant, &looking).await?;
    let size = size.map_or(last, |size| size.0);
    let read = reading(&tenant, move |tenant| Ok((tenant.prove_inclusion(position, size)?, tenant.checkpoint(size)?)));
    let (InclusionProof { position, size, leaf, root, hashes }, signed) = read.await?;
    Ok(answered(json!({
        "as_of": {"position": size},
        "position": position.0,
        "index": position.0.saturating_sub(1),
        "size": size,
        "leaf_hash": base64(&leaf),
        "root": base64(&root),
        "proof": encoded(&hashes),
        "checkpoint": signed.note,
    })))
}

/// The proof that the tree only goes on from what it was.
pub(crate) async fn consistency(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let Onlooker { tenant, .. } = Onlooker::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let from = needed(&mut visit.params, "from", "the size of the earlier tree")?.0;
    let to = visit.params.position("to")?;
    visit.params.finish()?;
    if to.is_some_and(|to| from > to.0) {
        return Err(Problem::malformed("from", "expected at most `to`: a tree goes on from smaller ones"));
    }
    let last = size_at(&tenant, &looking).await?;
    let to = to.map_or(last, |to| to.0);
    let read = reading(&tenant, move |tenant| Ok((tenant.prove_consistency(from, to)?, tenant.checkpoint(to)?)));
    let (ConsistencyProof { from, to, from_root, to_root, hashes }, signed) = read.await?;
    Ok(answered(json!({
        "as_of": {"position": to},
        "from": from,
        "to": to,
        "from_root": base64(&from_root),
        "to_root": base64(&to_root),
        "proof": encoded(&hashes),
        "checkpoint": signed.note,
    })))
}

fn needed(params: &mut Params, name: &str, expected: &str) -> Result<Position, Problem> {
    params.position(name)?.ok_or_else(|| Problem::malformed(name, format!("expected {expected}")))
}

fn encoded(hashes: &[Hash]) -> Value {
    hashes.iter().map(|hash| base64(hash)).collect()
}

/// A tile of hashes, or a bundle of entries.
pub(crate) async fn tile(
    mut visit: Visit,
    Path((cloud_id, path)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let Onlooker { tenant, reader, public } = Onlooker::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    visit.params.finish()?;
    let path = TilePath::parse(&path).ok_or_else(|| {
        Problem::not_found("there is no such tile: paths are as C2SP tlog-tiles has them, such as `tile/0/000.p/17`")
    })?;
    if path.level.is_none() {
        let reader = reader.ok_or_else(Problem::not_signed_in)?;
        reader.may_read_all_entries().await?;
    }
    looking.wait(&tenant).await?;
    let bytes = reading(&tenant, move |tenant| tenant.tile(path)).await?;
    let bytes = bytes.ok_or_else(|| Problem::not_found("the tree has not grown so far yet"))?;
    // What is in a tile at some width never changes.
    let cache =
        if public && path.level.is_some() { "public, max-age=31536000, immutable" } else { "private, no-store" };
    let headers = [(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, cache)];
    Ok((headers, bytes).into_response())
}

/// A new key signs checkpoints from now on; for the local operator.
pub(crate) async fn rotate_key(visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    visit.operator()?;
    visit.params.finish()?;
    let tenant = visit.tenant_named(&cloud_id)?;
    let keys = reading(&tenant, TenantHandle::rotate_checkpoint_key).await?;
    let keys = keys.iter().enumerate().map(|(index, key)| key_json(key, index + 1 == keys.len()));
    Ok(Json(json!({"keys": keys.collect::<Value>()})).into_response())
}

/// The witnesses whose cosignatures are taken; for the local operator.
pub(crate) async fn witnesses(visit: Visit) -> Result<Response, Problem> {
    visit.operator()?;
    visit.params.finish()?;
    Ok(Json(json!({"witnesses": visit.ledger().witnesses()})).into_response())
}

/// Takes cosignatures of a witness from now on.
pub(crate) async fn add_witness(visit: Visit, given: Body) -> Result<Response, Problem> {
    visit.operator()?;
    let body = super::body::json(&visit.headers, given).await?;
    visit.params.finish()?;
    super::body::only(&body, &["key"])?;
    visit.ledger().add_witness(super::body::text(&body, "key")?)?;
    Ok(Json(json!({"witnesses": visit.ledger().witnesses()})).into_response())
}

/// Takes no more cosignatures of a witness.
pub(crate) async fn remove_witness(visit: Visit, Path(named): Path<String>) -> Result<Response, Problem> {
    visit.operator()?;
    visit.params.finish()?;
    if !visit.ledger().remove_witness(&named)? {
        return Err(Problem::not_found(format!("there is no witness `{named}`")));
    }
    Ok(Json(json!({"witnesses": visit.ledger().witnesses()})).into_response())
}
