//! Queries (chapter Q). Who may run one is said by the access setting of the object that it is.

use grantbook_events::{Position, QueryEvent, QueryName};
use serde::{Deserialize, Serialize};

use crate::history::{AsOf, Cause, Facts, History, indexes, under_own_numbers};
use crate::names::Names;

/// What is known of a query.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Query {
    /// Its name as it was written when it was created.
    pub name: QueryName,
    /// The number of the object that it is.
    pub object: u32,
    /// Whether it came with the platform (rule: Q1).
    pub out_of_box: bool,
    /// Whether it is available over the API (rule: Q2).
    pub via_api: bool,
    /// Whether what it answers holds personal data (rule: Q3).
    pub personal_data: bool,
    /// Whether it answers only what is about the caller (rule: Q3).
    pub filtered_to_caller: bool,
    /// The entry that created it.
    pub created: Position,
}

/// The queries of a tenant, by the number of their name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Queries {
    queries: Facts<Option<Query>>,
    /// By the number of the object, the number of the query.
    of_object: Facts<Option<u32>>,
}

impl Queries {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &QueryEvent) {
        match event {
            QueryEvent::QueryCreated { query, object, out_of_box, via_api, personal_data, filtered_to_caller } => {
                let (number, object) = (names.queries.intern(query.as_str()), names.objects.intern(object.as_str()));
                let state = Query {
                    name: query.clone(),
                    object,
                    out_of_box: *out_of_box,
                    via_api: *via_api,
                    personal_data: *personal_data,
                    filtered_to_caller: *filtered_to_caller,
                    created: at,
                };
                self.queries.set(number, at, Some(state));
                self.of_object.set(object, at, Some(number));
            }
            QueryEvent::QueryEdited { query, via_api, personal_data, filtered_to_caller } => {
                let number = names.queries.intern(query.as_str());
                let Some(Some(state)) = self.queries.last(number) else { return };
                let state = Query {
                    via_api: via_api.unwrap_or(state.via_api),
                    personal_data: personal_data.unwrap_or(state.personal_data),
                    filtered_to_caller: filtered_to_caller.unwrap_or(state.filtered_to_caller),
                    ..state.clone()
                };
                self.queries.set(number, at, Some(state));
            }
            QueryEvent::QueryDeleted { query } => {
                let number = names.queries.intern(query.as_str());
                let Some(Some(state)) = self.queries.last(number) else { return };
                self.of_object.set(state.object, at, None);
                self.queries.set(number, at, None);
            }
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Queries { queries, of_object } = self;
        queries.retract(at);
        of_object.retract(at);
    }

    /// What is known of a query, with the entry that last changed it.
    pub fn query(&self, query: u32, position: Position) -> Option<(Position, &Query)> {
        let (set, query) = self.queries.change_at(query, position)?;
        Some((set, query.as_ref()?))
    }

    /// The query that an object is.
    pub fn of_object(&self, object: u32, position: Position) -> Option<(Position, &Query)> {
        self.query((*self.of_object.at(object, position)?)?, position)
    }

    /// Whether every query is kept under the number of its name, and an object is the query that says so of itself.
    pub fn agrees(&self, names: &Names) -> bool {
        let own = |number, query: &Query| names.queries.is(number, query.name.as_str());
        under_own_numbers(&self.queries, |number, query| query.as_ref().is_none_or(|query| own(number, query)))
            && indexes(&self.of_object, |query| query, &self.queries, |query| Some(query.object))
    }

    /// When it may have changed which query an object is, and what is set of it.
    pub fn points_of_object(&self, object: u32, as_of: AsOf, into: &mut Vec<Cause>) {
        let numbers = self.of_object.history(object).into_iter();
        for (set, query) in numbers.flat_map(|history| history.changes_to(as_of.position)) {
            into.push(Cause::Entry(set));
            let history = query.and_then(|query| self.queries.history(query)).into_iter();
            into.extend(
                history.flat_map(|history| history.changes_to(as_of.position)).map(|(set, _)| Cause::Entry(set)),
            );
        }
    }

    /// The queries as of a position, by name.
    pub fn all(&self, position: Position) -> Vec<&Query> {
        let existing = self.queries.keys().filter_map(|number| Some(self.query(number, position)?.1));
        let mut queries: Vec<_> = existing.collect();
        queries.sort_by(|one, other| one.name.cmp(&other.name));
        queries
    }

    /// The history of every query that there ever was.
    pub fn ever(&self) -> impl Iterator<Item = &History<Option<Query>>> {
        self.queries.keys().filter_map(|number| self.queries.history(number))
    }
}
