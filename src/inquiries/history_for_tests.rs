//! Small histories for tests, told entry by entry, and the organisation example (rule: I1).

use std::collections::HashMap;

use grantbook_events::{
    AccountId, Actor, AdminOrigin, AppName, Audience, Change, Client, CloudId, CommandName, CommandNote,
    ContactDetails, ContactEvent, CredentialsEvent, CustomerName, DashboardEvent, Date, Edition, Entry, Event,
    GroupName, Instant, KeyId, Licence, ModuleName, ObjectPath, OperatorName, Position, Recorded, RoleEvent, RoleName,
    Sealed, SealedEmail, SecretVersion, SignInEvent, SignInPlane, SubscriptionStatus, TenantEvent, UserClass, Username,
};
use grantbook_projections::{AsOf, Views};
use serde_json::Value;

use crate::places::Places;
use crate::shown::Shown;

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

pub(crate) fn role(name: &str) -> RoleName {
    RoleName::new(name).unwrap()
}

pub(crate) fn group(name: &str) -> GroupName {
    GroupName::new(name).unwrap()
}

pub(crate) fn app(name: &str) -> AppName {
    AppName::new(name).unwrap()
}

pub(crate) fn module(name: &str) -> ModuleName {
    ModuleName::new(name).unwrap()
}

pub(crate) fn path(path: &str) -> ObjectPath {
    ObjectPath::new(path).unwrap()
}

/// The account ids of a list's members.
pub(crate) fn ids(members: &Value) -> Vec<String> {
    members.as_array().unwrap().iter().map(|member| member["account"].as_str().unwrap().to_owned()).collect()
}

/// A history as it is told: its entries and what they mean.
pub(crate) struct History {
    pub(crate) views: Views,
    pub(crate) entries: Vec<Entry>,
    clock: Instant,
    named: HashMap<&'static str, Position>,
    secrets: u64,
    read: Box<dyn Fn(Position) -> Option<Entry>>,
}

fn open(_: &AccountId, _: &'static str, sealed: &Sealed) -> Option<String> {
    sealed.as_clear().map(str::to_owned)
}

impl History {
    /// Nothing has happened.
    pub(crate) fn new() -> History {
        History {
            views: Views::default(),
            entries: Vec::new(),
            clock: Instant::parse("2026-01-05T09:00:00Z").unwrap(),
            named: HashMap::new(),
            secrets: 0,
            read: Box::new(|_| None),
        }
    }

    pub(crate) fn last(&self) -> Position {
        self.views.timeline.last()
    }

    /// Time passes.
    pub(crate) fn pass_to(&mut self, instant: &str) {
        self.clock = Instant::parse(instant).unwrap();
    }

    /// The next entry is called so.
    fn call(&mut self, name: &'static str) {
        self.named.insert(name, self.last());
    }

    pub(crate) fn named(&self, name: &str) -> Position {
        self.named[name]
    }

    /// The history as of a position.
    pub(crate) fn shown(&self, position: Position) -> Shown<'_> {
        self.shown_as_of(self.views.timeline.as_of(position))
    }

    pub(crate) fn shown_as_of(&self, as_of: AsOf) -> Shown<'_> {
        Shown { views: &self.views, as_of, open: &open, entry: &*self.read, places: Places::REAL, eyes: None }
    }

    pub(crate) fn view(&self, name: &str) -> Value {
        self.view_at(name, self.last())
    }

    pub(crate) fn view_at(&self, name: &str, position: Position) -> Value {
        crate::view(name, &self.shown(position)).unwrap()
    }

    pub(crate) fn view_on(&self, name: &str, instant: &str) -> Value {
        let clock = Instant::parse(instant).unwrap();
        let as_of = AsOf { position: self.views.timeline.position_at(clock), clock };
        crate::view(name, &self.shown_as_of(as_of)).unwrap()
    }

    /// An entry; every event has the same authority.
    pub(crate) fn add(
        &mut self,
        actor: Actor,
        authority: Option<Position>,
        reason: &str,
        events: Vec<Event>,
    ) -> Position {
        let events = events.into_iter().map(|event| Recorded { authority, command: 0, event }).collect();
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        let entry = Entry {
            actor,
            commands: vec![CommandNote { name: CommandName::new("command").unwrap(), reason }],
            events,
            ..Entry::bare(self.clock)
        };
        self.clock = self.clock.plus_minutes(1);
        self.push(entry)
    }

    pub(crate) fn push(&mut self, entry: Entry) -> Position {
        self.views.apply(&entry);
        self.entries.push(entry);
        let entries = self.entries.clone();
        self.read = Box::new(move |position| entries.get(usize::try_from(position.0).ok()?.checked_sub(1)?).cloned());
        self.last()
    }

    /// An account acts by the right that it has: MANAGER's is from the start, an Admin User's that of the grant.
    pub(crate) fn act(&mut self, id: &str, events: Vec<Event>) -> Position {
        self.act_because(id, "", events)
    }

    fn act_because(&mut self, id: &str, reason: &str, events: Vec<Event>) -> Position {
        let as_of = AsOf { position: self.last(), clock: self.clock };
        let who = self.views.account(&account(id));
        let listed = who.and_then(|who| self.views.admins.listed(who, as_of)).map(|(given, _)| given);
        let created = who.and_then(|who| self.views.credentials.created(who, as_of.position));
        let authority = listed.or(created).or(Some(Position(1)));
        self.add(Actor::Account { id: account(id), session: None }, authority, reason, events)
    }

    pub(crate) fn support(&mut self, events: Vec<Event>) -> Position {
        self.add(Actor::Support { operator: OperatorName::new("Sue").unwrap() }, None, "", events)
    }

    pub(crate) fn guest(&mut self, events: Vec<Event>) -> Position {
        self.add(Actor::Guest, None, "", events)
    }

    fn next_secret(&mut self) -> SecretVersion {
        self.secrets += 1;
        SecretVersion(self.secrets)
    }

    /// The version of an account's password.
    pub(crate) fn secret(&self, id: &str) -> SecretVersion {
        let who = self.views.account(&account(id)).unwrap();
        self.views.credentials.secret(who, self.last()).unwrap().1.version
    }

    pub(crate) fn signed_in(&mut self, id: &str, plane: SignInPlane) -> Event {
        Event::SignIn(SignInEvent::SignedIn {
            account: account(id),
            plane,
            client: Client::Browser,
            browser: 0,
            token: self.next_secret(),
            expires_at: self.clock.plus_minutes(720),
            expiration: None,
        })
    }

    pub(crate) fn sign_in(&mut self, id: &str, plane: SignInPlane) -> Position {
        let event = self.signed_in(id, plane);
        self.add(Actor::Account { id: account(id), session: None }, None, "", vec![event])
    }

    pub(crate) fn contact(id: &str, name: &str) -> Event {
        let email = SealedEmail { address: Sealed::clear(&format!("{id}@example.org")), valid: true };
        let details = ContactDetails {
            full_name: Change::Set(Sealed::clear(name)),
            email: Change::Set(email),
            ..ContactDetails::KEPT
        };
        Event::Contact(ContactEvent::ContactAdded { account: account(id), key: KeyId(0), details: Box::new(details) })
    }

    pub(crate) fn credentials(&mut self, id: &str, username: &str) -> Event {
        Event::Credentials(CredentialsEvent::CredentialsCreated {
            account: account(id),
            username: Username::new(username).unwrap(),
            user_class: UserClass::Full,
            email: None,
            secret: self.next_secret(),
            must_change: false,
        })
    }

    pub(crate) fn assign(id: &str, name: &str) -> Event {
        Event::Role(RoleEvent::RoleAssigned { account: account(id), role: role(name), until: None })
    }

    fn level(id: &str, name: &str) -> Event {
        Event::Role(RoleEvent::LevelSet { account: account(id), module: module(name), level: 8, until: None })
    }

    /// The tenant's first entry, with MANAGER.
    pub(crate) fn begun() -> History {
        let mut history = History::new();
        let created = TenantEvent::TenantCreated {
            cloud_id: CloudId::new("abcimis").unwrap(),
            edition: Edition::Cloud,
            customer: CustomerName::new("local").unwrap(),
            first_admin: None,
        };
        let mut events = vec![Event::Tenant(created)];
        for name in ["Customers", "System"] {
            events.push(Event::Tenant(TenantEvent::ModuleAdded { module: module(name) }));
        }
        for (slug, title) in [
            ("iemail-cloud", "iEmail Cloud"),
            ("idms-iimport", "iDMS iImport"),
            ("datastation", "DataStation"),
            ("cloud-sso", "Cloud SSO"),
        ] {
            let added = TenantEvent::AppAdded { app: app(slug), title: title.to_owned(), audience: Audience::Staff };
            events.push(Event::Tenant(added));
        }
        events.push(History::contact("manager", "MANAGER"));
        events.push(history.credentials("manager", "manager"));
        events.push(History::assign("manager", "SysAdmin"));
        events.extend(["Customers", "System"].map(|module| History::level("manager", module)));
        history.support(events);
        history
    }

    /// The organisation example, with the Background Account's own account `daemon` and the contact Mia, who cannot sign
    /// in.
    pub(crate) fn example() -> History {
        let mut history = History::begun();
        for slug in ["iemail-cloud", "idms-iimport", "datastation", "cloud-sso"] {
            let from = Date::parse("2026-01-01").unwrap();
            let status = SubscriptionStatus::Active;
            let recorded = TenantEvent::SubscriptionRecorded { app: app(slug), status, from, until: None };
            history.support(vec![Event::Tenant(recorded)]);
        }
        let licence = TenantEvent::LicenceRecorded { licence: Licence::ApiConnector, until: None };
        history.support(vec![Event::Tenant(licence)]);
        history.call("licence");
        let people = [
            ("daemon", "Background"),
            ("bob", "Bob S."),
            ("jeff", "Jeff T."),
            ("veronica", "Veronica W."),
            ("sarah", "Sarah E."),
            ("rebecca", "Rebecca N."),
        ];
        for (id, name) in people {
            let username = if id == "bob" { "bob.s" } else { id };
            let credentials = history.credentials(id, username);
            let events = vec![History::contact(id, name), credentials, History::assign(id, "RemoteService")];
            history.act("manager", events);
        }
        let sysadmin = ["Customers", "System"].map(|module| History::level("daemon", module));
        history.act("manager", [vec![History::assign("daemon", "SysAdmin")], sysadmin.to_vec()].concat());
        history.call("daemon is SysAdmin");
        history.act("manager", vec![History::contact("mia", "Mia M.")]);
        let signed_in = history.signed_in("bob", SignInPlane::Dashboard);
        let origin = AdminOrigin::FirstSignIn;
        let added = DashboardEvent::AdminAdded { account: account("bob"), until: None, origin };
        history.add(
            Actor::Account { id: account("bob"), session: None },
            None,
            "",
            vec![signed_in, Event::Dashboard(added)],
        );
        history.call("first sign-in");
        let origin = AdminOrigin::AdminUser;
        let added = DashboardEvent::AdminAdded { account: account("jeff"), until: None, origin };
        history.act_because("bob", "covers Bob's leave", vec![Event::Dashboard(added)]);
        history.call("jeff is admin");
        let secret = history.secret("daemon");
        let set = DashboardEvent::BackgroundAccountSet { account: account("daemon"), secret };
        history.act("jeff", vec![Event::Dashboard(set)]);
        history.call("background set");
        for (by, id, slug) in [
            ("jeff", "jeff", "datastation"),
            ("bob", "veronica", "cloud-sso"),
            ("bob", "sarah", "iemail-cloud"),
            ("bob", "sarah", "idms-iimport"),
            ("bob", "rebecca", "iemail-cloud"),
        ] {
            let assigned = DashboardEvent::AppUserAssigned { account: account(id), app: app(slug), until: None };
            history.act(by, vec![Event::Dashboard(assigned)]);
        }
        history
    }
}
