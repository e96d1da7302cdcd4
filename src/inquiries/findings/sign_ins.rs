//! Findings about what is asked of staff at the doors.

use grantbook_events::{Position, Setting};
use grantbook_projections::Cause;

use super::{Find, FindingRule, Met, Tense};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[
    FindingRule {
        code: "no-session-timeout",
        rule: Some("S6"),
        words: "no session timeout is required",
        find: Find::All(|shown| {
            let words = |tense: Tense| {
                tense.pick(
                    "no session timeout is required: set `session_timeout_minutes`",
                    "no session timeout was required",
                )
            };
            not_required(shown, Setting::SessionTimeoutMinutes, &words)
        }),
    },
    FindingRule {
        code: "staff-without-second-factor",
        rule: Some("S6"),
        words: "staff sign in with a password alone",
        find: Find::All(|shown| {
            let words = |tense: Tense| {
                tense.pick(
                    "staff sign in with a password alone: require a second factor by `staff_second_factor`",
                    "staff signed in with a password alone: no second factor was required",
                )
            };
            not_required(shown, Setting::StaffSecondFactor, &words)
        }),
    },
];

/// What a setting can require is not required. About the tenant: open from its start until the setting requires it, and
/// again once it no longer does.
fn not_required(shown: &Shown<'_>, setting: Setting, words: &dyn Fn(Tense) -> &'static str) -> Vec<Met> {
    let (views, as_of) = (shown.views, shown.as_of);
    let Some(genesis) = views.tenant.genesis(as_of.position) else { return Vec::new() };
    let met = |opened, closed: Option<Position>| {
        let closed = closed.map(Cause::Entry);
        let (subject, detail) = (genesis.cloud_id.as_str().to_owned(), words(Tense::of(closed)).to_owned());
        Met { subject, opened: Cause::Entry(opened), closed, detail }
    };
    let mut stretches = Vec::new();
    let mut open = Some(Position(1));
    let changes = views.settings.history(setting).into_iter().flat_map(|history| history.changes_to(as_of.position));
    for (set, value) in changes {
        match (open, *value) {
            (Some(opened), 1..) => {
                stretches.push(met(opened, Some(set)));
                open = None;
            }
            (None, 0) => open = Some(set),
            (Some(_), 0) | (None, 1..) => {}
        }
    }
    stretches.extend(open.map(|opened| met(opened, None)));
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::for_tests::of;
    use crate::history_for_tests::History;
    use grantbook_events::{BookEvent, Event};

    // rule: S6
    #[test]
    fn what_is_not_required_of_staff_is_open_until_a_setting_requires_it() {
        let mut history = History::example();
        let set = |setting, value| Event::Book(BookEvent::SettingChanged { setting, value });
        for (code, setting, required) in [
            ("no-session-timeout", Setting::SessionTimeoutMinutes, 30),
            ("staff-without-second-factor", Setting::StaffSecondFactor, 1),
        ] {
            let found = of(&history, code);
            assert_eq!(found.len(), 1);
            assert_eq!((found[0].subject.as_str(), found[0].closed), ("abcimis", None));
            assert_eq!(found[0].opened, Cause::Entry(Position(1)));
            let closed = history.act("manager", vec![set(setting, required)]);
            let opened = history.act("manager", vec![set(setting, 0)]);
            let found: Vec<_> = of(&history, code).iter().map(|finding| (finding.opened, finding.closed)).collect();
            let entry = Cause::Entry;
            assert_eq!(found, [(entry(Position(1)), Some(entry(closed))), (entry(opened), None)]);
        }
    }
}
