//! A command written as the JSON form that it could have been read from.

use grantbook_events::{ContactCondition, Principal, ReviewScope, Sealed};
use serde_json::{Map, Value};

/// A command being written as the JSON that it could have been read from.
pub(super) struct Written<'a> {
    object: Map<String, Value>,
    open: &'a dyn Fn(&Sealed) -> Option<String>,
}

impl<'a> Written<'a> {
    pub(super) fn new(name: &str, open: &'a dyn Fn(&Sealed) -> Option<String>) -> Written<'a> {
        Written { object: Map::from_iter([("name".to_owned(), Value::from(name))]), open }
    }

    pub(super) fn into_value(self) -> Value {
        Value::Object(self.object)
    }

    pub(super) fn put(&mut self, field: &str, value: impl Into<Value>) -> &mut Self {
        self.object.insert(field.to_owned(), value.into());
        self
    }

    /// What shows as text: names, choices, days, instants.
    pub(super) fn show(&mut self, field: &str, value: impl std::fmt::Display) -> &mut Self {
        self.put(field, value.to_string())
    }

    pub(super) fn put_if(&mut self, field: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.put(field, value);
        }
        self
    }

    pub(super) fn show_if(&mut self, field: &str, value: &Option<impl std::fmt::Display>) -> &mut Self {
        if let Some(value) = value {
            self.show(field, value);
        }
        self
    }

    /// A personal value, left out where nobody can open it any more.
    pub(super) fn personal(&mut self, field: &str, value: &Sealed) -> &mut Self {
        if let Some(text) = (self.open)(value) {
            self.put(field, text);
        }
        self
    }

    pub(super) fn principal(&mut self, field: &str, principal: &Principal) -> &mut Self {
        self.put(field, serde_json::to_value(principal).unwrap_or_default())
    }

    pub(super) fn principals(&mut self, field: &str, principals: &Option<Vec<Principal>>) -> &mut Self {
        if let Some(principals) = principals {
            self.put(field, serde_json::to_value(principals).unwrap_or_default());
        }
        self
    }

    /// What a review looks at, as it is read.
    pub(super) fn review_scope(&mut self, field: &str, scope: &ReviewScope) -> &mut Self {
        self.put(field, serde_json::to_value(scope).unwrap_or_default())
    }

    /// A condition on contacts, as it is read.
    pub(super) fn condition(&mut self, field: &str, condition: &ContactCondition) -> &mut Self {
        self.put(field, serde_json::to_value(condition).unwrap_or_default())
    }
}
