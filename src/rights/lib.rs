//! What an account may do: one pure answer, from which `can`, `why`, every decision's authority and every refusal's rule
//! are read, so that they cannot disagree.
//!
//! A capability is a row of a table (`capability`): its name, its rule, and the condition it needs. A condition
//! (`condition`) is plain data over facts (`fact`); two walks read it, a quick one that answers yes or no and an
//! explaining one that builds the tree of facts. Both ask the same function about each fact.
//!
//! # Invariants
//! - Refused by default: what no condition gives, nobody has.
//! - No clock: the point to look from comes in with the question.
//! - The two planes are apart: no condition of one asks for a role of the other, RemoteService aside (rules: G9, F10).

mod access;
mod areas;
mod candidates;
mod capability;
mod condition;
mod content;
mod fact;
mod nature;
mod opened;
mod organisations;
#[cfg(test)]
mod organisations_tests;
mod orphaned;
mod points;
mod question;
mod reviews;
mod rules;

pub use access::{
    Effective, effective_setting, is_content_administrator, is_principal, open_beyond_staff, reset_sites,
};
pub use candidates::{account_points, candidates, candidates_on, has_at_all};
pub use capability::{Capability, OnKind};
pub use condition::{Condition, Node, NodeKind, Refused};
pub use fact::Fact;
pub use opened::opens_something;
pub use organisations::{
    Extent, MATRIX, MatrixRow, OrganisationRight, administers, primary_organisation, rests, seen_organisations,
};
pub use orphaned::{Orphaned, account_usable, admin_effective, admin_points, effective_admins, orphaned};
pub use points::points;
pub use question::{On, Question, Standing, Verdict, Who, allowed, explain, may};
pub use reviews::is_own_grant;
pub use rules::{RULES, rule_words};
