//! How a tenant's book is kept, in short: what was signed of it last, how it was found on opening, how far its second copy is.

use std::time::{SystemTime, UNIX_EPOCH};

use grantbook_events::Instant;
use grantbook_evidence::Checkpoint;
use grantbook_journal::SealFound;

use crate::error::LedgerError;
use crate::handle::TenantHandle;

/// How a tenant's book is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Integrity {
    /// The checkpoint that was signed last; `None` where none was. Errors: nothing is signed any more, and why.
    pub checkpoint: Result<Option<LastCheckpoint>, String>,
    /// Whether everything that was accepted could be stored.
    pub stored: bool,
    /// What the seal of the journal said when it was opened; `None` in memory.
    pub seal: Option<SealFound>,
    /// How far the mirror has this tenant; `None` where there is no mirror.
    pub mirror: Option<MirrorLag>,
}

/// A checkpoint that was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastCheckpoint {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// When; `None` where that is not known any more.
    pub at: Option<Instant>,
}

/// How far the mirror has a tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MirrorLag {
    /// How many durable entries of the tenant it does not have yet.
    pub behind: u64,
    /// Whether something keeps it from going on; it is tried again.
    pub stuck: bool,
}

impl TenantHandle {
    /// How the tenant's book is kept. Errors: the journal cannot be read.
    pub fn integrity(&self) -> Result<Integrity, LedgerError> {
        let newest = self.shelf()?.lock().newest();
        let last = |(checkpoint, at): (Checkpoint, Option<SystemTime>)| {
            let since = at.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let at = since.and_then(|since| i64::try_from(since.as_micros()).ok()).map(Instant::from_microseconds);
            LastCheckpoint { checkpoint, at }
        };
        let mirror = self.shared.mirror.as_ref().map(|(_, mirror)| {
            let status = mirror.status();
            let copied = status.copied.get(&self.open.tenant.stream).copied().unwrap_or(0);
            MirrorLag { behind: self.last().0.saturating_sub(copied), stuck: status.trouble.is_some() }
        });
        Ok(Integrity {
            checkpoint: newest.map(|newest| newest.map(last)),
            stored: !self.shared.failed(),
            seal: self.shared.report.as_ref().map(|report| report.seal),
            mirror,
        })
    }
}
