//! What is done once for several tenants and reaches each of them once. The installation's own ledger has the acts; a tenant's
//! has, of those that reached it, the entries with their cause. What the one has and the other has not is still on its way.

use std::collections::BTreeMap;

use grantbook_events::{CloudId, CustomerName, Entry, InstallationEvent, Position, TenantEvent};
use serde::{Deserialize, Serialize};

/// Whom an act of the installation concerns.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub enum Concerns {
    /// Every tenant: the catalogues (rules: A1, L1).
    Everyone,
    /// A customer's tenants: their subscriptions (rule: T2).
    Customer(CustomerName),
    /// One tenant: its end (rule: T7).
    Tenant(CloudId),
}

/// Acts to be passed on, and those that arrived.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Relays {
    /// Of the installation's own ledger, oldest first.
    acts: Vec<(Position, Concerns)>,
    /// Of a tenant's: the installation's entry, and the tenant's own that relays it.
    arrived: BTreeMap<Position, Position>,
}

impl Relays {
    pub(crate) fn begin(&mut self, at: Position, entry: &Entry) {
        if let Some(cause) = entry.cause {
            self.arrived.entry(cause).or_insert(at);
        }
    }

    /// The installation's own catalogue grows.
    pub(crate) fn apply_catalogue(&mut self, at: Position, event: &TenantEvent) {
        match event {
            TenantEvent::AppAdded { .. } | TenantEvent::ModuleAdded { .. } => {
                self.acts.push((at, Concerns::Everyone));
            }
            // What is of one tenant is recorded there.
            TenantEvent::TenantCreated { .. }
            | TenantEvent::LicenceRecorded { .. }
            | TenantEvent::SubscriptionRecorded { .. }
            | TenantEvent::TenantClosed { .. } => {}
        }
    }

    pub(crate) fn apply(&mut self, at: Position, event: &InstallationEvent) {
        match event {
            InstallationEvent::CustomerSubscriptionRecorded { customer, .. } => {
                self.acts.push((at, Concerns::Customer(customer.clone())));
            }
            InstallationEvent::CloudIdClosed { cloud_id } => self.acts.push((at, Concerns::Tenant(cloud_id.clone()))),
            // These are the installation's alone; a tenant's first entry is recorded beside that of its Cloud ID.
            InstallationEvent::CloudIdAssigned { .. }
            | InstallationEvent::CloudIdTermsRecorded { .. }
            | InstallationEvent::CloudIdRequested { .. }
            | InstallationEvent::CustomerRegistered { .. }
            | InstallationEvent::ReadinessChecked { .. }
            | InstallationEvent::SupportTokenIssued { .. }
            | InstallationEvent::SupportTokenRevoked { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        while self.acts.pop_if(|(position, _)| *position == at).is_some() {}
        self.arrived.retain(|_, arrived| *arrived != at);
    }

    /// The acts after `after` and up to `position`, oldest first; several of one entry stand one after the other.
    pub fn acts(&self, after: Position, position: Position) -> impl Iterator<Item = (Position, &Concerns)> {
        let later = self.acts.partition_point(|(at, _)| *at <= after);
        let later = self.acts.iter().skip(later);
        later.take_while(move |(at, _)| *at <= position).map(|(at, concerns)| (*at, concerns))
    }

    /// The entry of this tenant that relays the installation's entry `cause`.
    pub fn arrived(&self, cause: Position) -> Option<Position> {
        self.arrived.get(&cause).copied()
    }

    /// What arrived up to `position`: the installation's entry, and the tenant's own.
    pub fn all_arrived(&self, position: Position) -> impl Iterator<Item = (Position, Position)> {
        self.arrived.iter().map(|(cause, at)| (*cause, *at)).filter(move |(_, at)| *at <= position)
    }
}

#[cfg(test)]
mod tests {
    use super::Concerns;
    use crate::Views;
    use crate::told_for_tests::{contact, goes_on};
    use grantbook_events::{Event, ModuleName, Position, TenantEvent};

    // rule: U4
    #[test]
    fn what_was_only_tried_is_taken_back_and_nothing_else() {
        let module = |name| Event::Tenant(TenantEvent::ModuleAdded { module: ModuleName::new(name).unwrap() });
        let mut views = Views::default();
        let first = goes_on(&mut views, "2026-01-05T09:00:00Z", None, vec![module("Events"), module("Billing")]);
        goes_on(&mut views, "2026-01-05T09:01:00Z", None, vec![module("Surveys"), module("Mailing")]);
        views.retract();
        let acts: Vec<_> = views.relays.acts(Position::START, Position::GREATEST).collect();
        assert_eq!(acts, [(first, &Concerns::Everyone), (first, &Concerns::Everyone)]);
        assert_eq!(views.relays.acts(first, Position::GREATEST).count(), 0);

        let mut views = Views::default();
        let arrived = goes_on(&mut views, "2026-01-05T09:00:00Z", Some(7), vec![contact("ann")]);
        let second = goes_on(&mut views, "2026-01-05T09:01:00Z", Some(9), vec![contact("cy")]);
        assert_eq!(views.relays.all_arrived(arrived).collect::<Vec<_>>(), [(Position(7), arrived)]);
        assert_eq!(views.relays.arrived(Position(9)), Some(second));
        views.retract();
        let of = |cause| views.relays.arrived(Position(cause));
        assert_eq!((of(7), of(9)), (Some(arrived), None));
    }
}
