//! An answer from entries: what the ledger does with its journal, done with the entries of a file.

use std::cell::RefCell;
use std::collections::BTreeMap;

use grantbook_encoding::decode;
use grantbook_events::{AccountId, Entry, Instant, Position, Sealed};
use grantbook_inquiries::{AskError, Places, Shown};
use grantbook_projections::{AsOf, Views};
use serde_json::Value;

use crate::question::Question;

/// The last position of which a part of the history is folded: a file could else name one that keeps a machine busy for ever.
pub(crate) const LAST_POSITION: u64 = 20_000_000;

/// Why no answer comes out of entries.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Underivable {
    /// An entry is none.
    #[error("the entry at position {position} is none: {why}")]
    Entry {
        /// Where.
        position: u64,
        /// What is wrong.
        why: String,
    },
    /// The question makes no sense as of then.
    #[error("{0}")]
    NoSense(AskError),
    /// There is no such view.
    #[error("there is no view `{0}`")]
    NoSuchView(String),
    /// The position lies further than is folded here.
    #[error("position {0} lies beyond the {LAST_POSITION} that are folded here")]
    TooFar(u64),
}

/// Entries by their positions, some of which may be missing.
#[derive(Clone, Debug, Default)]
pub struct History {
    entries: BTreeMap<u64, Entry>,
}

impl History {
    /// The entries that stored bytes are. Errors: some are none.
    pub fn read(stored: &BTreeMap<u64, Vec<u8>>) -> Result<History, Underivable> {
        let read = stored.iter().map(|(position, bytes)| match decode(bytes) {
            Ok(entry) => Ok((*position, entry)),
            Err(error) => Err(Underivable::Entry { position: *position, why: error.to_string() }),
        });
        Ok(History { entries: read.collect::<Result<_, _>>()? })
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.entries.iter().map(|(position, entry)| (*position, entry))
    }

    /// What the history up to `position` means. Where an entry is missing, nothing happened.
    fn fold(&self, position: Position) -> Views {
        let mut views = Views::default();
        let mut at = Instant::EARLIEST;
        let mut next = 1;
        for (found, entry) in self.entries.range(1..=position.0) {
            (next..*found).for_each(|_| views.apply(&Entry::bare(at)));
            views.apply(entry);
            (at, next) = (entry.at, found + 1);
        }
        (next..=position.0).for_each(|_| views.apply(&Entry::bare(at)));
        views
    }
}

/// An answer, with what was opened for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Derived {
    /// The answer.
    pub answer: Value,
    /// Every sealed value that was opened, by its bytes, with what it says.
    pub opened: BTreeMap<Vec<u8>, String>,
}

/// Answers a question from stored entries alone. `open` says what a sealed value is. Errors: see [`Underivable`].
pub fn derive(
    question: &Question,
    as_of: AsOf,
    stored: &BTreeMap<u64, Vec<u8>>,
    open: &dyn Fn(&Sealed) -> Option<String>,
) -> Result<Derived, Underivable> {
    if as_of.position.0 > LAST_POSITION {
        return Err(Underivable::TooFar(as_of.position.0));
    }
    let history = History::read(stored)?;
    let views = history.fold(as_of.position);
    let opened = RefCell::new(BTreeMap::new());
    let opening = |_: &AccountId, _: &'static str, sealed: &Sealed| {
        if let Some(text) = sealed.as_clear() {
            return Some(text.to_owned());
        }
        let text = open(sealed)?;
        opened.borrow_mut().insert(sealed_bytes(sealed), text.clone());
        Some(text)
    };
    let entry = |position: Position| history.entries.get(&position.0).cloned();
    let answer = question.answer(
        &Shown { views: &views, as_of, open: &opening, entry: &entry, places: Places::REAL, eyes: None },
        &history,
    )?;
    Ok(Derived { answer, opened: opened.into_inner() })
}

/// A sealed value as one row of bytes: the id of its key, then what is sealed.
pub(crate) fn sealed_bytes(sealed: &Sealed) -> Vec<u8> {
    [sealed.key.0.to_be_bytes().as_slice(), &sealed.bytes].concat()
}
