//! Content authority groups: who may do what with the content that a group covers (chapter D).

use crate::choice::choice;
use crate::describe::chapter;
use crate::{AccountId, GroupName, Instant, ObjectPath};

choice! {
    /// What a member of a content authority group may do with the content that it covers (rule: D1). None includes
    /// another: one may edit without deleting.
    ContentRight {
        /// See it.
        Read = "read",
        /// Create more of it.
        Create = "create",
        /// Change it.
        Edit = "edit",
        /// Put it before the public.
        Publish = "publish",
        /// Delete it.
        Delete = "delete",
    }
}

chapter! {
    /// What happened to content authority groups.
    ContentAuthorityEvent = "ContentAuthority" {
        #[doc = "A content authority group was created."]
        ContentAuthorityGroupCreated = "content_authority_group_created", Platform, GroupManagement {
            /// Its name.
            group: GroupName,
            /// Whether it is a Master Admin group, whose members hold Content Administrator (rule: D2).
            master: bool,
            /// The objects that it covers, each with all below it.
            covers: Vec<ObjectPath>,
        }
        #[doc = "An account became a member of a content authority group, or its rights there were replaced."]
        ContentAuthorityMemberAdded = "content_authority_member_added", Platform, GroupManagement {
            /// The group.
            group: GroupName,
            /// The member.
            account: AccountId,
            /// All that the member may do with the content that the group covers.
            rights: Vec<ContentRight>,
            /// When the grant ends; none for never.
            until: Option<Instant>,
        }
        #[doc = "An account is a member of a content authority group no longer."]
        ContentAuthorityMemberRemoved = "content_authority_member_removed", Platform, GroupManagement {
            /// The group.
            group: GroupName,
            /// The former member.
            account: AccountId,
        }
        #[doc = "A content authority group covers an object no longer: the object was deleted."]
        ContentCoverageEnded = "content_coverage_ended", Platform, GroupManagement {
            /// The group.
            group: GroupName,
            /// The object.
            object: ObjectPath,
        }
    }
}
