//! What a fixture expects, compared with what its entries mean; and blessing, which writes the one from the other.

use std::path::PathBuf;

use grantbook_events::Sealed;
use grantbook_inquiries::{FactReason, Places, Reason, ReasonKind, Shown, ask, can, view, why};
use grantbook_projections::AsOf;
use grantbook_rights::Fact;
use serde_json::Value;

use super::difference::difference;
use super::fixture::{Expected, Fixture, Kind, text};
use super::history::History;
use super::layout::layout;
use super::table::Table;

/// What came of comparing.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) compared: usize,
    pub(super) blessed: Vec<PathBuf>,
    pub(super) problems: Vec<String>,
}

/// An expected file beside what it should say: both in the same layout, to be compared line by line.
struct Pair {
    expected: String,
    found: String,
    /// What it should say, as it lies in a file.
    file: String,
}

impl Pair {
    fn of(expected: &Table, found: &Table) -> Pair {
        Pair { expected: expected.text(), found: found.text(), file: found.text() }
    }
}

/// Compares every expected file; with `bless` writes those that differ, unless the fixture is frozen.
pub(super) fn check(fixture: &Fixture, history: &History, bless: bool) -> Checked {
    let mut checked = Checked::default();
    for expected in &fixture.expected {
        checked.compared += 1;
        let name = expected.name();
        let pair = match pair(expected, history, bless) {
            Ok(pair) if pair.expected == pair.found => continue,
            Ok(pair) => pair,
            Err(problem) => {
                checked.problems.push(format!("{name}: {problem}"));
                continue;
            }
        };
        let shown = difference(&pair.expected, &pair.found);
        if !bless {
            let message = "differs (- expected, + what the entries mean)";
            checked.problems.push(format!("{name} {message}:\n{shown}"));
        } else if fixture.meta.frozen {
            let message = "differs and is frozen: it is changed by hand or not at all";
            checked.problems.push(format!("{name} {message} (- expected, + what the entries mean):\n{shown}"));
        } else {
            match std::fs::write(&expected.path, pair.file) {
                Ok(()) => checked.blessed.push(expected.path.clone()),
                Err(error) => checked.problems.push(format!("{name} cannot be written: {error}")),
            }
        }
    }
    checked
}

/// Errors: a sentence that says what the file should have been.
fn pair(expected: &Expected, history: &History, bless: bool) -> Result<Pair, String> {
    let as_of = point(expected, history)?;
    let written = text(&expected.path)?;
    let open = |_: &_, _, sealed: &Sealed| sealed.as_clear().map(str::to_owned);
    let entry = |position| history.entry(position);
    let shown = Shown { views: &history.views, as_of, open: &open, entry: &entry, places: Places::REAL, eyes: None };
    match &expected.kind {
        Kind::View(name) => {
            let answer = view(name, &shown).map_err(|unknown| unknown.to_string())?;
            let (found, file) = (field_by_field(&answer), layout(&answer));
            match serde_json::from_str(&written) {
                Ok(read) => Ok(Pair { expected: field_by_field(&read), found, file }),
                // What is blessed need not have been written before.
                Err(_) if bless => Ok(Pair { expected: written, found, file }),
                Err(error) => Err(format!("not JSON: {error}")),
            }
        }
        Kind::Can => {
            let table = Table::read(&written)?;
            Ok(Pair::of(&table, &who_can(&shown, &table)?))
        }
        Kind::Chain => {
            let table = Table::read(&written)?;
            Ok(Pair::of(&table, &chains(&shown, &table)?))
        }
    }
}

/// From where a file looks. Errors: there is no such point.
fn point(expected: &Expected, history: &History) -> Result<AsOf, String> {
    let (timeline, position) = (&history.views.timeline, expected.position);
    if position > timeline.last() {
        return Err(format!("there is nothing at position {position}: the last is {}", timeline.last()));
    }
    let Some(clock) = expected.instant else { return Ok(timeline.as_of(position)) };
    match timeline.position_at(clock) {
        found if found == position => Ok(AsOf { position, clock }),
        found => Err(format!("the last entry up to {clock} is {found}, not {position}")),
    }
}

/// JSON with each field on a line of its own, so that a difference is one of fields.
fn field_by_field(value: &Value) -> String {
    format!("{value:#}\n")
}

/// The table with its answers: a heading `do on` and accounts, in each row what is asked for, on what (`-` for nothing), and
/// `yes` or `no` for each.
fn who_can(shown: &Shown<'_>, table: &Table) -> Result<Table, String> {
    let (["do", "on"], accounts) = split(&table.heading) else {
        return Err("expected the heading `do on` and the accounts".to_owned());
    };
    let mut answered = table.clone();
    for row in &mut answered.rows {
        let ([capability, on], _) = split(row);
        let answers: Result<Vec<String>, String> = accounts
            .iter()
            .map(|account| {
                let asked = ask(shown.views, shown.as_of, account, capability, named(on)).map_err(|e| e.to_string())?;
                let allowed = can(&asked).get("allowed").and_then(Value::as_bool) == Some(true);
                Ok(if allowed { "yes" } else { "no" }.to_owned())
            })
            .collect();
        let asked = [capability.to_owned(), on.to_owned()];
        *row = asked.into_iter().chain(answers?).collect();
    }
    Ok(answered)
}

/// The table with its chains: a heading `who do on chain`, in each row a right of the dashboard and the positions of its grant
/// and of those that it rests on, `30<27<25`; `-` where there is no such grant.
fn chains(shown: &Shown<'_>, table: &Table) -> Result<Table, String> {
    let words: Vec<&str> = table.heading.iter().map(String::as_str).collect();
    if words != ["who", "do", "on", "chain"] {
        return Err("expected the heading `who do on chain`".to_owned());
    }
    let mut answered = table.clone();
    for row in &mut answered.rows {
        let [who, capability, on, chain] = row.as_mut_slice() else { continue };
        let asked = ask(shown.views, shown.as_of, who, capability, named(on)).map_err(|error| error.to_string())?;
        let reasons = why(shown, &asked);
        let mut facts = Vec::new();
        gather(&reasons.reason, &mut facts);
        // MANAGER of edition 2017 was granted nothing: its right is the edition's.
        let grants = [Fact::AppAssigned, Fact::AdminListed, Fact::Edition2017];
        let granted = facts.into_iter().find(|fact| grants.contains(&fact.fact) && fact.origin.is_some());
        let steps = granted.and_then(|fact| fact.origin.as_ref()).map(|origin| &origin.chain);
        let positions: Vec<String> = steps.into_iter().flatten().map(|step| step.position.to_string()).collect();
        *chain = if positions.is_empty() { "-".to_owned() } else { positions.join("<") };
    }
    Ok(answered)
}

/// The facts that hold.
fn gather<'a>(reason: &'a Reason, into: &mut Vec<&'a FactReason>) {
    match &reason.kind {
        ReasonKind::Fact(fact) if reason.holds => into.push(fact),
        ReasonKind::Fact(_) => {}
        ReasonKind::All(reasons) | ReasonKind::Any(reasons) => reasons.iter().for_each(|below| gather(below, into)),
    }
}

/// The first two words and the rest.
fn split(words: &[String]) -> ([&str; 2], &[String]) {
    match words {
        [first, second, rest @ ..] => ([first, second], rest),
        [] | [_] => ([""; 2], &[]),
    }
}

fn named(on: &str) -> Option<&str> {
    (on != "-").then_some(on)
}
