//! Up: what is held, and the chain of authority behind each of it.

use std::collections::{BTreeMap, BTreeSet};

use grantbook_events::{AccountId, Entry, Position};
use grantbook_projections::GrantHistory;

use super::descent::Root;
use super::{Node, Up, node};
use crate::authority::{Place, authority_at, rests_on};
use crate::given::{Given, Hold, Holder, given};
use crate::shown::Shown;

/// Something that an account holds, or that an entry did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// In words.
    pub what: String,
    /// The event that gave it.
    pub place: Place,
}

/// The way up from everything that an account holds, or from each event of an entry.
pub(super) fn up(shown: &Shown<'_>, root: &Root) -> Up {
    let mut entries = Entries { shown, read: BTreeMap::new() };
    let held = match root {
        Root::Account(id) => held(shown, id, &mut entries),
        Root::Entry(position) => done(*position, &mut entries),
    };
    let mut grounds: BTreeMap<Place, Option<Place>> = BTreeMap::new();
    let mut open: Vec<Place> = held.iter().map(|held| held.place).collect();
    while let Some(place) = open.pop() {
        if grounds.contains_key(&place) {
            continue;
        }
        let ground = entries.ground(place);
        grounds.insert(place, ground);
        open.extend(ground);
    }
    let nodes = grounds.into_iter().filter_map(|(place, ground)| node(shown, place, ground));
    Up { held, nodes: nodes.collect::<Vec<Node>>() }
}

/// Entries, each read once.
struct Entries<'s, 'a> {
    shown: &'s Shown<'a>,
    read: BTreeMap<Position, Option<Entry>>,
}

impl Entries<'_, '_> {
    fn at(&mut self, position: Position) -> Option<&Entry> {
        let read = |position| self.shown.read(position);
        self.read.entry(position).or_insert_with_key(|position| read(*position)).as_ref()
    }

    /// The event that gave the right that an event was done by.
    fn ground(&mut self, place: Place) -> Option<Place> {
        let authority = authority_at(self.at(place.position)?, place)?;
        let earlier = self.at(authority)?.clone();
        rests_on(self.at(place.position)?, place, &earlier)
    }
}

/// What an account holds as of then: the events whose grants still hold, by position.
fn held(shown: &Shown<'_>, id: &AccountId, entries: &mut Entries<'_, '_>) -> Vec<Held> {
    let Some(who) = shown.views.account(id) else { return Vec::new() };
    let mut held = Vec::new();
    for position in setting(shown, who, id) {
        let Some(entry) = entries.at(position) else { continue };
        for (index, recorded) in entry.events.iter().enumerate() {
            let own = given(&recorded.event).filter(|given| is_to(given, id));
            if let Some(given) = own.filter(|given| given.hold(shown.views, position, shown.as_of) == Hold::Still) {
                held.push(Held { what: given.what_words(), place: Place { position, index } });
            }
        }
    }
    held
}

fn is_to(given: &Given<'_>, id: &AccountId) -> bool {
    match given.to {
        Holder::Account(account) => account == id,
        Holder::Principal(grantbook_events::Principal::Account(account)) => account == id,
        Holder::Principal(_) => false,
    }
}

/// The entries that set what an account has as of then.
fn setting(shown: &Shown<'_>, who: u32, id: &AccountId) -> BTreeSet<Position> {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut set: BTreeSet<Position> = BTreeSet::new();
    let grant = |history: &GrantHistory| {
        let (given, holding) = history.change_at(as_of.position)?;
        holding.in_force(as_of.clock).then_some(given)
    };
    set.extend(views.roles.roles_of(who).filter_map(|(_, history)| grant(history)));
    set.extend(views.levels.modules_of(who).filter_map(|(_, history)| grant(history)));
    set.extend(views.groups.groups_of(who).filter_map(|(_, history)| grant(history)));
    set.extend(views.app_users.apps_of(who).filter_map(|(_, history)| grant(history)));
    set.extend(views.admins.history(who).and_then(grant));
    set.extend(views.content_authority.grants_of(who).filter_map(|(.., history)| grant(history)));
    set.extend(views.organisations.administered_by(who).filter_map(|(_, history)| grant(history)));
    let memberships = views.organisations.organisations_of(who);
    set.extend(memberships.filter_map(|of| grant(views.organisations.membership_history(who, of)?)));
    set.extend(views.accounts.existence(who).and_then(|history| history.change_at(as_of.position)).map(|(set, _)| set));
    set.extend(views.credentials.created(who, as_of.position));
    set.extend(views.credentials.class(who, as_of.position).map(|(set, _)| set));
    set.extend(views.background.set(as_of.position).filter(|(_, set)| set.account == who).map(|(set, _)| set));
    let principal = grantbook_events::Principal::Account(id.clone());
    for (object, right, _) in views.objects.access_of(&principal, as_of) {
        set.extend(views.objects.granted(object, &principal, right, as_of).map(|(given, _)| given));
    }
    for (community, _) in views.communities.all(as_of.position) {
        let grants = views.communities.grants(community, as_of).into_iter();
        set.extend(grants.filter(|grant| *grant.principal == principal).map(|grant| grant.given));
    }
    set
}

/// What an entry did, event by event.
fn done(position: Position, entries: &mut Entries<'_, '_>) -> Vec<Held> {
    let Some(entry) = entries.at(position) else { return Vec::new() };
    let events = entry.events.iter().enumerate();
    let held = events.map(|(index, recorded)| {
        let what =
            given(&recorded.event).map_or_else(|| recorded.event.kind().replace('_', " "), |given| given.what_words());
        Held { what, place: Place { position, index } }
    });
    held.collect()
}
