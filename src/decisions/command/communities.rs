//! Commands on communities.

use grantbook_events::{AccountId, Change, CommunityName, GroupName, Instant, Principal};

use super::description::{CommandDescription, Door, FieldDescription, FieldKind, UNTIL};
use super::form::Known;
use super::written::Written;
use super::{Command, Malformed};

/// What may be asked to happen to communities.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommunityCommand {
    /// Create a community.
    CreateCommunity {
        /// Its name.
        community: CommunityName,
        /// The group that it is open to; none for everybody who can sign in.
        group: Option<GroupName>,
    },
    /// Say anew whom a community is open to, who may create wikis in it, who administers it. What is not said stays.
    SetCommunitySecurity {
        /// Its name.
        community: CommunityName,
        /// The group that it is open to; cleared for everybody who can sign in.
        group: Change<GroupName>,
        /// All who may create wikis.
        wiki_creators: Option<Vec<Principal>>,
        /// All who administer it.
        administrators: Option<Vec<Principal>>,
        /// When the rights of those named end; none for never.
        until: Option<Instant>,
    },
}

const COMMUNITY: FieldDescription =
    FieldDescription::required("community", FieldKind::Name, "The name of the community.");
const GROUP: FieldDescription = FieldDescription::optional(
    "group",
    FieldKind::Name,
    "The group that it is open to; everybody who can sign in, where there is none.",
);

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "create_community",
            door: Door::Tenant,
            words: "Create a community.",
            fields: &[COMMUNITY, GROUP],
            grants: false,
        },
        read: |form| {
            let community = form.named("community", CommunityName::new)?;
            let group = form.maybe_named("group", GroupName::new)?;
            Ok(Command::Community(CommunityCommand::CreateCommunity { community, group }))
        },
    },
    Known {
        description: CommandDescription {
            name: "set_community_security",
            door: Door::Tenant,
            words: "Say anew whom a community is open to, who may create wikis in it and who administers it; what is not \
                    said stays.",
            fields: &[
                COMMUNITY,
                GROUP.or_null(),
                FieldDescription::optional("wiki_creators", FieldKind::Principals, "All who may create wikis.")
                    .or_null(),
                FieldDescription::optional("administrators", FieldKind::Principals, "All who administer it.").or_null(),
                UNTIL,
            ],
            grants: true,
        },
        read: |form| {
            let community = form.named("community", CommunityName::new)?;
            let group = match form.maybe_named("group", GroupName::new)? {
                Some(group) => Change::Set(group),
                None if form.is_cleared("group") => Change::Cleared,
                None => Change::Kept,
            };
            let wiki_creators = form.maybe_principals("wiki_creators")?;
            let administrators = form.maybe_principals("administrators")?;
            if group == Change::Kept && wiki_creators.is_none() && administrators.is_none() {
                return Err(Malformed::new("group", "expected this, `wiki_creators` or `administrators`"));
            }
            let until = form.until()?;
            Ok(Command::Community(CommunityCommand::SetCommunitySecurity {
                community,
                group,
                wiki_creators,
                administrators,
                until,
            }))
        },
    },
];

impl CommunityCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            CommunityCommand::CreateCommunity { .. } => "create_community",
            CommunityCommand::SetCommunitySecurity { .. } => "set_community_security",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            CommunityCommand::CreateCommunity { .. } | CommunityCommand::SetCommunitySecurity { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            CommunityCommand::CreateCommunity { community, group } => {
                to.show("community", community).show_if("group", group);
            }
            CommunityCommand::SetCommunitySecurity { community, group, wiki_creators, administrators, until } => {
                to.show("community", community);
                match group {
                    Change::Kept => {}
                    Change::Set(group) => drop(to.show("group", group)),
                    Change::Cleared => drop(to.put("group", serde_json::Value::Null)),
                }
                to.principals("wiki_creators", wiki_creators)
                    .principals("administrators", administrators)
                    .show_if("until", until);
            }
        }
    }
}
