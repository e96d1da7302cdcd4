//! A command to be put into history, chosen and filled in: the forms of a what-if.

use axum::response::{IntoResponse, Response};
use grantbook_decisions::command::{CommandDescription, FieldDescription};
use serde_json::{Value, json};

use super::ask::Trouble;
use super::commands::{self, is_secret};
use super::page::{Told, refusal};
use super::parts::{Body, Button, Field, Filter, FilterField, Input, Section, Sheet};
use super::show;
use super::visitor::Visitor;
use super::what_if::{Question, sent};

/// The fields of the form that no command has.
const AFTER: &str = "put_after";
const BY: &str = "put_as";

/// The form that chooses a command.
pub(super) fn choose(visitor: &Visitor, question: &Question) -> Body {
    let words = |command: &CommandDescription| command.words.trim_end_matches('.').to_owned();
    let mut choices: Vec<(String, String)> =
        commands::commands().map(|command| (command.name.to_owned(), words(command))).collect();
    choices.sort_by(|one, other| one.1.cmp(&other.1));
    choices.insert(0, (String::new(), "choose a command".to_owned()));
    let as_of = visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone()));
    Body::Filter(Filter {
        to: page_of(visitor),
        kept: question.pairs().into_iter().chain(as_of).collect(),
        fields: vec![FilterField { choices, ..FilterField::new("put", "Put in a command", "", "") }],
        button: "Fill it in".to_owned(),
    })
}

fn page_of(visitor: &Visitor) -> String {
    visitor.to("what-if", &[]).split('?').next().unwrap_or_default().to_owned()
}

/// The form that says what is put in, where, by whom; filled in, it leads back to the question.
pub(super) async fn page(visitor: &Visitor, question: Question) -> Result<Response, Told> {
    let name = visitor.param("put");
    let known = commands::commands().find(|command| command.name == name);
    let command = known.ok_or_else(|| visitor.nothing_here(format!("there is no command `{name}` of a tenant")))?;
    let mut page = visitor
        .page("Put in a command")
        .lead(format!("{} Nothing is done: history is lived through with it.", command.words));
    let mut trouble = None;
    if visitor.param("act") == "put" {
        match read(visitor, command) {
            Ok(insertion) => return Ok(sent(visitor, question, insertion)),
            Err(wrong) => {
                page = page.note(refusal(&wrong)).status(wrong.status);
                trouble = Some(wrong);
            }
        }
    }
    let form = form(visitor, &question, command, trouble.as_ref()).await;
    Ok(page.section(Section::new("What is put in").with(form)).into_response())
}

/// What the form says, as the API takes it. Errors: a field is not as expected.
fn read(visitor: &Visitor, command: &CommandDescription) -> Result<Value, Trouble> {
    let wrong = |field: &str, detail: String| Trouble {
        field: Some(field.to_owned()),
        ..Trouble::new(422, "Not as expected", detail)
    };
    let after = visitor.param(AFTER).trim();
    let after = after.strip_prefix('#').unwrap_or(after);
    let after: u64 = after.parse().map_err(|_| wrong(AFTER, format!("`{after}` is no position of an entry")))?;
    let by = visitor.param(BY).trim();
    if by.is_empty() {
        return Err(wrong(BY, "somebody must give the command".to_owned()));
    }
    Ok(json!({"at": after, "as": by, "command": commands::read(command, &visitor.given())?}))
}

async fn form(visitor: &Visitor, question: &Question, command: &CommandDescription, trouble: Option<&Trouble>) -> Body {
    let of = |name: &str| trouble.filter(|trouble| trouble.field.as_deref() == Some(name));
    let wrong = |name: &str| of(name).map(|trouble| super::page::sentence(&trouble.detail));
    let own = |name: &str, label: &str, words: &str, usual: String| {
        let value = Some(visitor.param(name)).filter(|given| !given.is_empty()).map_or(usual, str::to_owned);
        let input = Input::Line { kind: "text", value, hint: String::new(), list: Vec::new(), fill: "off" };
        Field {
            name: name.to_owned(),
            label: label.to_owned(),
            words: words.to_owned(),
            required: true,
            input,
            wrong: wrong(name),
        }
    };
    let last = visitor.seen.position.0.to_string();
    let mut fields = vec![
        own(AFTER, "After which entry", "Its position: the command comes right after it.", last),
        own(BY, "By whom", "The id of an account that could have signed in then.", visitor.own.clone()),
    ];
    // Of a secret nothing is asked: every password is taken to be right.
    let asked = |field: &&FieldDescription| !is_secret(field) && field.name != "reason";
    for described in command.all_fields().filter(asked) {
        let value = visitor.all(described.name).collect::<Vec<_>>().join(",");
        let names = commands::names(visitor, described.name).await;
        fields.push(commands::field(described, &value, names, wrong(described.name)));
    }
    let as_of = visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone()));
    let put = ("put".to_owned(), command.name.to_owned());
    let hidden = question.pairs().into_iter().chain([put]).chain(as_of).collect();
    let buttons = vec![Button::main("put", &format!("Put it in: {}", show::words(command.name)))];
    Body::Sheet(Sheet { to: page_of(visitor), csrf: None, hidden, fields, buttons })
}
