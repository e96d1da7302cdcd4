//! The events of a tenant, by filters, a page or line by line.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use grantbook_events::{Instant, Position};
use grantbook_ledger::Point;
use grantbook_projections::Views;
use serde_json::{Value, json};

use super::entries::{Wanted, page as read_page};
use super::filter::Filter;
use super::params::Params;
use super::problem::Problem;
use super::reader::Reader;
use super::visit::Visit;

const NDJSON: &str = "application/x-ndjson";

/// The most entries on a page of JSON.
const MOST: usize = 1_000;

/// How many entries are sent at once where they come line by line.
const LINES: usize = 256;

/// Entries: a page as JSON with `next`, to be given as `after`; or all of them as lines of JSON.
pub(crate) async fn page(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let lines = lines_wanted(&visit.headers, &mut visit.params)?;
    let limit = match lines {
        true => visit.params.count("limit", usize::MAX, usize::MAX)?,
        false => visit.params.count("limit", 100, MOST)?,
    };
    let newest_first = match visit.params.take("order").as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(Problem::malformed("order", "expected asc or desc")),
    };
    let (from, to, after) = (visit.params.point("from")?, visit.params.point("to")?, visit.params.position("after")?);
    let filter = Filter::of(&mut visit.params, &reader.tenant).await?;
    visit.params.finish()?;
    looking.wait(&reader.tenant).await?;
    reader.reads_events().await?;
    let bounds = reader.tenant.ask(looking.point, |views, as_of| {
        let first = from.map_or(1, |from| first(views, from)).max(1);
        let last = to.map_or(as_of.position.0, |to| last(views, to)).min(as_of.position.0);
        let clock = (as_of.clock > Instant::EARLIEST).then(|| as_of.clock.to_string());
        (first, last, json!({"position": as_of.position.0, "instant": clock}))
    });
    let (mut first, mut last, as_of) = bounds.await?;
    match after {
        Some(after) if newest_first => last = last.min(after.0.saturating_sub(1)),
        Some(after) => first = first.max(after.0 + 1),
        None => {}
    }
    let wanted = Wanted { filter: Arc::new(filter), range: first..=last, newest_first, limit };
    let reader = Arc::new(reader);
    if lines {
        return Ok(line_by_line(reader, wanted));
    }
    let page = read_page(&reader, wanted).await?;
    let next = page.next.map(|next| next.0);
    Ok(Json(json!({"as_of": as_of, "entries": page.entries, "next": next})).into_response())
}

/// Whether lines of JSON are wanted, by `format` or else by `Accept`.
fn lines_wanted(headers: &HeaderMap, params: &mut Params) -> Result<bool, Problem> {
    match params.take("format").as_deref() {
        Some("ndjson") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(Problem::malformed("format", "expected json or ndjson")),
        None => {
            let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
            Ok(accept.split(',').any(|media| media.split(';').next().is_some_and(|media| media.trim() == NDJSON)))
        }
    }
}

/// The first position that is not before a point.
pub(crate) fn first(views: &Views, from: Point) -> u64 {
    match from {
        Point::Now => views.timeline.last().0,
        Point::At(position) => position.0,
        Point::Instant(instant) => views.timeline.position_at(instant.just_before()).next().0,
    }
}

/// The last position that is not after a point.
fn last(views: &Views, to: Point) -> u64 {
    match to {
        Point::Now => views.timeline.last().0,
        Point::At(position) => position.0,
        Point::Instant(instant) => views.timeline.position_at(instant).0,
    }
}

fn line_by_line(reader: Arc<Reader>, wanted: Wanted) -> Response {
    let pages = stream::unfold(Some((reader, wanted)), |rest| async move {
        let (reader, wanted) = rest?;
        let step = Wanted { limit: wanted.limit.min(LINES), ..wanted.clone() };
        match read_page(&reader, step).await {
            Ok(page) => {
                let limit = wanted.limit - page.entries.len();
                let rest = page.next.filter(|_| limit > 0).map(|next| {
                    let range = beyond(&wanted, next);
                    (reader, Wanted { range, limit, ..wanted })
                });
                Some((Ok::<String, Infallible>(lines(&page.entries)), rest))
            }
            // The answer has begun: what is wrong is its last line.
            Err(problem) => Some((Ok(format!("{}\n", json!({"problem": problem.json()}))), None)),
        }
    });
    let mut response = Body::from_stream(pages).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    response
}

fn beyond(wanted: &Wanted, next: Position) -> std::ops::RangeInclusive<u64> {
    if wanted.newest_first { *wanted.range.start()..=next.before().0 } else { next.next().0..=*wanted.range.end() }
}

/// One line an entry.
pub(crate) fn lines(entries: &[Value]) -> String {
    entries.iter().map(|entry| format!("{entry}\n")).collect()
}
