//! Separations of duties that a tenant defined. Who breaks one is for the inquiries to say.

use grantbook_events::{CapabilityName, Position, SeparationEvent, SeparationName};
use serde::{Deserialize, Serialize};

use crate::history::{Facts, History, under_own_numbers};
use crate::names::FoldedNumbers;

/// A pair of capabilities that nobody should hold together.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Separation {
    /// Its name as it was written when it was defined.
    pub name: SeparationName,
    /// What nobody should be able to do ...
    pub one: CapabilityName,
    /// ... who can also do this.
    pub other: CapabilityName,
}

/// The separations of a tenant, by the number of their name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Separations {
    numbers: FoldedNumbers,
    defined: Facts<Option<Separation>>,
}

impl Separations {
    pub(crate) fn apply(&mut self, at: Position, event: &SeparationEvent) {
        match event {
            SeparationEvent::SeparationDefined { separation, one, other } => {
                let state = Separation { name: separation.clone(), one: one.clone(), other: other.clone() };
                self.defined.set(self.numbers.intern(separation.as_str()), at, Some(state));
            }
            SeparationEvent::SeparationRemoved { separation } => {
                self.defined.set(self.numbers.intern(separation.as_str()), at, None);
            }
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.defined.retract(at);
    }

    /// The separation of a name, with the entry that defined it.
    pub fn named(&self, name: &SeparationName, position: Position) -> Option<(Position, &Separation)> {
        let (set, separation) = self.defined.change_at(self.numbers.get(name.as_str())?, position)?;
        Some((set, separation.as_ref()?))
    }

    /// Whether every separation is found by its name.
    pub fn agrees(&self) -> bool {
        let own = |number, separation: &Separation| self.numbers.is(number, separation.name.as_str());
        self.numbers.agrees(0, 1)
            && under_own_numbers(&self.defined, |number, state| state.as_ref().is_none_or(|state| own(number, state)))
    }

    /// The separations as of a position, by name, each with the entry that defined it.
    pub fn all(&self, position: Position) -> Vec<(Position, &Separation)> {
        let states = self.histories().filter_map(|history| history.change_at(position));
        states.filter_map(|(set, separation)| Some((set, separation.as_ref()?))).collect()
    }

    /// The history of every name that was ever a separation's, in the order of names.
    pub fn histories(&self) -> impl Iterator<Item = &History<Option<Separation>>> {
        self.numbers.in_order().filter_map(|number| self.defined.history(number))
    }
}
