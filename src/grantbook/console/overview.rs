//! The first page: how the tenant stands. For whoever reads only their own, what they may and what happened to them.

use axum::response::{IntoResponse, Response};
use grantbook_events::Position;
use grantbook_inquiries::{findings_json, open_findings};
use serde_json::Value;

use super::json;
use super::page::Told;
use super::parts::{Body, Cell, Link, Note, Section, Table, Tone};
use super::visitor::Visitor;
use super::{book, integrity, journal, person, show};

/// How many recent entries and findings are shown.
const SHORT: usize = 8;

/// How far back the latest changes are looked for.
const MOST_LOOKED_AT: u64 = 5_000;

pub(crate) async fn page(visitor: Visitor) -> Result<Response, Told> {
    if !visitor.reader.reads_all() && !visitor.reader.reads_dashboard() {
        return person::own(visitor).await.map(IntoResponse::into_response);
    }
    let all = visitor.reader.reads_all();
    let (setup, admins) = (visitor.view("setup").await?, visitor.view("admins").await?);
    let tenant = setup.get("tenant").unwrap_or(&Value::Null);
    let mut page = visitor.page("Overview").lead(match json::maybe_text(tenant, "edition") {
        Some("2017") => "A tenant of edition 2017.",
        Some(_) => "How the tenant stands.",
        None => "Before its first entry a tenant is empty.",
    });
    if visitor.param("became") == "admin" {
        let words =
            "Yours was the first sign-in to the dashboard of this tenant (rule F1). No other sign-in does that again.";
        page = page.note(Note::new(Tone::Yes, "You are an Admin User", words));
    }
    if let Some(since) = admins.get("orphaned_since").filter(|since| !since.is_null()) {
        let words =
            format!("No Admin User is effective since {}. Support alone can mend that (rule F6).", plain(since));
        page = page.note(Note::new(Tone::No, "The tenant is orphaned", words));
    }
    if let Some(next) = json::maybe_text(&setup, "next") {
        let steps = json::list(&setup, "steps");
        let words =
            steps.iter().find(|step| json::text(step, "step") == next).map_or("", |step| json::text(step, "words"));
        page = page.note(Note::new(Tone::Key, "Set-up is not finished", format!("Next: {words}.")));
    }
    let mut row = vec![admins_section(&visitor, &admins)];
    if all {
        let findings = visitor.look("findings", |shown| findings_json(shown.as_of, &open_findings(shown))).await?;
        row.push(findings_section(&visitor, &findings));
    }
    page = page.beside(row);
    page = page.section(changes(&visitor, all).await?);
    let mut row = vec![standing(&visitor, tenant)];
    if !visitor.past() {
        row.push(integrity::section(&visitor).await?);
        page = page.export(visitor.data_at("integrity", &[]), "integrity");
    }
    page = page.beside(row);
    Ok(page
        .export(visitor.data("views/setup", &[]), "set-up")
        .export(visitor.data("views/admins", &[]), "Admin Users")
        .into_response())
}

/// The latest entries that changed something: sign-ins, reads and mails aside, where the reader may know.
async fn changes(visitor: &Visitor, all: bool) -> Result<Section, Told> {
    let more = Link::new(visitor.to("journal", &[]), "The whole journal");
    let mut entries = Vec::new();
    if all {
        let moving = visitor.shown(|shown| {
            let (timeline, last) = (&shown.views.timeline, shown.position().0);
            let latest = (last.saturating_sub(MOST_LOOKED_AT)..=last).rev().map(Position);
            latest.filter(|position| timeline.moves(*position)).take(SHORT).collect::<Vec<_>>()
        });
        for position in moving.await.unwrap_or_default() {
            entries.push(visitor.ask(&format!("events/{position}"), &[]).await?);
        }
    } else {
        let limit = SHORT.to_string();
        let recent = visitor.ask("events", &[("order", "desc"), ("limit", &limit)]).await?;
        entries.extend_from_slice(json::list(&recent, "entries"));
    }
    let table = journal::table(visitor, &entries).await.nothing("There is none yet.");
    Ok(Section::new("What was changed last").with(table.into()).more(Some(more)))
}

fn plain(cause: &Value) -> String {
    match (json::number(cause, "position"), json::maybe_text(cause, "clock")) {
        (Some(position), _) => format!("entry {position}"),
        (None, clock) => clock.unwrap_or_default().to_owned(),
    }
}

fn admins_section(visitor: &Visitor, admins: &Value) -> Section {
    let rows = json::list(admins, "admins").iter().take(SHORT).map(|admin| {
        vec![
            show::person(visitor, admin),
            show::effective(admin),
            show::by(visitor, admin),
            show::cause(visitor, admin.get("since").unwrap_or(&Value::Null)),
        ]
    });
    let table =
        Table::new("Admin Users", &["who", "state", "given by", "since"]).nothing("There is none yet.").rows(rows);
    let more = Link::new(visitor.to("admins", &[]), "All about the Admin Users");
    Section::new("Admin Users").with(table.into()).more(Some(more))
}

fn findings_section(visitor: &Visitor, findings: &Value) -> Section {
    let open = json::list(findings, "findings");
    let rows = open.iter().rev().take(SHORT).map(|finding| book::short_row(visitor, finding));
    let table = Table::new("Open findings", &["what to look at", "whom", "since"])
        .nothing("Nothing that somebody should look at.")
        .rows(rows);
    let title = format!("Findings ({} open)", open.len());
    let more = Link::new(visitor.to("findings", &[]), "All findings");
    Section { id: "findings".to_owned(), ..Section::new(title) }.with(table.into()).more(Some(more))
}

/// What the tenant is, and how far its journal reaches.
fn standing(visitor: &Visitor, tenant: &Value) -> Section {
    let mut facts = vec![("Cloud ID".to_owned(), Cell::Code(visitor.signed.cloud_id.clone()))];
    for (name, words) in [("edition", "edition"), ("customer", "customer"), ("first_admin", "named first account")] {
        facts.extend(json::maybe_text(tenant, name).map(|text| (words.to_owned(), Cell::text(text))));
    }
    if let Some(closed) = tenant.get("closed") {
        facts.push(("closed".to_owned(), show::cause(visitor, closed)));
    }
    let entries = format!("{} entries", visitor.seen.position.0);
    facts.push(("journal".to_owned(), Cell::link(visitor.to("journal", &[]), entries)));
    Section::new("The tenant").with(Body::Facts(facts))
}
