//! Decisions on what is kept: legal holds and the erasing of contacts.

use grantbook_events::{AccountId, Event, KeepingEvent};
use grantbook_rights::Capability;

use crate::case::{Acting, Case, Outcome};
use crate::command::{Command, KeepingCommand};
use crate::contacts::removal;
use crate::refusal::Refusal;

pub(crate) fn decide(command: &KeepingCommand, case: &Case<'_>) -> Outcome {
    match command {
        KeepingCommand::EraseContact { account } => erase_contact(account, case),
        KeepingCommand::PlaceLegalHold { account } => place_legal_hold(account, case),
        KeepingCommand::LiftLegalHold { account } => lift_legal_hold(account, case),
    }
}

/// Whether a command is taken in a tenant that is closed, too: people can ask to be erased for as long as something is kept
/// of them, and of a closed tenant that is for ever (rule: T7).
pub(crate) fn outlasts_closing(command: &Command, case: &Case<'_>) -> bool {
    case.acting == Acting::Support && matches!(command, Command::Keeping(KeepingCommand::EraseContact { .. }))
}

/// Erasing takes the person out of the book and leaves what was done: names and addresses are opened by nobody any more,
/// while every entry, right and proof stands (rule: U5). SysAdmins do it, and support, both with a ticket. An account that
/// is still there is removed by the same entry (rule: C15).
fn erase_contact(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = match case.acting {
        Acting::Support => {
            if case.is_manager(account) {
                return Err(Refusal::conflict("M2", "MANAGER is the tenant's own and is not erased"));
            }
            None
        }
        Acting::Imported { .. } => {
            let message = "an import records what was done elsewhere, and erases nobody here: give the command itself";
            return Err(Refusal::conflict("U6", message));
        }
        Acting::Guest | Acting::Account { .. } | Acting::Relayed => {
            case.require(Capability::AccountErase, case.on(account))?
        }
    };
    let who = known(account, case)?;
    let (keeping, position) = (&case.views.keeping, case.now.position);
    if let Some(placed) = keeping.held(who, position) {
        let message = format!(
            "`{account}` is under a legal hold since position {placed}: nothing is erased until `lift_legal_hold`"
        );
        return Err(Refusal::conflict("U5", message));
    }
    let mut events = match case.views.accounts.exists(who, position) {
        true => removal(account, who, authority, case),
        false => Vec::new(),
    };
    events.push((authority, Event::Keeping(KeepingEvent::ContactErased { account: account.clone() })));
    Ok(events)
}

/// A hold keeps a contact from being erased. An account that was removed has something to keep as well.
fn place_legal_hold(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountHold, case.on(account))?;
    let who = known(account, case)?;
    if let Some(placed) = case.views.keeping.held(who, case.now.position) {
        let message = format!("`{account}` is under a legal hold already, since position {placed}");
        return Err(Refusal::conflict("U5", message));
    }
    Ok(vec![(authority, Event::Keeping(KeepingEvent::LegalHoldPlaced { account: account.clone() }))])
}

fn lift_legal_hold(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountHold, case.on(account))?;
    let who = known(account, case)?;
    if case.views.keeping.held(who, case.now.position).is_none() {
        return Err(Refusal::conflict("U5", format!("`{account}` is under no legal hold")));
    }
    Ok(vec![(authority, Event::Keeping(KeepingEvent::LegalHoldLifted { account: account.clone() }))])
}

/// A contact of whom something is kept: it is there, or was removed. Errors: nobody ever was, or was erased.
fn known(account: &AccountId, case: &Case<'_>) -> Result<u32, Refusal> {
    let position = case.now.position;
    let who = case.views.account(account).filter(|who| case.views.accounts.ever_existed(*who, position));
    let who = who.ok_or_else(|| Refusal::not_found(format!("there never was an account `{account}`")))?;
    match case.views.keeping.erased(who, position) {
        None => Ok(who),
        Some(erased) => {
            Err(Refusal::conflict("C15", format!("`{account}` was erased by the entry at position {erased}")))
        }
    }
}

/// The event that records a backup, an operator's act.
pub fn backup_taken(entries: u64, digest: String) -> Event {
    Event::Keeping(KeepingEvent::BackupTaken { entries, digest })
}

/// The event that records that the store was restored from a copy, an operator's act.
pub fn store_restored(entries: u64, digest: String) -> Event {
    Event::Keeping(KeepingEvent::StoreRestored { entries, digest })
}
