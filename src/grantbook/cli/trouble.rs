//! What can go wrong, in one sentence for a person, and the exit status it ends with.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use crate::client::{Answer, ClientError};

/// Why a command was not carried out.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The command was refused, or what was looked for is not there (1).
    Refused(String),
    /// It was asked wrongly (2).
    Usage(String),
    /// The ledger could not be reached, read or written (3).
    Storage(String),
    /// Whoever read the output went away: nothing to say.
    NobodyReads,
    /// Somebody pressed Ctrl-C (130).
    Stopped,
}

/// The exit status of what was stopped by Ctrl-C, as shells have it.
pub(crate) const STOPPED: u8 = 130;

/// Whoever names a path that is not there mistyped it: nothing that was looked at is damaged.
pub(crate) fn expect_there(path: &Path, what: &str) -> Result<(), Trouble> {
    match std::fs::metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(Trouble::Usage(format!("there is no {what} `{}`", path.display())))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

impl Trouble {
    /// The exit status.
    pub(crate) fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Trouble::NobodyReads => 0,
            Trouble::Stopped => STOPPED,
            Trouble::Refused(_) => 1,
            Trouble::Usage(_) => 2,
            Trouble::Storage(_) => 3,
        })
    }

    /// The same, where a line of a file that was given is at fault: that is no wrong usage.
    pub(crate) fn refused(self) -> Trouble {
        match self {
            Trouble::Usage(sentence) => Trouble::Refused(sentence),
            Trouble::Refused(_) | Trouble::Storage(_) | Trouble::NobodyReads | Trouble::Stopped => self,
        }
    }

    /// The same, with where it happened before it.
    pub(crate) fn because(self, place: &str) -> Trouble {
        let told = |sentence: String| format!("{place}: {sentence}");
        match self {
            Trouble::Refused(sentence) => Trouble::Refused(told(sentence)),
            Trouble::Usage(sentence) => Trouble::Usage(told(sentence)),
            Trouble::Storage(sentence) => Trouble::Storage(told(sentence)),
            Trouble::NobodyReads | Trouble::Stopped => self,
        }
    }

    /// What the API said instead of an answer.
    pub(crate) fn of(answer: &Answer) -> Trouble {
        Trouble::of_problem(answer.status, &answer.body)
    }

    /// A problem as the API states it.
    pub(crate) fn of_problem(status: u16, problem: &Value) -> Trouble {
        let text = |name: &str| problem.get(name).and_then(Value::as_str);
        let status = problem.get("status").and_then(Value::as_u64).unwrap_or(u64::from(status));
        let sentence = text("detail").or(text("title")).map_or_else(
            || format!("the server answers with status {status} and says nothing of the reason"),
            |detail| detail.trim_end_matches('.').to_owned(),
        );
        let sentence = match text("rule") {
            Some(rule) => format!("{sentence} (rule {rule})"),
            None => sentence,
        };
        // Of a list it is said which command.
        let sentence = match problem.get("command_index").and_then(Value::as_u64) {
            Some(index) => format!("command {} of the list: {sentence}", index + 1),
            None => sentence,
        };
        match status {
            400 | 413 => Trouble::Usage(sentence),
            422 if text("type").is_some_and(|slug| slug.contains("malformed")) => Trouble::Usage(sentence),
            500.. => Trouble::Storage(sentence),
            _ => Trouble::Refused(sentence),
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Refused(text) | Trouble::Usage(text) | Trouble::Storage(text) => f.write_str(text),
            Trouble::NobodyReads => f.write_str("nobody reads the output"),
            Trouble::Stopped => f.write_str("stopped"),
        }
    }
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Trouble {
        match error {
            ClientError::Address(_) | ClientError::Unfit(_) => Trouble::Usage(error.to_string()),
            ClientError::Open(_)
            | ClientError::Locked { .. }
            | ClientError::Close(_)
            | ClientError::Unreachable(_)
            | ClientError::NotJson { .. } => Trouble::Storage(error.to_string()),
        }
    }
}
