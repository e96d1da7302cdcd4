//! Who can do something, now, then, or at any time of a span.

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::ReadScope;
use grantbook_inquiries::{Shown, WhoCan, able, who_asked};
use grantbook_rights::Standing;

use super::params::MOST_ROWS;
use super::params::Params;
use super::problem::Problem;
use super::reader::Reader;
use super::rows::Rows;
use super::span::Span;
use super::views::shown;
use super::visit::Visit;

/// Every account that can, with its shortest reason; over a span, everyone who could at any time in it, and when. All of
/// them, unless `limit` says how many at once: then `next` is what to give as `after`.
pub(crate) async fn who_can(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let capability = visit.params.need("do", "what is asked for, such as dashboard.manage_admins")?;
    let on = visit.params.take("on");
    let span = Span::of(&mut visit.params, looking.point)?;
    let standing = standing(&mut visit.params)?;
    let limit = visit.params.count("limit", usize::MAX, MOST_ROWS)?;
    let after = visit.params.take("after");
    visit.params.finish()?;
    reader.may_ask_of_all("ask_who_can", ReadScope::Accounts).await?;
    looking.wait(&reader.tenant).await?;
    let tenant = &reader.tenant;
    let begun = tenant.ask(span.map_or(looking.point, |span| span.to), |views, as_of| {
        let from = span.map(|span| span.begin(tenant, views, as_of)).transpose()?;
        shown(tenant, views, as_of, |shown| {
            let asked = who_asked(shown, &capability, on.as_deref(), standing, from)?;
            let answer = WhoCan::of_nobody(shown, &asked).json();
            Ok::<_, Problem>((asked, asked.whom(shown, after.as_deref()), answer, as_of))
        })
    });
    let (asked, whom, answer, as_of) = begun.await??;
    let row = move |shown: &Shown<'_>, who| able(shown, &asked, who).map(|able| able.json(asked.from.is_some()));
    Ok(Rows::of(tenant, as_of, whom, limit, row).await?.within(&answer))
}

/// Takes out `granted`: whether rights count that an account was granted and has no credentials, or none that work, to use.
pub(crate) fn standing(params: &mut Params) -> Result<Standing, Problem> {
    Ok(if params.flag("granted")? { Standing::Granted } else { Standing::Fresh })
}
