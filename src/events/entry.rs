//! An entry: one commit of the journal, the outcome of one command or one list of commands, all or nothing.

use serde::{Deserialize, Serialize};

use crate::{AccountId, CommandName, Event, Instant, OperatorName, Position, Sealed, Ticket};

/// Who acted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Actor {
    /// The ledger itself, by a rule and not by a person (rule: F1).
    System,
    /// Somebody who is not signed in.
    Guest,
    /// An account of the tenant.
    Account {
        /// Which one; of an imported entry it need not be an account of the tenant yet.
        id: AccountId,
        /// The entry of the sign-in whose session was used; `None` for imported entries and sign-ins themselves.
        session: Option<Position>,
    },
    /// A support operator, from outside the tenant (rule: U4).
    Support {
        /// The person.
        operator: OperatorName,
    },
}

/// Where a request came from. An account's address is a personal value and sealed with its key.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Source {
    /// Not known, or the same as that of the sign-in whose session was used.
    #[default]
    Inherited,
    /// Address and user agent in one text (`address user agent`), sealed with the key of the account concerned.
    Sealed(Sealed),
    /// Address and user agent of somebody who is no contact: support and the local operator.
    Plain(String),
}

/// What an imported entry tells of its import (rule: U6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportNote {
    /// The position of the entry that started the import: it has the ticket and the operator.
    pub started: Position,
    /// The number of the line, from 1.
    pub line: u64,
    /// What the line said of where it is from; empty where it said nothing.
    pub source: String,
    /// The chain over all lines up to this one, by which a later run knows what is recorded already. It covers no secret and no
    /// personal value (rule: C14); that of an entry which an earlier version wrote may.
    pub chain: u64,
}

/// A command of an entry: its name and why it was given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CommandNote {
    /// The command's name.
    pub name: CommandName,
    /// What the person gave as the reason.
    pub reason: Option<String>,
}

/// An event as it was recorded: what happened, and by what right.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recorded {
    /// The entry that set the right which the actor used; `None` for the system, support, guests and the tenant's start.
    pub authority: Option<Position>,
    /// Which command of the entry it is the outcome of, from 0.
    pub command: u32,
    /// What happened.
    pub event: Event,
}

/// One commit. Its tenant and its position are where it lies, not in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened.
    pub at: Instant,
    /// When it was recorded, where that differs from when it happened (imported history).
    pub recorded_at: Option<Instant>,
    /// Who acted.
    pub actor: Actor,
    /// The commands whose outcome it is; sign-ins and acts of the system are named like commands.
    pub commands: Vec<CommandNote>,
    /// The idempotency key of the request, else random.
    pub command_id: [u8; 16],
    /// Whether the caller gave the id as an idempotency key, to be remembered for ever.
    pub keyed: bool,
    /// The entry of the installation's own ledger that it relays.
    pub cause: Option<Position>,
    /// The ticket it rests on.
    pub ticket: Option<Ticket>,
    /// Where the request came from.
    pub source: Source,
    /// Set where the entry was imported.
    pub import: Option<ImportNote>,
    /// What happened, in order.
    pub events: Vec<Recorded>,
}

impl Entry {
    /// An entry of the ledger itself at an instant, by no command and with no events; what it is beside that is put in by
    /// update.
    pub fn bare(at: Instant) -> Entry {
        Entry {
            at,
            recorded_at: None,
            actor: Actor::System,
            commands: Vec::new(),
            command_id: [0; 16],
            keyed: false,
            cause: None,
            ticket: None,
            source: Source::Inherited,
            import: None,
            events: Vec::new(),
        }
    }

    /// When it was recorded.
    pub fn recorded_at(&self) -> Instant {
        self.recorded_at.unwrap_or(self.at)
    }
}
