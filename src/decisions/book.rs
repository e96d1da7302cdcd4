//! Decisions on the book itself: settings, corrections, imports, refusals and reads to record (chapter U).

use grantbook_events::{
    AccountId, BookEvent, CommandName, Event, Instant, Position, ReadScope, RuleId, Setting, SignInEvent, TextSetting,
    Ticket,
};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::{BookCommand, setting_value};
use crate::refusal::Refusal;

pub(crate) fn decide(command: &BookCommand, case: &Case<'_>) -> Outcome {
    match command {
        BookCommand::SetSetting { setting, value } => set_setting(*setting, *value, case),
        BookCommand::SetTextSetting { setting, value } => set_text_setting(*setting, value, case),
        BookCommand::RecordCorrection { position, corrected_by } => record_correction(*position, *corrected_by, case),
    }
}

fn set_setting(setting: Setting, value: u32, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::SettingsUpdate, On::Nothing)?;
    if case.setting(setting) == value {
        let value = setting_value(setting, value);
        return Err(Refusal::conflict("S2", format!("`{setting}` is {value} already")));
    }
    Ok(vec![(authority, Event::Book(BookEvent::SettingChanged { setting, value }))])
}

fn set_text_setting(setting: TextSetting, value: &str, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::SettingsUpdate, On::Nothing)?;
    if case.views.settings.text(setting, case.now.position) == value {
        return Err(Refusal::conflict("S2", format!("`{setting}` says that already")));
    }
    let changed = BookEvent::TextSettingChanged { setting, value: value.to_owned() };
    Ok(vec![(authority, Event::Book(changed))])
}

/// Nothing in the book is changed: a wrong entry is annotated, and what set it right is pointed to (rule: U5).
fn record_correction(wrong: Position, corrected_by: Option<Position>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::LedgerCorrect, On::Nothing)?;
    let there = |position: Position| position > Position::START && position <= case.before.position;
    for position in [Some(wrong), corrected_by].into_iter().flatten() {
        if !there(position) {
            return Err(Refusal::not_found(format!("there is no entry at position {position}")));
        }
    }
    if corrected_by.is_some_and(|corrected_by| corrected_by <= wrong) {
        return Err(Refusal::conflict("U5", "what sets an entry right comes after it"));
    }
    Ok(vec![(authority, Event::Book(BookEvent::CorrectionRecorded { position: wrong, corrected_by }))])
}

/// The event that records a refused command (rule: U1).
pub fn refused(account: AccountId, command: &str, subject: Option<AccountId>, rule: &str) -> Option<Event> {
    let (command, rule) = (CommandName::new(command).ok()?, RuleId::new(rule).ok()?);
    Some(Event::Book(BookEvent::CommandRefused { account, command, subject, rule }))
}

/// The event that sums up further refused commands (rule: U1).
pub fn refused_again(account: AccountId, count: u32, from: Instant) -> Event {
    Event::Book(BookEvent::CommandsRefused { account, count, from })
}

/// The event that sums up further refused attempts at the doors (rule: C11).
pub fn stopped_again(account: AccountId, count: u32, from: Instant) -> Event {
    Event::SignIn(SignInEvent::SignInsRefused { account, count, from })
}

/// The event that records that others' history was read (rule: U3).
pub fn history_read(account: Option<AccountId>, scope: ReadScope) -> Event {
    Event::Book(BookEvent::HistoryRead { account, scope })
}

/// The event that starts an import (rule: U6).
pub fn import_started(ticket: Ticket, continues: Option<Position>) -> Event {
    Event::Book(BookEvent::ImportStarted { ticket, continues })
}

/// The event that finishes an import.
pub fn import_finished(started: Position, lines: u64, chain: u64, abandoned: bool) -> Event {
    Event::Book(BookEvent::ImportFinished { started, lines, chain, abandoned })
}

/// The event that a mail was handed over (rule: P8).
pub fn handed_over(account: AccountId, owed: Position) -> Event {
    Event::Book(BookEvent::NoticeHandedOver { account, owed })
}
