//! One access review, and its report.

use axum::extract::Path;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use grantbook_events::ReviewName;
use grantbook_inquiries::{ReviewReport, review};

use super::params::Looking;
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::views::{answered, shown};
use super::visit::Visit;
use crate::reports::{review_csv, review_html};

/// One review with its items, their evidence and every decision.
pub(crate) async fn one(mut visit: Visit, Path((cloud_id, name)): Path<(String, String)>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    visit.params.finish()?;
    Ok(answered(read(&reader, looking, &name).await?.json()))
}

/// The report of a review: a page that prints (`format=html`), a table (`csv`) or JSON. Of a closed review it is the same
/// bytes for ever.
pub(crate) async fn report(
    mut visit: Visit,
    Path((cloud_id, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let format = visit.params.take("format").unwrap_or_else(|| "html".to_owned());
    visit.params.finish()?;
    if !["html", "csv", "json"].contains(&format.as_str()) {
        return Err(Problem::malformed("format", "expected html, csv or json"));
    }
    let found = read(&reader, looking, &name).await?;
    let unwritten = || Problem::new(ProblemKind::Unexpected, "the report could not be written");
    Ok(match format.as_str() {
        "csv" => {
            let named = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"access-review.csv\""),
            ];
            (named, review_csv(&found).ok_or_else(unwritten)?).into_response()
        }
        "html" => {
            let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
            let named = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, policy)];
            (named, review_html(&cloud_id, &found).ok_or_else(unwritten)?).into_response()
        }
        // Any other form was refused above.
        _ => answered(found.json()),
    })
}

async fn read(reader: &Reader, looking: Looking, name: &str) -> Result<ReviewReport, Problem> {
    let name = ReviewName::new(name).map_err(|wrong| Problem::malformed("review", wrong.message))?;
    looking.wait(&reader.tenant).await?;
    reader.reads_review().await?;
    let tenant = &reader.tenant;
    let found = tenant.ask(looking.point, |views, as_of| {
        let found = shown(tenant, views, as_of, |shown| review(shown, &name));
        found.and_then(|found| reader.sees_review(found))
    });
    match found.await? {
        Some(found) => Ok(found),
        None => Err(reader.refuse_review().await),
    }
}
