//! The console as browsers meet it: what is sent and refused word by word, then in a real browser.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code outside of test functions, which clippy.toml's leave for tests does not cover; a stop is a failed test"
)]

mod browser;
#[path = "../api/installation.rs"]
#[allow(dead_code, reason = "the tests of the API use more of it")]
mod installation;
mod pages;
mod surfer;
