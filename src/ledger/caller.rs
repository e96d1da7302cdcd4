//! Who asks, and from where.

use grantbook_events::{AccountId, CloudId, OperatorName, Position};

/// Who a token belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Caller {
    /// An account in a session.
    Account {
        /// Of which tenant. A token is worth nothing in another (rule: T5).
        tenant: CloudId,
        /// Which account.
        account: AccountId,
        /// The entry of its sign-in.
        session: Position,
    },
    /// A support operator (rule: U4).
    Support {
        /// The person.
        operator: OperatorName,
    },
}

impl Caller {
    /// The account, where it is one.
    pub(crate) fn account(&self) -> Option<&AccountId> {
        match self {
            Caller::Account { account, .. } => Some(account),
            Caller::Support { .. } => None,
        }
    }
}

/// Where a request came from, as text; empty where it is not known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Origin {
    /// The network address.
    pub address: String,
    /// What the client calls itself.
    pub user_agent: String,
}

impl Origin {
    /// Address and user agent in one text, at most 500 characters; `None` where neither is known.
    pub(crate) fn text(&self) -> Option<String> {
        let text: String = format!("{} {}", self.address, self.user_agent).trim().chars().take(500).collect();
        (!text.is_empty()).then_some(text)
    }
}

/// What comes with a request beside its commands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// The idempotency key, scoped to tenant and actor.
    pub key: Option<[u8; 16]>,
    /// The position that the caller had seen last: refused if anything but sign-ins, refusals and reads came since.
    pub if_match: Option<Position>,
    /// Decide, and record nothing.
    pub dry_run: bool,
    /// Where it came from.
    pub origin: Origin,
}
