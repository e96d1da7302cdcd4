//! Findings of the dashboard plane.

use grantbook_events::{Client, Edition, Position, SignInPlane};
use grantbook_projections::{Cause, Session};

use super::stretches::subject;
use super::{Find, FindingRule, Met};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[
    FindingRule {
        code: "first-admin-open",
        rule: Some("F14"),
        words: "whoever is staff and signs in to the dashboard first becomes the Admin User: no account was named",
        find: Find::All(first_admin_open),
    },
    FindingRule {
        code: "background-account-used-interactively",
        rule: Some("B7"),
        words: "the Background Account signed in to the dashboard after it was set up",
        find: Find::All(background_account_used),
    },
];

/// Anybody's first sign-in makes the Admin User, and has not yet (rule: F14).
fn first_admin_open(shown: &Shown<'_>) -> Vec<Met> {
    let mut met = Vec::new();
    let (views, as_of) = (shown.views, shown.as_of);
    let Some(genesis) = views.tenant.genesis(as_of.position) else { return met };
    if genesis.edition != Edition::Cloud || genesis.first_admin.is_some() {
        return met;
    }
    let given = views.admins.ever(as_of.position).filter_map(|who| views.admins.history(who)?.changes().next());
    let first = given.map(|(position, _)| position).min();
    met.push(Met {
        subject: genesis.cloud_id.as_str().to_owned(),
        opened: Cause::Entry(Position(1)),
        closed: first.map(Cause::Entry),
        // Of a tenant as it was made, and so true of it ever after.
        detail: "whoever is staff and signs in to the dashboard first becomes the Admin User: no account was named"
            .to_owned(),
    });
    met
}

/// The Background Account signed in to the dashboard as a person would, and not for the first time (rule: B7). Closed
/// once another account is the Background Account.
fn background_account_used(shown: &Shown<'_>) -> Vec<Met> {
    let mut met = Vec::new();
    let (views, as_of) = (shown.views, shown.as_of);
    let Some(history) = views.background.history() else { return met };
    let settings: Vec<(Position, u32)> =
        history.changes_to(as_of.position).map(|(set, background)| (set, background.account)).collect();
    let mut began: Option<(Position, u32)> = None;
    for (index, (set, who)) in settings.iter().enumerate() {
        let (from, _) = began.filter(|(_, former)| former == who).unwrap_or((*set, *who));
        began = Some((from, *who));
        let next = settings.get(index + 1);
        if next.is_some_and(|(_, next)| next == who) {
            continue;
        }
        let interactive =
            |session: &&Session| session.plane == SignInPlane::Dashboard && session.client == Client::Browser;
        let until = next.map_or(as_of.position, |(set, _)| set.before());
        let sign_ins = views.sessions.sign_ins_of(*who).filter(interactive).skip(1);
        let later: Vec<Position> =
            sign_ins.map(|session| session.position).filter(|at| *at > from && *at <= until).collect();
        let Some(opened) = later.first() else { continue };
        let times = later.len();
        met.push(Met {
            subject: subject(shown, *who),
            opened: Cause::Entry(*opened),
            closed: next.map(|(set, _)| Cause::Entry(*set)),
            detail: format!("the Background Account signed in to the dashboard after it was set up, {times} time(s)"),
        });
    }
    met
}

#[cfg(test)]
mod tests {
    use crate::findings::findings;
    use crate::findings::for_tests::of;
    use crate::history_for_tests as h;
    use crate::history_for_tests::History as Told;
    use grantbook_events::{DashboardEvent, Event, Position};
    use grantbook_projections::Cause;

    // rule: F14
    #[test]
    fn the_first_admin_is_open_until_somebody_signed_in() {
        let history = Told::example();
        let first = history.named("first sign-in");
        let before = findings(&history.shown(first.before()));
        assert_eq!((before[0].code, before[0].closed), ("first-admin-open", None));
        let found = of(&history, "first-admin-open");
        assert_eq!((found[0].opened, found[0].closed), (Cause::Entry(Position(1)), Some(Cause::Entry(first))));
    }

    // rule: B7
    #[test]
    fn the_background_account_signs_in_once() {
        let mut history = Told::example();
        history.sign_in("daemon", grantbook_events::SignInPlane::Dashboard);
        assert_eq!(of(&history, "background-account-used-interactively"), []);
        history.sign_in("daemon", grantbook_events::SignInPlane::Platform);
        assert_eq!(of(&history, "background-account-used-interactively"), []);
        let later = history.sign_in("daemon", grantbook_events::SignInPlane::Dashboard);
        let found = of(&history, "background-account-used-interactively");
        assert_eq!((found[0].opened, found[0].closed), (Cause::Entry(later), None));
        let secret = history.secret("veronica");
        let set = DashboardEvent::BackgroundAccountSet { account: h::account("veronica"), secret };
        let replaced = history.act("bob", vec![Event::Dashboard(set)]);
        let found = of(&history, "background-account-used-interactively");
        assert_eq!(found[0].closed, Some(Cause::Entry(replaced)));
    }
}
