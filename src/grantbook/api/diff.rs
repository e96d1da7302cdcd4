//! What became of everybody's effective rights between two points.

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::ReadScope;
use grantbook_inquiries::{AccountChange, Comparison, account_asked};
use grantbook_ledger::Point;

use super::params::MOST_ROWS;
use super::problem::Problem;
use super::reader::Reader;
use super::span::Span;
use super::views::{answered, shown};
use super::visit::Visit;
use super::who_can::standing;

/// How many accounts are looked at before others get a turn.
const AT_ONCE: usize = 512;

/// The rights that accounts gained and lost and those that they hold for another reason now, each with what brought it
/// about. All accounts, unless `account` names one, or `limit` says how many at once: then `next` is what to give as `after`.
pub(crate) async fn diff(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let at_least = visit.params.at_least()?;
    if !visit.params.given("from") {
        return Err(Problem::malformed(
            "from",
            "expected the point to compare with: a position or an RFC 3339 instant",
        ));
    }
    let span = Span::of(&mut visit.params)?.ok_or_else(|| Problem::malformed("from", "expected a point"))?;
    let standing = standing(&mut visit.params)?;
    let limit = visit.params.count("limit", usize::MAX, MOST_ROWS)?;
    let (account, after) = (visit.params.take("account"), visit.params.take("after"));
    visit.params.finish()?;
    match &account {
        Some(account) => reader.may_ask_about("ask_diff", account, span.to).await?,
        None => reader.may_ask_of_all("ask_diff", ReadScope::Accounts).await?,
    }
    at_least.wait(&reader.tenant).await?;
    let tenant = &reader.tenant;
    let compared = tenant.ask(span.to, |views, as_of| {
        let from = span.begin(views, as_of)?;
        let comparison = shown(tenant, views, as_of, |shown| Comparison::of(shown, from, standing));
        let whom = match &account {
            Some(account) => vec![account_asked(views, as_of, account)?],
            None => shown(tenant, views, as_of, |shown| comparison.accounts(shown)),
        };
        Ok::<_, Problem>((comparison, whom))
    });
    let (comparison, mut whom) = compared.await??;
    if let Some(after) = &after {
        let to = Point::At(comparison.to().position);
        let late = |views: &grantbook_projections::Views, _| {
            whom.iter().position(|who| views.names.accounts.text(*who) > after.as_str())
        };
        let late = tenant.ask(to, late).await?;
        whom = late.map(|late| whom.split_off(late)).unwrap_or_default();
    }
    let mut changes: Vec<AccountChange> = Vec::new();
    for some in whom.chunks(AT_ONCE) {
        // The points are those that were found first, whatever was written meanwhile.
        let found = tenant.ask(Point::At(comparison.to().position), |views, _| {
            shown(tenant, views, comparison.to(), |shown| {
                some.iter().filter_map(|who| comparison.account(shown, *who)).collect::<Vec<AccountChange>>()
            })
        });
        changes.extend(found.await?);
        if changes.len() > limit {
            break;
        }
        tokio::task::yield_now().await;
    }
    let further = changes.len() > limit;
    changes.truncate(limit);
    let next = changes.last().filter(|_| further).map(|last| last.account.as_str());
    Ok(answered(comparison.json(&changes, next)))
}
