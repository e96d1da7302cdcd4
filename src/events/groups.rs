//! Security groups and their members (chapter X).

use crate::describe::chapter;
use crate::{AccountId, GroupName, Instant};

chapter! {
    /// What happened to groups.
    GroupEvent = "Group" {
        #[doc = "A group was created."]
        GroupCreated = "group_created", Platform, GroupManagement {
            /// Its name.
            group: GroupName,
            /// What it is for.
            description: String,
        }
        #[doc = "A group was deleted."]
        GroupDeleted = "group_deleted", Platform, GroupManagement {
            /// Its name.
            group: GroupName,
        }
        #[doc = "An account became a member of a group."]
        GroupMemberAdded = "group_member_added", Platform, GroupManagement {
            /// The group.
            group: GroupName,
            /// The member.
            account: AccountId,
            /// When the grant ends; none for never.
            until: Option<Instant>,
        }
        #[doc = "An account is a member of a group no longer."]
        GroupMemberRemoved = "group_member_removed", Platform, GroupManagement {
            /// The group.
            group: GroupName,
            /// The former member.
            account: AccountId,
        }
    }
}
