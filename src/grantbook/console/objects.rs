//! Objects with their access settings, and who may do what to one of them.

use grantbook_inquiries::objects_under;
use serde_json::Value;

use super::json;
use super::page::{Page, Told};
use super::parts::{Body, Cell, Filter, FilterField, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

/// The most objects in a table; the page's data has them all.
const MOST: usize = 200;

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    let under = visitor.param("under").trim().to_owned();
    let (answer, count) = visitor.look("objects", |shown| objects_under(shown, &under, MOST)).await?;
    let rows = json::fields(&answer, "objects").map(|(path, object)| row(&visitor, path, object));
    let columns = ["object", "kind", "access setting", "who may", "since", "change"];
    let nothing = if under.is_empty() { "There is none yet." } else { "There is no such object." };
    let table = Table::new("Objects", &columns).nothing(nothing).rows(rows);
    let filter = Filter {
        to: visitor.to("objects", &[]).split('?').next().unwrap_or_default().to_owned(),
        kept: visitor.as_of.iter().map(|as_of| ("as_of".to_owned(), as_of.clone())).collect(),
        fields: vec![FilterField { wide: true, ..FilterField::new("under", "Path begins with", &under, "/site") }],
        button: "Find".to_owned(),
    };
    let lead = if count > MOST { format!("The first {MOST} of {count}.") } else { String::new() };
    let lead_of_page = "Sites, folders, documents and queries form a tree. What has no setting of its own inherits its parent's (rule N3).";
    let mut page = visitor.page("Objects").lead(lead_of_page);
    if !visitor.past() {
        page = page.act(visitor.to_do("create_object", &[]), "Create an object");
    }
    let section = Section::new("The tree").lead(lead).with(Body::Filter(filter)).with(table.into());
    Ok(page.section(section).export(visitor.data("views/objects", &[]), "JSON"))
}

fn row(visitor: &Visitor, path: &str, object: &Value) -> Vec<Cell> {
    let set = json::text(object, "set");
    let setting = match set {
        "inherited" => Cell::Soft("inherited".to_owned()),
        "custom" => Cell::mark(Tone::Key, "custom"),
        set => Cell::mark(Tone::Plain, set.replace('-', " ")), // any other is a preconfigured set
    };
    let access = json::list(object, "access").iter().map(|access| {
        let right = Cell::mark(Tone::Plain, json::text(access, "right").replace('_', " "));
        Cell::Line(vec![principal(visitor, access.get("principal").unwrap_or(&Value::Null)), right])
    });
    let marks = [("public", "public"), ("active", "active")].into_iter().filter(|(name, _)| json::yes(object, name));
    let kind = Cell::Line(
        [Cell::text(json::text(object, "kind").replace('_', " "))]
            .into_iter()
            .chain(marks.map(|(_, words)| Cell::Soft(words.to_owned())))
            .collect(),
    );
    let grant = Cell::Act { to: visitor.to_do("grant_access", &[("object", path)]), text: "Grant".to_owned() };
    vec![
        Cell::Code(path.to_owned()),
        kind,
        setting,
        Cell::Stack(access.collect()),
        show::cause(visitor, object.get("since").unwrap_or(&Value::Null)),
        if visitor.past() { Cell::Nothing } else { grant },
    ]
}

/// Whom a right is for.
fn principal(visitor: &Visitor, principal: &Value) -> Cell {
    let named = |name: &str| json::maybe_text(principal, name);
    if let Some(group) = named("group") {
        return Cell::Line(vec![
            Cell::Soft("group".to_owned()),
            Cell::link(visitor.to("groups", &[("group", group)]), group),
        ]);
    }
    if let Some(role) = named("role") {
        return Cell::Line(vec![
            Cell::Soft("role".to_owned()),
            Cell::link(visitor.to("roles", &[("role", role)]), role),
        ]);
    }
    if let Some(account) = named("account") {
        return show::somebody(visitor, account, None);
    }
    match named("member_type") {
        Some(member_type) => Cell::text(format!("members of type {member_type}")),
        None => Cell::text("staff"),
    }
}
