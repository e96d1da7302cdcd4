//! The committer: one a store. It makes durable what all writers decided, once for all that waits, and answers then.
//!
//! Never before: an answer about an entry, or about a refusal that rests on one, is sent after the journal's append has
//! returned. If anything cannot be stored, the state is unknown: everything from then on is answered so, and the ledger
//! must be opened again, which is recovery by replay.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{self, Duration};

use grantbook_events::{Entry, Instant, Position};
use grantbook_evidence::Hash;
use grantbook_journal::{Append, Mirror, Store, StreamName};
use parking_lot::{Mutex, RwLock};
use tokio::sync::oneshot;

use crate::erasure::{Erased, ErasureError, destroy, purge_kept};
use crate::error::LedgerError;
use crate::figures;
use crate::kept_views::KeptViews;
use crate::outbox::Outbox;
use crate::second_factor::Shown;
use crate::tenant::Tenant;
use crate::tokens::TokenDigest;
use crate::vault::{Vault, VaultName, VaultWrite};
use crate::webhooks::ShownSecret;

/// What came of a request.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Where it was recorded; `None` for a dry run, and where nothing was to be recorded.
    pub position: Option<Position>,
    /// The entry, or what it would be.
    pub entry: Option<Arc<Entry>>,
    /// Whether it had been recorded before, under the same idempotency key.
    pub repeated: bool,
    /// Of a sign-in: when the session ends by itself.
    pub expires_at: Option<Instant>,
    /// Of a sign-in: whether it made the first Admin User.
    pub became_admin: bool,
    /// Of a sign-in: whether the password must be changed first.
    pub must_change: bool,
    /// Of a sign-in: whether the session is for enrolling a second factor alone (rule: S6).
    pub only_enrols: bool,
    /// Of an enrolment: what is shown of the seed, this once.
    pub second_factor: Option<Shown>,
    /// Of webhooks that were added: what is shown of their secrets, this once.
    pub webhook_secrets: Vec<ShownSecret>,
}

impl Done {
    pub(crate) fn recorded(position: Position, entry: Arc<Entry>) -> Done {
        Done { position: Some(position), entry: Some(entry), ..Done::default() }
    }

    pub(crate) fn nothing() -> Done {
        Done::default()
    }
}

/// What a sync is taken to last at most when it comes to waiting for others: a slow disk must not make callers idle.
const SLOWEST_SYNC: Duration = Duration::from_millis(4);

/// How long a commit may take before it counts as one that never ends. No disk that works takes so long; but after a write
/// that failed sled 0.34 was seen to wait for ever.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// What a request is answered.
pub(crate) type Answer = Result<Done, LedgerError>;

/// An answer that waits to be sent.
pub(crate) struct Waiting {
    pub(crate) to: oneshot::Sender<Answer>,
    pub(crate) answer: Answer,
}

/// The session that a token opens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct OpenedSession {
    pub(crate) tenant: String,
    pub(crate) account: grantbook_events::AccountId,
    pub(crate) session: Position,
}

/// The sessions that tokens open, by the digest of the token.
pub(crate) type Sessions = Arc<RwLock<HashMap<TokenDigest, OpenedSession>>>;

/// Entries of one tenant, in order.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) first: Position,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) root: Hash,
}

/// What a writer decided.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) runs: Vec<Run>,
    pub(crate) secrets: Vec<VaultWrite>,
    pub(crate) retired: Vec<VaultName>,
    /// People whom the entries erase: what is left of them is destroyed before anybody is answered.
    pub(crate) erased: Vec<Erased>,
    pub(crate) sessions: Vec<(TokenDigest, OpenedSession)>,
    pub(crate) answers: Vec<Waiting>,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.answers.is_empty()
    }
}

/// The way to the committer.
#[derive(Clone)]
pub(crate) struct Committer {
    batches: Sender<Batch>,
    health: Arc<Health>,
}

/// How it stands with the store.
struct Health {
    /// Whether something could not be stored.
    failed: AtomicBool,
    /// In which second of its life a commit began, counted from 1; 0 where none is under way.
    busy: AtomicU64,
    born: time::Instant,
}

impl Health {
    fn new() -> Health {
        Health { failed: AtomicBool::new(false), busy: AtomicU64::new(0), born: time::Instant::now() }
    }

    fn second(&self) -> u64 {
        self.born.elapsed().as_secs() + 1
    }

    /// Whether a commit is under way, as of a second, that began so long ago that it will not end.
    fn stalled(&self, second: u64) -> bool {
        let began = self.busy.load(Ordering::Acquire);
        began > 0 && second.saturating_sub(began) > PATIENCE.as_secs()
    }
}

impl Committer {
    /// Starts the committer's thread. It ends when every sender is gone.
    pub(crate) fn start(keepers: Keepers) -> std::io::Result<(Committer, std::thread::JoinHandle<()>)> {
        let (batches, waiting) = channel();
        let health = Arc::new(Health::new());
        let worker = Worker { keepers, health: health.clone() };
        let thread = std::thread::Builder::new().name("committer".to_owned()).spawn(move || worker.run(&waiting))?;
        Ok((Committer { batches, health }, thread))
    }

    /// Hands over what was decided. Batches of one writer are made durable in the order they were handed over.
    pub(crate) fn commit(&self, batch: Batch) {
        if let Err(unsent) = self.batches.send(batch) {
            answer_all(unsent.0.answers, true);
        }
    }

    /// Whether something could not be stored, and the state is unknown.
    pub(crate) fn failed(&self) -> bool {
        self.health.failed.load(Ordering::Acquire) || self.stalled()
    }

    /// Whether the store does not come back from a commit.
    pub(crate) fn stalled(&self) -> bool {
        self.health.stalled(self.health.second())
    }
}

/// Where everything is kept.
pub(crate) struct Keepers {
    pub(crate) store: Arc<Store>,
    pub(crate) vault: Arc<Mutex<Vault>>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) kept_views: Arc<KeptViews>,
    /// The second copy of the store: told of every commit, waited for by nobody.
    pub(crate) mirror: Option<Arc<Mirror>>,
    pub(crate) sessions: Sessions,
}

struct Worker {
    keepers: Keepers,
    health: Arc<Health>,
}

/// What the next commit begins with.
#[derive(Default)]
struct Next {
    /// What came while the last one was under way.
    here: Vec<Batch>,
    /// How many are likely to be answered: those of the last one, and those who came meanwhile.
    expected: usize,
    /// How long to wait for them at most.
    patience: Duration,
}

impl Worker {
    fn run(&self, waiting: &Receiver<Batch>) {
        let mut next = Next::default();
        while let Some(batches) = gather(waiting, next) {
            let began = time::Instant::now();
            let mut all = together(batches);
            let failed = !self.commit(&mut all);
            let here: Vec<Batch> = waiting.try_iter().collect();
            let expected = all.answers.len() + answers(&here);
            figures::queued(answers(&here));
            next = Next { here, expected, patience: began.elapsed().min(SLOWEST_SYNC) / 4 };
            answer_all(all.answers, failed);
            if !failed {
                self.retire(&all.retired);
            }
        }
    }

    /// Makes everything durable, and known to be so. False if that failed, now or before.
    fn commit(&self, all: &mut Batch) -> bool {
        let began = time::Instant::now();
        self.health.busy.store(self.health.second(), Ordering::Release);
        // Nobody reads of an erasure before it is done.
        let mut failed = self.health.failed.load(Ordering::Acquire) || !self.store(all) || !self.destroy(&all.erased);
        if !failed {
            self.publish(all);
            failed = !self.forget_kept(&all.erased);
        }
        if failed {
            self.health.failed.store(true, Ordering::Release);
        }
        self.health.busy.store(0, Ordering::Release);
        let entries: usize = all.runs.iter().map(|run| run.entries.len()).sum();
        if entries > 0 {
            figures::committed(began.elapsed(), entries);
            let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            tracing::debug!(entries, tenants = all.runs.len(), answers = all.answers.len(), micros, failed, "commit");
        }
        !failed
    }

    /// Drops secrets that are no longer in force.
    fn retire(&self, retired: &[VaultName]) {
        // What the journal names no longer is dropped at the next start if it cannot be now.
        if !retired.is_empty()
            && let Err(error) = self.keepers.vault.lock().retire(retired)
        {
            tracing::warn!(%error, "a secret that is no longer in force was not dropped yet");
        }
    }

    /// What is left of people who are erased now. False where something of them is still there: nobody is told otherwise.
    fn destroy(&self, erased: &[Erased]) -> bool {
        is_destroyed(destroy(erased, &self.keepers))
    }

    /// Views that were begun to be kept after the destroying and before the publishing, and so without the erasure, go as well.
    fn forget_kept(&self, erased: &[Erased]) -> bool {
        is_destroyed(purge_kept(erased, &self.keepers.kept_views))
    }

    /// Secrets first: an entry never names a secret that is not there.
    fn store(&self, all: &Batch) -> bool {
        if !all.secrets.is_empty()
            && let Err(error) = self.keepers.vault.lock().commit(&all.secrets)
        {
            tracing::error!(%error, "the vault could not be written: the ledger stops");
            return false;
        }
        if all.runs.is_empty() {
            return true;
        }
        let appends: Vec<Append<'_>> = all.runs.iter().map(append).collect();
        let began = time::Instant::now();
        let appended = self.keepers.store.append(&appends);
        figures::synced(began.elapsed());
        match appended {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "the journal could not be written: the ledger stops");
                false
            }
        }
    }

    fn publish(&self, all: &mut Batch) {
        if !all.sessions.is_empty() {
            self.keepers.sessions.write().extend(all.sessions.drain(..));
        }
        for run in &all.runs {
            let last = run.first.0 + run.entries.len() as u64 - 1;
            run.tenant.now_durable(Position(last), run.root);
        }
        if let Some(mirror) = &self.keepers.mirror
            && !all.runs.is_empty()
        {
            mirror.wake();
        }
    }
}

fn is_destroyed(destroyed: Result<(), ErasureError>) -> bool {
    if let Err(error) = &destroyed {
        tracing::error!(%error, "what is left of somebody erased could not be destroyed: the ledger stops");
    }
    destroyed.is_ok()
}

/// What is to be committed together. `None` when every sender is gone.
///
/// Whoever was just answered tends to come again with the next command. Without waiting for them, callers fall into two
/// halves, each of which waits for the other's sync; a little patience, at most a quarter of what the last sync took,
/// brings most of them into one. A caller who is alone is waited for by nobody, and waits for nobody.
fn gather(waiting: &Receiver<Batch>, next: Next) -> Option<Vec<Batch>> {
    let Next { here: mut batches, expected, patience } = next;
    if batches.is_empty() {
        batches.push(waiting.recv().ok()?);
    }
    batches.extend(waiting.try_iter());
    let mut here = answers(&batches);
    let until = time::Instant::now() + patience;
    while here < expected {
        let Ok(more) = waiting.recv_timeout(until.saturating_duration_since(time::Instant::now())) else { break };
        here += more.answers.len();
        batches.push(more);
    }
    Some(batches)
}

fn answers(batches: &[Batch]) -> usize {
    batches.iter().map(|batch| batch.answers.len()).sum()
}

/// Batches as one.
fn together(batches: Vec<Batch>) -> Batch {
    let mut all = Batch::default();
    for batch in batches {
        all.secrets.extend(batch.secrets);
        all.retired.extend(batch.retired);
        all.erased.extend(batch.erased);
        all.sessions.extend(batch.sessions);
        all.answers.extend(batch.answers);
        for run in batch.runs {
            join(&mut all.runs, run);
        }
    }
    all
}

fn append(run: &Run) -> Append<'_> {
    Append { stream: stream(run), first: run.first.0, entries: &run.entries, root: run.root }
}

fn stream(run: &Run) -> &StreamName {
    &run.tenant.stream
}

/// Runs of one tenant follow each other, and become one.
fn join(runs: &mut Vec<Run>, run: Run) {
    match runs.iter_mut().find(|earlier| Arc::ptr_eq(&earlier.tenant, &run.tenant)) {
        Some(earlier) => {
            earlier.entries.extend(run.entries);
            earlier.root = run.root;
        }
        None => runs.push(run),
    }
}

fn answer_all(answers: Vec<Waiting>, failed: bool) {
    for Waiting { to, answer } in answers {
        // Whoever no longer waits asks for the outcome by its idempotency key.
        let _ = to.send(if failed { Err(LedgerError::Storage) } else { answer });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_takes_too_long_counts_as_one_that_never_ends() {
        let (health, most) = (Health::new(), PATIENCE.as_secs());
        assert!(!health.stalled(1 + 10 * most), "none is under way");
        health.busy.store(7, Ordering::Release);
        assert!(!health.stalled(7) && !health.stalled(7 + most) && health.stalled(8 + most));
        health.busy.store(0, Ordering::Release);
        assert!(!health.stalled(8 + most), "it came back");
    }
}
