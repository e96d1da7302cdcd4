//! Commands on roles and levels.

use grantbook_events::{AccountId, Instant, ModuleName, RoleName};

use super::description::{ACCOUNT, CommandDescription, DESCRIPTION, Door, FieldDescription, FieldKind, UNTIL};
use super::form::Known;
use super::written::Written;
use super::{Command, Malformed};

/// What may be asked to happen to roles and levels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoleCommand {
    /// Create a role.
    CreateRole {
        /// Its name.
        role: RoleName,
        /// What it is for.
        description: String,
    },
    /// Change the name or the description of a role, or both.
    EditRole {
        /// Its name until now.
        role: RoleName,
        /// Its name from now on; none where that stays.
        new_name: Option<RoleName>,
        /// What it is for; none where that stays.
        description: Option<String>,
    },
    /// Delete a role.
    DeleteRole {
        /// Its name.
        role: RoleName,
    },
    /// Assign a role.
    AssignRole {
        /// To whom.
        account: AccountId,
        /// Which role.
        role: RoleName,
        /// When the grant ends; none for never.
        until: Option<Instant>,
    },
    /// Take a role away.
    RemoveRole {
        /// From whom.
        account: AccountId,
        /// Which role.
        role: RoleName,
    },
    /// Set a module authorisation level (rule: L1).
    SetLevel {
        /// Whose.
        account: AccountId,
        /// For which module.
        module: ModuleName,
        /// 0 (nothing) to 8 (everything).
        level: u8,
        /// When the grant ends; none for never.
        until: Option<Instant>,
    },
    /// Make a system administrator: class Full, SysAdmin, every module at 8 (rule: L3).
    MakeSystemAdministrator {
        /// Of whom.
        account: AccountId,
        /// When SysAdmin and the levels end; none for never. The class stays.
        until: Option<Instant>,
    },
}

const ROLE: FieldDescription = FieldDescription::required("role", FieldKind::Name, "The name of the role.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "create_role",
            door: Door::Tenant,
            words: "Create a role.",
            fields: &[ROLE, FieldDescription::required("description", DESCRIPTION, "What it is for.")],
            grants: false,
        },
        read: |form| {
            let (role, description) = (form.named("role", RoleName::new)?, form.text("description")?);
            Ok(Command::Role(RoleCommand::CreateRole { role, description }))
        },
    },
    Known {
        description: CommandDescription {
            name: "edit_role",
            door: Door::Tenant,
            words: "Change the name or the description of a role.",
            fields: &[
                ROLE,
                FieldDescription::optional("new_name", FieldKind::Name, "Its name from now on."),
                FieldDescription::optional("description", DESCRIPTION, "What it is for."),
            ],
            grants: false,
        },
        read: |form| {
            let role = form.named("role", RoleName::new)?;
            let new_name = form.maybe_named("new_name", RoleName::new)?;
            let description = form.maybe_text("description")?;
            if new_name.is_none() && description.is_none() {
                return Err(Malformed::new("new_name", "expected this, or `description`, or both"));
            }
            Ok(Command::Role(RoleCommand::EditRole { role, new_name, description }))
        },
    },
    Known {
        description: CommandDescription {
            name: "delete_role",
            door: Door::Tenant,
            words: "Delete a role and end its assignments.",
            fields: &[ROLE],
            grants: false,
        },
        read: |form| Ok(Command::Role(RoleCommand::DeleteRole { role: form.named("role", RoleName::new)? })),
    },
    Known {
        description: CommandDescription {
            name: "assign_role",
            door: Door::Tenant,
            words: "Assign a role.",
            fields: &[ACCOUNT, ROLE, UNTIL],
            grants: true,
        },
        read: |form| {
            let account = form.account("account")?;
            let (role, until) = (form.named("role", RoleName::new)?, form.until()?);
            Ok(Command::Role(RoleCommand::AssignRole { account, role, until }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_role",
            door: Door::Tenant,
            words: "Take a role away.",
            fields: &[ACCOUNT, ROLE],
            grants: false,
        },
        read: |form| {
            let (account, role) = (form.account("account")?, form.named("role", RoleName::new)?);
            Ok(Command::Role(RoleCommand::RemoveRole { account, role }))
        },
    },
    Known {
        description: CommandDescription {
            name: "set_level",
            door: Door::Tenant,
            words: "Set a module authorisation level.",
            fields: &[
                ACCOUNT,
                FieldDescription::required("module", FieldKind::Name, "The module."),
                FieldDescription::required(
                    "level",
                    FieldKind::Number { least: 0, most: 8 },
                    "0 (nothing) to 8 (everything).",
                ),
                UNTIL,
            ],
            grants: true,
        },
        read: |form| {
            let account = form.account("account")?;
            let (module, level) = (form.named("module", ModuleName::new)?, form.number("level")?);
            Ok(Command::Role(RoleCommand::SetLevel { account, module, level, until: form.until()? }))
        },
    },
    Known {
        description: CommandDescription {
            name: "make_system_administrator",
            door: Door::Tenant,
            words: "Make an account a system administrator: class Full, SysAdmin, every module at 8.",
            fields: &[ACCOUNT, UNTIL],
            grants: true,
        },
        read: |form| {
            let (account, until) = (form.account("account")?, form.until()?);
            Ok(Command::Role(RoleCommand::MakeSystemAdministrator { account, until }))
        },
    },
];

impl RoleCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            RoleCommand::CreateRole { .. } => "create_role",
            RoleCommand::EditRole { .. } => "edit_role",
            RoleCommand::DeleteRole { .. } => "delete_role",
            RoleCommand::AssignRole { .. } => "assign_role",
            RoleCommand::RemoveRole { .. } => "remove_role",
            RoleCommand::SetLevel { .. } => "set_level",
            RoleCommand::MakeSystemAdministrator { .. } => "make_system_administrator",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            RoleCommand::AssignRole { account, .. }
            | RoleCommand::RemoveRole { account, .. }
            | RoleCommand::SetLevel { account, .. }
            | RoleCommand::MakeSystemAdministrator { account, .. } => Some(account),
            RoleCommand::CreateRole { .. } | RoleCommand::EditRole { .. } | RoleCommand::DeleteRole { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            RoleCommand::CreateRole { role, description } => to.show("role", role).show("description", description),
            RoleCommand::EditRole { role, new_name, description } => {
                to.show("role", role).show_if("new_name", new_name).show_if("description", description)
            }
            RoleCommand::DeleteRole { role } => to.show("role", role),
            RoleCommand::AssignRole { account, role, until } => {
                to.show("account", account).show("role", role).show_if("until", until)
            }
            RoleCommand::RemoveRole { account, role } => to.show("account", account).show("role", role),
            RoleCommand::SetLevel { account, module, level, until } => {
                to.show("account", account).show("module", module).put("level", *level).show_if("until", until)
            }
            RoleCommand::MakeSystemAdministrator { account, until } => {
                to.show("account", account).show_if("until", until)
            }
        };
    }
}
