//! Credentials: what an account signs in with, and what limits it (chapter C).

use crate::choice::choice;
use crate::describe::chapter;
use crate::{AccountId, Date, SealedEmail, SecretVersion, Username};

choice! {
    /// The user class: the licence that decides what further rules can apply (rules: C2, C12).
    UserClass {
        /// A member of the public.
        Public = "public",
        /// An occasional user.
        Casual = "casual",
        /// Staff.
        Full = "full",
    }
}

chapter! {
    /// What happened to credentials.
    CredentialsEvent = "Credentials" {
        #[doc = "Credentials were created."]
        CredentialsCreated = "credentials_created", Platform, AccountChange {
            /// For whom.
            account: AccountId,
            /// The username.
            username: Username,
            /// The user class.
            user_class: UserClass,
            /// The email, where one was given; none: the contact's as it was then (rule: C4).
            email: Option<SealedEmail>,
            /// The password's version in the vault.
            secret: SecretVersion,
            /// Whether the password must be changed before anything else (rule: C16).
            must_change: bool,
        }
        #[doc = "A username was changed."]
        UsernameChanged = "username_changed", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// The new one.
            username: Username,
        }
        #[doc = "The email of credentials was set."]
        CredentialEmailSet = "credential_email_set", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// The new one; none where it was taken away.
            email: Option<SealedEmail>,
        }
        #[doc = "Credentials were deleted."]
        CredentialsDeleted = "credentials_deleted", Platform, AccountChange {
            /// Whose.
            account: AccountId,
        }
        #[doc = "A password was set by somebody else."]
        PasswordSet = "password_set", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// Its version in the vault.
            secret: SecretVersion,
            /// Whether it must be changed before anything else (rule: C16).
            must_change: bool,
        }
        #[doc = "Somebody changed their own password."]
        PasswordChanged = "password_changed", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// Its version in the vault.
            secret: SecretVersion,
        }
        #[doc = "MANAGER's password was rotated and delivered to the tenant's contact."]
        ManagerPasswordRotated = "manager_password_rotated", Platform, AccountChange {
            /// MANAGER's account.
            account: AccountId,
            /// Its version in the vault.
            secret: SecretVersion,
        }
        #[doc = "Locked credentials were unlocked."]
        CredentialsUnlocked = "credentials_unlocked", Platform, AccountChange {
            /// Whose.
            account: AccountId,
        }
        #[doc = "A user class was set."]
        UserClassSet = "user_class_set", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// The new one.
            user_class: UserClass,
        }
        #[doc = "An account was disabled."]
        AccountDisabled = "account_disabled", Platform, AccountChange {
            /// Which.
            account: AccountId,
        }
        #[doc = "An account was enabled again."]
        AccountEnabled = "account_enabled", Platform, AccountChange {
            /// Which.
            account: AccountId,
        }
        #[doc = "The day from which credentials work was set."]
        EffectiveDateSet = "effective_date_set", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// The first day on which they work; none for at once.
            date: Option<Date>,
        }
        #[doc = "The last day on which credentials work was set by hand."]
        ExpirationDateSet = "expiration_date_set", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// The last day on which they work; none for no end.
            date: Option<Date>,
        }
        #[doc = "The seed of a second factor was made and shown; it is asked for once it is confirmed."]
        SecondFactorEnrolled = "second_factor_enrolled", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// The seed's version in the vault.
            secret: SecretVersion,
        }
        #[doc = "A second factor was confirmed by a code and is asked for at every sign-in from now on."]
        SecondFactorConfirmed = "second_factor_confirmed", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// The time step of the code, which is used up with it (rule: S6).
            step: u64,
        }
        #[doc = "A second factor was reset."]
        SecondFactorReset = "second_factor_reset", Platform, AccountChange {
            /// Whose.
            account: AccountId,
        }
    }
}
