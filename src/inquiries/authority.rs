//! From a fact to the event that set it, to the authority it rests on, and so back to the tenant's start. Which event of
//! an entry set which fact is stated here and nowhere else.

use std::cmp::Reverse;

use grantbook_events::{
    AccessRight, AccountId, Actor, BookEvent, CommunityEvent, CommunityName, CommunityRight, ContactEvent,
    ContentAuthorityEvent, CredentialsEvent, DashboardEvent, Entry, Event, GroupEvent, Instant, Licence, ObjectEvent,
    ObjectPath, OrganisationEvent, Plane, Position, Principal, QueryEvent, RoleEvent, SignInEvent, TenantEvent,
    VisibilityEvent,
};
use grantbook_projections::{Cause, SystemRole};
use grantbook_rights::Fact;

use crate::sentences::sentence;
use crate::shown::Shown;

/// Who acted, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acted {
    /// `account`, `support`, `system` or `guest`.
    pub kind: &'static str,
    /// The account's id or the operator; none for the system and guests.
    pub id: Option<String>,
    /// The account's full name, opened.
    pub name: Option<String>,
}

/// One step of a chain of authority: an entry, and what it did that counts here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The entry.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// Who acted.
    pub actor: Acted,
    /// What was done, in a sentence that names people.
    pub sentence: String,
    /// The type of the event, such as `admin_added`.
    pub event: &'static str,
    /// The entry that it was done on the authority of; none at the end of the chain.
    pub authority: Option<Position>,
    /// The command.
    pub command: Option<String>,
    /// The reason that was given.
    pub reason: Option<String>,
    /// The ticket it rests on.
    pub ticket: Option<String>,
    /// The entry that started the import, where the entry was imported (rule: U6).
    pub import: Option<Position>,
    /// The entries that say that it is wrong, each with the one that set it right (rule: U5).
    pub corrections: Vec<(Position, Option<Position>)>,
}

/// What made a fact so, and the chain of authority behind it, newest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The entry, or the clock.
    pub cause: Cause,
    /// The steps; the first is the entry that recorded the fact (where the clock is the cause, the entry that set the
    /// date), the last rests on no other.
    pub chain: Vec<Step>,
}

/// What a fact is about, by name.
pub(crate) struct About<'a> {
    /// Who asks.
    pub(crate) who: Option<&'a AccountId>,
    /// The account that it acts on.
    pub(crate) target: Option<&'a AccountId>,
    /// The app.
    pub(crate) app: Option<&'a str>,
    /// The object whose own setting is in force.
    pub(crate) object: Option<&'a ObjectPath>,
    /// The organisation.
    pub(crate) organisation: Option<&'a str>,
    /// The community.
    pub(crate) community: Option<&'a CommunityName>,
}

/// Longer chains are cut: no history of people has one, and a damaged one must not hold the answer up.
const LONGEST_CHAIN: usize = 1_000;

/// The chain of authority from the event of the entry at `position` that `wanted` picks.
pub(crate) fn chain(shown: &Shown<'_>, position: Position, wanted: &dyn Fn(&Event) -> bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let Some(mut entry) = shown.read(position) else { return steps };
    let picked = entry.events.iter().rposition(|recorded| wanted(&recorded.event)).unwrap_or(0);
    let mut place = Place { position, index: picked };
    while steps.len() < LONGEST_CHAIN && place.index < entry.events.len() {
        steps.push(step_at(shown, place.position, &entry, place.index));
        let Some(authority) = authority_at(&entry, place) else { break };
        let Some(earlier) = shown.read(authority) else { break };
        let Some(ground) = rests_on(&entry, place, &earlier) else { break };
        (place, entry) = (ground, earlier);
    }
    steps
}

/// Where an event stands: the entry, and its index among that entry's events.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The entry.
    pub position: Position,
    /// From 0.
    pub index: usize,
}

/// The entry that an event names as its authority.
pub(crate) fn authority_at(entry: &Entry, place: Place) -> Option<Position> {
    let recorded = entry.events.get(place.index)?;
    recorded.authority.filter(|authority| *authority <= place.position)
}

/// Which event of `earlier`, the entry that an event names as its authority, gave the right that the event was done by.
pub(crate) fn rests_on(entry: &Entry, place: Place, earlier: &Entry) -> Option<Place> {
    let authority = authority_at(entry, place)?;
    let ground = Ground::of(&entry.events.get(place.index)?.event);
    // Within one entry what came before gave the right to what came after.
    let before = if authority == place.position { place.index } else { usize::MAX };
    let index = giving(earlier, before, actor_account(&entry.actor), ground);
    let found = Place { position: authority, index };
    (found < place).then_some(found)
}

/// The account that acted, where one did.
pub(crate) fn actor_account(actor: &Actor) -> Option<&AccountId> {
    match actor {
        Actor::Account { id, .. } => Some(id),
        Actor::System | Actor::Guest | Actor::Support { .. } => None,
    }
}

/// What kind of right an event was done by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// An Admin User's.
    Dashboard,
    /// What an account does for itself rests on its credentials.
    Own,
    /// Any other.
    Platform,
}

impl Ground {
    fn of(event: &Event) -> Ground {
        let own = matches!(
            event,
            Event::Credentials(
                CredentialsEvent::PasswordChanged { .. }
                    | CredentialsEvent::SecondFactorEnrolled { .. }
                    | CredentialsEvent::SecondFactorConfirmed { .. }
            ) | Event::SignIn(
                SignInEvent::SignedIn { .. }
                    | SignInEvent::SessionEnded { .. }
                    | SignInEvent::SecondFactorPassed { .. }
                    | SignInEvent::EnrolmentOpened { .. }
            )
        );
        match (own, event.plane() == Plane::Dashboard) {
            (true, _) => Ground::Own,
            (false, true) => Ground::Dashboard,
            (false, false) => Ground::Platform,
        }
    }
}

/// Which event of an entry gave `actor` a right of that kind: of those before the index `before`, the one that speaks
/// most of such a right.
fn giving(entry: &Entry, before: usize, actor: Option<&AccountId>, ground: Ground) -> usize {
    let candidates = entry.events.iter().enumerate().take(before);
    let weighed = candidates.map(|(index, recorded)| (gives(&recorded.event, actor, ground), Reverse(index)));
    weighed.max().map_or(0, |(_, Reverse(index))| index)
}

/// How much an event speaks of a right of that kind that `actor` used: 0 for nothing.
fn gives(event: &Event, actor: Option<&AccountId>, ground: Ground) -> u8 {
    let own = |account: &AccountId| Some(account) == actor;
    match event {
        Event::Dashboard(DashboardEvent::AdminAdded { account, .. }) if own(account) => match ground {
            Ground::Dashboard => 9,
            Ground::Platform => 4,
            Ground::Own => 1,
        },
        // It reports the use of apps (rule: A9).
        Event::Dashboard(DashboardEvent::BackgroundAccountSet { account, .. }) if own(account) => 7,
        Event::Role(RoleEvent::RoleAssigned { account, role, .. }) if own(account) => {
            let sysadmin = role.as_str().eq_ignore_ascii_case(SystemRole::SysAdmin.name());
            match ground {
                Ground::Platform if sysadmin => 9,
                Ground::Platform | Ground::Dashboard => 4,
                Ground::Own => 1,
            }
        }
        // Customers 4 lets staff act on credentials (rule: L2).
        Event::Role(RoleEvent::LevelSet { account, .. }) if own(account) => match ground {
            Ground::Platform => 5,
            Ground::Dashboard | Ground::Own => 1,
        },
        Event::Group(GroupEvent::GroupMemberAdded { account, .. }) if own(account) => 3,
        Event::Organisation(OrganisationEvent::OrganisationAdminAssigned { account, .. }) if own(account) => {
            match ground {
                Ground::Platform => 6,
                Ground::Dashboard | Ground::Own => 1,
            }
        }
        Event::Credentials(CredentialsEvent::CredentialsCreated { account, .. }) if own(account) => match ground {
            Ground::Own => 9,
            Ground::Platform | Ground::Dashboard => 3,
        },
        Event::Book(BookEvent::ImportStarted { .. }) => 8,
        // MANAGER is what it is from the start (rules: M1, F7).
        Event::Tenant(TenantEvent::TenantCreated { .. }) if ground == Ground::Dashboard => 6,
        Event::Tenant(_)
        | Event::Contact(_)
        | Event::Credentials(_)
        | Event::SignIn(_)
        | Event::Dashboard(_)
        | Event::Role(_)
        | Event::Group(_)
        | Event::Object(_)
        | Event::Book(_)
        | Event::Installation(_)
        | Event::Organisation(_)
        | Event::Community(_)
        | Event::ContentAuthority(_)
        | Event::Query(_)
        | Event::Visibility(_)
        | Event::Separation(_)
        | Event::Webhook(_)
        | Event::Keeping(_)
        | Event::Review(_)
        | Event::Mail(_) => 0,
    }
}

/// What the entry at `position` did that counts: the event that `wanted` picks, else its first.
pub(crate) fn step_of(shown: &Shown<'_>, position: Position, wanted: &dyn Fn(&Event) -> bool) -> Option<Step> {
    let entry = shown.read(position)?;
    let picked = entry.events.iter().rposition(|recorded| wanted(&recorded.event)).unwrap_or(0);
    Some(step_at(shown, position, &entry, picked))
}

/// What one event of an entry did.
pub(crate) fn step_at(shown: &Shown<'_>, position: Position, entry: &Entry, picked: usize) -> Step {
    let recorded = entry.events.get(picked);
    let command = recorded.and_then(|recorded| entry.commands.get(usize::try_from(recorded.command).ok()?));
    let sees = recorded.is_none_or(|recorded| shown.sees(entry, &recorded.event));
    Step {
        position,
        at: entry.at,
        actor: acted(shown, &entry.actor),
        sentence: recorded.map(|recorded| sentence(shown, &entry.actor, &recorded.event)).unwrap_or_default(),
        event: recorded.map_or("", |recorded| recorded.event.kind()),
        authority: recorded.and_then(|recorded| recorded.authority),
        command: command.map(|note| note.name.as_str().to_owned()),
        reason: command.filter(|_| sees).and_then(|note| note.reason.clone()),
        ticket: entry.ticket.as_ref().filter(|_| sees).map(|ticket| ticket.as_str().to_owned()),
        import: entry.import.as_ref().map(|note| note.started),
        corrections: shown.views.book.corrections(position, shown.position()).collect(),
    }
}

fn acted(shown: &Shown<'_>, actor: &Actor) -> Acted {
    let nobody = |kind| Acted { kind, id: None, name: None };
    match actor {
        Actor::System => nobody("system"),
        Actor::Guest => nobody("guest"),
        Actor::Account { id, .. } => {
            let name = shown.views.account(id).and_then(|who| shown.name(who));
            Acted { kind: "account", id: Some(id.as_str().to_owned()), name }
        }
        Actor::Support { operator } => Acted { kind: "support", id: Some(operator.as_str().to_owned()), name: None },
    }
}

/// Whether an event is one of those that set a fact.
pub(crate) fn sets(fact: Fact, about: &About<'_>, event: &Event) -> bool {
    let own = |account: &AccountId| Some(account) == about.who;
    let target = |account: &AccountId| Some(account) == about.target;
    match fact {
        Fact::Exists => existence(event).is_some_and(own),
        Fact::HasCredentials | Fact::TargetSelf => credentials(event).is_some_and(own),
        Fact::NotDisabled => disabling(event).or(credentials(event)).is_some_and(own),
        Fact::Effective => matches!(
            event, Event::Credentials(CredentialsEvent::EffectiveDateSet { account, .. }) if own(account)
        ),
        Fact::NotExpired => matches!(
            event,
            Event::Credentials(CredentialsEvent::ExpirationDateSet { account, .. })
                | Event::SignIn(SignInEvent::SignedIn { account, .. }) if own(account)
        ),
        Fact::NotLocked => matches!(
            event, Event::SignIn(SignInEvent::CredentialsLocked { account, .. }) if own(account)
        ),
        Fact::Full | Fact::NotFull => class(event).or(credentials(event)).is_some_and(own),
        Fact::TargetNotStaff => class(event).or(credentials(event)).is_some_and(target),
        Fact::Role(role) => {
            assignment(event).is_some_and(|(account, name)| own(account) && name.eq_ignore_ascii_case(role.name()))
        }
        Fact::Level(module, _) => {
            level(event).is_some_and(|(account, name)| own(account) && name.eq_ignore_ascii_case(module))
        }
        Fact::AdminListed => listing(event).is_some_and(own),
        Fact::Member(group) => {
            membership(event).is_some_and(|(account, name)| own(account) && name.eq_ignore_ascii_case(group))
        }
        Fact::Manager | Fact::NotManager | Fact::Edition2017 | Fact::TargetNotManager => {
            matches!(event, Event::Tenant(TenantEvent::TenantCreated { .. }))
        }
        Fact::BackgroundAccount => matches!(event, Event::Dashboard(DashboardEvent::BackgroundAccountSet { .. })),
        Fact::AppAssigned => app_use(event).is_some_and(|(account, app)| own(account) && same(about.app, app)),
        Fact::AppLicensed => matches!(
            event,
            Event::Tenant(TenantEvent::SubscriptionRecorded { app, .. }) if same(about.app, app.as_str())
        ),
        Fact::AppForAnyone => matches!(
            event, Event::Tenant(TenantEvent::AppAdded { app, .. }) if same(about.app, app.as_str())
        ),
        Fact::TargetHoldsNothing => grantee(event).is_some_and(target),
        Fact::TargetNotLeftDisabled => credentials(event).is_some_and(target),
        Fact::Access(_) => sets_access(about, None, event),
        Fact::TenantOpen => matches!(event, Event::Tenant(TenantEvent::TenantClosed { .. })),
        Fact::OrganisationAdmin => administration(event).is_some_and(|(account, _)| own(account)),
        Fact::MemberOfOrganisation | Fact::PrimaryOrganisation => {
            belonging(event).is_some_and(|(account, name)| own(account) && same(about.organisation, name))
        }
        Fact::NotStaffInChapter => class(event).or(credentials(event)).is_some_and(own),
        Fact::LicensedAsChapter => {
            matches!(event, Event::Tenant(TenantEvent::LicenceRecorded { licence: Licence::GroupAdminPlus, .. }))
                || created(about, event)
        }
        Fact::OrganisationGives(_) | Fact::OrganisationBilled => created(about, event),
        Fact::OfNoOtherCompany => belonging(event).is_some_and(|(account, _)| target(account)),
        Fact::CommunityOpen => membership(event).is_some_and(|(account, _)| own(account)) || opens(about, event),
        Fact::CommunityRight(right) => gives_in_community(about, right, event),
        Fact::Content(_) | Fact::ContentMember => content_membership(event).is_some_and(own),
        Fact::QueryViaApi => {
            matches!(event, Event::Query(QueryEvent::QueryCreated { .. } | QueryEvent::QueryEdited { .. }))
        }
        Fact::IsMember => sets_contact(about.who, event),
        Fact::VisibleTo(of) => {
            let defines = matches!(
                event,
                Event::Visibility(VisibilityEvent::ContactVisibilityDefined { audience, .. }) if *audience == of
            );
            defines || sets_contact(about.target, event)
        }
        Fact::TargetNotSelf | Fact::Never => false,
    }
}

/// Whether an event gave a right on the object whose setting is in force: a preconfigured set, or, where `grant` is
/// given, just that grant.
pub(crate) fn sets_access(about: &About<'_>, grant: Option<(&Principal, AccessRight)>, event: &Event) -> bool {
    let here = |object: &ObjectPath| Some(object) == about.object;
    match grant {
        Some((to, what)) => matches!(
            event,
            Event::Object(ObjectEvent::AccessGranted { object, principal, right, .. })
                if here(object) && principal == to && *right == what
        ),
        None => matches!(
            event,
            Event::Object(
                ObjectEvent::AccessSet { object, .. }
                | ObjectEvent::AccessGranted { object, .. }
                | ObjectEvent::AccessRevoked { object, .. }
                | ObjectEvent::AccessCleared { object }
            ) if here(object)
        ),
    }
}

/// Whether an event said whom the community is open to.
fn opens(about: &About<'_>, event: &Event) -> bool {
    matches!(
        event,
        Event::Community(
            CommunityEvent::CommunityCreated { community, .. }
            | CommunityEvent::CommunityOpened { community, .. }
            | CommunityEvent::CommunityClosed { community, .. }
        ) if Some(community) == about.community
    )
}

/// Whether an event gave a right in the community.
fn gives_in_community(about: &About<'_>, wanted: CommunityRight, event: &Event) -> bool {
    matches!(
        event,
        Event::Community(CommunityEvent::CommunityRightGranted { community, right, .. })
            if Some(community) == about.community && *right == wanted
    )
}

/// Whether an event made an account a member of a group, or took it out.
pub(crate) fn sets_membership(who: Option<&AccountId>, group: &str, event: &Event) -> bool {
    membership(event).is_some_and(|(account, name)| Some(account) == who && same(Some(group), name))
}

/// Whether an event gave or took a role.
pub(crate) fn sets_role(who: Option<&AccountId>, role: &str, event: &Event) -> bool {
    assignment(event).is_some_and(|(account, name)| Some(account) == who && same(Some(role), name))
}

/// Whether an event set the details of a contact.
pub(crate) fn sets_contact(who: Option<&AccountId>, event: &Event) -> bool {
    matches!(
        event,
        Event::Contact(ContactEvent::ContactAdded { account, .. } | ContactEvent::ContactUpdated { account, .. })
            if Some(account) == who
    )
}

fn same(one: Option<&str>, other: &str) -> bool {
    one.is_some_and(|one| one.to_lowercase() == other.to_lowercase())
}

fn existence(event: &Event) -> Option<&AccountId> {
    if let Event::Contact(ContactEvent::ContactAdded { account, .. } | ContactEvent::AccountRemoved { account }) = event
    {
        return Some(account);
    }
    None
}

fn credentials(event: &Event) -> Option<&AccountId> {
    if let Event::Credentials(
        CredentialsEvent::CredentialsCreated { account, .. } | CredentialsEvent::CredentialsDeleted { account },
    ) = event
    {
        return Some(account);
    }
    None
}

fn disabling(event: &Event) -> Option<&AccountId> {
    if let Event::Credentials(
        CredentialsEvent::AccountDisabled { account } | CredentialsEvent::AccountEnabled { account },
    ) = event
    {
        return Some(account);
    }
    None
}

fn class(event: &Event) -> Option<&AccountId> {
    if let Event::Credentials(CredentialsEvent::UserClassSet { account, .. }) = event {
        return Some(account);
    }
    None
}

fn assignment(event: &Event) -> Option<(&AccountId, &str)> {
    if let Event::Role(RoleEvent::RoleAssigned { account, role, .. } | RoleEvent::RoleRemoved { account, role }) = event
    {
        return Some((account, role.as_str()));
    }
    None
}

fn level(event: &Event) -> Option<(&AccountId, &str)> {
    if let Event::Role(RoleEvent::LevelSet { account, module, .. }) = event {
        return Some((account, module.as_str()));
    }
    None
}

fn listing(event: &Event) -> Option<&AccountId> {
    if let Event::Dashboard(DashboardEvent::AdminAdded { account, .. } | DashboardEvent::AdminRemoved { account }) =
        event
    {
        return Some(account);
    }
    None
}

fn membership(event: &Event) -> Option<(&AccountId, &str)> {
    if let Event::Group(
        GroupEvent::GroupMemberAdded { group, account, .. } | GroupEvent::GroupMemberRemoved { group, account },
    ) = event
    {
        return Some((account, group.as_str()));
    }
    None
}

/// Whom an event made a member of a content authority group, or took out of one.
fn content_membership(event: &Event) -> Option<&AccountId> {
    if let Event::ContentAuthority(
        ContentAuthorityEvent::ContentAuthorityMemberAdded { account, .. }
        | ContentAuthorityEvent::ContentAuthorityMemberRemoved { account, .. },
    ) = event
    {
        return Some(account);
    }
    None
}

/// Whether an event made an account a member of a content authority group, or took it out.
pub(crate) fn sets_content_membership(who: Option<&AccountId>, event: &Event) -> bool {
    content_membership(event).is_some_and(|account| Some(account) == who)
}

fn app_use(event: &Event) -> Option<(&AccountId, &str)> {
    if let Event::Dashboard(
        DashboardEvent::AppUserAssigned { account, app, .. } | DashboardEvent::AppUserRemoved { account, app },
    ) = event
    {
        return Some((account, app.as_str()));
    }
    None
}

fn administration(event: &Event) -> Option<(&AccountId, &str)> {
    if let Event::Organisation(
        OrganisationEvent::OrganisationAdminAssigned { organisation, account, .. }
        | OrganisationEvent::OrganisationAdminRemoved { organisation, account },
    ) = event
    {
        return Some((account, organisation.as_str()));
    }
    None
}

fn belonging(event: &Event) -> Option<(&AccountId, &str)> {
    if let Event::Organisation(
        OrganisationEvent::OrganisationMemberAdded { organisation, account, .. }
        | OrganisationEvent::OrganisationMemberEdited { organisation, account, .. }
        | OrganisationEvent::OrganisationMemberRemoved { organisation, account },
    ) = event
    {
        return Some((account, organisation.as_str()));
    }
    None
}

/// Whether an event created the organisation.
fn created(about: &About<'_>, event: &Event) -> bool {
    matches!(
        event,
        Event::Organisation(OrganisationEvent::OrganisationCreated { organisation, .. })
            if same(about.organisation, organisation.as_str())
    )
}

/// Who an event gave something to.
fn grantee(event: &Event) -> Option<&AccountId> {
    let held = assignment(event).or(level(event)).or(membership(event)).or(app_use(event));
    held.map(|(account, _)| account)
        .or(listing(event))
        .or(administration(event).map(|(account, _)| account))
        .or(content_membership(event))
        .or(named_alone(event))
}

/// The account that a right on an object or in a community was granted to, of its own.
fn named_alone(event: &Event) -> Option<&AccountId> {
    if let Event::Object(ObjectEvent::AccessGranted { principal: Principal::Account(account), .. })
    | Event::Community(CommunityEvent::CommunityRightGranted { principal: Principal::Account(account), .. }) = event
    {
        return Some(account);
    }
    None
}
