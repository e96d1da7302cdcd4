//! Organisations: who belongs to each and who administers it, a page at a time.

use grantbook_inquiries::{organisation_held_by, organisations_listed};
use serde_json::Value;

use super::json;
use super::page::{Page, Told};
use super::parts::{Body, Cell, Link, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

/// How many members one page has.
const PAGE: usize = 100;

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    match visitor.param("organisation") {
        "" => all(visitor).await,
        name => {
            let name = name.to_owned();
            one(visitor, &name).await
        }
    }
}

async fn all(visitor: Visitor) -> Result<Page, Told> {
    let answer = visitor.look("organisations", organisations_listed).await?;
    let rows = json::list(&answer, "names").iter().map(|row| {
        let name = json::text(row, "name");
        let count = |field: &str| Cell::Number(json::number(row, field).unwrap_or_default());
        vec![
            Cell::link(visitor.to("organisations", &[("organisation", name)]), name),
            Cell::text(json::text(row, "full_name")),
            Cell::text(show::words(json::text(row, "kind"))),
            count("members"),
            count("administrators"),
        ]
    });
    let columns = ["organisation", "name", "kind", "members", "administrators"];
    let table = Table::new("Organisations", &columns).nothing("There is none.").rows(rows);
    let lead = "Companies, committees and chapters, with who belongs to them and who administers them (chapter O).";
    let mut page = visitor.page("Organisations").lead(lead);
    if !visitor.past() {
        page = page.act(visitor.to_do("create_organisation", &[]), "Create an organisation");
    }
    let section = Section::new("All").with(table.into());
    Ok(page.section(section).export(visitor.data("views/organisations", &[]), "JSON"))
}

async fn one(visitor: Visitor, name: &str) -> Result<Page, Told> {
    let after = Some(visitor.param("after")).filter(|after| !after.is_empty()).map(str::to_owned);
    let look = visitor.look("organisations", |shown| organisation_held_by(shown, name, after.as_deref(), PAGE));
    let Some(answer) = look.await? else {
        return Err(visitor.nothing_here(format!("there is no organisation `{name}` as of then")));
    };
    let name = json::text(&answer, "name").to_owned();
    let since = Cell::Line(vec![
        show::cause(&visitor, answer.get("since").unwrap_or(&Value::Null)),
        Cell::Soft("by".to_owned()),
        show::by(&visitor, &answer),
    ]);
    let facts = vec![
        ("name".to_owned(), Cell::text(json::text(&answer, "full_name"))),
        ("kind".to_owned(), Cell::text(show::words(json::text(&answer, "kind")))),
        ("what it is".to_owned(), Cell::text(json::text(&answer, "description"))),
        ("created".to_owned(), since),
        ("all".to_owned(), Cell::link(visitor.to("organisations", &[]), "all organisations")),
    ];
    let members = json::list(&answer, "members").iter().map(|member| {
        let marks = [
            json::maybe_text(member, "position").map(Cell::text),
            json::yes(member, "primary").then(|| Cell::mark(Tone::Plain, "primary")),
            member.get("paid").map(|_| Cell::mark(Tone::Plain, "paid")),
        ];
        row(&visitor, &name, "remove_organisation_member", member, marks.into_iter().flatten().collect())
    });
    let columns = ["who", "state", "as", "given by", "since", "until", "change"];
    let members = Table::new(format!("Members of {name}"), &columns).nothing("Nobody.").rows(members);
    let administrators = json::list(&answer, "administrators").iter().map(|holder| {
        let rests = holder.get("rests").map(|rests| Cell::Soft(format!("rests by rule {}", json::text(rests, "rule"))));
        row(&visitor, &name, "remove_organisation_admin", holder, rests.into_iter().collect())
    });
    let administrators =
        Table::new(format!("Administrators of {name}"), &columns).nothing("Nobody.").rows(administrators);
    let next = json::maybe_text(&answer, "next").map(|next| {
        Link::new(visitor.to("organisations", &[("organisation", &name), ("after", next)]), "Further people")
    });
    let mut page = visitor.page(format!("Organisation {name}"));
    if !visitor.past() {
        let on = [("organisation", name.as_str())];
        page = page.act(visitor.to_do("add_organisation_member", &on), "Add a member");
        page = page.act(visitor.to_do("assign_organisation_admin", &on), "Let somebody administer it");
    }
    let count = json::number(&answer, "count").unwrap_or_default();
    Ok(page
        .section(Section::new("The organisation").with(Body::Facts(facts)))
        .section(Section::new("Administrators").with(administrators.into()))
        .section(Section::new(format!("Members ({count})")).with(members.into()).more(next))
        .export(visitor.data("views/organisations", &[]), "JSON"))
}

fn row(visitor: &Visitor, name: &str, take: &str, holder: &Value, told: Vec<Cell>) -> Vec<Cell> {
    let fields = [("account", json::text(holder, "account")), ("organisation", name)];
    let take = Cell::Act { to: visitor.to_do(take, &fields), text: "Remove".to_owned() };
    vec![
        show::person(visitor, holder),
        show::effective(holder),
        Cell::Line(told),
        show::by(visitor, holder),
        show::cause(visitor, holder.get("since").unwrap_or(&Value::Null)),
        show::until(holder),
        if visitor.past() { Cell::Nothing } else { take },
    ]
}
