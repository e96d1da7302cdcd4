//! What accounts share, and what of it changed between two points: subscriptions, licences, settings, the access to
//! objects, what groups cover, communities.

use std::collections::BTreeSet;

use grantbook_events::{Licence, ObjectPath, Position, Principal, Setting, VisibilityAudience};
use grantbook_projections::{Access, AccessSetting, AsOf, Holding, RoleNumber, Views};
use grantbook_rights::effective_setting;

/// The number of no object at all: what holds where no object on the way up has a setting of its own, which is the root's
/// default (rule: N3).
pub(super) const ROOT: u32 = u32::MAX;

/// The number of no organisation in particular.
pub(super) const ANY_ORGANISATION: u32 = u32::MAX;

/// Something that rights are on, and whether what it gives changed between the two points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Thing {
    pub(super) number: u32,
    pub(super) changed: bool,
}

/// What accounts share.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// The tenant began or was closed in between: everything changed.
    pub(super) everything: bool,
    /// Which contacts are visible to whom.
    pub(super) visibility: bool,
    /// What administrators of organisations may.
    pub(super) organisations: bool,
    /// Apps of which it changed whether they are licensed, or whom they are for.
    pub(super) apps: BTreeSet<u32>,
    /// Communities, and whether they changed.
    pub(super) communities: Vec<Thing>,
    /// The objects that have an access setting of their own at either point, and the root's default: what an object
    /// without one gives is told by the nearest above it.
    pub(super) objects: Vec<Thing>,
    /// The objects that a content authority group covers at either point, and the root.
    pub(super) covered: Vec<Thing>,
    /// The objects of queries that are there at either point.
    pub(super) queries: Vec<Thing>,
}

impl Shared {
    pub(super) fn between(views: &Views, from: AsOf, to: AsOf) -> Shared {
        let differs = |of: &dyn Fn(AsOf) -> bool| of(from) != of(to);
        let began = |as_of: AsOf| views.tenant.genesis(as_of.position).is_some();
        let closed = |as_of: AsOf| views.tenant.closed(as_of.position).is_some();
        let extended = |as_of: AsOf| views.settings.value(Setting::CompanyAdminsAllOrganisations, as_of.position) == 1;
        let licensed = |as_of: AsOf| views.tenant.licence(Licence::GroupAdminPlus, as_of).is_some();
        let visible = |audience: &VisibilityAudience| {
            let set = |as_of: AsOf| views.visibility.set(*audience, as_of.position).map(|(set, _)| set);
            set(from) != set(to)
        };
        let apps = views.names.apps.in_order().filter(|app| {
            let state = |as_of: AsOf| {
                let audience = views.tenant.app(*app, as_of.position).map(|(added, app)| (added, app.audience));
                (views.subscriptions.licensed(*app, as_of).is_some(), audience)
            };
            state(from) != state(to)
        });
        Shared {
            everything: differs(&began) || differs(&closed),
            visibility: VisibilityAudience::ALL.iter().any(visible),
            organisations: differs(&extended) || differs(&licensed),
            apps: apps.collect(),
            communities: communities(views, from, to),
            objects: objects(views, from, to),
            covered: covered(views, from, to),
            queries: queries(views, from, to),
        }
    }
}

fn communities(views: &Views, from: AsOf, to: AsOf) -> Vec<Thing> {
    let numbers = views.communities.all(to.position).into_iter().map(|(number, _)| number);
    let thing = |number| {
        let state = |as_of: AsOf| {
            let grants = views.communities.grants(number, as_of).into_iter();
            let grants =
                grants.map(|grant| (grant.right, role(views, grant.principal, as_of), grant.principal, grant.given));
            (views.communities.community(number, as_of.position), grants.collect::<Vec<_>>())
        };
        Thing { number, changed: state(from) != state(to) }
    };
    numbers.map(thing).collect()
}

/// Which role a principal means: it may have been called otherwise.
fn role(views: &Views, principal: &Principal, as_of: AsOf) -> Option<RoleNumber> {
    match principal {
        Principal::Role(role) => views.roles.number(&views.names, role, as_of.position),
        Principal::Group(_) | Principal::Account(_) | Principal::MemberType(_) | Principal::Staff => None,
    }
}

/// Whom an object lets in: the setting in force, and its grants with what their principals mean.
type LetsIn<'v> = (Option<Position>, AccessSetting, Vec<(Access<'v>, Option<RoleNumber>)>);

fn lets_in(views: &Views, object: u32, as_of: AsOf) -> LetsIn<'_> {
    let in_force = effective_setting(views, object, as_of.position);
    let custom = in_force.from.filter(|_| in_force.setting == AccessSetting::Custom);
    let grants = custom.into_iter().flat_map(|from| views.objects.access(from, as_of));
    // Until when a grant lasts is nothing to anybody as long as it does.
    let grants =
        grants.map(|access| (Access { holding: Holding::NOT_HELD, ..access }, role(views, access.principal, as_of)));
    (in_force.set_by, in_force.setting, grants.collect())
}

fn thing(views: &Views, number: u32, from: AsOf, to: AsOf) -> Thing {
    Thing { number, changed: lets_in(views, number, from) != lets_in(views, number, to) }
}

fn objects(views: &Views, from: AsOf, to: AsOf) -> Vec<Thing> {
    let own = |object: &u32| {
        let set = |as_of: AsOf| views.objects.setting(*object, as_of.position).1 != AccessSetting::Inherited;
        set(from) || set(to)
    };
    let with_own = views.names.objects.in_order().filter(own);
    [ROOT].into_iter().chain(with_own).map(|number| thing(views, number, from, to)).collect()
}

fn covered(views: &Views, from: AsOf, to: AsOf) -> Vec<Thing> {
    let groups = |as_of: AsOf| views.content_authority.all(as_of.position);
    let paths: BTreeSet<ObjectPath> =
        [from, to].into_iter().flat_map(groups).flat_map(|(_, group)| group.covers.iter().cloned()).collect();
    let thing = |path: &ObjectPath| {
        let covering = |as_of: AsOf| {
            let all = groups(as_of).into_iter();
            all.filter(|(_, group)| group.covers(path.as_str())).map(|(number, _)| number).collect::<Vec<u32>>()
        };
        Some(Thing { number: views.names.objects.get(path.as_str())?, changed: covering(from) != covering(to) })
    };
    let root = Thing { number: ROOT, changed: false };
    [root].into_iter().chain(paths.iter().filter_map(thing)).collect()
}

fn queries(views: &Views, from: AsOf, to: AsOf) -> Vec<Thing> {
    let all = |as_of: AsOf| views.queries.all(as_of.position).into_iter().map(|query| query.object);
    let objects: BTreeSet<u32> = all(from).chain(all(to)).collect();
    let thing = |object: u32| {
        let open =
            |as_of: AsOf| views.queries.of_object(object, as_of.position).map(|(set, query)| (set, query.via_api));
        let access = thing(views, object, from, to);
        Thing { changed: access.changed || open(from) != open(to), ..access }
    };
    objects.into_iter().map(thing).collect()
}
