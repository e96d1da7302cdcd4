//! Admin Users: who is listed, since when, by whom (chapter F). Whether one is effective is for rights to say.

use grantbook_events::{AdminOrigin, DashboardEvent, Position};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Facts};
use crate::holdings::Holdings;
use crate::names::Names;

/// The Admin Users of a tenant.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Admins {
    pub(crate) holdings: Holdings,
    origin: Facts<AdminOrigin>,
}

/// There is one thing to hold here: being an Admin User.
const ADMIN: u32 = 0;

impl Admins {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &DashboardEvent) {
        match event {
            DashboardEvent::AdminAdded { account, until, origin } => {
                let who = names.accounts.intern(account.as_str());
                self.holdings.set(who, ADMIN, at, Holding::held(1, *until));
                self.origin.set(who, at, *origin);
            }
            DashboardEvent::AdminRemoved { account } => {
                self.holdings.set(names.accounts.intern(account.as_str()), ADMIN, at, Holding::NOT_HELD);
            }
            // Using an app or keeping the Background Account makes nobody an admin.
            DashboardEvent::AppUserAssigned { .. }
            | DashboardEvent::AppUserRemoved { .. }
            | DashboardEvent::AppUsed { .. }
            | DashboardEvent::BackgroundAccountSet { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.holdings.retract(at);
        self.origin.retract(at);
    }

    /// The grant that lists an account as of then, with the entry that gave it.
    pub fn listed(&self, who: u32, as_of: AsOf) -> Option<(Position, Holding)> {
        self.holdings.in_force(who, ADMIN, as_of)
    }

    /// The history of an account's being listed.
    pub fn history(&self, who: u32) -> Option<&GrantHistory> {
        self.holdings.history(who, ADMIN)
    }

    /// How an account became an Admin User.
    pub fn origin(&self, who: u32, position: Position) -> Option<AdminOrigin> {
        self.origin.at(who, position).copied()
    }

    /// Everyone who was ever made an Admin User up to `position`. Not in an order to show.
    pub fn ever(&self, position: Position) -> impl Iterator<Item = u32> {
        self.holdings.holders_of(ADMIN).filter(move |(_, history)| history.at(position).is_some()).map(|(who, _)| who)
    }

    /// Whether anyone was ever made an Admin User, in whatever way: that uses the first sign-in up (rules: F3, F4).
    pub fn any_ever(&self, position: Position) -> bool {
        self.ever(position).next().is_some()
    }

    /// The history of every Admin User's being listed. In the order of the accounts' numbers, not one to show.
    pub fn grants(&self) -> impl Iterator<Item = (u32, &GrantHistory)> {
        self.holdings.all().map(|(who, _, history)| (who, history))
    }

    /// Those that ever had an end (rule: G10).
    pub fn ending(&self) -> impl Iterator<Item = (u32, &GrantHistory)> {
        self.holdings.ending().map(|(who, _, history)| (who, history))
    }
}
