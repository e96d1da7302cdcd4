use serde_json::Value;

use super::desk::Desk;
use super::output::Output;
use super::output::moment;
use super::point::Point;
use super::trouble::Trouble;
use super::words::{actor, events};
use crate::client::Request;

/// Shows the last entries of the book, then each new one as it is recorded
#[derive(clap::Args)]
pub(crate) struct Tail {
    /// How many of the last to begin with
    #[arg(long, default_value_t = 10, value_name = "COUNT")]
    last: u64,
    /// Begin after this position instead
    #[arg(long, value_name = "POSITION", conflicts_with = "last")]
    after: Option<u64>,
    /// Show those that there are, and end
    #[arg(long)]
    no_follow: bool,
    #[command(flatten)]
    point: Point,
}

impl Tail {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let mut after = self.begin(desk).await?;
        loop {
            let more =
                |request: Request| self.point.of(request.query("after", after.to_string()).query("limit", "500"));
            let answer = desk.ask(&["events"], more).await?;
            for entry in answer.get("entries").and_then(Value::as_array).into_iter().flatten() {
                after = entry.get("position").and_then(Value::as_u64).unwrap_or(after);
                show(entry, output)?;
            }
            if answer.get("next").is_none_or(Value::is_null) {
                break;
            }
        }
        output.flush()?;
        if self.no_follow {
            return Ok(());
        }
        if desk.client.is_here() {
            output.note("Nobody can write while this program has the directory open: nothing more will come. `grantbook serve` lets others.");
            return Ok(());
        }
        follow(desk, after, output).await
    }

    /// The position after which to begin.
    async fn begin(&self, desk: &Desk) -> Result<u64, Trouble> {
        if let Some(after) = self.after {
            return Ok(after);
        }
        let newest = |request: Request| self.point.of(request.query("order", "desc").query("limit", "1"));
        let newest = desk.ask(&["events"], newest).await?;
        let newest = newest.get("entries").and_then(|entries| entries.get(0)).and_then(|entry| entry.get("position"));
        Ok(newest.and_then(Value::as_u64).unwrap_or_default().saturating_sub(self.last))
    }
}

/// Shows what comes, for as long as the server goes on.
async fn follow(desk: &Desk, after: u64, output: &mut Output) -> Result<(), Trouble> {
    let last = axum::http::HeaderName::from_static("last-event-id");
    let request = desk.question(&["events", "stream"]).await?;
    let request = request.header(last, after.to_string()).header(axum::http::header::ACCEPT, "text/event-stream");
    let mut lines = desk.client.lines(request).await?;
    if lines.status != 200 {
        return Err(desk.refused(&lines.whole().await?));
    }
    let mut data = String::new();
    while let Some(line) = lines.next().await? {
        if let Some(part) = line.strip_prefix("data:") {
            data.push_str(part.trim_start());
        } else if line.is_empty()
            && !data.is_empty()
            && let Ok(entry) = serde_json::from_str(&std::mem::take(&mut data))
        {
            show(&entry, output)?;
            output.flush()?;
        }
    }
    output.note("The server has ended.");
    Ok(())
}

fn show(entry: &Value, output: &mut Output) -> Result<(), Trouble> {
    if output.json {
        return output.line(entry);
    }
    let position = entry.get("position").and_then(Value::as_u64).unwrap_or_default();
    let at = entry.get("at").and_then(Value::as_str).map(moment).unwrap_or_default();
    for (what, authority) in events(entry) {
        let authority = authority.map_or_else(String::new, |authority| format!(" (authority #{authority})"));
        output.line(format_args!("#{position} {at}  {}: {what}{authority}", actor(entry)))?;
    }
    Ok(())
}
