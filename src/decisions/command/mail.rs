//! Commands by mail.

use grantbook_events::{AccountId, ObjectPath};

use super::Command;
use super::description::{ACCOUNT, CommandDescription, Door, FieldDescription, FieldKind};
use super::form::Known;
use super::written::Written;

/// What may be asked to happen by mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MailCommand {
    /// Send somebody the link of a password reset (rule: P2).
    SendPasswordReset {
        /// Whose password.
        account: AccountId,
        /// The public site that the link leads to (rule: P3).
        site: ObjectPath,
    },
}

pub(super) const KNOWN: &[Known] = &[Known {
    description: CommandDescription {
        name: "send_password_reset",
        door: Door::Tenant,
        words: "Send somebody a mail with a link that sets their password.",
        fields: &[
            ACCOUNT,
            FieldDescription::required(
                "site",
                FieldKind::Path,
                "The active public site, fully controlled by everyone, that the link leads to.",
            ),
        ],
        grants: false,
    },
    read: |form| {
        let (account, site) = (form.account("account")?, form.named("site", ObjectPath::new)?);
        Ok(Command::Mail(MailCommand::SendPasswordReset { account, site }))
    },
}];

impl MailCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            MailCommand::SendPasswordReset { .. } => "send_password_reset",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            MailCommand::SendPasswordReset { account, .. } => Some(account),
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            MailCommand::SendPasswordReset { account, site } => to.show("account", account).show("site", site),
        };
    }
}
