//! Organisations: companies, committees and chapters, their members and their administrators (chapter O).

use crate::choice::choice;
use crate::describe::chapter;
use crate::{AccountId, Date, Instant, Label, OrganisationName};

choice! {
    /// What kind of organisation one is: what its administrators may do goes by it (rules: O1 to O13).
    OrganisationKind {
        /// A company.
        Company = "company",
        /// A committee, whose members have positions and terms.
        Committee = "committee",
        /// A chapter that one joins by paying (rule: O18).
        ChapterFee = "chapter_fee",
        /// A chapter that costs nothing.
        ChapterNonFee = "chapter_non_fee",
    }
}

impl OrganisationKind {
    /// Whether it is a chapter of either kind.
    pub fn is_chapter(self) -> bool {
        match self {
            OrganisationKind::ChapterFee | OrganisationKind::ChapterNonFee => true,
            OrganisationKind::Company | OrganisationKind::Committee => false,
        }
    }
}

chapter! {
    /// What happened to organisations.
    OrganisationEvent = "Organisation" {
        #[doc = "An organisation was created."]
        OrganisationCreated = "organisation_created", Platform, GroupManagement {
            /// What commands call it.
            organisation: OrganisationName,
            /// Its kind, which never changes.
            kind: OrganisationKind,
            /// What people call it.
            full_name: String,
        }
        #[doc = "What is known of an organisation was changed."]
        OrganisationEdited = "organisation_edited", Platform, GroupManagement {
            /// Which.
            organisation: OrganisationName,
            /// What people call it now; none where that stays.
            full_name: Option<String>,
            /// What it is for; none where that stays.
            description: Option<String>,
        }
        #[doc = "An account became a member of an organisation."]
        OrganisationMemberAdded = "organisation_member_added", Platform, GroupManagement {
            /// The organisation.
            organisation: OrganisationName,
            /// The member.
            account: AccountId,
            /// The position that the member has; none for an ordinary member.
            position: Option<Label>,
            /// The first day of the membership; none for at once.
            from: Option<Date>,
            /// When the membership ends; none for never.
            until: Option<Instant>,
        }
        #[doc = "A member's position or term in an organisation was changed."]
        OrganisationMemberEdited = "organisation_member_edited", Platform, GroupManagement {
            /// The organisation.
            organisation: OrganisationName,
            /// The member.
            account: AccountId,
            /// The position that the member has from now on; none for an ordinary member.
            position: Option<Label>,
            /// The first day of the membership; none for at once.
            from: Option<Date>,
            /// When the membership ends; none for never.
            until: Option<Instant>,
        }
        #[doc = "An account is a member of an organisation no longer."]
        OrganisationMemberRemoved = "organisation_member_removed", Platform, GroupManagement {
            /// The organisation.
            organisation: OrganisationName,
            /// The former member.
            account: AccountId,
        }
        #[doc = "An account got the right to administer an organisation."]
        OrganisationAdminAssigned = "organisation_admin_assigned", Platform, UserAccess {
            /// The organisation.
            organisation: OrganisationName,
            /// The administrator.
            account: AccountId,
            /// When the right ends; none for never.
            until: Option<Instant>,
        }
        #[doc = "An account lost the right to administer an organisation."]
        OrganisationAdminRemoved = "organisation_admin_removed", Platform, UserAccess {
            /// The organisation.
            organisation: OrganisationName,
            /// The former administrator.
            account: AccountId,
        }
        #[doc = "A payment for a membership in a chapter was recorded."]
        ChapterPaymentRecorded = "chapter_payment_recorded", Platform, GroupManagement {
            /// The chapter.
            organisation: OrganisationName,
            /// Whose membership was paid for.
            account: AccountId,
            /// Until when it is paid; none where the payment has no end.
            until: Option<Instant>,
        }
    }
}
