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
mod again;
mod ask;
mod authority;
pub mod blast_radius;
mod contacts;
mod deed;
mod diff;
mod findings;
mod fingerprint;
mod given;
#[cfg(test)]
mod history_for_tests;
mod holders;
mod lineage;
mod matrix;
mod personal_data;
mod places;
#[cfg(test)]
mod properties;
mod reach;
pub mod reconcile;
mod review;
mod sentences;
mod shortest;
mod shown;
mod story;
mod supply;
mod through;
mod views;
pub mod what_if;
mod who_can;
#[cfg(test)]
mod who_can_tests;
mod whom;
mod why;
mod why_shown;

pub use account::{account, accounts_page};
pub use again::{Look, NotAgain, decide_again};
pub use ask::{AskError, Asked, account_asked, acting_for, ask, can, find_organisation};
pub use authority::{Acted, Origin, Place, Step};
pub use contacts::{Viewer, contact, contacts_page};
pub use deed::Deed;
pub use diff::{AccountChange, Became, Comparison, RightChange};
pub use findings::{
    Finding, FindingRule, Hunt, Tested, back_test, finding_rules, findings, findings_json, open_findings,
};
pub use fingerprint::{FINGERPRINT_VERSION, FingerprintPart, fingerprint, fingerprint_parts, part_fingerprint};
pub use given::{Given, Hold, Holder, Thing, given};
pub use holders::{Holders, held_by, names_held};
pub use lineage::{Descendant, Descent, Down, Found, Grant, Held, Lineage, Node, Root, Subject, Up, dot, lineage, svg};
pub use matrix::{Matrix, MatrixRow, matrices, matrix};
pub use personal_data::personal_data;
pub use places::Places;
pub use reach::{Measure, Reach};
pub use review::{
    Changed, ItemOutcome, Person, ReportedDecision, ReportedItem, ReviewReport, ReviewState, Signed, review,
    review_in_view, reviews_view,
};
pub use sentences::sentence;
pub use shortest::{ShortFact, ShortReason, Through};
pub use shown::{Eyes, Shown, as_of, corrections};
pub use story::{Happening, Life, Story, Turn, story, story_of_right};
pub use supply::{Alternative, Missing};
pub use views::{
    Slices, UnknownView, VIEWS, delivery_trouble, objects_under, organisation_held_by, organisations_listed, view,
};
pub use who_can::{Able, Interval, Search, WhoAsked, WhoCan, able, who_asked, who_can};
pub use whom::Whom;
pub use why::{FactReason, Link, Reason, ReasonKind, Why, why};
