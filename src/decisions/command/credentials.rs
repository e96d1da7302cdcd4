//! Commands on credentials and sessions, and the secrets that come with commands.

use grantbook_events::{AccountId, Date, Position, SealedEmail, UserClass, Username};
use zeroize::Zeroizing;

use super::description::{ACCOUNT, CommandDescription, Door, FieldDescription, FieldKind};
use super::form::{Form, Known};
use super::written::Written;
use super::{Command, Malformed};

/// What may be asked to happen to credentials. Passwords are in [`Secrets`], beside the command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CredentialsCommand {
    /// Create credentials.
    CreateCredentials {
        /// For whom.
        account: AccountId,
        /// The username.
        username: Username,
        /// The user class.
        user_class: UserClass,
        /// The email; none: the contact's (rule: C4).
        email: Option<SealedEmail>,
    },
    /// Change a username.
    ChangeUsername {
        /// Whose.
        account: AccountId,
        /// The new one.
        username: Username,
    },
    /// Set the email of credentials, or take it away.
    SetCredentialEmail {
        /// Whose.
        account: AccountId,
        /// The new one; none for none.
        email: Option<SealedEmail>,
    },
    /// Delete credentials.
    DeleteCredentials {
        /// Whose.
        account: AccountId,
    },
    /// Set somebody's password.
    SetPassword {
        /// Whose.
        account: AccountId,
    },
    /// Change the caller's own password.
    ChangeOwnPassword,
    /// Unlock credentials.
    UnlockCredentials {
        /// Whose.
        account: AccountId,
    },
    /// Set a user class.
    SetUserClass {
        /// Whose.
        account: AccountId,
        /// The new one.
        user_class: UserClass,
    },
    /// Disable an account.
    DisableAccount {
        /// Which.
        account: AccountId,
    },
    /// Enable an account again.
    EnableAccount {
        /// Which.
        account: AccountId,
    },
    /// Set the day from which credentials work (rule: C9).
    SetEffectiveDate {
        /// Whose.
        account: AccountId,
        /// The first day on which they work; none for at once.
        date: Option<Date>,
    },
    /// Set the last day on which credentials work (rule: C10).
    SetExpirationDate {
        /// Whose.
        account: AccountId,
        /// The last day on which they work; none for no end.
        date: Option<Date>,
    },
    /// Make the seed of a second factor for the caller (rule: S6).
    EnrolSecondFactor,
    /// Confirm the caller's second factor by a code.
    ConfirmSecondFactor,
    /// Reset somebody's second factor.
    ResetSecondFactor {
        /// Whose.
        account: AccountId,
    },
    /// End a session.
    EndSession {
        /// The entry of the sign-in that began it; none: the caller's own, or all of the account's.
        session: Option<Position>,
        /// Whose it is, where that is said.
        account: Option<AccountId>,
    },
}

/// The secrets that a command came with: wiped when dropped, shown by nothing.
#[derive(Default)]
pub struct Secrets {
    /// The password to set or to verify; of `change_own_password` the new one.
    pub password: Option<Zeroizing<String>>,
    /// Of `change_own_password` the password until now.
    pub old: Option<Zeroizing<String>>,
    /// The code of a second factor.
    pub code: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(..)")
    }
}

impl Secrets {
    /// The secrets in `form`; none where its command has none.
    pub(super) fn read(form: &Form<'_>) -> Result<Secrets, Malformed> {
        let new = form.maybe_secret("new")?;
        let password = if new.is_some() { new } else { form.maybe_secret("password")? };
        Ok(Secrets { password, old: form.maybe_secret("old")?, code: form.maybe_code("code")? })
    }
}

/// What the policy needs to know of a password (rule: C5), and nothing by which to guess it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PasswordShape {
    /// How many characters it has.
    pub characters: u32,
    /// Whether one of them is a digit.
    pub has_digit: bool,
    /// Whether one of them is a letter.
    pub has_letter: bool,
}

impl PasswordShape {
    /// A password that every policy takes: for deciding again what was accepted once, when the password is gone.
    pub const ACCEPTED: PasswordShape = PasswordShape { characters: u32::MAX, has_digit: true, has_letter: true };

    /// The shape of `password`. Letters and digits are those of any script.
    pub fn of(password: &str) -> PasswordShape {
        PasswordShape {
            characters: u32::try_from(password.chars().count()).unwrap_or(u32::MAX),
            has_digit: password.chars().any(char::is_numeric),
            has_letter: password.chars().any(char::is_alphabetic),
        }
    }
}

const USERNAME: FieldDescription =
    FieldDescription::required("username", FieldKind::Username, "What the account signs in with.");
const PASSWORD: FieldDescription = FieldDescription::required("password", FieldKind::Secret, "The password.");
const USER_CLASS: FieldDescription =
    FieldDescription::required("user_class", FieldKind::Choice(UserClass::SLUGS), "The user class.");

/// A command on one account and nothing else.
const fn on_account(name: &'static str, words: &'static str) -> CommandDescription {
    CommandDescription { name, door: Door::Tenant, words, fields: &[ACCOUNT], grants: false }
}

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "create_credentials",
            door: Door::Tenant,
            words: "Create credentials.",
            fields: &[
                ACCOUNT,
                USERNAME,
                PASSWORD,
                USER_CLASS,
                FieldDescription::optional("email", FieldKind::Email, "Email address; else the contact's."),
            ],
            grants: false,
        },
        read: |form| {
            let account = form.account("account")?;
            let username = form.username("username")?;
            let user_class = form.choice("user_class", UserClass::parse)?;
            let email = form.maybe_email(&account, "email")?;
            Ok(Command::Credentials(CredentialsCommand::CreateCredentials { account, username, user_class, email }))
        },
    },
    Known {
        description: CommandDescription {
            name: "change_username",
            door: Door::Tenant,
            words: "Change a username.",
            fields: &[ACCOUNT, USERNAME],
            grants: false,
        },
        read: |form| {
            let (account, username) = (form.account("account")?, form.username("username")?);
            Ok(Command::Credentials(CredentialsCommand::ChangeUsername { account, username }))
        },
    },
    Known {
        description: CommandDescription {
            name: "set_credential_email",
            door: Door::Tenant,
            words: "Set the email of credentials; null takes it away.",
            fields: &[ACCOUNT, FieldDescription::required("email", FieldKind::Email, "Email address.").or_null()],
            grants: false,
        },
        read: |form| {
            let account = form.account("account")?;
            let email = form.maybe_email(&account, "email")?;
            Ok(Command::Credentials(CredentialsCommand::SetCredentialEmail { account, email }))
        },
    },
    Known {
        description: on_account("delete_credentials", "Delete credentials."),
        read: |form| {
            let account = form.account("account")?;
            Ok(Command::Credentials(CredentialsCommand::DeleteCredentials { account }))
        },
    },
    Known {
        description: CommandDescription {
            name: "set_password",
            door: Door::Tenant,
            words: "Set somebody's password, which they must change before anything else.",
            fields: &[ACCOUNT, PASSWORD],
            grants: false,
        },
        read: |form| {
            let account = form.account("account")?;
            Ok(Command::Credentials(CredentialsCommand::SetPassword { account }))
        },
    },
    Known {
        description: CommandDescription {
            name: "change_own_password",
            door: Door::Tenant,
            words: "Change your own password.",
            fields: &[
                FieldDescription::required("old", FieldKind::Secret, "The password until now."),
                FieldDescription::required("new", FieldKind::Secret, "The password from now on."),
            ],
            grants: false,
        },
        read: |_| Ok(Command::Credentials(CredentialsCommand::ChangeOwnPassword)),
    },
    Known {
        description: on_account("unlock_credentials", "Unlock credentials."),
        read: |form| {
            let account = form.account("account")?;
            Ok(Command::Credentials(CredentialsCommand::UnlockCredentials { account }))
        },
    },
    Known {
        description: CommandDescription {
            name: "set_user_class",
            door: Door::Tenant,
            words: "Set a user class.",
            fields: &[ACCOUNT, USER_CLASS],
            grants: false,
        },
        read: |form| {
            let (account, user_class) = (form.account("account")?, form.choice("user_class", UserClass::parse)?);
            Ok(Command::Credentials(CredentialsCommand::SetUserClass { account, user_class }))
        },
    },
    Known {
        description: on_account("disable_account", "Disable an account."),
        read: |form| {
            let account = form.account("account")?;
            Ok(Command::Credentials(CredentialsCommand::DisableAccount { account }))
        },
    },
    Known {
        description: on_account("enable_account", "Enable an account again."),
        read: |form| {
            let account = form.account("account")?;
            Ok(Command::Credentials(CredentialsCommand::EnableAccount { account }))
        },
    },
    Known {
        description: CommandDescription {
            name: "set_effective_date",
            door: Door::Tenant,
            words: "Set the day from which credentials work; null for at once.",
            fields: &[
                ACCOUNT,
                FieldDescription::required("date", FieldKind::Date, "The first day on which they work.").or_null(),
            ],
            grants: false,
        },
        read: |form| {
            let (account, date) = (form.account("account")?, form.maybe_date("date")?);
            Ok(Command::Credentials(CredentialsCommand::SetEffectiveDate { account, date }))
        },
    },
    Known {
        description: CommandDescription {
            name: "set_expiration_date",
            door: Door::Tenant,
            words: "Set the last day on which credentials work; null for no end.",
            fields: &[
                ACCOUNT,
                FieldDescription::required("date", FieldKind::Date, "The last day on which they work.").or_null(),
            ],
            grants: false,
        },
        read: |form| {
            let (account, date) = (form.account("account")?, form.maybe_date("date")?);
            Ok(Command::Credentials(CredentialsCommand::SetExpirationDate { account, date }))
        },
    },
    Known {
        description: CommandDescription {
            name: "enrol_second_factor",
            door: Door::Tenant,
            words: "Make the seed of a second factor for yourself; the answer shows it this once.",
            fields: &[],
            grants: false,
        },
        read: |_| Ok(Command::Credentials(CredentialsCommand::EnrolSecondFactor)),
    },
    Known {
        description: CommandDescription {
            name: "confirm_second_factor",
            door: Door::Tenant,
            words: "Confirm your second factor by a code; from then on every sign-in takes one.",
            fields: &[FieldDescription::required("code", FieldKind::Code, "The code that your device shows now.")],
            grants: false,
        },
        read: |_| Ok(Command::Credentials(CredentialsCommand::ConfirmSecondFactor)),
    },
    Known {
        description: on_account("reset_second_factor", "Reset somebody's second factor, which was lost."),
        read: |form| {
            let account = form.account("account")?;
            Ok(Command::Credentials(CredentialsCommand::ResetSecondFactor { account }))
        },
    },
    Known {
        description: CommandDescription {
            name: "end_session",
            door: Door::Tenant,
            words: "End a session, or all sessions of an account.",
            fields: &[
                FieldDescription::optional(
                    "session",
                    FieldKind::Number { least: 1, most: Position::GREATEST.0 },
                    "The position of the sign-in that began it; else your own session.",
                ),
                FieldDescription::optional(
                    "account",
                    FieldKind::Account,
                    "Whose sessions to end: all of them, your own among them, where no session is named.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let (session, account) = (form.maybe_position("session")?, form.maybe_account("account")?);
            Ok(Command::Credentials(CredentialsCommand::EndSession { session, account }))
        },
    },
];

impl CredentialsCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            CredentialsCommand::CreateCredentials { .. } => "create_credentials",
            CredentialsCommand::ChangeUsername { .. } => "change_username",
            CredentialsCommand::SetCredentialEmail { .. } => "set_credential_email",
            CredentialsCommand::DeleteCredentials { .. } => "delete_credentials",
            CredentialsCommand::SetPassword { .. } => "set_password",
            CredentialsCommand::ChangeOwnPassword => "change_own_password",
            CredentialsCommand::UnlockCredentials { .. } => "unlock_credentials",
            CredentialsCommand::SetUserClass { .. } => "set_user_class",
            CredentialsCommand::DisableAccount { .. } => "disable_account",
            CredentialsCommand::EnableAccount { .. } => "enable_account",
            CredentialsCommand::SetEffectiveDate { .. } => "set_effective_date",
            CredentialsCommand::SetExpirationDate { .. } => "set_expiration_date",
            CredentialsCommand::EnrolSecondFactor => "enrol_second_factor",
            CredentialsCommand::ConfirmSecondFactor => "confirm_second_factor",
            CredentialsCommand::ResetSecondFactor { .. } => "reset_second_factor",
            CredentialsCommand::EndSession { .. } => "end_session",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            CredentialsCommand::CreateCredentials { account, .. }
            | CredentialsCommand::ChangeUsername { account, .. }
            | CredentialsCommand::SetCredentialEmail { account, .. }
            | CredentialsCommand::DeleteCredentials { account }
            | CredentialsCommand::SetPassword { account }
            | CredentialsCommand::UnlockCredentials { account }
            | CredentialsCommand::SetUserClass { account, .. }
            | CredentialsCommand::DisableAccount { account }
            | CredentialsCommand::EnableAccount { account }
            | CredentialsCommand::SetEffectiveDate { account, .. }
            | CredentialsCommand::SetExpirationDate { account, .. }
            | CredentialsCommand::ResetSecondFactor { account } => Some(account),
            CredentialsCommand::EndSession { account, .. } => account.as_ref(),
            // On the caller, who is not named.
            CredentialsCommand::ChangeOwnPassword
            | CredentialsCommand::EnrolSecondFactor
            | CredentialsCommand::ConfirmSecondFactor => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        fn email(to: &mut Written<'_>, email: &SealedEmail) {
            to.personal("email", &email.address);
        }
        fn date(to: &mut Written<'_>, date: &Option<Date>) {
            to.put("date", date.map(|date| date.to_string()));
        }
        if let Some(account) = self.subject() {
            to.show("account", account);
        }
        match self {
            CredentialsCommand::CreateCredentials { account: _, username, user_class, email: address } => {
                to.show("username", username).show("user_class", user_class);
                if let Some(address) = address {
                    email(to, address);
                }
            }
            CredentialsCommand::ChangeUsername { account: _, username } => _ = to.show("username", username),
            CredentialsCommand::SetCredentialEmail { account: _, email: Some(address) } => email(to, address),
            CredentialsCommand::SetCredentialEmail { account: _, email: None } => _ = to.put("email", ()),
            CredentialsCommand::SetUserClass { account: _, user_class } => _ = to.show("user_class", user_class),
            CredentialsCommand::SetEffectiveDate { account: _, date: day }
            | CredentialsCommand::SetExpirationDate { account: _, date: day } => date(to, day),
            CredentialsCommand::EndSession { session: Some(session), .. } => _ = to.put("session", session.0),
            // The account, where there is one, and secrets are all they have.
            CredentialsCommand::EndSession { session: None, .. }
            | CredentialsCommand::ChangeOwnPassword
            | CredentialsCommand::EnrolSecondFactor
            | CredentialsCommand::ConfirmSecondFactor
            | CredentialsCommand::ResetSecondFactor { account: _ }
            | CredentialsCommand::DeleteCredentials { account: _ }
            | CredentialsCommand::SetPassword { account: _ }
            | CredentialsCommand::UnlockCredentials { account: _ }
            | CredentialsCommand::DisableAccount { account: _ }
            | CredentialsCommand::EnableAccount { account: _ } => {}
        }
    }
}
