//! Findings of the Manager Account (rule: M4).

use grantbook_events::{AccountId, Position};
use grantbook_projections::{AsOf, By, Cause, Moments, RoleNumber, SystemRole};

use super::roles::role_held;
use super::stretches::{at, existence_points, put_points, subject};
use super::{Find, FindingRule, Met, Tense};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[
    FindingRule {
        code: "manager-as-service-account",
        rule: Some("M4"),
        words: "MANAGER holds RemoteService",
        find: Find::All(manager_as_service_account),
    },
    FindingRule {
        code: "manager-still-in-use",
        rule: Some("M4"),
        words: "MANAGER was used although there are other system administrators",
        find: Find::All(manager_still_in_use),
    },
];

/// MANAGER holds RemoteService (rule: M4).
fn manager_as_service_account(shown: &Shown<'_>) -> Vec<Met> {
    let role = RoleNumber::from(SystemRole::RemoteService);
    let manager = shown.views.account(&AccountId::manager());
    let history = manager.and_then(|manager| Some((manager, shown.views.roles.history(manager, role)?)));
    history
        .map(|(who, history)| {
            let words = |tense: Tense| tense.pick("MANAGER holds RemoteService", "MANAGER held RemoteService");
            role_held(shown, who, role, history, &words)
        })
        .unwrap_or_default()
}

/// MANAGER signed in or acted while there was another SysAdmin (rule: M4). Closed once there is none.
fn manager_still_in_use(shown: &Shown<'_>) -> Vec<Met> {
    let mut met = Vec::new();
    let (views, as_of) = (shown.views, shown.as_of);
    let Some(manager) = views.account(&AccountId::manager()) else { return met };
    let role = RoleNumber::from(SystemRole::SysAdmin);
    // Whoever came to it later does not count yet: where the clock and an entry coincide, theirs would be the one named.
    let held = views.roles.ever_holders(role).filter(|(_, history)| history.at(as_of.position).is_some());
    let others: Vec<u32> = held.map(|(who, _)| who).filter(|who| *who != manager).collect();
    let mut points = Vec::new();
    for who in &others {
        points.extend(existence_points(shown, *who));
        put_points(views.roles.history(*who, role), as_of, &mut points);
    }
    let another = |point: AsOf| {
        let holds =
            |who: &u32| views.accounts.exists(*who, point.position) && views.roles.held(*who, role, point).is_some();
        others.iter().any(holds)
    };
    for (began, ended) in Moments::new(&views.timeline, points, as_of).stretches(&another) {
        let first = at(shown, began).position.next();
        let last = ended.map_or(as_of.position, |ended| at(shown, ended).position);
        let mut positions = (first.0..=last.0).map(Position);
        let acted = positions.find(|at| views.timeline.by(*at) == By::Account(manager) && views.timeline.moves(*at));
        let mut sign_ins = views.sessions.sign_ins_of(manager).map(|session| session.position);
        let signed_in = sign_ins.find(|at| (first..=last).contains(at));
        let Some(opened) = acted.into_iter().chain(signed_in).min() else { continue };
        met.push(Met {
            subject: subject(shown, manager),
            opened: Cause::Entry(opened),
            closed: ended,
            detail: format!(
                "MANAGER was used although there {} other system administrators",
                Tense::of(ended).pick("are", "were")
            ),
        });
    }
    met
}

#[cfg(test)]
mod tests {
    use crate::findings::findings;
    use crate::findings::for_tests::{of, role};

    use crate::history_for_tests::History as Told;

    use grantbook_projections::Cause;

    // rule: M4
    #[test]
    fn manager_should_rest() {
        let mut history = Told::example();
        let opened = history.act("manager", vec![role(true, "manager", "RemoteService")]);
        let closed = history.act("manager", vec![role(false, "manager", "RemoteService")]);
        let found = of(&history, "manager-as-service-account");
        assert_eq!((found[0].opened, found[0].closed), (Cause::Entry(opened), Some(Cause::Entry(closed))));
        let used = of(&history, "manager-still-in-use");
        assert_eq!(used.len(), 1);
        assert_eq!(used[0].closed, None);
        let before = history.named("daemon is SysAdmin");
        assert!(used[0].opened > Cause::Entry(before));
        let early = findings(&history.shown(before));
        assert!(!early.iter().any(|finding| finding.code == "manager-still-in-use"));
    }
}
