use std::collections::{BTreeMap, BTreeSet};

use grantbook_inquiries::VIEWS;
use serde_json::Value;

use super::desk::Desk;
use super::output::{Output, moment};
use super::point::Point;
use super::tables::{self, Dates};
use super::trouble::Trouble;
use super::words::as_of;
use crate::client::Request;

/// How many entries are looked up one by one for their dates; more come in pages.
const ONE_BY_ONE: usize = 40;

/// Shows a view: what the history means, now or as of then
#[derive(clap::Args)]
pub(crate) struct View {
    /// Which view
    #[arg(value_parser = names())]
    name: String,
    #[command(flatten)]
    point: Point,
}

fn names() -> clap::builder::PossibleValuesParser {
    let all = VIEWS.iter().map(|(name, words)| clap::builder::PossibleValue::new(*name).help(*words));
    all.collect::<Vec<_>>().into()
}

impl View {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let answer = desk.ask(&["views", &self.name], |request| self.point.of(request)).await?;
        if output.json {
            return output.json(&answer);
        }
        show(&self.name, &answer, desk, output).await
    }
}

/// Shows the answer of a view.
pub(crate) async fn show(name: &str, answer: &Value, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
    output.line(format_args!("{name} of {}, {}", desk.tenant().await?, as_of(answer)))?;
    let dates = dates(desk, answer).await;
    for table in tables::of(name, answer, &dates) {
        output.line("")?;
        if !table.title.is_empty() {
            output.line(&table.title)?;
        }
        if table.rows.is_empty() {
            output.line(format_args!("{}.", table.none))?;
        } else {
            output.table(table.header, &table.rows)?;
        }
    }
    Ok(())
}

/// When the entries were made that an answer names. Where the caller may not read them, positions stand alone.
async fn dates(desk: &Desk, answer: &Value) -> Dates {
    let mut wanted = BTreeSet::new();
    positions(answer, &mut wanted);
    let mut dates = BTreeMap::new();
    if wanted.len() <= ONE_BY_ONE {
        for position in wanted {
            let Ok(entry) = desk.ask(&["events", &position.to_string()], |request| request).await else { break };
            put(&entry, &mut dates);
        }
        return dates;
    }
    let last = wanted.last().copied().unwrap_or_default();
    let mut after = wanted.first().copied().unwrap_or_default().saturating_sub(1);
    while after < last {
        let page = |request: Request| request.query("after", after.to_string()).query("limit", "1000");
        let Ok(page) = desk.ask(&["events"], page).await else { break };
        let before = after;
        for entry in page.get("entries").and_then(Value::as_array).into_iter().flatten() {
            after = entry.get("position").and_then(Value::as_u64).unwrap_or(after);
            put(entry, &mut dates);
        }
        if after == before {
            break;
        }
    }
    dates
}

fn put(entry: &Value, into: &mut Dates) {
    let position = entry.get("position").and_then(Value::as_u64);
    let at = entry.get("at").and_then(Value::as_str);
    into.extend(position.zip(at.map(moment)));
}

/// The positions that causes name.
fn positions(value: &Value, into: &mut BTreeSet<u64>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "as_of") {
                match value.as_u64().filter(|_| name == "position") {
                    Some(position) => _ = into.insert(position),
                    None => positions(value, into),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| positions(value, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
