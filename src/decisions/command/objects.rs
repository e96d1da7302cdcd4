//! Commands on objects and the access to them.

use grantbook_events::{AccessRight, AccountId, Instant, ObjectKind, ObjectPath, Principal, SecuritySet};

use super::Command;
use super::description::{CommandDescription, Door, FieldDescription, FieldKind, UNTIL};
use super::form::Known;
use super::written::Written;

/// What may be asked to happen to objects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ObjectCommand {
    /// Create an object.
    CreateObject {
        /// Its path.
        object: ObjectPath,
        /// What it is.
        kind: ObjectKind,
        /// Whether a site is public (rule: P3); not, where nothing was said.
        public: bool,
        /// Whether a site is active (rule: P3); so, where nothing was said.
        active: bool,
    },
    /// Delete an object.
    DeleteObject {
        /// Its path.
        object: ObjectPath,
    },
    /// Choose a preconfigured security set for an object.
    SetAccess {
        /// The object.
        object: ObjectPath,
        /// The set.
        set: SecuritySet,
    },
    /// Grant rights on an object.
    GrantAccess {
        /// The object.
        object: ObjectPath,
        /// To whom.
        principal: Principal,
        /// Which rights: one or more, none twice.
        rights: Vec<AccessRight>,
        /// When the grant ends; none for never.
        until: Option<Instant>,
    },
    /// Revoke rights on an object.
    RevokeAccess {
        /// The object.
        object: ObjectPath,
        /// From whom.
        principal: Principal,
        /// Which rights: one or more, none twice.
        rights: Vec<AccessRight>,
    },
    /// Clear an object's own access setting, so that it inherits again (rule: N3).
    ClearAccess {
        /// The object.
        object: ObjectPath,
    },
}

const OBJECT: FieldDescription = FieldDescription::required("object", FieldKind::Path, "The path of the object.");
const RIGHTS: FieldDescription =
    FieldDescription::required("rights", FieldKind::Choices(AccessRight::SLUGS), "Which rights.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "create_object",
            door: Door::Tenant,
            words: "Create an object.",
            fields: &[
                OBJECT,
                FieldDescription::required("kind", FieldKind::Choice(ObjectKind::SLUGS), "What it is."),
                FieldDescription::optional(
                    "public",
                    FieldKind::Boolean,
                    "Whether a site is public; false unless said.",
                ),
                FieldDescription::optional("active", FieldKind::Boolean, "Whether a site is active; true unless said."),
            ],
            grants: false,
        },
        read: |form| {
            let (object, kind) = (form.named("object", ObjectPath::new)?, form.choice("kind", ObjectKind::parse)?);
            let (public, active) = (form.boolean("public", false)?, form.boolean("active", true)?);
            Ok(Command::Object(ObjectCommand::CreateObject { object, kind, public, active }))
        },
    },
    Known {
        description: CommandDescription {
            name: "delete_object",
            door: Door::Tenant,
            words: "Delete an object.",
            fields: &[OBJECT],
            grants: false,
        },
        read: |form| {
            Ok(Command::Object(ObjectCommand::DeleteObject { object: form.named("object", ObjectPath::new)? }))
        },
    },
    Known {
        description: CommandDescription {
            name: "set_access",
            door: Door::Tenant,
            words: "Choose a preconfigured security set for an object.",
            fields: &[
                OBJECT,
                FieldDescription::required("set", FieldKind::Choice(SecuritySet::SLUGS), "The security set."),
            ],
            grants: false,
        },
        read: |form| {
            let (object, set) = (form.named("object", ObjectPath::new)?, form.choice("set", SecuritySet::parse)?);
            Ok(Command::Object(ObjectCommand::SetAccess { object, set }))
        },
    },
    Known {
        description: CommandDescription {
            name: "grant_access",
            door: Door::Tenant,
            words: "Grant rights on an object.",
            fields: &[OBJECT, FieldDescription::required("principal", FieldKind::Principal, "To whom."), RIGHTS, UNTIL],
            grants: true,
        },
        read: |form| {
            let object = form.named("object", ObjectPath::new)?;
            let (principal, rights) = (form.principal("principal")?, form.choices("rights", AccessRight::parse)?);
            Ok(Command::Object(ObjectCommand::GrantAccess { object, principal, rights, until: form.until()? }))
        },
    },
    Known {
        description: CommandDescription {
            name: "revoke_access",
            door: Door::Tenant,
            words: "Revoke rights on an object.",
            fields: &[OBJECT, FieldDescription::required("principal", FieldKind::Principal, "From whom."), RIGHTS],
            grants: false,
        },
        read: |form| {
            let object = form.named("object", ObjectPath::new)?;
            let (principal, rights) = (form.principal("principal")?, form.choices("rights", AccessRight::parse)?);
            Ok(Command::Object(ObjectCommand::RevokeAccess { object, principal, rights }))
        },
    },
    Known {
        description: CommandDescription {
            name: "clear_access",
            door: Door::Tenant,
            words: "Clear an object's own access setting, so that it inherits again.",
            fields: &[OBJECT],
            grants: false,
        },
        read: |form| Ok(Command::Object(ObjectCommand::ClearAccess { object: form.named("object", ObjectPath::new)? })),
    },
];

impl ObjectCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            ObjectCommand::CreateObject { .. } => "create_object",
            ObjectCommand::DeleteObject { .. } => "delete_object",
            ObjectCommand::SetAccess { .. } => "set_access",
            ObjectCommand::GrantAccess { .. } => "grant_access",
            ObjectCommand::RevokeAccess { .. } => "revoke_access",
            ObjectCommand::ClearAccess { .. } => "clear_access",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            ObjectCommand::GrantAccess { principal, .. } | ObjectCommand::RevokeAccess { principal, .. } => {
                match principal {
                    Principal::Account(account) => Some(account),
                    Principal::Group(_) | Principal::Role(_) | Principal::MemberType(_) | Principal::Staff => None,
                }
            }
            ObjectCommand::CreateObject { .. }
            | ObjectCommand::DeleteObject { .. }
            | ObjectCommand::SetAccess { .. }
            | ObjectCommand::ClearAccess { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        let slugs = |rights: &[AccessRight]| rights.iter().map(|right| right.slug()).collect::<Vec<_>>();
        match self {
            ObjectCommand::CreateObject { object, kind, public, active } => {
                to.show("object", object).show("kind", kind).put("public", *public).put("active", *active)
            }
            ObjectCommand::DeleteObject { object } | ObjectCommand::ClearAccess { object } => to.show("object", object),
            ObjectCommand::SetAccess { object, set } => to.show("object", object).show("set", set),
            ObjectCommand::GrantAccess { object, principal, rights, until } => to
                .show("object", object)
                .principal("principal", principal)
                .put("rights", slugs(rights))
                .show_if("until", until),
            ObjectCommand::RevokeAccess { object, principal, rights } => {
                to.show("object", object).principal("principal", principal).put("rights", slugs(rights))
            }
        };
    }
}
