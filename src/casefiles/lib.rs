//! Room: casefiles. PURE. A question, its answer, the entries it rests on and what proves them, in one file that is checked
//! without a ledger, a server or a network.
//!
//! Whoever checks a file ([`verify()`]) folds its entries with the same functions that answer every question, and compares
//! what comes out with the answer in the file. So the file carries no claim about rights that its entries do not make.
//!
//! # What a file proves, and what not
//! - Every entry in it is in the book that the checkpoint is of, at its position, byte for byte.
//! - The answer follows from these entries.
//! - Its instant is not before the entries that count. That it is before the next one a file shows that has the next entry; one
//!   without it, of an instant later than its last entry, takes the word of whoever made it.
//! - A file with **all** entries up to the position of the answer proves that nothing before it was left out. A file with the
//!   **cited** ones alone does not: an entry that took a right away again could be missing.
//! - Names and other personal values are what the ledger showed to whoever made the file. Entries hold them sealed, and the
//!   keys are in no file; so who checks can tell that they belong to these entries, and not that they were opened truly.
//! - Whose key signed the checkpoint nobody can tell from the file: compare it with the one you were given on another way.
//!
//! The form is described in `docs/case-files.md`.

mod derive;
mod file;
mod first_admin;
mod instant;
mod question;
mod select;
mod span;
mod verify;

pub use derive::{Derived, History, Underivable, derive};
pub use file::{CaseFile, FileEntry, Misread};
pub use grantbook_evidence::{key_name, witness_name};
pub use instant::InstantShown;
pub use question::{Asked, BadQuestion, Everybody, Question};
pub use select::{cited, concerning};
pub use span::Begin;
pub use verify::{Check, Report, verify};
