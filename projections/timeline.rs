//! When each entry happened and who acted: what turns an instant into a position, and a position into a person.

use grantbook_events::{
    AccountId, Actor, BookEvent, Entry, Event, Instant, KeepingEvent, OperatorName, Position, SignInEvent,
};
use serde::{Deserialize, Serialize};

use crate::history::AsOf;
use crate::names::Numbers;
use crate::packed::{Packed, index_of};

/// Who acted, by number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The ledger itself.
    System,
    /// Somebody not signed in.
    Guest,
    /// An account.
    Account(u32),
    /// A support operator.
    Support(u32),
}

/// What is kept of who acted in an entry, in one number: whether more than a sign-in happened, whether it is a line of an
/// import, and who.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark(u64);

impl Mark {
    const MOVES: u64 = 1;
    const IMPORTED: u64 = 2;
    const FLAGS: u32 = 2;

    fn new(by: By, imported: bool) -> Mark {
        let who = match by {
            By::System => 0,
            By::Guest => 1,
            By::Account(account) => 2 + 2 * u64::from(account),
            By::Support(operator) => 3 + 2 * u64::from(operator),
        };
        Mark(who << Mark::FLAGS | if imported { Mark::IMPORTED } else { 0 })
    }

    fn by(self) -> By {
        match self.0 >> Mark::FLAGS {
            0 => By::System,
            1 => By::Guest,
            who if who.is_multiple_of(2) => By::Account(((who - 2) / 2) as u32),
            who => By::Support(((who - 3) / 2) as u32),
        }
    }

    fn is(self, flag: u64) -> bool {
        self.0 & flag > 0
    }
}

/// The entries of a tenant in order.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Timeline {
    /// When each happened, as microseconds after the earliest instant.
    instants: Packed,
    marks: Packed,
    operators: Numbers,
}

impl Timeline {
    pub(crate) fn begin(&mut self, accounts: &mut Numbers, entry: &Entry) {
        let by = match &entry.actor {
            Actor::System => By::System,
            Actor::Guest => By::Guest,
            Actor::Account { id, .. } => By::Account(accounts.intern(id.as_str())),
            Actor::Support { operator } => By::Support(self.operators.intern(operator.as_str())),
        };
        self.instants.push(after_the_earliest(entry.at));
        self.marks.push(Mark::new(by, entry.import.is_some()).0);
    }

    pub(crate) fn go_on(&mut self, event: &Event) {
        if moves(event)
            && let Some(mark) = self.marks.last_mut()
        {
            *mark |= Mark::MOVES;
        }
    }

    pub(crate) fn retract(&mut self) {
        self.instants.pop();
        self.marks.pop();
    }

    /// The last position.
    pub fn last(&self) -> Position {
        Position(self.instants.len() as u64)
    }

    /// When the last entry happened; the earliest instant where there is none.
    pub fn last_at(&self) -> Instant {
        self.instants.last().map_or(Instant::EARLIEST, instant)
    }

    /// When the entry at `position` happened; the earliest instant for positions without an entry.
    pub fn at(&self, position: Position) -> Instant {
        index_of(position).and_then(|index| self.instants.get(index)).map_or(Instant::EARLIEST, instant)
    }

    /// The last position that happened not later than `instant`.
    pub fn position_at(&self, instant: Instant) -> Position {
        let until = after_the_earliest(instant);
        Position(self.instants.partition_point(|at| at <= until) as u64)
    }

    /// Who acted in the entry at `position`.
    pub fn by(&self, position: Position) -> By {
        self.mark(position).map_or(By::System, Mark::by)
    }

    /// The operator that a number stands for.
    pub fn operator(&self, number: u32) -> Option<OperatorName> {
        OperatorName::new(self.operators.text(number)).ok()
    }

    /// The number of an operator; `None` for one who never acted.
    pub fn operator_number(&self, operator: &OperatorName) -> Option<u32> {
        self.operators.get(operator.as_str())
    }

    /// The last entry after `position` that is more than a sign-in, a recorded refusal or a recorded read.
    pub fn moved_since(&self, position: Position) -> Option<Position> {
        let later = (position.0 + 1..=self.last().0).rev().map(Position);
        later.into_iter().find(|later| self.moves(*later))
    }

    /// Whether the entry at `position` is more than a sign-in, a recorded refusal or a recorded read.
    pub fn moves(&self, position: Position) -> bool {
        self.mark(position).is_some_and(|mark| mark.is(Mark::MOVES))
    }

    /// Whether the entry at `position` is a line of an import (rule: U6).
    pub fn imported(&self, position: Position) -> bool {
        self.mark(position).is_some_and(|mark| mark.is(Mark::IMPORTED))
    }

    /// As of a position, with the clock as it was then.
    pub fn as_of(&self, position: Position) -> AsOf {
        AsOf { position, clock: self.at(position) }
    }

    fn mark(&self, position: Position) -> Option<Mark> {
        self.marks.get(index_of(position)?).map(Mark)
    }
}

fn after_the_earliest(at: Instant) -> u64 {
    at.microseconds().abs_diff(Instant::EARLIEST.microseconds())
}

fn instant(after_the_earliest: u64) -> Instant {
    Instant::from_microseconds(Instant::EARLIEST.microseconds().saturating_add_unsigned(after_the_earliest))
}

/// The account that a number stands for, as an id.
pub(crate) fn account_id(accounts: &Numbers, number: u32) -> Option<AccountId> {
    AccountId::new(accounts.text(number)).ok()
}

/// Whether an event is more than a sign-in, a recorded refusal, a recorded read or a mail.
pub fn moves(event: &Event) -> bool {
    match event {
        Event::SignIn(event) => match event {
            SignInEvent::SignedIn { .. }
            | SignInEvent::SignInRefused { .. }
            | SignInEvent::SignInsRefused { .. }
            | SignInEvent::SessionEnded { .. }
            | SignInEvent::SecondFactorPassed { .. }
            | SignInEvent::EnrolmentOpened { .. } => false,
            SignInEvent::CredentialsLocked { .. } => true,
        },
        Event::Book(event) => match event {
            BookEvent::CommandRefused { .. }
            | BookEvent::CommandsRefused { .. }
            | BookEvent::HistoryRead { .. }
            // Nothing that is decided rests on a mail's being owed or having gone out, and a stranger can cause one.
            | BookEvent::NoticeOwed { .. }
            | BookEvent::NoticeHandedOver { .. } => false,
            BookEvent::SettingChanged { .. }
            | BookEvent::TextSettingChanged { .. }
            | BookEvent::CorrectionRecorded { .. }
            | BookEvent::ImportStarted { .. }
            | BookEvent::ImportFinished { .. } => true,
        },
        Event::Tenant(_)
        | Event::Contact(_)
        | Event::Credentials(_)
        | Event::Dashboard(_)
        | Event::Role(_)
        | Event::Group(_)
        | Event::Object(_)
        | Event::Installation(_)
        | Event::Organisation(_)
        | Event::Community(_)
        | Event::ContentAuthority(_)
        | Event::Query(_)
        | Event::Visibility(_)
        | Event::Separation(_)
        | Event::Review(_) => true,
        Event::Keeping(event) => match event {
            KeepingEvent::LegalHoldPlaced { .. }
            | KeepingEvent::LegalHoldLifted { .. }
            | KeepingEvent::ContactErased { .. }
            | KeepingEvent::StoreRestored { .. } => true,
            // A copy changes nothing of what it is a copy of.
            KeepingEvent::BackupTaken { .. } => false,
        },
        // What came of deliveries is nobody's act, and nothing is decided on it.
        Event::Webhook(event) => !event.is_outcome(),
        // Nothing that is decided rests on what happened by mail; what a reset did stands beside it.
        Event::Mail(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grantbook_events::Notice;

    // rule: P6
    #[test]
    fn nobody_who_forgot_a_username_moves_the_book() {
        let account = AccountId::manager();
        for notice in Notice::ALL {
            assert!(!moves(&Event::Book(BookEvent::NoticeOwed { account: account.clone(), notice: *notice })));
        }
        let position = Position(1);
        assert!(moves(&Event::Book(BookEvent::CorrectionRecorded { position, corrected_by: None })));
    }
}
