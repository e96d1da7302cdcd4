use std::path::PathBuf;

use serde_json::{Value, json};

use super::desk::{Desk, within};
use super::output::{Output, moment};
use super::point::Point;
use super::trouble::Trouble;
use super::words::{as_of, plain};
use crate::client::Request;

/// What history would be without given entries, or with commands put in: what differs, and what would have been refused
///
/// Every later entry is decided anew; what could then not have happened is left out, with the rule and the entry that it
/// lacks. The journal is not touched. A command that is put in is JSON: `{"at": 17, "as": "bob", "command": {"name":
/// "remove_role", ...}}` comes right after entry 17, given by bob (or `support`); without `at` it comes at the end.
#[derive(clap::Args)]
pub(crate) struct WhatIf {
    /// Entries to leave out: positions, with commas between them
    #[arg(long, value_name = "POSITION,...", value_delimiter = ',')]
    without: Vec<u64>,
    /// A command to put in, as JSON; may be given several times
    #[arg(long, value_name = "JSON")]
    insert: Vec<String>,
    /// The whole question from a file: {"without": [...], "insert": [...], "views": [...]} (`-`: standard input)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with_all = ["without", "insert", "view"])]
    file: Option<PathBuf>,
    /// Compare only this view; may be given several times
    #[arg(long, value_name = "VIEW")]
    view: Vec<String>,
    #[command(flatten)]
    point: Point,
}

impl WhatIf {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let body = self.body()?;
        let tenant = desk.tenant().await?;
        let request = Request::post(&within(&tenant, &["what-if"]), &body);
        let answer = desk.asked(self.point.of(desk.authorised(&tenant, request)?)).await?;
        if output.json { output.json(&answer) } else { show(&answer, output) }
    }

    fn body(&self) -> Result<Value, Trouble> {
        if let Some(path) = &self.file {
            let (name, text) = (path.display(), super::text::read(path)?);
            return serde_json::from_str(&text)
                .map_err(|error| Trouble::Usage(format!("`{name}` is not JSON: {error}")));
        }
        if self.without.is_empty() && self.insert.is_empty() {
            return Err(Trouble::Usage("what is to be otherwise? Give `--without`, `--insert` or `--file`".to_owned()));
        }
        let insert = self.insert.iter().map(|text| {
            serde_json::from_str::<Value>(text)
                .map_err(|error| Trouble::Usage(format!("`--insert` is not JSON: {error}: `{text}`")))
        });
        let insert = insert.collect::<Result<Vec<Value>, Trouble>>()?;
        Ok(json!({"without": self.without, "insert": insert, "views": self.view}))
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn position(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_u64).map_or_else(String::new, |position| format!("#{position}"))
}

fn sentences(row: &Value) -> String {
    list(row, "sentences").iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
}

fn show(answer: &Value, output: &mut Output) -> Result<(), Trouble> {
    output.line(format_args!("what if, {}", as_of(answer)))?;
    let without = list(answer, "without");
    if !without.is_empty() {
        output.line("")?;
        output.line(format_args!("Left out ({}):", without.len()))?;
        let rows = without.iter().map(|row| vec![position(row, "position"), moment(text(row, "at")), sentences(row)]);
        output.table(&["position", "when", "what"], &rows.collect::<Vec<_>>())?;
    }
    let inserted = list(answer, "inserted");
    if !inserted.is_empty() {
        output.line("")?;
        output.line(format_args!("Put in ({}):", inserted.len()))?;
        let rows = inserted.iter().map(|row| {
            let accepted = row.get("accepted") == Some(&Value::Bool(true));
            let told = if accepted { sentences(row) } else { format!("refused: {}", text(row, "why")) };
            vec![position(row, "after"), told, text(row, "rule").to_owned()]
        });
        output.table(&["after", "what", "rule"], &rows.collect::<Vec<_>>())?;
    }
    let refused = list(answer, "refused");
    output.line("")?;
    if refused.is_empty() {
        output.line("All else would have happened.")?;
    } else {
        let all = answer.get("refused_count").and_then(Value::as_u64).unwrap_or_default();
        let told =
            if all > refused.len() as u64 { format!(", the first {} told", refused.len()) } else { String::new() };
        output.line(format_args!("Would not have happened ({all}{told}):"))?;
        let rows = refused.iter().map(|row| {
            let mut because: Vec<String> =
                list(row, "because").iter().filter_map(Value::as_u64).map(|position| format!("#{position}")).collect();
            if let Some(between) = row.get("between") {
                because.insert(because.len().saturating_sub(1), format!("{between} more"));
            }
            let why = text(row, "why").to_owned();
            vec![position(row, "position"), sentences(row), why, text(row, "rule").to_owned(), because.join(" < ")]
        });
        output.table(&["position", "what", "because", "rule", "lacks"], &rows.collect::<Vec<_>>())?;
    }
    views(answer, output)
}

fn views(answer: &Value, output: &mut Output) -> Result<(), Trouble> {
    let views = answer.get("views").and_then(Value::as_object);
    if views.is_none_or(serde_json::Map::is_empty) {
        output.line("")?;
        return output.line("The views would be the same.");
    }
    for (name, changes) in views.into_iter().flatten() {
        output.line("")?;
        output.line(format_args!("{name}:"))?;
        let rows = changes.as_array().into_iter().flatten().map(|change| {
            let side = |name: &str| change.get(name).map_or_else(String::new, told);
            vec![text(change, "path").to_owned(), side("before"), side("after")]
        });
        output.table(&["where", "is", "would be"], &rows.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// A value, or that there is nothing.
fn told(value: &Value) -> String {
    if value.is_null() { "-".to_owned() } else { plain(value) }
}
