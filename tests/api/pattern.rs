//! What an answer must be like: JSON of which only what is named counts.
//!
//! In a pattern an object needs the named fields only, and a list all its members in order. Text has meanings: `*` is
//! anything but null, `!` is a field that must not be there, `~word` is text that holds the word, `$name` captures a
//! value, or where it was captured before must be the same; a list that ends with `...` may go on.

use std::collections::BTreeMap;

use serde_json::Value;

/// What was captured.
pub(crate) type Captured = BTreeMap<String, Value>;

/// Holds `value` against `pattern`. Errors: where they differ, and how.
pub(crate) fn compare(pattern: &Value, value: Option<&Value>, captured: &mut Captured) -> Result<(), String> {
    at("", pattern, value, captured)
}

fn at(path: &str, pattern: &Value, value: Option<&Value>, captured: &mut Captured) -> Result<(), String> {
    if pattern == "!" {
        return value.map_or(Ok(()), |value| Err(format!("{path}: expected nothing, found {value}")));
    }
    let Some(value) = value else { return Err(format!("{path}: expected {pattern}, found nothing")) };
    let differs = || Err(format!("{path}: expected {pattern}, found {value}"));
    match (pattern, value) {
        (Value::String(text), _) if text == "*" => {
            if value.is_null() {
                differs()
            } else {
                Ok(())
            }
        }
        (Value::String(text), _) if text.starts_with('$') => {
            match captured.insert(text[1..].to_owned(), value.clone()) {
                Some(before) if before != *value => Err(format!("{path}: {text} was {before}, found {value}")),
                Some(_) | None => Ok(()),
            }
        }
        (Value::String(text), Value::String(found)) if text.starts_with('~') => {
            if found.contains(&text[1..]) {
                Ok(())
            } else {
                differs()
            }
        }
        (Value::Object(fields), Value::Object(found)) => fields
            .iter()
            .try_for_each(|(name, pattern)| at(&format!("{path}.{name}"), pattern, found.get(name), captured)),
        (Value::Array(members), Value::Array(found)) => {
            let open = members.last().is_some_and(|last| last == "...");
            let members = if open { &members[..members.len() - 1] } else { &members[..] };
            if found.len() < members.len() || (found.len() > members.len() && !open) {
                return Err(format!("{path}: expected {} members, found {}: {value}", members.len(), found.len()));
            }
            members.iter().zip(found).enumerate().try_for_each(|(index, (pattern, found))| {
                at(&format!("{path}[{index}]"), pattern, Some(found), captured)
            })
        }
        _ => {
            if pattern == value {
                Ok(())
            } else {
                differs()
            }
        }
    }
}
