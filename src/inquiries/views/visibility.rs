//! The sets of contacts that are visible to whom (chapter V). A set that nobody defined is empty, and not listed.

use grantbook_events::VisibilityAudience;
use grantbook_projections::Cause;
use serde_json::{Map, Value};

use crate::shown::Shown;

pub(super) fn visibility(shown: &Shown<'_>) -> Value {
    let (views, position) = (shown.views, shown.position());
    let mut audiences = Map::new();
    for audience in VisibilityAudience::ALL {
        let Some((defined, condition)) = views.visibility.set(*audience, position) else { continue };
        let everyone = views.names.accounts.all();
        let contacts = everyone.filter(|(who, _)| {
            views.accounts.exists(*who, position) && views.accounts.satisfies(*who, condition, position)
        });
        let mut state = Map::new();
        state.insert("condition".to_owned(), serde_json::to_value(condition).unwrap_or_default());
        state.insert("contacts".to_owned(), contacts.count().into());
        state.insert("since".to_owned(), shown.cause(Cause::Entry(defined)));
        shown.put_by(Some(defined), &mut state);
        audiences.insert(audience.slug().to_owned(), Value::Object(state));
    }
    shown.answer([("visibility", Value::Object(audiences))])
}
