//! Another history: without given entries, or with commands put in.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use grantbook_decisions::command::{CommandJson, Door, Lookup, Problem as CommandProblem, describe, parse};
use grantbook_events::{AccountId, Position, ReadScope, Sealed, Username};
use grantbook_inquiries::what_if::{By, Insertion, WhatIf};
use grantbook_inquiries::{Shown, UnknownView, VIEWS};
use grantbook_ledger::LedgerError;
use grantbook_projections::Views;
use serde_json::{Map, Value};

use super::body;
use super::problem::Problem;
use super::reader::Reader;
use super::slices::{of_a_copy, walked};
use super::views::answered;
use super::visit::Visit;

/// The most entries to leave out, and commands to put in.
const MOST: usize = 1_000;

/// A secret that keeps every policy, for commands that are put in without one: nothing is recorded.
const ANY_PASSWORD: &str = "nothing-is-recorded-and-so-any-password-will-do-1";

/// What history would be without some entries, or with some commands more: the views' difference, and the commands that would
/// then have been refused, by which rule, for lack of which entry. The journal is not touched.
pub(crate) async fn what_if(mut visit: Visit, Path(cloud_id): Path<String>, given: Body) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    visit.params.finish()?;
    let body = body::json(&visit.headers, given).await?;
    body::only(&body, &["without", "insert", "views"])?;
    let without = without(&body)?;
    let named = views_named(&body)?;
    let list = list(&body, "insert")?;
    if without.is_empty() && list.is_empty() {
        return Err(Problem::malformed("without", "expected entries to leave out, or commands to `insert`"));
    }
    reader.may_ask_of_all("ask_what_if", ReadScope::Events).await?;
    looking.wait(&reader.tenant).await?;
    let read = reader.tenant.ask(looking.point, |views, as_of| {
        let put_in = list.iter().enumerate().map(|(index, value)| {
            insertion(views, as_of.position, value).map_err(|problem| problem.within(&format!("insert[{index}]")))
        });
        Ok::<_, Problem>((put_in.collect::<Result<Vec<Insertion>, Problem>>()?, as_of))
    });
    let (put_in, as_of) = read.await??;
    if let Some(beyond) = without.iter().find(|position| **position > as_of.position) {
        return Err(LedgerError::Beyond { asked: *beyond, last: as_of.position }.into());
    }
    let history = WhatIf::new(without, put_in);
    let whole = vec![Position(1)..=as_of.position];
    let history = walked(&reader.tenant, whole, history, WhatIf::live).await?;
    let answer = of_a_copy(&reader.tenant, as_of, move |copied| {
        let differences = copied.of_each(&named, |shown, name| {
            let difference = with_put_in(shown, |shown| history.difference(shown, name))?;
            Ok(difference.map(|difference| ((*name).to_owned(), difference)))
        });
        let differences = differences.into_iter().filter_map(Result::transpose).collect::<Result<Map<_, _>, _>>()?;
        Ok(copied.shown(|shown| with_put_in(shown, |shown| history.json(shown, differences))))
    });
    Ok(answered(answer.await?.map_err(|unknown: UnknownView| Problem::malformed("views", unknown.to_string()))?))
}

/// Asks with what commands that are put in name, which is sealed for nobody.
fn with_put_in<R>(shown: &Shown<'_>, ask: impl FnOnce(&Shown<'_>) -> R) -> R {
    let open = |account: &AccountId, field: &'static str, sealed: &Sealed| {
        sealed.as_clear().map(str::to_owned).or_else(|| (shown.open)(account, field, sealed))
    };
    ask(&Shown { open: &open, ..*shown })
}

fn list<'a>(body: &'a Value, field: &str) -> Result<&'a [Value], Problem> {
    match body.get(field).filter(|value| !value.is_null()) {
        None => Ok(&[]),
        Some(value) => {
            let list = value.as_array().filter(|list| list.len() <= MOST).map(Vec::as_slice);
            list.ok_or_else(|| Problem::malformed(field, format!("expected a list of at most {MOST}")))
        }
    }
}

fn without(body: &Value) -> Result<BTreeSet<Position>, Problem> {
    let expected = || Problem::malformed("without", "expected positions of entries, after the tenant's first");
    let position = |value: &Value| value.as_u64().map(Position).filter(|position| *position > Position(1));
    list(body, "without")?.iter().map(|value| position(value).ok_or_else(expected)).collect()
}

/// The views to compare, each once: those that are named, else all.
fn views_named(body: &Value) -> Result<Vec<&'static str>, Problem> {
    let all = || VIEWS.iter().map(|(name, _)| *name);
    let named = list(body, "views")?;
    if named.is_empty() {
        return Ok(all().collect());
    }
    let find = |value: &Value| all().find(|name| value == name);
    let names: Vec<&str> = all().collect();
    let expected = || Problem::malformed("views", format!("expected some of {}", names.join(", ")));
    let named = named.iter().map(|value| find(value).ok_or_else(expected)).collect::<Result<BTreeSet<_>, _>>()?;
    Ok(named.into_iter().collect())
}

/// A command to put in: after which entry (the last, where none is named), by whom.
fn insertion(views: &Views, last: Position, value: &Value) -> Result<Insertion, Problem> {
    body::only(value, &["at", "as", "command"])?;
    let after = match value.get("at").filter(|at| !at.is_null()) {
        None => last,
        Some(at) => {
            let at = at.as_u64().map(Position).filter(|at| *at >= Position(1));
            at.ok_or_else(|| Problem::malformed("at", "expected the position of an entry, to come right after it"))?
        }
    };
    if after > last {
        return Err(LedgerError::Beyond { asked: after, last }.into());
    }
    let mut command = value.get("command").and_then(Value::as_object).cloned();
    let command = command.as_mut().ok_or_else(|| Problem::malformed("command", "expected a command"))?;
    let by = match body::text(value, "as")? {
        "support" => By::Support,
        id => By::Account(AccountId::new(id).map_err(|wrong| Problem::malformed("as", wrong.message))?),
    };
    let door = if by == By::Support { Door::Support } else { Door::Tenant };
    put_secrets(command);
    let by_username = |username: &Username| {
        let number = views.names.usernames.get(username.as_str())?;
        views.account_id(views.credentials.owner(number, after)?)
    };
    let lookup = Lookup { account_by_username: &by_username, seal: &|_, _, text| Sealed::clear(text) };
    match parse(&CommandJson::from(&Value::Object(command.clone())), door, &lookup) {
        Ok(given) => Ok(Insertion { after, by, command: given.command }),
        Err(CommandProblem::Malformed(wrong)) => {
            Err(Problem::malformed(format!("command.{}", wrong.field), wrong.message))
        }
        Err(unknown @ CommandProblem::UnknownAccount(_)) => Err(Problem::not_found(unknown.to_string())),
    }
}

/// Secrets need not be given: nothing is recorded, and passwords that are looked at are taken to be right.
fn put_secrets(command: &mut Map<String, Value>) {
    use grantbook_decisions::command::FieldKind;
    let name = command.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let fields = describe(&name).map_or(&[][..], |description| description.fields);
    for field in fields.iter().filter(|field| field.kind == FieldKind::Secret) {
        command.entry(field.name).or_insert_with(|| ANY_PASSWORD.into());
    }
}
