//! The program: the API, and on it the command line and the console.

pub mod api;
pub mod bench;
pub mod cli;
pub mod client;
mod console;
pub mod doctor;
mod exports;
mod given;
mod metrics;
mod pseudonyms;
pub mod replay;
mod reports;
pub mod self_check;
pub mod serve;
mod socket;
pub mod tls;
#[cfg(feature = "otel")]
mod traces;
pub mod verify;
mod words;
