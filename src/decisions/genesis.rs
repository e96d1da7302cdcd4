//! How a tenant begins: with MANAGER, a SysAdmin with every level at 8, and the catalogues (rules: A1, L1, M1, T1).

use grantbook_events::{
    AccountId, AppName, Audience, Change, CloudId, ContactDetails, ContactEvent, CredentialsEvent, CustomerName,
    Edition, Event, InstallationEvent, ModuleName, OperatorName, RoleEvent, RoleName, Sealed, SealedEmail,
    SecretVersion, TenantEvent, UserClass, Username,
};
use grantbook_projections::{GREATEST_LEVEL, SystemRole};

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
    let modules = STARTING_MODULES.into_iter().filter_map(|module| ModuleName::new(module).ok());
    let modules: Vec<ModuleName> = modules.collect();
    events.extend(modules.iter().map(|module| Event::Tenant(TenantEvent::ModuleAdded { module: module.clone() })));
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
    Event::Installation(InstallationEvent::CloudIdAssigned { cloud_id, customer })
}

/// The event of the installation's own ledger that issues a support token (rule: U4).
pub fn support_token_issued(operator: OperatorName, token: SecretVersion) -> Event {
    Event::Installation(InstallationEvent::SupportTokenIssued { operator, token })
}

/// The event of the installation's own ledger that revokes a support token (rule: U4).
pub fn support_token_revoked(operator: OperatorName, token: SecretVersion) -> Event {
    Event::Installation(InstallationEvent::SupportTokenRevoked { operator, token })
}
