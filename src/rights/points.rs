//! When an answer may have changed: between two such moments it is the same.

use grantbook_events::{Licence, ObjectPath, Principal, VisibilityAudience};
use grantbook_projections::{AsOf, Cause, History, Views, turning_points};

use crate::candidates::account_points;
use crate::organisations;
use crate::question::{On, Question, Who};

/// Every moment up to the question's at which the answer to it may have changed, whatever the capability: what became of
/// the one who asks, of what it is on, and of what everybody's rights hang on. In no order, some of them twice.
pub fn points(question: &Question<'_>) -> Vec<Cause> {
    let (views, as_of) = (question.views, question.as_of);
    let mut points = Vec::new();
    points.extend(views.tenant.closed(as_of.position).map(Cause::Entry));
    if let Who::Account(who) = question.who {
        own_points(views, who, as_of, &mut points);
    }
    match question.on {
        On::Nothing | On::Account(None) => {}
        On::Account(Some(target)) => target_points(views, target, as_of, &mut points),
        On::App(app) => {
            views.subscriptions.turning_points(app, as_of, &mut points);
            entries(views.tenant.app_history(app), as_of, &mut points);
        }
        On::Object(object) => object_points(views, object, as_of, &mut points),
        On::Organisation(organisation) => organisation_points(views, organisation, as_of, &mut points),
        On::Contact { contact, acting_for } => {
            target_points(views, contact, as_of, &mut points);
            organisation_points(views, acting_for, as_of, &mut points);
        }
        On::Community(community) => {
            entries(views.communities.history(community), as_of, &mut points);
            for (_, principal, history) in views.communities.ever_granted(community) {
                turning_points(history, as_of, &mut points);
                principal_points(views, principal, as_of, &mut points);
            }
        }
    }
    points
}

/// When it may have changed what an account is and was given.
fn own_points(views: &Views, who: u32, as_of: AsOf, into: &mut Vec<Cause>) {
    account_points(views, who, as_of, into);
    views.credentials.lock_points(who, as_of, into);
    views.accounts.description_points(who, as_of, into);
    for (group, _, history) in views.content_authority.grants_of(who) {
        turning_points(history, as_of, into);
        entries(views.content_authority.group_history(group), as_of, into);
    }
    organisations::own_points(views, who, as_of, into);
}

/// When it may have changed what can be done to an account.
fn target_points(views: &Views, target: u32, as_of: AsOf, into: &mut Vec<Cause>) {
    own_points(views, target, as_of, into);
    for audience in VisibilityAudience::ALL {
        entries(views.visibility.history(*audience), as_of, into);
    }
}

/// When it may have changed what administrators of an organisation may do.
fn organisation_points(views: &Views, organisation: u32, as_of: AsOf, into: &mut Vec<Cause>) {
    let known = views.organisations.organisation(organisation, as_of.position);
    into.extend(known.map(|known| Cause::Entry(known.created)));
    views.tenant.licence_points(Licence::GroupAdminPlus, as_of, into);
}

/// When it may have changed whom an object lets in: its own setting, and those of the objects above it.
fn object_points(views: &Views, object: u32, as_of: AsOf, into: &mut Vec<Cause>) {
    views.queries.points_of_object(object, as_of, into);
    let mut path = ObjectPath::new(views.names.objects.text(object)).ok();
    while let Some(here) = path {
        if let Some(number) = views.names.objects.get(here.as_str()) {
            entries(views.objects.setting_history(number), as_of, into);
            for (principal, _, history) in views.objects.grants_on(number) {
                turning_points(history, as_of, into);
                principal_points(views, principal, as_of, into);
            }
        }
        path = here.parent();
    }
}

/// When it changed which role a principal means; whom it stands for is told by what became of the account.
fn principal_points(views: &Views, principal: &Principal, as_of: AsOf, into: &mut Vec<Cause>) {
    if let Principal::Role(role) = principal {
        views.roles.naming_points(&views.names, role, as_of, into);
    }
}

fn entries<T>(history: Option<&History<T>>, as_of: AsOf, into: &mut Vec<Cause>) {
    let changes = history.into_iter().flat_map(|history| history.changes_to(as_of.position));
    into.extend(changes.map(|(set, _)| Cause::Entry(set)));
}
