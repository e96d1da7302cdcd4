//! Which entries each entry was made on the authority of: so that what rests on an entry, directly or through others, is
//! found without reading the book.

use grantbook_events::Position;
use serde::{Deserialize, Serialize};

use crate::packed::{Packed, index_of};

/// The authorities that entries name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Authorities {
    /// Of each entry, in order, the first that its events name; the start where they name none.
    first: Packed,
    /// The further ones of the few entries that name several: the entry and the authority, in the order of entries.
    further: Vec<(Position, Position)>,
}

impl Authorities {
    pub(crate) fn begin(&mut self) {
        self.first.push(Position::START.0);
    }

    pub(crate) fn go_on(&mut self, at: Position, authority: Option<Position>) {
        let (Some(authority), Some(first)) = (authority, self.first.last_mut()) else { return };
        if *first == Position::START.0 {
            *first = authority.0;
        } else if *first != authority.0 && self.further.last() != Some(&(at, authority)) {
            self.further.push((at, authority));
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.first.pop();
        let kept = self.further.partition_point(|(entry, _)| *entry < at);
        self.further.truncate(kept);
    }

    /// The entries that the events of the entry at `position` name, each at least once.
    pub fn of(&self, position: Position) -> impl Iterator<Item = Position> {
        let first = index_of(position).and_then(|index| self.first.get(index)).map(Position);
        let first = first.filter(|first| *first > Position::START);
        // Nearly no entry names several.
        let further = match self.further.last() {
            Some((last, _)) if *last >= position => self.further.partition_point(|(entry, _)| *entry < position),
            Some(_) | None => self.further.len(),
        };
        let further = self.further.get(further..).unwrap_or_default();
        let further = further.iter().take_while(move |(entry, _)| *entry == position).map(|(_, authority)| *authority);
        first.into_iter().chain(further)
    }
}

#[cfg(test)]
mod tests {
    use grantbook_events::{Entry, Event, Instant, Position, Recorded, RoleEvent, RoleName};

    use crate::Views;

    fn entry(authorities: &[Option<u64>]) -> Entry {
        let role = RoleName::new("Any").unwrap();
        let recorded = |authority: &Option<u64>| {
            let event = Event::Role(RoleEvent::RoleDeleted { role: role.clone() });
            Recorded { authority: authority.map(Position), command: 0, event }
        };
        Entry { events: authorities.iter().map(recorded).collect(), ..Entry::bare(Instant::from_microseconds(1)) }
    }

    #[test]
    fn every_authority_that_an_entry_names_is_told_and_none_of_one_that_was_taken_back() {
        let named: [&[Option<u64>]; 4] =
            [&[None], &[Some(1), None, Some(1)], &[None, Some(1), Some(2), Some(2)], &[Some(3)]];
        let mut views = Views::default();
        named.iter().for_each(|authorities| views.apply(&entry(authorities)));
        let of = |views: &Views, position| views.authorities.of(Position(position)).map(|at| at.0).collect::<Vec<_>>();
        let expected: [&[u64]; 6] = [&[], &[], &[1], &[1, 2], &[3], &[]];
        for (position, expected) in (0..).zip(expected) {
            assert_eq!(of(&views, position), expected, "{position}");
        }
        views.retract();
        views.retract();
        assert_eq!((of(&views, 2), of(&views, 3)), (vec![1], vec![]));
        views.apply(&entry(&[Some(2)]));
        assert_eq!(of(&views, 3), [2]);
    }
}
