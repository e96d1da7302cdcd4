//! Who holds what: a role, a group, a level, an app. One structure, because every grant is alike: given at an entry, with
//! or without an end, replaced or taken away at another (rule: G10).

use std::collections::BTreeSet;

use grantbook_events::{Instant, Position};
use serde::{Deserialize, Serialize};

use crate::history::{AsOf, Cause, Facts, History};
use crate::names::FastMap;

/// One state of a grant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Holding {
    /// How much is held: 0 for nothing, 1 where there is only all or nothing, a level's number for levels.
    pub weight: u8,
    /// From when on it gives nothing; the latest instant for a grant without an end.
    until: Instant,
}

impl Holding {
    /// Held with this weight, to an end or for ever.
    pub fn held(weight: u8, until: Option<Instant>) -> Holding {
        Holding { weight, until: until.unwrap_or(Instant::LATEST) }
    }

    /// Not held.
    pub const NOT_HELD: Holding = Holding { weight: 0, until: Instant::LATEST };

    /// The end, where it has one.
    pub fn until(self) -> Option<Instant> {
        (self.until < Instant::LATEST).then_some(self.until)
    }

    /// Whether it gives anything when the clock reads `clock`.
    pub fn in_force(self, clock: Instant) -> bool {
        self.weight > 0 && clock < self.until
    }
}

/// Grants of one kind: a holder and a thing held, by number.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Holdings {
    slots: FastMap<(u32, u32), u32>,
    facts: Facts<Holding>,
    things_of: Vec<Vec<(u32, u32)>>,
    holders_of: Vec<Vec<(u32, u32)>>,
    /// Which grants ever had an end: holder, thing. Only candidates; the histories say which have one.
    ending: BTreeSet<(u32, u32)>,
}

impl Holdings {
    /// `holder` holds `thing` like this from the entry at `at` on.
    pub fn set(&mut self, holder: u32, thing: u32, at: Position, holding: Holding) {
        let next = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        let slot = *self.slots.entry((holder, thing)).or_insert(next);
        if slot == next {
            list(&mut self.things_of, holder).push((thing, slot));
            list(&mut self.holders_of, thing).push((holder, slot));
        }
        if holding.until().is_some() {
            self.ending.insert((holder, thing));
        }
        self.facts.set(slot, at, holding);
    }

    /// The history of a grant; `None` where it was never given.
    pub fn history(&self, holder: u32, thing: u32) -> Option<&History<Holding>> {
        self.facts.history(*self.slots.get(&(holder, thing))?)
    }

    /// The grant in force as of then, with the entry that gave it.
    pub fn in_force(&self, holder: u32, thing: u32, as_of: AsOf) -> Option<(Position, Holding)> {
        let (given, holding) = self.history(holder, thing)?.change_at(as_of.position)?;
        holding.in_force(as_of.clock).then_some((given, *holding))
    }

    /// Everything that `holder` was ever given, with its history. Not in an order to show.
    pub fn things_of(&self, holder: u32) -> impl Iterator<Item = (u32, &History<Holding>)> {
        let things = self.things_of.get(holder as usize).map_or(&[][..], Vec::as_slice);
        things.iter().filter_map(|(thing, slot)| Some((*thing, self.facts.history(*slot)?)))
    }

    /// Every grant that ever had an end (rule: G10): holder, thing. Not in an order to show.
    pub fn ending(&self) -> impl Iterator<Item = (u32, u32, &History<Holding>)> {
        let grants = self.ending.iter();
        grants.filter_map(|(holder, thing)| Some((*holder, *thing, self.history(*holder, *thing)?)))
    }

    /// Everybody who was ever given `thing`, with its history. Not in an order to show.
    pub fn holders_of(&self, thing: u32) -> impl Iterator<Item = (u32, &History<Holding>)> {
        let holders = self.holders_of.get(thing as usize).map_or(&[][..], Vec::as_slice);
        holders.iter().filter_map(|(holder, slot)| Some((*holder, self.facts.history(*slot)?)))
    }

    /// Every grant that there ever was: holder, thing. In the order of the holders' numbers, not one to show.
    pub fn all(&self) -> impl Iterator<Item = (u32, u32, &History<Holding>)> {
        let holders = (0..).zip(&self.things_of);
        let slots =
            holders.flat_map(|(holder, things)| things.iter().map(move |(thing, slot)| (holder, *thing, *slot)));
        slots.filter_map(|(holder, thing, slot)| Some((holder, thing, self.facts.history(slot)?)))
    }

    /// Who holds `thing` as of then, recorded grants that have ended by the clock included and marked so by the caller.
    pub fn recorded_holders(&self, thing: u32, position: Position) -> impl Iterator<Item = (u32, Position, Holding)> {
        self.holders_of(thing).filter_map(move |(holder, history)| {
            let (given, holding) = history.change_at(position)?;
            (holding.weight > 0).then_some((holder, given, *holding))
        })
    }

    /// Takes back what the newest entry set.
    pub fn retract(&mut self, at: Position) {
        self.facts.retract(at);
    }
}

/// Whether a grant was in force without a break from one point to a later one (rule: A7).
pub fn held_throughout(
    history: &History<Holding>,
    from: AsOf,
    to: AsOf,
    at_least: u8,
    clock_at: &dyn Fn(Position) -> Instant,
) -> bool {
    let enough = |holding: &Holding, clock| holding.in_force(clock) && holding.weight >= at_least;
    let Some((_, first)) = history.change_at(from.position) else { return false };
    if !enough(first, from.clock) {
        return false;
    }
    // Each state must have held until the next one replaced it.
    let mut state = *first;
    for (position, next) in history.changes_between(from.position, to.position) {
        let clock = clock_at(position);
        if !enough(&state, clock.just_before()) || !enough(next, clock) {
            return false;
        }
        state = *next;
    }
    enough(&state, to.clock)
}

/// The moments at which a grant's state may have changed: its entries and its ends.
pub fn turning_points(history: &History<Holding>, as_of: AsOf, into: &mut Vec<Cause>) {
    for (position, holding) in history.changes_to(as_of.position) {
        into.push(Cause::Entry(position));
        into.extend(holding.until().filter(|until| *until <= as_of.clock).map(Cause::Clock));
    }
}

fn list<T>(lists: &mut Vec<Vec<T>>, index: u32) -> &mut Vec<T> {
    let index = index as usize;
    if index >= lists.len() {
        lists.resize_with(index + 1, Vec::new);
    }
    // The list exists: it was made above.
    #[allow(clippy::indexing_slicing)]
    &mut lists[index]
}
