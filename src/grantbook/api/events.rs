//! The events of a tenant, by filters, a page or line by line.

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use grantbook_events::{Instant, Position};
use grantbook_ledger::Point;
use grantbook_projections::Views;
use serde_json::json;

use super::entries::{Wanted, page as read_page};
use super::filter::Filter;
use super::params::Params;
use super::problem::Problem;
use super::reader::Reader;
use super::span::{begins_too_late, surely_after};
use super::visit::Visit;
use crate::exports::{Export, Format};

/// The most entries on a page of JSON.
const MOST: usize = 1_000;

/// How many entries are sent at once where they come line by line.
const LINES: usize = 256;

/// Entries: a page as JSON with `next`, to be given as `after`; or all of them in a form that other programs read.
pub(crate) async fn page(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let format = format_wanted(&visit.headers, &mut visit.params)?;
    let limit = match format {
        Some(_) => visit.params.count("limit", usize::MAX, usize::MAX)?,
        None => visit.params.count("limit", 100, MOST)?,
    };
    let newest_first = match visit.params.take("order").as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(Problem::malformed("order", "expected asc or desc")),
    };
    let (from, to, after) = (visit.params.point("from")?, visit.params.point("to")?, visit.params.position("after")?);
    if from.zip(to).is_some_and(|(from, to)| surely_after(from, to)) {
        return Err(begins_too_late("from"));
    }
    let filter = Filter::of(&mut visit.params, &reader.tenant).await?;
    visit.params.finish()?;
    looking.wait(&reader.tenant).await?;
    reader.reads_events().await?;
    let bounds = reader.tenant.ask(looking.point, |views, as_of| {
        let mut first = from.map_or(1, |from| first(views, from)).max(1);
        let mut last = to.map_or(as_of.position.0, |to| last(views, to)).min(as_of.position.0);
        match after {
            Some(after) if newest_first => last = last.min(after.0.saturating_sub(1)),
            Some(after) => first = first.max(after.0 + 1),
            None => {}
        }
        let clock = (as_of.clock > Instant::EARLIEST).then(|| as_of.clock.to_string());
        let among = reader.among(views, &filter, first..=last);
        (first..=last, among, json!({"position": as_of.position.0, "instant": clock}))
    });
    let (range, among, as_of) = bounds.await?;
    let wanted = Wanted { filter: Arc::new(filter), range, among, newest_first, limit };
    let reader = Arc::new(reader);
    if let Some(format) = format {
        return Ok(exported(reader, wanted, format));
    }
    let page = read_page(&reader, wanted).await?;
    let next = page.next.map(|next| next.0);
    Ok(Json(json!({"as_of": as_of, "entries": page.entries, "next": next})).into_response())
}

/// The form that is wanted, by `format` or else by the media type of `Accept` that is known and weighs most, the first of equals;
/// `None` for a page.
fn format_wanted(headers: &HeaderMap, params: &mut Params) -> Result<Option<Format>, Problem> {
    match params.take("format").as_deref() {
        Some("json") => Ok(None),
        Some(name) => match Format::named(name) {
            Some(format) => Ok(Some(format)),
            None => {
                let names = Format::ALL.map(Format::name).join(", ");
                Err(Problem::malformed("format", format!("expected one of json, {names}")))
            }
        },
        None => {
            let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
            let known = accept.split(',').map(weighed).filter(|(_, weight)| *weight > 0.0);
            let known = known.filter_map(|(media, weight)| match media {
                "application/json" | "*/*" => Some((None, weight)),
                media => Format::accepted(media).map(|format| (Some(format), weight)),
            });
            let best = known.reduce(|best, next| if next.1 > best.1 { next } else { best });
            Ok(best.and_then(|(format, _)| format))
        }
    }
}

/// A media type of `Accept`, and how much it is wanted (RFC 9110, 12.4.2).
fn weighed(media: &str) -> (&str, f32) {
    let mut parts = media.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (media, weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
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

/// What is handed out of an export under way.
enum Part {
    Entries(Arc<Reader>, Wanted, Export),
    End(Export),
}

fn exported(reader: Arc<Reader>, wanted: Wanted, format: Format) -> Response {
    let begin = Part::Entries(reader, wanted, Export::new(format));
    let parts = stream::unfold(Some(begin), move |part| async move {
        let (reader, wanted, mut export) = match part? {
            Part::Entries(reader, wanted, export) => (reader, wanted, export),
            Part::End(export) => return Some((Ok(export.end()), None)),
        };
        let step = Wanted { limit: wanted.limit.min(LINES), ..wanted.clone() };
        match read_page(&reader, step).await {
            Ok(page) => {
                let limit = wanted.limit - page.entries.len();
                let next = page.next.filter(|_| limit > 0);
                let text = export.entries(&page.entries);
                let rest = match next {
                    Some(next) => {
                        let range = beyond(&wanted, next);
                        Part::Entries(reader, Wanted { range, limit, ..wanted }, export)
                    }
                    None => Part::End(export),
                };
                Some((Ok(text), Some(rest)))
            }
            // The answer has begun: among lines of JSON what is wrong is the last; another form is broken off, so that
            // nobody takes it for whole.
            Err(problem) if format == Format::JsonLines => {
                Some((Ok(format!("{}\n", json!({"problem": problem.json()}))), None))
            }
            Err(_) => Some((Err(io::Error::other("the entries could not be read")), None)),
        }
    });
    // Whoever packs it asks once more after the end.
    let mut response = Body::from_stream(parts.fuse()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    response
}

fn beyond(wanted: &Wanted, next: Position) -> std::ops::RangeInclusive<u64> {
    if wanted.newest_first { *wanted.range.start()..=next.before().0 } else { next.next().0..=*wanted.range.end() }
}
