//! Lineage as JSON, and as trees of plain lines.

use std::collections::BTreeMap;

use grantbook_events::Instant;
use serde_json::{Map, Value, json};

use super::{Down, Grant, Lineage, Node, Root, Up};
use crate::authority::Place;
use crate::given::Hold;
use crate::shown;

/// How an event is called in an answer: the entry, and which of its events.
pub(super) fn id(place: Place) -> String {
    format!("{}.{}", place.position, place.index)
}

impl Lineage {
    /// The answer as JSON: the events as nodes, and an edge from each event that gave a right to what was done by it.
    pub fn json(&self) -> Value {
        let mut answer = Map::new();
        answer.insert("as_of".to_owned(), shown::as_of(self.as_of));
        match &self.subject.root {
            Root::Account(account) => {
                answer.insert("account".to_owned(), account.as_str().into());
                answer.insert("name".to_owned(), self.subject.name.as_deref().into());
            }
            Root::Entry(position) => _ = answer.insert("position".to_owned(), position.0.into()),
        }
        if let Some(Up { held, nodes }) = &self.up {
            let held: Value = held.iter().map(|held| json!({"what": held.what, "node": id(held.place)})).collect();
            answer.insert("up".to_owned(), json!({"held": held, "nodes": all(nodes), "edges": edges(nodes)}));
        }
        if let Some(Down { nodes, count }) = &self.down {
            let down = json!({"count": count, "nodes": all(nodes), "edges": edges(nodes)});
            answer.insert("down".to_owned(), down);
        }
        Value::Object(answer)
    }

    /// The answer as trees of plain lines.
    pub fn lines(&self) -> Vec<String> {
        let what = match &self.subject.root {
            Root::Account(account) => match &self.subject.name {
                Some(name) if name != account.as_str() => format!("{name} ({account})"),
                Some(_) | None => account.to_string(),
            },
            Root::Entry(position) => format!("entry #{position}"),
        };
        let as_of = self.as_of;
        let mut lines =
            vec![format!("lineage of {what}, as of position {} ({} UTC)", as_of.position, to_the_second(as_of.clock))];
        if let Some(up) = &self.up {
            lines.push(String::new());
            up_lines(&self.subject.root, up, &mut lines);
        }
        if let Some(down) = &self.down {
            lines.push(String::new());
            lines.push(down_heading(&self.subject.root, down));
            let children = children(&down.nodes);
            branches(&children, None, "", &mut lines);
        }
        lines
    }
}

fn all(nodes: &[Node]) -> Value {
    nodes.iter().map(Node::json).collect()
}

/// Every edge is the authority of an event.
fn edges(nodes: &[Node]) -> Value {
    let edge = |node: &Node| Some(json!({"from": id(node.rests_on?), "to": id(node.place)}));
    nodes.iter().filter_map(edge).collect()
}

impl Node {
    fn json(&self) -> Value {
        let mut row = Map::from_iter([("id".to_owned(), Value::from(id(self.place)))]);
        if let Value::Object(step) = self.step.json() {
            row.extend(step);
        }
        row.insert("grant".to_owned(), self.grant.as_ref().map_or(Value::Null, Grant::json));
        Value::Object(row)
    }

    /// The event in a line.
    pub(super) fn line(&self) -> String {
        let step = &self.step;
        let mut line = format!("#{} {}  {}", step.position, to_the_second(step.at), step.sentence);
        if let Some(reason) = &step.reason {
            line.push_str(&format!(" (reason: {reason})"));
        }
        if step.import.is_some() {
            line.push_str(" (imported)");
        }
        if let Some(Grant { hold, .. }) = &self.grant {
            line.push_str(&match hold {
                Hold::Still => "  [holds]".to_owned(),
                Hold::Ended(cause) => format!("  [{}]", ended_words(*cause)),
            });
        }
        line
    }
}

/// An instant as people read it.
pub(super) fn to_the_second(instant: Instant) -> String {
    let text = instant.to_string();
    text.get(..19).map_or_else(|| text.clone(), |text| text.replace('T', " "))
}

/// What ended a grant, in words.
pub(super) fn ended_words(cause: Option<grantbook_projections::Cause>) -> String {
    match cause {
        Some(grantbook_projections::Cause::Entry(position)) => format!("ended by #{position}"),
        Some(grantbook_projections::Cause::Clock(moment)) => format!("ended by the clock, {}", to_the_second(moment)),
        None => "ended".to_owned(),
    }
}

impl Grant {
    fn json(&self) -> Value {
        let (holds, ended) = match self.hold {
            Hold::Still => (true, None),
            Hold::Ended(cause) => (false, cause),
        };
        json!({"to": self.to, "what": self.what, "holds": holds, "ended": shown::maybe_cause(ended)})
    }
}

fn up_lines(root: &Root, up: &Up, into: &mut Vec<String>) {
    let (has, nothing) = match root {
        Root::Account(_) => ("has", "it has nothing"),
        Root::Entry(_) => ("did", "it did nothing"),
    };
    if up.held.is_empty() {
        into.push(format!("up: {nothing}"));
        return;
    }
    into.push(format!("up: what it {has}, and by whose authority, back to the start"));
    let by_place: BTreeMap<Place, &Node> = up.nodes.iter().map(|node| (node.place, node)).collect();
    for (number, held) in up.held.iter().enumerate() {
        let last = number + 1 == up.held.len();
        into.push(format!("{} {}", if last { "└─" } else { "├─" }, held.what));
        let mut indent = if last { "     " } else { "│    " }.to_owned();
        let mut place = Some(held.place);
        let mut mark = "";
        while let Some(node) = place.and_then(|place| by_place.get(&place)) {
            into.push(format!("{indent}{mark}{}", node.line()));
            indent.push_str(if mark.is_empty() { "" } else { "   " });
            mark = "└─ ";
            place = node.rests_on;
        }
    }
}

fn down_heading(root: &Root, down: &Down) -> String {
    let what = match root {
        Root::Account(_) => "what it did, and what was done by rights that came of it",
        Root::Entry(_) => "what it did, and what rests on it",
    };
    match (down.count, down.nodes.len()) {
        (0, _) => "down: nothing rests on it".to_owned(),
        (count, shown) if shown < count => format!("down: {what} (the first {shown} of {count})"),
        (_, _) => format!("down: {what}"),
    }
}

/// The events below each event; below none, those that hang on the root.
pub(super) fn children(nodes: &[Node]) -> BTreeMap<Option<Place>, Vec<&Node>> {
    let mut children: BTreeMap<Option<Place>, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        children.entry(node.rests_on).or_default().push(node);
    }
    children
}

fn branches(children: &BTreeMap<Option<Place>, Vec<&Node>>, of: Option<Place>, indent: &str, into: &mut Vec<String>) {
    let below = children.get(&of).map_or(&[][..], Vec::as_slice);
    for (number, node) in below.iter().enumerate() {
        let last = number + 1 == below.len();
        into.push(format!("{indent}{} {}", if last { "└─" } else { "├─" }, node.line()));
        let deeper = format!("{indent}{}", if last { "   " } else { "│  " });
        branches(children, Some(node.place), &deeper, into);
    }
}
