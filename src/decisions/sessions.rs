//! Decisions on sessions.

use grantbook_events::{AccountId, Event, Position, SessionEnd, SignInEvent};
use grantbook_rights::{Capability, On};

use crate::case::{Acting, Case, Outcome};
use crate::refusal::Refusal;

/// The session that a command is given in.
fn own_session(case: &Case<'_>) -> Option<Position> {
    match case.acting {
        Acting::Account { session, .. } => Some(session),
        Acting::Guest | Acting::Support | Acting::Relayed | Acting::Imported { .. } => None,
    }
}

/// Everyone ends all of their own sessions, the one that they do it in among them, and SysAdmins all of anybody's.
pub(crate) fn sign_out_everywhere(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AccountEndSession, case.on(account))?;
    let who = case.account(account)?;
    let mut ended = end_sessions(case, who, None, SessionEnd::Ended, authority);
    for (_, event) in &mut ended {
        if let Event::SignIn(SignInEvent::SessionEnded { session, because, .. }) = event
            && Some(*session) == own_session(case)
        {
            *because = SessionEnd::SignedOut;
        }
    }
    if ended.is_empty() { Err(Refusal::not_found(format!("`{account}` has no open session"))) } else { Ok(ended) }
}

/// Everyone ends their own sessions, SysAdmins anybody's. `session` is the entry of the sign-in; none for the caller's own.
/// Where it is said whose it is, it must be theirs.
pub(crate) fn end_session(session: Option<Position>, account: Option<&AccountId>, case: &Case<'_>) -> Outcome {
    let own = own_session(case);
    let named = session.or(own);
    let found = named.and_then(|named| case.views.sessions.session(named));
    let on = On::Account(found.map(|session| session.account));
    let authority = case.require(Capability::AccountEndSession, on)?;
    let theirs = |who: u32| account.is_none_or(|account| case.views.account(account) == Some(who));
    let open = found.filter(|session| case.views.sessions.open(session.position, case.now) && theirs(session.account));
    let (Some(open), Some(position)) = (open, named) else {
        return Err(Refusal::not_found("there is no such open session"));
    };
    let Some(account) = case.views.account_id(open.account) else {
        return Err(Refusal::not_found("there is no such open session"));
    };
    let because = if own == Some(position) { SessionEnd::SignedOut } else { SessionEnd::Ended };
    Ok(vec![(authority, Event::SignIn(SignInEvent::SessionEnded { account, session: position, because }))])
}

/// Ends every open session of an account but one.
pub(crate) fn end_sessions(
    case: &Case<'_>,
    who: u32,
    except: Option<Position>,
    because: SessionEnd,
    authority: Option<Position>,
) -> Vec<(Option<Position>, Event)> {
    let Some(account) = case.views.account_id(who) else { return Vec::new() };
    let open = case
        .views
        .sessions
        .of_account(who)
        .filter(|session| Some(session.position) != except && case.views.sessions.open(session.position, case.now));
    let ended =
        open.map(|session| SignInEvent::SessionEnded { account: account.clone(), session: session.position, because });
    ended.map(|event| (authority, Event::SignIn(event))).collect()
}
