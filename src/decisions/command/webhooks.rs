//! Commands on webhooks.

use grantbook_events::{AccountId, EventKind, Position, SiteUrl, WebhookName};

use super::Command;
use super::description::{CommandDescription, Door, FieldDescription, FieldKind};
use super::form::Known;
use super::written::Written;

/// What may be asked to happen to webhooks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WebhookCommand {
    /// Send entries to an address from now on.
    AddWebhook {
        /// Its name.
        webhook: WebhookName,
        /// Where entries are sent.
        url: SiteUrl,
        /// Which types of events it is told of; of all, where there are none.
        events: Vec<EventKind>,
    },
    /// Send nothing more there.
    RemoveWebhook {
        /// Its name.
        webhook: WebhookName,
    },
    /// Send dead letters once more.
    RedeliverWebhook {
        /// Its name.
        webhook: WebhookName,
        /// The entry; every dead letter, where it is none.
        position: Option<Position>,
    },
}

const WEBHOOK: FieldDescription = FieldDescription::required("webhook", FieldKind::Name, "The name of the webhook.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "add_webhook",
            door: Door::Tenant,
            words: "Send every entry from now on to an address, signed with a secret that the answer shows this once.",
            fields: &[
                WEBHOOK,
                FieldDescription::required(
                    "url",
                    FieldKind::Url,
                    "Where entries are sent: `https://`, with a host that is public. No secret belongs in it: it is in the book.",
                ),
                FieldDescription::optional(
                    "events",
                    FieldKind::EventTypes,
                    "The types of events it is told of; of all, where it is left out.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let webhook = form.named("webhook", WebhookName::new)?;
            let url = form.named("url", SiteUrl::new)?;
            let events = form.event_types("events")?;
            Ok(Command::Webhook(WebhookCommand::AddWebhook { webhook, url, events }))
        },
    },
    Known {
        description: CommandDescription {
            name: "remove_webhook",
            door: Door::Tenant,
            words: "Remove a webhook: nothing more is sent to it, and its secret and dead letters are gone.",
            fields: &[WEBHOOK],
            grants: false,
        },
        read: |form| {
            Ok(Command::Webhook(WebhookCommand::RemoveWebhook { webhook: form.named("webhook", WebhookName::new)? }))
        },
    },
    Known {
        description: CommandDescription {
            name: "redeliver_webhook",
            door: Door::Tenant,
            words: "Send dead letters of a webhook once more: entries whose delivery was given up.",
            fields: &[
                WEBHOOK,
                FieldDescription::optional(
                    "position",
                    FieldKind::Number { least: 1, most: Position::GREATEST.0 },
                    "The entry; every dead letter, where it is left out.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let webhook = form.named("webhook", WebhookName::new)?;
            let position = form.maybe_position("position")?;
            Ok(Command::Webhook(WebhookCommand::RedeliverWebhook { webhook, position }))
        },
    },
];

impl WebhookCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            WebhookCommand::AddWebhook { .. } => "add_webhook",
            WebhookCommand::RemoveWebhook { .. } => "remove_webhook",
            WebhookCommand::RedeliverWebhook { .. } => "redeliver_webhook",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            // They name no account.
            WebhookCommand::AddWebhook { .. }
            | WebhookCommand::RemoveWebhook { .. }
            | WebhookCommand::RedeliverWebhook { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            WebhookCommand::AddWebhook { webhook, url, events } => {
                let events: Vec<&str> = events.iter().map(EventKind::as_str).collect();
                to.show("webhook", webhook)
                    .show("url", url)
                    .put_if("events", Some(events).filter(|all| !all.is_empty()))
            }
            WebhookCommand::RemoveWebhook { webhook } => to.show("webhook", webhook),
            WebhookCommand::RedeliverWebhook { webhook, position } => {
                to.show("webhook", webhook).put_if("position", position.map(|position| position.0))
            }
        };
    }
}
