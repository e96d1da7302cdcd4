//! Which commands come with a password, and what becomes of it: stated here for whoever hashes, looks at or rehearses one.

use grantbook_events::AccountId;

use super::{Command, CredentialsCommand, DashboardCommand};

/// What a command does with the password that is given with it, by whose it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordUse<'a> {
    /// It becomes the account's.
    Sets(&'a AccountId),
    /// It becomes the account's, which shows by the one until now that it may.
    Replaces(&'a AccountId),
    /// It is to be the account's, and stays so.
    Verifies(&'a AccountId),
}

impl<'a> PasswordUse<'a> {
    /// The account.
    pub fn account(self) -> &'a AccountId {
        match self {
            PasswordUse::Sets(account) | PasswordUse::Replaces(account) | PasswordUse::Verifies(account) => account,
        }
    }

    /// Whether the account has the given password afterwards.
    pub fn sets(self) -> bool {
        match self {
            PasswordUse::Sets(_) | PasswordUse::Replaces(_) => true,
            PasswordUse::Verifies(_) => false,
        }
    }

    /// Whether the password in force is looked at: the given one, or the one given as that until now.
    pub fn looks(self) -> bool {
        match self {
            PasswordUse::Replaces(_) | PasswordUse::Verifies(_) => true,
            PasswordUse::Sets(_) => false,
        }
    }
}

impl Command {
    /// What it does with the password given with it, where `giver` is the account that gives it; `None` where it comes with
    /// none, or would be about its giver and that is no account.
    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "a few commands are looked for; a test looks at all descriptions"
    )]
    pub fn password_use<'a>(&'a self, giver: Option<&'a AccountId>) -> Option<PasswordUse<'a>> {
        match self {
            Command::Credentials(
                CredentialsCommand::CreateCredentials { account, .. } | CredentialsCommand::SetPassword { account },
            ) => Some(PasswordUse::Sets(account)),
            Command::Credentials(CredentialsCommand::ChangeOwnPassword) => giver.map(PasswordUse::Replaces),
            Command::Dashboard(DashboardCommand::SetBackgroundAccount { account }) => {
                Some(PasswordUse::Verifies(account))
            }
            // Any other comes with no password.
            _ => None,
        }
    }
}
