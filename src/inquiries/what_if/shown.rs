//! The answer as JSON: what differs in the views, what was refused and why.

use grantbook_events::{Actor, Position};
use serde_json::{Map, Value, json};

use super::{By, Dropped, Inserted, MOST, WhatIf, Why, changes};
use crate::sentences::sentence;
use crate::shown::{Shown, as_of};
use crate::views::{UnknownView, view};

/// How a position in an answer is written that lies in what was put in: after which entry.
fn inserted_position(after: Position) -> Value {
    json!({"inserted_after": after.0})
}

impl WhatIf {
    /// The answer, beside the real history as `shown` has it, with the named views.
    ///
    /// Errors: there is no such view.
    pub fn json(&self, shown: &Shown<'_>, views: &[&str]) -> Result<Value, UnknownView> {
        let here = Shown { views: &self.views, as_of: self.point(shown.as_of), ..*shown };
        let mut differences = Map::new();
        for name in views {
            let (before, after) = (view(name, shown)?, self.as_in_the_real(view(name, &here)?));
            let found = changes(&before, &after);
            if !found.is_empty() {
                let rows =
                    found.into_iter().map(|one| json!({"path": one.path, "before": one.before, "after": one.after}));
                differences.insert((*name).to_owned(), rows.collect());
            }
        }
        let told = self.dropped.iter().filter_map(|(position, dropped)| self.of_dropped(shown, *position, dropped));
        let (left_out, refused): (Vec<_>, Vec<_>) = told.partition(|(why, _)| **why == Why::LeftOut);
        let rows = |told: Vec<(&Why, Value)>| told.into_iter().map(|(_, row)| row).collect::<Value>();
        let otherwise = self.otherwise.iter().take(MOST).map(|(position, events)| {
            let real = events.iter().map(|recorded| sentence(&here, &Actor::System, &recorded.event));
            json!({"position": position.0, "events": real.collect::<Vec<String>>()})
        });
        Ok(json!({
            "as_of": as_of(shown.as_of),
            "without": rows(left_out),
            "inserted": self.inserted.iter().map(|one| of_inserted(&here, one)).collect::<Value>(),
            "refused_count": self.refused,
            "refused": rows(refused),
            "otherwise_count": self.otherwise.len(),
            "otherwise": otherwise.collect::<Value>(),
            "views": differences,
        }))
    }

    /// An entry that is not there, where it is one of those that are told.
    fn of_dropped<'a>(&self, shown: &Shown<'_>, position: Position, dropped: &'a Dropped) -> Option<(&'a Why, Value)> {
        let Dropped { entry, why, .. } = dropped;
        let entry = entry.as_ref()?;
        let names: Vec<&str> = entry.commands.iter().map(|note| note.name.as_str()).collect();
        let events = entry.events.iter().map(|recorded| sentence(shown, &entry.actor, &recorded.event));
        let mut row = Map::new();
        let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
        put("position", position.0.into());
        put("at", entry.at.to_string().into());
        put("actor", crate::authority::actor_account(&entry.actor).map(|id| id.as_str()).into());
        put("commands", json!(names));
        put("sentences", events.collect::<Vec<String>>().into());
        match why {
            Why::LeftOut => {}
            Why::Refused { command, refusal } => {
                put("command", command.as_str().into());
                put("rule", refusal.rule.into());
                put("why", refusal.message.as_str().into());
            }
            Why::CannotBe(sentence) => {
                put("rule", Value::Null);
                put("why", sentence.as_str().into());
            }
        }
        if *why != Why::LeftOut {
            let chain = self.chain(position);
            put("because", chain.told().map(|position| position.0).collect());
            if chain.between > 0 {
                put("between", chain.between.into());
            }
        }
        Some((why, Value::Object(row)))
    }

    /// An answer of this history with the positions of the real one.
    fn as_in_the_real(&self, mut answer: Value) -> Value {
        if !self.moved.nothing() {
            self.put_back(&mut answer);
        }
        answer
    }

    fn put_back(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if let Some(here) = fields.get("position").and_then(Value::as_u64).map(Position)
                    && fields.len() == 1
                {
                    let real = self.moved.from(here);
                    if self.moved.to(real) == here {
                        fields.insert("position".to_owned(), real.0.into());
                    } else {
                        *value = inserted_position(real);
                    }
                    return;
                }
                if let Some(session) = fields.get("session").and_then(Value::as_u64).map(Position) {
                    fields.insert("session".to_owned(), self.moved.from(session).0.into());
                }
                fields.values_mut().for_each(|inner| self.put_back(inner));
            }
            Value::Array(members) => members.iter_mut().for_each(|member| self.put_back(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

fn of_inserted(here: &Shown<'_>, inserted: &Inserted) -> Value {
    let Inserted { after, by, outcome } = inserted;
    let who = match by {
        By::Account(id) => id.as_str(),
        By::Support => "support",
    };
    match outcome {
        Ok(events) => {
            let told = events.iter().map(|event| sentence(here, &by.actor(), event));
            json!({"after": after.0, "as": who, "accepted": true, "sentences": told.collect::<Vec<String>>()})
        }
        Err(refusal) => json!({
            "after": after.0, "as": who, "accepted": false, "rule": refusal.rule, "why": refusal.message,
        }),
    }
}
