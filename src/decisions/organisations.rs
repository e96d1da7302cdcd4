//! Decisions on organisations (chapter O). What administrators may do is the matrix of the rights room; here is what else
//! must be so: of members, of chapters with a fee, of whom the right goes to.

use grantbook_events::{
    AccountId, Change, Date, Event, Instant, Label, Licence, OrganisationEvent, OrganisationKind, OrganisationName,
    Position,
};
use grantbook_projections::{Membership, Organisation, Term};
use grantbook_rights::{Capability, On};

use crate::case::{Acting, Case, Outcome};
use crate::command::OrganisationCommand;
use crate::dashboard::{future_end, same_grant};
use crate::refusal::Refusal;

pub(crate) fn decide(command: &OrganisationCommand, case: &Case<'_>) -> Outcome {
    match command {
        OrganisationCommand::CreateOrganisation { organisation, kind, full_name } => {
            create(organisation, *kind, full_name, case)
        }
        OrganisationCommand::EditOrganisation { organisation, full_name, description } => {
            edit(organisation, full_name.as_ref(), description.as_ref(), case)
        }
        OrganisationCommand::AddOrganisationMember { organisation, account, position, from, until } => {
            let wanted = Wanted { position: position.clone(), from: *from, until: *until };
            add_member(organisation, account, wanted, case)
        }
        OrganisationCommand::EditOrganisationMember { organisation, account, position, from, until } => {
            edit_member(organisation, account, (position, from, until), case)
        }
        OrganisationCommand::RemoveOrganisationMember { organisation, account } => {
            remove_member(organisation, account, case)
        }
        OrganisationCommand::JoinOrganisation { organisation } => join(organisation, case),
        OrganisationCommand::AssignOrganisationAdmin { organisation, account, until } => {
            assign_admin(organisation, account, *until, case)
        }
        OrganisationCommand::RemoveOrganisationAdmin { organisation, account } => {
            remove_admin(organisation, account, case)
        }
        OrganisationCommand::RecordChapterPayment { organisation, account, until } => {
            record_payment(organisation, account, *until, case)
        }
    }
}

/// A membership as it is to be.
#[derive(Clone, PartialEq, Eq)]
struct Wanted {
    position: Option<Label>,
    from: Option<Date>,
    until: Option<Instant>,
}

impl Wanted {
    fn of(membership: &Membership<'_>) -> Wanted {
        let Term { position, from } = membership.term.clone();
        Wanted { position, from, until: membership.holding.until() }
    }

    fn added(self, organisation: &OrganisationName, account: &AccountId) -> OrganisationEvent {
        let Wanted { position, from, until } = self;
        let (organisation, account) = (organisation.clone(), account.clone());
        OrganisationEvent::OrganisationMemberAdded { organisation, account, position, from, until }
    }

    fn edited(self, organisation: &OrganisationName, account: &AccountId) -> OrganisationEvent {
        let Wanted { position, from, until } = self;
        let (organisation, account) = (organisation.clone(), account.clone());
        OrganisationEvent::OrganisationMemberEdited { organisation, account, position, from, until }
    }
}

/// An organisation that a command is on, and the authority to do it there.
pub(crate) struct Ground<'a> {
    pub(crate) number: u32,
    pub(crate) known: &'a Organisation,
    pub(crate) authority: Option<Position>,
}

/// The authority to do `capability` on the organisation of a name. Errors: the actor lacks the right, on that one or, of
/// a name that there is not, on any; or there is no such organisation.
pub(crate) fn ground<'a>(
    name: &OrganisationName,
    capability: Capability,
    case: &Case<'a>,
) -> Result<Ground<'a>, Refusal> {
    let found = case.organisation(name);
    let number = found.as_ref().map_or(u32::MAX, |(number, _)| *number);
    let authority = case.require(capability, On::Organisation(number))?;
    let (number, known) = found?;
    Ok(Ground { number, known, authority })
}

impl Ground<'_> {
    fn also(&self, capability: Capability, case: &Case<'_>) -> Result<(), Refusal> {
        case.require(capability, On::Organisation(self.number)).map(|_| ())
    }

    /// The membership that is recorded and not over, be its first day yet to come.
    fn membership<'c>(&self, who: u32, case: &Case<'c>) -> Option<Membership<'c>> {
        let membership = case.views.organisations.membership(who, self.number, case.now.position);
        membership.filter(|membership| membership.holding.in_force(case.at()))
    }

    fn one(&self, event: OrganisationEvent) -> Outcome {
        Ok(vec![(self.authority, Event::Organisation(event))])
    }
}

/// Contacts join a chapter with a fee only by paying (rule: O18).
pub(crate) fn joined_without_paying(known: &Organisation) -> Result<(), Refusal> {
    match known.kind {
        OrganisationKind::ChapterFee => {
            let message = format!("one joins `{}` only by paying: record the payment", known.name);
            Err(Refusal::conflict("O18", message))
        }
        OrganisationKind::Company | OrganisationKind::Committee | OrganisationKind::ChapterNonFee => Ok(()),
    }
}

/// No numbered rule names who creates organisations: system administrators do.
fn create(name: &OrganisationName, kind: OrganisationKind, full_name: &str, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::OrganisationsManage, On::Nothing)?;
    if let Ok((_, known)) = case.organisation(name) {
        let names = (name.as_str(), known.name.as_str());
        return Err(Refusal::name_taken("O4", "an organisation", names, Some(known.created)));
    }
    let (organisation, full_name) = (name.clone(), full_name.to_owned());
    let created = OrganisationEvent::OrganisationCreated { organisation, kind, full_name };
    Ok(vec![(authority, Event::Organisation(created))])
}

fn edit(name: &OrganisationName, full_name: Option<&String>, description: Option<&String>, case: &Case<'_>) -> Outcome {
    let ground = ground(name, Capability::OrganisationEdit, case)?;
    ground.one(OrganisationEvent::OrganisationEdited {
        organisation: ground.known.name.clone(),
        full_name: full_name.cloned(),
        description: description.cloned(),
    })
}

/// Members of anything but a chapter with a fee are added by hand (rules: O2, O16, O18). Adding who is a member already
/// changes what they are, and takes what changing it takes (rules: O5, O6, O7).
fn add_member(name: &OrganisationName, account: &AccountId, wanted: Wanted, case: &Case<'_>) -> Outcome {
    let ground = ground(name, Capability::OrganisationAddExistingContact, case)?;
    if wanted.position.is_some() {
        ground.also(Capability::OrganisationAddPosition, case)?;
    }
    let who = case.account(account)?;
    joined_without_paying(ground.known)?;
    well_ordered(&wanted, case)?;
    if let Some(membership) = ground.membership(who, case) {
        let now = Wanted::of(&membership);
        if now == wanted {
            return Err(Refusal::conflict("G10", format!("`{account}` is such a member of `{name}` already")));
        }
        ground.also(Capability::OrganisationEditRole, case)?;
        changes_as_allowed(&ground, &now, &wanted, case)?;
    }
    ground.one(wanted.added(&ground.known.name, account))
}

/// A term ends after it begins, and not before now.
fn well_ordered(wanted: &Wanted, case: &Case<'_>) -> Result<(), Refusal> {
    future_end(wanted.until, case)?;
    match (wanted.from, wanted.until) {
        (Some(from), Some(until)) if until <= from.start() => {
            Err(Refusal::conflict("O6", format!("the term would end, at {until}, before it begins, on {from}")))
        }
        _ => Ok(()),
    }
}

/// Changing what a member is takes the right to edit roles, and what [`changes_as_allowed`] asks.
fn edit_member(
    name: &OrganisationName,
    account: &AccountId,
    changes: (&Change<Label>, &Change<Date>, &Change<Instant>),
    case: &Case<'_>,
) -> Outcome {
    let ground = ground(name, Capability::OrganisationEditRole, case)?;
    let who = case.account(account)?;
    let Some(membership) = ground.membership(who, case) else {
        return Err(Refusal::conflict("O6", format!("`{account}` is no member of `{name}`")));
    };
    let now = Wanted::of(&membership);
    let (position, from, until) = changes;
    let wanted = Wanted {
        position: changed(position, &now.position),
        from: changed(from, &now.from),
        until: changed(until, &now.until),
    };
    changes_as_allowed(&ground, &now, &wanted, case)?;
    if now == wanted {
        return Err(Refusal::conflict("G10", format!("`{account}` is such a member of `{name}` already")));
    }
    if longer(wanted.until, now.until) {
        joined_without_paying(ground.known)?;
    }
    well_ordered(&wanted, case)?;
    ground.one(wanted.edited(&ground.known.name, account))
}

/// Giving a position, changing one and taking one away each takes its own row of the matrix, and so does the term of who
/// has one (rules: O5, O6, O7).
fn changes_as_allowed(ground: &Ground<'_>, now: &Wanted, wanted: &Wanted, case: &Case<'_>) -> Result<(), Refusal> {
    match (&now.position, &wanted.position) {
        (None, Some(_)) => ground.also(Capability::OrganisationAddPosition, case)?,
        (Some(_), None) => ground.also(Capability::OrganisationRemoveMember, case)?,
        (Some(before), Some(after)) if before != after => ground.also(Capability::OrganisationEditPosition, case)?,
        (Some(_), Some(_)) | (None, None) => {}
    }
    let term_changes = (now.from, now.until) != (wanted.from, wanted.until);
    if term_changes && wanted.position.is_some() {
        ground.also(Capability::OrganisationEditPosition, case)?;
    }
    Ok(())
}

fn changed<T: Clone>(change: &Change<T>, now: &Option<T>) -> Option<T> {
    match change {
        Change::Kept => now.clone(),
        Change::Set(value) => Some(value.clone()),
        Change::Cleared => None,
    }
}

/// Whether one end is later than another; none is later than any.
fn longer(one: Option<Instant>, other: Option<Instant>) -> bool {
    one.unwrap_or(Instant::LATEST) > other.unwrap_or(Instant::LATEST)
}

/// With the membership ends the right to administer, in the same entry: who is to have it from outside is given it anew.
fn remove_member(name: &OrganisationName, account: &AccountId, case: &Case<'_>) -> Outcome {
    let ground = ground(name, Capability::OrganisationRemoveMember, case)?;
    let who = case.account(account)?;
    if ground.membership(who, case).is_none() {
        return Err(Refusal::conflict("O7", format!("`{account}` is no member of `{name}`")));
    }
    let (organisation, account) = (ground.known.name.clone(), account.clone());
    let mut events = Vec::new();
    if case.views.organisations.administrator(who, ground.number, case.now).is_some() {
        let (organisation, account) = (organisation.clone(), account.clone());
        let removed = OrganisationEvent::OrganisationAdminRemoved { organisation, account };
        events.push((ground.authority, Event::Organisation(removed)));
    }
    let removed = OrganisationEvent::OrganisationMemberRemoved { organisation, account };
    events.push((ground.authority, Event::Organisation(removed)));
    Ok(events)
}

/// Contacts add themselves (rule: O22).
fn join(name: &OrganisationName, case: &Case<'_>) -> Outcome {
    let ground = ground(name, Capability::OrganisationJoin, case)?;
    let (who, account) = match case.acting {
        Acting::Account { who, .. } => (who, case.views.account_id(who)),
        Acting::Guest | Acting::Support | Acting::Relayed | Acting::Imported { .. } => (u32::MAX, None),
    };
    let Some(account) = account else {
        let message = "history made elsewhere names the member: give it as `add_organisation_member`";
        return Err(Refusal::conflict("O22", message));
    };
    joined_without_paying(ground.known)?;
    if ground.membership(who, case).is_some() {
        return Err(Refusal::conflict("G10", format!("you are a member of `{name}` already")));
    }
    let wanted = Wanted { position: None, from: None, until: None };
    ground.one(wanted.added(&ground.known.name, &account))
}

/// Staff give the right on a company to members and to others, company administrators to other members of the company
/// (rules: O8, O14); on a committee it goes to members, on a chapter to members who are not staff, and only under the licence
/// (rules: O14, O19).
fn assign_admin(name: &OrganisationName, account: &AccountId, until: Option<Instant>, case: &Case<'_>) -> Outcome {
    let ground = ground(name, Capability::OrganisationAssignAdmin, case)?;
    let who = case.account(account)?;
    let member = case.views.organisations.member(who, ground.number, case.now).is_some();
    if !case.has(Capability::ContactsAccess, On::Nothing) {
        let itself = case.acting_account() == Some(who);
        if itself || !member {
            return Err(Refusal::forbidden("O8", format!("you may do that for other members of `{name}` alone")));
        }
    }
    future_end(until, case)?;
    let kind = ground.known.kind;
    if kind.is_chapter() && case.views.tenant.licence(Licence::GroupAdminPlus, case.now).is_none() {
        return Err(Refusal::conflict("O19", "chapters have administrators only under the licence Group Admin PLUS"));
    }
    if kind != OrganisationKind::Company && !member {
        return Err(Refusal::conflict("O14", format!("`{account}` is no member of `{name}`")));
    }
    if kind.is_chapter() && case.full(who) {
        return Err(Refusal::conflict("O14", format!("`{account}` is staff, who do not administer chapters")));
    }
    let held = case.views.organisations.administrator(who, ground.number, case.now);
    if same_grant(held, 1, until) {
        return Err(Refusal::conflict("G10", format!("`{account}` administers `{name}` already")));
    }
    // An earlier end takes a part of the right away, and so what taking it away takes (rule: O7).
    if held.is_some_and(|(_, holding)| longer(holding.until(), until)) {
        ground.also(Capability::OrganisationDeleteRole, case)?;
    }
    let (organisation, account) = (ground.known.name.clone(), account.clone());
    ground.one(OrganisationEvent::OrganisationAdminAssigned { organisation, account, until })
}

fn remove_admin(name: &OrganisationName, account: &AccountId, case: &Case<'_>) -> Outcome {
    let ground = ground(name, Capability::OrganisationDeleteRole, case)?;
    let who = case.account(account)?;
    if case.views.organisations.administrator(who, ground.number, case.now).is_none() {
        return Err(Refusal::conflict("O7", format!("`{account}` does not administer `{name}`")));
    }
    let (organisation, account) = (ground.known.name.clone(), account.clone());
    ground.one(OrganisationEvent::OrganisationAdminRemoved { organisation, account })
}

/// A payment makes a member of a chapter with a fee, or renews the membership, in the same entry (rules: O11, O18). Whoever
/// recorded their own would join without paying, so nobody but a SysAdmin does (rules: O18, G9).
fn record_payment(name: &OrganisationName, account: &AccountId, until: Option<Instant>, case: &Case<'_>) -> Outcome {
    let ground = ground(name, Capability::OrganisationPay, case)?;
    let who = case.account(account)?;
    if case.acting_account() == Some(who) && !case.has(Capability::OrganisationsManage, On::Nothing) {
        return Err(Refusal::forbidden("O18", "somebody else records your own payment"));
    }
    if ground.known.kind != OrganisationKind::ChapterFee {
        return Err(Refusal::conflict("O18", format!("`{name}` is no chapter that one joins by paying")));
    }
    future_end(until, case)?;
    let membership = ground.membership(who, case);
    let name = ground.known.name.clone();
    let event = match membership {
        Some(membership) => {
            let wanted = Wanted { until, ..Wanted::of(&membership) };
            if !longer(until, membership.holding.until()) {
                let message = format!("`{account}` is a member of `{name}` that long already");
                return Err(Refusal::conflict("G10", message));
            }
            wanted.edited(&name, account)
        }
        None => Wanted { position: None, from: None, until }.added(&name, account),
    };
    let paid = OrganisationEvent::ChapterPaymentRecorded { organisation: name, account: account.clone(), until };
    Ok(vec![(ground.authority, Event::Organisation(paid)), (ground.authority, Event::Organisation(event))])
}
