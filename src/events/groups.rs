//! Security groups, their members, and what makes members: hands, products and conditions (chapter X).

use crate::describe::chapter;
use crate::{AccountId, ContactCondition, GroupName, Instant, ProductName};

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
        #[doc = "A dynamic group was defined, or its condition changed."]
        DynamicGroupDefined = "dynamic_group_defined", Platform, GroupManagement {
            /// Its name.
            group: GroupName,
            /// What its members have in common, from its next refresh on.
            condition: ContactCondition,
        }
        #[doc = "A dynamic group was refreshed: those who joined and left are in the same entry."]
        DynamicGroupRefreshed = "dynamic_group_refreshed", Platform, GroupManagement {
            /// The group.
            group: GroupName,
            /// How many joined.
            joined: u32,
            /// How many left.
            left: u32,
            /// How many more are to join or leave by the next refresh, since one entry holds only so much.
            remaining: u32,
        }
        #[doc = "A product was registered, or names another group than before."]
        ProductRegistered = "product_registered", Platform, GroupManagement {
            /// The product.
            product: ProductName,
            /// The group that its buyers become members of; none for a product that gives nothing here.
            group: Option<GroupName>,
        }
        #[doc = "A product names a group no longer, because the group is gone."]
        ProductUnlinked = "product_unlinked", Platform, GroupManagement {
            /// The product.
            product: ProductName,
            /// The group that it named.
            group: GroupName,
        }
        #[doc = "A product was bought."]
        PurchaseRecorded = "purchase_recorded", Platform, GroupManagement {
            /// The product.
            product: ProductName,
            /// The buyer.
            account: AccountId,
            /// When what was bought ends; none for never.
            until: Option<Instant>,
        }
    }
}
