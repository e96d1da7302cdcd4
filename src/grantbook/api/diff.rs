//! What became of everybody's effective rights between two points.

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::ReadScope;
use grantbook_inquiries::{Comparison, Shown, Whom, account_asked};

use super::params::MOST_ROWS;
use super::problem::Problem;
use super::reader::Reader;
use super::rows::Rows;
use super::span::Span;
use super::views::shown;
use super::visit::Visit;
use super::who_can::standing;

/// The rights that accounts gained and lost and those that they hold for another reason now, each with what brought it
/// about. All accounts, unless `account` names one, or `limit` says how many at once: then `next` is what to give as `after`.
pub(crate) async fn diff(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    if !visit.params.given("from") {
        return Err(Problem::malformed(
            "from",
            "expected the point to compare with: a position or an RFC 3339 instant",
        ));
    }
    let span =
        Span::of(&mut visit.params, looking.point)?.ok_or_else(|| Problem::malformed("from", "expected a point"))?;
    let standing = standing(&mut visit.params)?;
    let limit = visit.params.count("limit", usize::MAX, MOST_ROWS)?;
    let (account, after) = (visit.params.take("account"), visit.params.take("after"));
    visit.params.finish()?;
    match &account {
        Some(account) => reader.may_ask_about("ask_diff", account, span.to).await?,
        None => reader.may_ask_of_all("ask_diff", ReadScope::Accounts).await?,
    }
    looking.wait(&reader.tenant).await?;
    let tenant = &reader.tenant;
    let compared = tenant.ask(span.to, |views, as_of| {
        let from = span.begin(tenant, views, as_of)?;
        shown(tenant, views, as_of, |shown| {
            let whom = match &account {
                Some(account) => Whom::these(shown, vec![account_asked(views, as_of, account)?], after.as_deref()),
                None => Whom::everybody(after.as_deref()),
            };
            Ok::<_, Problem>((Comparison::of(shown, from, standing), whom))
        })
    });
    let (comparison, whom) = compared.await??;
    let (answer, to) = (comparison.json(&[]), comparison.to());
    let row = move |shown: &Shown<'_>, who| comparison.account(shown, who).map(|change| change.json());
    Ok(Rows::of(tenant, to, whom, limit, row).await?.within(&answer))
}
