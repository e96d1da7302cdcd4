//! CloudEvents 1.0 in their JSON format. `source` and `id` together name an event for ever: the same event, exported
//! twice, has the same ones.

use serde_json::{Map, Value, json};

use super::happened::Happened;

/// One event.
pub(crate) fn event(event: &Happened<'_>) -> Value {
    let tenant = event.of_entry("/tenant").unwrap_or_default();
    let version = event.event.get("version").and_then(Value::as_u64).unwrap_or(1);
    let mut told = Map::new();
    told.insert("specversion".to_owned(), "1.0".into());
    told.insert("id".to_owned(), event.id().into());
    told.insert("source".to_owned(), format!("/v1/tenants/{tenant}").into());
    told.insert("type".to_owned(), format!("grantbook.{}.v{version}", event.kind()).into());
    if let Some(account) = event.text("account") {
        told.insert("subject".to_owned(), account.into());
    }
    told.insert("time".to_owned(), event.of_entry("/at").into());
    told.insert("datacontenttype".to_owned(), "application/json".into());
    told.insert("data".to_owned(), data(event));
    Value::Object(told)
}

/// The event, in an entry that has this one alone.
fn data(event: &Happened<'_>) -> Value {
    let mut data = event.entry.as_object().cloned().unwrap_or_default();
    data.shift_remove("events");
    data.insert("event".to_owned(), json!(event.event));
    Value::Object(data)
}
