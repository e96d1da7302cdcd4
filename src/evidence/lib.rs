//! Evidence: bytes in, hashes and proofs out. Knows no events.
//!
//! A tenant's entries are the leaves of a hash tree as RFC 6962 and RFC 9162 define it over SHA-256. Who holds a root of
//! such a tree can be shown that a leaf is in it ([`Tree::inclusion`]) and that a later tree only goes on from it
//! ([`Tree::consistency`]), by a few hashes and without the leaves.
//!
//! Two forms of the tree, for two needs: [`Frontier`] is its right edge, enough to append and to tell the root. [`Tree`]
//! also keeps what proofs are made of: of every full 256 leaves their root, of every 256 such roots theirs, and so on
//! (the tiles of C2SP tlog-tiles). The leaves' own hashes are not kept; a proof asks for the few hundred that it needs.
//!
//! A root is worth what vouches for it: a [`Checkpoint`] names it, a [`NoteKey`] signs it, witnesses cosign it, and
//! [`open_checkpoint`] believes none of them without their verifier keys.
//!
//! # Invariants
//! - A leaf is the entry's canonical encoding and nothing else, so that repacking the journal changes no hash.
//! - Proofs are checked by functions that share nothing with those that make them but the hash of a node.
//! - No clock, no randomness, no I/O: keys are made of bytes that come in.

mod checkpoint;
mod frontier;
mod hash;
mod proof;
mod signature;
mod tile_path;
mod tiles;

pub use checkpoint::{BadCheckpoint, Checkpoint};
pub use frontier::Frontier;
pub use hash::{Hash, empty_root, leaf_hash};
pub use proof::{Unproven, verify_consistency, verify_inclusion};
pub use signature::{
    BadKeyName, Cosignature, NoteKey, Opened, Untrusted, cosignatures, key_name, open_checkpoint, read_checkpoint,
    sign_together, witness_name,
};
pub use tile_path::{TilePath, TooLargeForBundle, entry_bundle};
pub use tiles::{Leaves, MissingLeaves, TILE_WIDTH, Tree};

#[cfg(test)]
mod proof_tests;
