//! Separations of duties that somebody breaks. System administrators count: that one person can do both is what whoever
//! defined the separation wants to see, and the finding says that SysAdmin is why. MANAGER does not: nobody in the tenant
//! can take anything from it, and its use is a finding of its own.

use std::collections::BTreeSet;

use grantbook_events::{AccountId, Position};
use grantbook_projections::{AsOf, Cause, RoleNumber, Separation, SystemRole};
use grantbook_rights::{Capability, account_points, candidates, has_at_all};

use super::stretches::of_account;
use super::{Find, FindingRule, Met, Tense};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[FindingRule {
    code: "separation-broken",
    rule: None,
    words: "an account can do both of what a separation of duties keeps apart",
    find: Find::All(separation_broken),
}];

/// An account holds both sides of a separation that is defined. Opened and closed by an entry or the clock.
fn separation_broken(shown: &Shown<'_>) -> Vec<Met> {
    let mut met = Vec::new();
    for history in shown.views.separations.histories() {
        let mut changes = history.changes_to(shown.position()).peekable();
        while let Some((defined, separation)) = changes.next() {
            let removed = changes.peek().map(|(removed, _)| *removed);
            if let Some(separation) = separation {
                met.extend(broken(shown, separation, defined, removed));
            }
        }
    }
    met
}

/// Who would have broken a separation that nobody has defined, had it been there from the start.
pub(super) fn would_break(shown: &Shown<'_>, separation: &Separation) -> Vec<Met> {
    broken(shown, separation, Position(1), None)
}

/// Who broke a separation between the entry that defined it and the one that removed it.
fn broken(shown: &Shown<'_>, separation: &Separation, defined: Position, removed: Option<Position>) -> Vec<Met> {
    let views = shown.views;
    let named = [&separation.one, &separation.other].map(|name| Capability::named(name.as_str()));
    let [Some(one), Some(other)] = named else { return Vec::new() };
    let in_force = |point: AsOf| point.position >= defined && removed.is_none_or(|removed| point.position < removed);
    let mut met = Vec::new();
    for who in whom(shown, one, other) {
        let both =
            |point: AsOf| in_force(point) && has_at_all(views, who, one, point) && has_at_all(views, who, other, point);
        let mut points = vec![Cause::Entry(defined)];
        points.extend(removed.map(Cause::Entry));
        account_points(views, who, shown.as_of, &mut points);
        let detail = |point: AsOf, tense: Tense| {
            let sysadmin = views.roles.held(who, RoleNumber::from(SystemRole::SysAdmin), point).is_some();
            let is = tense.pick("it is a system administrator", "it was a system administrator");
            let why = if sysadmin { format!("; {is}") } else { String::new() };
            let (can, keeps) = (tense.pick("can", "could"), tense.pick("keeps", "kept"));
            let Separation { name, one, other } = separation;
            format!("{can} do both {one} and {other}, which `{name}` {keeps} apart{why}")
        };
        met.extend(of_account(shown, who, points, &both, &detail));
    }
    met
}

/// The ids of those who hold both sides of a separation as of then, in order.
pub(crate) fn breaks<'a>(shown: &Shown<'a>, separation: &Separation) -> Vec<&'a str> {
    let named = [&separation.one, &separation.other].map(|name| Capability::named(name.as_str()));
    let [Some(one), Some(other)] = named else { return Vec::new() };
    let both = |who: &u32| [one, other].iter().all(|side| has_at_all(shown.views, *who, *side, shown.as_of));
    let mut accounts: Vec<&str> = whom(shown, one, other).into_iter().filter(both).map(|who| shown.id(who)).collect();
    accounts.sort_unstable();
    accounts
}

/// Whom it can concern: those who may ever have had the rarer of the two.
fn whom(shown: &Shown<'_>, one: Capability, other: Capability) -> BTreeSet<u32> {
    let views = shown.views;
    let bounded = [one, other].into_iter().filter_map(|capability| candidates(views, capability));
    let rarest = bounded.min_by_key(Vec::len);
    let everybody = || views.names.accounts.all().map(|(who, _)| who).collect();
    let mut whom: BTreeSet<u32> = rarest.map_or_else(everybody, |accounts| accounts.into_iter().collect());
    if let Some(manager) = views.account(&AccountId::manager()) {
        whom.remove(&manager);
    }
    whom
}

#[cfg(test)]
mod tests {
    use crate::findings::Finding;
    use crate::findings::for_tests::{of, on, role};
    use crate::history_for_tests::History as Told;
    use grantbook_events::{CapabilityName, Event, RoleEvent, SeparationEvent, SeparationName};
    use grantbook_projections::Cause;

    fn define(name: &str, one: &str, other: &str) -> Event {
        let capability = |name| CapabilityName::new(name).unwrap();
        let separation = SeparationName::new(name).unwrap();
        let (one, other) = (capability(one), capability(other));
        Event::Separation(SeparationEvent::SeparationDefined { separation, one, other })
    }

    fn remove(name: &str) -> Event {
        let separation = SeparationName::new(name).unwrap();
        Event::Separation(SeparationEvent::SeparationRemoved { separation })
    }

    fn spans(found: &[Finding]) -> Vec<(&str, Cause, Option<Cause>)> {
        found.iter().map(|finding| (finding.subject.as_str(), finding.opened, finding.closed)).collect()
    }

    #[test]
    fn a_separation_is_broken_from_the_entry_that_gave_both_sides_to_the_one_that_took_one() {
        let mut history = Told::example();
        let defined = history.act("manager", vec![define("keys", "roles.assign", "dashboard.manage_admins")]);
        assert_eq!(of(&history, "separation-broken"), [], "MANAGER aside nobody is both");
        let opened = history.act("manager", vec![role(true, "bob", "SysAdmin")]);
        let found = of(&history, "separation-broken");
        assert_eq!(spans(&found), [("bob", Cause::Entry(opened), None)]);
        assert!(found[0].detail.contains("roles.assign") && found[0].detail.contains("`keys`"), "{}", found[0].detail);
        let closed = history.act("manager", vec![role(false, "bob", "SysAdmin")]);
        assert_eq!(
            spans(&of(&history, "separation-broken")),
            [("bob", Cause::Entry(opened), Some(Cause::Entry(closed)))]
        );
        // As of a point before, it was open, and before that there was none.
        assert_eq!(spans(&on(&history, "separation-broken", closed.before())), [("bob", Cause::Entry(opened), None)]);
        assert_eq!(on(&history, "separation-broken", defined), []);
    }

    #[test]
    fn a_separation_finds_who_broke_it_before_it_was_defined_and_lets_go_when_it_is_removed() {
        let mut history = Told::example();
        history.act("manager", vec![role(true, "bob", "Auditor")]);
        let opened = history.act("manager", vec![define("eyes", "ledger.review", "dashboard.manage_app_users")]);
        let found = of(&history, "separation-broken");
        assert_eq!(spans(&found), [("bob", Cause::Entry(opened), None)]);
        let closed = history.act("manager", vec![remove("Eyes")]);
        assert_eq!(of(&history, "separation-broken")[0].closed, Some(Cause::Entry(closed)));
        // Defined anew, it may keep other things apart.
        history.act("manager", vec![define("eyes", "ledger.review", "app.use")]);
        assert_eq!(of(&history, "separation-broken").len(), 1);
    }

    #[test]
    fn the_clock_ends_it_with_the_grant() {
        let mut history = Told::example();
        history.act("manager", vec![define("eyes", "ledger.review", "app.use")]);
        let end = grantbook_events::Instant::parse("2026-03-01T00:00:00Z").unwrap();
        let (account, role) = (crate::history_for_tests::account("sarah"), crate::history_for_tests::role("Auditor"));
        let opened =
            history.act("manager", vec![Event::Role(RoleEvent::RoleAssigned { account, role, until: Some(end) })]);
        assert_eq!(spans(&of(&history, "separation-broken")), [("sarah", Cause::Entry(opened), None)]);
        history.pass_to("2026-03-02T00:00:00Z");
        history.sign_in("bob", grantbook_events::SignInPlane::Platform);
        let closed = Some(Cause::Clock(end));
        assert_eq!(spans(&of(&history, "separation-broken")), [("sarah", Cause::Entry(opened), closed)]);
    }
}
