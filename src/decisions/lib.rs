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
#[cfg(test)]
mod built_in_groups_tests;
mod case;
pub mod command;
mod communities;
#[cfg(test)]
mod communities_tests;
mod contacts;
#[cfg(test)]
mod contacts_tests;
mod content_authority;
#[cfg(test)]
mod content_authority_tests;
mod credentials;
#[cfg(test)]
mod credentials_tests;
mod customers;
#[cfg(test)]
mod customers_tests;
mod dashboard;
#[cfg(test)]
mod dashboard_tests;
mod dynamic_groups;
#[cfg(test)]
mod dynamic_groups_tests;
mod genesis;
#[cfg(test)]
mod genesis_tests;
mod groups;
#[cfg(test)]
mod groups_tests;
mod keeping;
#[cfg(test)]
mod keeping_tests;
mod mail;
#[cfg(test)]
mod mail_tests;
mod objects;
#[cfg(test)]
mod objects_tests;
mod organisations;
#[cfg(test)]
mod organisations_tests;
mod products;
#[cfg(test)]
mod products_tests;
mod queries;
#[cfg(test)]
mod queries_tests;
mod readiness;
mod refusal;
#[cfg(test)]
mod refusal_tests;
mod reviews;
#[cfg(test)]
mod reviews_tests;
mod roles;
#[cfg(test)]
mod roles_tests;
mod second_factor;
#[cfg(test)]
mod second_factor_tests;
mod separations;
#[cfg(test)]
mod separations_tests;
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
mod webhooks;
#[cfg(test)]
mod webhooks_tests;

pub use again::command_of;
pub use book::{handed_over, history_read, import_finished, import_started, refused, refused_again, stopped_again};
pub use case::{Acting, Case, CodeCheck, Outcome, Outside, PasswordCheck};
pub use customers::LOCAL_CUSTOMER;
pub use genesis::{
    Catalogue, MANAGER_USERNAME, NewTenant, STARTING_APPS, STARTING_MODULES, cloud_id_assigned, create_tenant,
    named_first_admin, support_token_issued, support_token_revoked,
};
pub use keeping::{backup_taken, store_restored};
pub use mail::{
    changes_told, forgot_password, forgot_username, mail_not_handed_over, reset_again, reset_given_up, reset_password,
    reset_sent, reset_withheld,
};
pub use readiness::{READINESS_SECONDS, Readiness};
pub use refusal::{Recording, Refusal, RefusalKind};
pub use sign_in::{NOT_ACCEPTED, SignIn, SignInOutcome, change_password, kept_out, sign_in};
pub use webhooks::{
    FailedDelivery, MOST_WEBHOOKS, webhook_delivery_given_up, webhook_failing, webhook_recovered, webhook_redelivered,
};

use command::Command;

/// Decides on a command. Out come its events, each with its authority. Errors: the refusal, with the rule it rests on.
pub fn decide(command: &Command, case: &Case<'_>) -> Outcome {
    // What is closed can be read, and nothing more is recorded (rule: T7).
    if case.views.tenant.closed(case.now.position).is_some() && !keeping::outlasts_closing(command, case) {
        return Err(Refusal::closed());
    }
    match command {
        Command::Contact(command) => contacts::decide(command, case),
        Command::Credentials(command) => credentials::decide(command, case),
        Command::Dashboard(command) => dashboard::decide(command, case),
        Command::Role(command) => roles::decide(command, case),
        Command::Group(command) => groups::decide(command, case),
        Command::Object(command) => objects::decide(command, case),
        Command::Organisation(command) => organisations::decide(command, case),
        Command::ContentAuthority(command) => content_authority::decide(command, case),
        Command::Mail(command) => mail::decide(command, case),
        Command::Query(command) => queries::decide(command, case),
        Command::Visibility(command) => visibility::decide(command, case),
        Command::Book(command) => book::decide(command, case),
        Command::Support(command) => support::decide(command, case),
        Command::Customer(command) => customers::decide(command, case),
        Command::Community(command) => communities::decide(command, case),
        Command::Separation(command) => separations::decide(command, case),
        Command::Keeping(command) => keeping::decide(command, case),
        Command::Review(command) => reviews::decide(command, case),
        Command::Webhook(command) => webhooks::decide(command, case),
    }
}
