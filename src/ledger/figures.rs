//! Figures for whoever watches the ledger at work. No tenant's name is in any of them (rule: T5).
//!
//! They go to whatever recorder the program has; where it has none, nowhere.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

/// Names, so that dashboards and tests need not guess them.
pub mod names {
    /// How long commits take, in seconds: secrets, journal, publishing.
    pub const COMMIT_SECONDS: &str = "grantbook_commit_seconds";
    /// How long the journal takes to make a batch durable, in seconds.
    pub const SYNC_SECONDS: &str = "grantbook_journal_sync_seconds";
    /// How many entries one commit holds.
    pub const COMMIT_ENTRIES: &str = "grantbook_commit_entries";
    /// How many entries were recorded since the start.
    pub const ENTRIES: &str = "grantbook_entries_recorded_total";
    /// How many answers wait for the next commit.
    pub const QUEUE: &str = "grantbook_commit_queue";
}

/// A commit is over.
pub(crate) fn committed(took: Duration, entries: usize) {
    histogram!(names::COMMIT_SECONDS).record(took);
    histogram!(names::COMMIT_ENTRIES).record(u32::try_from(entries).unwrap_or(u32::MAX));
    counter!(names::ENTRIES).increment(entries as u64);
}

/// The journal has made a batch durable.
pub(crate) fn synced(took: Duration) {
    histogram!(names::SYNC_SECONDS).record(took);
}

/// So many answers wait.
pub(crate) fn queued(answers: usize) {
    gauge!(names::QUEUE).set(u32::try_from(answers).unwrap_or(u32::MAX));
}
