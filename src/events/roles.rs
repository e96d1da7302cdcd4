//! Security roles and module authorisation levels (chapters G and L).

use crate::describe::chapter;
use crate::{AccountId, Instant, ModuleName, RoleName};

chapter! {
    /// What happened to roles and levels.
    RoleEvent = "Role" {
        #[doc = "A role was created."]
        RoleCreated = "role_created", Platform, GroupManagement {
            /// Its name.
            role: RoleName,
            /// What it is for.
            description: String,
        }
        #[doc = "A role was edited."]
        RoleEdited = "role_edited", Platform, GroupManagement {
            /// Its name until now.
            role: RoleName,
            /// Its name from now on, where it changed.
            new_name: Option<RoleName>,
            /// What it is for, where that changed.
            description: Option<String>,
        }
        #[doc = "A role was deleted."]
        RoleDeleted = "role_deleted", Platform, GroupManagement {
            /// Its name.
            role: RoleName,
        }
        #[doc = "A role was assigned."]
        RoleAssigned = "role_assigned", Platform, UserAccess {
            /// To whom.
            account: AccountId,
            /// Which role.
            role: RoleName,
            /// When the grant ends; none for never.
            until: Option<Instant>,
        }
        #[doc = "A role was taken away."]
        RoleRemoved = "role_removed", Platform, UserAccess {
            /// From whom.
            account: AccountId,
            /// Which role.
            role: RoleName,
        }
        #[doc = "A module authorisation level was set."]
        LevelSet = "level_set", Platform, UserAccess {
            /// Whose.
            account: AccountId,
            /// For which module.
            module: ModuleName,
            /// 0 (nothing) to 8 (everything).
            level: u8,
            /// When the grant ends; none for never.
            until: Option<Instant>,
        }
    }
}
