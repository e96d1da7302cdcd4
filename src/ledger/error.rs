//! What can go wrong with a request, as far as the one who asked can do something about it.

use grantbook_decisions::Refusal;
use grantbook_decisions::command::Malformed;
use grantbook_events::{CloudId, Position};

/// Why a request was not carried out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    /// A field is not as expected.
    #[error("`{field}`: {message}")]
    Malformed {
        /// The field, as a path.
        field: String,
        /// What was expected.
        message: String,
    },
    /// A rule says no, or something named is not there.
    #[error("{0}")]
    Refused(Refusal),
    /// There is no session, or it is over.
    #[error("sign in first: the token is missing, ended or not known here")]
    NotSignedIn,
    /// The idempotency key was given with another command before.
    #[error("the idempotency key was used with another command before, at position {0}")]
    KeyReused(Position),
    /// Entries came since the position that the caller had seen.
    #[error("the book has moved on: the last change is at position {0}")]
    MovedOn(Position),
    /// History is being imported, and until that is finished nothing else is recorded.
    #[error("an import of history is under way: finish it, or give it up with `import --abandon`")]
    Importing,
    /// The entry would be too large.
    #[error("the outcome is too large for one entry: give fewer commands at once")]
    TooLarge,
    /// Too many passwords are waiting to be looked at.
    #[error("too many sign-ins at once: try again in a moment")]
    Busy,
    /// What was learnt before the command's turn was overtaken by others on the same contact, again and again. Nothing was
    /// recorded.
    #[error("another request on the same contact was being recorded: send it again")]
    Overtaken,
    /// The source has guessed too often at the guest doors (rule: C11).
    #[error("too many failed attempts from where you are: try again in {retry_after_seconds} s")]
    TooManyGuesses {
        /// After how many seconds it may try again.
        retry_after_seconds: u32,
    },
    /// There is no such tenant.
    #[error("there is no tenant `{0}`")]
    NoSuchTenant(CloudId),
    /// The Cloud ID was given already, and never is again.
    #[error("the Cloud ID `{0}` was given already")]
    CloudIdTaken(CloudId),
    /// The position lies beyond the last one.
    #[error("there is nothing at position {asked}: the last is {last}")]
    Beyond {
        /// What was asked for.
        asked: Position,
        /// The last position.
        last: Position,
    },
    /// A tenant cannot begin in the future.
    #[error("a tenant begins now or in the past, not at {0}")]
    InTheFuture(grantbook_events::Instant),
    /// A mail that had to go out first could not be handed over; nothing was changed.
    #[error("the mail could not be handed over, and nothing was changed: try again when the mail server takes it")]
    NotHandedOver,
    /// No checkpoint is signed, or what was asked for has no such form: the sentence says why.
    #[error("{0}")]
    NoEvidence(String),
    /// Something could not be stored. What became of the request is not known until the ledger is opened again.
    #[error("it could not be stored; what became of it is unknown until the ledger is opened again")]
    Storage,
}

impl From<Refusal> for LedgerError {
    fn from(refusal: Refusal) -> LedgerError {
        LedgerError::Refused(refusal)
    }
}

impl From<Malformed> for LedgerError {
    fn from(malformed: Malformed) -> LedgerError {
        LedgerError::Malformed { field: malformed.field, message: malformed.message }
    }
}
