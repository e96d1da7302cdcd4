//! Which entries an answer rests on, where not all are to be shown.

use std::collections::BTreeSet;

use grantbook_events::{AccountId, Actor, Entry};
use serde_json::Value;

/// The positions that an answer names, and the first entry, with which everything begins.
pub fn cited(answer: &Value, upto: u64) -> BTreeSet<u64> {
    let mut found = BTreeSet::from([1]);
    collect(answer, &mut found);
    found.retain(|position| (1..=upto).contains(position));
    found
}

fn collect(value: &Value, found: &mut BTreeSet<u64>) {
    if let Some(fields) = value.as_object() {
        for (name, value) in fields {
            if matches!(name.as_str(), "position" | "authority" | "import" | "since" | "corrected_by") {
                found.extend(value.as_u64());
            }
            collect(value, found);
        }
    }
    value.as_array().into_iter().flatten().for_each(|value| collect(value, found));
}

/// Whether an entry may bear on accounts: it concerns one of them or was made by one, or it concerns nobody in particular, as
/// what defines roles, objects and settings does. What is left out concerns other accounts alone.
pub fn concerning(entry: &Entry, accounts: &BTreeSet<AccountId>) -> bool {
    let by = match &entry.actor {
        Actor::Account { id, .. } => accounts.contains(id),
        Actor::System | Actor::Guest | Actor::Support { .. } => false,
    };
    by || entry.events.iter().any(|recorded| {
        let named: Vec<&AccountId> = recorded.event.accounts().into_iter().flatten().collect();
        named.is_empty() || named.iter().any(|account| accounts.contains(*account))
    })
}
