//! Effective Admin Users, and tenants that have none any more (rules: F5, F6, F7).

use grantbook_events::AccountId;
use grantbook_projections::{AsOf, Cause, Moments, RoleNumber, SystemRole, Views, turning_points};

use crate::capability::{ADMIN, USABLE};
use crate::question::{On, Question, Standing, Who, holds};

/// A tenant without an effective Admin User that has had one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Orphaned {
    /// What made the last one ineffective.
    pub since: Cause,
}

/// Whether an account is an effective Admin User as of then. A lock passes, and does not count (rule: F5).
pub fn admin_effective(views: &Views, who: u32, as_of: AsOf) -> bool {
    let question = Question { views, who: Who::Account(who), standing: Standing::Given, on: On::Nothing, as_of };
    holds(&question, &ADMIN)
}

/// Whether nothing stops an account: it exists, has credentials, is not disabled, its dates are in force. A lock passes,
/// and does not count.
pub fn account_usable(views: &Views, who: u32, as_of: AsOf) -> bool {
    let question = Question { views, who: Who::Account(who), standing: Standing::Given, on: On::Nothing, as_of };
    holds(&question, &USABLE)
}

/// Everyone who is an effective Admin User as of then.
pub fn effective_admins(views: &Views, as_of: AsOf) -> Vec<u32> {
    candidates(views, as_of).into_iter().filter(|who| admin_effective(views, *who, as_of)).collect()
}

/// The state of being orphaned, with what caused it.
pub fn orphaned(views: &Views, as_of: AsOf) -> Option<Orphaned> {
    let candidates = candidates(views, as_of);
    let any = |point: AsOf| candidates.iter().any(|who| admin_effective(views, *who, point));
    if any(as_of) {
        return None;
    }
    let mut points = Vec::new();
    for who in &candidates {
        admin_points(views, *who, as_of, &mut points);
    }
    let moments = Moments::new(&views.timeline, points, as_of);
    let ever = !moments.stretches(&any).is_empty();
    ever.then(|| moments.since(as_of, &|point| any(point)).map(|since| Orphaned { since })).flatten()
}

/// When it may have changed whether an account is an effective Admin User.
pub fn admin_points(views: &Views, who: u32, as_of: AsOf, into: &mut Vec<Cause>) {
    if let Some(history) = views.admins.history(who) {
        turning_points(history, as_of, into);
    }
    if let Some(history) = views.roles.history(who, RoleNumber::from(SystemRole::RemoteService)) {
        turning_points(history, as_of, into);
    }
    if let Some(history) = views.accounts.existence(who) {
        into.extend(history.changes_to(as_of.position).map(|(set, _)| Cause::Entry(set)));
    }
    views.credentials.turning_points(who, as_of, into);
}

/// Those who may be Admin Users: whoever was made one, and MANAGER, who is one in edition 2017 (rule: F7).
fn candidates(views: &Views, as_of: AsOf) -> Vec<u32> {
    let mut candidates: Vec<u32> = views.admins.ever(as_of.position).collect();
    candidates.extend(views.account(&AccountId::manager()).filter(|manager| !candidates.contains(manager)));
    candidates
}
