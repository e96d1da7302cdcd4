//! Module authorisation levels (rule: L1).

use grantbook_events::{Position, RoleEvent};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::AsOf;
use crate::holdings::Holdings;
use crate::names::Names;

/// The level that includes everything of its module.
pub const GREATEST_LEVEL: u8 = 8;

/// The levels of a tenant: account number, module number.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Levels {
    pub(crate) holdings: Holdings,
}

impl Levels {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &RoleEvent) {
        match event {
            RoleEvent::LevelSet { account, module, level, until } => {
                let (who, module) = (names.accounts.intern(account.as_str()), names.modules.intern(module.as_str()));
                self.holdings.set(who, module, at, Holding::held(*level, *until));
            }
            // Roles have a view of their own.
            RoleEvent::RoleCreated { .. }
            | RoleEvent::RoleEdited { .. }
            | RoleEvent::RoleDeleted { .. }
            | RoleEvent::RoleAssigned { .. }
            | RoleEvent::RoleRemoved { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.holdings.retract(at);
    }

    /// The level in force as of then, with the entry that set it; `None` for 0.
    pub fn level(&self, who: u32, module: u32, as_of: AsOf) -> Option<(Position, Holding)> {
        self.holdings.in_force(who, module, as_of)
    }

    /// The history of a level.
    pub fn history(&self, who: u32, module: u32) -> Option<&GrantHistory> {
        self.holdings.history(who, module)
    }

    /// Who has a level for a module as of a position, ends not looked at. Not in an order to show.
    pub fn holders(&self, module: u32, position: Position) -> impl Iterator<Item = (u32, Position, Holding)> {
        self.holdings.recorded_holders(module, position)
    }

    /// Everyone who ever had a level for a module.
    pub fn ever_holders(&self, module: u32) -> impl Iterator<Item = (u32, &GrantHistory)> {
        self.holdings.holders_of(module)
    }

    /// The modules that an account ever had a level for.
    pub fn modules_of(&self, who: u32) -> impl Iterator<Item = (u32, &GrantHistory)> {
        self.holdings.things_of(who)
    }

    /// Every level that there ever was: account, module. In the order of the accounts' numbers, not one to show.
    pub fn ever(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.holdings.all()
    }

    /// Those that ever had an end (rule: G10).
    pub fn ending(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.holdings.ending()
    }
}
