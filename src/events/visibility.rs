//! Which contacts are visible to whom (chapter V).

use crate::ContactCondition;
use crate::choice::choice;
use crate::describe::chapter;

choice! {
    /// To whom a set of contacts is visible. Each audience sees its own set and those before it (rule: V1).
    VisibilityAudience {
        /// Everyone, guests included.
        Everyone = "everyone",
        /// Whoever is signed in.
        Authenticated = "authenticated",
        /// Contacts with a member type.
        Members = "members",
    }
}

chapter! {
    /// What happened to the visibility of contacts.
    VisibilityEvent = "Visibility" {
        #[doc = "The set of contacts visible to an audience was defined."]
        ContactVisibilityDefined = "contact_visibility_defined", Platform, GroupManagement {
            /// To whom.
            audience: VisibilityAudience,
            /// Which contacts.
            condition: ContactCondition,
        }
    }
}
