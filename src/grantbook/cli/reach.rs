use serde_json::Value;

use super::desk::Desk;
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;
use super::words::{as_of, person, plain};

/// Who can do most: the accounts whose rights reach furthest
///
/// Rights are counted as `diff` compares them: each on each thing that has an access setting of its own, so that what only
/// inherits counts once.
#[derive(clap::Args)]
pub(crate) struct Reach {
    /// How many accounts
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Count what was granted to accounts that have no credentials, or none that work
    #[arg(long)]
    granted: bool,
    #[command(flatten)]
    point: Point,
}

impl Reach {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let answer = desk
            .ask(&["reach"], |request| {
                let request = request.maybe_query("limit", self.limit);
                self.point.of(request.maybe_query("granted", self.granted.then_some("true")))
            })
            .await?;
        if output.json {
            return output.json(&answer);
        }
        output.line(format_args!("whose rights reach furthest, {}", as_of(&answer)))?;
        output.line("")?;
        let rows = answer.get("accounts").and_then(Value::as_array).into_iter().flatten().map(|row| {
            let counts = ["rights", "objects", "held"].map(|name| row.get(name).map(plain).unwrap_or_default());
            [vec![person(row)], counts.to_vec()].concat()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if rows.is_empty() {
            return output.line("There are no accounts.");
        }
        output.table(&["account", "rights", "on objects", "roles, groups, apps"], &rows)
    }
}
