//! Findings of passwords and who knows them.

use grantbook_events::{AccountId, Position};
use grantbook_projections::Cause;

use super::stretches::{actor_words, is_another, subject};
use super::{Find, FindingRule, Met};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[FindingRule {
    code: "signed-in-after-password-set-by-another",
    rule: Some("C16"),
    words: "somebody signed in after changing a password that another had set; for 30 days",
    find: Find::Each(password_set_by_another),
}];

/// For how long a sign-in under a password that another set marks the pair, in days (rule: C16).
const MARKED_DAYS: u32 = 30;

/// Somebody signed in after changing a password that another had set (rule: C16). Closed by the clock.
fn password_set_by_another(shown: &Shown<'_>, who: u32) -> Vec<Met> {
    let mut met = Vec::new();
    let (views, as_of) = (shown.views, shown.as_of);
    let Some(history) = views.credentials.secrets(who) else { return met };
    if views.account(&AccountId::manager()) == Some(who) {
        return met;
    }
    // Where the password was set that waits to be changed, then since when the account's own one is in force.
    let mut set_by: Option<Position> = None;
    let mut changes = history.changes_to(as_of.position).peekable();
    while let Some((position, secret)) = changes.next() {
        let Some(secret) = secret else {
            set_by = None;
            continue;
        };
        // Whoever a line says acted, its password came from whoever imported it.
        let imported = views.timeline.imported(position);
        if imported || !secret.chosen_by_holder {
            set_by = (imported || is_another(views.timeline.by(position), who)).then_some(position);
        }
        let opens = !secret.must_change;
        let Some(setter) = set_by.filter(|_| opens) else { continue };
        let next = changes.peek().map_or(Position::GREATEST, |(next, _)| *next);
        let mut sessions = views.sessions.sign_ins_of(who);
        // Until it signed in, a further change of its own changes nothing of the pair.
        let in_time = |at: Position| at > position && at <= as_of.position && at < next;
        let Some(session) = sessions.find(|session| in_time(session.position)) else { continue };
        set_by = None;
        let end = views.timeline.at(session.position).plus_days(MARKED_DAYS);
        met.push(Met {
            subject: subject(shown, who),
            opened: Cause::Entry(session.position),
            closed: (as_of.clock >= end).then_some(Cause::Clock(end)),
            detail: format!("the password had been set by {}", setter_words(shown, setter)),
        });
    }
    met
}

/// Who set a password at a position, in words.
fn setter_words(shown: &Shown<'_>, position: Position) -> String {
    match shown.imported(position) {
        Some(import) => {
            let operator = import.operator.as_ref().map_or_else(String::new, |operator| format!(" by {operator}"));
            format!("an import{operator} ({})", import.ticket)
        }
        None => actor_words(shown, shown.views.timeline.by(position)),
    }
}

#[cfg(test)]
mod tests {

    use crate::findings::for_tests::of;
    use crate::history_for_tests as h;
    use crate::history_for_tests::History as Told;
    use grantbook_events::{Actor, BookEvent, CredentialsEvent, Entry, Event, ImportNote, Recorded, SecretVersion};
    use grantbook_projections::Cause;

    // rule: C16
    #[test]
    fn a_password_set_by_another_marks_the_pair_for_30_days() {
        let mut history = Told::example();
        let account = h::account("sarah");
        let set =
            CredentialsEvent::PasswordSet { account: account.clone(), secret: SecretVersion(500), must_change: true };
        history.act("manager", vec![Event::Credentials(set)]);
        assert!(!of(&history, "signed-in-after-password-set-by-another").iter().any(|found| found.subject == "sarah"));
        let changed = CredentialsEvent::PasswordChanged { account, secret: SecretVersion(501) };
        history.act("sarah", vec![Event::Credentials(changed)]);
        history.pass_to("2026-06-01T00:00:00Z");
        let opened = history.sign_in("sarah", grantbook_events::SignInPlane::Platform);
        history.sign_in("sarah", grantbook_events::SignInPlane::Platform);
        let found = of(&history, "signed-in-after-password-set-by-another");
        let found: Vec<_> = found.into_iter().filter(|found| found.subject == "sarah").collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].opened, found[0].closed), (Cause::Entry(opened), None));
        assert!(found[0].detail.contains("manager"), "{}", found[0].detail);
        history.pass_to("2026-07-02T00:00:00Z");
        history.sign_in("bob", grantbook_events::SignInPlane::Platform);
        let found = of(&history, "signed-in-after-password-set-by-another");
        let sarah = found.iter().find(|found| found.subject == "sarah").unwrap();
        let end = history.views.timeline.at(opened).plus_days(30);
        assert_eq!(sarah.closed, Some(Cause::Clock(end)));
    }

    // rules: C16, U6
    #[test]
    fn a_password_that_was_imported_came_from_whoever_imported_it() {
        let mut history = Told::example();
        let ticket = grantbook_events::Ticket::new("T-9").unwrap();
        let started = history.support(vec![Event::Book(BookEvent::ImportStarted { ticket, continues: None })]);
        let account = h::account("sarah");
        let changed = CredentialsEvent::PasswordChanged { account: account.clone(), secret: SecretVersion(500) };
        let recorded = Recorded { authority: None, command: 0, event: Event::Credentials(changed) };
        history.push(Entry {
            actor: Actor::Account { id: account, session: None },
            events: vec![recorded],
            import: Some(ImportNote { started, line: 1, source: String::new(), chain: 0 }),
            ..Entry::bare(history.views.timeline.last_at())
        });
        history.sign_in("sarah", grantbook_events::SignInPlane::Platform);
        let found = of(&history, "signed-in-after-password-set-by-another");
        let sarah = found.iter().find(|found| found.subject == "sarah").unwrap();
        assert_eq!(sarah.detail, "the password had been set by an import by Sue (T-9)");
    }
}
