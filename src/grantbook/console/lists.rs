//! Roles and groups: how many hold each, and the holders of one, a page at a time.

use grantbook_inquiries::{Holders, held_by, names_held};
use serde_json::Value;

use super::json;
use super::page::{Page, Told};
use super::parts::{Body, Cell, Link, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

/// How many holders one page has.
const PAGE: usize = 100;

/// What is said of one of the two.
struct Kind {
    view: &'static str,
    holders: Holders,
    page: &'static str,
    field: &'static str,
    give: &'static str,
    take: &'static str,
    create: &'static str,
    delete: &'static str,
    lead: &'static str,
}

const ROLES: Kind = Kind {
    view: "roles",
    holders: Holders::Roles,
    page: "roles",
    field: "role",
    give: "assign_role",
    take: "remove_role",
    create: "create_role",
    delete: "delete_role",
    lead: "System roles come with the tenant; the others are its own (rules G1 to G7).",
};

const GROUPS: Kind = Kind {
    view: "groups",
    holders: Holders::Groups,
    page: "groups",
    field: "group",
    give: "add_group_member",
    take: "remove_group_member",
    create: "create_group",
    delete: "delete_group",
    lead: "Built-in groups come with the tenant; the others are its own (rules X1 to X5).",
};

pub(crate) async fn roles(visitor: Visitor) -> Result<Page, Told> {
    either(visitor, &ROLES).await
}

pub(crate) async fn groups(visitor: Visitor) -> Result<Page, Told> {
    either(visitor, &GROUPS).await
}

async fn either(visitor: Visitor, kind: &Kind) -> Result<Page, Told> {
    match visitor.param(kind.field) {
        "" => all(visitor, kind).await,
        name => {
            let name = name.to_owned();
            one(visitor, kind, &name).await
        }
    }
}

async fn all(visitor: Visitor, kind: &Kind) -> Result<Page, Told> {
    let answer = visitor.look(kind.view, |shown| names_held(shown, kind.holders)).await?;
    let rows = json::list(&answer, "names").iter().map(|row| {
        let name = json::text(row, "name");
        let nature = match (json::yes(row, "built_in"), json::maybe_text(row, "condition")) {
            (true, _) => Cell::Soft("comes with the tenant".to_owned()),
            (false, Some(condition)) => {
                Cell::Line(vec![Cell::mark(Tone::Key, "dynamic"), Cell::Soft(condition.to_owned())])
            }
            (false, None) => Cell::Soft("of the tenant's own".to_owned()),
        };
        vec![
            Cell::link(visitor.to(kind.page, &[(kind.field, name)]), name),
            Cell::Number(json::number(row, "holders").unwrap_or_default()),
            Cell::text(json::text(row, "description")),
            nature,
        ]
    });
    let title = show::capital(kind.page);
    let table = Table::new(&*title, &[kind.field, "held by", "what it is for", "kind"]).rows(rows);
    let mut page = visitor.page(&*title).lead(kind.lead);
    if !visitor.past() {
        page = page.act(visitor.to_do(kind.create, &[]), format!("Create a {}", kind.field));
    }
    Ok(page
        .section(Section::new("All").with(table.into()))
        .export(visitor.data(&format!("views/{}", kind.view), &[]), "JSON"))
}

async fn one(visitor: Visitor, kind: &Kind, name: &str) -> Result<Page, Told> {
    let after = Some(visitor.param("after")).filter(|after| !after.is_empty()).map(str::to_owned);
    let found = visitor.look(kind.view, |shown| held_by(shown, kind.holders, name, after.as_deref(), PAGE)).await?;
    let Some(answer) = found else {
        return Err(visitor.nothing_here(format!("there is no {} `{name}` as of then", kind.field)));
    };
    let name = json::text(&answer, "name").to_owned();
    let own = !json::yes(&answer, "built_in");
    let rows = json::list(&answer, "holders").iter().map(|holder| {
        let fields = [("account", json::text(holder, "account")), (kind.field, name.as_str())];
        let take = Cell::Act { to: visitor.to_do(kind.take, &fields), text: "Remove".to_owned() };
        vec![
            show::person(&visitor, holder),
            show::effective(holder),
            show::by(&visitor, holder),
            show::cause(&visitor, holder.get("since").unwrap_or(&Value::Null)),
            show::until(holder),
            if visitor.past() { Cell::Nothing } else { take },
        ]
    });
    let columns = ["who", "state", "given by", "since", "until", "change"];
    let table = Table::new(format!("Who holds {name}"), &columns).nothing("Nobody.").rows(rows);
    let next = json::maybe_text(&answer, "next")
        .map(|next| Link::new(visitor.to(kind.page, &[(kind.field, &name), ("after", next)]), "Further people"));
    let mut page =
        visitor.page(format!("{} {name}", show::capital(kind.field))).lead(json::text(&answer, "description"));
    if !visitor.past() {
        page = page.act(visitor.to_do(kind.give, &[(kind.field, &name)]), "Give it to somebody");
        if own {
            page = page.act(visitor.to_do(kind.delete, &[(kind.field, &name)]), "Delete");
        }
    }
    let back = vec![("all".to_owned(), Cell::link(visitor.to(kind.page, &[]), format!("all {}", kind.page)))];
    let count = json::number(&answer, "count").unwrap_or_default();
    Ok(page
        .section(Section::new(format!("Held by {count}")).with(table.into()).more(next))
        .section(Section::new("See also").with(Body::Facts(back)))
        .export(visitor.data(&format!("views/{}", kind.view), &[]), "JSON"))
}
