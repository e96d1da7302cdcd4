//! The vocabulary of commands: what may be asked to happen, read from JSON and written back.
//!
//! # Invariants
//! - A [`Command`] is well formed: names are checked, personal values sealed, usernames resolved to ids.
//! - No secret is in a command; [`Secrets`] hold them, and nothing shows them (rule: C14).
//! - Commands are read by their descriptions, so what the command line and the API's document say is what is taken.
//! - No error repeats the value of a secret or of a personal field.

mod book;
mod communities;
mod contacts;
mod content_authority;
mod credentials;
mod customers;
mod dashboard;
mod description;
mod form;
mod groups;
mod keeping;
mod mail;
mod objects;
mod organisations;
mod passwords;
mod queries;
mod reviews;
mod roles;
mod separations;
mod settings;
mod support;
mod visibility;
#[cfg(test)]
mod vocabulary_tests;
mod webhooks;
mod written;

pub use book::BookCommand;
pub use communities::CommunityCommand;
pub use contacts::ContactCommand;
pub use content_authority::ContentAuthorityCommand;
pub use credentials::{CredentialsCommand, PasswordShape, Secrets};
pub use customers::{CustomerCommand, keeper};
pub use dashboard::{AppUse, DashboardCommand};
pub use description::{CommandDescription, Door, FieldDescription, FieldKind, REASON};
pub use form::not_guest;
pub use groups::GroupCommand;
pub use keeping::KeepingCommand;
pub use mail::MailCommand;
pub use objects::ObjectCommand;
pub use organisations::OrganisationCommand;
pub use passwords::PasswordUse;
pub use queries::QueryCommand;
pub(crate) use queries::object_of;
pub use reviews::ReviewCommand;
pub use roles::RoleCommand;
pub use separations::SeparationCommand;
pub use settings::{SETTING_NAMES, SettingDescription, SettingKind, setting_value, settings};
pub use support::SupportCommand;
pub use visibility::VisibilityCommand;
pub use webhooks::WebhookCommand;

/// JSON as it came, whose text is that of the body. Keys that stand twice stand in it twice, and are refused.
pub use serde_json_borrow::Value as CommandJson;

use form::{Form, Known, shown};
use grantbook_events::{AccountId, CloudId, Sealed, Ticket, Username};
use serde_json::Value;
use written::Written;

/// A command as the decisions see it: names checked, personal values sealed, secrets elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// On contacts.
    Contact(ContactCommand),
    /// On credentials and sessions.
    Credentials(CredentialsCommand),
    /// On the dashboard.
    Dashboard(DashboardCommand),
    /// On roles and levels.
    Role(RoleCommand),
    /// On groups.
    Group(GroupCommand),
    /// On objects.
    Object(ObjectCommand),
    /// On organisations.
    Organisation(OrganisationCommand),
    /// On content authority groups.
    ContentAuthority(ContentAuthorityCommand),
    /// By mail.
    Mail(MailCommand),
    /// On queries.
    Query(QueryCommand),
    /// On the visibility of contacts.
    Visibility(VisibilityCommand),
    /// On the book itself.
    Book(BookCommand),
    /// Of support.
    Support(SupportCommand),
    /// Of support, on customers and their Cloud IDs.
    Customer(CustomerCommand),
    /// On communities.
    Community(CommunityCommand),
    /// On separations of duties.
    Separation(SeparationCommand),
    /// On what is kept.
    Keeping(KeepingCommand),
    /// On access reviews.
    Review(ReviewCommand),
    /// On webhooks.
    Webhook(WebhookCommand),
}

/// A command with what came beside it.
#[derive(Debug)]
pub struct Given {
    /// The command.
    pub command: Command,
    /// Why it was given: at most 500 characters, never empty.
    pub reason: Option<String>,
    /// The secrets that it came with.
    pub secrets: Secrets,
    /// Of support's commands: the tenant, where the command is on one.
    pub cloud_id: Option<CloudId>,
    /// Of support's commands, and there always: the ticket (rule: U4).
    pub ticket: Option<Ticket>,
}

/// What reading a command needs from outside.
pub struct Lookup<'a> {
    /// The account that has the username now, compared without case.
    pub account_by_username: &'a dyn Fn(&Username) -> Option<AccountId>,
    /// Seals the text of a field with the key of the account that it is about. Commands name whom they like: the account
    /// need not exist, the command may still be refused, and of a new contact the key is to be made.
    pub seal: &'a dyn Fn(&AccountId, &'static str, &str) -> Sealed,
}

/// Why something could not be read as a command.
#[derive(Debug)]
pub enum Problem {
    /// It is not of the form that its description states (422).
    Malformed(Malformed),
    /// It is well formed, but no account has a username that it names (404, unless the caller may not do it at all).
    UnknownAccount(UnknownAccount),
}

/// A field that is not as expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// Which field; with its place where it is within one: `uses[3].app`.
    pub field: String,
    /// What was expected.
    pub message: String,
}

/// A username that no account has.
#[derive(Debug)]
pub struct UnknownAccount {
    /// The field that named it.
    pub field: String,
    /// The username.
    pub username: Username,
    /// The command with the id of no account in its place and nothing sealed. It is to be asked whether the caller may do
    /// such a thing at all, because that refusal comes first; it is never to be recorded.
    pub stand_in: Box<Given>,
}

impl Malformed {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Malformed {
        Malformed { field: field.into(), message: message.into() }
    }
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {}", self.field, self.message)
    }
}

impl std::error::Error for Malformed {}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Problem::Malformed(malformed) => malformed.fmt(f),
            Problem::UnknownAccount(unknown) => {
                write!(f, "`{}`: no account has the username `{}`", unknown.field, unknown.username)
            }
        }
    }
}

impl std::error::Error for Problem {}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Problem {
        Problem::Malformed(malformed)
    }
}

/// Reads one command that came to `door`. Errors: it is malformed, which comes first, or names an unknown account.
pub fn parse(value: &CommandJson<'_>, door: Door, lookup: &Lookup<'_>) -> Result<Given, Problem> {
    let Some(object) = value.as_object() else {
        return Err(Malformed::new("command", "expected an object such as {\"name\": \"assign_role\", ...}").into());
    };
    let Some(name) = object.get("name").and_then(CommandJson::as_str) else {
        return Err(Malformed::new("name", "expected the name of a command").into());
    };
    let known = find(name, door)?;
    let mut form = Form::open(object, &known.description, lookup)?;
    let command = (known.read)(&mut form)?;
    let given = Given {
        command,
        reason: form.maybe_text(REASON.name)?.filter(|reason| !reason.is_empty()),
        secrets: Secrets::read(&form)?,
        cloud_id: form.maybe_named("cloud_id", CloudId::new)?,
        ticket: form.maybe_named("ticket", Ticket::new)?,
    };
    if door == Door::Tenant && given.cloud_id.is_some() {
        return Err(
            Malformed::new("cloud_id", "is given at the door of support alone: here the address says it").into()
        );
    }
    match form.into_unknown() {
        None => Ok(given),
        Some((field, username)) => {
            Err(Problem::UnknownAccount(UnknownAccount { field, username, stand_in: Box::new(given) }))
        }
    }
}

/// Whether something would be read as a command of `door`: nothing is looked up and nothing sealed, and whether a username leads
/// to somebody is left open. Errors: it is malformed.
pub fn well_formed(value: &CommandJson<'_>, door: Door) -> Result<(), Malformed> {
    let lookup = Lookup { account_by_username: &|_| None, seal: &|_, _, text| Sealed::clear(text) };
    match parse(value, door, &lookup) {
        Ok(_) | Err(Problem::UnknownAccount(_)) => Ok(()),
        Err(Problem::Malformed(malformed)) => Err(malformed),
    }
}

/// The tenant that a command of support names, needed before the command can be read: its accounts are that tenant's.
/// Errors: what is given is no Cloud ID.
pub fn cloud_id_of(value: &CommandJson<'_>) -> Result<Option<CloudId>, Malformed> {
    let Some(given) = field(value, "cloud_id").filter(|given| !given.is_null()) else { return Ok(None) };
    let Some(text) = given.as_str() else {
        return Err(Malformed::new("cloud_id", format!("expected {}", FieldKind::CloudId)));
    };
    CloudId::new(text).map(Some).map_err(|wrong| Malformed::new("cloud_id", wrong.message))
}

/// Whether a command of support is one on the installation's own ledger, rather than on the tenant that it names: on
/// customers and their Cloud IDs, and what goes to every tenant, or to all of a customer, because it names none.
pub fn of_installation(value: &CommandJson<'_>) -> bool {
    match field(value, "name").and_then(CommandJson::as_str) {
        Some("add_app" | "add_module") => field(value, "cloud_id").is_none_or(CommandJson::is_null),
        Some("record_subscription") => field(value, "customer").is_some_and(|customer| !customer.is_null()),
        Some(name) => customers::KNOWN.iter().any(|known| known.description.name == name),
        None => false,
    }
}

/// A field of an object; `None` where there is none, or no object.
pub fn field<'a>(value: &'a CommandJson<'_>, name: &str) -> Option<&'a CommandJson<'a>> {
    value.as_object()?.get(name)
}

/// Every command there is.
pub fn descriptions() -> impl Iterator<Item = &'static CommandDescription> {
    all().map(|known| &known.description)
}

/// The description of the command named `name`; `None` where there is no such command.
pub fn describe(name: &str) -> Option<&'static CommandDescription> {
    descriptions().find(|description| description.name == name)
}

fn all() -> impl Iterator<Item = &'static Known> {
    const FAMILIES: [&[Known]; 19] = [
        contacts::KNOWN,
        credentials::KNOWN,
        dashboard::KNOWN,
        roles::KNOWN,
        groups::KNOWN,
        communities::KNOWN,
        objects::KNOWN,
        organisations::KNOWN,
        content_authority::KNOWN,
        mail::KNOWN,
        queries::KNOWN,
        visibility::KNOWN,
        book::KNOWN,
        support::KNOWN,
        customers::KNOWN,
        separations::KNOWN,
        keeping::KNOWN,
        reviews::KNOWN,
        webhooks::KNOWN,
    ];
    FAMILIES.into_iter().flatten()
}

/// The command named `name` at `door`. Errors: there is none; the error names a near miss.
fn find(name: &str, door: Door) -> Result<&'static Known, Malformed> {
    if let Some(known) = all().find(|known| known.description.name == name) {
        if known.description.door.admits(door) {
            return Ok(known);
        }
        let message = match door {
            Door::Tenant => format!("`{name}` is a command of support, who has a door of its own"),
            Door::Support | Door::Either => {
                format!("`{name}` is a command of a tenant, given at the tenant's own door")
            }
        };
        return Err(Malformed::new("name", message));
    }
    let here = descriptions().filter(|description| description.door.admits(door)).map(|description| description.name);
    Err(Malformed::new("name", format!("there is no command `{}`{}", shown(name), did_you_mean(name, here))))
}

/// The nearest of what there is, as the end of a sentence; nothing where none is near.
fn did_you_mean(name: &str, there_is: impl Iterator<Item = &'static str>) -> String {
    // What is much longer than any name is like none of them.
    if name.len() <= 64
        && let Some((0..=3, nearest)) = there_is.map(|other| (distance(name, other), other)).min()
    {
        return format!(": did you mean `{nearest}`?");
    }
    String::new()
}

/// How many letters must be put in, left out or exchanged to come from one to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (number, letter) in from.chars().enumerate() {
        let mut left = number + 1;
        let mut next = vec![left];
        for (other, (diagonal, above)) in to.chars().zip(row.iter().zip(row.iter().skip(1))) {
            left = (left + 1).min(above + 1).min(diagonal + usize::from(letter != other));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

impl Command {
    /// Its name, such as `assign_role`.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Contact(command) => command.name(),
            Command::Credentials(command) => command.name(),
            Command::Dashboard(command) => command.name(),
            Command::Role(command) => command.name(),
            Command::Group(command) => command.name(),
            Command::Object(command) => command.name(),
            Command::Organisation(command) => command.name(),
            Command::ContentAuthority(command) => command.name(),
            Command::Mail(command) => command.name(),
            Command::Query(command) => command.name(),
            Command::Visibility(command) => command.name(),
            Command::Book(command) => command.name(),
            Command::Support(command) => command.name(),
            Command::Customer(command) => command.name(),
            Command::Community(command) => command.name(),
            Command::Separation(command) => command.name(),
            Command::Keeping(command) => command.name(),
            Command::Review(command) => command.name(),
            Command::Webhook(command) => command.name(),
        }
    }

    /// The account that it is on, where it names one.
    pub fn subject(&self) -> Option<&AccountId> {
        match self {
            Command::Contact(command) => command.subject(),
            Command::Credentials(command) => command.subject(),
            Command::Dashboard(command) => command.subject(),
            Command::Role(command) => command.subject(),
            Command::Group(command) => command.subject(),
            Command::Object(command) => command.subject(),
            Command::ContentAuthority(command) => command.subject(),
            Command::Mail(command) => command.subject(),
            Command::Query(_) | Command::Visibility(_) | Command::Book(_) | Command::Customer(_) => None,
            Command::Organisation(command) => command.subject(),
            Command::Support(command) => command.subject(),
            Command::Community(command) => command.subject(),
            Command::Separation(command) => command.subject(),
            Command::Keeping(command) => command.subject(),
            Command::Review(command) => command.subject(),
            Command::Webhook(command) => command.subject(),
        }
    }

    /// The JSON that [`parse`] reads as this command, without what comes beside one: reason, secrets, ticket, Cloud ID.
    /// `open` opens personal values; what it cannot open any more is left out.
    pub fn to_json(&self, open: &dyn Fn(&Sealed) -> Option<String>) -> Value {
        let mut to = Written::new(self.name(), open);
        match self {
            Command::Contact(command) => command.write(&mut to),
            Command::Credentials(command) => command.write(&mut to),
            Command::Dashboard(command) => command.write(&mut to),
            Command::Role(command) => command.write(&mut to),
            Command::Group(command) => command.write(&mut to),
            Command::Object(command) => command.write(&mut to),
            Command::Organisation(command) => command.write(&mut to),
            Command::ContentAuthority(command) => command.write(&mut to),
            Command::Mail(command) => command.write(&mut to),
            Command::Query(command) => command.write(&mut to),
            Command::Visibility(command) => command.write(&mut to),
            Command::Book(command) => command.write(&mut to),
            Command::Support(command) => command.write(&mut to),
            Command::Customer(command) => command.write(&mut to),
            Command::Community(command) => command.write(&mut to),
            Command::Separation(command) => command.write(&mut to),
            Command::Keeping(command) => command.write(&mut to),
            Command::Review(command) => command.write(&mut to),
            Command::Webhook(command) => command.write(&mut to),
        }
        to.into_value()
    }
}
