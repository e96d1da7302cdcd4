//! What administrators of companies, committees and chapters may do (rules: O1 to O22): the rulebook's matrix as data, and
//! the facts that decide whether somebody is an administrator whose right has effect.

use grantbook_events::{Licence, OrganisationKind, Position, Setting};
use grantbook_projections::{AsOf, By, Cause, Views, turning_points};

use crate::capability::{STAFF, SYSADMIN, USABLE};
use crate::condition::Condition::{self, All, Any, Is};
use crate::fact::{Fact, Seen, ended};
use crate::question::{On, Question, Standing, Who};

/// How far a right of administrators goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// Not at all.
    No,
    /// As far as it can.
    Yes,
    /// As far as these words say; `beyond` names the parts that it does not reach.
    Only {
        /// The rulebook's words.
        words: &'static str,
        /// What it does not reach.
        beyond: &'static [OrganisationRight],
    },
}

/// One row of the matrix: a right, and how far it goes in each kind of organisation.
#[derive(Clone, Copy, Debug)]
pub struct MatrixRow {
    /// The rule.
    pub rule: &'static str,
    /// The rulebook's words.
    pub words: &'static str,
    /// The rights that the row decides; none for the row that says where a licence is needed.
    pub rights: &'static [OrganisationRight],
    /// In a company, a committee, a chapter with a fee, a chapter without one.
    pub cells: [Extent; 4],
}

/// A right that an administrator may have in an organisation: a row of the matrix, or a part of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrganisationRight {
    /// Add contacts (rule: O2).
    AddContact,
    /// Add contacts that there are already (rule: O2).
    AddExistingContact,
    /// Edit contacts (rule: O3).
    EditContact,
    /// Edit the organisation itself (rule: O4).
    Edit,
    /// Add roles of some kind (rule: O5).
    AddRole,
    /// Give a member a position (rule: O5).
    AddPosition,
    /// Edit roles of some kind: the term of a membership (rule: O6).
    EditRole,
    /// Edit the position of a member, and the term of one who has a position (rule: O6).
    EditPosition,
    /// Delete roles of some kind: that of an administrator (rule: O7).
    DeleteRole,
    /// End a membership, or take a position away (rule: O7).
    RemoveMember,
    /// Make others administrators (rule: O8).
    AssignAdmin,
    /// Edit relationships on profiles (rule: O9).
    EditRelationships,
    /// Select other queries or email (rule: O10).
    SelectQueries,
    /// Pay for members, and join on their behalf (rule: O11).
    Pay,
    /// Bill the organisation (rule: O11).
    Bill,
    /// Register members for events (rule: O12).
    RegisterEvent,
    /// Donate on behalf of contacts (rule: O13).
    Donate,
}

impl OrganisationRight {
    /// The rule whose row decides it.
    pub fn rule(self) -> &'static str {
        match self {
            R::AddContact | R::AddExistingContact => "O2",
            R::EditContact => "O3",
            R::Edit => "O4",
            R::AddRole | R::AddPosition => "O5",
            R::EditRole | R::EditPosition => "O6",
            R::DeleteRole | R::RemoveMember => "O7",
            R::AssignAdmin => "O8",
            R::EditRelationships => "O9",
            R::SelectQueries => "O10",
            R::Pay | R::Bill => "O11",
            R::RegisterEvent => "O12",
            R::Donate => "O13",
        }
    }

    /// What it is, in words that follow "may".
    pub fn words(self) -> &'static str {
        match self {
            R::AddContact => "add new contacts",
            R::AddExistingContact => "add existing contacts",
            R::EditContact => "edit contacts",
            R::Edit => "edit the organisation itself",
            R::AddRole => "add roles",
            R::AddPosition => "give members a position",
            R::EditRole => "edit roles",
            R::EditPosition => "edit positions",
            R::DeleteRole => "delete roles",
            R::RemoveMember => "end memberships",
            R::AssignAdmin => "make others administrators",
            R::EditRelationships => "edit relationships on profiles",
            R::SelectQueries => "select other queries or email",
            R::Pay => "pay for members",
            R::Bill => "bill the organisation",
            R::RegisterEvent => "register members for events",
            R::Donate => "donate on behalf of contacts",
        }
    }
}

use Extent::{No, Only, Yes};
use OrganisationRight as R;

const fn only(words: &'static str, beyond: &'static [OrganisationRight]) -> Extent {
    Only { words, beyond }
}

const ADMINISTRATOR_ONLY: &str = "Chapter Administrator only";
const NEVER_BILLED: Extent = only("yes, never billed to the chapter", &[R::Bill]);

/// The matrix, row by row as the rulebook has it. Columns: company, committee, chapter with a fee, chapter without one.
pub const MATRIX: [MatrixRow; 13] = [
    row("O1", "needs the Group Admin PLUS licence", &[], [No, No, Yes, Yes]),
    row(
        "O2",
        "add contacts",
        &[R::AddContact, R::AddExistingContact],
        [
            only("new ones only", &[R::AddExistingContact]),
            only("new and existing", &[]),
            No,
            only("new ones", &[R::AddExistingContact]),
        ],
    ),
    row("O3", "edit contacts", &[R::EditContact], [Yes, No, Yes, Yes]),
    row("O4", "edit the group itself", &[R::Edit], [Yes, No, No, Yes]),
    row(
        "O5",
        "add roles",
        &[R::AddRole, R::AddPosition],
        [Yes, Yes, only(ADMINISTRATOR_ONLY, &[R::AddPosition]), only(ADMINISTRATOR_ONLY, &[R::AddPosition])],
    ),
    row(
        "O6",
        "edit roles",
        &[R::EditRole, R::EditPosition],
        [
            only("Member and Company Administrator only", &[R::EditPosition]),
            only("yes, positions and terms", &[]),
            No,
            Yes,
        ],
    ),
    row(
        "O7",
        "delete roles",
        &[R::DeleteRole, R::RemoveMember],
        [Yes, No, only(ADMINISTRATOR_ONLY, &[R::RemoveMember]), Yes],
    ),
    row(
        "O8",
        "assign the administrator role to other members",
        &[R::AssignAdmin],
        [only("yes, of the same company", &[]), Yes, Yes, Yes],
    ),
    row("O9", "edit relationships on profiles", &[R::EditRelationships], [No, No, No, No]),
    row("O10", "select other queries or email", &[R::SelectQueries], [No, No, No, No]),
    row(
        "O11",
        "pay invoices and renewals for members, and join on their behalf",
        &[R::Pay, R::Bill],
        [only("yes, may bill the company", &[]), No, NEVER_BILLED, NEVER_BILLED],
    ),
    row(
        "O12",
        "register members for events and bill the organisation",
        &[R::RegisterEvent],
        [only("yes, own primary organisation only", &[]), No, No, No],
    ),
    row("O13", "donate on behalf of contacts", &[R::Donate], [No, No, No, No]),
];

const fn row(
    rule: &'static str,
    words: &'static str,
    rights: &'static [OrganisationRight],
    cells: [Extent; 4],
) -> MatrixRow {
    MatrixRow { rule, words, rights, cells }
}

impl MatrixRow {
    /// How far the right goes in an organisation of a kind.
    pub fn cell(&self, kind: OrganisationKind) -> Extent {
        let [company, committee, chapter_fee, chapter_non_fee] = self.cells;
        match kind {
            OrganisationKind::Company => company,
            OrganisationKind::Committee => committee,
            OrganisationKind::ChapterFee => chapter_fee,
            OrganisationKind::ChapterNonFee => chapter_non_fee,
        }
    }
}

impl Extent {
    /// The rulebook's words for it.
    pub fn words(self) -> &'static str {
        match self {
            No => "no",
            Yes => "yes",
            Only { words, .. } => words,
        }
    }

    fn reaches(self, right: OrganisationRight) -> bool {
        match self {
            No => false,
            Yes => true,
            Only { beyond, .. } => !beyond.contains(&right),
        }
    }
}

/// Whether the matrix gives a right to the administrators of organisations of a kind.
fn gives(kind: OrganisationKind, right: OrganisationRight) -> bool {
    MATRIX.iter().any(|row| row.rights.contains(&right) && row.cell(kind).reaches(right))
}

/// An administrator of the organisation whose right has effect. The first fact is the right itself.
pub(crate) const ORGANISATION_ADMIN: Condition = All(&[
    Is(Fact::OrganisationAdmin),
    USABLE,
    Is(Fact::LicensedAsChapter),
    Is(Fact::MemberOfOrganisation),
    Is(Fact::NotStaffInChapter),
]);

/// Whoever acts for an organisation: its administrator, who sees nobody of another company of theirs (rule: O21).
pub(crate) const ACTING: Condition = All(&[ORGANISATION_ADMIN, Is(Fact::OfNoOtherCompany)]);

macro_rules! by_matrix {
    ($($name:ident = $right:ident),* $(,)?) => {
        $(
            /// An administrator whom the matrix gives the right, or staff.
            pub(crate) const $name: Condition = Any(&[
                All(&[ORGANISATION_ADMIN, Is(Fact::OrganisationGives(OrganisationRight::$right))]),
                STAFF,
            ]);
        )*
    };
}

by_matrix! {
    ADD_CONTACT = AddContact,
    ADD_EXISTING_CONTACT = AddExistingContact,
    EDIT_CONTACT = EditContact,
    ADD_ROLE = AddRole,
    ADD_POSITION = AddPosition,
    EDIT_ROLE = EditRole,
    EDIT_POSITION = EditPosition,
    DELETE_ROLE = DeleteRole,
    REMOVE_MEMBER = RemoveMember,
    ASSIGN_ADMIN = AssignAdmin,
    EDIT_RELATIONSHIPS = EditRelationships,
    SELECT_QUERIES = SelectQueries,
    PAY = Pay,
    DONATE = Donate,
}

/// The organisation itself: its administrators where the matrix says so, and system administrators (rules: O4, G9).
pub(crate) const EDIT: Condition =
    Any(&[All(&[ORGANISATION_ADMIN, Is(Fact::OrganisationGives(OrganisationRight::Edit))]), SYSADMIN]);

/// Nobody but system administrators bills anything else than a company (rules: O11, G9).
pub(crate) const BILL: Condition = Any(&[
    All(&[ORGANISATION_ADMIN, Is(Fact::OrganisationGives(OrganisationRight::Bill))]),
    All(&[STAFF, Is(Fact::OrganisationBilled)]),
    SYSADMIN,
]);

/// In the administrator's own primary organisation only (rule: O12).
pub(crate) const REGISTER_EVENT: Condition = Any(&[
    All(&[
        ORGANISATION_ADMIN,
        Is(Fact::OrganisationGives(OrganisationRight::RegisterEvent)),
        Is(Fact::PrimaryOrganisation),
    ]),
    STAFF,
]);

/// Whether somebody administers an organisation with effect, by what was given alone: a lock passes, and does not count.
pub fn administers(views: &Views, who: u32, organisation: u32, as_of: AsOf) -> bool {
    crate::question::holds(&as_given(views, who, organisation, as_of), &ORGANISATION_ADMIN)
}

/// Why a right to administer an organisation rests: the rule and what brought it about; `None` where it has effect.
pub fn rests(views: &Views, who: u32, organisation: u32, as_of: AsOf) -> Option<(&'static str, Option<Cause>)> {
    let question = as_given(views, who, organisation, as_of);
    if crate::question::holds(&question, &ORGANISATION_ADMIN) {
        return None;
    }
    let missing = ORGANISATION_ADMIN.refusal(&question, "O19").missing;
    Some((missing.rule(), missing.look(&question).cause))
}

fn as_given(views: &Views, who: u32, organisation: u32, as_of: AsOf) -> Question<'_> {
    let on = On::Organisation(organisation);
    Question { views, who: Who::Account(who), standing: Standing::Given, on, as_of }
}

/// The company that an account belongs to first of all: of those that it is a member of, the one joined first (rules:
/// O12, O17).
pub fn primary_organisation(views: &Views, who: u32, as_of: AsOf) -> Option<u32> {
    let companies = member_of(views, who, as_of).filter(|company| kind(views, *company, as_of) == Some(COMPANY));
    let at = |position| views.timeline.at(position);
    companies
        .filter_map(|company| Some((views.organisations.joined(who, company, as_of, &at)?, company)))
        .min_by_key(|(joined, company)| (*joined, views.names.organisations.text(*company)))
        .map(|(_, company)| company)
}

/// The organisations that an account sees: who administers companies sees all of its companies, anyone else the primary
/// one (rule: O17); and everybody the chapters and committees that they are a member of (rule: O20). By name.
pub fn seen_organisations(views: &Views, who: u32, as_of: AsOf) -> Vec<u32> {
    let mut seen: Vec<u32> = member_of(views, who, as_of).collect();
    let administered = views.organisations.administered_by(who).map(|(organisation, _)| organisation);
    let administered: Vec<u32> =
        administered.filter(|organisation| administers(views, who, *organisation, as_of)).collect();
    let company = |organisation: &u32| kind(views, *organisation, as_of) == Some(COMPANY);
    if !administered.iter().any(company) {
        let primary = primary_organisation(views, who, as_of);
        seen.retain(|organisation| !company(organisation) || Some(*organisation) == primary);
    }
    seen.extend(administered);
    seen.sort_unstable_by_key(|organisation| views.names.organisations.text(*organisation));
    seen.dedup();
    seen
}

const COMPANY: OrganisationKind = OrganisationKind::Company;

fn kind(views: &Views, organisation: u32, as_of: AsOf) -> Option<OrganisationKind> {
    views.organisations.organisation(organisation, as_of.position).map(|known| known.kind)
}

fn member_of(views: &Views, who: u32, as_of: AsOf) -> impl Iterator<Item = u32> {
    let ever = views.organisations.organisations_of(who);
    ever.filter(move |organisation| views.organisations.member(who, *organisation, as_of).is_some())
}

/// The organisation that a question is on, or that is acted for.
fn organisation_of(question: &Question<'_>) -> Option<u32> {
    match question.on {
        On::Organisation(organisation) | On::Contact { acting_for: organisation, .. } => Some(organisation),
        On::Nothing | On::Account(_) | On::App(_) | On::Object(_) | On::Community(_) => None,
    }
}

/// The organisation that a question is on, with its kind.
fn asked_of(question: &Question<'_>, as_of: AsOf) -> Option<(u32, OrganisationKind)> {
    let organisation = organisation_of(question)?;
    Some((organisation, kind(question.views, organisation, as_of)?))
}

/// Whether the contact is no member of another company that the account administers: of none, of the one acted for as well,
/// or the account itself (rule: O21).
pub(crate) fn of_no_other_company(question: &Question<'_>, who: u32, as_of: AsOf) -> Seen {
    let On::Contact { contact, acting_for } = question.on else { return Seen::new(true, None) };
    let member = |organisation| question.views.organisations.member(contact, organisation, as_of);
    if contact == who || member(acting_for).is_some() {
        return Seen::new(true, None);
    }
    let companies = member_of(question.views, contact, as_of);
    let theirs = companies.filter(|company| {
        let company = (*company, kind(question.views, *company, as_of));
        company.1 == Some(COMPANY) && admin(question.views, who, company.0, COMPANY, as_of).holds
    });
    let given = theirs.filter_map(member).map(|membership| membership.given).min();
    Seen::new(given.is_none(), given)
}

/// Whether an account has the right to administer the organisation (rules: O14, O15).
pub(crate) fn administrator(question: &Question<'_>, who: u32, as_of: AsOf) -> Seen {
    let Some((organisation, kind)) = asked_of(question, as_of) else { return NO };
    admin(question.views, who, organisation, kind, as_of)
}

/// Whether it is a member, where administrators must be: those of companies may be contacts outside (rule: O14).
pub(crate) fn member_where_needed(question: &Question<'_>, who: u32, as_of: AsOf) -> Seen {
    let Some((organisation, kind)) = asked_of(question, as_of) else { return NO };
    let organisations = &question.views.organisations;
    match organisations.member(who, organisation, as_of) {
        Some(membership) if kind != COMPANY => Seen::new(true, Some(membership.given)),
        Some(_) => Seen::new(true, None),
        None if kind == COMPANY => Seen::new(true, None),
        None => {
            let history = organisations.membership_history(who, organisation);
            Seen { holds: false, cause: history.and_then(|history| ended(history, as_of)) }
        }
    }
}

/// Whether the organisation is the account's primary one (rule: O12).
pub(crate) fn primary(question: &Question<'_>, who: u32, as_of: AsOf) -> Seen {
    let Some((organisation, _)) = asked_of(question, as_of) else { return NO };
    let membership = question.views.organisations.member(who, organisation, as_of);
    let primary = primary_organisation(question.views, who, as_of);
    Seen::new(primary == Some(organisation), membership.map(|membership| membership.given))
}

/// Whether the account is not staff, where the organisation is a chapter (rule: O14).
pub(crate) fn not_staff_in_chapter(question: &Question<'_>, who: u32, as_of: AsOf) -> Seen {
    let Some((_, kind)) = asked_of(question, as_of) else { return NO };
    match question.views.credentials.full(who, as_of.position).filter(|_| kind.is_chapter()) {
        Some((set, full)) => Seen::new(!full, Some(set)),
        None => Seen::new(true, None),
    }
}

/// Whether the matrix gives a right to the administrators of organisations of this kind.
pub(crate) fn matrix_gives(question: &Question<'_>, right: OrganisationRight, as_of: AsOf) -> Seen {
    let Some((organisation, kind)) = asked_of(question, as_of) else { return NO };
    Seen::new(gives(kind, right), created(question.views, organisation, as_of))
}

/// Whether the organisation can be billed: a company (rule: O11).
pub(crate) fn billed(question: &Question<'_>, as_of: AsOf) -> Seen {
    let Some((organisation, kind)) = asked_of(question, as_of) else { return NO };
    Seen::new(kind == COMPANY, created(question.views, organisation, as_of))
}

/// Whether the licence Group Admin PLUS is there, where the organisation is a chapter (rules: O1, O19).
pub(crate) fn licensed(question: &Question<'_>, as_of: AsOf) -> Seen {
    let Some((organisation, kind)) = asked_of(question, as_of) else { return NO };
    if !kind.is_chapter() {
        return Seen::new(true, created(question.views, organisation, as_of));
    }
    let Some((recorded, until)) = question.views.tenant.licence_recorded(Licence::GroupAdminPlus, as_of.position)
    else {
        return NO;
    };
    match until.filter(|until| *until <= as_of.clock) {
        Some(lapsed) => Seen { holds: false, cause: Some(Cause::Clock(lapsed)) },
        None => Seen::new(true, Some(recorded)),
    }
}

/// Nothing of the kind was ever recorded.
const NO: Seen = Seen { holds: false, cause: None };

fn created(views: &Views, organisation: u32, as_of: AsOf) -> Option<Position> {
    views.organisations.organisation(organisation, as_of.position).map(|known| known.created)
}

/// The right to administer the organisation: given on it; or, where the setting says so, given on another company, if
/// the account is a member of this one (rule: O15). A membership that it gave itself (rule: O22) does not extend it: else
/// whoever administers one company could make themselves administer any.
fn admin(views: &Views, who: u32, organisation: u32, of_kind: OrganisationKind, as_of: AsOf) -> Seen {
    let organisations = &views.organisations;
    let own = organisations.administrator(who, organisation, as_of).map(|(given, _)| given);
    let extended = || {
        let at = |position| views.timeline.at(position);
        let on = views.settings.value(Setting::CompanyAdminsAllOrganisations, as_of.position) == 1;
        let joined = organisations.joined(who, organisation, as_of, &at)?;
        let by_itself = views.timeline.by(joined) == By::Account(who);
        let member = organisations.member(who, organisation, as_of).is_some();
        if of_kind != COMPANY || !on || !member || by_itself {
            return None;
        }
        let companies = organisations.administered_by(who).map(|(company, _)| company);
        let companies = companies.filter(|company| kind(views, *company, as_of) == Some(COMPANY));
        companies.filter_map(|company| Some(organisations.administrator(who, company, as_of)?.0)).min()
    };
    let given = [own, extended()].into_iter().flatten().min();
    match given {
        Some(given) => Seen::new(true, Some(given)),
        None => {
            let history = organisations.administrator_history(who, organisation);
            Seen { holds: false, cause: history.and_then(|history| ended(history, as_of)) }
        }
    }
}

/// When a fact of an account about organisations may have changed: its memberships, its rights, and the setting that
/// extends these.
pub(crate) fn own_points(views: &Views, who: u32, as_of: AsOf, into: &mut Vec<Cause>) {
    for (_, history) in views.organisations.administered_by(who) {
        turning_points(history, as_of, into);
    }
    for organisation in views.organisations.organisations_of(who) {
        views.organisations.membership_points(who, organisation, as_of, into);
    }
    let extended = views.settings.history(Setting::CompanyAdminsAllOrganisations).into_iter();
    into.extend(extended.flat_map(|set| set.changes_to(as_of.position)).map(|(set, _)| Cause::Entry(set)));
}

/// What people call the organisation that a question is on.
pub(crate) fn called(question: &Question<'_>) -> String {
    let Some(organisation) = organisation_of(question) else { return "the organisation".to_owned() };
    let known = question.views.organisations.organisation(organisation, question.as_of.position);
    known.map_or_else(|| "the organisation".to_owned(), |known| known.full_name.clone())
}
