//! Every view there is, also those that have no page of their own; and what pages show as data.

use axum::extract::Path;
use axum::http::header::{CONTENT_DISPOSITION, HeaderValue};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use grantbook_inquiries::VIEWS;

use super::page::{Page, Told};
use super::parts::{Cell, Section, Table};
use super::show;
use super::visitor::{Signed, Visitor};

pub(crate) async fn list(visitor: Visitor) -> Result<Page, Told> {
    let rows = VIEWS.iter().map(|(name, words)| {
        vec![
            Cell::link(visitor.to(&format!("view/{name}"), &[]), show::capital(&show::words(name))),
            Cell::text(*words),
        ]
    });
    let table = Table::new("Views", &["view", "what it tells"]).rows(rows);
    let lead = "What the history means, view by view. Nothing of it is stored: it is computed from the entries, as of any point.";
    Ok(visitor.page("All views").lead(lead).section(Section::new("Views").with(table.into())))
}

/// Views with a page of their own, which shows the view a part at a time, or better than as it comes.
const ELSEWHERE: &[(&str, &str)] = &[
    ("accounts", "people"),
    ("admins", "admins"),
    ("app-users", "apps"),
    ("background-account", "background"),
    ("findings", "findings"),
    ("groups", "groups"),
    ("objects", "objects"),
    ("organisations", "organisations"),
    ("reviews", "reviews"),
    ("roles", "roles"),
    ("settings", "settings"),
    ("setup", "setup"),
    ("subscriptions", "apps"),
];

pub(crate) async fn page(visitor: Visitor, Path((_, name)): Path<(String, String)>) -> Result<Response, Told> {
    if let Some((_, page)) = ELSEWHERE.iter().find(|(view, _)| *view == name) {
        return Ok(Redirect::to(&visitor.to(page, &[])).into_response());
    }
    let Some((name, words)) = VIEWS.iter().find(|(view, _)| *view == name) else {
        return Err(visitor.nothing_here("there is no such view"));
    };
    let answer = visitor.view(name).await?;
    let title = show::capital(&show::words(name));
    let mut page = visitor.page(&*title).lead(format!("{}.", show::capital(words)));
    for section in show::sections(&visitor, &title, &answer) {
        page = page.section(section);
    }
    Ok(page.export(visitor.data(&format!("views/{name}"), &[]), "JSON").into_response())
}

/// A page that there is not.
pub(crate) async fn missing(visitor: Visitor) -> Told {
    visitor.nothing_here("there is no such page: the list of pages has those that there are")
}

/// A question of the API, asked with the session's cookie, so that a link can lead to it. What may not be asked there is
/// refused here alike.
pub(crate) async fn data(signed: Signed, Path((_, path)): Path<(String, String)>, uri: Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let parts: Vec<String> = path.split('/').map(super::ask::encoded).collect();
    let address = signed.api(&format!("{}{query}", parts.join("/")));
    match signed.asker.passed_on(Method::GET, &address, None, None).await {
        Ok(mut response) => {
            let name: String =
                parts.join("-").chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
            let ending = if query.contains("format=ndjson") { "jsonl" } else { "json" };
            let file = format!("attachment; filename=\"{}-{name}.{ending}\"", signed.cloud_id);
            // A page to print is opened, a picture shown.
            let shown = query.contains("format=html") || query.contains("format=svg");
            if let (true, Ok(file)) = (response.status().is_success() && !shown, HeaderValue::from_str(&file)) {
                response.headers_mut().insert(CONTENT_DISPOSITION, file);
            }
            response
        }
        Err(trouble) => super::door::closed(trouble.status, &trouble.detail).into_response(),
    }
}
