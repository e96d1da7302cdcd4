//! Proofs of trees of many sizes, held against another implementation of the same RFC, and broken in every way that a proof
//! can be broken.

use std::ops::Range;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2_of_hmac::Sha256 as OracleSha256;

use crate::{Hash, Tree, Unproven, leaf_hash, verify_consistency, verify_inclusion};

struct Both {
    tree: Tree,
    leaves: Vec<Hash>,
    oracle: MemoryBackedTree<OracleSha256, Vec<u8>>,
}

fn both(size: u64) -> Both {
    let mut both = Both { tree: Tree::default(), leaves: Vec::new(), oracle: MemoryBackedTree::new() };
    for number in 0..size {
        let leaf = number.to_be_bytes().to_vec();
        both.leaves.push(leaf_hash(&leaf));
        both.tree.push(leaf_hash(&leaf));
        both.oracle.push(leaf);
    }
    both
}

impl Both {
    fn hashes(&self, range: Range<u64>) -> Vec<Hash> {
        self.leaves[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec()
    }

    fn root_at(&self, size: u64) -> Hash {
        self.tree.root_at(size, &|range| self.hashes(range)).unwrap()
    }

    fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        self.tree.inclusion(index, size, &|range| self.hashes(range)).unwrap()
    }

    fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
        self.tree.consistency(old, new, &|range| self.hashes(range)).unwrap()
    }
}

/// Around the sizes at which tiles fill up, and some between.
const SIZES: [u64; 16] = [1, 2, 3, 7, 8, 100, 255, 256, 257, 511, 512, 513, 767, 1_000, 1_024, 1_290];

#[test]
fn roots_and_proofs_are_those_of_another_implementation() {
    for size in SIZES {
        let both = both(size);
        assert_eq!(both.tree.root().as_slice(), both.oracle.root().as_bytes().as_slice(), "{size}");
        for index in (0..size).step_by(1 + usize::try_from(size).unwrap() / 40).chain([size - 1]) {
            let ours = both.inclusion(index, size).concat();
            let theirs = both.oracle.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(ours, theirs.as_bytes(), "leaf {index} of {size}");
        }
        for old in SIZES.into_iter().filter(|old| *old < size) {
            let ours = both.consistency(old, size).concat();
            let theirs = both.oracle.prove_consistency(usize::try_from(size - old).unwrap());
            assert_eq!(ours, theirs.as_bytes(), "{old} to {size}");
        }
    }
}

#[test]
fn a_tree_proves_what_it_was_at_every_earlier_size() {
    let whole = both(1_290);
    for size in SIZES {
        assert_eq!(whole.root_at(size), both(size).tree.root(), "{size}");
        let (index, leaf) = (size / 2, whole.leaves[usize::try_from(size / 2).unwrap()]);
        verify_inclusion(&leaf, index, size, &whole.inclusion(index, size), &whole.root_at(size)).unwrap();
    }
}

#[test]
fn tiles_hold_the_leaves_and_the_roots_of_full_tiles_below() {
    let both = both(1_290);
    let tile = |level, index| both.tree.tile(level, index, &|range| both.hashes(range)).unwrap();
    assert_eq!(tile(0, 1), both.leaves[256..512]);
    assert_eq!(tile(0, 5), both.leaves[1_280..]);
    assert!(tile(0, 6).is_empty());
    let above = tile(1, 0);
    assert_eq!(above.len(), 5);
    for (index, root) in (0..).zip(above) {
        let mut alone = Tree::default();
        tile(0, index).into_iter().for_each(|leaf| alone.push(leaf));
        assert_eq!(alone.root(), root);
    }
    assert!(tile(1, 1).is_empty());
    assert!(tile(2, 0).is_empty());
}

#[test]
fn two_levels_of_tiles_are_kept_and_little_is_asked_for() {
    let size = 65_536 + 256 + 3;
    let both = both(size);
    let asked = std::cell::Cell::new(0);
    let counted = |range: Range<u64>| {
        asked.set(asked.get() + range.end - range.start);
        both.hashes(range)
    };
    assert_eq!(both.tree.tile(2, 0, &counted).unwrap().len(), 1);
    assert_eq!(both.tree.tile(1, 0, &counted).unwrap().len(), 256);
    for index in [0, 70, 65_535, 65_536, size - 1] {
        asked.set(0);
        let proof = both.tree.inclusion(index, size, &counted).unwrap();
        assert!(asked.get() <= 512, "{} asked for leaf {index}", asked.get());
        let leaf = both.leaves[usize::try_from(index).unwrap()];
        verify_inclusion(&leaf, index, size, &proof, &both.tree.root()).unwrap();
    }
    for old in [1, 300, 65_535, 65_537] {
        let proof = both.tree.consistency(old, size, &counted).unwrap();
        verify_consistency(old, size, &proof, &both.root_at(old), &both.tree.root()).unwrap();
    }
}

#[test]
fn what_cannot_be_had_is_an_error_and_no_wrong_proof() {
    let both = both(600);
    assert!(both.tree.inclusion(3, 600, &|_| Vec::new()).is_err());
    assert!(both.tree.inclusion(600, 600, &|range| both.hashes(range)).is_err());
    assert!(both.tree.inclusion(3, 601, &|range| both.hashes(range)).is_err());
    assert!(both.tree.consistency(3, 2, &|range| both.hashes(range)).is_err());
    assert!(both.tree.consistency(3, 601, &|range| both.hashes(range)).is_err());
    assert_eq!(both.consistency(0, 600), Vec::<Hash>::new());
    assert_eq!(both.consistency(600, 600), Vec::<Hash>::new());
}

#[test]
fn sizes_that_make_no_sense_prove_nothing() {
    let both = both(5);
    let root = both.tree.root();
    assert_eq!(verify_inclusion(&root, 5, 5, &[], &root), Err(Unproven::Beyond { index: 5, size: 5 }));
    assert_eq!(verify_consistency(5, 4, &[], &root, &root), Err(Unproven::Shrunk { old: 5, new: 4 }));
    assert_eq!(verify_consistency(5, 5, &[root], &root, &root), Err(Unproven::Length { found: 1 }));
    assert_eq!(verify_consistency(0, 5, &[], &root, &root), Err(Unproven::Root));
    assert_eq!(verify_consistency(3, 5, &[], &root, &root), Err(Unproven::Length { found: 0 }));
    verify_consistency(0, 5, &[], &crate::empty_root(), &root).unwrap();
    verify_consistency(0, 0, &[], &crate::empty_root(), &crate::empty_root()).unwrap();
    assert_eq!(verify_consistency(0, 0, &[], &crate::empty_root(), &root), Err(Unproven::Root));
}

proptest! {
    #[test]
    fn a_proof_holds_for_its_own_leaf_sizes_and_roots_alone(
        size in 1u64..700, at in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>(), bit in 0u8..8,
    ) {
        let both = both(size);
        let index = at.index(usize::try_from(size).unwrap());
        let (leaf, index) = (both.leaves[index], index as u64);
        let root = both.tree.root();
        let proof = both.inclusion(index, size);
        verify_inclusion(&leaf, index, size, &proof, &root).unwrap();
        for other in [index.wrapping_sub(1), index + 1] {
            prop_assert!(verify_inclusion(&leaf, other, size, &proof, &root).is_err());
        }
        if size > 1 {
            let mut short = proof.clone();
            short.pop();
            prop_assert!(verify_inclusion(&leaf, index, size, &short, &root).is_err());
            let mut changed = proof.clone();
            let step = flip.index(changed.len());
            changed[step][flip.index(32)] ^= 1 << bit;
            prop_assert_eq!(verify_inclusion(&leaf, index, size, &changed, &root), Err(Unproven::Root));
        }
        let mut long = proof.clone();
        long.push(root);
        prop_assert!(verify_inclusion(&leaf, index, size, &long, &root).is_err());

        let old = index + 1;
        let old_root = both.root_at(old);
        let proof = both.consistency(old, size);
        verify_consistency(old, size, &proof, &old_root, &root).unwrap();
        if old < size {
            prop_assert!(verify_consistency(old, size, &proof, &leaf_hash(b"another"), &root).is_err());
            prop_assert!(verify_consistency(old, size, &proof, &old_root, &leaf_hash(b"another")).is_err());
            let mut changed = proof.clone();
            let step = flip.index(changed.len());
            changed[step][flip.index(32)] ^= 1 << bit;
            prop_assert!(verify_consistency(old, size, &changed, &old_root, &root).is_err());
        }
        let mut long = proof;
        long.push(root);
        prop_assert!(verify_consistency(old, size, &long, &old_root, &root).is_err());
    }
}
