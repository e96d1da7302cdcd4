//! Doing: every command as a form made of its own description. What it would do is shown first; where a rule does not let
//! the visitor, the rule is shown.

use axum::body::Body as HttpBody;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use grantbook_decisions::command::{CommandDescription, Door, FieldDescription, FieldKind, descriptions};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::ask::Trouble;
use super::door::not_ours;
use super::forms::Given;
use super::json;
use super::page::{Page, Told, refusal, sentence};
use super::parts::{Body, Button, Cell, Field, Input, Note, Pick, Section, Sheet, Table, Tone};
use super::show;
use super::visitor::Visitor;
use crate::given;

/// Commands that have a page of their own.
const ELSEWHERE: [&str; 2] = ["enrol_second_factor", "confirm_second_factor"];

/// The most names that are offered for a field.
const MOST_NAMES: usize = 300;

/// The commands of a tenant's own people.
pub(super) fn commands() -> impl Iterator<Item = &'static CommandDescription> {
    descriptions().filter(|command| command.door == Door::Tenant)
}

/// Every command: what the visitor may do, and what which rule does not let them.
pub(crate) async fn list(visitor: Visitor) -> Result<Page, Told> {
    let account = visitor.param("account").to_owned();
    let fields: Vec<(&str, &str)> = if account.is_empty() { vec![] } else { vec![("account", account.as_str())] };
    let (mut may, mut may_not) = (Vec::new(), Vec::new());
    for command in commands() {
        let on_account = command.fields.iter().any(|field| field.name == "account");
        if !account.is_empty() && !on_account {
            continue;
        }
        let to = match ELSEWHERE.contains(&command.name) {
            true => visitor.to("enrol", &[]),
            false => visitor.to_do(command.name, &fields),
        };
        let row = vec![Cell::link(to, command.words.trim_end_matches('.')), Cell::Code(command.name.to_owned())];
        match refused(&visitor, command).await {
            None => may.push(row),
            Some(trouble) => {
                let (rule, words) = *trouble.rule.unwrap_or_default();
                may_not.push([row, vec![Cell::text(rule), Cell::text(words)]].concat());
            }
        }
    }
    let title = if account.is_empty() { "Do something".to_owned() } else { format!("Do something with {account}") };
    let lead = "The ledger was asked for each, just now, by trying it and recording nothing.";
    let may = Table::new("What you may do", &["what", "command"]).nothing("Nothing.").rows(may);
    let columns = ["what", "command", "rule", "what it says"];
    let may_not = Table::new("What a rule does not let you do", &columns).nothing("Nothing.").rows(may_not);
    Ok(visitor
        .page(title)
        .lead(lead)
        .section(Section::new("What you may do").with(may.into()))
        .section(Section::new("What a rule does not let you do").with(may_not.into())))
}

/// Why a rule on the actor refuses a command whatever it is on; `None` where none does.
async fn refused(visitor: &Visitor, command: &CommandDescription) -> Option<Trouble> {
    let mut body = Map::from_iter([("name".to_owned(), Value::from(command.name))]);
    for field in command.fields.iter().filter(|field| field.required) {
        body.insert(field.name.to_owned(), stand_in(field));
    }
    let tried = give(visitor, &Value::Object(body), true, None).await;
    tried.err().filter(|trouble| trouble.status == 403)
}

/// A value that is well formed and names nothing.
fn stand_in(field: &FieldDescription) -> Value {
    match field.kind {
        FieldKind::Account | FieldKind::NewAccount => "nobody-there".into(),
        FieldKind::Username => "nobody.there".into(),
        FieldKind::Name => "nothing-there".into(),
        FieldKind::CloudId => "nothing".into(),
        FieldKind::Path => "/nothing-there".into(),
        FieldKind::Url => "https://example.org/".into(),
        FieldKind::Text { .. } | FieldKind::Personal => "nothing".into(),
        FieldKind::Email => "nobody@example.org".into(),
        FieldKind::Secret => format!("Nobody-has-this-1-{}", field.name).into(),
        FieldKind::Code => "000000".into(),
        FieldKind::Until | FieldKind::Date => "2999-01-01".into(),
        FieldKind::Number { least, .. } => least.into(),
        FieldKind::Boolean => true.into(),
        // The first of the settings is a number.
        FieldKind::SettingValue => 8.into(),
        FieldKind::Choice(choices) => choices.first().copied().unwrap_or_default().into(),
        FieldKind::Principal => json!({"staff": true}),
        FieldKind::Principals => json!([{"staff": true}]),
        FieldKind::Choices(choices) => json!([choices.first().copied().unwrap_or_default()]),
        FieldKind::Paths => json!(["/nothing-there"]),
        FieldKind::Accounts => json!(["nobody-there"]),
        FieldKind::ReviewScope => json!({"admins": true}),
        FieldKind::EventTypes => json!(["admin_added"]),
        FieldKind::Uses => json!([{"account": "nobody-there", "app": "nothing-there", "at": "2026-01-01T00:00:00Z"}]),
        FieldKind::Condition => json!({"status": "nothing"}),
    }
}

async fn give(visitor: &Visitor, command: &Value, dry_run: bool, key: Option<&str>) -> Result<Value, Trouble> {
    let path = visitor.signed.api("commands");
    match (dry_run, key) {
        (true, _) => visitor.signed.asker.post(&path, &[("dry_run", "true")], command).await,
        (false, Some(key)) => visitor.signed.asker.post_once(&path, key, command).await,
        (false, None) => visitor.signed.asker.post(&path, &[], command).await,
    }
}

fn found(visitor: &Visitor, name: &str) -> Result<&'static CommandDescription, Told> {
    let known = commands().find(|command| command.name == name);
    known.ok_or_else(|| visitor.nothing_here(format!("there is no command `{name}` of a tenant")))
}

/// The form of a command, with what the address says of it.
pub(crate) async fn page(visitor: Visitor, Path((_, name)): Path<(String, String)>) -> Result<Response, Told> {
    let command = found(&visitor, &name)?;
    if ELSEWHERE.contains(&command.name) {
        return Ok(Redirect::to(&visitor.to("enrol", &[])).into_response());
    }
    let mut page = visitor.page(command.words.trim_end_matches('.')).lead(format!("The command {}.", command.name));
    if let Some(trouble) = refused(&visitor, command).await {
        let mut note = refusal(&trouble);
        note.title = "A rule does not let you".to_owned();
        page = page.note(note);
    }
    let prefilled = |field: &FieldDescription| visitor.param(field.name).to_owned();
    let form = form(&visitor, command, &prefilled, None, false).await;
    Ok(page.section(Section::new("What is to be done").with(form)).into_response())
}

/// Tries a command, or gives it.
pub(crate) async fn give_form(
    visitor: Visitor,
    Path((_, name)): Path<(String, String)>,
    body: HttpBody,
) -> Result<Response, Told> {
    let command = found(&visitor, &name)?;
    let given = Given::read(body).await;
    if !visitor.signed.is_ours(given.text("csrf")) {
        return Err(visitor.told(not_ours()));
    }
    let dry_run = given.text("act") != "do";
    let outcome = match read(command, &given) {
        Ok(json) => give(&visitor, &json, dry_run, Some(given.text("key")).filter(|key| !key.is_empty())).await,
        Err(trouble) => Err(trouble),
    };
    let mut page = visitor.page(command.words.trim_end_matches('.')).lead(format!("The command {}.", command.name));
    let (trouble, tried) = match outcome {
        Ok(answer) if answer.get("webhook_secrets").is_some() => return Ok(shown_once(&visitor, page, &answer)),
        Ok(answer) if !dry_run => return Ok(done(&visitor, &answer, given.text("back"))),
        Ok(answer) => {
            page = page.section(preview(&answer));
            (None, true)
        }
        Err(trouble) => {
            page = page.note(refusal(&trouble)).status(trouble.status);
            (Some(trouble), false)
        }
    };
    // What is secret is typed again.
    let again = |field: &FieldDescription| match is_secret(field) {
        true => String::new(),
        false => given.all(field.name).collect::<Vec<_>>().join(","),
    };
    let form = form(&visitor, command, &again, trouble.as_ref(), tried).await;
    Ok(page.section(Section::new("What is to be done").with(form)).into_response())
}

/// The command that a form means. Errors: a field is not as expected.
pub(super) fn read(command: &CommandDescription, form: &Given) -> Result<Value, Trouble> {
    let mut body = Map::from_iter([("name".to_owned(), Value::from(command.name))]);
    for field in command.all_fields() {
        let values: Vec<&str> = form.all(field.name).map(str::trim).filter(|value| !value.is_empty()).collect();
        // A password may begin or end with a space.
        let text = if field.kind == FieldKind::Secret { form.text(field.name).to_owned() } else { values.join(",") };
        if text.is_empty() {
            continue;
        }
        let value = match field.kind == FieldKind::Secret {
            true => Value::from(text),
            false => given::value(field, &text).map_err(|message| wrong_field(field, &message))?,
        };
        body.insert(field.name.to_owned(), value);
    }
    Ok(Value::Object(body))
}

/// Whether what a field holds is shown nowhere.
pub(super) fn is_secret(field: &FieldDescription) -> bool {
    matches!(field.kind, FieldKind::Secret | FieldKind::Code)
}

fn wrong_field(field: &FieldDescription, message: &str) -> Trouble {
    let detail = format!("`{}` {message}", field.name);
    Trouble { field: Some(field.name.to_owned()), ..Trouble::new(422, "Not as expected", detail) }
}

fn done(visitor: &Visitor, answer: &Value, back: &str) -> Response {
    // Back to where the form was, where that is a page of this tenant's.
    if back.starts_with(&visitor.to_do("", &[]).replace("do/", "")) {
        let join = if back.contains('?') { '&' } else { '?' };
        return Redirect::to(&format!("{back}{join}done=true")).into_response();
    }
    let to = match json::number(answer, "position") {
        Some(position) => visitor.to(&format!("journal/{position}"), &[("done", "true")]),
        None => visitor.to("", &[]),
    };
    Redirect::to(&to).into_response()
}

/// Done, with a secret that is shown this once.
fn shown_once(visitor: &Visitor, mut page: Page, answer: &Value) -> Response {
    for shown in json::list(answer, "webhook_secrets") {
        let title = format!("The secret of the webhook {}, shown this once", json::text(shown, "webhook"));
        let mut note = Note::new(Tone::Past, title, json::text(shown, "secret"));
        note.lines.push(
            "Give it to the receiver now: deliveries are signed with it, and nobody can show it again.".to_owned(),
        );
        page = page.note(note);
    }
    let entry = json::number(answer, "position").unwrap_or_default();
    let links = vec![
        vec![Cell::link(visitor.to("view/webhooks", &[]), "The webhooks")],
        vec![Cell::link(visitor.to(&format!("journal/{entry}"), &[]), format!("The entry #{entry}"))],
    ];
    let table = Table::new("What was recorded", &["see"]).rows(links);
    page.section(Section::new("Done").with(table.into())).into_response()
}

/// What a command would record.
fn preview(answer: &Value) -> Section {
    let entry = answer.get("entry").unwrap_or(answer);
    let rows = crate::words::events(entry).into_iter().map(|(words, authority)| {
        let authority = authority.map_or(Cell::Soft("none".to_owned()), |position| Cell::text(format!("#{position}")));
        vec![Cell::text(show::capital(&words)), authority]
    });
    let table = Table::new("What would be recorded", &["event", "on the authority of"]).rows(rows);
    let lead = "Nothing is recorded yet. All of this would happen in one entry, or none of it.";
    Section::new("What it would do").lead(lead).with(table.into())
}

async fn form(
    visitor: &Visitor,
    command: &CommandDescription,
    value: &(dyn Fn(&FieldDescription) -> String + Sync),
    trouble: Option<&Trouble>,
    tried: bool,
) -> Body {
    let mut fields = Vec::new();
    for described in command.all_fields() {
        let wrong = trouble.filter(|trouble| trouble.field.as_deref() == Some(described.name));
        let wrong = wrong.map(|trouble| sentence(&trouble.detail));
        fields.push(field(described, &value(described), names(visitor, described.name).await, wrong));
    }
    // A secret is not put into a page, so a command with one cannot be shown first and given then without typing it again.
    let secret = command.fields.iter().any(is_secret);
    let preview = Button { value: "try", text: "Show what it would do".to_owned(), main: !tried && !secret };
    let give = Button::main("do", "Do it");
    let buttons = match (tried, secret) {
        (false, false) => vec![preview],
        (true, _) | (false, true) => vec![give, preview],
    };
    let hidden = vec![("key".to_owned(), Uuid::new_v4().to_string())];
    let to = visitor.to_do(command.name, &[]);
    Body::Sheet(Sheet { to, csrf: Some(visitor.signed.csrf.clone()), hidden, fields, buttons })
}

pub(super) fn field(described: &FieldDescription, value: &str, list: Vec<String>, wrong: Option<String>) -> Field {
    let pick = |one: &str, text: &str| Pick {
        value: one.to_owned(),
        text: text.to_owned(),
        picked: value.split(',').any(|given| given == one),
    };
    let of = |choices: &[&str]| choices.iter().map(|choice| pick(choice, &choice.replace(['_', '-'], " "))).collect();
    let line = |kind: &'static str, hint: &str| Input::Line {
        kind,
        value: value.to_owned(),
        hint: hint.to_owned(),
        list: list.clone(),
        fill: "off",
    };
    let input = match described.kind {
        FieldKind::Choice(choices) if choices.len() <= 4 && described.required => Input::Radios(of(choices)),
        FieldKind::Choice(choices) => {
            let mut all: Vec<Pick> = of(choices);
            if !described.required || value.is_empty() {
                all.insert(0, Pick { value: String::new(), text: "choose".to_owned(), picked: value.is_empty() });
            }
            Input::Select { choices: all }
        }
        FieldKind::Choices(choices) => Input::Ticks(of(choices)),
        FieldKind::Boolean => Input::Radios(vec![pick("true", "yes"), pick("false", "no")]),
        FieldKind::Secret => Input::Line {
            kind: "password",
            value: String::new(),
            hint: String::new(),
            list: Vec::new(),
            fill: if described.name == "old" { "current-password" } else { "new-password" },
        },
        FieldKind::Date => line("date", ""),
        FieldKind::Number { .. } => line("number", ""),
        FieldKind::Email => line("email", "name@example.org"),
        FieldKind::Until => line("text", "2026-12-31"),
        FieldKind::Account => line("text", "jeff or @jeff.t"),
        FieldKind::Principal => line("text", "group:NAME, role:NAME, account:ID, member_type:NAME or staff"),
        FieldKind::Principals => line("text", "bob, group:NAME, staff"),
        FieldKind::Paths => line("text", "/site/news, /site/blog"),
        FieldKind::Accounts => line("text", "ann, bob"),
        FieldKind::EventTypes => line("text", "admin_added, role_assigned"),
        FieldKind::ReviewScope => line("text", "apps, app:NAME, role:NAME, group:NAME, object:/part/part or admins"),
        FieldKind::Path => line("text", "/part/part"),
        FieldKind::Url => line("url", "https://example.org/"),
        FieldKind::Text { most } if most > 500 => Input::Area { value: value.to_owned() },
        FieldKind::Condition | FieldKind::Uses => Input::Area { value: value.to_owned() },
        FieldKind::NewAccount
        | FieldKind::Username
        | FieldKind::Name
        | FieldKind::CloudId
        | FieldKind::Text { .. }
        | FieldKind::Personal
        | FieldKind::Code
        | FieldKind::SettingValue => line("text", ""),
    };
    let cleared = if described.clearable { " The word null takes away what there was." } else { "" };
    let kind = described.kind.to_string();
    let told =
        matches!(described.kind, FieldKind::Choice(_) | FieldKind::Choices(_) | FieldKind::Boolean | FieldKind::Secret);
    let expected = if told { String::new() } else { format!(" Expected: {kind}.") };
    Field {
        name: described.name.to_owned(),
        label: show::capital(&described.name.replace('_', " ")),
        words: format!("{}{expected}{cleared}", described.words),
        required: described.required && !(described.clearable),
        input,
        wrong,
    }
}

/// The names there are for a field, where the visitor may read them.
pub(super) async fn names(visitor: &Visitor, field: &str) -> Vec<String> {
    let all = visitor.reader.reads_all();
    let open = match field {
        "app" => all || visitor.reader.reads_dashboard(),
        "role" | "group" | "module" | "organisation" | "object" | "query" => all,
        _ => false, // any other names nothing that is listed
    };
    if !open {
        return Vec::new();
    }
    let found = visitor.shown(|shown| {
        let (views, position) = (shown.views, shown.position());
        let mut names: Vec<String> = match field {
            "app" => {
                let apps = views.names.apps.in_order();
                apps.filter_map(|app| Some(views.tenant.app(app, position)?.1.name.as_str().to_owned())).collect()
            }
            "role" => {
                let roles = views.roles.all(position).into_iter();
                roles.filter_map(|role| views.roles.name(role, position).map(str::to_owned)).collect()
            }
            "group" => {
                let own =
                    views.groups.all_custom(position).into_iter().map(|(_, group)| group.name.as_str().to_owned());
                let built_in = grantbook_projections::BUILT_IN_GROUPS.iter().map(|name| (*name).to_owned());
                own.chain(built_in).collect()
            }
            "module" => views.tenant.modules(position).map(|(_, name)| name.as_str().to_owned()).collect(),
            "organisation" => {
                views.organisations.all(position).into_iter().map(|(_, known)| known.name.as_str().to_owned()).collect()
            }
            "query" => views.queries.all(position).into_iter().map(|query| query.name.as_str().to_owned()).collect(),
            _ => {
                // Any other is an object.
                let objects = views.objects.in_order(&views.names.objects, position).into_iter();
                objects.map(|object| views.names.objects.text(object).to_owned()).take(MOST_NAMES).collect()
            }
        };
        names.sort();
        names.truncate(MOST_NAMES);
        names
    });
    found.await.unwrap_or_default()
}

/// What is said above an entry that a form has just recorded.
pub(crate) fn recorded(visitor: &Visitor) -> Option<Note> {
    (visitor.param("done") == "true")
        .then(|| Note::new(Tone::Yes, "Recorded", "It is on disk, and part of the history for good.").alert())
}
