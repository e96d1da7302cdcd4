//! What the installation's own ledger says: which Cloud IDs were given, who of support holds a token.

use std::collections::BTreeMap;

use grantbook_events::{CloudId, CustomerName, InstallationEvent, OperatorName, Position, SecretVersion};

/// The installation as its own ledger tells it. The views of a tenant leave it empty.
#[derive(Clone, Debug, Default)]
pub struct Installation {
    cloud_ids: BTreeMap<CloudId, (Position, CustomerName)>,
    tokens: BTreeMap<SecretVersion, Token>,
}

/// A support operator's token.
#[derive(Clone, PartialEq, Eq, Debug)]
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
                self.cloud_ids.insert(cloud_id.clone(), (at, customer.clone()));
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
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.cloud_ids.retain(|_, (assigned, _)| *assigned != at);
        self.tokens.retain(|_, token| token.issued != at);
        for token in self.tokens.values_mut() {
            token.revoked = token.revoked.filter(|revoked| *revoked != at);
        }
    }

    /// Who a Cloud ID was given to, and by which entry. It is never given again (rule: T7).
    pub fn cloud_id(&self, cloud_id: &CloudId) -> Option<(Position, &CustomerName)> {
        self.cloud_ids.get(cloud_id).map(|(at, customer)| (*at, customer))
    }

    /// Every Cloud ID given, by name.
    pub fn cloud_ids(&self) -> impl Iterator<Item = (&CloudId, Position, &CustomerName)> {
        self.cloud_ids.iter().map(|(cloud_id, (at, customer))| (cloud_id, *at, customer))
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
