use serde_json::Value;

use super::desk::Desk;
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;
use super::words::{ENTRY_HEADER, rows};
use crate::client::Request;

/// The entries of the book: who did what, when and on whose authority
#[derive(clap::Args)]
pub(crate) struct Events {
    #[command(flatten)]
    filters: Filters,
    /// Only those after this position
    #[arg(long, value_name = "POSITION")]
    after: Option<u64>,
    /// At most so many
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
    /// Oldest or newest first
    #[arg(long, value_parser = ["asc", "desc"])]
    order: Option<String>,
    #[command(flatten)]
    point: Point,
}

/// Which entries.
#[derive(clap::Args)]
pub(crate) struct Filters {
    /// Only those that they made: an account's id or `@` and a username, an operator of support, `system`, `guest` or `support`
    #[arg(long, value_name = "ACTOR")]
    actor: Option<String>,
    /// Only those that are on this account
    #[arg(long, value_name = "ACCOUNT")]
    subject: Option<String>,
    /// Only those with an event of this type, such as `admin_added`
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Only those from here on: a position or an RFC 3339 instant
    #[arg(long, value_name = "POSITION|INSTANT")]
    from: Option<String>,
    /// Only those up to here: a position or an RFC 3339 instant
    #[arg(long, value_name = "POSITION|INSTANT")]
    to: Option<String>,
}

impl Filters {
    /// From where to where, where a whole stretch of history is wanted. Errors: something else is filtered by.
    pub(crate) fn span(&self) -> Result<(Option<&str>, Option<&str>), Trouble> {
        if self.actor.is_some() || self.subject.is_some() || self.kind.is_some() {
            return Err(Trouble::Usage(
                "a fixture holds a whole stretch of history: only `--from` and `--to` go with it".to_owned(),
            ));
        }
        Ok((self.from.as_deref(), self.to.as_deref()))
    }

    /// The request for those.
    pub(crate) fn of(&self, request: Request) -> Request {
        let request = request.maybe_query("actor", self.actor.as_deref());
        let request = request.maybe_query("subject", self.subject.as_deref()).maybe_query("type", self.kind.as_deref());
        request.maybe_query("from", self.from.as_deref()).maybe_query("to", self.to.as_deref())
    }
}

impl Events {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let asked = |request| {
            let request = self.point.of(self.filters.of(request)).maybe_query("after", self.after);
            request.maybe_query("limit", self.limit).maybe_query("order", self.order.as_deref())
        };
        let answer = desk.ask(&["events"], asked).await?;
        if output.json {
            return output.json(&answer);
        }
        let entries = answer.get("entries").and_then(Value::as_array);
        let rows: Vec<_> = entries.into_iter().flatten().flat_map(rows).collect();
        if rows.is_empty() {
            output.line("There are no such entries.")?;
        } else {
            output.table(&ENTRY_HEADER, &rows)?;
        }
        if let Some(next) = answer.get("next").and_then(Value::as_u64) {
            output.note(format_args!("There are more: `--after {next}` goes on there."));
        }
        Ok(())
    }
}
