//! The right edge of a tree. The tree grows by appending only, so the roots of the perfect subtrees that the leaves so far
//! fall into are enough to go on: one for every bit set in the number of leaves, and never more than 64.

use serde::{Deserialize, Serialize};

use crate::hash::{Hash, empty_root, node_hash};

/// The right edge of a tree: enough to append to it and to tell its root.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
pub struct Frontier {
    size: u64,
    /// The roots of the perfect subtrees from the left, largest first: one for every bit set in `size`.
    roots: Vec<Hash>,
}

impl Frontier {
    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_telling(leaf, &mut |_, _| {});
    }

    /// Appends the hash of a leaf and tells of each perfect subtree that it completes: its height, from 1, and its root.
    pub(crate) fn push_telling(&mut self, leaf: Hash, completed: &mut dyn FnMut(u32, Hash)) {
        let mut hash = leaf;
        // Every perfect subtree of equal size on the right edge joins the new one.
        for height in 1..=self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                hash = node_hash(&left, &hash);
                completed(height, hash);
            }
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// The root of the tree; of an empty one the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return empty_root() };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    /// The definition itself: split at the largest power of two below the size.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn roots_are_those_of_the_definition_at_every_size() {
        let leaves: Vec<Hash> = (0..130u32).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let mut frontier = Frontier::default();
        for size in 0..=leaves.len() {
            assert_eq!(frontier.root(), by_definition(&leaves[..size]), "{size} leaves");
            if let Some(next) = leaves.get(size) {
                frontier.push(*next);
            }
        }
    }
}
