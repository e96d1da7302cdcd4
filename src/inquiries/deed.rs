//! What brought a change of a right about: the entry with who acted, by what right and why, or the clock.

use grantbook_events::{Entry, Instant};
use grantbook_projections::{Cause, instant_of};
use grantbook_rights::{Capability, Node, NodeKind, Question, explain};
use serde_json::{Value, json};

use crate::authority::{Step, sets, step_at};
use crate::shown::{self, Shown};
use crate::why::Named;

/// What brought a change about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deed {
    /// The entry, or the clock.
    pub cause: Cause,
    /// When it took effect.
    pub at: Instant,
    /// The fact that changed, in words; none where it goes through something that is no fact of the right's own, such as
    /// the membership of a group that has access.
    pub fact: Option<String>,
    /// What the entry did; none where it was the clock.
    pub step: Option<Step>,
}

/// What a cause did to the answer to a question.
pub(crate) fn deed(
    shown: &Shown<'_>,
    question: &Question<'_>,
    capability: Capability,
    named: &Named,
    cause: Cause,
) -> Deed {
    let node = explain(&Question { as_of: shown.point(cause), ..*question }, capability);
    let mut leaves = Vec::new();
    gather(&node, cause, &mut leaves);
    // Of facts that changed together, the one that speaks for the answer as it now is.
    leaves.sort_by_key(|(holds, _)| *holds != node.holds);
    let at = instant_of(&shown.views.timeline, cause);
    let fact = leaves.first().and_then(|(holds, leaf)| match &leaf.kind {
        NodeKind::Fact { words, .. } if *holds => Some(words.clone()),
        NodeKind::Fact { words, .. } => Some(format!("no longer: {words}")),
        NodeKind::All(_) | NodeKind::Any(_) => None,
    });
    let step = match cause {
        Cause::Clock(_) => None,
        Cause::Entry(position) => shown.read(position).map(|entry| {
            let picked = picked(&entry, &leaves, named);
            step_at(shown, position, &entry, picked)
        }),
    };
    Deed { cause, at, fact, step }
}

/// The leaves of a tree that a cause made what they are.
fn gather<'n>(node: &'n Node, cause: Cause, into: &mut Vec<(bool, &'n Node)>) {
    match &node.kind {
        NodeKind::Fact { cause: own, .. } => {
            if *own == Some(cause) {
                into.push((node.holds, node));
            }
        }
        NodeKind::All(nodes) | NodeKind::Any(nodes) => nodes.iter().for_each(|node| gather(node, cause, into)),
    }
}

/// The event of an entry that changed one of the leaves, else one that names the account, else the first.
fn picked(entry: &Entry, leaves: &[(bool, &Node)], named: &Named) -> usize {
    let about = named.about();
    let set = leaves.iter().find_map(|(_, leaf)| match &leaf.kind {
        NodeKind::Fact { fact, .. } => entry.events.iter().rposition(|recorded| sets(*fact, &about, &recorded.event)),
        NodeKind::All(_) | NodeKind::Any(_) => None,
    });
    let own = || {
        let who = named.who.as_ref()?;
        entry.events.iter().rposition(|recorded| recorded.event.concerns(who))
    };
    set.or_else(own).unwrap_or(0)
}

impl Deed {
    /// The deed as JSON: the cause, when, and of an entry who acted, by what right and why.
    pub fn json(&self) -> Value {
        json!({
            "cause": shown::cause(self.cause),
            "at": self.at.to_string(),
            "fact": self.fact,
            "step": self.step.as_ref().map_or(Value::Null, Step::json),
        })
    }
}
