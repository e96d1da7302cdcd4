//! Tenants, licences, the catalogues of apps and modules, subscriptions (chapters T, A, B, L).

use crate::choice::choice;
use crate::describe::chapter;
use crate::{
    AccountId, AppName, CloudId, CustomerName, Date, Instant, KeyId, Label, ModuleName, OperatorName, Position,
    Purpose, ReadinessFinding, Sealed, SealedEmail, SecretVersion, SiteUrl,
};

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
        #[doc = "A tenant was closed."]
        TenantClosed = "tenant_closed", Ledger, AccountChange {
            /// Its Cloud ID, which is never given again (rule: T7).
            cloud_id: CloudId,
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
        #[doc = "A customer was registered."]
        CustomerRegistered = "customer_registered", Ledger, AccountChange {
            /// The customer.
            customer: CustomerName,
            /// The key that the personal values of the customer's people are sealed with.
            key: KeyId,
            /// The customer's full name.
            full_name: Sealed,
            /// Where the customer is reached.
            contact_email: SealedEmail,
        }
        #[doc = "The state of a customer's subscription was recorded."]
        CustomerSubscriptionRecorded = "customer_subscription_recorded", Ledger, AccountChange {
            /// Whose; it counts for all their tenants.
            customer: CustomerName,
            /// For which app.
            app: AppName,
            /// The state it has from `from` on.
            status: SubscriptionStatus,
            /// The first day.
            from: Date,
            /// The moment from which it gives nothing any more.
            until: Option<Instant>,
        }
        #[doc = "A customer asked for a Cloud ID."]
        CloudIdRequested = "cloud_id_requested", Ledger, AccountChange {
            /// Who.
            customer: CustomerName,
            /// What for.
            purpose: Purpose,
            /// The person who asked.
            requester_name: Sealed,
            /// Where that person is reached.
            requester_email: SealedEmail,
            /// The full name of the organisation.
            organisation: Label,
            /// The site that is to have the Cloud ID.
            url: SiteUrl,
            /// Where in the world it is.
            region: Label,
        }
        #[doc = "The readiness of a site was checked."]
        ReadinessChecked = "readiness_checked", Ledger, AccountChange {
            /// Whose site.
            customer: CustomerName,
            /// Which.
            url: SiteUrl,
            /// Whether the site is ready.
            passed: bool,
            /// What was found, each with what would put it right.
            findings: Vec<ReadinessFinding>,
        }
        #[doc = "The terms of a Cloud ID were recorded."]
        CloudIdTermsRecorded = "cloud_id_terms_recorded", Ledger, AccountChange {
            /// The Cloud ID.
            cloud_id: CloudId,
            /// What it is for.
            purpose: Purpose,
            /// The edition that its tenant runs.
            edition: Edition,
            /// The one account whose first sign-in makes the admin, where support named one (rule: F14).
            first_admin: Option<AccountId>,
            /// The entry of the request that it answers; none for customer `local` (rule: T7).
            request: Option<Position>,
            /// The entry of the readiness check that passed; none for customer `local`.
            check: Option<Position>,
        }
        #[doc = "A Cloud ID was closed."]
        CloudIdClosed = "cloud_id_closed", Ledger, AccountChange {
            /// The Cloud ID.
            cloud_id: CloudId,
        }
    }
}
