//! Names: what the outside calls things. Every name is checked where it enters; a value of these types is well formed.
//!
//! Nearly all are short, and a history has millions: one of up to 23 bytes lies where it is named and needs no memory of its
//! own.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name that is not well formed: what was wrong with which kind of name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadName {
    /// A sentence that says what was expected, with the offending text in backticks.
    pub message: String,
}

impl std::fmt::Display for BadName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BadName {}

/// One newtype over a checked string: what it is for, and the check that makes it.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(smol_str::SmolStr);

        impl $name {
            /// Checks `text` and takes it as it is. Errors: the text is not of the form the type's description states.
            pub fn new(text: &str) -> Result<Self, BadName> {
                $check(text).map(|()| Self(text.into()))
            }

            /// The name as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::new(text).map_err(E::custom)
                    }
                }
                from.deserialize_str(Text)
            }
        }
    };
}

pub(crate) use name;

name! {
    /// The short name of a tenant: 3 to 32 of `a-z 0-9`, first a letter (rule: T1).
    CloudId, check_cloud_id
}
name! {
    /// The id of an account: 1 to 64 of `A-Z a-z 0-9 . _ -`. Never given again (rule: C15).
    AccountId, check_account_id
}
name! {
    /// What an account signs in with: 1 to 128 characters, plain, no control characters, no spaces, no `@` (so never an
    /// email address); unique in the tenant without case (rule: C2).
    Username, check_username
}
name! {
    /// The name of a security role.
    RoleName, check_name
}
name! {
    /// The name of a security group.
    GroupName, check_name
}
name! {
    /// The name of an organisation: a company, a committee or a chapter.
    OrganisationName, check_name
}
name! {
    /// A product that contacts buy.
    ProductName, check_name
}
name! {
    /// The name of a community.
    CommunityName, check_name
}
name! {
    /// The name of a query, unique in the tenant without case; one that begins with `/` is the path of its object.
    QueryName, check_name
}
name! {
    /// The slug of an app in the catalogue.
    AppName, check_name
}
name! {
    /// The name of a module that levels are given for.
    ModuleName, check_name
}
name! {
    /// A customer of the installation: who a tenant belongs to.
    CustomerName, check_name
}
name! {
    /// A support operator, named after the person (rule: U4).
    OperatorName, check_name
}
name! {
    /// The ticket that an act of support or an import rests on (rule: U4).
    Ticket, check_name
}
name! {
    /// The path of an object: `/part/part`, each part a name, compared with case (rule: N1).
    ObjectPath, check_object_path
}
name! {
    /// The id of a rule of the rulebook, such as `F2`.
    RuleId, check_name
}
name! {
    /// The name of a command, such as `assign_role`.
    CommandName, check_name
}
name! {
    /// A word about a contact that conditions and principals compare, such as a member type.
    Label, check_name
}

name! {
    /// The name of a separation of duties.
    SeparationName, check_name
}
name! {
    /// The name of an access review.
    ReviewName, check_name
}
name! {
    /// A grant that a review looks at, as people read it: `sarah/iemail-cloud`, `group:Editors/edit`.
    ReviewItem, check_review_item
}
name! {
    /// The name of a webhook.
    WebhookName, check_name
}
name! {
    /// The type of an event, such as `admin_added`.
    EventKind, check_name
}
name! {
    /// What can be asked for with `do`, such as `roles.assign`.
    CapabilityName, check_name
}

impl ObjectPath {
    /// The path of the object that holds this one; `None` for a path of one part.
    pub fn parent(&self) -> Option<ObjectPath> {
        ObjectPath::parent_of(&self.0).map(|text| ObjectPath(text.into()))
    }

    /// The same of a path's text, as text.
    pub fn parent_of(path: &str) -> Option<&str> {
        match path.rfind('/') {
            Some(0) | None => None,
            Some(cut) => path.get(..cut),
        }
    }
}

impl Label {
    /// Whether two labels are the same without case, as everything that compares labels takes them (rules: N2, V1, X4).
    /// Between labels in ASCII nothing is allocated: this is asked on the way of every check.
    pub fn is_alike(&self, other: &Label) -> bool {
        let (one, other) = (self.as_str(), other.as_str());
        if one.is_ascii() && other.is_ascii() {
            return one.eq_ignore_ascii_case(other);
        }
        one.to_lowercase() == other.to_lowercase()
    }
}

impl AccountId {
    /// What stands in the place of an account for whoever is not signed in.
    pub const GUEST: &str = "guest";

    /// The account that every tenant starts with (rule: M1).
    pub fn manager() -> AccountId {
        AccountId("manager".into())
    }
}

fn bad(message: String) -> Result<(), BadName> {
    Err(BadName { message })
}

/// How much of somebody's text an error repeats: enough to recognise it.
fn shown(text: &str) -> String {
    text.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn check_cloud_id(text: &str) -> Result<(), BadName> {
    let all = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if all && first && (3..=32).contains(&text.len()) {
        return Ok(());
    }
    bad(format!("`{}` is no Cloud ID: expected 3 to 32 of a-z and 0-9, the first a letter", shown(text)))
}

fn check_account_id(text: &str) -> Result<(), BadName> {
    let all = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    if all && (1..=64).contains(&text.len()) {
        return Ok(());
    }
    bad(format!("`{}` is no account id: expected 1 to 64 of A-Z a-z 0-9 . _ -", shown(text)))
}

fn check_username(text: &str) -> Result<(), BadName> {
    // What was meant as an address may be personal, so it is not repeated.
    if text.contains('@') {
        return bad("a username may not be an email address: it is stored plain".to_owned());
    }
    let plain = text.chars().all(|c| !c.is_control() && !c.is_whitespace());
    if plain && (1..=128).contains(&text.chars().count()) {
        return Ok(());
    }
    bad(format!("`{}` is no username: expected 1 to 128 characters without spaces", shown(text)))
}

fn check_name(text: &str) -> Result<(), BadName> {
    let length = text.chars().count();
    let edges = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    if (1..=128).contains(&length) && !edges && !text.chars().any(char::is_control) {
        return Ok(());
    }
    bad(format!(
        "`{}` is no name: expected 1 to 128 characters, no control characters, no space at either end",
        shown(text)
    ))
}

/// The longest: an account's id and a role's name, or a principal and a right.
fn check_review_item(text: &str) -> Result<(), BadName> {
    if (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    bad(format!("`{}` is no item of a review: expected such as `sarah/iemail-cloud`", shown(text)))
}

fn check_object_path(text: &str) -> Result<(), BadName> {
    let expected =
        || bad(format!("`{}` is no object path: expected `/part/part`, at most 1,024 characters", shown(text)));
    let Some(parts) = text.strip_prefix('/') else { return expected() };
    if text.chars().count() > 1_024 {
        return expected();
    }
    parts.split('/').try_for_each(|part| if part.is_empty() { expected() } else { check_name(part) })
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: T1
    #[test]
    fn a_cloud_id_is_short_lowercase_and_starts_with_a_letter() {
        for good in ["abc", "abcimis", "a2345678901234567890123456789012"] {
            assert!(CloudId::new(good).is_ok(), "{good}");
        }
        for wrong in ["", "ab", "1abc", "Abc", "ab-c", "a23456789012345678901234567890123"] {
            assert!(CloudId::new(wrong).is_err(), "{wrong}");
        }
    }

    // rule: C2
    #[test]
    fn a_username_is_never_an_email_address_and_the_error_does_not_repeat_it() {
        let error = Username::new("bob@example.org").unwrap_err();
        assert!(!error.message.contains("bob"), "{error}");
        assert!(Username::new("Bob.S").is_ok());
        assert!(Username::new("bob s").is_err());
    }

    // rule: N1
    #[test]
    fn object_paths_know_their_parents() {
        let path = ObjectPath::new("/site/pages/home").unwrap();
        let parent = path.parent().unwrap();
        assert_eq!(parent.as_str(), "/site/pages");
        assert_eq!(parent.parent().unwrap().parent(), None);
        for wrong in ["", "site", "/", "//", "/a//b", "/a/", "/ a"] {
            assert!(ObjectPath::new(wrong).is_err(), "{wrong}");
        }
    }
}
