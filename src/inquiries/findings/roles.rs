//! Findings of roles and levels.

use grantbook_projections::{AsOf, GREATEST_LEVEL, GrantHistory, RoleNumber, SystemRole, turning_points};

use super::stretches::{existence_points, of_account, put_points};
use super::{Find, FindingRule, Met, Tense};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[
    FindingRule {
        code: "sysadmin-level-mismatch",
        rule: Some("G8"),
        words: "SysAdmin without System 8, or System 8 without SysAdmin",
        find: Find::All(sysadmin_level_mismatch),
    },
    FindingRule {
        code: "company-administrator-assigned-directly",
        rule: Some("G5"),
        words: "CompanyAdministrator was assigned directly; the right way is the organisation",
        find: Find::All(company_administrator_assigned_directly),
    },
];

/// SysAdmin without System 8, or System 8 without SysAdmin (rule: G8).
fn sysadmin_level_mismatch(shown: &Shown<'_>) -> Vec<Met> {
    let mut met = Vec::new();
    let (views, as_of) = (shown.views, shown.as_of);
    let role = RoleNumber::from(SystemRole::SysAdmin);
    let module = views.names.modules.get("System");
    let mut accounts: Vec<u32> = views.roles.ever_holders(role).map(|(who, _)| who).collect();
    accounts.extend(module.into_iter().flat_map(|module| views.levels.ever_holders(module)).map(|(who, _)| who));
    accounts.sort_unstable();
    accounts.dedup();
    for who in accounts {
        let sysadmin = |point: AsOf| views.roles.held(who, role, point).is_some();
        let level = |point: AsOf| {
            let held = module.and_then(|module| views.levels.level(who, module, point));
            held.is_some_and(|(_, level)| level.weight >= GREATEST_LEVEL)
        };
        let mut points = existence_points(shown, who);
        put_points(views.roles.history(who, role), as_of, &mut points);
        put_points(module.and_then(|module| views.levels.history(who, module)), as_of, &mut points);
        let mismatch = |point: AsOf| views.accounts.exists(who, point.position) && sysadmin(point) != level(point);
        let detail = |point: AsOf, tense: Tense| {
            let words = match sysadmin(point) {
                true => tense.pick("holds SysAdmin without System 8", "held SysAdmin without System 8"),
                false => tense.pick("has System 8 without SysAdmin", "had System 8 without SysAdmin"),
            };
            words.to_owned()
        };
        met.extend(of_account(shown, who, points, &mismatch, &detail));
    }
    met
}

/// CompanyAdministrator given directly (rule: G5).
fn company_administrator_assigned_directly(shown: &Shown<'_>) -> Vec<Met> {
    let role = RoleNumber::from(SystemRole::CompanyAdministrator);
    let words = "CompanyAdministrator was assigned directly; the right way is the organisation";
    let holders = shown.views.roles.ever_holders(role);
    holders.flat_map(|(who, history)| role_held(shown, who, role, history, &|_| words)).collect()
}

/// The stretches in which an account held a role.
pub(super) fn role_held(
    shown: &Shown<'_>,
    who: u32,
    role: RoleNumber,
    history: &GrantHistory,
    words: &dyn Fn(Tense) -> &'static str,
) -> Vec<Met> {
    let views = shown.views;
    let mut points = existence_points(shown, who);
    turning_points(history, shown.as_of, &mut points);
    let holds =
        |point: AsOf| views.accounts.exists(who, point.position) && views.roles.held(who, role, point).is_some();
    of_account(shown, who, points, &holds, &|_, tense| words(tense).to_owned())
}

#[cfg(test)]
mod tests {

    use crate::findings::for_tests::{level, of, role};

    use crate::history_for_tests::History as Told;

    use grantbook_projections::Cause;

    // rule: G8
    #[test]
    fn a_mismatch_of_role_and_level_opens_and_closes_by_entries() {
        let mut history = Told::example();
        assert_eq!(of(&history, "sysadmin-level-mismatch"), []);
        let opened = history.act("manager", vec![role(true, "veronica", "SysAdmin")]);
        let closed = history.act("manager", vec![level("veronica", 8)]);
        history.act("manager", vec![role(false, "veronica", "SysAdmin"), level("veronica", 0)]);
        let found = of(&history, "sysadmin-level-mismatch");
        assert_eq!(found.len(), 1, "both in one entry raise nothing");
        assert_eq!((found[0].opened, found[0].closed), (Cause::Entry(opened), Some(Cause::Entry(closed))));
        assert_eq!(found[0].subject, "veronica");
    }

    // rule: G5
    #[test]
    fn a_company_administrator_assigned_directly_is_found() {
        let mut history = Told::example();
        let opened = history.act("manager", vec![role(true, "mia", "CompanyAdministrator")]);
        let found = of(&history, "company-administrator-assigned-directly");
        assert_eq!((found[0].opened, found[0].closed), (Cause::Entry(opened), None));
    }
}
