//! Two points in time compared: what effective rights each account gained and lost, and what brought it about.

use grantbook_rights::Capability;
use serde_json::Value;

use super::json;
use super::page::{Page, Told, refusal};
use super::parts::{Body, Cell, Filter, FilterField, Link, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

/// How many accounts one page has.
const PAGE: &str = "50";

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    let said = |name: &str| visitor.param(name).trim().to_owned();
    let (from, to, account, after) = (said("from"), said("to"), said("account"), said("after"));
    let page = visitor
        .page("Compare")
        .lead("What rights people gained and lost between two points in time, and what brought it about.");
    let question = Section::new("The two points").with(filter(&visitor));
    if from.is_empty() {
        return Ok(page.section(question));
    }
    let (from, to) = (point(&from), point(&to));
    let mut query = vec![("from", from.as_str()), ("limit", PAGE)];
    query.extend(
        [("to", to.as_str()), ("account", account.as_str())].into_iter().filter(|(_, value)| !value.is_empty()),
    );
    let asked = query.clone();
    if !after.is_empty() {
        query.push(("after", &after));
    }
    let answer = match visitor.signed.asker.get(&visitor.signed.api("diff"), &query).await {
        Ok(answer) => answer,
        Err(trouble) if matches!(trouble.status, 404 | 422) => {
            return Ok(page.note(refusal(&trouble)).section(question).status(trouble.status));
        }
        Err(trouble) => return Err(visitor.told(trouble)),
    };
    let rows = json::list(&answer, "accounts").iter().flat_map(|changed| rows(&visitor, changed));
    let columns = ["who", "change", "right", "brought about by", "when (UTC)"];
    let table =
        Table { headed: false, ..Table::new("Changes", &columns).nothing("Nobody gained or lost a right.").rows(rows) };
    let next = json::maybe_text(&answer, "next").map(|next| {
        let query: Vec<(&str, &str)> =
            asked.iter().copied().filter(|(name, _)| *name != "limit").chain([("after", next)]).collect();
        Link::new(visitor.to("compare", &query), "Further people")
    });
    let told = |name: &str| {
        let point = answer.get(name).unwrap_or(&Value::Null);
        let instant = json::maybe_text(point, "instant").map(super::parts::short).unwrap_or_default();
        format!("position {} ({instant})", json::number(point, "position").unwrap_or_default())
    };
    let lead = format!("From {} to {}.", told("from"), told("to"));
    let section = Section::new("What changed").lead(lead).with(table.into()).more(next);
    Ok(page.section(section).section(question).export(visitor.data_at("diff", &asked), "JSON"))
}

/// A point as the API takes it; what is none is left for it to say so.
fn point(text: &str) -> String {
    super::when::read(text).ok().flatten().unwrap_or_else(|| text.to_owned())
}

fn rows(visitor: &Visitor, changed: &Value) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for (field, tone, words) in [
        ("gained", Tone::Yes, "gained"),
        ("lost", Tone::No, "lost"),
        ("changed", Tone::Plain, "held for another reason"),
    ] {
        for right in json::list(changed, field) {
            let name = json::text(right, "do");
            let words_of = Capability::named(name).map_or(name, |known| known.words());
            let on = json::maybe_text(right, "on")
                .map(|on| Cell::Line(vec![Cell::Soft("on".to_owned()), Cell::Code(on.to_owned())]));
            let step = right.get("step").filter(|step| !step.is_null());
            let sentence = step.map(|step| Cell::text(json::text(step, "sentence")));
            let reason =
                step.and_then(|step| json::maybe_text(step, "reason")).map(|reason| Cell::Soft(format!("“{reason}”")));
            let cause = show::cause(visitor, right.get("cause").unwrap_or(&Value::Null));
            rows.push(vec![
                show::person(visitor, changed),
                Cell::mark(tone, words),
                Cell::Line([Some(Cell::text(show::capital(words_of))), on].into_iter().flatten().collect()),
                Cell::Line([Some(cause), sentence, reason].into_iter().flatten().collect()),
                Cell::Moment(json::text(right, "at").to_owned()),
            ]);
        }
    }
    rows
}

fn filter(visitor: &Visitor) -> Body {
    let field = |name: &str, label: &str, hint: &str| FilterField::new(name, label, visitor.param(name), hint);
    Body::Filter(Filter {
        to: visitor.to("compare", &[]).split('?').next().unwrap_or_default().to_owned(),
        kept: visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone())).collect(),
        fields: vec![
            field("from", "From", "2026-01-01 or a position"),
            field("to", "To", "now"),
            field("account", "Of whom", "everybody"),
        ],
        button: "Compare".to_owned(),
    })
}
