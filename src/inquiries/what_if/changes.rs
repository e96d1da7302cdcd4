//! The difference between two answers: what one has and the other has not, each by where it stands.

use std::collections::BTreeMap;

use serde_json::Value;

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Where: `admins[jeff].effective`.
    pub path: String,
    /// What it is in the first; null for nothing.
    pub before: Value,
    /// What it is in the second; null for nothing.
    pub after: Value,
}

/// The fields by which members of lists are told apart: those that there are, together, and else the name.
const IDENTITY: [&str; 13] = [
    "account",
    "code",
    "subject",
    "principal",
    "right",
    "session",
    "app",
    "separation",
    "audience",
    "setting",
    "query",
    "step",
    "opened",
];

/// What stands where nothing does.
static NOTHING: Value = Value::Null;

/// In what `after` differs from `before`, what both are as of aside.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

/// Views of a million accounts are compared as they lie: nothing of them is copied but what differs.
fn compare<'a>(path: &str, before: &'a Value, after: &'a Value, into: &mut Vec<Change>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) if !is_cause(before) => {
            let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
            for name in names.filter(|name| !(path.is_empty() && *name == "as_of")) {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&inner, old.get(name).unwrap_or(&NOTHING), new.get(name).unwrap_or(&NOTHING), into);
            }
        }
        (Value::Array(old), Value::Array(new)) => match (by_identity(old), by_identity(new)) {
            (Some(old), Some(new)) => {
                let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
                for name in names {
                    let at = |members: &BTreeMap<String, &'a Value>| members.get(name).copied().unwrap_or(&NOTHING);
                    compare(&format!("{path}[{name}]"), at(&old), at(&new), into);
                }
            }
            _ => into.push(Change { path: path.to_owned(), before: before.clone(), after: after.clone() }), // plain lists
        },
        (before, after) => {
            into.push(Change { path: path.to_owned(), before: before.clone(), after: after.clone() });
        }
    }
}

/// A cause is one thing: an entry, or the clock.
fn is_cause(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|fields| fields.len() == 1 && (fields.contains_key("position") || fields.contains_key("clock")))
}

/// Members by what tells them apart. `None` where nothing does.
fn by_identity(members: &[Value]) -> Option<BTreeMap<String, &Value>> {
    let mut named = BTreeMap::new();
    for member in members {
        let fields = member.as_object()?;
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut identity: Vec<String> = IDENTITY.iter().filter_map(|name| fields.get(*name)).map(text).collect();
        if identity.is_empty() {
            identity.extend(fields.get("name").map(text));
        }
        if identity.is_empty() || named.insert(identity.join(" "), member).is_some() {
            return None;
        }
    }
    Some(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_of_lists_are_compared_by_who_they_are() {
        let before =
            json!({"as_of": 1, "admins": [{"account": "bob", "effective": true}, {"account": "jeff"}], "n": [1]});
        let after =
            json!({"as_of": 2, "admins": [{"account": "bob", "effective": false}, {"account": "ann"}], "n": [2]});
        let found = changes(&before, &after);
        let shown: Vec<String> =
            found.iter().map(|one| format!("{}: {} -> {}", one.path, one.before, one.after)).collect();
        assert_eq!(
            shown,
            [
                "admins[bob].effective: true -> false",
                "admins[jeff]: {\"account\":\"jeff\"} -> null",
                "admins[ann]: null -> {\"account\":\"ann\"}",
                "n: [1] -> [2]"
            ]
        );
        assert_eq!(changes(&before, &before), []);
    }
}
