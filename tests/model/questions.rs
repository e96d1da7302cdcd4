//! Questions about rights over time, held against the naive way of answering them: looking at every moment there is.

use std::collections::BTreeSet;

use grantbook_encoding::json::{Shown as EntryShown, to_json};
use grantbook_inquiries::{
    AccountChange, Became, Comparison, Descent, Hold, Place, Places, Root, Shown, WhoAsked, account as all_about,
    given, lineage, who_can,
};
use grantbook_ledger::events::{Date, Entry, Instant, Position};
use grantbook_projections::{AccessSetting, AsOf, Cause, Views};
use grantbook_rights::{Capability, On, OnKind, Question, Standing, Verdict, Who, may};
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
        question(&Shown { views: self.views(), as_of, open: &open, entry: &entry, places: Places::REAL, eyes: None })
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
            OnKind::Account => all(names.accounts.in_order().collect(), |who| On::Account(Some(who))),
            OnKind::App => all(names.apps.in_order().collect(), On::App),
            OnKind::Object | OnKind::Query => all(names.objects.in_order().collect(), On::Object),
            OnKind::Organisation => all(names.organisations.in_order().collect(), On::Organisation),
            OnKind::Community => all(names.communities.in_order().collect(), On::Community),
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
pub(crate) fn some<T: Copy>(all: &[T], steps: &[Step], most: usize) -> Vec<T> {
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
                        let found = told.ask(as_of, |shown| who_can(shown, &asked));
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
                let found = told.ask(to, |shown| who_can(shown, &asked));
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
    let up = told.ask(as_of, |shown| lineage(shown, root, true, None)).up.unwrap();
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
            let mut descent = Descent::of(Root::Account(account(id)), Position(1), usize::MAX);
            let last = Position(told.world.entries.len() as u64);
            while descent.foresees(told.views(), last, 7) {}
            let foreseen = descent.stretches();
            let part = |position: &Position| foreseen.iter().any(|stretch| stretch.contains(position));
            entries()
                .filter(|(position, _)| part(position))
                .for_each(|(position, entry)| descent.take(position, entry));
            let found = descent.found().told;
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
                let up = told.ask(as_of, |shown| lineage(shown, root, true, None)).up.unwrap();
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

/// The entry that gave a right, where the account is there and has it.
fn authority(views: &Views, who: u32, on: On, as_of: AsOf, capability: Capability) -> Option<Position> {
    let question = Question { views, who: Who::Account(who), standing: Standing::Fresh, on, as_of };
    if !views.accounts.exists(who, as_of.position) {
        return None;
    }
    if let Verdict::Allowed { authority } = may(&question, capability) { Some(authority) } else { None }
}

fn became(before: Option<Position>, now: Option<Position>) -> Option<Became> {
    match (before, now) {
        (None, Some(_)) => Some(Became::Gained),
        (Some(_), None) => Some(Became::Lost),
        (Some(before), Some(now)) if before != now => Some(Became::Changed),
        (None, None) | (Some(_), Some(_)) => None,
    }
}

/// No object and no organisation in particular.
const ANY: u32 = u32::MAX;

/// The nearest object from `object` up that `counts`, or the root's default.
fn nearest(views: &Views, object: u32, counts: &dyn Fn(u32) -> bool) -> u32 {
    let mut path = views.names.objects.text(object).to_owned();
    loop {
        if let Some(number) = views.names.objects.get(&path).filter(|number| counts(*number)) {
            return number;
        }
        let Some(cut) = path.rfind('/').filter(|cut| *cut > 0) else { return ANY };
        path.truncate(cut);
    }
}

/// Where the diff must tell what became of a right on something.
fn told_on(told: &Told, who: u32, capability: Capability, on: On, from: AsOf, to: AsOf) -> Option<On> {
    let views = told.views();
    let own_setting = |object: u32| {
        [from, to].iter().any(|at| views.objects.setting(object, at.position).1 != AccessSetting::Inherited)
    };
    let covered = |object: u32| {
        let path = views.names.objects.text(object);
        let groups = [from, to].into_iter().flat_map(|at| views.content_authority.all(at.position));
        groups.into_iter().any(|(_, group)| group.covers.iter().any(|covered| covered.as_str() == path))
    };
    let query = |object: u32| [from, to].iter().any(|at| views.queries.of_object(object, at.position).is_some());
    Some(match on {
        On::Object(object) if capability.on() == OnKind::Query => {
            return query(object).then_some(on);
        }
        On::Object(object) if capability.name().starts_with("content.") => On::Object(nearest(views, object, &covered)),
        On::Object(object) => On::Object(nearest(views, object, &own_setting)),
        On::Organisation(number) if number != ANY => {
            let own = [from, to].iter().any(|at| {
                views.organisations.member(who, number, *at).is_some()
                    || views.organisations.administrator(who, number, *at).is_some()
            });
            // That staff bill companies, and nobody anything else, is told of one's own organisations alone.
            if !own && capability == Capability::OrganisationBill {
                return None;
            }
            if own { on } else { On::Organisation(ANY) }
        }
        // Nothing is told of a community before there was one.
        On::Community(number) if views.communities.community(number, to.position).is_none() => return None,
        On::Account(Some(target)) if target != who => return None,
        On::Nothing | On::Account(_) | On::App(_) | On::Organisation(_) | On::Community(_) | On::Contact { .. } => on,
    })
}

// rules: G10, C10, A8, N3, O19
#[test]
fn a_diff_is_what_two_full_states_differ_in() {
    on_random_histories(40, 40, |steps| {
        let told = Told::of(steps);
        let views = told.views();
        let last = views.timeline.last().0;
        let half = views.timeline.as_of(Position(u64::from(steps[0].by) % (last + 1)));
        let end = if steps[0].right() { told.world.now() } else { views.timeline.as_of(Position(last)) };
        for (from, to) in [(half, end), (views.timeline.as_of(Position(0)), half)] {
            let (comparison, changes) = told.ask(to, |shown| {
                let comparison = Comparison::of(shown, from, Standing::Fresh);
                let accounts = comparison.accounts(shown);
                let changes: Vec<AccountChange> =
                    accounts.iter().filter_map(|who| comparison.account(shown, *who)).collect();
                (comparison, changes)
            });
            let moments = told.moments(to);
            assert_eq!((comparison.from(), comparison.to()), (from, to));
            for who in everybody(views) {
                let id = views.names.accounts.text(who);
                let rows = changes.iter().find(|change| change.who == who).map_or(&[][..], |change| &change.rights);
                for row in rows {
                    let at = |as_of| authority(views, who, row.on, as_of, row.capability);
                    assert_eq!(Some(row.became), became(at(from), at(to)), "{id} {row:?}");
                    let point = told.ask(to, |shown| shown.point(row.deed.cause));
                    because(point, &moments, from, row.deed.cause, &|as_of| match row.became {
                        Became::Changed => at(as_of) == at(to),
                        Became::Gained | Became::Lost => at(as_of).is_some() == at(to).is_some(),
                    });
                }
                for capability in &some(Capability::ALL, steps, 40) {
                    let mut everything = told.everything(*capability);
                    everything.extend(match capability.on() {
                        OnKind::Account => vec![On::Account(None)],
                        OnKind::Object => vec![On::Object(ANY)],
                        OnKind::Organisation => vec![On::Organisation(ANY)],
                        OnKind::Nothing | OnKind::App | OnKind::Query | OnKind::Community => Vec::new(),
                    });
                    for on in everything {
                        let at = |as_of| authority(views, who, on, as_of, *capability);
                        let Some(told_on) = told_on(&told, who, *capability, on, from, to) else { continue };
                        let row = rows.iter().find(|row| row.capability == *capability && row.on == told_on);
                        let name = capability.name();
                        assert_eq!(
                            row.map(|row| row.became),
                            became(at(from), at(to)),
                            "{id} {name} on {on:?}: {rows:?}"
                        );
                    }
                }
            }
        }
    });
}

/// A cause brought a state about that lasts to the end: from it on it is so, and just before it was not.
fn because(point: AsOf, moments: &[AsOf], from: AsOf, cause: Cause, as_now: &dyn Fn(AsOf) -> bool) {
    assert!(after(point, from), "{cause:?} is not after {from:?}");
    assert!(moments.iter().filter(|moment| !after(point, **moment)).all(|moment| as_now(*moment)), "{cause:?}");
    let before = moments.iter().rfind(|moment| after(point, **moment)).copied().unwrap_or(from);
    let before = if after(from, before) { from } else { before };
    assert!(!as_now(before), "it was so before {cause:?}, at {before:?}");
}
