//! A state of today as lines of import: what the platform has and the book has not, in an order in which each thing exists
//! before something rests on it.

use std::collections::{BTreeMap, BTreeSet};

use grantbook_inquiries::reconcile::{Section, State};
use grantbook_ledger::{Clock, look_at_line};
use serde_json::{Map, Value, json};

use super::desk::{Desk, within};
use super::output::Output;
use super::trouble::Trouble;
use crate::client::Request;

/// The fields of an account that are its contact's.
const CONTACT: [&str; 4] = ["full_name", "email", "member_type", "status"];

/// The lines to import; `None` where the book says all of it already, which was told. Errors: the file is no state, the
/// tenant is not there.
pub(super) async fn lines(
    desk: &Desk,
    tenant: &str,
    text: &str,
    output: &mut Output,
) -> Result<Option<String>, Trouble> {
    let states = super::reconcile::states(text).map_err(|wrong| Trouble::Usage(format!("the file {wrong}")))?;
    let [(media, state)] = states.as_slice() else {
        return Err(Trouble::Usage("expected one state: a file of several is for `reconcile`".to_owned()));
    };
    let request = Request::post_text(&within(tenant, &["reconcile"]), media, of_today(media, state));
    let answer = desk.send(desk.authorised(tenant, request)?).await?;
    let rows = |name: &str| answer.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let beside = rows("not_there").len();
    if beside > 0 {
        output.note(format_args!(
            "Not in the file, and left as it is: {beside} of what the book says; `grantbook reconcile` lists it."
        ));
    }
    let known = Known::of(desk, tenant).await?;
    let missing: Vec<Value> = rows("not_granted_here").into_iter().chain(rows("differs")).collect();
    let commands = plan(&missing, stated(media, state)?, &known);
    if commands.is_empty() {
        output.note("The book says all of it already: nothing is to be recorded.");
        return Ok(None);
    }
    let at = Clock::System.now().to_string();
    let by = super::global::operator()?;
    let line = |(number, command): (usize, Value)| {
        format!(
            "{}\n",
            json!({"at": at, "by": by.as_str(), "source": format!("snapshot {}", number + 1), "command": command})
        )
    };
    Ok(Some(commands.into_iter().enumerate().map(line).collect()))
}

fn numbered(lines: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..).zip(lines.lines())
}

/// Looks at each line, before anything is recorded. Errors: one is not of the form that it should have.
pub(super) fn look(lines: &str, snapshot: bool) -> Result<(), Trouble> {
    numbered(lines).try_for_each(|(number, line)| {
        let place = || if snapshot { words(&command(line)) } else { format!("line {number}") };
        look_at_line(line).map_err(|wrong| Trouble::Refused(wrong).because(&place()))
    })
}

/// A problem with a line, said of the command that stands there: nobody wrote the lines of a snapshot.
pub(super) fn of_command(problem: &Value, lines: &str) -> Value {
    let mut problem = problem.clone();
    let at_fault = problem.get("line").and_then(Value::as_u64);
    let Some((number, line)) = numbered(lines).find(|(number, _)| Some(*number) == at_fault) else { return problem };
    if let Some(Value::String(detail)) = problem.get_mut("detail") {
        let why = detail.strip_prefix(&format!("line {number}: ")).unwrap_or(detail);
        *detail = format!("{}: {why}", words(&command(line)));
    }
    problem
}

/// The command of a line, without its password, which is shown nowhere (rule: C14).
fn command(line: &str) -> Value {
    let read: Value = serde_json::from_str(line).unwrap_or_default();
    let mut command = read.get("command").cloned().unwrap_or_default();
    if let Some(fields) = command.as_object_mut() {
        fields.shift_remove("password");
    }
    command
}

/// A command in words: its name, then each field.
fn words(command: &Value) -> String {
    let fields = command.as_object().into_iter().flatten().filter(|(name, _)| *name != "name");
    let told: Vec<String> = fields.map(|(name, value)| format!("{name} {}", super::words::plain(value))).collect();
    let name = command.get("name").and_then(Value::as_str).unwrap_or_default();
    format!("{name}: {}", super::output::clean(&told.join(", ")))
}

/// Says what lines would record, those that are in the book already aside: each line, then how often each command.
pub(super) fn tell(lines: &str, skipped: u64, output: &mut Output) -> Result<(), Trouble> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let new = numbered(lines).filter(|(number, _)| *number > skipped);
    let commands: Vec<Value> = new.map(|(_, line)| command(line)).collect();
    for command in &commands {
        let name = command.get("name").and_then(Value::as_str).unwrap_or_default();
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    if output.json {
        let would = json!({"would_record": commands.len(), "skipped": skipped, "commands": counts, "lines": commands});
        return output.json(&would);
    }
    for command in &commands {
        output.line(words(command))?;
    }
    let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let entries = match commands.len() {
        0 => "No entries would be recorded".to_owned(),
        1 => format!("1 entry would be recorded: {}", counts.join(", ")),
        several => format!("{several} entries would be recorded: {}", counts.join(", ")),
    };
    let there = match skipped {
        0 => String::new(),
        1 => " (1 line is in the book already)".to_owned(),
        several => format!(" ({several} lines are in the book already)"),
    };
    output.note(format_args!("{entries}{there}. Nothing was."));
    Ok(())
}

/// What a state says of its accounts: of one that is not there the comparison tells only that.
fn stated(media: &str, state: &str) -> Result<BTreeMap<String, Map<String, Value>>, Trouble> {
    let unfit = |wrong: String| Trouble::Usage(format!("the file cannot be read: {wrong}"));
    let state = if media == "text/csv" {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(state.as_bytes());
        let records: Vec<csv::StringRecord> =
            reader.records().collect::<Result<_, _>>().map_err(|error| unfit(error.to_string()))?;
        State::from_rows(records.iter().map(|record| (0, record.iter().collect())))
    } else {
        State::from_json(&serde_json::from_str(state).unwrap_or_default())
    };
    let mut accounts: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (key, fact) in state.map_err(|wrong| unfit(wrong.to_string()))?.facts {
        if key.section == Section::Accounts && !key.what.is_empty() {
            accounts.entry(key.who).or_default().insert(key.what, fact.value.into());
        }
    }
    Ok(accounts)
}

/// The state without the instant that it says: what is imported counts from today.
fn of_today(media: &str, state: &str) -> String {
    if media == "text/csv" {
        return state.lines().filter(|line| !line.starts_with("at,")).map(|line| format!("{line}\n")).collect();
    }
    let mut state: Value = serde_json::from_str(state).unwrap_or_default();
    if let Some(sections) = state.as_object_mut() {
        sections.shift_remove("at");
    }
    state.to_string()
}

/// Names of things that are there already, in small letters where the ledger compares them so.
struct Known {
    groups: BTreeSet<String>,
    roles: BTreeSet<String>,
    organisations: BTreeSet<String>,
    objects: BTreeSet<String>,
}

impl Known {
    async fn of(desk: &Desk, tenant: &str) -> Result<Known, Trouble> {
        Ok(Known {
            groups: names(desk, tenant, "groups").await?.iter().map(|name| name.to_lowercase()).collect(),
            roles: names(desk, tenant, "roles").await?.iter().map(|name| name.to_lowercase()).collect(),
            organisations: names(desk, tenant, "organisations").await?.iter().map(|name| name.to_lowercase()).collect(),
            objects: names(desk, tenant, "objects").await?,
        })
    }
}

async fn names(desk: &Desk, tenant: &str, view: &str) -> Result<BTreeSet<String>, Trouble> {
    let request = Request::get(&within(tenant, &["views", view]));
    let answer = desk.send(desk.authorised(tenant, request)?).await?;
    Ok(answer.get(view).and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.clone()).collect())
}

/// The commands, in the order of what rests on what.
fn plan(missing: &[Value], mut stated: BTreeMap<String, Map<String, Value>>, known: &Known) -> Vec<Value> {
    let mut accounts: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut new_accounts = BTreeSet::new();
    let mut organisations: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let (mut created, mut granted) = (BTreeMap::new(), Vec::new());
    for row in missing {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let (section, thing, who, what) = (text("section"), text("thing"), text("who"), text("what"));
        let value = if text("there").is_empty() { text("value") } else { text("there") };
        let folded = thing.to_lowercase();
        match section {
            "accounts" if what.is_empty() => _ = new_accounts.insert(who),
            "accounts" => _ = accounts.entry(who).or_default().insert(what.to_owned(), value.into()),
            "admins" => granted.push(json!({"name": "add_admin", "account": who})),
            "app_users" => granted.push(json!({"name": "assign_app_user", "account": who, "app": thing})),
            "roles" => {
                if !known.roles.contains(&folded) {
                    created.insert(("role", folded), json!({"name": "create_role", "role": thing, "description": ""}));
                }
                granted.push(json!({"name": "assign_role", "account": who, "role": thing}));
            }
            "levels" => {
                let level: u64 = value.parse().unwrap_or_default();
                granted.push(json!({"name": "set_level", "account": who, "module": thing, "level": level}));
            }
            "groups" => {
                if !known.groups.contains(&folded) {
                    created.insert(("group", folded), json!({"name": "create_group", "group": thing}));
                }
                granted.push(json!({"name": "add_group_member", "group": thing, "account": who}));
            }
            "organisations" => {
                let fields = organisations.entry(thing).or_default();
                match what {
                    "member" => {
                        granted.push(json!({"name": "add_organisation_member", "organisation": thing, "account": who}));
                    }
                    "administrator" => {
                        granted
                            .push(json!({"name": "assign_organisation_admin", "organisation": thing, "account": who}));
                    }
                    field => _ = fields.insert(field.to_owned(), value.into()),
                }
            }
            "objects" | "access" => {
                if !known.objects.contains(thing) {
                    let create = json!({"name": "create_object", "object": thing, "kind": "folder"});
                    created.insert(("object", thing.to_owned()), create);
                }
                if what == "set" {
                    // A custom set is begun by the first right that is granted (rule: N3).
                    if value != "custom" {
                        granted.push(json!({"name": "set_access", "object": thing, "set": value}));
                    }
                } else if !who.is_empty() {
                    let right = if what.is_empty() { "read" } else { what };
                    granted.push(json!({"name": "grant_access", "object": thing, "principal": principal(who), "rights": [right]}));
                }
            }
            _ => {}
        }
    }
    let mut commands = Vec::new();
    for who in &new_accounts {
        accounts.remove(who);
        commands.extend(account(who, stated.remove(*who).unwrap_or_default()));
    }
    // What differs of an account that is there.
    for (who, fields) in accounts {
        commands.extend(changed(who, &fields));
    }
    for (thing, fields) in organisations {
        let mut command =
            json!({"name": "create_organisation", "organisation": thing, "kind": "company", "full_name": thing});
        if known.organisations.contains(&thing.to_lowercase()) {
            continue;
        }
        if let Some(command) = command.as_object_mut() {
            command.extend(fields);
        }
        commands.push(command);
    }
    commands.extend(created.into_values());
    // Roles and levels first: what rests on them is refused without.
    granted.sort_by_key(|command| match command.get("name").and_then(Value::as_str) {
        Some("assign_role" | "set_level") => 0,
        Some("add_organisation_member") => 1,
        Some("set_access") => 2,
        _ => 3,
    });
    commands.extend(granted);
    commands
}

/// An account that the book does not have: its contact, its credentials, what is set of them.
fn account(who: &str, mut fields: Map<String, Value>) -> Vec<Value> {
    let mut contact = Map::new();
    contact.insert("name".to_owned(), "add_contact".into());
    contact.insert("account".to_owned(), who.into());
    contact.insert("full_name".to_owned(), who.into());
    for name in CONTACT {
        contact.extend(fields.shift_remove(name).filter(|value| value != "").map(|value| (name.to_owned(), value)));
    }
    let mut commands = vec![Value::Object(contact)];
    if let Some(username) = fields.shift_remove("username").filter(|username| username != "") {
        let class = fields.shift_remove("user_class").unwrap_or_else(|| "casual".into());
        // Nobody is told it: whoever the account is for sets their own by a reset. A digit and a letter are in it (rule: C5).
        let password = format!("g1-{}", uuid::Uuid::new_v4());
        let mut credentials = json!({"name": "create_credentials", "account": who, "username": username, "password": password, "user_class": class});
        let email = fields.shift_remove("credential_email").filter(|email| email != "");
        if let (Some(email), Some(credentials)) = (email, credentials.as_object_mut()) {
            credentials.insert("email".to_owned(), email);
        }
        commands.push(credentials);
    }
    commands.extend(changed(who, &fields));
    commands
}

/// What is said of an account that is there.
fn changed(who: &str, fields: &Map<String, Value>) -> Vec<Value> {
    let mut contact = Map::new();
    let mut commands = Vec::new();
    for (name, value) in fields {
        let text = value.as_str().unwrap_or_default();
        match name.as_str() {
            field if CONTACT.contains(&field) => _ = contact.insert(field.to_owned(), value.clone()),
            "username" => commands.push(json!({"name": "change_username", "account": who, "username": text})),
            "user_class" => commands.push(json!({"name": "set_user_class", "account": who, "user_class": text})),
            "credential_email" => commands.push(json!({"name": "set_credential_email", "account": who, "email": text})),
            "disabled" if text == "true" => commands.push(json!({"name": "disable_account", "account": who})),
            "effective_date" if !text.is_empty() => {
                commands.push(json!({"name": "set_effective_date", "account": who, "date": text}));
            }
            "expiration_date" if !text.is_empty() => {
                commands.push(json!({"name": "set_expiration_date", "account": who, "date": text}));
            }
            _ => {}
        }
    }
    if !contact.is_empty() {
        contact.insert("name".to_owned(), "update_contact".into());
        contact.insert("account".to_owned(), who.into());
        commands.insert(0, Value::Object(contact));
    }
    commands
}

/// `group:Editors` is `{"group": "Editors"}`.
fn principal(who: &str) -> Value {
    match who.split_once(':') {
        Some((kind, name)) => {
            let mut principal = Map::new();
            principal.insert(kind.to_owned(), name.into());
            Value::Object(principal)
        }
        None => json!({"staff": true}),
    }
}
