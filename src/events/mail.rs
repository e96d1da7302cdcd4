//! Mail: resets of passwords by mail, and what people were told or could not be told (chapter P).

use crate::choice::choice;
use crate::describe::chapter;
use crate::{AccountId, Instant, ObjectPath, Position, SecretVersion};

choice! {
    /// Why the link of a password reset works no longer although nobody completed the reset (rules: C13, P4).
    ResetEnd {
        /// It was used after its time.
        Expired = "expired",
        /// The email of the credentials was changed.
        EmailChanged = "email_changed",
        /// The password was changed or set in another way.
        PasswordChanged = "password_changed",
        /// The account was disabled.
        Disabled = "disabled",
        /// The credentials were deleted or the account removed.
        AccountGone = "account_gone",
        /// The mail could not be handed over.
        NotDelivered = "not_delivered",
    }
}

choice! {
    /// Why a mail was not handed over (rule: P8).
    DeliveryFailure {
        /// The mail server, or the outbox folder, could not be reached.
        NotReached = "not_reached",
        /// The mail server did not take it.
        NotTaken = "not_taken",
    }
}

choice! {
    /// Which of somebody's addresses (rule: P9).
    Addressee {
        /// The one in force.
        Current = "current",
        /// The one that was in force before it was changed.
        Former = "former",
    }
}

chapter! {
    /// What happened by mail.
    MailEvent = "Mail" {
        #[doc = "A password reset was asked for."]
        PasswordResetRequested = "password_reset_requested", Platform, AccountChange {
            /// Whose password.
            account: AccountId,
            /// The public site that the link leads to (rule: P3).
            site: ObjectPath,
            /// The version of the link's token in the vault.
            token: SecretVersion,
            /// When the link stops working by itself.
            expires_at: Instant,
        }
        #[doc = "The mail of a password reset was handed over for delivery."]
        PasswordResetSent = "password_reset_sent", Platform, AccountChange {
            /// To whom.
            account: AccountId,
            /// The entry that asked for the reset.
            requested: Position,
        }
        #[doc = "A password reset was completed by its link."]
        PasswordResetCompleted = "password_reset_completed", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// The entry that asked for the reset.
            requested: Position,
        }
        #[doc = "A password reset came to nothing."]
        PasswordResetFailed = "password_reset_failed", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// The entry that asked for the reset.
            requested: Position,
            /// Why.
            because: ResetEnd,
        }
        #[doc = "Further password resets were asked for within a short time and not sent."]
        PasswordResetsWithheld = "password_resets_withheld", Platform, AccountChange {
            /// For which account.
            account: AccountId,
            /// How many.
            count: u32,
            /// When the first came.
            from: Instant,
        }
        #[doc = "Somebody was told by mail what changed of their password, email or rights."]
        ChangesTold = "changes_told", Ledger, AccountChange {
            /// Who.
            account: AccountId,
            /// The last entry that was told of.
            through: Position,
            /// At which address.
            addressee: Addressee,
        }
        #[doc = "A mail was not handed over."]
        MailNotHandedOver = "mail_not_handed_over", Ledger, AccountChange {
            /// To whom it is.
            account: AccountId,
            /// The entry that it is about.
            owed: Position,
            /// Why.
            because: DeliveryFailure,
            /// How many attempts there were; attempts between two such events are summed up in the later one.
            attempts: u32,
            /// Whether it is not tried again.
            given_up: bool,
        }
    }
}
