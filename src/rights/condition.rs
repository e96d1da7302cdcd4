//! Conditions: what a right needs, as data, and the walks over it.

use grantbook_events::Position;
use grantbook_projections::Cause;

use crate::fact::Fact;
use crate::question::{Question, Who};

/// What must be so.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    /// One fact.
    Is(Fact),
    /// All of these. The first is the right itself, the others what it also needs: the first is the authority.
    All(&'static [Condition]),
    /// Any of these.
    Any(&'static [Condition]),
    /// The account is usable: it exists, has credentials and nothing stops them. Part of nearly every other, and so looked at
    /// as one where that can be.
    Usable,
    /// Who asks is a guest, or an account that is usable: what everybody has, an account that is shut out has not. It goes
    /// without saying where it holds, and is told where it does not.
    NotShutOut,
}

/// What it takes to be usable.
const USABILITY: Condition = Condition::All(&[
    Condition::Is(Fact::HasCredentials),
    Condition::Is(Fact::Exists),
    Condition::Is(Fact::NotDisabled),
    Condition::Is(Fact::Effective),
    Condition::Is(Fact::NotExpired),
    Condition::Is(Fact::NotLocked),
]);

/// Why the answer is no.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The rule that says so.
    pub rule: &'static str,
    /// The fact that is missing where the right came closest to being held.
    pub missing: Fact,
}

/// One node of the tree of facts behind an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Whether it holds.
    pub holds: bool,
    /// What it is.
    pub kind: NodeKind,
}

/// What a node of the tree is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NodeKind {
    /// A fact.
    Fact {
        /// Which.
        fact: Fact,
        /// In words, with the names of this question in them.
        words: String,
        /// The rule it rests on.
        rule: &'static str,
        /// What made it so; `None` where nothing was ever recorded.
        cause: Option<Cause>,
    },
    /// All of the nodes below must hold.
    All(Vec<Node>),
    /// One of the nodes below must hold.
    Any(Vec<Node>),
}

impl Condition {
    /// The entry that gave the right, where the condition holds: of alternatives, the oldest.
    pub fn holds(&self, question: &Question<'_>) -> Option<Position> {
        match self {
            Condition::Is(fact) => {
                let seen = fact.look(question);
                seen.holds.then(|| seen.entry())
            }
            Condition::All(parts) => {
                let mut authority = None;
                for part in *parts {
                    let given = part.holds(question)?;
                    authority = authority.or(Some(given));
                }
                authority
            }
            Condition::Any(alternatives) => {
                alternatives.iter().filter_map(|alternative| alternative.holds(question)).min()
            }
            Condition::Usable => USABILITY.holds(question),
            Condition::NotShutOut => self.met(question).then_some(Position(1)),
        }
    }

    /// Whether the condition holds: [`Condition::holds`] without looking for the oldest of alternatives.
    pub(crate) fn met(&self, question: &Question<'_>) -> bool {
        match self {
            Condition::Is(fact) => fact.holds(question),
            Condition::All(parts) => parts.iter().all(|part| part.met(question)),
            Condition::Any(alternatives) => alternatives.iter().any(|alternative| alternative.met(question)),
            Condition::Usable => match question.unchanged().filter(|now| now.free()) {
                Some(now) => now.exists() && now.has_credentials(),
                None => USABILITY.met(question),
            },
            Condition::NotShutOut => match question.who {
                Who::Guest => true,
                Who::Account(_) => Condition::Usable.met(question),
            },
        }
    }

    /// Whether a fact is asked for anywhere in the condition.
    pub(crate) fn asks(&self, asked: Fact) -> bool {
        match self {
            Condition::Is(fact) => *fact == asked,
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| part.asks(asked)),
            Condition::Usable | Condition::NotShutOut => USABILITY.asks(asked),
        }
    }

    /// Why the condition does not hold: the rule of the missing fact where it has one of its own, else `rule`. Of
    /// alternatives the one that came closest speaks.
    pub fn refusal(&self, question: &Question<'_>, rule: &'static str) -> Refused {
        let (_, missing) = self.missing(question);
        let missing = missing.unwrap_or(Fact::Never);
        Refused { rule: missing.own_rule().unwrap_or(rule), missing }
    }

    /// How far the condition got, in facts of the one who asks that hold, and the first fact that is missing.
    fn missing(&self, question: &Question<'_>) -> (usize, Option<Fact>) {
        match self {
            Condition::Is(fact) => {
                // What holds of everybody brings nobody closer.
                let further = usize::from(fact.about_the_actor());
                if fact.look(question).holds { (further, None) } else { (0, Some(*fact)) }
            }
            Condition::All(parts) => {
                let mut reached = 0;
                for part in *parts {
                    let (further, missing) = part.missing(question);
                    reached += further;
                    if missing.is_some() {
                        return (reached, missing);
                    }
                }
                (reached, None)
            }
            Condition::Any(alternatives) => {
                let mut best = (0, None);
                for alternative in *alternatives {
                    let (reached, missing) = alternative.missing(question);
                    if missing.is_none() {
                        return (reached, None);
                    }
                    if best.1.is_none() || reached > best.0 {
                        best = (reached, missing);
                    }
                }
                best
            }
            Condition::Usable => USABILITY.missing(question),
            Condition::NotShutOut if self.met(question) => (0, None),
            Condition::NotShutOut => USABILITY.missing(question),
        }
    }

    /// The tree of facts.
    pub fn explain(&self, question: &Question<'_>) -> Node {
        match self {
            Condition::Is(fact) => {
                let seen = fact.look(question);
                let kind =
                    NodeKind::Fact { fact: *fact, words: fact.words(question), rule: fact.rule(), cause: seen.cause };
                Node { holds: seen.holds, kind }
            }
            Condition::All(parts) => {
                let told = parts.iter().filter(|part| !part.goes_without_saying(question));
                let nodes: Vec<Node> = told.map(|part| part.explain(question)).collect();
                match <[Node; 1]>::try_from(nodes) {
                    Ok([only]) => only,
                    Err(nodes) => Node { holds: nodes.iter().all(|node| node.holds), kind: NodeKind::All(nodes) },
                }
            }
            Condition::Any(alternatives) => {
                let nodes: Vec<Node> = alternatives.iter().map(|part| part.explain(question)).collect();
                Node { holds: nodes.iter().any(|node| node.holds), kind: NodeKind::Any(nodes) }
            }
            Condition::Usable | Condition::NotShutOut => USABILITY.explain(question),
        }
    }

    /// Whether the condition is one that is told only where it is missing, and holds.
    fn goes_without_saying(&self, question: &Question<'_>) -> bool {
        matches!(self, Condition::NotShutOut) && self.met(question)
    }
}
