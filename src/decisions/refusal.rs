//! Refusals: why a command changes nothing, and which rule says so.

use grantbook_events::{AccountId, Event, Position};
use grantbook_rights::{Capability, Question, Refused};

/// Of what kind a refusal is. Where several would apply the first in this order speaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RefusalKind {
    /// What was given is not acceptable in itself.
    Malformed,
    /// A rule on the actor.
    Forbidden,
    /// Something that was named is not there.
    NotFound,
    /// A rule on the state.
    Conflict,
}

/// Why a command changes nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Of what kind it is.
    pub kind: RefusalKind,
    /// The rule that refuses; none where something is not there.
    pub rule: Option<&'static str>,
    /// Which field is at fault, where one is.
    pub field: Option<&'static str>,
    /// A sentence for a person: lower case, what they gave in backticks.
    pub message: String,
    /// What is recorded although the command is refused: an attempt on a password.
    pub recorded: Recording,
    /// Of a list, which command is refused, from 0; none where there is but one.
    pub command_index: Option<usize>,
}

/// What is recorded of a refused attempt on a password.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recording {
    /// What happened.
    pub events: Vec<(Option<Position>, Event)>,
    /// Whether it counts towards a lock, and so is recorded one by one (rule: C6); others are grouped (rule: C11).
    pub counts: bool,
}

impl Refusal {
    pub(crate) fn malformed(rule: &'static str, field: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            kind: RefusalKind::Malformed,
            rule: Some(rule),
            field: Some(field),
            message: message.into(),
            recorded: Recording::default(),
            command_index: None,
        }
    }

    pub(crate) fn forbidden(rule: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            kind: RefusalKind::Forbidden,
            rule: Some(rule),
            field: None,
            message: message.into(),
            recorded: Recording::default(),
            command_index: None,
        }
    }

    /// Support has a door of its own, and tenants' people have theirs (rule: U4).
    pub fn not_of_this_door() -> Refusal {
        Refusal::forbidden("U4", "support acts from outside, at a door of its own; accounts act at their tenant's")
    }

    /// Somebody asked what is not for them to read (rules: U2, U3).
    pub fn of_reading(rule: &'static str, message: impl Into<String>) -> Refusal {
        Refusal::forbidden(rule, message)
    }

    /// The one sentence for every sign-in that is not accepted (rule: C11).
    pub fn not_accepted() -> Refusal {
        Refusal::forbidden("C11", crate::sign_in::NOT_ACCEPTED)
    }

    /// A second thing of one name: `what` it would be, the name as it was given and as the thing that has it spells it, and
    /// the entry that made that; none for what was there from the start.
    pub(crate) fn name_taken(
        rule: &'static str,
        what: &str,
        (given, known): (&str, &str),
        since: Option<Position>,
    ) -> Refusal {
        let since = since.map_or_else(|| "from the start".to_owned(), |since| format!("since position {since}"));
        let alike = if given == known { "" } else { "; upper and lower case are the same in names" };
        Refusal::conflict(
            rule,
            format!("the name `{given}` is taken: there is {what} `{known}` already, {since}{alike}"),
        )
    }

    /// Nothing happens in a closed tenant (rule: T7).
    pub(crate) fn closed() -> Refusal {
        Refusal::conflict("T7", "the tenant is closed: its history can be read, and nothing more happens there")
    }

    /// Something that was named is not there.
    pub fn not_found(message: impl Into<String>) -> Refusal {
        Refusal {
            kind: RefusalKind::NotFound,
            rule: None,
            field: None,
            message: message.into(),
            recorded: Recording::default(),
            command_index: None,
        }
    }

    /// A secret was looked at for a command, and one before it in the list gives `account` another: what was found says nothing
    /// any more. No attempt on a password (rule: C6).
    pub fn secret_changed_before(account: &AccountId) -> Refusal {
        let message = format!(
            "a command before it in the list gives `{account}` another password or second factor, of which nothing is known \
             yet: give this one after the list"
        );
        Refusal { kind: RefusalKind::Conflict, ..Refusal::not_found(message) }
    }

    pub(crate) fn conflict(rule: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            kind: RefusalKind::Conflict,
            rule: Some(rule),
            field: None,
            message: message.into(),
            recorded: Recording::default(),
            command_index: None,
        }
    }

    /// The same refusal, with what is recorded of the attempt.
    pub(crate) fn recording(self, events: Vec<(Option<Position>, Event)>, counts: bool) -> Refusal {
        Refusal { recorded: Recording { events, counts }, ..self }
    }

    /// The actor lacks a right, or what it is on is beyond everybody's.
    pub(crate) fn lacking(question: &Question<'_>, capability: Capability, refused: Refused) -> Refusal {
        let kind = if refused.missing.about_the_state() { RefusalKind::Conflict } else { RefusalKind::Forbidden };
        let missing = refused.missing.words(question);
        let takes = if refused.missing.about_the_actor() { "an account that" } else { "that" };
        let message = format!("you may not {}: it takes {takes} {missing}", capability.words());
        Refusal {
            kind,
            rule: Some(refused.rule),
            field: None,
            message,
            recorded: Recording::default(),
            command_index: None,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        match self.rule {
            Some(rule) => write!(f, " (rule {rule})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn a_refusal_says_its_words_and_its_rule() {
        assert_eq!(Refusal::conflict("T7", "it is closed").to_string(), "it is closed (rule T7)");
        assert_eq!(Refusal::not_found("there is none").to_string(), "there is none");
    }
}
