//! What the installation's own ledger says: which Cloud IDs were given, who of support holds a token.

use std::collections::BTreeMap;

use grantbook_events::{CloudId, CustomerName, InstallationEvent, OperatorName, Position, Purpose, SecretVersion};
use serde::{Deserialize, Serialize};

/// The installation as its own ledger tells it. The views of a tenant leave it empty.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Installation {
    cloud_ids: BTreeMap<CloudId, Assigned>,
    tokens: BTreeMap<SecretVersion, Token>,
}

/// A Cloud ID that was given. It is never given again (rule: T7).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Assigned {
    /// The entry that gave it.
    pub position: Position,
    /// Whom it was given to.
    pub customer: CustomerName,
    /// What it is for; none for one that the local operator made.
    pub purpose: Option<Purpose>,
    /// The entry of the request that it answers.
    pub request: Option<Position>,
    /// The entry that closed it.
    pub closed: Option<Position>,
}

impl Assigned {
    /// The entry that closed it, as of a position.
    pub fn closed_at(&self, position: Position) -> Option<Position> {
        self.closed.filter(|closed| *closed <= position)
    }
}

/// A support operator's token.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Token {
    /// Whose.
    pub operator: OperatorName,
    /// The entry that issued it.
    pub issued: Position,
    /// The entry that revoked it.
    pub revoked: Option<Position>,
}

impl Installation {
    pub(crate) fn apply(&mut self, at: Position, event: &InstallationEvent) {
        match event {
            InstallationEvent::CloudIdAssigned { cloud_id, customer } => {
                let customer = customer.clone();
                let assigned = Assigned { position: at, customer, purpose: None, request: None, closed: None };
                self.cloud_ids.insert(cloud_id.clone(), assigned);
            }
            // In the entry that gives it.
            InstallationEvent::CloudIdTermsRecorded { cloud_id, purpose, request, .. } => {
                if let Some(assigned) = self.cloud_ids.get_mut(cloud_id) {
                    (assigned.purpose, assigned.request) = (Some(*purpose), *request);
                }
            }
            InstallationEvent::CloudIdClosed { cloud_id } => {
                if let Some(assigned) = self.cloud_ids.get_mut(cloud_id) {
                    assigned.closed = Some(at);
                }
            }
            InstallationEvent::SupportTokenIssued { operator, token } => {
                let issued = Token { operator: operator.clone(), issued: at, revoked: None };
                self.tokens.insert(*token, issued);
            }
            InstallationEvent::SupportTokenRevoked { token, .. } => {
                if let Some(token) = self.tokens.get_mut(token) {
                    token.revoked = Some(at);
                }
            }
            // Customers have a view of their own.
            InstallationEvent::CustomerRegistered { .. }
            | InstallationEvent::CustomerSubscriptionRecorded { .. }
            | InstallationEvent::CloudIdRequested { .. }
            | InstallationEvent::ReadinessChecked { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.cloud_ids.retain(|_, assigned| assigned.position != at);
        for assigned in self.cloud_ids.values_mut() {
            assigned.closed = assigned.closed.filter(|closed| *closed != at);
        }
        self.tokens.retain(|_, token| token.issued != at);
        for token in self.tokens.values_mut() {
            token.revoked = token.revoked.filter(|revoked| *revoked != at);
        }
    }

    /// A Cloud ID that was given; `None` for one that never was.
    pub fn cloud_id(&self, cloud_id: &CloudId) -> Option<&Assigned> {
        self.cloud_ids.get(cloud_id)
    }

    /// Every Cloud ID given up to `position`, by name.
    pub fn cloud_ids(&self, position: Position) -> impl Iterator<Item = (&CloudId, &Assigned)> {
        self.cloud_ids.iter().filter(move |(_, assigned)| assigned.position <= position)
    }

    /// A support token by its version in the vault.
    pub fn token(&self, version: SecretVersion) -> Option<&Token> {
        self.tokens.get(&version)
    }

    /// Every support token ever issued.
    pub fn tokens(&self) -> impl Iterator<Item = (SecretVersion, &Token)> {
        self.tokens.iter().map(|(version, token)| (*version, token))
    }
}
