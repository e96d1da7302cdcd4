//! Objects of the tree and the access to them (chapter N).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap as _};

use crate::choice::choice;
use crate::describe::chapter;
use crate::{AccountId, GroupName, Instant, Label, ObjectPath, RoleName};

choice! {
    /// What an object is (rule: N1).
    ObjectKind {
        /// A site.
        Site = "site",
        /// A navigation item.
        Navigation = "navigation",
        /// A content record.
        Content = "content",
        /// A query.
        Query = "query",
        /// A business object.
        BusinessObject = "business_object",
        /// A document.
        Document = "document",
        /// A folder.
        Folder = "folder",
    }
}

choice! {
    /// A preconfigured security set (rule: N2).
    SecuritySet {
        /// Everyone Full Control.
        EveryoneFullControl = "everyone-full-control",
        /// Everyone Read.
        EveryoneRead = "everyone-read",
        /// Authenticated Users Full Control.
        AuthenticatedFullControl = "authenticated-full-control",
        /// Authenticated Users Read.
        AuthenticatedRead = "authenticated-read",
        /// Members Read.
        MembersRead = "members-read",
        /// Staff Full Control.
        StaffFullControl = "staff-full-control",
        /// Staff Read.
        StaffRead = "staff-read",
        /// Reporting Users Full Control.
        ReportingFullControl = "reporting-full-control",
        /// SysAdmin Only.
        SysadminOnly = "sysadmin-only",
    }
}

/// Who a right on an object is given to (rule: N2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Principal {
    /// The members of a group.
    Group(GroupName),
    /// The holders of a role.
    Role(RoleName),
    /// One account.
    Account(AccountId),
    /// The contacts of a member type.
    MemberType(Label),
    /// All staff.
    Staff,
}

impl Principal {
    /// Whether both are the same one: a member type is, however it is spelt (rule: N2). Groups and roles are named in their
    /// own spelling.
    pub fn is_alike(&self, other: &Principal) -> bool {
        match (self, other) {
            (Principal::MemberType(one), Principal::MemberType(other)) => one.is_alike(other),
            (
                Principal::Group(_)
                | Principal::Role(_)
                | Principal::Account(_)
                | Principal::MemberType(_)
                | Principal::Staff,
                _,
            ) => self == other,
        }
    }
}

/// Stored as a number and a name; shown as `{"group": name}` or `{"staff": true}`.
#[derive(Serialize, Deserialize)]
enum StoredPrincipal {
    Group(GroupName),
    Role(RoleName),
    Account(AccountId),
    MemberType(Label),
    Staff,
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !to.is_human_readable() {
            return match self.clone() {
                Principal::Group(name) => StoredPrincipal::Group(name),
                Principal::Role(name) => StoredPrincipal::Role(name),
                Principal::Account(id) => StoredPrincipal::Account(id),
                Principal::MemberType(label) => StoredPrincipal::MemberType(label),
                Principal::Staff => StoredPrincipal::Staff,
            }
            .serialize(to);
        }
        let mut form = to.serialize_map(Some(1))?;
        match self {
            Principal::Group(name) => form.serialize_entry("group", name)?,
            Principal::Role(name) => form.serialize_entry("role", name)?,
            Principal::Account(id) => form.serialize_entry("account", id)?,
            Principal::MemberType(label) => form.serialize_entry("member_type", label)?,
            Principal::Staff => form.serialize_entry("staff", &true)?,
        }
        form.end()
    }
}

/// The shown form; exactly one field is given, and null is nothing that one could be given.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ShownPrincipal {
    #[serde(deserialize_with = "given")]
    group: Option<GroupName>,
    #[serde(deserialize_with = "given")]
    role: Option<RoleName>,
    #[serde(deserialize_with = "given")]
    account: Option<AccountId>,
    #[serde(deserialize_with = "given")]
    member_type: Option<Label>,
    #[serde(deserialize_with = "given")]
    staff: Option<bool>,
}

/// A field that is there.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !from.is_human_readable() {
            return Ok(match StoredPrincipal::deserialize(from)? {
                StoredPrincipal::Group(name) => Principal::Group(name),
                StoredPrincipal::Role(name) => Principal::Role(name),
                StoredPrincipal::Account(id) => Principal::Account(id),
                StoredPrincipal::MemberType(label) => Principal::MemberType(label),
                StoredPrincipal::Staff => Principal::Staff,
            });
        }
        match ShownPrincipal::deserialize(from)? {
            ShownPrincipal { group: Some(name), role: None, account: None, member_type: None, staff: None } => {
                Ok(Principal::Group(name))
            }
            ShownPrincipal { group: None, role: Some(name), account: None, member_type: None, staff: None } => {
                Ok(Principal::Role(name))
            }
            ShownPrincipal { group: None, role: None, account: Some(id), member_type: None, staff: None } => {
                Ok(Principal::Account(id))
            }
            ShownPrincipal { group: None, role: None, account: None, member_type: Some(label), staff: None } => {
                Ok(Principal::MemberType(label))
            }
            ShownPrincipal { group: None, role: None, account: None, member_type: None, staff: Some(true) } => {
                Ok(Principal::Staff)
            }
            ShownPrincipal { .. } => Err(D::Error::custom(
                "expected one of {\"group\": name}, {\"role\": name}, {\"account\": id}, {\"member_type\": name}, {\"staff\": true}",
            )),
        }
    }
}

choice! {
    /// A right on an object (rule: N2). Full control includes the others.
    AccessRight {
        /// See it.
        Read = "read",
        /// Add below it.
        Add = "add",
        /// Change it.
        Edit = "edit",
        /// Delete it.
        Delete = "delete",
        /// All of these.
        FullControl = "full_control",
    }
}

chapter! {
    /// What happened to objects.
    ObjectEvent = "Object" {
        #[doc = "An object was created."]
        ObjectCreated = "object_created", Platform, GroupManagement {
            /// Its path.
            object: ObjectPath,
            /// What it is.
            kind: ObjectKind,
            /// Whether a site is public (rule: P3).
            public: bool,
            /// Whether a site is active (rule: P3).
            active: bool,
        }
        #[doc = "An object was deleted."]
        ObjectDeleted = "object_deleted", Platform, GroupManagement {
            /// Its path.
            object: ObjectPath,
        }
        #[doc = "A preconfigured security set was chosen for an object."]
        AccessSet = "access_set", Platform, GroupManagement {
            /// The object.
            object: ObjectPath,
            /// The set.
            set: SecuritySet,
        }
        #[doc = "A right on an object was granted."]
        AccessGranted = "access_granted", Platform, GroupManagement {
            /// The object.
            object: ObjectPath,
            /// To whom.
            principal: Principal,
            /// Which right.
            right: AccessRight,
            /// When the grant ends; none for never.
            until: Option<Instant>,
        }
        #[doc = "A right on an object was revoked."]
        AccessRevoked = "access_revoked", Platform, GroupManagement {
            /// The object.
            object: ObjectPath,
            /// From whom.
            principal: Principal,
            /// Which right.
            right: AccessRight,
        }
        #[doc = "An object's own access setting was cleared; it inherits again."]
        AccessCleared = "access_cleared", Platform, GroupManagement {
            /// The object.
            object: ObjectPath,
        }
    }
}
