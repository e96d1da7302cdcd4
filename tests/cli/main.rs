//! The command line as people and scripts meet it: the real program, its words, its exit status.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code outside of test functions, which clippy.toml's leave for tests does not cover; a stop is a failed test"
)]

mod book;
mod demo;
mod evidence;
mod feeds;
mod investigations;
mod mistakes;
mod questions;
mod reviews;
mod serving;
mod work;
