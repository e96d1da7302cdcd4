//! Decisions on contacts.

use grantbook_events::{
    AccountId, Change, ContactDetails, ContactEvent, Event, OrganisationEvent, OrganisationKind, OrganisationName,
    Position, ResetEnd, SessionEnd,
};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::ContactCommand;
use crate::mail::end_reset;
use crate::organisations::{ground, joined_without_paying};
use crate::refusal::Refusal;
use crate::sessions::end_sessions;

pub(crate) fn decide(command: &ContactCommand, case: &Case<'_>) -> Outcome {
    match command {
        ContactCommand::AddContact { account, details, organisation } => {
            add_contact(account, details, organisation.as_ref(), case)
        }
        ContactCommand::UpdateContact { account, details } => update_contact(account, details, case),
        ContactCommand::RemoveAccount { account } => remove_account(account, case),
    }
}

/// Staff add contacts (rule: S1), each under an id that was never given (rule: C15). So do administrators to their
/// organisations (rule: O2), without a check for duplicates (rule: O16): the membership is in the same entry.
fn add_contact(
    account: &AccountId,
    details: &ContactDetails,
    organisation: Option<&OrganisationName>,
    case: &Case<'_>,
) -> Outcome {
    let ground = match organisation {
        Some(name) => Some(ground(name, Capability::OrganisationAddContact, case)?),
        None => None,
    };
    let authority = match &ground {
        Some(ground) => ground.authority,
        None => case.require(Capability::ContactsAccess, On::Nothing)?,
    };
    if ground.is_some() {
        only_staff_label(details, "O2", case)?;
    }
    if let Some(ground) = &ground {
        joined_without_paying(ground.known)?;
    }
    if let Some(who) = case.views.account(account) {
        if case.views.accounts.exists(who, case.now.position) {
            let since = case.views.accounts.existence(who).and_then(|history| history.change_at(case.now.position));
            let names = (account.as_str(), account.as_str());
            return Err(Refusal::name_taken("C15", "an account", names, since.map(|(added, _)| added)));
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
    let mut events = vec![(authority, Event::Contact(added))];
    if let Some(ground) = &ground {
        let (organisation, account) = (ground.known.name.clone(), account.clone());
        let (position, from, until) = (None, None, None);
        let joined = OrganisationEvent::OrganisationMemberAdded { organisation, account, position, from, until };
        events.push((authority, Event::Organisation(joined)));
    }
    Ok(events)
}

/// What rights may depend on, member type and status (rule: N2), is for staff to say, not for administrators of
/// organisations.
fn only_staff_label(details: &ContactDetails, rule: &'static str, case: &Case<'_>) -> Result<(), Refusal> {
    let labels = details.member_type != Change::Kept || details.status != Change::Kept;
    if labels && !case.has(Capability::ContactsAccess, On::Nothing) {
        return Err(Refusal::forbidden(rule, "member type and status are for staff to set: rights may depend on them"));
    }
    Ok(())
}

/// The authority to edit a contact: that of staff (rule: S1), or of an administrator of an organisation that the contact is a
/// member of (rules: O3, O20); of several, the oldest.
fn may_edit(account: &AccountId, details: &ContactDetails, case: &Case<'_>) -> Result<Option<Position>, Refusal> {
    let as_staff = case.require(Capability::ContactsAccess, On::Nothing);
    let (Err(refused), Some(who)) = (&as_staff, case.views.account(account)) else { return as_staff };
    let organisations = &case.views.organisations;
    let shared =
        organisations.organisations_of(who).filter(|number| organisations.member(who, *number, case.now).is_some());
    let mut refused = refused.clone();
    let mut authority: Option<Position> = None;
    for number in shared {
        match case.require(Capability::OrganisationEditContact, On::Organisation(number)) {
            Ok(_) if details.email != Change::Kept && !addressed_by_administrators(who, number, case) => {
                let message = format!(
                    "administrators of a chapter change the email only of contacts whom they added to it, and who have \
                     no credentials: that of `{account}` is for staff, since whoever sets it may come in by it"
                );
                refused = Refusal::forbidden("O3", message);
            }
            Ok(given) => authority = [authority, given].into_iter().flatten().min(),
            Err(closer) => {
                let listed =
                    case.acting_account().and_then(|actor| organisations.administrator(actor, number, case.now));
                if listed.is_some() {
                    refused = closer;
                }
            }
        }
    }
    match authority {
        Some(_) => only_staff_label(details, "O3", case).map(|()| authority),
        None => Err(refused),
    }
}

/// Whether an organisation's administrators may say where a member is written to. Of a company, all members (rule: O3). A
/// chapter's members may be anybody: a payment or the contact's own wish makes one (rules: O18, O22), and a contact's email
/// leads to a username, or to credentials (rule: P6). So of those only who came to be by joining it, and is nobody else yet.
fn addressed_by_administrators(who: u32, organisation: u32, case: &Case<'_>) -> bool {
    let views = case.views;
    let position = case.now.position;
    match views.organisations.organisation(organisation, position).map(|known| known.kind) {
        Some(OrganisationKind::ChapterFee | OrganisationKind::ChapterNonFee) => {
            let added = views.accounts.existence(who).and_then(|there| there.change_at(position)).map(|(set, _)| set);
            let membership = views.organisations.membership_history(who, organisation);
            let joined = membership.and_then(|history| history.changes().next()).map(|(set, _)| set);
            added.is_some() && added == joined && views.credentials.created(who, position).is_none()
        }
        Some(OrganisationKind::Company | OrganisationKind::Committee) | None => true,
    }
}

/// Staff keep contacts (rule: S1), administrators those of their organisations (rule: O3). MANAGER's is the tenant's own, to which its password is delivered (rule: M3): whoever
/// could change where to would have it, so that is for SysAdmins like every credential email (rule: C13).
fn update_contact(account: &AccountId, details: &ContactDetails, case: &Case<'_>) -> Outcome {
    let authority = match case.is_manager(account) {
        true => case.require(Capability::CredentialsSetEmail, case.on(account))?,
        false => may_edit(account, details, case)?,
    };
    case.account(account)?;
    let updated = ContactEvent::ContactUpdated { account: account.clone(), details: Box::new(details.clone()) };
    Ok(vec![(authority, Event::Contact(updated))])
}

/// Removing an account ends its sessions (rule: C15); its grants give nothing from then on, since it is gone.
fn remove_account(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountRemove, case.on(account))?;
    let who = case.account(account)?;
    Ok(removal(account, who, authority, case))
}

/// What removing an account comes to.
pub(crate) fn removal(
    account: &AccountId,
    who: u32,
    authority: Option<Position>,
    case: &Case<'_>,
) -> Vec<(Option<Position>, Event)> {
    let mut events = end_sessions(case, who, None, SessionEnd::AccountGone, authority);
    events.extend(end_reset(account, who, ResetEnd::AccountGone, authority, case));
    events.push((authority, Event::Contact(ContactEvent::AccountRemoved { account: account.clone() })));
    events
}
