//! The shortest reason that is enough for a yes: of several ways to a right, the one with the fewest facts.

use grantbook_events::{AccessRight, Position};
use grantbook_projections::Cause;
use grantbook_rights::{Capability, Fact, Node, NodeKind, Question, explain};
use serde_json::{Value, json};

use crate::authority::{Step, sets, step_of};
use crate::shown::{self, Shown};
use crate::through::access;
use crate::why::{FactReason, Named};

/// A fact of a reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShortFact {
    /// Which.
    pub fact: Fact,
    /// In words.
    pub words: String,
    /// The rule it rests on.
    pub rule: &'static str,
    /// What made it so; none for what was never otherwise.
    pub cause: Option<Cause>,
    /// What it goes through: of access to an object, the setting in force and how the account is one of those it means.
    pub through: Vec<Through>,
}

/// Something that a fact goes through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Through {
    /// In words.
    pub words: String,
    /// What made it so; none for what was never otherwise.
    pub cause: Option<Cause>,
}

/// Facts that together are enough, the right itself first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShortReason {
    /// All of them hold; without any one of them this reason is none.
    pub facts: Vec<ShortFact>,
    /// The entry that set the right, and what it did; none where it was never set.
    pub given: Option<Step>,
}

/// The facts of the shortest way in which a tree holds, each once; `None` where it does not hold. Of two as short the one
/// whose right is older.
pub(crate) fn shortest(node: &Node) -> Option<Vec<ShortFact>> {
    if !node.holds {
        return None;
    }
    Some(match &node.kind {
        NodeKind::Fact { fact, words, rule, cause } => {
            vec![ShortFact { fact: *fact, words: words.clone(), rule, cause: *cause, through: Vec::new() }]
        }
        NodeKind::All(parts) => {
            let mut facts: Vec<ShortFact> = Vec::new();
            for fact in parts.iter().filter_map(shortest).flatten() {
                if facts.iter().all(|earlier| earlier.fact != fact.fact) {
                    facts.push(fact);
                }
            }
            facts
        }
        NodeKind::Any(ways) => {
            let age = |facts: &[ShortFact]| facts.first().and_then(|first| first.cause);
            ways.iter().filter_map(shortest).min_by_key(|facts| (facts.len(), age(facts)))?
        }
    })
}

/// The shortest reason of a question's yes; `None` where the answer is no.
pub(crate) fn short_reason(
    shown: &Shown<'_>,
    question: &Question<'_>,
    capability: Capability,
    named: &Named,
) -> Option<ShortReason> {
    let mut facts = shortest(&explain(question, capability))?;
    for fact in &mut facts {
        if !shown.may_tell(question, fact.fact, true) {
            fact.cause = None;
        } else if let Fact::Access(right) = fact.fact {
            fact.through = access_links(shown, question, named, right, fact.cause);
        }
    }
    let entry = |fact: &ShortFact| match fact.cause {
        Some(Cause::Entry(position)) if position > Position::START => Some((position, fact.fact)),
        Some(Cause::Entry(_) | Cause::Clock(_)) | None => None,
    };
    let given = facts.iter().find_map(entry);
    let step = given.and_then(|(position, fact)| {
        let about = named.about();
        step_of(shown, position, &|event| sets(fact, &about, event))
    });
    Some(ShortReason { facts, given: step })
}

/// What access goes through.
fn access_links(
    shown: &Shown<'_>,
    question: &Question<'_>,
    named: &Named,
    right: AccessRight,
    cause: Option<Cause>,
) -> Vec<Through> {
    let mut found = FactReason::bare(Fact::Access(right));
    access(shown, question, named, right, cause, &mut found);
    let links = found.through.into_iter();
    links.map(|link| Through { words: link.words, cause: link.origin.map(|origin| origin.cause) }).collect()
}

impl ShortReason {
    /// The reason as JSON.
    pub fn json(&self) -> Value {
        json!({
            "facts": self.facts.iter().map(ShortFact::json).collect::<Value>(),
            "given": self.given.as_ref().map_or(Value::Null, Step::json),
        })
    }
}

impl ShortFact {
    /// The fact as JSON.
    pub fn json(&self) -> Value {
        let mut row = json!({"fact": self.words, "rule": self.rule, "cause": shown::maybe_cause(self.cause)});
        if let Some(row) = row.as_object_mut().filter(|_| !self.through.is_empty()) {
            let link = |link: &Through| json!({"words": link.words, "cause": shown::maybe_cause(link.cause)});
            row.insert("through".to_owned(), self.through.iter().map(link).collect());
        }
        row
    }
}
