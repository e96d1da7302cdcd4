//! People: accounts a page at a time, found by the start of their username (rule: A6).

use serde_json::Value;

use super::json;
use super::page::{Page, Told};
use super::parts::{Body, Cell, Filter, FilterField, Link, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

const PAGE: &str = "50";

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    let (prefix, after) = (visitor.param("username_prefix").trim().to_owned(), visitor.param("after").to_owned());
    let mut query = vec![("limit", PAGE)];
    if !prefix.is_empty() {
        query.push(("username_prefix", &prefix));
    }
    let filters = query.clone();
    if !after.is_empty() {
        query.push(("after", &after));
    }
    let answer = visitor.ask("accounts", &query).await?;
    let rows = json::list(&answer, "accounts").iter().map(|account| row(&visitor, account));
    let columns = ["who", "username", "user class", "state", "member type", "since"];
    let table = Table::new("People", &columns).nothing("Nobody's username begins so.").rows(rows);
    let next = json::maybe_text(&answer, "next").map(|next| {
        let query: Vec<(&str, &str)> = filters.iter().skip(1).copied().chain([("after", next)]).collect();
        Link::new(visitor.to("people", &query), "Further people")
    });
    let filter = Filter {
        to: visitor.to("people", &[]).split('?').next().unwrap_or_default().to_owned(),
        kept: visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone())).collect(),
        fields: vec![FilterField::new("username_prefix", "Username begins with", &prefix, "je")],
        button: "Find".to_owned(),
    };
    let section = Section::new("Accounts").with(Body::Filter(filter)).with(table.into()).more(next);
    let mut page =
        visitor.page("People").lead("Every contact of the tenant is an account, with credentials or without.");
    if !visitor.past() && visitor.reader.reads_all() {
        page = page.act(visitor.to_do("add_contact", &[]), "Add a contact");
    }
    Ok(page.section(section).export(visitor.data("accounts", &filters), "JSON"))
}

fn row(visitor: &Visitor, account: &Value) -> Vec<Cell> {
    let credentials = account.get("credentials").unwrap_or(&Value::Null);
    vec![
        show::person(visitor, account),
        Cell::text(json::text(credentials, "username")),
        Cell::text(json::text(credentials, "user_class")),
        state(account),
        Cell::text(json::text(account, "member_type")),
        show::cause(visitor, account.get("since").unwrap_or(&Value::Null)),
    ]
}

/// Whether an account can be used, and what stops it.
pub(crate) fn state(account: &Value) -> Cell {
    let credentials = account.get("credentials").unwrap_or(&Value::Null);
    if !json::yes(account, "exists") {
        return Cell::mark(Tone::No, "removed");
    }
    if credentials.is_null() {
        return Cell::Soft("no credentials".to_owned());
    }
    let mut marks = Vec::new();
    if json::yes(credentials, "disabled") {
        marks.push(Cell::mark(Tone::No, "disabled"));
    }
    if credentials.get("locked").is_some_and(|locked| !locked.is_null()) {
        marks.push(Cell::mark(Tone::No, "locked"));
    }
    if json::yes(credentials, "must_change_password") {
        marks.push(Cell::mark(Tone::Past, "must change its password"));
    }
    if marks.is_empty() {
        marks.push(match json::yes(credentials, "usable") {
            true => Cell::mark(Tone::Yes, "usable"),
            false => Cell::mark(Tone::No, "not effective or expired"),
        });
    }
    Cell::Line(marks)
}
