//! What an account did since it was compromised, and what undoes it.

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::{Position, ReadScope};
use grantbook_inquiries::account_asked;
use grantbook_inquiries::blast_radius::{Spread, blast_radius as radius};
use grantbook_ledger::Point;

use super::events::first;
use super::params::MOST_ROWS;
use super::problem::Problem;
use super::reader::Reader;
use super::slices::{of_a_copy, walked};
use super::span::{begins_too_late, surely_after, within_the_book};
use super::views::answered;
use super::visit::Visit;

/// How many acts and how many grants are shown, unless `limit` says otherwise.
const USUAL: usize = 1_000;
/// The most commands of a plan: what is more is nothing that anybody reviews, and the rest is planned when these were given.
const MOST_COMMANDS: usize = 10_000;

/// All that an account did since then, all that was granted under that authority, what of it still holds, and the commands
/// that would undo it. Without `since` from the beginning.
pub(crate) async fn blast_radius(
    mut visit: Visit,
    Path((cloud_id, account)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let since = visit.params.point("since")?;
    let limit = visit.params.count("limit", USUAL, MOST_ROWS)?;
    visit.params.finish()?;
    if since.is_some_and(|since| surely_after(since, looking.point)) {
        return Err(begins_too_late("since"));
    }
    reader.may_ask_of_all("ask_blast_radius", ReadScope::Events).await?;
    looking.wait(&reader.tenant).await?;
    let found = reader.tenant.ask(looking.point, |views, as_of| {
        since.map_or(Ok(()), |since| within_the_book(&reader.tenant, since))?;
        let since = since.map_or(1, |since| first(views, since)).max(1);
        let who = account_asked(views, as_of, &account)?;
        let account = views.account_id(who).ok_or_else(|| Problem::not_found("there is no such account"))?;
        Ok::<_, Problem>((account, Position(since), as_of))
    });
    let (account, since, as_of) = found.await??;
    let spread = Spread::new(account, since);
    let (from, to) = (spread.since(), as_of.position);
    let spread = walked(&reader.tenant, vec![from..=to], spread, Spread::look).await?;
    // A plan is for now.
    let plan = (looking.point == Point::Now).then_some(MOST_COMMANDS);
    let answer = of_a_copy(&reader.tenant, as_of, move |copied| {
        copied.shown(|shown| radius(shown, &spread, limit, plan).json(shown))
    });
    Ok(answered(answer.await?))
}
