//! The blast radius of a compromise: an account was in other hands from some entry on. What it did, whom it reached, what was
//! granted under its authority, directly or through others, what of that still holds, what could have been reached, and
//! the commands that undo it.
//!
//! # Invariants
//! - Nothing is guessed: an event counts because an account in those hands did it, or because it names a counted entry as
//!   its authority.
//! - Whoever signs in with a password that those hands set (or that came by mail to an email that they set) is in them from
//!   that sign-in on, until somebody else sets the password anew.
//! - The plan is rehearsed: each of its commands was accepted in its turn.

mod repair;
mod shown;
mod spread;
mod thing;
mod undo;

use std::collections::{BTreeMap, BTreeSet};

use grantbook_events::{AccountId, Entry, Event, Instant, Position};
use grantbook_projections::{AsOf, Cause, Moments, Views};
use grantbook_rights::{Capability, account_points, has_at_all};

use crate::sentences::sentence;
use crate::shown::Shown;
pub use repair::{By, Left, Repair, Step};
use serde_json::Value;
pub use spread::{Because, Counted, Reached, Spread};
use spread::{Gave, Given};
pub(crate) use thing::{Thing, things};

/// Something that an account in those hands did, or that was done on the authority it gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Act {
    /// The entry.
    pub position: Position,
    /// When it happened.
    pub at: Instant,
    /// The account that did it; none for the ledger itself and guests.
    pub by: Option<AccountId>,
    /// The type of the event.
    pub event: &'static str,
    /// What happened, in a sentence.
    pub sentence: String,
    /// The command behind it.
    pub command: Option<String>,
    /// The reason that was given.
    pub reason: Option<String>,
    /// The entry that it rests on.
    pub authority: Option<Position>,
    /// From the entry that it rests on to the one that an account in those hands made; empty for that one itself.
    pub through: Vec<Position>,
    /// Of a grant: whether it still holds. None for what is no grant.
    pub holds: Option<bool>,
}

/// Rights that an account in those hands had, even briefly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Could {
    /// The account.
    pub account: AccountId,
    /// From when.
    pub from: Cause,
    /// Until when; none for until now.
    pub to: Option<Cause>,
    /// Which.
    pub capabilities: Vec<Capability>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlastRadius {
    /// The account.
    pub account: AccountId,
    /// From which entry on.
    pub since: Position,
    /// From where it was looked.
    pub as_of: AsOf,
    /// The other accounts that came into those hands.
    pub reached: BTreeMap<AccountId, Reached>,
    /// How much was done by accounts in those hands.
    pub did_count: usize,
    /// The newest of that, oldest first.
    pub did: Vec<Act>,
    /// Of all that and of what rests on it: how many things were granted.
    pub granted_count: usize,
    /// How many of these still hold.
    pub still_holding: usize,
    /// The newest that still hold, and where there is room the newest that do not, oldest first.
    pub granted: Vec<Act>,
    /// What could have been reached.
    pub could: Vec<Could>,
    /// The commands that undo it; none where it is not asked as of now.
    pub repair: Option<Repair>,
}

impl Spread {
    /// The entries that count, each with the indices of those of its events that do.
    pub fn counted(&self) -> impl Iterator<Item = (Position, Vec<usize>)> {
        let of_one = self.counted.chunk_by(|one, other| one.position == other.position);
        let index = |counted: &Counted| usize::try_from(counted.index).unwrap_or(usize::MAX);
        of_one.filter_map(move |counted| Some((counted.first()?.position, counted.iter().map(index).collect())))
    }
}

/// What came of `spread`, which has looked at the entries up to the point of `shown`: of what was done, and of what was granted,
/// `most` are told one by one, and all are counted. `plan` says of how many commands to rehearse a plan, if of any; it is one
/// for now: the point of `shown` is to be now.
pub fn blast_radius(shown: &Shown<'_>, spread: &Spread, most: usize, plan: Option<usize>) -> BlastRadius {
    let given = spread.given();
    let (mut did, mut holding, mut over) = (Vec::new(), Vec::new(), Vec::new());
    for counted in &spread.counted {
        if let Some(gave) = counted.gave {
            if holds(shown, &given, counted.position, gave) { &mut holding } else { &mut over }.push(*counted);
        }
        if counted.because == Because::Own {
            did.push(*counted);
        }
    }
    let mut granted = newest(&holding, most).to_vec();
    granted.extend(newest(&over, most - granted.len()));
    granted.sort_unstable_by_key(|counted| (counted.position, counted.index));
    let acts = |which: &[Counted]| which.iter().filter_map(|counted| act(shown, spread, &given, *counted)).collect();
    BlastRadius {
        account: spread.root.clone(),
        since: spread.since,
        as_of: shown.as_of,
        reached: spread.reached.clone(),
        did_count: did.len(),
        did: acts(newest(&did, most)),
        granted_count: holding.len() + over.len(),
        still_holding: holding.len(),
        granted: acts(&granted),
        could: could(shown, spread),
        repair: plan.map(|commands| repair::repair(shown, spread, commands).0),
    }
}

/// The last so many of what is in order.
fn newest<T>(all: &[T], most: usize) -> &[T] {
    all.get(all.len().saturating_sub(most)..).unwrap_or_default()
}

fn act(shown: &Shown<'_>, spread: &Spread, given: &Given<'_>, counted: Counted) -> Option<Act> {
    let Counted { position, index, because, gave } = counted;
    let entry = shown.read(position)?;
    let recorded = entry.events.get(usize::try_from(index).ok()?)?;
    let note = entry.commands.get(usize::try_from(recorded.command).ok()?);
    let through = match because {
        Because::Authority(authority) => through(spread, authority),
        Because::Own => Vec::new(),
    };
    Some(Act {
        position,
        at: entry.at,
        by: crate::authority::actor_account(&entry.actor).cloned(),
        event: recorded.event.kind(),
        sentence: sentence(shown, &entry.actor, &recorded.event),
        command: note.map(|note| note.name.as_str().to_owned()),
        reason: note.and_then(|note| note.reason.clone()),
        authority: recorded.authority,
        through,
        holds: gave.map(|gave| holds(shown, given, position, gave)),
    })
}

/// From an entry that counts down to one that an account in those hands made.
fn through(spread: &Spread, from: Position) -> Vec<Position> {
    let mut chain = vec![from];
    while let Some(last) = chain.last() {
        let counted = spread.counted_at(*last);
        let next = counted.iter().find_map(|counted| match counted.because {
            Because::Authority(authority) if authority < *last => Some(authority),
            Because::Authority(_) | Because::Own => None,
        });
        let own = counted.iter().any(|counted| counted.because == Because::Own);
        match next.filter(|_| !own) {
            Some(next) => chain.push(next),
            None => break,
        }
    }
    chain
}

/// Whether an event gives somebody something, rather than takes it or tells of it.
fn gives(event: &Event) -> bool {
    const GRANTS: [&str; 20] = [
        "credentials_created",
        "credential_email_set",
        "password_set",
        "user_class_set",
        "account_enabled",
        "admin_added",
        "app_user_assigned",
        "background_account_set",
        "role_assigned",
        "level_set",
        "group_member_added",
        "dynamic_group_defined",
        "access_set",
        "access_granted",
        "organisation_member_added",
        "organisation_admin_assigned",
        "community_opened",
        "community_right_granted",
        "content_authority_member_added",
        "contact_visibility_defined",
    ];
    GRANTS.contains(&event.kind())
}

/// Whether what an event of the entry at `position` gave is still so by that event.
fn holds(shown: &Shown<'_>, given: &Given<'_>, position: Position, gave: Gave) -> bool {
    let (views, as_of) = (shown.views, shown.as_of);
    match gave {
        Gave::Access(number) => {
            let access = usize::try_from(number).ok().and_then(|number| given.access.get(number));
            let Some((object, principal, right)) = access else { return false };
            let number = views.names.objects.get(object.as_str());
            let granted = number.and_then(|number| views.objects.granted(number, principal, *right, as_of));
            granted.is_some_and(|(given, _)| given == position)
        }
        Gave::Thing(number) => {
            let thing = usize::try_from(number).ok().and_then(|number| given.things.get(number));
            let Some((thing, touched)) = thing else { return false };
            if touched.entries.last().is_none_or(|(last, _)| *last != position) {
                return false;
            }
            let state = thing.state(views, as_of);
            !state.is_null() && state != false && state == thing.state(views, AsOf { position, ..as_of })
        }
    }
}

/// What the accounts in those hands could do since, by stretches in which it was the same.
fn could(shown: &Shown<'_>, spread: &Spread) -> Vec<Could> {
    let views = shown.views;
    let root = std::iter::once((&spread.root, spread.since));
    let reached = spread.reached.iter().map(|(account, reached)| (account, reached.from));
    let mut all = Vec::new();
    for (account, from) in root.chain(reached) {
        let Some(who) = views.account(account) else { continue };
        let mut points = vec![Cause::Entry(from)];
        account_points(views, who, shown.as_of, &mut points);
        let mut stretches: BTreeMap<(Cause, Option<Cause>), Vec<Capability>> = BTreeMap::new();
        for capability in Capability::ALL {
            let holds = |point: AsOf| point.position >= from && has_at_all(views, who, *capability, point);
            for stretch in Moments::new(&views.timeline, points.clone(), shown.as_of).stretches(&holds) {
                stretches.entry(stretch).or_default().push(*capability);
            }
        }
        all.extend(stretches.into_iter().map(|((from, to), capabilities)| {
            let account = account.clone();
            Could { account, from, to, capabilities }
        }));
    }
    all
}

/// Everything that entries set, each by name with the state that it is in as of then: what two histories are compared by.
pub fn states<'a>(entries: impl Iterator<Item = &'a Entry>, views: &Views, as_of: AsOf) -> BTreeMap<String, Value> {
    let events = entries.flat_map(|entry| &entry.events);
    let things: BTreeSet<Thing> = events.flat_map(|recorded| things(&recorded.event)).collect();
    things.iter().map(|thing| (format!("{thing:?}"), thing.state(views, as_of))).collect()
}

impl Repair {
    /// By name, as [`states`] has them, what carrying it out changes: what it undoes, and what rules force besides.
    pub fn touches(&self) -> BTreeSet<String> {
        self.undone.iter().chain(&self.forced).map(|thing| format!("{thing:?}")).collect()
    }
}

#[cfg(test)]
mod tests;
