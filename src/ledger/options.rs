//! How a ledger is opened.

use std::path::PathBuf;
use std::time::Duration;

use grantbook_decisions::READINESS_SECONDS;
use grantbook_journal::StoreOptions;

use crate::clock::Clock;
use crate::outbox::SmtpOptions;
use crate::passwords::{HashingCost, HashingPool};

/// Where a ledger keeps itself.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a directory: journal, vault and outbox.
    Directory(PathBuf),
    /// In memory, for tests: gone when it is dropped.
    Memory,
}

/// How mail is handed over, and where its links lead.
#[derive(Clone, Debug)]
pub struct MailOptions {
    /// The mail server; without one, a folder beside the journal, or memory.
    pub smtp: Option<SmtpOptions>,
    /// The sender's address.
    pub from: String,
    /// Where people reach the API from outside, without a slash at the end: links of password resets begin with it.
    pub public_url: String,
}

impl Default for MailOptions {
    fn default() -> MailOptions {
        let public_url = "http://127.0.0.1:8080".to_owned();
        MailOptions { smtp: None, from: "grantbook@localhost".to_owned(), public_url }
    }
}

/// How entries are sent to webhooks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WebhookOptions {
    /// How long a receiver may take to answer.
    pub limit: Duration,
    /// Whether a webhook may lead to this machine itself, where its URL says so: for trying things out, and for tests. Never
    /// where tenants are not to reach what listens here.
    pub loopback: bool,
}

impl Default for WebhookOptions {
    fn default() -> WebhookOptions {
        WebhookOptions { limit: Duration::from_secs(15), loopback: false }
    }
}

/// How a ledger is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it keeps itself.
    pub place: Place,
    /// What hashing a password costs.
    pub hashing: HashingCost,
    /// How many passwords are looked at at once, and how many may wait.
    pub pool: HashingPool,
    /// Most memory of the journal's cache, in bytes.
    pub cache_bytes: u64,
    /// What tells the time.
    pub clock: Clock,
    /// How long a site may take to answer a readiness check (rule: T4).
    pub readiness_limit: Duration,
    /// How mail is handed over.
    pub mail: MailOptions,
    /// How entries are sent to webhooks.
    pub webhooks: WebhookOptions,
    /// Make the journal's head anew where it is missing; earlier losses can then not be noticed.
    pub accept_missing_head: bool,
    /// Where every entry is also written to, in plain files, on another disk at best.
    pub mirror: Option<PathBuf>,
    /// How many entries must have come before a tenant's views are kept anew, so that the next opening folds on from there.
    pub keep_views_every: u64,
    /// Leave in the vault what no entry names, rather than drop it: for whoever only looks, and where a longer journal may still
    /// be found. What was erased goes all the same.
    pub keep_unnamed_secrets: bool,
}

/// So many entries are folded in a blink.
const KEEP_VIEWS_EVERY: u64 = 50_000;

impl Options {
    /// The usual options for a directory.
    pub fn directory(dir: impl Into<PathBuf>) -> Options {
        Options { place: Place::Directory(dir.into()), ..Options::memory() }
    }

    /// A ledger in memory, with the usual options.
    pub fn memory() -> Options {
        Options {
            place: Place::Memory,
            hashing: HashingCost::default(),
            pool: HashingPool::default(),
            cache_bytes: StoreOptions::CACHE_BYTES,
            clock: Clock::System,
            readiness_limit: Duration::from_secs(u64::from(READINESS_SECONDS)),
            mail: MailOptions::default(),
            webhooks: WebhookOptions::default(),
            accept_missing_head: false,
            mirror: None,
            keep_views_every: KEEP_VIEWS_EVERY,
            keep_unnamed_secrets: false,
        }
    }
}
