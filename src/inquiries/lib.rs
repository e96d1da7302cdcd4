//! Questions over views and entries: the views as answers, who can do what and why, findings, the fingerprint.
//!
//! # Invariants
//! - Pure: no clock, no randomness, no I/O. The point to look from, the opening of sealed values and the entries of the
//!   journal come in with the question ([`Shown`]).
//! - An answer as of a position is the same whether or not the history goes on after it.
//! - No answer holds a secret, or the version of one (rule: C14).
//! - Whatever is listed is listed by id or name. Personal values are opened only to be shown; a fingerprint is taken
//!   over the sealed bytes.

mod account;
mod ask;
mod authority;
mod contacts;
mod findings;
mod fingerprint;
#[cfg(test)]
mod history_for_tests;
mod matrix;
#[cfg(test)]
mod properties;
pub mod reconcile;
mod sentences;
mod shown;
mod supply;
mod through;
mod views;
mod why;
mod why_shown;

pub use account::{account, accounts_page};
pub use ask::{AskError, Asked, ask, can};
pub use authority::{Acted, Origin, Step};
pub use contacts::{Viewer, contact, contacts_page};
pub use findings::{Finding, FindingRule, finding_rules, findings};
pub use fingerprint::fingerprint;
pub use matrix::{Matrix, MatrixRow, matrices, matrix};
pub use shown::{Shown, corrections};
pub use supply::{Alternative, Missing};
pub use views::{UnknownView, VIEWS, view};
pub use why::{FactReason, Link, Reason, ReasonKind, Why, why};
