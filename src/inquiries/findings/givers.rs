//! Findings of those who gave: grants that outlive their giver's right to give them.

use std::collections::{BTreeMap, BTreeSet};

use grantbook_events::{Instant, Position};
use grantbook_projections::{AsOf, By, Cause, Moments, RoleNumber, SystemRole, Views, instant_of};
use grantbook_rights::{
    Capability, On, Question, Standing, Who, account_usable, admin_effective, admin_points, may, points,
};

use super::grants::{Grant, Holder, Thing, all, in_organisations};
use super::stretches::{existence_points, put_points, subject};
use super::{Find, FindingRule, Met, Tense};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[FindingRule {
    code: "giver-lost-right",
    rule: None,
    words: "grants are in force whose giver has since lost the right to give them",
    find: Find::Grants { ever: giver_lost_right, open: giver_lost_right_now },
}];

/// The end of a grant's state: when, and by what.
type End = Option<(Instant, Cause)>;

/// A grant, when it was given, and its end.
type Given<'a> = (Grant<'a>, Position, End);

/// By what right something was given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Ground {
    /// An Admin User's.
    Dashboard,
    /// A system administrator's.
    Platform,
    /// That of staff, in any organisation.
    Staff,
    /// That of an administrator of an organisation, in that one.
    Organisation(u32),
}

impl Ground {
    /// By what right a grant was given at an entry.
    fn of(views: &Views, thing: Thing, giver: u32, given: Position) -> Ground {
        match thing {
            Thing::Admin | Thing::App(_) => Ground::Dashboard,
            Thing::Role(_)
            | Thing::Level(_)
            | Thing::Group(_)
            | Thing::Access(..)
            | Thing::Community(..)
            | Thing::Content(_) => Ground::Platform,
            Thing::Administrator(organisation) | Thing::Position(organisation) => {
                let staff = views.credentials.full(giver, given).is_some_and(|(_, full)| full);
                if staff { Ground::Staff } else { Ground::Organisation(organisation) }
            }
        }
    }
}

/// By giver and by what right: what was given.
type GivenBy<'a> = BTreeMap<(u32, Ground), Vec<Given<'a>>>;

/// Grants in force whose giver could give them and can no longer: one finding a giver and right, as long as one of the
/// grants holds. What support or an import gave had no giver of the tenant's.
fn giver_lost_right(shown: &Shown<'_>) -> Vec<Met> {
    by_givers(shown, &lost_stretches(shown))
}

/// The same, of those who cannot give it as of then: who can again has no open finding.
fn giver_lost_right_now(shown: &Shown<'_>) -> Vec<Met> {
    let mut lost = lost_stretches(shown);
    for stretches in lost.values_mut() {
        stretches.retain(|(_, regained)| regained.is_none());
    }
    lost.retain(|_, stretches| !stretches.is_empty());
    by_givers(shown, &lost)
}

fn by_givers(shown: &Shown<'_>, lost: &Lost) -> Vec<Met> {
    if lost.is_empty() {
        return Vec::new();
    }
    let given = given_by(shown, lost);
    let mut met = Vec::new();
    for ((giver, ground), stretches) in lost {
        let grants = given.get(&(*giver, *ground)).map_or(&[][..], Vec::as_slice);
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
            let detail = detail(shown, *giver, &held, Tense::of(closed));
            met.push(Met { subject: subject(shown, *giver), opened: *opened, closed, detail });
        }
    }
    met
}

/// Some of the grants, by what was given to whom.
fn detail(shown: &Shown<'_>, giver: u32, held: &[&Given<'_>], tense: Tense) -> String {
    const MOST_NAMED: usize = 3;
    let words = |(grant, given, _): &&Given<'_>| {
        let to = if grant.to == Holder::Account(giver) { "itself".to_owned() } else { grant.holder_words(shown) };
        format!("{} to {to}", grant.words(shown, *given))
    };
    let named: Vec<String> = held.iter().take(MOST_NAMED).map(words).collect();
    let more = match held.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let can = tense.pick("can", "could");
    format!("{can} no longer give what it gave and others still held then: {}{more}", named.join(", "))
}

/// By giver and right: when it was lost, and when it came back.
type Lost = BTreeMap<(u32, Ground), Vec<(Cause, Option<Cause>)>>;

fn lost_stretches(shown: &Shown<'_>) -> Lost {
    let (views, as_of) = (shown.views, shown.as_of);
    let sysadmin = RoleNumber::from(SystemRole::SysAdmin);
    let mut lost = Lost::new();
    let mut look = |who: u32, ground: Ground, points: Vec<Cause>, can: &dyn Fn(AsOf) -> bool| {
        let moments = Moments::new(&views.timeline, points, as_of);
        let could = moments.stretches(can);
        let next = could.iter().skip(1).map(|(began, _)| Some(*began)).chain([None]);
        let stretches: Vec<_> =
            could.iter().zip(next).filter_map(|((_, ended), next)| Some(((*ended)?, next))).collect();
        if !stretches.is_empty() {
            lost.insert((who, ground), stretches);
        }
    };
    for who in views.admins.ever(as_of.position) {
        let mut points = Vec::new();
        admin_points(views, who, as_of, &mut points);
        look(who, Ground::Dashboard, points, &|point| admin_effective(views, who, point));
    }
    for (who, history) in views.roles.ever_holders(sysadmin) {
        let mut points = existence_points(shown, who);
        put_points(Some(history), as_of, &mut points);
        views.credentials.turning_points(who, as_of, &mut points);
        let can = |point| views.roles.held(who, sysadmin, point).is_some() && account_usable(views, who, point);
        look(who, Ground::Platform, points, &can);
    }
    for (who, ground) in givers_in_organisations(shown) {
        // Whoever is staff gives in every organisation alike: one that nobody has named yet stands for all.
        let (on, capability) = match ground {
            Ground::Organisation(organisation) => (On::Organisation(organisation), Capability::OrganisationAssignAdmin),
            Ground::Dashboard | Ground::Platform | Ground::Staff => (On::Nothing, Capability::ContactsAccess),
        };
        let question = Question { views, who: Who::Account(who), standing: Standing::Given, on, as_of };
        let can = |as_of| may(&Question { as_of, ..question }, capability).allowed();
        look(who, ground, points(&question), &can);
    }
    lost
}

/// Who gave something in an organisation to somebody, and by what right. Who joins by themselves needs none (rule: O22).
fn givers_in_organisations(shown: &Shown<'_>) -> BTreeSet<(u32, Ground)> {
    let (views, position) = (shown.views, shown.position());
    let mut givers = BTreeSet::new();
    for grant in in_organisations(views) {
        for (given, holding) in grant.history.changes_to(position) {
            if let By::Account(giver) = views.timeline.by(given)
                && holding.weight > 0
                && grant.to != Holder::Account(giver)
                && !views.timeline.imported(given)
                && grant.is_right(views, given)
            {
                givers.insert((giver, Ground::of(views, grant.thing, giver, given)));
            }
        }
    }
    givers
}

/// What those who lost the right to give had given, each grant with when it was given and how it ended.
fn given_by<'a>(shown: &Shown<'a>, lost: &Lost) -> GivenBy<'a> {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut given_by = GivenBy::new();
    for grant in all(views).chain(in_organisations(views)) {
        let mut changes = grant.history.changes_to(as_of.position).peekable();
        while let Some((given, holding)) = changes.next() {
            let By::Account(giver) = views.timeline.by(given) else { continue };
            let by = (giver, Ground::of(views, grant.thing, giver, given));
            if holding.weight == 0
                || views.timeline.imported(given)
                || !lost.contains_key(&by)
                || !grant.is_right(views, given)
            {
                continue;
            }
            let entry = |position: Position| (views.timeline.at(position), Cause::Entry(position));
            let replaced = changes.peek().map(|(next, _)| entry(*next));
            let clock = holding.until().filter(|until| *until <= as_of.clock);
            let removed = match grant.to {
                Holder::Account(who) => views.accounts.existence(who),
                Holder::Many(_) => None,
            };
            let removed = removed.into_iter().flat_map(|known| known.changes_to(as_of.position));
            let removed = removed.filter(|(_, exists)| !**exists).map(|(removed, _)| entry(removed)).next();
            let end = replaced.into_iter().chain(removed).chain(clock.map(|until| (until, Cause::Clock(until)))).min();
            given_by.entry(by).or_default().push((grant, given, end));
        }
    }
    for grants in given_by.values_mut() {
        // Hardly ever two were given by one entry, so that whom each was given to is seldom put into words.
        grants.sort_by(|(one, given, _), (other, later, _)| {
            let words = || one.holder_words(shown).cmp(&other.holder_words(shown));
            given.cmp(later).then_with(words).then(one.thing.cmp(&other.thing))
        });
        // A membership of a content authority group is one grant, whatever rights it gives.
        grants.dedup_by_key(|(grant, given, end)| (grant.to, grant.thing, *given, *end));
    }
    given_by
}

#[cfg(test)]
mod tests {
    use crate::findings::for_tests::{admin, of, on, role, spans};
    use crate::history_for_tests::{History as Told, account, group, path};
    use grantbook_events::{
        AccessRight, ContentAuthorityEvent, ContentRight, DashboardEvent, Event, GroupEvent, Label, ObjectEvent,
        ObjectKind, OrganisationEvent, OrganisationKind, OrganisationName, Principal,
    };
    use grantbook_projections::Cause;

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

    // rules: D1, N2
    #[test]
    fn access_and_content_authority_outlive_their_giver_too() {
        let mut history = Told::example();
        let object = path("/site");
        let created =
            ObjectEvent::ObjectCreated { object: object.clone(), kind: ObjectKind::Site, public: false, active: true };
        let editors = ContentAuthorityEvent::ContentAuthorityGroupCreated {
            group: group("Editors"),
            master: false,
            covers: vec![object.clone()],
        };
        history.act("manager", vec![Event::Object(created), Event::ContentAuthority(editors)]);
        history.act("manager", vec![role(true, "veronica", "SysAdmin")]);
        let granted = |principal| {
            let object = object.clone();
            Event::Object(ObjectEvent::AccessGranted { object, principal, right: AccessRight::Edit, until: None })
        };
        let added = ContentAuthorityEvent::ContentAuthorityMemberAdded {
            group: group("Editors"),
            account: account("mia"),
            rights: vec![ContentRight::Edit, ContentRight::Publish],
            until: None,
        };
        let reporting = Principal::Group(group("Reporting"));
        history.act("veronica", vec![granted(Principal::Account(account("mia"))), granted(reporting)]);
        history.act("veronica", vec![Event::ContentAuthority(added)]);
        let opened = history.act("manager", vec![role(false, "veronica", "SysAdmin")]);
        let found = of(&history, "giver-lost-right");
        assert_eq!(spans(&found), [("veronica", Cause::Entry(opened), None)]);
        let named = found[0].detail.split_once(": ").unwrap().1;
        assert_eq!(
            named,
            "the right edit on /site to mia, the right edit on /site to the group Reporting, \
             membership of the content authority group Editors to mia"
        );
    }

    fn organisation() -> OrganisationName {
        OrganisationName::new("brucken").unwrap()
    }

    fn member(id: &str, position: Option<&str>) -> Event {
        let position = position.map(|position| Label::new(position).unwrap());
        let (organisation, account) = (organisation(), account(id));
        Event::Organisation(OrganisationEvent::OrganisationMemberAdded {
            organisation,
            account,
            position,
            from: None,
            until: None,
        })
    }

    fn administrator(id: &str, given: bool) -> Event {
        let (organisation, account) = (organisation(), account(id));
        Event::Organisation(match given {
            true => OrganisationEvent::OrganisationAdminAssigned { organisation, account, until: None },
            false => OrganisationEvent::OrganisationAdminRemoved { organisation, account },
        })
    }

    // rules: O5, O8, O20
    #[test]
    fn what_is_given_in_an_organisation_outlives_its_administrator() {
        let mut history = Told::example();
        let created = OrganisationEvent::OrganisationCreated {
            organisation: organisation(),
            kind: OrganisationKind::Committee,
            full_name: "Brucken".to_owned(),
        };
        history.act("manager", vec![Event::Organisation(created)]);
        history.act("sarah", vec![member("mia", None), member("rebecca", None)]);
        history.act("sarah", vec![administrator("rebecca", true)]);
        let class = |user_class| {
            let account = account("rebecca");
            Event::Credentials(grantbook_events::CredentialsEvent::UserClassSet { account, user_class })
        };
        history.act("manager", vec![class(grantbook_events::UserClass::Public)]);
        // A membership alone is no right; a position is.
        history.act("rebecca", vec![member("mia", Some("Chair"))]);
        assert_eq!(of(&history, "giver-lost-right"), []);
        let opened = history.act("manager", vec![administrator("rebecca", false)]);
        let found = of(&history, "giver-lost-right");
        assert_eq!(spans(&found), [("rebecca", Cause::Entry(opened), None)]);
        assert!(found[0].detail.ends_with("then: being Chair of Brucken to mia"), "{}", found[0].detail);
        let closed = history.act("manager", vec![member("mia", None)]);
        let found = of(&history, "giver-lost-right");
        assert_eq!(spans(&found), [("rebecca", Cause::Entry(opened), Some(Cause::Entry(closed)))]);
        assert!(found[0].detail.starts_with("could no longer give"), "{}", found[0].detail);
    }
}
