//! App Users: who is assigned to which app, and when it was last used (chapter A).

use grantbook_events::{DashboardEvent, Instant, Position};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Facts};
use crate::holdings::Holdings;
use crate::names::{FastMap, Names};

/// The App Users of a tenant.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct AppUsers {
    pub(crate) holdings: Holdings,
    last_use: Facts<Instant>,
    use_slots: FastMap<(u32, u32), u32>,
    /// The entry that first reported use of an app.
    reports: Facts<Position>,
}

impl AppUsers {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &DashboardEvent) {
        match event {
            DashboardEvent::AppUserAssigned { account, app, until } => {
                let (who, app) = (names.accounts.intern(account.as_str()), names.apps.intern(app.as_str()));
                self.holdings.set(who, app, at, Holding::held(1, *until));
            }
            DashboardEvent::AppUserRemoved { account, app } => {
                let (who, app) = (names.accounts.intern(account.as_str()), names.apps.intern(app.as_str()));
                self.holdings.set(who, app, at, Holding::NOT_HELD);
            }
            DashboardEvent::AppUsed { account, app, at: used } => {
                let (who, app) = (names.accounts.intern(account.as_str()), names.apps.intern(app.as_str()));
                let next = u32::try_from(self.use_slots.len()).unwrap_or(u32::MAX);
                let slot = *self.use_slots.entry((who, app)).or_insert(next);
                if self.reports.last(app).is_none() {
                    self.reports.set(app, at, at);
                }
                if self.last_use.last(slot).is_none_or(|last| last < used) {
                    self.last_use.set(slot, at, *used);
                }
            }
            // Admin Users use no app they are not assigned to (rule: F11).
            DashboardEvent::AdminAdded { .. }
            | DashboardEvent::AdminRemoved { .. }
            | DashboardEvent::BackgroundAccountSet { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.holdings.retract(at);
        self.last_use.retract(at);
        self.reports.retract(at);
    }

    /// The assignment in force as of then.
    pub fn assigned(&self, who: u32, app: u32, as_of: AsOf) -> Option<(Position, Holding)> {
        self.holdings.in_force(who, app, as_of)
    }

    /// The history of an assignment.
    pub fn history(&self, who: u32, app: u32) -> Option<&GrantHistory> {
        self.holdings.history(who, app)
    }

    /// Who is assigned to an app as of a position, ends not looked at. Not in an order to show.
    pub fn users(&self, app: u32, position: Position) -> impl Iterator<Item = (u32, Position, Holding)> {
        self.holdings.recorded_holders(app, position)
    }

    /// The apps that an account was ever assigned to.
    pub fn apps_of(&self, who: u32) -> impl Iterator<Item = (u32, &GrantHistory)> {
        self.holdings.things_of(who)
    }

    /// The reported uses of an app by an account up to then: the entry of the report, and when it was used.
    pub fn uses(&self, who: u32, app: u32, position: Position) -> impl Iterator<Item = (Position, Instant)> {
        let slot = self.use_slots.get(&(who, app));
        let history = slot.and_then(|slot| self.last_use.history(*slot)).into_iter();
        history.flat_map(move |history| history.changes_to(position)).map(|(reported, used)| (reported, *used))
    }

    /// The entry that first reported use of an app (rule: A9); `None` where none did up to then.
    pub fn reports_since(&self, app: u32, position: Position) -> Option<Position> {
        self.reports.at(app, position).copied()
    }

    /// When an account last used an app, as reported (rule: A9).
    pub fn last_use(&self, who: u32, app: u32, position: Position) -> Option<(Position, Instant)> {
        let (reported, used) = self.last_use.change_at(*self.use_slots.get(&(who, app))?, position)?;
        Some((reported, *used))
    }

    /// Everyone who was ever assigned to an app. Not in an order to show.
    pub fn ever_users(&self, app: u32) -> impl Iterator<Item = u32> {
        self.holdings.holders_of(app).map(|(who, _)| who)
    }

    /// Every assignment that there ever was: account, app. In the order of the accounts' numbers, not one to show.
    pub fn ever(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.holdings.all()
    }

    /// Those that ever had an end (rule: G10).
    pub fn ending(&self) -> impl Iterator<Item = (u32, u32, &GrantHistory)> {
        self.holdings.ending()
    }
}
