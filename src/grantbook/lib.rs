//! The program: the API and the command line, on the same questions of the ledger.

pub mod api;
pub mod bench;
pub mod cli;
pub mod client;
pub mod doctor;
mod exports;
mod metrics;
pub mod replay;
pub mod serve;
pub mod verify;
mod words;
