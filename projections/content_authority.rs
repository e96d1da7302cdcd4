//! Content authority groups: what they cover, and who may do what with it (chapter D).

use grantbook_events::{ContentAuthorityEvent, ContentRight, GroupName, Instant, ObjectPath, Position};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Facts, History, under_own_numbers};
use crate::holdings::Holdings;
use crate::names::Names;

/// What is known of a content authority group.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct ContentGroup {
    /// Its name as it was written when it was created.
    pub name: GroupName,
    /// Whether it is a Master Admin group (rule: D2).
    pub master: bool,
    /// The objects that it covers, each with all below it.
    pub covers: Vec<ObjectPath>,
    /// The entry that created it.
    pub created: Position,
}

impl ContentGroup {
    /// Whether it covers an object: that one itself, or one above it.
    pub fn covers(&self, object: &str) -> bool {
        let above = |covered: &ObjectPath| {
            let rest = object.strip_prefix(covered.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.covers.iter().any(above)
    }
}

/// A membership: all that one grant gave.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct ContentMember {
    /// The entry that gave it.
    pub given: Position,
    /// What it allows, in the order of the rights.
    pub rights: Vec<ContentRight>,
    /// Its end.
    pub until: Option<Instant>,
}

/// The content authority groups of a tenant, by the number of their name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct ContentAuthority {
    groups: Facts<Option<ContentGroup>>,
    /// Holder: the account. Thing: a group and a right, each right a grant of its own.
    pub(crate) holdings: Holdings,
}

fn thing(group: u32, right: ContentRight) -> u32 {
    group * RIGHTS + right as u32
}

fn group_of(thing: u32) -> u32 {
    thing / RIGHTS
}

/// How many rights there are.
const RIGHTS: u32 = 5;
const _: () = assert!(ContentRight::ALL.len() == RIGHTS as usize);

impl ContentAuthority {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &ContentAuthorityEvent) {
        match event {
            ContentAuthorityEvent::ContentAuthorityGroupCreated { group, master, covers } => {
                let number = names.content_groups.intern(group.as_str());
                let (name, covers) = (group.clone(), covers.clone());
                self.groups.set(number, at, Some(ContentGroup { name, master: *master, covers, created: at }));
            }
            ContentAuthorityEvent::ContentAuthorityMemberAdded { group, account, rights, until } => {
                let number = names.content_groups.intern(group.as_str());
                self.set_rights(names.accounts.intern(account.as_str()), number, at, rights, *until);
            }
            ContentAuthorityEvent::ContentAuthorityMemberRemoved { group, account } => {
                let number = names.content_groups.intern(group.as_str());
                self.set_rights(names.accounts.intern(account.as_str()), number, at, &[], None);
            }
            ContentAuthorityEvent::ContentCoverageEnded { group, object } => {
                let number = names.content_groups.intern(group.as_str());
                let Some(Some(state)) = self.groups.last(number) else { return };
                let mut state = state.clone();
                state.covers.retain(|covered| covered != object);
                self.groups.set(number, at, Some(state));
            }
        }
    }

    /// A grant replaces what was held in the group before.
    fn set_rights(&mut self, who: u32, group: u32, at: Position, rights: &[ContentRight], until: Option<Instant>) {
        for right in ContentRight::ALL {
            let thing = thing(group, *right);
            let had =
                self.holdings.history(who, thing).and_then(GrantHistory::last).is_some_and(|held| held.weight > 0);
            if rights.contains(right) {
                self.holdings.set(who, thing, at, Holding::held(1, until));
            } else if had {
                self.holdings.set(who, thing, at, Holding::NOT_HELD);
            }
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let ContentAuthority { groups, holdings } = self;
        groups.retract(at);
        holdings.retract(at);
    }

    /// What is known of a group.
    pub fn group(&self, group: u32, position: Position) -> Option<&ContentGroup> {
        self.groups.at(group, position)?.as_ref()
    }

    /// What a group was and covered, entry by entry; `None` from when it was gone.
    pub fn group_history(&self, group: u32) -> Option<&History<Option<ContentGroup>>> {
        self.groups.history(group)
    }

    /// Whether every group is kept under the number of its name.
    pub fn agrees(&self, names: &Names) -> bool {
        let own = |number, group: &ContentGroup| names.content_groups.is(number, group.name.as_str());
        under_own_numbers(&self.groups, |number, group| group.as_ref().is_none_or(|group| own(number, group)))
    }

    /// The groups as of a position, by name.
    pub fn all(&self, position: Position) -> Vec<(u32, &ContentGroup)> {
        let existing = self.groups.keys().filter_map(|number| Some((number, self.group(number, position)?)));
        let mut groups: Vec<_> = existing.collect();
        groups.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        groups
    }

    /// A membership in force as of then.
    pub fn member(&self, who: u32, group: u32, as_of: AsOf) -> Option<ContentMember> {
        let held = ContentRight::ALL
            .iter()
            .filter_map(|right| Some((*right, self.holdings.in_force(who, thing(group, *right), as_of)?)));
        held.fold(None, |member: Option<ContentMember>, (right, (given, holding))| {
            let mut member = member.unwrap_or(ContentMember { given, rights: Vec::new(), until: holding.until() });
            member.rights.push(right);
            Some(member)
        })
    }

    /// Everyone who was ever a member of a group, by number of account.
    pub fn ever_members(&self, group: u32) -> Vec<u32> {
        let things = ContentRight::ALL.iter().map(|right| thing(group, *right));
        let mut accounts: Vec<u32> =
            things.flat_map(|thing| self.holdings.holders_of(thing)).map(|(who, _)| who).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    /// Everyone who was ever a member of any group, by number of account.
    pub fn ever_any_members(&self) -> impl Iterator<Item = u32> {
        self.holdings.all().map(|(who, ..)| who)
    }

    /// The members of a group as of then. Not in an order to show.
    pub fn members(&self, group: u32, as_of: AsOf) -> Vec<(u32, ContentMember)> {
        let ever = self.ever_members(group).into_iter();
        ever.filter_map(|who| Some((who, self.member(who, group, as_of)?))).collect()
    }

    /// The grant that makes an account a member of any content authority group as of then: of several, the oldest.
    pub fn member_of_any(&self, who: u32, as_of: AsOf) -> Option<Position> {
        self.oldest(who, as_of, |_| true)
    }

    /// The grant that makes an account a Content Administrator as of then: that of a membership in a Master Admin group
    /// (rules: D2, G3); of several, the oldest.
    pub fn administrator(&self, who: u32, as_of: AsOf) -> Option<Position> {
        self.oldest(who, as_of, |thing| self.group(group_of(thing), as_of.position).is_some_and(|group| group.master))
    }

    /// The grant that gives an account a right on an object as of then (rule: D1); of several, the oldest.
    pub fn right_on(&self, who: u32, object: &str, right: ContentRight, as_of: AsOf) -> Option<Position> {
        self.oldest(who, as_of, |held| self.gives_on(held, object, right, as_of.position))
    }

    fn gives_on(&self, held: u32, object: &str, right: ContentRight, position: Position) -> bool {
        let covering = |group: u32| self.group(group, position).is_some_and(|group| group.covers(object));
        held == thing(group_of(held), right) && covering(group_of(held))
    }

    fn oldest(&self, who: u32, as_of: AsOf, counts: impl Fn(u32) -> bool) -> Option<Position> {
        let held = self.holdings.things_of(who).filter_map(|(thing, history)| {
            let (given, holding) = history.change_at(as_of.position)?;
            (holding.in_force(as_of.clock) && counts(thing)).then_some(given)
        });
        held.min()
    }

    /// Every grant that an account was ever given: group, right, and what became of it.
    pub fn grants_of(&self, who: u32) -> impl Iterator<Item = (u32, ContentRight, &GrantHistory)> {
        let right_of = |thing: u32| ContentRight::ALL.get((thing % RIGHTS) as usize).copied();
        self.holdings
            .things_of(who)
            .filter_map(move |(thing, history)| Some((group_of(thing), right_of(thing)?, history)))
    }

    /// Every grant that there ever was: account, group. Each right of a membership is a grant of its own. Not in an order to
    /// show.
    pub fn ever(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.holdings.all().map(|(who, thing, history)| (who, group_of(thing), history))
    }

    /// Those grants that ever had an end (rule: G10).
    pub fn ending(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.holdings.ending().map(|(who, thing, history)| (who, group_of(thing), history))
    }

    /// Every grant that would give an account a right on an object, held or not, as of a position.
    pub fn grants_on<'a>(
        &'a self,
        who: u32,
        object: &'a str,
        right: ContentRight,
        position: Position,
    ) -> impl Iterator<Item = &'a GrantHistory> {
        let things = self.holdings.things_of(who);
        things.filter(move |(held, _)| self.gives_on(*held, object, right, position)).map(|(_, history)| history)
    }
}
