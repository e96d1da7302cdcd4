//! Decisions on the dashboard: Admin Users, App Users, the Background Account (chapters F, A and B).

use grantbook_events::{
    AccountId, AdminOrigin, AppName, Audience, DashboardEvent, Door, Edition, Event, Instant, Licence, Position,
};
use grantbook_projections::{Holding, SystemRole};
use grantbook_rights::{Capability, On, admin_effective};

use crate::case::{Case, Outcome};
use crate::command::{AppUse, DashboardCommand};
use crate::refusal::Refusal;
use crate::sign_in::failed_attempt;

pub(crate) fn decide(command: &DashboardCommand, case: &Case<'_>) -> Outcome {
    match command {
        DashboardCommand::AddAdmin { account, until } => add_admin(account, *until, case),
        DashboardCommand::RemoveAdmin { account } => remove_admin(account, &[], case),
        DashboardCommand::AssignAppUser { account, app, until } => assign_app_user(account, app, *until, case),
        DashboardCommand::RemoveAppUser { account, app } => remove_app_user(account, app, case),
        DashboardCommand::RecordAppUse { uses } => record_app_use(uses, case),
        DashboardCommand::SetBackgroundAccount { account } => set_background_account(account, case),
    }
}

fn one(authority: Option<Position>, event: DashboardEvent) -> Outcome {
    Ok(vec![(authority, Event::Dashboard(event))])
}

/// An end in the past would give nothing.
pub(crate) fn future_end(until: Option<Instant>, case: &Case<'_>) -> Result<(), Refusal> {
    match until {
        Some(until) if until <= case.at() => {
            Err(Refusal::conflict("G10", format!("the grant would have ended already, at {until}")))
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether a grant of the same weight and end is in force already: then giving it changes nothing (rule: G10).
pub(crate) fn same_grant(held: Option<(Position, Holding)>, weight: u8, until: Option<Instant>) -> bool {
    held.is_some_and(|(_, holding)| holding == Holding::held(weight, until))
}

/// Only an effective Admin User adds one (rule: F9), and only staff with active credentials become one (rule: F8).
fn add_admin(account: &AccountId, until: Option<Instant>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::DashboardManageAdmins, On::Nothing)?;
    let who = case.account(account)?;
    admits_as_admin(account, who, case)?;
    future_end(until, case)?;
    let listed = case.views.admins.listed(who, case.now);
    if same_grant(listed, 1, until) {
        return Err(Refusal::conflict("F13", format!("`{account}` is an Admin User already")));
    }
    // A new end for who is listed already is a grant's end like any other (rules: F9, G10).
    if listed.is_some() && until.is_some() {
        keeps_an_admin_without(&[who], account, case)?;
    }
    one(authority, DashboardEvent::AdminAdded { account: account.clone(), until, origin: AdminOrigin::AdminUser })
}

/// Whether rule F8 admits an account as an Admin User.
pub(crate) fn admits_as_admin(account: &AccountId, who: u32, case: &Case<'_>) -> Result<(), Refusal> {
    if case.is_manager(account) {
        return Err(Refusal::conflict("F8", "MANAGER is never made an Admin User"));
    }
    if !case.full(who) {
        return Err(Refusal::conflict("F8", format!("`{account}` is not staff: only class full can be an Admin User")));
    }
    active(account, who, "F8", case)
}

/// Whether an account's credentials are active: they are there and nothing but a lock stops them.
fn active(account: &AccountId, who: u32, rule: &'static str, case: &Case<'_>) -> Result<(), Refusal> {
    let credentials = &case.views.credentials;
    let stopped = if credentials.created(who, case.now.position).is_none() {
        "has no credentials"
    } else if credentials.disabled(who, case.now.position).1 {
        "is disabled"
    } else if credentials.effective_date(who, case.now.position).is_some_and(|(_, date)| case.at() < date.start()) {
        "is not yet effective"
    } else if credentials.expiration_date(who, case.now.position).is_some_and(|(_, date)| case.at() >= date.end()) {
        "has expired"
    } else {
        return Ok(());
    };
    Err(Refusal::conflict(rule, format!("`{account}` {stopped}: active credentials are needed")))
}

/// Whether an effective Admin User without an end would be left if none of `without` were one (rule: F9).
fn keeps_an_admin_without(without: &[u32], account: &AccountId, case: &Case<'_>) -> Result<(), Refusal> {
    let views = case.views;
    let lasting = |other: u32| {
        let endless = views.admins.listed(other, case.now).is_some_and(|(_, holding)| holding.until().is_none());
        !without.contains(&other) && endless && admin_effective(views, other, case.now)
    };
    let manager_is_one = views.tenant.edition(case.now.position) == Edition::Edition2017;
    if manager_is_one || views.admins.ever(case.now.position).any(lasting) {
        return Ok(());
    }
    let message = format!("without `{account}` no effective Admin User without an end would be left");
    Err(Refusal::conflict("F9", message))
}

/// A removal, of `account` after those that `gone` names, never leaves the tenant without an effective Admin User (rule: F9).
/// Who is none is not removed (rule: F13).
pub(crate) fn remove_admin(account: &AccountId, gone: &[u32], case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::DashboardManageAdmins, On::Nothing)?;
    let who = case.account(account)?;
    if case.is_manager(account) && case.views.tenant.edition(case.now.position) == Edition::Edition2017 {
        return Err(Refusal::conflict("F7", "MANAGER is always an Admin User in edition 2017"));
    }
    if case.views.admins.listed(who, case.now).is_none() {
        return Err(Refusal::conflict("F13", format!("`{account}` is no Admin User")));
    }
    keeps_an_admin_without(&[gone, &[who]].concat(), account, case)?;
    one(authority, DashboardEvent::AdminRemoved { account: account.clone() })
}

/// Only Admin Users assign, only licensed apps, only accounts that the app admits (rule: A3).
fn assign_app_user(account: &AccountId, app: &AppName, until: Option<Instant>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::DashboardManageAppUsers, On::Nothing)?;
    let who = case.account(account)?;
    let number = case.app(app)?;
    let Some((_, known)) = case.views.tenant.app(number, case.now.position) else {
        return Err(Refusal::not_found(format!("there is no app `{app}` in the catalogue")));
    };
    if case.views.subscriptions.licensed(number, case.now).is_none() {
        return Err(Refusal::conflict("A3", format!("`{app}` is not licensed: ask support to record a subscription")));
    }
    if known.audience == Audience::Staff && !case.full(who) {
        return Err(Refusal::conflict("A3", format!("`{app}` is for staff only, and `{account}` is not staff")));
    }
    active(account, who, "A3", case)?;
    future_end(until, case)?;
    if same_grant(case.views.app_users.assigned(who, number, case.now), 1, until) {
        return Err(Refusal::conflict("G10", format!("`{account}` is assigned to `{app}` already")));
    }
    one(authority, DashboardEvent::AppUserAssigned { account: account.clone(), app: known.name.clone(), until })
}

fn remove_app_user(account: &AccountId, app: &AppName, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::DashboardManageAppUsers, On::Nothing)?;
    let who = case.account(account)?;
    let number = case.app(app)?;
    let Some((_, known)) = case.views.tenant.app(number, case.now.position) else {
        return Err(Refusal::not_found(format!("there is no app `{app}` in the catalogue")));
    };
    if case.views.app_users.assigned(who, number, case.now).is_none() {
        return Err(Refusal::conflict("A3", format!("`{account}` is not assigned to `{app}`")));
    }
    one(authority, DashboardEvent::AppUserRemoved { account: account.clone(), app: known.name.clone() })
}

/// The Background Account reports what apps were used (rule: A9).
fn record_app_use(uses: &[AppUse], case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::AppReportUse, On::Nothing)?;
    let mut events = Vec::with_capacity(uses.len());
    for used in uses {
        case.account(&used.account)?;
        let number = case.app(&used.app)?;
        if used.at > case.at() {
            return Err(Refusal::conflict("A9", format!("a use at {} lies in the future", used.at)));
        }
        let name = case.views.tenant.app(number, case.now.position).map_or(&used.app, |(_, app)| &app.name);
        let event = DashboardEvent::AppUsed { account: used.account.clone(), app: name.clone(), at: used.at };
        events.push((authority, Event::Dashboard(event)));
    }
    Ok(events)
}

/// Only an Admin User sets it, with the licence, on an account that can bear it, with its password (rules: B2 to B5).
fn set_background_account(account: &AccountId, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::DashboardUpdateBackgroundAccount, On::Nothing)?;
    if case.views.tenant.licence(Licence::ApiConnector, case.now).is_none() {
        return Err(Refusal::conflict("B2", "the API Connector licence is not recorded: ask support for it"));
    }
    let who = case.account(account)?;
    if case.is_manager(account) {
        return Err(Refusal::conflict("B4", "MANAGER is not used as the Background Account: its password is rotated"));
    }
    let missing: Vec<&str> = [
        (!case.full(who), "class full"),
        (!case.holds(who, SystemRole::RemoteService), "the role RemoteService"),
        (!case.holds(who, SystemRole::SysAdmin), "the role SysAdmin"),
    ]
    .into_iter()
    .filter_map(|(missing, what)| missing.then_some(what))
    .collect();
    if !missing.is_empty() {
        return Err(Refusal::conflict("B3", format!("`{account}` lacks {}", missing.join(" and "))));
    }
    active(account, who, "B3", case)?;
    let not_accepted = || Refusal::conflict("B5", format!("the password given for `{account}` is not accepted"));
    if let Err(refusal) = failed_attempt(account, who, Door::BackgroundAccount, case) {
        return Err(Refusal { recorded: refusal.recorded, ..not_accepted() });
    }
    let Some((_, secret)) = case.views.credentials.secret(who, case.now.position) else { return Err(not_accepted()) };
    one(authority, DashboardEvent::BackgroundAccountSet { account: account.clone(), secret: secret.version })
}
