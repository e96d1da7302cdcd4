//! What is put to a writer.

use grantbook_decisions::command::Command;
use grantbook_decisions::{Outside, SignIn};
use grantbook_events::{
    AccountId, Actor, CloudId, CommandName, Event, Instant, Position, ReadScope, SecretVersion, Source, Ticket,
    Username, WebhookName,
};
use grantbook_projections::{KeyScope, Views};
use tokio::sync::oneshot;

use crate::caller::{Caller, Terms};
use crate::committer::{Answer, Run};
use crate::personal::Sealing;
use crate::refusal_window::Whence;
use crate::tokens::TokenDigest;
use crate::vault::VaultWrite;

/// A job, and where its answer goes.
pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// What is to be done.
pub(crate) enum Work {
    /// Decide commands.
    Commands(Box<Commands>),
    /// Decide a sign-in.
    SignIn(Box<Attempt<SignIn>>),
    /// Decide a change of one's own password at the guest door.
    ChangePassword(Box<Attempt<AccountId>>),
    /// Look at what somebody forgot.
    Forgotten(Box<Forgotten>),
    /// Decide a password that is set by a mailed link.
    ResetPassword(Box<Attempt<(AccountId, Position)>>),
    /// Record that a question was refused.
    Refused(Box<RefusedQuestion>),
    /// Record events that rest on no right: acts of the system, and a tenant's first entry.
    Record(Box<Act>),
    /// Record a line of an import.
    Import(Box<ImportedLine>),
    /// Write what was counted and is to be summed up.
    SumUp,
}

/// An account whose secrets were looked at before the writer's turn, with the versions that were in force then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LookedAt {
    pub(crate) account: AccountId,
    pub(crate) password: Option<SecretVersion>,
    pub(crate) second_factor: Option<SecretVersion>,
}

impl LookedAt {
    /// The account with the versions that are in force.
    pub(crate) fn of(views: &Views, account: &AccountId) -> LookedAt {
        let (who, last) = (views.account(account), views.timeline.last());
        let password = who.and_then(|who| views.credentials.secret(who, last)).map(|(_, secret)| secret.version);
        let factor = who.and_then(|who| views.credentials.second_factor(who, last));
        let second_factor = factor.map(|(_, factor)| factor.version);
        LookedAt { account: account.clone(), password, second_factor }
    }

    /// Whether they are in force still.
    pub(crate) fn holds(&self, views: &Views) -> bool {
        *self == LookedAt::of(views, &self.account)
    }
}

/// One command, ready to be decided.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) command: Command,
    pub(crate) name: CommandName,
    pub(crate) reason: Option<String>,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) outside: Outside,
    /// Whose secrets were looked at or would be set.
    pub(crate) looked_at: Option<LookedAt>,
    /// A username that nobody has: the command is on a stand-in, and refused whatever comes of it.
    pub(crate) unknown: Option<String>,
}

/// A request's commands, ready to be decided.
#[derive(Clone)]
pub(crate) struct Commands {
    pub(crate) caller: Caller,
    pub(crate) terms: Terms,
    pub(crate) source: Source,
    pub(crate) commands: Vec<Prepared>,
    pub(crate) sealing: Sealing,
    pub(crate) secrets: Vec<VaultWrite>,
    /// The entry of the installation's own ledger whose commands these are: recorded here once, however often they come, and
    /// without those that the tenant refuses.
    pub(crate) cause: Option<Position>,
    /// What else is to become durable in the same commit: a tenant's first entry beside the installation's.
    pub(crate) beside: Option<Run>,
    /// The links of resets among them.
    pub(crate) links: Vec<(TokenDigest, AccountId)>,
}

/// What somebody at a guest door forgot.
pub(crate) enum Asked {
    /// The password of an account.
    Password(AccountId),
    /// The username of an account whose address they gave; with the one that it could have, where it has none.
    Username(AccountId, Option<Username>),
    /// Nothing: the token of a reset that is owed was lost, and it is made anew.
    Again(AccountId, Position),
}

/// Somebody who forgot something, with what a link needs.
pub(crate) struct Forgotten {
    pub(crate) asked: Asked,
    pub(crate) outside: Outside,
    pub(crate) source: Source,
    pub(crate) secrets: Vec<VaultWrite>,
    pub(crate) token: TokenDigest,
}

/// A question that was refused.
pub(crate) struct RefusedQuestion {
    pub(crate) caller: Caller,
    pub(crate) name: CommandName,
    pub(crate) subject: Option<AccountId>,
    pub(crate) rule: &'static str,
}

/// Somebody at a guest door.
pub(crate) struct Attempt<T> {
    pub(crate) what: T,
    pub(crate) outside: Outside,
    pub(crate) looked_at: LookedAt,
    pub(crate) from: Whence,
    pub(crate) secrets: Vec<VaultWrite>,
    pub(crate) token: Option<TokenDigest>,
}

/// Events that rest on no right.
pub(crate) struct Act {
    pub(crate) name: CommandName,
    pub(crate) actor: Actor,
    pub(crate) reason: Option<String>,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) source: Source,
    /// When it happened; now where none is given.
    pub(crate) at: Option<Instant>,
    pub(crate) events: Vec<Event>,
    pub(crate) secrets: Vec<VaultWrite>,
    /// Recorded only while this holds of the last position, so that two do not do the same.
    pub(crate) guard: Guard,
    /// What else is to become durable in the same commit: a tenant's first entry beside the installation's.
    pub(crate) beside: Option<Run>,
}

/// What must hold for an act to be recorded; otherwise it has been done and nothing happens.
pub(crate) enum Guard {
    /// Nothing.
    None,
    /// The mail is still owed to the account by the entry.
    StillOwed(AccountId, Position),
    /// The reset that the entry asked for is under way, and its mail not handed over.
    ResetUnsent(AccountId, Position),
    /// No import is under way.
    NoImportUnderWay,
    /// The webhook is still the one with this secret.
    WebhookThere(WebhookName, SecretVersion),
    /// The read is not recorded yet of this reader, session and scope.
    NotRead(KeyScope, Position, ReadScope),
    /// The Cloud ID was not given yet.
    CloudIdFree(CloudId),
    /// No import is under way, and the last entry is not later than the import's first line.
    NoImport,
    /// The import that this entry started is under way.
    ImportUnderWay(Position),
}

/// A line of an import.
pub(crate) struct ImportedLine {
    pub(crate) at: Instant,
    pub(crate) by: AccountId,
    pub(crate) prepared: Prepared,
    pub(crate) sealing: Sealing,
    pub(crate) secrets: Vec<VaultWrite>,
    pub(crate) started: Position,
    pub(crate) line: u64,
    pub(crate) source: String,
    pub(crate) chain: u64,
}
