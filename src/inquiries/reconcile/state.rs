//! What a platform is said to be like: facts, one like the other, read from JSON or from rows.

use std::collections::{BTreeMap, BTreeSet};

use grantbook_events::{AccessRight, Date, Instant, NoSuchChoice, OrganisationKind, Principal, UserClass};
use serde_json::{Map, Value};

/// A part of a state. One that a state has is complete; of one that it has not, it says nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Section {
    /// The accounts there are, with what is known of them.
    Accounts,
    /// The Admin Users.
    Admins,
    /// The App Users of each app.
    AppUsers,
    /// Who holds which role.
    Roles,
    /// Module authorisation levels.
    Levels,
    /// The members of groups.
    Groups,
    /// Organisations, their members and administrators.
    Organisations,
    /// Objects with access settings of their own.
    Objects,
    /// Who has any right of its own on an object.
    Access,
}

impl Section {
    /// Every section.
    pub const ALL: [Section; 9] = [
        Section::Accounts,
        Section::Admins,
        Section::AppUsers,
        Section::Roles,
        Section::Levels,
        Section::Groups,
        Section::Organisations,
        Section::Objects,
        Section::Access,
    ];

    /// Its name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Section::Accounts => "accounts",
            Section::Admins => "admins",
            Section::AppUsers => "app_users",
            Section::Roles => "roles",
            Section::Levels => "levels",
            Section::Groups => "groups",
            Section::Organisations => "organisations",
            Section::Objects => "objects",
            Section::Access => "access",
        }
    }

    fn named(name: &str) -> Option<Section> {
        Section::ALL.into_iter().find(|section| section.name() == name)
    }

    /// Whether the names of its things are compared with case.
    fn with_case(self) -> bool {
        match self {
            Section::Objects | Section::Access => true,
            Section::Accounts
            | Section::Admins
            | Section::AppUsers
            | Section::Roles
            | Section::Levels
            | Section::Groups
            | Section::Organisations => false,
        }
    }
}

/// One fact's place: of which thing, whose, and what of it. Ordered as it is shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FactKey {
    /// Its section.
    pub section: Section,
    /// The role, group, app, module, organisation or path; empty where the section has but one thing. Folded, where names
    /// are compared without case.
    pub thing: String,
    /// The account's id, or the principal as `group:name`; empty where the fact is the thing's own.
    pub who: String,
    /// The field or right; empty where there is but one.
    pub what: String,
}

impl FactKey {
    /// The place of a fact, its names folded as the ledger compares them.
    pub fn new(section: Section, thing: &str, who: &str, what: &str) -> FactKey {
        let thing = if section.with_case() { thing.to_owned() } else { thing.to_lowercase() };
        // Of a principal only accounts have case.
        let folds = who.contains(':') && !who.starts_with("account:") && !who.starts_with("member_type:");
        let who = if folds { who.to_lowercase() } else { who.to_owned() };
        FactKey { section, thing, who, what: what.to_owned() }
    }
}

/// A fact: the thing as it is spelt, and the value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// The thing's name in its own spelling.
    pub thing: String,
    /// The value; empty where being there is all.
    pub value: String,
}

/// The state of a platform as somebody states it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    /// When it was so, where that is said.
    pub at: Option<Instant>,
    /// The sections that it has.
    pub sections: BTreeSet<Section>,
    /// What it says.
    pub facts: BTreeMap<FactKey, Fact>,
}

/// What is not as a state must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// Where: `groups.board`, or `line 7`.
    pub place: String,
    /// What was expected.
    pub message: String,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place.starts_with("line ") {
            true => write!(f, "{}: {}", self.place, self.message),
            false => write!(f, "`{}`: {}", self.place, self.message),
        }
    }
}

impl std::error::Error for Unreadable {}

fn wrong<T>(place: impl Into<String>, message: impl Into<String>) -> Result<T, Unreadable> {
    Err(Unreadable { place: place.into(), message: message.into() })
}

const EXPECTED_LEVEL: &str = "expected a level from 0 to 8";

/// Looks at a field in which not every text has a meaning: any other would be compared as one that nobody has.
/// Errors: what was expected.
fn fits(section: Section, field: &str, value: &str) -> Result<(), String> {
    let one_of = |expected: &'static [&'static str]| match expected.contains(&value) {
        true => Ok(()),
        false => Err(NoSuchChoice { expected }.to_string()),
    };
    match (section, field) {
        (Section::Accounts, "user_class") => one_of(UserClass::SLUGS),
        (Section::Accounts, "disabled") => one_of(&["true", "false"]),
        (Section::Accounts, "effective_date" | "expiration_date") => {
            Date::parse(value).map(|_| ()).map_err(|wrong| wrong.to_string())
        }
        (Section::Organisations, "kind") => one_of(OrganisationKind::SLUGS),
        _ => Ok(()),
    }
}

/// What may be said of an account.
const ACCOUNT_FIELDS: [&str; 10] = [
    "full_name",
    "email",
    "member_type",
    "status",
    "username",
    "user_class",
    "credential_email",
    "disabled",
    "effective_date",
    "expiration_date",
];
const ORGANISATION_FIELDS: [&str; 4] = ["kind", "full_name", "member", "administrator"];

impl State {
    /// Reads a state from JSON. Errors: where it is not as expected.
    pub fn from_json(value: &Value) -> Result<State, Unreadable> {
        let Some(fields) = value.as_object() else { return wrong("state", "expected an object of sections") };
        let mut state = State::default();
        for (name, value) in fields {
            if name == "at" {
                state.set_at(value.as_str().unwrap_or_default())?;
                continue;
            }
            let Some(section) = Section::named(name) else {
                let all: Vec<&str> = Section::ALL.iter().map(|section| section.name()).collect();
                return wrong(name.as_str(), format!("there is no such section: there are {}", all.join(", ")));
            };
            state.sections.insert(section);
            state.read(section, value)?;
        }
        state.needs_a_section()
    }

    /// Reads a state from rows of `section, thing, who, what, value`, each with the number of its line. Errors: as of
    /// [`State::from_json`], and where a row is as wide as none may be.
    pub fn from_rows<'a>(rows: impl Iterator<Item = (u64, Vec<&'a str>)>) -> Result<State, Unreadable> {
        let mut state = State::default();
        for (line, row) in rows {
            let place = format!("line {line}");
            let [section, thing, who, what, value] = row.as_slice() else {
                return wrong(place, "expected five columns: section, thing, who, what, value");
            };
            if *section == "at" {
                state.set_at(value)?;
                continue;
            }
            let Some(section) = Section::named(section) else {
                return wrong(place, format!("there is no section `{section}`"));
            };
            state.sections.insert(section);
            if who.is_empty() && what.is_empty() {
                continue;
            }
            let known: &[&str] = match section {
                Section::Accounts => &ACCOUNT_FIELDS,
                Section::Organisations => &ORGANISATION_FIELDS,
                Section::Objects => &["set", "read", "add", "edit", "delete", "full_control"],
                Section::Admins
                | Section::AppUsers
                | Section::Roles
                | Section::Levels
                | Section::Groups
                | Section::Access => &[],
            };
            let bare = what.is_empty() && !matches!(section, Section::Organisations | Section::Objects);
            if !bare && !known.contains(what) {
                return wrong(place, format!("there is nothing called `{what}` in the section {}", section.name()));
            }
            if section == Section::Levels && !value.parse::<u64>().is_ok_and(|level| level <= 8) {
                return wrong(place, EXPECTED_LEVEL);
            }
            if !value.is_empty() {
                fits(section, what, value).or_else(|expected| wrong(place, format!("`{what}`: {expected}")))?;
            }
            state.say(section, thing, who, what, value);
        }
        state.needs_a_section()
    }

    fn needs_a_section(self) -> Result<State, Unreadable> {
        if self.sections.is_empty() { wrong("state", "has no section: nothing would be compared") } else { Ok(self) }
    }

    fn set_at(&mut self, text: &str) -> Result<(), Unreadable> {
        match Instant::parse(text) {
            Ok(at) => self.at = Some(at),
            Err(expected) => return wrong("at", expected.to_string()),
        }
        Ok(())
    }

    /// Says one fact.
    fn say(&mut self, section: Section, thing: &str, who: &str, what: &str, value: &str) {
        // Level 0 is none.
        if section == Section::Levels && value == "0" {
            return;
        }
        // What is said of an account says that there is one.
        if section == Section::Accounts && !what.is_empty() {
            self.say(section, thing, who, "", "");
        }
        let fact = Fact { thing: thing.to_owned(), value: value.to_owned() };
        self.facts.insert(FactKey::new(section, thing, who, what), fact);
    }

    fn read(&mut self, section: Section, value: &Value) -> Result<(), Unreadable> {
        let place = |thing: &str| format!("{}.{thing}", section.name());
        if section == Section::Admins {
            for id in ids(value, section.name())? {
                self.say(section, "", id, "", "");
            }
            return Ok(());
        }
        for (thing, value) in object(value, section.name())? {
            let place = place(thing);
            match section {
                Section::Accounts => self.account(thing, object(value, &place)?, &place)?,
                Section::AppUsers | Section::Roles | Section::Groups => {
                    for id in ids(value, &place)? {
                        self.say(section, thing, id, "", "");
                    }
                }
                Section::Levels => {
                    for (id, level) in object(value, &place)? {
                        let Some(level) = level.as_u64().filter(|level| *level <= 8) else {
                            return wrong(format!("{place}.{id}"), EXPECTED_LEVEL);
                        };
                        self.say(section, thing, id, "", &level.to_string());
                    }
                }
                Section::Organisations => self.organisation(thing, object(value, &place)?, &place)?,
                Section::Objects => self.object(thing, object(value, &place)?, &place)?,
                Section::Access => {
                    for one in list(value, &place)? {
                        let who =
                            one.as_str().map_or_else(|| principal(one, &place), |name| Ok(format!("group:{name}")))?;
                        self.say(section, thing, &who, "", "");
                    }
                }
                // Read above.
                Section::Admins => {}
            }
        }
        Ok(())
    }

    fn account(&mut self, id: &str, fields: &Map<String, Value>, place: &str) -> Result<(), Unreadable> {
        self.say(Section::Accounts, "", id, "", "");
        for (field, value) in fields {
            let text = match value {
                Value::Null => String::new(),
                Value::Bool(flag) if field == "disabled" => flag.to_string(),
                Value::String(text) if field != "disabled" => text.clone(),
                Value::Bool(_) | Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    let expected =
                        if field == "disabled" { "expected true, false or null" } else { "expected text or null" };
                    return wrong(format!("{place}.{field}"), expected);
                }
            };
            if !ACCOUNT_FIELDS.contains(&field.as_str()) {
                return wrong(format!("{place}.{field}"), format!("expected one of {}", ACCOUNT_FIELDS.join(", ")));
            }
            if !value.is_null() {
                fits(Section::Accounts, field, &text)
                    .or_else(|expected| wrong(format!("{place}.{field}"), expected))?;
            }
            self.say(Section::Accounts, "", id, field, &text);
        }
        Ok(())
    }

    fn organisation(&mut self, name: &str, fields: &Map<String, Value>, place: &str) -> Result<(), Unreadable> {
        for (field, value) in fields {
            let place = format!("{place}.{field}");
            match field.as_str() {
                "kind" | "full_name" => {
                    let Some(text) = value.as_str() else { return wrong(place, "expected text") };
                    fits(Section::Organisations, field, text).or_else(|expected| wrong(place, expected))?;
                    self.say(Section::Organisations, name, "", field, text);
                }
                "members" | "administrators" => {
                    for id in ids(value, &place)? {
                        self.say(Section::Organisations, name, id, field.trim_end_matches('s'), "");
                    }
                }
                other => return wrong(place, format!("`{other}` is not expected of an organisation")),
            }
        }
        Ok(())
    }

    fn object(&mut self, path: &str, fields: &Map<String, Value>, place: &str) -> Result<(), Unreadable> {
        let mut set = None;
        for (field, value) in fields {
            let place = format!("{place}.{field}");
            match field.as_str() {
                "set" => match value.as_str() {
                    Some(text) => set = Some(text),
                    None => return wrong(place, "expected the slug of a set, or custom"),
                },
                "access" => {
                    for one in list(value, &place)? {
                        let who = principal(one.get("principal").unwrap_or(&Value::Null), &place)?;
                        let rights = one.get("rights").or(one.get("right")).unwrap_or(&Value::Null);
                        let rights = rights.as_str().map_or_else(|| ids(rights, &place), |right| Ok(vec![right]))?;
                        for right in rights {
                            AccessRight::parse(right).or_else(|expected| wrong(&place, expected.to_string()))?;
                            self.say(Section::Objects, path, &who, right, "");
                        }
                    }
                }
                other => return wrong(place, format!("`{other}` is not expected of an object")),
            }
        }
        self.say(Section::Objects, path, "", "set", set.unwrap_or("custom"));
        Ok(())
    }
}

fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, Unreadable> {
    value.as_object().ok_or_else(|| Unreadable { place: place.to_owned(), message: "expected an object".to_owned() })
}

fn list<'a>(value: &'a Value, place: &str) -> Result<&'a Vec<Value>, Unreadable> {
    value.as_array().ok_or_else(|| Unreadable { place: place.to_owned(), message: "expected a list".to_owned() })
}

fn ids<'a>(value: &'a Value, place: &str) -> Result<Vec<&'a str>, Unreadable> {
    let texts = list(value, place)?.iter().map(Value::as_str).collect::<Option<Vec<&str>>>();
    texts.ok_or_else(|| Unreadable { place: place.to_owned(), message: "expected a list of texts".to_owned() })
}

/// A principal as a fact names it. Errors: it is none.
fn principal(value: &Value, place: &str) -> Result<String, Unreadable> {
    match serde_json::from_value::<Principal>(value.clone()) {
        Ok(principal) => Ok(principal_key(&principal)),
        Err(_) => wrong(place, "expected a principal such as {\"group\": \"board\"}"),
    }
}

/// A principal as a fact names it: `group:board`.
pub(super) fn principal_key(principal: &Principal) -> String {
    match principal {
        Principal::Group(group) => format!("group:{group}"),
        Principal::Role(role) => format!("role:{role}"),
        Principal::Account(account) => format!("account:{account}"),
        Principal::MemberType(label) => format!("member_type:{label}"),
        Principal::Staff => "staff".to_owned(),
    }
}
