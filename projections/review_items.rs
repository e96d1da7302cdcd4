//! The items of a review: the grants of its scope as they stood when it was opened. They are stored nowhere; whoever has the
//! entries up to the opening has the items.

use grantbook_events::{
    AccessRight, AppName, GroupName, ObjectPath, Position, Principal, ReviewItem, ReviewScope, RoleName,
};

use crate::Views;
use crate::grant_history::Holding;
use crate::history::AsOf;
use crate::reviews::Review;
use crate::roles::RoleNumber;

/// What an item's id says after the account, where the scope is the Admin Users.
const ADMIN: &str = "admin";

/// A grant that a review can look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReviewedGrant {
    /// An account's assignment to an app.
    App {
        /// The account.
        who: u32,
        /// The app.
        app: u32,
    },
    /// An account's role.
    Role {
        /// The account.
        who: u32,
        /// The role.
        role: RoleNumber,
    },
    /// An account's membership in a group.
    Group {
        /// The account.
        who: u32,
        /// The group.
        group: u32,
    },
    /// An account's being an Admin User.
    Admin {
        /// The account.
        who: u32,
    },
    /// A principal's right on an object.
    Object {
        /// The object.
        object: u32,
        /// Whom it admits, as it was called then.
        principal: Principal,
        /// To what.
        right: AccessRight,
    },
}

/// An item of a review.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReviewedItem {
    /// Its id: stable, and read by people.
    pub id: ReviewItem,
    /// The grant.
    pub grant: ReviewedGrant,
    /// The entry that gave it.
    pub given: Position,
    /// As it was given.
    pub holding: Holding,
}

impl ReviewedGrant {
    /// The account that holds it, where it is one that does.
    pub fn holder(&self, views: &Views) -> Option<u32> {
        match self {
            ReviewedGrant::App { who, .. }
            | ReviewedGrant::Role { who, .. }
            | ReviewedGrant::Group { who, .. }
            | ReviewedGrant::Admin { who } => Some(*who),
            ReviewedGrant::Object { principal: Principal::Account(account), .. } => views.account(account),
            ReviewedGrant::Object {
                principal: Principal::Group(_) | Principal::Role(_) | Principal::MemberType(_) | Principal::Staff,
                ..
            } => None,
        }
    }

    /// The grant in force as of then, whichever entry gave it. `sealed` is where the review looks from: a role that was
    /// renamed since is still the same.
    pub fn in_force(&self, views: &Views, sealed: Position, as_of: AsOf) -> Option<(Position, Holding)> {
        match self {
            ReviewedGrant::App { who, app } => views.app_users.assigned(*who, *app, as_of),
            ReviewedGrant::Role { who, role } => views.roles.held(*who, *role, as_of),
            ReviewedGrant::Group { who, group } => views.groups.member(*who, *group, as_of),
            ReviewedGrant::Admin { who } => views.admins.listed(*who, as_of),
            ReviewedGrant::Object { object, principal, right } => {
                let principal = called_now(views, principal, sealed, as_of.position)?;
                views.objects.granted(*object, &principal, *right, as_of)
            }
        }
    }
}

/// A principal by the name that it has at `position`; `None` for a role that is gone.
pub fn called_now(views: &Views, principal: &Principal, sealed: Position, position: Position) -> Option<Principal> {
    let Principal::Role(role) = principal else { return Some(principal.clone()) };
    let number = views.roles.number(&views.names, role, sealed)?;
    RoleName::new(views.roles.name(number, position)?).ok().map(Principal::Role)
}

/// The grants of a scope as of a point, by id.
pub fn grants_in(views: &Views, scope: &ReviewScope, as_of: AsOf) -> Vec<ReviewedItem> {
    let mut items = match scope {
        ReviewScope::App(app) => of_app(views, app, as_of),
        ReviewScope::Apps => {
            let apps: Vec<AppName> = views.tenant.apps(as_of.position).map(|(_, app)| app.name.clone()).collect();
            apps.iter().flat_map(|app| of_app(views, app, as_of)).collect()
        }
        ReviewScope::Role(role) => of_role(views, role, as_of),
        ReviewScope::Group(group) => of_group(views, group, as_of),
        ReviewScope::Admins => of_admins(views, as_of),
        ReviewScope::Object(object) => of_object(views, object, as_of),
    };
    items.sort_by(|one, other| one.id.cmp(&other.id));
    items
}

/// The items of a review: the grants of its scope as they stood when it was opened, less those that the review which it
/// goes on from kept and that did not change since, and less what gave nothing, its holder being gone (rule: C15).
pub fn review_items(views: &Views, opened: Position, review: &Review) -> Vec<ReviewedItem> {
    let mut items = grants_in(views, &review.scope, views.timeline.as_of(opened));
    items.retain(|item| looked_at(views, opened, review, item));
    items
}

/// The item of an id; `None` where the review has none of that id.
pub fn review_item(views: &Views, opened: Position, review: &Review, id: &ReviewItem) -> Option<ReviewedItem> {
    let item = named(views, &review.scope, id, views.timeline.as_of(opened))?;
    looked_at(views, opened, review, &item).then_some(item)
}

fn looked_at(views: &Views, opened: Position, review: &Review, item: &ReviewedItem) -> bool {
    !of_nobody(views, opened, review, item) && !kept_before(views, opened, review, item)
}

/// Whether the account that holds it had been removed when the review was opened: that grant is ineffective for ever
/// (rule: C15), and nothing could be revoked. What was decided in the review all the same stays one of its items.
fn of_nobody(views: &Views, opened: Position, review: &Review, item: &ReviewedItem) -> bool {
    let gone = item.grant.holder(views).is_some_and(|who| !views.accounts.exists(who, opened));
    let number = || views.reviews.number(&review.name, views.timeline.last());
    gone && number().is_none_or(|number| views.reviews.decisions(number, &item.id).is_none())
}

/// Whether an earlier review kept the very grant, or left it to a still earlier one that did.
fn kept_before(views: &Views, opened: Position, review: &Review, item: &ReviewedItem) -> bool {
    use grantbook_events::ReviewDecision::Keep;
    let (mut before, mut review) = (opened, review);
    // Each review goes on from one that was closed before it, so this comes to an end.
    while let Some((number, (earlier, state))) = review.since_review.as_ref().and_then(|name| {
        let number = views.reviews.number(name, before)?;
        Some((number, views.reviews.review(number, before)?))
    }) {
        let same = item.grant.in_force(views, earlier, views.timeline.as_of(earlier));
        if earlier >= before || same.is_none_or(|(given, _)| given != item.given) {
            return false;
        }
        let Some((closed, _)) = views.reviews.closed(number, before) else { return false };
        match views.reviews.decided(number, &item.id, closed) {
            Some((_, decision)) => return decision == Keep,
            // Either nobody decided on it there, or it was left to the review before that.
            None => (before, review) = (earlier, state),
        }
    }
    false
}

/// The grant that an id names in a scope, looked for by itself: a review may have very many.
fn named(views: &Views, scope: &ReviewScope, id: &ReviewItem, as_of: AsOf) -> Option<ReviewedItem> {
    if let ReviewScope::Object(object) = scope {
        let all = of_object(views, object, as_of);
        return all.into_iter().find(|item| item.id == *id);
    }
    let (account, thing) = id.as_str().split_once('/')?;
    let who = views.names.accounts.get(account)?;
    let found = match scope {
        ReviewScope::App(app) => app_item(views, who, views.names.apps.get(app.as_str())?, as_of),
        ReviewScope::Apps => app_item(views, who, views.names.apps.get(thing)?, as_of),
        ReviewScope::Role(role) => {
            let role = views.roles.number(&views.names, role, as_of.position)?;
            role_item(views, who, role, as_of)
        }
        ReviewScope::Group(group) => group_item(views, who, group, as_of),
        ReviewScope::Admins => admin_item(views, who, as_of),
        ReviewScope::Object(_) => None,
    };
    found.filter(|item| item.id == *id)
}

fn id(account: &str, thing: &str) -> Option<ReviewItem> {
    ReviewItem::new(&format!("{account}/{thing}")).ok()
}

fn of_app(views: &Views, app: &AppName, as_of: AsOf) -> Vec<ReviewedItem> {
    let Some(app) = views.names.apps.get(app.as_str()) else { return Vec::new() };
    let users = views.app_users.users(app, as_of.position);
    users.filter_map(|(who, ..)| app_item(views, who, app, as_of)).collect()
}

fn app_item(views: &Views, who: u32, app: u32, as_of: AsOf) -> Option<ReviewedItem> {
    let (given, holding) = views.app_users.assigned(who, app, as_of)?;
    let (_, known) = views.tenant.app(app, as_of.position)?;
    let id = id(views.names.accounts.text(who), known.name.as_str())?;
    Some(ReviewedItem { id, grant: ReviewedGrant::App { who, app }, given, holding })
}

fn of_role(views: &Views, role: &RoleName, as_of: AsOf) -> Vec<ReviewedItem> {
    let Some(role) = views.roles.number(&views.names, role, as_of.position) else { return Vec::new() };
    let holders = views.roles.holders(role, as_of.position);
    holders.filter_map(|(who, ..)| role_item(views, who, role, as_of)).collect()
}

fn role_item(views: &Views, who: u32, role: RoleNumber, as_of: AsOf) -> Option<ReviewedItem> {
    let (given, holding) = views.roles.held(who, role, as_of)?;
    let id = id(views.names.accounts.text(who), views.roles.name(role, as_of.position)?)?;
    Some(ReviewedItem { id, grant: ReviewedGrant::Role { who, role }, given, holding })
}

fn of_group(views: &Views, group: &GroupName, as_of: AsOf) -> Vec<ReviewedItem> {
    let Some(number) = views.names.groups.get(group.as_str()) else { return Vec::new() };
    let members = views.groups.members(number, as_of.position);
    members.filter_map(|(who, ..)| group_item(views, who, group, as_of)).collect()
}

fn group_item(views: &Views, who: u32, group: &GroupName, as_of: AsOf) -> Option<ReviewedItem> {
    let number = views.names.groups.get(group.as_str())?;
    let (given, holding) = views.groups.member(who, number, as_of)?;
    let id = id(views.names.accounts.text(who), group.as_str())?;
    Some(ReviewedItem { id, grant: ReviewedGrant::Group { who, group: number }, given, holding })
}

fn of_admins(views: &Views, as_of: AsOf) -> Vec<ReviewedItem> {
    views.admins.ever(as_of.position).filter_map(|who| admin_item(views, who, as_of)).collect()
}

fn admin_item(views: &Views, who: u32, as_of: AsOf) -> Option<ReviewedItem> {
    let (given, holding) = views.admins.listed(who, as_of)?;
    let id = id(views.names.accounts.text(who), ADMIN)?;
    Some(ReviewedItem { id, grant: ReviewedGrant::Admin { who }, given, holding })
}

fn of_object(views: &Views, object: &ObjectPath, as_of: AsOf) -> Vec<ReviewedItem> {
    let Some(object) = views.names.objects.get(object.as_str()) else { return Vec::new() };
    let access = views.objects.access(object, as_of).into_iter();
    let items = access.filter_map(|access| {
        let (principal, right) = (access.principal.clone(), access.right);
        let id = ReviewItem::new(&format!("{}/{right}", principal_id(&principal))).ok()?;
        let grant = ReviewedGrant::Object { object, principal, right };
        Some(ReviewedItem { id, grant, given: access.given, holding: access.holding })
    });
    items.collect()
}

/// A principal as ids of items name it, and as the command line takes it.
fn principal_id(principal: &Principal) -> String {
    match principal {
        Principal::Group(name) => format!("group:{name}"),
        Principal::Role(name) => format!("role:{name}"),
        Principal::Account(id) => format!("account:{id}"),
        Principal::MemberType(label) => format!("member_type:{label}"),
        Principal::Staff => "staff".to_owned(),
    }
}
