//! Reasons of random histories: a yes rests on each fact of its shortest reason, and what a no names would make it a yes.
//! Facts are taken away and supplied by entries, as people do it.

use grantbook_inquiries::{Asked, why};
use grantbook_ledger::events::{
    AccessRight, AccountId, AdminOrigin, AppName, Change, CommunityEvent, CommunityName, ContactCondition,
    ContactDetails, ContactEvent, ContentAuthorityEvent, ContentRight, CredentialsEvent, DashboardEvent, Date, Event,
    GroupEvent, GroupName, KeyId, Label, Licence, ModuleName, ObjectEvent, ObjectPath, OrganisationEvent,
    OrganisationKind, OrganisationName, Principal, QueryEvent, QueryName, Recorded, RoleEvent, RoleName, SecretVersion,
    SignInEvent, SubscriptionStatus, TenantEvent, UserClass, Username, VisibilityEvent,
};
use grantbook_projections::{AsOf, SystemRole, Views};
use grantbook_rights::{Capability, Fact, Node, NodeKind, On, Question, Standing, Who, explain, may};

use crate::histories::on_random_histories;
use crate::questions::{Told, some};
use crate::world::{PEOPLE, account};

/// The names that a question is about.
struct About<'a> {
    who: AccountId,
    question: Question<'a>,
}

impl About<'_> {
    fn target(&self) -> AccountId {
        let On::Account(Some(target)) = self.question.on else { panic!("on no account") };
        self.question.views.account_id(target).unwrap()
    }

    fn object(&self) -> ObjectPath {
        let On::Object(object) = self.question.on else { panic!("on no object") };
        ObjectPath::new(self.question.views.names.objects.text(object)).unwrap()
    }

    fn app(&self) -> AppName {
        let On::App(app) = self.question.on else { panic!("on no app") };
        AppName::new(self.question.views.names.apps.text(app)).unwrap()
    }

    fn organisation(&self) -> OrganisationName {
        let On::Organisation(organisation) = self.question.on else { panic!("on no organisation") };
        OrganisationName::new(self.question.views.names.organisations.text(organisation)).unwrap()
    }

    fn kind(&self) -> Option<OrganisationKind> {
        let On::Organisation(organisation) = self.question.on else { panic!("on no organisation") };
        let known = self.question.views.organisations.organisation(organisation, self.question.as_of.position)?;
        Some(known.kind)
    }

    fn community(&self) -> CommunityName {
        let On::Community(community) = self.question.on else { panic!("on no community") };
        CommunityName::new(self.question.views.names.communities.text(community)).unwrap()
    }

    fn query(&self) -> Option<QueryName> {
        let On::Object(object) = self.question.on else { panic!("on no query") };
        let (_, query) = self.question.views.queries.of_object(object, self.question.as_of.position)?;
        Some(query.name.clone())
    }

    fn class(&self, account: AccountId, user_class: UserClass) -> Vec<Event> {
        vec![Event::Credentials(CredentialsEvent::UserClassSet { account, user_class })]
    }

    fn day(&self, days: i32) -> Option<Date> {
        Some(Date::from_days(self.question.as_of.clock.date().days() + days))
    }

    /// What supplies a fact; `None` for what this test does not try.
    #[allow(clippy::wildcard_enum_match_arm, reason = "what is not supplied here is not tried")]
    fn supplied(&self, fact: Fact) -> Option<Vec<Event>> {
        let who = || self.who.clone();
        let group = |name: &str| GroupName::new(name).unwrap();
        Some(match fact {
            Fact::Exists => {
                let (key, details) = (KeyId(900), Box::new(ContactDetails::KEPT));
                vec![Event::Contact(ContactEvent::ContactAdded { account: who(), key, details })]
            }
            Fact::HasCredentials => vec![Event::Credentials(CredentialsEvent::CredentialsCreated {
                account: who(),
                username: Username::new("somebody-new").unwrap(),
                user_class: UserClass::Public,
                email: None,
                secret: SecretVersion(1),
                must_change: false,
            })],
            Fact::NotDisabled => vec![Event::Credentials(CredentialsEvent::AccountEnabled { account: who() })],
            Fact::Effective => {
                vec![Event::Credentials(CredentialsEvent::EffectiveDateSet { account: who(), date: self.day(-1) })]
            }
            Fact::NotExpired => {
                vec![Event::Credentials(CredentialsEvent::ExpirationDateSet { account: who(), date: self.day(9) })]
            }
            Fact::NotLocked => vec![Event::Credentials(CredentialsEvent::CredentialsUnlocked { account: who() })],
            Fact::Full => self.class(who(), UserClass::Full),
            Fact::NotFull | Fact::NotStaffInChapter => self.class(who(), UserClass::Casual),
            Fact::TargetNotStaff => self.class(self.target(), UserClass::Casual),
            Fact::Role(role) => vec![role_assigned(who(), role)],
            Fact::Level(module, level) => {
                let module = ModuleName::new(module).unwrap();
                vec![Event::Role(RoleEvent::LevelSet { account: who(), module, level, until: None })]
            }
            Fact::AdminListed => {
                let origin = AdminOrigin::AdminUser;
                vec![Event::Dashboard(DashboardEvent::AdminAdded { account: who(), until: None, origin })]
            }
            Fact::Member(name) => vec![joined(who(), group(name))],
            Fact::BackgroundAccount => {
                let secret = SecretVersion(1);
                vec![Event::Dashboard(DashboardEvent::BackgroundAccountSet { account: who(), secret })]
            }
            Fact::AppAssigned => {
                let app = self.app();
                vec![Event::Dashboard(DashboardEvent::AppUserAssigned { account: who(), app, until: None })]
            }
            Fact::AppLicensed => vec![self.subscription(SubscriptionStatus::Active)],
            Fact::Access(right) => vec![granted(self.object(), Principal::Account(who()), right)],
            Fact::OrganisationAdmin => {
                let (organisation, account) = (self.organisation(), who());
                let assigned = OrganisationEvent::OrganisationAdminAssigned { organisation, account, until: None };
                vec![Event::Organisation(assigned)]
            }
            Fact::MemberOfOrganisation => {
                let (organisation, account) = (self.organisation(), who());
                let (position, from, until) = (None, None, None);
                let added = OrganisationEvent::OrganisationMemberAdded { organisation, account, position, from, until };
                vec![Event::Organisation(added)]
            }
            Fact::LicensedAsChapter => {
                let licence = Licence::GroupAdminPlus;
                vec![Event::Tenant(TenantEvent::LicenceRecorded { licence, until: None })]
            }
            Fact::CommunityOpen => {
                let open = group("let in");
                let opened = CommunityEvent::CommunityOpened { community: self.community(), group: Some(open.clone()) };
                vec![Event::Community(opened), joined(who(), open)]
            }
            Fact::CommunityRight(right) => {
                let (community, principal) = (self.community(), Principal::Account(who()));
                let granted = CommunityEvent::CommunityRightGranted { community, right, principal, until: None };
                vec![Event::Community(granted)]
            }
            Fact::Content(right) => member_of_content_group(who(), vec![self.object()], vec![right]),
            Fact::ContentMember => member_of_content_group(who(), Vec::new(), vec![ContentRight::Read]),
            Fact::QueryViaApi => vec![self.via_api(true)?],
            Fact::IsMember => vec![self.member_type(Change::Set(Label::new("Regular").unwrap()))],
            Fact::VisibleTo(audience) => {
                let condition = ContactCondition::All(Vec::new());
                vec![Event::Visibility(VisibilityEvent::ContactVisibilityDefined { audience, condition })]
            }
            _ => return None,
        })
    }

    /// What takes a fact away; `None` for what this test does not try.
    #[allow(clippy::wildcard_enum_match_arm, reason = "what is not taken away here is not tried")]
    fn taken(&self, fact: Fact) -> Option<Vec<Event>> {
        let who = || self.who.clone();
        Some(match fact {
            Fact::Exists => vec![Event::Contact(ContactEvent::AccountRemoved { account: who() })],
            Fact::HasCredentials => vec![Event::Credentials(CredentialsEvent::CredentialsDeleted { account: who() })],
            Fact::NotDisabled => vec![Event::Credentials(CredentialsEvent::AccountDisabled { account: who() })],
            Fact::Effective => {
                vec![Event::Credentials(CredentialsEvent::EffectiveDateSet { account: who(), date: self.day(9) })]
            }
            Fact::NotExpired => {
                vec![Event::Credentials(CredentialsEvent::ExpirationDateSet { account: who(), date: self.day(-9) })]
            }
            Fact::NotLocked => {
                vec![Event::SignIn(SignInEvent::CredentialsLocked { account: who(), until: None })]
            }
            Fact::Full => self.class(who(), UserClass::Casual),
            Fact::NotFull => self.class(who(), UserClass::Full),
            Fact::TargetNotStaff => self.class(self.target(), UserClass::Full),
            Fact::TargetHoldsNothing => vec![role_assigned(self.target(), SystemRole::Auditor)],
            Fact::Role(role) => {
                let role = RoleName::new(role.name()).unwrap();
                vec![Event::Role(RoleEvent::RoleRemoved { account: who(), role })]
            }
            Fact::Level(module, _) => {
                let module = ModuleName::new(module).unwrap();
                vec![Event::Role(RoleEvent::LevelSet { account: who(), module, level: 0, until: None })]
            }
            Fact::AdminListed => vec![Event::Dashboard(DashboardEvent::AdminRemoved { account: who() })],
            Fact::Member(name) => {
                let group = GroupName::new(name).unwrap();
                vec![Event::Group(GroupEvent::GroupMemberRemoved { account: who(), group })]
            }
            Fact::AppAssigned => {
                vec![Event::Dashboard(DashboardEvent::AppUserRemoved { account: who(), app: self.app() })]
            }
            Fact::AppLicensed => vec![self.subscription(SubscriptionStatus::Ended)],
            // A first right of somebody else's own starts a setting that lets nobody else in (rule: N3).
            Fact::Access(_) => {
                let nobody = Principal::Account(AccountId::new("nobody-at-all").unwrap());
                let cleared = Event::Object(ObjectEvent::AccessCleared { object: self.object() });
                vec![cleared, granted(self.object(), nobody, AccessRight::Read)]
            }
            Fact::QueryViaApi => vec![self.via_api(false)?],
            Fact::IsMember => vec![self.member_type(Change::Cleared)],
            Fact::VisibleTo(audience) => {
                let condition = ContactCondition::Any(Vec::new());
                vec![Event::Visibility(VisibilityEvent::ContactVisibilityDefined { audience, condition })]
            }
            // What is no chapter needs no licence (rule: O19), and a company no membership (rule: O14).
            Fact::LicensedAsChapter if !self.kind()?.is_chapter() => return None,
            Fact::MemberOfOrganisation if self.kind()? == OrganisationKind::Company => return None,
            Fact::LicensedAsChapter => {
                let (licence, until) = (Licence::GroupAdminPlus, Some(self.question.as_of.clock.minus_days(1)));
                vec![Event::Tenant(TenantEvent::LicenceRecorded { licence, until })]
            }
            Fact::MemberOfOrganisation => {
                let (organisation, account) = (self.organisation(), who());
                vec![Event::Organisation(OrganisationEvent::OrganisationMemberRemoved { organisation, account })]
            }
            _ => return None,
        })
    }

    fn subscription(&self, status: SubscriptionStatus) -> Event {
        let from = self.question.as_of.clock.date();
        Event::Tenant(TenantEvent::SubscriptionRecorded { app: self.app(), status, from, until: None })
    }

    fn via_api(&self, via_api: bool) -> Option<Event> {
        let (personal_data, filtered_to_caller) = (None, None);
        let (query, via_api) = (self.query()?, Some(via_api));
        Some(Event::Query(QueryEvent::QueryEdited { query, via_api, personal_data, filtered_to_caller }))
    }

    fn member_type(&self, member_type: Change<Label>) -> Event {
        let details = Box::new(ContactDetails { member_type, ..ContactDetails::KEPT });
        Event::Contact(ContactEvent::ContactUpdated { account: self.who.clone(), details })
    }
}

fn role_assigned(account: AccountId, role: SystemRole) -> Event {
    let role = RoleName::new(role.name()).unwrap();
    Event::Role(RoleEvent::RoleAssigned { account, role, until: None })
}

fn joined(account: AccountId, group: GroupName) -> Event {
    Event::Group(GroupEvent::GroupMemberAdded { account, group, until: None })
}

fn granted(object: ObjectPath, principal: Principal, right: AccessRight) -> Event {
    Event::Object(ObjectEvent::AccessGranted { object, principal, right, until: None })
}

fn member_of_content_group(account: AccountId, covers: Vec<ObjectPath>, rights: Vec<ContentRight>) -> Vec<Event> {
    let group = GroupName::new("let in").unwrap();
    let created = ContentAuthorityEvent::ContentAuthorityGroupCreated { group: group.clone(), master: false, covers };
    let added = ContentAuthorityEvent::ContentAuthorityMemberAdded { group, account, rights, until: None };
    vec![Event::ContentAuthority(created), Event::ContentAuthority(added)]
}

/// The history with one more entry, at the instant that is asked about.
fn with(told: &Told, as_of: AsOf, events: Vec<Event>) -> (Views, AsOf) {
    let mut views = told.views().clone();
    let mut entry = told.world.entries.last().unwrap().clone();
    entry.at = as_of.clock;
    entry.events = events.into_iter().map(|event| Recorded { authority: None, command: 0, event }).collect();
    views.apply(&entry);
    let position = views.timeline.last();
    (views, AsOf { position, clock: as_of.clock })
}

/// Whether a tree holds where one fact does not.
fn holds_without(node: &Node, without: Fact) -> bool {
    match &node.kind {
        NodeKind::Fact { fact, .. } => node.holds && *fact != without,
        NodeKind::All(parts) => parts.iter().all(|part| holds_without(part, without)),
        NodeKind::Any(ways) => ways.iter().any(|way| holds_without(way, without)),
    }
}

/// Tries `check` on every account, with some of all there is to ask about, as of now.
fn on_questions(told: &Told, steps: &[crate::world::Step], check: &dyn Fn(&About<'_>, Capability)) {
    for id in PEOPLE {
        let views = told.views();
        let who = views.account(&account(id)).unwrap();
        for capability in some(Capability::ALL, steps, 30) {
            for on in some(&told.everything(capability), steps, 2) {
                let (who, standing, as_of) = (Who::Account(who), Standing::Fresh, told.world.now());
                let question = Question { views, who, standing, on, as_of };
                check(&About { who: account(id), question }, capability);
            }
        }
    }
}

// rules: U2, G9
#[test]
fn without_a_fact_of_the_shortest_reason_it_is_a_no_unless_there_is_another_way() {
    on_random_histories(16, 40, |steps| {
        let told = Told::of(steps);
        on_questions(&told, steps, &|about, capability| {
            let question = about.question;
            let found = told.ask(question.as_of, |shown| why(shown, &Asked { question, capability }));
            assert_eq!(found.allowed, may(&question, capability).allowed());
            assert_eq!(found.allowed, found.shortest.is_some());
            let Some(shortest) = found.shortest else { return };
            let node = explain(&question, capability);
            for leaf in &shortest.facts {
                assert!(leaf.fact.look(&question).holds, "{leaf:?}");
                let Some(events) = about.taken(leaf.fact) else { continue };
                let (views, as_of) = with(&told, question.as_of, events);
                let after = Question { views: &views, as_of, ..question };
                assert!(!leaf.fact.look(&after).holds, "{leaf:?} is not taken away");
                let other_way = holds_without(&node, leaf.fact);
                assert!(
                    other_way || !may(&after, capability).allowed(),
                    "{} {} on {:?} without {leaf:?}",
                    about.who,
                    capability.name(),
                    question.on
                );
            }
        });
    });
}

// rules: U2, C17, G2
#[test]
fn what_a_no_names_makes_it_a_yes() {
    on_random_histories(16, 40, |steps| {
        let told = Told::of(steps);
        on_questions(&told, steps, &|about, capability| {
            let question = about.question;
            let found = told.ask(question.as_of, |shown| why(shown, &Asked { question, capability }));
            for alternative in &found.would_do {
                let supplied: Option<Vec<Vec<Event>>> = {
                    let mut missing: Vec<Fact> = alternative.missing.iter().map(|missing| missing.fact).collect();
                    // Whoever is to have a class needs credentials first, and those a contact.
                    missing.sort_by_key(|fact| (*fact != Fact::Exists, *fact != Fact::HasCredentials));
                    missing.into_iter().map(|fact| about.supplied(fact)).collect()
                };
                let Some(supplied) = supplied else { continue };
                let (views, as_of) = with(&told, question.as_of, supplied.concat());
                let after = Question { views: &views, as_of, ..question };
                assert!(
                    may(&after, capability).allowed(),
                    "{} {} on {:?}: {:?} is not enough",
                    about.who,
                    capability.name(),
                    question.on,
                    alternative.missing
                );
            }
        });
    });
}
