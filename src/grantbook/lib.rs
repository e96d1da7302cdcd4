//! The program: the API and the command line, on the same questions of the ledger.

pub mod api;
pub mod bench;
pub mod cli;
pub mod client;
pub mod doctor;
mod exports;
mod pseudonyms;
pub mod replay;
mod reports;
pub mod self_check;
pub mod serve;
pub mod tls;
pub mod verify;
mod words;
