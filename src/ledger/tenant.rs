//! A tenant in memory: its views, how far they are durable, its keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use grantbook_events::{AccountId, Instant, Position, Sealed};
use grantbook_evidence::{Hash, Tree};
use grantbook_journal::StreamName;
use grantbook_projections::{AsOf, Views};
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::committer::PATIENCE;
use crate::error::LedgerError;
use crate::personal::Keys;

/// From where a question looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Point {
    /// The last position and the clock of now.
    #[default]
    Now,
    /// An entry, with the clock as it was then.
    At(Position),
    /// A moment: the last entry not later, with the clock reading that moment.
    Instant(Instant),
}

impl Point {
    /// Reads a position (digits) or an RFC 3339 instant. Errors: a sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Point, String> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let position = text.parse().ok().map(Position).filter(|position| *position <= Position::GREATEST);
            return position
                .map(Point::At)
                .ok_or_else(|| format!("`{text}` is no position: expected at most 2^53 - 1"));
        }
        Instant::parse(text).map(Point::Instant).map_err(|expected| format!("`{text}`: {expected}, or a position"))
    }
}

/// What readers and the writer share of a tenant.
pub(crate) struct Tenant {
    pub(crate) name: String,
    pub(crate) stream: StreamName,
    pub(crate) keys: Keys,
    /// The views may run ahead of what is durable; readers look at the last durable position.
    pub(crate) views: RwLock<Views>,
    durable: AtomicU64,
    /// The hash tree over the entries, which runs ahead of what is durable as the views do.
    pub(crate) tree: Mutex<Tree>,
    /// The tree's root after the last durable entry.
    root: Mutex<(Position, Hash)>,
    /// The latest instant for which an answer was given: entries to come are later.
    answered: AtomicI64,
    moved: watch::Sender<Position>,
    /// Held while MANAGER's password is rotated.
    pub(crate) rotating: tokio::sync::Mutex<()>,
}

impl Tenant {
    pub(crate) fn new(name: &str, stream: StreamName, keys: Keys, views: Views, tree: Tree) -> Arc<Tenant> {
        let (durable, root) = (views.timeline.last(), tree.root());
        Arc::new(Tenant {
            name: name.to_owned(),
            stream,
            keys,
            views: RwLock::new(views),
            durable: AtomicU64::new(durable.0),
            tree: Mutex::new(tree),
            root: Mutex::new((durable, root)),
            answered: AtomicI64::new(i64::MIN),
            moved: watch::channel(durable).0,
            rotating: tokio::sync::Mutex::new(()),
        })
    }

    /// The last position that is durable.
    pub(crate) fn durable(&self) -> Position {
        Position(self.durable.load(Ordering::Acquire))
    }

    /// The tree's root after the last durable entry, and that entry's position.
    pub(crate) fn root(&self) -> (Position, Hash) {
        *self.root.lock()
    }

    /// The committer says that everything up to `position` is durable, and the tree's root there.
    pub(crate) fn now_durable(&self, position: Position, root: Hash) {
        *self.root.lock() = (position, root);
        self.durable.fetch_max(position.0, Ordering::AcqRel);
        self.moved.send_replace(position);
    }

    /// Tells of every new durable position.
    pub(crate) fn watch(&self) -> watch::Receiver<Position> {
        self.moved.subscribe()
    }

    /// Waits until a position is durable, or until a commit that lasts so long counts as one that never ends.
    pub(crate) async fn until_durable(&self, position: Position) {
        let mut moved = self.watch();
        // Whoever waited looks again, and is told by the writer if the store failed.
        let _ = tokio::time::timeout(PATIENCE, moved.wait_for(|durable| *durable >= position)).await;
    }

    /// When the next entry happens: now, but later than the last one and than any instant that was answered for.
    pub(crate) fn next_at(&self, views: &Views, now: Instant) -> Instant {
        let answered = self.answered.load(Ordering::Acquire);
        let least = views.timeline.last_at().just_after();
        let after_answers = Instant::from_microseconds(answered.saturating_add(1));
        now.max(least).max(after_answers)
    }

    /// Asks the views from a point. Waits for entries on their way to the disk that belong to it.
    pub(crate) async fn ask<R>(
        &self,
        point: Point,
        clock: &Clock,
        question: impl FnOnce(&Views, AsOf) -> R,
    ) -> Result<R, LedgerError> {
        self.wait_for(point).await?;
        let views = self.views.read();
        let as_of = self.resolve(&views, point, clock)?;
        Ok(question(&views, as_of))
    }

    /// Waits until the entries that a point names are durable.
    async fn wait_for(&self, point: Point) -> Result<(), LedgerError> {
        let needed = match point {
            Point::Now => return Ok(()),
            Point::At(position) => position.min(self.views.read().timeline.last()),
            Point::Instant(instant) => self.views.read().timeline.position_at(instant),
        };
        let mut moved = self.moved.subscribe();
        moved.wait_for(|durable| *durable >= needed).await.map(|_| ()).map_err(|_| LedgerError::Storage)
    }

    fn resolve(&self, views: &Views, point: Point, clock: &Clock) -> Result<AsOf, LedgerError> {
        let durable = self.durable();
        match point {
            Point::Now => {
                let now = clock.now().max(views.timeline.at(durable));
                // An entry on its way to the disk must not come to lie at or before an instant that was answered for.
                let next = durable.next();
                let ahead = (next <= views.timeline.last()).then(|| views.timeline.at(next).just_before());
                let instant = ahead.map_or(now, |ahead| now.min(ahead)).max(views.timeline.at(durable));
                self.answered.fetch_max(instant.microseconds(), Ordering::AcqRel);
                Ok(AsOf { position: durable, clock: instant })
            }
            Point::At(position) if position <= durable => Ok(views.timeline.as_of(position)),
            Point::At(position) => Err(LedgerError::Beyond { asked: position, last: durable }),
            Point::Instant(instant) => {
                // The clock never reads the last instant there is, which stands for no end.
                let instant = instant.min(Instant::LATEST.just_before());
                let position = views.timeline.position_at(instant).min(durable);
                self.answered.fetch_max(instant.min(clock.now()).microseconds(), Ordering::AcqRel);
                Ok(AsOf { position, clock: instant })
            }
        }
    }

    /// What a sealed value says; `None` where its key is gone.
    pub(crate) fn open(&self, sealed: &Sealed) -> Option<String> {
        self.keys.open(sealed)
    }

    /// The full name that an account had as of a position.
    pub(crate) fn name_of(&self, views: &Views, account: &AccountId, position: Position) -> Option<String> {
        let who = views.account(account)?;
        self.open(views.accounts.full_name(who, position)?)
    }
}
