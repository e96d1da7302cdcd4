//! Communities and their own security (rule: X5).

use crate::choice::choice;
use crate::describe::chapter;
use crate::{CommunityName, GroupName, Instant, Principal};

choice! {
    /// What somebody may have in a community beyond reading it.
    CommunityRight {
        /// To create wikis.
        CreateWiki = "create_wiki",
        /// To administer it.
        Administer = "administer",
    }
}

chapter! {
    /// What happened to communities.
    CommunityEvent = "Community" {
        #[doc = "A community was created."]
        CommunityCreated = "community_created", Platform, GroupManagement {
            /// Its name.
            community: CommunityName,
            /// The group that it is open to; none for everybody who can sign in.
            group: Option<GroupName>,
        }
        #[doc = "A community was opened to others than before."]
        CommunityOpened = "community_opened", Platform, GroupManagement {
            /// The community.
            community: CommunityName,
            /// The group that it is open to now; none for everybody who can sign in.
            group: Option<GroupName>,
        }
        #[doc = "A community is open to nobody but its administrators, because the group that it was open to is gone."]
        CommunityClosed = "community_closed", Platform, GroupManagement {
            /// The community.
            community: CommunityName,
            /// The group that it was open to.
            group: GroupName,
        }
        #[doc = "A right in a community was granted, or confirmed when its holders were named anew."]
        CommunityRightGranted = "community_right_granted", Platform, UserAccess {
            /// The community.
            community: CommunityName,
            /// Which right.
            right: CommunityRight,
            /// To whom.
            principal: Principal,
            /// When the grant ends; none for never.
            until: Option<Instant>,
        }
        #[doc = "A right in a community was revoked."]
        CommunityRightRevoked = "community_right_revoked", Platform, UserAccess {
            /// The community.
            community: CommunityName,
            /// Which right.
            right: CommunityRight,
            /// From whom.
            principal: Principal,
        }
    }
}
