//! Decisions on credentials and user information (chapter C).

use grantbook_events::{
    AccountId, CredentialsEvent, Date, Event, Position, ResetEnd, RoleEvent, RoleName, SealedEmail, SessionEnd,
    SignInEvent, UserClass, Username,
};
use grantbook_projections::SystemRole;
use grantbook_rights::{Capability, On};

use crate::case::{Acting, Case, Outcome};
use crate::command::CredentialsCommand;
use crate::mail::end_reset;
use crate::refusal::Refusal;
use crate::second_factor;
use crate::sessions::{end_session, end_sessions, sign_out_everywhere};
use crate::sign_in::failed_attempt;

pub(crate) fn decide(command: &CredentialsCommand, case: &Case<'_>) -> Outcome {
    match command {
        CredentialsCommand::CreateCredentials { account, username, user_class, email } => {
            create_credentials(account, username, *user_class, email.as_ref(), case)
        }
        CredentialsCommand::ChangeUsername { account, username } => change_username(account, username, case),
        CredentialsCommand::SetCredentialEmail { account, email } => {
            set_credential_email(account, email.as_ref(), case)
        }
        CredentialsCommand::DeleteCredentials { account } => delete_credentials(account, case),
        CredentialsCommand::SetPassword { account } => set_password(account, case),
        CredentialsCommand::ChangeOwnPassword => change_own_password(case),
        CredentialsCommand::UnlockCredentials { account } => unlock_credentials(account, case),
        CredentialsCommand::SetUserClass { account, user_class } => set_user_class(account, *user_class, case),
        CredentialsCommand::DisableAccount { account } => disable_account(account, case),
        CredentialsCommand::EnableAccount { account } => enable_account(account, case),
        CredentialsCommand::SetEffectiveDate { account, date } => set_effective_date(account, *date, case),
        CredentialsCommand::SetExpirationDate { account, date } => set_expiration_date(account, *date, case),
        CredentialsCommand::EnrolSecondFactor => second_factor::enrol(case),
        CredentialsCommand::ConfirmSecondFactor => second_factor::confirm(case),
        CredentialsCommand::ResetSecondFactor { account } => second_factor::reset(account, case),
        CredentialsCommand::EndSession { session: None, account: Some(account) } => sign_out_everywhere(account, case),
        CredentialsCommand::EndSession { session, account } => end_session(*session, account.as_ref(), case),
    }
}

fn one(authority: Option<Position>, event: CredentialsEvent) -> Outcome {
    Ok(vec![(authority, Event::Credentials(event))])
}

/// SysAdmins create credentials, staff with Customers 4 those of other classes than Full (rules: C3, C8, C17). Whoever is handed
/// the password must change it first (rule: C16).
fn create_credentials(
    account: &AccountId,
    username: &Username,
    user_class: UserClass,
    email: Option<&SealedEmail>,
    case: &Case<'_>,
) -> Outcome {
    let secret = case.new_password("password")?;
    let authority = case.require(Capability::CredentialsCreate, case.on(account))?;
    if user_class == UserClass::Full && !case.has(Capability::AccountSetClass, On::Nothing) {
        return Err(Refusal::forbidden("C3", "staff create credentials of class public or casual only"));
    }
    let who = case.account(account)?;
    if let Some(username) = case.views.credentials.username(who, case.now.position) {
        return Err(Refusal::conflict("C1", format!("`{account}` has credentials already: `{username}`")));
    }
    case.free_username(username, who)?;
    one(
        authority,
        CredentialsEvent::CredentialsCreated {
            account: account.clone(),
            username: username.clone(),
            user_class,
            email: email.cloned(),
            secret,
            must_change: true,
        },
    )
}

/// SysAdmins rename (rule: C3), to a name that nobody has (rule: C2).
fn change_username(account: &AccountId, username: &Username, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::CredentialsRename, case.on(account))?;
    let who = case.credentialed(account)?;
    if case.views.credentials.username(who, case.now.position) == Some(username) {
        return Err(Refusal::conflict("C2", format!("`{account}` has the username `{username}` already")));
    }
    case.free_username(username, who)?;
    one(authority, CredentialsEvent::UsernameChanged { account: account.clone(), username: username.clone() })
}

/// The email of credentials lives on its own (rule: C4); a SysAdmin's must stay valid (rule: G2).
fn set_credential_email(account: &AccountId, email: Option<&SealedEmail>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::CredentialsSetEmail, case.on(account))?;
    let who = case.credentialed(account)?;
    if case.holds(who, SystemRole::SysAdmin) && !email.is_some_and(|email| email.valid) {
        return Err(Refusal::conflict("G2", format!("`{account}` holds SysAdmin, which needs a valid email")));
    }
    let mut events: Vec<_> = end_reset(account, who, ResetEnd::EmailChanged, authority, case).into_iter().collect();
    let set = CredentialsEvent::CredentialEmailSet { account: account.clone(), email: email.cloned() };
    events.push((authority, Event::Credentials(set)));
    Ok(events)
}

/// Deleting credentials ends sessions, the second factor and what only class Full has.
fn delete_credentials(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::CredentialsDelete, case.on(account))?;
    let who = case.credentialed(account)?;
    let mut events = end_sessions(case, who, None, SessionEnd::AccountGone, authority);
    events.extend(end_reset(account, who, ResetEnd::AccountGone, authority, case));
    events.extend(end_what_full_has(account, who, case, authority));
    events.extend(second_factor::ended(account, who, case, authority));
    let deleted = CredentialsEvent::CredentialsDeleted { account: account.clone() };
    events.push((authority, Event::Credentials(deleted)));
    Ok(events)
}

/// A password set by somebody else opens nothing but the door to change it (rule: C16), and ends the sessions that the
/// one before had opened.
fn set_password(account: &AccountId, case: &Case<'_>) -> Outcome {
    let secret = case.new_password("password")?;
    let authority = case.require(Capability::CredentialsSetPassword, case.on(account))?;
    let who = case.credentialed(account)?;
    let mut events = end_sessions(case, who, None, SessionEnd::PasswordChanged, authority);
    events.extend(end_reset(account, who, ResetEnd::PasswordChanged, authority, case));
    let set = CredentialsEvent::PasswordSet { account: account.clone(), secret, must_change: true };
    events.push((authority, Event::Credentials(set)));
    Ok(events)
}

/// Everyone changes their own password, MANAGER aside (rules: C16, M2); other sessions end.
fn change_own_password(case: &Case<'_>) -> Outcome {
    let secret = case.new_password("new")?;
    let Acting::Account { who, session } = case.acting else {
        return Err(Refusal::forbidden("C16", "only an account that is signed in has a password of its own"));
    };
    let authority = case.require(Capability::CredentialsChangeOwnPassword, On::Account(Some(who)))?;
    let Some(account) = case.views.account_id(who) else {
        return Err(Refusal::not_found("there is no such account"));
    };
    changed_password(&account, who, secret, Some(session), case, authority)
}

/// What a change of one's own password does, at either door, once the old one was looked at.
pub(crate) fn changed_password(
    account: &AccountId,
    who: u32,
    secret: grantbook_events::SecretVersion,
    session: Option<Position>,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    failed_attempt(account, who, grantbook_events::Door::ChangePassword, case)?;
    if case.outside.same_password {
        let message = "expected a password other than the one until now, which somebody else may know";
        return Err(Refusal::malformed("C16", "new", message));
    }
    let mut events = end_sessions(case, who, session, SessionEnd::PasswordChanged, authority);
    events.extend(end_reset(account, who, ResetEnd::PasswordChanged, authority, case));
    let changed = CredentialsEvent::PasswordChanged { account: account.clone(), secret };
    events.push((authority, Event::Credentials(changed)));
    Ok(events)
}

/// SysAdmins unlock anyone, staff with Customers 4 those who are not staff, nobody themselves (rule: C7).
fn unlock_credentials(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::CredentialsUnlock, case.on(account))?;
    unlocked(account, case, authority)
}

/// What unlocking does, once the actor's right is known.
pub(crate) fn unlocked(account: &AccountId, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let who = case.credentialed(account)?;
    if case.views.credentials.locked(who, case.now).is_none() {
        return Err(Refusal::conflict("C6", format!("the credentials of `{account}` are not locked")));
    }
    one(authority, CredentialsEvent::CredentialsUnlocked { account: account.clone() })
}

/// SysAdmins set the class (rule: C13). Leaving class Full ends what only it has, in the same entry (rule: C12).
fn set_user_class(account: &AccountId, user_class: UserClass, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountSetClass, case.on(account))?;
    let who = case.credentialed(account)?;
    if case.views.credentials.class(who, case.now.position).is_some_and(|(_, class)| class == user_class) {
        return Err(Refusal::conflict("C12", format!("`{account}` has the class {user_class} already")));
    }
    let mut events = Vec::new();
    if case.full(who) {
        events = end_what_full_has(account, who, case, authority);
    }
    let set = CredentialsEvent::UserClassSet { account: account.clone(), user_class };
    events.push((authority, Event::Credentials(set)));
    Ok(events)
}

/// The events that end levels, staff access and OnBehalfOf (rules: C12, G2, G4, L1).
fn end_what_full_has(
    account: &AccountId,
    who: u32,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Vec<(Option<Position>, Event)> {
    let mut events = Vec::new();
    for (module, name) in case.views.tenant.modules(case.now.position) {
        if case.views.levels.level(who, module, case.now).is_some() {
            let ended = RoleEvent::LevelSet { account: account.clone(), module: name.clone(), level: 0, until: None };
            events.push((authority, Event::Role(ended)));
        }
    }
    for role in [SystemRole::SysAdmin, SystemRole::OnBehalfOf] {
        if let (true, Ok(name)) = (case.holds(who, role), RoleName::new(role.name())) {
            let ended = RoleEvent::RoleRemoved { account: account.clone(), role: name };
            events.push((authority, Event::Role(ended)));
        }
    }
    events
}

/// A disabled account cannot be used (rule: C8); its sessions end.
fn disable_account(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountDisable, case.on(account))?;
    let who = case.credentialed(account)?;
    if case.views.credentials.disabled(who, case.now.position).1 {
        return Err(Refusal::conflict("C8", format!("`{account}` is disabled already")));
    }
    let mut events = end_sessions(case, who, None, SessionEnd::Ended, authority);
    events.extend(end_reset(account, who, ResetEnd::Disabled, authority, case));
    events.push((authority, Event::Credentials(CredentialsEvent::AccountDisabled { account: account.clone() })));
    Ok(events)
}

fn enable_account(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountDisable, case.on(account))?;
    let who = case.credentialed(account)?;
    if !case.views.credentials.disabled(who, case.now.position).1 {
        return Err(Refusal::conflict("C8", format!("`{account}` is not disabled")));
    }
    one(authority, CredentialsEvent::AccountEnabled { account: account.clone() })
}

/// Only SysAdmins set dates (rules: C9, C10).
fn set_effective_date(account: &AccountId, date: Option<Date>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountSetEffectiveDate, case.on(account))?;
    let who = case.credentialed(account)?;
    if case.views.credentials.effective_date(who, case.now.position).map(|(_, date)| date) == date {
        return Err(Refusal::conflict("C9", format!("the effective date of `{account}` is that already")));
    }
    one(authority, CredentialsEvent::EffectiveDateSet { account: account.clone(), date })
}

fn set_expiration_date(account: &AccountId, date: Option<Date>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountSetDates, case.on(account))?;
    let who = case.credentialed(account)?;
    if case.views.credentials.expiration_date(who, case.now.position).map(|(_, date)| date) == date {
        return Err(Refusal::conflict("C10", format!("the expiration date of `{account}` is that already")));
    }
    one(authority, CredentialsEvent::ExpirationDateSet { account: account.clone(), date })
}

/// The events of a lock that another failed attempt brings about, if it does (rule: C6).
pub(crate) fn lock_after_failure(account: &AccountId, who: u32, case: &Case<'_>) -> Option<SignInEvent> {
    let failures = case.views.credentials.failures(who, case.now).saturating_add(1);
    let limit = case.setting(grantbook_events::Setting::LockoutAttempts);
    let minutes = case.setting(grantbook_events::Setting::LockoutMinutes);
    let until = (minutes > 0).then(|| case.at().plus_minutes(minutes));
    (failures >= limit).then(|| SignInEvent::CredentialsLocked { account: account.clone(), until })
}
