//! What a command looks like from outside: its door, its fields and what each holds. The API, the command line and the
//! reader of commands all go by it.

use grantbook_events::ReviewScope;

/// Which door a command comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// A tenant's own: whoever is signed in there.
    Tenant,
    /// Support's: operators who act from outside, each act with a ticket (rule: U4).
    Support,
    /// Both: an account gives it at its tenant's, support at its own, with `cloud_id`.
    Either,
}

impl Door {
    /// Whether what is known at this door can be given at `other`.
    pub fn admits(self, other: Door) -> bool {
        self == other || self == Door::Either
    }
}

/// What there is to know of a command without one at hand. The API's document, the command line and the reader of
/// commands all go by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CommandDescription {
    /// Its name.
    pub name: &'static str,
    /// The door it comes to.
    pub door: Door,
    /// A sentence that says what it does.
    pub words: &'static str,
    /// The fields of its own, in the order in which people give them. Every command also takes [`REASON`].
    pub fields: &'static [FieldDescription],
    /// Whether it gives something that may have an end, `until` (rule: G10).
    pub grants: bool,
}

impl CommandDescription {
    /// Its own fields, then those that every command takes.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static FieldDescription> {
        self.fields.iter().chain([&REASON])
    }

    /// The first of its fields that holds a password; `None` where it comes with none.
    pub fn password(&self) -> Option<&'static str> {
        self.fields.iter().find(|field| field.kind == FieldKind::Secret).map(|field| field.name)
    }
}

/// One field of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldDescription {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it must be given.
    pub required: bool,
    /// Whether `null` is a value: it takes away what there was. In other fields that need not be given, `null` is the
    /// same as leaving the field out.
    pub clearable: bool,
    /// What it is for.
    pub words: &'static str,
}

impl FieldDescription {
    pub(super) const fn required(name: &'static str, kind: FieldKind, words: &'static str) -> Self {
        FieldDescription { name, kind, required: true, clearable: false, words }
    }

    pub(super) const fn optional(name: &'static str, kind: FieldKind, words: &'static str) -> Self {
        FieldDescription { name, kind, required: false, clearable: false, words }
    }

    pub(super) const fn or_null(mut self) -> Self {
        self.clearable = true;
        self
    }
}

/// What a field holds, as far as whoever asks a person for it must know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// An account that there is: its id, or `@` and its username.
    Account,
    /// The id that a new account is to have.
    NewAccount,
    /// A username.
    Username,
    /// The name of something.
    Name,
    /// A Cloud ID.
    CloudId,
    /// The path of an object.
    Path,
    /// The URL of a site.
    Url,
    /// Free text of at most so many characters, lines included.
    Text {
        /// The most characters.
        most: usize,
    },
    /// Text about a person: sealed before anything keeps it, and never repeated in an error.
    Personal,
    /// An email address: personal too.
    Email,
    /// A password: asked for without showing it, never an argument.
    Secret,
    /// The code of a second factor: shown nowhere, and used up when it is given.
    Code,
    /// The end of a grant: an RFC 3339 instant, or a day, through the end of which (UTC) the grant lasts.
    Until,
    /// A day.
    Date,
    /// A whole number.
    Number {
        /// The least.
        least: u64,
        /// The greatest.
        most: u64,
    },
    /// Yes or no.
    Boolean,
    /// The value of a setting: yes or no, a whole number or text, as the setting is.
    SettingValue,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// Whom a right on an object is for.
    Principal,
    /// A list of those whom a right is for; of no role.
    Principals,
    /// A list of one or more of a few words, none of them twice.
    Choices(&'static [&'static str]),
    /// A list of paths of objects.
    Paths,
    /// A list of uses of apps.
    Uses,
    /// A list of accounts.
    Accounts,
    /// What a review looks at.
    ReviewScope,
    /// A list of types of events, none of them twice.
    EventTypes,
    /// A condition on contacts.
    Condition,
}

/// What is expected of a field of this kind, to follow the word "expected".
impl std::fmt::Display for FieldKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FieldKind::Account => f.write_str("an account: its id (1 to 64 of A-Z a-z 0-9 . _ -), or `@` and its username"),
            FieldKind::NewAccount => f.write_str("an account id: 1 to 64 of A-Z a-z 0-9 . _ -"),
            FieldKind::Username => f.write_str("a username: 1 to 128 characters, no spaces, no `@`"),
            FieldKind::Name => f.write_str("a name: 1 to 128 characters"),
            FieldKind::CloudId => f.write_str("a Cloud ID: 3 to 32 of a-z and 0-9, the first a letter"),
            FieldKind::Path => f.write_str("an object path: `/part/part`"),
            FieldKind::Url => f.write_str("a URL such as https://example.org/, without user or fragment"),
            FieldKind::Text { most } => {
                write!(f, "text of at most {most} characters, without control characters other than line ends")
            }
            FieldKind::Personal => {
                write!(f, "text of 1 to {PERSONAL_CHARACTERS} characters, not only spaces, without control characters")
            }
            FieldKind::Email => f.write_str("an email address such as name@example.org"),
            FieldKind::Secret => write!(f, "a password of 1 to {SECRET_BYTES} bytes"),
            FieldKind::Code => f.write_str("the six digits of a code, as text"),
            FieldKind::Until => f.write_str("an RFC 3339 instant such as 2026-11-21T09:30:00Z, or a day such as 2026-11-21"),
            FieldKind::Date => f.write_str("a day such as 2026-11-21"),
            FieldKind::Number { least, most } => write!(f, "a whole number from {least} to {most}"),
            FieldKind::Boolean => f.write_str("true or false"),
            FieldKind::SettingValue => f.write_str("true or false, a whole number or text, as the setting is"),
            FieldKind::Choice(slugs) => write!(f, "one of {}", slugs.join(", ")),
            FieldKind::Principal => f.write_str(
                "one of {\"group\": name}, {\"role\": name}, {\"account\": id}, {\"member_type\": name}, {\"staff\": true}",
            ),
            FieldKind::Principals => write!(
                f,
                "a list of at most {MOST_PRINCIPALS} accounts (ids, or `@` and a username), {{\"group\": name}}, {{\"member_type\": name}}, {{\"staff\": true}}, none of them twice"
            ),
            FieldKind::Choices(slugs) => {
                write!(f, "a list of one or more of {}, none of them twice", slugs.join(", "))
            }
            FieldKind::Paths => {
                write!(f, "a list of at most {MOST_PATHS} object paths, none of them twice: `[\"/part/part\"]`")
            }
            FieldKind::Condition => f.write_str(
                "a condition such as {\"member_type\": \"Regular\", \"status\": [\"active\", \"honorary\"]}, with all, any and not",
            ),
            FieldKind::Accounts => write!(
                f,
                "a list of 1 to {MOST_ACCOUNTS} accounts (ids, or `@` and a username), none of them twice"
            ),
            FieldKind::ReviewScope => f.write_str(ReviewScope::EXPECTED),
            FieldKind::EventTypes => {
                write!(f, "a list of 1 to {MOST_EVENT_TYPES} types of events such as [\"admin_added\"], none of them twice")
            }
            FieldKind::Uses => write!(f, "a list of 1 to {MOST_USES} of {{\"account\": id, \"app\": slug, \"at\": instant}}"),
        }
    }
}

/// Why a command was given; every command takes it.
pub const REASON: FieldDescription =
    FieldDescription::optional("reason", FieldKind::Text { most: 500 }, "Why, in words for whoever reads the history.");

pub(super) const ACCOUNT: FieldDescription =
    FieldDescription::required("account", FieldKind::Account, "The account that it is on.");
pub(super) const UNTIL: FieldDescription =
    FieldDescription::optional("until", FieldKind::Until, "When the grant ends; never, where it is left out.");
/// Descriptions of roles and groups.
pub(super) const DESCRIPTION: FieldKind = FieldKind::Text { most: 1_000 };

// The bounds that fields are read by, and that their descriptions tell.
pub(super) const PERSONAL_CHARACTERS: usize = 200;
pub(super) const SECRET_BYTES: usize = 1_024;
pub(super) const MOST_USES: usize = 1_000;
pub(super) const MOST_PRINCIPALS: usize = 100;
pub(super) const MOST_PATHS: usize = 100;
pub(super) const MOST_ACCOUNTS: usize = 50;
pub(super) const MOST_EVENT_TYPES: usize = 100;
