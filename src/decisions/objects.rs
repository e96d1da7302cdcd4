//! Decisions on objects and the access to them (chapter N).

use grantbook_events::{
    AccessRight, Event, Instant, ObjectEvent, ObjectKind, ObjectPath, Position, Principal, SecuritySet,
};
use grantbook_projections::{Access, AccessSetting};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::ObjectCommand;
use crate::content_authority::end_coverage;
use crate::dashboard::future_end;
use crate::queries::{created_as_object, end_query};
use crate::refusal::Refusal;

pub(crate) fn decide(command: &ObjectCommand, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::ObjectsManage, On::Nothing)?;
    match command {
        ObjectCommand::CreateObject { object, kind, public, active } => {
            create_object(object, *kind, *public, *active, case, authority)
        }
        ObjectCommand::DeleteObject { object } => delete_object(object, case, authority),
        ObjectCommand::SetAccess { object, set } => set_access(object, *set, case, authority),
        ObjectCommand::GrantAccess { object, principal, rights, until } => {
            grant_access(object, principal, rights, *until, case, authority)
        }
        ObjectCommand::RevokeAccess { object, principal, rights } => {
            revoke_access(object, principal, rights, case, authority)
        }
        ObjectCommand::ClearAccess { object } => clear_access(object, case, authority),
    }
}

fn one(authority: Option<Position>, event: ObjectEvent) -> Outcome {
    Ok(vec![(authority, Event::Object(event))])
}

/// Missing ancestors come to exist with it (rule: N3); one that exists only so may still be created in its own right.
fn create_object(
    object: &ObjectPath,
    kind: ObjectKind,
    public: bool,
    active: bool,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    let number = case.views.names.objects.get(object.as_str());
    let there = number.and_then(|number| case.views.objects.object(number, case.now.position));
    if let Some((created, _)) = there.filter(|(_, there)| !there.implied) {
        return Err(Refusal::name_taken("N1", "an object", (object.as_str(), object.as_str()), Some(created)));
    }
    if kind == ObjectKind::Query {
        return created_as_object(object, public, active, case, authority);
    }
    one(authority, ObjectEvent::ObjectCreated { object: object.clone(), kind, public, active })
}

/// Content authority groups cover what is deleted no longer, in the same entry: a later object there is another one.
fn delete_object(object: &ObjectPath, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let number = changeable(object, case)?;
    let below = format!("{object}/");
    let paths = &case.views.names.objects;
    let mut existing = case.views.objects.in_order(paths, case.now.position).into_iter();
    if let Some(child) = existing.find(|other| paths.text(*other).starts_with(&below)) {
        let message = format!("`{object}` is not empty: it holds `{}`", paths.text(child));
        return Err(Refusal::conflict("N1", message));
    }
    let mut events = end_coverage(object, case, authority);
    events.extend(end_query(number, case, authority));
    events.push((authority, Event::Object(ObjectEvent::ObjectDeleted { object: object.clone() })));
    Ok(events)
}

fn set_access(object: &ObjectPath, set: SecuritySet, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let number = changeable(object, case)?;
    if case.views.objects.setting(number, case.now.position).1 == AccessSetting::Set(set) {
        return Err(Refusal::conflict("N2", format!("`{object}` has the set {set} already")));
    }
    one(authority, ObjectEvent::AccessSet { object: object.clone(), set })
}

/// Rights are granted one by one; granting what is held, or a part of it, changes nothing and is refused as such. Another
/// end replaces the one held, in the spelling that it is held under.
fn grant_access(
    object: &ObjectPath,
    principal: &Principal,
    rights: &[AccessRight],
    until: Option<Instant>,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    let principal = known(principal, case)?;
    let number = changeable(object, case)?;
    future_end(until, case)?;
    for right in rights {
        let lasts = |whole: &Access<'_>| {
            let lasts = whole.holding.until().is_none_or(|end| until.is_some_and(|until| until <= end));
            *right != AccessRight::FullControl && lasts
        };
        let whole = held(number, &principal, AccessRight::FullControl, case).iter().any(lasts);
        let now = held(number, &principal, *right, case);
        let same = !now.is_empty() && now.iter().all(|access| access.holding.until() == until);
        if whole || same {
            let message = format!("{} has {right} on `{object}` already", shown(&principal));
            return Err(Refusal::conflict("N2", message));
        }
    }
    let granted = rights.iter().flat_map(|right| {
        let mut spellings = spellings(&held(number, &principal, *right, case));
        if spellings.is_empty() {
            spellings.push(principal.clone());
        }
        spellings.into_iter().map(move |principal| {
            let object = object.clone();
            (authority, Event::Object(ObjectEvent::AccessGranted { object, principal, right: *right, until }))
        })
    });
    Ok(granted.collect())
}

fn revoke_access(
    object: &ObjectPath,
    principal: &Principal,
    rights: &[AccessRight],
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    let principal = known(principal, case)?;
    let number = changeable(object, case)?;
    for right in rights {
        if held(number, &principal, *right, case).is_empty() {
            return Err(not_granted(object, &principal, *right));
        }
    }
    let revoked = rights.iter().flat_map(|right| {
        spellings(&held(number, &principal, *right, case)).into_iter().map(move |principal| {
            let object = object.clone();
            (authority, Event::Object(ObjectEvent::AccessRevoked { object, principal, right: *right }))
        })
    });
    Ok(revoked.collect())
}

/// Revokes one right under the one spelling of its principal that a review looks at. Errors: who closes it may not, or the
/// right is not held.
pub(crate) fn revoke_as_spelt(
    object: &ObjectPath,
    principal: &Principal,
    right: AccessRight,
    case: &Case<'_>,
) -> Outcome {
    let authority = case.require(Capability::ObjectsManage, On::Nothing)?;
    let principal = known(principal, case)?;
    let number = changeable(object, case)?;
    if case.views.objects.granted(number, &principal, right, case.now).is_none() {
        return Err(not_granted(object, &principal, right));
    }
    one(authority, ObjectEvent::AccessRevoked { object: object.clone(), principal, right })
}

fn not_granted(object: &ObjectPath, principal: &Principal, right: AccessRight) -> Refusal {
    Refusal::conflict("N2", format!("{} was not granted {right} on `{object}` itself", shown(principal)))
}

/// What a principal was granted of a right on the object itself, under every spelling of it: of a member type there may be
/// several in what was recorded (rule: N2).
fn held<'a>(object: u32, principal: &Principal, right: AccessRight, case: &Case<'a>) -> Vec<Access<'a>> {
    let mut held = case.views.objects.access(object, case.now);
    held.retain(|access| access.right == right && access.principal.is_alike(principal));
    held
}

fn spellings(held: &[Access<'_>]) -> Vec<Principal> {
    held.iter().map(|access| access.principal.clone()).collect()
}

fn clear_access(object: &ObjectPath, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let number = changeable(object, case)?;
    if case.views.objects.setting(number, case.now.position).1 == AccessSetting::Inherited {
        return Err(Refusal::conflict("N3", format!("`{object}` has no setting of its own: it inherits already")));
    }
    one(authority, ObjectEvent::AccessCleared { object: object.clone() })
}

/// The object of a path, where its security may be changed: that of an out-of-the-box query may not (rule: Q1). Errors:
/// there is none, or it may not.
fn changeable(object: &ObjectPath, case: &Case<'_>) -> Result<u32, Refusal> {
    let number = case.object(object)?;
    match case.views.queries.of_object(number, case.now.position) {
        Some((_, query)) if query.out_of_box => {
            let message = format!("`{}` is an out-of-the-box query: its security cannot be changed", query.name);
            Err(Refusal::conflict("Q1", message))
        }
        Some(_) | None => Ok(number),
    }
}

/// The principal in its own spelling. Errors: it is not there.
pub(crate) fn known(principal: &Principal, case: &Case<'_>) -> Result<Principal, Refusal> {
    match principal {
        Principal::Group(group) => case.group(group).map(|(_, name)| Principal::Group(name)),
        Principal::Role(role) => {
            let number = case.role(role)?;
            Ok(Principal::Role(case.role_name(number, role)))
        }
        Principal::Account(account) => case.account(account).map(|_| principal.clone()),
        // Member types are words on contacts; one may be named before anybody has it.
        Principal::MemberType(_) | Principal::Staff => Ok(principal.clone()),
    }
}

fn shown(principal: &Principal) -> String {
    match principal {
        Principal::Group(name) => format!("the group `{name}`"),
        Principal::Role(name) => format!("the role `{name}`"),
        Principal::Account(id) => format!("`{id}`"),
        Principal::MemberType(label) => format!("the member type `{label}`"),
        Principal::Staff => "staff".to_owned(),
    }
}
