//! Enrolling a second factor: the one page of a session that may do nothing else (rule: S6), and open to every other.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::ask::{Trouble, address};
use super::door::{field, line, not_ours};
use super::forms::Given;
use super::json;
use super::page::{DoorPage, refusal};
use super::parts::{Button, Link, Note, Sheet, Tone};
use super::visitor::Signed;

const LEAD: &str =
    "An authenticator app shows a new code of six digits every 30 seconds; from then on you sign in with it.";

/// How a second factor is enrolled.
pub(crate) async fn page(signed: Signed) -> Response {
    first_page(&signed).answer(StatusCode::OK)
}

fn first_page(signed: &Signed) -> DoorPage {
    let buttons = vec![Button::main("enrol", "Show me a key")];
    let mut page = DoorPage::new("Enrol a second factor", LEAD, sheet(signed, Vec::new(), buttons));
    page.links.push(Link::new(format!("/t/{}", signed.cloud_id), "Not now"));
    page
}

fn sheet(signed: &Signed, fields: Vec<super::parts::Field>, buttons: Vec<Button>) -> Sheet {
    let to = format!("/t/{}/enrol", signed.cloud_id);
    Sheet { to, csrf: Some(signed.csrf.clone()), hidden: Vec::new(), fields, buttons }
}

/// Shows a key this once, then takes the first code it makes.
pub(crate) async fn enrol(signed: Signed, body: Body) -> Response {
    let given = Given::read(body).await;
    if !signed.is_ours(given.text("csrf")) {
        return failed(first_page(&signed), &not_ours());
    }
    let code = given.text("code").trim();
    let command = match code {
        "" => json!({"name": "enrol_second_factor"}),
        code => json!({"name": "confirm_second_factor", "code": code}),
    };
    match (signed.asker.post(&signed.api("commands"), &[], &command).await, code) {
        (Ok(answer), "") => {
            second_page(&signed, answer.get("second_factor").unwrap_or(&Value::Null)).answer(StatusCode::OK)
        }
        (Ok(_), _) => Redirect::to(&address("/", &[("tenant", &signed.cloud_id), ("why", "enrolled")])).into_response(),
        (Err(trouble), "") => failed(first_page(&signed), &trouble),
        (Err(trouble), _) => failed(code_page(&signed), &trouble),
    }
}

fn code_page(signed: &Signed) -> DoorPage {
    let code = field("code", "Code", "The six digits that the app shows now.", line("text", "", "one-time-code"));
    let buttons = vec![Button::main("confirm", "Confirm")];
    DoorPage::new("Enrol a second factor", LEAD, sheet(signed, vec![code], buttons))
}

fn second_page(signed: &Signed, shown: &Value) -> DoorPage {
    let mut page = code_page(signed);
    let secret = json::text(shown, "secret");
    let letters: Vec<char> = secret.chars().collect();
    let grouped: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
    let mut note = Note::new(Tone::Past, "Your key, shown this once", grouped.join(" "));
    note.lines.push("Type it into the app, or open the link below on the device that has it.".to_owned());
    page.notes.push(note);
    page.links.push(Link::new(json::text(shown, "otpauth"), "Open in an authenticator app"));
    page
}

fn failed(mut page: DoorPage, trouble: &Trouble) -> Response {
    page.notes.push(refusal(trouble));
    page.answer(StatusCode::from_u16(trouble.status).unwrap_or(StatusCode::BAD_REQUEST))
}
