//! Evidence: bytes in, hashes out. Knows no events.
//!
//! A tenant's entries are the leaves of a hash tree as RFC 6962 and RFC 9162 define it over SHA-256. The tree grows by
//! appending only, so its right edge is enough to go on: [`Frontier`] keeps the roots of the perfect subtrees that the
//! leaves so far fall into, and never more than 64 of them.
//!
//! # Invariants
//! - A leaf is the entry's canonical encoding and nothing else, so that repacking the journal changes no hash.
//! - No clock, no randomness, no I/O.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256 of a zero byte and the leaf (RFC 9162, 2.1.1).
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0u8]).chain_update(leaf).finalize().into()
}

/// The hash of a node: SHA-256 of a one byte, the left hash and the right hash (RFC 9162, 2.1.1).
fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1u8]).chain_update(left).chain_update(right).finalize().into()
}

/// The right edge of a tree: enough to append to it and to tell its root.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
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
        let mut hash = leaf;
        // Every perfect subtree of equal size on the right edge joins the new one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// The root of the tree; of an empty one the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return Sha256::digest([]).into() };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(hash: &Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The definition itself: split at the largest power of two below the size.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
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

    #[test]
    fn known_values_of_the_empty_tree_and_the_empty_leaf() {
        // SHA-256 of nothing, and of one zero byte.
        assert_eq!(
            hex(&Frontier::default().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(hex(&leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }
}
