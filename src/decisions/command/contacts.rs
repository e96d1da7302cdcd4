//! Commands on contacts.

use grantbook_events::{AccountId, Change, ContactDetails, Label, OrganisationName, Sealed};

use super::description::{ACCOUNT, CommandDescription, Door, FieldDescription, FieldKind};
use super::form::{Form, Known};
use super::written::Written;
use super::{Command, Malformed};

/// What may be asked to happen to contacts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ContactCommand {
    /// Add a contact.
    AddContact {
        /// The id that it is to have; never one given before (rule: C15).
        account: AccountId,
        /// What is known of it: the full name always.
        details: Box<ContactDetails>,
        /// The organisation that it becomes a member of at once (rule: O2).
        organisation: Option<OrganisationName>,
    },
    /// Change details of a contact.
    UpdateContact {
        /// Whose.
        account: AccountId,
        /// What changes; at least one detail does, and the full name is never cleared.
        details: Box<ContactDetails>,
    },
    /// Remove an account.
    RemoveAccount {
        /// Which.
        account: AccountId,
    },
}

const EMAIL: FieldDescription = FieldDescription::optional("email", FieldKind::Email, "Email address.");
const MEMBER_TYPE: FieldDescription =
    FieldDescription::optional("member_type", FieldKind::Name, "Member type, which rights may depend on.");
const STATUS: FieldDescription =
    FieldDescription::optional("status", FieldKind::Name, "Status, which conditions may ask for.");
const CITY: FieldDescription = FieldDescription::optional("city", FieldKind::Personal, "City.");
const STATE: FieldDescription = FieldDescription::optional("state", FieldKind::Personal, "State or province.");
const COUNTRY: FieldDescription = FieldDescription::optional("country", FieldKind::Personal, "Country.");
const PHONE: FieldDescription = FieldDescription::optional("phone", FieldKind::Personal, "Phone number.");
const PICTURE: FieldDescription = FieldDescription::optional("picture", FieldKind::Personal, "Where the picture lies.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "add_contact",
            door: Door::Tenant,
            words: "Add a contact.",
            fields: &[
                FieldDescription::required("account", FieldKind::NewAccount, "The id that it is to have."),
                FieldDescription::required("full_name", FieldKind::Personal, "Full name."),
                EMAIL,
                MEMBER_TYPE,
                STATUS,
                CITY,
                STATE,
                COUNTRY,
                PHONE,
                PICTURE,
                FieldDescription::optional(
                    "organisation",
                    FieldKind::Name,
                    "The organisation that it becomes a member of at once.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let account = form.new_account("account")?;
            let details = Box::new(details(form, &account)?);
            let organisation = form.maybe_named("organisation", OrganisationName::new)?;
            Ok(Command::Contact(ContactCommand::AddContact { account, details, organisation }))
        },
    },
    Known {
        description: CommandDescription {
            name: "update_contact",
            door: Door::Tenant,
            words: "Change details of a contact.",
            fields: &[
                ACCOUNT,
                FieldDescription::optional("full_name", FieldKind::Personal, "Full name."),
                EMAIL.or_null(),
                MEMBER_TYPE.or_null(),
                STATUS.or_null(),
                CITY.or_null(),
                STATE.or_null(),
                COUNTRY.or_null(),
                PHONE.or_null(),
                PICTURE.or_null(),
            ],
            grants: false,
        },
        read: |form| {
            let account = form.account("account")?;
            if form.is_cleared("full_name") {
                return Err(Malformed::new("full_name", "expected text: the full name cannot be cleared"));
            }
            let details = Box::new(cleared(form, details(form, &account)?));
            if *details == ContactDetails::KEPT {
                return Err(Malformed::new("full_name", "expected this or another detail to change"));
            }
            Ok(Command::Contact(ContactCommand::UpdateContact { account, details }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_account",
            door: Door::Tenant,
            words: "Remove an account; history keeps naming it.",
            fields: &[ACCOUNT],
            grants: false,
        },
        read: |form| Ok(Command::Contact(ContactCommand::RemoveAccount { account: form.account("account")? })),
    },
];

/// The details that have a value.
fn details(form: &Form<'_>, account: &AccountId) -> Result<ContactDetails, Malformed> {
    fn set<T>(value: Option<T>) -> Change<T> {
        value.map_or(Change::Kept, Change::Set)
    }
    Ok(ContactDetails {
        full_name: set(form.maybe_personal(account, "full_name")?),
        email: set(form.maybe_email(account, "email")?),
        member_type: set(form.maybe_named("member_type", Label::new)?),
        status: set(form.maybe_named("status", Label::new)?),
        city: set(form.maybe_personal(account, "city")?),
        state: set(form.maybe_personal(account, "state")?),
        country: set(form.maybe_personal(account, "country")?),
        phone: set(form.maybe_personal(account, "phone")?),
        picture: set(form.maybe_personal(account, "picture")?),
    })
}

/// The same, with what is `null` cleared.
fn cleared(form: &Form<'_>, details: ContactDetails) -> ContactDetails {
    fn clear<T>(form: &Form<'_>, name: &str, change: Change<T>) -> Change<T> {
        if form.is_cleared(name) { Change::Cleared } else { change }
    }
    let ContactDetails { full_name, email, member_type, status, city, state, country, phone, picture } = details;
    ContactDetails {
        full_name,
        email: clear(form, "email", email),
        member_type: clear(form, "member_type", member_type),
        status: clear(form, "status", status),
        city: clear(form, "city", city),
        state: clear(form, "state", state),
        country: clear(form, "country", country),
        phone: clear(form, "phone", phone),
        picture: clear(form, "picture", picture),
    }
}

impl ContactCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            ContactCommand::AddContact { .. } => "add_contact",
            ContactCommand::UpdateContact { .. } => "update_contact",
            ContactCommand::RemoveAccount { .. } => "remove_account",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            ContactCommand::AddContact { account, .. }
            | ContactCommand::UpdateContact { account, .. }
            | ContactCommand::RemoveAccount { account } => Some(account),
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            ContactCommand::AddContact { account, details, organisation } => {
                to.show("account", account);
                write_details(details, to);
                to.show_if("organisation", organisation);
            }
            ContactCommand::UpdateContact { account, details } => {
                to.show("account", account);
                write_details(details, to);
            }
            ContactCommand::RemoveAccount { account } => {
                to.show("account", account);
            }
        }
    }
}

fn write_details(details: &ContactDetails, to: &mut Written<'_>) {
    fn personal(to: &mut Written<'_>, field: &str, change: &Change<Sealed>) {
        match change {
            Change::Kept => {}
            Change::Set(value) => _ = to.personal(field, value),
            Change::Cleared => _ = to.put(field, ()),
        }
    }
    fn label(to: &mut Written<'_>, field: &str, change: &Change<Label>) {
        match change {
            Change::Kept => {}
            Change::Set(value) => _ = to.show(field, value),
            Change::Cleared => _ = to.put(field, ()),
        }
    }
    let ContactDetails { full_name, email, member_type, status, city, state, country, phone, picture } = details;
    personal(to, "full_name", full_name);
    match email {
        Change::Kept => {}
        Change::Set(email) => _ = to.personal("email", &email.address),
        Change::Cleared => _ = to.put("email", ()),
    }
    label(to, "member_type", member_type);
    label(to, "status", status);
    personal(to, "city", city);
    personal(to, "state", state);
    personal(to, "country", country);
    personal(to, "phone", phone);
    personal(to, "picture", picture);
}
