//! What one grant was, entry by entry. There are more of these than of anything else a tenant has, so a change takes eight
//! bytes, or sixteen where the grant ever had an end (rule: G10).

use grantbook_events::{Instant, Position};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::AsOf;
use crate::history::{Remembers, make_room};

/// One state of a grant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

/// The states that one grant has had, each from the entry that brought it about.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct GrantHistory {
    /// Of each change the entry and the weight in one word, and behind it the end where `ENDS` is set in the first.
    words: SmallVec<[u64; 2]>,
}

/// The bits of a change's word that are the weight; those above are the position.
const WEIGHT: u32 = u8::BITS;
/// Set in the first word where an end stands behind every change. No position reaches so far.
const ENDS: u64 = 1 << 63;
const _: () = assert!(Position::GREATEST.0 < ENDS >> WEIGHT);

impl GrantHistory {
    /// Whether the grant ever had an end; perhaps one that was taken back.
    pub(crate) fn ends(&self) -> bool {
        self.words.first().is_some_and(|first| first & ENDS > 0)
    }

    /// Words a change.
    fn width(&self) -> usize {
        if self.ends() { 2 } else { 1 }
    }

    /// How many changes there were.
    fn count(&self) -> usize {
        if self.ends() { self.words.len() / 2 } else { self.words.len() }
    }

    fn set_at(&self, index: usize) -> Option<Position> {
        self.words.get(index * self.width()).map(|word| Position((word & !ENDS) >> WEIGHT))
    }

    fn change(&self, index: usize) -> Option<(Position, Holding)> {
        let word = *self.words.get(index * self.width())?;
        let until = match self.ends() {
            true => Instant::from_microseconds(self.words.get(index * 2 + 1)?.cast_signed()),
            false => Instant::LATEST,
        };
        Some((Position((word & !ENDS) >> WEIGHT), Holding { weight: word as u8, until }))
    }

    /// How many changes there were up to `position`.
    fn count_to(&self, position: Position) -> usize {
        let up_to = |word: u64| (word & !ENDS) >> WEIGHT <= position.0;
        if self.ends() {
            let changes: &[[u64; 2]] = self.words.as_chunks().0;
            changes.partition_point(|[word, _]| up_to(*word))
        } else {
            self.words.partition_point(|word| up_to(*word))
        }
    }

    /// The entry that gave what is held as of then; `None` where it is not in force.
    pub fn given_in_force(&self, as_of: AsOf) -> Option<Position> {
        let (given, holding) = self.change_at(as_of.position)?;
        holding.in_force(as_of.clock).then_some(given)
    }

    /// The state as of `position` and the entry that brought it about; `None` where there was none yet.
    pub fn change_at(&self, position: Position) -> Option<(Position, Holding)> {
        // Nearly every question is about now, and then the last change is the answer.
        let last = self.change(self.count().checked_sub(1)?)?;
        if last.0 <= position {
            return Some(last);
        }
        self.change(self.count_to(position).checked_sub(1)?)
    }

    /// The state as of `position`.
    pub fn at(&self, position: Position) -> Option<Holding> {
        self.change_at(position).map(|(_, holding)| holding)
    }

    /// The state that the newest entry left.
    pub fn last(&self) -> Option<Holding> {
        self.change(self.count().checked_sub(1)?).map(|(_, holding)| holding)
    }

    /// Every change, oldest first.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = (Position, Holding)> {
        (0..self.count()).filter_map(|index| self.change(index))
    }

    /// Every change up to `position`, oldest first.
    pub fn changes_to(&self, position: Position) -> impl DoubleEndedIterator<Item = (Position, Holding)> {
        (0..self.count_to(position)).filter_map(|index| self.change(index))
    }

    /// Every change after one position up to another, oldest first.
    pub fn changes_between(
        &self,
        after: Position,
        to: Position,
    ) -> impl DoubleEndedIterator<Item = (Position, Holding)> {
        let count = self.count();
        // Most grants did not change lately, and then nothing is searched for.
        let changed = count.checked_sub(1).and_then(|last| self.set_at(last)).is_some_and(|last| last > after);
        let between = if changed { self.count_to(after)..self.count_to(to) } else { count..count };
        between.filter_map(|index| self.change(index))
    }

    /// From now on an end stands behind every change.
    fn widen(&mut self) {
        if self.ends() {
            return;
        }
        let never = Instant::LATEST.microseconds().cast_unsigned();
        self.words = self.words.iter().flat_map(|word| [*word, never]).collect();
        if let Some(first) = self.words.first_mut() {
            *first |= ENDS;
        }
    }

    fn put(&mut self, word: u64) {
        make_room(&mut self.words);
        self.words.push(word);
    }
}

// By what they tell: an end that was taken back leaves its room.
impl PartialEq for GrantHistory {
    fn eq(&self, other: &GrantHistory) -> bool {
        self.changes().eq(other.changes())
    }
}

impl Eq for GrantHistory {}

impl Remembers for GrantHistory {
    type Value = Holding;

    fn set(&mut self, at: Position, holding: Holding) {
        self.retract(at);
        let (mut word, ends) = (at.0 << WEIGHT | u64::from(holding.weight), holding.until().is_some());
        if self.words.is_empty() && ends {
            word |= ENDS;
        } else if ends {
            self.widen();
        }
        self.put(word);
        if self.ends() {
            self.put(holding.until.microseconds().cast_unsigned());
        }
    }

    fn retract(&mut self, at: Position) {
        let Some(last) = self.count().checked_sub(1) else { return };
        if self.set_at(last) == Some(at) {
            self.words.truncate(last * self.width());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes at entries 1, 3, 5 and so on, every `ending`th with an end.
    fn told(count: u64, ending: u64) -> (GrantHistory, Vec<(Position, Holding)>) {
        let (mut history, mut told) = (GrantHistory::default(), Vec::new());
        for number in 0..count {
            let until = number.is_multiple_of(ending).then(|| Instant::from_microseconds(number as i64 - 3));
            let change = (Position(2 * number + 1), Holding::held(number as u8, until));
            history.set(change.0, change.1);
            told.push(change);
        }
        (history, told)
    }

    // rule: G10
    #[test]
    fn every_state_is_found_as_of_every_position_with_ends_and_without() {
        for (count, ending) in [(0, 1), (1, 1), (1, 9), (2, 9), (7, 2), (9, 1), (40, 100)] {
            let (history, told) = told(count, ending);
            assert_eq!(history.changes().collect::<Vec<_>>(), told, "{count} {ending}");
            assert_eq!(history.last(), told.last().map(|(_, holding)| *holding));
            for position in (0..2 * count + 3).map(Position) {
                let to = |position| told.iter().copied().filter(move |(set, _)| *set <= position);
                assert_eq!(history.change_at(position), to(position).next_back());
                assert!(history.changes_to(position).eq(to(position)));
                for after in (0..position.0).map(Position) {
                    let between = to(position).filter(|(set, _)| *set > after);
                    assert!(history.changes_between(after, position).eq(between), "{after} {position}");
                }
            }
        }
    }

    // rule: G10
    #[test]
    fn the_newest_state_is_replaced_and_taken_back() {
        let end = Holding::held(1, Some(Instant::EARLIEST));
        for earlier in [None, Some(Holding::held(2, None)), Some(end)] {
            let mut history = GrantHistory::default();
            earlier.into_iter().for_each(|earlier| history.set(Position(1), earlier));
            let before: Vec<_> = history.changes().collect();
            history.set(Position(2), end);
            history.set(Position(2), Holding::NOT_HELD);
            history.set(Position(2), end);
            assert_eq!(history.change_at(Position(2)), Some((Position(2), end)));
            history.retract(Position(1));
            history.retract(Position(2));
            assert_eq!(history.changes().collect::<Vec<_>>(), before);
            let mut same = GrantHistory::default();
            before.iter().for_each(|(at, holding)| same.set(*at, *holding));
            assert_eq!(history, same);
        }
    }

    #[test]
    fn a_grant_that_was_given_and_taken_away_takes_no_room_of_its_own() {
        let mut history = GrantHistory::default();
        history.set(Position::GREATEST.before(), Holding::held(u8::MAX, None));
        history.set(Position::GREATEST, Holding::NOT_HELD);
        assert!(!history.words.spilled());
        assert_eq!(history.at(Position::GREATEST.before()), Some(Holding::held(u8::MAX, None)));
        assert_eq!(size_of::<GrantHistory>(), size_of::<Vec<u64>>());
    }
}
