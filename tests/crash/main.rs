//! What must hold whatever happens at whatever moment: races, kills, damage. On the real ledger and the real store.
//!
//! The numbers are small enough for every run; `tests/long/` runs the same with the full ones. Everything random comes from
//! a seed that is printed: `GRANTBOOK_SEED` gives it again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a stop is a failed test, and what it prints says how to run it again"
)]

mod beside;
mod copies;
mod damage;
mod faults;
mod imports;
mod kept_views;
mod kills;
#[path = "../api/logged.rs"]
mod logged;
mod lost;
mod order;
mod races;
mod ruin;
mod secrets;
mod support;
mod verified;
