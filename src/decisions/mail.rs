//! Decisions on resets by mail and forgotten usernames (chapter P), and what is recorded of mails.
//!
//! What guests ask for is decided here and answered nowhere: whoever asks is told the same whatever comes of it (rule: P1).

use grantbook_events::{
    AccountId, Addressee, BookEvent, CredentialsEvent, DeliveryFailure, Event, Instant, MailEvent, Notice, ObjectPath,
    Position, ResetEnd, SessionEnd, Setting, UserClass, Username,
};
use grantbook_rights::{Capability, Fact, On, Question, Standing, Who, reset_sites};

use crate::case::{Acting, Case, Outcome};
use crate::command::MailCommand;
use crate::refusal::Refusal;
use crate::sessions::end_sessions;

type Decided = Vec<(Option<Position>, Event)>;

pub(crate) fn decide(command: &MailCommand, case: &Case<'_>) -> Outcome {
    match command {
        MailCommand::SendPasswordReset { account, site } => send_password_reset(account, site, case),
    }
}

/// SysAdmins send the link to an account (rule: P2), never to MANAGER (rule: M2), by a site that is offered (rule: P3).
fn send_password_reset(account: &AccountId, site: &ObjectPath, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::CredentialsSendReset, case.on(account))?;
    if let Acting::Imported { .. } = case.acting {
        return Err(Refusal::conflict("P2", "history made elsewhere sends no mail: leave the reset out"));
    }
    let who = case.credentialed(account)?;
    case.object(site)?;
    let offered = reset_sites(case.views, case.now);
    if offered.is_empty() {
        let message =
            "password resets are not available: there is no active public site that gives Everyone full control";
        return Err(Refusal::conflict("P3", message));
    }
    if !offered.contains(site) {
        let list = offered.iter().map(|site| format!("`{site}`")).collect::<Vec<_>>().join(", ");
        let message = format!("`{site}` is no active public site that gives Everyone full control; these are: {list}");
        return Err(Refusal::conflict("P3", message));
    }
    if case.views.credentials.disabled(who, case.now.position).1 {
        return Err(Refusal::conflict("C8", format!("`{account}` is disabled: enable it first")));
    }
    if case.views.credentials.email(who, case.now.position).is_none() {
        return Err(Refusal::conflict("P2", format!("the credentials of `{account}` have no email to send it to")));
    }
    Ok(vec![(authority, requested(account, site.clone(), case))])
}

fn requested(account: &AccountId, site: ObjectPath, case: &Case<'_>) -> Event {
    let expires_at = case.at().plus_minutes(case.setting(Setting::ResetMinutes));
    let token = case.outside.token.unwrap_or(grantbook_events::SecretVersion(0));
    Event::Mail(MailEvent::PasswordResetRequested { account: account.clone(), site, token, expires_at })
}

/// Somebody forgot the password of `account` (rule: P1). `None` where nothing comes of it: no credentials or email, a
/// disabled account, MANAGER (rule: M2), no site (rule: P3).
pub fn forgot_password(account: &AccountId, case: &Case<'_>) -> Option<Decided> {
    let (views, position) = (case.views, case.now.position);
    let who = case.credentialed(account).ok().filter(|_| !case.is_manager(account))?;
    views.credentials.email(who, position)?;
    let site =
        reset_sites(views, case.now).into_iter().next().filter(|_| !views.credentials.disabled(who, position).1)?;
    Some(vec![(None, requested(account, site, case))])
}

/// Somebody forgot the username of `account`, whose address they gave (rule: P6). With credentials its username is owed
/// by mail. Without, it is given credentials of class Public where the tenant allows it, the contact holds nothing
/// (rule: C17) and was not disabled when it lost those before (rule: C8); nobody knows their password, which only the mailed link sets. `None` where nothing comes of it.
pub fn forgot_username(account: &AccountId, username: Option<&Username>, case: &Case<'_>) -> Option<Decided> {
    let (views, position) = (case.views, case.now.position);
    let who = case.account(account).ok().filter(|_| !case.is_manager(account))?;
    if views.credentials.username(who, position).is_some() {
        let notice = BookEvent::NoticeOwed { account: account.clone(), notice: Notice::UsernameReminder };
        return Some(vec![(None, Event::Book(notice))]).filter(|_| !views.credentials.disabled(who, position).1);
    }
    views.accounts.email(who, position)?;
    let allowed = case.setting(Setting::ForgotUsernameCreatesCredentials) != 0 && open_to_anyone(who, case);
    let username = username.filter(|username| allowed && case.free_username(username, who).is_ok())?;
    let site = reset_sites(views, case.now).into_iter().next()?;
    let (_, secret) = case.outside.new_password?;
    let created = CredentialsEvent::CredentialsCreated {
        account: account.clone(),
        username: username.clone(),
        user_class: UserClass::Public,
        email: None,
        secret,
        must_change: true,
    };
    Some(vec![(None, Event::Credentials(created)), (None, requested(account, site, case))])
}

/// Whether it takes no SysAdmin to create the credentials of a contact (rules: C8, C17).
fn open_to_anyone(who: u32, case: &Case<'_>) -> bool {
    let (views, as_of) = (case.views, case.now);
    let on = On::Account(Some(who));
    let question = Question { views, who: Who::Guest, standing: Standing::Fresh, on, as_of };
    [Fact::TargetHoldsNothing, Fact::TargetNotLeftDisabled].into_iter().all(|fact| fact.look(&question).holds)
}

/// The one sentence for every link that does not work (rule: P4).
const NO_SUCH_LINK: &str = "this link does not work, or works no longer: ask for a new one";

/// Somebody sets a password by the link of the reset that the entry at `requested` asked for; `None` for a link that
/// nobody was ever sent. It is their own choice, so nothing waits to be changed (rule: C16); failures and the lock are
/// cleared and sessions end (rule: P5).
pub fn reset_password(link: Option<(&AccountId, Position)>, case: &Case<'_>) -> Outcome {
    let secret = case.new_password("new")?;
    let refused = || Refusal::forbidden("P4", NO_SUCH_LINK);
    let (account, requested) = link.ok_or_else(refused)?;
    let who = case.credentialed(account).map_err(|_| refused())?;
    let reset = case.views.mail.reset(who, case.now.position).filter(|reset| reset.requested == requested);
    let reset = reset.ok_or_else(refused)?;
    let authority = case.views.credentials.created(who, case.now.position);
    if case.at() >= reset.expires_at {
        let ended = end_reset(account, who, ResetEnd::Expired, None, case);
        return Err(refused().recording(ended.into_iter().collect(), true));
    }
    let handed_over =
        case.views.credentials.secret(who, case.now.position).is_some_and(|(_, secret)| secret.must_change);
    if case.outside.same_password && handed_over {
        let message = "expected a password other than the one until now, which somebody else may know";
        return Err(Refusal::malformed("C16", "new", message));
    }
    let mut events = end_sessions(case, who, None, SessionEnd::PasswordChanged, authority);
    if case.views.credentials.locked(who, case.now).is_some() {
        let unlocked = CredentialsEvent::CredentialsUnlocked { account: account.clone() };
        events.push((authority, Event::Credentials(unlocked)));
    }
    let changed = CredentialsEvent::PasswordChanged { account: account.clone(), secret };
    events.push((authority, Event::Credentials(changed)));
    let completed = MailEvent::PasswordResetCompleted { account: account.clone(), requested };
    events.push((authority, Event::Mail(completed)));
    Ok(events)
}

/// The event that ends a reset that is under way, where one is (rule: C13).
pub(crate) fn end_reset(
    account: &AccountId,
    who: u32,
    because: ResetEnd,
    authority: Option<Position>,
    case: &Case<'_>,
) -> Option<(Option<Position>, Event)> {
    let requested = case.views.mail.reset(who, case.now.position)?.requested;
    let ended = MailEvent::PasswordResetFailed { account: account.clone(), requested, because };
    Some((authority, Event::Mail(ended)))
}

/// The event that makes the link of a reset anew whose token was lost before it was handed over: to the same site, and no
/// longer than the one before. `None` where that reset is not under way any more.
pub fn reset_again(account: &AccountId, requested: Position, case: &Case<'_>) -> Option<Event> {
    let who = case.account(account).ok()?;
    let reset = case.views.mail.reset(who, case.now.position).filter(|reset| reset.requested == requested)?;
    let (site, expires_at, token) = (reset.site.clone(), reset.expires_at, case.outside.token?);
    Some(Event::Mail(MailEvent::PasswordResetRequested { account: account.clone(), site, token, expires_at }))
}

/// The event that the mail of a reset was handed over (rule: P8).
pub fn reset_sent(account: AccountId, requested: Position) -> Event {
    Event::Mail(MailEvent::PasswordResetSent { account, requested })
}

/// The event that the mail of a reset could not be handed over in time.
pub fn reset_given_up(account: AccountId, requested: Position) -> Event {
    let because = ResetEnd::NotDelivered;
    Event::Mail(MailEvent::PasswordResetFailed { account, requested, because })
}

/// The event that sums up resets that were asked for too often to be sent.
pub fn reset_withheld(account: AccountId, count: u32, from: Instant) -> Event {
    Event::Mail(MailEvent::PasswordResetsWithheld { account, count, from })
}

/// The event that somebody was told what changed (rule: P9).
pub fn changes_told(account: AccountId, through: Position, addressee: Addressee) -> Event {
    Event::Mail(MailEvent::ChangesTold { account, through, addressee })
}

/// The event that a mail was not handed over (rule: P8).
pub fn mail_not_handed_over(
    account: AccountId,
    owed: Position,
    because: DeliveryFailure,
    attempts: u32,
    given_up: bool,
) -> Event {
    Event::Mail(MailEvent::MailNotHandedOver { account, owed, because, attempts, given_up })
}
