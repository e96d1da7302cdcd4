//! What an event gave, to whom, and whether that still holds.

use grantbook_events::{
    AccessRight, AccountId, AppName, CommunityEvent, CommunityName, CommunityRight, ContactEvent,
    ContentAuthorityEvent, CredentialsEvent, DashboardEvent, Event, GroupEvent, GroupName, ModuleName, ObjectEvent,
    ObjectPath, OrganisationEvent, OrganisationName, Position, Principal, RoleEvent, RoleName, UserClass,
};
use grantbook_projections::{AsOf, Cause, GrantHistory, History, Holding, Views};

use crate::sentences::principal_words;
use crate::shown::Shown;

/// Something that an event gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Given<'a> {
    /// To whom.
    pub to: Holder<'a>,
    /// What.
    pub what: Thing<'a>,
}

/// Who was given something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holder<'a> {
    /// An account.
    Account(&'a AccountId),
    /// Whoever a principal stands for.
    Principal(&'a Principal),
}

/// What can be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thing<'a> {
    /// That there is such a contact.
    Contact,
    /// Credentials to sign in with.
    Credentials,
    /// A user class.
    Class(UserClass),
    /// A role.
    Role(&'a RoleName),
    /// A level for a module.
    Level(&'a ModuleName, u8),
    /// Membership of a group.
    Group(&'a GroupName),
    /// The right of an Admin User.
    Admin,
    /// The use of an app.
    App(&'a AppName),
    /// To be the Background Account.
    Background,
    /// Membership of an organisation.
    Member(&'a OrganisationName),
    /// The right to administer an organisation.
    Organisation(&'a OrganisationName),
    /// Rights by a content authority group.
    Content(&'a GroupName),
    /// A right on an object.
    Access(&'a ObjectPath, AccessRight),
    /// A right in a community.
    Community(&'a CommunityName, CommunityRight),
}

/// Whether what was given still holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hold {
    /// It does, by the very entry that gave it.
    Still,
    /// It does not: an entry took it away or gave it anew, or the clock ended it.
    Ended(Option<Cause>),
}

/// What an event gave; `None` where it gave nothing to anybody.
#[allow(clippy::wildcard_enum_match_arm, reason = "what an event that is not named here does is no grant to anybody")]
pub fn given(event: &Event) -> Option<Given<'_>> {
    let account = |account, what| Some(Given { to: Holder::Account(account), what });
    match event {
        Event::Contact(ContactEvent::ContactAdded { account: to, .. }) => account(to, Thing::Contact),
        Event::Credentials(CredentialsEvent::CredentialsCreated { account: to, .. }) => account(to, Thing::Credentials),
        Event::Credentials(CredentialsEvent::UserClassSet { account: to, user_class }) => {
            account(to, Thing::Class(*user_class))
        }
        Event::Role(RoleEvent::RoleAssigned { account: to, role, .. }) => account(to, Thing::Role(role)),
        Event::Role(RoleEvent::LevelSet { account: to, module, level, .. }) if *level > 0 => {
            account(to, Thing::Level(module, *level))
        }
        Event::Group(GroupEvent::GroupMemberAdded { account: to, group, .. }) => account(to, Thing::Group(group)),
        Event::Dashboard(DashboardEvent::AdminAdded { account: to, .. }) => account(to, Thing::Admin),
        Event::Dashboard(DashboardEvent::AppUserAssigned { account: to, app, .. }) => account(to, Thing::App(app)),
        Event::Dashboard(DashboardEvent::BackgroundAccountSet { account: to, .. }) => account(to, Thing::Background),
        Event::Organisation(
            OrganisationEvent::OrganisationMemberAdded { organisation, account: to, .. }
            | OrganisationEvent::OrganisationMemberEdited { organisation, account: to, .. },
        ) => account(to, Thing::Member(organisation)),
        Event::Organisation(OrganisationEvent::OrganisationAdminAssigned { organisation, account: to, .. }) => {
            account(to, Thing::Organisation(organisation))
        }
        Event::ContentAuthority(ContentAuthorityEvent::ContentAuthorityMemberAdded { group, account: to, .. }) => {
            account(to, Thing::Content(group))
        }
        Event::Object(ObjectEvent::AccessGranted { object, principal, right, .. }) => {
            Some(Given { to: Holder::Principal(principal), what: Thing::Access(object, *right) })
        }
        Event::Community(CommunityEvent::CommunityRightGranted { community, right, principal, .. }) => {
            Some(Given { to: Holder::Principal(principal), what: Thing::Community(community, *right) })
        }
        _ => None,
    }
}

impl Given<'_> {
    /// Whether what the entry at `position` gave so still holds as of then.
    pub fn hold(&self, views: &Views, position: Position, as_of: AsOf) -> Hold {
        let Some(history) = self.history(views, position) else { return Hold::Ended(None) };
        match history {
            Found::Holding(history) => of_holding(views, history, position, as_of),
            Found::Entries(changes) => of_entries(&changes, position, as_of),
        }
    }

    fn history<'v>(&self, views: &'v Views, position: Position) -> Option<Found<'v>> {
        let names = &views.names;
        let who = match self.to {
            Holder::Account(account) => Some(views.account(account)?),
            Holder::Principal(_) => None,
        };
        let holding = |history: Option<&'v GrantHistory>| history.map(Found::Holding);
        match (self.what, who, self.to) {
            (Thing::Contact, Some(who), _) => views.accounts.existence(who).map(entries),
            (Thing::Credentials, Some(who), _) => views.credentials.creation(who).map(entries),
            (Thing::Class(_), Some(who), _) => views.credentials.classes(who).map(entries),
            (Thing::Role(role), Some(who), _) => {
                holding(views.roles.history(who, views.roles.number(names, role, position)?))
            }
            (Thing::Level(module, _), Some(who), _) => {
                holding(views.levels.history(who, names.modules.get(module.as_str())?))
            }
            (Thing::Group(group), Some(who), _) => {
                holding(views.groups.history(who, names.groups.get(group.as_str())?))
            }
            (Thing::Admin, Some(who), _) => holding(views.admins.history(who)),
            (Thing::App(app), Some(who), _) => holding(views.app_users.history(who, names.apps.get(app.as_str())?)),
            (Thing::Background, ..) => views.background.history().map(entries),
            (Thing::Member(organisation), Some(who), _) => {
                let number = names.organisations.get(organisation.as_str())?;
                holding(views.organisations.membership_history(who, number))
            }
            (Thing::Organisation(organisation), Some(who), _) => {
                let number = names.organisations.get(organisation.as_str())?;
                holding(views.organisations.administrator_history(who, number))
            }
            (Thing::Content(group), Some(who), _) => {
                let number = names.content_groups.get(group.as_str())?;
                // Each right is a grant of its own: the one that lasts longest speaks for all.
                let grants = views.content_authority.grants_of(who).filter(|(of, ..)| *of == number);
                let given = grants.map(|(.., history)| history).filter(|history| gave(history, position));
                holding(given.max_by_key(|history| next(history, position)))
            }
            (Thing::Access(object, right), _, Holder::Principal(principal)) => {
                holding(views.objects.history(names.objects.get(object.as_str())?, principal, right))
            }
            (Thing::Community(community, right), _, Holder::Principal(principal)) => {
                let number = names.communities.get(community.as_str())?;
                let mut granted = views.communities.ever_granted(number);
                holding(granted.find(|(of, to, _)| *of == right && *to == principal).map(|(.., history)| history))
            }
            (
                Thing::Contact
                | Thing::Credentials
                | Thing::Class(_)
                | Thing::Role(_)
                | Thing::Level(..)
                | Thing::Group(_)
                | Thing::Admin
                | Thing::App(_)
                | Thing::Member(_)
                | Thing::Organisation(_)
                | Thing::Content(_)
                | Thing::Access(..)
                | Thing::Community(..),
                ..,
            ) => None,
        }
    }

    /// What was given, in words: "the role SysAdmin".
    pub fn what_words(&self) -> String {
        match self.what {
            Thing::Contact => "a contact".to_owned(),
            Thing::Credentials => "credentials".to_owned(),
            Thing::Class(class) => format!("user class {class}"),
            Thing::Role(role) => format!("role {role}"),
            Thing::Level(module, level) => format!("level {level} for {module}"),
            Thing::Group(group) => format!("group {group}"),
            Thing::Admin => "Admin User".to_owned(),
            Thing::App(app) => format!("app {app}"),
            Thing::Background => "Background Account".to_owned(),
            Thing::Member(organisation) => format!("member of {organisation}"),
            Thing::Organisation(organisation) => format!("administrator of {organisation}"),
            Thing::Content(group) => format!("content authority group {group}"),
            Thing::Access(object, right) => format!("{right} on {object}"),
            Thing::Community(community, CommunityRight::CreateWiki) => format!("wikis in {community}"),
            Thing::Community(community, CommunityRight::Administer) => format!("administrator of {community}"),
        }
    }

    /// To whom, in words.
    pub(crate) fn holder_words(&self, shown: &Shown<'_>) -> String {
        match self.to {
            Holder::Account(account) => shown.called(account),
            Holder::Principal(principal) => principal_words(shown, principal),
        }
    }
}

/// What became of something that was given.
enum Found<'v> {
    Holding(&'v GrantHistory),
    /// The entries that set it one way or another.
    Entries(Vec<Position>),
}

fn entries<'v, T>(history: &'v History<T>) -> Found<'v> {
    Found::Entries(history.changes().map(|(set, _)| set).collect())
}

fn gave(history: &GrantHistory, position: Position) -> bool {
    history.change_at(position).is_some_and(|(set, holding)| set == position && holding.weight > 0)
}

/// The next entry that changed it; none is later than all.
fn next(history: &GrantHistory, position: Position) -> Position {
    history.changes().map(|(set, _)| set).find(|set| *set > position).unwrap_or(Position::GREATEST)
}

fn of_holding(views: &Views, history: &GrantHistory, position: Position, as_of: AsOf) -> Hold {
    let holding = history.change_at(position).filter(|(set, _)| *set == position).map(|(_, holding)| holding);
    let replaced = next(history, position);
    match holding {
        // It was taken again by the same entry, or only confirmed what an earlier one gave.
        None | Some(Holding { weight: 0, .. }) => Hold::Ended(Some(Cause::Entry(position))),
        Some(holding) => {
            let by_clock = holding.until().filter(|until| *until <= as_of.clock);
            match (replaced <= as_of.position, by_clock) {
                (false, None) => Hold::Still,
                (false, Some(until)) => Hold::Ended(Some(Cause::Clock(until))),
                // It was over before anybody touched it again.
                (true, Some(until)) if until <= views.timeline.at(replaced) => Hold::Ended(Some(Cause::Clock(until))),
                (true, _) => Hold::Ended(Some(Cause::Entry(replaced))),
            }
        }
    }
}

fn of_entries(changes: &[Position], position: Position, as_of: AsOf) -> Hold {
    match changes.iter().find(|set| **set > position).filter(|set| **set <= as_of.position) {
        Some(later) => Hold::Ended(Some(Cause::Entry(*later))),
        None => Hold::Still,
    }
}
