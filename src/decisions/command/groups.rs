//! Commands on groups and their members.

use grantbook_events::{AccountId, GroupName, Instant};

use super::Command;
use super::form::{ACCOUNT, CommandDescription, DESCRIPTION, Door, FieldDescription, FieldKind, Known, UNTIL, Written};

/// What may be asked to happen to groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroupCommand {
    /// Create a group.
    CreateGroup {
        /// Its name.
        group: GroupName,
        /// What it is for; empty where nothing was said.
        description: String,
    },
    /// Delete a group.
    DeleteGroup {
        /// Its name.
        group: GroupName,
    },
    /// Make an account a member of a group.
    AddGroupMember {
        /// The group.
        group: GroupName,
        /// The account.
        account: AccountId,
        /// When the grant ends; none for never.
        until: Option<Instant>,
    },
    /// Let an account be a member of a group no longer.
    RemoveGroupMember {
        /// The group.
        group: GroupName,
        /// The account.
        account: AccountId,
    },
}

const GROUP: FieldDescription = FieldDescription::required("group", FieldKind::Name, "The name of the group.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "create_group",
            door: Door::Tenant,
            words: "Create a group.",
            fields: &[GROUP, FieldDescription::optional("description", DESCRIPTION, "What it is for.")],
            grants: false,
        },
        read: |form| {
            let group = form.named("group", GroupName::new)?;
            let description = form.maybe_text("description")?.unwrap_or_default();
            Ok(Command::Group(GroupCommand::CreateGroup { group, description }))
        },
    },
    Known {
        description: CommandDescription {
            name: "delete_group",
            door: Door::Tenant,
            words: "Delete a group.",
            fields: &[GROUP],
            grants: false,
        },
        read: |form| Ok(Command::Group(GroupCommand::DeleteGroup { group: form.named("group", GroupName::new)? })),
    },
    Known {
        description: CommandDescription {
            name: "add_group_member",
            door: Door::Tenant,
            words: "Make an account a member of a group.",
            fields: &[GROUP, ACCOUNT, UNTIL],
            grants: true,
        },
        read: |form| {
            let group = form.named("group", GroupName::new)?;
            let (account, until) = (form.account("account")?, form.until()?);
            Ok(Command::Group(GroupCommand::AddGroupMember { group, account, until }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_group_member",
            door: Door::Tenant,
            words: "Let an account be a member of a group no longer.",
            fields: &[GROUP, ACCOUNT],
            grants: false,
        },
        read: |form| {
            let (group, account) = (form.named("group", GroupName::new)?, form.account("account")?);
            Ok(Command::Group(GroupCommand::RemoveGroupMember { group, account }))
        },
    },
];

impl GroupCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            GroupCommand::CreateGroup { .. } => "create_group",
            GroupCommand::DeleteGroup { .. } => "delete_group",
            GroupCommand::AddGroupMember { .. } => "add_group_member",
            GroupCommand::RemoveGroupMember { .. } => "remove_group_member",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            GroupCommand::AddGroupMember { account, .. } | GroupCommand::RemoveGroupMember { account, .. } => {
                Some(account)
            }
            GroupCommand::CreateGroup { .. } | GroupCommand::DeleteGroup { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            GroupCommand::CreateGroup { group, description } => {
                to.show("group", group).show("description", description)
            }
            GroupCommand::DeleteGroup { group } => to.show("group", group),
            GroupCommand::AddGroupMember { group, account, until } => {
                to.show("group", group).show("account", account).show_if("until", until)
            }
            GroupCommand::RemoveGroupMember { group, account } => to.show("group", group).show("account", account),
        };
    }
}
