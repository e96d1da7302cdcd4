//! Commands of support: from outside a tenant, each with a ticket (rule: U4). The ticket and the Cloud ID of the tenant
//! are given beside the command.

use grantbook_events::{
    AccountId, AppName, Audience, CloudId, CustomerName, Date, Instant, Licence, ModuleName, SubscriptionStatus,
};

use super::description::{ACCOUNT, CommandDescription, Door, FieldDescription, FieldKind, UNTIL};
use super::form::Known;
use super::written::Written;
use super::{Command, Malformed};

/// What support may ask to happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SupportCommand {
    /// Record the state of a subscription (rule: A2).
    RecordSubscription {
        /// Whose, where a customer was named; none where a tenant was.
        customer: Option<CustomerName>,
        /// For which app.
        app: AppName,
        /// The state it has from `from` on.
        status: SubscriptionStatus,
        /// The first day.
        from: Date,
        /// When it ends; none for never.
        until: Option<Instant>,
    },
    /// Make an Admin User of an orphaned tenant (rule: F6).
    RestoreAdmin {
        /// Which account.
        account: AccountId,
        /// When that ends; none for never.
        until: Option<Instant>,
    },
    /// Rotate MANAGER's password (rule: M3).
    RotateManagerPassword,
    /// Unlock MANAGER.
    UnlockManager,
    /// Add an app to the catalogue (rule: A1).
    AddApp {
        /// Its slug.
        app: AppName,
        /// What people call it.
        title: String,
        /// Who may use it.
        audience: Audience,
    },
    /// Add a module to the catalogue (rule: L1).
    AddModule {
        /// Its name.
        module: ModuleName,
    },
    /// Record a licence (rules: B2, O19).
    RecordLicence {
        /// Which.
        licence: Licence,
        /// When it lapses; none for never.
        until: Option<Instant>,
    },
}

pub(super) const TICKET: FieldDescription =
    FieldDescription::required("ticket", FieldKind::Name, "The ticket that the act rests on.");
pub(super) const CLOUD_ID: FieldDescription =
    FieldDescription::required("cloud_id", FieldKind::CloudId, "The Cloud ID of the tenant.");
const MAYBE_CLOUD_ID: FieldDescription =
    FieldDescription::optional("cloud_id", FieldKind::CloudId, "The Cloud ID of one tenant.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "record_subscription",
            door: Door::Support,
            words: "Record the state of a subscription, of a customer or of one tenant.",
            fields: &[
                FieldDescription::optional("customer", FieldKind::Name, "The customer; else `cloud_id`."),
                FieldDescription::optional(
                    "cloud_id",
                    FieldKind::CloudId,
                    "The Cloud ID of a tenant of customer `local`; else `customer`.",
                ),
                FieldDescription::required("app", FieldKind::Name, "The slug of the app."),
                FieldDescription::required("status", FieldKind::Choice(SubscriptionStatus::SLUGS), "Its state."),
                FieldDescription::required("from", FieldKind::Date, "The first day of that state."),
                UNTIL,
                TICKET,
            ],
            grants: true,
        },
        read: |form| {
            let customer = form.maybe_named("customer", CustomerName::new)?;
            let cloud_id = form.maybe_named("cloud_id", CloudId::new)?;
            if customer.is_some() == cloud_id.is_some() {
                return Err(Malformed::new("cloud_id", "expected this or `customer`, and not both"));
            }
            let (app, from) = (form.named("app", AppName::new)?, form.date("from")?);
            let (status, until) = (form.choice("status", SubscriptionStatus::parse)?, form.until()?);
            Ok(Command::Support(SupportCommand::RecordSubscription { customer, app, status, from, until }))
        },
    },
    Known {
        description: CommandDescription {
            name: "restore_admin",
            door: Door::Support,
            words: "Make an account an Admin User of a tenant that has none left.",
            fields: &[CLOUD_ID, ACCOUNT, UNTIL, TICKET],
            grants: true,
        },
        read: |form| {
            let (account, until) = (form.account("account")?, form.until()?);
            Ok(Command::Support(SupportCommand::RestoreAdmin { account, until }))
        },
    },
    Known {
        description: CommandDescription {
            name: "rotate_manager_password",
            door: Door::Support,
            words: "Rotate MANAGER's password and deliver it to the tenant's contact.",
            fields: &[CLOUD_ID, TICKET],
            grants: false,
        },
        read: |_| Ok(Command::Support(SupportCommand::RotateManagerPassword)),
    },
    Known {
        description: CommandDescription {
            name: "unlock_manager",
            door: Door::Support,
            words: "Unlock MANAGER.",
            fields: &[CLOUD_ID, TICKET],
            grants: false,
        },
        read: |_| Ok(Command::Support(SupportCommand::UnlockManager)),
    },
    Known {
        description: CommandDescription {
            name: "add_app",
            door: Door::Support,
            words: "Add an app to the catalogue.",
            fields: &[
                MAYBE_CLOUD_ID,
                FieldDescription::required("app", FieldKind::Name, "Its slug."),
                FieldDescription::required("title", FieldKind::Text { most: 200 }, "What people call it."),
                FieldDescription::required("audience", FieldKind::Choice(Audience::SLUGS), "Who may use it."),
                TICKET,
            ],
            grants: false,
        },
        read: |form| {
            let (app, audience) = (form.named("app", AppName::new)?, form.choice("audience", Audience::parse)?);
            let title = form.text("title")?;
            if title.trim().is_empty() || title.contains('\n') {
                return Err(Malformed::new("title", "expected one line of text"));
            }
            Ok(Command::Support(SupportCommand::AddApp { app, title, audience }))
        },
    },
    Known {
        description: CommandDescription {
            name: "add_module",
            door: Door::Support,
            words: "Add a module to the catalogue.",
            fields: &[MAYBE_CLOUD_ID, FieldDescription::required("module", FieldKind::Name, "Its name."), TICKET],
            grants: false,
        },
        read: |form| Ok(Command::Support(SupportCommand::AddModule { module: form.named("module", ModuleName::new)? })),
    },
    Known {
        description: CommandDescription {
            name: "record_licence",
            door: Door::Support,
            words: "Record a licence.",
            fields: &[
                CLOUD_ID,
                FieldDescription::required("licence", FieldKind::Choice(Licence::SLUGS), "Which licence."),
                UNTIL,
                TICKET,
            ],
            grants: true,
        },
        read: |form| {
            let (licence, until) = (form.choice("licence", Licence::parse)?, form.until()?);
            Ok(Command::Support(SupportCommand::RecordLicence { licence, until }))
        },
    },
];

impl SupportCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            SupportCommand::RecordSubscription { .. } => "record_subscription",
            SupportCommand::RestoreAdmin { .. } => "restore_admin",
            SupportCommand::RotateManagerPassword => "rotate_manager_password",
            SupportCommand::UnlockManager => "unlock_manager",
            SupportCommand::AddApp { .. } => "add_app",
            SupportCommand::AddModule { .. } => "add_module",
            SupportCommand::RecordLicence { .. } => "record_licence",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            SupportCommand::RestoreAdmin { account, .. } => Some(account),
            // MANAGER, which the command does not name.
            SupportCommand::RotateManagerPassword | SupportCommand::UnlockManager => None,
            SupportCommand::RecordSubscription { .. }
            | SupportCommand::AddApp { .. }
            | SupportCommand::AddModule { .. }
            | SupportCommand::RecordLicence { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            SupportCommand::RecordSubscription { customer, app, status, from, until } => to
                .show_if("customer", customer)
                .show("app", app)
                .show("status", status)
                .show("from", from)
                .show_if("until", until),
            SupportCommand::RestoreAdmin { account, until } => to.show("account", account).show_if("until", until),
            SupportCommand::RotateManagerPassword | SupportCommand::UnlockManager => to,
            SupportCommand::AddApp { app, title, audience } => {
                to.show("app", app).show("title", title).show("audience", audience)
            }
            SupportCommand::AddModule { module } => to.show("module", module),
            SupportCommand::RecordLicence { licence, until } => to.show("licence", licence).show_if("until", until),
        };
    }
}
