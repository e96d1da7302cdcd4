//! Who holds what: a role, a group, a level, an app. One structure, because every grant is alike: given at an entry, with
//! or without an end, replaced or taken away at another (rule: G10).

use std::collections::BTreeSet;

use grantbook_events::{Instant, Position};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Cause, Remembered, make_room};
use crate::names::FastMap;

/// What is seldom more than a few: up to two need no memory of their own.
type Few = SmallVec<[(u32, u32); 2]>;

/// The most things of a holder that are looked through rather than looked up: no more than two lines of a processor's cache.
const FEW: usize = 16;

/// Grants of one kind: a holder and a thing held, by number.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Holdings {
    grants: Remembered<GrantHistory>,
    /// Of each holder the things, and of each thing the holders, with the number of the grant.
    things_of: Vec<Few>,
    holders_of: Vec<Few>,
    /// The numbers of the grants of those who hold more things than are looked through.
    many: FastMap<(u32, u32), u32>,
    /// Which grants ever had an end: holder, thing. Only candidates; the histories say which have one.
    ending: BTreeSet<(u32, u32)>,
}

impl Holdings {
    /// `holder` holds `thing` like this from the entry at `at` on.
    pub fn set(&mut self, holder: u32, thing: u32, at: Position, holding: Holding) {
        let number = self.number(holder, thing).unwrap_or_else(|| self.begin(holder, thing));
        if holding.until().is_some() {
            self.ending.insert((holder, thing));
        }
        self.grants.set(number, at, holding);
    }

    /// The number of a grant that was ever given.
    fn number(&self, holder: u32, thing: u32) -> Option<u32> {
        let things = self.things_of.get(holder as usize)?;
        if things.len() > FEW {
            return self.many.get(&(holder, thing)).copied();
        }
        // All of them are looked at: where the thing stands no processor guesses, and a wrong guess costs more than the rest.
        things.iter().fold(None, |found, (held, number)| if *held == thing { Some(*number) } else { found })
    }

    /// The number of a grant that was never given before.
    fn begin(&mut self, holder: u32, thing: u32) -> u32 {
        let number = self.grants.count();
        put(&mut self.holders_of, thing, (holder, number));
        let things = put(&mut self.things_of, holder, (thing, number));
        // Whoever comes to hold more than a few has all of them in the map from then on.
        let missing = if things.len() == FEW + 1 { FEW + 1 } else { usize::from(things.len() > FEW) };
        let missing = things.iter().rev().take(missing);
        self.many.extend(missing.map(|(thing, number)| ((holder, *thing), *number)));
        number
    }

    /// The history of a grant; `None` where it was never given.
    pub fn history(&self, holder: u32, thing: u32) -> Option<&GrantHistory> {
        self.grants.history(self.number(holder, thing)?)
    }

    /// The grant in force as of then, with the entry that gave it.
    pub fn in_force(&self, holder: u32, thing: u32, as_of: AsOf) -> Option<(Position, Holding)> {
        let (given, holding) = self.history(holder, thing)?.change_at(as_of.position)?;
        holding.in_force(as_of.clock).then_some((given, holding))
    }

    /// Everything that `holder` was ever given, with its history. Not in an order to show.
    pub fn things_of(&self, holder: u32) -> impl Iterator<Item = (u32, &GrantHistory)> {
        let things = self.things_of.get(holder as usize).map_or(&[][..], Few::as_slice);
        things.iter().filter_map(|(thing, number)| Some((*thing, self.grants.history(*number)?)))
    }

    /// Every grant that ever had an end (rule: G10): holder, thing. Not in an order to show.
    pub fn ending(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        let grants = self.ending.iter();
        grants.filter_map(|(holder, thing)| Some((*holder, *thing, self.history(*holder, *thing)?)))
    }

    /// Everybody who was ever given `thing`, with its history. Not in an order to show.
    pub fn holders_of(&self, thing: u32) -> impl Iterator<Item = (u32, &GrantHistory)> {
        let holders = self.holders_of.get(thing as usize).map_or(&[][..], Few::as_slice);
        holders.iter().filter_map(|(holder, number)| Some((*holder, self.grants.history(*number)?)))
    }

    /// Every grant that there ever was: holder, thing. In the order of the holders' numbers, not one to show.
    pub fn all(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        let holders = (0..).zip(&self.things_of);
        let numbers =
            holders.flat_map(|(holder, things)| things.iter().map(move |(thing, number)| (holder, *thing, *number)));
        numbers.filter_map(|(holder, thing, number)| Some((holder, thing, self.grants.history(number)?)))
    }

    /// Who holds `thing` as of then, recorded grants that have ended by the clock included and marked so by the caller.
    pub fn recorded_holders(&self, thing: u32, position: Position) -> impl Iterator<Item = (u32, Position, Holding)> {
        self.holders_of(thing).filter_map(move |(holder, history)| {
            let (given, holding) = history.change_at(position)?;
            (holding.weight > 0).then_some((holder, given, holding))
        })
    }

    /// Whether everything that `holder` was ever given is found as it is listed: by itself, among those who were given the
    /// same, and among the grants with an end where it has one. Lists are in the order of the grants' numbers.
    pub fn agrees(&self, holder: u32) -> bool {
        let things = self.things_of.get(holder as usize).map_or(&[][..], Few::as_slice);
        things.is_sorted_by(|(_, number), (_, next)| number < next)
            && things.iter().all(|(thing, number)| {
                let ends = self.grants.history(*number).is_some_and(GrantHistory::ends);
                self.number(holder, *thing) == Some(*number)
                    && self.is_holder(holder, *thing, *number)
                    && (!ends || self.ending.contains(&(holder, *thing)))
            })
    }

    fn is_holder(&self, holder: u32, thing: u32, number: u32) -> bool {
        let holders = self.holders_of.get(thing as usize).map_or(&[][..], Few::as_slice);
        let found = holders.binary_search_by_key(&number, |(_, number)| *number).ok();
        found.and_then(|index| holders.get(index)).is_some_and(|(found, _)| *found == holder)
    }

    /// Whether there are as many grants by holder, by thing and by both as there are grants, and none of a holder who has
    /// none of the first `holders` numbers: where all holders agree, nothing else is to be found then. Looks at no grant.
    pub fn counted(&self, holders: u32) -> bool {
        let (mut all, mut many) = (0, 0);
        for things in &self.things_of {
            all += things.len();
            many += if things.len() > FEW { things.len() } else { 0 };
        }
        let held: usize = self.holders_of.iter().map(Few::len).sum();
        let count = self.grants.count() as usize;
        let sums = (all, held, many) == (count, count, self.many.len());
        sums && self.things_of.len() <= holders as usize
    }

    /// Takes back what the newest entry set.
    pub fn retract(&mut self, at: Position) {
        self.grants.retract(at);
    }
}

/// Whether a grant was in force without a break from one point to a later one (rule: A7).
pub fn held_throughout(
    history: &GrantHistory,
    from: AsOf,
    to: AsOf,
    at_least: u8,
    clock_at: &dyn Fn(Position) -> Instant,
) -> bool {
    let enough = |holding: Holding, clock| holding.in_force(clock) && holding.weight >= at_least;
    let Some((_, first)) = history.change_at(from.position) else { return false };
    if !enough(first, from.clock) {
        return false;
    }
    // Each state must have held until the next one replaced it.
    let mut state = first;
    for (position, next) in history.changes_between(from.position, to.position) {
        let clock = clock_at(position);
        if !enough(state, clock.just_before()) || !enough(next, clock) {
            return false;
        }
        state = next;
    }
    enough(state, to.clock)
}

/// The moments at which a grant's state may have changed: its entries and its ends.
pub fn turning_points(history: &GrantHistory, as_of: AsOf, into: &mut Vec<Cause>) {
    for (position, holding) in history.changes_to(as_of.position) {
        into.push(Cause::Entry(position));
        into.extend(holding.until().filter(|until| *until <= as_of.clock).map(Cause::Clock));
    }
}

/// Adds to one of the lists, which is made where there is none, and gives the list.
fn put(lists: &mut Vec<Few>, index: u32, one: (u32, u32)) -> &Few {
    let index = index as usize;
    if index >= lists.len() {
        lists.resize_with(index + 1, Few::new);
    }
    #[expect(clippy::indexing_slicing, reason = "the list is there: it was made above")]
    let list = &mut lists[index];
    make_room(list);
    list.push(one);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grant_is_found_of_those_who_hold_few_and_many() {
        let mut holdings = Holdings::default();
        let things = |holder: u32| (0..holder * 7).map(move |thing| thing * 3);
        for holder in 0..6 {
            for (thing, at) in things(holder).zip(1..) {
                holdings.set(holder, thing, Position(at), Holding::held(1, None));
                holdings.set(holder, thing, Position(at + 1), Holding::NOT_HELD);
                holdings.retract(Position(at + 1));
            }
        }
        for holder in 0..6 {
            for (thing, at) in things(holder).zip(1..) {
                let given = holdings.history(holder, thing).and_then(|history| history.change_at(Position::GREATEST));
                assert_eq!(given, Some((Position(at), Holding::held(1, None))), "{holder} {thing}");
                assert!(holdings.history(holder, thing + 1).is_none());
            }
            assert!(holdings.things_of(holder).map(|(thing, _)| thing).eq(things(holder)));
            assert!(holdings.agrees(holder));
        }
        assert!(holdings.holders_of(0).map(|(holder, _)| holder).eq(1..6));
        assert_eq!(holdings.all().count(), things(15).count());
        assert!(holdings.counted(6) && !holdings.counted(5));
    }
}
