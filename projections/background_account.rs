//! The Background Account: which account it is and with which version of its password (chapter B).

use grantbook_events::{DashboardEvent, Position, SecretVersion, Username};
use serde::{Deserialize, Serialize};

use crate::credentials::Credentials;
use crate::history::{Facts, History};
use crate::names::Names;

/// What was set.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Background {
    /// The account number.
    pub account: u32,
    /// The version of the password that was verified.
    pub secret: SecretVersion,
    /// The username it had then.
    pub username: Option<Username>,
}

/// The Background Account of a tenant.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct BackgroundAccount {
    set: Facts<Background>,
}

const ONE: u32 = 0;

impl BackgroundAccount {
    pub(crate) fn apply(&mut self, names: &mut Names, credentials: &Credentials, at: Position, event: &DashboardEvent) {
        match event {
            DashboardEvent::BackgroundAccountSet { account, secret } => {
                let account = names.accounts.intern(account.as_str());
                let username = credentials.username(account, at).cloned();
                self.set.set(ONE, at, Background { account, secret: *secret, username });
            }
            // Who administers and who uses apps does not touch the connection.
            DashboardEvent::AdminAdded { .. }
            | DashboardEvent::AdminRemoved { .. }
            | DashboardEvent::AppUserAssigned { .. }
            | DashboardEvent::AppUserRemoved { .. }
            | DashboardEvent::AppUsed { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.set.retract(at);
    }

    /// What was set last, and by which entry; `None` until it is set (rule: B1).
    pub fn set(&self, position: Position) -> Option<(Position, &Background)> {
        self.set.change_at(ONE, position)
    }

    /// Everything that was ever set.
    pub fn history(&self) -> Option<&History<Background>> {
        self.set.history(ONE)
    }
}
