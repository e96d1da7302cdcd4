//! Views.

use axum::extract::Path;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};
use grantbook_events::{AccountId, Entry, Event, Sealed};
use grantbook_inquiries::{Eyes, Places, Shown, Slices, UnknownView, VIEWS, review_in_view};
use grantbook_ledger::{Point, TenantHandle};
use grantbook_projections::{AsOf, Views};
use serde_json::{Map, Value, json};

use super::problem::Problem;
use super::reader::Reader;
use super::slices::{AT_ONCE, in_slices};
use super::visit::Visit;
use super::webhooks::with_deliveries;

/// One view. Its position is in `ETag`, to be given in `If-Match` with a command that rests on it.
pub(crate) async fn view(
    mut visit: Visit,
    Path((cloud_id, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    visit.params.finish()?;
    if !VIEWS.iter().any(|(view, _)| *view == name) {
        let names: Vec<&str> = VIEWS.iter().map(|(view, _)| *view).collect();
        return Err(Problem::not_found(format!("there is no such view: there are {}", names.join(", "))));
    }
    reader.may_see_view(&name).await?;
    looking.wait(&reader.tenant).await?;
    let tenant = &reader.tenant;
    // Of these not everything is for everybody who sees some.
    if name == "reviews" {
        return reviews(&reader, looking.point).await;
    }
    let begun = tenant.ask(looking.point, |views, as_of| {
        shown(tenant, views, as_of, |shown| Slices::of(&name, shown)).map(|slices| (slices, as_of))
    });
    let (mut slices, as_of) = begun.await?.map_err(|unknown| Problem::not_found(unknown.to_string()))?;
    in_slices(tenant, as_of, |shown| slices.goes_on(shown, AT_ONCE)).await?;
    let mut answer = slices.answer(as_of);
    if name == "webhooks" {
        with_deliveries(tenant, looking.point, &mut answer);
    }
    Ok(answered(answer))
}

/// The view of reviews, one after the other: those that the reader sees, as they are for the reader.
async fn reviews(reader: &Reader, point: Point) -> Result<Response, Problem> {
    let named = |views: &Views, as_of: AsOf| {
        let all = views.reviews.all(as_of.position).into_iter();
        (all.map(|(_, _, review)| review.name.clone()).collect::<Vec<_>>().into_iter(), as_of)
    };
    let (mut names, as_of) = reader.tenant.ask(point, named).await?;
    let mut reviews = Map::new();
    in_slices(&reader.tenant, as_of, |shown| {
        let Some(name) = names.next() else { return false };
        reviews.extend(review_in_view(shown, &name, &|review| reader.sees_review(review)));
        true
    })
    .await?;
    Ok(answered(json!({"as_of": grantbook_inquiries::as_of(as_of), "reviews": reviews})))
}

/// A view as a reader who may see it is shown it. Errors: there is no such view.
pub(crate) fn view_for(reader: &Reader, name: &str, shown: &Shown<'_>) -> Result<Value, UnknownView> {
    match name {
        // Of these not everything is for everybody who sees some.
        "reviews" => Ok(grantbook_inquiries::reviews_view(shown, &|review| reader.sees_review(review))),
        other => grantbook_inquiries::view(other, shown),
    }
}

/// Asks with what is needed to show an answer: whoever opens sealed values, and whoever reads entries.
pub(crate) fn shown<R>(tenant: &TenantHandle, views: &Views, as_of: AsOf, ask: impl FnOnce(&Shown<'_>) -> R) -> R {
    let open = |_: &AccountId, _: &'static str, sealed: &Sealed| tenant.open(sealed);
    let entry = |position| tenant.entry(position).ok();
    ask(&Shown { views, as_of, open: &open, entry: &entry, places: Places::REAL, eyes: None })
}

/// The same for a reader, to whom nothing is told that is not theirs to read (rule: U2).
pub(crate) fn shown_to<R>(reader: &Reader, views: &Views, as_of: AsOf, ask: impl FnOnce(&Shown<'_>) -> R) -> R {
    shown(&reader.tenant, views, as_of, |shown| seen_by(reader, shown, ask))
}

/// Asks as one who is told what is theirs to read (rule: U2).
pub(crate) fn seen_by<R>(reader: &Reader, shown: &Shown<'_>, ask: impl FnOnce(&Shown<'_>) -> R) -> R {
    let eyes = |entry: &Entry, event: &Event| reader.sees_in(entry, event);
    let eyes = (!reader.reads_all()).then_some(&eyes as Eyes<'_>);
    ask(&Shown { eyes, ..*shown })
}

/// An answer that says what it is as of. Its tag is the position and the fingerprint of what it says: weak, because the
/// instant that it was asked at moves on where nothing else does.
pub(crate) fn answered(answer: Value) -> Response {
    tagged(&answer, answer.to_string())
}

/// An answer with so many rows that they come as text: `body` says all that `answer` does, and them.
pub(crate) fn tagged(answer: &Value, body: String) -> Response {
    let position = answer.pointer("/as_of/position").and_then(Value::as_u64);
    let instant = answer.pointer("/as_of/instant").and_then(Value::as_str).unwrap_or_default();
    let tag = position.and_then(|position| {
        let tag = format!("W/\"{position}.{}\"", fingerprint(&body, instant));
        HeaderValue::from_str(&tag).ok()
    });
    let mut response = ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response();
    if let Some(tag) = tag {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// What an answer says, the instant that it is as of aside, in 16 characters.
fn fingerprint(body: &str, instant: &str) -> String {
    let (before, after) = body.split_once(instant).unwrap_or((body, ""));
    let mut hasher = blake3::Hasher::new();
    hasher.update(before.as_bytes()).update(after.as_bytes());
    hasher.finalize().to_hex().chars().take(16).collect()
}
