//! Who can do most.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::ReadScope;
use grantbook_inquiries::{Measure, Reach, Shown, Whom};

use super::problem::Problem;
use super::reader::Reader;
use super::slices::each;
use super::views::{answered, shown};
use super::visit::Visit;
use super::who_can::standing;

/// The accounts whose rights reach furthest, 20 unless `limit` says how many.
pub(crate) async fn reach(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let standing = standing(&mut visit.params)?;
    let limit = visit.params.count("limit", 20, 1_000)?;
    visit.params.finish()?;
    reader.may_ask_of_all("ask_reach", ReadScope::Accounts).await?;
    looking.wait(&reader.tenant).await?;
    let tenant = &reader.tenant;
    let begun = tenant
        .ask(looking.point, |views, as_of| shown(tenant, views, as_of, |shown| (Measure::of(shown, standing), as_of)));
    let (measure, as_of) = begun.await?;
    let measure = Arc::new(measure);
    let reach = {
        let measure = measure.clone();
        move |shown: &Shown<'_>, who| measure.account(shown, who)
    };
    let mut reached: Vec<Reach> = Vec::new();
    each(tenant, as_of, Whom::everybody(None), reach, |_, found| {
        reached.push(found);
        true
    })
    .await?;
    Ok(answered(measure.json(reached, limit)))
}
