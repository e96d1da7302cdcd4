//! Decisions on access reviews. An auditor or a system administrator opens one; those who are named in it decide, nobody on
//! rights of their own; whoever closes it carries out what it revokes, and so must be able to (rule: U3).

use grantbook_events::{
    AccountId, AppName, GroupName, Instant, ObjectPath, Position, Principal, ReviewDecision, ReviewEvent, ReviewItem,
    ReviewName, ReviewScope, RoleName, RuleId,
};
use grantbook_projections::{
    AccessSetting, Review, ReviewedGrant, ReviewedItem, Roles, called_now, review_item, review_items,
};
use grantbook_rights::{Capability, On, effective_setting, is_own_grant};

use crate::case::{Case, Outcome};
use crate::command::{DashboardCommand, GroupCommand, ReviewCommand, RoleCommand};
use crate::refusal::{Refusal, RefusalKind};
use crate::{dashboard, groups, objects, roles};

pub(crate) fn decide(command: &ReviewCommand, case: &Case<'_>) -> Outcome {
    match command {
        ReviewCommand::OpenReview { review, scope, reviewers, due, since_review } => {
            open_review(review, scope, reviewers, *due, since_review.as_ref(), case)
        }
        ReviewCommand::DecideReviewItem { review, item, decision } => decide_review_item(review, item, *decision, case),
        ReviewCommand::CloseReview { review } => close_review(review, case),
    }
}

fn one(authority: Option<Position>, event: ReviewEvent) -> Outcome {
    Ok(vec![(authority, event.into())])
}

/// Whoever may review opens one, on what there is. Its name is given once for ever.
fn open_review(
    review: &ReviewName,
    scope: &ReviewScope,
    reviewers: &[AccountId],
    due: Instant,
    since_review: Option<&ReviewName>,
    case: &Case<'_>,
) -> Outcome {
    let authority = case.require(Capability::LedgerReview, On::Nothing)?;
    let scope = known(scope, case)?;
    for reviewer in reviewers {
        case.credentialed(reviewer)?;
    }
    let since_review = since_review.map(|earlier| goes_on_from(earlier, &scope, case)).transpose()?;
    if named(review, case).is_ok() {
        return Err(Refusal::conflict("U3", format!("there was a review `{review}` already: choose another name")));
    }
    if due <= case.at() {
        return Err(Refusal::conflict("U3", format!("the review would be overdue already: {due} is past")));
    }
    let (review, reviewers) = (review.clone(), reviewers.to_vec());
    one(authority, ReviewEvent::ReviewOpened { review, scope, reviewers, due, since_review })
}

/// The scope in the spelling of what it names. Errors: that is not there, or gives nothing to anybody by name.
fn known(scope: &ReviewScope, case: &Case<'_>) -> Result<ReviewScope, Refusal> {
    Ok(match scope {
        ReviewScope::App(app) => {
            let number = case.app(app)?;
            let known = case.views.tenant.app(number, case.now.position);
            ReviewScope::App(known.map_or_else(|| app.clone(), |(_, known)| known.name.clone()))
        }
        ReviewScope::Role(role) => {
            let number = case.role(role)?;
            if let Some(computed) = Roles::system(number).filter(|system| system.computed()) {
                let message =
                    format!("`{}` is computed: nobody was given it, so there is nothing to review", computed.name());
                return Err(Refusal::conflict("G3", message));
            }
            ReviewScope::Role(case.role_name(number, role))
        }
        ReviewScope::Group(group) => ReviewScope::Group(case.group(group)?.1),
        ReviewScope::Object(object) => {
            let number = case.object(object)?;
            let message = match case.views.objects.setting(number, case.now.position).1 {
                AccessSetting::Custom => return Ok(ReviewScope::Object(object.clone())),
                AccessSetting::Set(set) => {
                    format!("`{object}` has the preconfigured set {set}: nobody in it was given a right by name")
                }
                AccessSetting::Inherited => {
                    let from = effective_setting(case.views, number, case.now.position).from;
                    let from = from.map_or("the root's default", |from| case.views.names.objects.text(from));
                    format!("`{object}` has no setting of its own, it inherits that of `{from}`: review that")
                }
            };
            return Err(Refusal::conflict("N2", message));
        }
        ReviewScope::Apps | ReviewScope::Admins => scope.clone(),
    })
}

/// The earlier review that one goes on from. Errors: there is none, it is still open, or it looked at something else.
fn goes_on_from(earlier: &ReviewName, scope: &ReviewScope, case: &Case<'_>) -> Result<ReviewName, Refusal> {
    let (number, _, state) = named(earlier, case)?;
    let name = state.name.clone();
    if case.views.reviews.closed(number, case.now.position).is_none() {
        return Err(Refusal::conflict(
            "U3",
            format!("the review `{name}` is not closed: what it keeps is not decided yet"),
        ));
    }
    if state.scope != *scope {
        let message = format!("the review `{name}` looked at {}, not at {scope}", state.scope);
        return Err(Refusal::conflict("U3", message));
    }
    Ok(name)
}

/// The review of a name: its number, the entry that opened it, and what it is. Errors: there is none.
fn named<'a>(name: &ReviewName, case: &Case<'a>) -> Result<(u32, Position, &'a Review), Refusal> {
    let position = case.now.position;
    let found = case.views.reviews.number(name, position).and_then(|number| {
        let (opened, review) = case.views.reviews.review(number, position)?;
        Some((number, opened, review))
    });
    found.ok_or_else(|| Refusal::not_found(format!("there is no review `{name}`")))
}

/// Errors: the review is closed, and what it came to never changes.
fn still_open(number: u32, review: &Review, case: &Case<'_>) -> Result<(), Refusal> {
    match case.views.reviews.closed(number, case.now.position) {
        None => Ok(()),
        Some((closed, _)) => {
            Err(Refusal::conflict("U3", format!("the review `{}` was closed by entry {closed}", review.name)))
        }
    }
}

/// Those who are named in a review decide in it, by the entry that named them, and nobody on rights of their own.
fn decide_review_item(name: &ReviewName, id: &ReviewItem, decision: ReviewDecision, case: &Case<'_>) -> Outcome {
    let (number, opened, review) = match named(name, case) {
        Ok(found) => found,
        Err(unknown) => return Err(case.require(Capability::LedgerReview, On::Nothing).err().unwrap_or(unknown)),
    };
    let authority = reviewer(opened, review, case)?;
    let found = review_item(case.views, opened, review, id);
    if let (Some(item), Some(who)) = (&found, case.acting_account())
        && is_own_grant(case.views, who, &item.grant, opened, case.now)
    {
        let message =
            format!("`{id}` is a right of your own: nobody reviews their own rights, another reviewer decides");
        return Err(Refusal::forbidden("U3", message));
    }
    let Some(item) = found else {
        return Err(Refusal::not_found(format!("the review `{}` has no item `{id}`: it lists them", review.name)));
    };
    still_open(number, review, case)?;
    let account = item.grant.holder(case.views).and_then(|who| case.views.account_id(who));
    one(authority, ReviewEvent::ReviewItemDecided { review: review.name.clone(), item: item.id, account, decision })
}

/// The entry that named the actor as a reviewer. Errors: none did, just before.
fn reviewer(opened: Position, review: &Review, case: &Case<'_>) -> Result<Option<Position>, Refusal> {
    let not_named = || {
        let message = format!("only its reviewers decide in the review `{}`, and you are none of them", review.name);
        Refusal::forbidden("U3", message)
    };
    let Some(who) = case.acting_account() else {
        // Imported history was authorised elsewhere; nobody else decides (rule: U6).
        return case.require(Capability::LedgerReview, On::Nothing);
    };
    let named = case.views.account_id(who).is_some_and(|id| review.reviewers.contains(&id));
    if named && opened <= case.before.position { Ok(Some(opened)) } else { Err(not_named()) }
}

/// Whoever may review closes it, and so does whoever may take away what it looks at. What was decided to be revoked is
/// revoked in the same entry, each grant by the right that revoking it takes; the closer must have all of them. What is gone
/// already, or is kept by a rule of the state, is said. What nobody decided on stays, and is counted.
fn close_review(name: &ReviewName, case: &Case<'_>) -> Outcome {
    let (number, opened, review) = match named(name, case) {
        Ok(found) => found,
        Err(unknown) => {
            let may = closing_right(&ReviewScope::Admins, case);
            return Err(may.err().unwrap_or(unknown));
        }
    };
    let authority = closing_right(&review.scope, case)?;
    still_open(number, review, case)?;
    if opened > case.before.position {
        let message =
            format!("the review `{}` is opened by this very list of commands: close it by a later one", review.name);
        return Err(Refusal::conflict("U3", message));
    }
    let (mut events, mut gone_admins) = (Vec::new(), Vec::new());
    let [mut kept, mut revoked, mut withheld, mut undecided] = [0_u32; 4];
    for item in review_items(case.views, opened, review) {
        match case.views.reviews.decided(number, &item.id, case.now.position) {
            None => undecided += 1,
            Some((_, ReviewDecision::Keep)) => kept += 1,
            Some((_, ReviewDecision::Revoke)) => match revoke(&item, opened, &gone_admins, case) {
                Ok(revocation) => {
                    revoked += 1;
                    events.extend(revocation);
                    if let ReviewedGrant::Admin { who } = item.grant {
                        gone_admins.push(who);
                    }
                }
                Err(refusal) if refusal.kind == RefusalKind::Forbidden => return Err(unable(&item, refusal)),
                Err(refusal) => {
                    withheld += 1;
                    let account = item.grant.holder(case.views).and_then(|who| case.views.account_id(who));
                    let rule = refusal.rule.and_then(|rule| RuleId::new(rule).ok());
                    let (review, item) = (review.name.clone(), item.id);
                    let event = ReviewEvent::ReviewRevocationWithheld { review, item, account, rule };
                    events.push((authority, event.into()));
                }
            },
        }
    }
    let closed = ReviewEvent::ReviewClosed { review: review.name.clone(), kept, revoked, withheld, undecided };
    events.push((authority, closed.into()));
    Ok(events)
}

/// The right to close a review: to review, or to take away what it looks at.
fn closing_right(scope: &ReviewScope, case: &Case<'_>) -> Result<Option<Position>, Refusal> {
    let carries_out = match scope {
        ReviewScope::App(_) | ReviewScope::Apps => Capability::DashboardManageAppUsers,
        ReviewScope::Admins => Capability::DashboardManageAdmins,
        ReviewScope::Role(_) => Capability::RolesAssign,
        ReviewScope::Group(_) => Capability::GroupsAssign,
        ReviewScope::Object(_) => Capability::ObjectsManage,
    };
    case.require(Capability::LedgerReview, On::Nothing).or_else(|refusal| {
        // Whoever may do neither is told of the first.
        case.require(carries_out, On::Nothing).map_err(|_| refusal)
    })
}

/// The events that take a grant away, as the command for it decides. Errors: that command's refusal; without a rule where the
/// grant is gone.
fn revoke(item: &ReviewedItem, opened: Position, gone_admins: &[u32], case: &Case<'_>) -> Outcome {
    let gone = || Refusal::not_found("the grant is gone already");
    let views = case.views;
    let position = case.now.position;
    let account = |who: u32| views.account_id(who).ok_or_else(gone);
    if item.grant.in_force(views, opened, case.now).is_none() {
        return Err(gone());
    }
    match &item.grant {
        ReviewedGrant::App { who, app } => {
            let name = views.tenant.app(*app, position).and_then(|(_, app)| AppName::new(app.name.as_str()).ok());
            let (account, app) = (account(*who)?, name.ok_or_else(gone)?);
            dashboard::decide(&DashboardCommand::RemoveAppUser { account, app }, case)
        }
        ReviewedGrant::Admin { who } => dashboard::remove_admin(&account(*who)?, gone_admins, case),
        ReviewedGrant::Role { who, role } => {
            let name = views.roles.name(*role, position).and_then(|name| RoleName::new(name).ok());
            let (account, role) = (account(*who)?, name.ok_or_else(gone)?);
            roles::decide(&RoleCommand::RemoveRole { account, role }, case)
        }
        ReviewedGrant::Group { who, group } => {
            let group = GroupName::new(views.names.groups.text(*group)).map_err(|_| gone())?;
            groups::decide(&GroupCommand::RemoveGroupMember { group, account: account(*who)? }, case)
        }
        ReviewedGrant::Object { object, principal, right } => {
            let principal: Principal = called_now(views, principal, opened, position).ok_or_else(gone)?;
            let object = ObjectPath::new(views.names.objects.text(*object)).map_err(|_| gone())?;
            objects::revoke_as_spelt(&object, &principal, *right, case)
        }
    }
}

/// The closer lacks a right that the closing uses.
fn unable(item: &ReviewedItem, refusal: Refusal) -> Refusal {
    let message = format!("closing it revokes `{}`, and {}", item.id, refusal.message);
    Refusal { message, ..refusal }
}
