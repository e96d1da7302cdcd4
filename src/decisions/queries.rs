//! Decisions on queries (chapter Q). A query is an object of the tree, and its security the access setting of that object.

use grantbook_events::{Event, ObjectEvent, ObjectKind, ObjectPath, Position, QueryEvent, QueryName, SecuritySet};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::{QueryCommand, object_of};
use crate::refusal::Refusal;

pub(crate) fn decide(command: &QueryCommand, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::IqaUse, On::Nothing)?;
    match command {
        QueryCommand::CreateQuery { query, out_of_box, via_api, personal_data, filtered_to_caller } => {
            let object = object_of(query).ok_or_else(|| no_path(query))?;
            let there = case.views.names.objects.get(object.as_str());
            let there = there.and_then(|number| case.views.objects.object(number, case.now.position));
            if let Some((created, _)) = there.filter(|(_, there)| !there.implied) {
                let names = (object.as_str(), object.as_str());
                return Err(Refusal::name_taken("N1", "an object", names, Some(created)));
            }
            let created = QueryEvent::QueryCreated {
                query: query.clone(),
                object: object.clone(),
                out_of_box: *out_of_box,
                via_api: *via_api,
                personal_data: *personal_data,
                filtered_to_caller: *filtered_to_caller,
            };
            created_with_object(query, &object, (false, true), created, case, authority)
        }
        QueryCommand::EditQuery { query, via_api, personal_data, filtered_to_caller } => {
            let known = case.query(query)?;
            // Only what changes is told.
            let changed = |given: Option<bool>, until_now: bool| given.filter(|given| *given != until_now);
            let via_api = changed(*via_api, known.via_api);
            let personal_data = changed(*personal_data, known.personal_data);
            let filtered_to_caller = changed(*filtered_to_caller, known.filtered_to_caller);
            if via_api.or(personal_data).or(filtered_to_caller).is_none() {
                return Err(Refusal::conflict("Q1", format!("nothing of the query `{}` changes", known.name)));
            }
            let query = known.name.clone();
            let edited = QueryEvent::QueryEdited { query, via_api, personal_data, filtered_to_caller };
            Ok(vec![(authority, Event::Query(edited))])
        }
    }
}

fn no_path(query: &QueryName) -> Refusal {
    Refusal::malformed("N1", "query", format!("`{query}` cannot be part of an object path"))
}

/// A query created as an object of the tree: its name is the path, and none of its flags is set.
pub(crate) fn created_as_object(
    object: &ObjectPath,
    public: bool,
    active: bool,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    let query = QueryName::new(object.as_str()).map_err(|_| {
        Refusal::malformed("Q1", "object", "the path of a query is its name too: expected at most 128 characters")
    })?;
    let created = QueryEvent::QueryCreated {
        query: query.clone(),
        object: object.clone(),
        out_of_box: false,
        via_api: false,
        personal_data: false,
        filtered_to_caller: false,
    };
    created_with_object(&query, object, (public, active), created, case, authority)
}

/// A new query is for staff only (rule: Q1), whatever the objects above it give to whom.
fn created_with_object(
    query: &QueryName,
    object: &ObjectPath,
    (public, active): (bool, bool),
    created: QueryEvent,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    if let Ok(known) = case.query(query) {
        let since = case.views.objects.object(known.object, case.now.position).map(|(created, _)| created);
        return Err(Refusal::name_taken("Q1", "a query", (query.as_str(), known.name.as_str()), since));
    }
    let kind = ObjectKind::Query;
    let (object, set) = (|| object.clone(), SecuritySet::StaffFullControl);
    Ok(vec![
        (authority, Event::Object(ObjectEvent::ObjectCreated { object: object(), kind, public, active })),
        (authority, Event::Object(ObjectEvent::AccessSet { object: object(), set })),
        (authority, Event::Query(created)),
    ])
}

/// The event by which the query ends that a deleted object is.
pub(crate) fn end_query(
    object: u32,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Option<(Option<Position>, Event)> {
    let (_, query) = case.views.queries.of_object(object, case.now.position)?;
    Some((authority, Event::Query(QueryEvent::QueryDeleted { query: query.name.clone() })))
}
