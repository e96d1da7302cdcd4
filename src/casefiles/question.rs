//! The questions that a case file can hold.

use grantbook_inquiries::{Comparison, Shown, ask, can, view, who_asked, who_can, why};
use grantbook_rights::Standing;
use serde_json::{Map, Value};

use crate::derive::{History, Underivable};
use crate::first_admin::first_admin;
use crate::span::Begin;

const KINDS: &str = "expected why, can, who-can, diff, view or first-admin";

/// A question, as it is put to the ledger and stands in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// Whether an account may do something: yes or no, and by which rule.
    Can(Asked),
    /// Why it may, or may not.
    Why(Asked),
    /// Who may do something: every account, or, over a span, everyone who could at any time in it.
    WhoCan {
        /// A capability's name.
        capability: String,
        /// On what, where it is on something.
        on: Option<String>,
        /// Where a span begins; `None` for the point alone.
        from: Option<Begin>,
        /// How everybody is looked at.
        everybody: Everybody,
    },
    /// What rights each account gained and lost since a point.
    Diff {
        /// The point.
        from: Begin,
        /// How everybody is looked at.
        everybody: Everybody,
    },
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

/// Whose rights count where everybody is asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Everybody {
    /// Of whoever can sign in.
    Fresh,
    /// Also rights that were granted to accounts which have no credentials, or none that work.
    Granted,
}

impl Everybody {
    fn standing(self) -> Standing {
        match self {
            Everybody::Fresh => Standing::Fresh,
            Everybody::Granted => Standing::Granted,
        }
    }
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
    /// Reads a question: `{"question": "why", "account": ..., "do": ..., "on": ...}`, `{"question": "view", "view": ...}`,
    /// `{"question": "who-can", "do": ..., "on": ..., "from": ..., "granted": ...}`, `{"question": "diff", "from": ...}`.
    /// Errors: it is none, or has a field that is none of its kind's.
    pub fn from_json(json: &Value) -> Result<Question, BadQuestion> {
        let wrong = |field, expected| BadQuestion { field, expected };
        let object = json.as_object().ok_or(wrong("question", "expected an object"))?;
        let text = |field: &'static str, expected| {
            object.get(field).and_then(Value::as_str).map(str::to_owned).ok_or(wrong(field, expected))
        };
        let kind = text("question", KINDS)?;
        let given = |field: &str| object.get(field).filter(|value| !value.is_null());
        let on = || match given("on") {
            None => Ok(None),
            Some(on) => on.as_str().map(|on| Some(on.to_owned())).ok_or(wrong("on", "expected text")),
        };
        let capability = || text("do", "expected a capability, such as dashboard.manage_admins");
        let asked = || {
            let account = text("account", "expected an account's id, `@username` or `guest`")?;
            Ok(Asked { account, capability: capability()?, on: on()? })
        };
        let begin = |value| Begin::from_json(value).ok_or(wrong("from", "expected a position or an RFC 3339 instant"));
        let everybody = || match given("granted").map(Value::as_bool) {
            None | Some(Some(false)) => Ok(Everybody::Fresh),
            Some(Some(true)) => Ok(Everybody::Granted),
            Some(None) => Err(wrong("granted", "expected true or false")),
        };
        let (question, fields): (Question, &[&str]) = match kind.as_str() {
            "can" => (Question::Can(asked()?), &["question", "account", "do", "on"]),
            "why" => (Question::Why(asked()?), &["question", "account", "do", "on"]),
            "view" => (Question::View(text("view", "expected the name of a view")?), &["question", "view"]),
            "who-can" => {
                let from = given("from").map(begin).transpose()?;
                let question = Question::WhoCan { capability: capability()?, on: on()?, from, everybody: everybody()? };
                (question, &["question", "do", "on", "from", "granted"])
            }
            "diff" => {
                let from = begin(given("from").unwrap_or(&Value::Null))?;
                (Question::Diff { from, everybody: everybody()? }, &["question", "from", "granted"])
            }
            "first-admin" => (Question::FirstAdmin, &["question"]),
            // Any other word is no question.
            _ => return Err(wrong("question", KINDS)),
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
        let (mut from, mut granted) = (None, false);
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
            Question::WhoCan { capability, on, from: begin, everybody } => {
                put("question", "who-can");
                put("do", capability);
                on.iter().for_each(|on| put("on", on));
                (from, granted) = (*begin, *everybody == Everybody::Granted);
            }
            Question::Diff { from: begin, everybody } => {
                put("question", "diff");
                (from, granted) = (Some(*begin), *everybody == Everybody::Granted);
            }
            Question::FirstAdmin => put("question", "first-admin"),
        }
        json.extend(from.map(|from| ("from".to_owned(), from.json())));
        json.extend(granted.then(|| ("granted".to_owned(), true.into())));
        Value::Object(json)
    }

    /// Whether only all entries show the answer: that there is nobody else, and nothing else.
    pub fn needs_all_entries(&self) -> bool {
        match self {
            Question::WhoCan { .. } | Question::Diff { .. } | Question::FirstAdmin => true,
            Question::Can(_) | Question::Why(_) | Question::View(_) => false,
        }
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
            Question::WhoCan { capability, on, from, everybody } => {
                let from = from.map(|from| from.point(shown)).transpose().map_err(Underivable::NoSense)?;
                let asked = who_asked(shown, capability, on.as_deref(), everybody.standing(), from);
                Ok(who_can(shown, &asked.map_err(Underivable::NoSense)?).json())
            }
            Question::Diff { from, everybody } => {
                let from = from.point(shown).map_err(Underivable::NoSense)?;
                let comparison = Comparison::of(shown, from, everybody.standing());
                let whom = comparison.accounts(shown).into_iter();
                let changes: Vec<_> = whom.filter_map(|who| comparison.account(shown, who)).collect();
                Ok(comparison.json(&changes))
            }
            Question::FirstAdmin => Ok(first_admin(shown, history)),
        }
    }
}
