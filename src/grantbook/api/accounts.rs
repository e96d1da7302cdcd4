//! Accounts: a page of them, and everything about one.

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::Position;
use grantbook_inquiries::{Shown, account, accounts_page};
use grantbook_projections::Views;

use super::problem::Problem;
use super::reader::Reader;
use super::views::{answered, shown};
use super::visit::Visit;

/// The most accounts on one page.
const MOST: usize = 1_000;

/// A page of accounts, by the start of their username (rule: A6).
pub(crate) async fn page(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let prefix = visit.params.take("username_prefix").unwrap_or_default();
    let after = visit.params.take("after");
    let limit = visit.params.count("limit", 100, MOST)?;
    visit.params.finish()?;
    reader.may_find_accounts().await?;
    looking.wait(&reader.tenant).await?;
    let tenant = &reader.tenant;
    let page = tenant.ask(looking.point, |views, as_of| {
        shown(tenant, views, as_of, |shown| accounts_page(shown, &prefix, after.as_deref(), limit))
    });
    Ok(answered(page.await?))
}

/// Everything about one account, named by its id or by `@` and its username as of then.
pub(crate) async fn one(
    mut visit: Visit,
    Path((cloud_id, named)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let found = of_account(&mut visit, &cloud_id, &named, "read_account", account).await?;
    Ok(answered(found.answer))
}

/// What was found of an account.
pub(crate) struct OfAccount<R> {
    pub(crate) reader: Reader,
    pub(crate) account: String,
    pub(crate) position: Position,
    pub(crate) answer: R,
}

/// What `tells` says of an account as of then, where the reader may ask `what` about it. Errors: they may not, or there is no
/// such account.
pub(crate) async fn of_account<R>(
    visit: &mut Visit,
    cloud_id: &str,
    named: &str,
    what: &str,
    tells: impl FnOnce(&Shown<'_>, &str) -> Option<R>,
) -> Result<OfAccount<R>, Problem> {
    let reader = Reader::of(visit, cloud_id).await?;
    let looking = visit.params.looking()?;
    visit.params.finish()?;
    reader.may_ask_about(what, named, looking.point).await?;
    looking.wait(&reader.tenant).await?;
    let tenant = &reader.tenant;
    let found = tenant.ask(looking.point, |views, as_of| {
        let id = id_of(views, as_of.position, named)?;
        let answer = shown(tenant, views, as_of, |shown| tells(shown, &id))?;
        Some((id, as_of.position, answer))
    });
    let found = found.await?.ok_or_else(|| Problem::not_found("there is no such account as of then"))?;
    let (account, position, answer) = found;
    Ok(OfAccount { reader, account, position, answer })
}

fn id_of(views: &Views, position: Position, named: &str) -> Option<String> {
    let Some(username) = named.strip_prefix('@') else { return Some(named.to_owned()) };
    let number = views.names.usernames.get(username)?;
    Some(views.account_id(views.credentials.owner(number, position)?)?.as_str().to_owned())
}
