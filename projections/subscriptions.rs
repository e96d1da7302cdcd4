//! Subscriptions: which apps are licensed, and when (rules: A2, A8).

use grantbook_events::{Date, Instant, Position, SubscriptionStatus, TenantEvent};
use serde::{Deserialize, Serialize};

use crate::history::{AsOf, Cause, Facts};
use crate::names::Names;

/// What support recorded of a subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Subscription {
    /// Its state from `from` on.
    pub status: SubscriptionStatus,
    /// The first day.
    pub from: Date,
    /// From when on it gives nothing.
    pub until: Option<Instant>,
}

impl Subscription {
    /// Whether the app is licensed by it when the clock reads `clock`.
    pub fn licenses(&self, clock: Instant) -> bool {
        let running = match self.status {
            SubscriptionStatus::Active | SubscriptionStatus::Trial | SubscriptionStatus::Demo => true,
            SubscriptionStatus::Ended => false,
        };
        running && self.from.start() <= clock && self.until.is_none_or(|until| clock < until)
    }
}

/// The subscriptions of a tenant, one an app.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Subscriptions {
    by_app: Facts<Subscription>,
}

impl Subscriptions {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &TenantEvent) {
        match event {
            TenantEvent::SubscriptionRecorded { app, status, from, until } => {
                let subscription = Subscription { status: *status, from: *from, until: *until };
                self.by_app.set(names.apps.intern(app.as_str()), at, subscription);
            }
            // The tenant's own view has these.
            TenantEvent::TenantCreated { .. }
            | TenantEvent::LicenceRecorded { .. }
            | TenantEvent::AppAdded { .. }
            | TenantEvent::ModuleAdded { .. }
            | TenantEvent::TenantClosed { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.by_app.retract(at);
    }

    /// What was recorded last for an app, and by which entry.
    pub fn recorded(&self, app: u32, position: Position) -> Option<(Position, &Subscription)> {
        self.by_app.change_at(app, position)
    }

    /// The entry by which an app is licensed as of then.
    pub fn licensed(&self, app: u32, as_of: AsOf) -> Option<Position> {
        let (recorded, subscription) = self.recorded(app, as_of.position)?;
        subscription.licenses(as_of.clock).then_some(recorded)
    }

    /// When it may have changed whether an app is licensed.
    pub fn turning_points(&self, app: u32, as_of: AsOf, into: &mut Vec<Cause>) {
        let Some(history) = self.by_app.history(app) else { return };
        for (recorded, subscription) in history.changes_to(as_of.position) {
            into.push(Cause::Entry(recorded));
            let moments = [Some(subscription.from.start()), subscription.until];
            into.extend(moments.into_iter().flatten().filter(|moment| *moment <= as_of.clock).map(Cause::Clock));
        }
    }
}
