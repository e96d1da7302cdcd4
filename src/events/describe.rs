//! How an event describes itself, so that the API, the command line, exports and documentation render every event without
//! knowing it.

use crate::choice::choice;

choice! {
    /// The plane of a tenant on which something happened.
    Plane {
        /// The membership system: accounts, roles, groups, levels, objects.
        Platform = "platform",
        /// The cloud dashboard on top of it: Admin Users, App Users, subscriptions, the Background Account.
        Dashboard = "dashboard",
        /// The ledger itself: refusals, reads, corrections, imports, support.
        Ledger = "ledger",
    }
}

choice! {
    /// The event class of the Open Cybersecurity Schema Framework that an event is exported as.
    Ocsf {
        /// 3001 Account Change.
        AccountChange = "account_change",
        /// 3002 Authentication.
        Authentication = "authentication",
        /// 3005 User Access Management.
        UserAccess = "user_access",
        /// 3006 Group Management.
        GroupManagement = "group_management",
    }
}

/// What there is to know of an event type without an event at hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Description {
    /// Its name in the public form: snake case, past tense.
    pub kind: &'static str,
    /// The name of its variant in its chapter.
    pub variant: &'static str,
    /// The chapter's name in the enum of all events.
    pub chapter: &'static str,
    /// A sentence that says what happened.
    pub words: &'static str,
    /// Where it happened.
    pub plane: Plane,
    /// What it is exported as.
    pub ocsf: Ocsf,
    /// Its fields: the name and the type, from which a JSON schema is made.
    pub fields: &'static [(&'static str, &'static str)],
    /// What each of the fields says, in their order.
    pub field_words: &'static [&'static str],
}

/// One chapter of the vocabulary: an enum of events whose doc comments are their descriptions.
///
/// A macro, because it must define types: with it an event is stated once (name, sentence, plane, class, fields), and
/// nothing that describes it can be forgotten or disagree.
macro_rules! chapter {
    (
        $(#[$doc:meta])*
        $name:ident = $chapter:literal {
            $(
                #[doc = $words:literal]
                $variant:ident = $kind:literal, $plane:ident, $ocsf:ident {
                    $( $(#[doc = $field_words:literal])* $field:ident: $type:ty, )*
                }
            )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $(
                #[doc = $words]
                $variant { $( $(#[doc = $field_words])* $field: $type, )* },
            )*
        }

        impl $name {
            /// Every event type of the chapter, in the order of its stored numbers.
            pub const DESCRIPTIONS: &'static [crate::describe::Description] = &[
                $(
                    crate::describe::Description {
                        kind: $kind,
                        variant: stringify!($variant),
                        chapter: $chapter,
                        words: $words,
                        plane: crate::describe::Plane::$plane,
                        ocsf: crate::describe::Ocsf::$ocsf,
                        fields: &[$( (stringify!($field), stringify!($type)), )*],
                        // A comment's lines, each with the space that it begins with.
                        field_words: &[$( concat!($( $field_words ),*), )*],
                    },
                )*
            ];

            /// What there is to know of this event's type.
            #[expect(clippy::indexing_slicing, reason = "looked at as the program is compiled")]
            pub fn description(&self) -> &'static crate::describe::Description {
                #[allow(clippy::enum_variant_names, reason = "they are those of the events")]
                enum Nth {
                    $( $variant, )*
                }
                match self {
                    $( Self::$variant { .. } => const { &Self::DESCRIPTIONS[Nth::$variant as usize] }, )*
                }
            }
        }
    };
}

pub(crate) use chapter;
