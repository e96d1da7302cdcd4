//! The questions that a case file can hold.

use grantbook_inquiries::{Shown, ask, can, view, why};
use serde_json::{Map, Value};

use crate::derive::{History, Underivable};
use crate::first_admin::first_admin;

/// A question, as it is put to the ledger and stands in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// Whether an account may do something: yes or no, and by which rule.
    Can(Asked),
    /// Why it may, or may not.
    Why(Asked),
    /// One view of the tenant.
    View(String),
    /// Who became the first Admin User, and that nobody else did so (rules: F1, F2, F4).
    FirstAdmin,
}

/// Who, what, and on what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// An account's id, `@username` or `guest`.
    pub account: String,
    /// A capability's name.
    pub capability: String,
    /// On what, where it is on something.
    pub on: Option<String>,
}

/// Why JSON is no question.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{field}`: {expected}")]
pub struct BadQuestion {
    /// Which field.
    pub field: &'static str,
    /// What was expected.
    pub expected: &'static str,
}

impl Question {
    /// Reads a question: `{"question": "why", "account": ..., "do": ..., "on": ...}`, `{"question": "view", "view": ...}`.
    /// Errors: it is none, or has a field that is none of its kind's.
    pub fn from_json(json: &Value) -> Result<Question, BadQuestion> {
        let wrong = |field, expected| BadQuestion { field, expected };
        let object = json.as_object().ok_or(wrong("question", "expected an object"))?;
        let text = |field: &'static str, expected| {
            object.get(field).and_then(Value::as_str).map(str::to_owned).ok_or(wrong(field, expected))
        };
        let kind = text("question", "expected why, can, view or first-admin")?;
        let asked = || {
            let on = match object.get("on").filter(|on| !on.is_null()) {
                None => None,
                Some(on) => Some(on.as_str().ok_or(wrong("on", "expected text"))?.to_owned()),
            };
            Ok(Asked {
                account: text("account", "expected an account's id, `@username` or `guest`")?,
                capability: text("do", "expected a capability, such as dashboard.manage_admins")?,
                on,
            })
        };
        let (question, fields): (Question, &[&str]) = match kind.as_str() {
            "can" => (Question::Can(asked()?), &["question", "account", "do", "on"]),
            "why" => (Question::Why(asked()?), &["question", "account", "do", "on"]),
            "view" => (Question::View(text("view", "expected the name of a view")?), &["question", "view"]),
            "first-admin" => (Question::FirstAdmin, &["question"]),
            // Any other word is no question.
            _ => return Err(wrong("question", "expected why, can, view or first-admin")),
        };
        match object.keys().find(|key| !fields.contains(&key.as_str())) {
            Some(_) => Err(wrong("question", "has a field that does not belong to a question of this kind")),
            None => Ok(question),
        }
    }

    /// The question as JSON, in its one form.
    pub fn json(&self) -> Value {
        let mut json = Map::new();
        let mut put = |name: &str, value: &str| drop(json.insert(name.to_owned(), value.into()));
        match self {
            Question::Can(asked) | Question::Why(asked) => {
                put("question", if matches!(self, Question::Can(_)) { "can" } else { "why" });
                put("account", &asked.account);
                put("do", &asked.capability);
                asked.on.iter().for_each(|on| put("on", on));
            }
            Question::View(name) => {
                put("question", "view");
                put("view", name);
            }
            Question::FirstAdmin => put("question", "first-admin"),
        }
        Value::Object(json)
    }

    /// The answer, as the ledger gives it. Errors: the question makes no sense there.
    pub fn answer(&self, shown: &Shown<'_>, history: &History) -> Result<Value, Underivable> {
        let asked = |asked: &Asked| {
            let Asked { account, capability, on } = asked;
            ask(shown.views, shown.as_of, account, capability, on.as_deref()).map(|asked| (asked, shown))
        };
        match self {
            Question::Can(question) => {
                let (asked, _) = asked(question).map_err(Underivable::NoSense)?;
                Ok(can(&asked))
            }
            Question::Why(question) => {
                let (asked, shown) = asked(question).map_err(Underivable::NoSense)?;
                Ok(why(shown, &asked).json())
            }
            Question::View(name) => view(name, shown).map_err(|_| Underivable::NoSuchView(name.clone())),
            Question::FirstAdmin => Ok(first_admin(shown, history)),
        }
    }
}
