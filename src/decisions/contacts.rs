//! Decisions on contacts.

use grantbook_events::{AccountId, Change, ContactDetails, ContactEvent, Event, ResetEnd, SessionEnd};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::ContactCommand;
use crate::mail::end_reset;
use crate::refusal::Refusal;
use crate::sessions::end_sessions;

pub(crate) fn decide(command: &ContactCommand, case: &Case<'_>) -> Outcome {
    match command {
        ContactCommand::AddContact { account, details } => add_contact(account, details, case),
        ContactCommand::UpdateContact { account, details } => update_contact(account, details, case),
        ContactCommand::RemoveAccount { account } => remove_account(account, case),
    }
}

/// Staff add contacts (rule: S1), each under an id that was never given (rule: C15).
fn add_contact(account: &AccountId, details: &ContactDetails, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::ContactsAccess, On::Nothing)?;
    if let Some(who) = case.views.account(account) {
        if case.views.accounts.exists(who, case.now.position) {
            return Err(Refusal::conflict("C15", format!("there is an account `{account}` already")));
        }
        if case.views.accounts.ever_existed(who, case.now.position) {
            let message = format!("the id `{account}` was a removed account's and is never given again");
            return Err(Refusal::conflict("C15", message));
        }
    }
    let Change::Set(full_name) = &details.full_name else {
        return Err(Refusal::malformed("C1", "full_name", "expected a full name"));
    };
    let added =
        ContactEvent::ContactAdded { account: account.clone(), key: full_name.key, details: Box::new(details.clone()) };
    Ok(vec![(authority, Event::Contact(added))])
}

/// Staff keep contacts (rule: S1). MANAGER's is the tenant's own, to which its password is delivered (rule: M3): whoever
/// could change where to would have it, so that is for SysAdmins like every credential email (rule: C13).
fn update_contact(account: &AccountId, details: &ContactDetails, case: &Case<'_>) -> Outcome {
    let authority = match case.is_manager(account) {
        true => case.require(Capability::CredentialsSetEmail, case.on(account))?,
        false => case.require(Capability::ContactsAccess, On::Nothing)?,
    };
    case.account(account)?;
    let updated = ContactEvent::ContactUpdated { account: account.clone(), details: Box::new(details.clone()) };
    Ok(vec![(authority, Event::Contact(updated))])
}

/// Removing an account ends its sessions (rule: C15); its grants give nothing from then on, since it is gone.
fn remove_account(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountRemove, case.on(account))?;
    let who = case.account(account)?;
    let mut events = end_sessions(case, who, None, SessionEnd::AccountGone, authority);
    events.extend(end_reset(account, who, ResetEnd::AccountGone, authority, case));
    events.push((authority, Event::Contact(ContactEvent::AccountRemoved { account: account.clone() })));
    Ok(events)
}
