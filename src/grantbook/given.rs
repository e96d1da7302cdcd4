//! What a person wrote for a field of a command, as the JSON that the field takes: alike on the command line and in the
//! console. Whether it is right is for the ledger to say.

use grantbook_decisions::command::{FieldDescription, FieldKind};
use serde_json::{Map, Value};

/// A principal in short.
pub(crate) const PRINCIPAL: &str = "group:NAME, role:NAME, account:ID, member_type:NAME or staff";
/// What a review looks at, in short.
pub(crate) const SCOPE: &str = "app:SLUG, apps, role:NAME, group:NAME, admins or object:PATH";

/// The value that `text` means. Errors: it starts like JSON, and is none; it is not of the short form that its kind has.
pub(crate) fn value(field: &FieldDescription, text: &str) -> Result<Value, String> {
    if text.starts_with(['{', '[']) {
        return serde_json::from_str(text).map_err(|error| format!("starts like JSON, but is none: {error}"));
    }
    if field.clearable && text == "null" {
        return Ok(Value::Null);
    }
    let text_value = || Value::from(text);
    Ok(match field.kind {
        FieldKind::Number { .. } => text.parse::<u64>().map_or_else(|_| text_value(), Value::from),
        FieldKind::Boolean => Value::from(text == "true"),
        FieldKind::Choices(_) | FieldKind::Paths | FieldKind::Accounts | FieldKind::EventTypes => {
            text.split(',').map(str::trim).map(Value::from).collect()
        }
        FieldKind::SettingValue => match text {
            "true" | "false" => Value::from(text == "true"),
            // Any other value is a number or text.
            _ => text.parse::<u64>().map_or_else(|_| text_value(), Value::from),
        },
        FieldKind::Principal => tagged(text, &["staff"]).ok_or_else(|| format!("is none of {PRINCIPAL}"))?,
        FieldKind::ReviewScope => tagged(text, &["apps", "admins"]).ok_or_else(|| format!("is none of {SCOPE}"))?,
        FieldKind::Principals => {
            // A name alone is an account's.
            let one = |one: &str| tagged(one, &["staff"]).unwrap_or_else(|| Value::from(one));
            text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(one).collect()
        }
        FieldKind::Account
        | FieldKind::NewAccount
        | FieldKind::Username
        | FieldKind::Name
        | FieldKind::CloudId
        | FieldKind::Path
        | FieldKind::Url
        | FieldKind::Text { .. }
        | FieldKind::Personal
        | FieldKind::Email
        | FieldKind::Secret
        | FieldKind::Code
        | FieldKind::Until
        | FieldKind::Date
        | FieldKind::Choice(_)
        | FieldKind::Condition
        | FieldKind::Uses => text_value(),
    })
}

/// One thing of a kind: `group:NAME` and the like, or one of the `alone`, which need no name; `None` where it is neither.
fn tagged(text: &str, alone: &[&str]) -> Option<Value> {
    let (kind, name) = match text.split_once(':') {
        Some((kind, name)) => (kind, Value::from(name)),
        None if alone.contains(&text) => (text, Value::from(true)),
        None => return None,
    };
    Some(Value::Object(Map::from_iter([(kind.to_owned(), name)])))
}
