//! The dashboard plane: setting up, Admin Users, apps, the Background Account.

use serde_json::Value;

use super::json;
use super::page::{Page, Told};
use super::parts::{Body, Cell, Note, Section, Table, Tone};
use super::show;
use super::visitor::Visitor;

/// The most App Users in a table; the page's data has them all.
const MOST: usize = 200;

pub(crate) async fn setup(visitor: Visitor) -> Result<Page, Told> {
    let answer = visitor.view("setup").await?;
    let next = json::text(&answer, "next").to_owned();
    let rows = json::list(&answer, "steps").iter().enumerate().map(|(index, step)| {
        let state = match (json::yes(step, "done"), json::text(step, "step") == next) {
            (true, _) => Cell::mark(Tone::Yes, "done"),
            (false, true) => Cell::mark(Tone::Key, "next"),
            (false, false) => Cell::Soft("to do".to_owned()),
        };
        vec![
            Cell::text(format!("{}. {}", index + 1, show::capital(json::text(step, "words")))),
            state,
            show::cause(&visitor, step.get("by").unwrap_or(&Value::Null)),
        ]
    });
    let table = Table::new("Steps", &["step", "state", "by entry"]).rows(rows);
    let mut page = visitor.page("Set-up").lead("The steps by which a tenant comes into use (rule T6).");
    if next.is_empty() {
        page = page.note(Note::new(Tone::Yes, "", "Every step is done."));
    }
    let tenant = answer.get("tenant").and_then(Value::as_object).into_iter().flatten();
    let facts = tenant.map(|(name, found)| (show::words(name), show::value(&visitor, found))).collect();
    Ok(page
        .section(Section::new("Steps").with(table.into()))
        .section(Section::new("The tenant").with(Body::Facts(facts)))
        .export(visitor.data("views/setup", &[]), "JSON"))
}

pub(crate) async fn admins(visitor: Visitor) -> Result<Page, Told> {
    let answer = visitor.view("admins").await?;
    let rows = json::list(&answer, "admins").iter().map(|admin| {
        let id = json::text(admin, "account");
        let why = Cell::link(visitor.to("why", &[("account", id), ("do", "dashboard.manage_admins")]), "why?");
        let remove = Cell::Act { to: visitor.to_do("remove_admin", &[("account", id)]), text: "Remove".to_owned() };
        vec![
            show::person(&visitor, admin),
            show::effective(admin),
            show::by(&visitor, admin),
            show::cause(&visitor, admin.get("since").unwrap_or(&Value::Null)),
            show::until(admin),
            if visitor.reader.reads_all() || id == visitor.own { why } else { Cell::Nothing },
            if visitor.past() { Cell::Nothing } else { remove },
        ]
    });
    let columns = ["who", "state", "given by", "since", "until", "why", "change"];
    let table =
        Table::new("Admin Users", &columns).nothing("There is none yet: the first sign-in makes one.").rows(rows);
    let lead = "They see subscriptions, manage Admin Users and App Users, and keep the Background Account (rule F10).";
    let mut page = visitor.page("Admin Users").lead(lead);
    if let Some(since) = answer.get("orphaned_since").filter(|since| !since.is_null()) {
        let words = "No Admin User is effective. Support alone can mend that (rule F6).";
        page = page.note(Note::new(Tone::No, "The tenant is orphaned", words));
        page = page.section(
            Section::new("Orphaned").with(Body::Facts(vec![("since".to_owned(), show::cause(&visitor, since))])),
        );
    }
    if !visitor.past() {
        page = page.act(visitor.to_do("add_admin", &[]), "Add an Admin User");
    }
    Ok(page.section(Section::new("Listed").with(table.into())).export(visitor.data("views/admins", &[]), "JSON"))
}

pub(crate) async fn apps(visitor: Visitor) -> Result<Page, Told> {
    let (users, subscriptions) = (visitor.view("app-users").await?, visitor.view("subscriptions").await?);
    let mut page = visitor
        .page("Apps")
        .lead("An app takes an assignment and a licence in force (rule A4); being an Admin User opens none (F11).");
    let rows = json::fields(&subscriptions, "subscriptions").map(|(slug, state)| {
        vec![
            Cell::Line(vec![Cell::text(json::text(state, "title")), Cell::Code(slug.clone())]),
            Cell::text(json::text(state, "status")),
            Cell::text(json::text(state, "from")),
            show::until(state),
            match json::yes(state, "licensed") {
                true => Cell::mark(Tone::Yes, "licensed"),
                false => Cell::mark(Tone::No, "not licensed"),
            },
            show::by(&visitor, state),
            show::cause(&visitor, state.get("since").unwrap_or(&Value::Null)),
        ]
    });
    let columns = ["app", "subscription", "from", "until", "licence", "recorded by", "since"];
    let table = Table::new("Subscriptions", &columns).nothing("Nothing is subscribed to.").rows(rows);
    for (slug, app) in json::fields(&users, "apps") {
        page = page.section(app_section(&visitor, slug, app));
    }
    Ok(page
        .section(Section::new("Subscriptions").with(table.into()))
        .export(visitor.data("views/app-users", &[]), "App Users")
        .export(visitor.data("views/subscriptions", &[]), "subscriptions"))
}

fn app_section(visitor: &Visitor, slug: &str, app: &Value) -> Section {
    let list = json::list(app, "users");
    let rows = list.iter().take(MOST).map(|user| {
        let id = json::text(user, "account");
        let used = user.get("last_use").and_then(|used| json::maybe_text(used, "at"));
        let fields = [("account", id), ("app", slug)];
        let remove = Cell::Act { to: visitor.to_do("remove_app_user", &fields), text: "Remove".to_owned() };
        vec![
            show::person(visitor, user),
            show::effective(user),
            show::by(visitor, user),
            show::cause(visitor, user.get("since").unwrap_or(&Value::Null)),
            show::until(user),
            used.map_or(Cell::Soft("not known".to_owned()), |used| Cell::Moment(used.to_owned())),
            if visitor.past() { Cell::Nothing } else { remove },
        ]
    });
    let columns = ["who", "state", "given by", "since", "until", "last used", "change"];
    let title = json::maybe_text(app, "title").unwrap_or(slug).to_owned();
    let table = Table::new(format!("Users of {title}"), &columns).nothing("Nobody is assigned.").rows(rows);
    let licensed = if json::yes(app, "licensed") { "Licensed" } else { "Not licensed: assignments give nothing" };
    let audience = match json::text(app, "audience") {
        "staff" => "for staff",
        _ => "for anyone with active credentials", // any other audience
    };
    let further = list.len().saturating_sub(MOST);
    let further = if further > 0 { format!(" {further} more are in this page's data.") } else { String::new() };
    let section = Section::new(title).lead(format!("{licensed}, {audience}; {} assigned.{further}", list.len()));
    let section = section.with(table.into());
    if visitor.past() {
        return section;
    }
    section.act(super::parts::Link::new(visitor.to_do("assign_app_user", &[("app", slug)]), "Assign somebody"))
}

pub(crate) async fn background(visitor: Visitor) -> Result<Page, Told> {
    let answer = visitor.view("background-account").await?;
    let at = |name: &str| show::cause(&visitor, answer.get(name).unwrap_or(&Value::Null));
    let connected = json::yes(&answer, "connected");
    let facts = vec![
        ("account".to_owned(), show::person(&visitor, &answer)),
        (
            "connection".to_owned(),
            match connected {
                true => Cell::mark(Tone::Yes, "connected"),
                false => Cell::mark(Tone::No, "not connected"),
            },
        ),
        ("set by".to_owned(), Cell::Line(vec![show::by(&visitor, &answer), at("set")])),
        ("broken by".to_owned(), at("broken_by")),
        ("API Connector licence".to_owned(), at("licence")),
    ];
    let lead = "The account by which apps talk to the platform with nobody signed in (rules B1 to B7).";
    let mut page = visitor.page("Background Account").lead(lead);
    if !visitor.past() {
        page = page.act(visitor.to_do("set_background_account", &[]), "Set it");
    }
    let section = Section::new("The connection").with(Body::Facts(facts));
    Ok(page.section(section).export(visitor.data("views/background-account", &[]), "JSON"))
}
