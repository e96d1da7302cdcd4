//! Commands on the dashboard.

use grantbook_events::{AccountId, AppName, Instant};
use serde_json::{Value, json};

use super::Command;
use super::description::{ACCOUNT, CommandDescription, Door, FieldDescription, FieldKind, UNTIL};
use super::form::Known;
use super::written::Written;

/// What may be asked to happen on the dashboard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DashboardCommand {
    /// Make an account an Admin User.
    AddAdmin {
        /// Which.
        account: AccountId,
        /// When the grant ends; none for never.
        until: Option<Instant>,
    },
    /// Let an account be an Admin User no longer.
    RemoveAdmin {
        /// Which.
        account: AccountId,
    },
    /// Assign an account to an app.
    AssignAppUser {
        /// Which account.
        account: AccountId,
        /// To which app.
        app: AppName,
        /// When the grant ends; none for never.
        until: Option<Instant>,
    },
    /// Remove an account from an app.
    RemoveAppUser {
        /// Which account.
        account: AccountId,
        /// From which app.
        app: AppName,
    },
    /// Report the use of apps (rule: A9).
    RecordAppUse {
        /// 1 to 1,000 of them.
        uses: Vec<AppUse>,
    },
    /// Set the Background Account; its password is in the secrets.
    SetBackgroundAccount {
        /// Which account.
        account: AccountId,
    },
}

/// One use of an app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppUse {
    /// By whom.
    pub account: AccountId,
    /// Which app.
    pub app: AppName,
    /// When, as the app says.
    pub at: Instant,
}

const APP: FieldDescription = FieldDescription::required("app", FieldKind::Name, "The slug of the app.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "add_admin",
            door: Door::Tenant,
            words: "Make an account an Admin User.",
            fields: &[ACCOUNT, UNTIL],
            grants: true,
        },
        read: |form| {
            let (account, until) = (form.account("account")?, form.until()?);
            Ok(Command::Dashboard(DashboardCommand::AddAdmin { account, until }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_admin",
            door: Door::Tenant,
            words: "Let an account be an Admin User no longer.",
            fields: &[ACCOUNT],
            grants: false,
        },
        read: |form| Ok(Command::Dashboard(DashboardCommand::RemoveAdmin { account: form.account("account")? })),
    },
    Known {
        description: CommandDescription {
            name: "assign_app_user",
            door: Door::Tenant,
            words: "Assign an account to an app.",
            fields: &[ACCOUNT, APP, UNTIL],
            grants: true,
        },
        read: |form| {
            let account = form.account("account")?;
            let (app, until) = (form.named("app", AppName::new)?, form.until()?);
            Ok(Command::Dashboard(DashboardCommand::AssignAppUser { account, app, until }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_app_user",
            door: Door::Tenant,
            words: "Remove an account from an app.",
            fields: &[ACCOUNT, APP],
            grants: false,
        },
        read: |form| {
            let (account, app) = (form.account("account")?, form.named("app", AppName::new)?);
            Ok(Command::Dashboard(DashboardCommand::RemoveAppUser { account, app }))
        },
    },
    Known {
        description: CommandDescription {
            name: "record_app_use",
            door: Door::Tenant,
            words: "Report the use of apps.",
            fields: &[FieldDescription::required("uses", FieldKind::Uses, "Who used which app when.")],
            grants: false,
        },
        read: |form| Ok(Command::Dashboard(DashboardCommand::RecordAppUse { uses: form.uses("uses")? })),
    },
    Known {
        description: CommandDescription {
            name: "set_background_account",
            door: Door::Tenant,
            words: "Set or update the Background Account.",
            fields: &[
                ACCOUNT,
                FieldDescription::required("password", FieldKind::Secret, "That account's password, to be verified."),
            ],
            grants: false,
        },
        read: |form| {
            Ok(Command::Dashboard(DashboardCommand::SetBackgroundAccount { account: form.account("account")? }))
        },
    },
];

impl DashboardCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            DashboardCommand::AddAdmin { .. } => "add_admin",
            DashboardCommand::RemoveAdmin { .. } => "remove_admin",
            DashboardCommand::AssignAppUser { .. } => "assign_app_user",
            DashboardCommand::RemoveAppUser { .. } => "remove_app_user",
            DashboardCommand::RecordAppUse { .. } => "record_app_use",
            DashboardCommand::SetBackgroundAccount { .. } => "set_background_account",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            DashboardCommand::AddAdmin { account, .. }
            | DashboardCommand::RemoveAdmin { account }
            | DashboardCommand::AssignAppUser { account, .. }
            | DashboardCommand::RemoveAppUser { account, .. }
            | DashboardCommand::SetBackgroundAccount { account } => Some(account),
            // On many.
            DashboardCommand::RecordAppUse { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            DashboardCommand::AddAdmin { account, until } => to.show("account", account).show_if("until", until),
            DashboardCommand::RemoveAdmin { account } | DashboardCommand::SetBackgroundAccount { account } => {
                to.show("account", account)
            }
            DashboardCommand::AssignAppUser { account, app, until } => {
                to.show("account", account).show("app", app).show_if("until", until)
            }
            DashboardCommand::RemoveAppUser { account, app } => to.show("account", account).show("app", app),
            DashboardCommand::RecordAppUse { uses } => {
                let show = |used: &AppUse| {
                    let AppUse { account, app, at } = used;
                    json!({"account": account.as_str(), "app": app.as_str(), "at": at.to_string()})
                };
                to.put("uses", uses.iter().map(show).collect::<Vec<Value>>())
            }
        };
    }
}
