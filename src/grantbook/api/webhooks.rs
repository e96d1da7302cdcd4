//! How far webhooks are: what the book does not tell, put into the view `webhooks` where it is asked as of now.

use grantbook_events::{Position, WebhookName};
use grantbook_ledger::{DeliveryState, Point, TenantHandle};
use serde_json::{Value, json};

/// Puts into the rows of the view how far each webhook is and what holds it up. As of the past nobody knows any more.
pub(crate) fn with_deliveries(tenant: &TenantHandle, point: Point, answer: &mut Value) {
    if point != Point::Now {
        return;
    }
    let last = tenant.last();
    for row in answer.get_mut("webhooks").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = row.get("webhook").and_then(Value::as_str).and_then(|name| WebhookName::new(name).ok());
        let Some(state) = name.and_then(|name| tenant.webhook_delivery(&name)) else { continue };
        let Some(fields) = row.as_object_mut() else { continue };
        let held_up = if state.secret_missing { Some("secret_missing") } else { retrying(&state) };
        if let Some(held_up) =
            held_up.filter(|_| state.secret_missing || fields.get("state").is_some_and(|known| known == "ok"))
        {
            fields.insert("state".to_owned(), held_up.into());
        }
        fields.insert("delivery".to_owned(), delivery(&state, last));
    }
}

fn retrying(state: &DeliveryState) -> Option<&'static str> {
    (state.attempts > 0).then_some("retrying")
}

fn delivery(state: &DeliveryState, last: Position) -> Value {
    json!({
        "delivered": state.delivered.0,
        "waiting": last.0.saturating_sub(state.delivered.0),
        "attempts": state.attempts,
        "failing_since": state.failing_since.map(|since| since.to_string()),
        "problem": state.problem.map(|(problem, _)| problem.slug()),
        "status": state.problem.and_then(|(_, status)| status),
        "next_try": state.next_try.map(|next| next.to_string()),
    })
}
