//! Whom a question about a capability can concern at all, so that a walk over everybody is seldom needed.

use grantbook_events::{AccountId, ObjectPath, Position, Principal, SecuritySet};
use grantbook_projections::{
    AccessSetting, AsOf, Cause, GrantHistory, History, RoleNumber, SystemRole, Views, turning_points,
};

use crate::capability::{Capability, OnKind};
use crate::condition::Condition;
use crate::fact::Fact;
use crate::question::{On, Question, Standing, Verdict, Who, may};

/// What a question is on, and the span it is asked over: what is given there bounds whom it can concern.
#[derive(Clone, Copy)]
struct Place {
    on: On,
    from: Position,
    to: Position,
}

/// The accounts that may ever have had a capability, by number: all who do are among them. `None` where it may be anybody.
pub fn candidates(views: &Views, capability: Capability) -> Option<Vec<u32>> {
    bounded(views, capability, None)
}

/// The accounts that may have had a capability on `on` at any time from one position to another, by number: all who had it
/// are among them. `None` where it may be anybody.
pub fn candidates_on(views: &Views, capability: Capability, on: On, from: Position, to: Position) -> Option<Vec<u32>> {
    bounded(views, capability, Some(Place { on, from, to }))
}

fn bounded(views: &Views, capability: Capability, place: Option<Place>) -> Option<Vec<u32>> {
    let mut accounts = of_condition(views, &capability.right().needs, place)?;
    accounts.sort_unstable();
    accounts.dedup();
    Some(accounts)
}

fn of_condition(views: &Views, condition: &Condition, place: Option<Place>) -> Option<Vec<u32>> {
    match condition {
        Condition::Is(fact) => of_fact(views, *fact, place),
        // Whoever meets all is among those who meet the rarest.
        Condition::All(parts) => parts.iter().filter_map(|part| of_condition(views, part, place)).min_by_key(Vec::len),
        Condition::Any(alternatives) => {
            let sets: Option<Vec<Vec<u32>>> =
                alternatives.iter().map(|part| of_condition(views, part, place)).collect();
            sets.map(|sets| sets.concat())
        }
        // Anybody can be usable.
        Condition::Usable | Condition::NotShutOut => None,
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "a fact that is not looked up here bounds nobody: no answer changes")]
fn of_fact(views: &Views, fact: Fact, place: Option<Place>) -> Option<Vec<u32>> {
    Some(match fact {
        Fact::Role(role) => holders(views, RoleNumber::from(role)),
        Fact::Level(module, _) => {
            let module = views.names.modules.get(module);
            module.into_iter().flat_map(|module| views.levels.ever_holders(module)).map(|(who, _)| who).collect()
        }
        Fact::Member(group) => members(views, group),
        Fact::AdminListed => views.admins.ever(Position::GREATEST).collect(),
        Fact::Manager => views.account(&AccountId::manager()).into_iter().collect(),
        Fact::BackgroundAccount => {
            let set = views.background.history().into_iter().flat_map(History::changes);
            set.map(|(_, background)| background.account).collect()
        }
        Fact::AppAssigned => match place.map(|place| place.on) {
            Some(On::App(app)) => views.app_users.ever_users(app).collect(),
            _ => views.app_users.ever().map(|(who, _, _)| who).collect(),
        },
        Fact::OrganisationAdmin => views.organisations.ever_administrators().collect(),
        Fact::Content(_) | Fact::ContentMember => views.content_authority.ever_any_members().collect(),
        Fact::TargetSelf => match place?.on {
            On::Account(target) => target.into_iter().collect(),
            On::Contact { contact, .. } => vec![contact],
            _ => return None,
        },
        Fact::CommunityRight(right) => {
            let On::Community(community) = place?.on else { return None };
            let granted = views.communities.ever_granted(community).filter(|(given, ..)| *given == right);
            of_principals(views, granted.map(|(_, principal, _)| principal))?
        }
        Fact::Access(_) => {
            let place = place?;
            let On::Object(object) = place.on else { return None };
            by_access(views, object, place.from, place.to)?
        }
        Fact::Never => Vec::new(),
        // Any other fact may be anybody's.
        _ => return None,
    })
}

fn holders(views: &Views, role: RoleNumber) -> Vec<u32> {
    views.roles.ever_holders(role).map(|(who, _)| who).collect()
}

fn members(views: &Views, group: &str) -> Vec<u32> {
    let group = views.names.groups.get(group);
    group.into_iter().flat_map(|group| views.groups.ever_members(group)).collect()
}

/// Whom principals can ever have stood for; `None` where it may be anybody.
fn of_principals<'a>(views: &Views, principals: impl Iterator<Item = &'a Principal>) -> Option<Vec<u32>> {
    let one = |principal: &Principal| match principal {
        Principal::Group(group) => Some(members(views, group.as_str())),
        Principal::Account(account) => Some(views.account(account).into_iter().collect()),
        // A role may have been called otherwise, or another one so.
        Principal::Role(_) | Principal::MemberType(_) | Principal::Staff => None,
    };
    let sets: Option<Vec<Vec<u32>>> = principals.map(one).collect();
    sets.map(|sets| sets.concat())
}

/// Whom the settings can have let in that were in force on an object at any time of a span; `None` where it may be anybody.
fn by_access(views: &Views, object: u32, from: Position, to: Position) -> Option<Vec<u32>> {
    let mut accounts = Vec::new();
    let mut path = ObjectPath::new(views.names.objects.text(object)).ok();
    while let Some(here) = path {
        let number = views.names.objects.get(here.as_str());
        let first = number.map_or(AccessSetting::Inherited, |number| views.objects.setting(number, from).1);
        let history = number.and_then(|number| views.objects.setting_history(number)).into_iter();
        let later = history.flat_map(|history| history.changes_between(from, to));
        let settings: Vec<AccessSetting> = [first].into_iter().chain(later.map(|(_, setting)| *setting)).collect();
        for setting in &settings {
            match setting {
                AccessSetting::Inherited => {}
                AccessSetting::Set(SecuritySet::SysadminOnly) => {
                    accounts.extend(holders(views, SystemRole::SysAdmin.into()));
                }
                AccessSetting::Set(SecuritySet::ReportingFullControl) => {
                    accounts.extend(holders(views, SystemRole::SysAdmin.into()));
                    accounts.extend(members(views, "Reporting"));
                }
                AccessSetting::Set(_) => return None,
                AccessSetting::Custom => {
                    let grants = number.into_iter().flat_map(|number| views.objects.grants_on(number));
                    accounts.extend(of_principals(views, grants.map(|(principal, ..)| principal))?);
                }
            }
        }
        if !settings.contains(&AccessSetting::Inherited) {
            // Nothing above it was ever in force.
            return Some(accounts);
        }
        path = here.parent();
    }
    // The root's default, which lets staff in (rule: N3).
    None
}

/// Whether an account has a capability at all, by what it was given: on anything of its kind where it is on an app. Of a
/// capability on an account, whether it has it on one that nobody has named yet; capabilities on other things are not
/// asked so, and nobody has them.
pub fn has_at_all(views: &Views, who: u32, capability: Capability, as_of: AsOf) -> bool {
    let on = |on: On| {
        let question = Question { views, who: Who::Account(who), standing: Standing::Given, on, as_of };
        match may(&question, capability) {
            Verdict::Allowed { .. } => true,
            Verdict::Refused(_) => false,
        }
    };
    if capability.on() == OnKind::App {
        return views.app_users.apps_of(who).any(|(app, _)| on(On::App(app)));
    }
    // On an account that nobody has named yet is on nobody.
    on(On::Nothing)
}

/// When it may have changed what an account has at all: its grants, its credentials, and what is licensed.
pub fn account_points(views: &Views, who: u32, as_of: AsOf, into: &mut Vec<Cause>) {
    let mut grants = |history: &GrantHistory| turning_points(history, as_of, into);
    views.roles.roles_of(who).for_each(|(_, history)| grants(history));
    views.levels.modules_of(who).for_each(|(_, history)| grants(history));
    views.groups.groups_of(who).for_each(|(_, history)| grants(history));
    views.app_users.apps_of(who).for_each(|(_, history)| grants(history));
    views.admins.history(who).into_iter().for_each(grants);
    views.credentials.turning_points(who, as_of, into);
    let entries = |changed: Position| Cause::Entry(changed);
    let existence = views.accounts.existence(who).into_iter().flat_map(|history| history.changes_to(as_of.position));
    into.extend(existence.map(|(set, _)| entries(set)));
    let background = views.background.history().into_iter().flat_map(|history| history.changes_to(as_of.position));
    into.extend(background.map(|(set, _)| entries(set)));
    for (app, _) in views.app_users.apps_of(who) {
        views.subscriptions.turning_points(app, as_of, into);
    }
}
