//! What answers of the API say, read without fuss: what is not there reads as empty.

use serde_json::Value;

/// The text of a field; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The text of a field, where there is one.
pub(crate) fn maybe_text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The number of a field.
pub(crate) fn number(value: &Value, field: &str) -> Option<u64> {
    value.get(field).and_then(Value::as_u64)
}

/// How many a field says there are; 0 where it says nothing.
pub(crate) fn count(value: &Value, field: &str) -> usize {
    number(value, field).and_then(|count| usize::try_from(count).ok()).unwrap_or_default()
}

/// Whether a field says yes.
pub(crate) fn yes(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or_default()
}

/// The list in a field; empty where there is none.
pub(crate) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The names and values of an object in a field.
pub(crate) fn fields<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value.get(field).and_then(Value::as_object).into_iter().flatten()
}
