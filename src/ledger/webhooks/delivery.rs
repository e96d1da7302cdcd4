//! One delivery: an entry in its public form, signed, to the address that the webhook's host has now.

use std::time::Duration;

use grantbook_events::{Entry, Position, ReadinessProblem, SiteUrl};
use grantbook_evidence::leaf_hash;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, Url};

use super::is_plain;
use super::line::Trouble;
use super::secret::WebhookSecret;
use crate::calls::{Destination, Loopback, look_up, trouble_of_call, trouble_of_status};
use crate::error::LedgerError;
use crate::handle::TenantHandle;
use crate::reading::stored;

/// How much of an answer is passed over so that its connection can be used again; beyond it the connection is closed.
const MOST_ANSWER_BYTES: usize = 16 * 1024;

/// An entry as it is read for sending.
pub(super) struct Letter {
    pub(super) position: Position,
    pub(super) entry: Entry,
    /// The same whenever the entry is sent, to whichever webhook, and of no other entry: also where a book that was restored
    /// goes on otherwise than before.
    pub(super) id: String,
}

/// The durable entries from a position on, at most so many. Errors: one could not be read.
pub(super) fn letters(tenant: &TenantHandle, from: Position, most: usize) -> Result<Vec<Letter>, LedgerError> {
    let read = stored(&tenant.shared.store, &tenant.open.tenant, from).take(most);
    let letter = |read: Result<(Position, Entry, Vec<u8>), LedgerError>| {
        let (position, entry, bytes) = read?;
        let hash: String = leaf_hash(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let id = format!("{}-{position}-{hash}", tenant.cloud_id());
        Ok(Letter { position, entry, id })
    };
    read.map(letter).collect()
}

/// What a delivery needs beside its letter.
pub(super) struct Sender<'a> {
    pub(super) url: &'a SiteUrl,
    pub(super) secret: &'a WebhookSecret,
    pub(super) loopback: Loopback,
    /// How long the whole of it may take.
    pub(super) limit: Duration,
}

impl Sender<'_> {
    /// Sends a letter whose public form is `body`, at this second. The host is looked up each time; as long as it keeps its
    /// addresses the connection is used again. Errors: the receiver did not take it.
    pub(super) async fn send(
        &self,
        letter: &Letter,
        body: String,
        seconds: i64,
        client: &mut Option<(Destination, Client)>,
    ) -> Result<(), Trouble> {
        let sent = tokio::time::timeout(self.limit, self.sent(letter, body, seconds, client));
        sent.await.unwrap_or(Err((ReadinessProblem::TooSlow, None)))
    }

    async fn sent(
        &self,
        letter: &Letter,
        body: String,
        seconds: i64,
        client: &mut Option<(Destination, Client)>,
    ) -> Result<(), Trouble> {
        let unreachable = (ReadinessProblem::Unreachable, None);
        let url = Url::parse(self.url.as_str()).map_err(|_| (ReadinessProblem::UnknownHost, None))?;
        if is_plain(&url, self.loopback) {
            return Err((ReadinessProblem::NotHttps, None));
        }
        let destination = look_up(&url, self.loopback).await.map_err(|problem| (problem, None))?;
        if client.as_ref().is_none_or(|(known, _)| *known != destination) {
            *client = destination.client(self.limit, "grantbook-webhook").map(|made| (destination, made));
        }
        let (_, client) = client.as_ref().ok_or(unreachable)?;
        let signature = self.secret.signature(&letter.id, seconds, &body).ok_or(unreachable)?;
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &letter.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature)
            .body(body);
        let answer = request.send().await.map_err(|error| {
            // No connection in time is another thing than no answer.
            if error.is_connect() && error.is_timeout() { unreachable } else { (trouble_of_call(&error), None) }
        })?;
        let status = answer.status();
        pass_over(answer).await;
        match trouble_of_status(status) {
            Some(problem) => Err((problem, Some(status.as_u16()))),
            None => Ok(()),
        }
    }
}

/// Reads an answer to its end and keeps nothing of it.
async fn pass_over(mut answer: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        if read > MOST_ANSWER_BYTES {
            return;
        }
    }
}
