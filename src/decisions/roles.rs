//! Decisions on roles and levels (chapters G and L).

use grantbook_events::{
    AccessRight, AccountId, CredentialsEvent, Event, Instant, ModuleName, ObjectEvent, ObjectPath, Position, Principal,
    RoleEvent, RoleName, UserClass,
};
use grantbook_projections::{GREATEST_LEVEL, RoleNumber, Roles, SystemRole};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::RoleCommand;
use crate::dashboard::{future_end, same_grant};
use crate::refusal::Refusal;

pub(crate) fn decide(command: &RoleCommand, case: &Case<'_>) -> Outcome {
    match command {
        RoleCommand::CreateRole { role, description } => create_role(role, description, case),
        RoleCommand::EditRole { role, new_name, description } => {
            edit_role(role, new_name.as_ref(), description.as_deref(), case)
        }
        RoleCommand::DeleteRole { role } => delete_role(role, case),
        RoleCommand::AssignRole { account, role, until } => assign_role(account, role, *until, case),
        RoleCommand::RemoveRole { account, role } => remove_role(account, role, case),
        RoleCommand::SetLevel { account, module, level, until } => set_level(account, module, *level, *until, case),
        RoleCommand::MakeSystemAdministrator { account, until } => make_system_administrator(account, *until, case),
    }
}

fn one(authority: Option<Position>, event: RoleEvent) -> Outcome {
    Ok(vec![(authority, Event::Role(event))])
}

/// A role's name is unique without case, among system roles too (rule: G6).
fn create_role(role: &RoleName, description: &str, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::RolesManage, On::Nothing)?;
    if let Ok(known) = case.role(role) {
        return Err(name_taken(role, known, case));
    }
    one(authority, RoleEvent::RoleCreated { role: role.clone(), description: description.to_owned() })
}

/// Another role has the name that was given.
fn name_taken(given: &RoleName, known: RoleNumber, case: &Case<'_>) -> Refusal {
    let name = case.role_name(known, given);
    let since = case.views.roles.created(known, case.now.position);
    Refusal::name_taken("G6", "a role", (given.as_str(), name.as_str()), since)
}

/// The custom role of a name. Errors: there is none, or it is the system's (rule: G1).
fn custom_role(role: &RoleName, case: &Case<'_>) -> Result<(RoleNumber, RoleName), Refusal> {
    let number = case.role(role)?;
    match Roles::system(number) {
        Some(system) => {
            let message = format!("`{}` is a system role: it cannot be edited, renamed or deleted", system.name());
            Err(Refusal::conflict("G1", message))
        }
        None => Ok((number, case.role_name(number, role))),
    }
}

/// A role that is renamed keeps its assignments, and the rights on objects that were given to it follow in the same entry.
fn edit_role(role: &RoleName, new_name: Option<&RoleName>, description: Option<&str>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::RolesManage, On::Nothing)?;
    let (number, name) = custom_role(role, case)?;
    if let Some(new_name) = new_name
        && let Ok(other) = case.role(new_name)
        && other != number
    {
        return Err(name_taken(new_name, other, case));
    }
    let mut events = Vec::new();
    if let Some(new_name) = new_name {
        for (object, right, until) in access_of(&Principal::Role(name.clone()), case) {
            let principal = Principal::Role(name.clone());
            let revoked = ObjectEvent::AccessRevoked { object: object.clone(), principal, right };
            events.push((authority, Event::Object(revoked)));
            let principal = Principal::Role(new_name.clone());
            events.push((authority, Event::Object(ObjectEvent::AccessGranted { object, principal, right, until })));
        }
    }
    let edited =
        RoleEvent::RoleEdited { role: name, new_name: new_name.cloned(), description: description.map(str::to_owned) };
    events.insert(0, (authority, Event::Role(edited)));
    Ok(events)
}

/// Deleting a role ends its assignments and the rights on objects that were given to it, in the same entry (rule: G6).
fn delete_role(role: &RoleName, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::RolesManage, On::Nothing)?;
    let (number, name) = custom_role(role, case)?;
    let holders = case.views.roles.holders(number, case.now.position);
    let mut accounts: Vec<AccountId> = holders.filter_map(|(who, ..)| case.views.account_id(who)).collect();
    accounts.sort();
    let mut events: Vec<_> = accounts
        .into_iter()
        .map(|account| (authority, Event::Role(RoleEvent::RoleRemoved { account, role: name.clone() })))
        .collect();
    events.extend(end_access_of(&Principal::Role(name.clone()), case, authority));
    events.push((authority, Event::Role(RoleEvent::RoleDeleted { role: name })));
    Ok(events)
}

/// The rights on objects that a principal was given, by path.
fn access_of(principal: &Principal, case: &Case<'_>) -> Vec<(ObjectPath, AccessRight, Option<Instant>)> {
    let granted = case.views.objects.access_of(principal, case.now).into_iter();
    let mut access: Vec<_> = granted
        .filter_map(|(object, right, holding)| {
            let path = ObjectPath::new(case.views.names.objects.text(object)).ok()?;
            Some((path, right, holding.until()))
        })
        .collect();
    access.sort();
    access
}

/// The events that end all rights on objects that a principal was given: a later one of the same name must not find them.
pub(crate) fn end_access_of(
    principal: &Principal,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Vec<(Option<Position>, Event)> {
    let ended = access_of(principal, case).into_iter().map(|(object, right, _)| {
        let revoked = ObjectEvent::AccessRevoked { object, principal: principal.clone(), right };
        (authority, Event::Object(revoked))
    });
    ended.collect()
}

/// Only SysAdmins assign roles (rule: G7); computed ones nobody (rule: G3); some need class Full (rules: G2, G4).
fn assign_role(account: &AccountId, role: &RoleName, until: Option<Instant>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::RolesAssign, On::Nothing)?;
    let who = case.account(account)?;
    let number = case.role(role)?;
    match Roles::system(number) {
        Some(system @ (SystemRole::Everyone | SystemRole::ContentAdministrator)) => {
            return Err(Refusal::conflict("G3", format!("`{}` is computed and cannot be assigned", system.name())));
        }
        Some(SystemRole::SysAdmin) => bears_sysadmin(account, who, case)?,
        Some(SystemRole::OnBehalfOf) if !case.full(who) => {
            return Err(Refusal::conflict("G4", format!("`OnBehalfOf` needs class full, which `{account}` has not")));
        }
        Some(
            SystemRole::OnBehalfOf | SystemRole::CompanyAdministrator | SystemRole::RemoteService | SystemRole::Auditor,
        )
        | None => {}
    }
    if Roles::system(number) == Some(SystemRole::SysAdmin) {
        sysadmin_to(account, until, case)?;
    }
    future_end(until, case)?;
    if same_grant(case.views.roles.held(who, number, case.now), 1, until) {
        return Err(Refusal::conflict("G10", format!("`{account}` holds `{role}` already")));
    }
    let role = case.role_name(number, role);
    one(authority, RoleEvent::RoleAssigned { account: account.clone(), role, until })
}

/// SysAdmin needs class Full and a valid email on the account (rule: G2).
fn bears_sysadmin(account: &AccountId, who: u32, case: &Case<'_>) -> Result<(), Refusal> {
    if !case.full(who) {
        return Err(Refusal::conflict("G2", format!("`SysAdmin` needs class full, which `{account}` has not")));
    }
    has_valid_email(account, who, case)
}

fn has_valid_email(account: &AccountId, who: u32, case: &Case<'_>) -> Result<(), Refusal> {
    // MANAGER is a SysAdmin from the tenant's start, whether or not its contact has an address (rule: M1).
    let valid = case.views.credentials.email(who, case.now.position).is_some_and(|(_, email)| email.valid);
    if valid || case.is_manager(account) {
        return Ok(());
    }
    Err(Refusal::conflict("G2", format!("`SysAdmin` needs a valid email on the credentials of `{account}`")))
}

fn remove_role(account: &AccountId, role: &RoleName, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::RolesAssign, On::Nothing)?;
    let who = case.account(account)?;
    let number = case.role(role)?;
    if case.is_manager(account) && Roles::system(number) == Some(SystemRole::SysAdmin) {
        return Err(Refusal::conflict("M2", "SysAdmin cannot be taken from MANAGER"));
    }
    if let Some(system) = Roles::system(number).filter(|system| system.computed()) {
        return Err(Refusal::conflict("G3", format!("`{}` is computed and cannot be taken away", system.name())));
    }
    if case.views.roles.held(who, number, case.now).is_none() {
        return Err(Refusal::conflict("G7", format!("`{account}` does not hold `{role}`")));
    }
    let role = case.role_name(number, role);
    one(authority, RoleEvent::RoleRemoved { account: account.clone(), role })
}

/// SysAdmins set levels, of class Full accounts only (rule: L1), MANAGER's never (rule: M2).
fn set_level(account: &AccountId, module: &ModuleName, level: u8, until: Option<Instant>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::LevelsAssign, On::Nothing)?;
    let who = case.account(account)?;
    let (number, module) = case.module(module)?;
    if case.is_manager(account) {
        return Err(Refusal::conflict("M2", "MANAGER's levels cannot be changed"));
    }
    if !case.full(who) {
        return Err(Refusal::conflict("L1", format!("only class full has levels, and `{account}` is not of it")));
    }
    let held = case.views.levels.level(who, number, case.now);
    let unchanged = if level == 0 { held.is_none() } else { same_grant(held, level, until) };
    if unchanged {
        return Err(Refusal::conflict("G10", format!("`{account}` has {module} at {level} already")));
    }
    future_end(until, case)?;
    let until = until.filter(|_| level > 0);
    one(authority, RoleEvent::LevelSet { account: account.clone(), module, level, until })
}

/// Whoever bears SysAdmin may bear it to an end, but MANAGER (rule: M2).
fn sysadmin_to(account: &AccountId, until: Option<Instant>, case: &Case<'_>) -> Result<(), Refusal> {
    if case.is_manager(account) && until.is_some() {
        return Err(Refusal::conflict("M2", "SysAdmin cannot be taken from MANAGER, and so it has no end there"));
    }
    Ok(())
}

/// Class Full, SysAdmin and every module at 8, in one entry (rule: L3).
fn make_system_administrator(account: &AccountId, until: Option<Instant>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::SysadminMake, On::Nothing)?;
    let who = case.credentialed(account)?;
    has_valid_email(account, who, case)?;
    let mut events = Vec::new();
    if !case.full(who) {
        let set = CredentialsEvent::UserClassSet { account: account.clone(), user_class: UserClass::Full };
        events.push((authority, Event::Credentials(set)));
    }
    sysadmin_to(account, until, case)?;
    future_end(until, case)?;
    let modules = case.views.tenant.modules(case.now.position);
    let lacking = modules
        .filter(|(number, _)| !same_grant(case.views.levels.level(who, *number, case.now), GREATEST_LEVEL, until));
    let levels: Vec<_> = lacking
        .map(|(_, module)| {
            let (account, module) = (account.clone(), module.clone());
            (authority, Event::Role(RoleEvent::LevelSet { account, module, level: GREATEST_LEVEL, until }))
        })
        .collect();
    let sysadmin = RoleNumber::from(SystemRole::SysAdmin);
    let holds = same_grant(case.views.roles.held(who, sysadmin, case.now), 1, until);
    if let (false, Ok(role)) = (holds, RoleName::new(SystemRole::SysAdmin.name())) {
        events.push((authority, Event::Role(RoleEvent::RoleAssigned { account: account.clone(), role, until })));
    }
    events.extend(levels);
    if events.is_empty() {
        return Err(Refusal::conflict("L3", format!("`{account}` is a system administrator already")));
    }
    Ok(events)
}
