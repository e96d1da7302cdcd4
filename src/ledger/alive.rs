//! Whether a session is still one.

use grantbook_events::Position;
use grantbook_projections::{AsOf, Views};
use grantbook_rights::{Capability, On, Question, Standing, Who, allowed};

/// Whether a session is open and its account usable: what stops an account stops its sessions at once, a lock aside
/// (rules: A7, C6, C8, C15).
pub(crate) fn session_alive(views: &Views, who: u32, session: Position, now: AsOf) -> bool {
    let whose = views.sessions.session(session).is_some_and(|session| session.account == who);
    let question = Question {
        views,
        who: Who::Account(who),
        standing: Standing::Session { signed_in: session },
        on: On::Account(Some(who)),
        as_of: now,
    };
    whose && views.sessions.open(session, now) && allowed(&question, Capability::AccountEndSession)
}
