//! Decisions on webhooks, and what is recorded of deliveries to them. What was delivered is recorded nowhere in the book:
//! what failed for long is, what was given up, and that it is well again.

use grantbook_events::{Event, EventKind, Instant, Position, ReadinessProblem, SiteUrl, WebhookEvent, WebhookName};
use grantbook_projections::Webhook;
use grantbook_rights::{Capability, On};

use crate::case::{Acting, Case, Outcome};
use crate::command::WebhookCommand;
use crate::refusal::Refusal;

/// How many webhooks a tenant may have: each is served by itself, beside those of all other tenants.
pub const MOST_WEBHOOKS: usize = 20;

pub(crate) fn decide(command: &WebhookCommand, case: &Case<'_>) -> Outcome {
    match command {
        WebhookCommand::AddWebhook { webhook, url, events } => add(webhook, url, events, case),
        WebhookCommand::RemoveWebhook { webhook } => remove(webhook, case),
        WebhookCommand::RedeliverWebhook { webhook, position } => redeliver(webhook, *position, case),
    }
}

fn add(webhook: &WebhookName, url: &SiteUrl, events: &[EventKind], case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::WebhooksManage, On::Nothing)?;
    if let Acting::Imported { .. } = case.acting {
        let message = "a webhook sends what happens from now on: add it after the import, not in the past";
        return Err(Refusal::conflict("S2", message));
    }
    let there = case.views.webhooks.all(case.now.position);
    if case.views.webhooks.named(webhook, case.now.position).is_some() {
        let message = format!("there is a webhook `{webhook}` already: remove it first, or choose another name");
        return Err(Refusal::conflict("S2", message));
    }
    if there.len() >= MOST_WEBHOOKS {
        let message = format!("there are {MOST_WEBHOOKS} webhooks, and a tenant may have no more: remove one first");
        return Err(Refusal::conflict("S2", message));
    }
    let Some(secret) = case.outside.webhook else {
        return Err(Refusal::malformed("S2", "webhook", "expected a new secret made at random"));
    };
    let (webhook, url, events) = (webhook.clone(), url.clone(), events.to_vec());
    Ok(vec![(authority, Event::Webhook(WebhookEvent::WebhookAdded { webhook, url, events, secret }))])
}

fn remove(webhook: &WebhookName, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::WebhooksManage, On::Nothing)?;
    let webhook = known(webhook, case)?.name.clone();
    Ok(vec![(authority, Event::Webhook(WebhookEvent::WebhookRemoved { webhook }))])
}

fn redeliver(webhook: &WebhookName, position: Option<Position>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::WebhooksManage, On::Nothing)?;
    let webhook = known(webhook, case)?.name.clone();
    let letters = case.views.webhooks.dead_letters(&webhook, case.now.position);
    let mut asked = letters.iter().filter(|(_, letter)| position.is_none_or(|asked| letter.position == asked));
    match (position, asked.next()) {
        (Some(position), None) => {
            return Err(Refusal::not_found(format!("entry {position} is no dead letter of the webhook `{webhook}`")));
        }
        (None, None) => {
            return Err(Refusal::conflict("S2", format!("the webhook `{webhook}` has no dead letters to send again")));
        }
        (_, Some(first)) => {
            if std::iter::once(first).chain(asked).all(|(_, letter)| letter.asked_again.is_some()) {
                let message = "this was asked already: it is tried as soon as the webhook is reached";
                return Err(Refusal::conflict("S2", message));
            }
        }
    }
    Ok(vec![(authority, Event::Webhook(WebhookEvent::WebhookRedeliveryRequested { webhook, position }))])
}

fn known<'a>(webhook: &WebhookName, case: &Case<'a>) -> Result<&'a Webhook, Refusal> {
    let known = case.views.webhooks.named(webhook, case.now.position);
    known.map(|(_, known)| known).ok_or_else(|| Refusal::not_found(format!("there is no webhook `{webhook}`")))
}

/// What was wrong with a delivery, and how often it was tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailedDelivery {
    /// The entry that was to be delivered.
    pub position: Position,
    /// How often it was tried.
    pub attempts: u32,
    /// What was wrong the last time.
    pub problem: ReadinessProblem,
    /// The HTTP status of the answer, where one came.
    pub status: Option<u16>,
}

/// Deliveries have been failing since then.
pub fn webhook_failing(webhook: WebhookName, since: Instant, failed: FailedDelivery) -> Event {
    let FailedDelivery { position, attempts, problem, status } = failed;
    Event::Webhook(WebhookEvent::WebhookFailing { webhook, position, since, attempts, problem, status })
}

/// What had been failing took a delivery.
pub fn webhook_recovered(webhook: WebhookName, position: Position) -> Event {
    Event::Webhook(WebhookEvent::WebhookRecovered { webhook, position })
}

/// A delivery was given up.
pub fn webhook_delivery_given_up(webhook: WebhookName, failed: FailedDelivery) -> Event {
    let FailedDelivery { position, attempts, problem, status } = failed;
    Event::Webhook(WebhookEvent::WebhookDeliveryGivenUp { webhook, position, attempts, problem, status })
}

/// A dead letter was delivered after all.
pub fn webhook_redelivered(webhook: WebhookName, position: Position) -> Event {
    Event::Webhook(WebhookEvent::WebhookRedelivered { webhook, position })
}
