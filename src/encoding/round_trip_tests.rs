//! Entries to bytes and back, and to their public form and back, with every value of their fields.

use grantbook_events::{
    AccountId, Actor, CommandNote, Entry, Event, ImportNote, Instant, Position, Recorded, SealedEmail, Source,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::json::{Form, Shown, from_json, to_json};
use crate::samples::{sample_at, samples};
use crate::{decode, encode};

fn bytes_of(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(entry, &mut bytes).unwrap();
    bytes
}

#[test]
fn several_entries_are_written_one_after_another() {
    let mut bytes = vec![];
    for entry in samples() {
        let start = bytes.len();
        encode(&entry, &mut bytes).unwrap();
        assert_eq!(decode(&bytes[start..]), Ok(entry));
    }
}

#[test]
fn entries_without_sealed_values_come_back_from_their_public_form() {
    let mut compared = 0;
    for (position, entry) in (1..).map(Position).zip(samples()) {
        let shown = Shown::bare("abcimis", position);
        let form = to_json(&entry, &shown);
        let text = form.to_string();
        let written = serde_json::to_string(&Form { entry: &entry, shown: &shown }).unwrap();
        assert_eq!(written, text, "written as it is made, and as a value");
        if text.contains("\"erased\"") {
            continue;
        }
        assert_eq!(from_json(&form), Ok((position, entry)), "{text}");
        compared += 1;
    }
    assert!(compared > 60, "{compared}");
}

#[test]
fn the_form_is_the_contracts() {
    let entry = samples().into_iter().find(|entry| entry.events.iter().any(|of| of.event.kind() == "admin_added"));
    let inherited = Source::Plain("192.0.2.7 curl/8".to_owned());
    let shown = Shown {
        name_of: &|account| (account.as_str() == "jeff").then(|| "Jeff T.".to_owned()),
        inherited: Some(&inherited),
        before: &|index| Some(json!(index)),
        ..Shown::bare("abcimis", Position(17))
    };
    assert_eq!(
        to_json(&entry.unwrap(), &shown).to_string(),
        concat!(
            r#"{"tenant":"abcimis","position":17,"at":"2026-11-21T09:30:00.000000Z","recorded_at":"2026-11-21T09:30:00.000000Z","#,
            r#""actor":{"kind":"account","id":"bob","name":null,"session":12},"#,
            r#""command":"sample","command_id":"73697874-6565-6e20-6279-746573206964","cause":null,"reason":null,"ticket":null,"#,
            r#""source":{"ip":"192.0.2.7","user_agent":"curl/8","inherited":true},"import":null,"#,
            r#""events":[{"type":"admin_added","version":1,"authority":4,"account":"jeff","account_name":"Jeff T.","#,
            r#""origin":"first_sign_in","before":0}]}"#,
        )
    );
}

/// Whoever shows an entry finds beforehand whose names its form will ask for. The installation's own ledger has no accounts: whom
/// its events name is of a tenant to be.
#[test]
fn the_form_asks_for_the_names_of_those_alone_whom_the_entry_names() {
    let mut asked_for = 0;
    let of_tenants =
        |entry: &Entry| !entry.events.iter().any(|recorded| matches!(recorded.event, Event::Installation(_)));
    for entry in samples().into_iter().filter(of_tenants) {
        let named = |asked: &AccountId| {
            let acts = matches!(&entry.actor, Actor::Account { id, .. } if id == asked);
            acts || entry.events.iter().any(|recorded| recorded.event.concerns(asked))
        };
        let asked = std::cell::RefCell::new(Vec::new());
        let note = |account: &AccountId| {
            asked.borrow_mut().push(account.clone());
            None
        };
        to_json(&entry, &Shown { name_of: &note, ..Shown::bare("abcimis", Position(1)) });
        for account in asked.take() {
            assert!(named(&account), "{account} in {:?}", entry.events);
            asked_for += 1;
        }
    }
    assert!(asked_for > 100, "{asked_for}");
}

#[test]
fn an_entry_that_was_not_recorded_is_shown_without_a_position() {
    let entry = samples().into_iter().next().unwrap();
    let form = to_json(&entry, &Shown { position: None, ..Shown::bare("abcimis", Position(1)) });
    assert!(form.get("position").is_none());
    assert_eq!(from_json(&form).unwrap_err().field, "position");
}

#[test]
fn an_email_that_nobody_opens_counts_as_an_address() {
    let form = json!({"address": {"sealed_key": "ff", "sealed_bytes": "00fF"}});
    let email: SealedEmail = serde_json::from_value(form["address"].clone()).unwrap();
    assert_eq!((email.address.key.0, email.address.bytes.as_slice(), email.valid), (255, &[0, 255][..], true));
}

/// Values for the fields of one event, enough for any.
#[derive(Clone, Debug)]
struct Values {
    numbers: Vec<u64>,
    names: Vec<String>,
    ids: Vec<String>,
    texts: Vec<String>,
}

fn values() -> impl Strategy<Value = Values> {
    let number =
        prop_oneof![0u64..300, any::<u16>().prop_map(u64::from), any::<u32>().prop_map(u64::from), any::<u64>()];
    let some = |strategy: &'static str| prop::collection::vec(strategy, 12);
    (
        prop::collection::vec(number, 12),
        some("[a-zA-Z0-9\u{e4}\u{df}\u{2601}]([ a-z0-9/._\u{1f4d6}-]{0,60}[a-z])?"),
        some("[A-Za-z0-9._-]{1,64}"),
        some("\\PC{0,300}"),
    )
        .prop_map(|(numbers, names, ids, texts)| Values { numbers, names, ids, texts })
}

/// Another value for a field of this type, in the public form; `None` where the sample's own is kept.
fn another(type_name: &str, field: &str, at: usize, values: &Values) -> Option<Value> {
    let (number, name) = (values.numbers[at], &values.names[at]);
    Some(match type_name {
        "AccountId" => values.ids[at].clone().into(),
        "CloudId" => format!("a{:02}{}", number % 100, values.ids[at].to_lowercase().replace(['.', '_', '-'], ""))
            .chars()
            .take(32)
            .collect::<String>()
            .into(),
        "Username" => name.replace(' ', "_").into(),
        "ObjectPath" => format!("/{}/{}", name.replace('/', ":"), values.ids[at]).into(),
        "RoleName" | "GroupName" | "AppName" | "ModuleName" | "CustomerName" | "OperatorName" | "Ticket" | "RuleId"
        | "CommandName" => name.clone().into(),
        "String" => values.texts[at].clone().into(),
        "u8" => (number % 256).into(),
        "u32" => (number % (1 << 32)).into(),
        "u64" if field == "lines" => (number >> 11).into(),
        "u64" | "SecretVersion" | "KeyId" => format!("{number:016x}").into(),
        "Position" => number.into(),
        "bool" => (number % 2 == 0).into(),
        "Instant" => Instant::from_microseconds(number.cast_signed()).to_string().into(),
        "Date" => Instant::from_microseconds(number.cast_signed()).date().to_string().into(),
        "SealedEmail" => json!(values.texts[at]),
        _ => return None, // any other type keeps the value of the example
    })
}

/// The event with other values, by way of its public form and its description, so that no event type is named here.
fn changed(event: &Event, values: &Values) -> Option<Event> {
    let description = event.description();
    let one = Entry {
        commands: vec![],
        events: vec![Recorded { authority: None, command: 0, event: event.clone() }],
        ..Entry::bare(sample_at())
    };
    let mut form = to_json(&one, &Shown { open: &|_| Some("opened".to_owned()), ..Shown::bare("abc", Position(1)) });
    for (at, (name, written)) in description.fields.iter().enumerate() {
        let type_name = written.trim_start_matches("Option<").trim_end_matches('>');
        if let (Some(_), Some(value)) = (form["events"][0].get(*name), another(type_name, name, at, values)) {
            form["events"][0][*name] = value;
        }
    }
    if description.fields.iter().any(|(name, _)| *name == "details") {
        for (at, name) in ["full_name", "email", "city", "phone"].into_iter().enumerate() {
            form["events"][0][name] = values.texts[at].clone().into();
        }
        form["events"][0]["member_type"] = values.names[0].clone().into();
    }
    // Some values meet by chance what text cannot show, such as years beyond 9999.
    let (_, entry) = from_json(&form).ok()?;
    entry.events.into_iter().next().map(|of| of.event)
}

proptest! {
    #[test]
    fn every_value_comes_back(which in any::<Index>(), values in values(), at in any::<i64>(), id in any::<[u8; 16]>()) {
        let all = samples();
        let sample = &all[which.index(all.len())];
        let numbers = &values.numbers;
        let few = |index: usize| Position(numbers[index] >> 11);
        let events = sample.events.iter().map(|of| Recorded {
            authority: of.authority.map(|_| few(0)),
            command: of.command,
            event: changed(&of.event, &values).unwrap_or_else(|| of.event.clone()),
        });
        let at = Instant::from_microseconds(at);
        let note = |note: &CommandNote| CommandNote { reason: Some(values.texts[0].clone()), ..note.clone() };
        let entry = Entry {
            at,
            recorded_at: sample.recorded_at.map(|_| at.just_before()).filter(|recorded_at| *recorded_at != at),
            actor: match &sample.actor {
                Actor::Account { session, .. } => {
                    Actor::Account { id: AccountId::new(&values.ids[0]).unwrap(), session: session.map(|_| few(1)) }
                }
                Actor::System | Actor::Guest | Actor::Support { .. } => sample.actor.clone(),
            },
            commands: sample.commands.iter().map(note).collect(),
            command_id: id,
            cause: sample.cause.map(|_| few(2)),
            import: sample.import.as_ref().map(|_| ImportNote {
                started: few(3),
                line: few(4).0,
                source: values.texts[1].clone(),
                chain: numbers[5],
            }),
            events: events.collect(),
            ..sample.clone()
        };
        let read = decode(&bytes_of(&entry));
        prop_assert_eq!(read.as_ref(), Ok(&entry));

        let form = to_json(&entry, &Shown::bare("abcimis", Position(1)));
        let text = form.to_string();
        // Years before 0 and after 9999 are no RFC 3339, so only what reads itself is compared.
        if !text.contains("\"erased\"") && Instant::parse(&at.to_string()).is_ok() {
            let form: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(from_json(&form), Ok((Position(1), entry)));
        }
    }
}
