//! Lineage: by whose authority an account has what it has, back to the tenant's start; and what rests on what it gave.
//!
//! Both are walks along the authority that every event names. An edge leads from the event that gave a right to one that
//! was done by that right.

mod descent;
mod picture;
mod shown;
mod up;

pub use descent::{Descendant, Descent, Found, Root};
pub use picture::{dot, svg};
pub use up::Held;

use std::collections::BTreeSet;

use grantbook_events::AccountId;
use grantbook_projections::AsOf;

use crate::authority::{Place, Step, step_at};
use crate::given::{Hold, given};
use crate::shown::Shown;

/// What is asked of: an account, or an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Where the walks begin.
    pub root: Root,
    /// The account's full name, opened; none for an entry.
    pub name: Option<String>,
}

/// An event of the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Where it stands.
    pub place: Place,
    /// The event whose right it was done by, where that is part of the answer.
    pub rests_on: Option<Place>,
    /// What it did.
    pub step: Step,
    /// What it gave; none where it gave nothing to anybody.
    pub grant: Option<Grant>,
}

/// Something that was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// To whom, in words.
    pub to: String,
    /// What, in words.
    pub what: String,
    /// Whether it still holds.
    pub hold: Hold,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lineage {
    /// What was asked of.
    pub subject: Subject,
    /// From where it was looked at.
    pub as_of: AsOf,
    /// Upwards, where it was asked for: what is held, and the events that it rests on.
    pub up: Option<Up>,
    /// Downwards, where it was asked for: the events that rest on it, oldest first.
    pub down: Option<Down>,
}

/// The way up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Up {
    /// What the account holds, or the entry did.
    pub held: Vec<Held>,
    /// Every event on the way to the tenant's start, oldest first.
    pub nodes: Vec<Node>,
}

/// The way down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Down {
    /// The events, oldest first.
    pub nodes: Vec<Node>,
    /// How many there are, shown or not.
    pub count: usize,
}

/// The answer: upwards where `up`, downwards where the descendants were walked to.
pub fn lineage(shown: &Shown<'_>, root: Root, up: bool, down: Option<&Found>) -> Lineage {
    let account = |id: &AccountId| shown.views.account(id).and_then(|who| shown.name(who));
    let name = match &root {
        Root::Account(id) => account(id),
        Root::Entry(_) => None,
    };
    let up = up.then(|| up::up(shown, &root));
    let down = down.map(|found| {
        let nodes = found.told.iter().filter_map(|found| node(shown, found.place, found.rests_on));
        Down { nodes: nodes.collect(), count: found.count }
    });
    Lineage { subject: Subject { root, name }, as_of: shown.as_of, up, down }
}

fn node(shown: &Shown<'_>, place: Place, rests_on: Option<Place>) -> Option<Node> {
    let entry = shown.read(place.position)?;
    let recorded = entry.events.get(place.index)?;
    let grant = given(&recorded.event).map(|given| Grant {
        to: given.holder_words(shown),
        what: given.what_words(),
        hold: given.hold(shown.views, place.position, shown.as_of),
    });
    Some(Node { place, rests_on, step: step_at(shown, place.position, &entry, place.index), grant })
}

impl Lineage {
    /// Every event of the answer, up and down, oldest first, each once.
    pub fn nodes(&self) -> Vec<&Node> {
        let up = self.up.iter().flat_map(|up| &up.nodes);
        let down = self.down.iter().flat_map(|down| &down.nodes);
        let mut seen = BTreeSet::new();
        let mut nodes: Vec<&Node> = down.chain(up).filter(|node| seen.insert(node.place)).collect();
        nodes.sort_by_key(|node| node.place);
        nodes
    }
}
