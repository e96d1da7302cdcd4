//! A story as JSON.

use serde_json::{Map, Value, json};

use super::{Happening, Story};
use crate::authority::Step;
use crate::shown;

impl Story {
    /// The story as JSON: its happenings, oldest first, each with both clocks where they differ.
    pub fn json(&self) -> Value {
        json!({
            "as_of": shown::as_of(self.as_of),
            "of": self.of,
            "happenings": self.happenings.iter().map(Happening::json).collect::<Value>(),
            "next": self.next.map(|next| next.0),
        })
    }
}

impl Happening {
    fn json(&self) -> Value {
        let mut row = Map::new();
        row.insert("cause".to_owned(), shown::cause(self.cause));
        row.insert("at".to_owned(), self.at.to_string().into());
        row.insert("recorded_at".to_owned(), shown::instant(self.recorded_at));
        row.insert("imported".to_owned(), self.step.as_ref().is_some_and(|step| step.import.is_some()).into());
        row.insert("sentence".to_owned(), self.sentence.as_str().into());
        if let Some(turn) = &self.turn {
            row.insert("account".to_owned(), turn.account.as_str().into());
            row.insert("became".to_owned(), if turn.gained { "gained" } else { "lost" }.into());
        }
        row.insert("step".to_owned(), self.step.as_ref().map_or(Value::Null, Step::json));
        Value::Object(row)
    }
}
