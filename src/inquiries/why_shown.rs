//! The reasons as JSON and as plain lines of text.

use serde_json::{Map, Value, json};

use crate::authority::{Origin, Step};
use crate::shown;
use crate::supply::Alternative;
use crate::why::{FactReason, Link, Reason, ReasonKind, Why};

impl Why {
    /// The answer as JSON.
    pub fn json(&self) -> Value {
        json!({
            "as_of": shown::as_of(self.as_of),
            "allowed": self.allowed,
            "rule": self.rule,
            "question": {"who": self.who, "do": self.capability, "words": self.words, "on": self.on},
            "why": reason(&self.reason),
            "would_do": self.would_do.iter().map(alternative).collect::<Value>(),
        })
    }

    /// The answer as an indented tree of plain lines.
    pub fn lines(&self) -> Vec<String> {
        let as_of = self.as_of;
        let verdict = if self.allowed { "yes" } else { "no" };
        let not = if self.allowed { "may" } else { "may not" };
        let on = self.on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
        let mut lines = vec![format!(
            "{verdict}: {} {not} {} ({}{on}, rule {}), as of position {}, {}",
            self.who, self.words, self.capability, self.rule, as_of.position, as_of.clock
        )];
        reason_lines(&self.reason, 1, &mut lines);
        for (index, alternative) in self.would_do.iter().enumerate() {
            let supplies: Vec<&str> = alternative.missing.iter().map(|missing| missing.supply.as_str()).collect();
            let lead = if index == 0 { "it would do to" } else { "or to" };
            lines.push(format!("{lead} {}", supplies.join(", and to ")));
        }
        lines
    }
}

fn reason(found: &Reason) -> Value {
    match &found.kind {
        ReasonKind::All(reasons) => json!({"holds": found.holds, "all": reasons.iter().map(reason).collect::<Value>()}),
        ReasonKind::Any(reasons) => json!({"holds": found.holds, "any": reasons.iter().map(reason).collect::<Value>()}),
        ReasonKind::Fact(fact) => {
            let mut row = Map::new();
            row.insert("holds".to_owned(), found.holds.into());
            row.insert("fact".to_owned(), fact.words.as_str().into());
            row.insert("rule".to_owned(), fact.rule.into());
            put_origin(fact.origin.as_ref(), &mut row);
            if !fact.through.is_empty() {
                row.insert("through".to_owned(), fact.through.iter().map(link).collect());
            }
            Value::Object(row)
        }
    }
}

fn link(link: &Link) -> Value {
    let mut row = Map::new();
    row.insert("words".to_owned(), link.words.as_str().into());
    if link.origin.is_some() {
        put_origin(link.origin.as_ref(), &mut row);
    }
    Value::Object(row)
}

fn put_origin(origin: Option<&Origin>, into: &mut Map<String, Value>) {
    into.insert("cause".to_owned(), shown::maybe_cause(origin.map(|origin| origin.cause)));
    let chain = origin.map_or(&[][..], |origin| &origin.chain);
    into.insert("chain".to_owned(), chain.iter().map(Step::json).collect());
}

impl Step {
    /// The step as JSON.
    pub fn json(&self) -> Value {
        json!({
            "position": self.position.0,
            "at": self.at.to_string(),
            "actor": {"kind": self.actor.kind, "id": self.actor.id, "name": self.actor.name},
            "event": self.event,
            "sentence": self.sentence,
            "authority": self.authority.map(|authority| authority.0),
            "command": self.command,
            "reason": self.reason,
            "ticket": self.ticket,
            "import": self.import.map(|started| started.0),
            "corrections": shown::corrections(self.corrections.iter().copied()),
        })
    }
}

fn alternative(alternative: &Alternative) -> Value {
    let rows = alternative
        .missing
        .iter()
        .map(|missing| json!({"missing": missing.words, "rule": missing.rule, "supply": missing.supply}));
    rows.collect()
}

fn indent(depth: usize, text: &str) -> String {
    format!("{}{text}", "  ".repeat(depth))
}

fn reason_lines(reason: &Reason, depth: usize, into: &mut Vec<String>) {
    let mark = if reason.holds { "yes" } else { "no" };
    let below = match &reason.kind {
        ReasonKind::Fact(fact) => return fact_lines(fact, mark, depth, into),
        ReasonKind::All(reasons) => {
            into.push(indent(depth, &format!("{mark}: all of these")));
            reasons
        }
        ReasonKind::Any(reasons) => {
            into.push(indent(depth, &format!("{mark}: any of these")));
            reasons
        }
    };
    below.iter().for_each(|reason| reason_lines(reason, depth + 1, into));
}

fn fact_lines(fact: &FactReason, mark: &str, depth: usize, into: &mut Vec<String>) {
    into.push(indent(depth, &format!("{mark}: {} ({})", fact.words, fact.rule)));
    origin_lines(fact.origin.as_ref(), depth + 1, into);
    for link in &fact.through {
        into.push(indent(depth + 1, &format!("through: {}", link.words)));
        origin_lines(link.origin.as_ref(), depth + 2, into);
    }
}

fn origin_lines(origin: Option<&Origin>, depth: usize, into: &mut Vec<String>) {
    let Some(origin) = origin else { return };
    if let grantbook_projections::Cause::Clock(moment) = origin.cause {
        into.push(indent(depth, &format!("by the clock, {moment}")));
    }
    for step in &origin.chain {
        let mut line = format!("position {}, {}: {}", step.position, step.at, step.sentence);
        if let Some(authority) = step.authority {
            line.push_str(&format!(", on the authority of position {authority}"));
        }
        if let Some(reason) = &step.reason {
            line.push_str(&format!(" (reason: {reason})"));
        }
        if let Some(started) = step.import {
            line.push_str(&format!(" (imported, see position {started})"));
        }
        for (said, corrected_by) in &step.corrections {
            let right = corrected_by.map_or_else(String::new, |right| format!(", set right by position {right}"));
            line.push_str(&format!(" (said to be wrong by position {said}{right})"));
        }
        into.push(indent(depth, &line));
    }
}
