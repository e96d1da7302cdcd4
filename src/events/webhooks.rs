//! Webhooks: addresses that a tenant's entries are sent to, and what came of sending them. A delivery that succeeded leaves
//! no event; only what somebody should know of does: failing for long, given up, well again.

use crate::describe::chapter;
use crate::{EventKind, Instant, Position, ReadinessProblem, SecretVersion, SiteUrl, WebhookName};

chapter! {
    /// What happened to webhooks.
    WebhookEvent = "Webhook" {
        #[doc = "A webhook was added: entries from the next one on are sent to it."]
        WebhookAdded = "webhook_added", Ledger, UserAccess {
            /// Its name.
            webhook: WebhookName,
            /// Where entries are sent.
            url: SiteUrl,
            /// Which types of events it is told of; of all, where there are none.
            events: Vec<EventKind>,
            /// The version of its secret in the vault, with which deliveries are signed.
            secret: SecretVersion,
        }
        #[doc = "A webhook was removed: nothing more is sent to it."]
        WebhookRemoved = "webhook_removed", Ledger, UserAccess {
            /// Its name.
            webhook: WebhookName,
        }
        #[doc = "Deliveries to a webhook have been failing for long."]
        WebhookFailing = "webhook_failing", Ledger, UserAccess {
            /// Its name.
            webhook: WebhookName,
            /// The entry that waits to be delivered.
            position: Position,
            /// Since when nothing was delivered.
            since: Instant,
            /// How often it was tried since.
            attempts: u32,
            /// What was wrong the last time.
            problem: ReadinessProblem,
            /// The HTTP status of the answer, where one came.
            status: Option<u16>,
        }
        #[doc = "A webhook that had been failing took a delivery again."]
        WebhookRecovered = "webhook_recovered", Ledger, UserAccess {
            /// Its name.
            webhook: WebhookName,
            /// The entry that was delivered.
            position: Position,
        }
        #[doc = "The delivery of an entry to a webhook was given up: it is a dead letter, until it is sent again."]
        WebhookDeliveryGivenUp = "webhook_delivery_given_up", Ledger, UserAccess {
            /// Its name.
            webhook: WebhookName,
            /// The entry that was not delivered.
            position: Position,
            /// How often it was tried.
            attempts: u32,
            /// What was wrong the last time.
            problem: ReadinessProblem,
            /// The HTTP status of the answer, where one came.
            status: Option<u16>,
        }
        #[doc = "It was asked that dead letters of a webhook be sent again."]
        WebhookRedeliveryRequested = "webhook_redelivery_requested", Ledger, UserAccess {
            /// Its name.
            webhook: WebhookName,
            /// The entry; every dead letter, where it is none.
            position: Option<Position>,
        }
        #[doc = "A dead letter of a webhook was delivered after all."]
        WebhookRedelivered = "webhook_redelivered", Ledger, UserAccess {
            /// Its name.
            webhook: WebhookName,
            /// The entry that was delivered.
            position: Position,
        }
    }
}

impl WebhookEvent {
    /// Whether it is what came of deliveries. No webhook is told of it: told, it would cause deliveries itself.
    pub fn is_outcome(&self) -> bool {
        match self {
            WebhookEvent::WebhookFailing { .. }
            | WebhookEvent::WebhookRecovered { .. }
            | WebhookEvent::WebhookDeliveryGivenUp { .. }
            | WebhookEvent::WebhookRedelivered { .. } => true,
            WebhookEvent::WebhookAdded { .. }
            | WebhookEvent::WebhookRemoved { .. }
            | WebhookEvent::WebhookRedeliveryRequested { .. } => false,
        }
    }

    /// The types of events that [`WebhookEvent::is_outcome`].
    pub const OUTCOMES: [&'static str; 4] =
        ["webhook_failing", "webhook_recovered", "webhook_delivery_given_up", "webhook_redelivered"];
}
