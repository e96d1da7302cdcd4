//! Findings of grants: those that somebody gave itself, and those that are about to end.

use std::collections::BTreeSet;

use grantbook_events::{AdminOrigin, Instant, Position};
use grantbook_projections::{AsOf, By, Cause, Moments, RoleNumber, SystemRole};

use super::grants::{Grant, Holder, Thing, ending};
use super::stretches::{at, existence_points, of_account, put_points};
use super::{Find, FindingRule, Met, Tense};
use crate::shown::Shown;

/// How long before its end a right is about to end, in days.
const ABOUT_TO_END_DAYS: u32 = 30;

pub(super) const RULES: &[FindingRule] = &[
    FindingRule {
        code: "self-granted-admin",
        rule: None,
        words: "an account gave itself, or prolonged, the right of an Admin User or the role SysAdmin",
        find: Find::All(self_granted_admin),
    },
    FindingRule {
        code: "right-about-to-end",
        rule: None,
        words: "a right ends within 30 days",
        find: Find::Grants { ever: right_about_to_end, open: right_about_to_end_now },
    },
];

/// The right of an Admin User or the role SysAdmin in force by a grant that the account gave itself; where it held it
/// already, it prolonged it. The first sign-in is the ledger's doing (rule: F1).
fn self_granted_admin(shown: &Shown<'_>) -> Vec<Met> {
    let views = shown.views;
    let sysadmin = RoleNumber::from(SystemRole::SysAdmin);
    let admins = views.admins.grants().map(|(who, history)| (who, Thing::Admin, history));
    let sysadmins = views.roles.ever_holders(sysadmin);
    let sysadmins = sysadmins.map(|(who, history)| (who, Thing::Role(sysadmin), history));
    let mut met = Vec::new();
    for (who, thing, history) in admins.chain(sysadmins) {
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
        let grant = Grant::of(who, thing, history);
        let detail = |point: AsOf, _| format!("gave itself {}", grant.words(shown, point.position));
        met.extend(of_account(shown, who, points, &own, &detail));
    }
    met
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
    let (mut met, mut seen) = (Vec::new(), BTreeSet::new());
    for grant in grants {
        let history = grant.history;
        let ends = |point: AsOf| {
            let (_, holding) = history.change_at(point.position)?;
            holding.until().filter(|_| holding.in_force(point.clock) && grant.is_right(views, point.position))
        };
        let near = |point: AsOf| {
            let near = |until: Instant| until.minus_days(ABOUT_TO_END_DAYS) <= point.clock;
            grant.held_by_somebody(views, point.position) && ends(point).is_some_and(near)
        };
        let mut points = grant.existence_points(shown);
        put_points(Some(history), as_of, &mut points);
        let starts = history.changes_to(as_of.position).filter_map(|(_, holding)| holding.until());
        let starts = starts.map(|until| until.minus_days(ABOUT_TO_END_DAYS)).filter(|start| *start <= as_of.clock);
        points.extend(starts.map(Cause::Clock));
        let told = Moments::new(&views.timeline, points, as_of).stretches(&near).into_iter().map(|(opened, closed)| {
            let point = at(shown, opened);
            let until = ends(point).map_or_else(String::new, |until| format!(" on {}", until.just_before().date()));
            let ends = Tense::of(closed).pick("ends", "was to end");
            let whose = match grant.to {
                Holder::Account(_) => String::new(),
                Holder::Many(_) => format!(", for {},", grant.holder_words(shown)),
            };
            let detail = format!("{}{whose} {ends}{until}", grant.words(shown, point.position));
            Met { subject: grant.subject(shown), opened, closed, detail }
        });
        // A membership of a content authority group is one grant, whatever rights it gives.
        met.extend(told.filter(|one| seen.insert((grant.to, grant.thing, one.opened))));
    }
    met
}

#[cfg(test)]
mod tests {
    use crate::findings::for_tests::{admin, of, on, role, spans};
    use crate::history_for_tests::{History as Told, account, group, path};
    use grantbook_events::{
        AccessRight, CommunityEvent, CommunityName, CommunityRight, ContentAuthorityEvent, ContentRight, Event,
        Instant, Label, ObjectEvent, ObjectKind, OrganisationEvent, OrganisationKind, OrganisationName, Principal,
        RoleEvent, SignInPlane,
    };
    use grantbook_projections::{AsOf, Cause};

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

    // rules: G10, O20
    #[test]
    fn every_kind_of_grant_is_about_to_end() {
        let mut history = Told::example();
        let until = Instant::parse("2026-06-01T00:00:00Z").ok();
        let (object, community) = (path("/site"), CommunityName::new("Chess").unwrap());
        let (organisation, editors) = (OrganisationName::new("brucken").unwrap(), group("Editors"));
        let (kind, full_name) = (OrganisationKind::Company, "Brucken".to_owned());
        history.act(
            "manager",
            vec![
                Event::Object(ObjectEvent::ObjectCreated {
                    object: object.clone(),
                    kind: ObjectKind::Site,
                    public: false,
                    active: true,
                }),
                Event::Community(CommunityEvent::CommunityCreated { community: community.clone(), group: None }),
                Event::ContentAuthority(ContentAuthorityEvent::ContentAuthorityGroupCreated {
                    group: editors.clone(),
                    master: false,
                    covers: vec![object.clone()],
                }),
                Event::Organisation(OrganisationEvent::OrganisationCreated {
                    organisation: organisation.clone(),
                    kind,
                    full_name,
                }),
            ],
        );
        let granted = |principal| {
            let object = object.clone();
            Event::Object(ObjectEvent::AccessGranted { object, principal, right: AccessRight::Edit, until })
        };
        let member = |id: &str, position: Option<&str>| {
            let (organisation, account) = (organisation.clone(), account(id));
            let position = position.map(|position| Label::new(position).unwrap());
            Event::Organisation(OrganisationEvent::OrganisationMemberAdded {
                organisation,
                account,
                position,
                from: None,
                until,
            })
        };
        history.act(
            "manager",
            vec![
                granted(Principal::Account(account("mia"))),
                granted(Principal::Group(group("Reporting"))),
                Event::Community(CommunityEvent::CommunityRightGranted {
                    community,
                    right: CommunityRight::Administer,
                    principal: Principal::Staff,
                    until,
                }),
                Event::ContentAuthority(ContentAuthorityEvent::ContentAuthorityMemberAdded {
                    group: editors,
                    account: account("mia"),
                    rights: vec![ContentRight::Edit, ContentRight::Publish],
                    until,
                }),
                member("mia", None),
                member("rebecca", Some("Chair")),
                Event::Organisation(OrganisationEvent::OrganisationAdminAssigned {
                    organisation: organisation.clone(),
                    account: account("sarah"),
                    until,
                }),
            ],
        );
        let told = |clock: &str| {
            let (position, clock) = (history.last(), Instant::parse(clock).unwrap());
            let mut found = crate::findings::findings(&history.shown_as_of(AsOf { position, clock }));
            found.retain(|finding| finding.code == "right-about-to-end");
            let told = found.into_iter().map(|finding| format!("{}: {}", finding.subject, finding.detail));
            told.collect::<Vec<_>>()
        };
        assert_eq!(told("2026-05-01T00:00:00Z"), Vec::<String>::new());
        assert_eq!(
            told("2026-05-10T00:00:00Z"),
            [
                "/site: the right edit on /site, for the group Reporting, ends on 2026-05-31",
                "Chess: the right to administer the community Chess, for all staff, ends on 2026-05-31",
                "mia: membership of the content authority group Editors ends on 2026-05-31",
                "mia: the right edit on /site ends on 2026-05-31",
                "rebecca: being Chair of Brucken ends on 2026-05-31",
                "sarah: the right to administer Brucken ends on 2026-05-31",
            ]
        );
        // What is over is told in the past tense.
        assert!(told("2026-06-10T00:00:00Z").iter().all(|told| told.ends_with(" was to end on 2026-05-31")));
    }
}
