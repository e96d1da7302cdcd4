//! Commands on the visibility of contacts.

use grantbook_events::{ContactCondition, VisibilityAudience};

use super::Command;
use super::description::{CommandDescription, Door, FieldDescription, FieldKind};
use super::form::Known;
use super::written::Written;

/// What may be asked to happen to the visibility of contacts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VisibilityCommand {
    /// Define the set of contacts that is visible to an audience.
    DefineContactVisibility {
        /// To whom.
        audience: VisibilityAudience,
        /// Which contacts.
        condition: ContactCondition,
    },
}

pub(super) const KNOWN: &[Known] = &[Known {
    description: CommandDescription {
        name: "define_contact_visibility",
        door: Door::Tenant,
        words: "Define the set of contacts that is visible to an audience, in the place of the one before.",
        fields: &[
            FieldDescription::required("audience", FieldKind::Choice(VisibilityAudience::SLUGS), "To whom."),
            FieldDescription::required(
                "condition",
                FieldKind::Condition,
                "Which contacts: those of whom the condition holds.",
            ),
        ],
        grants: false,
    },
    read: |form| {
        let audience = form.choice("audience", VisibilityAudience::parse)?;
        let condition = form.condition("condition")?;
        Ok(Command::Visibility(VisibilityCommand::DefineContactVisibility { audience, condition }))
    },
}];

impl VisibilityCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            VisibilityCommand::DefineContactVisibility { .. } => "define_contact_visibility",
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            VisibilityCommand::DefineContactVisibility { audience, condition } => {
                to.show("audience", audience).condition("condition", condition)
            }
        };
    }
}
