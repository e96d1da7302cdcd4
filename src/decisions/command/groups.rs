//! Commands on groups, and on what makes their members: hands, conditions and products.

use grantbook_events::{AccountId, ContactCondition, GroupName, Instant, ProductName};

use super::Command;
use super::description::{ACCOUNT, CommandDescription, DESCRIPTION, Door, FieldDescription, FieldKind, UNTIL};
use super::form::Known;
use super::written::Written;

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
    /// Define a dynamic group, or give it another condition.
    DefineDynamicGroup {
        /// Its name.
        group: GroupName,
        /// What its members have in common.
        condition: ContactCondition,
    },
    /// Let those join a dynamic group of whom its condition holds, and the others leave.
    RefreshDynamicGroup {
        /// The group.
        group: GroupName,
    },
    /// Register a product, or let it name another group.
    RegisterProduct {
        /// The product.
        product: ProductName,
        /// The group that its buyers become members of.
        group: Option<GroupName>,
    },
    /// Record that somebody bought a product.
    RecordPurchase {
        /// The product.
        product: ProductName,
        /// The buyer.
        account: AccountId,
        /// When what was bought ends; none for never.
        until: Option<Instant>,
    },
}

const PRODUCT: FieldDescription = FieldDescription::required("product", FieldKind::Name, "The name of the product.");
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
    Known {
        description: CommandDescription {
            name: "define_dynamic_group",
            door: Door::Tenant,
            words: "Define a dynamic group by a condition on contacts, or give it another condition.",
            fields: &[
                GROUP,
                FieldDescription::required("condition", FieldKind::Condition, "What its members have in common."),
            ],
            grants: false,
        },
        read: |form| {
            let (group, condition) = (form.named("group", GroupName::new)?, form.condition("condition")?);
            Ok(Command::Group(GroupCommand::DefineDynamicGroup { group, condition }))
        },
    },
    Known {
        description: CommandDescription {
            name: "refresh_dynamic_group",
            door: Door::Tenant,
            words: "Let those join a dynamic group of whom its condition holds, and the others leave.",
            fields: &[GROUP],
            grants: false,
        },
        read: |form| {
            Ok(Command::Group(GroupCommand::RefreshDynamicGroup { group: form.named("group", GroupName::new)? }))
        },
    },
    Known {
        description: CommandDescription {
            name: "register_product",
            door: Door::Tenant,
            words: "Register a product, or let it name another group.",
            fields: &[
                PRODUCT,
                FieldDescription::optional("group", FieldKind::Name, "The group that its buyers become members of."),
            ],
            grants: false,
        },
        read: |form| {
            let (product, group) =
                (form.named("product", ProductName::new)?, form.maybe_named("group", GroupName::new)?);
            Ok(Command::Group(GroupCommand::RegisterProduct { product, group }))
        },
    },
    Known {
        description: CommandDescription {
            name: "record_purchase",
            door: Door::Tenant,
            words: "Record that an account bought a product; it becomes a member of the group that the product names.",
            fields: &[PRODUCT, ACCOUNT, UNTIL],
            grants: true,
        },
        read: |form| {
            let (product, account) = (form.named("product", ProductName::new)?, form.account("account")?);
            Ok(Command::Group(GroupCommand::RecordPurchase { product, account, until: form.until()? }))
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
            GroupCommand::DefineDynamicGroup { .. } => "define_dynamic_group",
            GroupCommand::RefreshDynamicGroup { .. } => "refresh_dynamic_group",
            GroupCommand::RegisterProduct { .. } => "register_product",
            GroupCommand::RecordPurchase { .. } => "record_purchase",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            GroupCommand::AddGroupMember { account, .. }
            | GroupCommand::RemoveGroupMember { account, .. }
            | GroupCommand::RecordPurchase { account, .. } => Some(account),
            GroupCommand::CreateGroup { .. }
            | GroupCommand::DeleteGroup { .. }
            | GroupCommand::DefineDynamicGroup { .. }
            | GroupCommand::RefreshDynamicGroup { .. }
            | GroupCommand::RegisterProduct { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            GroupCommand::CreateGroup { group, description } => {
                to.show("group", group).show("description", description)
            }
            GroupCommand::DeleteGroup { group } | GroupCommand::RefreshDynamicGroup { group } => {
                to.show("group", group)
            }
            GroupCommand::DefineDynamicGroup { group, condition } => {
                to.show("group", group).condition("condition", condition)
            }
            GroupCommand::RegisterProduct { product, group } => to.show("product", product).show_if("group", group),
            GroupCommand::RecordPurchase { product, account, until } => {
                to.show("product", product).show("account", account).show_if("until", until)
            }
            GroupCommand::AddGroupMember { group, account, until } => {
                to.show("group", group).show("account", account).show_if("until", until)
            }
            GroupCommand::RemoveGroupMember { group, account } => to.show("group", group).show("account", account),
        };
    }
}
