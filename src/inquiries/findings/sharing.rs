//! Staff accounts that more than one person seems to use (rule: S5). Addresses are sealed and cannot be compared here;
//! which browser a sign-in came from is told by a number that tells nothing else, and is enough: one person moves from one
//! browser to another, two people push each other out in turn.

use grantbook_events::{Client, Position};
use grantbook_projections::{Cause, Session};

use super::stretches::subject;
use super::{Find, FindingRule, Met};
use crate::shown::Shown;

/// Within how many minutes sign-ins from two browsers in turn are a sign of two people.
const IN_TURN_MINUTES: u32 = 60;
/// For how long the last such sign-in marks the account, in days.
const MARKED_DAYS: u32 = 30;

pub(super) const RULES: &[FindingRule] = &[FindingRule {
    code: "account-shared",
    rule: Some("S5"),
    words: "a staff account was signed in to from two browsers in turn within an hour; for 30 days",
    find: Find::Each(account_shared),
}];

/// A staff account was signed in to from one browser, from another, and from the first again, within an hour. Closed by the
/// clock, 30 days after the last time.
fn account_shared(shown: &Shown<'_>, who: u32) -> Vec<Met> {
    let views = shown.views;
    let from_browsers = |session: &&Session| {
        let known = session.client == Client::Browser && session.browser != 0;
        known && session.position <= shown.position()
    };
    let sign_ins: Vec<&Session> = views.sessions.of_account(who).filter(from_browsers).collect();
    let in_turn = sign_ins.windows(3).filter_map(|three| match three {
        [first, second, third] if first.browser == third.browser && first.browser != second.browser => {
            let at = |session: &Session| views.timeline.at(session.position);
            let staff = views.credentials.full(who, third.position).is_some_and(|(_, full)| full);
            (staff && at(third) <= at(first).plus_minutes(IN_TURN_MINUTES)).then_some(third.position)
        }
        // Any other three sign-ins are no sign of two people.
        _ => None,
    });
    marked(shown, who, in_turn)
}

/// The stretches that such sign-ins mark: those within 30 days of each other are one.
fn marked(shown: &Shown<'_>, who: u32, signs: impl Iterator<Item = Position>) -> Vec<Met> {
    let timeline = &shown.views.timeline;
    let end = |last: Position| timeline.at(last).plus_days(MARKED_DAYS);
    let mut stretches: Vec<(Position, Position, u32)> = Vec::new();
    for sign in signs {
        match stretches.last_mut() {
            Some((_, last, times)) if timeline.at(sign) < end(*last) => (*last, *times) = (sign, *times + 1),
            Some(_) | None => stretches.push((sign, sign, 1)),
        }
    }
    let stretches = stretches.into_iter().map(|(opened, last, times)| {
        let over = end(last);
        Met {
            subject: subject(shown, who),
            opened: Cause::Entry(opened),
            closed: (shown.as_of.clock >= over).then_some(Cause::Clock(over)),
            detail: format!("signed in from two browsers in turn within an hour, {times} time(s)"),
        }
    });
    stretches.collect()
}

#[cfg(test)]
mod tests {
    use crate::findings::for_tests::{of, on};
    use crate::history_for_tests::{History as Told, account};
    use grantbook_events::{Actor, Event, Position, SignInEvent, SignInPlane};
    use grantbook_projections::Cause;

    fn sign_in(history: &mut Told, id: &str, from: u64) -> Position {
        let mut event = history.signed_in(id, SignInPlane::Platform);
        if let Event::SignIn(SignInEvent::SignedIn { browser, .. }) = &mut event {
            *browser = from;
        }
        history.add(Actor::Account { id: account(id), session: None }, None, "", vec![event])
    }

    // rule: S5
    #[test]
    fn two_browsers_in_turn_are_a_sign_of_two_people() {
        let mut history = Told::example();
        for browser in [7, 7, 8, 0, 8, 9] {
            sign_in(&mut history, "sarah", browser);
        }
        assert_eq!(of(&history, "account-shared"), [], "one person who moved on");
        let opened = sign_in(&mut history, "sarah", 8);
        let found = of(&history, "account-shared");
        assert_eq!((found.len(), found[0].subject.as_str()), (1, "sarah"));
        assert_eq!((found[0].opened, found[0].closed), (Cause::Entry(opened), None));
        assert_eq!(on(&history, "account-shared", opened.before()), []);
        let last = sign_in(&mut history, "sarah", 9);
        assert!(of(&history, "account-shared")[0].detail.contains("2 time(s)"));
        let over = history.views.timeline.at(last).plus_days(30);
        history.pass_to("2026-09-01T00:00:00Z");
        sign_in(&mut history, "sarah", 8);
        assert_eq!(of(&history, "account-shared")[0].closed, Some(Cause::Clock(over)), "slowly is no sign");
        assert_eq!(of(&history, "account-shared").len(), 1);
    }
}
