//! Whoever opens a page: signed in, looking from a point in time.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use grantbook_inquiries::Shown;
use grantbook_ledger::Point;
use serde_json::Value;

use super::ask::{Asker, Trouble, address};
use super::forms::Given;
use super::page::{Group, NavLink, Page, Shell, Told};
use super::parts::{Note, Tone};
use super::when::{self, Seen, When};
use super::{Console, assets, cookies, door};
use crate::api::{Api, Problem, Reader, Visit};

/// A request of a browser that has a session in a tenant, whatever that session may.
pub(crate) struct Signed {
    pub(crate) cloud_id: String,
    pub(crate) asker: Asker,
    pub(crate) csrf: String,
    pub(crate) headers: HeaderMap,
    /// The secret that its forms are made from.
    token: zeroize::Zeroizing<String>,
}

impl FromRequestParts<Console> for Signed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Signed, Response> {
        let cloud_id = parts.uri.path().split('/').nth(2).unwrap_or_default().to_owned();
        let Some(token) = cookies::token(&parts.headers, &cloud_id) else {
            return Err(door::sent(&cloud_id, parts.uri.path_and_query(), false));
        };
        Ok(Signed {
            asker: Asker::of(&console.asked, parts, Some(token.clone())),
            csrf: cookies::form_secret(&token),
            headers: parts.headers.clone(),
            cloud_id,
            token,
        })
    }
}

impl Signed {
    /// Whether a form with this secret is one of the session's own.
    pub(crate) fn is_ours(&self, given: &str) -> bool {
        cookies::is_ours(&self.headers, &self.token, given)
    }

    /// The path of something of the tenant's in the API.
    pub(crate) fn api(&self, path: &str) -> String {
        format!("/v1/tenants/{}/{path}", super::ask::encoded(&self.cloud_id))
    }
}

/// Whoever opens a page within the frame.
pub(crate) struct Visitor {
    pub(crate) signed: Signed,
    pub(crate) reader: Reader,
    /// Of whoever is signed in.
    pub(crate) own: String,
    pub(crate) name: String,
    /// The page's path below the tenant.
    page: String,
    /// What its address says, the point in time aside.
    params: Vec<(String, String)>,
    /// The point in time, as links carry it; `None` for now.
    pub(crate) as_of: Option<String>,
    /// The same, as the questions of this page ask it: all from one point, also where that is now.
    point: String,
    pub(crate) seen: Seen,
    /// What was wrong with the point in time.
    notes: Vec<Note>,
}

impl FromRequestParts<Console> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Visitor, Response> {
        let signed = Signed::from_request_parts(parts, console).await?;
        let asked_for = parts.uri.path_and_query().cloned();
        let dead = |problem: Problem| {
            let trouble = super::page::sentence(problem.detail());
            match (problem.status().as_u16(), problem.rule()) {
                (401, _) => door::sent(&signed.cloud_id, asked_for.as_ref(), true),
                // A session for enrolling a second factor alone has one page.
                (403, Some("S6")) => Redirect::to(&format!("/t/{}/enrol", signed.cloud_id)).into_response(),
                (status, _) => door::closed(status, &trouble), // any other is told as it is
            }
        };
        let reader = match visit(parts, console, &signed).await {
            Ok(visit) => Reader::of(&visit, &signed.cloud_id).await.map_err(dead)?,
            Err(problem) => return Err(dead(problem)),
        };
        let mut params = pairs(parts.uri.query().unwrap_or_default());
        let mut take = |name: &str| {
            let index = params.iter().position(|(given, _)| given == name)?;
            Some(params.remove(index).1)
        };
        let (step, as_of) = (take("step"), take("as_of"));
        let mut notes = Vec::new();
        let as_of = as_of.map_or(Ok(None), |text| when::read(&text)).unwrap_or_else(|wrong| {
            notes.push(Note::new(Tone::No, "You are looking at now", super::page::sentence(&wrong)).alert());
            None
        });
        let point = as_of.as_deref().and_then(|text| Point::parse(text).ok()).unwrap_or_default();
        let own = reader.account().map(|own| own.as_str().to_owned()).unwrap_or_default();
        let looked = look_around(&reader, point, &own).await;
        let (seen, name, as_of) = match looked {
            Ok((seen, name)) => (seen, name, as_of),
            // A position that is not there yet: now is shown, and why.
            Err(problem) if problem.status().as_u16() == 404 => {
                notes.push(
                    Note::new(Tone::No, "You are looking at now", super::page::sentence(problem.detail())).alert(),
                );
                let (seen, name) = look_around(&reader, Point::Now, &own).await.map_err(dead)?;
                (seen, name, None)
            }
            Err(problem) => return Err(dead(problem)),
        };
        let prefix = format!("/t/{}", signed.cloud_id);
        let page = parts.uri.path().strip_prefix(&prefix).unwrap_or_default().trim_start_matches('/').to_owned();
        let point = as_of.clone().unwrap_or_else(|| seen.clock.to_string());
        let visitor = Visitor { signed, reader, own, name, page, params, as_of, point, seen, notes };
        if let Some(step) = step {
            return Err(visitor.moved_to(&step));
        }
        Ok(visitor)
    }
}

/// The request as the API sees it.
async fn visit(parts: &mut Parts, console: &Console, signed: &Signed) -> Result<Visit, Problem> {
    let mut parts = parts.clone();
    let bearer = format!("Bearer {}", signed.token.as_str());
    let bearer = bearer.parse().map_err(|_| Problem::not_signed_in())?;
    parts.headers.insert(AUTHORIZATION, bearer);
    // The page's own parameters are not the API's.
    parts.uri = axum::http::Uri::from_static("/");
    Visit::from_request_parts(&mut parts, &Api::clone(&console.api)).await
}

/// Where the point lies, and what the visitor is called.
async fn look_around(reader: &Reader, point: Point, own: &str) -> Result<(Seen, String), Problem> {
    let (tenant, counted) = (&reader.tenant, reader.reads_all());
    let last = tenant.last();
    let looked = tenant.ask(point, |views, as_of| {
        let who = views.names.accounts.get(own);
        // Whoever looks is called as they are now, whatever they look at.
        let name = who.and_then(|who| views.accounts.full_name(who, last)).and_then(|name| tenant.open(name));
        let name = name.unwrap_or_else(|| own.to_owned());
        (Seen::of(&views.timeline, as_of, last.max(as_of.position), counted), name)
    });
    Ok(looked.await?)
}

/// The pairs of a query or of a form.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

impl Visitor {
    /// The page at where the slider was moved to.
    fn moved_to(&self, step: &str) -> Response {
        let as_of = step.parse().ok().and_then(|step| self.seen.at_step(step));
        let mut query: Vec<(&str, &str)> = self.kept().collect();
        query.extend(as_of.as_deref().map(|as_of| ("as_of", as_of)));
        Redirect::to(&address(&self.path(&self.page), &query)).into_response()
    }

    fn kept(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What the page's address says under a name; empty where it says nothing.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    /// Every value that the page's address says under a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.params.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// What the page's address says, as a form.
    pub(crate) fn given(&self) -> Given {
        Given::of(&self.params)
    }

    /// From where the questions of the page look, now included.
    pub(crate) fn point(&self) -> &str {
        &self.point
    }

    /// Whether the page looks at the past: what can be done is done now, and is not offered there.
    pub(crate) fn past(&self) -> bool {
        self.as_of.is_some()
    }

    fn path(&self, page: &str) -> String {
        let slash = if page.is_empty() { "" } else { "/" };
        format!("/t/{}{slash}{page}", self.signed.cloud_id)
    }

    /// The address of another page, from the same point in time.
    pub(crate) fn to(&self, page: &str, query: &[(&str, &str)]) -> String {
        let mut query = query.to_vec();
        query.extend(self.as_of.as_deref().map(|as_of| ("as_of", as_of)));
        address(&self.path(page), &query)
    }

    /// The address of another page as of another point.
    pub(crate) fn to_then(&self, page: &str, as_of: &str) -> String {
        address(&self.path(page), &[("as_of", as_of)])
    }

    /// The form that gives a command, with what is known of it.
    pub(crate) fn to_do(&self, command: &str, fields: &[(&str, &str)]) -> String {
        address(&self.path(&format!("do/{command}")), fields)
    }

    /// The address of a question of the API as data, from the same point in time.
    pub(crate) fn data(&self, what: &str, query: &[(&str, &str)]) -> String {
        let mut query = query.to_vec();
        query.extend(self.as_of.as_deref().map(|as_of| ("as_of", as_of)));
        address(&self.path(&format!("data/{what}")), &query)
    }

    /// The same, of a question that says itself from where it looks.
    pub(crate) fn data_at(&self, what: &str, query: &[(&str, &str)]) -> String {
        address(&self.path(&format!("data/{what}")), query)
    }

    /// A page of this visitor's.
    pub(crate) fn page(&self, title: impl Into<String>) -> Page {
        Page::new(self.shell(), title).notes(self.notes.clone())
    }

    /// What is told instead of a page.
    pub(crate) fn told(&self, trouble: Trouble) -> Told {
        Told::new(self.shell(), trouble)
    }

    pub(crate) fn nothing_here(&self, detail: impl Into<String>) -> Told {
        self.told(Trouble::new(404, "There is no such thing", detail))
    }

    /// Asks the API about the tenant, as of the page's point in time.
    pub(crate) async fn ask(&self, what: &str, query: &[(&str, &str)]) -> Result<Value, Told> {
        self.try_ask(what, query).await.map_err(|trouble| self.told(trouble))
    }

    /// The same, where a refusal is part of the page.
    pub(crate) async fn try_ask(&self, what: &str, query: &[(&str, &str)]) -> Result<Value, Trouble> {
        let mut query = query.to_vec();
        query.push(("as_of", &self.point));
        self.signed.asker.get(&self.signed.api(what), &query).await
    }

    /// Asks the API a question that has a body, as of the page's point in time.
    pub(crate) async fn try_post(&self, what: &str, body: &Value) -> Result<Value, Trouble> {
        self.signed.asker.post(&self.signed.api(what), &[("as_of", &self.point)], body).await
    }

    /// Asks for a view.
    pub(crate) async fn view(&self, name: &str) -> Result<Value, Told> {
        self.ask(&format!("views/{name}"), &[]).await
    }

    /// Asks the views themselves what no question of the API asks: a part of the view `name`, by its right.
    pub(crate) async fn look<R>(&self, name: &str, question: impl FnOnce(&Shown<'_>) -> R) -> Result<R, Told> {
        let found = async {
            self.reader.may_see_view(name).await?;
            self.shown(question).await
        };
        found.await.map_err(|problem| self.told(problem.into()))
    }

    /// Asks the views what the visitor was found to be allowed.
    pub(crate) async fn shown<R>(&self, question: impl FnOnce(&Shown<'_>) -> R) -> Result<R, Problem> {
        let point = Point::parse(&self.point).unwrap_or_default();
        let tenant = &self.reader.tenant;
        Ok(tenant.ask(point, |views, as_of| crate::api::shown(tenant, views, as_of, question)).await?)
    }

    fn shell(&self) -> Shell {
        let own = format!("people/{}", self.own);
        let kept = self.params.clone();
        let here = self.path(&self.page);
        let query: Vec<(&str, &str)> = self.kept().chain(self.as_of.as_deref().map(|as_of| ("as_of", as_of))).collect();
        Shell {
            tenant: self.signed.cloud_id.clone(),
            version: assets::version(),
            home: self.to("", &[]),
            own: self.to(&own, &[]),
            name: self.name.clone(),
            own_id: self.own.clone(),
            csrf: self.signed.csrf.clone(),
            nav: self.nav(&own),
            address: address(&here, &query),
            when: When::new(&self.seen, self.past(), here, kept),
        }
    }

    /// The pages that this visitor may read. Others are there too, and say which rule refuses.
    fn nav(&self, own: &str) -> Vec<Group> {
        let (all, dashboard) = (self.reader.reads_all(), self.reader.reads_dashboard());
        let finds = self.reader.finds_accounts();
        let groups = [
            (
                None,
                vec![
                    ("", "Overview", true),
                    (own, "My rights", true),
                    ("do", "Do something", true),
                    ("journal", "Journal", true),
                ],
            ),
            (
                Some("Who may what"),
                vec![
                    ("people", "People", finds),
                    ("who-can", "Who can", all),
                    ("admins", "Admin Users", dashboard),
                    ("apps", "Apps", dashboard),
                    ("background", "Background Account", dashboard),
                    ("roles", "Roles", all),
                    ("groups", "Groups", all),
                    ("view/organisations", "Organisations", all),
                    ("objects", "Objects", all),
                    ("view", "Other views", all),
                ],
            ),
            (
                Some("Then and now"),
                vec![
                    ("time", "Time machine", all),
                    ("timeline", "Timeline", true),
                    ("compare", "Compare", all),
                    ("investigate", "Investigate", all),
                    ("what-if", "What if", all),
                ],
            ),
            (
                Some("The tenant"),
                vec![
                    ("reviews", "Reviews", true),
                    ("setup", "Set-up", dashboard),
                    ("findings", "Findings", all),
                    ("settings", "Settings", all),
                ],
            ),
        ];
        let linked = groups.into_iter().map(|(title, links)| {
            let links = links.into_iter().filter(|(_, _, open)| *open).map(|(page, text, _)| {
                let current = self.page == page || (!page.is_empty() && self.page.starts_with(&format!("{page}/")));
                let current = current || (page == "people" && self.page.starts_with("people/") && self.page != own);
                NavLink { to: self.to(page, &[]), text, current: current && (page != "people" || self.page != own) }
            });
            Group { title, links: links.collect() }
        });
        linked.filter(|group| !group.links.is_empty()).collect()
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Trouble {
        Trouble::of(problem.status().as_u16(), &problem.json())
    }
}
