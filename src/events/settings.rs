//! The settings of a tenant: what an administrator may choose (rules: C5, C6, C10, O15, P4, P6, P7, P9, S6, U2).

use crate::choice::choice;

choice! {
    /// A setting of a tenant. Units are in the names.
    Setting {
        /// The least length of a password, in characters (rule: C5).
        PasswordMinLength = "password_min_length",
        /// How many failed attempts in a row lock credentials (rule: C6).
        LockoutAttempts = "lockout_attempts",
        /// How many minutes a lock lasts; 0 for until it is undone (rule: C6).
        LockoutMinutes = "lockout_minutes",
        /// How many years after a sign-in credentials expire (rule: C10).
        ExpirationYears = "expiration_years",
        /// How many minutes a session lasts (rule: S6).
        SessionTimeoutMinutes = "session_timeout_minutes",
        /// How many minutes the link of a password reset works (rule: P4).
        ResetMinutes = "reset_minutes",
        /// Whether asking for a forgotten username creates credentials where there are none: 1 for yes (rule: P6).
        ForgotUsernameCreatesCredentials = "forgot_username_creates_credentials",
        /// Whether staff need a second factor to sign in: 1 for yes (rule: S6).
        StaffSecondFactor = "staff_second_factor",
        /// Whether a company administrator's rights extend to every organisation that they belong to: 1 for yes (rule: O15).
        CompanyAdminsAllOrganisations = "company_admins_all_organisations",
        /// Whether people are told by mail when their password, email or rights change: 1 for yes (rule: P9).
        NotifyByMail = "notify_by_mail",
        /// Whether checkpoints, proofs and tiles of hashes are open to everybody: 1 for yes (rule: U2).
        PublicEvidence = "public_evidence",
    }
}

choice! {
    /// A setting of a tenant that is text.
    TextSetting {
        /// What the mail of a password reset says (rule: P7): a template with `{link}`, `{name}` and `{minutes}`.
        ResetEmailBody = "reset_email_body",
    }
}

impl Setting {
    /// Whether its value is a yes (1) or a no (0), and shown as `true` or `false`.
    pub fn is_yes_or_no(self) -> bool {
        match self {
            Setting::ForgotUsernameCreatesCredentials
            | Setting::StaffSecondFactor
            | Setting::CompanyAdminsAllOrganisations
            | Setting::NotifyByMail
            | Setting::PublicEvidence => true,
            Setting::PasswordMinLength
            | Setting::LockoutAttempts
            | Setting::LockoutMinutes
            | Setting::ExpirationYears
            | Setting::SessionTimeoutMinutes
            | Setting::ResetMinutes => false,
        }
    }
}
