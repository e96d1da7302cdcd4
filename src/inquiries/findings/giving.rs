//! Findings of grants: who gave them, whether they still could, and which are about to end.

use std::collections::BTreeMap;

use grantbook_events::{AdminOrigin, Instant, Position};
use grantbook_projections::{AsOf, By, Cause, Moments, RoleNumber, SystemRole, instant_of};
use grantbook_rights::{account_usable, admin_effective, admin_points};

use super::grants::{Grant, Thing, all, ending};
use super::stretches::{existence_points, of_account, put_points, subject};
use super::{Find, FindingRule, Met};
use crate::shown::Shown;

/// How long before its end a right is about to end, in days.
const ABOUT_TO_END_DAYS: u32 = 30;

pub(super) const RULES: &[FindingRule] = &[
    FindingRule {
        code: "self-granted-admin",
        rule: None,
        words: "an account gave itself, or prolonged, the right of an Admin User or the role SysAdmin",
        find: self_granted_admin,
    },
    FindingRule {
        code: "giver-lost-right",
        rule: None,
        words: "grants are in force whose giver has since lost the right to give them",
        find: giver_lost_right,
    },
    FindingRule {
        code: "right-about-to-end",
        rule: None,
        words: "a right ends within 30 days",
        find: right_about_to_end,
    },
];

/// Of the rules that look at every grant there ever was: how they are found where they are open.
pub(super) const OPEN: [(&str, Find); 2] =
    [("giver-lost-right", giver_lost_right_now), ("right-about-to-end", right_about_to_end_now)];

/// The right of an Admin User or the role SysAdmin in force by a grant that the account gave itself; where it held it
/// already, it prolonged it. The first sign-in is the ledger's doing (rule: F1).
fn self_granted_admin(shown: &Shown<'_>) -> Vec<Met> {
    let views = shown.views;
    let sysadmin = RoleNumber::from(SystemRole::SysAdmin);
    let admins = views.admins.grants().map(|(who, history)| Grant { who, thing: Thing::Admin, history });
    let sysadmins = views.roles.ever_holders(sysadmin);
    let sysadmins = sysadmins.map(|(who, history)| Grant { who, thing: Thing::Role(sysadmin), history });
    let mut met = Vec::new();
    for Grant { who, thing, history } in admins.chain(sysadmins) {
        let by_itself = |given: Position| {
            let first = thing == Thing::Admin && views.admins.origin(who, given) == Some(AdminOrigin::FirstSignIn);
            !first && views.timeline.by(given) == By::Account(who)
        };
        if !history.changes_to(shown.position()).any(|(given, _)| by_itself(given)) {
            continue;
        }
        let own = |point: AsOf| {
            let given = history.change_at(point.position).filter(|(_, holding)| holding.in_force(point.clock));
            views.accounts.exists(who, point.position) && given.is_some_and(|(given, _)| by_itself(given))
        };
        let mut points = existence_points(shown, who);
        put_points(Some(history), shown.as_of, &mut points);
        let detail = |point: AsOf| format!("gave itself {}", thing.words(shown, point.position));
        met.extend(of_account(shown, who, points, &own, &detail));
    }
    met
}

/// The end of a grant's state: when, and by what.
type End = Option<(Instant, Cause)>;

/// A grant, when it was given, and its end.
type Given<'a> = (Grant<'a>, Position, End);

/// By account and plane (`true` for the dashboard): what it gave.
type GivenBy<'a> = BTreeMap<(u32, bool), Vec<Given<'a>>>;

/// Grants in force whose giver could give them and can no longer: one finding a giver and plane, as long as one of the
/// grants holds. What support or an import gave had no giver of the tenant's.
fn giver_lost_right(shown: &Shown<'_>) -> Vec<Met> {
    by_givers(shown, lost_stretches(shown))
}

/// The same, of those who cannot give it as of then: who can again has no open finding.
fn giver_lost_right_now(shown: &Shown<'_>) -> Vec<Met> {
    let mut lost = lost_stretches(shown);
    for stretches in lost.values_mut() {
        stretches.retain(|(_, regained)| regained.is_none());
    }
    lost.retain(|_, stretches| !stretches.is_empty());
    by_givers(shown, lost)
}

fn by_givers(shown: &Shown<'_>, lost: Lost) -> Vec<Met> {
    if lost.is_empty() {
        return Vec::new();
    }
    let given = given_by(shown, &lost);
    let mut met = Vec::new();
    for ((giver, dashboard), stretches) in &lost {
        let grants = given.get(&(*giver, *dashboard)).map_or(&[][..], Vec::as_slice);
        for (opened, regained) in stretches {
            let then = instant_of(&shown.views.timeline, *opened);
            let held = |(_, given, end): &&Given<'_>| {
                shown.views.timeline.at(*given) <= then && end.is_none_or(|(end, _)| end > then)
            };
            let held: Vec<_> = grants.iter().filter(held).collect();
            if held.is_empty() {
                continue;
            }
            let over = held.iter().map(|(_, _, end)| *end).collect::<Option<Vec<_>>>();
            let last = over.and_then(|ends| ends.into_iter().max());
            let regained = regained.map(|cause| (instant_of(&shown.views.timeline, cause), cause));
            let closed = last.into_iter().chain(regained).min().map(|(_, cause)| cause);
            let detail = detail(shown, *giver, &held);
            met.push(Met { subject: subject(shown, *giver), opened: *opened, closed, detail });
        }
    }
    met
}

/// Some of the grants, by what was given to whom.
fn detail(shown: &Shown<'_>, giver: u32, held: &[&Given<'_>]) -> String {
    const MOST_NAMED: usize = 3;
    let words = |(grant, given, _): &&Given<'_>| {
        let to = if grant.who == giver { "itself" } else { shown.id(grant.who) };
        format!("{} to {to}", grant.thing.words(shown, *given))
    };
    let named: Vec<String> = held.iter().take(MOST_NAMED).map(words).collect();
    let more = match held.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("can no longer give what it gave and others still held then: {}{more}", named.join(", "))
}

/// By account and plane (`true` for the dashboard): when somebody who could give rights could no longer, and when again.
type Lost = BTreeMap<(u32, bool), Vec<(Cause, Option<Cause>)>>;

fn lost_stretches(shown: &Shown<'_>) -> Lost {
    let (views, as_of) = (shown.views, shown.as_of);
    let sysadmin = RoleNumber::from(SystemRole::SysAdmin);
    let mut lost = Lost::new();
    let mut look = |who: u32, dashboard: bool, points: Vec<Cause>, can: &dyn Fn(AsOf) -> bool| {
        let moments = Moments::new(&views.timeline, points, as_of);
        let could = moments.stretches(can);
        let next = could.iter().skip(1).map(|(began, _)| Some(*began)).chain([None]);
        let stretches: Vec<_> =
            could.iter().zip(next).filter_map(|((_, ended), next)| Some(((*ended)?, next))).collect();
        if !stretches.is_empty() {
            lost.insert((who, dashboard), stretches);
        }
    };
    for who in views.admins.ever(as_of.position) {
        let mut points = Vec::new();
        admin_points(views, who, as_of, &mut points);
        look(who, true, points, &|point| admin_effective(views, who, point));
    }
    for (who, history) in views.roles.ever_holders(sysadmin) {
        let mut points = existence_points(shown, who);
        put_points(Some(history), as_of, &mut points);
        views.credentials.turning_points(who, as_of, &mut points);
        let can = |point| views.roles.held(who, sysadmin, point).is_some() && account_usable(views, who, point);
        look(who, false, points, &can);
    }
    lost
}

/// What those who lost the right to give had given, each grant with when it was given and how it ended.
fn given_by<'a>(shown: &Shown<'a>, lost: &Lost) -> GivenBy<'a> {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut given_by = GivenBy::new();
    for grant in all(views) {
        let mut changes = grant.history.changes_to(as_of.position).peekable();
        while let Some((given, holding)) = changes.next() {
            let By::Account(giver) = views.timeline.by(given) else { continue };
            let plane = (giver, grant.thing.of_the_dashboard());
            if holding.weight == 0 || views.timeline.imported(given) || !lost.contains_key(&plane) {
                continue;
            }
            let entry = |position: Position| (views.timeline.at(position), Cause::Entry(position));
            let replaced = changes.peek().map(|(next, _)| entry(*next));
            let clock = holding.until().filter(|until| *until <= as_of.clock);
            let removed =
                views.accounts.existence(grant.who).into_iter().flat_map(|known| known.changes_to(as_of.position));
            let removed = removed.filter(|(_, exists)| !**exists).map(|(removed, _)| entry(removed)).next();
            let end = replaced.into_iter().chain(removed).chain(clock.map(|until| (until, Cause::Clock(until)))).min();
            given_by.entry(plane).or_default().push((grant, given, end));
        }
    }
    for grants in given_by.values_mut() {
        grants.sort_by_key(|(grant, given, _)| (*given, shown.id(grant.who), grant.thing));
    }
    given_by
}

/// A grant with an end that is at most 30 days away. Opened by the clock, or by the entry where it was given for less; closed
/// by its end, or by the entry that replaced it or took it away.
fn right_about_to_end(shown: &Shown<'_>) -> Vec<Met> {
    about_to_end(shown, ending(shown.views))
}

/// The same, of those grants alone that are in force and end soon.
fn right_about_to_end_now(shown: &Shown<'_>) -> Vec<Met> {
    let AsOf { position, clock } = shown.as_of;
    let soon = clock.plus_days(ABOUT_TO_END_DAYS);
    let ends = |grant: &Grant<'_>| {
        let held = grant.history.at(position).filter(|holding| holding.in_force(clock));
        held.and_then(|holding| holding.until()).is_some_and(|until| until <= soon)
    };
    about_to_end(shown, ending(shown.views).filter(ends))
}

fn about_to_end<'a>(shown: &Shown<'a>, grants: impl Iterator<Item = Grant<'a>>) -> Vec<Met> {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut met = Vec::new();
    for Grant { who, thing, history } in grants {
        let ends = |point: AsOf| {
            let (_, holding) = history.change_at(point.position)?;
            holding.until().filter(|_| holding.in_force(point.clock))
        };
        let near = |point: AsOf| {
            let near = |until: Instant| until.minus_days(ABOUT_TO_END_DAYS) <= point.clock;
            views.accounts.exists(who, point.position) && ends(point).is_some_and(near)
        };
        let mut points = existence_points(shown, who);
        put_points(Some(history), as_of, &mut points);
        let starts = history.changes_to(as_of.position).filter_map(|(_, holding)| holding.until());
        let starts = starts.map(|until| until.minus_days(ABOUT_TO_END_DAYS)).filter(|start| *start <= as_of.clock);
        points.extend(starts.map(Cause::Clock));
        let detail = |point: AsOf| {
            let until = ends(point).map_or_else(String::new, |until| format!(" on {}", until.just_before().date()));
            format!("{} ends{until}", thing.words(shown, point.position))
        };
        met.extend(of_account(shown, who, points, &near, &detail));
    }
    met
}

#[cfg(test)]
mod tests {
    use crate::findings::Finding;
    use crate::findings::for_tests::{of, on, role};
    use crate::history_for_tests::{History as Told, account, group};
    use grantbook_events::{AdminOrigin, DashboardEvent, Event, GroupEvent, Instant, RoleEvent, SignInPlane};
    use grantbook_projections::{AsOf, Cause};

    fn spans(found: &[Finding]) -> Vec<(&str, Cause, Option<Cause>)> {
        found.iter().map(|finding| (finding.subject.as_str(), finding.opened, finding.closed)).collect()
    }

    fn admin(id: &str, until: Option<Instant>) -> Event {
        let origin = AdminOrigin::AdminUser;
        Event::Dashboard(DashboardEvent::AdminAdded { account: account(id), until, origin })
    }

    #[test]
    fn who_gives_himself_an_admin_right_is_found_and_the_first_sign_in_is_not() {
        let mut history = Told::example();
        assert_eq!(of(&history, "self-granted-admin"), []);
        let end = Instant::parse("2027-01-01T00:00:00Z").unwrap();
        history.act("bob", vec![admin("jeff", Some(end))]);
        let opened = history.act("jeff", vec![admin("jeff", None)]);
        let found = of(&history, "self-granted-admin");
        assert_eq!(spans(&found), [("jeff", Cause::Entry(opened), None)]);
        assert_eq!(found[0].detail, "gave itself being an Admin User");
        // Given by somebody else, it is his own doing no longer.
        let closed = history.act("bob", vec![admin("jeff", Some(end))]);
        let expected = [("jeff", Cause::Entry(opened), Some(Cause::Entry(closed)))];
        assert_eq!(spans(&of(&history, "self-granted-admin")), expected);
        assert_eq!(on(&history, "self-granted-admin", closed.before())[0].closed, None);
        let again = history.act("daemon", vec![role(true, "daemon", "SysAdmin")]);
        assert_eq!(of(&history, "self-granted-admin")[1].opened, Cause::Entry(again));
    }

    #[test]
    fn grants_outlive_their_givers_right_and_that_is_found() {
        let mut history = Told::example();
        assert_eq!(of(&history, "giver-lost-right"), []);
        let opened =
            history.act("jeff", vec![Event::Dashboard(DashboardEvent::AdminRemoved { account: account("bob") })]);
        let found = of(&history, "giver-lost-right");
        assert_eq!(spans(&found), [("bob", Cause::Entry(opened), None)]);
        assert!(found[0].detail.contains("being an Admin User to jeff"), "{}", found[0].detail);
        assert!(found[0].detail.ends_with("and 2 more"), "{}", found[0].detail);
        assert_eq!(on(&history, "giver-lost-right", opened.before()), []);
        let closed = history.act("jeff", vec![admin("bob", None)]);
        let expected = [("bob", Cause::Entry(opened), Some(Cause::Entry(closed)))];
        assert_eq!(spans(&of(&history, "giver-lost-right")), expected);
    }

    #[test]
    fn it_is_over_when_the_last_of_the_grants_is() {
        let mut history = Told::example();
        history.act("manager", vec![role(true, "veronica", "SysAdmin")]);
        let add = GroupEvent::GroupMemberAdded { group: group("Reporting"), account: account("mia"), until: None };
        history.act("veronica", vec![Event::Group(add)]);
        let opened = history.act("manager", vec![role(false, "veronica", "SysAdmin")]);
        let take = GroupEvent::GroupMemberRemoved { group: group("Reporting"), account: account("mia") };
        let found = of(&history, "giver-lost-right");
        assert_eq!(found[0].detail.split(": ").nth(1), Some("membership of Reporting to mia"));
        let closed = history.act("manager", vec![Event::Group(take)]);
        let expected = [("veronica", Cause::Entry(opened), Some(Cause::Entry(closed)))];
        assert_eq!(spans(&of(&history, "giver-lost-right")), expected);
    }

    // rule: G10
    #[test]
    fn a_right_is_about_to_end_30_days_before_by_the_clock() {
        let mut history = Told::example();
        let until = Instant::parse("2026-06-01T00:00:00Z").ok();
        let assign = |until| {
            let (account, role) = (account("sarah"), crate::history_for_tests::role("Auditor"));
            vec![Event::Role(RoleEvent::RoleAssigned { account, role, until })]
        };
        let given = history.act("manager", assign(until));
        let found = |clock: &str| {
            let clock = Instant::parse(clock).unwrap();
            let mut found = crate::findings::findings(&history.shown_as_of(AsOf { position: given, clock }));
            found.retain(|finding| finding.code == "right-about-to-end");
            found
        };
        assert_eq!(found("2026-05-01T00:00:00Z"), []);
        let opened = Cause::Clock(Instant::parse("2026-05-02T00:00:00Z").unwrap());
        assert_eq!(spans(&found("2026-05-02T00:00:00Z")), [("sarah", opened, None)]);
        assert_eq!(found("2026-05-02T00:00:00Z")[0].detail, "the role Auditor ends on 2026-05-31");
        let ended = Some(Cause::Clock(until.unwrap()));
        assert_eq!(spans(&found("2026-07-01T00:00:00Z")), [("sarah", opened, ended)]);
        // Prolonged in time, it is over.
        history.pass_to("2026-05-10T00:00:00Z");
        let prolonged = history.act("manager", assign(None));
        assert_eq!(spans(&of(&history, "right-about-to-end")), [("sarah", opened, Some(Cause::Entry(prolonged)))]);
        // Given for less, it is about to end at once.
        let short = history.act("manager", assign(Instant::parse("2026-05-12T00:00:00Z").ok()));
        history.sign_in("bob", SignInPlane::Platform);
        assert_eq!(of(&history, "right-about-to-end")[1].opened, Cause::Entry(short));
    }
}
