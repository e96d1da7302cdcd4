//! Webhooks as the book knows them: where entries are to be sent, which webhook has been failing for long, and which entries
//! were given up for one. How far each is lies elsewhere: that is nothing a right rests on.

use std::collections::BTreeMap;

use grantbook_events::{
    Entry, Event, EventKind, Instant, Position, ReadinessProblem, SecretVersion, SiteUrl, WebhookEvent, WebhookName,
};
use serde::{Deserialize, Serialize};

use crate::history::{Facts, History};
use crate::names::FoldedNumbers;

/// A webhook.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Webhook {
    /// Its name as it was written when it was added.
    pub name: WebhookName,
    /// Where entries are sent.
    pub url: SiteUrl,
    /// Which types of events it is told of; of all, where there are none.
    pub events: Vec<EventKind>,
    /// The version of its secret in the vault. No two webhooks have the same, also not of one name.
    pub secret: SecretVersion,
}

impl Webhook {
    /// Whether it is told of an entry: whether any event of it is of a type that it asked for. Of what came of deliveries it
    /// never is.
    pub fn wants(&self, entry: &Entry) -> bool {
        entry.events.iter().any(|recorded| {
            let outcome = if let Event::Webhook(event) = &recorded.event { event.is_outcome() } else { false };
            let kind = recorded.event.kind();
            !outcome && (self.events.is_empty() || self.events.iter().any(|wanted| wanted.as_str() == kind))
        })
    }
}

/// That deliveries have been failing for long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct WebhookFailure {
    /// The entry that waited when this was recorded.
    pub position: Position,
    /// Since when nothing was delivered.
    pub since: Instant,
    /// How often it was tried until this was recorded.
    pub attempts: u32,
    /// What was wrong.
    pub problem: ReadinessProblem,
    /// The HTTP status of the answer, where one came.
    pub status: Option<u16>,
}

/// An entry whose delivery was given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct DeadLetter {
    /// The entry.
    pub position: Position,
    /// How often it was tried.
    pub attempts: u32,
    /// What was wrong the last time.
    pub problem: ReadinessProblem,
    /// The HTTP status of the answer, where one came.
    pub status: Option<u16>,
    /// The entry that asked that it be sent again; none where nobody did since it was given up.
    pub asked_again: Option<Position>,
}

/// The webhooks of a tenant, by the number of their name, and their dead letters.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Webhooks {
    numbers: FoldedNumbers,
    added: Facts<Option<Webhook>>,
    failing: Facts<Option<WebhookFailure>>,
    /// The number of each letter, by the secret of its webhook and its entry.
    letters: BTreeMap<(SecretVersion, Position), u32>,
    dead: Facts<Option<DeadLetter>>,
}

impl Webhooks {
    pub(crate) fn apply(&mut self, at: Position, event: &WebhookEvent) {
        match event {
            WebhookEvent::WebhookAdded { webhook, url, events, secret } => {
                let (name, url, events, secret) = (webhook.clone(), url.clone(), events.clone(), *secret);
                let number = self.numbers.intern(webhook.as_str());
                self.added.set(number, at, Some(Webhook { name, url, events, secret }));
            }
            WebhookEvent::WebhookRemoved { webhook } => {
                let number = self.numbers.intern(webhook.as_str());
                // What was given up for it can be sent no more.
                for (key, _) in self.letters_of(webhook, at) {
                    self.dead.set(key, at, None);
                }
                self.failing.set(number, at, None);
                self.added.set(number, at, None);
            }
            WebhookEvent::WebhookFailing { webhook, position, since, attempts, problem, status } => {
                let (position, since, attempts) = (*position, *since, *attempts);
                let failure = WebhookFailure { position, since, attempts, problem: *problem, status: *status };
                self.failing.set(self.numbers.intern(webhook.as_str()), at, Some(failure));
            }
            WebhookEvent::WebhookRecovered { webhook, .. } => {
                self.failing.set(self.numbers.intern(webhook.as_str()), at, None);
            }
            WebhookEvent::WebhookDeliveryGivenUp { webhook, position, attempts, problem, status } => {
                let (position, attempts, problem, status) = (*position, *attempts, *problem, *status);
                let letter = DeadLetter { position, attempts, problem, status, asked_again: None };
                if let Some(key) = self.letter_number(webhook, position, at) {
                    self.dead.set(key, at, Some(letter));
                }
            }
            WebhookEvent::WebhookRedeliveryRequested { webhook, position } => {
                let asked = |letter: &DeadLetter| position.is_none_or(|position| letter.position == position);
                for (key, letter) in self.letters_of(webhook, at).into_iter().filter(|(_, letter)| asked(letter)) {
                    self.dead.set(key, at, Some(DeadLetter { asked_again: Some(at), ..letter }));
                }
            }
            WebhookEvent::WebhookRedelivered { webhook, position } => {
                if let Some(key) = self.letter_number(webhook, *position, at) {
                    self.dead.set(key, at, None);
                }
            }
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.added.retract(at);
        self.failing.retract(at);
        self.dead.retract(at);
    }

    fn letter_number(&mut self, name: &WebhookName, letter: Position, at: Position) -> Option<u32> {
        let secret = self.named(name, at)?.1.secret;
        let next = u32::try_from(self.letters.len()).ok()?;
        Some(*self.letters.entry((secret, letter)).or_insert(next))
    }

    fn letters_of(&self, name: &WebhookName, position: Position) -> Vec<(u32, DeadLetter)> {
        let Some((_, webhook)) = self.named(name, position) else { return Vec::new() };
        let all = self.letters.range((webhook.secret, Position::START)..=(webhook.secret, Position::GREATEST));
        all.filter_map(|(_, key)| Some((*key, (*self.dead.at(*key, position)?)?))).collect()
    }

    /// The webhook of a name, with the entry that added it.
    pub fn named(&self, name: &WebhookName, position: Position) -> Option<(Position, &Webhook)> {
        let (set, webhook) = self.added.change_at(self.numbers.get(name.as_str())?, position)?;
        Some((set, webhook.as_ref()?))
    }

    /// The webhooks as of a position, by name, each with the entry that added it.
    pub fn all(&self, position: Position) -> Vec<(Position, &Webhook)> {
        let states = self.histories().filter_map(|(history, _)| history.change_at(position));
        states.filter_map(|(set, webhook)| Some((set, webhook.as_ref()?))).collect()
    }

    /// That a webhook has been failing for long, with the entry that says so.
    pub fn failing(&self, name: &WebhookName, position: Position) -> Option<(Position, WebhookFailure)> {
        let (set, failure) = self.failing.change_at(self.numbers.get(name.as_str())?, position)?;
        Some((set, (*failure)?))
    }

    /// The dead letters of a webhook as of a position, oldest first, each with the entry that made it what it is.
    pub fn dead_letters(&self, name: &WebhookName, position: Position) -> Vec<(Position, DeadLetter)> {
        let letters = self.letters_of(name, position).into_iter();
        letters.filter_map(|(key, letter)| Some((self.dead.change_at(key, position)?.0, letter))).collect()
    }

    /// For every name that was ever a webhook's, in order: what it was, and when it was failing for long.
    pub fn histories(
        &self,
    ) -> impl Iterator<Item = (&History<Option<Webhook>>, Option<&History<Option<WebhookFailure>>>)> {
        let numbers = self.numbers.in_order();
        numbers.filter_map(|number| Some((self.added.history(number)?, self.failing.history(number))))
    }

    /// For every entry that was ever given up for the webhook with this secret: what became of it.
    pub fn letter_histories(&self, secret: SecretVersion) -> impl Iterator<Item = &History<Option<DeadLetter>>> {
        let all = self.letters.range((secret, Position::START)..=(secret, Position::GREATEST));
        all.filter_map(|(_, key)| self.dead.history(*key))
    }
}
