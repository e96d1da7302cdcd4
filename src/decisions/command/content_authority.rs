//! Commands on content authority groups and their members.

use grantbook_events::{AccountId, ContentRight, GroupName, Instant, ObjectPath};

use super::Command;
use super::description::{ACCOUNT, CommandDescription, Door, FieldDescription, FieldKind, UNTIL};
use super::form::Known;
use super::written::Written;

/// What may be asked to happen to content authority groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ContentAuthorityCommand {
    /// Create one.
    CreateGroup {
        /// Its name.
        group: GroupName,
        /// Whether it is a Master Admin group (rule: D2).
        master: bool,
        /// The objects that it covers, none twice.
        covers: Vec<ObjectPath>,
    },
    /// Make an account a member of one, or replace its rights there.
    AddMember {
        /// The group.
        group: GroupName,
        /// The account.
        account: AccountId,
        /// What it may do with the content covered: one or more, none twice.
        rights: Vec<ContentRight>,
        /// When the grant ends; none for never.
        until: Option<Instant>,
    },
    /// Let an account be a member of one no longer.
    RemoveMember {
        /// The group.
        group: GroupName,
        /// The account.
        account: AccountId,
    },
}

const GROUP: FieldDescription =
    FieldDescription::required("group", FieldKind::Name, "The name of the content authority group.");
const RIGHTS: FieldDescription = FieldDescription::required(
    "rights",
    FieldKind::Choices(ContentRight::SLUGS),
    "All that the member may do with the content covered.",
);

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "create_content_authority_group",
            door: Door::Tenant,
            words: "Create a content authority group.",
            fields: &[
                GROUP,
                FieldDescription::required(
                    "master",
                    FieldKind::Boolean,
                    "Whether its members hold the role Content Administrator.",
                ),
                FieldDescription::required(
                    "covers",
                    FieldKind::Paths,
                    "The objects that it covers, each with all below it.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let (group, master) = (form.named("group", GroupName::new)?, form.boolean("master", false)?);
            let covers = form.paths("covers")?;
            Ok(Command::ContentAuthority(ContentAuthorityCommand::CreateGroup { group, master, covers }))
        },
    },
    Known {
        description: CommandDescription {
            name: "add_content_authority_member",
            door: Door::Tenant,
            words: "Make an account a member of a content authority group, or replace its rights there.",
            fields: &[GROUP, ACCOUNT, RIGHTS, UNTIL],
            grants: true,
        },
        read: |form| {
            let (group, account) = (form.named("group", GroupName::new)?, form.account("account")?);
            let (rights, until) = (form.choices("rights", ContentRight::parse)?, form.until()?);
            Ok(Command::ContentAuthority(ContentAuthorityCommand::AddMember { group, account, rights, until }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_content_authority_member",
            door: Door::Tenant,
            words: "Let an account be a member of a content authority group no longer.",
            fields: &[GROUP, ACCOUNT],
            grants: false,
        },
        read: |form| {
            let (group, account) = (form.named("group", GroupName::new)?, form.account("account")?);
            Ok(Command::ContentAuthority(ContentAuthorityCommand::RemoveMember { group, account }))
        },
    },
];

impl ContentAuthorityCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            ContentAuthorityCommand::CreateGroup { .. } => "create_content_authority_group",
            ContentAuthorityCommand::AddMember { .. } => "add_content_authority_member",
            ContentAuthorityCommand::RemoveMember { .. } => "remove_content_authority_member",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            ContentAuthorityCommand::AddMember { account, .. }
            | ContentAuthorityCommand::RemoveMember { account, .. } => Some(account),
            ContentAuthorityCommand::CreateGroup { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            ContentAuthorityCommand::CreateGroup { group, master, covers } => {
                let covers: Vec<&str> = covers.iter().map(ObjectPath::as_str).collect();
                to.show("group", group).put("master", *master).put("covers", covers)
            }
            ContentAuthorityCommand::AddMember { group, account, rights, until } => {
                let rights: Vec<&str> = rights.iter().map(|right| right.slug()).collect();
                to.show("group", group).show("account", account).put("rights", rights).show_if("until", until)
            }
            ContentAuthorityCommand::RemoveMember { group, account } => {
                to.show("group", group).show("account", account)
            }
        };
    }
}
