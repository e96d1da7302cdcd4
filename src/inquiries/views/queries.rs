//! Queries, their flags and the access setting in force on each (chapter Q).

use grantbook_projections::Cause;
use grantbook_rights::{effective_setting, open_beyond_staff};
use serde_json::{Map, Value};

use crate::shown::Shown;

pub(super) fn queries(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut queries = Map::new();
    for query in views.queries.all(as_of.position) {
        let set = effective_setting(views, query.object, as_of.position).setting.slug();
        let mut state = Map::new();
        state.insert("object".to_owned(), views.names.objects.text(query.object).into());
        state.insert("set".to_owned(), set.into());
        state.insert("out_of_box".to_owned(), query.out_of_box.into());
        state.insert("via_api".to_owned(), query.via_api.into());
        state.insert("personal_data".to_owned(), query.personal_data.into());
        state.insert("filtered_to_caller".to_owned(), query.filtered_to_caller.into());
        state.insert("open_beyond_staff".to_owned(), open_beyond_staff(views, query.object, as_of).into());
        state.insert("since".to_owned(), shown.cause(Cause::Entry(query.created)));
        shown.put_by(Some(query.created), &mut state);
        queries.insert(query.name.as_str().to_owned(), Value::Object(state));
    }
    shown.answer([("queries", Value::Object(queries))])
}
