//! What-if against a fresh tenant that is fed what remains, and what taking an authority away does.

use std::collections::{BTreeMap, BTreeSet};

use grantbook_decisions::PasswordCheck;
use grantbook_inquiries::what_if::{WhatIf, Why};
use grantbook_inquiries::{VIEWS, decide_again, fingerprint, view};
use grantbook_ledger::events::{
    AccountId, Actor, BookEvent, CredentialsEvent, Edition, Entry, Event, ImportNote, MailEvent, Position, Recorded,
    SecretVersion, SignInEvent,
};
use grantbook_projections::{AsOf, Views};
use serde_json::{Map, Value, json};

use crate::histories::{edition, lived, on_random_histories, shown};
use crate::world::{Step, World};

/// The entries as a ledger would hold them: an import's are marked as such.
fn recorded(world: &World) -> Vec<Entry> {
    let note = ImportNote { started: world.started(), line: 1, source: String::new(), chain: 1 };
    let imported =
        |entry: &Entry| matches!(&entry.actor, Actor::Account { id, session: None } if id.as_str() == "elsewhere");
    let marked = |entry: &Entry| Entry { import: imported(entry).then(|| note.clone()), ..entry.clone() };
    world.entries.iter().map(marked).collect()
}

fn what_if(entries: &[Entry], without: &BTreeSet<Position>) -> WhatIf {
    let mut history = WhatIf::new(without.clone(), Vec::new());
    (1..).map(Position).zip(entries).for_each(|(position, entry)| history.live(position, entry));
    history
}

/// A few entries of a history, its first two aside.
fn some(steps: &[Step], entries: &[Entry]) -> BTreeSet<Position> {
    let beginning = 3;
    let from = |number: u8| Position(beginning + u64::from(number) * (entries.len() as u64 - 2) / 256);
    let numbers = [steps[0].by, steps[0].on, steps[0].thing];
    let some = numbers.iter().take(1 + usize::from(steps[0].what) % 3);
    some.map(|number| from(*number)).filter(|position| position.0 <= entries.len() as u64).collect()
}

/// The entry with what it names where that lies now. `None` where it names one that is not there.
#[allow(clippy::wildcard_enum_match_arm, reason = "what names no entry stays as it is")]
fn renumbered(entry: &Entry, now: &BTreeMap<Position, Position>) -> Option<Entry> {
    let mut entry = entry.clone();
    let to = |position: &mut Position| {
        *position = *now.get(position)?;
        Some(())
    };
    if let Actor::Account { session: Some(session), .. } = &mut entry.actor {
        to(session)?;
    }
    if let Some(note) = &mut entry.import {
        to(&mut note.started)?;
    }
    for recorded in &mut entry.events {
        if let Some(authority) = &mut recorded.authority {
            // It is decided anew; of what is not decided again it stays beside the event.
            _ = to(authority);
        }
        match &mut recorded.event {
            // A session that is not there is none that another sign-in now has the position of.
            Event::SignIn(SignInEvent::SessionEnded { session, .. }) => {
                *session = now.get(session).copied().unwrap_or(Position::GREATEST);
            }
            Event::Mail(
                MailEvent::PasswordResetCompleted { requested: named, .. }
                | MailEvent::PasswordResetFailed { requested: named, .. }
                | MailEvent::PasswordResetSent { requested: named, .. },
            )
            | Event::Book(
                BookEvent::NoticeHandedOver { owed: named, .. } | BookEvent::CorrectionRecorded { position: named, .. },
            ) => {
                to(named)?;
            }
            _ => {} // nothing else of these histories names an entry
        }
    }
    Some(entry)
}

/// A fresh tenant that is given what remains, one after the other: without holes. Out comes what it is, and where each lies.
fn fed(entries: &[Entry], without: &BTreeSet<Position>) -> (Views, BTreeMap<Position, Position>) {
    let (mut views, mut now) = (Views::default(), BTreeMap::new());
    let mut in_force: BTreeMap<AccountId, SecretVersion> = BTreeMap::new();
    for (position, entry) in (1..).map(Position).zip(entries) {
        if !without.contains(&position)
            && let Some(entry) = renumbered(entry, &now)
        {
            let look = |views: &Views, account: &AccountId| {
                let secret =
                    views.account(account).and_then(|who| views.credentials.secret(who, views.timeline.last()));
                let same = secret.is_some_and(|(_, secret)| in_force.get(account) == Some(&secret.version));
                if same { PasswordCheck::Matched } else { PasswordCheck::Wrong }
            };
            let decided = decide_again(&mut views, &entry, &look);
            if let Ok(events) = decided {
                let events: Vec<Recorded> = events.unwrap_or_else(|| entry.events.clone());
                views.apply(&Entry { events, ..entry });
                now.insert(position, views.timeline.last());
            }
        }
        for recorded in &entry.events {
            if let Event::Credentials(
                CredentialsEvent::CredentialsCreated { account, secret, .. }
                | CredentialsEvent::PasswordSet { account, secret, .. }
                | CredentialsEvent::PasswordChanged { account, secret }
                | CredentialsEvent::ManagerPasswordRotated { account, secret },
            ) = &recorded.event
            {
                in_force.insert(account.clone(), *secret);
            }
        }
    }
    (views, now)
}

/// An answer with positions as they are without holes.
fn without_holes(value: &mut Value, now: &BTreeMap<Position, Position>) {
    match value {
        Value::Object(fields) => {
            for name in ["position", "session"] {
                if let Some(position) = fields.get(name).and_then(Value::as_u64).map(Position)
                    && let Some(there) = now.get(&position)
                {
                    fields[name] = json!(there.0);
                }
            }
            fields.values_mut().for_each(|inner| without_holes(inner, now));
        }
        Value::Array(members) => members.iter_mut().for_each(|inner| without_holes(inner, now)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

// rule: U5
#[test]
fn what_if_without_entries_is_a_fresh_tenant_that_is_fed_what_remains() {
    on_random_histories(60, 40, |steps| {
        let world = lived(edition(steps), steps, |_| {});
        let entries = recorded(&world);
        let without = some(steps, &entries);
        let history = what_if(&entries, &without);
        let (fresh, now) = fed(&entries, &without);
        let kept: BTreeSet<Position> = (1..=world.last().0).map(Position).collect();
        let kept: BTreeSet<Position> =
            kept.into_iter().filter(|position| !history.dropped().contains_key(position)).collect();
        assert_eq!(kept, now.keys().copied().collect(), "without {without:?}");
        let clock = world.now().clock;
        let (here, there) = (history.views().timeline.last(), fresh.timeline.last());
        for (name, _) in VIEWS {
            let mut one = view(name, &shown(history.views(), AsOf { position: here, clock })).unwrap();
            let mut other = view(name, &shown(&fresh, AsOf { position: there, clock })).unwrap();
            without_holes(&mut one, &now);
            one["as_of"] = Value::Null;
            other["as_of"] = Value::Null;
            assert_eq!(one, other, "{name} without {without:?}");
        }
    });
}

// rules: U1, G9, F9
#[test]
fn without_the_entry_of_its_authority_nothing_comes_about_but_by_another() {
    on_random_histories(60, 40, |steps| {
        let world = lived(edition(steps), steps, |_| {});
        let resting = (1..).map(Position).zip(&world.entries).filter_map(|(position, entry)| {
            let authority = entry.events.iter().find_map(|recorded| recorded.authority)?;
            (authority > Position(2)).then_some((position, authority))
        });
        let resting: Vec<(Position, Position)> = resting.collect();
        let Some((_, authority)) = resting.get(usize::from(steps[0].by) * resting.len() / 256) else { return };
        let history = what_if(&recorded(&world), &BTreeSet::from([*authority]));
        let otherwise: BTreeMap<Position, &[Recorded]> = history.otherwise().collect();
        for (position, rested_on) in resting.iter().filter(|(_, rested_on)| rested_on == authority) {
            let gone = history.dropped().contains_key(position);
            let by_another = otherwise
                .get(position)
                .is_some_and(|events| events.iter().all(|recorded| recorded.authority != Some(*rested_on)));
            assert!(gone || by_another, "{position} rests on {rested_on}, which is not there");
        }
        for (position, dropped) in history.dropped().iter().filter(|(_, dropped)| dropped.why != Why::LeftOut) {
            assert!(dropped.lacks.is_none_or(|lacks| lacks < *position), "what it lacks came before");
        }
    });
}

#[test]
fn where_nothing_is_otherwise_nothing_is() {
    on_random_histories(20, 40, |steps| {
        let World { views, entries, .. } = &lived(edition(steps), steps, |_| {});
        let history = what_if(entries, &BTreeSet::new());
        let last = views.timeline.last();
        assert_eq!(fingerprint(history.views(), last), fingerprint(views, last));
    });
}

/// Without the first sign-in that made somebody an Admin User, the next one makes another (rule: F1).
// rules: F1, F2, F9
#[test]
fn without_the_first_sign_in_another_is_the_first_and_what_rested_on_it_is_refused() {
    let mut world = World::begun(Edition::Cloud);
    world.give("bob", &[json!({"name": "add_admin", "account": "ann"})]).unwrap().unwrap();
    let granted = world.last();
    world.enter("ann", grantbook_ledger::events::SignInPlane::Dashboard, true);
    let first = (1..).map(Position).zip(&world.entries).find_map(|(position, entry)| {
        entry.events.iter().any(|one| one.event.kind() == "admin_added").then_some(position)
    });
    let first = first.unwrap();
    let history = what_if(&world.entries, &BTreeSet::from([first]));
    assert!(matches!(history.dropped()[&granted].why, Why::CannotBe(_)), "Bob has no session without it");
    assert_eq!(history.chain(granted).told().collect::<Vec<_>>(), [first]);
    let as_of = AsOf { position: history.views().timeline.last(), clock: world.now().clock };
    let admins = view("admins", &shown(history.views(), as_of)).unwrap();
    assert_eq!(admins["admins"][0]["account"], "ann");
    let real = shown(&world.views, world.now());
    let differences = ["admins"].map(|name| (name.to_owned(), history.difference(&real, name).unwrap().unwrap()));
    let answer = history.json(&real, Map::from_iter(differences));
    let paths: Vec<&str> =
        answer["views"]["admins"].as_array().unwrap().iter().map(|change| change["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"admins[bob]") && paths.contains(&"admins[ann].origin"), "{answer:#}");
    assert_eq!(
        (&answer["refused"][0]["position"], &answer["refused"][0]["because"][0]),
        (&json!(granted.0), &json!(first.0))
    );
}

/// Of a long life without its beginning each entry lacks the one before it: the nearest are told, and the end.
#[test]
fn a_long_chain_is_told_by_its_nearest_and_its_end() {
    let mut world = World::begun(Edition::Cloud);
    let mut give = |command: serde_json::Value| {
        world.give("bob", &[command]).unwrap().unwrap();
        world.last()
    };
    let added = give(json!({"name": "add_contact", "account": "later", "full_name": "Later"}));
    let last =
        (0..12).map(|n| give(json!({"name": "update_contact", "account": "later", "city": format!("{n}")}))).last();
    let history = what_if(&world.entries, &BTreeSet::from([added]));
    let chain = history.chain(last.unwrap());
    assert_eq!((chain.nearest.len(), chain.between, chain.end), (8, 3, Some(added)));
    let answer = history.json(&shown(&world.views, world.now()), Map::new());
    let told = answer["refused"].as_array().unwrap().last().unwrap();
    assert_eq!((told["because"].as_array().unwrap().len(), &told["between"]), (9, &json!(3)));
}
