//! Decisions on what support does in a tenant, each act with a ticket and visible there (rule: U4).

use grantbook_events::{
    AccountId, AdminOrigin, AppName, Audience, BookEvent, CredentialsEvent, DashboardEvent, Date, Edition, Event,
    Instant, Licence, ModuleName, Notice, Position, RoleEvent, SessionEnd, SubscriptionStatus, TenantEvent,
};
use grantbook_projections::{AsOf, GREATEST_LEVEL, Moments, SystemRole};
use grantbook_rights::{Capability, On, Question, Standing, Who, admin_points, allowed, orphaned};

use crate::case::{Acting, Case, Outcome};
use crate::command::SupportCommand;
use crate::credentials::unlocked;
use crate::customers::{self, LOCAL_CUSTOMER};
use crate::dashboard::{admits_as_admin, future_end};
use crate::genesis::{STARTING_APPS, STARTING_MODULES};
use crate::refusal::Refusal;
use crate::second_factor;
use crate::sessions::end_sessions;

pub(crate) fn decide(command: &SupportCommand, case: &Case<'_>) -> Outcome {
    let authority = case.require_support()?;
    match command {
        SupportCommand::RecordSubscription { customer, app, status, from, until } => {
            let state = (app, *status, *from, *until);
            let recorded = match customer.as_ref().filter(|_| case.views.tenant.genesis(case.now.position).is_none()) {
                Some(customer) => customers::record_subscription(customer, state, case, authority)?,
                None => record_subscription(state, case, authority)?,
            };
            if until.is_some_and(|until| until <= from.start()) {
                return Err(Refusal::conflict("A2", "a subscription ends after it begins"));
            }
            Ok(recorded)
        }
        SupportCommand::RestoreAdmin { account, until } => restore_admin(account, *until, case, authority),
        SupportCommand::RotateManagerPassword => rotate_manager_password(case, authority),
        SupportCommand::UnlockManager => unlocked(&AccountId::manager(), case, authority),
        SupportCommand::AddApp { app, title, audience } => add_app(app, title, *audience, case, authority),
        SupportCommand::AddModule { module } => add_module(module, case, authority),
        SupportCommand::RecordLicence { licence, until } => record_licence(*licence, *until, authority),
    }
}

fn one(authority: Option<Position>, event: TenantEvent) -> Outcome {
    Ok(vec![(authority, Event::Tenant(event))])
}

/// Support records subscriptions (rule: A2): those of a customer for all their tenants, and so not here for one of them.
fn record_subscription(
    (app, status, from, until): (&AppName, SubscriptionStatus, Date, Option<Instant>),
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    let number = case.app(app)?;
    let Some((_, known)) = case.views.tenant.app(number, case.now.position) else {
        return Err(Refusal::not_found(format!("there is no app `{app}` in the catalogue")));
    };
    let customer = case.views.tenant.genesis(case.now.position).map(|genesis| &genesis.customer);
    let theirs = customer.filter(|customer| customer.as_str() != LOCAL_CUSTOMER);
    if let (Some(customer), Acting::Support) = (theirs, case.acting) {
        let message = format!("the tenant is one of the customer `{customer}`: give `customer`, for all their tenants");
        return Err(Refusal::conflict("A2", message));
    }
    one(authority, TenantEvent::SubscriptionRecorded { app: known.name.clone(), status, from, until })
}

fn record_licence(licence: Licence, until: Option<Instant>, authority: Option<Position>) -> Outcome {
    one(authority, TenantEvent::LicenceRecorded { licence, until })
}

/// Support adds apps to the catalogue (rule: A1).
fn add_app(app: &AppName, title: &str, audience: Audience, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    // In the installation's own ledger the apps that every catalogue starts with are not recorded.
    let starting = STARTING_APPS.iter().any(|(slug, _)| slug.eq_ignore_ascii_case(app.as_str()));
    let known = case.app(app).ok().and_then(|number| case.views.tenant.app(number, case.now.position));
    if starting || known.is_some() {
        let name = known.map_or(app, |(_, known)| &known.name);
        let since = known.map(|(added, _)| added).filter(|_| !starting);
        return Err(Refusal::name_taken("A1", "an app", (app.as_str(), name.as_str()), since));
    }
    one(authority, TenantEvent::AppAdded { app: app.clone(), title: title.to_owned(), audience })
}

/// Support adds modules to the catalogue (rule: L1). MANAGER has every level at 8, which nobody in the tenant can change
/// (rules: M1, M2), and so has this one at once.
fn add_module(module: &ModuleName, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let starting = STARTING_MODULES.iter().any(|known| known.eq_ignore_ascii_case(module.as_str()));
    let known = case.module(module).ok().and_then(|(number, _)| case.views.tenant.module(number, case.now.position));
    if starting || known.is_some() {
        let name = known.map_or(module, |(_, known)| known);
        let since = known.map(|(added, _)| added).filter(|_| !starting);
        return Err(Refusal::name_taken("L1", "a module", (module.as_str(), name.as_str()), since));
    }
    let added = TenantEvent::ModuleAdded { module: module.clone() };
    if case.views.tenant.genesis(case.now.position).is_none() {
        return one(authority, added);
    }
    let manager = AccountId::manager();
    let level = RoleEvent::LevelSet { account: manager, module: module.clone(), level: GREATEST_LEVEL, until: None };
    Ok(vec![(authority, Event::Tenant(added)), (authority, Event::Role(level))])
}

/// Support alone recovers an orphaned tenant, or one whose named first account can no longer sign in; every former admin and
/// the tenant's contact are told (rules: F6, F8, F14). The admin has no end, or no effective one without would be left again
/// (rule: F9).
fn restore_admin(account: &AccountId, until: Option<Instant>, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let who = case.account(account)?;
    if orphaned(case.views, case.now).is_none() && !first_admin_lost(case) {
        let message =
            "the tenant has an effective Admin User, or never had one and still can: support does not step in";
        return Err(Refusal::conflict("F6", message));
    }
    admits_as_admin(account, who, case)?;
    if !case.holds(who, SystemRole::RemoteService) {
        let message = format!("`{account}` would be listed and not effective: it lacks the role RemoteService");
        return Err(Refusal::conflict("F6", message));
    }
    future_end(until, case)?;
    let manager_is_one = case.views.tenant.edition(case.now.position) == Edition::Edition2017;
    if until.is_some() && !manager_is_one {
        let message = "no effective Admin User without an end would be left: leave `until` out, and let an Admin User set one later";
        return Err(Refusal::conflict("F9", message));
    }
    let added = DashboardEvent::AdminAdded { account: account.clone(), until, origin: AdminOrigin::Support };
    let mut events = vec![(authority, Event::Dashboard(added))];
    let mut told: Vec<AccountId> = case
        .views
        .admins
        .ever(case.now.position)
        .filter(|former| *former != who)
        .filter_map(|former| case.views.account_id(former))
        .collect();
    told.push(AccountId::manager());
    told.sort();
    told.dedup();
    events.extend(
        told.into_iter()
            .map(|account| (authority, Event::Book(BookEvent::NoticeOwed { account, notice: Notice::AdminRestored }))),
    );
    Ok(events)
}

/// Whether the one account whose first sign-in would make the admin existed and can no longer sign in, before anyone became
/// an Admin User (rules: F6, F14). One that never could yet, and still can be made to, is not lost.
fn first_admin_lost(case: &Case<'_>) -> bool {
    let position = case.now.position;
    let named = case.views.tenant.genesis(position).and_then(|genesis| genesis.first_admin.as_ref());
    let Some(who) = named.and_then(|named| case.views.account(named)) else { return false };
    if case.views.admins.any_ever(position) || !case.views.accounts.ever_existed(who, position) {
        return false;
    }
    if !case.views.accounts.exists(who, position) {
        return true;
    }
    let signs_in = |as_of: AsOf| {
        let (standing, on) = (Standing::Given, On::Nothing);
        let question = Question { views: case.views, who: Who::Account(who), standing, on, as_of };
        allowed(&question, Capability::DashboardSignIn)
    };
    let mut points = Vec::new();
    admin_points(case.views, who, case.now, &mut points);
    let ever = !Moments::new(&case.views.timeline, points, case.now).stretches(&signs_in).is_empty();
    ever && !signs_in(case.now)
}

/// Support alone rotates MANAGER's password; it goes to the tenant's contact (rule: M3). Sessions that the one before had
/// opened end, and so does MANAGER's second factor: whoever is handed the password enrols one, and where every other
/// system administrator lost theirs nobody is locked out for good (rule: S6).
fn rotate_manager_password(case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let manager = AccountId::manager();
    let who = case.credentialed(&manager)?;
    if case.views.accounts.email(who, case.now.position).is_none() {
        let message = "the tenant's contact has no email: the password could not be delivered";
        return Err(Refusal::conflict("M3", message));
    }
    let Some((_, secret)) = case.outside.new_password else {
        return Err(Refusal::malformed("M3", "password", "expected a new password made at random"));
    };
    let mut events = end_sessions(case, who, None, SessionEnd::PasswordChanged, authority);
    events.extend(second_factor::ended(&manager, who, case, authority));
    let rotated = CredentialsEvent::ManagerPasswordRotated { account: manager, secret };
    events.push((authority, Event::Credentials(rotated)));
    Ok(events)
}
