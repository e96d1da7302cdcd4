//! Who can do most.

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::ReadScope;
use grantbook_inquiries::{Measure, Reach};
use grantbook_ledger::Point;

use super::problem::Problem;
use super::reader::Reader;
use super::views::{answered, shown};
use super::visit::Visit;
use super::who_can::standing;

/// How many accounts are measured before others get a turn.
const AT_ONCE: usize = 256;

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
    let begun = tenant.ask(looking.point, |views, as_of| {
        shown(tenant, views, as_of, |shown| {
            let measure = Measure::of(shown, standing);
            let accounts = measure.accounts(shown);
            (measure, accounts)
        })
    });
    let (measure, accounts) = begun.await?;
    let as_of = measure.as_of();
    let mut reached: Vec<Reach> = Vec::new();
    for some in accounts.chunks(AT_ONCE) {
        let found = tenant.ask(Point::At(as_of.position), |views, _| {
            shown(tenant, views, as_of, |shown| {
                some.iter().map(|who| measure.account(shown, *who)).collect::<Vec<Reach>>()
            })
        });
        reached.extend(found.await?);
        tokio::task::yield_now().await;
    }
    Ok(answered(measure.json(reached, limit)))
}
