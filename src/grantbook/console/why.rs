//! Why somebody may do something, or may not: the tree of facts, each with the entry that set it and the authority behind.

use grantbook_rights::{Capability, OnKind, rule_words};
use serde_json::Value;

use super::json;
use super::page::{Page, Told, refusal};
use super::parts::{Body, Cell, Filter, FilterField, Reason, ReasonKind, Section, Table};
use super::person::{on_words, verdict};
use super::show;
use super::visitor::Visitor;

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    let account = Some(visitor.param("account").trim()).filter(|account| !account.is_empty());
    let account = account.unwrap_or(&visitor.own).to_owned();
    let (capability, on) = (visitor.param("do").to_owned(), visitor.param("on").trim().to_owned());
    let page =
        visitor.page("Why").lead("May somebody do something, who gave it to them, and by what right of their own?");
    let question = Section::new("The question").with(filter(&visitor, &account, &capability, &on));
    if capability.is_empty() {
        return Ok(page.section(question));
    }
    let mut query = vec![("account", account.as_str()), ("do", capability.as_str())];
    let takes_one = Capability::named(&capability).is_some_and(|known| known.on() != OnKind::Nothing);
    if !on.is_empty() && takes_one {
        query.push(("on", &on));
    }
    let answer = match visitor.try_ask("why", &query).await {
        Ok(answer) => answer,
        // What was asked is not as expected: the question stays, to be mended.
        Err(trouble) if matches!(trouble.status, 404 | 422) => {
            return Ok(page.note(refusal(&trouble)).section(question).status(trouble.status));
        }
        Err(trouble) => return Err(visitor.told(trouble)),
    };
    let mut page = page.section(answered(&visitor, &answer));
    let alternatives = json::list(&answer, "would_do");
    if !alternatives.is_empty() {
        page = page.section(enough(alternatives));
    }
    Ok(page.section(question).export(visitor.data("why", &query), "JSON"))
}

fn filter(visitor: &Visitor, account: &str, capability: &str, on: &str) -> Body {
    let mut choices: Vec<(String, String)> = Capability::ALL
        .iter()
        .map(|known| {
            let on = on_words(known.on());
            let on = if on.is_empty() { String::new() } else { format!(" (on {on})") };
            (known.name().to_owned(), format!("{}{on}", show::capital(known.words())))
        })
        .collect();
    choices.sort_by(|one, other| one.1.cmp(&other.1));
    if capability.is_empty() {
        choices.insert(0, (String::new(), "choose a right".to_owned()));
    }
    let right = FilterField { choices, ..FilterField::new("do", "May they", capability, "") };
    let whom = FilterField::new("account", "Who", account, "an id, @username or guest");
    let on = FilterField {
        wide: true,
        ..FilterField::new("on", "On what, where it is on something", on, "an id, slug, path or name")
    };
    Body::Filter(Filter {
        to: visitor.to("why", &[]).split('?').next().unwrap_or_default().to_owned(),
        kept: visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone())).collect(),
        fields: vec![whom, right, on],
        button: "Ask".to_owned(),
    })
}

fn answered(visitor: &Visitor, answer: &Value) -> Section {
    let question = answer.get("question").unwrap_or(&Value::Null);
    let allowed = json::yes(answer, "allowed");
    let may = if allowed { "may" } else { "may not" };
    let on = json::maybe_text(question, "on").map(|on| format!(" on {on}")).unwrap_or_default();
    let sentence = format!("{} {may} {}{on}", json::text(question, "who"), json::text(question, "words"));
    let rule = json::text(answer, "rule");
    let facts = vec![
        ("answer".to_owned(), Cell::Line(vec![verdict(allowed), Cell::text(format!("{sentence}."))])),
        ("right".to_owned(), Cell::Code(json::text(question, "do").to_owned())),
        (format!("rule {rule}"), Cell::text(words_of(rule))),
    ];
    let tree = answer.get("why").map(|node| reason(visitor, node)).into_iter().map(Body::Tree);
    let section = Section::new("The answer").with(Body::Facts(facts));
    tree.fold(section, Section::with)
}

fn words_of(rule: &str) -> String {
    rule_words(rule).unwrap_or_default().to_owned()
}

/// A node of the answer's tree. Of alternatives the one that comes closest is shown, the others folded away.
fn reason(visitor: &Visitor, node: &Value) -> Reason {
    let holds = json::yes(node, "holds");
    let below = |name: &str| json::list(node, name).iter().map(|node| reason(visitor, node)).collect::<Vec<_>>();
    if node.get("all").is_some() {
        return Reason { holds, kind: ReasonKind::All, chain: vec![], below: below("all"), further: vec![] };
    }
    if node.get("any").is_some() {
        let mut nodes = below("any");
        let further = nodes.split_off(nodes.len().min(1));
        return Reason { holds, kind: ReasonKind::Any, chain: vec![], below: nodes, further };
    }
    let rule = json::text(node, "rule").to_owned();
    let words = json::text(node, "fact").to_owned();
    let through = json::list(node, "through").iter().map(|link| Reason {
        holds: true,
        kind: ReasonKind::Through { words: json::text(link, "words").to_owned() },
        chain: chain(visitor, link),
        below: vec![],
        further: vec![],
    });
    Reason {
        holds,
        kind: ReasonKind::Fact { words, rule_words: words_of(&rule), rule },
        chain: chain(visitor, node),
        below: through.collect(),
        further: vec![],
    }
}

/// The entries behind a fact, back to the tenant's start.
fn chain(visitor: &Visitor, node: &Value) -> Vec<Cell> {
    let clock = node.get("cause").filter(|cause| json::maybe_text(cause, "clock").is_some());
    let clock = clock.map(|cause| show::cause(visitor, cause));
    let steps = json::list(node, "chain").iter().map(|step| {
        let mut cells = vec![
            show::position(visitor, json::number(step, "position").unwrap_or_default()),
            Cell::Moment(json::text(step, "at").to_owned()),
            Cell::text(json::text(step, "sentence")),
        ];
        cells.extend(json::maybe_text(step, "reason").map(|reason| Cell::Soft(format!("“{reason}”"))));
        cells.extend(json::maybe_text(step, "ticket").map(|ticket| Cell::Soft(format!("ticket {ticket}"))));
        if let Some(authority) = json::number(step, "authority") {
            cells.extend([Cell::Soft("on the authority of".to_owned()), show::position(visitor, authority)]);
        }
        Cell::Line(cells)
    });
    clock.into_iter().chain(steps).collect()
}

/// What would make a no a yes.
fn enough(alternatives: &[Value]) -> Section {
    let rows = alternatives.iter().map(|alternative| {
        let parts = alternative.as_array().map(Vec::as_slice).unwrap_or_default();
        let supplies = parts.iter().map(|part| Cell::text(show::capital(json::text(part, "supply"))));
        let missing = parts.iter().map(|part| {
            Cell::Line(vec![
                Cell::text(json::text(part, "missing")),
                Cell::Soft(format!("({})", json::text(part, "rule"))),
            ])
        });
        vec![Cell::Stack(supplies.collect()), Cell::Stack(missing.collect())]
    });
    let table = Table::new("What would be enough", &["it would do to", "since what is missing is"]).rows(rows);
    Section::new("What would be enough").lead("Shortest first; each row alone is enough.").with(table.into())
}
