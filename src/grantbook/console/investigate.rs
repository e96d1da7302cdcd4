//! An investigation: what an account that was compromised did and reached, what of it still holds, and how it is undone.

use serde_json::Value;

use super::json;
use super::page::{Page, Told, refusal};
use super::parts::{Body, Cell, Filter, FilterField, Link, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

/// The most acts, and the most grants, in a table; the page's data has more.
const MOST: usize = 100;

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    let (account, since) = (visitor.param("account").trim().to_owned(), visitor.param("since").trim().to_owned());
    let page = visitor
        .page("Investigate")
        .lead("An account was compromised: all that it did since, all that rests on it, and the way back.");
    let question = Section::new("The question").with(filter(&visitor));
    if account.is_empty() {
        return Ok(page.section(question));
    }
    let since = super::journal::bound("from", since);
    let mut query = Vec::new();
    if !since.is_empty() {
        query.push(("since", since.as_str()));
    }
    let path = format!("blast-radius/{}", super::ask::encoded(&account));
    let most = MOST.to_string();
    let asking = [query.as_slice(), &[("limit", most.as_str())]].concat();
    // The plan of repair is for now: as of now, nothing is said of when.
    let asked = match visitor.past() {
        true => visitor.try_ask(&path, &asking).await,
        false => visitor.signed.asker.get(&visitor.signed.api(&path), &asking).await,
    };
    let answer = match asked {
        Ok(answer) => answer,
        Err(trouble) if matches!(trouble.status, 404 | 422) => {
            return Ok(page.note(refusal(&trouble)).section(question).status(trouble.status));
        }
        Err(trouble) => return Err(visitor.told(trouble)),
    };
    let title = format!("What rests on {}", json::maybe_text(&answer, "name").unwrap_or(&account));
    let figures = figures(&answer);
    Ok(page
        .section(Section { id: "sum".to_owned(), ..Section::new(title) }.with(figures))
        .section(question)
        .section(granted(&visitor, &answer))
        .section(reached(&visitor, &answer))
        .section(repair(&visitor, &answer))
        .section(did(&visitor, &answer))
        .export(visitor.data(&path, &query), "JSON"))
}

fn filter(visitor: &Visitor) -> Body {
    Body::Filter(Filter {
        to: visitor.to("investigate", &[]).split('?').next().unwrap_or_default().to_owned(),
        kept: visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone())).collect(),
        fields: vec![
            FilterField::new("account", "Whose account", visitor.param("account"), "an id or @username"),
            FilterField::new("since", "Compromised since", visitor.param("since"), "2026-03-01 or a position"),
        ],
        button: "Investigate".to_owned(),
    })
}

fn figures(answer: &Value) -> Body {
    let count = |name: &str| Cell::Number(json::number(answer, name).unwrap_or_default());
    let since = answer.get("since").unwrap_or(&Value::Null);
    let at = json::maybe_text(since, "instant").map(super::parts::short).unwrap_or_default();
    let still = json::number(answer, "still_holding").unwrap_or_default();
    let tone = if still > 0 { Tone::No } else { Tone::Yes };
    Body::Facts(vec![
        (
            "since".to_owned(),
            Cell::text(format!("position {}, {at}", json::number(since, "position").unwrap_or_default())),
        ),
        ("acts".to_owned(), count("did_count")),
        ("grants that rest on it".to_owned(), count("granted_count")),
        ("of these still hold".to_owned(), Cell::mark(tone, still.to_string())),
        ("further accounts reached".to_owned(), Cell::Number(json::list(answer, "reached").len() as u64)),
    ])
}

fn granted(visitor: &Visitor, answer: &Value) -> Section {
    let rows = json::list(answer, "granted").iter().map(|act| {
        let through = json::list(act, "through").iter().filter_map(Value::as_u64);
        let holds = match json::yes(act, "holds") {
            true => Cell::mark(Tone::No, "still holds"),
            false => Cell::Soft("over".to_owned()),
        };
        let through: Vec<Cell> = through.map(|position| show::position(visitor, position)).collect();
        [act_cells(visitor, act), vec![Cell::Line(through), holds]].concat()
    });
    let columns = ["entry", "when (UTC)", "what", "through", "state"];
    let table = Table::new("What was granted", &columns).nothing("Nothing was granted under its authority.").rows(rows);
    let lead = cut(json::count(answer, "granted_count"), "Granted by it, or under the authority of what it granted.");
    Section::new("What was granted").lead(lead).with(table.into())
}

fn act_cells(visitor: &Visitor, act: &Value) -> Vec<Cell> {
    let reason = json::maybe_text(act, "reason").map(|reason| Cell::Soft(format!("“{reason}”")));
    vec![
        show::position(visitor, json::number(act, "position").unwrap_or_default()),
        Cell::Moment(json::text(act, "at").to_owned()),
        Cell::Line([Some(Cell::text(json::text(act, "sentence"))), reason].into_iter().flatten().collect()),
    ]
}

fn cut(count: usize, lead: &str) -> String {
    if count > MOST { format!("{lead} {MOST} of {count}: the data has more.") } else { lead.to_owned() }
}

fn reached(visitor: &Visitor, answer: &Value) -> Section {
    let rows = json::list(answer, "reached").iter().map(|reached| {
        let from = show::cause(visitor, reached.get("from").unwrap_or(&Value::Null));
        vec![show::person(visitor, reached), Cell::text(show::capital(json::text(reached, "how"))), from]
    });
    let table =
        Table::new("Accounts that were reached", &["who", "how", "from"]).nothing("No other account.").rows(rows);
    let could = json::list(answer, "could").iter().take(MOST).map(|could| {
        let at = |name: &str| show::cause(visitor, could.get(name).unwrap_or(&Value::Null));
        let names =
            json::list(could, "capabilities").iter().filter_map(Value::as_str).map(|name| Cell::Code(name.to_owned()));
        vec![show::person(visitor, could), Cell::Line(names.collect()), at("from"), at("to")]
    });
    let columns = ["who", "could", "from", "to"];
    let could = Table::new("What could have been reached", &columns).nothing("Nothing.").rows(could);
    let lead =
        "Accounts whose password it set and that were then signed in to; and rights that were there, even briefly.";
    Section::new("What could have been reached").lead(lead).with(table.into()).with(could.into())
}

fn repair(visitor: &Visitor, answer: &Value) -> Section {
    let section = Section::new("The plan of repair");
    let Some(plan) = answer.get("repair").filter(|plan| !plan.is_null()) else {
        return section.lead("A plan is for now: go back to now to see it.");
    };
    let rows = json::list(answer, "steps").iter().enumerate().map(|(index, step)| {
        let command = step.get("command").unwrap_or(&Value::Null);
        let fields = command.as_object().into_iter().flatten();
        let fields = fields.filter(|(name, _)| !matches!(name.as_str(), "name" | "reason" | "cloud_id" | "ticket"));
        let texts: Vec<(String, String)> = fields.map(|(name, value)| (name.clone(), plain(value))).collect();
        let name = json::text(command, "name");
        let given: Vec<(&str, &str)> = texts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let words = texts.iter().map(|(name, value)| format!("{} {value}", name.replace('_', " "))).collect::<Vec<_>>();
        let undoes = json::list(step, "undoes").iter().filter_map(Value::as_u64);
        let by = json::text(step, "by");
        let act = match by == "support" {
            true => Cell::Nothing,
            false => Cell::Act { to: visitor.to_do(name, &given), text: "Review and do".to_owned() },
        };
        vec![
            Cell::Number(index as u64 + 1),
            Cell::Line(vec![Cell::Code(name.to_owned()), Cell::Soft(words.join(", "))]),
            Cell::text(by.replace('_', " ")),
            Cell::Line(undoes.map(|position| show::position(visitor, position)).collect()),
            act,
        ]
    });
    let columns = ["step", "command", "by whom", "undoes", "do"];
    let table = Table::new("Steps", &columns).nothing("Nothing is left to be undone.").rows(rows);
    let left = json::list(answer, "left").iter().map(|left| {
        let undoes = json::list(left, "undoes").iter().filter_map(Value::as_u64);
        let positions = undoes.map(|position| show::position(visitor, position)).collect();
        vec![Cell::Line(positions), Cell::text(json::text(left, "why")), Cell::text(json::text(left, "rule"))]
    });
    let left = Table::new("What no command undoes", &["entry", "why", "rule"]).nothing("").rows(left);
    let file = serde_json::to_string_pretty(plan).unwrap_or_default();
    let mut lead =
        "In this order, each to be reviewed. The file below is what `grantbook do --file` runs, with --dry-run \
                    first."
            .to_owned();
    if let later @ 1.. = json::count(answer, "later") {
        lead.push_str(&format!(" {later} things more are to be undone: carry this plan out, and look again."));
    }
    let section = section.lead(lead).with(table.into());
    let section = if left.rows.is_empty() { section } else { section.with(left.into()) };
    section.with(Body::Raw { text: file, label: "The plan as a file".to_owned() })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn did(visitor: &Visitor, answer: &Value) -> Section {
    let rows = json::list(answer, "did").iter().rev().map(|act| act_cells(visitor, act));
    let table = Table::new("What it did", &["entry", "when (UTC)", "what"]).nothing("Nothing.").rows(rows);
    let more = Link::new(visitor.to("journal", &[("actor", visitor.param("account"))]), "Every entry of theirs");
    let section =
        Section::new("What it did").lead(cut(json::count(answer, "did_count"), "")).with(table.into()).more(Some(more));
    match if_none(visitor, answer) {
        Some(link) => section.act(link),
        None => section,
    }
}

/// History without any of it; not where that is more than an address holds, or the tenant's start.
fn if_none(visitor: &Visitor, answer: &Value) -> Option<Link> {
    let did = json::list(answer, "did");
    let positions: Vec<u64> = did.iter().filter_map(|act| json::number(act, "position")).collect();
    let all = json::count(answer, "did_count") == positions.len();
    let askable = !positions.is_empty() && all && positions.iter().all(|position| *position > 1);
    let without: Vec<String> = positions.iter().map(u64::to_string).collect();
    askable
        .then(|| Link::new(visitor.to("what-if", &[("without", &without.join(","))]), "What if it had done none of it"))
}
