//! Security roles: which there are and who holds them (chapter G).

use grantbook_events::{Position, RoleEvent, RoleName};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Cause, Facts, indexes};
use crate::holdings::Holdings;
use crate::names::Names;

/// A role of the platform itself: it can be neither deleted nor renamed (rule: G1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub enum SystemRole {
    /// Can do everything on the platform plane (rule: G9).
    SysAdmin,
    /// Given through the organisation rather than directly (rule: G5).
    CompanyAdministrator,
    /// Acts on behalf of others; class Full only (rule: G4).
    OnBehalfOf,
    /// Signs in to the dashboard and calls the API from applications (rules: R1, R2).
    RemoteService,
    /// Held by every account and by guests; computed (rule: G3).
    Everyone,
    /// Held by the members of a Master Admin group; computed (rule: G3).
    ContentAdministrator,
    /// Reads the whole history and reviews (rule: U3).
    Auditor,
}

impl SystemRole {
    /// All of them, in the order of their numbers.
    pub const ALL: [SystemRole; 7] = [
        SystemRole::SysAdmin,
        SystemRole::CompanyAdministrator,
        SystemRole::OnBehalfOf,
        SystemRole::RemoteService,
        SystemRole::Everyone,
        SystemRole::ContentAdministrator,
        SystemRole::Auditor,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            SystemRole::SysAdmin => "SysAdmin",
            SystemRole::CompanyAdministrator => "CompanyAdministrator",
            SystemRole::OnBehalfOf => "OnBehalfOf",
            SystemRole::RemoteService => "RemoteService",
            SystemRole::Everyone => "Everyone",
            SystemRole::ContentAdministrator => "Content Administrator",
            SystemRole::Auditor => "Auditor",
        }
    }

    /// The one of that name.
    pub fn named(role: &RoleName) -> Option<SystemRole> {
        SystemRole::ALL.into_iter().find(|system| system.name().eq_ignore_ascii_case(role.as_str()))
    }

    /// What it is for.
    pub fn description(self) -> &'static str {
        match self {
            SystemRole::SysAdmin => "does everything on the platform",
            SystemRole::CompanyAdministrator => "administers companies; better given through the organisation",
            SystemRole::OnBehalfOf => "carries out transactions on behalf of others",
            SystemRole::RemoteService => "signs in to the dashboard and calls the API from applications",
            SystemRole::Everyone => "held by everybody, guests included",
            SystemRole::ContentAdministrator => "held by the members of Master Admin content authority groups",
            SystemRole::Auditor => "reads and reviews the whole history",
        }
    }

    /// Whether it is computed and so never assigned (rule: G3).
    pub fn computed(self) -> bool {
        match self {
            SystemRole::Everyone | SystemRole::ContentAdministrator => true,
            SystemRole::SysAdmin
            | SystemRole::CompanyAdministrator
            | SystemRole::OnBehalfOf
            | SystemRole::RemoteService
            | SystemRole::Auditor => false,
        }
    }

    fn number(self) -> u32 {
        self as u32
    }
}

/// A role, by number. Renaming one leaves its number as it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, Serialize)]
pub struct RoleNumber(u32);

impl From<SystemRole> for RoleNumber {
    fn from(role: SystemRole) -> Self {
        RoleNumber(role.number())
    }
}

/// What is known of a custom role (rule: G6).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Role {
    /// Its name.
    pub name: RoleName,
    /// What it is for.
    pub description: String,
}

/// The roles of a tenant.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Roles {
    /// Custom roles, by number; `None` from when one was deleted.
    custom: Facts<Option<Role>>,
    /// Which role a name stands for, by the number of the name.
    called: Facts<Option<RoleNumber>>,
    pub(crate) holdings: Holdings,
    next: u32,
}

impl Default for Roles {
    fn default() -> Self {
        let next = u32::try_from(SystemRole::ALL.len()).unwrap_or(u32::MAX);
        Roles { custom: Facts::default(), called: Facts::default(), holdings: Holdings::default(), next }
    }
}

impl Roles {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &RoleEvent) {
        match event {
            RoleEvent::RoleCreated { role, description } => {
                let number = RoleNumber(self.next);
                self.next += 1;
                self.called.set(names.roles.intern(role.as_str()), at, Some(number));
                let state = Role { name: role.clone(), description: description.clone() };
                self.custom.set(number.0, at, Some(state));
            }
            RoleEvent::RoleEdited { role, new_name, description } => {
                let Some(number) = self.number(names, role, at) else { return };
                let Some(Some(state)) = self.custom.last(number.0) else { return };
                let mut state = state.clone();
                if let Some(name) = new_name {
                    self.called.set(names.roles.intern(role.as_str()), at, None);
                    self.called.set(names.roles.intern(name.as_str()), at, Some(number));
                    state.name = name.clone();
                }
                if let Some(description) = description {
                    state.description.clone_from(description);
                }
                self.custom.set(number.0, at, Some(state));
            }
            RoleEvent::RoleDeleted { role } => {
                let Some(number) = self.number(names, role, at) else { return };
                self.called.set(names.roles.intern(role.as_str()), at, None);
                self.custom.set(number.0, at, None);
            }
            RoleEvent::RoleAssigned { account, role, until } => {
                let Some(number) = self.number(names, role, at) else { return };
                let who = names.accounts.intern(account.as_str());
                self.holdings.set(who, number.0, at, Holding::held(1, *until));
            }
            RoleEvent::RoleRemoved { account, role } => {
                let Some(number) = self.number(names, role, at) else { return };
                self.holdings.set(names.accounts.intern(account.as_str()), number.0, at, Holding::NOT_HELD);
            }
            // Levels have a view of their own.
            RoleEvent::LevelSet { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Roles { custom, called, holdings, next: _ } = self;
        custom.retract(at);
        called.retract(at);
        holdings.retract(at);
    }

    /// The role that a name stands for as of a position.
    pub fn number(&self, names: &Names, role: &RoleName, position: Position) -> Option<RoleNumber> {
        if let Some(system) = SystemRole::named(role) {
            return Some(system.into());
        }
        self.called(names.roles.get(role.as_str())?, position)
    }

    /// The custom role that a name, by its number, stands for as of a position.
    pub fn called(&self, name: u32, position: Position) -> Option<RoleNumber> {
        *self.called.at(name, position)?
    }

    /// Whether names stand for the custom roles that are called so, and the next role gets a number that none ever had.
    pub fn agrees(&self, names: &Names) -> bool {
        let Roles { custom, called, holdings: _, next } = self;
        let first = SystemRole::ALL.len() as u32;
        let name_of = |role: &Role| names.roles.get(role.name.as_str());
        *next == custom.count().max(first) && indexes(called, |RoleNumber(number)| number, custom, name_of)
    }

    /// When it changed which role a name stands for.
    pub fn naming_points(&self, names: &Names, role: &RoleName, as_of: AsOf, into: &mut Vec<Cause>) {
        let called = names.roles.get(role.as_str()).and_then(|name| self.called.history(name)).into_iter();
        into.extend(called.flat_map(|history| history.changes_to(as_of.position)).map(|(set, _)| Cause::Entry(set)));
    }

    /// The system role that a number stands for.
    pub fn system(role: RoleNumber) -> Option<SystemRole> {
        SystemRole::ALL.into_iter().find(|system| system.number() == role.0)
    }

    /// What is known of a custom role, with the entry that last changed it.
    pub fn custom(&self, role: RoleNumber, position: Position) -> Option<(Position, &Role)> {
        let (set, role) = self.custom.change_at(role.0, position)?;
        Some((set, role.as_ref()?))
    }

    /// The entry that created a custom role.
    pub fn created(&self, role: RoleNumber, position: Position) -> Option<Position> {
        self.custom.history(role.0)?.changes_to(position).next().map(|(created, _)| created)
    }

    /// The name of a role as of a position.
    pub fn name(&self, role: RoleNumber, position: Position) -> Option<&str> {
        match Self::system(role) {
            Some(system) => Some(system.name()),
            None => self.custom(role, position).map(|(_, role)| role.name.as_str()),
        }
    }

    /// Every role there is as of a position: system roles first, then custom ones by name.
    pub fn all(&self, position: Position) -> Vec<RoleNumber> {
        let mut custom: Vec<_> = self
            .custom
            .keys()
            .filter_map(|number| Some((self.custom.at(number, position)?.as_ref()?, RoleNumber(number))))
            .collect();
        custom.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        let system = SystemRole::ALL.into_iter().map(RoleNumber::from);
        system.chain(custom.into_iter().map(|(_, number)| number)).collect()
    }

    /// The assignment of a role in force as of then, with the entry that gave it.
    pub fn held(&self, who: u32, role: RoleNumber, as_of: AsOf) -> Option<(Position, Holding)> {
        self.holdings.in_force(who, role.0, as_of)
    }

    /// The history of an assignment.
    pub fn history(&self, who: u32, role: RoleNumber) -> Option<&GrantHistory> {
        self.holdings.history(who, role.0)
    }

    /// Who has a role as of a position, ends not looked at. Not in an order to show.
    pub fn holders(&self, role: RoleNumber, position: Position) -> impl Iterator<Item = (u32, Position, Holding)> {
        self.holdings.recorded_holders(role.0, position)
    }

    /// Everyone who was ever given a role. Not in an order to show.
    pub fn ever_holders(&self, role: RoleNumber) -> impl Iterator<Item = (u32, &GrantHistory)> {
        self.holdings.holders_of(role.0)
    }

    /// The roles that an account was ever given.
    pub fn roles_of(&self, who: u32) -> impl Iterator<Item = (RoleNumber, &GrantHistory)> {
        self.holdings.things_of(who).map(|(role, history)| (RoleNumber(role), history))
    }

    /// Every assignment that there ever was: account, role. In the order of the accounts' numbers, not one to show.
    pub fn ever(&self) -> impl Iterator<Item = (u32, RoleNumber, &GrantHistory)> {
        self.holdings.all().map(|(who, role, history)| (who, RoleNumber(role), history))
    }

    /// Those that ever had an end (rule: G10).
    pub fn ending(&self) -> impl Iterator<Item = (u32, RoleNumber, &GrantHistory)> {
        self.holdings.ending().map(|(who, role, history)| (who, RoleNumber(role), history))
    }
}
