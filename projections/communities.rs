//! Communities: whom each is open to, who may create wikis in it, who administers it (rule: X5).

use grantbook_events::{CommunityEvent, CommunityName, CommunityRight, GroupName, Position, Principal};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Facts, History, under_own_numbers};
use crate::holdings::Holdings;
use crate::names::{FastMap, Names};

/// Whom a community is open to, its administrators aside.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub enum OpenTo {
    /// Everybody who can sign in.
    Accounts,
    /// The members of a group.
    Group(GroupName),
    /// Nobody: the group that it was open to is gone.
    Nobody,
}

impl OpenTo {
    /// To what kind of people, as it is written.
    pub fn slug(&self) -> &'static str {
        match self {
            OpenTo::Accounts => "accounts",
            OpenTo::Group(_) => "group",
            OpenTo::Nobody => "nobody",
        }
    }

    /// The group, where it is open to one.
    pub fn group(&self) -> Option<&GroupName> {
        match self {
            OpenTo::Group(group) => Some(group),
            OpenTo::Accounts | OpenTo::Nobody => None,
        }
    }
}

/// What is known of a community.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Community {
    /// Its name as it was written when it was created.
    pub name: CommunityName,
    /// Whom it is open to.
    pub open_to: OpenTo,
}

/// A right in a community as it was granted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CommunityGrant<'a> {
    /// Which right.
    pub right: CommunityRight,
    /// To whom.
    pub principal: &'a Principal,
    /// By which entry.
    pub given: Position,
    /// The grant.
    pub holding: Holding,
}

/// What holds a community's rights: a right and a principal, by number.
type Holder = (CommunityRight, Principal);

/// The communities of a tenant, by the number of their name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Communities {
    communities: Facts<Community>,
    /// Holder: right and principal. Thing: the community.
    holdings: Holdings,
    holders: Vec<Holder>,
    holder_numbers: FastMap<Holder, u32>,
}

impl Communities {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &CommunityEvent) {
        let open = |group: &Option<GroupName>| group.clone().map_or(OpenTo::Accounts, OpenTo::Group);
        match event {
            CommunityEvent::CommunityCreated { community, group }
            | CommunityEvent::CommunityOpened { community, group } => self.open(names, at, community, open(group)),
            CommunityEvent::CommunityClosed { community, .. } => self.open(names, at, community, OpenTo::Nobody),
            CommunityEvent::CommunityRightGranted { community, right, principal, until } => {
                let number = names.communities.intern(community.as_str());
                let holder = self.intern(*right, principal);
                let holding = Holding::held(1, *until);
                // One that is only confirmed stays as it was given.
                let held = self.holdings.history(holder, number).and_then(GrantHistory::last);
                if held != Some(holding) {
                    self.holdings.set(holder, number, at, holding);
                }
            }
            CommunityEvent::CommunityRightRevoked { community, right, principal } => {
                let number = names.communities.intern(community.as_str());
                let holder = self.intern(*right, principal);
                self.holdings.set(holder, number, at, Holding::NOT_HELD);
            }
        }
    }

    fn open(&mut self, names: &mut Names, at: Position, community: &CommunityName, open_to: OpenTo) {
        let state = Community { name: community.clone(), open_to };
        self.communities.set(names.communities.intern(community.as_str()), at, state);
    }

    fn intern(&mut self, right: CommunityRight, principal: &Principal) -> u32 {
        let holder = (right, principal.clone());
        if let Some(number) = self.holder_numbers.get(&holder) {
            return *number;
        }
        let number = u32::try_from(self.holders.len()).unwrap_or(u32::MAX);
        self.holders.push(holder.clone());
        self.holder_numbers.insert(holder, number);
        number
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Communities { communities, holdings, holders: _, holder_numbers: _ } = self;
        communities.retract(at);
        holdings.retract(at);
    }

    /// What is known of a community, with the entry that made it so.
    pub fn community(&self, community: u32, position: Position) -> Option<(Position, &Community)> {
        self.communities.change_at(community, position)
    }

    /// The history of whom a community is open to.
    pub fn history(&self, community: u32) -> Option<&History<Community>> {
        self.communities.history(community)
    }

    /// The communities as of a position, by name.
    pub fn all(&self, position: Position) -> Vec<(u32, &Community)> {
        let known = self.communities.keys().filter_map(|number| Some((number, self.communities.at(number, position)?)));
        let mut communities: Vec<_> = known.collect();
        communities.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        communities
    }

    /// Whether every community is kept under the number of its name, and who ever held a right in one is found as such.
    pub fn agrees(&self, names: &Names) -> bool {
        let own = |number, community: &Community| names.communities.is(number, community.name.as_str());
        let holders = self.holders.len() as u32;
        let mut numbered = (0..).zip(&self.holders);
        under_own_numbers(&self.communities, own)
            && self.holder_numbers.len() == self.holders.len()
            && numbered.all(|(number, holder)| self.holder_numbers.get(holder) == Some(&number))
            && self.holdings.counted(holders)
            && (0..holders).all(|holder| self.holdings.agrees(holder))
    }

    /// The rights in a community as of then, by right and principal; what has ended is left out.
    pub fn grants(&self, community: u32, as_of: AsOf) -> Vec<CommunityGrant<'_>> {
        let recorded = self.holdings.recorded_holders(community, as_of.position);
        let mut grants: Vec<_> = recorded
            .filter(|(_, _, holding)| holding.in_force(as_of.clock))
            .filter_map(|(holder, given, holding)| {
                let (right, principal) = self.holders.get(holder as usize)?;
                Some(CommunityGrant { right: *right, principal, given, holding })
            })
            .collect();
        grants.sort_by(|one, other| (one.right, one.principal).cmp(&(other.right, other.principal)));
        grants
    }

    /// One right in a community, as of then.
    pub fn granted(
        &self,
        community: u32,
        right: CommunityRight,
        principal: &Principal,
        as_of: AsOf,
    ) -> Option<(Position, Holding)> {
        let holder = self.holder_numbers.get(&(right, principal.clone()))?;
        self.holdings.in_force(*holder, community, as_of)
    }

    /// The entries that gave a principal what it holds as of then, in any community. In no order.
    pub fn given_to(&self, principal: &Principal, as_of: AsOf) -> impl Iterator<Item = Position> {
        let numbers = CommunityRight::ALL.iter().map(|right| self.holder_numbers.get(&(*right, principal.clone())));
        let grants = numbers.flatten().flat_map(|holder| self.holdings.things_of(*holder));
        grants.filter_map(move |(_, history)| history.given_in_force(as_of))
    }

    /// Every right that was ever granted in any community, by the community's number. Not in an order to show.
    pub fn ever(&self) -> impl Iterator<Item = (u32, CommunityRight, &Principal, &GrantHistory)> {
        self.named(self.holdings.all())
    }

    /// Those rights in communities that ever had an end (rule: G10).
    pub fn ending(&self) -> impl Iterator<Item = (u32, CommunityRight, &Principal, &GrantHistory)> {
        self.named(self.holdings.ending())
    }

    fn named<'a>(
        &'a self,
        grants: impl Iterator<Item = (u32, u32, &'a GrantHistory)>,
    ) -> impl Iterator<Item = (u32, CommunityRight, &'a Principal, &'a GrantHistory)> {
        grants.filter_map(|(holder, community, history)| {
            let (right, principal) = self.holders.get(holder as usize)?;
            Some((community, *right, principal, history))
        })
    }

    /// The rights that anybody was ever granted in a community, each with its history. Not in an order to show.
    pub fn ever_granted(&self, community: u32) -> impl Iterator<Item = (CommunityRight, &Principal, &GrantHistory)> {
        self.holdings.holders_of(community).filter_map(|(holder, history)| {
            let (right, principal) = self.holders.get(holder as usize)?;
            Some((*right, principal, history))
        })
    }
}
