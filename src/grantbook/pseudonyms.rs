//! Other names for those of a history, so that it can be handed on: the same name is always replaced by the same other one, and
//! names that are the same without case stay so. What is the platform's own (system roles, built-in groups, apps, modules,
//! settings, capabilities) stays, and so do member types, statuses and positions, which are categories.

use std::collections::HashMap;

use grantbook_projections::{Groups, SystemRole};
use serde_json::{Map, Value};

/// The names given so far.
#[derive(Default)]
pub(crate) struct Pseudonyms {
    accounts: HashMap<String, usize>,
    usernames: Spellings,
    names: Spellings,
    texts: HashMap<String, usize>,
}

/// Names that are compared without case: a number each, and their spellings in the order in which they came.
#[derive(Default)]
struct Spellings {
    numbers: HashMap<String, (usize, Vec<String>)>,
}

impl Spellings {
    /// The other name: of a second spelling the same with other capitals.
    fn of(&mut self, name: &str, lead: &str) -> String {
        let next = self.numbers.len() + 1;
        let (number, spellings) = self.numbers.entry(name.to_lowercase()).or_insert((next, Vec::new()));
        let found = spellings.iter().position(|spelling| spelling == name);
        let spelling = found.unwrap_or_else(|| {
            spellings.push(name.to_owned());
            spellings.len() - 1
        });
        let capitals =
            |(at, letter): (usize, char)| if spelling >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter };
        format!("{}{number}", lead.char_indices().map(capitals).collect::<String>())
    }
}

/// The tenant, whatever it was called.
pub(crate) const TENANT: &str = "somebodyimis";

impl Pseudonyms {
    /// The entry in its public form under other names, without what only people read of it: reasons, where it came from,
    /// names as they were then, what was before.
    pub(crate) fn entry(&mut self, entry: &Value) -> Value {
        let mut entry = entry.clone();
        if let Some(fields) = entry.as_object_mut() {
            for unread in ["source", "reason"] {
                fields.remove(unread);
            }
            fields.insert("tenant".to_owned(), TENANT.into());
            if let Some(actor) = fields.get_mut("actor").and_then(Value::as_object_mut) {
                self.actor(actor);
            }
            if let Some(commands) = fields.get_mut("commands").and_then(Value::as_array_mut) {
                commands.iter_mut().filter_map(Value::as_object_mut).for_each(|note| _ = note.remove("reason"));
            }
            if let Some(import) = fields.get_mut("import").and_then(Value::as_object_mut) {
                import.insert("source".to_owned(), "".into());
            }
            self.fields(fields);
        }
        entry
    }

    fn actor(&mut self, actor: &mut Map<String, Value>) {
        actor.remove("name");
        let account = actor.get("kind").is_some_and(|kind| kind == "account");
        if let Some(Value::String(id)) = actor.get_mut("id") {
            *id = if account { self.account(id) } else { self.names.of(id, "operator-") };
        }
    }

    /// Every field by what it is called, whatever it is in.
    fn fields(&mut self, fields: &mut Map<String, Value>) {
        let shown: Vec<String> = fields
            .keys()
            .filter(|name| {
                let of = name.strip_suffix("_name").is_some_and(|of| fields.contains_key(of));
                of || matches!(name.as_str(), "before" | "after")
            })
            .cloned()
            .collect();
        for name in shown {
            fields.remove(&name);
        }
        let setting_text = fields.get("type").is_some_and(|kind| kind == "text_setting_changed");
        for (name, value) in fields.iter_mut() {
            match value {
                Value::String(text) => {
                    if let Some(other) = self.other(name, text, setting_text) {
                        *text = other;
                    }
                }
                Value::Array(list) if matches!(name.as_str(), "covers" | "reviewers" | "accounts") => {
                    let kind = if name == "covers" { "object" } else { "account" };
                    for one in list {
                        match one {
                            Value::String(text) => {
                                if let Some(other) = self.other(kind, text, false) {
                                    *text = other;
                                }
                            }
                            Value::Object(inner) => self.fields(inner),
                            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
                        }
                    }
                }
                Value::Array(list) => {
                    list.iter_mut().filter_map(Value::as_object_mut).for_each(|inner| self.fields(inner));
                }
                // Conditions are on categories.
                Value::Object(_) if name == "condition" => {}
                Value::Object(inner) => self.fields(inner),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
    }

    /// The other text of a field; `None` where it stays.
    fn other(&mut self, field: &str, text: &str, setting_text: bool) -> Option<String> {
        Some(match field {
            "account" | "first_admin" | "subject" | "by" => self.account(text),
            "username" if text.eq_ignore_ascii_case("manager") => return None,
            "username" => self.usernames.of(text, "user"),
            "role" | "new_name" => {
                let system = SystemRole::ALL.into_iter().any(|role| role.name().eq_ignore_ascii_case(text));
                if system { return None } else { self.names.of(text, "name") }
            }
            "group" if Groups::built_in(text).is_some() => return None,
            "group" | "organisation" | "community" | "product" | "query" if text.starts_with('/') => self.path(text),
            "group" | "organisation" | "community" | "product" | "query" | "separation" | "review" | "since_review" => {
                self.names.of(text, "name")
            }
            "object" | "site" => self.path(text),
            "item" => self.item(text),
            "full_name" => format!("Person {}", self.text(text)),
            "email" if text.contains('@') => format!("person{}@example.org", self.text(text)),
            "email" => "no address".to_owned(),
            "city" | "state" | "country" | "phone" | "picture" | "description" if !text.is_empty() => {
                format!("text {}", self.text(text))
            }
            "ticket" => format!("T-{}", self.text(text)),
            "operator" => self.names.of(text, "operator-"),
            "customer" if text == "local" => return None,
            "customer" => self.names.of(text, "customer"),
            "cloud_id" => TENANT.to_owned(),
            "value" if setting_text => "{link}".to_owned(),
            _ => return None,
        })
    }

    fn account(&mut self, id: &str) -> String {
        if id == "manager" {
            return id.to_owned();
        }
        let next = self.accounts.len() + 1;
        format!("person{}", self.accounts.entry(id.to_owned()).or_insert(next))
    }

    fn text(&mut self, text: &str) -> usize {
        let next = self.texts.len() + 1;
        *self.texts.entry(text.to_owned()).or_insert(next)
    }

    /// An item of a review, such as `sarah/iemail-cloud`: what of it is a name that was replaced before.
    fn item(&mut self, item: &str) -> String {
        let part = |part: &str| {
            if self.accounts.contains_key(part) {
                return self.account(part);
            }
            let known = self.names.numbers.contains_key(&part.to_lowercase());
            if known { self.names.of(part, "name") } else { part.to_owned() }
        };
        item.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    /// Each part for itself, so that what lies below something still does, and a query's object is still called after it.
    fn path(&mut self, path: &str) -> String {
        let part = |part: &str| match part {
            "" | "queries" => part.to_owned(),
            named => self.names.of(named, "name"), // any other is somebody's
        };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_name_is_always_the_same_other_one_and_the_platforms_own_stay() {
        let mut names = Pseudonyms::default();
        let entry = json!({"tenant": "abcimis", "position": 7, "actor": {"kind": "account", "id": "bob", "name": "Bob S."},
            "source": {"ip": "192.0.2.1"}, "reason": "for Jeff", "events": [
            {"type": "role_assigned", "account": "jeff", "account_name": "Jeff T.", "role": "SysAdmin"},
            {"type": "role_assigned", "account": "bob", "role": "Editor"},
            {"type": "group_member_added", "account": "manager", "group": "BOARD"},
            {"type": "access_granted", "object": "/board/queries/Members", "principal": {"group": "Board"}}]});
        let other = names.entry(&entry);
        assert_eq!(
            other,
            json!({"tenant": TENANT, "position": 7, "actor": {"kind": "account", "id": "person1"}, "events": [
            {"type": "role_assigned", "account": "person2", "role": "SysAdmin"},
            {"type": "role_assigned", "account": "person1", "role": "name1"},
            {"type": "group_member_added", "account": "manager", "group": "name2"},
            {"type": "access_granted", "object": "/Name2/queries/name3", "principal": {"group": "nAme2"}}]})
        );
        for name in ["bob", "jeff", "Jeff", "abc", "Editor", "192"] {
            assert!(!other.to_string().contains(name), "{name}: {other}");
        }
    }
}
