//! What is kept and what was destroyed: legal holds and people erased, and the operator's copies of the store.

use grantbook_events::{KeepingEvent, Position};
use serde::{Deserialize, Serialize};

use crate::history::{Facts, History};
use crate::names::Names;

/// What is kept of whom, by account number.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Keeping {
    held: Facts<bool>,
    erased: Facts<()>,
    /// Backups and restorations, by one number each: 0 and 1.
    copies: Facts<Copied>,
}

/// A copy of the whole store that was made, or that the store was made from.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Copied {
    /// How many entries it has.
    pub entries: u64,
    /// The digest at its end, in hexadecimal.
    pub digest: String,
}

const BACKUP: u32 = 0;
const RESTORATION: u32 = 1;

impl Keeping {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &KeepingEvent) {
        match event {
            KeepingEvent::LegalHoldPlaced { account } => {
                self.held.set(names.accounts.intern(account.as_str()), at, true);
            }
            KeepingEvent::LegalHoldLifted { account } => {
                self.held.set(names.accounts.intern(account.as_str()), at, false);
            }
            KeepingEvent::ContactErased { account } => {
                self.erased.set(names.accounts.intern(account.as_str()), at, ());
            }
            KeepingEvent::BackupTaken { entries, digest } => {
                self.copies.set(BACKUP, at, Copied { entries: *entries, digest: digest.clone() });
            }
            KeepingEvent::StoreRestored { entries, digest } => {
                self.copies.set(RESTORATION, at, Copied { entries: *entries, digest: digest.clone() });
            }
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Keeping { held, erased, copies } = self;
        held.retract(at);
        erased.retract(at);
        copies.retract(at);
    }

    /// The entry that placed the legal hold under which a contact is.
    pub fn held(&self, who: u32, position: Position) -> Option<Position> {
        self.held.change_at(who, position).filter(|(_, held)| **held).map(|(placed, _)| placed)
    }

    /// When legal holds on a contact were placed and lifted.
    pub fn holds(&self, who: u32) -> Option<&History<bool>> {
        self.held.history(who)
    }

    /// The entry that erased a contact. Nobody is erased twice.
    pub fn erased(&self, who: u32, position: Position) -> Option<Position> {
        self.erased.change_at(who, position).map(|(erased, ())| erased)
    }

    /// Everyone who is under a legal hold as of a position, with the entry that placed it. Not in an order to show.
    pub fn all_held(&self, position: Position) -> impl Iterator<Item = (u32, Position)> {
        self.held.keys().filter_map(move |who| Some((who, self.held(who, position)?)))
    }

    /// Everyone who was erased by a position, with the entry that did it. Not in an order to show.
    pub fn all_erased(&self, position: Position) -> impl Iterator<Item = (u32, Position)> {
        self.erased.keys().filter_map(move |who| Some((who, self.erased(who, position)?)))
    }

    /// The last backup that was recorded.
    pub fn last_backup(&self, position: Position) -> Option<(Position, &Copied)> {
        self.copies.change_at(BACKUP, position)
    }

    /// The last restoration that was recorded.
    pub fn last_restoration(&self, position: Position) -> Option<(Position, &Copied)> {
        self.copies.change_at(RESTORATION, position)
    }
}
