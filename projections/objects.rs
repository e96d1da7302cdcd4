//! Objects and the access to them (chapter N). An object without a setting of its own inherits its parent's.

use grantbook_events::{AccessRight, ObjectEvent, ObjectKind, ObjectPath, Position, Principal, SecuritySet};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Facts, History};
use crate::holdings::Holdings;
use crate::names::{FastMap, Names, Numbers};
use crate::roles::SystemRole;

/// What is known of an object that was created.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// Whether a site is public.
    pub public: bool,
    /// Whether a site is active.
    pub active: bool,
    /// Whether it exists only because something below it does (rule: N3).
    pub implied: bool,
}

/// Which access setting an object has of its own (rules: N2, N3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub enum AccessSetting {
    /// None: its parent's holds.
    Inherited,
    /// A preconfigured set.
    Set(SecuritySet),
    /// The rights granted on it, one by one.
    Custom,
}

impl AccessSetting {
    /// As it is written: the set's slug, `custom` or `inherited`.
    pub fn slug(self) -> &'static str {
        match self {
            AccessSetting::Inherited => "inherited",
            AccessSetting::Set(set) => set.slug(),
            AccessSetting::Custom => "custom",
        }
    }
}

/// Whom a principal means, with its names looked up: a check looks at many rights, and names take longest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub enum Meant {
    /// An account, by number.
    Account(u32),
    /// The members of a group, by number.
    Group(u32),
    /// The holders of a role of the platform itself.
    System(SystemRole),
    /// The holders of whatever custom role has a name then, by the number of the name.
    Called(u32),
    /// Contacts of the member type that the principal names.
    MemberType,
    /// Staff.
    Staff,
}

impl Meant {
    /// Whom a principal means; `None` where it names nobody who was ever named.
    pub fn of(names: &Names, principal: &Principal) -> Option<Meant> {
        Some(match principal {
            Principal::Account(account) => Meant::Account(names.accounts.get(account.as_str())?),
            Principal::Group(group) => Meant::Group(names.groups.get(group.as_str())?),
            Principal::Role(role) => match SystemRole::named(role) {
                Some(system) => Meant::System(system),
                None => Meant::Called(names.roles.get(role.as_str())?),
            },
            Principal::MemberType(_) => Meant::MemberType,
            Principal::Staff => Meant::Staff,
        })
    }

    /// The same, of a principal that is named now.
    fn named(names: &mut Names, principal: &Principal) -> Option<Meant> {
        match principal {
            Principal::Account(account) => _ = names.accounts.intern(account.as_str()),
            Principal::Group(group) => _ = names.groups.intern(group.as_str()),
            Principal::Role(role) => _ = names.roles.intern(role.as_str()),
            Principal::MemberType(_) | Principal::Staff => {}
        }
        Meant::of(names, principal)
    }
}

/// Whom a right is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ToWhom<'a> {
    /// As it was granted.
    pub principal: &'a Principal,
    /// Whom that means; `None` where it names nobody who was ever named.
    pub meant: Option<Meant>,
}

/// A right on an object as it was granted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access<'a> {
    /// To whom.
    pub principal: &'a Principal,
    /// Which right.
    pub right: AccessRight,
    /// By which entry.
    pub given: Position,
    /// The grant.
    pub holding: Holding,
}

/// What holds an object's rights: a principal and a right, by number.
type Holder = (Principal, AccessRight);

/// The objects of a tenant, by the number of their path.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Objects {
    objects: Facts<Option<Object>>,
    setting: Facts<AccessSetting>,
    /// Holder: principal and right. Thing: the object.
    holdings: Holdings,
    holders: Vec<Holder>,
    /// Whom the holders' principals mean, and which right it is.
    meant: Vec<(Option<Meant>, AccessRight)>,
    holder_numbers: FastMap<Holder, u32>,
}

impl Objects {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &ObjectEvent) {
        match event {
            ObjectEvent::ObjectCreated { object, kind, public, active } => {
                let number = names.objects.intern(object.as_str());
                self.objects.set(
                    number,
                    at,
                    Some(Object { kind: *kind, public: *public, active: *active, implied: false }),
                );
                self.imply_ancestors(names, at, object);
            }
            ObjectEvent::ObjectDeleted { object } => {
                let number = names.objects.intern(object.as_str());
                self.objects.set(number, at, None);
                self.end_custom_rights(number, at);
                self.setting.set(number, at, AccessSetting::Inherited);
            }
            ObjectEvent::AccessSet { object, set } => {
                let number = names.objects.intern(object.as_str());
                self.end_custom_rights(number, at);
                self.setting.set(number, at, AccessSetting::Set(*set));
            }
            ObjectEvent::AccessGranted { object, principal, right, until } => {
                let number = names.objects.intern(object.as_str());
                if self.setting.last(number) != Some(&AccessSetting::Custom) {
                    self.setting.set(number, at, AccessSetting::Custom);
                }
                let holder = self.intern(names, principal, *right);
                self.holdings.set(holder, number, at, Holding::held(1, *until));
            }
            ObjectEvent::AccessRevoked { object, principal, right } => {
                let number = names.objects.intern(object.as_str());
                let holder = self.intern(names, principal, *right);
                self.holdings.set(holder, number, at, Holding::NOT_HELD);
            }
            ObjectEvent::AccessCleared { object } => {
                let number = names.objects.intern(object.as_str());
                self.end_custom_rights(number, at);
                self.setting.set(number, at, AccessSetting::Inherited);
            }
        }
    }

    /// Missing ancestors of a path exist as inheriting folders (rule: N3).
    fn imply_ancestors(&mut self, names: &mut Names, at: Position, object: &ObjectPath) {
        let mut parent = object.parent();
        while let Some(path) = parent {
            let number = names.objects.intern(path.as_str());
            if self.objects.last(number).is_none_or(Option::is_none) {
                let folder = Object { kind: ObjectKind::Folder, public: false, active: true, implied: true };
                self.objects.set(number, at, Some(folder));
            }
            parent = path.parent();
        }
    }

    fn end_custom_rights(&mut self, object: u32, at: Position) {
        let held: Vec<u32> = self.holdings.recorded_holders(object, at).map(|(holder, _, _)| holder).collect();
        for holder in held {
            self.holdings.set(holder, object, at, Holding::NOT_HELD);
        }
    }

    fn intern(&mut self, names: &mut Names, principal: &Principal, right: AccessRight) -> u32 {
        let holder = (principal.clone(), right);
        if let Some(number) = self.holder_numbers.get(&holder) {
            return *number;
        }
        let number = u32::try_from(self.holders.len()).unwrap_or(u32::MAX);
        self.holders.push(holder.clone());
        self.meant.push((Meant::named(names, principal), right));
        self.holder_numbers.insert(holder, number);
        number
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Objects { objects, setting, holdings, holders: _, meant: _, holder_numbers: _ } = self;
        objects.retract(at);
        setting.retract(at);
        holdings.retract(at);
    }

    /// What is known of an object, with the entry that created it.
    pub fn object(&self, object: u32, position: Position) -> Option<(Position, Object)> {
        let (set, object) = self.objects.change_at(object, position)?;
        Some((set, (*object)?))
    }

    /// The object's own access setting and the entry that made it so; inherited where none ever did.
    pub fn setting(&self, object: u32, position: Position) -> (Option<Position>, AccessSetting) {
        let change = self.setting.change_at(object, position);
        change.map_or((None, AccessSetting::Inherited), |(set, setting)| (Some(set), *setting))
    }

    /// The history of the object's own access setting.
    pub fn setting_history(&self, object: u32) -> Option<&History<AccessSetting>> {
        self.setting.history(object)
    }

    /// The rights granted on the object itself as of then, by principal and right; what has ended is left out.
    pub fn access(&self, object: u32, as_of: AsOf) -> Vec<Access<'_>> {
        let mut access: Vec<_> = self.rights_on(object, as_of, |_, _| true).collect();
        access.sort_by(|one, other| (one.principal, one.right).cmp(&(other.principal, other.right)));
        access
    }

    /// The same of those rights that are asked for, by the right and whom it is for, not in an order to show.
    pub fn rights_on(
        &self,
        object: u32,
        as_of: AsOf,
        asked: impl Fn(AccessRight, ToWhom<'_>) -> bool,
    ) -> impl Iterator<Item = Access<'_>> {
        self.holdings.holders_of(object).filter_map(move |(holder, history)| {
            let (meant, right) = *self.meant.get(holder as usize)?;
            let (principal, _) = self.holders.get(holder as usize)?;
            // The grant's history comes last: most of what was granted is for others.
            if !asked(right, ToWhom { principal, meant }) {
                return None;
            }
            let (given, holding) = history.change_at(as_of.position)?;
            holding.in_force(as_of.clock).then_some(Access { principal, right, given, holding })
        })
    }

    /// One right granted on the object itself, as of then.
    pub fn granted(
        &self,
        object: u32,
        principal: &Principal,
        right: AccessRight,
        as_of: AsOf,
    ) -> Option<(Position, Holding)> {
        let holder = self.holder_numbers.get(&(principal.clone(), right))?;
        self.holdings.in_force(*holder, object, as_of)
    }

    /// Every right that was ever granted on the object itself, with what became of it. Not in an order to show.
    pub fn grants_on(&self, object: u32) -> impl Iterator<Item = (&Principal, AccessRight, &GrantHistory)> {
        let granted = self.holdings.holders_of(object);
        granted.filter_map(|(holder, history)| {
            let (principal, right) = self.holders.get(holder as usize)?;
            Some((principal, *right, history))
        })
    }

    /// Every right that was ever granted on any object, by the object's number. Not in an order to show.
    pub fn ever(&self) -> impl Iterator<Item = (u32, &Principal, AccessRight, &GrantHistory)> {
        self.named(self.holdings.all())
    }

    /// Those rights on objects that ever had an end (rule: G10).
    pub fn ending(&self) -> impl Iterator<Item = (u32, &Principal, AccessRight, &GrantHistory)> {
        self.named(self.holdings.ending())
    }

    fn named<'a>(
        &'a self,
        grants: impl Iterator<Item = (u32, u32, &'a GrantHistory)>,
    ) -> impl Iterator<Item = (u32, &'a Principal, AccessRight, &'a GrantHistory)> {
        grants.filter_map(|(holder, object, history)| {
            let (principal, right) = self.holders.get(holder as usize)?;
            Some((object, principal, *right, history))
        })
    }

    /// Whom rights were ever granted to, and which, by number.
    pub fn holders(&self) -> impl Iterator<Item = (u32, &Principal, AccessRight)> {
        (0..).zip(&self.holders).map(|(number, (principal, right))| (number, principal, *right))
    }

    /// Whether a principal means whom it names, and what it was granted of a right is found as such.
    pub fn agrees(&self, names: &Names, holder: u32) -> bool {
        let Some(named) = self.holders.get(holder as usize) else { return false };
        let (principal, right) = named;
        self.meant.get(holder as usize) == Some(&(Meant::of(names, principal), *right))
            && self.holder_numbers.get(named) == Some(&holder)
            && self.holdings.agrees(holder)
    }

    /// Whether nobody else is said to mean anybody, or to have been granted anything.
    pub fn counted(&self) -> bool {
        let holders = self.holders.len();
        let alike = (self.meant.len(), self.holder_numbers.len()) == (holders, holders);
        alike && self.holdings.counted(holders as u32)
    }

    /// The history of one right granted on the object itself.
    pub fn history(&self, object: u32, principal: &Principal, right: AccessRight) -> Option<&GrantHistory> {
        self.holdings.history(*self.holder_numbers.get(&(principal.clone(), right))?, object)
    }

    /// Every object that a right was granted to this principal on, with the right and the grant in force as of then.
    pub fn access_of(&self, principal: &Principal, as_of: AsOf) -> Vec<(u32, AccessRight, Holding)> {
        let holders = self.holders.iter().zip(0u32..).filter(|((held, _), _)| held == principal);
        let grants = holders.flat_map(|((_, right), holder)| {
            self.holdings.things_of(holder).map(move |(object, history)| (object, *right, history))
        });
        let in_force = grants.filter_map(|(object, right, history)| {
            let (_, holding) = history.change_at(as_of.position)?;
            holding.in_force(as_of.clock).then_some((object, right, holding))
        });
        in_force.collect()
    }

    /// The entries that gave a principal what it holds as of then, on any object. In no order.
    pub fn given_to(&self, principal: &Principal, as_of: AsOf) -> impl Iterator<Item = Position> {
        let numbers = AccessRight::ALL.iter().map(|right| self.holder_numbers.get(&(principal.clone(), *right)));
        let grants = numbers.flatten().flat_map(|holder| self.holdings.things_of(*holder));
        grants.filter_map(move |(_, history)| history.given_in_force(as_of))
    }

    /// The objects that exist as of a position, by path.
    pub fn in_order(&self, paths: &Numbers, position: Position) -> Vec<u32> {
        let exists = |object: &u32| self.object(*object, position).is_some();
        paths.in_order().filter(exists).collect()
    }
}
