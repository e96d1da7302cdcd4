//! Views that check themselves: while a server is at work, every tenant's entries are folded anew in the shadow, and what
//! comes out is compared with the live views.
//!
//! It works a fifth of the time and looks at live views a small part at a time, so that nobody waits for it. One tenant's
//! views are held twice meanwhile. What was found the same is kept for the next start, when enough came since. A drift is an
//! error in the log with every round, in `GET /healthz`, and with all there is to say in `GET /operator/health`; the server
//! serves on. Opening the ledger again builds the views anew.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use grantbook_events::Position;
use grantbook_inquiries::{FINGERPRINT_VERSION, fingerprint, fingerprint_parts, part_fingerprint};
use grantbook_ledger::{FoldBegun, Folded, Hash, Ledger, RecordedFingerprint, Tree, Volume, leaf_hash};
use grantbook_projections::Views;
use parking_lot::{Condvar, Mutex};

/// How long is rested between two rounds.
pub const PAUSE: Duration = Duration::from_secs(20);

/// How many entries are folded before it is rested.
const STEP: u64 = 256;

/// For one part of work, so many parts of rest.
const REST: u32 = 4;

/// How often at most a fingerprint of a tenant's views is recorded.
const RECORD_EVERY: Duration = Duration::from_secs(3_600);

/// A live view that is not what the entries mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drift {
    /// Whose; `_installation` for the installation's own.
    pub tenant: String,
    /// As of which entry it was looked at.
    pub position: Position,
    /// Which views.
    pub views: &'static str,
}

/// What the checking found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ViewsHealth {
    /// How many times every tenant was looked at.
    pub rounds: u64,
    /// What the last round found of each tenant.
    pub drifts: Vec<Drift>,
    /// How long the last round took, with its rests.
    pub took: Duration,
}

/// What the checking found of one tenant, the last time that it was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Checked {
    /// Up to which entry.
    pub(crate) position: Position,
    /// When that was done.
    pub(crate) at: grantbook_events::Instant,
    /// The views that are not what the entries mean.
    pub(crate) drifted: Vec<&'static str>,
}

/// What the checking found last, shared with who tells it.
#[derive(Default)]
pub(crate) struct Findings {
    health: Mutex<ViewsHealth>,
    /// Of each tenant, by its stream.
    checked: Mutex<HashMap<String, Checked>>,
}

impl Findings {
    pub(crate) fn health(&self) -> ViewsHealth {
        self.health.lock().clone()
    }

    /// What was found of a tenant; `None` where it was not looked at yet.
    pub(crate) fn checked(&self, tenant: &str) -> Option<Checked> {
        self.checked.lock().get(tenant).cloned()
    }
}

/// A signal to stop, and to stop resting.
#[derive(Default)]
struct Stop {
    stopped: Mutex<bool>,
    told: Condvar,
}

impl Stop {
    /// Rests. True where it is to stop.
    fn rest(&self, how_long: Duration) -> bool {
        let mut stopped = self.stopped.lock();
        if !*stopped && !how_long.is_zero() {
            self.told.wait_for(&mut stopped, how_long);
        }
        *stopped
    }
}

/// The checking, at work on a thread of its own.
pub(crate) struct SelfCheck {
    stop: Arc<Stop>,
    thread: std::thread::JoinHandle<()>,
}

impl SelfCheck {
    /// Begins. Errors: there is no thread to be had.
    pub(crate) fn start(ledger: Ledger, findings: Arc<Findings>, pause: Duration) -> std::io::Result<SelfCheck> {
        let stop = Arc::new(Stop::default());
        let told = stop.clone();
        let thread = std::thread::Builder::new().name("self-check".to_owned());
        let thread =
            thread.spawn(move || Rounds { ledger, findings, stop: told, recorded: HashMap::new() }.run(pause))?;
        Ok(SelfCheck { stop, thread })
    }

    /// Ends, at the next rest; the ledger is let go of then.
    pub(crate) fn end(self) {
        *self.stop.stopped.lock() = true;
        self.stop.told.notify_all();
        if self.thread.join().is_err() {
            tracing::error!("the checking of views ended in disorder");
        }
    }
}

/// Somebody asked to stop.
struct Stopped;

struct Rounds {
    ledger: Ledger,
    findings: Arc<Findings>,
    stop: Arc<Stop>,
    /// When a fingerprint was recorded last.
    recorded: HashMap<String, Instant>,
}

impl Rounds {
    fn run(mut self, pause: Duration) {
        while !self.stop.rest(pause) {
            if self.round().is_err() {
                return;
            }
        }
    }

    fn round(&mut self) -> Result<(), Stopped> {
        let began = Instant::now();
        let ledger = self.ledger.clone();
        let mut drifts = Vec::new();
        for volume in ledger.volumes() {
            drifts.extend(self.look_at(&volume)?);
        }
        for Drift { tenant, position, views } in &drifts {
            tracing::error!(
                tenant,
                position = position.0,
                views,
                "VIEWS DRIFTED from what the entries mean: open the ledger again"
            );
        }
        let mut health = self.findings.health.lock();
        *health = ViewsHealth { rounds: health.rounds + 1, drifts, took: began.elapsed() };
        Ok(())
    }

    /// Works, then rests for longer.
    fn working<R>(&self, work: impl FnOnce() -> R) -> Result<R, Stopped> {
        let began = Instant::now();
        let done = work();
        if self.stop.rest(began.elapsed() * REST) { Err(Stopped) } else { Ok(done) }
    }

    fn look_at(&mut self, volume: &Volume<'_>) -> Result<Vec<Drift>, Stopped> {
        let (last, root) = volume.root();
        let tenant = volume.stream().as_str();
        let begun = volume.views_to_keep();
        let mut folded = Folded { views: Views::default(), tree: Tree::default(), leaf: Hash::default() };
        let mut entries = volume.stored(last);
        while folded.position() < last {
            let step = (last.0 - folded.position().0).min(STEP);
            let fold = || (0..step).try_for_each(|_| fold_next(&mut folded, &mut entries));
            if let Err(wrong) = self.working(fold)? {
                // What is wrong with entries is for `verify` to say in full.
                tracing::error!(tenant, wrong, "entries cannot be read anew, so views cannot be checked");
                return Ok(Vec::new());
            }
        }
        let Folded { views: shadow, tree, .. } = &folded;
        // What the writer signs and the head holds is looked at as well.
        let mut drifted: Vec<&'static str> = if tree.root() == root { Vec::new() } else { vec!["tree"] };
        for part in self.working(|| fingerprint_parts(shadow, last))? {
            let of = |views: &Views| part_fingerprint(views, last, part);
            let differs = self.working(|| of(shadow) != volume.live(of))?;
            if differs && !drifted.contains(&part.section) {
                drifted.push(part.section);
            }
        }
        let checked = Checked { position: last, at: self.ledger.clock().now(), drifted: drifted.clone() };
        self.findings.checked.lock().insert(tenant.to_owned(), checked);
        if drifted.is_empty() {
            self.record(volume, shadow, last, root)?;
            if let Some(begun) = begun {
                self.keep(volume, &folded, begun)?;
            }
        } else {
            volume.distrust_views();
        }
        Ok(drifted.into_iter().map(|views| Drift { tenant: tenant.to_owned(), position: last, views }).collect())
    }

    /// Keeps views that were just folded and found the same as the live ones, for the next start.
    fn keep(&self, volume: &Volume<'_>, folded: &Folded, begun: FoldBegun) -> Result<(), Stopped> {
        if let Err(error) = self.working(|| volume.keep_views(folded, begun))? {
            tracing::warn!(tenant = volume.stream().as_str(), %error, "views were not kept: a start folds every entry");
        }
        Ok(())
    }

    /// Records what all is well with, now and then.
    fn record(&mut self, volume: &Volume<'_>, shadow: &Views, position: Position, root: Hash) -> Result<(), Stopped> {
        let tenant = volume.stream().as_str();
        if self.recorded.get(tenant).is_some_and(|at| at.elapsed() < RECORD_EVERY) {
            return Ok(());
        }
        let fingerprint = self.working(|| fingerprint(shadow, position))?;
        let recorded = RecordedFingerprint { position, version: FINGERPRINT_VERSION, fingerprint, root };
        if let Err(wrong) = volume.record_fingerprint(recorded) {
            tracing::warn!(tenant, wrong, "a fingerprint was not recorded");
        }
        self.recorded.insert(tenant.to_owned(), Instant::now());
        Ok(())
    }
}

/// Folds the next entry. Errors: it cannot be read.
fn fold_next(
    folded: &mut Folded,
    entries: &mut impl Iterator<Item = Result<(u64, Vec<u8>), grantbook_ledger::Damage>>,
) -> Result<(), String> {
    let read = entries.next().ok_or("the entries end early")?;
    let (position, bytes) = read.map_err(|damage| damage.to_string())?;
    let entry = grantbook_encoding::decode(&bytes).map_err(|error| format!("position {position}: {error}"))?;
    folded.views.apply(&entry);
    folded.leaf = leaf_hash(&bytes);
    folded.tree.push(folded.leaf);
    Ok(())
}
