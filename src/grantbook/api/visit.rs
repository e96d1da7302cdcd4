//! A request as every route sees it: who asks, of which tenant, with which parameters.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::request::Parts;
use grantbook_events::{CloudId, OperatorName};
use grantbook_ledger::{Caller, Ledger, Origin, TenantHandle};

use super::log::Note;
use super::params::Params;
use super::problem::Problem;
use super::{Api, Door, Peer};

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Asker {
    /// The local operator, who can open the directory and so read all of it.
    Operator(OperatorName),
    /// Whoever a bearer token belongs to.
    Caller(Caller),
}

/// A request, without its body.
pub(crate) struct Visit {
    pub(crate) api: Api,
    pub(crate) headers: HeaderMap,
    pub(crate) params: Params,
    peer: Option<Peer>,
    note: Arc<Note>,
}

impl FromRequestParts<Api> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Visit, Problem> {
        Ok(Visit {
            api: api.clone(),
            headers: std::mem::take(&mut parts.headers),
            params: Params::of(&parts.uri)?,
            peer: parts.extensions.get::<Peer>().cloned(),
            note: parts.extensions.get::<Arc<Note>>().cloned().unwrap_or_default(),
        })
    }
}

impl Visit {
    pub(crate) fn ledger(&self) -> &Ledger {
        self.api.service.ledger()
    }

    /// Who asks. Errors: there is no token, or it is not known.
    pub(crate) fn asker(&self) -> Result<Asker, Problem> {
        let asker = match self.headers.get(AUTHORIZATION) {
            None => match &self.api.door {
                Door::Public => return Err(Problem::not_signed_in()),
                Door::Operator { operator } => Asker::Operator(operator.clone()),
            },
            Some(given) => {
                let given = given.to_str().ok().and_then(|given| given.split_once(' '));
                let token = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
                let caller = token.and_then(|token| self.ledger().caller(token.trim()));
                Asker::Caller(caller.ok_or_else(Problem::not_signed_in)?)
            }
        };
        self.note.actor(match &asker {
            Asker::Operator(_) => "operator",
            Asker::Caller(Caller::Account { .. }) => "account",
            Asker::Caller(Caller::Support { .. }) => "support",
        });
        Ok(asker)
    }

    /// Who asks, where guests may; `None` for a guest, who has no token. Errors: there is a token, and it is not known.
    pub(crate) fn asker_or_guest(&self) -> Result<Option<Asker>, Problem> {
        match (&self.api.door, self.headers.get(AUTHORIZATION)) {
            (Door::Public, None) => {
                self.note.actor("guest");
                Ok(None)
            }
            (Door::Public | Door::Operator { .. }, _) => self.asker().map(Some),
        }
    }

    /// Whoever the bearer token belongs to. The local operator has none, and gives no commands (rule: F12).
    pub(crate) fn caller(&self) -> Result<Caller, Problem> {
        match self.asker()? {
            Asker::Operator(_) => Err(Problem::not_signed_in()),
            Asker::Caller(caller) => Ok(caller),
        }
    }

    /// The local operator. Errors: a token says that somebody else asks.
    pub(crate) fn operator(&self) -> Result<OperatorName, Problem> {
        match self.asker()? {
            Asker::Operator(operator) => Ok(operator),
            Asker::Caller(_) => Err(Problem::forbidden("U4", "this is for the local operator alone, without a token")),
        }
    }

    /// The tenant of a Cloud ID, for this asker. A token of another tenant is none here, whether or not there is such a
    /// tenant (rule: T5); so nobody without a token of its own learns which tenants there are.
    pub(crate) async fn tenant(&self, cloud_id: &str, asker: &Asker) -> Result<TenantHandle, Problem> {
        let Asker::Caller(caller) = asker else { return self.tenant_named(cloud_id) };
        if let Caller::Account { tenant, .. } = caller
            && tenant.as_str() != cloud_id
        {
            return Err(Problem::not_signed_in());
        }
        let tenant = self.tenant_named(cloud_id)?;
        tenant.admits(caller).await?;
        Ok(tenant)
    }

    /// The same, for a call that is no command: of those the writer asks what keeps them out.
    pub(crate) async fn tenant_called(&self, cloud_id: &str, asker: &Asker) -> Result<TenantHandle, Problem> {
        let tenant = self.tenant(cloud_id, asker).await?;
        if let Asker::Caller(caller) = asker {
            tenant.admits_call(caller).await?;
        }
        Ok(tenant)
    }

    /// The tenant of a Cloud ID. Errors: there is none.
    pub(crate) fn tenant_named(&self, cloud_id: &str) -> Result<TenantHandle, Problem> {
        let named = CloudId::new(cloud_id).map_err(|_| Problem::not_found("there is no such tenant"))?;
        let tenant = self.ledger().tenant_named(&named)?;
        self.note.tenant(named);
        Ok(tenant)
    }

    /// Where the request came from.
    pub(crate) fn origin(&self) -> Origin {
        let user_agent = self.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let address = self.peer.as_ref().map(|Peer(address)| address.to_string()).unwrap_or_default();
        Origin { address, user_agent: user_agent.to_owned() }
    }
}
