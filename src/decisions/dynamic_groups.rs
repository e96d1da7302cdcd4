//! Decisions on dynamic groups: staff define them, a refresh says who is in them, and what they open is for system
//! administrators (rule: X4).

use std::collections::BTreeSet;

use grantbook_events::{AccountId, ContactCondition, ContactField, Event, GroupEvent, GroupName};
use grantbook_projections::Groups;
use grantbook_rights::{Capability, On, opens_something};

use crate::case::{Acting, Case, Outcome};
use crate::refusal::Refusal;

/// How many bytes of an entry a refresh may fill: far below the most that an entry may have, so that a list of commands can
/// hold one and more.
const REFRESH_BYTES: usize = 256 * 1024;

/// What an event on a member takes at most beside the group's name.
const MEMBER_BYTES: usize = 96;

/// Staff define new groups, and change those that open nothing. Once a system administrator lets a group open something,
/// who is in it is no longer for staff to change. A group with members by hand is not made dynamic.
pub(crate) fn define_dynamic_group(group: &GroupName, condition: &ContactCondition, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::GroupsDefine, On::Nothing)?;
    let (authority, group) = match case.group(group) {
        Err(_) => (authority, group.clone()),
        Ok((number, name)) => {
            if Groups::built_in(name.as_str()).is_some() {
                return Err(Refusal::conflict("X1", format!("`{name}` is a built-in group: its members are assigned")));
            }
            let Some(before) = condition_of(number, case) else {
                let message = format!("there is a group `{name}` already, whose members are assigned");
                return Err(Refusal::conflict("X4", message));
            };
            let authority = match opens_something(case.views, &name, case.now) {
                true => case.require(Capability::GroupsOpen, On::Nothing)?,
                false => authority,
            };
            if before == condition {
                return Err(Refusal::conflict("X4", format!("`{name}` has this condition already")));
            }
            (authority, name)
        }
    };
    let defined = GroupEvent::DynamicGroupDefined { group, condition: condition.clone() };
    Ok(vec![(authority, Event::Group(defined))])
}

/// Those of whom the condition does not hold leave, then those of whom it holds join, in the order of their ids; as many as
/// an entry takes, the rest by the next refresh. Nobody but a system administrator gains by it what the group opens.
pub(crate) fn refresh_dynamic_group(group: &GroupName, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::GroupsDefine, On::Nothing)?;
    let (number, group) = case.group(group)?;
    let Some(condition) = condition_of(number, case) else {
        return Err(Refusal::conflict("X4", format!("`{group}` is no dynamic group: its members are assigned")));
    };
    let members: BTreeSet<AccountId> = number
        .into_iter()
        .flat_map(|number| case.views.groups.members(number, case.now.position))
        .filter_map(|(who, ..)| case.views.account_id(who))
        .collect();
    let meant: BTreeSet<AccountId> = meant(condition, case);
    if meant == members {
        let message = format!("nobody joins `{group}` and nobody leaves: its members are those of its condition");
        return Err(Refusal::conflict("X4", message));
    }
    let (leaving, joining) = (members.difference(&meant), meant.difference(&members));
    if joins(&joining.clone().collect::<Vec<_>>(), case) && opens_something(case.views, &group, case.now) {
        case.require(Capability::GroupsOpen, On::Nothing)?;
    }
    let leave = leaving.map(|account| (false, account));
    let changes: Vec<(bool, &AccountId)> = leave.chain(joining.map(|account| (true, account))).collect();
    let most = REFRESH_BYTES / (MEMBER_BYTES + group.as_str().len());
    let (mut joined, mut left, mut remaining, mut events) = (0, 0, 0, Vec::new());
    for (number, (joins, account)) in changes.into_iter().enumerate() {
        let (group, account) = (group.clone(), account.clone());
        if number >= most {
            remaining += 1;
        } else if joins {
            joined += 1;
            events.push((authority, Event::Group(GroupEvent::GroupMemberAdded { group, account, until: None })));
        } else {
            left += 1;
            events.push((authority, Event::Group(GroupEvent::GroupMemberRemoved { group, account })));
        }
    }
    let refreshed = GroupEvent::DynamicGroupRefreshed { group, joined, left, remaining };
    events.push((authority, Event::Group(refreshed)));
    Ok(events)
}

/// Whether the actor is one of those who join.
fn joins(joining: &[&AccountId], case: &Case<'_>) -> bool {
    match case.acting {
        Acting::Account { who, .. } => case.views.account_id(who).is_some_and(|own| joining.contains(&&own)),
        Acting::Guest | Acting::Support | Acting::Relayed | Acting::Imported { .. } => false,
    }
}

/// The accounts of which a condition holds.
fn meant(condition: &ContactCondition, case: &Case<'_>) -> BTreeSet<AccountId> {
    let (contacts, position) = (&case.views.accounts, case.now.position);
    let existing = contacts.in_order(&case.views.names.accounts, position);
    let holds = |who: u32| {
        condition.holds(&|field| match field {
            ContactField::MemberType => contacts.member_type(who, position).map(|(_, label)| label),
            ContactField::Status => contacts.status(who, position),
        })
    };
    existing.filter(|(who, _)| holds(*who)).map(|(_, account)| account).collect()
}

fn condition_of<'a>(number: Option<u32>, case: &Case<'a>) -> Option<&'a ContactCondition> {
    let (_, group) = case.views.groups.custom(number?, case.now.position)?;
    group.condition.as_ref()
}

/// That a group's members are assigned by hand. Errors: it is dynamic.
pub(crate) fn by_hand(number: Option<u32>, group: &GroupName, case: &Case<'_>) -> Result<(), Refusal> {
    match condition_of(number, case) {
        None => Ok(()),
        Some(condition) => {
            let message = format!("`{group}` is a dynamic group: its members are the contacts whose {condition}");
            Err(Refusal::conflict("X4", message))
        }
    }
}
