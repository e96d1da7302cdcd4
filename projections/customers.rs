//! The customers of the installation: their subscriptions, what they asked for, and what checks of their sites found
//! (rules: T2, T3). The views of a tenant leave it empty.

use grantbook_events::{
    AppName, CustomerName, InstallationEvent, KeyId, Label, Position, Purpose, ReadinessFinding, Sealed, SealedEmail,
    SiteUrl,
};
use serde::{Deserialize, Serialize};

use crate::history::{AsOf, Facts, under_own_numbers};
use crate::names::{FoldedNumbers, Numbers};
use crate::subscriptions::Subscription;

/// A customer.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Customer {
    /// The name, as it was registered.
    pub name: CustomerName,
    /// The key of the personal values.
    pub key: KeyId,
    /// The full name.
    pub full_name: Sealed,
    /// Where the customer is reached.
    pub contact_email: SealedEmail,
}

/// The subscription of a customer to an app, for all their tenants.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct CustomerSubscription {
    customer: u32,
    /// To which app.
    pub app: AppName,
    /// What support recorded last.
    pub subscription: Subscription,
}

/// A request for a Cloud ID.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct CloudIdRequest {
    /// The entry that recorded it.
    pub recorded: Position,
    customer: u32,
    /// What for.
    pub purpose: Purpose,
    /// The person who asked.
    pub requester_name: Sealed,
    /// Where that person is reached.
    pub requester_email: SealedEmail,
    /// The full name of the organisation.
    pub organisation: Label,
    /// The site.
    pub url: SiteUrl,
    /// Where in the world it is.
    pub region: Label,
}

/// A readiness check.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct ReadinessCheck {
    /// The entry that recorded it.
    pub recorded: Position,
    customer: u32,
    /// The site.
    pub url: SiteUrl,
    /// Whether the site is ready.
    pub passed: bool,
    /// What was found.
    pub findings: Vec<ReadinessFinding>,
}

/// The customers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Customers {
    names: FoldedNumbers,
    registered: Facts<Customer>,
    /// A customer and an app in one text.
    pairs: Numbers,
    subscriptions: Facts<CustomerSubscription>,
    /// Oldest first.
    requests: Vec<CloudIdRequest>,
    /// Oldest first.
    checks: Vec<ReadinessCheck>,
}

impl Customers {
    pub(crate) fn apply(&mut self, at: Position, event: &InstallationEvent) {
        match event {
            InstallationEvent::CustomerRegistered { customer, key, full_name, contact_email } => {
                let number = self.names.intern(customer.as_str());
                let (name, key, full_name) = (customer.clone(), *key, full_name.clone());
                let contact_email = contact_email.clone();
                self.registered.set(number, at, Customer { name, key, full_name, contact_email });
            }
            InstallationEvent::CustomerSubscriptionRecorded { customer, app, status, from, until } => {
                let customer = self.names.intern(customer.as_str());
                // No name holds a line end, so no two pairs are the same text.
                let pair = self.pairs.intern(&format!("{customer}\n{}", app.as_str().to_lowercase()));
                let subscription = Subscription { status: *status, from: *from, until: *until };
                let state = CustomerSubscription { customer, app: app.clone(), subscription };
                self.subscriptions.set(pair, at, state);
            }
            InstallationEvent::CloudIdRequested {
                customer,
                purpose,
                requester_name,
                requester_email,
                organisation,
                url,
                region,
            } => self.requests.push(CloudIdRequest {
                recorded: at,
                customer: self.names.intern(customer.as_str()),
                purpose: *purpose,
                requester_name: requester_name.clone(),
                requester_email: requester_email.clone(),
                organisation: organisation.clone(),
                url: url.clone(),
                region: region.clone(),
            }),
            InstallationEvent::ReadinessChecked { customer, url, passed, findings } => {
                let customer = self.names.intern(customer.as_str());
                let (url, findings) = (url.clone(), findings.clone());
                self.checks.push(ReadinessCheck { recorded: at, customer, url, passed: *passed, findings });
            }
            // Cloud IDs and support's tokens are the installation's own view.
            InstallationEvent::CloudIdAssigned { .. }
            | InstallationEvent::CloudIdTermsRecorded { .. }
            | InstallationEvent::CloudIdClosed { .. }
            | InstallationEvent::SupportTokenIssued { .. }
            | InstallationEvent::SupportTokenRevoked { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.registered.retract(at);
        self.subscriptions.retract(at);
        while self.requests.pop_if(|request| request.recorded == at).is_some() {}
        while self.checks.pop_if(|check| check.recorded == at).is_some() {}
    }

    /// The number of a customer's name, without case; `None` where nobody ever named it.
    pub fn number(&self, customer: &CustomerName) -> Option<u32> {
        self.names.get(customer.as_str())
    }

    /// A customer and the entry that registered it.
    pub fn customer(&self, number: u32, position: Position) -> Option<(Position, &Customer)> {
        self.registered.change_at(number, position)
    }

    /// Every customer as of a position, by name, with the number and the entry that registered it.
    pub fn all(&self, position: Position) -> impl Iterator<Item = (u32, Position, &Customer)> {
        self.names.in_order().filter_map(move |number| {
            let (registered, customer) = self.customer(number, position)?;
            Some((number, registered, customer))
        })
    }

    /// Whether every customer is found by its name, and every subscription by its customer and app.
    pub fn agrees(&self) -> bool {
        let pair = |number, state: &CustomerSubscription| {
            let halves = self.pairs.text(number).split_once('\n');
            halves.is_some_and(|(customer, app)| {
                customer.parse() == Ok(state.customer) && app == state.app.as_str().to_lowercase()
            })
        };
        self.names.agrees(0, 1)
            && under_own_numbers(&self.registered, |number, state| self.names.is(number, state.name.as_str()))
            && under_own_numbers(&self.subscriptions, pair)
    }

    /// What was recorded last of each app that a customer ever subscribed to.
    pub fn subscriptions(
        &self,
        customer: u32,
        position: Position,
    ) -> impl Iterator<Item = (Position, &CustomerSubscription)> {
        let recorded = self.subscriptions.keys().filter_map(move |pair| self.subscriptions.change_at(pair, position));
        recorded.filter(move |(_, state)| state.customer == customer)
    }

    /// The entry by which a customer has a subscription that runs, active, trial or demo (rule: T2).
    pub fn active(&self, customer: u32, as_of: AsOf) -> Option<Position> {
        let running = self.subscriptions(customer, as_of.position);
        running.filter(|(_, state)| state.subscription.licenses(as_of.clock)).map(|(recorded, _)| recorded).min()
    }

    /// A customer's requests, oldest first.
    pub fn requests(&self, customer: u32, position: Position) -> impl DoubleEndedIterator<Item = &CloudIdRequest> {
        let known = self.requests.iter().filter(move |request| request.recorded <= position);
        known.filter(move |request| request.customer == customer)
    }

    /// A customer's readiness checks, oldest first.
    pub fn checks(&self, customer: u32, position: Position) -> impl DoubleEndedIterator<Item = &ReadinessCheck> {
        let known = self.checks.iter().filter(move |check| check.recorded <= position);
        known.filter(move |check| check.customer == customer)
    }
}
