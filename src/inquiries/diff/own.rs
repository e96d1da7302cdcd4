//! What an account has of its own as of a point: where two points agree in it, only what it shares with others can have
//! changed its rights.

use grantbook_events::{ContentRight, Label, Position};
use grantbook_projections::{AsOf, GrantHistory, RoleNumber, Views};

/// Everything of an account's own that any right can hang on. Dates count by whether they let it in.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Own<'v> {
    exists: bool,
    created: Option<Position>,
    stopped: [bool; 4],
    class: Option<(Position, bool)>,
    admin: Option<Position>,
    background: Option<Position>,
    member_type: Option<(Position, &'v Label)>,
    described: Option<Position>,
    roles: Vec<(RoleNumber, Position)>,
    levels: Vec<(u32, Position)>,
    groups: Vec<(u32, Position)>,
    apps: Vec<(u32, Position)>,
    content: Vec<(u32, ContentRight, Position)>,
    administers: Vec<(u32, Position)>,
    memberships: Vec<(u32, Position, Option<Position>)>,
}

impl Own<'_> {
    pub(super) fn of(views: &Views, who: u32, as_of: AsOf) -> Own<'_> {
        let position = as_of.position;
        let credentials = &views.credentials;
        let early = credentials.effective_date(who, position).is_some_and(|(_, date)| as_of.clock < date.start());
        let late = credentials.expiration_date(who, position).is_some_and(|(_, date)| as_of.clock >= date.end());
        let locked = credentials.locked(who, as_of).is_some();
        let given = |history: &GrantHistory| {
            let (given, holding) = history.change_at(position)?;
            holding.in_force(as_of.clock).then_some(given)
        };
        let at = |position| views.timeline.at(position);
        let organisations = &views.organisations;
        let membership = |organisation| {
            let membership = organisations.member(who, organisation, as_of)?;
            Some((organisation, membership.given, organisations.joined(who, organisation, as_of, &at)))
        };
        Own {
            exists: views.accounts.exists(who, position),
            created: credentials.created(who, position),
            stopped: [credentials.disabled(who, position).1, early, late, locked],
            class: credentials.full(who, position),
            admin: views.admins.history(who).and_then(given),
            background: views.background.set(position).filter(|(_, set)| set.account == who).map(|(set, _)| set),
            member_type: views.accounts.member_type(who, position),
            described: views.accounts.described(who, position),
            roles: views.roles.roles_of(who).filter_map(|(role, held)| Some((role, given(held)?))).collect(),
            levels: views.levels.modules_of(who).filter_map(|(module, held)| Some((module, given(held)?))).collect(),
            groups: views.groups.groups_of(who).filter_map(|(group, held)| Some((group, given(held)?))).collect(),
            apps: views.app_users.apps_of(who).filter_map(|(app, held)| Some((app, given(held)?))).collect(),
            content: views
                .content_authority
                .grants_of(who)
                .filter_map(|(group, right, held)| Some((group, right, given(held)?)))
                .collect(),
            administers: organisations
                .administered_by(who)
                .filter_map(|(organisation, held)| Some((organisation, given(held)?)))
                .collect(),
            memberships: organisations.organisations_of(who).filter_map(membership).collect(),
        }
    }
}
