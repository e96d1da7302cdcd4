//! Contacts: which accounts exist, and what is known of the people (rules: C1, C15). Personal values stay sealed.

use grantbook_events::{
    AccountId, Change, ContactCondition, ContactDetails, ContactEvent, ContactField, KeyId, Label, Position, Sealed,
    SealedEmail,
};
use serde::{Deserialize, Serialize};

use crate::history::{AsOf, Cause, Facts, History};
use crate::names::{Names, Numbers};
use crate::timeline::account_id;

/// Details of a contact that no rule asks for, but people do.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
pub struct Address {
    /// City.
    pub city: Option<Sealed>,
    /// State or province.
    pub state: Option<Sealed>,
    /// Country.
    pub country: Option<Sealed>,
    /// Phone number.
    pub phone: Option<Sealed>,
    /// Where the picture lies.
    pub picture: Option<Sealed>,
}

/// The contacts of a tenant, by account number.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Accounts {
    /// `true` from when it was added, `false` from when it was removed.
    exists: Facts<bool>,
    key: Facts<KeyId>,
    full_name: Facts<Sealed>,
    email: Facts<Option<SealedEmail>>,
    member_type: Facts<Option<Label>>,
    status: Facts<Option<Label>>,
    address: Facts<Box<Address>>,
}

impl Accounts {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &ContactEvent) {
        match event {
            ContactEvent::ContactAdded { account, key, details } => {
                let who = names.accounts.intern(account.as_str());
                self.exists.set(who, at, true);
                self.key.set(who, at, *key);
                self.change(who, at, details);
            }
            ContactEvent::ContactUpdated { account, details } => {
                self.change(names.accounts.intern(account.as_str()), at, details);
            }
            ContactEvent::AccountRemoved { account } => {
                self.exists.set(names.accounts.intern(account.as_str()), at, false);
            }
        }
    }

    fn change(&mut self, who: u32, at: Position, details: &ContactDetails) {
        let ContactDetails { full_name, email, member_type, status, city, state, country, phone, picture } = details;
        if let Change::Set(name) = full_name {
            self.full_name.set(who, at, name.clone());
        }
        optional(&mut self.email, who, at, email);
        optional(&mut self.member_type, who, at, member_type);
        optional(&mut self.status, who, at, status);
        let mut address = self.address.last(who).cloned().unwrap_or_default();
        let changed = [
            replace(&mut address.city, city),
            replace(&mut address.state, state),
            replace(&mut address.country, country),
            replace(&mut address.phone, phone),
            replace(&mut address.picture, picture),
        ];
        if changed.contains(&true) {
            self.address.set(who, at, address);
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Accounts { exists, key, full_name, email, member_type, status, address } = self;
        exists.retract(at);
        key.retract(at);
        full_name.retract(at);
        email.retract(at);
        member_type.retract(at);
        status.retract(at);
        address.retract(at);
    }

    /// Whether an account exists: it was added and not removed.
    pub fn exists(&self, who: u32, position: Position) -> bool {
        self.exists.at(who, position).copied().unwrap_or(false)
    }

    /// Whether an account was ever there: its id is never given again (rule: C15).
    pub fn ever_existed(&self, who: u32, position: Position) -> bool {
        self.exists.at(who, position).is_some()
    }

    /// When an account was added and removed.
    pub fn existence(&self, who: u32) -> Option<&History<bool>> {
        self.exists.history(who)
    }

    /// The key that seals the contact's personal values.
    pub fn key(&self, who: u32, position: Position) -> Option<KeyId> {
        self.key.at(who, position).copied()
    }

    /// The full name, sealed.
    pub fn full_name(&self, who: u32, position: Position) -> Option<&Sealed> {
        self.full_name.at(who, position)
    }

    /// The contact's email, sealed.
    pub fn email(&self, who: u32, position: Position) -> Option<&SealedEmail> {
        self.email.at(who, position)?.as_ref()
    }

    /// The emails that a contact ever had, sealed.
    pub fn email_history(&self, who: u32) -> Option<&History<Option<SealedEmail>>> {
        self.email.history(who)
    }

    /// The full names that a contact ever had, sealed.
    pub fn full_name_history(&self, who: u32) -> Option<&History<Sealed>> {
        self.full_name.history(who)
    }

    /// The further details that a contact ever had, sealed.
    pub fn address_history(&self, who: u32) -> Option<&History<Box<Address>>> {
        self.address.history(who)
    }

    /// The history of the status.
    pub fn status_history(&self, who: u32) -> Option<&History<Option<Label>>> {
        self.status.history(who)
    }

    /// The member type, with the entry that set it.
    pub fn member_type(&self, who: u32, position: Position) -> Option<(Position, &Label)> {
        let (set, label) = self.member_type.change_at(who, position)?;
        Some((set, label.as_ref()?))
    }

    /// The history of the member type.
    pub fn member_type_history(&self, who: u32) -> Option<&History<Option<Label>>> {
        self.member_type.history(who)
    }

    /// The status.
    pub fn status(&self, who: u32, position: Position) -> Option<&Label> {
        self.status.at(who, position)?.as_ref()
    }

    /// Whether a condition on contacts holds of one (rules: V1, X4).
    pub fn satisfies(&self, who: u32, condition: &ContactCondition, position: Position) -> bool {
        condition.holds(&|field| match field {
            ContactField::MemberType => self.member_type(who, position).map(|(_, label)| label),
            ContactField::Status => self.status(who, position),
        })
    }

    /// The entry that last told of a contact what conditions ask for.
    pub fn described(&self, who: u32, position: Position) -> Option<Position> {
        let member_type = self.member_type.change_at(who, position).map(|(set, _)| set);
        member_type.max(self.status.change_at(who, position).map(|(set, _)| set))
    }

    /// When what conditions ask for changed.
    pub fn description_points(&self, who: u32, as_of: AsOf, into: &mut Vec<Cause>) {
        let described = [&self.member_type, &self.status].into_iter().filter_map(|facts| facts.history(who));
        let changes = described.flat_map(|history| history.changes_to(as_of.position));
        into.extend(changes.map(|(set, _)| Cause::Entry(set)));
    }

    /// The other details, sealed.
    pub fn address(&self, who: u32, position: Position) -> Option<&Address> {
        self.address.at(who, position).map(|address| &**address)
    }

    /// The accounts that exist, by number, with their ids, in the order of ids.
    pub fn in_order(&self, numbers: &Numbers, position: Position) -> impl Iterator<Item = (u32, AccountId)> {
        let existing = numbers.in_order().filter(move |who| self.exists(*who, position));
        existing.filter_map(|who| Some((who, account_id(numbers, who)?)))
    }
}

fn optional<T: Clone>(facts: &mut Facts<Option<T>>, who: u32, at: Position, change: &Change<T>) {
    match change {
        Change::Kept => {}
        Change::Set(value) => facts.set(who, at, Some(value.clone())),
        Change::Cleared => facts.set(who, at, None),
    }
}

fn replace(value: &mut Option<Sealed>, change: &Change<Sealed>) -> bool {
    match change {
        Change::Kept => return false,
        Change::Set(new) => *value = Some(new.clone()),
        Change::Cleared => *value = None,
    }
    true
}
