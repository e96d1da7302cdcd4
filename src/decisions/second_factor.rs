//! Second factors (rule: S6): enrolled and confirmed by their holders, reset by a SysAdmin.
//!
//! What the ledger learns of a code comes in as a verdict with the code's time step; whether that step is used up, the book
//! says. A code is used once (RFC 6238, 5.2).

use grantbook_events::{AccountId, CredentialsEvent, Event, Position, RefusalCause, SessionEnd};
use grantbook_projections::SecondFactor;
use grantbook_rights::{Capability, On};

use crate::case::{Acting, Case, CodeCheck, Outcome};
use crate::refusal::Refusal;
use crate::sessions::end_sessions;

/// What a session that is for enrolling alone may do, for itself.
pub(crate) const TO_ENROL: [Capability; 2] = [Capability::CredentialsEnrolSecondFactor, Capability::AccountEndSession];

/// The step of an accepted code. Errors: why it is not accepted.
pub(crate) fn accepted(factor: &SecondFactor, code: Option<CodeCheck>) -> Result<u64, RefusalCause> {
    match code {
        None => Err(RefusalCause::CodeMissing),
        Some(CodeCheck::Wrong) => Err(RefusalCause::WrongCode),
        Some(CodeCheck::VaultMismatch) => Err(RefusalCause::VaultMismatch),
        Some(CodeCheck::Matched { step }) if step <= factor.used => Err(RefusalCause::CodeUsed),
        Some(CodeCheck::Matched { step }) => Ok(step),
    }
}

/// A new seed. It replaces one that was never confirmed; one that is asked for is reset by a SysAdmin alone, so that whoever
/// comes by an open session cannot put a device of their own in its place.
pub(crate) fn enrol(case: &Case<'_>) -> Outcome {
    let (account, factor, authority) = own(case)?;
    if factor.is_some_and(|factor| factor.confirmed) {
        let message = "your account has a second factor; where it is lost, a system administrator resets it";
        return Err(Refusal::conflict("S6", message));
    }
    let Some(secret) = case.outside.seed else {
        return Err(Refusal::malformed("S6", "seed", "expected a new seed made at random"));
    };
    Ok(vec![(authority, Event::Credentials(CredentialsEvent::SecondFactorEnrolled { account, secret }))])
}

/// The first code shows that the seed arrived. A wrong one is no guess at a secret of somebody else's, and counts nowhere.
pub(crate) fn confirm(case: &Case<'_>) -> Outcome {
    let (account, factor, authority) = own(case)?;
    let Some(factor) = factor else {
        return Err(Refusal::conflict("S6", "there is no second factor to confirm: enrol one first"));
    };
    if factor.confirmed {
        return Err(Refusal::conflict("S6", "your second factor is confirmed already"));
    }
    let step = accepted(&factor, case.outside.code).map_err(|_| {
        let message = "the code is not of the seed that was shown last, or not of now: codes change every 30 seconds, \
                       so look whether the clock of your device is right";
        Refusal::conflict("S6", message)
    })?;
    Ok(vec![(authority, Event::Credentials(CredentialsEvent::SecondFactorConfirmed { account, step }))])
}

/// A SysAdmin resets what somebody else lost; sessions that were opened with it end.
pub(crate) fn reset(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::CredentialsResetSecondFactor, case.on(account))?;
    let who = case.credentialed(account)?;
    if case.views.credentials.second_factor(who, case.now.position).is_none() {
        return Err(Refusal::conflict("S6", format!("`{account}` has no second factor")));
    }
    let mut events = end_sessions(case, who, None, SessionEnd::SecondFactorReset, authority);
    events.extend(ended(account, who, case, authority));
    Ok(events)
}

/// The event that ends an account's second factor, where it has one.
pub(crate) fn ended(
    account: &AccountId,
    who: u32,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Option<(Option<Position>, Event)> {
    case.views.credentials.second_factor(who, case.now.position)?;
    let reset = CredentialsEvent::SecondFactorReset { account: account.clone() };
    Some((authority, Event::Credentials(reset)))
}

/// Whoever acts for their own second factor: the account, the factor it has, and the authority.
fn own(case: &Case<'_>) -> Result<(AccountId, Option<SecondFactor>, Option<Position>), Refusal> {
    let Acting::Account { who, .. } = case.acting else {
        return Err(Refusal::forbidden("S6", "only an account that is signed in enrols a second factor of its own"));
    };
    let authority = case.require(Capability::CredentialsEnrolSecondFactor, On::Account(Some(who)))?;
    let Some(account) = case.views.account_id(who) else {
        return Err(Refusal::not_found("there is no such account"));
    };
    let factor = case.views.credentials.second_factor(who, case.now.position).map(|(_, factor)| factor);
    Ok((account, factor, authority))
}
