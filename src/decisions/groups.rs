//! Decisions on groups and the members that hands make (rules: X1, X2).

use grantbook_events::{AccountId, Event, GroupEvent, GroupName, Instant, Position, Principal};
use grantbook_projections::Groups;
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::GroupCommand;
use crate::communities::end_rights_of_group;
use crate::dashboard::{future_end, same_grant};
use crate::dynamic_groups::{by_hand, define_dynamic_group, refresh_dynamic_group};
use crate::products::{record_purchase, register_product, unlink_products_of};
use crate::refusal::Refusal;
use crate::roles::end_access_of;

pub(crate) fn decide(command: &GroupCommand, case: &Case<'_>) -> Outcome {
    match command {
        GroupCommand::CreateGroup { group, description } => create_group(group, description, case),
        GroupCommand::DeleteGroup { group } => delete_group(group, case),
        GroupCommand::AddGroupMember { group, account, until } => add_group_member(group, account, *until, case),
        GroupCommand::RemoveGroupMember { group, account } => remove_group_member(group, account, case),
        GroupCommand::DefineDynamicGroup { group, condition } => define_dynamic_group(group, condition, case),
        GroupCommand::RefreshDynamicGroup { group } => refresh_dynamic_group(group, case),
        GroupCommand::RegisterProduct { product, group } => register_product(product, group.as_ref(), case),
        GroupCommand::RecordPurchase { product, account, until } => record_purchase(product, account, *until, case),
    }
}

fn one(authority: Option<Position>, event: GroupEvent) -> Outcome {
    Ok(vec![(authority, Event::Group(event))])
}

fn create_group(group: &GroupName, description: &str, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::GroupsManage, On::Nothing)?;
    if let Ok((number, known)) = case.group(group) {
        let custom = number.and_then(|number| case.views.groups.custom(number, case.now.position));
        let since = custom.map(|(created, _)| created);
        return Err(Refusal::name_taken("X1", "a group", (group.as_str(), known.as_str()), since));
    }
    one(authority, GroupEvent::GroupCreated { group: group.clone(), description: description.to_owned() })
}

/// Deleting a group ends its memberships, the rights that were given to it and the products that name it, in the same entry.
/// Built-in groups cannot be deleted (rule: X1).
fn delete_group(group: &GroupName, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::GroupsManage, On::Nothing)?;
    if let Some(built_in) = Groups::built_in(group.as_str()) {
        return Err(Refusal::conflict("X1", format!("`{built_in}` is a built-in group and cannot be deleted")));
    }
    let (number, name) = case.group(group)?;
    let members = number.into_iter().flat_map(|number| case.views.groups.members(number, case.now.position));
    let mut accounts: Vec<AccountId> = members.filter_map(|(who, ..)| case.views.account_id(who)).collect();
    accounts.sort();
    let mut events: Vec<_> = accounts
        .into_iter()
        .map(|account| (authority, Event::Group(GroupEvent::GroupMemberRemoved { group: name.clone(), account })))
        .collect();
    events.extend(end_access_of(&Principal::Group(name.clone()), case, authority));
    events.extend(end_rights_of_group(&name, case, authority));
    events.extend(unlink_products_of(&name, case, authority));
    events.push((authority, Event::Group(GroupEvent::GroupDeleted { group: name })));
    Ok(events)
}

/// Only SysAdmins assign members (rule: X2).
fn add_group_member(group: &GroupName, account: &AccountId, until: Option<Instant>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::GroupsAssign, On::Nothing)?;
    let (number, group) = case.group(group)?;
    let who = case.account(account)?;
    by_hand(number, &group, case)?;
    future_end(until, case)?;
    let held = number.and_then(|number| case.views.groups.member(who, number, case.now));
    if same_grant(held, 1, until) {
        return Err(Refusal::conflict("G10", format!("`{account}` is a member of `{group}` already")));
    }
    one(authority, GroupEvent::GroupMemberAdded { group, account: account.clone(), until })
}

fn remove_group_member(group: &GroupName, account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::GroupsAssign, On::Nothing)?;
    let (number, group) = case.group(group)?;
    let who = case.account(account)?;
    by_hand(number, &group, case)?;
    if number.and_then(|number| case.views.groups.member(who, number, case.now)).is_none() {
        return Err(Refusal::conflict("X2", format!("`{account}` is no member of `{group}`")));
    }
    one(authority, GroupEvent::GroupMemberRemoved { group, account: account.clone() })
}
