//! Tests of the journal: one contract for every store, then what only the store on disk promises.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "tests may stop at once; clippy.toml allows it only inside #[test] functions, not in what they share"
)]

mod bench;
mod bits;
mod contract;
mod crash;
mod head;
mod kill;
mod mirror;
mod reopening;
mod seal;
mod support;
