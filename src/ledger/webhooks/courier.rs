//! The courier: sends each webhook what it was not sent yet, and records what somebody should know of.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use grantbook_decisions::{
    FailedDelivery, webhook_delivery_given_up, webhook_failing, webhook_recovered, webhook_redelivered,
};
use grantbook_events::{Actor, Event, Position, SecretVersion, WebhookName};
use grantbook_projections::Webhook;
use parking_lot::Mutex;

use super::cursors::Cursors;
use super::delivery::{Letter, Sender, letters};
use super::line::{DeliveryState, Line, Trouble, was_answered};
use super::secret::WebhookSecret;
use crate::calls::Loopback;
use crate::handle::{TenantHandle, put};
use crate::job::{Act, Guard, Work};
use crate::ledger::Ledger;
use crate::options::WebhookOptions;
use crate::tokens::random_bytes;
use crate::writer::named;

/// How many entries are read at once.
const A_READ: usize = 64;

/// Which webhook: its tenant, and the version of its secret.
type Key = (String, SecretVersion);

/// What the courier knows of all webhooks of an installation.
pub(crate) struct Courier {
    cursors: Cursors,
    loopback: Loopback,
    limit: Duration,
    lines: Mutex<HashMap<Key, Line>>,
}

impl Courier {
    pub(crate) fn new(dir: Option<&Path>, options: WebhookOptions) -> Courier {
        let loopback = if options.loopback { Loopback::Admitted } else { Loopback::Refused };
        Courier { cursors: Cursors::new(dir), loopback, limit: options.limit, lines: Mutex::default() }
    }

    /// Whether a webhook may lead to this machine itself.
    pub(crate) fn loopback(&self) -> Loopback {
        self.loopback
    }

    /// When a tenant is opened: see [`Cursors::settle`].
    pub(crate) fn settle(&self, tenant: &str, there_are: &BTreeSet<u64>, last: Position) {
        if let Err(error) = self.cursors.settle(tenant, there_are, last) {
            tracing::warn!(%error, tenant, "how far webhooks are could not be settled: entries may be sent again");
        }
    }

    fn with<R>(&self, key: &Key, added: Position, what: impl FnOnce(&mut Line) -> R) -> R {
        let mut lines = self.lines.lock();
        let known = || Line::at(self.cursors.read(&key.0, key.1).unwrap_or(added).max(added));
        what(lines.entry(key.clone()).or_insert_with(known))
    }
}

/// Whoever is at a line lets go of it, also where the work is given up half-way.
struct AtWork<'a> {
    courier: &'a Courier,
    key: Key,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if let Some(line) = self.courier.lines.lock().get_mut(&self.key) {
            line.busy = false;
        }
    }
}

impl Ledger {
    /// Sends to every webhook that is due what it was not sent yet, all of them side by side, each until it has everything
    /// or does not take the next. To be called now and then by whoever serves; a webhook that another call is at is passed
    /// over. Given up half-way, it loses nothing: what was not taken is sent by the next call.
    pub async fn settle_webhooks(&self) {
        let mut at_work = Vec::new();
        for cloud_id in self.tenants() {
            if let Ok(tenant) = self.tenant_named(&cloud_id) {
                at_work.extend(tenant.webhooks_due());
            }
        }
        join_all(at_work.into_iter().map(|(tenant, webhook)| async move { tenant.serve_webhook(&webhook).await }))
            .await;
    }
}

impl TenantHandle {
    /// How far a webhook is; `None` where there is none of that name.
    pub fn webhook_delivery(&self, webhook: &WebhookName) -> Option<DeliveryState> {
        let (added, webhook) = self.webhook(webhook)?;
        let courier = &self.shared.courier;
        let mut state = courier.with(&self.key(&webhook), added, |line| line.state());
        state.secret_missing |= self.webhook_secret(&webhook).is_none();
        Some(state)
    }

    fn key(&self, webhook: &Webhook) -> Key {
        (self.cloud_id().as_str().to_owned(), webhook.secret)
    }

    /// The webhook of a name as of the last durable entry, with the entry that added it.
    fn webhook(&self, name: &WebhookName) -> Option<(Position, Webhook)> {
        let views = self.open.tenant.views.read();
        let (added, webhook) = views.webhooks.named(name, self.open.tenant.durable())?;
        Some((added, webhook.clone()))
    }

    /// The webhooks that may be tried now and have something to be sent. What was removed is forgotten.
    fn webhooks_due(&self) -> Vec<(TenantHandle, Webhook)> {
        let (courier, now, last) = (&self.shared.courier, self.shared.clock.now(), self.last());
        let views = self.open.tenant.views.read();
        let all = views.webhooks.all(last);
        let gone = |key: &Key| key.0 == self.cloud_id().as_str() && !all.iter().any(|(_, known)| known.secret == key.1);
        for (key, _) in courier.lines.lock().extract_if(|key, line| !line.busy && gone(key)) {
            courier.cursors.forget(&key.0, key.1);
        }
        let due = all.into_iter().filter(|(added, webhook)| {
            let letters = views.webhooks.dead_letters(&webhook.name, last);
            let asked = letters.iter().filter_map(|(_, letter)| letter.asked_again).max();
            courier.with(&self.key(webhook), *added, |line| {
                asked.into_iter().for_each(|asked| line.hurry(asked));
                let due = line.due(now) && (asked.is_some() || line.delivered < last);
                line.busy |= due;
                due
            })
        });
        due.map(|(_, webhook)| (self.clone(), webhook.clone())).collect()
    }

    fn webhook_secret(&self, webhook: &Webhook) -> Option<WebhookSecret> {
        self.shared.vault.lock().webhook_secret(self.cloud_id().as_str(), webhook.secret.0).ok().flatten()
    }

    /// Sends a webhook everything that it was not sent yet.
    async fn serve_webhook(&self, webhook: &Webhook) {
        let key = self.key(webhook);
        let _at_work = AtWork { courier: &self.shared.courier, key };
        let secret = self.webhook_secret(webhook);
        self.line(webhook, |line| line.secret_missing = secret.is_none());
        let Some(secret) = secret else {
            tracing::error!(tenant = %self.cloud_id(), webhook = %webhook.name, "the vault does not hold the webhook's secret");
            return;
        };
        if self.send_again(webhook, &secret).await {
            self.send_on(webhook, &secret).await;
        }
    }

    fn line<R>(&self, webhook: &Webhook, what: impl FnOnce(&mut Line) -> R) -> R {
        self.shared.courier.with(&self.key(webhook), Position::START, what)
    }

    /// Whether the webhook is still there, the same.
    fn is_there(&self, webhook: &Webhook) -> bool {
        self.webhook(&webhook.name).is_some_and(|(_, now)| now.secret == webhook.secret)
    }

    /// Sends the dead letters that somebody asked for, each once. False where the webhook takes nothing now.
    async fn send_again(&self, webhook: &Webhook, secret: &WebhookSecret) -> bool {
        let asked: Vec<_> = {
            let views = self.open.tenant.views.read();
            let letters = views.webhooks.dead_letters(&webhook.name, self.last()).into_iter();
            letters.map(|(_, letter)| letter).filter(|letter| letter.asked_again.is_some()).collect()
        };
        for dead in asked {
            let Ok(read) = letters(self, dead.position, 1) else { return false };
            let Some(letter) = read.first().filter(|_| self.is_there(webhook)) else { return false };
            match self.send(webhook, secret, letter).await {
                Ok(()) => {
                    self.recovered(webhook, letter.position).await;
                    self.note(webhook, webhook_redelivered(webhook.name.clone(), letter.position)).await;
                }
                Err(trouble) if was_answered(trouble.0) => {
                    // Tried once more, as it was asked: what waits in order goes on.
                    let failed = failed_delivery(letter.position, dead.attempts.saturating_add(1), trouble);
                    self.note(webhook, webhook_delivery_given_up(webhook.name.clone(), failed)).await;
                }
                Err(trouble) => {
                    self.failed(webhook, letter.position, trouble).await;
                    return false;
                }
            }
        }
        true
    }

    /// Sends what comes after the last that was taken, in order.
    async fn send_on(&self, webhook: &Webhook, secret: &WebhookSecret) {
        loop {
            let from = self.line(webhook, |line| line.delivered).next();
            let read = match letters(self, from, A_READ) {
                Ok(read) if !read.is_empty() => read,
                Ok(_) | Err(_) => return,
            };
            for letter in &read {
                if !self.is_there(webhook) {
                    return;
                }
                if webhook.wants(&letter.entry) {
                    match self.send(webhook, secret, letter).await {
                        Ok(()) => self.recovered(webhook, letter.position).await,
                        Err(trouble) => {
                            if !self.failed(webhook, letter.position, trouble).await {
                                return;
                            }
                        }
                    }
                }
                self.is_so_far(webhook, letter.position);
            }
        }
    }

    async fn send(&self, webhook: &Webhook, secret: &WebhookSecret, letter: &Letter) -> Result<(), Trouble> {
        let courier = &self.shared.courier;
        let sender = Sender { url: &webhook.url, secret, loopback: courier.loopback, limit: courier.limit };
        let body = self.show(Some(letter.position), &letter.entry).to_string();
        let seconds = self.shared.clock.now().microseconds().div_euclid(1_000_000);
        let mut client = self.line(webhook, |line| line.client.take());
        let sent = sender.send(letter, body, seconds, &mut client).await;
        self.line(webhook, |line| line.client = client.filter(|_| sent.is_ok()));
        sent
    }

    fn is_so_far(&self, webhook: &Webhook, position: Position) {
        self.line(webhook, |line| line.delivered = position);
        if let Err(error) = self.shared.courier.cursors.write(self.cloud_id().as_str(), webhook.secret, position) {
            tracing::warn!(%error, "how far a webhook is could not be written: entries may be sent again");
        }
    }

    /// A delivery was taken: what the book says of failing is over.
    async fn recovered(&self, webhook: &Webhook, position: Position) {
        self.line(webhook, Line::succeeded);
        if self.is_said_to_fail(webhook) {
            self.note(webhook, webhook_recovered(webhook.name.clone(), position)).await;
        }
    }

    /// A delivery failed. True where it is given up, and that is recorded, so that the next can be tried.
    async fn failed(&self, webhook: &Webhook, position: Position, trouble: Trouble) -> bool {
        let (problem, status) = trouble;
        tracing::warn!(tenant = %self.cloud_id(), webhook = %webhook.name, problem = problem.slug(), status, "a delivery failed");
        let spread = random_bytes::<1>().map_or(0, |byte| byte.first().copied().unwrap_or_default());
        let now = self.shared.clock.now();
        let failure = self.line(webhook, |line| line.failed(trouble, now, spread));
        if let Some(since) = failure.long_since.filter(|_| !self.is_said_to_fail(webhook)) {
            let failed = failed_delivery(position, failure.attempts, trouble);
            self.note(webhook, webhook_failing(webhook.name.clone(), since, failed)).await;
        }
        let Some(attempts) = failure.given_up else { return false };
        let failed = failed_delivery(position, attempts, trouble);
        self.note(webhook, webhook_delivery_given_up(webhook.name.clone(), failed)).await
    }

    fn is_said_to_fail(&self, webhook: &Webhook) -> bool {
        let views = self.open.tenant.views.read();
        views.webhooks.failing(&webhook.name, views.timeline.last()).is_some()
    }

    /// Records what came of a delivery, as long as the webhook is there. False where it could not be: a tenant that is closed
    /// records nothing more (rule: T7), and one that is being filled with history nothing yet.
    async fn note(&self, webhook: &Webhook, event: Event) -> bool {
        if self.open.tenant.views.read().tenant.closed(self.last()).is_some() {
            return false;
        }
        let Ok(name) = named("deliver_webhook") else { return false };
        let guard = Guard::WebhookThere(webhook.name.clone(), webhook.secret);
        let act = Act { events: vec![event], guard, ..Act::new(name, Actor::System) };
        put(&self.open.jobs, Work::Record(Box::new(act))).await.is_ok()
    }
}

fn failed_delivery(position: Position, attempts: u32, (problem, status): Trouble) -> FailedDelivery {
    FailedDelivery { position, attempts, problem, status }
}
