//! Commands on what is kept: legal holds and the erasing of contacts.

use grantbook_events::AccountId;

use super::Command;
use super::description::{ACCOUNT, CommandDescription, Door, FieldDescription, FieldKind};
use super::form::Known;
use super::support::TICKET;
use super::written::Written;

/// What may be asked to happen to what is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeepingCommand {
    /// Erase a contact.
    EraseContact {
        /// Whose.
        account: AccountId,
    },
    /// Place a legal hold on a contact.
    PlaceLegalHold {
        /// Whose.
        account: AccountId,
    },
    /// Lift a legal hold.
    LiftLegalHold {
        /// Whose.
        account: AccountId,
    },
}

const CLOUD_ID_OF_SUPPORT: FieldDescription = FieldDescription::optional(
    "cloud_id",
    FieldKind::CloudId,
    "At the door of support, where it must be given: the Cloud ID of the tenant.",
);

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "erase_contact",
            door: Door::Either,
            words: "Erase a contact for ever: nobody reads its name, email or address any more, in the past neither.",
            fields: &[ACCOUNT, TICKET, CLOUD_ID_OF_SUPPORT],
            grants: false,
        },
        read: |form| Ok(Command::Keeping(KeepingCommand::EraseContact { account: form.account("account")? })),
    },
    Known {
        description: CommandDescription {
            name: "place_legal_hold",
            door: Door::Tenant,
            words: "Place a legal hold: the contact is not erased while it lasts.",
            fields: &[ACCOUNT],
            grants: false,
        },
        read: |form| Ok(Command::Keeping(KeepingCommand::PlaceLegalHold { account: form.account("account")? })),
    },
    Known {
        description: CommandDescription {
            name: "lift_legal_hold",
            door: Door::Tenant,
            words: "Lift a legal hold.",
            fields: &[ACCOUNT],
            grants: false,
        },
        read: |form| Ok(Command::Keeping(KeepingCommand::LiftLegalHold { account: form.account("account")? })),
    },
];

impl KeepingCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            KeepingCommand::EraseContact { .. } => "erase_contact",
            KeepingCommand::PlaceLegalHold { .. } => "place_legal_hold",
            KeepingCommand::LiftLegalHold { .. } => "lift_legal_hold",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            KeepingCommand::EraseContact { account }
            | KeepingCommand::PlaceLegalHold { account }
            | KeepingCommand::LiftLegalHold { account } => Some(account),
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        if let Some(account) = self.subject() {
            to.show("account", account);
        }
    }
}
