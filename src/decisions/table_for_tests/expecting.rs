//! What a row says was to come of it, held against what came.

use super::*;

impl World {
    pub(super) fn matches(&self, then: &str, came: &Came) -> bool {
        let (head, recorded) = then.split_once(" + ").map_or((then, ""), |(head, recorded)| (head, recorded));
        match came {
            Came::Said(said) => said == then || then.split_once('@').is_none() && said.split('@').next() == Some(then),
            Came::Refused(refused, message, events) => {
                let (expected, words) = head.split_once(" `").unwrap_or((head, ""));
                refused == expected && message.contains(words.trim_end_matches('`')) && self.all_match(recorded, events)
            }
            Came::Happened(events) => recorded.is_empty() && self.all_match(head, events),
        }
    }

    fn all_match(&self, expected: &str, events: &[Recorded]) -> bool {
        let expected: Vec<&str> = expected.split(", ").filter(|one| !one.is_empty()).collect();
        expected.len() == events.len() && expected.iter().zip(events).all(|(one, event)| self.one_matches(one, event))
    }

    /// `kind{field=value}@authority`
    fn one_matches(&self, expected: &str, recorded: &Recorded) -> bool {
        let (what, authority) = expected.split_once('@').map_or((expected, None), |(what, by)| (what, Some(by)));
        let (kind, wanted) = what.trim_end_matches('}').split_once('{').unwrap_or((what, ""));
        let by_right = authority.is_none_or(|authority| authority == self.label(recorded.authority));
        let fields = shown_fields(&recorded.event);
        let has = |wanted: &str| {
            let (name, value) = wanted.split_once('=').expect("field=value");
            fields
                .get(name)
                .is_some_and(|field| field.as_str().map_or_else(|| field.to_string(), str::to_owned) == value)
        };
        kind == recorded.event.kind() && by_right && wanted.split_whitespace().all(has)
    }

    pub(super) fn label(&self, position: Option<Position>) -> String {
        let Some(position) = position else { return "null".to_owned() };
        let label = self.labels.iter().filter(|(_, labelled)| **labelled == position).map(|(label, _)| label).min();
        label.cloned().unwrap_or_else(|| position.to_string())
    }

    pub(super) fn shown(&self, came: &Came) -> String {
        let events = |events: &[Recorded]| {
            let one = |recorded: &Recorded| {
                let fields = Value::Object(shown_fields(&recorded.event));
                format!("{}{fields}@{}", recorded.event.kind(), self.label(recorded.authority))
            };
            events.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        match came {
            Came::Happened(happened) => events(happened),
            Came::Refused(status, message, recorded) if recorded.is_empty() => format!("{status} \"{message}\""),
            Came::Refused(status, message, recorded) => format!("{status} \"{message}\" + {}", events(recorded)),
            Came::Said(said) => said.clone(),
        }
    }
}

/// The fields of an event as people see them.
fn shown_fields(event: &Event) -> Map<String, Value> {
    let Ok(Value::Object(chapter)) = serde_json::to_value(event) else { return Map::new() };
    let variant = chapter.into_values().next().and_then(|variant| variant.as_object().cloned()).unwrap_or_default();
    variant.into_values().next().and_then(|fields| fields.as_object().cloned()).unwrap_or_default()
}
