//! Lineage: by whose authority somebody has what they have, and what rests on what they gave.

use axum::extract::Path;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use grantbook_events::{AccountId, Position, ReadScope};
use grantbook_inquiries::{AskError, Descent, Lineage, Root, account_asked, dot, lineage, svg};
use grantbook_ledger::{Point, TenantHandle};
use grantbook_projections::AsOf;

use super::params::MOST_ROWS;
use super::params::{Looking, Params};
use super::problem::Problem;
use super::reader::Reader;
use super::slices::{in_slices, walked};
use super::views::{answered, shown};
use super::visit::Visit;

/// Of how many entries it is looked up at once whether they can have a part in it: a few milliseconds' work.
const LOOKED_UP_AT_ONCE: u64 = 1 << 19;

/// What is wanted of a lineage.
struct Wanted {
    up: bool,
    down: bool,
    format: Format,
    limit: usize,
}

#[derive(Clone, Copy)]
enum Format {
    Json,
    Text,
    Svg,
    Dot,
}

impl Wanted {
    fn of(params: &mut Params) -> Result<Wanted, Problem> {
        let (up, down) = match params.take("direction").as_deref() {
            None | Some("both") => (true, true),
            Some("up") => (true, false),
            Some("down") => (false, true),
            Some(_) => return Err(Problem::malformed("direction", "expected up, down or both")),
        };
        let format = match params.take("format").as_deref() {
            None | Some("json") => Format::Json,
            Some("text") => Format::Text,
            Some("svg") => Format::Svg,
            Some("dot") => Format::Dot,
            Some(_) => return Err(Problem::malformed("format", "expected json, text, svg or dot")),
        };
        Ok(Wanted { up, down, format, limit: params.count("limit", 1_000, MOST_ROWS)? })
    }
}

/// Of an account.
pub(crate) async fn of_account(
    mut visit: Visit,
    Path((cloud_id, account)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let wanted = Wanted::of(&mut visit.params)?;
    visit.params.finish()?;
    reader.may_ask_of_all("ask_lineage", ReadScope::Accounts).await?;
    looking.wait(&reader.tenant).await?;
    let found = reader.tenant.ask(looking.point, |views, as_of| {
        let who = account_asked(views, as_of, &account)?;
        let id = views.account_id(who).ok_or(AskError::UnknownAccount { account: account.clone() })?;
        Ok::<(AccountId, AsOf), AskError>((id, as_of))
    });
    let (id, as_of) = found.await??;
    answer(&reader.tenant, Root::Account(id), as_of, &wanted).await
}

/// Of an entry.
pub(crate) async fn of_entry(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking: Looking = visit.params.looking()?;
    let wanted = Wanted::of(&mut visit.params)?;
    let position = visit.params.position("position")?;
    let position = position.ok_or_else(|| Problem::malformed("position", "expected the position of an entry"))?;
    visit.params.finish()?;
    reader.may_ask_of_all("ask_lineage", ReadScope::Accounts).await?;
    looking.wait(&reader.tenant).await?;
    let as_of = reader.tenant.ask(looking.point, |_, as_of| as_of).await?;
    if position == Position::START || position > as_of.position {
        return Err(Problem::not_found(format!("there is no entry at position {position} as of {}", as_of.position)));
    }
    answer(&reader.tenant, Root::Entry(position), as_of, &wanted).await
}

async fn answer(tenant: &TenantHandle, root: Root, as_of: AsOf, wanted: &Wanted) -> Result<Response, Problem> {
    let down = match wanted.down {
        true => {
            let mut descent = Descent::of(root.clone(), Position(1), wanted.limit);
            in_slices(tenant, as_of, |shown| descent.foresees(shown.views, as_of.position, LOOKED_UP_AT_ONCE)).await?;
            Some(walked(tenant, descent.stretches(), descent, Descent::take).await?.found())
        }
        false => None,
    };
    // The point is the one that was found before the walk, whatever was written meanwhile.
    let found = tenant.ask(Point::At(as_of.position), |views, _| {
        shown(tenant, views, as_of, |shown| lineage(shown, root, wanted.up, down.as_ref()))
    });
    Ok(written(&found.await?, wanted.format))
}

fn written(found: &Lineage, format: Format) -> Response {
    let (kind, body) = match format {
        Format::Json => return answered(found.json()),
        Format::Text => ("text/plain; charset=utf-8", found.lines().join("\n") + "\n"),
        Format::Svg => ("image/svg+xml", svg(found)),
        Format::Dot => ("text/vnd.graphviz; charset=utf-8", dot(found)),
    };
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
