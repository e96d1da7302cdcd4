//! How positions of a history are shown: of another history than the real one, as those of the real one.

use grantbook_events::{Entry, Position};
use grantbook_projections::Cause;
use serde_json::{Value, json};

use crate::what_if::{Lies, WhatIf};

/// Where the entries of a history lie in the real one. Whatever is shown of a position that lies in views goes through it, or
/// another history would show positions that the real one has for other entries.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    other: Option<&'a WhatIf>,
}

impl Places<'static> {
    /// Those of the real history: each entry lies where it lies.
    pub const REAL: Places<'static> = Places { other: None };
}

impl<'a> Places<'a> {
    /// Those of another history.
    pub(crate) fn of(other: &'a WhatIf) -> Places<'a> {
        Places { other: Some(other) }
    }

    /// A position: a number, or `{"inserted_after": n}` where what lies there was put in.
    pub(crate) fn position(self, position: Position) -> Value {
        match self.lies(position) {
            Lies::Real(real) => real.0.into(),
            Lies::PutIn { after, .. } => json!({"inserted_after": after.0}),
        }
    }

    /// A cause: `{"position": n}` or `{"clock": instant}`, or `{"inserted_after": n}` where what was put in is it.
    pub(crate) fn cause(self, cause: Cause) -> Value {
        match cause {
            Cause::Entry(position) => match self.lies(position) {
                Lies::Real(real) => json!({"position": real.0}),
                Lies::PutIn { .. } => self.position(position),
            },
            Cause::Clock(moment) => json!({"clock": moment.to_string()}),
        }
    }

    /// A cause, or null.
    pub(crate) fn maybe_cause(self, found: Option<Cause>) -> Value {
        found.map_or(Value::Null, |found| self.cause(found))
    }

    /// The entry at a position of the history, where `read` reads the real one.
    pub(crate) fn entry(self, position: Position, read: &dyn Fn(Position) -> Option<Entry>) -> Option<Entry> {
        self.other.map_or_else(|| read(position), |other| other.entry(position, read))
    }

    fn lies(self, position: Position) -> Lies {
        self.other.map_or(Lies::Real(position), |other| other.lies(position))
    }
}
