use std::path::PathBuf;

use grantbook_events::{Instant, due_day, due_words};
use serde_json::Value;

use super::desk::Desk;
use super::output::{Output, moment};
use super::point::Point;
use super::tables;
use super::trouble::Trouble;
use super::whole_file;
use super::words::{as_of, plain};

/// Access reviews: which there are, what one looks at and what was decided, and its report
///
/// `grantbook do open_review` opens one, `grantbook do decide_review_item` decides on an item of it, `grantbook do
/// close_review` closes it and revokes what was decided to be revoked.
#[derive(clap::Subcommand)]
pub(crate) enum Review {
    /// Lists the reviews, open and closed
    List {
        #[command(flatten)]
        point: Point,
    },
    /// Shows one review: each item with who gave it, when it was used last, and what was decided
    Show {
        /// Its name
        review: String,
        /// The entries behind each item too, back to the tenant's start
        #[arg(long)]
        authority: bool,
        #[command(flatten)]
        point: Point,
    },
    /// Writes the report of one review; of a closed one it is the same bytes for ever
    Report {
        /// Its name
        review: String,
        /// In which form: a page that prints, a table, or JSON
        #[arg(long, default_value = "html", value_parser = ["html", "csv", "json"])]
        format: String,
        /// To this file, and not to standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        point: Point,
    },
}

impl Review {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        match self {
            Review::List { point } => list(desk, output, &point).await,
            Review::Show { review, authority, point } => show(desk, output, &review, authority, &point).await,
            Review::Report { review, format, output: file, point } => {
                let request = point.of(desk.question(&["reviews", &review, "report"]).await?).query("format", format);
                let answer = desk.client.lines(request).await?;
                if answer.status != 200 {
                    return Err(desk.refused(&answer.whole().await?));
                }
                let bytes = answer.bytes().await?.bytes;
                match file {
                    None => output.written(|to| to.write_all(&bytes)),
                    Some(file) => {
                        let unwritten =
                            |error| Trouble::Storage(format!("`{}` cannot be written: {error}", file.display()));
                        whole_file::write(&file, &bytes).map_err(unwritten)?;
                        output.note(format_args!("Written to {}.", file.display()));
                        Ok(())
                    }
                }
            }
        }
    }
}

async fn list(desk: &Desk, output: &mut Output, point: &Point) -> Result<(), Trouble> {
    let answer = desk.ask(&["views", "reviews"], |request| point.of(request)).await?;
    if output.json {
        return output.json(&answer);
    }
    for table in tables::of("reviews", &answer, &tables::Dates::new()) {
        if table.rows.is_empty() {
            output.line(format_args!("{}.", table.none))?;
        } else {
            output.table(table.header, &table.rows)?;
        }
    }
    Ok(())
}

async fn show(desk: &Desk, output: &mut Output, review: &str, authority: bool, point: &Point) -> Result<(), Trouble> {
    let answer = desk.ask(&["reviews", review], |request| point.of(request)).await?;
    if output.json {
        return output.json(&answer);
    }
    let text = |name: &str| answer.get(name).map(plain).unwrap_or_default();
    let (opened, closed) = (answer.get("opened"), answer.get("closed").filter(|closed| !closed.is_null()));
    output.line(format_args!(
        "Review {} of {}: {}, {}",
        text("review"),
        text("words"),
        text("state"),
        as_of(&answer)
    ))?;
    output.line(format_args!("opened {}, due by {}", signed(opened), due(&answer)))?;
    let reviewers = answer.get("reviewers").and_then(Value::as_array).into_iter().flatten();
    let reviewers: Vec<String> = reviewers.map(|reviewer| known(reviewer, "name", "account")).collect();
    output.line(format_args!("reviewers: {}", reviewers.join(", ")))?;
    if let Some(earlier) = answer.get("since_review").and_then(Value::as_str) {
        output.line(format_args!("goes on from {earlier}: what that kept and did not change since is left out"))?;
    }
    let count = |name: &str| answer.pointer(&format!("/counts/{name}")).map(plain).unwrap_or_default();
    let [items, kept, revoked, withheld, undecided] = ["items", "kept", "revoked", "withheld", "undecided"].map(count);
    match closed {
        Some(_) => output.line(format_args!(
            "closed {}: {items} items, {kept} kept, {revoked} revoked, {withheld} not revoked, {undecided} undecided",
            signed(closed)
        ))?,
        None => output
            .line(format_args!("{items} items so far: {kept} to keep, {revoked} to revoke, {undecided} undecided"))?,
    }
    let items = answer.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if items.is_empty() {
        return output.line("There is nothing to look at.");
    }
    output.line("")?;
    let header = ["item", "what", "given", "last used", "decision", "outcome"];
    output.table(&header, &items.iter().map(|item| row(item, closed.is_none())).collect::<Vec<_>>())?;
    if authority {
        for item in items {
            output.line("")?;
            output.line(format_args!("{}:", item.get("item").map(plain).unwrap_or_default()))?;
            for step in item.get("authority").and_then(Value::as_array).into_iter().flatten() {
                let part = |name: &str| step.get(name).map(plain).unwrap_or_default();
                output.line(format_args!("  #{} {}: {}", part("position"), part("at"), part("sentence")))?;
            }
        }
    }
    Ok(())
}

/// Who signed an entry, and when: `by bob, 2026-11-21 09:30:00 (#17)`.
fn signed(entry: Option<&Value>) -> String {
    let part = |name: &str| entry.and_then(|entry| entry.get(name)).map(plain).unwrap_or_default();
    format!("by {}, {} (#{})", entry.map(by).unwrap_or_default(), part("at"), part("position"))
}

/// When a review is due, as people say it.
pub(crate) fn due(review: &Value) -> String {
    let due = review.get("due").and_then(Value::as_str).and_then(|due| Instant::parse(due).ok());
    // A day is said as one.
    let said = |due| if due_day(due).is_some() { due_words(due) } else { moment(&due.to_string()) };
    due.map(said).unwrap_or_default()
}

/// Whose act it was.
fn by(of: &Value) -> String {
    let text = |name: &str| of.get(name).and_then(Value::as_str);
    match (text("by"), text("by_support")) {
        (Some(account), _) => account.to_owned(),
        (None, Some(operator)) => format!("support ({operator})"),
        (None, None) => "the ledger".to_owned(),
    }
}

fn known(of: &Value, name: &str, id: &str) -> String {
    let text = |field: &str| of.get(field).and_then(Value::as_str);
    match (text(name), text(id)) {
        (Some(name), Some(id)) => format!("{name} ({id})"),
        (None, Some(id)) => id.to_owned(),
        (_, None) => String::new(),
    }
}

fn row(item: &Value, under_way: bool) -> Vec<String> {
    let text = |name: &str| item.get(name).map(plain).unwrap_or_default();
    let at = |name: &str| item.get(name).and_then(|used| used.get("at")).map(plain);
    let given = format!("#{} by {}", item.pointer("/since/position").map(plain).unwrap_or_default(), by(item));
    let used = match (at("last_use"), at("last_sign_in")) {
        (Some(used), _) => used,
        (None, Some(signed_in)) => format!("signed in {signed_in}"),
        (None, None) => "never seen".to_owned(),
    };
    let decision = match item.get("decided").filter(|decided| !decided.is_null()) {
        None if !under_way => "none".to_owned(),
        None => {
            let able = item.get("may_decide").and_then(Value::as_array).into_iter().flatten();
            let able: Vec<String> = able.map(plain).collect();
            if able.is_empty() { "no reviewer may".to_owned() } else { format!("open: {}", able.join(", ")) }
        }
        Some(decided) => {
            let reason = item.get("reason").and_then(Value::as_str).map(|reason| format!(": {reason}"));
            let giver = if item.get("decided_by_giver") == Some(&Value::Bool(true)) { " (who gave it)" } else { "" };
            format!("{} by {}{giver}{}", text("decision"), by(decided), reason.unwrap_or_default())
        }
    };
    let rule = item.get("rule").and_then(Value::as_str).map(|rule| format!(" by rule {rule}"));
    let changed = match item.get("changed") {
        Some(Value::String(_)) => ", not held any more".to_owned(),
        Some(Value::Object(since)) => {
            format!(", given anew by #{}", since.get("position").map(plain).unwrap_or_default())
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => String::new(),
    };
    let outcome = format!("{}{}{changed}", text("outcome").replace('_', " "), rule.unwrap_or_default());
    vec![text("item"), text("what"), given, used, decision, outcome]
}
