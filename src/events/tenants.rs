//! Tenants, licences, the catalogues of apps and modules, subscriptions (chapters T, A, B, L).

use crate::choice::choice;
use crate::describe::chapter;
use crate::{AccountId, AppName, CloudId, CustomerName, Date, Instant, ModuleName, OperatorName, SecretVersion};

choice! {
    /// The edition of the platform that a tenant runs (rules: F1, F7).
    Edition {
        /// The first sign-in to the dashboard makes the first Admin User.
        Cloud = "cloud",
        /// MANAGER is always an Admin User.
        Edition2017 = "2017",
    }
}

choice! {
    /// A licence that support records for a tenant.
    Licence {
        /// Lets the Background Account be set (rule: B2).
        ApiConnector = "api_connector",
        /// Lets chapters have administrators (rule: O19).
        GroupAdminPlus = "group_admin_plus",
    }
}

choice! {
    /// Who an app admits (rule: A1).
    Audience {
        /// Staff accounts only.
        Staff = "staff",
        /// Any contact with active credentials.
        Anyone = "anyone",
    }
}

choice! {
    /// The state of a subscription (rule: A2).
    SubscriptionStatus {
        /// Paid for.
        Active = "active",
        /// Tried out.
        Trial = "trial",
        /// Shown.
        Demo = "demo",
        /// Over.
        Ended = "ended",
    }
}

chapter! {
    /// What happened to a tenant as a whole.
    TenantEvent = "Tenant" {
        #[doc = "A tenant was created."]
        TenantCreated = "tenant_created", Ledger, AccountChange {
            /// The Cloud ID it was given.
            cloud_id: CloudId,
            /// The edition it runs.
            edition: Edition,
            /// Who it belongs to; `local` for one that the operator made for trial (rule: T7).
            customer: CustomerName,
            /// The one account whose first sign-in makes the admin, where support named one (rule: F14).
            first_admin: Option<AccountId>,
        }
        #[doc = "A licence was recorded."]
        LicenceRecorded = "licence_recorded", Dashboard, AccountChange {
            /// Which one.
            licence: Licence,
            /// When it lapses.
            until: Option<Instant>,
        }
        #[doc = "An app was added to the catalogue."]
        AppAdded = "app_added", Dashboard, AccountChange {
            /// Its slug.
            app: AppName,
            /// What people call it.
            title: String,
            /// Who may use it.
            audience: Audience,
        }
        #[doc = "A module was added to the catalogue."]
        ModuleAdded = "module_added", Platform, AccountChange {
            /// Its name.
            module: ModuleName,
        }
        #[doc = "The state of a subscription was recorded."]
        SubscriptionRecorded = "subscription_recorded", Dashboard, AccountChange {
            /// For which app.
            app: AppName,
            /// The state it has from `from` on.
            status: SubscriptionStatus,
            /// The first day.
            from: Date,
            /// The moment from which it gives nothing any more.
            until: Option<Instant>,
        }
    }
}

chapter! {
    /// What happened in the installation's own ledger, which belongs to no tenant.
    InstallationEvent = "Installation" {
        #[doc = "A Cloud ID was given to a tenant."]
        CloudIdAssigned = "cloud_id_assigned", Ledger, AccountChange {
            /// The Cloud ID.
            cloud_id: CloudId,
            /// Who it belongs to.
            customer: CustomerName,
        }
        #[doc = "A token was issued to a support operator."]
        SupportTokenIssued = "support_token_issued", Ledger, Authentication {
            /// The person.
            operator: OperatorName,
            /// The token's version in the vault.
            token: SecretVersion,
        }
        #[doc = "A support operator's token was revoked."]
        SupportTokenRevoked = "support_token_revoked", Ledger, Authentication {
            /// The person.
            operator: OperatorName,
            /// The token's version in the vault.
            token: SecretVersion,
        }
    }
}
