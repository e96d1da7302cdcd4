//! The sets of contacts that are visible to whom (rule: V1).

use grantbook_events::{ContactCondition, Position, VisibilityAudience, VisibilityEvent};
use serde::{Deserialize, Serialize};

use crate::accounts::Accounts;
use crate::history::{Facts, History};

/// The visible sets, by the number of their audience.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Visibility {
    sets: Facts<ContactCondition>,
}

impl Visibility {
    pub(crate) fn apply(&mut self, at: Position, event: &VisibilityEvent) {
        match event {
            VisibilityEvent::ContactVisibilityDefined { audience, condition } => {
                self.sets.set(*audience as u32, at, condition.clone());
            }
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.sets.retract(at);
    }

    /// The condition that defines an audience's set, with the entry that defined it; `None` while nobody did: then the set
    /// is empty.
    pub fn set(&self, audience: VisibilityAudience, position: Position) -> Option<(Position, &ContactCondition)> {
        self.sets.change_at(audience as u32, position)
    }

    /// How an audience's set was defined, entry by entry.
    pub fn history(&self, audience: VisibilityAudience) -> Option<&History<ContactCondition>> {
        self.sets.history(audience as u32)
    }

    /// Whether a contact is in an audience's set, and the entry that made it so: that which defined the set, or the later
    /// one that last told of the contact. Whoever was removed is in none.
    pub fn shows(
        &self,
        audience: VisibilityAudience,
        accounts: &Accounts,
        who: u32,
        position: Position,
    ) -> (bool, Option<Position>) {
        let Some((defined, condition)) = self.set(audience, position) else { return (false, None) };
        let shown = accounts.exists(who, position) && accounts.satisfies(who, condition, position);
        (shown, accounts.described(who, position).max(Some(defined)))
    }
}
