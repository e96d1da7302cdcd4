//! One event of an entry, as the forms look at it.

use grantbook_events::{Description, Event, Instant};
use serde_json::{Map, Value};

/// What of an event is its form, and not what happened.
const FORM: [&str; 4] = ["type", "version", "authority", "command_index"];

/// One event with the entry that it stands in.
pub(crate) struct Happened<'a> {
    pub(crate) entry: &'a Value,
    pub(crate) event: &'a Value,
    /// Which event of the entry it is, from 0.
    pub(crate) index: usize,
    /// What is known of its type; `None` where a newer server wrote it.
    pub(crate) described: Option<&'static Description>,
}

impl<'a> Happened<'a> {
    /// The events of an entry, in order.
    pub(crate) fn all(entry: &'a Value) -> impl Iterator<Item = Happened<'a>> {
        let events = entry.get("events").and_then(Value::as_array).into_iter().flatten();
        events.enumerate().map(move |(index, event)| {
            let described = event.get("type").and_then(Value::as_str).and_then(Event::describe);
            Happened { entry, event, index, described }
        })
    }

    /// Its type, such as `admin_added`.
    pub(crate) fn kind(&self) -> &'a str {
        self.text("type").unwrap_or_default()
    }

    /// Its type in words.
    pub(crate) fn words(&self) -> String {
        self.kind().replace('_', " ")
    }

    /// Its name within the tenant: the position and which event of the entry it is.
    pub(crate) fn id(&self) -> String {
        format!("{}.{}", self.position(), self.index)
    }

    /// The position of its entry.
    pub(crate) fn position(&self) -> u64 {
        self.entry.get("position").and_then(Value::as_u64).unwrap_or_default()
    }

    /// A text of the event.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.event.get(name).and_then(Value::as_str)
    }

    /// A text of the entry, by its path, such as `/actor/id`.
    pub(crate) fn of_entry(&self, path: &str) -> Option<&'a str> {
        self.entry.pointer(path).and_then(Value::as_str)
    }

    /// An instant of the entry in milliseconds since 1970.
    pub(crate) fn milliseconds(&self, path: &str) -> Option<i64> {
        let instant = Instant::parse(self.of_entry(path)?).ok()?;
        Some(instant.microseconds().div_euclid(1_000))
    }

    /// What happened, without what is the event's form.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        let fields = self.event.as_object().into_iter().flatten();
        let own = fields.filter(|(name, _)| !FORM.contains(&name.as_str()));
        own.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Whether something was refused.
    pub(crate) fn refused(&self) -> bool {
        matches!(self.kind(), "sign_in_refused" | "sign_ins_refused" | "command_refused" | "commands_refused")
    }

    /// What happened, in a line that names who did it.
    pub(crate) fn line(&self) -> String {
        let (what, _) = crate::words::event(self.event);
        format!("{}: {what}", crate::words::actor(self.entry))
    }
}
