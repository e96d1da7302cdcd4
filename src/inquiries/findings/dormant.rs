//! Rights that nobody seems to need: administrators who do not sign in, App Users who do not use their app.

use std::collections::BTreeSet;

use grantbook_events::{AccountId, Instant, Position};
use grantbook_projections::{AsOf, Cause, Moments, RoleNumber, SystemRole, instant_of};
use grantbook_rights::account_usable;

use super::stretches::{existence_points, of_account, put_points, subject};
use super::{Find, FindingRule, Met, Tense};
use crate::shown::Shown;

/// After how many days without use a right counts as not used.
const UNUSED_DAYS: u32 = 90;

pub(super) const RULES: &[FindingRule] = &[
    FindingRule {
        code: "admin-dormant",
        rule: None,
        words: "an Admin User or system administrator has not signed in for 90 days",
        find: Find::All(admin_dormant),
    },
    FindingRule {
        code: "app-user-without-recent-use",
        rule: None,
        words: "an App User has not used the app for 90 days, as the app reports its use",
        find: Find::All(app_user_without_recent_use),
    },
];

/// An administrator of either plane who could sign in and has not for 90 days: since the last sign-in, or since the right was
/// given. Opened by the clock, closed by a sign-in or the right's end. MANAGER and the Background Account should rest.
fn admin_dormant(shown: &Shown<'_>) -> Vec<Met> {
    let (views, as_of) = (shown.views, shown.as_of);
    let sysadmin = RoleNumber::from(SystemRole::SysAdmin);
    let manager = views.account(&AccountId::manager());
    let mut whom: BTreeSet<u32> = views.roles.ever_holders(sysadmin).map(|(who, _)| who).collect();
    whom.extend(views.admins.ever(as_of.position));
    let mut met = Vec::new();
    for who in whom.into_iter().filter(|who| Some(*who) != manager) {
        let mighty = |point: AsOf| {
            let held = views.admins.listed(who, point).or_else(|| views.roles.held(who, sysadmin, point));
            let background = views.background.set(point.position).is_some_and(|(_, set)| set.account == who);
            held.is_some() && !background && account_usable(views, who, point)
        };
        let mut points = existence_points(shown, who);
        put_points(views.roles.history(who, sysadmin), as_of, &mut points);
        put_points(views.admins.history(who), as_of, &mut points);
        views.credentials.turning_points(who, as_of, &mut points);
        let set = views.background.history().into_iter().flat_map(|history| history.changes_to(as_of.position));
        points.extend(set.map(|(set, _)| Cause::Entry(set)));
        for (began, ended) in Moments::new(&views.timeline, points, as_of).stretches(&mighty) {
            let sign_ins = views.sessions.of_account(who).map(|session| session.position);
            met.extend(silences(shown, who, sign_ins, began, ended));
        }
    }
    met
}

/// The silences of 90 days and more within a stretch in which an account was an administrator.
fn silences(
    shown: &Shown<'_>,
    who: u32,
    sign_ins: impl Iterator<Item = Position>,
    began: Cause,
    ended: Option<Cause>,
) -> Vec<Met> {
    let timeline = &shown.views.timeline;
    let from = instant_of(timeline, began);
    let to = ended.map_or(shown.as_of.clock, |ended| instant_of(timeline, ended));
    let mut met = Vec::new();
    let mut silent_since = from;
    let mut silence = |since: Instant, until: Instant, closed: Option<Cause>| {
        let opened = since.plus_days(UNUSED_DAYS);
        if opened < until || (opened == until && closed.is_none()) {
            let is = Tense::of(closed).pick("is an administrator and has", "was an administrator and had");
            let detail = format!("{is} not signed in since {}", since.date());
            met.push(Met { subject: subject(shown, who), opened: Cause::Clock(opened), closed, detail });
        }
    };
    for position in sign_ins.filter(|position| *position <= shown.position()) {
        let at = timeline.at(position);
        if at > to {
            break;
        }
        if at > silent_since {
            silence(silent_since, at, Some(Cause::Entry(position)));
            silent_since = at;
        }
    }
    silence(silent_since, to, ended);
    met
}

/// An assignment to a licensed app that was not used for 90 days, where the app reports its use at all (rule: A9): of one
/// that never did, nothing can be said. Opened by the clock, closed by a report of use or the assignment's end.
fn app_user_without_recent_use(shown: &Shown<'_>) -> Vec<Met> {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut met = Vec::new();
    for (who, app, history) in views.app_users.ever() {
        let Some(reports_since) = views.app_users.reports_since(app, as_of.position) else { continue };
        let unused_since = |point: AsOf| {
            let (given, _) = views.app_users.assigned(who, app, point)?;
            let used = views.app_users.last_use(who, app, point.position).map(|(_, used)| used);
            Some(used.into_iter().fold(views.timeline.at(given), Instant::max))
        };
        let unused = |point: AsOf| {
            point.position >= reports_since
                && views.accounts.exists(who, point.position)
                && views.subscriptions.licensed(app, point).is_some()
                && unused_since(point).is_some_and(|since| since.plus_days(UNUSED_DAYS) <= point.clock)
        };
        let mut points = existence_points(shown, who);
        points.push(Cause::Entry(reports_since));
        put_points(Some(history), as_of, &mut points);
        views.subscriptions.turning_points(app, as_of, &mut points);
        let given = history.changes_to(as_of.position).map(|(given, _)| views.timeline.at(given));
        let (reports, used): (Vec<_>, Vec<_>) = views.app_users.uses(who, app, as_of.position).unzip();
        let ends = given.chain(used).map(|since| since.plus_days(UNUSED_DAYS));
        points.extend(ends.filter(|end| *end <= as_of.clock).map(Cause::Clock));
        points.extend(reports.into_iter().map(Cause::Entry));
        let title = views.tenant.app(app, as_of.position).map_or("", |(_, app)| app.title.as_str());
        let detail = |point: AsOf, tense: Tense| {
            let since = unused_since(point).map_or_else(String::new, |since| format!(" since {}", since.date()));
            let (is, has) = (tense.pick("is", "was"), tense.pick("has", "had"));
            format!("{is} assigned to {title} and {has} not used it{since}")
        };
        met.extend(of_account(shown, who, points, &unused, &detail));
    }
    met
}

#[cfg(test)]
mod tests {
    use crate::findings::for_tests::{of, on, role};
    use crate::history_for_tests::{History as Told, account, app};
    use grantbook_events::{DashboardEvent, Event, Instant, Position, SignInPlane};
    use grantbook_projections::{AsOf, Cause};

    fn clock(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn dormant(history: &Told, who: &str, position: Position, at: &str) -> Vec<(Cause, Option<Cause>)> {
        let shown = history.shown_as_of(AsOf { position, clock: clock(at) });
        let mut found = crate::findings::findings(&shown);
        found.retain(|finding| finding.code == "admin-dormant" && finding.subject == who);
        found.into_iter().map(|finding| (finding.opened, finding.closed)).collect()
    }

    #[test]
    fn an_admin_is_dormant_90_days_after_the_last_sign_in_by_the_clock_alone() {
        let mut history = Told::example();
        let last = history.last();
        let first = history.views.timeline.at(history.named("first sign-in"));
        let opened = Cause::Clock(first.plus_days(90));
        assert_eq!(dormant(&history, "bob", last, "2026-04-05T00:00:00Z"), []);
        assert_eq!(dormant(&history, "bob", last, "2026-05-01T00:00:00Z"), [(opened, None)]);
        // Jeff never signed in: it counts from when he became an Admin User.
        let given = history.views.timeline.at(history.named("jeff is admin"));
        let jeff = Cause::Clock(given.plus_days(90));
        assert_eq!(dormant(&history, "jeff", last, "2026-05-01T00:00:00Z"), [(jeff, None)]);
        // The Background Account and MANAGER should rest, and who is no administrator may.
        for nobody in ["daemon", "manager", "sarah"] {
            assert_eq!(dormant(&history, nobody, last, "2026-05-01T00:00:00Z"), [], "{nobody}");
        }
        history.pass_to("2026-05-01T00:00:00Z");
        let back = history.sign_in("bob", SignInPlane::Platform);
        let now = history.last();
        assert_eq!(dormant(&history, "bob", now, "2026-05-02T00:00:00Z"), [(opened, Some(Cause::Entry(back)))]);
        // Looked at from before, it is as it was.
        assert_eq!(dormant(&history, "bob", last, "2026-05-01T00:00:00Z"), [(opened, None)]);
        let again = Cause::Clock(history.views.timeline.at(back).plus_days(90));
        let later = dormant(&history, "bob", now, "2026-09-01T00:00:00Z");
        assert_eq!(later, [(opened, Some(Cause::Entry(back))), (again, None)]);
    }

    #[test]
    fn a_dormant_administrator_whose_right_ends_is_dormant_no_longer() {
        let mut history = Told::example();
        let given = history.act("manager", vec![role(true, "veronica", "SysAdmin")]);
        history.pass_to("2026-06-01T00:00:00Z");
        let taken = history.act("manager", vec![role(false, "veronica", "SysAdmin")]);
        let opened = Cause::Clock(history.views.timeline.at(given).plus_days(90));
        let found = dormant(&history, "veronica", taken, "2026-06-01T00:00:00Z");
        assert_eq!(found, [(opened, Some(Cause::Entry(taken)))]);
    }

    fn used(by: &str, slug: &str, at: &str) -> Event {
        Event::Dashboard(DashboardEvent::AppUsed { account: account(by), app: app(slug), at: clock(at) })
    }

    // rule: A9
    #[test]
    fn who_does_not_use_an_app_is_found_where_the_app_reports_use() {
        let mut history = Told::example();
        history.pass_to("2026-05-01T00:00:00Z");
        assert_eq!(of(&history, "app-user-without-recent-use"), [], "no app reported anything");
        let reported = history.act("daemon", vec![used("rebecca", "iemail-cloud", "2026-04-30T00:00:00Z")]);
        let found = of(&history, "app-user-without-recent-use");
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].subject.as_str(), found[0].opened), ("sarah", Cause::Entry(reported)));
        let closed = history.act("daemon", vec![used("sarah", "iemail-cloud", "2026-05-01T00:00:00Z")]);
        assert_eq!(of(&history, "app-user-without-recent-use")[0].closed, Some(Cause::Entry(closed)));
        assert_eq!(on(&history, "app-user-without-recent-use", closed.before())[0].closed, None);
        history.pass_to("2026-08-05T00:00:00Z");
        history.sign_in("bob", SignInPlane::Platform);
        let found = of(&history, "app-user-without-recent-use");
        let opened = Cause::Clock(clock("2026-04-30T00:00:00Z").plus_days(90));
        assert!(found.iter().any(|finding| finding.subject == "rebecca" && finding.opened == opened), "{found:?}");
    }
}
