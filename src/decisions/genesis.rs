//! How a tenant begins: with MANAGER, a SysAdmin with every level at 8, and the catalogues (rules: A1, L1, M1, T1).

use grantbook_events::{
    AccountId, AppName, Audience, Change, CloudId, ContactDetails, ContactEvent, CredentialsEvent, CustomerName,
    Edition, Event, InstallationEvent, ModuleName, OperatorName, Position, RoleEvent, RoleName, Sealed, SealedEmail,
    SecretVersion, TenantEvent, UserClass, Username,
};
use grantbook_projections::{App, GREATEST_LEVEL, Subscription, SystemRole, Views};

use crate::refusal::Refusal;

/// The apps that every catalogue starts with, all for staff only (rule: A1).
pub const STARTING_APPS: [(&str, &str); 4] = [
    ("iemail-cloud", "iEmail Cloud"),
    ("idms-iimport", "iDMS iImport"),
    ("datastation", "DataStation"),
    ("cloud-sso", "Cloud SSO"),
];

/// The modules that every catalogue starts with (rule: L1).
pub const STARTING_MODULES: [&str; 2] = ["Customers", "System"];

/// The username of the account that every tenant starts with (rule: M1).
pub const MANAGER_USERNAME: &str = "MANAGER";

/// What is to be known of a new tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewTenant {
    /// Its Cloud ID.
    pub cloud_id: CloudId,
    /// The edition it runs.
    pub edition: Edition,
    /// Who it belongs to.
    pub customer: CustomerName,
    /// The one account whose first sign-in makes the admin (rule: F14).
    pub first_admin: Option<AccountId>,
    /// What MANAGER's contact is called, sealed with its new key.
    pub manager_name: Sealed,
    /// Where the tenant's contact is reached (rule: M3).
    pub manager_email: Option<SealedEmail>,
    /// The version of MANAGER's first password.
    pub secret: SecretVersion,
    /// What support added for every tenant, and for the customer, until now.
    pub further: Catalogue,
}

/// What a tenant begins with beyond what every catalogue starts with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Catalogue {
    /// Apps.
    pub apps: Vec<App>,
    /// Modules.
    pub modules: Vec<ModuleName>,
    /// The customer's subscriptions.
    pub subscriptions: Vec<(AppName, Subscription)>,
}

impl Catalogue {
    /// What the installation's own ledger has as of a position, for a tenant of `customer`.
    pub fn so_far(views: &Views, customer: &CustomerName, position: Position) -> Catalogue {
        let mut apps: Vec<(Position, App)> =
            views.tenant.apps(position).map(|(added, app)| (added, app.clone())).collect();
        apps.sort_by(|(one, app), (other, next)| (one, &app.name).cmp(&(other, &next.name)));
        let mut modules: Vec<(Position, ModuleName)> = views
            .tenant
            .modules(position)
            .filter_map(|(number, name)| Some((views.tenant.module(number, position)?.0, name.clone())))
            .collect();
        modules.sort();
        let theirs = views.customers.number(customer).into_iter();
        let theirs = theirs.flat_map(|number| views.customers.subscriptions(number, position));
        let mut subscriptions: Vec<(AppName, Subscription)> =
            theirs.map(|(_, state)| (state.app.clone(), state.subscription)).collect();
        subscriptions.sort_by(|(one, _), (other, _)| one.cmp(other));
        Catalogue {
            apps: apps.into_iter().map(|(_, app)| app).collect(),
            modules: modules.into_iter().map(|(_, module)| module).collect(),
            subscriptions,
        }
    }
}

/// Whether an account may be named as the one whose first sign-in makes the admin (rule: F14). Errors: it is MANAGER, who is
/// never made an Admin User in edition `cloud`, so that nobody ever would be (rule: F8), however it is spelt.
pub fn named_first_admin(named: Option<&AccountId>, edition: Edition) -> Result<(), Refusal> {
    match (named, edition) {
        (Some(named), Edition::Cloud) if named.as_str().eq_ignore_ascii_case(MANAGER_USERNAME) => {
            let message = "MANAGER is never made an Admin User: name another account, or none for whoever is first";
            Err(Refusal::conflict("F8", message))
        }
        (_, Edition::Cloud | Edition::Edition2017) => Ok(()),
    }
}

/// The events of a tenant's first entry.
pub fn create_tenant(new: &NewTenant) -> Vec<Event> {
    let manager = AccountId::manager();
    let mut events = vec![Event::Tenant(TenantEvent::TenantCreated {
        cloud_id: new.cloud_id.clone(),
        edition: new.edition,
        customer: new.customer.clone(),
        first_admin: new.first_admin.clone(),
    })];
    for (slug, title) in STARTING_APPS {
        if let Ok(app) = AppName::new(slug) {
            let added = TenantEvent::AppAdded { app, title: title.to_owned(), audience: Audience::Staff };
            events.push(Event::Tenant(added));
        }
    }
    events.extend(new.further.apps.iter().map(|app| {
        let (app, title, audience) = (app.name.clone(), app.title.clone(), app.audience);
        Event::Tenant(TenantEvent::AppAdded { app, title, audience })
    }));
    let modules = STARTING_MODULES.into_iter().filter_map(|module| ModuleName::new(module).ok());
    let modules: Vec<ModuleName> = modules.chain(new.further.modules.iter().cloned()).collect();
    events.extend(modules.iter().map(|module| Event::Tenant(TenantEvent::ModuleAdded { module: module.clone() })));
    events.extend(new.further.subscriptions.iter().map(|(app, subscription)| {
        let Subscription { status, from, until } = *subscription;
        Event::Tenant(TenantEvent::SubscriptionRecorded { app: app.clone(), status, from, until })
    }));
    let details = ContactDetails {
        full_name: Change::Set(new.manager_name.clone()),
        email: new.manager_email.clone().map_or(Change::Kept, Change::Set),
        ..ContactDetails::KEPT
    };
    events.push(Event::Contact(ContactEvent::ContactAdded {
        account: manager.clone(),
        key: new.manager_name.key,
        details: Box::new(details),
    }));
    if let Ok(username) = Username::new(MANAGER_USERNAME) {
        events.push(Event::Credentials(CredentialsEvent::CredentialsCreated {
            account: manager.clone(),
            username,
            user_class: UserClass::Full,
            email: None,
            secret: new.secret,
            // Whoever is handed MANAGER's password is its holder (rule: C16).
            must_change: false,
        }));
    }
    if let Ok(role) = RoleName::new(SystemRole::SysAdmin.name()) {
        events.push(Event::Role(RoleEvent::RoleAssigned { account: manager.clone(), role, until: None }));
    }
    events.extend(modules.into_iter().map(|module| {
        Event::Role(RoleEvent::LevelSet { account: manager.clone(), module, level: GREATEST_LEVEL, until: None })
    }));
    events
}

/// The event of the installation's own ledger that gives a Cloud ID.
pub fn cloud_id_assigned(cloud_id: CloudId, customer: CustomerName) -> Event {
    InstallationEvent::CloudIdAssigned { cloud_id, customer }.into()
}

/// The event of the installation's own ledger that issues a support token (rule: U4).
pub fn support_token_issued(operator: OperatorName, token: SecretVersion) -> Event {
    InstallationEvent::SupportTokenIssued { operator, token }.into()
}

/// The event of the installation's own ledger that revokes a support token (rule: U4).
pub fn support_token_revoked(operator: OperatorName, token: SecretVersion) -> Event {
    InstallationEvent::SupportTokenRevoked { operator, token }.into()
}
