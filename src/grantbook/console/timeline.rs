//! The life of an account, of a right or of an object as a story: what happened, by whom, and what the clock did between.

use serde_json::Value;

use super::json;
use super::page::{Page, Told, refusal};
use super::parts::{Body, Cell, Filter, FilterField, Link, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;
use super::why::rights_to_choose;

/// How many entries one page has.
const PAGE: &str = "100";

/// The most happenings of a right's life in a table, which has no pages; the page's data has them all.
const MOST: usize = 500;

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    let said = |name: &str| visitor.param(name).trim().to_owned();
    let (mut account, object, capability, on) = (said("account"), said("object"), said("do"), said("on"));
    if account.is_empty() && object.is_empty() && capability.is_empty() && !visitor.reader.reads_all() {
        account.clone_from(&visitor.own);
    }
    let page = visitor.page("Timeline").lead(
        "What happened to somebody and what they did, who gained and lost a right, or what happened to an object: in the \
         order in which it took effect, with what the clock did in between.",
    );
    let question = Section::new("Of whom or what").with(filter(&visitor, &account, &capability));
    let asked_about = [("account", account), ("do", capability), ("on", on), ("object", object)];
    let mut query: Vec<(&str, String)> = asked_about.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if query.is_empty() {
        return Ok(page.section(question));
    }
    let everything = visitor.param("everything") == "true";
    query.extend(everything.then(|| ("everything", "true".to_owned())));
    let bounds = [("from", said("from")), ("to", said("to"))];
    let bounds = bounds.map(|(name, value)| (name, super::journal::bound(name, value)));
    query.extend(bounds.into_iter().filter(|(_, value)| !value.is_empty()));
    if !query.iter().any(|(name, _)| *name == "to") {
        // A story is told up to where the page looks from.
        query.extend(visitor.as_of.as_ref().map(|as_of| ("to", as_of.clone())));
    }
    let asked: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let after = said("after");
    let of_page = [("limit", PAGE), ("after", after.as_str())].into_iter().filter(|(_, value)| !value.is_empty());
    let of_page: Vec<(&str, &str)> = asked.iter().copied().chain(of_page).collect();
    let answer = match visitor.signed.asker.get(&visitor.signed.api("timeline"), &of_page).await {
        Ok(answer) => answer,
        Err(trouble) if matches!(trouble.status, 404 | 422) => {
            return Ok(page.note(refusal(&trouble)).section(question).status(trouble.status));
        }
        Err(trouble) => return Err(visitor.told(trouble)),
    };
    let happenings = json::list(&answer, "happenings");
    let two_clocks = happenings.iter().any(|happening| json::maybe_text(happening, "recorded_at").is_some());
    let rows = happenings.iter().take(MOST).map(|happening| row(&visitor, happening, two_clocks));
    let columns = ["entry", "when (UTC)", "recorded (UTC)", "what", "by whom"];
    let columns = columns.iter().copied().filter(|column| two_clocks || !column.starts_with("recorded"));
    let columns: Vec<&str> = columns.collect();
    let table = Table::new("Happenings", &columns).nothing("Nothing happened.").rows(rows);
    let next = json::number(&answer, "next").map(|next| next.to_string());
    let next = next.map(|next| {
        let query: Vec<(&str, &str)> = asked.iter().copied().chain([("after", next.as_str())]).collect();
        Link::new(visitor.to("timeline", &query), "What came then")
    });
    let section = Section::new(show::capital(json::text(&answer, "of"))).lead(lead(&answer, happenings, two_clocks));
    Ok(page
        .section(Section { id: "story".to_owned(), ..section }.with(table.into()).more(next))
        .section(question)
        .export(visitor.data_at("timeline", &asked), "JSON"))
}

/// Up to where it is told, and what one should know of the two clocks.
fn lead(answer: &Value, happenings: &[Value], two_clocks: bool) -> String {
    let end = answer.get("as_of").unwrap_or(&Value::Null);
    let position = json::number(end, "position").unwrap_or_default();
    let until = json::maybe_text(end, "instant").map(super::parts::short).unwrap_or_default();
    let mut lead = format!("Oldest first, up to position {position} ({until} UTC).");
    if two_clocks {
        lead.push_str(" Where something was recorded later than it happened, both are shown.");
    }
    if happenings.len() > MOST {
        lead.push_str(&format!(" The first {MOST} of {}: the data has them all.", happenings.len()));
    }
    lead
}

fn row(visitor: &Visitor, happening: &Value, two_clocks: bool) -> Vec<Cell> {
    let cause = happening.get("cause").unwrap_or(&Value::Null);
    let entry = match json::number(cause, "position") {
        Some(position) => show::position(visitor, position),
        None => Cell::Soft("the clock".to_owned()),
    };
    let recorded = json::maybe_text(happening, "recorded_at");
    let recorded = recorded.map_or(Cell::Nothing, |recorded| Cell::Moment(recorded.to_owned()));
    let turn = match json::text(happening, "became") {
        "gained" => Some(Cell::mark(Tone::Yes, "gained")),
        "lost" => Some(Cell::mark(Tone::No, "lost")),
        _ => None, // of a life that is no right's
    };
    let step = happening.get("step").unwrap_or(&Value::Null);
    let reason = json::maybe_text(step, "reason").map(|reason| Cell::Soft(format!("“{reason}”")));
    let words = Cell::text(show::capital(json::text(happening, "sentence")));
    let what = [turn, Some(words), reason].into_iter().flatten().collect();
    let at = Cell::Moment(json::text(happening, "at").to_owned());
    let by = if step.is_null() { Cell::Nothing } else { super::journal::actor(visitor, step) };
    let recorded = two_clocks.then_some(recorded);
    [Some(entry), Some(at), recorded, Some(Cell::Line(what)), Some(by)].into_iter().flatten().collect()
}

fn filter(visitor: &Visitor, account: &str, capability: &str) -> Body {
    let field = |name: &str, label: &str, hint: &str| FilterField::new(name, label, visitor.param(name), hint);
    let whose = FilterField::new("account", "Of whom", account, "an id or @username");
    let mut fields = vec![whose];
    if visitor.reader.reads_all() {
        let mut rights = rights_to_choose(capability);
        if !capability.is_empty() {
            rights.insert(0, (String::new(), "no right in particular".to_owned()));
        }
        fields.push(FilterField { choices: rights, ..FilterField::new("do", "Of the right to", capability, "") });
        fields.push(field("on", "on what", "a slug, path or name"));
        fields.push(field("object", "Of the object", "/site/news"));
    }
    fields.push(field("from", "From", "2026-03-01 or a position"));
    fields.push(field("to", "To", "2026-03-31 or a position"));
    let choices = [("", "what changed something"), ("true", "sign-ins, reads and mails as well")];
    let choices = choices.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    fields.push(FilterField { choices, ..field("everything", "Tell", "") });
    Body::Filter(Filter {
        to: visitor.to("timeline", &[]).split('?').next().unwrap_or_default().to_owned(),
        kept: visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone())).collect(),
        fields,
        button: "Tell".to_owned(),
    })
}
