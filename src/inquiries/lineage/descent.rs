//! Down: all that rests on what an account did, or on an entry, directly and through others.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use grantbook_events::{AccountId, Actor, Entry, Position};
use grantbook_projections::{By, Views, moves};

use crate::authority::{Place, authority_at, rests_on};

/// What the walk begins with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Root {
    /// All that an account did.
    Account(AccountId),
    /// An entry.
    Entry(Position),
}

/// An event that the root did, or that rests on one that does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Descendant {
    /// Where it stands.
    pub place: Place,
    /// The descendant that gave the right it was done by; none where it hangs on the root itself.
    pub rests_on: Option<Place>,
}

/// A walk down, entry by entry in the order of the book. It keeps those entries alone that something may rest on.
#[derive(Clone, Debug)]
pub struct Descent {
    root: Root,
    /// Only what the account did from this position on counts.
    since: Position,
    /// How many descendants are told.
    most: usize,
    foreseen: Option<Foreseen>,
    kept: BTreeMap<Position, (Entry, BTreeSet<usize>)>,
    found: Found,
}

/// What a walk down found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The descendants that are told, oldest first.
    pub told: Vec<Descendant>,
    /// How many there are, told or not.
    pub count: usize,
}

impl Descent {
    /// The walk from a root, on which `most` descendants are told. What an account did before `since` is left aside.
    pub fn of(root: Root, since: Position, most: usize) -> Descent {
        Descent { root, since, most, foreseen: None, kept: BTreeMap::new(), found: Found::default() }
    }

    /// The first position that can have a part in it.
    pub fn begins(&self) -> Position {
        match self.root {
            Root::Account(_) => self.since,
            Root::Entry(position) => position,
        }
    }

    /// Looks up, for the next `most` entries up to `last`, which can have a part in it at all: the root's own, and those that
    /// name one of these as their authority. Whether there are more to look up. Once all are, [`Descent::stretches`] are
    /// all that need be taken.
    pub fn foresees(&mut self, views: &Views, last: Position, most: u64) -> bool {
        let begins = self.begins();
        let who = match &self.root {
            Root::Account(account) => views.account(account),
            Root::Entry(_) => None,
        };
        let foreseen = self.foreseen.get_or_insert_with(|| Foreseen::from(begins));
        let end = Position(foreseen.next.0.saturating_add(most)).min(last.next());
        while foreseen.next < end {
            let position = foreseen.next;
            let own = match self.root {
                Root::Entry(root) => position == root,
                Root::Account(_) => who.is_some_and(|who| views.timeline.by(position) == By::Account(who)),
            };
            foreseen.look(position, own, views.authorities.of(position));
            foreseen.next = position.next();
        }
        end <= last
    }

    /// The stretches in which everything lies that was foreseen, in order; those in between are long enough to be worth
    /// leaving out.
    pub fn stretches(&self) -> Vec<RangeInclusive<Position>> {
        self.foreseen.as_ref().map(|foreseen| foreseen.stretches(WORTH_SKIPPING)).unwrap_or_default()
    }

    /// The next entry.
    pub fn take(&mut self, position: Position, entry: &Entry) {
        let own = self.is_of_root(position, entry);
        let mut counted = BTreeSet::new();
        for (index, recorded) in entry.events.iter().enumerate() {
            let place = Place { position, index };
            let ground = self.ground(entry, place, &counted);
            if own || ground.is_some() {
                counted.insert(index);
                // To come, to look and to be refused does nothing to what anybody has.
                if moves(&recorded.event) {
                    self.found.count += 1;
                    if self.found.told.len() < self.most {
                        self.found.told.push(Descendant { place, rests_on: ground });
                    }
                }
            }
        }
        let named = self.foreseen.as_ref().is_none_or(|foreseen| foreseen.named.has(position));
        if named && !counted.is_empty() {
            self.kept.insert(position, (entry.clone(), counted));
        }
    }

    /// What was found.
    pub fn found(self) -> Found {
        self.found
    }

    fn is_of_root(&self, position: Position, entry: &Entry) -> bool {
        match &self.root {
            Root::Entry(root) => position == *root,
            Root::Account(root) => match &entry.actor {
                Actor::Account { id, .. } => id == root && position >= self.since,
                Actor::System | Actor::Guest | Actor::Support { .. } => false,
            },
        }
    }

    /// The descendant that an event rests on; of its own entry those before it were `counted`.
    fn ground(&self, entry: &Entry, place: Place, counted: &BTreeSet<usize>) -> Option<Place> {
        let authority = authority_at(entry, place)?;
        let (earlier, events) = match authority == place.position {
            true => (entry, counted),
            false => self.kept.get(&authority).map(|(earlier, events)| (earlier, events))?,
        };
        rests_on(entry, place, earlier).filter(|ground| events.contains(&ground.index))
    }
}

/// What the views tell of a walk before it is gone.
#[derive(Clone, Debug)]
struct Foreseen {
    /// The next entry to look up.
    next: Position,
    /// Those that can have a part in it.
    part: Marks,
    /// Those of them that a later one, or they themselves, name as their authority.
    named: Marks,
}

/// Entries between two that have a part are left out where there are more of them than this: a record of the journal holds as
/// many, and is read whole.
const WORTH_SKIPPING: u64 = 64;

impl Foreseen {
    fn from(first: Position) -> Foreseen {
        let marks = Marks { first, marks: Vec::new() };
        Foreseen { next: first, part: marks.clone(), named: marks }
    }

    fn look(&mut self, position: Position, own: bool, authorities: impl Iterator<Item = Position>) {
        self.part.push(own);
        self.named.push(false);
        for authority in authorities {
            if self.part.has(authority) {
                self.named.set(authority);
                self.part.set(position);
            }
        }
    }

    /// Where more entries than `between` have no part, they are left out.
    fn stretches(&self, between: u64) -> Vec<RangeInclusive<Position>> {
        let mut stretches: Vec<RangeInclusive<Position>> = Vec::new();
        for position in self.part.all() {
            match stretches.last_mut() {
                Some(last) if position.0 - last.end().0 <= between => *last = *last.start()..=position,
                Some(_) | None => stretches.push(position..=position),
            }
        }
        stretches
    }
}

/// Marks on entries, from the first on.
#[derive(Clone, Debug)]
struct Marks {
    first: Position,
    marks: Vec<bool>,
}

impl Marks {
    fn push(&mut self, mark: bool) {
        self.marks.push(mark);
    }

    fn index(&self, position: Position) -> Option<usize> {
        usize::try_from(position.0.checked_sub(self.first.0)?).ok()
    }

    fn has(&self, position: Position) -> bool {
        self.index(position).and_then(|index| self.marks.get(index)).copied().unwrap_or(false)
    }

    fn set(&mut self, position: Position) {
        if let Some(mark) = self.index(position).and_then(|index| self.marks.get_mut(index)) {
            *mark = true;
        }
    }

    fn all(&self) -> impl Iterator<Item = Position> {
        (self.first.0..).map(Position).zip(&self.marks).filter(|(_, mark)| **mark).map(|(position, _)| position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests::History;

    /// The walk over all entries up to `last`, and the walk over those alone that were foreseen, `at_once` at a time.
    fn both(history: &History, root: &Root, last: Position, at_once: u64) -> (Found, Found, u64) {
        let all = || (1..).map(Position).zip(&history.entries).take_while(|(position, _)| *position <= last);
        let mut whole = Descent::of(root.clone(), Position(1), 3);
        all().for_each(|(position, entry)| whole.take(position, entry));
        let mut foreseeing = Descent::of(root.clone(), Position(1), 3);
        while foreseeing.foresees(&history.views, last, at_once) {}
        let stretches = foreseeing.foreseen.as_ref().unwrap().stretches(0);
        let part = |position: &Position| stretches.iter().any(|stretch| stretch.contains(position));
        all().filter(|(position, _)| part(position)).for_each(|(position, entry)| foreseeing.take(position, entry));
        let count = all().filter(|(position, _)| part(position)).count();
        (whole.found(), foreseeing.found(), count as u64)
    }

    #[test]
    fn what_is_foreseen_is_all_that_need_be_walked() {
        let history = History::example();
        let accounts = history.views.names.accounts.in_order().filter_map(|who| history.views.account_id(who));
        let entries = (1..=history.last().0).map(|position| Root::Entry(Position(position)));
        let (mut left_out, mut found) = (0, 0);
        for root in accounts.map(Root::Account).chain(entries) {
            for last in [history.last(), Position(history.last().0 / 2)] {
                for at_once in [1, 7, u64::MAX] {
                    let (whole, foreseen, looked_at) = both(&history, &root, last, at_once);
                    assert_eq!(whole, foreseen, "{root:?} up to {last}");
                    (left_out, found) = (left_out + last.0.saturating_sub(looked_at), found + foreseen.count);
                }
            }
        }
        assert!(left_out > 0 && found > 0, "some entries have a part, and some have none");
    }
}
