//! What holds for a tenant as a whole: edition, licences, the catalogues of apps and modules.

use grantbook_events::{
    AccountId, AppName, Audience, CloudId, CustomerName, Edition, Instant, Licence, ModuleName, Position, TenantEvent,
};
use serde::{Deserialize, Serialize};

use crate::history::{AsOf, Cause, Facts, History, under_own_numbers};
use crate::names::Names;

/// How a tenant began (rules: T1, F1, F7, F14).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Genesis {
    /// Its Cloud ID.
    pub cloud_id: CloudId,
    /// The edition it runs.
    pub edition: Edition,
    /// Who it belongs to.
    pub customer: CustomerName,
    /// The one account whose first sign-in makes the admin, where support named one.
    pub first_admin: Option<AccountId>,
}

/// An app of the catalogue (rule: A1).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct App {
    /// Its slug.
    pub name: AppName,
    /// What people call it.
    pub title: String,
    /// Who may use it.
    pub audience: Audience,
}

/// A tenant as a whole.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Tenant {
    genesis: Facts<Genesis>,
    licences: Facts<Option<Instant>>,
    apps: Facts<App>,
    modules: Facts<ModuleName>,
    closed: Facts<()>,
}

const GENESIS: u32 = 0;
const CLOSED: u32 = 0;

impl Tenant {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &TenantEvent) {
        match event {
            TenantEvent::TenantCreated { cloud_id, edition, customer, first_admin } => {
                let genesis = Genesis {
                    cloud_id: cloud_id.clone(),
                    edition: *edition,
                    customer: customer.clone(),
                    first_admin: first_admin.clone(),
                };
                self.genesis.set(GENESIS, at, genesis);
            }
            TenantEvent::LicenceRecorded { licence, until } => self.licences.set(*licence as u32, at, *until),
            TenantEvent::AppAdded { app, title, audience } => {
                let state = App { name: app.clone(), title: title.clone(), audience: *audience };
                self.apps.set(names.apps.intern(app.as_str()), at, state);
            }
            TenantEvent::ModuleAdded { module } => {
                self.modules.set(names.modules.intern(module.as_str()), at, module.clone());
            }
            TenantEvent::TenantClosed { .. } => self.closed.set(CLOSED, at, ()),
            // Subscriptions have a view of their own.
            TenantEvent::SubscriptionRecorded { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Tenant { genesis, licences, apps, modules, closed } = self;
        genesis.retract(at);
        licences.retract(at);
        apps.retract(at);
        modules.retract(at);
        closed.retract(at);
    }

    /// How the tenant began; `None` before its first entry.
    pub fn genesis(&self, position: Position) -> Option<&Genesis> {
        self.genesis.at(GENESIS, position)
    }

    /// The edition; `Cloud` before the first entry.
    pub fn edition(&self, position: Position) -> Edition {
        self.genesis(position).map_or(Edition::Cloud, |genesis| genesis.edition)
    }

    /// The entry that closed the tenant (rule: T7).
    pub fn closed(&self, position: Position) -> Option<Position> {
        self.closed.change_at(CLOSED, position).map(|(closed, ())| closed)
    }

    /// The entry that recorded a licence in force as of then.
    pub fn licence(&self, licence: Licence, as_of: AsOf) -> Option<Position> {
        let (recorded, until) = self.licences.change_at(licence as u32, as_of.position)?;
        until.is_none_or(|until| as_of.clock < until).then_some(recorded)
    }

    /// What was recorded last of a licence: by which entry, and its end.
    pub fn licence_recorded(&self, licence: Licence, position: Position) -> Option<(Position, Option<Instant>)> {
        self.licences.change_at(licence as u32, position).map(|(recorded, until)| (recorded, *until))
    }

    /// When it may have changed whether a licence is there.
    pub fn licence_points(&self, licence: Licence, as_of: AsOf, into: &mut Vec<Cause>) {
        let recorded = self.licences.history(licence as u32).into_iter();
        for (set, until) in recorded.flat_map(|history| history.changes_to(as_of.position)) {
            into.push(Cause::Entry(set));
            into.extend(until.filter(|until| *until <= as_of.clock).map(Cause::Clock));
        }
    }

    /// Whether every app and every module is kept under the number of its name.
    pub fn agrees(&self, names: &Names) -> bool {
        under_own_numbers(&self.apps, |number, app| names.apps.is(number, app.name.as_str()))
            && under_own_numbers(&self.modules, |number, module| names.modules.is(number, module.as_str()))
    }

    /// An app of the catalogue, with the entry that added it.
    pub fn app(&self, app: u32, position: Position) -> Option<(Position, &App)> {
        self.apps.change_at(app, position)
    }

    /// The history of an app in the catalogue.
    pub fn app_history(&self, app: u32) -> Option<&History<App>> {
        self.apps.history(app)
    }

    /// The apps of the catalogue, with the entries that added them.
    pub fn apps(&self, position: Position) -> impl Iterator<Item = (Position, &App)> {
        self.apps.keys().filter_map(move |number| self.app(number, position))
    }

    /// A module of the catalogue, with the entry that added it.
    pub fn module(&self, module: u32, position: Position) -> Option<(Position, &ModuleName)> {
        self.modules.change_at(module, position)
    }

    /// The modules of the catalogue.
    pub fn modules(&self, position: Position) -> impl Iterator<Item = (u32, &ModuleName)> {
        self.modules.keys().filter_map(move |number| Some((number, self.modules.at(number, position)?)))
    }
}
