//! A diff as JSON.

use serde_json::{Map, Value, json};

use super::{AccountChange, Became, Comparison, RightChange};
use crate::shown;

impl Comparison {
    /// The answer as JSON, of the accounts that anything became of: nobody follows on these.
    pub fn json(&self, changes: &[AccountChange]) -> Value {
        json!({
            "as_of": shown::as_of(self.to),
            "from": shown::as_of(self.from),
            "to": shown::as_of(self.to),
            "accounts": changes.iter().map(AccountChange::json).collect::<Value>(),
            "next": null,
        })
    }
}

impl AccountChange {
    /// As a row of the answer.
    pub fn json(&self) -> Value {
        let of = |became: Became| {
            let rights = self.rights.iter().filter(|change| change.became == became);
            rights.map(RightChange::json).collect::<Value>()
        };
        json!({
            "account": self.account,
            "name": self.name,
            "gained": of(Became::Gained),
            "lost": of(Became::Lost),
            "changed": of(Became::Changed),
        })
    }
}

impl RightChange {
    fn json(&self) -> Value {
        let mut row = Map::new();
        row.insert("do".to_owned(), self.capability.name().into());
        row.insert("on".to_owned(), self.named.as_deref().into());
        if let Value::Object(deed) = self.deed.json() {
            row.extend(deed);
        }
        Value::Object(row)
    }
}
