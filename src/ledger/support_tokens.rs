//! The tokens of support operators (rule: U4).

use grantbook_decisions::{support_token_issued, support_token_revoked};
use grantbook_events::{Actor, Instant, OperatorName, SecretVersion};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::job::Act;
use crate::ledger::{Ledger, token_id};
use crate::tokens::{Token, TokenKind};
use crate::vault::{VaultName, VaultWrite};
use crate::writer::named;

/// A support token, as it is listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupportToken {
    /// Whose.
    pub operator: OperatorName,
    /// Its id: what revokes it.
    pub id: SecretVersion,
    /// When it was issued.
    pub issued: Instant,
    /// When it was revoked.
    pub revoked: Option<Instant>,
}

impl Ledger {
    /// Issues a token to a support operator (rule: U4). It is shown this once.
    pub async fn issue_support_token(
        &self,
        by: &OperatorName,
        operator: OperatorName,
    ) -> Result<(Token, SecretVersion), LedgerError> {
        let token = Token::draw(TokenKind::SupportOperator).map_err(|_| LedgerError::Storage)?;
        let version = SecretVersion(Uuid::new_v4().as_u64_pair().0);
        let write = VaultWrite::SupportToken {
            operator: operator.as_str().to_owned(),
            token: token_id(version),
            digest: token.digest(),
        };
        let act = Act {
            events: vec![support_token_issued(operator.clone(), version)],
            secrets: vec![write],
            ..Act::new(named("issue_support_token")?, Actor::Support { operator: by.clone() })
        };
        self.record_in_installation(act).await?;
        self.shared.support.write().insert(token.digest(), (operator, version));
        Ok((token, version))
    }

    /// Revokes a support token (rule: U4). Errors: there is no such token in force.
    pub async fn revoke_support_token(&self, by: &OperatorName, id: SecretVersion) -> Result<(), LedgerError> {
        let installation = self.installation()?;
        let known = installation.tenant.views.read().installation.token(id).cloned();
        let Some(token) = known.filter(|token| token.revoked.is_none()) else {
            let refusal = grantbook_decisions::Refusal::not_found("there is no such support token in force");
            return Err(LedgerError::Refused(refusal));
        };
        let act = Act {
            events: vec![support_token_revoked(token.operator, id)],
            ..Act::new(named("revoke_support_token")?, Actor::Support { operator: by.clone() })
        };
        self.record_in_installation(act).await?;
        self.shared.support.write().retain(|_, (_, version)| *version != id);
        let _ = self.shared.vault.lock().retire(&[VaultName::SupportToken { token: token_id(id) }]);
        Ok(())
    }

    /// Every support token ever issued, by operator.
    pub fn support_tokens(&self) -> Result<Vec<SupportToken>, LedgerError> {
        let installation = self.installation()?;
        let views = installation.tenant.views.read();
        let mut tokens: Vec<SupportToken> = views
            .installation
            .tokens()
            .map(|(id, token)| SupportToken {
                operator: token.operator.clone(),
                id,
                issued: views.timeline.at(token.issued),
                revoked: token.revoked.map(|revoked| views.timeline.at(revoked)),
            })
            .collect();
        tokens.sort_by(|one, other| (&one.operator, one.issued).cmp(&(&other.operator, other.issued)));
        Ok(tokens)
    }
}
