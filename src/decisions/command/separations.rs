//! Commands on separations of duties.

use grantbook_events::{AccountId, BadName, CapabilityName, SeparationName};
use grantbook_rights::{Capability, OnKind};

use super::description::{CommandDescription, Door, FieldDescription, FieldKind};
use super::form::Known;
use super::written::Written;
use super::{Command, Malformed};

/// What may be asked to happen to separations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SeparationCommand {
    /// Define a pair of capabilities that nobody should hold together.
    DefineSeparation {
        /// Its name.
        separation: SeparationName,
        /// What nobody should be able to do ...
        one: CapabilityName,
        /// ... who can also do this.
        other: CapabilityName,
    },
    /// Remove a separation.
    RemoveSeparation {
        /// Its name.
        separation: SeparationName,
    },
}

const SEPARATION: FieldDescription =
    FieldDescription::required("separation", FieldKind::Name, "The name of the separation.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "define_separation",
            door: Door::Tenant,
            words: "Define two capabilities that nobody should hold together: who does is a finding.",
            fields: &[
                SEPARATION,
                FieldDescription::required("one", FieldKind::Name, "One capability, such as `roles.assign`."),
                FieldDescription::required("other", FieldKind::Name, "The other capability."),
            ],
            grants: false,
        },
        read: |form| {
            let separation = form.named("separation", SeparationName::new)?;
            let (one, other) = (form.named("one", capability)?, form.named("other", capability)?);
            if one == other {
                return Err(Malformed::new("other", "expected a capability other than `one`"));
            }
            Ok(Command::Separation(SeparationCommand::DefineSeparation { separation, one, other }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_separation",
            door: Door::Tenant,
            words: "Remove a separation.",
            fields: &[SEPARATION],
            grants: false,
        },
        read: |form| {
            let separation = form.named("separation", SeparationName::new)?;
            Ok(Command::Separation(SeparationCommand::RemoveSeparation { separation }))
        },
    },
];

/// A capability that an account has or lacks as such, and not on one thing and not on another.
fn capability(text: &str) -> Result<CapabilityName, BadName> {
    let wrong = |message: String| BadName { message };
    let name = CapabilityName::new(text)?;
    let Some(capability) = Capability::named(text) else {
        return Err(wrong("expected a capability, as `GET /v1/capabilities` lists them".to_owned()));
    };
    if capability.on() == OnKind::Nothing || capability.on() == OnKind::Account || capability.on() == OnKind::App {
        return Ok(name);
    }
    Err(wrong(format!("expected a capability on nothing in particular, on an account or on an app: `{name}` is not")))
}

impl SeparationCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            SeparationCommand::DefineSeparation { .. } => "define_separation",
            SeparationCommand::RemoveSeparation { .. } => "remove_separation",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            // They name no account.
            SeparationCommand::DefineSeparation { .. } | SeparationCommand::RemoveSeparation { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            SeparationCommand::DefineSeparation { separation, one, other } => {
                to.show("separation", separation).show("one", one).show("other", other)
            }
            SeparationCommand::RemoveSeparation { separation } => to.show("separation", separation),
        };
    }
}
