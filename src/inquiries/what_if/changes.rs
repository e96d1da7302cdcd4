//! The difference between two answers: what one has and the other has not, each by where it stands.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

type Fields = serde_json::Map<String, Value>;

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

/// The fields by which members of lists are told apart: those that there are, together, and else the name. Of refusals there may be
/// many of one account, and of a webhook many deliveries that were given up: each is told apart by its entry.
const IDENTITY: [&str; 15] = [
    "position",
    "account",
    "webhook",
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

/// What an answer is as of: where it differs, nothing that is told does.
const AS_OF: &str = "as_of";

/// In what `after` differs from `before`, what both are as of aside.
pub fn changes(before: Value, after: Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare(String::new(), before, after, &mut found);
    found
}

/// Views of a million accounts are compared as they lie, and taken apart: nothing of them is copied.
fn compare(path: String, before: Value, after: Value, into: &mut Vec<Change>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) if !is_cause(&old) => {
            let inner = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            each(inner, old, new, into);
        }
        (Value::Array(old), Value::Array(new)) => match (identities(&old), identities(&new)) {
            (Some(these), Some(those)) => {
                each(|name| format!("{path}[{name}]"), named(these, old), named(those, new), into);
            }
            _ => into.push(Change { path, before: Value::Array(old), after: Value::Array(new) }), // plain lists
        },
        (before, after) => into.push(Change { path, before, after }),
    }
}

/// Compares what is called alike, and then what is only in the second.
fn each(path: impl Fn(&str) -> String, mut old: Fields, mut new: Fields, into: &mut Vec<Change>) {
    for (name, before) in &mut old {
        let (path, after) = (path(name), new.get_mut(name).map(Value::take).unwrap_or_default());
        if path != AS_OF {
            compare(path, before.take(), after, into);
        }
    }
    for (name, after) in new {
        let path = path(&name);
        if !old.contains_key(&name) && path != AS_OF {
            compare(path, Value::Null, after, into);
        }
    }
}

/// A cause is one thing: an entry, or the clock.
fn is_cause(fields: &Fields) -> bool {
    fields.len() == 1 && ["position", "inserted_after", "clock"].iter().any(|name| fields.contains_key(*name))
}

/// What tells members of a list apart, of each. `None` where nothing does.
fn identities(members: &[Value]) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let identity = |member: &Value| {
        let fields = member.as_object()?;
        // An item of a review has a name of its own: somebody may hold many that are looked at.
        if let Some(item) = fields.get("item") {
            return Some(text(item));
        }
        // What somebody is in an organisation is a position too, by which no member is told from another.
        let office = |name: &str, value: &Value| name == "position" && (value.is_string() || value.is_null());
        let known = IDENTITY.iter().filter_map(|name| Some((*name, fields.get(*name)?)));
        let mut identity: Vec<String> =
            known.filter(|(name, value)| !office(name, value)).map(|(_, value)| text(value)).collect();
        if identity.is_empty() {
            identity.extend(fields.get("name").map(text));
        }
        (!identity.is_empty()).then(|| identity.join(" "))
    };
    let identities: Vec<String> = members.iter().map(identity).collect::<Option<_>>()?;
    let different: HashSet<&String> = identities.iter().collect();
    (different.len() == identities.len()).then_some(identities)
}

/// Members by what tells them apart, in the order of that.
fn named(identities: Vec<String>, members: Vec<Value>) -> Fields {
    identities.into_iter().zip(members).collect::<BTreeMap<String, Value>>().into_iter().collect()
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
        let found = changes(before.clone(), after);
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
        assert_eq!(changes(before.clone(), before), []);
    }

    #[test]
    fn of_many_refusals_only_that_which_differs_is_told() {
        let refusal = |position: Value, rule| json!({"position": position, "account": "bob", "rule": rule});
        let before = json!({"refusals": [refusal(json!(4), "F4"), refusal(json!(7), "F4")]});
        let after = json!({"refusals": [
            refusal(json!(4), "F4"), refusal(json!({"inserted_after": 5}), "S2"), refusal(json!(7), "F3"),
        ]});
        let found = changes(before, after);
        let paths: Vec<&str> = found.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(paths, ["refusals[7 bob].rule", "refusals[{\"inserted_after\":5} bob]"]);
    }

    #[test]
    fn of_many_items_of_one_account_only_that_which_differs_is_told() {
        let item = |app: &str, outcome| json!({"item": format!("bob/{app}"), "account": "bob", "outcome": outcome});
        let items = |outcome| json!({"items": [item("datastation", "kept"), item("cloud-sso", outcome)]});
        let found = changes(items("kept"), items("gone"));
        let paths: Vec<&str> = found.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(paths, ["items[bob/cloud-sso].outcome"]);
    }

    #[test]
    fn an_office_that_changes_hands_is_a_change_of_its_holder() {
        let member = |office: Value| json!({"members": [{"account": "ann", "position": office}]});
        let found = changes(member(json!("Treasurer")), member(Value::Null));
        assert_eq!(found[0].path, "members[ann].position");
    }
}
