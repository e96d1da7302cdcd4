//! A review as JSON.

use grantbook_events::AccountId;
use grantbook_projections::{Cause, Closing};
use serde_json::{Map, Value, json};

use super::{Changed, ItemOutcome, Person, ReportedItem, ReviewReport, Signed};
use crate::places::Places;
use crate::shown::instant;

impl Person {
    fn json(&self) -> Value {
        json!({"account": self.id, "name": self.name})
    }
}

impl Signed {
    fn json(&self, places: Places<'_>) -> Value {
        let mut signed = Map::new();
        signed.insert("position".to_owned(), places.position(self.position));
        signed.insert("at".to_owned(), self.at.to_string().into());
        signed.extend(self.shown.clone());
        Value::Object(signed)
    }
}

impl ReviewReport {
    /// A review of the real history as JSON, with the chain of authority behind each item and every decision there was.
    pub fn json(&self) -> Value {
        self.told(Places::REAL, true)
    }

    /// The review as JSON; `evidence` adds to each item the chain of authority behind it and every decision there was.
    pub(super) fn told(&self, places: Places<'_>, evidence: bool) -> Value {
        let mut review = Map::new();
        let mut put = |name: &str, value: Value| drop(review.insert(name.to_owned(), value));
        if evidence {
            put("as_of", self.as_of.clone());
        }
        put("review", self.name.as_str().into());
        put("state", self.state.slug().into());
        put("scope", serde_json::to_value(&self.scope).unwrap_or_default());
        put("words", self.scope.to_string().into());
        put("reviewers", self.reviewers.iter().map(Person::json).collect());
        put("due", self.due.to_string().into());
        put("since_review", self.since_review.as_ref().map(|name| name.as_str()).into());
        put("opened", self.opened.json(places));
        put("closed", self.closed.as_ref().map_or(Value::Null, |closed| closed.json(places)));
        let Closing { kept, revoked, withheld, undecided } = self.counts;
        let counts = json!({"items": self.items.len(), "kept": kept, "revoked": revoked, "withheld": withheld, "undecided": undecided});
        put("counts", counts);
        put("items", self.items.iter().map(|item| item.json(places, evidence)).collect());
        Value::Object(review)
    }
}

impl ReportedItem {
    fn json(&self, places: Places<'_>, evidence: bool) -> Value {
        let mut item = Map::new();
        let mut put = |name: &str, value: Value| drop(item.insert(name.to_owned(), value));
        put("item", self.id.as_str().into());
        put("account", self.holder.as_ref().map(|holder| holder.id.as_str()).into());
        put("name", self.holder.as_ref().and_then(|holder| holder.name.as_deref()).into());
        put("what", self.what.as_str().into());
        put("since", places.cause(Cause::Entry(self.given.position)));
        for (name, value) in &self.given.shown {
            put(name, value.clone());
        }
        put("until", instant(self.until));
        let used = self
            .last_use
            .map(|(reported, at)| json!({"at": at.to_string(), "reported": places.cause(Cause::Entry(reported))}));
        put("last_use", used.into());
        let signed_in = self.last_sign_in.zip(self.last_sign_in_at);
        let signed_in =
            signed_in.map(|(position, at)| json!({"at": at.to_string(), "position": places.position(position)}));
        put("last_sign_in", signed_in.into());
        let decided = self.decided();
        put("decision", decided.map(|decided| decided.decision.slug()).into());
        put("decided", decided.map_or(Value::Null, |decided| decided.signed.json(places)));
        put("reason", decided.and_then(|decided| decided.reason.as_deref()).into());
        put("decided_by_giver", self.by_giver().into());
        put("may_decide", self.may_decide.iter().map(AccountId::as_str).collect());
        put("outcome", self.outcome.slug().into());
        if let ItemOutcome::Withheld { rule } = &self.outcome {
            put("rule", rule.as_str().into());
        }
        put(
            "changed",
            match self.changed {
                None => Value::Null,
                Some(Changed::Gone) => "gone".into(),
                Some(Changed::GivenAnew(given)) => places.cause(Cause::Entry(given)),
            },
        );
        if evidence {
            put("authority", self.chain.iter().map(crate::authority::Step::json).collect());
            let decisions = self.decisions.iter().map(|decided| {
                let mut row = decided.signed.json(places);
                if let Some(row) = row.as_object_mut() {
                    row.insert("decision".to_owned(), decided.decision.slug().into());
                    row.insert("reason".to_owned(), decided.reason.as_deref().into());
                }
                row
            });
            put("decisions", decisions.collect());
        }
        Value::Object(item)
    }
}
