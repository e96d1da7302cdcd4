//! The platform's actual state compared with the book: what is there and not granted here, what is granted here and not
//! there. The form of a state is described in `docs/reconcile-format.md`.

mod held;
mod state;

use std::collections::BTreeMap;

use grantbook_events::Position;
use grantbook_projections::Cause;
use serde_json::{Map, Value, json};

use crate::shown::{Shown, cause};
pub use state::{Fact, FactKey, Section, State, Unreadable};

/// One fact in which the platform and the book are not the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Which fact.
    pub key: FactKey,
    /// Its thing in its own spelling.
    pub thing: String,
    /// What the platform has; none where it is not there.
    pub there: Option<String>,
    /// What the book has; none where it was not granted here.
    pub here: Option<String>,
    /// The entry that made it so here.
    pub by: Option<Position>,
}

/// What came of comparing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reconciled {
    /// How many facts of each section were compared.
    pub compared: BTreeMap<Section, usize>,
    /// Every difference, by section, thing and holder.
    pub differences: Vec<Difference>,
}

/// Compares a state with the book, in the sections that the state has.
pub fn reconcile(shown: &Shown<'_>, state: &State) -> Reconciled {
    let held = held::held(shown, state);
    let mut found = Reconciled::default();
    for section in &state.sections {
        found.compared.insert(*section, 0);
    }
    for (key, stated) in &state.facts {
        *found.compared.entry(key.section).or_default() += 1;
        match held.get(key) {
            Some((here, _)) if same(key, &stated.value, &here.value) => {}
            here => found.differences.push(Difference {
                key: key.clone(),
                thing: here.map_or(&stated.thing, |(here, _)| &here.thing).clone(),
                there: Some(stated.value.clone()),
                here: here.map(|(here, _)| here.value.clone()),
                by: here.and_then(|(_, by)| *by),
            }),
        }
    }
    for (key, (here, by)) in &held {
        if !state.facts.contains_key(key) && expected(state, key) {
            *found.compared.entry(key.section).or_default() += 1;
            let (key, thing) = (key.clone(), here.thing.clone());
            found.differences.push(Difference { key, thing, there: None, here: Some(here.value.clone()), by: *by });
        }
    }
    // Of an account that one of the two does not have at all, its fields say nothing more.
    let missing: Vec<FactKey> = found
        .differences
        .iter()
        .filter(|one| one.key.section == Section::Accounts && one.key.what.is_empty())
        .map(|one| one.key.clone())
        .collect();
    found.differences.retain(|one| {
        one.key.what.is_empty()
            || one.key.section != Section::Accounts
            || !missing.iter().any(|account| account.who == one.key.who)
    });
    found.differences.sort_by(|one, other| one.key.cmp(&other.key));
    found
}

/// Whether a state would have said a fact, so that leaving it out says that it is not so there: the fields of accounts and
/// organisations may be left out.
fn expected(state: &State, key: &FactKey) -> bool {
    match key.section {
        Section::Accounts => key.what.is_empty(),
        Section::Organisations => !key.who.is_empty(),
        // Of an object that is stated, its set is; of one that is not, that it has one says enough.
        Section::Objects => {
            let set = FactKey::new(Section::Objects, &key.thing, "", "set");
            key.what == "set" || state.facts.contains_key(&set) || state.facts.keys().any(|one| one.thing == key.thing)
        }
        Section::Admins | Section::AppUsers | Section::Roles | Section::Levels | Section::Groups | Section::Access => {
            true
        }
    }
}

/// Whether two values are the same as the ledger compares them.
fn same(key: &FactKey, there: &str, here: &str) -> bool {
    let folds = matches!(key.what.as_str(), "username" | "user_class" | "set" | "kind");
    if folds { there.to_lowercase() == here.to_lowercase() } else { there == here }
}

impl Reconciled {
    /// Whether nothing differs.
    pub fn equal(&self) -> bool {
        self.differences.is_empty()
    }

    /// The answer as JSON, with who granted what is here.
    pub fn json(&self, shown: &Shown<'_>) -> Value {
        let compared: Map<String, Value> =
            self.compared.iter().map(|(section, count)| (section.name().to_owned(), (*count).into())).collect();
        let some = |wanted: fn(&Difference) -> bool| -> Value {
            self.differences.iter().filter(|one| wanted(one)).map(|one| one.json(shown)).collect()
        };
        shown.answer([
            ("equal", self.equal().into()),
            ("compared", Value::Object(compared)),
            ("not_granted_here", some(|one| one.here.is_none())),
            ("not_there", some(|one| one.there.is_none())),
            ("differs", some(|one| one.there.is_some() && one.here.is_some())),
        ])
    }
}

impl Difference {
    fn json(&self, shown: &Shown<'_>) -> Value {
        let FactKey { section, thing: _, who, what } = &self.key;
        let mut row = Map::new();
        let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
        put("section", section.name().into());
        put("thing", self.thing.as_str().into());
        put("who", who.as_str().into());
        put("what", what.as_str().into());
        match (&self.there, &self.here) {
            (Some(there), Some(here)) => {
                put("there", there.as_str().into());
                put("here", here.as_str().into());
            }
            (Some(value), None) | (None, Some(value)) => _ = put("value", value.as_str().into()),
            (None, None) => {}
        }
        put("words", self.words().into());
        if self.here.is_some() {
            put("since", self.by.map_or(Value::Null, |by| cause(Cause::Entry(by))));
            shown.put_by(self.by, &mut row);
        }
        json!(row)
    }

    /// The fact in words, as something that is so on one side.
    fn words(&self) -> String {
        let FactKey { section, thing: _, who, what } = &self.key;
        let thing = &self.thing;
        let value = self.there.as_ref().or(self.here.as_ref()).map_or("", String::as_str);
        let differs = self.there.is_some() && self.here.is_some();
        let fact = match section {
            Section::Accounts if what.is_empty() => format!("the account {who} exists"),
            Section::Accounts => format!("{what} of {who}"),
            Section::Admins => format!("{who} is an Admin User"),
            Section::AppUsers => format!("{who} is assigned to {thing}"),
            Section::Roles => format!("{who} holds the role {thing}"),
            Section::Levels if differs => format!("level of {who} for {thing}"),
            Section::Levels => format!("{who} has {thing} at {value}"),
            Section::Groups => format!("{who} is a member of {thing}"),
            Section::Organisations if who.is_empty() => format!("{what} of the organisation {thing}"),
            Section::Organisations => format!("{who} is {what} of {thing}"),
            Section::Objects if what == "set" && differs => format!("the access setting of {thing}"),
            Section::Objects if what == "set" => format!("the access setting of {thing} is {value}"),
            Section::Objects => format!("{who} has {what} on {thing}"),
            Section::Access => format!("{who} has a right on {thing}"),
        };
        match (&self.there, &self.here) {
            (Some(there), Some(here)) => {
                let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
                format!("{fact}: {} there, {} here", shown(there), shown(here))
            }
            (Some(_), None) => format!("{fact} there, and was not granted here"),
            (None, _) => format!("{fact} here, and not there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests::History;
    use serde_json::json;

    /// What the book itself says, as a state.
    fn actual(history: &History) -> Value {
        let view = |name: &str| history.view(name);
        let accounts = view("accounts")["accounts"].as_array().unwrap().clone();
        let accounts: Map<String, Value> = accounts
            .iter()
            .map(|one| {
                let class = one["credentials"]["user_class"].clone();
                (one["account"].as_str().unwrap().to_owned(), json!({"user_class": class, "full_name": one["name"]}))
            })
            .collect();
        let ids = |members: &Value| crate::history_for_tests::ids(members);
        let apps = view("app-users")["apps"].clone();
        let apps: Map<String, Value> =
            apps.as_object().unwrap().iter().map(|(app, one)| (app.clone(), json!(ids(&one["users"])))).collect();
        let roles = view("roles")["roles"].clone();
        let roles: Map<String, Value> =
            roles.as_object().unwrap().iter().map(|(role, one)| (role.clone(), json!(ids(&one["holders"])))).collect();
        json!({"accounts": accounts, "admins": ids(&view("admins")["admins"]), "app_users": apps, "roles": roles,
            "levels": {"customers": {"manager": 8, "daemon": 8, "bob": 0}, "System": {"manager": 8, "daemon": 8}},
            "groups": {}, "objects": {}})
    }

    fn compared(history: &History, state: &Value) -> Reconciled {
        let state = State::from_json(state).unwrap();
        reconcile(&history.shown(history.last()), &state)
    }

    #[test]
    fn the_book_agrees_with_itself_and_every_single_difference_is_told_from_its_side() {
        let history = History::example();
        let state = actual(&history);
        assert_eq!(compared(&history, &state).differences, []);
        let mut there = state.clone();
        there["admins"].as_array_mut().unwrap().push(json!("sarah"));
        there["roles"]["RemoteService"].as_array_mut().unwrap().retain(|id| id != "bob");
        there["levels"]["System"]["daemon"] = json!(4);
        there["accounts"]["veronica"]["user_class"] = json!("casual");
        there["accounts"].as_object_mut().unwrap().shift_remove("mia");
        let found = compared(&history, &there);
        let words: Vec<String> = found.differences.iter().map(Difference::words).collect();
        assert_eq!(
            words,
            [
                "the account mia exists here, and not there",
                "user_class of veronica: casual there, full here",
                "sarah is an Admin User there, and was not granted here",
                "bob holds the role RemoteService here, and not there",
                "level of daemon for System: 4 there, 8 here",
            ]
        );
        let json = found.json(&history.shown(history.last()));
        assert_eq!(json["not_there"][1]["by"], "manager");
        assert_eq!(json["not_granted_here"][0]["who"], "sarah");
    }

    #[test]
    fn what_a_state_does_not_have_is_not_compared_and_an_empty_section_is() {
        let history = History::example();
        assert!(compared(&history, &json!({"groups": {}})).equal());
        let found = compared(&history, &json!({"admins": []}));
        assert_eq!(found.differences.len(), 2);
        assert!(found.differences.iter().all(|one| one.there.is_none() && one.by.is_some()));
    }

    #[test]
    fn rows_say_the_same_as_json() {
        let json = json!({"at": "2026-11-21T00:00:00Z",
            "accounts": {"bob": {"username": "bob.s", "disabled": false}, "mia": {}}, "admins": ["bob"],
            "levels": {"Customers": {"bob": 4}}, "groups": {"board": ["bob"], "alumni": []},
            "organisations": {"acme": {"kind": "company", "members": ["mia"], "administrators": ["bob"]}},
            "objects": {"/minutes": {"set": "custom",
                "access": [{"principal": {"group": "Board"}, "rights": ["read", "edit"]}]}},
            "access": {"/x": ["board", {"staff": true}]}});
        let rows = "at,,,,2026-11-21T00:00:00Z|accounts,,bob,username,bob.s|accounts,,bob,disabled,false|accounts,,mia,,|\
            admins,,bob,,|levels,Customers,bob,,4|groups,board,bob,,|groups,alumni,,,|organisations,acme,,kind,company|\
            organisations,acme,mia,member,|organisations,acme,bob,administrator,|objects,/minutes,,set,custom|\
            objects,/minutes,group:board,read,|objects,/minutes,group:board,edit,|access,/x,group:board,,|access,/x,staff,,";
        let rows = (2..).zip(rows.split('|').map(|row| row.split(',').map(str::trim).collect()));
        assert_eq!(State::from_rows(rows), State::from_json(&json));
    }

    #[test]
    fn what_is_mistyped_is_told_with_its_place() {
        for (state, place) in [
            (json!({"rolse": {}}), "rolse"),
            (json!({"levels": {"System": {"bob": 9}}}), "levels.System.bob"),
            (json!({"accounts": {"bob": {"password": "x"}}}), "accounts.bob.password"),
            (json!({"objects": {"/x": {"access": [{"principal": {"grup": "x"}}]}}}), "objects./x.access"),
            (json!({"at": "yesterday"}), "at"),
            (json!({}), "state"),
        ] {
            assert_eq!(State::from_json(&state).unwrap_err().place, place);
        }
        let rows = [(7, vec!["roles", "Editor", "bob", "wears", ""])].into_iter();
        assert_eq!(State::from_rows(rows).unwrap_err().place, "line 7");
    }
}
