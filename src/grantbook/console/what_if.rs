//! What if: history without some of its entries, or with commands put in. What would be otherwise, and what could not have
//! happened. The question stands in the address, so that it can be sent to somebody; the journal is not touched.

use axum::http::Method;
use axum::http::header::{CONTENT_DISPOSITION, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::ask::Trouble;
use super::json;
use super::page::{Told, refusal};
use super::parts::{Body, Cell, Filter, FilterField, Link, Note, Section, Table, Tone};
use super::visitor::Visitor;
use super::{door, put_in, show};

/// The most rows in a table; the page's data has them all.
const MOST: usize = 200;

/// What is to be otherwise, as the page's address says it.
pub(super) struct Question {
    /// Entries to leave out.
    without: Vec<u64>,
    /// Commands to put in, each `{"at", "as", "command"}`, as the API takes them.
    insert: Vec<Value>,
    /// The view to compare; empty for all.
    view: String,
}

impl Question {
    /// Reads the address. Errors: what of it is not as expected.
    pub(super) fn of(visitor: &Visitor) -> Result<Question, Trouble> {
        let wrong = |detail: String| Trouble::new(422, "Not as expected", detail);
        let position = |text: &str| {
            let digits = text.strip_prefix('#').unwrap_or(text);
            digits.parse().map_err(|_| wrong(format!("`{text}` is no position of an entry")))
        };
        let texts = visitor.all("without").flat_map(|given| given.split([',', ' '])).filter(|text| !text.is_empty());
        let insert = |text: &str| {
            serde_json::from_str(text).map_err(|_| wrong(format!("a command to put in is not JSON: `{text}`")))
        };
        Ok(Question {
            without: texts.map(position).collect::<Result<Vec<u64>, Trouble>>()?,
            insert: visitor.all("insert").map(insert).collect::<Result<Vec<Value>, Trouble>>()?,
            view: visitor.param("view").to_owned(),
        })
    }

    /// What of an address can be read that has something else wrong with it.
    fn readable(visitor: &Visitor) -> Question {
        let insert = visitor.all("insert").filter_map(|text| serde_json::from_str(text).ok()).collect();
        Question { without: Vec::new(), insert, view: visitor.param("view").to_owned() }
    }

    fn is_empty(&self) -> bool {
        self.without.is_empty() && self.insert.is_empty()
    }

    /// As the API takes it.
    fn json(&self) -> Value {
        let views: Vec<&str> = Some(self.view.as_str()).filter(|view| !view.is_empty()).into_iter().collect();
        json!({"without": self.without, "insert": self.insert, "views": views})
    }

    /// As addresses say it.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let without: Vec<String> = self.without.iter().map(u64::to_string).collect();
        let without = (!without.is_empty()).then(|| ("without".to_owned(), without.join(",")));
        let insert = self.insert.iter().map(|command| ("insert".to_owned(), command.to_string()));
        let view = (!self.view.is_empty()).then(|| ("view".to_owned(), self.view.clone()));
        without.into_iter().chain(insert).chain(view).collect()
    }

    /// With one more command put in.
    pub(super) fn with(mut self, command: Value) -> Question {
        self.insert.push(command);
        self
    }

    /// The page that asks it.
    pub(super) fn address(&self, visitor: &Visitor) -> String {
        let pairs = self.pairs();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        visitor.to("what-if", &pairs)
    }
}

pub(crate) async fn page(visitor: Visitor) -> Result<Response, Told> {
    let page = visitor.page("What if").lead(
        "History lived through again, in memory: without some entries, or with commands put in. The journal is not touched.",
    );
    let question = match Question::of(&visitor) {
        Ok(question) => question,
        Err(trouble) => {
            // What was mistyped stays there, to be mended.
            let form = Section::new("The question").with(filter(&visitor, &Question::readable(&visitor)));
            return Ok(page.note(refusal(&trouble)).section(form).status(trouble.status).into_response());
        }
    };
    if !visitor.param("put").is_empty() {
        return put_in::page(&visitor, question).await;
    }
    let form = Section::new("The question").with(filter(&visitor, &question)).with(put_in::choose(&visitor, &question));
    if question.is_empty() {
        return Ok(page.section(form).into_response());
    }
    let answer = match visitor.try_post("what-if", &question.json()).await {
        Ok(answer) => answer,
        Err(trouble) if matches!(trouble.status, 404 | 422) => {
            let page = page.note(refusal(&trouble)).status(trouble.status);
            return Ok(page.section(otherwise_so(&visitor, &question, &Value::Null)).section(form).into_response());
        }
        Err(trouble) => return Err(visitor.told(trouble)),
    };
    let pairs = question.pairs();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut page = page.note(outcome(&answer)).section(otherwise_so(&visitor, &question, &answer));
    page = page.section(refused(&visitor, &answer));
    if let Some(section) = with_other_events(&visitor, &answer) {
        page = page.section(section);
    }
    for section in views(&visitor, &answer) {
        page = page.section(section);
    }
    let file = serde_json::to_string_pretty(&question.json()).unwrap_or_default();
    let file = Section::new("To be asked again")
        .lead("`grantbook what-if --file FILE` asks the same.")
        .with(Body::Raw { text: file, label: "The question as a file".to_owned() });
    Ok(page.section(form).section(file).export(visitor.data("what-if", &pairs), "JSON").into_response())
}

/// The answer of the page's question, to be kept.
pub(crate) async fn data(visitor: Visitor) -> Response {
    let told = |trouble: Trouble| door::closed(trouble.status, &super::page::sentence(&trouble.detail));
    let question = match Question::of(&visitor) {
        Ok(question) => question,
        Err(trouble) => return told(trouble),
    };
    let path = super::ask::address(&visitor.signed.api("what-if"), &[("as_of", visitor.point())]);
    match visitor.signed.asker.passed_on(Method::POST, &path, Some(&question.json()), None).await {
        Ok(mut response) => {
            let file = format!("attachment; filename=\"{}-what-if.json\"", visitor.signed.cloud_id);
            if let (true, Ok(file)) = (response.status().is_success(), HeaderValue::from_str(&file)) {
                response.headers_mut().insert(CONTENT_DISPOSITION, file);
            }
            response
        }
        Err(trouble) => told(trouble),
    }
}

/// What came of it, in a sentence or two.
fn outcome(answer: &Value) -> Note {
    let put_in = json::list(answer, "inserted");
    let refused = put_in.iter().filter(|outcome| !json::yes(outcome, "accepted")).count();
    let of_rest = of_rest(answer);
    match (refused, put_in.len()) {
        (0, _) => of_rest,
        (1, 1) => Note { tone: Tone::No, ..of_rest.before("The command that is put in would have been refused.") },
        (some, all) => {
            let words = format!("{some} of the {all} commands that are put in would have been refused.");
            Note { tone: Tone::No, ..of_rest.before(words) }
        }
    }
}

fn of_rest(answer: &Value) -> Note {
    let (refused, views) = (json::count(answer, "refused_count"), json::fields(answer, "views").count());
    let entries = if refused == 1 { "1 entry".to_owned() } else { format!("{refused} entries") };
    let differ = if views == 1 { "1 view would differ".to_owned() } else { format!("{views} views would differ") };
    match (refused, views) {
        (0, 0) => Note::new(Tone::Yes, "", "All else would have happened, and the views would be the same."),
        (0, _) => Note::new(Tone::Past, "", format!("All else would have happened; {differ}.")),
        (_, 0) => Note::new(Tone::Past, "", format!("{entries} could not have happened; the views would be the same.")),
        (_, _) => Note::new(Tone::Past, "", format!("{entries} could not have happened; {differ}.")),
    }
}

fn filter(visitor: &Visitor, question: &Question) -> Body {
    let without: Vec<String> = if question.without.is_empty() {
        visitor.all("without").map(str::to_owned).collect()
    } else {
        question.without.iter().map(u64::to_string).collect()
    };
    let named = |name: &str| (name.to_owned(), show::capital(&show::words(name)));
    let all = (String::new(), "all views".to_owned());
    let choices = std::iter::once(all).chain(grantbook_inquiries::VIEWS.iter().map(|(name, _)| named(name))).collect();
    let kept = question.pairs().into_iter().filter(|(name, _)| name == "insert");
    Body::Filter(Filter {
        to: visitor.to("what-if", &[]).split('?').next().unwrap_or_default().to_owned(),
        kept: kept.chain(visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone()))).collect(),
        fields: vec![
            FilterField {
                wide: true,
                ..FilterField::new("without", "Leave out the entries", without.join(", "), "17, 19")
            },
            FilterField { choices, ..FilterField::new("view", "and compare", &question.view, "") },
        ],
        button: "Live through it".to_owned(),
    })
}

/// What is left out and what is put in, each with the way back.
fn otherwise_so(visitor: &Visitor, question: &Question, answer: &Value) -> Section {
    let back = |question: Question, text: &str| Cell::Act { to: question.address(visitor), text: text.to_owned() };
    let told = json::list(answer, "without");
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for position in question.without.iter().take(MOST) {
        let known = told.iter().find(|row| json::number(row, "position") == Some(*position));
        let words = known.map_or(Cell::Nothing, sentences);
        let rest = question.without.iter().filter(|other| *other != position).copied().collect();
        let rest = Question { without: rest, insert: question.insert.clone(), view: question.view.clone() };
        rows.push(vec![
            show::position(visitor, *position),
            Cell::mark(Tone::Past, "left out"),
            words,
            back(rest, "Put it back"),
        ]);
    }
    // The answer has them in the order in which they would have come.
    let last = visitor.seen.position.0;
    let mut order: Vec<usize> = (0..question.insert.len()).collect();
    let after =
        |index: &usize| question.insert.get(*index).and_then(|command| json::number(command, "at")).unwrap_or(last);
    order.sort_by_key(after);
    for (index, outcome) in
        order.iter().zip(json::list(answer, "inserted").iter().map(Some).chain(std::iter::repeat(None)))
    {
        let mut insert = question.insert.clone();
        let command = insert.remove(*index);
        let rest = Question { without: question.without.clone(), insert, view: question.view.clone() };
        let state = match outcome.map(|outcome| json::yes(outcome, "accepted")) {
            Some(true) => Cell::mark(Tone::Key, "put in"),
            Some(false) => Cell::mark(Tone::No, "refused"),
            None => Cell::Nothing,
        };
        let words = match outcome {
            Some(outcome) if json::yes(outcome, "accepted") => sentences(outcome),
            Some(outcome) => because(outcome),
            None => Cell::Code(command.to_string()),
        };
        let whose = Cell::Soft(format!("by {}", json::text(&command, "as")));
        let place = Cell::Line(vec![Cell::Soft("after".to_owned()), show::position(visitor, after(index))]);
        rows.push(vec![place, state, Cell::Line(vec![words, whose]), back(rest, "Take it out")]);
    }
    let columns = ["entry", "is", "what", "change"];
    Section::new("What is otherwise").with(Table::new("What is otherwise", &columns).rows(rows).into())
}

fn sentences(row: &Value) -> Cell {
    let told = json::list(row, "sentences").iter().filter_map(Value::as_str);
    Cell::Stack(told.map(|sentence| Cell::text(show::capital(sentence))).collect())
}

/// Why something could not be, with its rule.
fn because(row: &Value) -> Cell {
    let rule = json::maybe_text(row, "rule").map(|rule| Cell::Soft(format!("(rule {rule})")));
    let why = Cell::text(super::page::sentence(json::text(row, "why")));
    Cell::Line(std::iter::once(why).chain(rule).collect())
}

/// The entries that it lacks, the nearest first, to the one that was left out.
fn for_lack_of(visitor: &Visitor, row: &Value) -> Vec<Cell> {
    let lacks = json::list(row, "because").iter().filter_map(Value::as_u64);
    let mut cells: Vec<Cell> = lacks.map(|position| show::position(visitor, position)).collect();
    if let Some(between) = json::number(row, "between") {
        cells.insert(cells.len().saturating_sub(1), Cell::Soft(format!("{between} more")));
    }
    cells
}

fn refused(visitor: &Visitor, answer: &Value) -> Section {
    let list = json::list(answer, "refused");
    let rows = list.iter().take(MOST).map(|row| {
        vec![
            show::position(visitor, json::number(row, "position").unwrap_or_default()),
            Cell::Moment(json::text(row, "at").to_owned()),
            sentences(row),
            because(row),
            Cell::Line(for_lack_of(visitor, row)),
        ]
    });
    let columns = ["entry", "when (UTC)", "what", "why not", "for lack of"];
    let nothing = "Nothing: all else would have happened.";
    let table = Table::new("What could not have happened", &columns).nothing(nothing).rows(rows);
    let lead = "Decided anew, each of these would have been refused, by this rule.";
    let lead = if list.is_empty() { String::new() } else { put_cut(json::count(answer, "refused_count"), lead) };
    Section::new("What could not have happened").lead(lead).with(table.into())
}

fn put_cut(count: usize, lead: &str) -> String {
    if count > MOST { format!("{lead} The first {MOST} of {count}: the data has more.") } else { lead.to_owned() }
}

/// Entries that would be there with other events.
fn with_other_events(visitor: &Visitor, answer: &Value) -> Option<Section> {
    let list = json::list(answer, "otherwise");
    let rows = list.iter().take(MOST).map(|row| {
        let events = json::list(row, "events").iter().filter_map(Value::as_str);
        let events = events.map(|event| Cell::text(show::capital(event))).collect();
        vec![show::position(visitor, json::number(row, "position").unwrap_or_default()), Cell::Stack(events)]
    });
    let table = Table::new("What would have happened otherwise", &["entry", "would be"]).rows(rows);
    let section = Section::new("What would have happened otherwise");
    (!list.is_empty()).then(|| {
        section.lead(put_cut(json::count(answer, "otherwise_count"), "There, with other events.")).with(table.into())
    })
}

/// The views that would differ, one by one.
fn views<'a>(visitor: &'a Visitor, answer: &'a Value) -> impl Iterator<Item = Section> + 'a {
    json::fields(answer, "views").map(|(name, changes)| {
        let list = changes.as_array().map(Vec::as_slice).unwrap_or_default();
        let rows = list.iter().take(MOST).map(|change| {
            let side = |name: &str| show::value(visitor, change.get(name).unwrap_or(&Value::Null));
            vec![Cell::Code(json::text(change, "path").to_owned()), side("before"), side("after")]
        });
        let title = show::capital(&show::words(name));
        let table = Table::new(&*title, &["where", "is", "would be"]).rows(rows);
        let more = Link::new(visitor.to(&format!("view/{name}"), &[]), "The view as it is");
        let section = Section { id: format!("view-{name}"), ..Section::new(format!("What differs in {title}")) };
        section.lead(put_cut(list.len(), "")).with(table.into()).more(Some(more))
    })
}

/// Back to the page, with one more command put in.
pub(super) fn sent(visitor: &Visitor, question: Question, command: Value) -> Response {
    Redirect::to(&question.with(command).address(visitor)).into_response()
}
