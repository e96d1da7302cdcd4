//! Who can do something, now or then, or at any time of a span, each with the shortest reason.

use grantbook_rights::{Capability, OnKind};
use serde_json::Value;

use super::json;
use super::page::{Page, Told, refusal};
use super::parts::{Body, Cell, Filter, FilterField, Link, Section, Table};
use super::show;
use super::visitor::Visitor;
use super::why::rights_to_choose;

const PAGE: &str = "100";

/// The rules of facts that every usable account has.
const USABLE: [&str; 6] = ["C1", "C6", "C8", "C9", "C10", "C15"];

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    let said = |name: &str| visitor.param(name).trim().to_owned();
    let (capability, on, after) = (said("do"), said("on"), said("after"));
    let bounds =
        [("from", said("from")), ("to", said("to"))].map(|(name, value)| (name, super::journal::bound(name, value)));
    let page = visitor
        .page("Who can")
        .lead("Everybody who may do something, by the shortest reason; over a span, everybody who ever could.");
    let question = Section::new("The question").with(filter(&visitor, &capability, &on));
    if capability.is_empty() {
        return Ok(page.section(question));
    }
    let mut query = vec![("do", capability.as_str()), ("limit", PAGE)];
    if !on.is_empty() && Capability::named(&capability).is_some_and(|known| known.on() != OnKind::Nothing) {
        query.push(("on", &on));
    }
    query.extend(bounds.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (*name, value.as_str())));
    let asked = query.clone();
    if !after.is_empty() {
        query.push(("after", &after));
    }
    let spanned = !bounds.iter().all(|(_, value)| value.is_empty());
    // A span has an end of its own.
    let answer = match spanned {
        true => visitor.signed.asker.get(&visitor.signed.api("who-can"), &query).await,
        false => visitor.try_ask("who-can", &query).await,
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(trouble) if matches!(trouble.status, 404 | 422) => {
            return Ok(page.note(refusal(&trouble)).section(question).status(trouble.status));
        }
        Err(trouble) => return Err(visitor.told(trouble)),
    };
    let rows = json::list(&answer, "accounts").iter().map(|able| row(&visitor, able, &capability, &on, spanned));
    let when = if spanned { "when" } else { "given" };
    let table =
        Table::new("Who can", &["who", "by the shortest reason", when, "reasons"]).nothing("Nobody can.").rows(rows);
    let next = json::maybe_text(&answer, "next").map(|next| {
        let query: Vec<(&str, &str)> =
            asked.iter().copied().filter(|(name, _)| *name != "limit").chain([("after", next)]).collect();
        Link::new(visitor.to("who-can", &query), "Further people")
    });
    let words = answer.get("question").map(|question| json::text(question, "words")).unwrap_or_default().to_owned();
    let guests = if json::yes(&answer, "guest") { " Guests can, and so everybody." } else { "" };
    let section =
        Section::new("The answer").lead(format!("{}.{guests}", show::capital(&words))).with(table.into()).more(next);
    Ok(page.section(section).section(question).export(visitor.data("who-can", &asked), "JSON"))
}

fn row(visitor: &Visitor, able: &Value, capability: &str, on: &str, spanned: bool) -> Vec<Cell> {
    let reason = able.get("reason").unwrap_or(&Value::Null);
    // That an account can be used goes without saying, where there is more to say.
    let all = json::list(reason, "facts").iter();
    let telling: Vec<&Value> = all.clone().filter(|fact| !USABLE.contains(&json::text(fact, "rule"))).collect();
    let facts = if telling.is_empty() { all.collect() } else { telling };
    let facts = facts.into_iter().map(|fact| {
        let rule = Cell::Soft(format!("({})", json::text(fact, "rule")));
        let through = json::list(fact, "through")
            .iter()
            .map(|link| Cell::Soft(format!("through: {}", json::text(link, "words"))));
        Cell::Line([Cell::text(json::text(fact, "fact")), rule].into_iter().chain(through).collect())
    });
    let when = if spanned {
        let interval = |interval: &Value| {
            let from = show::cause(visitor, interval.get("from").unwrap_or(&Value::Null));
            let to = interval.get("to").filter(|to| !to.is_null());
            let to = to.map_or(Cell::Soft("still".to_owned()), |to| show::cause(visitor, to));
            Cell::Line(vec![from, Cell::Soft("to".to_owned()), to])
        };
        Cell::Stack(json::list(able, "intervals").iter().map(interval).collect())
    } else {
        match reason.get("given").filter(|given| !given.is_null()) {
            Some(given) => Cell::Stack(vec![
                show::position(visitor, json::number(given, "position").unwrap_or_default()),
                Cell::text(json::text(given, "sentence")),
            ]),
            None => Cell::Nothing,
        }
    };
    let mut asked = vec![("account", json::text(able, "account")), ("do", capability)];
    if !on.is_empty() {
        asked.push(("on", on));
    }
    let why = Cell::link(visitor.to("why", &asked), "why?");
    vec![show::person(visitor, able), Cell::Stack(facts.collect()), when, why]
}

fn filter(visitor: &Visitor, capability: &str, on: &str) -> Body {
    let right =
        FilterField { choices: rights_to_choose(capability), ..FilterField::new("do", "Who may", capability, "") };
    let on = FilterField::new("on", "On what, where it is on something", on, "a slug, path or name");
    let from = FilterField::new("from", "At any time from", visitor.param("from"), "2026-01-01");
    let to = FilterField::new("to", "to", visitor.param("to"), "2026-12-31");
    Body::Filter(Filter {
        to: visitor.to("who-can", &[]).split('?').next().unwrap_or_default().to_owned(),
        kept: visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone())).collect(),
        fields: vec![right, on, from, to],
        button: "Ask".to_owned(),
    })
}
