//! Proofs checked. Each function follows its RFC step by step and shares nothing with the making of proofs but the hash of a
//! node, so that a mistake there cannot hide here.

use crate::hash::{Hash, empty_root, node_hash};

/// Why a proof proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unproven {
    /// The leaf lies beyond the tree.
    #[error("leaf {index} lies beyond a tree of {size} leaves")]
    Beyond {
        /// The leaf's index.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// The second tree is smaller than the first.
    #[error("a tree of {new} leaves cannot go on from one of {old}")]
    Shrunk {
        /// The first tree's size.
        old: u64,
        /// The second tree's size.
        new: u64,
    },
    /// The proof has too few or too many hashes for these sizes.
    #[error("the proof has {found} hashes, which is not the number that these sizes need")]
    Length {
        /// How many it has.
        found: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// Checks that the leaf with this hash is the one at `index`, from 0, in the tree of `size` leaves with this root
/// (RFC 9162, 2.1.3.2). Errors: it is not shown to be.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), Unproven> {
    if index >= size {
        return Err(Unproven::Beyond { index, size });
    }
    let wrong_length = Unproven::Length { found: proof.len() };
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for step in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(step, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, step);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last == 0, hash == *root) {
        (false, _) => Err(wrong_length),
        (true, false) => Err(Unproven::Root),
        (true, true) => Ok(()),
    }
}

/// Checks that the tree of `new` leaves begins with all leaves of the tree of `old` leaves, each with its root
/// (RFC 9162, 2.1.4.2; for an empty old tree and for equal trees the proof is empty). Errors: it is not shown to.
pub fn verify_consistency(
    old: u64,
    new: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), Unproven> {
    let length = Unproven::Length { found: proof.len() };
    if old > new {
        return Err(Unproven::Shrunk { old, new });
    }
    if old == 0 || old == new {
        if !proof.is_empty() {
            return Err(length);
        }
        let same = if old == 0 { *old_root == empty_root() } else { old_root == new_root };
        let whole = new != 0 || *new_root == empty_root();
        return if same && whole { Ok(()) } else { Err(Unproven::Root) };
    }
    // A perfect old tree is itself the first node, and the proof leaves it out.
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(length)?;
        (*first, rest)
    };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for step in rest {
        if last == 0 {
            return Err(length);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(step, &old_hash);
            new_hash = node_hash(step, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, step);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last == 0, old_hash == *old_root && new_hash == *new_root) {
        (false, _) => Err(length),
        (true, false) => Err(Unproven::Root),
        (true, true) => Ok(()),
    }
}
