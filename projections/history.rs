//! What a view is made of: facts that remember. A fact is not a value but its history, so every question takes an
//! *as of* and answers it by a binary search, and every value knows the entry that set it.
//!
//! There are millions of facts, and most have one value for ever. So a history keeps its first change where it lies itself,
//! and grows by a fourth and not by doubling.

use grantbook_events::{Instant, Position};
use serde::{Deserialize, Serialize};
use smallvec::{Array, SmallVec};

/// A point from which to look: everything up to a position, with the clock reading an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AsOf {
    /// The last entry that counts.
    pub position: Position,
    /// What the clock reads: dates and ends of grants are compared with it.
    pub clock: Instant,
}

/// What brought a state about: an entry, or only time passing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// The entry at this position.
    Entry(Position),
    /// The clock reaching this instant.
    Clock(Instant),
}

/// What remembers something that entries set, one after the other.
pub(crate) trait Remembers: Default {
    /// What is set.
    type Value;

    /// It has `value` from the entry at `at` on. Entries come in order, so within one entry the last word counts.
    fn set(&mut self, at: Position, value: Self::Value);

    /// Takes back what the entry at `at`, the newest one, set.
    fn retract(&mut self, at: Position);
}

/// Room for one more, where there is none: a fourth more than there is.
pub(crate) fn make_room<A: Array>(list: &mut SmallVec<A>) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 4).max(1));
    }
}

/// The values that one fact has had, each from the entry that set it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct History<T> {
    changes: SmallVec<[(Position, T); 1]>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        History { changes: SmallVec::new() }
    }
}

impl<T> History<T> {
    /// The value as of `position` and the entry that set it; `None` where it had none yet.
    pub fn change_at(&self, position: Position) -> Option<(Position, &T)> {
        // Nearly every question is about now, and then the last change is the answer.
        match self.changes.last() {
            None => return None,
            Some((set, value)) if *set <= position => return Some((*set, value)),
            Some(_) => {}
        }
        let later = self.changes.partition_point(|(set, _)| *set <= position);
        self.changes.get(later.checked_sub(1)?).map(|(set, value)| (*set, value))
    }

    /// The value as of `position`.
    pub fn at(&self, position: Position) -> Option<&T> {
        self.change_at(position).map(|(_, value)| value)
    }

    /// The value that the newest entry left.
    pub fn last(&self) -> Option<&T> {
        self.changes.last().map(|(_, value)| value)
    }

    /// Every change, oldest first.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = (Position, &T)> {
        self.changes.iter().map(|(set, value)| (*set, value))
    }

    /// Every change up to `position`, oldest first.
    pub fn changes_to(&self, position: Position) -> impl DoubleEndedIterator<Item = (Position, &T)> {
        let later = self.changes.partition_point(|(set, _)| *set <= position);
        self.changes.iter().take(later).map(|(set, value)| (*set, value))
    }

    /// Every change after one position up to another, oldest first.
    pub fn changes_between(&self, after: Position, to: Position) -> impl DoubleEndedIterator<Item = (Position, &T)> {
        // Most facts did not change lately, and then nothing is searched for.
        let first = match self.changes.last() {
            Some((set, _)) if *set > after => self.changes.partition_point(|(set, _)| *set <= after),
            Some(_) | None => self.changes.len(),
        };
        let later = self.changes.get(first..).unwrap_or_default();
        let count = later.partition_point(|(set, _)| *set <= to);
        later.iter().take(count).map(|(set, value)| (*set, value))
    }
}

impl<T> Remembers for History<T> {
    type Value = T;

    fn set(&mut self, at: Position, value: T) {
        match self.changes.last_mut() {
            Some((set, last)) if *set == at => *last = value,
            Some(_) | None => {
                make_room(&mut self.changes);
                self.changes.push((at, value));
            }
        }
    }

    fn retract(&mut self, at: Position) {
        if self.changes.last().is_some_and(|(set, _)| *set == at) {
            self.changes.pop();
        }
    }
}

/// Facts of one kind, by a small number each: account numbers, role numbers and the like.
pub(crate) type Facts<T> = Remembered<History<T>>;

/// Whatever remembers, of one kind and by a small number each.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Remembered<H> {
    histories: Vec<H>,
    // What the newest entry touched, so that an entry that is refused half-way can be taken back. What is kept was recorded.
    #[serde(skip)]
    touched_at: Position,
    #[serde(skip)]
    touched: Vec<u32>,
}

impl<H> Default for Remembered<H> {
    fn default() -> Self {
        Remembered { histories: Vec::new(), touched_at: Position::START, touched: Vec::new() }
    }
}

impl<H: Remembers> Remembered<H> {
    /// The history of what is numbered `key`; `None` where nothing was ever recorded.
    pub(crate) fn history(&self, key: u32) -> Option<&H> {
        self.histories.get(key as usize)
    }

    /// The number after the greatest for which something was ever recorded.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.histories.len()).unwrap_or(u32::MAX)
    }

    /// Every number for which something was ever recorded: 0 up to the greatest.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u32> + use<H> {
        0..self.count()
    }

    /// What is numbered `key` has `value` from the entry at `at` on.
    pub(crate) fn set(&mut self, key: u32, at: Position, value: H::Value) {
        let index = key as usize;
        if index >= self.histories.len() {
            self.histories.resize_with(index + 1, H::default);
        }
        if self.touched_at != at {
            self.touched_at = at;
            self.touched.clear();
        }
        self.touched.push(key);
        if let Some(history) = self.histories.get_mut(index) {
            history.set(at, value);
        }
    }

    /// Whether the entry at `at`, the newest one, set anything.
    pub(crate) fn set_by(&self, at: Position) -> bool {
        self.touched_at == at && !self.touched.is_empty()
    }

    /// Takes back what the entry at `at`, the newest one, set.
    pub(crate) fn retract(&mut self, at: Position) {
        if self.touched_at == at {
            for key in self.touched.drain(..) {
                if let Some(history) = self.histories.get_mut(key as usize) {
                    history.retract(at);
                }
            }
        }
    }
}

impl<T> Facts<T> {
    /// The value as of `position` and the entry that set it.
    pub(crate) fn change_at(&self, key: u32, position: Position) -> Option<(Position, &T)> {
        self.history(key)?.change_at(position)
    }

    /// The value as of `position`.
    pub(crate) fn at(&self, key: u32, position: Position) -> Option<&T> {
        self.history(key)?.at(position)
    }

    /// The value that the newest entry left.
    pub(crate) fn last(&self, key: u32) -> Option<&T> {
        self.history(key)?.last()
    }
}

impl<T: Default + PartialEq> Facts<T> {
    /// The fact has no value to speak of from the entry at `at` on: its type's own, where it had another.
    pub(crate) fn clear(&mut self, key: u32, at: Position) {
        let nothing = T::default();
        if self.last(key).is_some_and(|value| *value != nothing) {
            self.set(key, at, nothing);
        }
    }
}

/// Whether whatever was ever set says of itself that it is what its number stands for.
pub(crate) fn under_own_numbers<T>(facts: &Facts<T>, own: impl Fn(u32, &T) -> bool) -> bool {
    let mut numbered = (0..).zip(&facts.histories);
    numbered.all(|(number, history)| history.changes().all(|(_, value)| own(number, value)))
}

/// Whether an index says at every position whose a key is as the facts do, each of which says what its key is. No two have the
/// same key at once.
pub(crate) fn indexes<K: Copy, T>(
    index: &Facts<Option<K>>,
    number_of: impl Fn(K) -> u32,
    facts: &Facts<Option<T>>,
    key_of: impl Fn(&T) -> Option<u32>,
) -> bool {
    let key_at = |number, position| facts.at(number, position).and_then(Option::as_ref).and_then(&key_of);
    let said = |entry: &Option<K>| entry.map(&number_of);
    // Nothing is in the index that the fact itself did not say then.
    let mut entries = (0..).zip(&index.histories);
    let in_facts = entries.all(|(key, history)| {
        let mut said = history.changes().filter_map(|(set, entry)| Some((set, said(entry)?)));
        said.all(|(set, number)| key_at(number, set) == Some(key))
    });
    // What a fact says is in the index for as long as it says so, and no longer.
    let mut numbered = (0..).zip(&facts.histories);
    in_facts
        && numbered.all(|(number, history)| {
            let mut changes = history.changes().peekable();
            let mut before = None;
            while let Some((set, value)) = changes.next() {
                let last = changes.peek().map_or(Position::GREATEST, |(next, _)| next.before());
                let key = value.as_ref().and_then(&key_of);
                let found = key.and_then(|key| index.history(key));
                let here = |history: &History<Option<K>>| {
                    let mut later = history.changes_between(set, last);
                    history.at(set).and_then(said) == Some(number)
                        && later.all(|(_, entry)| said(entry) == Some(number))
                };
                let gone = before.filter(|before| Some(*before) != key).and_then(|before| index.at(before, set));
                let listed = value.is_none() || found.is_some_and(here);
                if !listed || gone.and_then(said) == Some(number) {
                    return false;
                }
                before = key;
            }
            true
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_answers_as_of_any_position() {
        let mut facts = Facts::default();
        facts.set(3, Position(2), 'a');
        facts.set(3, Position(5), 'b');
        facts.set(3, Position(5), 'c');
        let at = |position| facts.change_at(3, Position(position)).map(|(set, value)| (set.0, *value));
        assert_eq!(
            [at(0), at(1), at(2), at(4), at(5), at(9)],
            [None, None, Some((2, 'a')), Some((2, 'a')), Some((5, 'c')), Some((5, 'c'))]
        );
        assert_eq!(facts.at(0, Position(9)), None);
    }

    #[test]
    fn what_has_no_value_is_not_cleared_again() {
        let mut facts = Facts::default();
        facts.clear(0, Position(1));
        facts.set(0, Position(2), 7);
        facts.clear(0, Position(3));
        facts.clear(0, Position(4));
        let changes = facts.history(0).map(|history| history.changes().map(|(at, value)| (at.0, *value)).collect());
        assert_eq!(changes, Some(vec![(2, 7), (3, 0)]));
    }

    #[test]
    fn the_newest_entry_can_be_taken_back_and_no_other() {
        let mut facts = Facts::default();
        facts.set(0, Position(1), 1);
        facts.set(0, Position(2), 2);
        facts.set(1, Position(2), 3);
        facts.retract(Position(2));
        assert_eq!((facts.last(0), facts.last(1)), (Some(&1), None));
        facts.retract(Position(1));
        assert_eq!(facts.last(0), Some(&1), "only what the newest entry touched is known");
    }

    #[test]
    fn a_history_that_never_changed_takes_no_room_of_its_own() {
        let mut facts = Facts::default();
        facts.set(0, Position(1), 1);
        facts.set(1, Position(1), 1);
        facts.set(1, Position(2), 2);
        let spilled = |key| facts.history(key).map(|history| history.changes.spilled());
        assert_eq!((spilled(0), spilled(1)), (Some(false), Some(true)));
    }
}
