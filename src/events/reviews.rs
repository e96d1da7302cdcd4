//! Access reviews: somebody looks at every grant of a scope, as it stood at one position, and says of each whether it is to be
//! kept (rule: U3).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap as _};

use crate::choice::choice;
use crate::describe::chapter;
use crate::{AccountId, AppName, Date, GroupName, Instant, ObjectPath, ReviewItem, ReviewName, RoleName, RuleId};

/// What a review looks at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReviewScope {
    /// Who is assigned to one app.
    App(AppName),
    /// Who is assigned to any app.
    Apps,
    /// Who holds a role.
    Role(RoleName),
    /// Who is a member of a group.
    Group(GroupName),
    /// Who is an Admin User.
    Admins,
    /// Whom the own setting of an object admits.
    Object(ObjectPath),
}

impl ReviewScope {
    /// What is expected where a scope is given, to follow the word "expected".
    pub const EXPECTED: &'static str = "one of {\"app\": slug}, {\"apps\": true}, {\"role\": name}, {\"group\": name}, {\"admins\": true}, {\"object\": path}";
}

impl std::fmt::Display for ReviewScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReviewScope::App(app) => write!(f, "the users of {app}"),
            ReviewScope::Apps => f.write_str("the users of all apps"),
            ReviewScope::Role(role) => write!(f, "the holders of the role {role}"),
            ReviewScope::Group(group) => write!(f, "the members of the group {group}"),
            ReviewScope::Admins => f.write_str("the Admin Users"),
            ReviewScope::Object(object) => write!(f, "whoever has a right on {object}"),
        }
    }
}

/// Stored as a number and a name; shown as `{"app": slug}` or `{"admins": true}`.
#[derive(Serialize, Deserialize)]
enum StoredScope {
    App(AppName),
    Apps,
    Role(RoleName),
    Group(GroupName),
    Admins,
    Object(ObjectPath),
}

impl Serialize for ReviewScope {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !to.is_human_readable() {
            return match self.clone() {
                ReviewScope::App(app) => StoredScope::App(app),
                ReviewScope::Apps => StoredScope::Apps,
                ReviewScope::Role(role) => StoredScope::Role(role),
                ReviewScope::Group(group) => StoredScope::Group(group),
                ReviewScope::Admins => StoredScope::Admins,
                ReviewScope::Object(object) => StoredScope::Object(object),
            }
            .serialize(to);
        }
        let mut form = to.serialize_map(Some(1))?;
        match self {
            ReviewScope::App(app) => form.serialize_entry("app", app)?,
            ReviewScope::Apps => form.serialize_entry("apps", &true)?,
            ReviewScope::Role(role) => form.serialize_entry("role", role)?,
            ReviewScope::Group(group) => form.serialize_entry("group", group)?,
            ReviewScope::Admins => form.serialize_entry("admins", &true)?,
            ReviewScope::Object(object) => form.serialize_entry("object", object)?,
        }
        form.end()
    }
}

/// The shown form; exactly one field is given.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ShownScope {
    app: Option<AppName>,
    apps: Option<bool>,
    role: Option<RoleName>,
    group: Option<GroupName>,
    admins: Option<bool>,
    object: Option<ObjectPath>,
}

impl<'de> Deserialize<'de> for ReviewScope {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !from.is_human_readable() {
            return Ok(match StoredScope::deserialize(from)? {
                StoredScope::App(app) => ReviewScope::App(app),
                StoredScope::Apps => ReviewScope::Apps,
                StoredScope::Role(role) => ReviewScope::Role(role),
                StoredScope::Group(group) => ReviewScope::Group(group),
                StoredScope::Admins => ReviewScope::Admins,
                StoredScope::Object(object) => ReviewScope::Object(object),
            });
        }
        let expected = || D::Error::custom(format!("expected {}", ReviewScope::EXPECTED));
        let ShownScope { app, apps, role, group, admins, object } = ShownScope::deserialize(from)?;
        if apps == Some(false) || admins == Some(false) {
            return Err(expected());
        }
        let mut named = [
            app.map(ReviewScope::App),
            apps.map(|_| ReviewScope::Apps),
            role.map(ReviewScope::Role),
            group.map(ReviewScope::Group),
            admins.map(|_| ReviewScope::Admins),
            object.map(ReviewScope::Object),
        ]
        .into_iter()
        .flatten();
        match (named.next(), named.next()) {
            (Some(scope), None) => Ok(scope),
            (None | Some(_), _) => Err(expected()),
        }
    }
}

/// The day by whose end something is due; `None` where it is due at another moment.
pub fn due_day(due: Instant) -> Option<Date> {
    let day = due.just_before().date();
    (day.end() == due).then_some(day)
}

/// When something is due, in words: a day where it is due by the end of one.
pub fn due_words(due: Instant) -> String {
    due_day(due).map_or_else(|| due.to_string(), |day| format!("the end of {day}"))
}

choice! {
    /// What is to become of a grant.
    ReviewDecision {
        /// It stays as it is.
        Keep = "keep",
        /// It is taken away when the review is closed.
        Revoke = "revoke",
    }
}

chapter! {
    /// What happened to access reviews.
    ReviewEvent = "Review" {
        #[doc = "An access review was opened."]
        ReviewOpened = "review_opened", Ledger, UserAccess {
            /// Its name.
            review: ReviewName,
            /// What it looks at, as it stood at this entry.
            scope: ReviewScope,
            /// Who decides.
            reviewers: Vec<AccountId>,
            /// By when it should be closed.
            due: Instant,
            /// The earlier review whose kept grants need no second look as long as they did not change.
            since_review: Option<ReviewName>,
        }
        #[doc = "A reviewer decided whether a grant is to be kept."]
        ReviewItemDecided = "review_item_decided", Ledger, UserAccess {
            /// The review.
            review: ReviewName,
            /// The grant that it is about.
            item: ReviewItem,
            /// Who holds it, where it is an account.
            account: Option<AccountId>,
            /// What is to become of it.
            decision: ReviewDecision,
        }
        #[doc = "What a review was to revoke was not revoked: it was gone already, or a rule keeps it."]
        ReviewRevocationWithheld = "review_revocation_withheld", Ledger, UserAccess {
            /// The review.
            review: ReviewName,
            /// The grant that it is about.
            item: ReviewItem,
            /// Who holds it, where it is an account.
            account: Option<AccountId>,
            /// The rule that keeps it; none where it was gone.
            rule: Option<RuleId>,
        }
        #[doc = "An access review was closed."]
        ReviewClosed = "review_closed", Ledger, UserAccess {
            /// Its name.
            review: ReviewName,
            /// How many grants were kept by a decision.
            kept: u32,
            /// How many were revoked.
            revoked: u32,
            /// How many were to be revoked and were not.
            withheld: u32,
            /// How many nobody decided on; they stay as they are.
            undecided: u32,
        }
    }
}
