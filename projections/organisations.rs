//! Organisations: which there are, who is a member of each, who administers it (chapter O).

use grantbook_events::{Date, Instant, Label, OrganisationEvent, OrganisationKind, OrganisationName, Position};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Cause, Facts, under_own_numbers};
use crate::holdings::{Holdings, turning_points};
use crate::names::{FastMap, Names};

/// What is known of an organisation.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Organisation {
    /// Its name as it was written when it was created.
    pub name: OrganisationName,
    /// Its kind, which never changes.
    pub kind: OrganisationKind,
    /// What people call it.
    pub full_name: String,
    /// What it is for.
    pub description: String,
    /// The entry that created it.
    pub created: Position,
}

/// What there is to a membership beside its end.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
pub struct Term {
    /// The position that the member has; none for an ordinary member.
    pub position: Option<Label>,
    /// The first day.
    pub from: Option<Date>,
}

/// A membership as it is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Membership<'a> {
    /// The entry that gave it its present form.
    pub given: Position,
    /// Its end.
    pub holding: Holding,
    /// Its position and first day.
    pub term: &'a Term,
}

impl Membership<'_> {
    /// Whether its time has come and is not over.
    pub fn in_force(&self, clock: Instant) -> bool {
        self.holding.in_force(clock) && self.term.from.is_none_or(|from| from.start() <= clock)
    }
}

/// The organisations of a tenant, by the number of their name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Organisations {
    known: Facts<Organisation>,
    pub(crate) members: Holdings,
    slots: FastMap<(u32, u32), u32>,
    terms: Facts<Term>,
    pub(crate) administrators: Holdings,
    payments: Facts<Option<Instant>>,
}

impl Organisations {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &OrganisationEvent) {
        let number = |names: &mut Names, name: &OrganisationName| names.organisations.intern(name.as_str());
        match event {
            OrganisationEvent::OrganisationCreated { organisation, kind, full_name } => {
                let state = Organisation {
                    name: organisation.clone(),
                    kind: *kind,
                    full_name: full_name.clone(),
                    description: String::new(),
                    created: at,
                };
                self.known.set(number(names, organisation), at, state);
            }
            OrganisationEvent::OrganisationEdited { organisation, full_name, description } => {
                let number = number(names, organisation);
                if let Some(mut state) = self.known.last(number).cloned() {
                    state.full_name = full_name.clone().unwrap_or(state.full_name);
                    state.description = description.clone().unwrap_or(state.description);
                    self.known.set(number, at, state);
                }
            }
            OrganisationEvent::OrganisationMemberAdded { organisation, account, position, from, until }
            | OrganisationEvent::OrganisationMemberEdited { organisation, account, position, from, until } => {
                let (who, number) = (names.accounts.intern(account.as_str()), number(names, organisation));
                self.members.set(who, number, at, Holding::held(1, *until));
                let slot = self.slot(who, number);
                self.terms.set(slot, at, Term { position: position.clone(), from: *from });
            }
            OrganisationEvent::OrganisationMemberRemoved { organisation, account } => {
                let (who, number) = (names.accounts.intern(account.as_str()), number(names, organisation));
                self.members.set(who, number, at, Holding::NOT_HELD);
            }
            OrganisationEvent::OrganisationAdminAssigned { organisation, account, until } => {
                let (who, number) = (names.accounts.intern(account.as_str()), number(names, organisation));
                self.administrators.set(who, number, at, Holding::held(1, *until));
            }
            OrganisationEvent::OrganisationAdminRemoved { organisation, account } => {
                let (who, number) = (names.accounts.intern(account.as_str()), number(names, organisation));
                self.administrators.set(who, number, at, Holding::NOT_HELD);
            }
            OrganisationEvent::ChapterPaymentRecorded { organisation, account, until } => {
                let (who, number) = (names.accounts.intern(account.as_str()), number(names, organisation));
                let slot = self.slot(who, number);
                self.payments.set(slot, at, *until);
            }
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Organisations { known, members, slots: _, terms, administrators, payments } = self;
        known.retract(at);
        members.retract(at);
        terms.retract(at);
        administrators.retract(at);
        payments.retract(at);
    }

    fn slot(&mut self, who: u32, organisation: u32) -> u32 {
        let next = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        *self.slots.entry((who, organisation)).or_insert(next)
    }

    /// What is known of an organisation.
    pub fn organisation(&self, organisation: u32, position: Position) -> Option<&Organisation> {
        self.known.at(organisation, position)
    }

    /// Every organisation as of a position, by name.
    pub fn all(&self, position: Position) -> Vec<(u32, &Organisation)> {
        let mut all: Vec<_> =
            self.known.keys().filter_map(|number| Some((number, self.known.at(number, position)?))).collect();
        all.sort_unstable_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        all
    }

    /// Whether every organisation is kept under the number of its name, and there are as many places for terms and payments as
    /// were ever used: a place that was given twice would be somebody else's.
    pub fn agrees(&self, names: &Names) -> bool {
        let own = |number, known: &Organisation| names.organisations.is(number, known.name.as_str());
        let used = self.terms.count().max(self.payments.count());
        under_own_numbers(&self.known, own) && self.slots.len() == used as usize
    }

    /// The membership recorded as of a position, whether its time has come or is over or not.
    pub fn membership(&self, who: u32, organisation: u32, position: Position) -> Option<Membership<'_>> {
        let (given, holding) = self.members.history(who, organisation)?.change_at(position)?;
        let term = self.terms.at(*self.slots.get(&(who, organisation))?, position)?;
        (holding.weight > 0).then_some(Membership { given, holding, term })
    }

    /// The membership in force as of then.
    pub fn member(&self, who: u32, organisation: u32, as_of: AsOf) -> Option<Membership<'_>> {
        self.membership(who, organisation, as_of.position).filter(|membership| membership.in_force(as_of.clock))
    }

    /// The entry by which the membership recorded as of a position began: changes of its position or term, and renewals
    /// in time, go on with it.
    pub fn joined(
        &self,
        who: u32,
        organisation: u32,
        as_of: AsOf,
        at: &dyn Fn(Position) -> Instant,
    ) -> Option<Position> {
        let mut joined = None;
        let mut before: Option<Holding> = None;
        for (given, holding) in self.members.history(who, organisation)?.changes_to(as_of.position) {
            let goes_on = before.is_some_and(|before| before.in_force(at(given)));
            if !goes_on {
                joined = Some(given);
            }
            before = Some(holding);
        }
        joined
    }

    /// The history of a membership: its entries and ends.
    pub fn membership_history(&self, who: u32, organisation: u32) -> Option<&GrantHistory> {
        self.members.history(who, organisation)
    }

    /// The positions and first days that a membership has had, each with the entry that set it.
    pub fn terms(&self, who: u32, organisation: u32, position: Position) -> impl Iterator<Item = (Position, &Term)> {
        let history = self.slots.get(&(who, organisation)).and_then(|slot| self.terms.history(*slot));
        history.into_iter().flat_map(move |terms| terms.changes_to(position))
    }

    /// The moments at which a membership may have changed: its entries, its first days and its ends.
    pub fn membership_points(&self, who: u32, organisation: u32, as_of: AsOf, into: &mut Vec<Cause>) {
        if let Some(history) = self.members.history(who, organisation) {
            turning_points(history, as_of, into);
        }
        let terms = self.slots.get(&(who, organisation)).and_then(|slot| self.terms.history(*slot));
        let days = terms.into_iter().flat_map(|terms| terms.changes_to(as_of.position));
        let starts = days.filter_map(|(_, term)| term.from).map(Date::start);
        into.extend(starts.filter(|start| *start <= as_of.clock).map(Cause::Clock));
    }

    /// The members of an organisation as of a position, terms and ends not looked at. Not in an order to show.
    pub fn members(&self, organisation: u32, position: Position) -> impl Iterator<Item = (u32, Membership<'_>)> {
        let recorded = self.members.recorded_holders(organisation, position);
        recorded.filter_map(move |(who, ..)| Some((who, self.membership(who, organisation, position)?)))
    }

    /// The organisations that an account was ever a member of.
    pub fn organisations_of(&self, who: u32) -> impl Iterator<Item = u32> {
        self.members.things_of(who).map(|(organisation, _)| organisation)
    }

    /// The organisations that an account ever had to do with: as a member, as an administrator. By number.
    pub fn ever_of(&self, who: u32) -> Vec<u32> {
        let administered = self.administrators.things_of(who).map(|(organisation, _)| organisation);
        let mut organisations: Vec<u32> = self.organisations_of(who).chain(administered).collect();
        organisations.sort_unstable();
        organisations.dedup();
        organisations
    }

    /// The right to administer an organisation in force as of then, with the entry that gave it. Whether it has any
    /// effect is for the rights to say.
    pub fn administrator(&self, who: u32, organisation: u32, as_of: AsOf) -> Option<(Position, Holding)> {
        self.administrators.in_force(who, organisation, as_of)
    }

    /// The history of a right to administer.
    pub fn administrator_history(&self, who: u32, organisation: u32) -> Option<&GrantHistory> {
        self.administrators.history(who, organisation)
    }

    /// The administrators of an organisation as of a position, ends not looked at. Not in an order to show.
    pub fn administrators(
        &self,
        organisation: u32,
        position: Position,
    ) -> impl Iterator<Item = (u32, Position, Holding)> {
        self.administrators.recorded_holders(organisation, position)
    }

    /// Every right to administer that there ever was: account, organisation. Not in an order to show.
    pub fn ever_administered(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.administrators.all()
    }

    /// Those rights to administer that ever had an end (rule: G10).
    pub fn administered_ending(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.administrators.ending()
    }

    /// Every membership that there ever was: account, organisation. Not in an order to show.
    pub fn ever_members(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.members.all()
    }

    /// Those memberships that ever had an end.
    pub fn members_ending(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.members.ending()
    }

    /// Everyone who was ever given the right to administer any organisation. Not in an order to show.
    pub fn ever_administrators(&self) -> impl Iterator<Item = u32> {
        self.administrators.all().map(|(who, ..)| who)
    }

    /// The organisations that an account was ever given the right to administer.
    pub fn administered_by(&self, who: u32) -> impl Iterator<Item = (u32, &GrantHistory)> {
        self.administrators.things_of(who)
    }

    /// The last payment for a membership in a chapter: by which entry it was recorded, and until when it is paid.
    pub fn paid(&self, who: u32, organisation: u32, position: Position) -> Option<(Position, Option<Instant>)> {
        let (recorded, until) = self.payments.change_at(*self.slots.get(&(who, organisation))?, position)?;
        Some((recorded, *until))
    }
}
