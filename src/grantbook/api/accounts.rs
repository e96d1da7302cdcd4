//! Accounts: a page of them, and everything about one.

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::Position;
use grantbook_inquiries::{account, accounts_page};
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
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    visit.params.finish()?;
    reader.may_ask_about("read_account", &named, looking.point).await?;
    looking.wait(&reader.tenant).await?;
    let tenant = &reader.tenant;
    let found = tenant.ask(looking.point, |views, as_of| {
        let id = id_of(views, as_of.position, &named)?;
        shown(tenant, views, as_of, |shown| account(shown, &id))
    });
    let found = found.await?.ok_or_else(|| Problem::not_found("there is no such account as of then"))?;
    Ok(answered(found))
}

pub(crate) fn id_of(views: &Views, position: Position, named: &str) -> Option<String> {
    let Some(username) = named.strip_prefix('@') else { return Some(named.to_owned()) };
    let number = views.names.usernames.get(username)?;
    Some(views.account_id(views.credentials.owner(number, position)?)?.as_str().to_owned())
}
