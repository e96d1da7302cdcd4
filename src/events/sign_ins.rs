//! Sign-ins, failed ones, locks and sessions (chapters C, F, R and S).

use crate::choice::choice;
use crate::describe::chapter;
use crate::{AccountId, Date, Instant, Position, SecretVersion};

choice! {
    /// What somebody signs in to.
    SignInPlane {
        /// The membership system.
        Platform = "platform",
        /// The cloud dashboard.
        Dashboard = "dashboard",
    }
}

choice! {
    /// What somebody signs in with (rule: R2).
    Client {
        /// A person's browser.
        Browser = "browser",
        /// An application with a username and password of its own.
        Application = "application",
    }
}

choice! {
    /// At which door a password was tried.
    Door {
        /// Signing in to the platform.
        Platform = "platform",
        /// Signing in to the dashboard.
        Dashboard = "dashboard",
        /// Changing one's own password (rule: C16).
        ChangePassword = "change_password",
        /// Setting the Background Account (rule: B5).
        BackgroundAccount = "background_account",
    }
}

choice! {
    /// Why a password was not accepted. The ledger records which; the caller is told one same sentence (rule: C11).
    RefusalCause {
        /// The password was wrong.
        WrongPassword = "wrong_password",
        /// The credentials were locked; whether the password was right is not said.
        Locked = "locked",
        /// The account was disabled.
        Disabled = "disabled",
        /// The credentials did not work yet.
        NotYetEffective = "not_yet_effective",
        /// The credentials worked no longer.
        Expired = "expired",
        /// The vault did not hold the version of the password that the journal names.
        VaultMismatch = "vault_mismatch",
        /// A staff account without RemoteService came to the dashboard (rule: R1).
        NoRemoteService = "no_remote_service",
        /// An application's account had no RemoteService (rule: R2).
        ApplicationWithoutRemoteService = "application_without_remote_service",
        /// MANAGER came to the dashboard of a tenant of edition `cloud` (rule: M1).
        ManagerOnDashboard = "manager_on_dashboard",
        /// The password was right, and the code of the second factor was missing.
        CodeMissing = "code_missing",
        /// The password was right, and the code of the second factor wrong.
        WrongCode = "wrong_code",
        /// The code of the second factor, or a later one, had been used before.
        CodeUsed = "code_used",
    }
}

impl RefusalCause {
    /// Whether the attempt was a guess, and so counts towards a lock (rules: C6, S6).
    pub fn counts(self) -> bool {
        match self {
            RefusalCause::WrongPassword
            | RefusalCause::CodeMissing
            | RefusalCause::WrongCode
            | RefusalCause::CodeUsed => true,
            RefusalCause::Locked
            | RefusalCause::Disabled
            | RefusalCause::NotYetEffective
            | RefusalCause::Expired
            | RefusalCause::VaultMismatch
            | RefusalCause::NoRemoteService
            | RefusalCause::ApplicationWithoutRemoteService
            | RefusalCause::ManagerOnDashboard => false,
        }
    }
}

choice! {
    /// Why a session ended.
    SessionEnd {
        /// Its account signed out.
        SignedOut = "signed_out",
        /// Somebody ended it.
        Ended = "ended",
        /// The same staff account signed in from another browser (rule: S5).
        Superseded = "superseded",
        /// The password was changed or set.
        PasswordChanged = "password_changed",
        /// The credentials were deleted or the account removed (rule: C15).
        AccountGone = "account_gone",
        /// The second factor was reset (rule: S6).
        SecondFactorReset = "second_factor_reset",
    }
}

chapter! {
    /// What happened at the doors.
    SignInEvent = "SignIn" {
        #[doc = "An account signed in."]
        SignedIn = "signed_in", Platform, Authentication {
            /// Who.
            account: AccountId,
            /// To what.
            plane: SignInPlane,
            /// With what.
            client: Client,
            /// A number that the tabs of one browser share; 0 where none was given (rule: S5).
            browser: u64,
            /// The session token's version in the vault.
            token: SecretVersion,
            /// When the session ends by itself.
            expires_at: Instant,
            /// The last day on which the credentials work from now on (rule: C10); none where it does not move.
            expiration: Option<Date>,
        }
        #[doc = "A password was not accepted."]
        SignInRefused = "sign_in_refused", Platform, Authentication {
            /// For which account; an unknown username is never recorded (rule: C11).
            account: AccountId,
            /// At which door.
            door: Door,
            /// Why.
            because: RefusalCause,
        }
        #[doc = "Further attempts were refused and are summed up."]
        SignInsRefused = "sign_ins_refused", Platform, Authentication {
            /// For which account.
            account: AccountId,
            /// How many.
            count: u32,
            /// When the first came.
            from: Instant,
        }
        #[doc = "Credentials were locked after too many failed attempts."]
        CredentialsLocked = "credentials_locked", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// When the lock ends by itself; none for never.
            until: Option<Instant>,
        }
        #[doc = "A session ended."]
        SessionEnded = "session_ended", Platform, Authentication {
            /// Whose.
            account: AccountId,
            /// The entry of the sign-in that began it.
            session: Position,
            /// Why.
            because: SessionEnd,
        }
        #[doc = "The code of a second factor was accepted."]
        SecondFactorPassed = "second_factor_passed", Platform, Authentication {
            /// Whose.
            account: AccountId,
            /// The time step of the code, which is used up with it (rule: S6).
            step: u64,
        }
        #[doc = "An account without the second factor that staff need came in to enrol one, and may do no more."]
        EnrolmentOpened = "enrolment_opened", Platform, Authentication {
            /// Who.
            account: AccountId,
            /// To what it would sign in.
            plane: SignInPlane,
            /// With what.
            client: Client,
            /// A number that the tabs of one browser share; 0 where none was given (rule: S5).
            browser: u64,
            /// The session token's version in the vault.
            token: SecretVersion,
            /// When the session ends by itself.
            expires_at: Instant,
        }
    }
}
