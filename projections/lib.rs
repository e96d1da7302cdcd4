//! What the history up to a position means: the views, each rebuilt from entries and from nothing else.
//!
//! One view a file. [`Views`] is all of them, and its `apply` the only way in: start-up, live commits and replays go
//! through it alike.
//!
//! # Invariants
//! - `apply` is total: no error, no panic, no clock, no randomness, no I/O. If a fold could fail, the decision was wrong.
//! - A fact is a history ([`History`]): nothing is overwritten, so every view answers as of any position, and every value
//!   knows the entry that set it.
//! - Views hold no opened personal value and no secret: what comes in sealed stays sealed (rule: C14).
//! - The order of maps never shows: whatever is listed is listed by name. Equal histories give equal fingerprints.
//! - Only the newest entry can be taken back ([`Views::retract`]), and only because it was never recorded: a list of
//!   commands is refused as a whole.

mod accounts;
mod accounts_now;
mod admins;
mod app_users;
mod authorities;
mod background_account;
mod book;
mod changes;
mod communities;
mod content_authority;
mod credentials;
mod customers;
mod grant_history;
mod groups;
mod history;
mod holdings;
mod installation;
mod keeping;
mod levels;
mod mail;
mod mentions;
mod names;
mod objects;
mod organisations;
mod packed;
mod positions;
mod products;
mod queries;
mod refusals;
mod relays;
#[cfg(test)]
mod remembered_tests;
mod review_items;
mod reviews;
mod roles;
mod separations;
mod sessions;
mod settings;
mod subscriptions;
mod sweep;
mod tenant;
mod timeline;
#[cfg(test)]
mod told_for_tests;
mod visibility;
mod webhooks;

pub use accounts::{Accounts, Address};
pub use accounts_now::{AccountNow, AccountsNow};
pub use admins::Admins;
pub use app_users::AppUsers;
pub use authorities::Authorities;
pub use background_account::{Background, BackgroundAccount};
pub use book::{Book, Import, KeyScope, Owed};
pub use changes::Change;
pub use communities::{Communities, Community, CommunityGrant, OpenTo};
pub use content_authority::{ContentAuthority, ContentGroup, ContentMember};
pub use credentials::{Credentials, Lock, SecondFactor, Secret};
pub use customers::{CloudIdRequest, Customer, CustomerSubscription, Customers, ReadinessCheck};
pub use grant_history::{GrantHistory, Holding};
pub use groups::{BUILT_IN_GROUPS, Group, Groups};
pub use history::{AsOf, Cause, History};
pub use holdings::{Holdings, held_throughout, turning_points};
pub use installation::{Assigned, Installation, Token};
pub use keeping::{Copied, Keeping};
pub use levels::{GREATEST_LEVEL, Levels};
pub use mail::{Mail, Reset, Telling};
pub use mentions::Mentions;
pub use names::{FastMap, FoldedNumbers, Names, Numbers};
pub use objects::{Access, AccessSetting, Meant, Object, Objects, ToWhom};
pub use organisations::{Membership, Organisation, Organisations, Term};
pub use products::{Product, Products};
pub use queries::{Queries, Query};
pub use refusals::{Refusal, Refusals, Refused};
pub use relays::{Concerns, Relays};
pub use review_items::{ReviewedGrant, ReviewedItem, called_now, grants_in, review_item, review_items};
pub use reviews::{Closing, Review, Reviews, Withheld};
pub use roles::{Role, RoleNumber, Roles, SystemRole};
pub use separations::{Separation, Separations};
pub use sessions::{LONGEST_SESSION_MINUTES, Session, Sessions};
pub use settings::{Settings, default_of, default_text};
pub use subscriptions::{Subscription, Subscriptions};
pub use sweep::{Moments, instant_of};
pub use tenant::{App, Genesis, Tenant};
pub use timeline::{By, Timeline, moves};
pub use visibility::Visibility;
pub use webhooks::{DeadLetter, Webhook, WebhookFailure, Webhooks};

use grantbook_events::{AccountId, Entry, Event, Position};
use serde::{Deserialize, Serialize};

/// Everything that a tenant's history means.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Views {
    /// The numbers of names.
    pub names: Names,
    /// When entries happened and who acted.
    pub timeline: Timeline,
    /// Which entries somebody stands in.
    pub mentions: Mentions,
    /// Which entries rest on which.
    pub authorities: Authorities,
    /// The tenant as a whole.
    pub tenant: Tenant,
    /// Which apps are licensed.
    pub subscriptions: Subscriptions,
    /// Contacts.
    pub accounts: Accounts,
    /// Credentials.
    pub credentials: Credentials,
    /// What accounts are now.
    pub accounts_now: AccountsNow,
    /// Sessions.
    pub sessions: Sessions,
    /// Admin Users.
    pub admins: Admins,
    /// App Users.
    pub app_users: AppUsers,
    /// The Background Account.
    pub background: BackgroundAccount,
    /// Roles.
    pub roles: Roles,
    /// Levels.
    pub levels: Levels,
    /// Groups.
    pub groups: Groups,
    /// Products.
    pub products: Products,
    /// Communities.
    pub communities: Communities,
    /// Objects.
    pub objects: Objects,
    /// Organisations.
    pub organisations: Organisations,
    /// Content authority groups.
    pub content_authority: ContentAuthority,
    /// Queries.
    pub queries: Queries,
    /// Which contacts are visible to whom.
    pub visibility: Visibility,
    /// Settings.
    pub settings: Settings,
    /// Refusals.
    pub refusals: Refusals,
    /// What the book knows of itself.
    pub book: Book,
    /// What goes on by mail.
    pub mail: Mail,
    /// What the installation's own ledger says.
    pub installation: Installation,
    /// The installation's customers.
    pub customers: Customers,
    /// What is done once for several tenants, and what of it arrived.
    pub relays: Relays,
    /// Separations of duties.
    pub separations: Separations,
    /// Legal holds, people erased, copies of the store.
    pub keeping: Keeping,
    /// Access reviews.
    pub reviews: Reviews,
    /// Webhooks, and what was given up for them.
    pub webhooks: Webhooks,
}

impl Views {
    /// The history goes on by one entry.
    pub fn apply(&mut self, entry: &Entry) {
        self.begin(entry);
        self.go_on(entry, 0);
    }

    /// The next entry begins: who acts, and when. Its events follow by [`Views::go_on`].
    pub fn begin(&mut self, entry: &Entry) {
        self.timeline.begin(&mut self.names.accounts, entry);
        self.mentions.begin(self.timeline.last(), self.timeline.by(self.timeline.last()));
        self.authorities.begin();
        self.accounts_now.begin();
        self.book.begin(self.timeline.last(), entry);
        self.relays.begin(self.timeline.last(), entry);
    }

    /// The entry that began goes on with its events from index `from`: a list of commands is decided one after the
    /// other, each on what the ones before it did.
    pub fn go_on(&mut self, entry: &Entry, from: usize) {
        let at = self.timeline.last();
        for recorded in entry.events.iter().skip(from) {
            self.timeline.go_on(&recorded.event);
            self.mentions.go_on(&mut self.names, at, &recorded.event);
            self.authorities.go_on(at, recorded.authority);
            self.apply_event(at, entry, &recorded.event);
        }
    }

    /// Which views a chapter concerns. A view names what it leaves aside of a chapter, and why.
    fn apply_event(&mut self, at: Position, entry: &Entry, event: &Event) {
        let names = &mut self.names;
        match event {
            Event::Tenant(event) => {
                self.tenant.apply(names, at, event);
                self.subscriptions.apply(names, at, event);
                // A book that tells of no tenant's start is the installation's, and its catalogue everyone's.
                if self.tenant.genesis(at).is_none() {
                    self.relays.apply_catalogue(at, event);
                }
            }
            Event::Contact(contact) => {
                self.accounts.apply(names, at, contact);
                self.accounts_now.apply(names, &self.accounts, &self.credentials, event);
            }
            Event::Credentials(credentials) => {
                self.credentials.apply(names, &self.accounts, at, credentials);
                self.accounts_now.apply(names, &self.accounts, &self.credentials, event);
            }
            Event::SignIn(sign_in) => {
                self.credentials.apply_sign_in(names, at, sign_in);
                self.accounts_now.apply(names, &self.accounts, &self.credentials, event);
                self.sessions.apply(names, at, entry.at, sign_in);
                self.refusals.apply_sign_in(names, at, sign_in);
            }
            Event::Dashboard(event) => {
                self.admins.apply(names, at, event);
                self.app_users.apply(names, at, event);
                self.background.apply(names, &self.credentials, at, event);
            }
            Event::Role(event) => {
                self.roles.apply(names, at, event);
                self.levels.apply(names, at, event);
            }
            Event::Group(event) => {
                self.groups.apply(names, at, event);
                self.products.apply(names, at, event);
            }
            Event::Object(event) => self.objects.apply(names, at, event),
            Event::Book(event) => {
                self.settings.apply(at, event);
                self.sessions.apply_setting(at, entry.at, event);
                self.refusals.apply(names, at, event);
                self.book.apply(at, entry, event);
            }
            Event::Installation(event) => {
                self.installation.apply(at, event);
                self.customers.apply(at, event);
                self.relays.apply(at, event);
            }
            Event::Organisation(event) => self.organisations.apply(names, at, event),
            Event::Community(event) => self.communities.apply(names, at, event),
            Event::ContentAuthority(event) => self.content_authority.apply(names, at, event),
            Event::Mail(event) => self.mail.apply(names, at, event),
            Event::Separation(event) => self.separations.apply(at, event),
            Event::Keeping(event) => self.keeping.apply(names, at, event),
            Event::Review(event) => self.reviews.apply(at, event),
            Event::Webhook(event) => self.webhooks.apply(at, event),
            Event::Query(event) => self.queries.apply(names, at, event),
            Event::Visibility(event) => self.visibility.apply(at, event),
        }
        let (told, whose) =
            ((&self.timeline, &self.settings), (&self.accounts, &self.credentials, &self.organisations));
        self.mail.note(&self.names, told, whose, (entry, event));
    }

    /// Takes back the newest entry, which was tried and never recorded.
    pub fn retract(&mut self) {
        let at = self.timeline.last();
        // Named one by one, so that none is forgotten.
        let Views {
            names: _,
            timeline,
            mentions,
            authorities,
            tenant,
            subscriptions,
            accounts,
            credentials,
            accounts_now,
            sessions,
            admins,
            app_users,
            background,
            roles,
            levels,
            groups,
            products,
            communities,
            objects,
            organisations,
            content_authority,
            queries,
            visibility,
            settings,
            refusals,
            book,
            installation,
            customers,
            relays,
            mail,
            separations,
            keeping,
            reviews,
            webhooks,
        } = self;
        timeline.retract();
        mentions.retract(at);
        authorities.retract(at);
        tenant.retract(at);
        subscriptions.retract(at);
        accounts.retract(at);
        credentials.retract(at);
        accounts_now.retract(accounts, credentials);
        sessions.retract(at);
        admins.retract(at);
        app_users.retract(at);
        background.retract(at);
        roles.retract(at);
        levels.retract(at);
        groups.retract(at);
        products.retract(at);
        communities.retract(at);
        objects.retract(at);
        organisations.retract(at);
        content_authority.retract(at);
        queries.retract(at);
        visibility.retract(at);
        settings.retract(at);
        refusals.retract(at);
        book.retract(at);
        installation.retract(at);
        customers.retract(at);
        relays.retract(at);
        mail.retract(at);
        separations.retract(at);
        keeping.retract(at);
        reviews.retract(at);
        webhooks.retract(at);
    }

    /// What accounts are granted, kind by kind, as it is kept.
    pub fn grants_of_accounts(&self) -> [(&'static str, &Holdings); 9] {
        [
            ("admin", &self.admins.holdings),
            ("role", &self.roles.holdings),
            ("group", &self.groups.holdings),
            ("level", &self.levels.holdings),
            ("app_user", &self.app_users.holdings),
            ("content", &self.content_authority.holdings),
            ("member", &self.organisations.members),
            ("organisation_admin", &self.organisations.administrators),
            ("bought", &self.products.purchases),
        ]
    }

    /// The number of an account that was ever named.
    pub fn account(&self, id: &AccountId) -> Option<u32> {
        self.names.accounts.get(id.as_str())
    }

    /// The id that an account number stands for.
    pub fn account_id(&self, who: u32) -> Option<AccountId> {
        timeline::account_id(&self.names.accounts, who)
    }
}
