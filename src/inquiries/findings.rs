//! Findings: what somebody should look at. Computed from histories; nothing of them is stored, and none of them changes a
//! right. A finding that is over stays in the list with what closed it.

use grantbook_events::{AccountId, Client, Edition, Position, SignInPlane};
use grantbook_projections::{
    AsOf, By, Cause, History, Holding, Moments, RoleNumber, Session, SystemRole, instant_of, turning_points,
};

use crate::shown::Shown;

/// Something that somebody should look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it is, as a stable slug.
    pub code: &'static str,
    /// Whom it is about: an account's id, or the Cloud ID where it is the tenant.
    pub subject: String,
    /// What opened it.
    pub opened: Cause,
    /// What closed it.
    pub closed: Option<Cause>,
    /// A sentence for a person.
    pub detail: String,
}

/// For how long a sign-in under a password that another set marks the pair, in days (rule: C16).
const MARKED_DAYS: u32 = 30;

/// Every finding up to then, open and closed, in the order in which they were opened.
pub fn findings(shown: &Shown<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    first_admin_open(shown, &mut findings);
    sysadmin_level_mismatch(shown, &mut findings);
    role_stretches(shown, SystemRole::CompanyAdministrator, None, &mut findings);
    role_stretches(shown, SystemRole::RemoteService, shown.views.account(&AccountId::manager()), &mut findings);
    manager_still_in_use(shown, &mut findings);
    background_account_used(shown, &mut findings);
    password_set_by_another(shown, &mut findings);
    non_staff_content_authority(shown, &mut findings);
    let timeline = &shown.views.timeline;
    findings.sort_by_cached_key(|finding| {
        (instant_of(timeline, finding.opened), finding.opened, finding.code, finding.subject.clone())
    });
    findings
}

/// Anybody's first sign-in makes the Admin User, and has not yet (rule: F14).
fn first_admin_open(shown: &Shown<'_>, into: &mut Vec<Finding>) {
    let (views, as_of) = (shown.views, shown.as_of);
    let Some(genesis) = views.tenant.genesis(as_of.position) else { return };
    if genesis.edition != Edition::Cloud || genesis.first_admin.is_some() {
        return;
    }
    let given = views.admins.ever(as_of.position).filter_map(|who| views.admins.history(who)?.changes().next());
    let first = given.map(|(position, _)| position).min();
    into.push(Finding {
        code: "first-admin-open",
        subject: genesis.cloud_id.as_str().to_owned(),
        opened: Cause::Entry(Position(1)),
        closed: first.map(Cause::Entry),
        detail: "whoever is staff and signs in to the dashboard first becomes the Admin User: no account was named"
            .to_owned(),
    });
}

/// SysAdmin without System 8, or System 8 without SysAdmin (rule: G8).
fn sysadmin_level_mismatch(shown: &Shown<'_>, into: &mut Vec<Finding>) {
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
            held.is_some_and(|(_, level)| level.weight >= grantbook_projections::GREATEST_LEVEL)
        };
        let mut points = existence_points(shown, who);
        put_points(views.roles.history(who, role), as_of, &mut points);
        put_points(module.and_then(|module| views.levels.history(who, module)), as_of, &mut points);
        let mismatch = |point: AsOf| views.accounts.exists(who, point.position) && sysadmin(point) != level(point);
        let moments = Moments::new(&views.timeline, points, as_of);
        for (opened, closed) in moments.stretches(&mismatch) {
            let then = at(shown, opened);
            let detail =
                if sysadmin(then) { "holds SysAdmin without System 8" } else { "has System 8 without SysAdmin" };
            let detail = detail.to_owned();
            into.push(Finding {
                code: "sysadmin-level-mismatch",
                subject: subject(shown, who),
                opened,
                closed,
                detail,
            });
        }
    }
}

/// A role that should not be held like that: CompanyAdministrator given directly (rule: G5), RemoteService by MANAGER
/// (rule: M4).
fn role_stretches(shown: &Shown<'_>, role: SystemRole, only: Option<u32>, into: &mut Vec<Finding>) {
    let (code, detail) = match role {
        SystemRole::CompanyAdministrator => (
            "company-administrator-assigned-directly",
            "CompanyAdministrator was assigned directly; the right way is the organisation",
        ),
        SystemRole::RemoteService
        | SystemRole::SysAdmin
        | SystemRole::OnBehalfOf
        | SystemRole::Everyone
        | SystemRole::ContentAdministrator
        | SystemRole::Auditor => ("manager-as-service-account", "MANAGER holds RemoteService"),
    };
    let everyone = role == SystemRole::CompanyAdministrator;
    let (views, as_of) = (shown.views, shown.as_of);
    let number = RoleNumber::from(role);
    for (who, history) in views.roles.ever_holders(number).filter(|(who, _)| everyone || Some(*who) == only) {
        let mut points = existence_points(shown, who);
        turning_points(history, as_of, &mut points);
        let holds =
            |point: AsOf| views.accounts.exists(who, point.position) && views.roles.held(who, number, point).is_some();
        for (opened, closed) in Moments::new(&views.timeline, points, as_of).stretches(&holds) {
            into.push(Finding { code, subject: subject(shown, who), opened, closed, detail: detail.to_owned() });
        }
    }
}

/// MANAGER signed in or acted while there was another SysAdmin (rule: M4). Closed once there is none.
fn manager_still_in_use(shown: &Shown<'_>, into: &mut Vec<Finding>) {
    let (views, as_of) = (shown.views, shown.as_of);
    let Some(manager) = views.account(&AccountId::manager()) else { return };
    let role = RoleNumber::from(SystemRole::SysAdmin);
    let others: Vec<u32> = views.roles.ever_holders(role).map(|(who, _)| who).filter(|who| *who != manager).collect();
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
        let used = |position: &Position| {
            let acted = views.timeline.by(*position) == By::Account(manager) && views.timeline.moves(*position);
            acted || views.sessions.session(*position).is_some_and(|session| session.account == manager)
        };
        let Some(opened) = (first.0..=last.0).map(Position).find(used) else { continue };
        into.push(Finding {
            code: "manager-still-in-use",
            subject: subject(shown, manager),
            opened: Cause::Entry(opened),
            closed: ended,
            detail: "MANAGER was used although there are other system administrators".to_owned(),
        });
    }
}

/// The Background Account signed in to the dashboard as a person would, and not for the first time (rule: B7). Closed
/// once another account is the Background Account.
fn background_account_used(shown: &Shown<'_>, into: &mut Vec<Finding>) {
    let (views, as_of) = (shown.views, shown.as_of);
    let Some(history) = views.background.history() else { return };
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
        let sign_ins = views.sessions.of_account(*who).filter(interactive).skip(1);
        let later: Vec<Position> =
            sign_ins.map(|session| session.position).filter(|at| *at > from && *at <= until).collect();
        let Some(opened) = later.first() else { continue };
        let times = later.len();
        into.push(Finding {
            code: "background-account-used-interactively",
            subject: subject(shown, *who),
            opened: Cause::Entry(*opened),
            closed: next.map(|(set, _)| Cause::Entry(*set)),
            detail: format!("the Background Account signed in to the dashboard after it was set up, {times} time(s)"),
        });
    }
}

/// Somebody signed in after changing a password that another had set (rule: C16). Closed by the clock.
fn password_set_by_another(shown: &Shown<'_>, into: &mut Vec<Finding>) {
    let (views, as_of) = (shown.views, shown.as_of);
    let manager = views.account(&AccountId::manager());
    for (who, _) in views.names.accounts.all().filter(|(who, _)| Some(*who) != manager) {
        let Some(history) = views.credentials.secrets(who) else { continue };
        // Who set the password that waits to be changed, then since when the account's own one is in force.
        let mut set_by: Option<By> = None;
        let mut changes = history.changes_to(as_of.position).peekable();
        while let Some((position, secret)) = changes.next() {
            let Some(secret) = secret else {
                set_by = None;
                continue;
            };
            let by = views.timeline.by(position);
            if !secret.chosen_by_holder {
                set_by = is_another(by, who).then_some(by);
            }
            let opens = !secret.must_change;
            let Some(setter) = set_by.filter(|_| opens) else { continue };
            let next = changes.peek().map_or(Position::GREATEST, |(next, _)| *next);
            let mut sessions = views.sessions.of_account(who);
            // Until it signed in, a further change of its own changes nothing of the pair.
            let in_time = |at: Position| at > position && at <= as_of.position && at < next;
            let Some(session) = sessions.find(|session| in_time(session.position)) else { continue };
            set_by = None;
            let end = views.timeline.at(session.position).plus_days(MARKED_DAYS);
            into.push(Finding {
                code: "signed-in-after-password-set-by-another",
                subject: subject(shown, who),
                opened: Cause::Entry(session.position),
                closed: (as_of.clock >= end).then_some(Cause::Clock(end)),
                detail: format!("the password had been set by {}", setter_words(shown, setter)),
            });
        }
    }
}

/// Somebody who is not staff is a member of a content authority group (rule: D3), by whatever made it so.
fn non_staff_content_authority(shown: &Shown<'_>, into: &mut Vec<Finding>) {
    let (views, as_of) = (shown.views, shown.as_of);
    for (number, group) in views.content_authority.all(as_of.position) {
        for who in views.content_authority.ever_members(number) {
            let mut points = existence_points(shown, who);
            for (_, _, history) in views.content_authority.grants_of(who).filter(|(group, ..)| *group == number) {
                turning_points(history, as_of, &mut points);
            }
            let classes = views.credentials.classes(who).into_iter();
            let changes = classes.flat_map(|classes| classes.changes_to(as_of.position));
            points.extend(changes.map(|(set, _)| Cause::Entry(set)));
            let concerns = |point: AsOf| {
                let staff = views.credentials.full(who, point.position).is_some_and(|(_, full)| full);
                let member = views.content_authority.member(who, number, point).is_some();
                member && !staff && views.accounts.exists(who, point.position)
            };
            for (opened, closed) in Moments::new(&views.timeline, points, as_of).stretches(&concerns) {
                into.push(Finding {
                    code: "non-staff-content-authority",
                    subject: subject(shown, who),
                    opened,
                    closed,
                    detail: format!("is a member of the content authority group {} and not staff", group.name),
                });
            }
        }
    }
}

fn is_another(by: By, who: u32) -> bool {
    match by {
        By::Account(setter) => setter != who,
        By::Support(_) => true,
        By::System | By::Guest => false,
    }
}

fn setter_words(shown: &Shown<'_>, by: By) -> String {
    match by {
        By::Account(setter) => {
            let id = shown.id(setter);
            shown.name(setter).map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
        }
        By::Support(number) => {
            let operator = shown.views.timeline.operator(number);
            operator.map_or_else(|| "support".to_owned(), |operator| format!("support ({operator})"))
        }
        By::System | By::Guest => "the ledger".to_owned(),
    }
}

fn subject(shown: &Shown<'_>, who: u32) -> String {
    shown.id(who).to_owned()
}

/// The point from which to look at what a cause did.
fn at(shown: &Shown<'_>, cause: Cause) -> AsOf {
    let timeline = &shown.views.timeline;
    match cause {
        Cause::Entry(position) => timeline.as_of(position),
        Cause::Clock(clock) => AsOf { position: timeline.position_at(clock).min(shown.position()), clock },
    }
}

fn existence_points(shown: &Shown<'_>, who: u32) -> Vec<Cause> {
    let history = shown.views.accounts.existence(who).into_iter();
    history.flat_map(|history| history.changes_to(shown.position())).map(|(set, _)| Cause::Entry(set)).collect()
}

fn put_points(history: Option<&History<Holding>>, as_of: AsOf, into: &mut Vec<Cause>) {
    if let Some(history) = history {
        turning_points(history, as_of, into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests as h;
    use crate::history_for_tests::History as Told;
    use grantbook_events::{CredentialsEvent, DashboardEvent, Event, RoleEvent, SecretVersion};

    fn of(history: &Told, code: &str) -> Vec<Finding> {
        let mut found = findings(&history.shown(history.last()));
        found.retain(|finding| finding.code == code);
        found
    }

    fn role_event(given: bool, id: &str, name: &str) -> Event {
        let (account, role) = (h::account(id), h::role(name));
        Event::Role(match given {
            true => RoleEvent::RoleAssigned { account, role, until: None },
            false => RoleEvent::RoleRemoved { account, role },
        })
    }

    fn level(id: &str, level: u8) -> Event {
        Event::Role(RoleEvent::LevelSet { account: h::account(id), module: h::module("System"), level, until: None })
    }

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

    // rule: G8
    #[test]
    fn a_mismatch_of_role_and_level_opens_and_closes_by_entries() {
        let mut history = Told::example();
        assert_eq!(of(&history, "sysadmin-level-mismatch"), []);
        let opened = history.act("manager", vec![role_event(true, "veronica", "SysAdmin")]);
        let closed = history.act("manager", vec![level("veronica", 8)]);
        history.act("manager", vec![role_event(false, "veronica", "SysAdmin"), level("veronica", 0)]);
        let found = of(&history, "sysadmin-level-mismatch");
        assert_eq!(found.len(), 1, "both in one entry raise nothing");
        assert_eq!((found[0].opened, found[0].closed), (Cause::Entry(opened), Some(Cause::Entry(closed))));
        assert_eq!(found[0].subject, "veronica");
    }

    // rule: G5
    #[test]
    fn a_company_administrator_assigned_directly_is_found() {
        let mut history = Told::example();
        let opened = history.act("manager", vec![role_event(true, "mia", "CompanyAdministrator")]);
        let found = of(&history, "company-administrator-assigned-directly");
        assert_eq!((found[0].opened, found[0].closed), (Cause::Entry(opened), None));
    }

    // rule: M4
    #[test]
    fn manager_should_rest() {
        let mut history = Told::example();
        let opened = history.act("manager", vec![role_event(true, "manager", "RemoteService")]);
        let closed = history.act("manager", vec![role_event(false, "manager", "RemoteService")]);
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
}
