//! Security groups: which there are, who is a member, and by which condition or purchase (rules: X1 to X4).

use grantbook_events::{ContactCondition, GroupEvent, GroupName, Position};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Facts, under_own_numbers};
use crate::holdings::Holdings;
use crate::names::Names;

/// The groups that every tenant has and that cannot be deleted (rule: X1), in the order of their numbers.
pub const BUILT_IN_GROUPS: [&str; 21] = [
    "CampaignAdmin",
    "CampaignMgr",
    "CampaignUser",
    "Certification Admin",
    "Certification Manager",
    "Certification User",
    "EventUser",
    "FRUser",
    "OrderUser",
    "OpportunityAdmin",
    "OpportunityCreator",
    "OpportunityMgr",
    "OpportunityOwners",
    "OpportunityUser",
    "Reporting",
    "RFMAdmin",
    "RFMMgr",
    "RFMUser",
    "SegAdmin",
    "SegMgr",
    "SegUser",
];

/// What is known of a group.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Group {
    /// Its name as it was written when it was created.
    pub name: GroupName,
    /// What it is for.
    pub description: String,
    /// What its members have in common, where it is dynamic (rule: X4).
    pub condition: Option<ContactCondition>,
}

/// The groups of a tenant, by the number of their name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Groups {
    custom: Facts<Option<Group>>,
    pub(crate) holdings: Holdings,
}

impl Groups {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &GroupEvent) {
        match event {
            GroupEvent::GroupCreated { group, description } => {
                let state = Group { name: group.clone(), description: description.clone(), condition: None };
                self.custom.set(names.groups.intern(group.as_str()), at, Some(state));
            }
            GroupEvent::GroupDeleted { group } => self.custom.set(names.groups.intern(group.as_str()), at, None),
            GroupEvent::GroupMemberAdded { group, account, until } => {
                let (who, group) = (names.accounts.intern(account.as_str()), names.groups.intern(group.as_str()));
                self.holdings.set(who, group, at, Holding::held(1, *until));
            }
            GroupEvent::GroupMemberRemoved { group, account } => {
                let (who, group) = (names.accounts.intern(account.as_str()), names.groups.intern(group.as_str()));
                self.holdings.set(who, group, at, Holding::NOT_HELD);
            }
            GroupEvent::DynamicGroupDefined { group, condition } => {
                let condition = Some(condition.clone());
                let state = Group { name: group.clone(), description: String::new(), condition };
                self.custom.set(names.groups.intern(group.as_str()), at, Some(state));
            }
            // Those who joined and left have events of their own; products have a view of their own.
            GroupEvent::DynamicGroupRefreshed { .. }
            | GroupEvent::ProductRegistered { .. }
            | GroupEvent::ProductUnlinked { .. }
            | GroupEvent::PurchaseRecorded { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.custom.retract(at);
        self.holdings.retract(at);
    }

    /// The built-in group of a name, in its own spelling.
    pub fn built_in(name: &str) -> Option<&'static str> {
        BUILT_IN_GROUPS.into_iter().find(|group| group.eq_ignore_ascii_case(name))
    }

    /// What is known of a custom group, with the entry that created it.
    pub fn custom(&self, group: u32, position: Position) -> Option<(Position, &Group)> {
        let (set, group) = self.custom.change_at(group, position)?;
        Some((set, group.as_ref()?))
    }

    /// The custom groups as of a position, by name.
    pub fn all_custom(&self, position: Position) -> Vec<(u32, &Group)> {
        let existing =
            self.custom.keys().filter_map(|number| Some((number, self.custom.at(number, position)?.as_ref()?)));
        let mut groups: Vec<_> = existing.collect();
        groups.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        groups
    }

    /// Whether every group is kept under the number of its name.
    pub fn agrees(&self, names: &Names) -> bool {
        let own = |number, group: &Group| names.groups.is(number, group.name.as_str());
        under_own_numbers(&self.custom, |number, group| group.as_ref().is_none_or(|group| own(number, group)))
    }

    /// The membership in force as of then, with the entry that gave it.
    pub fn member(&self, who: u32, group: u32, as_of: AsOf) -> Option<(Position, Holding)> {
        self.holdings.in_force(who, group, as_of)
    }

    /// The history of a membership.
    pub fn history(&self, who: u32, group: u32) -> Option<&GrantHistory> {
        self.holdings.history(who, group)
    }

    /// The members of a group as of a position, ends not looked at. Not in an order to show.
    pub fn members(&self, group: u32, position: Position) -> impl Iterator<Item = (u32, Position, Holding)> {
        self.holdings.recorded_holders(group, position)
    }

    /// Everyone who was ever a member of a group. Not in an order to show.
    pub fn ever_members(&self, group: u32) -> impl Iterator<Item = u32> {
        self.holdings.holders_of(group).map(|(who, _)| who)
    }

    /// The groups that an account was ever a member of.
    pub fn groups_of(&self, who: u32) -> impl Iterator<Item = (u32, &GrantHistory)> {
        self.holdings.things_of(who)
    }

    /// Every membership that there ever was: account, group. In the order of the accounts' numbers, not one to show.
    pub fn ever(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.holdings.all()
    }

    /// Those that ever had an end (rule: G10).
    pub fn ending(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.holdings.ending()
    }
}
