//! Signing in and out, and the doors beside: changing a password, asking for a new one. The same doors as the API's.

use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{ACCEPT, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::ask::{Asker, Trouble, address, encoded};
use super::forms::Given;
use super::page::{DoorPage, refusal};
use super::parts::{Button, Field, Input, Link, Note, Pick, Sheet, Tone};
use super::visitor::{Signed, pairs};
use super::{Console, cookies, json};

/// A request of a browser that need not be signed in.
pub(crate) struct Guest {
    asker: Asker,
    headers: HeaderMap,
    params: Vec<(String, String)>,
    /// What the tabs of this browser share.
    browser: String,
}

impl FromRequestParts<Console> for Guest {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Guest, Self::Rejection> {
        Ok(Guest {
            asker: Asker::of(&console.asked, parts, None),
            browser: cookies::browser(&parts.headers),
            params: pairs(parts.uri.query().unwrap_or_default()),
            headers: parts.headers.clone(),
        })
    }
}

impl Guest {
    fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    fn is_ours(&self, given: &Given) -> bool {
        cookies::is_ours(&self.headers, &self.browser, given.text("csrf"))
    }

    fn sheet(&self, to: &str, fields: Vec<Field>, button: &str) -> Sheet {
        let csrf = Some(cookies::form_secret(&self.browser));
        Sheet { to: to.to_owned(), csrf, hidden: Vec::new(), fields, buttons: vec![Button::main("go", button)] }
    }

    /// A page at the door; the browser is known from now on.
    fn answer(&self, page: &DoorPage, status: StatusCode) -> Response {
        with_cookie(page.answer(status), cookies::keep_browser(&self.headers, &self.browser))
    }
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// What was given in a form at a door, so that it need not be typed again.
#[derive(Default)]
struct Typed<'a> {
    tenant: &'a str,
    username: &'a str,
    platform: bool,
    to: &'a str,
}

/// The sign-in page, or where there is one session, its tenant. Programs are told what this is.
pub(crate) async fn start(State(console): State<Console>, guest: Guest) -> Response {
    let _ = &console;
    if !takes_pages(&guest.headers) {
        return crate::api::about().await.into_response();
    }
    let tenants = cookies::tenants(&guest.headers);
    let tenant = guest.param("tenant");
    if let ([one], "") = (tenants.as_slice(), tenant) {
        return Redirect::to(&format!("/t/{}", encoded(one))).into_response();
    }
    let note = match guest.param("why") {
        "over" => Some(Note::new(Tone::Past, "Your session is over", "Sign in to go on where you were.")),
        "out" => Some(Note::new(Tone::Yes, "You are signed out", "")),
        "changed" => Some(Note::new(Tone::Yes, "The password is changed", "Sign in with the new one.")),
        "enrolled" => {
            Some(Note::new(Tone::Yes, "The second factor is enrolled", "Sign in with the next code it shows."))
        }
        "mailed" => Some(Note::new(
            Tone::Yes,
            "A mail may be on its way",
            "If there is such an account, and it has an address, a mail with a link is on its way to it.",
        )),
        _ => None, // any other is nothing to say
    };
    let typed = Typed { tenant, to: guest.param("to"), ..Typed::default() };
    let mut page = sign_in_page(&guest, &typed);
    page.notes.extend(note);
    // A session that is over is none to go on in.
    for tenant in tenants.into_iter().filter(|other| other != tenant) {
        page.links.insert(0, Link::new(format!("/t/{}", encoded(&tenant)), format!("Go on in {tenant}")));
    }
    guest.answer(&page, StatusCode::OK)
}

/// Whether whoever asks shows pages to a person: browsers say so, programs do not.
fn takes_pages(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    accepted.any(|accept| accept.contains("text/html"))
}

/// An address at which there is nothing. Programs are told so by the API.
pub(crate) async fn nowhere(method: Method, headers: HeaderMap) -> Response {
    if !method.is_safe() || !takes_pages(&headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let words = "The address may be mistyped, or from a link that is cut short.";
    words_alone(StatusCode::NOT_FOUND, "Nothing is here", words, "To the console")
}

/// The address that the sign-in form is sent to, opened as a page: the form is at the start.
pub(crate) async fn back() -> Redirect {
    Redirect::to("/")
}

fn sign_in_page(guest: &Guest, typed: &Typed<'_>) -> DoorPage {
    let pick = |value: &str, text: &str, picked| Pick { value: value.to_owned(), text: text.to_owned(), picked };
    let planes = vec![pick("dashboard", "Dashboard", !typed.platform), pick("platform", "Platform", typed.platform)];
    let fields = vec![
        field("tenant", "Tenant", "The Cloud ID, such as abcimis.", line("text", typed.tenant, "organization")),
        field("username", "Username", "", line("text", typed.username, "username")),
        field("password", "Password", "", line("password", "", "current-password")),
        Field {
            required: false,
            ..field("code", "Code", "Six digits, where you have a second factor.", line("text", "", "one-time-code"))
        },
        field(
            "plane",
            "Sign in to",
            "MANAGER and people without RemoteService sign in to the platform.",
            Input::Radios(planes),
        ),
    ];
    let mut sheet = guest.sheet("/sign-in", fields, "Sign in");
    if !typed.to.is_empty() {
        sheet.hidden.push(("to".to_owned(), typed.to.to_owned()));
    }
    let mut page = DoorPage::new("Sign in", "The book in which every grant of a right is written.", sheet);
    let at = |path: &str| address(path, &[("tenant", typed.tenant)]);
    page.links.push(Link::new(at("/forgot-password"), "Forgot your password?"));
    page.links.push(Link::new(at("/change-password"), "Change your password"));
    page
}

pub(crate) fn line(kind: &'static str, value: &str, fill: &'static str) -> Input {
    Input::Line { kind, value: value.to_owned(), hint: String::new(), list: Vec::new(), fill }
}

pub(crate) fn field(name: &str, label: &str, words: &str, input: Input) -> Field {
    Field {
        name: name.to_owned(),
        label: label.to_owned(),
        words: words.to_owned(),
        required: true,
        input,
        wrong: None,
    }
}

/// Signs somebody in.
pub(crate) async fn sign_in(guest: Guest, body: Body) -> Response {
    let given = Given::read(body).await;
    let (tenant, username) = (given.text("tenant").trim().to_ascii_lowercase(), given.text("username").trim());
    let platform = given.text("plane") == "platform";
    let typed = Typed { tenant: &tenant, username, platform, to: given.text("to") };
    let failed = |trouble: &Trouble| {
        let mut page = sign_in_page(&guest, &typed);
        page.notes.push(refusal(trouble));
        guest.answer(&page, StatusCode::from_u16(trouble.status).unwrap_or(StatusCode::BAD_REQUEST))
    };
    if !guest.is_ours(&given) {
        return failed(&not_ours());
    }
    let code = Some(given.text("code").trim()).filter(|code| !code.is_empty());
    let credentials = json!({
        "username": username, "password": given.text("password"), "code": code, "client": "browser",
        "plane": if platform { "platform" } else { "dashboard" }, "browser": guest.browser,
    });
    let path = format!("/v1/tenants/{}/sign-in", encoded(&tenant));
    let answer = match guest.asker.post(&path, &[], &credentials).await {
        Ok(answer) => answer,
        Err(trouble) => return failed(&trouble),
    };
    if json::yes(&answer, "must_change_password") {
        let mut page = change_password_page(&guest, &tenant, username);
        let words = "Somebody else set it, so it opens nothing but this door (rule C16).";
        page.notes.push(Note::new(Tone::Past, "Choose a password of your own first", words).alert());
        return guest.answer(&page, StatusCode::OK);
    }
    let home = format!("/t/{}", encoded(&tenant));
    // Only to a page of this tenant: an address from elsewhere leads nowhere.
    let own_page =
        |to: &&str| **to == home || to.starts_with(&format!("{home}/")) || to.starts_with(&format!("{home}?"));
    let to = if json::yes(&answer, "must_enrol_second_factor") {
        format!("{home}/enrol")
    } else if json::yes(&answer, "became_admin") {
        format!("{home}?became=admin")
    } else {
        Some(typed.to).filter(own_page).unwrap_or(&home).to_owned()
    };
    let response = Redirect::to(&to).into_response();
    let response = with_cookie(response, cookies::keep(&guest.headers, &tenant, json::text(&answer, "token")));
    with_cookie(response, cookies::keep_browser(&guest.headers, &guest.browser))
}

/// A form that does not come from a page of the console.
pub(crate) fn not_ours() -> Trouble {
    Trouble::new(
        403,
        "This form is not the console's",
        "the form did not come from a page of this session: open the page again and send it from there",
    )
}

/// Ends the session.
pub(crate) async fn sign_out(signed: Signed, body: Body) -> Response {
    let given = Given::read(body).await;
    if !signed.is_ours(given.text("csrf")) {
        return closed(403, &not_ours().detail);
    }
    // A session that is over already is signed out as well.
    let _ = signed.asker.post(&signed.api("sign-out"), &[], &json!({})).await;
    let to = address("/", &[("tenant", &signed.cloud_id), ("why", "out")]);
    with_cookie(Redirect::to(&to).into_response(), cookies::forget(&signed.headers, &signed.cloud_id))
}

/// Sends somebody without a session to the door; they come back to where they wanted.
pub(crate) fn sent(cloud_id: &str, wanted: Option<&PathAndQuery>, over: bool) -> Response {
    let to = wanted.map_or("", PathAndQuery::as_str);
    let mut query = vec![("tenant", cloud_id), ("to", to)];
    if over {
        query.push(("why", "over"));
    }
    Redirect::to(&address("/", &query)).into_response()
}

/// A page of words alone, where there is no frame to show them in.
pub(crate) fn closed(status: u16, words: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    words_alone(status, "Not as asked", words, "To the sign-in page")
}

/// A page of a title, words, and where to go from there: to the start.
fn words_alone(status: StatusCode, title: &str, words: &str, to_the_start: &str) -> Response {
    let sheet = Sheet { to: "/".to_owned(), csrf: None, hidden: vec![], fields: vec![], buttons: vec![] };
    let mut page = DoorPage::new(title, words, sheet);
    page.links.push(Link::new("/", to_the_start));
    page.answer(status)
}

fn change_password_page(guest: &Guest, tenant: &str, username: &str) -> DoorPage {
    let fields = vec![
        field("tenant", "Tenant", "", line("text", tenant, "organization")),
        field("username", "Username", "", line("text", username, "username")),
        field("old", "Password until now", "", line("password", "", "current-password")),
        field("new", "New password", "", line("password", "", "new-password")),
        Field {
            required: false,
            ..field("code", "Code", "Six digits, where you have a second factor.", line("text", "", "one-time-code"))
        },
    ];
    let sheet = guest.sheet("/change-password", fields, "Change the password");
    let mut page = DoorPage::new("Change your password", "", sheet);
    page.links.push(Link::new(address("/", &[("tenant", tenant)]), "Back to signing in"));
    page
}

pub(crate) async fn change_page(guest: Guest) -> Response {
    guest.answer(&change_password_page(&guest, guest.param("tenant"), ""), StatusCode::OK)
}

/// Changes a password at the guest door (rule: C16).
pub(crate) async fn change_password(guest: Guest, body: Body) -> Response {
    let given = Given::read(body).await;
    let (tenant, username) = (given.text("tenant").trim().to_ascii_lowercase(), given.text("username").trim());
    let code = Some(given.text("code").trim()).filter(|code| !code.is_empty());
    let wish = json!({"username": username, "old": given.text("old"), "new": given.text("new"), "code": code});
    let path = format!("/v1/tenants/{}/change-password", encoded(&tenant));
    let done = match guest.is_ours(&given) {
        true => guest.asker.post(&path, &[], &wish).await,
        false => Err(not_ours()),
    };
    match done {
        Ok(_) => Redirect::to(&address("/", &[("tenant", &tenant), ("why", "changed")])).into_response(),
        Err(trouble) => {
            let mut page = change_password_page(&guest, &tenant, username);
            page.notes.push(refusal(&trouble));
            guest.answer(&page, StatusCode::from_u16(trouble.status).unwrap_or(StatusCode::BAD_REQUEST))
        }
    }
}

fn forgot_password_page(guest: &Guest, tenant: &str) -> DoorPage {
    let fields = vec![
        field("tenant", "Tenant", "", line("text", tenant, "organization")),
        field("username", "Username", "", line("text", "", "username")),
    ];
    let sheet = guest.sheet("/forgot-password", fields, "Ask for a mail");
    let lead = "A link by which you choose a new one is sent to the address of your credentials.";
    let mut page = DoorPage::new("Forgot your password?", lead, sheet);
    page.links.push(Link::new(address("/", &[("tenant", tenant)]), "Back to signing in"));
    page
}

pub(crate) async fn forgot_page(guest: Guest) -> Response {
    guest.answer(&forgot_password_page(&guest, guest.param("tenant")), StatusCode::OK)
}

/// Asks for a reset: the answer is the same whether there is such an account or not (rule: P1).
pub(crate) async fn forgot_password(guest: Guest, body: Body) -> Response {
    let given = Given::read(body).await;
    let tenant = given.text("tenant").trim().to_ascii_lowercase();
    let path = format!("/v1/tenants/{}/forgot-password", encoded(&tenant));
    let asked = match guest.is_ours(&given) {
        true => guest.asker.post(&path, &[], &json!({"username": given.text("username").trim()})).await,
        false => Err(not_ours()),
    };
    match asked {
        Ok(_) => Redirect::to(&address("/", &[("tenant", &tenant), ("why", "mailed")])).into_response(),
        Err(trouble) => {
            let mut page = forgot_password_page(&guest, &tenant);
            page.notes.push(refusal(&trouble));
            guest.answer(&page, StatusCode::from_u16(trouble.status).unwrap_or(StatusCode::BAD_REQUEST))
        }
    }
}
