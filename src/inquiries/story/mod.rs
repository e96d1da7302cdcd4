//! The life of an account, of a right, or of an object as a story: what happened, entry by entry, and what the clock did
//! between them.

mod clock;
mod shown;

use std::collections::BTreeSet;

use grantbook_events::{AccountId, Actor, Entry, Event, Instant, ObjectEvent, ObjectPath, Position, QueryEvent};
use grantbook_projections::{Cause, Views, moves};
use grantbook_rights::{On, Who};

use crate::authority::{Place, Step, step_at};
use crate::deed::Deed;
use crate::shown::{Shown, on_somebody_else};
use crate::who_can::{Able, WhoAsked, WhoCan};

/// Whose life is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Life {
    /// An account's: what happened to it, and what it did.
    Account(AccountId),
    /// An object's: what happened to it, and whom it let in by what lies above it.
    Object(ObjectPath),
}

/// What happened at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happening {
    /// The entry, or the clock.
    pub cause: Cause,
    /// When it happened.
    pub at: Instant,
    /// When it was recorded, where that differs.
    pub recorded_at: Option<Instant>,
    /// What happened, in a sentence that names people.
    pub sentence: String,
    /// What an entry did; none where it was the clock.
    pub step: Option<Step>,
    /// Of the life of a right: whose it became or was no longer.
    pub turn: Option<Turn>,
}

/// An account gained a right, or lost it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    /// The account's id.
    pub account: String,
    /// Whether it gained it.
    pub gained: bool,
}

/// A life as a story, oldest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Story {
    /// Whose, in words.
    pub of: String,
    /// From where it was looked at.
    pub as_of: grantbook_projections::AsOf,
    /// What happened.
    pub happenings: Vec<Happening>,
    /// The entry after which the next page begins; `None` on the last.
    pub next: Option<Position>,
}

impl Life {
    /// The entries that may hold something of the life, in order.
    pub fn entries(&self, views: &Views) -> Vec<Position> {
        let mentions = &views.mentions;
        match self {
            Life::Account(id) => views.account(id).into_iter().flat_map(|who| mentions.of_account(who)).collect(),
            Life::Object(path) => {
                // What lies above it lets people in as well. A query is an object too.
                let above = std::iter::successors(Some(path.clone()), ObjectPath::parent);
                let numbers = above.filter_map(|path| views.names.objects.get(path.as_str()));
                let queries = ["query_created", "query_edited", "query_deleted"].into_iter();
                let all = numbers.flat_map(|object| mentions.of_object(object));
                let all: BTreeSet<Position> = all.chain(queries.flat_map(|kind| mentions.of_kind(kind))).collect();
                all.into_iter().collect()
            }
        }
    }

    /// The events of an entry that belong to the life, by index. Those that change nothing of what anybody has, such as
    /// sign-ins, only where `everything` is wanted.
    pub fn events(&self, entry: &Entry, everything: bool) -> Vec<usize> {
        let own = match (self, &entry.actor) {
            (Life::Account(life), Actor::Account { id, .. }) => id == life,
            (Life::Account(_) | Life::Object(_), _) => false,
        };
        let belongs = |event: &Event| {
            let of_it = match self {
                Life::Account(life) => own || event.concerns(life),
                Life::Object(life) => is_of_object(event, life),
            };
            of_it && (everything || moves(event))
        };
        let events = entry.events.iter().enumerate().filter(|(_, recorded)| belongs(&recorded.event));
        events.map(|(index, _)| index).collect()
    }
}

/// Whether an event is about an object, or about whom something above it lets in.
fn is_of_object(event: &Event, life: &ObjectPath) -> bool {
    let above = |object: &ObjectPath| {
        let rest = life.as_str().strip_prefix(object.as_str().trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match event {
        Event::Object(ObjectEvent::ObjectCreated { object, .. } | ObjectEvent::ObjectDeleted { object }) => {
            object == life
        }
        Event::Object(
            ObjectEvent::AccessSet { object, .. }
            | ObjectEvent::AccessGranted { object, .. }
            | ObjectEvent::AccessRevoked { object, .. }
            | ObjectEvent::AccessCleared { object },
        ) => above(object),
        Event::Query(QueryEvent::QueryCreated { object, .. }) => object == life,
        Event::Query(QueryEvent::QueryEdited { query, .. } | QueryEvent::QueryDeleted { query }) => {
            query.as_str() == life.as_str()
        }
        Event::Tenant(_)
        | Event::Contact(_)
        | Event::Credentials(_)
        | Event::SignIn(_)
        | Event::Dashboard(_)
        | Event::Role(_)
        | Event::Group(_)
        | Event::Book(_)
        | Event::Installation(_)
        | Event::Organisation(_)
        | Event::Community(_)
        | Event::ContentAuthority(_)
        | Event::Mail(_)
        | Event::Visibility(_)
        | Event::Separation(_)
        | Event::Webhook(_)
        | Event::Review(_)
        | Event::Keeping(_) => false,
    }
}

/// The story of a life from the events that belong to it, in order. What the clock did is told from after the entry at
/// `after` up to the last of them, or up to the point of `shown` where nothing follows, that is where `next` is none.
pub fn story(shown: &Shown<'_>, life: &Life, places: &[Place], after: Position, next: Option<Position>) -> Story {
    let mut happenings: Vec<Happening> = places.iter().filter_map(|place| happening(shown, *place)).collect();
    let of = match life {
        Life::Account(id) => shown.called(id),
        Life::Object(path) => path.to_string(),
    };
    let timeline = &shown.views.timeline;
    let first = if after == Position::START { Instant::EARLIEST } else { timeline.at(after) };
    let last = next.map_or(shown.as_of.clock, |next| timeline.at(next));
    let clock = clock::moments(shown, life).into_iter().filter(|told| told.at > first && told.at <= last);
    happenings.extend(clock);
    in_order(&mut happenings);
    Story { of, as_of: shown.as_of, happenings, next }
}

fn happening(shown: &Shown<'_>, place: Place) -> Option<Happening> {
    let entry = shown.read(place.position)?;
    entry.events.get(place.index)?;
    let step = step_at(shown, place.position, &entry, place.index);
    Some(Happening {
        cause: Cause::Entry(place.position),
        at: entry.at,
        recorded_at: entry.recorded_at.filter(|recorded| *recorded != entry.at),
        sentence: step.sentence.clone(),
        step: Some(step),
        turn: None,
    })
}

/// By when they took effect. What the clock did at the instant of an entry came before it.
fn in_order(happenings: &mut [Happening]) {
    happenings.sort_by_key(|happening| {
        let position = match happening.cause {
            Cause::Entry(position) => position,
            Cause::Clock(_) => Position::START,
        };
        (happening.at, position)
    });
}

/// The story of a right: who gained and lost it over a span, as was found, and what brought it about.
pub fn story_of_right(shown: &Shown<'_>, asked: &WhoAsked, found: &WhoCan) -> Story {
    let on = found.on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
    let mut happenings = Vec::new();
    for able in &found.accounts {
        for interval in &able.intervals {
            happenings.push(turn(shown, asked.on, able, true, &interval.from));
            happenings.extend(interval.to.as_ref().map(|to| turn(shown, asked.on, able, false, to)));
        }
    }
    if let Some(from) = asked.from {
        // What brought about what was so already is before the story.
        happenings.retain(|happening| happening.at >= from.clock);
    }
    in_order(&mut happenings);
    let of = format!("the right to {} ({}){on}", asked.capability.words(), asked.capability.name());
    Story { of, as_of: shown.as_of, happenings, next: None }
}

fn turn(shown: &Shown<'_>, on: On, able: &Able, gained: bool, deed: &Deed) -> Happening {
    let (account, name) = (&able.account, able.name.as_deref().unwrap_or(&able.account));
    // What was done to somebody else is theirs.
    let who = shown.views.names.accounts.get(account).map_or(Who::Guest, Who::Account);
    let step = deed.step.clone().filter(|_| shown.eyes.is_none() || !on_somebody_else(who, on));
    let became = if gained { "could from here on" } else { "could no more" };
    let because = match (&step, &deed.fact) {
        (Some(step), _) => step.sentence.clone(),
        (None, _) if deed.step.is_some() => "by an entry that is not for this reader".to_owned(),
        (None, Some(fact)) => format!("by the clock ({fact})"),
        (None, None) => "by the clock".to_owned(),
    };
    let entry = match deed.cause {
        Cause::Entry(position) => shown.read(position),
        Cause::Clock(_) => None,
    };
    Happening {
        cause: deed.cause,
        at: deed.at,
        recorded_at: entry.and_then(|entry| entry.recorded_at).filter(|recorded| *recorded != deed.at),
        sentence: format!("{name} {became}: {because}"),
        step,
        turn: Some(Turn { account: account.clone(), gained }),
    }
}
