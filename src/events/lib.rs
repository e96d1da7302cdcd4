//! The vocabulary: what can have happened. The most important room, because all else is derived from it.
//!
//! An event is a fact in the past tense, in the customer's words. It knows nobody: no view, no command, no store.
//!
//! # Invariants
//! - No clock, no randomness, no I/O. Every value is given.
//! - Stored types carry no serde attributes. Variants are only ever added at the end of their enum and fields never
//!   change: their numbers and order are on disk for ever. A changed meaning is a new variant.
//! - Events name accounts by id. A personal value is in the event that sets it, sealed, and nowhere else (rule: C14 for
//!   secrets: they are in none).
//! - Every event type is described where it is defined ([`Description`]); whoever renders events needs nothing else.

mod book;
mod choice;
mod communities;
mod condition;
mod contacts;
mod content_authority;
mod credentials;
mod dashboard;
mod describe;
mod entry;
mod groups;
mod keeping;
mod mail;
mod named;
mod names;
mod objects;
mod organisations;
mod queries;
mod readiness;
mod reviews;
mod roles;
mod sealed;
mod separations;
mod settings;
mod sign_ins;
mod tenants;
mod time;
mod visibility;
mod webhooks;

pub use book::{BookEvent, Notice, ReadScope};
pub use choice::NoSuchChoice;
pub use communities::{CommunityEvent, CommunityRight};
pub use condition::{ContactCondition, ContactField};
pub use contacts::{Change, ContactDetails, ContactEvent};
pub use content_authority::{ContentAuthorityEvent, ContentRight};
pub use credentials::{CredentialsEvent, UserClass};
pub use dashboard::{AdminOrigin, DashboardEvent};
pub use describe::{Description, Ocsf, Plane};
pub use entry::{Actor, CommandNote, Entry, ImportNote, Recorded, Source};
pub use groups::GroupEvent;
pub use keeping::KeepingEvent;
pub use mail::{Addressee, DeliveryFailure, MailEvent, ResetEnd};
pub use names::{
    AccountId, AppName, BadName, CapabilityName, CloudId, CommandName, CommunityName, CustomerName, EventKind,
    GroupName, Label, ModuleName, ObjectPath, OperatorName, OrganisationName, ProductName, QueryName, ReviewItem,
    ReviewName, RoleName, RuleId, SeparationName, Ticket, Username, WebhookName,
};
pub use objects::{AccessRight, ObjectEvent, ObjectKind, Principal, SecuritySet};
pub use organisations::{OrganisationEvent, OrganisationKind};
pub use queries::QueryEvent;
pub use readiness::{Purpose, ReadinessFinding, ReadinessProblem, SiteUrl};
pub use reviews::{ReviewDecision, ReviewEvent, ReviewScope, due_day, due_words};
pub use roles::RoleEvent;
pub use sealed::{KeyId, Sealed, SealedEmail, SecretVersion, is_email_address};
pub use separations::SeparationEvent;
pub use settings::{Setting, TextSetting};
pub use sign_ins::{Client, Door, RefusalCause, SessionEnd, SignInEvent, SignInPlane};
pub use tenants::{Audience, Edition, InstallationEvent, Licence, SubscriptionStatus, TenantEvent};
pub use time::{Date, Instant, Position};
pub use visibility::{VisibilityAudience, VisibilityEvent};
pub use webhooks::WebhookEvent;

use serde::{Deserialize, Serialize};

/// Whatever can have happened, by chapter. There are millions, and each is as large as the largest could be: what is large and rare
/// is in a box.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Event {
    /// To a tenant as a whole.
    Tenant(TenantEvent),
    /// To contacts.
    Contact(ContactEvent),
    /// To credentials.
    Credentials(CredentialsEvent),
    /// At the doors.
    SignIn(SignInEvent),
    /// On the dashboard.
    Dashboard(DashboardEvent),
    /// To roles and levels.
    Role(RoleEvent),
    /// To groups.
    Group(GroupEvent),
    /// To objects.
    Object(ObjectEvent),
    /// To the book itself.
    Book(BookEvent),
    /// In the installation's own ledger.
    Installation(Box<InstallationEvent>),
    /// To organisations.
    Organisation(OrganisationEvent),
    /// To communities.
    Community(CommunityEvent),
    /// To content authority groups.
    ContentAuthority(ContentAuthorityEvent),
    /// To queries.
    Query(QueryEvent),
    /// To the visibility of contacts.
    Visibility(VisibilityEvent),
    /// To separations of duties.
    Separation(SeparationEvent),
    /// By mail.
    Mail(MailEvent),
    /// To access reviews.
    Review(Box<ReviewEvent>),
    /// To what is kept.
    Keeping(KeepingEvent),
    /// To webhooks.
    Webhook(WebhookEvent),
}

impl From<InstallationEvent> for Event {
    fn from(event: InstallationEvent) -> Event {
        Event::Installation(Box::new(event))
    }
}

impl From<ReviewEvent> for Event {
    fn from(event: ReviewEvent) -> Event {
        Event::Review(Box::new(event))
    }
}

impl Event {
    /// The event types of every chapter, in the order of their stored numbers.
    pub const CHAPTERS: [&'static [Description]; 20] = [
        TenantEvent::DESCRIPTIONS,
        ContactEvent::DESCRIPTIONS,
        CredentialsEvent::DESCRIPTIONS,
        SignInEvent::DESCRIPTIONS,
        DashboardEvent::DESCRIPTIONS,
        RoleEvent::DESCRIPTIONS,
        GroupEvent::DESCRIPTIONS,
        ObjectEvent::DESCRIPTIONS,
        BookEvent::DESCRIPTIONS,
        InstallationEvent::DESCRIPTIONS,
        OrganisationEvent::DESCRIPTIONS,
        CommunityEvent::DESCRIPTIONS,
        ContentAuthorityEvent::DESCRIPTIONS,
        QueryEvent::DESCRIPTIONS,
        VisibilityEvent::DESCRIPTIONS,
        SeparationEvent::DESCRIPTIONS,
        MailEvent::DESCRIPTIONS,
        ReviewEvent::DESCRIPTIONS,
        KeepingEvent::DESCRIPTIONS,
        WebhookEvent::DESCRIPTIONS,
    ];

    /// What there is to know of its type.
    pub fn description(&self) -> &'static Description {
        match self {
            Event::Tenant(event) => event.description(),
            Event::Contact(event) => event.description(),
            Event::Credentials(event) => event.description(),
            Event::SignIn(event) => event.description(),
            Event::Dashboard(event) => event.description(),
            Event::Role(event) => event.description(),
            Event::Group(event) => event.description(),
            Event::Object(event) => event.description(),
            Event::Book(event) => event.description(),
            Event::Installation(event) => event.description(),
            Event::Organisation(event) => event.description(),
            Event::Community(event) => event.description(),
            Event::ContentAuthority(event) => event.description(),
            Event::Mail(event) => event.description(),
            Event::Review(event) => event.description(),
            Event::Keeping(event) => event.description(),
            Event::Webhook(event) => event.description(),
            Event::Separation(event) => event.description(),
            Event::Query(event) => event.description(),
            Event::Visibility(event) => event.description(),
        }
    }

    /// The name of its type in the public form, such as `admin_added`.
    pub fn kind(&self) -> &'static str {
        self.description().kind
    }

    /// Where it happened.
    pub fn plane(&self) -> Plane {
        self.description().plane
    }

    /// Every event type there is.
    pub fn descriptions() -> impl Iterator<Item = &'static Description> {
        Self::CHAPTERS.into_iter().flatten()
    }

    /// The description of the type named `kind`; `None` where there is no such type.
    pub fn describe(kind: &str) -> Option<&'static Description> {
        Self::descriptions().find(|description| description.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_small() {
        assert!(size_of::<Event>() <= 112, "{} bytes", size_of::<Event>());
        assert!(size_of::<Recorded>() <= 136, "{} bytes", size_of::<Recorded>());
    }

    #[test]
    fn every_event_type_has_one_name_and_it_is_its_variant_in_snake_case_and_says_what_it_means() {
        let mut kinds = std::collections::BTreeSet::new();
        for description in Event::descriptions() {
            let mut snake = String::new();
            for letter in description.variant.chars() {
                if letter.is_uppercase() && !snake.is_empty() {
                    snake.push('_');
                }
                snake.extend(letter.to_lowercase());
            }
            assert_eq!(description.kind, snake);
            assert!(kinds.insert(description.kind), "{} stands twice", description.kind);
            assert!(description.words.ends_with('.'), "{}", description.words);
            assert_eq!(description.field_words.len(), description.fields.len());
            for ((name, _), words) in description.fields.iter().zip(description.field_words) {
                assert!(words.trim().ends_with('.'), "{}.{name}: {words}", description.kind);
            }
        }
    }
}
