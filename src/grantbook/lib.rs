//! The program: the API and the command line, on the same questions of the ledger.

pub mod bench;
pub mod verify;
