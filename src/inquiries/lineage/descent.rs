//! Down: all that rests on what an account did, or on an entry, directly and through others.

use std::collections::{BTreeMap, BTreeSet};

use grantbook_events::{AccountId, Actor, Entry, Position};
use grantbook_projections::moves;

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
    kept: BTreeMap<Position, (Entry, BTreeSet<usize>)>,
    found: Vec<Descendant>,
}

impl Descent {
    /// The walk from a root. What an account did before `since` is left aside.
    pub fn of(root: Root, since: Position) -> Descent {
        Descent { root, since, kept: BTreeMap::new(), found: Vec::new() }
    }

    /// The first position that can have a part in it.
    pub fn begins(&self) -> Position {
        match self.root {
            Root::Account(_) => self.since,
            Root::Entry(position) => position,
        }
    }

    /// The next entry.
    pub fn take(&mut self, position: Position, entry: &Entry) {
        let own = self.is_of_root(position, entry);
        for (index, recorded) in entry.events.iter().enumerate() {
            let place = Place { position, index };
            let ground = self.ground(entry, place);
            if own || ground.is_some() {
                let (_, events) = self.kept.entry(position).or_insert_with(|| (entry.clone(), BTreeSet::new()));
                events.insert(index);
                // To come, to look and to be refused does nothing to what anybody has.
                if moves(&recorded.event) {
                    self.found.push(Descendant { place, rests_on: ground });
                }
            }
        }
    }

    /// What was found, oldest first.
    pub fn found(self) -> Vec<Descendant> {
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

    /// The descendant that an event rests on.
    fn ground(&self, entry: &Entry, place: Place) -> Option<Place> {
        let (earlier, events) = self.kept.get(&authority_at(entry, place)?)?;
        rests_on(entry, place, earlier).filter(|ground| events.contains(&ground.index))
    }
}
