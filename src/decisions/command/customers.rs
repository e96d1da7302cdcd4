//! Commands on customers and their Cloud IDs (rules: T2, T3, T7): support's, recorded in the installation's own ledger. The
//! ticket is given beside the command.

use grantbook_events::{AccountId, CloudId, CustomerName, Edition, Label, Purpose, Sealed, SealedEmail, SiteUrl};

use super::description::{CommandDescription, Door, FieldDescription, FieldKind};
use super::form::{Form, Known};
use super::support::{CLOUD_ID, TICKET};
use super::written::Written;
use super::{Command, Malformed};

/// What support may ask to happen to customers and their Cloud IDs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CustomerCommand {
    /// Register a customer.
    RegisterCustomer {
        /// The name by which commands know the customer.
        customer: CustomerName,
        /// The full name.
        full_name: Sealed,
        /// Where the customer is reached.
        contact_email: SealedEmail,
    },
    /// Record that a customer asked for a Cloud ID (rule: T3).
    RequestCloudId {
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
        /// The site.
        url: SiteUrl,
        /// Where in the world it is.
        region: Label,
    },
    /// Check whether a site is ready (rule: T4).
    CheckReadiness {
        /// Whose.
        customer: CustomerName,
        /// Which.
        url: SiteUrl,
    },
    /// Give a customer a Cloud ID, which makes the tenant (rules: T2, T3, M1).
    AssignCloudId {
        /// Whom.
        customer: CustomerName,
        /// Which.
        cloud_id: CloudId,
        /// What for.
        purpose: Purpose,
        /// The edition that the tenant runs.
        edition: Edition,
        /// The one account whose first sign-in makes the admin (rule: F14).
        first_admin: Option<AccountId>,
    },
    /// Close a tenant (rule: T7).
    CloseTenant {
        /// Which.
        cloud_id: CloudId,
    },
}

const CUSTOMER: FieldDescription = FieldDescription::required("customer", FieldKind::Name, "The customer.");
const PURPOSE: FieldDescription =
    FieldDescription::required("purpose", FieldKind::Choice(Purpose::SLUGS), "What the Cloud ID is for.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "register_customer",
            door: Door::Support,
            words: "Register a customer.",
            fields: &[
                FieldDescription::required(
                    "customer",
                    FieldKind::Name,
                    "The name by which commands know the customer.",
                ),
                FieldDescription::required("full_name", FieldKind::Personal, "The customer's full name."),
                FieldDescription::required("contact_email", FieldKind::Email, "Where the customer is reached."),
                TICKET,
            ],
            grants: false,
        },
        read: |form| {
            let customer = form.named("customer", CustomerName::new)?;
            let keeper = keeper(&customer);
            let full_name = personal(form, &keeper, "full_name")?;
            let contact_email = email(form, &keeper, "contact_email")?;
            Ok(Command::Customer(CustomerCommand::RegisterCustomer { customer, full_name, contact_email }))
        },
    },
    Known {
        description: CommandDescription {
            name: "request_cloud_id",
            door: Door::Support,
            words: "Record that a customer asked for a Cloud ID.",
            fields: &[
                CUSTOMER,
                PURPOSE,
                FieldDescription::required("requester_name", FieldKind::Personal, "The person who asked."),
                FieldDescription::required("requester_email", FieldKind::Email, "Where that person is reached."),
                FieldDescription::required("organisation", FieldKind::Name, "The full name of the organisation."),
                FieldDescription::required("url", FieldKind::Url, "The site that is to have the Cloud ID."),
                FieldDescription::required("region", FieldKind::Name, "Where in the world the site is."),
                TICKET,
            ],
            grants: false,
        },
        read: |form| {
            let customer = form.named("customer", CustomerName::new)?;
            let keeper = keeper(&customer);
            Ok(Command::Customer(CustomerCommand::RequestCloudId {
                purpose: form.choice("purpose", Purpose::parse)?,
                requester_name: personal(form, &keeper, "requester_name")?,
                requester_email: email(form, &keeper, "requester_email")?,
                organisation: form.named("organisation", Label::new)?,
                url: form.named("url", SiteUrl::new)?,
                region: form.named("region", Label::new)?,
                customer,
            }))
        },
    },
    Known {
        description: CommandDescription {
            name: "check_readiness",
            door: Door::Support,
            words: "Check whether a customer's site is ready for a Cloud ID.",
            fields: &[CUSTOMER, FieldDescription::required("url", FieldKind::Url, "The site."), TICKET],
            grants: false,
        },
        read: |form| {
            let customer = form.named("customer", CustomerName::new)?;
            Ok(Command::Customer(CustomerCommand::CheckReadiness { customer, url: form.named("url", SiteUrl::new)? }))
        },
    },
    Known {
        description: CommandDescription {
            name: "assign_cloud_id",
            door: Door::Support,
            words: "Give a customer a Cloud ID and make its tenant.",
            fields: &[
                CUSTOMER,
                CLOUD_ID,
                PURPOSE,
                FieldDescription::required("edition", FieldKind::Choice(Edition::SLUGS), "The edition that it runs."),
                FieldDescription::optional(
                    "first_admin",
                    FieldKind::NewAccount,
                    "The one account whose first sign-in makes the admin; any, where it is left out.",
                ),
                TICKET,
            ],
            grants: false,
        },
        read: |form| {
            Ok(Command::Customer(CustomerCommand::AssignCloudId {
                customer: form.named("customer", CustomerName::new)?,
                cloud_id: form.named("cloud_id", CloudId::new)?,
                purpose: form.choice("purpose", Purpose::parse)?,
                edition: form.choice("edition", Edition::parse)?,
                first_admin: form.maybe_new_account("first_admin")?,
            }))
        },
    },
    Known {
        description: CommandDescription {
            name: "close_tenant",
            door: Door::Support,
            words: "Close a tenant: nobody signs in any more, and its Cloud ID is never given again.",
            fields: &[CLOUD_ID, TICKET],
            grants: false,
        },
        read: |form| {
            Ok(Command::Customer(CustomerCommand::CloseTenant { cloud_id: form.named("cloud_id", CloudId::new)? }))
        },
    },
];

/// Under whose key the personal values of a customer's people lie in the installation's own ledger, which has no accounts:
/// an id made of the customer's name, without case.
pub fn keeper(customer: &CustomerName) -> AccountId {
    let hash = blake3::hash(customer.as_str().to_lowercase().as_bytes()).to_hex();
    AccountId::new(hash.as_str()).unwrap_or_else(|_| AccountId::manager())
}

fn personal(form: &Form<'_>, keeper: &AccountId, name: &'static str) -> Result<Sealed, Malformed> {
    form.maybe_personal(keeper, name)?.ok_or_else(|| form.expected(name))
}

fn email(form: &Form<'_>, keeper: &AccountId, name: &'static str) -> Result<SealedEmail, Malformed> {
    form.maybe_email(keeper, name)?.ok_or_else(|| form.expected(name))
}

impl CustomerCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            CustomerCommand::RegisterCustomer { .. } => "register_customer",
            CustomerCommand::RequestCloudId { .. } => "request_cloud_id",
            CustomerCommand::CheckReadiness { .. } => "check_readiness",
            CustomerCommand::AssignCloudId { .. } => "assign_cloud_id",
            CustomerCommand::CloseTenant { .. } => "close_tenant",
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            CustomerCommand::RegisterCustomer { customer, full_name, contact_email } => to
                .show("customer", customer)
                .personal("full_name", full_name)
                .personal("contact_email", &contact_email.address),
            CustomerCommand::RequestCloudId {
                customer,
                purpose,
                requester_name,
                requester_email,
                organisation,
                url,
                region,
            } => to
                .show("customer", customer)
                .show("purpose", purpose)
                .personal("requester_name", requester_name)
                .personal("requester_email", &requester_email.address)
                .show("organisation", organisation)
                .show("url", url)
                .show("region", region),
            CustomerCommand::CheckReadiness { customer, url } => to.show("customer", customer).show("url", url),
            CustomerCommand::AssignCloudId { customer, cloud_id, purpose, edition, first_admin } => to
                .show("customer", customer)
                .show("cloud_id", cloud_id)
                .show("purpose", purpose)
                .show("edition", edition)
                .show_if("first_admin", first_admin),
            CustomerCommand::CloseTenant { cloud_id } => to.show("cloud_id", cloud_id),
        };
    }
}
