//! The API as clients meet it: who may do what, its answers word by word, streams, and serving to its end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "test code outside of test functions, which clippy.toml's leave for tests does not cover; a stop is a failed test"
)]

mod actors;
mod described;
mod drift;
mod fixtures;
mod installation;
mod limits;
mod logged;
mod mail;
mod pattern;
mod scripts;
mod serving;
mod streams;
mod transport;
mod webhooks;
mod witnesses;
