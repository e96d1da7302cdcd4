//! A view put together a slice at a time. What a view is made of is opened part by part (a group, a role, an organisation) and
//! its rows are told some at a time, so that whoever asks can let others have a turn in between: as of one point the answer
//! is the same whatever was recorded meanwhile.

use grantbook_projections::AsOf;
use serde_json::{Map, Value};

use super::UnknownView;
use crate::findings::{Hunt, findings_of};
use crate::shown::{Shown, answer};

/// A row, told when its turn comes.
pub(super) type Row = Box<dyn Fn(&Shown<'_>) -> Value + Send>;

/// What opens a part when its turn comes; `None` where there is nothing to tell of it.
pub(super) type Opens = Box<dyn Fn(&Shown<'_>) -> Option<Part> + Send>;

/// A part of a view: what is said of it, and the rows of the list that it has.
pub(super) struct Part {
    /// By which name it stands in the view.
    pub(super) name: String,
    /// What is said of it beside the list.
    pub(super) state: Map<String, Value>,
    /// What the list is called.
    pub(super) list: &'static str,
    /// The list's rows.
    pub(super) rows: Vec<Row>,
}

/// What a view is made of.
pub(super) enum Made {
    /// All of it is told at once: it does not grow with the accounts.
    Whole(fn(&Shown<'_>) -> Value),
    /// One list.
    Rows(&'static str, Vec<Row>),
    /// A map of parts, each with a list.
    Parts(&'static str, Vec<Opens>),
    /// Findings, rule by rule.
    Findings(Hunt),
}

/// A view that is being put together.
pub struct Slices {
    state: State,
}

enum State {
    Whole(fn(&Shown<'_>) -> Value, Option<Value>),
    Rows(&'static str, Filling),
    Parts {
        field: &'static str,
        waiting: std::vec::IntoIter<Opens>,
        open: Option<Box<Filled>>,
        told: Map<String, Value>,
    },
    Findings(Hunt, Option<Value>),
}

/// A list that is being filled.
struct Filling {
    waiting: std::vec::IntoIter<Row>,
    told: Vec<Value>,
}

/// A part whose list is being filled.
struct Filled {
    name: String,
    state: Map<String, Value>,
    list: &'static str,
    rows: Filling,
}

impl Filling {
    fn of(rows: Vec<Row>) -> Filling {
        Filling { told: Vec::with_capacity(rows.len()), waiting: rows.into_iter() }
    }

    /// Tells the next `most` rows. How many of these were left over.
    fn goes_on(&mut self, shown: &Shown<'_>, most: usize) -> usize {
        let before = self.told.len();
        self.told.extend(self.waiting.by_ref().take(most).map(|row| row(shown)));
        most.saturating_sub(self.told.len() - before)
    }
}

impl Slices {
    /// Begins the view of a name. Errors: there is no such view.
    pub fn of(name: &str, shown: &Shown<'_>) -> Result<Slices, UnknownView> {
        let state = match super::made(name, shown)? {
            Made::Whole(tells) => State::Whole(tells, None),
            Made::Rows(field, rows) => State::Rows(field, Filling::of(rows)),
            Made::Parts(field, parts) => {
                State::Parts { field, waiting: parts.into_iter(), open: None, told: Map::new() }
            }
            Made::Findings(hunt) => State::Findings(hunt, None),
        };
        Ok(Slices { state })
    }

    /// Tells the next `most` rows, or looks at as many accounts. Whether there is more to tell.
    pub fn goes_on(&mut self, shown: &Shown<'_>, most: usize) -> bool {
        match &mut self.state {
            State::Whole(tells, told) => {
                *told = Some(tells(shown));
                false
            }
            State::Rows(_, rows) => rows.goes_on(shown, most) == 0,
            State::Parts { waiting, open, told, .. } => {
                let mut room = most;
                // A part costs something, even one without rows.
                while room > 0 {
                    let Some(mut part) = open.take().or_else(|| next(waiting, shown)) else { return false };
                    let left = part.rows.goes_on(shown, room);
                    if left == 0 {
                        *open = Some(part);
                        return true;
                    }
                    let Filled { name, mut state, list, rows } = *part;
                    state.insert(list.to_owned(), rows.told.into());
                    told.insert(name, Value::Object(state));
                    room = left.saturating_sub(1);
                }
                true
            }
            State::Findings(hunt, told) => {
                let more = hunt.goes_on(shown, most);
                if !more {
                    *told = Some(findings_of(shown.places, shown.as_of, &hunt.take_found()));
                }
                more
            }
        }
    }

    /// The answer, as of the point that its slices were told of.
    pub fn answer(self, as_of: AsOf) -> Value {
        match self.state {
            State::Whole(_, told) | State::Findings(_, told) => told.unwrap_or_default(),
            State::Rows(field, rows) => answer(as_of, [(field, rows.told.into())]),
            State::Parts { field, told, .. } => answer(as_of, [(field, Value::Object(told))]),
        }
    }
}

fn next(waiting: &mut std::vec::IntoIter<Opens>, shown: &Shown<'_>) -> Option<Box<Filled>> {
    let Part { name, state, list, rows } = waiting.find_map(|opens| opens(shown))?;
    Some(Box::new(Filled { name, state, list, rows: Filling::of(rows) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VIEWS;
    use crate::history_for_tests::History;

    #[test]
    fn a_view_told_in_slices_is_the_view() {
        let history = History::example();
        let shown = history.shown(history.last());
        for (name, _) in VIEWS {
            for most in [1, 2, 3, 7] {
                let mut slices = Slices::of(name, &shown).unwrap();
                while slices.goes_on(&shown, most) {}
                assert_eq!(slices.answer(shown.as_of), crate::view(name, &shown).unwrap(), "{name}, {most} at a time");
            }
        }
    }
}
