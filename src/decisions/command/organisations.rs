//! Commands on organisations, their members and administrators.

use grantbook_events::{AccountId, Change, Date, Instant, Label, OrganisationKind, OrganisationName};

use super::description::{ACCOUNT, CommandDescription, Door, FieldDescription, FieldKind, UNTIL};
use super::form::{Form, Known};
use super::written::Written;
use super::{Command, Malformed};

/// What may be asked to happen to organisations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrganisationCommand {
    /// Create an organisation.
    CreateOrganisation {
        /// Its name.
        organisation: OrganisationName,
        /// Its kind.
        kind: OrganisationKind,
        /// What people call it.
        full_name: String,
    },
    /// Change what is known of an organisation; at least one thing changes.
    EditOrganisation {
        /// Which.
        organisation: OrganisationName,
        /// What people are to call it.
        full_name: Option<String>,
        /// What it is for.
        description: Option<String>,
    },
    /// Make an account a member of an organisation.
    AddOrganisationMember {
        /// The organisation.
        organisation: OrganisationName,
        /// The account.
        account: AccountId,
        /// Its position; none for an ordinary member.
        position: Option<Label>,
        /// The first day; none for at once.
        from: Option<Date>,
        /// When the membership ends; none for never.
        until: Option<Instant>,
    },
    /// Change a member's position or term; at least one of them changes.
    EditOrganisationMember {
        /// The organisation.
        organisation: OrganisationName,
        /// The member.
        account: AccountId,
        /// The position.
        position: Change<Label>,
        /// The first day.
        from: Change<Date>,
        /// The end.
        until: Change<Instant>,
    },
    /// End a membership.
    RemoveOrganisationMember {
        /// The organisation.
        organisation: OrganisationName,
        /// The member.
        account: AccountId,
    },
    /// Become a member oneself.
    JoinOrganisation {
        /// The organisation.
        organisation: OrganisationName,
    },
    /// Give an account the right to administer an organisation.
    AssignOrganisationAdmin {
        /// The organisation.
        organisation: OrganisationName,
        /// The account.
        account: AccountId,
        /// When the right ends; none for never.
        until: Option<Instant>,
    },
    /// Take the right to administer an organisation away.
    RemoveOrganisationAdmin {
        /// The organisation.
        organisation: OrganisationName,
        /// The administrator.
        account: AccountId,
    },
    /// Record a payment for a membership in a chapter with a fee.
    RecordChapterPayment {
        /// The chapter.
        organisation: OrganisationName,
        /// Whose membership is paid for.
        account: AccountId,
        /// Until when; none where the payment has no end.
        until: Option<Instant>,
    },
}

/// What people call an organisation.
const FULL_NAME: FieldKind = FieldKind::Text { most: 200 };
/// What an organisation is for.
const PURPOSE: FieldKind = FieldKind::Text { most: 1_000 };
const ORGANISATION: FieldDescription =
    FieldDescription::required("organisation", FieldKind::Name, "The name of the organisation.");
const POSITION: FieldDescription =
    FieldDescription::optional("position", FieldKind::Name, "The position that the member has, such as Treasurer.");
const FROM: FieldDescription = FieldDescription::optional(
    "from",
    FieldKind::Date,
    "The first day of the membership; at once, where it is left out.",
);

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "create_organisation",
            door: Door::Tenant,
            words: "Create an organisation: a company, a committee or a chapter.",
            fields: &[
                ORGANISATION,
                FieldDescription::required("kind", FieldKind::Choice(OrganisationKind::SLUGS), "Its kind."),
                FieldDescription::optional(
                    "full_name",
                    FULL_NAME,
                    "What people call it; its name, where it is left out.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let organisation = named(form)?;
            let kind = form.choice("kind", OrganisationKind::parse)?;
            let full_name = full_name(form)?.unwrap_or_else(|| organisation.as_str().to_owned());
            Ok(Command::Organisation(OrganisationCommand::CreateOrganisation { organisation, kind, full_name }))
        },
    },
    Known {
        description: CommandDescription {
            name: "edit_organisation",
            door: Door::Tenant,
            words: "Change what is known of an organisation.",
            fields: &[
                ORGANISATION,
                FieldDescription::optional("full_name", FULL_NAME, "What people are to call it."),
                FieldDescription::optional("description", PURPOSE, "What it is for."),
            ],
            grants: false,
        },
        read: |form| {
            let organisation = named(form)?;
            let (full_name, description) = (full_name(form)?, form.maybe_text("description")?);
            if full_name.is_none() && description.is_none() {
                return Err(Malformed::new("full_name", "expected this or `description`"));
            }
            Ok(Command::Organisation(OrganisationCommand::EditOrganisation { organisation, full_name, description }))
        },
    },
    Known {
        description: CommandDescription {
            name: "add_organisation_member",
            door: Door::Tenant,
            words: "Make an account a member of an organisation.",
            fields: &[ORGANISATION, ACCOUNT, POSITION, FROM, UNTIL],
            grants: true,
        },
        read: |form| {
            let (organisation, account) = (named(form)?, form.account("account")?);
            let position = form.maybe_named("position", Label::new)?;
            let (from, until) = (form.maybe_date("from")?, form.until()?);
            Ok(Command::Organisation(OrganisationCommand::AddOrganisationMember {
                organisation,
                account,
                position,
                from,
                until,
            }))
        },
    },
    Known {
        description: CommandDescription {
            name: "edit_organisation_member",
            door: Door::Tenant,
            words: "Change the position or the term of a member of an organisation.",
            fields: &[ORGANISATION, ACCOUNT, POSITION.or_null(), FROM.or_null(), UNTIL.or_null()],
            grants: true,
        },
        read: |form| {
            fn change<T>(form: &Form<'_>, name: &str, value: Option<T>) -> Change<T> {
                match value {
                    Some(value) => Change::Set(value),
                    None if form.is_cleared(name) => Change::Cleared,
                    None => Change::Kept,
                }
            }
            let (organisation, account) = (named(form)?, form.account("account")?);
            let position = change(form, "position", form.maybe_named("position", Label::new)?);
            let from = change(form, "from", form.maybe_date("from")?);
            let until = change(form, "until", form.until()?);
            if (&position, &from, &until) == (&Change::Kept, &Change::Kept, &Change::Kept) {
                return Err(Malformed::new("position", "expected this, `from` or `until`"));
            }
            Ok(Command::Organisation(OrganisationCommand::EditOrganisationMember {
                organisation,
                account,
                position,
                from,
                until,
            }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_organisation_member",
            door: Door::Tenant,
            words: "End a membership in an organisation.",
            fields: &[ORGANISATION, ACCOUNT],
            grants: false,
        },
        read: |form| {
            let (organisation, account) = (named(form)?, form.account("account")?);
            Ok(Command::Organisation(OrganisationCommand::RemoveOrganisationMember { organisation, account }))
        },
    },
    Known {
        description: CommandDescription {
            name: "join_organisation",
            door: Door::Tenant,
            words: "Become a member of an organisation oneself.",
            fields: &[ORGANISATION],
            grants: false,
        },
        read: |form| Ok(Command::Organisation(OrganisationCommand::JoinOrganisation { organisation: named(form)? })),
    },
    Known {
        description: CommandDescription {
            name: "assign_organisation_admin",
            door: Door::Tenant,
            words: "Give an account the right to administer an organisation.",
            fields: &[ORGANISATION, ACCOUNT, UNTIL],
            grants: true,
        },
        read: |form| {
            let (organisation, account, until) = (named(form)?, form.account("account")?, form.until()?);
            Ok(Command::Organisation(OrganisationCommand::AssignOrganisationAdmin { organisation, account, until }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_organisation_admin",
            door: Door::Tenant,
            words: "Take the right to administer an organisation away.",
            fields: &[ORGANISATION, ACCOUNT],
            grants: false,
        },
        read: |form| {
            let (organisation, account) = (named(form)?, form.account("account")?);
            Ok(Command::Organisation(OrganisationCommand::RemoveOrganisationAdmin { organisation, account }))
        },
    },
    Known {
        description: CommandDescription {
            name: "record_chapter_payment",
            door: Door::Tenant,
            words: "Record a payment for a membership in a chapter with a fee: it makes the account a member.",
            fields: &[ORGANISATION, ACCOUNT, UNTIL],
            grants: true,
        },
        read: |form| {
            let (organisation, account, until) = (named(form)?, form.account("account")?, form.until()?);
            Ok(Command::Organisation(OrganisationCommand::RecordChapterPayment { organisation, account, until }))
        },
    },
];

fn named(form: &Form<'_>) -> Result<OrganisationName, Malformed> {
    form.named("organisation", OrganisationName::new)
}

/// What people call an organisation: one line, not empty.
fn full_name(form: &Form<'_>) -> Result<Option<String>, Malformed> {
    let text = form.maybe_text("full_name")?;
    match text.as_ref().is_some_and(|text| text.trim().is_empty() || text.contains('\n')) {
        true => Err(Malformed::new("full_name", "expected one line of 1 to 200 characters, not only spaces")),
        false => Ok(text),
    }
}

impl OrganisationCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            OrganisationCommand::CreateOrganisation { .. } => "create_organisation",
            OrganisationCommand::EditOrganisation { .. } => "edit_organisation",
            OrganisationCommand::AddOrganisationMember { .. } => "add_organisation_member",
            OrganisationCommand::EditOrganisationMember { .. } => "edit_organisation_member",
            OrganisationCommand::RemoveOrganisationMember { .. } => "remove_organisation_member",
            OrganisationCommand::JoinOrganisation { .. } => "join_organisation",
            OrganisationCommand::AssignOrganisationAdmin { .. } => "assign_organisation_admin",
            OrganisationCommand::RemoveOrganisationAdmin { .. } => "remove_organisation_admin",
            OrganisationCommand::RecordChapterPayment { .. } => "record_chapter_payment",
        }
    }

    /// The organisation that it is on.
    pub fn organisation(&self) -> &OrganisationName {
        match self {
            OrganisationCommand::CreateOrganisation { organisation, .. }
            | OrganisationCommand::EditOrganisation { organisation, .. }
            | OrganisationCommand::AddOrganisationMember { organisation, .. }
            | OrganisationCommand::EditOrganisationMember { organisation, .. }
            | OrganisationCommand::RemoveOrganisationMember { organisation, .. }
            | OrganisationCommand::JoinOrganisation { organisation }
            | OrganisationCommand::AssignOrganisationAdmin { organisation, .. }
            | OrganisationCommand::RemoveOrganisationAdmin { organisation, .. }
            | OrganisationCommand::RecordChapterPayment { organisation, .. } => organisation,
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            OrganisationCommand::AddOrganisationMember { account, .. }
            | OrganisationCommand::EditOrganisationMember { account, .. }
            | OrganisationCommand::RemoveOrganisationMember { account, .. }
            | OrganisationCommand::AssignOrganisationAdmin { account, .. }
            | OrganisationCommand::RemoveOrganisationAdmin { account, .. }
            | OrganisationCommand::RecordChapterPayment { account, .. } => Some(account),
            OrganisationCommand::CreateOrganisation { .. }
            | OrganisationCommand::EditOrganisation { .. }
            | OrganisationCommand::JoinOrganisation { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        fn changed(to: &mut Written<'_>, field: &str, change: &Change<impl std::fmt::Display>) {
            match change {
                Change::Kept => {}
                Change::Set(value) => _ = to.show(field, value),
                Change::Cleared => _ = to.put(field, ()),
            }
        }
        to.show("organisation", self.organisation());
        if let Some(account) = self.subject() {
            to.show("account", account);
        }
        match self {
            OrganisationCommand::CreateOrganisation { kind, full_name, .. } => {
                to.show("kind", kind).show("full_name", full_name);
            }
            OrganisationCommand::EditOrganisation { full_name, description, .. } => {
                to.show_if("full_name", full_name).show_if("description", description);
            }
            OrganisationCommand::AddOrganisationMember { position, from, until, .. } => {
                to.show_if("position", position).show_if("from", from).show_if("until", until);
            }
            OrganisationCommand::EditOrganisationMember { position, from, until, .. } => {
                changed(to, "position", position);
                changed(to, "from", from);
                changed(to, "until", until);
            }
            OrganisationCommand::AssignOrganisationAdmin { until, .. }
            | OrganisationCommand::RecordChapterPayment { until, .. } => {
                to.show_if("until", until);
            }
            OrganisationCommand::RemoveOrganisationMember { .. }
            | OrganisationCommand::JoinOrganisation { .. }
            | OrganisationCommand::RemoveOrganisationAdmin { .. } => {}
        }
    }
}
