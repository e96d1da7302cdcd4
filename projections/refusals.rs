//! Refusals: who tried what and was refused by which rule (rule: U1), and who was stopped at the doors (rule: C11).

use grantbook_events::{BookEvent, CommandName, Door, Instant, Position, RefusalCause, RuleId, SignInEvent};
use serde::{Deserialize, Serialize};

use crate::names::Names;

/// What was refused.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub enum Refused {
    /// A command.
    Command {
        /// Which.
        command: CommandName,
        /// On whom, as an account number.
        subject: Option<u32>,
        /// By which rule.
        rule: RuleId,
    },
    /// Further commands, summed up.
    Commands {
        /// How many.
        count: u32,
        /// When the first came.
        from: Instant,
    },
    /// A password.
    SignIn {
        /// At which door.
        door: Door,
        /// Why.
        because: RefusalCause,
    },
    /// Further passwords, summed up.
    SignIns {
        /// How many.
        count: u32,
        /// When the first came.
        from: Instant,
    },
}

/// A refusal as it was recorded.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Refusal {
    /// The entry that recorded it.
    pub position: Position,
    /// The number of the account that was refused.
    pub account: u32,
    /// What.
    pub refused: Refused,
}

/// The refusals of a tenant, oldest first.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Refusals {
    refusals: Vec<Refusal>,
}

impl Refusals {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &BookEvent) {
        match event {
            BookEvent::CommandRefused { account, command, subject, rule } => {
                let subject = subject.as_ref().map(|subject| names.accounts.intern(subject.as_str()));
                let refused = Refused::Command { command: command.clone(), subject, rule: rule.clone() };
                self.push(names, at, account.as_str(), refused);
            }
            BookEvent::CommandsRefused { account, count, from } => {
                self.push(names, at, account.as_str(), Refused::Commands { count: *count, from: *from });
            }
            // These refused nobody.
            BookEvent::SettingChanged { .. }
            | BookEvent::TextSettingChanged { .. }
            | BookEvent::HistoryRead { .. }
            | BookEvent::CorrectionRecorded { .. }
            | BookEvent::ImportStarted { .. }
            | BookEvent::ImportFinished { .. }
            | BookEvent::NoticeOwed { .. }
            | BookEvent::NoticeHandedOver { .. } => {}
        }
    }

    pub(crate) fn apply_sign_in(&mut self, names: &mut Names, at: Position, event: &SignInEvent) {
        match event {
            SignInEvent::SignInRefused { account, door, because } => {
                self.push(names, at, account.as_str(), Refused::SignIn { door: *door, because: *because });
            }
            SignInEvent::SignInsRefused { account, count, from } => {
                self.push(names, at, account.as_str(), Refused::SignIns { count: *count, from: *from });
            }
            // These refused nobody.
            SignInEvent::SignedIn { .. }
            | SignInEvent::CredentialsLocked { .. }
            | SignInEvent::SessionEnded { .. }
            | SignInEvent::SecondFactorPassed { .. }
            | SignInEvent::EnrolmentOpened { .. } => {}
        }
    }

    fn push(&mut self, names: &mut Names, position: Position, account: &str, refused: Refused) {
        self.refusals.push(Refusal { position, account: names.accounts.intern(account), refused });
    }

    pub(crate) fn retract(&mut self, at: Position) {
        while self.refusals.pop_if(|refusal| refusal.position == at).is_some() {}
    }

    /// The refusals recorded up to a position, oldest first.
    pub fn to(&self, position: Position) -> &[Refusal] {
        let later = self.refusals.partition_point(|refusal| refusal.position <= position);
        self.refusals.get(..later).unwrap_or_default()
    }
}
