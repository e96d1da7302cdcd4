//! The dashboard: Admin Users, App Users, the Background Account (chapters F, A and B).

use crate::choice::choice;
use crate::describe::chapter;
use crate::{AccountId, AppName, Instant, SecretVersion};

choice! {
    /// How somebody became an Admin User.
    AdminOrigin {
        /// By the first sign-in to the dashboard (rule: F1).
        FirstSignIn = "first_sign_in",
        /// By another Admin User (rule: F9).
        AdminUser = "admin_user",
        /// By support, for an orphaned tenant (rule: F6).
        Support = "support",
    }
}

chapter! {
    /// What happened on the dashboard.
    DashboardEvent = "Dashboard" {
        #[doc = "An account became an Admin User."]
        AdminAdded = "admin_added", Dashboard, UserAccess {
            /// Who.
            account: AccountId,
            /// When the grant ends; none for never.
            until: Option<Instant>,
            /// How it came about.
            origin: AdminOrigin,
        }
        #[doc = "An account is an Admin User no longer."]
        AdminRemoved = "admin_removed", Dashboard, UserAccess {
            /// Who.
            account: AccountId,
        }
        #[doc = "An account was assigned to an app."]
        AppUserAssigned = "app_user_assigned", Dashboard, UserAccess {
            /// Who.
            account: AccountId,
            /// To which app.
            app: AppName,
            /// When the grant ends; none for never.
            until: Option<Instant>,
        }
        #[doc = "An account was removed from an app."]
        AppUserRemoved = "app_user_removed", Dashboard, UserAccess {
            /// Who.
            account: AccountId,
            /// From which app.
            app: AppName,
        }
        #[doc = "The use of an app was reported."]
        AppUsed = "app_used", Dashboard, UserAccess {
            /// By whom.
            account: AccountId,
            /// Which app.
            app: AppName,
            /// When, as the app says.
            at: Instant,
        }
        #[doc = "The Background Account was set."]
        BackgroundAccountSet = "background_account_set", Dashboard, AccountChange {
            /// Which account.
            account: AccountId,
            /// The version of the password that was verified.
            secret: SecretVersion,
        }
    }
}
