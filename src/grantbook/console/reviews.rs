//! Access reviews: which there are, and one to work through.

use axum::extract::Path;
use grantbook_events::{Instant, due_day, due_words};
use serde_json::Value;

use super::json;
use super::page::{Page, Told};
use super::parts::{Body, Cell, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

/// The most items in a table; the report has them all.
const MOST: usize = 300;

pub(crate) async fn list(visitor: Visitor) -> Result<Page, Told> {
    let answer = visitor.view("reviews").await?;
    let reviews = answer.get("reviews").unwrap_or(&Value::Null);
    let named = reviews.as_object().into_iter().flatten().map(|(_, review)| review);
    let rows = named.chain(reviews.as_array().into_iter().flatten()).map(|review| {
        let name = json::text(review, "review");
        let counts = review.get("counts").unwrap_or(&Value::Null);
        let count = |name: &str| json::number(counts, name).unwrap_or_default();
        let left = format!("{} of {} undecided", count("undecided"), count("items"));
        vec![
            Cell::link(visitor.to(&format!("reviews/{}", super::ask::encoded(name)), &[]), name),
            state(review),
            Cell::text(show::capital(json::text(review, "words"))),
            Cell::text(left),
            due(review),
        ]
    });
    let columns = ["review", "state", "what it looks at", "items", "due"];
    let table = Table::new("Reviews", &columns).nothing("No review was opened yet.").rows(rows);
    let mut page = visitor
        .page("Reviews")
        .lead("Whether people still need what they were given: kept or revoked, grant by grant.");
    if !visitor.past() {
        page = page.act(visitor.to_do("open_review", &[]), "Open a review");
    }
    Ok(page.section(Section::new("Reviews").with(table.into())).export(visitor.data("views/reviews", &[]), "JSON"))
}

/// When a review is due: by the end of a day, where that is meant, and not on the next.
fn due(review: &Value) -> Cell {
    let text = json::text(review, "due");
    match Instant::parse(text) {
        Ok(due) if due_day(due).is_some() => Cell::text(due_words(due)),
        Ok(_) | Err(_) => Cell::Moment(text.to_owned()),
    }
}

fn state(review: &Value) -> Cell {
    match json::text(review, "state") {
        "closed" => Cell::mark(Tone::Plain, "closed"),
        "overdue" => Cell::mark(Tone::No, "overdue"),
        state => Cell::mark(Tone::Key, state.replace('_', " ")), // any other is under way
    }
}

pub(crate) async fn one(visitor: Visitor, Path((_, name)): Path<(String, String)>) -> Result<Page, Told> {
    let path = format!("reviews/{}", super::ask::encoded(&name));
    let review = visitor.ask(&path, &[]).await?;
    let closed = json::text(&review, "state") == "closed";
    let mut page =
        visitor.page(format!("Review {name}")).lead(format!("{}.", show::capital(json::text(&review, "words"))));
    page = super::commands::recorded(&visitor).into_iter().fold(page, Page::note);
    if !closed && !visitor.past() {
        page = page.act(visitor.to_do("close_review", &[("review", &name)]), "Close it");
    }
    let here = visitor.to(&path, &[]);
    let list = json::list(&review, "items");
    let rows = list.iter().take(MOST).map(|item| item_cells(&visitor, &name, &here, item, closed));
    let columns = ["who", "what", "given", "last used", "decision", if closed { "outcome" } else { "decide" }];
    let table = Table::new("Items", &columns).nothing("There is nothing to decide.").rows(rows);
    let reviewers = json::list(&review, "reviewers").iter().map(|reviewer| show::person(&visitor, reviewer));
    let signed = |name: &str| {
        let signed = review.get(name).filter(|signed| !signed.is_null())?;
        let position = show::position(&visitor, json::number(signed, "position")?);
        let at = Cell::Moment(json::text(signed, "at").to_owned());
        Some((name.to_owned(), Cell::Line(vec![position, at, Cell::Soft("by".to_owned()), show::by(&visitor, signed)])))
    };
    let counts = review.get("counts").unwrap_or(&Value::Null);
    let count = |name: &str| format!("{} {name}", json::number(counts, name).unwrap_or_default());
    let mut facts = vec![
        ("state".to_owned(), state(&review)),
        ("due".to_owned(), due(&review)),
        ("reviewers".to_owned(), Cell::Stack(reviewers.collect())),
        (
            "items".to_owned(),
            Cell::text([count("kept"), count("revoked"), count("withheld"), count("undecided")].join(", ")),
        ),
    ];
    facts.extend(signed("opened"));
    facts.extend(signed("closed"));
    let report = |format: &str| visitor.data(&format!("{path}/report"), &[("format", format)]);
    facts.push((
        "report".to_owned(),
        Cell::Line(vec![Cell::link(report("html"), "as a page to print"), Cell::link(report("csv"), "as CSV")]),
    ));
    let lead = "Nobody decides on their own rights. Whoever revokes says why. What is revoked is carried out when the review is closed.";
    Ok(page
        .section(Section::new("The review").with(Body::Facts(facts)))
        .section(Section::new("Items").lead(lead).with(table.into()))
        .export(visitor.data(&path, &[]), "JSON")
        .export(report("csv"), "CSV"))
}

fn item_cells(visitor: &Visitor, review: &str, here: &str, item: &Value, closed: bool) -> Vec<Cell> {
    let by = Cell::Line(vec![
        show::cause(visitor, item.get("since").unwrap_or(&Value::Null)),
        Cell::Soft("by".to_owned()),
        show::by(visitor, item),
    ]);
    let used = item.get("last_use").and_then(|used| json::maybe_text(used, "at"));
    let decision = match json::maybe_text(item, "decision") {
        Some("keep") => Cell::mark(Tone::Yes, "keep"),
        Some(decision) => Cell::mark(Tone::No, decision),
        None => Cell::Soft("undecided".to_owned()),
    };
    let decided = item.get("decided").filter(|decided| !decided.is_null());
    let decided = decided.map(|decided| Cell::Line(vec![Cell::Soft("by".to_owned()), show::by(visitor, decided)]));
    let reason = json::maybe_text(item, "reason").map(|reason| Cell::Soft(format!("“{reason}”")));
    let changed = item.get("changed").filter(|changed| !changed.is_null());
    let changed = changed.map(|_| Cell::mark(Tone::Past, "changed since it was opened"));
    let own = |list: &Value| list.as_array().into_iter().flatten().any(|id| id.as_str() == Some(&visitor.own));
    let last = if closed {
        let outcome = Cell::mark(Tone::Plain, json::text(item, "outcome").replace('_', " "));
        Cell::Line(vec![outcome, Cell::Soft(json::text(item, "rule").to_owned())])
    } else if item.get("may_decide").is_some_and(own) && !visitor.past() {
        Cell::Decide {
            to: visitor.to_do("decide_review_item", &[]),
            csrf: visitor.signed.csrf.clone(),
            review: review.to_owned(),
            item: json::text(item, "item").to_owned(),
            back: here.to_owned(),
        }
    } else {
        Cell::Soft("not yours to decide".to_owned())
    };
    let who = if item.get("account").is_some_and(Value::is_string) {
        show::person(visitor, item)
    } else {
        Cell::Code(json::text(item, "item").to_owned())
    };
    vec![
        who,
        Cell::text(json::text(item, "what")),
        by,
        used.map_or(Cell::Soft("not known".to_owned()), |used| Cell::Moment(used.to_owned())),
        Cell::Stack([Some(decision), decided, reason, changed].into_iter().flatten().collect()),
        last,
    ]
}
