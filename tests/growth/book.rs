//! A tenant of so many accounts: each with credentials, a group, an organisation, a sign-in; some with an end ahead, some who
//! may do more. Everything that grows with the tenant grows with it.

use grantbook_decisions::{Catalogue, NewTenant, create_tenant};
use grantbook_events::{
    AccountId, Actor, AppName, Change, Client, CloudId, CommandName, CommandNote, ContactDetails, ContactEvent,
    CredentialsEvent, CustomerName, DashboardEvent, Edition, Entry, Event, GroupEvent, GroupName, Instant, KeyId,
    OperatorName, OrganisationEvent, OrganisationKind, OrganisationName, Recorded, ReviewEvent, ReviewName,
    ReviewScope, RoleEvent, RoleName, Sealed, SecretVersion, SignInEvent, SignInPlane, SubscriptionStatus, TenantEvent,
    UserClass, Username,
};
use grantbook_projections::{AsOf, Views};

/// One organisation for so many accounts, and one group for as many as there are groups.
const MEMBERS: u32 = 100;
const GROUPS: u32 = 20;

pub(crate) struct Book {
    pub(crate) views: Views,
    clock: Instant,
}

pub(crate) fn account(number: u32) -> AccountId {
    AccountId::new(&format!("account-{number:07}")).unwrap()
}

fn group(number: u32) -> GroupName {
    GroupName::new(&format!("Group {number}")).unwrap()
}

fn organisation(number: u32) -> OrganisationName {
    OrganisationName::new(&format!("Organisation {number}")).unwrap()
}

fn app() -> AppName {
    AppName::new("iemail-cloud").unwrap()
}

impl Book {
    /// With so many accounts, all of whom one system administrator brought in, who is one no more.
    pub(crate) fn of(accounts: u32) -> Book {
        let mut book = Book { views: Views::default(), clock: Instant::parse("2020-01-01T00:00:00Z").unwrap() };
        book.begins(accounts);
        for number in 0..accounts {
            book.welcomes(number);
        }
        for number in 0..accounts {
            book.signs_in(number);
        }
        for number in 0..GROUPS {
            let scope = ReviewScope::Group(group(number));
            book.by(
                "sue",
                vec![Event::from(ReviewEvent::ReviewOpened {
                    review: ReviewName::new(&format!("Review {number}")).unwrap(),
                    scope,
                    reviewers: vec![account(0), account(1)],
                    due: Instant::parse("2030-01-01T00:00:00Z").unwrap(),
                    since_review: None,
                })],
            );
        }
        let role = RoleName::new("SysAdmin").unwrap();
        book.by("manager", vec![Event::Role(RoleEvent::RoleRemoved { account: AccountId::new("sue").unwrap(), role })]);
        book
    }

    pub(crate) fn now(&self) -> AsOf {
        self.views.timeline.as_of(self.views.timeline.last())
    }

    fn entry(&mut self, actor: Actor, events: Vec<Event>) {
        let events = events.into_iter().map(|event| Recorded { authority: None, command: 0, event }).collect();
        let commands = vec![CommandNote { name: CommandName::new("command").unwrap(), reason: None }];
        self.clock = Instant::from_microseconds(self.clock.microseconds() + 60_000_000);
        self.views.apply(&Entry { actor, commands, events, ..Entry::bare(self.clock) });
    }

    fn by(&mut self, id: &str, events: Vec<Event>) {
        self.entry(Actor::Account { id: AccountId::new(id).unwrap(), session: None }, events);
    }

    fn begins(&mut self, accounts: u32) {
        let new = NewTenant {
            cloud_id: CloudId::new("growthimis").unwrap(),
            edition: Edition::Cloud,
            customer: CustomerName::new("local").unwrap(),
            first_admin: None,
            manager_name: Sealed::clear("MANAGER"),
            manager_email: None,
            secret: SecretVersion(1),
            further: Catalogue::default(),
        };
        let support = Actor::Support { operator: OperatorName::new("growth").unwrap() };
        self.entry(support.clone(), create_tenant(&new));
        self.entry(
            support,
            vec![Event::Tenant(TenantEvent::SubscriptionRecorded {
                app: app(),
                status: SubscriptionStatus::Active,
                from: grantbook_events::Date::parse("2020-01-01").unwrap(),
                until: None,
            })],
        );
        let sue = AccountId::new("sue").unwrap();
        let mut events = self.person(&sue, u64::MAX / 2, UserClass::Full);
        let role = |name| RoleName::new(name).unwrap();
        for name in ["SysAdmin", "RemoteService"] {
            let (account, role) = (sue.clone(), role(name));
            events.push(Event::Role(RoleEvent::RoleAssigned { account, role, until: None }));
        }
        let role = role("Reader");
        events.push(Event::Role(RoleEvent::RoleCreated { role, description: String::new() }));
        for number in 0..GROUPS {
            let (group, description) = (group(number), String::new());
            events.push(Event::Group(GroupEvent::GroupCreated { group, description }));
        }
        self.by("manager", events);
        for number in 0..accounts.div_ceil(MEMBERS) {
            let (organisation, full_name) = (organisation(number), format!("Organisation {number}"));
            let kind = OrganisationKind::Company;
            let created = OrganisationEvent::OrganisationCreated { organisation, kind, full_name };
            self.by("sue", vec![Event::Organisation(created)]);
        }
    }

    fn person(&self, id: &AccountId, number: u64, user_class: UserClass) -> Vec<Event> {
        let details = ContactDetails { full_name: Change::Set(Sealed::clear("Somebody")), ..ContactDetails::KEPT };
        vec![
            Event::Contact(ContactEvent::ContactAdded {
                account: id.clone(),
                key: KeyId(number + 1),
                details: Box::new(details),
            }),
            Event::Credentials(CredentialsEvent::CredentialsCreated {
                account: id.clone(),
                username: Username::new(id.as_str()).unwrap(),
                user_class,
                email: None,
                secret: SecretVersion(number + 2),
                must_change: true,
            }),
        ]
    }

    /// Every tenth is staff, every hundredth administers its company or holds a role with an end, every twentieth uses an app.
    fn welcomes(&mut self, number: u32) {
        let account = account(number);
        let class = if number.is_multiple_of(10) { UserClass::Full } else { UserClass::Public };
        let mut events = self.person(&account, u64::from(number), class);
        let until = number.is_multiple_of(100).then(|| Instant::parse("2040-01-01T00:00:00Z").unwrap());
        let (group, company) = (group(number % GROUPS), organisation(number / MEMBERS));
        events.push(Event::Group(GroupEvent::GroupMemberAdded { group, account: account.clone(), until }));
        events.push(Event::Organisation(OrganisationEvent::OrganisationMemberAdded {
            organisation: company.clone(),
            account: account.clone(),
            position: None,
            from: None,
            until: None,
        }));
        if number.is_multiple_of(100) {
            let role = RoleName::new("Reader").unwrap();
            events.push(Event::Role(RoleEvent::RoleAssigned { account: account.clone(), role, until }));
            events.push(Event::Organisation(OrganisationEvent::OrganisationAdminAssigned {
                organisation: company,
                account: account.clone(),
                until: None,
            }));
        }
        if number.is_multiple_of(20) {
            events.push(Event::Dashboard(DashboardEvent::AppUserAssigned { account, app: app(), until: None }));
        }
        self.by("sue", events);
    }

    /// Everybody changes the password that was set for them, and signs in.
    fn signs_in(&mut self, number: u32) {
        let account = account(number);
        let secret = SecretVersion(u64::from(number) + 10_000_000);
        let changed = CredentialsEvent::PasswordChanged { account: account.clone(), secret };
        let signed_in = SignInEvent::SignedIn {
            account: account.clone(),
            plane: SignInPlane::Platform,
            client: Client::Browser,
            browser: u64::from(number) + 1,
            token: SecretVersion(u64::from(number) + 20_000_000),
            expires_at: self.clock.plus_minutes(60),
            expiration: None,
        };
        self.by(account.as_str(), vec![Event::Credentials(changed)]);
        self.by(account.as_str(), vec![Event::SignIn(signed_in)]);
    }
}
