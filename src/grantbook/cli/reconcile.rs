use std::path::PathBuf;

use grantbook_inquiries::reconcile::Section;
use serde_json::Value;

use super::desk::{Desk, within};
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;
use super::words::as_of;
use crate::client::Request;

/// Compares the platform's actual state with the book: what is there and not granted here, what is granted here and not there
///
/// FILE is a state as `docs/reconcile-format.md` describes it: JSON, CSV with the heading `section,thing,who,what,value`, or
/// JSON lines with a state each. A state that says `at` is compared as of that instant, unless `--as-of` says otherwise. The
/// exit status is 1 where anything differs.
#[derive(clap::Args)]
pub(crate) struct Reconcile {
    /// The platform's state (`-`: standard input)
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    point: Point,
}

/// The tables of differences: the field of the answer, what it is called, its last columns.
const SIDES: [(&str, &str); 3] = [
    ("not_granted_here", "On the platform, and not granted here"),
    ("not_there", "Granted here, and not on the platform"),
    ("differs", "Different there and here"),
];

impl Reconcile {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let name = self.file.display().to_string();
        let text = super::text::read(&self.file)?;
        let states = states(&text).map_err(|wrong| Trouble::Usage(format!("`{name}`: {wrong}")))?;
        let mut answers = Vec::with_capacity(states.len());
        for (media, state) in states {
            let tenant = desk.tenant().await?;
            let request = Request::post_text(&within(&tenant, &["reconcile"]), media, state);
            answers.push(desk.asked(self.point.of(desk.authorised(&tenant, request)?)).await?);
        }
        let differing = answers.iter().filter(|answer| answer.get("equal") != Some(&Value::Bool(true))).count();
        match (answers.as_slice(), output.json) {
            ([only], true) => output.json(only)?,
            (several, true) => output.json(&several.iter().cloned().collect())?,
            ([only], false) => show(only, output)?,
            (several, false) => {
                for answer in several.iter().filter(|answer| answer.get("equal") != Some(&Value::Bool(true))) {
                    show(answer, output)?;
                    output.line("")?;
                }
                output.line(format_args!("{} of {} states equal.", several.len() - differing, several.len()))?;
            }
        }
        if differing == 0 {
            return Ok(());
        }
        Err(Trouble::Refused("the platform and the book are not the same".to_owned()))
    }
}

/// The states of a file, each with its media type.
pub(super) fn states(text: &str) -> Result<Vec<(&'static str, String)>, String> {
    if !text.trim_start().starts_with('{') {
        return if text.trim().is_empty() {
            Err("is empty".to_owned())
        } else {
            Ok(vec![("text/csv", text.to_owned())])
        };
    }
    let read = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let states = read.collect::<Result<Vec<Value>, _>>().map_err(|error| format!("is not JSON: {error}"))?;
    Ok(states.into_iter().map(|state| ("application/json", state.to_string())).collect())
}

/// Whether a file says who has what, and no history: it is no JSON, or JSON that has a section.
pub(super) fn is_state(text: &str) -> bool {
    match text.trim_start().chars().next() {
        Some('{') => {
            let first = serde_json::Deserializer::from_str(text).into_iter::<Value>().next().and_then(Result::ok);
            first.is_some_and(|state| Section::ALL.into_iter().any(|section| state.get(section.name()).is_some()))
        }
        Some('[') | None => false,
        Some(_) => true,
    }
}

fn show(answer: &Value, output: &mut Output) -> Result<(), Trouble> {
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let compared = answer.get("compared").and_then(Value::as_object);
    let compared: Vec<String> =
        compared.into_iter().flatten().map(|(section, count)| format!("{count} of {section}")).collect();
    output.line(format_args!("compared {}, {}", compared.join(", "), as_of(answer)))?;
    for (field, title) in SIDES {
        let rows = answer.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if rows.is_empty() {
            continue;
        }
        output.line("")?;
        output.line(format_args!("{title} ({}):", rows.len()))?;
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let since = row.get("since").and_then(|since| since.get("position")).and_then(Value::as_u64);
                let since = since.map_or_else(String::new, |position| format!("#{position}"));
                let by = if text(row, "by").is_empty() { text(row, "by_support") } else { text(row, "by") };
                vec![text(row, "section"), text(row, "words"), since, by]
            })
            .collect();
        output.table(&["section", "what", "since", "by"], &rows)?;
    }
    if answer.get("equal") == Some(&Value::Bool(true)) {
        output.line("The platform and the book are the same.")?;
    }
    Ok(())
}
