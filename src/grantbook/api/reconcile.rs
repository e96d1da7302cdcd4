//! The platform's actual state, compared with the book. Its form: `docs/reconcile-format.md`.

use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use grantbook_events::ReadScope;
use grantbook_inquiries::reconcile::{State, Unreadable, reconcile as compare};
use grantbook_ledger::Point;

use super::body;
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::views::{answered, shown};
use super::visit::Visit;

/// The largest state that is taken.
const MOST_BYTES: usize = 64 << 20;

/// What is there and not granted here, and what is granted here and not there. As of the instant that the state says, where
/// the question says none.
pub(crate) async fn reconcile(
    mut visit: Visit,
    Path(cloud_id): Path<String>,
    given: Body,
) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    visit.params.finish()?;
    let state = read(&visit.headers, given).await?;
    reader.may_ask_of_all("ask_reconcile", ReadScope::Views).await?;
    looking.wait(&reader.tenant).await?;
    let point = match (looking.point, state.at) {
        (Point::Now, Some(at)) => Point::Instant(at),
        (Point::Now | Point::At(_) | Point::Instant(_), _) => looking.point,
    };
    let tenant = &reader.tenant;
    let answer =
        tenant.ask(point, |views, as_of| shown(tenant, views, as_of, |shown| compare(shown, &state).json(shown)));
    Ok(answered(answer.await?))
}

/// Reads a state, as JSON or as CSV by its media type. Errors: it is none.
async fn read(headers: &HeaderMap, given: Body) -> Result<State, Problem> {
    let media = headers.get(CONTENT_TYPE).and_then(|given| given.to_str().ok()).unwrap_or_default();
    if media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv") {
        of_csv(&body::bytes_up_to(MOST_BYTES, given).await?)
    } else {
        State::from_json(&body::json_up_to(MOST_BYTES, headers, given).await?).map_err(unfit)
    }
}

/// Reads CSV with the heading `section,thing,who,what,value`.
fn of_csv(bytes: &[u8]) -> Result<State, Problem> {
    let unreadable = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        Problem::new(ProblemKind::Malformed, format!("line {line}: not CSV of five columns in UTF-8"))
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let heading = reader.headers().map_err(unreadable)?;
    if heading.iter().ne(["section", "thing", "who", "what", "value"]) {
        let message = "expected the heading section,thing,who,what,value".to_owned();
        return Err(unfit(Unreadable { place: "line 1".to_owned(), message }));
    }
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().map_err(unreadable)?;
    let line = |record: &csv::StringRecord| record.position().map_or(0, csv::Position::line);
    State::from_rows(records.iter().map(|record| (line(record), record.iter().collect()))).map_err(unfit)
}

fn unfit(wrong: Unreadable) -> Problem {
    let detail = wrong.to_string();
    Problem::malformed(wrong.place, detail)
}
