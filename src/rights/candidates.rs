//! Whom a question about a capability can concern at all, so that a walk over everybody is seldom needed.

use grantbook_events::{AccountId, Position};
use grantbook_projections::{AsOf, Cause, History, Holding, RoleNumber, Views, turning_points};

use crate::capability::{Capability, OnKind};
use crate::condition::Condition;
use crate::fact::Fact;
use crate::question::{On, Question, Standing, Verdict, Who, may};

/// The accounts that may ever have had a capability, by number: all who do are among them. `None` where it may be anybody.
pub fn candidates(views: &Views, capability: Capability) -> Option<Vec<u32>> {
    let mut accounts = of_condition(views, &capability.right().needs)?;
    accounts.sort_unstable();
    accounts.dedup();
    Some(accounts)
}

fn of_condition(views: &Views, condition: &Condition) -> Option<Vec<u32>> {
    match condition {
        Condition::Is(fact) => of_fact(views, *fact),
        // Whoever meets all is among those who meet the rarest.
        Condition::All(parts) => parts.iter().filter_map(|part| of_condition(views, part)).min_by_key(Vec::len),
        Condition::Any(alternatives) => {
            let sets: Option<Vec<Vec<u32>>> = alternatives.iter().map(|part| of_condition(views, part)).collect();
            sets.map(|sets| sets.concat())
        }
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "a fact that is not looked up here bounds nobody: no answer changes")]
fn of_fact(views: &Views, fact: Fact) -> Option<Vec<u32>> {
    Some(match fact {
        Fact::Role(role) if !role.computed() => {
            views.roles.ever_holders(RoleNumber::from(role)).map(|(who, _)| who).collect()
        }
        Fact::Level(module, _) => {
            let module = views.names.modules.get(module);
            module.into_iter().flat_map(|module| views.levels.ever_holders(module)).map(|(who, _)| who).collect()
        }
        Fact::AdminListed => views.admins.ever(Position::GREATEST).collect(),
        Fact::Manager => views.account(&AccountId::manager()).into_iter().collect(),
        Fact::BackgroundAccount => {
            let set = views.background.history().into_iter().flat_map(History::changes);
            set.map(|(_, background)| background.account).collect()
        }
        Fact::AppAssigned => views.app_users.ever().map(|(who, _, _)| who).collect(),
        Fact::Never => Vec::new(),
        // Any other fact may be anybody's.
        _ => return None,
    })
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
    let mut grants = |history: &History<Holding>| turning_points(history, as_of, into);
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
