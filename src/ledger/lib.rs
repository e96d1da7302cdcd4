//! Room: ledger.

pub mod outbox;
pub mod passwords;
pub mod sealing;
pub mod tokens;
pub mod vault;
