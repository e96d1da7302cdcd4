//! The life of an account, of a right, or of an object as a story.

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::{AccountId, Entry, Instant, ObjectPath, Position, ReadScope};
use grantbook_inquiries::{AskError, Life, Place, Search, account_asked, story, story_of_right, who_asked};
use grantbook_ledger::Point;
use grantbook_projections::AsOf;

use super::params::MOST_ROWS;
use super::problem::Problem;
use super::reader::Reader;
use super::slices::in_slices;
use super::span::Span;
use super::views::{answered, seen_by, shown, shown_to};
use super::visit::Visit;
use super::who_can::standing;

/// How many entries are looked at before others get a turn.
const AT_ONCE: usize = 2_048;

/// What happened to an account and what it did (`account`), who gained and lost a right (`do`, `on`, of one alone with
/// `account`), or what happened to an object (`object`): oldest first, with what the clock did in between. `from` and `to`
/// bound it; `everything=true` tells sign-ins and mails as well; `limit` and `after` page through a long one.
pub(crate) async fn timeline(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let span = match Span::of(&mut visit.params, looking.point)? {
        Some(span) => span,
        None => Span::whole(looking.point),
    };
    let wanted = ["account", "do", "on", "object"].map(|name| visit.params.take(name));
    let everything = visit.params.flag("everything")?;
    let standing = standing(&mut visit.params)?;
    let limit = visit.params.count("limit", 1_000, MOST_ROWS)?;
    let after = visit.params.position("after")?;
    visit.params.finish()?;
    let tenant = &reader.tenant;
    match wanted {
        [account, Some(capability), on, None] => {
            match &account {
                Some(account) => reader.may_ask_about("ask_timeline", account, span.to).await?,
                None => reader.may_ask_of_all("ask_timeline", ReadScope::Accounts).await?,
            }
            looking.wait(tenant).await?;
            let now = reader.now().await?;
            let begun = tenant.ask(span.to, |views, as_of| {
                let from = span.begin(tenant, views, as_of)?;
                let who = account.as_deref().map(|account| account_asked(views, as_of, account)).transpose()?;
                shown(tenant, views, as_of, |shown| {
                    let asked = who_asked(shown, &capability, on.as_deref(), standing, Some(from))?;
                    if reader.hides(views, asked.on, now) {
                        return Err(AskError::UnknownAccount { account: on.clone().unwrap_or_default() }.into());
                    }
                    let search = match who {
                        Some(who) => Search::of_one(shown, &asked, who),
                        None => Search::of(shown, &asked),
                    };
                    Ok::<_, Problem>((asked, search, as_of))
                })
            });
            let (asked, mut search, as_of) = begun.await??;
            in_slices(tenant, as_of, |shown| {
                seen_by(&reader, shown, |shown| search.goes_on(shown, super::slices::AT_ONCE))
            })
            .await?;
            let found = search.found();
            let told = tenant.ask(Point::At(as_of.position), |views, _| {
                shown_to(&reader, views, as_of, |shown| story_of_right(shown, &asked, &found))
            });
            Ok(answered(told.await?.json()))
        }
        [Some(account), None, None, None] => {
            reader.may_ask_about("ask_timeline", &account, span.to).await?;
            looking.wait(tenant).await?;
            let id = tenant.ask(span.to, |views, as_of| {
                let who = account_asked(views, as_of, &account)?;
                views.account_id(who).ok_or(AskError::UnknownAccount { account: account.clone() })
            });
            let life: AccountId = id.await??;
            tell(&reader, Life::Account(life), span, Page { everything, limit, after }).await
        }
        [None, None, None, Some(object)] => {
            reader.may_ask_of_all("ask_timeline", ReadScope::Accounts).await?;
            looking.wait(tenant).await?;
            let path = ObjectPath::new(&object).map_err(|wrong| Problem::malformed("object", wrong.message))?;
            let known = tenant.ask(span.to, |views, _| views.names.objects.get(path.as_str()).is_some()).await?;
            if !known {
                return Err(AskError::UnknownObject { object }.into());
            }
            tell(&reader, Life::Object(path), span, Page { everything, limit, after }).await
        }
        _ => Err(Problem::malformed(
            "account",
            "expected an `account`, a right (`do`, `on`) or an `object`, one of them",
        )),
    }
}

/// Which part of a story is wanted.
struct Page {
    everything: bool,
    limit: usize,
    after: Option<Position>,
}

async fn tell(reader: &Reader, life: Life, span: Span, page: Page) -> Result<Response, Problem> {
    let tenant = &reader.tenant;
    let bounds = tenant.ask(span.to, |views, as_of| {
        // What happened at the very instant that a span begins with belongs to it.
        let begin = match span.begin(tenant, views, as_of)? {
            begin if begin.clock > Instant::EARLIEST => views.timeline.position_at(begin.clock.just_before()),
            begin => begin.position,
        };
        let begin = page.after.map_or(begin, |after| after.max(begin));
        let mut entries = life.entries(views);
        entries.retain(|position| *position > begin && *position <= as_of.position);
        Ok::<(Position, AsOf, Vec<Position>), Problem>((begin, as_of, entries))
    });
    let (begin, as_of, entries) = bounds.await??;
    let mut places: Vec<Place> = Vec::new();
    let mut told = 0;
    let mut last = begin;
    let mut next = None;
    for (looked_at, position) in entries.into_iter().enumerate() {
        let entry = tenant.entry(position)?;
        let events = seen(reader, &life, &entry, page.everything);
        if !events.is_empty() {
            if told == page.limit {
                next = Some(last);
                break;
            }
            told += 1;
            places.extend(events.into_iter().map(|index| Place { position, index }));
            last = position;
        }
        if looked_at % AT_ONCE == AT_ONCE - 1 {
            tokio::task::yield_now().await;
        }
    }
    let answer = tenant.ask(Point::At(as_of.position), |views, _| {
        shown_to(reader, views, as_of, |shown| story(shown, &life, &places, begin, next).json())
    });
    Ok(answered(answer.await?))
}

/// The events of a life that the reader may see (rule: U2).
fn seen(reader: &Reader, life: &Life, entry: &Entry, everything: bool) -> Vec<usize> {
    let mut events = life.events(entry, everything);
    events.retain(|index| entry.events.get(*index).is_some_and(|recorded| reader.sees_in(entry, &recorded.event)));
    events
}
