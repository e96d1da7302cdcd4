//! Whole numbers that are near one another, each block of them in as few bytes as its own need (frame of reference): of
//! every entry something is kept, and there are millions.

use grantbook_events::Position;
use serde::{Deserialize, Serialize};

/// How many numbers are packed together.
const BLOCK: usize = 128;

/// Where what is kept of every entry has that of the one at `position`; `None` before the first.
pub(crate) fn index_of(position: Position) -> Option<usize> {
    usize::try_from(position.0).ok()?.checked_sub(1)
}

/// A list of whole numbers. One is read wherever it stands without reading others; only the last can be changed or taken
/// away.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Packed {
    blocks: Vec<Block>,
    /// Those that fill no block yet.
    newest: Vec<u64>,
}

/// Numbers as what each is more than the least of them, in so many bytes each.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Block {
    least: u64,
    width: u8,
    /// The low byte first; behind the last number as many bytes more as let every number be read as eight.
    bytes: Box<[u8]>,
}

impl Block {
    fn of(numbers: &[u64]) -> Block {
        let least = numbers.iter().copied().min().unwrap_or(0);
        let greatest = numbers.iter().copied().max().unwrap_or(0);
        let width = (u64::BITS - (greatest - least).leading_zeros()).div_ceil(8) as usize;
        let mut bytes = Vec::with_capacity(numbers.len() * width + size_of::<u64>());
        for number in numbers {
            bytes.extend((number - least).to_le_bytes().into_iter().take(width));
        }
        bytes.resize(numbers.len() * width + size_of::<u64>() - width, 0);
        Block { least, width: width as u8, bytes: bytes.into() }
    }

    fn get(&self, index: usize) -> Option<u64> {
        let width = usize::from(self.width);
        let from = index * width;
        let eight = self.bytes.get(from..from + size_of::<u64>())?;
        let unused = u64::BITS - u32::from(self.width) * u8::BITS;
        let more = u64::from_le_bytes(eight.try_into().ok()?).unbounded_shl(unused).unbounded_shr(unused);
        Some(self.least + more)
    }
}

impl Packed {
    pub(crate) fn push(&mut self, number: u64) {
        // The last one can still change, and is never packed.
        if self.newest.len() == BLOCK {
            self.blocks.push(Block::of(&self.newest));
            self.newest.clear();
        }
        self.newest.push(number);
    }

    /// Takes the last one away.
    pub(crate) fn pop(&mut self) {
        self.newest.pop();
        if self.newest.is_empty()
            && let Some(block) = self.blocks.pop()
        {
            self.newest.extend((0..BLOCK).filter_map(|index| block.get(index)));
        }
    }

    pub(crate) fn last(&self) -> Option<u64> {
        self.newest.last().copied()
    }

    pub(crate) fn last_mut(&mut self) -> Option<&mut u64> {
        self.newest.last_mut()
    }

    pub(crate) fn len(&self) -> usize {
        self.blocks.len() * BLOCK + self.newest.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<u64> {
        match self.blocks.get(index / BLOCK) {
            Some(block) => block.get(index % BLOCK),
            None => self.newest.get(index - self.blocks.len() * BLOCK).copied(),
        }
    }

    /// The first index at which `before` is not so any more; it must be so of all up to there and of none after.
    pub(crate) fn partition_point(&self, before: impl Fn(u64) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            match self.get(middle) {
                Some(number) if before(number) => from = middle + 1,
                Some(_) | None => to = middle,
            }
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: u64, each: impl Fn(u64) -> u64) -> Vec<u64> {
        (0..count).map(each).collect()
    }

    #[test]
    fn every_number_is_found_where_it_was_put_however_far_apart_they_are() {
        for width in 0..=u64::BITS {
            let most = u64::MAX.unbounded_shr(u64::BITS - width);
            // From the least to the greatest that fit, in no order.
            let put =
                numbers(1_000, |index| (u64::MAX - most) + index.wrapping_mul(0x9e37_79b9_7f4a_7c15) % most.max(1));
            let mut packed = Packed::default();
            put.iter().for_each(|number| packed.push(*number));
            let got: Vec<u64> = (0..packed.len()).filter_map(|index| packed.get(index)).collect();
            assert_eq!(got, put, "{width} bits");
            assert_eq!((packed.get(put.len()), packed.last()), (None, put.last().copied()));
        }
    }

    #[test]
    fn the_last_is_changed_and_taken_away_across_blocks() {
        let mut packed = Packed::default();
        for number in 0..300 {
            packed.push(number);
            *packed.last_mut().unwrap() += 1_000;
        }
        for left in (0..300).rev() {
            assert_eq!(packed.last(), Some(left + 1_000));
            packed.pop();
            assert_eq!(packed.len() as u64, left);
        }
        packed.pop();
        packed.push(7);
        assert_eq!((packed.len(), packed.get(0)), (1, Some(7)));
    }

    #[test]
    fn where_something_ends_is_found_in_every_block() {
        let mut packed = Packed::default();
        (0..1_000).for_each(|number| packed.push(number * 3));
        for bound in [0, 1, 3, 383, 384, 385, 1_500, 2_997, 2_998, 9_999] {
            assert_eq!(packed.partition_point(|number| number < bound) as u64, bound.div_ceil(3).min(1_000), "{bound}");
        }
    }

    #[test]
    fn numbers_that_are_near_one_another_take_few_bytes() {
        let bytes = |numbers: &[u64]| Block::of(numbers).bytes.len();
        assert_eq!(bytes(&[u64::MAX; BLOCK]), 8);
        assert_eq!(bytes(&numbers(128, |index| 1 << 40 | index)), 128 + 7);
        assert_eq!(bytes(&numbers(128, |index| index << 40)), 128 * 6 + 2);
    }
}
