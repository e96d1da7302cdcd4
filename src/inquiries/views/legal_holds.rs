//! Legal holds, and who was erased: what is left of those is that it was done, when and by whom.

use grantbook_events::Position;
use grantbook_projections::Cause;
use serde_json::{Map, Value};

use crate::shown::Shown;

pub(super) fn legal_holds(shown: &Shown<'_>) -> Value {
    let (keeping, position) = (&shown.views.keeping, shown.position());
    let held = rows(shown, keeping.all_held(position).collect());
    let erased = rows(shown, keeping.all_erased(position).collect());
    shown.answer([("legal_holds", held), ("erased", erased)])
}

fn rows(shown: &Shown<'_>, mut found: Vec<(u32, Position)>) -> Value {
    found.sort_unstable_by_key(|(who, _)| shown.id(*who));
    let row = |(who, since): (u32, Position)| {
        let mut row: Map<String, Value> = shown.person(who);
        row.insert("since".to_owned(), shown.cause(Cause::Entry(since)));
        shown.put_by(Some(since), &mut row);
        Value::Object(row)
    };
    found.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account, ids};
    use grantbook_events::{ContactEvent, Event, KeepingEvent};
    use serde_json::json;

    // rule: U5
    #[test]
    fn holds_and_erasures_are_listed_with_who_did_it() {
        let mut history = History::example();
        let hold = |id| Event::Keeping(KeepingEvent::LegalHoldPlaced { account: account(id) });
        let placed = history.act("manager", vec![hold("jeff"), hold("bob")]);
        let lifted = Event::Keeping(KeepingEvent::LegalHoldLifted { account: account("jeff") });
        history.act("manager", vec![lifted]);
        let removed = Event::Contact(ContactEvent::AccountRemoved { account: account("mia") });
        let erased = Event::Keeping(KeepingEvent::ContactErased { account: account("mia") });
        let erasing = history.act("manager", vec![removed, erased]);
        let view = history.view("legal-holds");
        assert_eq!(ids(&view["legal_holds"]), ["bob"]);
        assert_eq!(view["legal_holds"][0]["since"], json!({"position": placed.0}));
        assert_eq!(view["erased"][0]["account"], json!("mia"));
        assert_eq!(view["erased"][0]["by"], json!("manager"));
        assert_eq!(ids(&history.view_at("legal-holds", placed)["legal_holds"]), ["bob", "jeff"]);
        assert_eq!(history.view_at("legal-holds", erasing.before())["erased"], json!([]));
    }
}
