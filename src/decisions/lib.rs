//! Decisions: a command and the views become events, or a refusal that names its rule.
//!
//! One file a command family. A decision looks in this order: is the actor allowed (403), is what it names there (404),
//! does the state admit it (409)? What is malformed was refused before (422).
//!
//! # Invariants
//! - No clock, no randomness, no I/O. What was learnt from outside comes in as a value ([`Outside`]) and goes out in events.
//! - Every event names its authority: the entry that set the right the actor used, in force just before.
//! - A refusal changes nothing. What is recorded of it is said with it ([`Recording`]), and only attempts on passwords are.
//! - What follows at once from a command by rule is in the same entry.

mod again;
mod book;
mod case;
pub mod command;
mod contacts;
#[cfg(test)]
mod contacts_tests;
mod content_authority;
#[cfg(test)]
mod content_authority_tests;
mod credentials;
#[cfg(test)]
mod credentials_tests;
mod dashboard;
#[cfg(test)]
mod dashboard_tests;
mod genesis;
mod groups;
#[cfg(test)]
mod groups_tests;
mod objects;
#[cfg(test)]
mod objects_tests;
mod queries;
#[cfg(test)]
mod queries_tests;
mod refusal;
mod roles;
#[cfg(test)]
mod roles_tests;
mod sessions;
#[cfg(test)]
mod sessions_tests;
mod sign_in;
#[cfg(test)]
mod sign_in_tests;
mod support;
#[cfg(test)]
mod support_tests;
#[cfg(test)]
mod table_for_tests;
mod visibility;
#[cfg(test)]
mod visibility_tests;

pub use again::command_of;
pub use book::{handed_over, history_read, import_finished, import_started, refused, refused_again, stopped_again};
pub use case::{Acting, Case, Outcome, Outside, PasswordCheck};
pub use genesis::{
    MANAGER_USERNAME, NewTenant, STARTING_APPS, STARTING_MODULES, cloud_id_assigned, create_tenant,
    support_token_issued, support_token_revoked,
};
pub use refusal::{Recording, Refusal, RefusalKind};
pub use sign_in::{NOT_ACCEPTED, SignIn, SignInOutcome, change_password, sign_in};

use command::Command;

/// Decides on a command. Out come its events, each with its authority. Errors: the refusal, with the rule it rests on.
pub fn decide(command: &Command, case: &Case<'_>) -> Outcome {
    match command {
        Command::Contact(command) => contacts::decide(command, case),
        Command::Credentials(command) => credentials::decide(command, case),
        Command::Dashboard(command) => dashboard::decide(command, case),
        Command::Role(command) => roles::decide(command, case),
        Command::Group(command) => groups::decide(command, case),
        Command::Object(command) => objects::decide(command, case),
        Command::ContentAuthority(command) => content_authority::decide(command, case),
        Command::Query(command) => queries::decide(command, case),
        Command::Visibility(command) => visibility::decide(command, case),
        Command::Book(command) => book::decide(command, case),
        Command::Support(command) => support::decide(command, case),
    }
}
