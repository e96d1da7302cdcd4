//! The report of an access review.

use askama::Template;
use grantbook_events::{Instant, Position, due_words};
use grantbook_inquiries::{Person, ReportedItem, ReviewReport, ReviewState, Step};

/// The columns of the table.
const COLUMNS: [&str; 20] = [
    "review",
    "item",
    "account",
    "name",
    "what",
    "given_position",
    "given_at",
    "given_by",
    "authority",
    "until",
    "last_use",
    "last_sign_in",
    "decision",
    "decided_position",
    "decided_at",
    "decided_by",
    "reason",
    "outcome",
    "rule",
    "changed",
];

/// What the page shows.
#[derive(Template)]
#[template(path = "review_report.html")]
struct Page<'a> {
    tenant: &'a str,
    review: &'a ReviewReport,
}

/// The report as one HTML page without anything from elsewhere; `None` where it could not be written.
pub(crate) fn review_html(tenant: &str, review: &ReviewReport) -> Option<String> {
    Page { tenant, review }.render().ok()
}

/// The report as a table of comma-separated values (RFC 4180), one item a line; `None` where it could not be written.
pub(crate) fn review_csv(review: &ReviewReport) -> Option<String> {
    let mut to = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    to.write_record(COLUMNS).ok()?;
    for item in &review.items {
        to.write_record(row(review, item).iter().map(|cell| harmless(cell))).ok()?;
    }
    String::from_utf8(to.into_inner().ok()?).ok()
}

fn row(review: &ReviewReport, item: &ReportedItem) -> [String; 20] {
    let none = String::new;
    let decided = item.decided();
    let rule = match &item.outcome {
        grantbook_inquiries::ItemOutcome::Withheld { rule } => rule.clone(),
        grantbook_inquiries::ItemOutcome::Undecided
        | grantbook_inquiries::ItemOutcome::Kept
        | grantbook_inquiries::ItemOutcome::ToRevoke
        | grantbook_inquiries::ItemOutcome::Revoked
        | grantbook_inquiries::ItemOutcome::Gone => none(),
    };
    [
        review.name.to_string(),
        item.id.to_string(),
        item.holder.as_ref().map_or_else(none, |holder| holder.id.clone()),
        item.holder.as_ref().and_then(|holder| holder.name.clone()).unwrap_or_default(),
        item.what.clone(),
        item.given.position.to_string(),
        item.given.at.to_string(),
        item.given.by.clone(),
        positions(&item.chain),
        item.until.map_or_else(none, |until| until.to_string()),
        item.last_use.map_or_else(none, |(_, at)| at.to_string()),
        item.last_sign_in_at.map_or_else(none, |at| at.to_string()),
        decided.map_or_else(none, |decided| decided.decision.to_string()),
        decided.map_or_else(none, |decided| decided.signed.position.to_string()),
        decided.map_or_else(none, |decided| decided.signed.at.to_string()),
        decided.map_or_else(none, |decided| decided.signed.by.clone()),
        decided.and_then(|decided| decided.reason.clone()).unwrap_or_default(),
        item.outcome.slug().to_owned(),
        rule,
        item.changed.map_or_else(none, |changed| changed.words()),
    ]
}

/// The entries of a chain of authority, from the gift back to the start: `23 < 14 < 1`.
fn positions(chain: &[Step]) -> String {
    chain.iter().map(|step| step.position.to_string()).collect::<Vec<_>>().join(" < ")
}

/// A cell that a spreadsheet does not take for a formula: people's names and reasons are theirs to write.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

impl Page<'_> {
    fn finished(&self) -> bool {
        self.review.state == ReviewState::Closed
    }

    /// The entries that the report rests on: those up to the closing, or up to where it was looked from.
    fn rests_on(&self) -> u64 {
        self.review.as_of.get("position").and_then(serde_json::Value::as_u64).unwrap_or_default()
    }

    fn day_and_time(&self, at: &Instant) -> String {
        let text = at.to_string();
        match (text.get(..10), text.get(11..16)) {
            (Some(day), Some(time)) => format!("{day} {time}"),
            _ => text,
        }
    }

    fn due(&self) -> String {
        due_words(self.review.due)
    }

    /// Whether its use could be reported.
    fn is_app(&self, item: &ReportedItem) -> bool {
        item.app
    }

    fn entry(&self, position: &Position) -> String {
        format!("#{position}")
    }

    fn person(&self, person: &Person) -> String {
        match &person.name {
            Some(name) => format!("{name} ({})", person.id),
            None => person.id.clone(),
        }
    }

    /// Who has it, where it is somebody: what an object admits says so itself.
    fn who(&self, item: &ReportedItem) -> String {
        item.holder.as_ref().map_or_else(|| item.id.to_string(), |holder| self.person(holder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(harmless("left = gone"), "left = gone");
    }
}
