//! What the book says of itself: findings and settings.

use grantbook_decisions::command::{SettingKind, settings as descriptions};
use grantbook_inquiries::{finding_rules, findings_json, open_findings};
use serde_json::Value;

use super::json;
use super::page::{Page, Told};
use super::parts::{Cell, Link, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

/// The most findings in one table; the page's data has them all.
const MOST: usize = 200;

pub(crate) async fn findings(visitor: Visitor) -> Result<Page, Told> {
    let with_closed = visitor.param("closed") == "true";
    // What is over is looked for where it is wanted: of a long history there is much.
    let answer = match with_closed {
        true => visitor.view("findings").await?,
        false => visitor.look("findings", |shown| findings_json(shown.as_of, &open_findings(shown))).await?,
    };
    let is_open = |finding: &&Value| finding.get("closed").is_none_or(Value::is_null);
    let (open, closed): (Vec<&Value>, Vec<&Value>) = json::list(&answer, "findings").iter().partition(is_open);
    let rows = open.iter().rev().take(MOST).map(|finding| row(&visitor, finding));
    let columns = ["what", "whom", "detail", "opened", "rule"];
    let opened = Table::new("Open findings", &columns).nothing("Nothing that somebody should look at.").rows(rows);
    let opened = Section::new(format!("Open ({})", open.len())).lead(cut(open.len())).with(opened.into());
    let page = visitor.page("Findings").lead(
        "What somebody should look at. Nothing of it is stored: it follows from the history, and changes no right.",
    );
    let page = page.export(visitor.data("views/findings", &[]), "JSON");
    if !with_closed {
        let more = Link::new(visitor.to("findings", &[("closed", "true")]), "Also those that are closed");
        return Ok(page.section(opened.more(Some(more))));
    }
    let rows = closed.iter().rev().take(MOST).map(|finding| {
        let mut cells = row(&visitor, finding);
        cells.push(show::cause(&visitor, finding.get("closed").unwrap_or(&Value::Null)));
        cells
    });
    let columns = ["what", "whom", "detail", "opened", "rule", "closed"];
    let over = Table::new("Closed findings", &columns).nothing("None.").rows(rows);
    let over = Section::new(format!("Closed ({})", closed.len())).lead(cut(closed.len())).with(over.into());
    Ok(page.section(opened).section(over))
}

/// That a table does not show all.
fn cut(count: usize) -> String {
    if count > MOST { format!("The latest {MOST}: the data has them all.") } else { String::new() }
}

fn row(visitor: &Visitor, finding: &Value) -> Vec<Cell> {
    let code = json::text(finding, "code");
    let rule = finding_rules().find(|rule| rule.code == code).and_then(|rule| rule.rule);
    vec![
        Cell::Code(code.to_owned()),
        subject(visitor, finding),
        Cell::text(json::text(finding, "detail")),
        show::cause(visitor, finding.get("opened").unwrap_or(&Value::Null)),
        rule.map_or(Cell::Nothing, Cell::text),
    ]
}

/// A finding in short.
pub(crate) fn short_row(visitor: &Visitor, finding: &Value) -> Vec<Cell> {
    let code = json::text(finding, "code");
    let words = finding_rules().find(|rule| rule.code == code).map_or(code, |rule| rule.words);
    vec![
        Cell::text(show::capital(words)),
        subject(visitor, finding),
        show::cause(visitor, finding.get("opened").unwrap_or(&Value::Null)),
    ]
}

/// Whom a finding is about: an account, or the tenant itself.
fn subject(visitor: &Visitor, finding: &Value) -> Cell {
    match json::text(finding, "subject") {
        tenant if tenant == visitor.signed.cloud_id => Cell::Soft("the tenant".to_owned()),
        id if super::person::is_id(id) => show::somebody(visitor, id, None),
        other => Cell::text(other), // any other is a thing
    }
}

pub(crate) async fn settings(visitor: Visitor) -> Result<Page, Told> {
    let answer = visitor.view("settings").await?;
    let values = answer.get("settings").unwrap_or(&Value::Null);
    let rows = descriptions().map(|described| {
        let state = values.get(described.name).unwrap_or(&Value::Null);
        let value = state.get("value").unwrap_or(state);
        let unit = match described.kind {
            SettingKind::Number { unit, .. } => Cell::Soft(unit.to_owned()),
            SettingKind::YesOrNo | SettingKind::Text { .. } => Cell::Nothing,
        };
        let changed = state.get("since").filter(|since| !since.is_null());
        let since = changed.map_or(Cell::Soft("as it came".to_owned()), |since| {
            Cell::Line(vec![Cell::Soft("by".to_owned()), show::by(&visitor, state), show::cause(&visitor, since)])
        });
        let shown = if *value == described.default { Tone::Plain } else { Tone::Key };
        let value = match value {
            Value::String(_) => show::value(&visitor, value),
            Value::Bool(yes) => Cell::mark(shown, if *yes { "yes" } else { "no" }),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => Cell::mark(shown, value.to_string()),
        };
        let change =
            Cell::Act { to: visitor.to_do("set_setting", &[("setting", described.name)]), text: "Change".to_owned() };
        vec![
            Cell::Stack(vec![Cell::text(described.words), Cell::Code(described.name.to_owned())]),
            Cell::Line(vec![value, unit]),
            since,
            Cell::text(described.rule),
            if visitor.past() { Cell::Nothing } else { change },
        ]
    });
    let table = Table::new("Settings", &["setting", "value", "changed", "rule", "change"]).rows(rows);
    Ok(visitor
        .page("Settings")
        .lead("What system administrators may set. A value that differs from how it came is marked.")
        .section(Section::new("Settings").with(table.into()))
        .export(visitor.data("views/settings", &[]), "JSON"))
}
