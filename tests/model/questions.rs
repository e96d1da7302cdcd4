//! Questions about rights over time, held against the naive way of answering them: looking at every moment there is.

use std::collections::BTreeSet;

use grantbook_encoding::json::{Shown as EntryShown, to_json};
use grantbook_inquiries::{Descent, Hold, Place, Root, Shown, WhoAsked, account as all_about, given, lineage, who_can};
use grantbook_ledger::events::{Date, Entry, Instant, Position};
use grantbook_projections::{AsOf, Views};
use grantbook_rights::{Capability, On, OnKind, Question, Standing, Who, may};
use serde_json::Value;

use crate::histories::{edition, lived, on_random_histories};
use crate::world::{PEOPLE, Step, World, account};

/// A history that was lived through, its entries at hand.
pub(crate) struct Told {
    pub(crate) world: World,
}

impl Told {
    pub(crate) fn of(steps: &[Step]) -> Told {
        Told { world: lived(edition(steps), steps, |_| {}) }
    }

    pub(crate) fn views(&self) -> &Views {
        &self.world.views
    }

    /// Asks with the history as of a point.
    pub(crate) fn ask<R>(&self, as_of: AsOf, question: impl FnOnce(&Shown<'_>) -> R) -> R {
        let entry = |position: Position| self.entry(position).cloned();
        let open =
            |_: &_, _: &'static str, sealed: &grantbook_ledger::events::Sealed| sealed.as_clear().map(str::to_owned);
        question(&Shown { views: self.views(), as_of, open: &open, entry: &entry })
    }

    pub(crate) fn entry(&self, position: Position) -> Option<&Entry> {
        self.world.entries.get(usize::try_from(position.0).ok()?.checked_sub(1)?)
    }

    /// Everything that a capability can be on.
    pub(crate) fn everything(&self, capability: Capability) -> Vec<On> {
        let names = &self.views().names;
        let all = |numbers: Vec<u32>, on: fn(u32) -> On| numbers.into_iter().map(on).collect();
        match capability.on() {
            OnKind::Nothing => vec![On::Nothing],
            OnKind::Account => all(names.accounts.in_order(), |who| On::Account(Some(who))),
            OnKind::App => all(names.apps.in_order(), On::App),
            OnKind::Object | OnKind::Query => all(names.objects.in_order(), On::Object),
            OnKind::Organisation => all(names.organisations.in_order(), On::Organisation),
            OnKind::Community => all(names.communities.in_order(), On::Community),
        }
    }

    /// Every moment at which anything can have changed: the entries, and whatever instant or day one of them speaks of, in
    /// order. Found in the public form of the entries, so that no view is asked.
    pub(crate) fn moments(&self, until: AsOf) -> Vec<AsOf> {
        let mut clocks = BTreeSet::new();
        for (position, entry) in (1..).map(Position).zip(&self.world.entries) {
            clocks_in(&to_json(entry, &EntryShown::bare("abcimis", position)), &mut clocks);
        }
        let timeline = &self.views().timeline;
        let mut moments: Vec<AsOf> = (0..=timeline.last().0).map(|at| timeline.as_of(Position(at))).collect();
        moments.extend(clocks.into_iter().map(|clock| AsOf { position: timeline.position_at(clock), clock }));
        // What happened at the very instant of a point, but after it, is not for it to see.
        moments.retain(|moment| moment.position <= until.position && moment.clock <= until.clock);
        moments.sort_by_key(|moment| (moment.position, moment.clock));
        moments.dedup();
        moments
    }
}

fn clocks_in(value: &Value, into: &mut BTreeSet<Instant>) {
    match value {
        Value::String(text) => {
            into.extend(Instant::parse(text).ok());
            if let Ok(day) = Date::parse(text) {
                into.extend([day.start(), day.end()]);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| clocks_in(value, into)),
        Value::Object(fields) => fields.values().for_each(|value| clocks_in(value, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Some of what there is, another part for every history, so that many of them come to all.
fn some<T: Copy>(all: &[T], steps: &[Step], most: usize) -> Vec<T> {
    let first = steps.iter().fold(7usize, |sum, step| sum.wrapping_mul(31).wrapping_add(usize::from(step.thing)));
    let count = most.min(all.len());
    (0..count).map(|index| all[(first + index * 17) % all.len()]).collect()
}

/// Whether there is such an account and it may.
fn able(views: &Views, who: u32, standing: Standing, on: On, as_of: AsOf, capability: Capability) -> bool {
    let question = Question { views, who: Who::Account(who), standing, on, as_of };
    views.accounts.exists(who, as_of.position) && may(&question, capability).allowed()
}

fn everybody(views: &Views) -> impl Iterator<Item = u32> {
    views.names.accounts.all().map(|(who, _)| who).collect::<Vec<_>>().into_iter()
}

// rules: U3, A7
#[test]
fn who_can_is_everyone_of_whom_it_is_so() {
    on_random_histories(60, 40, |steps| {
        let told = Told::of(steps);
        let views = told.views();
        let last = views.timeline.last();
        let points: Vec<AsOf> = [last.0 / 2, last.0].map(|at| views.timeline.as_of(Position(at))).into();
        for as_of in [points[0], points[1], told.world.now()] {
            for standing in [Standing::Fresh, Standing::Granted] {
                for capability in Capability::ALL {
                    for on in some(&told.everything(*capability), steps, 3) {
                        let asked = WhoAsked { capability: *capability, on, standing, from: None };
                        let found = told.ask(as_of, |shown| who_can(shown, &asked, None, usize::MAX));
                        let found: BTreeSet<u32> = found.accounts.iter().map(|able| able.who).collect();
                        let naive = everybody(views);
                        let naive = naive.filter(|who| able(views, *who, standing, on, as_of, *capability));
                        assert_eq!(found, naive.collect(), "{} on {on:?} as of {as_of:?}", capability.name());
                    }
                }
            }
        }
    });
}

// rules: G10, C10, A8
#[test]
fn who_could_is_everyone_who_could_at_some_moment_and_when() {
    on_random_histories(60, 40, |steps| {
        let told = Told::of(steps);
        let views = told.views();
        let last = views.timeline.last().0;
        let from = views.timeline.as_of(Position(u64::from(steps[0].by) % (last + 1)));
        let to = if steps[0].right() { told.world.now() } else { views.timeline.as_of(Position(last)) };
        let moments = told.moments(to);
        for capability in some(Capability::ALL, steps, 24) {
            for on in some(&told.everything(capability), steps, 2) {
                let asked = WhoAsked { capability, on, standing: Standing::Fresh, from: Some(from) };
                let found = told.ask(to, |shown| who_can(shown, &asked, None, usize::MAX));
                let point = |cause| told.ask(to, |shown| shown.point(cause));
                for who in everybody(views) {
                    let named = found.accounts.iter().find(|able| able.who == who);
                    let intervals = named.map_or(&[][..], |able| &able.intervals);
                    for moment in moments.iter().filter(|moment| after(**moment, from)).chain([&from, &to]) {
                        let within = intervals.iter().any(|interval| {
                            let ended = interval.to.as_ref().map(|to| point(to.cause));
                            !after(point(interval.from.cause), *moment)
                                && ended.is_none_or(|ended| after(ended, *moment))
                        });
                        let so = able(views, who, Standing::Fresh, on, *moment, capability);
                        let id = views.names.accounts.text(who);
                        assert_eq!(within, so, "{id} {} on {on:?} at {moment:?}: {intervals:?}", capability.name());
                    }
                    assert_eq!(named.is_some(), !intervals.is_empty());
                }
            }
        }
    });
}

fn after(one: AsOf, other: AsOf) -> bool {
    (one.position, one.clock) > (other.position, other.clock)
}

/// The event behind an event's authority, the slow way: of the entry that it names, the one that gave the actor the right.
fn ground(told: &Told, place: Place) -> Option<Place> {
    let authority = told.entry(place.position)?.events.get(place.index)?.authority?;
    let as_of = told.views().timeline.as_of(Position(told.world.entries.len() as u64));
    let root = Root::Entry(place.position);
    let up = told.ask(as_of, |shown| lineage(shown, root, true, None, 0)).up.unwrap();
    let found = up.nodes.into_iter().find(|node| node.place == place)?.rests_on?;
    assert_eq!(found.position, authority, "an edge is an event's authority");
    Some(found)
}

// rules: F9, G7, U5
#[test]
fn what_rests_on_an_account_is_what_it_did_and_all_that_was_done_by_it() {
    on_random_histories(60, 40, |steps| {
        let told = Told::of(steps);
        let entries = || (1..).map(Position).zip(&told.world.entries);
        let places =
            entries().flat_map(|(position, entry)| (0..entry.events.len()).map(move |index| Place { position, index }));
        let grounds: Vec<(Place, Option<Place>)> = places.map(|place| (place, ground(&told, place))).collect();
        for id in PEOPLE {
            let did = |place: &Place| {
                let actor = &told.entry(place.position).unwrap().actor;
                matches!(actor, grantbook_ledger::events::Actor::Account { id: acted, .. } if acted.as_str() == id)
            };
            let mut naive: BTreeSet<Place> = BTreeSet::new();
            loop {
                let more = grounds.iter().filter(|(place, ground)| {
                    !naive.contains(place) && (did(place) || ground.is_some_and(|ground| naive.contains(&ground)))
                });
                let more: Vec<Place> = more.map(|(place, _)| *place).collect();
                if more.is_empty() {
                    break;
                }
                naive.extend(more);
            }
            let mut descent = Descent::of(Root::Account(account(id)), Position(1));
            entries().for_each(|(position, entry)| descent.take(position, entry));
            let found = descent.found();
            let moving = |place: &Place| {
                let event = &told.entry(place.position).unwrap().events[place.index].event;
                grantbook_projections::moves(event)
            };
            let places: BTreeSet<Place> = found.iter().map(|found| found.place).collect();
            assert_eq!(places, naive.iter().copied().filter(moving).collect(), "{id}");
            for found in &found {
                let (_, ground) = grounds.iter().find(|(place, _)| *place == found.place).unwrap();
                assert_eq!(found.rests_on, ground.filter(|ground| naive.contains(ground)), "{id} {found:?}");
            }
        }
    });
}

// rules: G7, L1, X2, A3, F9
#[test]
fn what_an_account_holds_is_what_grants_that_still_hold_gave() {
    on_random_histories(60, 40, |steps| {
        let told = Told::of(steps);
        for as_of in [told.world.now(), told.views().timeline.as_of(Position(told.world.entries.len() as u64 / 2))] {
            for id in PEOPLE {
                let Some(all) = told.ask(as_of, |shown| all_about(shown, id)) else { continue };
                let mut held: Vec<(u64, &'static str)> = Vec::new();
                for (list, event) in [
                    ("roles", "role_assigned"),
                    ("groups", "group_member_added"),
                    ("levels", "level_set"),
                    ("apps", "app_user_assigned"),
                ] {
                    let rows = all[list].as_array().unwrap().iter();
                    held.extend(rows.map(|row| (row["since"]["position"].as_u64().unwrap(), event)));
                }
                let admin = all["admin"]["since"]["position"].as_u64();
                held.extend(admin.map(|since| (since, "admin_added")));
                held.sort_unstable();
                let root = Root::Account(account(id));
                let up = told.ask(as_of, |shown| lineage(shown, root, true, None, 0)).up.unwrap();
                let events: BTreeSet<&str> = held.iter().map(|(_, event)| *event).collect();
                let kind = |place: Place| told.entry(place.position).unwrap().events[place.index].event.kind();
                let found = up.held.iter().map(|held| (held.place.position.0, kind(held.place)));
                let mut found: Vec<(u64, &str)> = found.filter(|(_, kind)| events.contains(kind)).collect();
                found.sort_unstable();
                assert_eq!(found, held, "{id} as of {as_of:?}");
                for node in up.nodes.iter().filter(|node| up.held.iter().any(|held| held.place == node.place)) {
                    assert_eq!(node.grant.as_ref().unwrap().hold, Hold::Still);
                    assert!(given(&told.entry(node.place.position).unwrap().events[node.place.index].event).is_some());
                }
            }
        }
    });
}
