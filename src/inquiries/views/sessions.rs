//! Sessions that are open: who is signed in to what, since when and until when.

use grantbook_projections::Cause;
use serde_json::Value;

use crate::shown::Shown;

pub(super) fn sessions(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let open = views.sessions.all(as_of.position).filter(|session| views.sessions.open(session.position, as_of));
    let sessions: Vec<Value> = open
        .map(|session| {
            let mut row = serde_json::Map::new();
            row.insert("session".to_owned(), shown.place(session.position));
            row.extend(shown.person(session.account));
            row.insert("plane".to_owned(), session.plane.slug().into());
            row.insert("client".to_owned(), session.client.slug().into());
            row.insert("only_enrols".to_owned(), session.only_enrols.into());
            row.insert("since".to_owned(), shown.cause(Cause::Entry(session.position)));
            row.insert("expires_at".to_owned(), views.sessions.ends_at(session, as_of.position).to_string().into());
            Value::Object(row)
        })
        .collect();
    shown.answer([("sessions", sessions.into())])
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account, ids};
    use grantbook_events::{Event, SessionEnd, SignInEvent};

    // rule: S5
    #[test]
    fn a_session_is_open_until_it_is_ended_or_runs_out() {
        let mut history = History::example();
        let sessions = history.view("sessions");
        assert!(ids(&sessions["sessions"]).contains(&"bob".to_owned()));
        let session = history.named("first sign-in");
        let ended = SignInEvent::SessionEnded { account: account("bob"), session, because: SessionEnd::SignedOut };
        history.act("bob", vec![Event::SignIn(ended)]);
        let sessions = history.view("sessions");
        assert!(!ids(&sessions["sessions"]).contains(&"bob".to_owned()));
        let later = history.view_on("sessions", "2027-01-01T00:00:00Z");
        assert!(ids(&later["sessions"]).is_empty());
    }
}
