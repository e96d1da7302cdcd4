//! The answer as JSON: what differs in the views, what was refused and why.

use grantbook_events::{Actor, Position};
use serde_json::{Map, Value, json};

use super::{By, Change, Dropped, Inserted, MOST, WhatIf, Why, changes};
use crate::places::Places;
use crate::sentences::sentence;
use crate::shown::{Shown, as_of};
use crate::views::{UnknownView, view};

impl WhatIf {
    /// In what a view differs from that of the real history, as `shown` has it; `None` where in nothing.
    ///
    /// Errors: there is no such view.
    pub fn difference(&self, shown: &Shown<'_>, name: &str) -> Result<Option<Value>, UnknownView> {
        let found = changes(view(name, shown)?, view(name, &self.here(shown))?);
        Ok((!found.is_empty()).then(|| found.into_iter().map(row).collect()))
    }

    /// The answer, beside the real history as `shown` has it, with the differences of views by their names.
    pub fn json(&self, shown: &Shown<'_>, differences: Map<String, Value>) -> Value {
        let here = self.here(shown);
        let told = self.dropped.iter().filter_map(|(position, dropped)| self.of_dropped(shown, *position, dropped));
        let (left_out, refused): (Vec<_>, Vec<_>) = told.partition(|(why, _)| **why == Why::LeftOut);
        let rows = |told: Vec<(&Why, Value)>| told.into_iter().map(|(_, row)| row).collect::<Value>();
        let otherwise = self.otherwise.iter().take(MOST).map(|(position, events)| {
            let tell = |event| sentence(&here, &Actor::System, &self.moved.as_in_the_real(event));
            let real = events.iter().map(|recorded| tell(&recorded.event));
            json!({"position": position.0, "events": real.collect::<Vec<String>>()})
        });
        object([
            ("as_of", as_of(shown.as_of)),
            ("without", rows(left_out)),
            ("inserted", self.inserted.iter().map(|one| of_inserted(&here, one)).collect()),
            ("refused_count", self.refused.into()),
            ("refused", rows(refused)),
            ("otherwise_count", self.otherwise.len().into()),
            ("otherwise", otherwise.collect()),
            ("views", differences.into()),
        ])
    }

    /// This history in the place of the real one that `shown` has, looked at from the same point. Whatever is asked of it tells the
    /// positions of the real one.
    pub fn here<'a>(&'a self, shown: &Shown<'a>) -> Shown<'a> {
        Shown { views: &self.views, as_of: self.point(shown.as_of), places: Places::of(self), ..*shown }
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
}

/// One difference.
fn row(Change { path, before, after }: Change) -> Value {
    object([("path", path.into()), ("before", before), ("after", after)])
}

/// An object of values that may be large: `json!` would copy them.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
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
