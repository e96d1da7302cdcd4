//! One person: what they may and why, what they were given and by whom, what happened to them.

use axum::extract::Path;
use grantbook_events::{AccountId, Position};
use grantbook_inquiries::Shown;
use grantbook_projections::Cause;
use grantbook_rights::{Capability, OnKind, account_points};
use serde_json::Value;

use super::json;
use super::page::{Page, Told};
use super::parts::{Body, Cell, Link, Section, Table, Tone};
use super::visitor::Visitor;
use super::{accounts, journal, show};

/// How many entries of a life are shown.
const LIFE: usize = 30;

/// Whether a text can be an account's id.
pub(crate) fn is_id(text: &str) -> bool {
    AccountId::new(text).is_ok()
}

pub(crate) async fn page(visitor: Visitor, Path((_, named)): Path<(String, String)>) -> Result<Page, Told> {
    of(visitor, &named, false).await
}

/// The first page of whoever reads only their own.
pub(crate) async fn own(visitor: Visitor) -> Result<Page, Told> {
    let own = visitor.own.clone();
    of(visitor, &own, true).await
}

async fn of(visitor: Visitor, named: &str, home: bool) -> Result<Page, Told> {
    let account = visitor.ask(&format!("accounts/{}", super::ask::encoded(named)), &[]).await?;
    let id = json::text(&account, "account").to_owned();
    let name = json::maybe_text(&account, "name").unwrap_or(&id).to_owned();
    let own = visitor.own == id;
    let title = if home { format!("Welcome, {name}") } else { name.clone() };
    let mut page = visitor.page(title).lead(match (home, own) {
        (true, _) => "What you may, what you were given and by whom.".to_owned(),
        (false, true) => format!("Account {id}: yours."),
        (false, false) => format!("Account {id}."),
    });
    if !visitor.past() {
        page = doings(&visitor, &account, &id, own).into_iter().fold(page, |page, link| page.act(link.to, link.text));
    }
    page = page.beside(vec![facts(&visitor, &account), rights(&visitor, &account, &id)]);
    page = page.section(grants(&visitor, &account, &id));
    page = page.section(life(&visitor, &id).await?);
    Ok(page.export(visitor.data(&format!("accounts/{id}"), &[]), "JSON"))
}

/// What is done with an account most.
fn doings(visitor: &Visitor, account: &Value, id: &str, own: bool) -> Vec<Link> {
    let with = |command: &str, text: &str| Link::new(visitor.to_do(command, &[("account", id)]), text);
    if own && !visitor.reader.reads_all() {
        return vec![
            Link::new(visitor.to_do("change_own_password", &[]), "Change my password"),
            Link::new(visitor.to("enrol", &[]), "Enrol a second factor"),
        ];
    }
    let credentials = account.get("credentials").unwrap_or(&Value::Null);
    let mut links = vec![with("assign_role", "Assign a role"), with("add_group_member", "Add to a group")];
    if credentials.is_null() {
        links.push(with("create_credentials", "Create credentials"));
    } else {
        links.push(match json::yes(credentials, "disabled") {
            true => with("enable_account", "Enable"),
            false => with("disable_account", "Disable"),
        });
    }
    links.push(Link::new(visitor.to(&format!("people/{id}/lineage"), &[]), "Lineage"));
    links.push(Link::new(visitor.to("timeline", &[("account", id)]), "Timeline"));
    links.push(Link::new(visitor.to("investigate", &[("account", id)]), "Investigate"));
    links.push(Link::new(visitor.to("do", &[("account", id)]), "More"));
    links
}

fn facts(visitor: &Visitor, account: &Value) -> Section {
    let credentials = account.get("credentials").unwrap_or(&Value::Null);
    let mut facts = vec![("state".to_owned(), accounts::state(account))];
    let mut text = |from: &Value, name: &str, words: &str| {
        facts.extend(json::maybe_text(from, name).map(|text| (words.to_owned(), Cell::text(text))));
    };
    text(credentials, "username", "username");
    text(credentials, "user_class", "user class");
    text(account, "email", "contact's email");
    text(credentials, "email", "credentials' email");
    for name in ["member_type", "status", "city", "state", "country", "phone"] {
        text(account, name, &show::words(name));
    }
    text(credentials, "effective_date", "effective from");
    text(credentials, "expiration_date", "expires after");
    if !credentials.is_null() {
        let factor = show::yes_or_no(json::yes(credentials, "second_factor"));
        facts.push(("second factor".to_owned(), factor));
        let sessions = json::number(account, "open_sessions").unwrap_or_default();
        facts.push(("open sessions".to_owned(), Cell::Number(sessions)));
        if let Some(locked) = credentials.get("locked").filter(|locked| !locked.is_null()) {
            facts.push(("locked".to_owned(), show::value(visitor, locked)));
        }
    }
    let since = show::cause(visitor, account.get("since").unwrap_or(&Value::Null));
    facts.push(("added".to_owned(), Cell::Line(vec![since, Cell::Soft("by".to_owned()), show::by(visitor, account)])));
    Section::new("The account").with(Body::Facts(facts))
}

/// What the account may, each with why.
fn rights(visitor: &Visitor, account: &Value, id: &str) -> Section {
    let effective = account.get("effective_rights").unwrap_or(&Value::Null);
    let apps = json::list(effective, "apps").iter().filter_map(Value::as_str);
    let apps = apps.map(|app| ("app.use", Some(app), format!("use the app {app}")));
    let general = json::list(effective, "can").iter().filter_map(Value::as_str);
    let general =
        general.map(|name| (name, None, Capability::named(name).map_or(name, |known| known.words()).to_owned()));
    let rows = apps.chain(general).map(|(capability, on, words)| {
        let asked = [("account", id), ("do", capability)].into_iter().chain(on.map(|on| ("on", on)));
        let asked: Vec<(&str, &str)> = asked.collect();
        vec![Cell::text(show::capital(&words)), Cell::link(visitor.to("why", &asked), "why?")]
    });
    let table = Table::new("Rights", &["may", "reasons"]).nothing("Nothing.").rows(rows);
    let ask = Link::new(visitor.to("why", &[("account", id)]), "Ask about any right, on anything");
    let lead =
        "Freshly signed in, on nothing in particular; rights on objects and organisations are asked for one by one.";
    Section::new("What they may").lead(lead).with(table.into()).more(Some(ask))
}

/// Everything that the account holds, and who gave it.
fn grants(visitor: &Visitor, account: &Value, id: &str) -> Section {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut add = |what: &str, name: Cell, grant: &Value, take: Option<(&str, Vec<(&str, &str)>)>| {
        let take = take.filter(|_| !visitor.past()).map_or(Cell::Nothing, |(command, fields)| {
            let fields: Vec<(&str, &str)> = fields.into_iter().chain([("account", id)]).collect();
            Cell::Act { to: visitor.to_do(command, &fields), text: "Take away".to_owned() }
        });
        rows.push(vec![
            Cell::Line(vec![Cell::Soft(what.to_owned()), name, show::effective(grant)]),
            show::by(visitor, grant),
            show::cause(visitor, grant.get("since").unwrap_or(&Value::Null)),
            show::until(grant),
            take,
        ]);
    };
    if let Some(admin) = account.get("admin").filter(|admin| !admin.is_null()) {
        let to = visitor.to("why", &[("account", id), ("do", "dashboard.manage_admins")]);
        add("", Cell::link(to, "Admin User"), admin, Some(("remove_admin", vec![])));
    }
    for grant in json::list(account, "apps") {
        let app = json::text(grant, "app");
        let to = visitor.to("why", &[("account", id), ("do", "app.use"), ("on", app)]);
        add("app", Cell::link(to, app), grant, Some(("remove_app_user", vec![("app", app)])));
    }
    for grant in json::list(account, "roles") {
        let role = json::text(grant, "role");
        add(
            "role",
            Cell::link(visitor.to("roles", &[("role", role)]), role),
            grant,
            Some(("remove_role", vec![("role", role)])),
        );
    }
    for grant in json::list(account, "groups") {
        let group = json::text(grant, "group");
        let name = Cell::link(visitor.to("groups", &[("group", group)]), group);
        add("group", name, grant, Some(("remove_group_member", vec![("group", group)])));
    }
    for grant in json::list(account, "levels") {
        let (module, level) = (json::text(grant, "module"), json::number(grant, "level").unwrap_or_default());
        add(
            "level",
            Cell::text(format!("{module} {level}")),
            grant,
            Some(("set_level", vec![("module", module), ("level", "0")])),
        );
    }
    for grant in json::list(account, "content_authority") {
        let group = json::text(grant, "group");
        let taken = ("remove_content_authority_member", vec![("group", group)]);
        add("content authority", Cell::text(group), grant, Some(taken));
    }
    let organisations = account.get("organisations").unwrap_or(&Value::Null);
    for (field, what, command) in [
        ("administers", "administers", "remove_organisation_admin"),
        ("member_of", "member of", "remove_organisation_member"),
    ] {
        for grant in json::list(organisations, field) {
            let name = json::text(grant, "organisation");
            add(what, Cell::text(name), grant, Some((command, vec![("organisation", name)])));
        }
    }
    let columns = ["what", "given by", "since", "until", "change"];
    let table = Table::new("Grants", &columns).nothing("They were given nothing.").rows(rows);
    Section::new("What they were given").lead("Each grant with who gave it, by which entry.").with(table.into())
}

/// The entries that made the account what it is, newest first.
async fn life(visitor: &Visitor, id: &str) -> Result<Section, Told> {
    let found = visitor.shown(|shown| {
        let mut points = Vec::new();
        if let Some(who) = shown.views.names.accounts.get(id) {
            account_points(shown.views, who, shown.as_of, &mut points);
        }
        let entry = |cause: Cause| match cause {
            Cause::Entry(position) => Some(position.0),
            Cause::Clock(_) => None,
        };
        let mut positions: Vec<u64> = points.into_iter().filter_map(entry).collect();
        positions.sort_unstable_by(|one, other| other.cmp(one));
        positions.dedup();
        let count = positions.len();
        positions.truncate(LIFE);
        let rows = positions.into_iter().map(|position| life_row(visitor, shown, position, id));
        (rows.filter(|row| !row.is_empty()).collect::<Vec<_>>(), count)
    });
    let (rows, count) = found.await.map_err(|problem| visitor.told(problem.into()))?;
    let table = Table::new("What made the account what it is", &["entry", "when (UTC)", "what"]).rows(rows);
    let lead = if count > LIFE { format!("The latest {LIFE} of {count}.") } else { String::new() };
    let more = Link::new(visitor.to("timeline", &[("account", id)]), "The whole timeline, with what they did");
    Ok(Section::new("What happened to them").lead(lead).with(table.into()).more(Some(more)))
}

fn life_row(visitor: &Visitor, shown: &Shown<'_>, position: u64, id: &str) -> Vec<Cell> {
    let lines = journal::told_of(visitor, shown, Position(position), AccountId::new(id).ok().as_ref());
    if lines.is_empty() {
        return Vec::new();
    }
    let at = shown.views.timeline.at(Position(position)).to_string();
    let lines = lines.into_iter().map(Cell::Text).collect();
    vec![show::position(visitor, position), Cell::Moment(at), Cell::Stack(lines)]
}

/// What a capability is on, as a person is asked for it.
pub(crate) fn on_words(kind: OnKind) -> &'static str {
    match kind {
        OnKind::Nothing => "",
        OnKind::Account => "an account",
        OnKind::App => "an app",
        OnKind::Object => "an object",
        OnKind::Organisation => "an organisation",
        OnKind::Community => "a community",
        OnKind::Query => "a query",
    }
}

/// A mark for yes or no.
pub(crate) fn verdict(allowed: bool) -> Cell {
    if allowed { Cell::mark(Tone::Yes, "Yes") } else { Cell::mark(Tone::No, "No") }
}
