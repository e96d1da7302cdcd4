//! What is kept of a person: every personal value that there ever was, from when to when. What the person has a right to see,
//! and is to be had before somebody is erased, since nobody has it afterwards.

use grantbook_events::{Position, Sealed};
use grantbook_projections::{Address, Cause};
use serde_json::{Value, json};

use crate::account::account;
use crate::shown::{Shown, cause};

/// A value from an entry on; `None` from where it was taken away.
type Since<'a> = (Position, Option<&'a Sealed>);

/// One detail of an address.
type Line = fn(&Address) -> Option<&Sealed>;

/// Everything about an account, and every personal value that it ever had; `None` where there never was such an account.
pub fn personal_data(shown: &Shown<'_>, id: &str) -> Option<Value> {
    let mut answer = shown.answer([]);
    let mut about = account(shown, id)?;
    let who = shown.views.names.accounts.get(id)?;
    let fields = answer.as_object_mut()?;
    if let Some(about) = about.as_object_mut() {
        about.remove("as_of");
    }
    fields.insert("account".to_owned(), about);
    fields.insert("values".to_owned(), values(shown, who));
    Some(answer)
}

fn values(shown: &Shown<'_>, who: u32) -> Value {
    let (accounts, credentials, position) = (&shown.views.accounts, &shown.views.credentials, shown.position());
    let mut rows = Vec::new();
    let names = accounts.full_name_history(who).into_iter().flat_map(|history| history.changes_to(position));
    put(shown, who, "full_name", names.map(|(set, name)| (set, Some(name))).collect(), &mut rows);
    let emails = accounts.email_history(who).into_iter().flat_map(|history| history.changes_to(position));
    let emails = emails.map(|(set, email)| (set, email.as_ref().map(|email| &email.address)));
    put(shown, who, "email", emails.collect(), &mut rows);
    let own = credentials.email_history(who).into_iter().flat_map(|history| history.changes_to(position));
    let own = own.map(|(set, email)| (set, email.as_ref().map(|email| &email.address)));
    put(shown, who, "credential_email", own.collect(), &mut rows);
    let lines: [(&'static str, Line); 5] = [
        ("city", |address| address.city.as_ref()),
        ("state", |address| address.state.as_ref()),
        ("country", |address| address.country.as_ref()),
        ("phone", |address| address.phone.as_ref()),
        ("picture", |address| address.picture.as_ref()),
    ];
    for (field, line) in lines {
        let told = accounts.address_history(who).into_iter().flat_map(|history| history.changes_to(position));
        let mut changes: Vec<Since<'_>> = told.map(|(set, address)| (set, line(address))).collect();
        // A change of one detail repeats the others.
        changes.dedup_by(|(_, later), (_, earlier)| later == earlier);
        put(shown, who, field, changes, &mut rows);
    }
    rows.into()
}

fn put(shown: &Shown<'_>, who: u32, field: &'static str, changes: Vec<Since<'_>>, rows: &mut Vec<Value>) {
    let ends = changes.iter().skip(1).map(|(set, _)| Some(*set)).chain([None]);
    for ((set, sealed), end) in changes.iter().zip(ends) {
        let Some(sealed) = sealed else { continue };
        rows.push(json!({
            "field": field,
            "value": shown.opened(who, field, Some(*sealed)),
            "from": cause(Cause::Entry(*set)),
            "until": end.map(|end| cause(Cause::Entry(end))),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::personal_data;
    use crate::history_for_tests::{History, account};
    use grantbook_events::{Change, ContactDetails, ContactEvent, Event, Sealed};
    use serde_json::json;

    // rule: U2
    #[test]
    fn every_value_that_there_ever_was_is_there_from_when_to_when() {
        let mut history = History::example();
        let changed = |city, phone| {
            let details = Box::new(ContactDetails { city, phone, ..ContactDetails::KEPT });
            vec![Event::Contact(ContactEvent::ContactUpdated { account: account("jeff"), details })]
        };
        let set = |text: &str| Change::Set(Sealed::clear(text));
        let first = history.act("manager", changed(set("Oslo"), Change::Kept));
        history.act("manager", changed(Change::Kept, set("555")));
        let moved = history.act("manager", changed(set("Bergen"), Change::Kept));
        let gone = history.act("manager", changed(Change::Cleared, Change::Kept));
        let data = personal_data(&history.shown(history.last()), "jeff").unwrap();
        assert_eq!(data["account"]["account"], json!("jeff"));
        let cities: Vec<_> = data["values"].as_array().unwrap().iter().filter(|row| row["field"] == "city").collect();
        assert_eq!(
            cities,
            [
                &json!({"field": "city", "value": "Oslo", "from": {"position": first.0}, "until": {"position": moved.0}}),
                &json!({"field": "city", "value": "Bergen", "from": {"position": moved.0}, "until": {"position": gone.0}}),
            ]
        );
        assert!(data["values"].as_array().unwrap().iter().any(|row| row["field"] == "full_name"));
        let then = personal_data(&history.shown(first), "jeff").unwrap();
        assert!(!then.to_string().contains("Bergen"), "as of then nothing later is told");
        assert!(personal_data(&history.shown(first), "nobody").is_none());
    }
}
