//! The webhooks, since when each fails and what was given up for it, as the book tells it. How far each is at the moment is
//! nothing of the book: whoever serves puts it into `delivery`.

use grantbook_events::{EventKind, Instant, Position, ReadinessProblem};
use grantbook_projections::{Cause, DeadLetter, WebhookFailure};
use serde_json::{Map, Value, json};

use crate::shown::Shown;

/// What was wrong with a delivery, for people.
pub fn delivery_trouble(problem: ReadinessProblem, status: Option<u16>) -> String {
    let status = status.map_or_else(|| "unknown".to_owned(), |status| status.to_string());
    match problem {
        ReadinessProblem::NotHttps => "its URL is plain HTTP".to_owned(),
        ReadinessProblem::UnknownHost => "the name of its host has no address".to_owned(),
        ReadinessProblem::NotPublic => "its host has an address that is not public".to_owned(),
        ReadinessProblem::Unreachable => "no connection came about".to_owned(),
        ReadinessProblem::Certificate => "its certificate is not valid for the host".to_owned(),
        ReadinessProblem::TooSlow => "no answer came in time".to_owned(),
        ReadinessProblem::Redirects => format!("it answered with a redirect (status {status}), which is not followed"),
        ReadinessProblem::Status => format!("it answered with status {status}"),
    }
}

pub(super) fn webhooks(shown: &Shown<'_>) -> Value {
    let (views, position) = (shown.views, shown.position());
    let webhooks = views.webhooks.all(position).into_iter().map(|(added, webhook)| {
        let failing = views.webhooks.failing(&webhook.name, position);
        let letters = views.webhooks.dead_letters(&webhook.name, position);
        let mut row = Map::new();
        row.insert("webhook".to_owned(), webhook.name.as_str().into());
        row.insert("url".to_owned(), webhook.url.as_str().into());
        row.insert("events".to_owned(), webhook.events.iter().map(EventKind::as_str).collect());
        row.insert("since".to_owned(), shown.cause(Cause::Entry(added)));
        shown.put_by(Some(added), &mut row);
        row.insert("state".to_owned(), if failing.is_some() { "failing" } else { "ok" }.into());
        row.insert("failing".to_owned(), failing.map_or(Value::Null, |failing| failure(shown, failing)));
        row.insert("dead_letters".to_owned(), letters.into_iter().map(|letter| dead_letter(shown, letter)).collect());
        row.insert("delivery".to_owned(), Value::Null);
        Value::Object(row)
    });
    shown.answer([("webhooks", webhooks.collect())])
}

fn failure(shown: &Shown<'_>, (recorded, failure): (Position, WebhookFailure)) -> Value {
    let WebhookFailure { position, since, attempts, problem, status } = failure;
    json!({
        "since": since.to_string(), "position": shown.place(position), "attempts": attempts, "problem": problem.slug(),
        "status": status, "recorded": shown.cause(Cause::Entry(recorded)),
    })
}

fn dead_letter(shown: &Shown<'_>, (changed, letter): (Position, DeadLetter)) -> Value {
    let DeadLetter { position, attempts, problem, status, asked_again } = letter;
    let at: Instant = shown.views.timeline.at(position);
    json!({
        "position": shown.place(position), "at": at.to_string(), "attempts": attempts, "problem": problem.slug(),
        "status": status, "changed": shown.cause(Cause::Entry(changed)), "asked_again": asked_again.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::webhooks::for_tests::{added, given_up, removed};
    use crate::history_for_tests::History;
    use grantbook_events::{Event, WebhookEvent, WebhookName};

    #[test]
    fn webhooks_are_listed_with_what_was_given_up_until_it_is_delivered() {
        let mut history = History::example();
        let name = || WebhookName::new("siem").unwrap();
        let since = history.act("manager", vec![added("siem"), added("Chat")]);
        let gone = history.act("manager", vec![given_up("siem", 3)]);
        let view = history.view("webhooks");
        let names: Vec<_> = view["webhooks"].as_array().unwrap().iter().map(|row| row["webhook"].clone()).collect();
        assert_eq!(names, ["Chat", "siem"]);
        let siem = &view["webhooks"][1];
        assert_eq!((&siem["since"], &siem["by"]), (&json!({"position": since.0}), &json!("manager")));
        assert_eq!((&siem["state"], &siem["delivery"]), (&json!("ok"), &Value::Null));
        let letter = &siem["dead_letters"][0];
        assert_eq!((&letter["position"], &letter["changed"]), (&json!(3), &json!({"position": gone.0})));
        assert_eq!((&letter["asked_again"], &letter["status"]), (&json!(false), &json!(500)));
        let asked = WebhookEvent::WebhookRedeliveryRequested { webhook: name(), position: None };
        history.act("manager", vec![Event::Webhook(asked)]);
        assert_eq!(history.view("webhooks")["webhooks"][1]["dead_letters"][0]["asked_again"], true);
        let delivered = WebhookEvent::WebhookRedelivered { webhook: name(), position: Position(3) };
        history.act("manager", vec![Event::Webhook(delivered)]);
        assert_eq!(history.view("webhooks")["webhooks"][1]["dead_letters"], json!([]));
        // One of the same name is another webhook.
        history.act("manager", vec![given_up("siem", 4), removed("siem")]);
        history.act("manager", vec![added("SIEM")]);
        assert_eq!(history.view("webhooks")["webhooks"][1]["dead_letters"], json!([]));
        assert_eq!(history.view_at("webhooks", gone)["webhooks"][1]["dead_letters"][0]["position"], 3);
    }
}
