//! Webhooks: every entry that a webhook is told of is sent to it, in order, at least once, signed as Standard Webhooks says.
//!
//! # Invariants
//! - The committer never waits for a delivery: what is sent are durable entries, read back by whoever serves.
//! - How far a webhook is lies in a file of its own, moved on after the receiver took the entry and never before. So a
//!   program that is killed in between sends it again, under the same id, and leaves none out.
//! - A webhook that was removed is sent nothing more: this is looked at before each delivery.
//! - Nothing is sent to an address that is not public (see `calls.rs`), and what it answers is not read.

mod courier;
mod cursors;
mod delivery;
mod line;
mod secret;

pub(crate) use courier::Courier;
pub use line::DeliveryState;
pub use secret::WebhookSecret;

use std::time::Duration;

use grantbook_events::{ReadinessProblem, SecretVersion, SiteUrl, WebhookName};
use reqwest::Url;
use zeroize::Zeroizing;

use crate::calls::{Loopback, literal, look_up, names_loopback};
use crate::error::LedgerError;
use crate::tokens::random_name;
use crate::vault::VaultWrite;

/// How long a name may take to be looked up where a webhook is added.
const LOOK_UP: Duration = Duration::from_secs(5);

/// The secret of a new webhook, as its receiver takes it.
#[derive(Clone)]
pub struct ShownSecret {
    /// Whose.
    pub webhook: WebhookName,
    /// `whsec_` and base 64.
    pub secret: Zeroizing<String>,
}

impl std::fmt::Debug for ShownSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ShownSecret({}, hidden)", self.webhook)
    }
}

/// A new secret of a webhook, with its version.
pub(crate) fn new_secret(
    tenant: &str,
    webhook: &WebhookName,
) -> Result<(SecretVersion, VaultWrite, ShownSecret), LedgerError> {
    let drawn = WebhookSecret::draw().and_then(|secret| Ok((secret, random_name()?)));
    let (secret, version) = drawn.map_err(|error| {
        tracing::error!(%error, "a secret could not be drawn");
        LedgerError::Storage
    })?;
    let shown = ShownSecret { webhook: webhook.clone(), secret: secret.shown() };
    let write = VaultWrite::WebhookSecret { tenant: tenant.to_owned(), version, secret };
    Ok((SecretVersion(version), write, shown))
}

/// Looks whether entries may be sent to a URL. With `look` its host is looked up; without, only what is written is looked at.
/// A host that nobody knows is admitted: it may come to be known, and is looked at again before each delivery. Errors: it is
/// not for sending to.
pub(crate) async fn admit(url: &SiteUrl, loopback: Loopback, look: bool) -> Result<(), LedgerError> {
    let refused = |message: &str| LedgerError::Malformed { field: "url".to_owned(), message: message.to_owned() };
    let url = Url::parse(url.as_str()).map_err(|_| refused("expected a URL such as https://siem.example.org/in"))?;
    if is_plain(&url, loopback) {
        return Err(refused("expected a URL that begins with https://: entries hold what is personal"));
    }
    if names_loopback(&url) || literal(&url).is_some() || look {
        let looked = tokio::time::timeout(LOOK_UP, look_up(&url, loopback)).await;
        if let Ok(Err(ReadinessProblem::NotPublic)) = looked {
            let message = "expected a host that is public: this one has an address that is private, local or reserved";
            return Err(refused(message));
        }
    }
    Ok(())
}

/// Whether a URL is plain HTTP to anywhere but this machine, where that is admitted.
pub(crate) fn is_plain(url: &Url, loopback: Loopback) -> bool {
    url.scheme() != "https" && !(loopback == Loopback::Admitted && names_loopback(url))
}
