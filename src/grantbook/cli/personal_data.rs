use serde_json::Value;

use super::desk::Desk;
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;
use super::words::{as_of, plain};

/// Everything that is kept of a person: their account, every personal value from when to when, the entries that name them
///
/// For the person, who has a right to it, and before `do erase_contact`: nobody has it afterwards. `--json` is the whole of
/// it, to be handed over.
#[derive(clap::Args)]
pub(crate) struct PersonalData {
    /// Whose: an id, or `@` and a username
    #[arg(value_name = "ACCOUNT")]
    account: String,
    #[command(flatten)]
    point: Point,
}

impl PersonalData {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let path = ["accounts", &self.account, "personal-data"];
        let answer = desk.ask(&path, |request| self.point.of(request)).await?;
        if output.json {
            return output.json(&answer);
        }
        let list = |name: &str| answer.get(name).and_then(Value::as_array).into_iter().flatten();
        output.line(format_args!("what is kept of {}, {}", self.account, as_of(&answer)))?;
        if let Some(erased) = answer.pointer("/account/erased/position").and_then(Value::as_u64) {
            output.line(format_args!("Erased at position {erased}: no value can be read any more."))?;
        }
        output.line("")?;
        let position = |row: &Value, name: &str| {
            row.pointer(&format!("/{name}/position")).map_or_else(String::new, |position| format!("#{position}"))
        };
        let value = |row: &Value| match row.get("value") {
            Some(Value::String(text)) => text.clone(),
            Some(_) | None => "(erased)".to_owned(),
        };
        let rows: Vec<Vec<String>> = list("values")
            .map(|row| {
                let field = row.get("field").map(plain).unwrap_or_default();
                vec![field, value(row), position(row, "from"), position(row, "until")]
            })
            .collect();
        output.table(&["field", "value", "from", "until"], &rows)?;
        output.line("")?;
        output.line(format_args!("{} entries name this account: `--json` shows them.", list("entries").count()))
    }
}
