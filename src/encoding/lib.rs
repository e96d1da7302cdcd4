//! Room: encoding. Entries to bytes and back, and the form of an entry that the outside reads.
//!
//! An entry goes in, bytes come out that will be on disk for ever; bytes go in, and either the same entry comes out or an
//! error that says where they are wrong. The layout is described in `docs/entry-encoding.md`.
//!
//! # Invariants
//! - Pure: no clock, no randomness, no I/O.
//! - Canonical: an entry has one encoding, and [`decode`] takes no other. A leaf of the hash tree is this encoding, so two
//!   different byte strings never mean the same entry (rule: U5).
//! - Frozen: what [`encode`] ever wrote, [`decode`] reads for ever. `replay-fixtures/golden/` has an example of every event
//!   type, whose lines are never rewritten.
//! - The public JSON form ([`json`]) is rendered from the events' own descriptions; no event type is named in it.
//! - No secret can be in either form, because none is in the events (rule: C14).

mod error;
mod format;
pub mod json;
mod payload;
mod quick;
pub mod samples;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod round_trip_tests;

pub use error::{DecodeError, EncodeError};
pub use format::{Format, MAX_ENTRY_BYTES, decode, encode};
