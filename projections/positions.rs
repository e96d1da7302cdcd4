//! Positions of entries in order, each as the step from the one before it, in as few bytes as it needs (LEB128): what is
//! written of everybody whom an entry names.

use grantbook_events::Position;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::history::{Remembers, make_room};

/// The bits of a byte that are of the number; the one above them says that more follow.
const BITS: u32 = 7;
const MORE: u8 = 1 << BITS;

/// The entries in which something happened, in order. Read from the first on.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Positions {
    last: Position,
    steps: SmallVec<[u8; 16]>,
}

impl Positions {
    /// The positions, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Position> {
        let (mut at, mut steps) = (Position::START, self.steps.iter());
        std::iter::from_fn(move || {
            at = Position(at.0 + step(&mut steps)?);
            Some(at)
        })
    }
}

/// The next number of its bytes, the low ones first.
fn step<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> Option<u64> {
    let (mut step, mut shift) = (0, 0);
    loop {
        let byte = *bytes.next()?;
        step |= u64::from(byte & !MORE).unbounded_shl(shift);
        if byte & MORE == 0 {
            return Some(step);
        }
        shift += BITS;
    }
}

impl Remembers for Positions {
    type Value = ();

    fn set(&mut self, at: Position, (): ()) {
        let mut step = at.0.saturating_sub(self.last.0);
        if step == 0 {
            return;
        }
        self.last = at;
        loop {
            let low = (step & u64::from(!MORE)) as u8;
            step >>= BITS;
            make_room(&mut self.steps);
            self.steps.push(if step > 0 { low | MORE } else { low });
            if step == 0 {
                return;
            }
        }
    }

    fn retract(&mut self, at: Position) {
        if self.last != at {
            return;
        }
        // The last step's bytes begin behind the last one that ends another.
        let others = self.steps.split_last().map_or(&[][..], |(_, others)| others);
        let begins = others.iter().rposition(|byte| byte & MORE == 0).map_or(0, |ended| ended + 1);
        let step = step(&mut self.steps.iter().skip(begins)).unwrap_or(0);
        self.last = Position(at.0.saturating_sub(step));
        self.steps.truncate(begins);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_told_in_order_and_the_newest_is_taken_back() {
        let far = [1, 2, 127, 128, 129, 300, 16_383 + 300, 16_384 * 2 + 300, 1 << 40, Position::GREATEST.0];
        let mut positions = Positions::default();
        for at in far {
            positions.set(Position(at), ());
            positions.set(Position(at), ());
        }
        for count in (0..=far.len()).rev() {
            let told: Vec<u64> = positions.iter().map(|at| at.0).collect();
            assert_eq!(told, far[..count]);
            positions.retract(Position(3));
            if let Some(newest) = told.last() {
                positions.retract(Position(*newest));
            }
        }
        positions.set(Position(9), ());
        assert_eq!(positions.iter().collect::<Vec<_>>(), [Position(9)]);
    }
}
