//! The tree with what proofs are made of, in the tiles of C2SP tlog-tiles: a tile is 256 hashes side by side, and the root of
//! a full tile is one hash of the tile above.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::frontier::Frontier;
use crate::hash::{Hash, empty_root, node_hash};

/// How many hashes a full tile has.
pub const TILE_WIDTH: u64 = 256;
/// How many levels of the tree a tile spans.
const TILE_HEIGHT: u32 = 8;

/// The leaves' hashes could not all be had: the proof cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the hashes of leaves {} to {} were asked for and {found} came", .leaves.start, .leaves.end)]
pub struct MissingLeaves {
    /// The leaves asked for, by index from 0.
    pub leaves: Range<u64>,
    /// How many came.
    pub found: usize,
}

/// A tree that proofs can be made of, at its size and at every size that it had.
///
/// In memory it takes about an eighth of a byte a leaf: the hashes of the leaves themselves are asked for when a proof
/// needs them, by `leaves`, a function from a range of indices (from 0) to their hashes. No proof asks for more than 512.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
pub struct Tree {
    frontier: Frontier,
    /// The newest leaves, those of the tile that is not full yet.
    newest: Vec<Hash>,
    /// Of each level above the leaves, the roots of all full tiles below.
    roots: Vec<Vec<Hash>>,
}

/// Gives the hashes of a range of leaves.
pub type Leaves<'a> = dyn Fn(Range<u64>) -> Vec<Hash> + 'a;

impl Tree {
    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root of the tree; of an empty one the hash of nothing.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends the hash of a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let Tree { frontier, newest, roots } = self;
        newest.push(leaf);
        frontier.push_telling(leaf, &mut |height, root| {
            let Some(level) = (height / TILE_HEIGHT).checked_sub(1).filter(|_| height.is_multiple_of(TILE_HEIGHT))
            else {
                return;
            };
            newest.clear();
            let level = level as usize;
            if level == roots.len() {
                roots.push(Vec::new());
            }
            if let Some(row) = roots.get_mut(level) {
                row.push(root);
            }
        });
    }

    /// Whether this tree goes on from `earlier`, as far as the two keep hashes: the full tiles of the one are tiles of the
    /// other, and trees of one size are equal.
    pub fn goes_on_from(&self, earlier: &Tree) -> bool {
        if self.size() == earlier.size() {
            return self == earlier;
        }
        let begins = |(row, theirs): (&Vec<Hash>, &Vec<Hash>)| row.starts_with(theirs);
        self.size() > earlier.size()
            && self.roots.len() >= earlier.roots.len()
            && self.roots.iter().zip(&earlier.roots).all(begins)
    }

    /// The hashes of a tile: `index` from 0 at `level` (0 is the leaves), as the tree has it now: up to 256, none where there
    /// is no such tile. Errors: leaves are missing.
    pub fn tile(&self, level: u32, index: u64, leaves: &Leaves<'_>) -> Result<Vec<Hash>, MissingLeaves> {
        let start = index.saturating_mul(TILE_WIDTH);
        let end = start.saturating_add(TILE_WIDTH);
        match level.checked_sub(1) {
            None => self.leaves(start.min(self.size())..end.min(self.size()), leaves),
            Some(above) => {
                let row = self.roots.get(above as usize).map_or(&[][..], Vec::as_slice);
                let (start, end) = (clamp(start, row.len()), clamp(end, row.len()));
                Ok(row.get(start..end).unwrap_or_default().to_vec())
            }
        }
    }

    /// The root that the tree had when it had `size` leaves. Errors: leaves are missing, or it never had as many.
    pub fn root_at(&self, size: u64, leaves: &Leaves<'_>) -> Result<Hash, MissingLeaves> {
        if size == self.size() {
            return Ok(self.root());
        }
        self.known(size)?;
        self.node(0..size, leaves)
    }

    /// The proof that the leaf at `index`, from 0, is in the tree of the first `size` leaves (RFC 9162, 2.1.3.1). Errors:
    /// leaves are missing, or the tree never had as many.
    pub fn inclusion(&self, index: u64, size: u64, leaves: &Leaves<'_>) -> Result<Vec<Hash>, MissingLeaves> {
        self.known(size)?;
        if index >= size {
            return Err(MissingLeaves { leaves: index..index.saturating_add(1), found: 0 });
        }
        let mut proof = Vec::new();
        let mut around = 0..size;
        while around.end - around.start > 1 {
            let (left, right) = split(&around);
            let (inside, beside) = if index < left.end { (left, right) } else { (right, left) };
            proof.push(self.node(beside, leaves)?);
            around = inside;
        }
        // From the leaf upwards.
        proof.reverse();
        Ok(proof)
    }

    /// The proof that the tree of the first `new` leaves goes on from that of the first `old` (RFC 9162, 2.1.4.1); empty for
    /// equal sizes and for an empty old tree. Errors: leaves are missing, or the tree never had as many.
    pub fn consistency(&self, old: u64, new: u64, leaves: &Leaves<'_>) -> Result<Vec<Hash>, MissingLeaves> {
        self.known(new)?;
        if old > new {
            return Err(MissingLeaves { leaves: new..old, found: 0 });
        }
        let mut proof = Vec::new();
        if old == 0 || old == new {
            return Ok(proof);
        }
        let mut around = 0..new;
        // Whether what is left is the whole old tree, whose root the one who checks has already.
        let mut whole = true;
        while around.end != old {
            let (left, right) = split(&around);
            if old <= left.end {
                proof.push(self.node(right, leaves)?);
                around = left;
            } else {
                proof.push(self.node(left, leaves)?);
                around = right;
                whole = false;
            }
        }
        if !whole {
            proof.push(self.node(around, leaves)?);
        }
        proof.reverse();
        Ok(proof)
    }

    fn known(&self, size: u64) -> Result<(), MissingLeaves> {
        if size <= self.size() { Ok(()) } else { Err(MissingLeaves { leaves: self.size()..size, found: 0 }) }
    }

    /// The hash over a range of leaves that is one node of some tree: it begins at a multiple of the largest power of two
    /// that it is at least half of.
    fn node(&self, range: Range<u64>, leaves: &Leaves<'_>) -> Result<Hash, MissingLeaves> {
        let width = range.end.saturating_sub(range.start);
        if width == 0 {
            return Ok(empty_root());
        }
        if width.is_power_of_two() {
            return self.perfect(range, leaves);
        }
        if width < TILE_WIDTH {
            return Ok(any_root(&self.leaves(range, leaves)?));
        }
        let (left, right) = split(&range);
        Ok(node_hash(&self.perfect(left, leaves)?, &self.node(right, leaves)?))
    }

    /// The hash over a power of two of leaves, beginning at a multiple of it: from the highest tiles that it is made of.
    fn perfect(&self, range: Range<u64>, leaves: &Leaves<'_>) -> Result<Hash, MissingLeaves> {
        let height = range.end.saturating_sub(range.start).trailing_zeros();
        let level = height / TILE_HEIGHT;
        let Some(above) = level.checked_sub(1) else {
            return Ok(perfect_root(self.leaves(range, leaves)?));
        };
        // Each hash of that row stands for 256 to the power of the level.
        let each = level.saturating_mul(TILE_HEIGHT);
        let row = self.roots.get(above as usize).map_or(&[][..], Vec::as_slice);
        let hashes = row.get(clamp(range.start >> each, row.len())..clamp(range.end >> each, row.len()));
        let wanted = (range.end >> each).saturating_sub(range.start >> each);
        match hashes.filter(|hashes| hashes.len() as u64 == wanted) {
            Some(hashes) => Ok(perfect_root(hashes.to_vec())),
            None => Err(MissingLeaves { leaves: range, found: 0 }),
        }
    }

    /// The hashes of leaves: the newest from memory, others asked for.
    fn leaves(&self, range: Range<u64>, leaves: &Leaves<'_>) -> Result<Vec<Hash>, MissingLeaves> {
        let kept_from = self.size().saturating_sub(self.newest.len() as u64);
        let wanted = range.end.saturating_sub(range.start);
        let found = if range.start >= kept_from {
            let (start, end) = (range.start - kept_from, range.end - kept_from);
            self.newest.get(clamp(start, self.newest.len())..clamp(end, self.newest.len())).unwrap_or_default().to_vec()
        } else {
            leaves(range.clone())
        };
        if found.len() as u64 == wanted { Ok(found) } else { Err(MissingLeaves { leaves: range, found: found.len() }) }
    }
}

/// Where the definition splits a range of at least two leaves: the left part is the largest power of two below its width.
fn split(range: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let width = range.end - range.start;
    let middle = range.start + (width - 1).checked_ilog2().map_or(0, |log| 1 << log);
    (range.start..middle, middle..range.end)
}

fn clamp(at: u64, most: usize) -> usize {
    usize::try_from(at).map_or(most, |at| at.min(most))
}

/// The root over a power of two of hashes.
fn perfect_root(mut row: Vec<Hash>) -> Hash {
    while row.len() > 1 {
        row = row.chunks(2).filter_map(|pair| Some(node_hash(pair.first()?, pair.get(1)?))).collect();
    }
    row.first().copied().unwrap_or_else(empty_root)
}

/// The root over any number of hashes.
fn any_root(row: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    row.iter().for_each(|hash| frontier.push(*hash));
    frontier.root()
}
