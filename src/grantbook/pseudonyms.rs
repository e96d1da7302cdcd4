//! Other names for those of a history, so that it can be handed on: the same name is always replaced by the same other one, and
//! names that are the same without case stay so. What is the platform's own (system roles, built-in groups, apps, modules,
//! settings, capabilities) stays, and so do member types, statuses and positions, which are categories.

use std::collections::HashMap;

use grantbook_encoding::json::{DETAILS, inside};
use grantbook_events::Event;
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

/// The fields of an entry's public form that it keeps, apart from its events.
const OF_ENTRY: [&str; 13] = [
    "tenant",
    "position",
    "at",
    "recorded_at",
    "actor",
    "command",
    "commands",
    "command_id",
    "keyed",
    "cause",
    "ticket",
    "import",
    "events",
];

/// The fields that every event has, beside its own.
const OF_EVENT: [&str; 5] = ["type", "version", "authority", "command_index", "erased"];

/// The fields of what is within a field, with their types as descriptions write them.
type Within = &'static [(&'static str, &'static str)];

/// What becomes of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Becomes {
    /// It stays: a number, a time, one of a few words, a category, or the platform's own.
    Itself,
    Account,
    Username,
    /// A role's name, which stays where it is a system role.
    Role,
    /// A group's name, which stays where it is built in.
    Group,
    /// The name of something else, or the path of its object.
    Name,
    Path,
    /// An item of a review.
    Item,
    Customer,
    Operator,
    Tenant,
    Ticket,
    Person,
    Email,
    /// Another text; none stays none.
    Text,
    Url,
    /// The text of a mail.
    Template,
    /// Each of its fields becomes what its type says.
    Within(Within),
}

/// What becomes of the values of a field, by the type that an event's description writes. Where it does not tell what is
/// called so, as of any text, the field's name does. `None` for what is not known here, which is left out: a name that somebody chose
/// could be in it.
fn becomes(field: &str, written: &str) -> Option<Becomes> {
    Some(match value_type(written) {
        "u8" | "u16" | "u32" | "u64" | "bool" | "Position" | "KeyId" | "SecretVersion" | "Instant" | "Date" => {
            Becomes::Itself
        }
        "AppName" | "ModuleName" | "CapabilityName" | "RuleId" | "CommandName" | "EventKind" => Becomes::Itself,
        "AccessRight" | "Addressee" | "AdminOrigin" | "Audience" | "Client" | "CommunityRight" | "ContentRight"
        | "DeliveryFailure" | "Door" | "Edition" | "Licence" | "Notice" | "ObjectKind" | "OrganisationKind"
        | "Purpose" | "ReadScope" | "ReadinessProblem" | "RefusalCause" | "ResetEnd" | "ReviewDecision"
        | "SecuritySet" | "SessionEnd" | "Setting" | "SignInPlane" | "SubscriptionStatus" | "TextSetting"
        | "UserClass" | "VisibilityAudience" => Becomes::Itself,
        // Conditions are on categories.
        "ContactCondition" => Becomes::Itself,
        "AccountId" => Becomes::Account,
        "Username" => Becomes::Username,
        "RoleName" => Becomes::Role,
        "GroupName" => Becomes::Group,
        "OrganisationName" | "CommunityName" | "ProductName" | "QueryName" | "SeparationName" | "ReviewName"
        | "WebhookName" => Becomes::Name,
        "ObjectPath" => Becomes::Path,
        "ReviewItem" => Becomes::Item,
        "CustomerName" => Becomes::Customer,
        "OperatorName" => Becomes::Operator,
        "CloudId" => Becomes::Tenant,
        "Ticket" => Becomes::Ticket,
        "SealedEmail" => Becomes::Email,
        "SiteUrl" => Becomes::Url,
        "Sealed" => match field {
            "full_name" | "requester_name" => Becomes::Person,
            "city" | "state" | "country" | "phone" | "picture" => Becomes::Text,
            _ => return None, // any other is not known here
        },
        "Label" => match field {
            "member_type" | "status" | "position" => Becomes::Itself,
            "organisation" | "region" => Becomes::Text,
            _ => return None, // any other is not known here
        },
        "String" => match field {
            // That of an app in the platform's catalogue; the hash that names a backup.
            "title" | "digest" => Becomes::Itself,
            "full_name" | "description" | "problem" | "solution" => Becomes::Text,
            "value" => Becomes::Template,
            _ => return None, // any other is not known here
        },
        "ContactDetails" => Becomes::Within(&DETAILS),
        "Principal" => Becomes::Within(&[
            ("group", "GroupName"),
            ("role", "RoleName"),
            ("account", "AccountId"),
            ("member_type", "Label"),
            ("staff", "bool"),
        ]),
        "ReviewScope" => Becomes::Within(&[
            ("app", "AppName"),
            ("apps", "bool"),
            ("role", "RoleName"),
            ("group", "GroupName"),
            ("admins", "bool"),
            ("object", "ObjectPath"),
        ]),
        "ReadinessFinding" => Becomes::Within(&[
            ("code", "ReadinessProblem"),
            ("status", "u16"),
            ("problem", "String"),
            ("solution", "String"),
        ]),
        _ => return None, // any other is not known here
    })
}

/// The type of each value of a field: without what says that there may be none, or several.
fn value_type(written: &str) -> &str {
    ["Option", "Box", "Vec"].into_iter().find_map(|wrapper| inside(written, wrapper)).map_or(written, value_type)
}

/// The type of an event's field; `None` where it has none of that name.
fn written(fields: Within, name: &str) -> Option<&'static str> {
    let of = |fields: Within| fields.iter().find(|(field, _)| *field == name).map(|(_, written)| *written);
    let details = || fields.iter().any(|(_, written)| value_type(written) == "ContactDetails");
    of(fields).or_else(|| details().then(|| of(&DETAILS))?)
}

impl Pseudonyms {
    /// The entry in its public form under other names, without what only people read of it: reasons, where it came from,
    /// names as they were then, what was before. What of it is not known here is left out too.
    pub(crate) fn entry(&mut self, entry: &Value) -> Value {
        let mut entry = entry.clone();
        let Some(fields) = entry.as_object_mut() else { return entry };
        fields.retain(|name, _| OF_ENTRY.contains(&name.as_str()));
        fields.insert("tenant".to_owned(), TENANT.into());
        if let Some(actor) = fields.get_mut("actor").and_then(Value::as_object_mut) {
            self.actor(actor);
        }
        if let Some(commands) = fields.get_mut("commands").and_then(Value::as_array_mut) {
            commands.iter_mut().filter_map(Value::as_object_mut).for_each(|note| _ = note.remove("reason"));
        }
        self.of_type(fields, &[("ticket", "Ticket")]);
        if let Some(import) = fields.get_mut("import").and_then(Value::as_object_mut) {
            import.insert("source".to_owned(), "".into());
            self.of_type(import, &[("ticket", "Ticket"), ("operator", "OperatorName")]);
        }
        let events = fields.get_mut("events").and_then(Value::as_array_mut).into_iter().flatten();
        events.filter_map(Value::as_object_mut).for_each(|event| self.event(event));
        entry
    }

    fn actor(&mut self, actor: &mut Map<String, Value>) {
        actor.remove("name");
        let written =
            if actor.get("kind").is_some_and(|kind| kind == "account") { "AccountId" } else { "OperatorName" };
        self.of_type(actor, &[("id", written)]);
    }

    /// The fields that are named, by their types.
    fn of_type(&mut self, fields: &mut Map<String, Value>, named: &[(&str, &str)]) {
        for (name, written) in named {
            if let (Some(value), Some(becomes)) = (fields.get_mut(*name), becomes(name, written)) {
                self.value(value, becomes);
            }
        }
    }

    /// An event: its own fields by their types in its description.
    fn event(&mut self, event: &mut Map<String, Value>) {
        let description = event.get("type").and_then(Value::as_str).and_then(Event::describe);
        let described = description.map_or(&[][..], |description| description.fields);
        event.retain(|name, value| {
            OF_EVENT.contains(&name.as_str())
                || written(described, name)
                    .and_then(|written| becomes(name, written))
                    .is_some_and(|becomes| self.value(value, becomes))
        });
    }

    /// The value, and each that is in it, under another name. False where it is not one that becomes that.
    fn value(&mut self, value: &mut Value, becomes: Becomes) -> bool {
        match (value, becomes) {
            (_, Becomes::Itself) | (Value::Null, _) => {}
            (Value::String(text), _) => match self.other(text, becomes) {
                Some(other) => *text = other,
                None => return false,
            },
            (Value::Array(list), _) => return list.iter_mut().all(|one| self.value(one, becomes)),
            (Value::Object(inner), Becomes::Within(types)) => {
                inner.retain(|name, value| {
                    written(types, name)
                        .and_then(|written| self::becomes(name, written))
                        .is_some_and(|becomes| self.value(value, becomes))
                });
            }
            (Value::Bool(_) | Value::Number(_) | Value::Object(_), _) => return false,
        }
        true
    }

    /// The other text; `None` where it is to be no text.
    fn other(&mut self, text: &str, becomes: Becomes) -> Option<String> {
        Some(match becomes {
            Becomes::Itself => text.to_owned(),
            Becomes::Account => self.account(text),
            Becomes::Username if text.eq_ignore_ascii_case("manager") => text.to_owned(),
            Becomes::Username => self.usernames.of(text, "user"),
            Becomes::Role if SystemRole::ALL.into_iter().any(|role| role.name().eq_ignore_ascii_case(text)) => {
                text.to_owned()
            }
            Becomes::Group if Groups::built_in(text).is_some() => text.to_owned(),
            Becomes::Group | Becomes::Name if text.starts_with('/') => self.path(text),
            Becomes::Role | Becomes::Group | Becomes::Name => self.names.of(text, "name"),
            Becomes::Path => self.path(text),
            Becomes::Item => self.item(text),
            Becomes::Customer if text == "local" => text.to_owned(),
            Becomes::Customer => self.names.of(text, "customer"),
            Becomes::Operator => self.names.of(text, "operator-"),
            Becomes::Tenant => TENANT.to_owned(),
            Becomes::Ticket => format!("T-{}", self.text(text)),
            Becomes::Person => format!("Person {}", self.text(text)),
            Becomes::Email if text.contains('@') => format!("person{}@example.org", self.text(text)),
            Becomes::Email => "no address".to_owned(),
            Becomes::Text if text.is_empty() => String::new(),
            Becomes::Text => format!("text {}", self.text(text)),
            Becomes::Url => format!("https://host{}.example/", self.text(text)),
            Becomes::Template => "{link}".to_owned(),
            Becomes::Within(_) => return None,
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

    /// An item of a review, such as `sarah/iemail-cloud` or `group:Board/edit`: what of it is a name that was replaced before.
    fn item(&mut self, item: &str) -> String {
        if let Some((kind @ ("group" | "role" | "account"), rest)) = item.split_once(':') {
            let (whom, right) = rest.rsplit_once('/').unwrap_or((rest, ""));
            let whom = if kind == "account" { self.account(whom) } else { self.known(whom) };
            return format!("{kind}:{whom}/{right}");
        }
        let (whom, what) = item.split_once('/').map_or((item, None), |(whom, what)| (whom, Some(what)));
        if !self.accounts.contains_key(whom) {
            // A member type's right or that of all staff, which are categories.
            return item.to_owned();
        }
        let whom = self.account(whom);
        what.map_or_else(|| whom.clone(), |what| format!("{whom}/{}", self.known(what)))
    }

    /// The other name of what was named before; what was not is the platform's own.
    fn known(&mut self, name: &str) -> String {
        let known = self.names.numbers.contains_key(&name.to_lowercase());
        if known { self.names.of(name, "name") } else { name.to_owned() }
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
    use grantbook_encoding::json::{Shown, from_json, to_json};
    use grantbook_encoding::samples::samples;
    use grantbook_events::Position;
    use serde_json::json;

    #[test]
    fn every_type_of_a_field_is_known_to_stay_or_to_be_replaced() {
        for description in Event::descriptions() {
            for (name, written) in description.fields {
                assert!(
                    becomes(name, written).is_some(),
                    "{}.{name}: {written}: what becomes of it?",
                    description.kind
                );
            }
        }
        assert!(DETAILS.iter().all(|(name, written)| becomes(name, written).is_some()));
    }

    #[test]
    fn no_name_that_somebody_chose_is_left_of_any_event() {
        let open = |sealed: &grantbook_events::Sealed| Some(format!("Sealed and opened {}", sealed.bytes.len()));
        let shown = Shown {
            name_of: &|_| Some("Jeff T.".to_owned()),
            open: &open,
            before: &|_| Some(json!({"group": "Editors"})),
            ..Shown::bare("abcimis", Position(70_000))
        };
        let mut names = Pseudonyms::default();
        let forms: Vec<Value> = samples().iter().map(|entry| to_json(entry, &shown)).collect();
        let all = Value::from(forms.clone()).to_string();
        let others: Vec<Value> = forms.iter().map(|form| names.entry(form)).collect();
        for name in [
            "jeff",
            "Jeff",
            "erika",
            "bob",
            "sarah",
            "p141f",
            "abcimis",
            "Sealed and",
            "jeff@example.org",
            "ABC Association",
            "Cargo",
            "Editors",
            "News",
            "Gardeners",
            "Field guide",
            "All members",
            "Spring",
            "Autumn",
            "Keys and rooms",
            "siem",
            "abc.example",
            "Keeps",
            "May use",
            "Remote Service",
            "/site",
            "blog",
            "Home",
            "/public",
            "europe",
            "Hello",
            "Ann Operator",
            "root",
            "T-2026",
            "covers Bob",
            "\"both\"",
            "change 310",
            "192.0.2",
            "curl",
            "has status 503",
            "see that the site",
        ] {
            assert!(all.contains(name), "{name} is in no sample");
            let left = others.iter().find(|other| other.to_string().contains(name));
            assert!(left.is_none(), "{name}: {left:?}");
        }
        // What stays, and what every event has, is there; what comes out is read again.
        for (form, other) in forms.iter().zip(&others) {
            for (event, other) in form["events"].as_array().unwrap().iter().zip(other["events"].as_array().unwrap()) {
                for name in event.as_object().unwrap().keys() {
                    let told = name.ends_with("_name")
                        && name != "full_name"
                        && name != "new_name"
                        && name != "requester_name";
                    assert_eq!(other.get(name).is_some(), !told && name != "before", "{name}: {other}");
                }
            }
            from_json(other).unwrap();
        }
    }

    #[test]
    fn an_item_of_a_review_is_called_after_what_it_is_of() {
        let mut names = Pseudonyms::default();
        assert_eq!(names.account("jeff"), "person1");
        assert_eq!(names.other("Board/A", Becomes::Group).unwrap(), "name1");
        for (item, other) in [
            ("jeff/iemail-cloud", "person1/iemail-cloud"),
            ("jeff/Board/A", "person1/name1"),
            ("jeff", "person1"),
            ("group:Board/A/edit", "group:name1/edit"),
            ("role:SysAdmin/read", "role:SysAdmin/read"),
            ("account:jeff/read", "account:person1/read"),
            ("member_type:Regular/read", "member_type:Regular/read"),
            ("staff/read", "staff/read"),
        ] {
            assert_eq!(names.item(item), other);
        }
    }

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
