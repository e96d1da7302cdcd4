//! Other histories than those of the fixtures: what nothing rests on changes nothing but itself, wherever it is put in or
//! left out, and every position that a view shows is that of the real history.

use std::collections::BTreeSet;

use grantbook_decisions::command::{Command, GroupCommand, SupportCommand};
use grantbook_encoding::json::from_json;
use grantbook_events::{
    AccountId, Actor, AppName, Audience, CommandName, CommandNote, DashboardEvent, Entry, Event, GroupEvent, GroupName,
    Position, Recorded, Sealed,
};
use grantbook_inquiries::what_if::{By, Insertion, WhatIf};
use grantbook_inquiries::{Places, Shown, VIEWS, view};
use grantbook_projections::{AsOf, Views};
use serde_json::{Map, Value, json};

/// The minutes of more than a year, in which much of what has an end comes to it.
const LATER: u32 = 60 * 24 * 400;

/// A fixture's history, or its beginning.
#[derive(Clone)]
struct Told {
    fixture: String,
    entries: Vec<Entry>,
    views: Views,
}

impl Told {
    fn of(fixture: &str, entries: &[Entry]) -> Told {
        let mut views = Views::default();
        entries.iter().for_each(|entry| views.apply(entry));
        Told { fixture: fixture.to_owned(), entries: entries.to_vec(), views }
    }

    fn last(&self) -> Position {
        self.views.timeline.last()
    }

    fn until(&self, position: Position) -> Told {
        Told::of(&self.fixture, &self.entries[..usize::try_from(position.0).unwrap()])
    }

    /// One entry more, at the time of the last.
    fn and(&self, actor: Actor, command: &str, authority: Option<Position>, event: Event) -> Told {
        let commands = vec![CommandNote { name: CommandName::new(command).unwrap(), reason: None }];
        let events = vec![Recorded { authority, command: 0, event }];
        let entry = Entry { actor, commands, events, ..Entry::bare(self.views.timeline.last_at()) };
        Told::of(&self.fixture, &[self.entries.as_slice(), &[entry]].concat())
    }

    fn asked<R>(&self, as_of: AsOf, ask: impl FnOnce(&Shown<'_>) -> R) -> R {
        let open = |_: &_, _, sealed: &Sealed| sealed.as_clear().map(str::to_owned);
        let entry = |position: Position| self.entries.get(usize::try_from(position.0.checked_sub(1)?).ok()?).cloned();
        ask(&Shown { views: &self.views, as_of, open: &open, entry: &entry, places: Places::REAL, eyes: None })
    }

    fn otherwise(&self, without: &[Position], put_in: Vec<Insertion>) -> WhatIf {
        let mut history = WhatIf::new(BTreeSet::from_iter(without.iter().copied()), put_in);
        (1..).map(Position).zip(&self.entries).for_each(|(position, entry)| history.live(position, entry));
        history
    }

    /// As of the last entry, and long after it.
    fn points(&self) -> [AsOf; 2] {
        let last = self.views.timeline.as_of(self.last());
        [last, AsOf { clock: last.clock.plus_minutes(LATER), ..last }]
    }

    /// The differences of all views, by their names. Nothing is refused, and nothing comes about otherwise.
    fn differences(&self, history: &WhatIf, as_of: AsOf) -> Map<String, Value> {
        self.asked(as_of, |shown| {
            let of = |(name, _): &(&str, &str)| Some((String::from(*name), history.difference(shown, name).unwrap()?));
            let differences: Map<String, Value> = VIEWS.iter().filter_map(of).collect();
            assert_eq!(history.json(shown, Map::new())["refused"], json!([]), "{} to {}", self.fixture, self.last());
            let otherwise = history.otherwise().map(|(position, _)| &self.entries[position.0 as usize - 1]);
            let whole = |entry: &Entry| !entry.events.iter().any(|one| matches!(&one.event, Event::Contact(_)));
            // What a contact's key was is not decided again where its name was erased before it was written out.
            assert_eq!(otherwise.filter(|entry| whole(entry)).count(), 0, "{} to {}", self.fixture, self.last());
            differences
        })
    }
}

fn all() -> Vec<Told> {
    let read = |folder: &std::fs::DirEntry| {
        let lines = std::fs::read_to_string(folder.path().join("entries.jsonl")).ok()?;
        let entry = |line: &str| from_json(&serde_json::from_str(line).unwrap()).unwrap().1;
        let entries: Vec<Entry> = lines.lines().map(entry).collect();
        Some(Told::of(folder.file_name().to_str()?, &entries))
    };
    let mut all: Vec<Told> =
        std::fs::read_dir(super::fixtures()).unwrap().filter_map(|folder| read(&folder.unwrap())).collect();
    all.sort_by(|one, other| one.fixture.cmp(&other.fixture));
    assert!(all.len() > 20, "the fixtures are there");
    all
}

fn positions(last: Position) -> impl Iterator<Item = Position> {
    (1..=last.0).map(Position)
}

fn app(after: Position) -> Vec<Insertion> {
    let (app, title) = (AppName::new("harmless").unwrap(), "Harmless".to_owned());
    let command = Command::Support(SupportCommand::AddApp { app, title, audience: Audience::Staff });
    vec![Insertion { after, by: By::Support, command }]
}

fn group(after: Position, by: &AccountId) -> Vec<Insertion> {
    let create = GroupCommand::CreateGroup { group: harmless(), description: String::new() };
    vec![Insertion { after, by: By::Account(by.clone()), command: Command::Group(create) }]
}

fn harmless() -> GroupName {
    GroupName::new("Harmless").unwrap()
}

/// An app is put in by support, who signs in nowhere. In a closed tenant it is refused.
fn nothing_but_an_app(told: &Told, after: Position) {
    let history = told.otherwise(&[], app(after));
    let accepted = history.inserted()[0].outcome.is_ok();
    assert_eq!(accepted, told.views.tenant.closed(after).is_none(), "{} after {after}", told.fixture);
    let added = json!({"title": "Harmless", "audience": "staff", "licensed": false, "users": []});
    let apps = json!({"app-users": [{"path": "apps.harmless", "before": null, "after": added}]});
    let expected = if accepted { apps } else { json!({}) };
    for as_of in told.points() {
        let differences = Value::Object(told.differences(&history, as_of));
        assert_eq!(differences, expected, "{} to {}, put in after {after}", told.fixture, told.last());
    }
}

#[test]
fn what_if_an_app_is_put_in_after_any_entry() {
    for told in all() {
        positions(told.last()).for_each(|after| nothing_but_an_app(&told, after));
    }
}

/// All but the first entry lies elsewhere then.
#[test]
fn what_if_an_app_is_put_in_after_the_first_entry_of_any_beginning() {
    for told in all() {
        positions(told.last()).for_each(|last| nothing_but_an_app(&told.until(last), Position(1)));
    }
}

/// By each account that has a session then, and may.
#[test]
fn what_if_a_group_is_put_in_by_whoever_is_signed_in() {
    let mut count = 0;
    for told in all() {
        for after in positions(told.last()) {
            let then = told.until(after);
            let now = then.views.timeline.as_of(after);
            let open = |who: &u32| {
                then.views.sessions.of_account(*who).any(|session| then.views.sessions.open(session.position, now))
            };
            let signed_in = then.views.names.accounts.in_order().filter(open);
            for by in signed_in.filter_map(|who| then.views.account_id(who)).collect::<Vec<AccountId>>() {
                let history = told.otherwise(&[], group(after, &by));
                let accepted = history.inserted()[0].outcome.is_ok();
                for as_of in told.points() {
                    let mut differences = told.differences(&history, as_of);
                    if by == AccountId::manager() {
                        differences = without_manager_in_use(differences);
                    }
                    let made = json!({
                        "built_in": false, "description": "", "since": {"inserted_after": after.0}, "by": by.as_str(),
                        "members": [],
                    });
                    let groups = json!({"groups": [{"path": "groups.Harmless", "before": null, "after": made}]});
                    let expected = if accepted { groups } else { json!({}) };
                    assert_eq!(Value::Object(differences), expected, "{}: {by} after {after}", told.fixture);
                }
                count += u32::from(accepted);
            }
        }
    }
    assert!(count > 100, "somebody may somewhere: {count}");
}

#[test]
fn what_if_the_last_entry_had_not_made_a_group() {
    for told in all() {
        let actor = Actor::Account { id: AccountId::manager(), session: None };
        let created = Event::Group(GroupEvent::GroupCreated { group: harmless(), description: String::new() });
        let told = told.and(actor, "create_group", Some(Position(1)), created);
        let last = told.last();
        let history = told.otherwise(&[last], Vec::new());
        for as_of in told.points() {
            let differences = without_manager_in_use(told.differences(&history, as_of));
            let made = json!({
                "built_in": false, "description": "", "since": {"position": last.0}, "by": "manager", "members": [],
            });
            let expected = json!({"groups": [{"path": "groups.Harmless", "before": made, "after": null}]});
            assert_eq!(Value::Object(differences), expected, "{}", told.fixture);
        }
    }
}

/// That MANAGER acts may be a finding by itself, which begins and ends with its first act.
fn without_manager_in_use(mut differences: Map<String, Value>) -> Map<String, Value> {
    let of_manager = |row: &Value| row["path"].as_str().unwrap().contains("manager-still-in-use");
    if differences.get("findings").and_then(Value::as_array).is_some_and(|rows| rows.iter().all(of_manager)) {
        differences.remove("findings");
    }
    differences
}

/// The fields that differ, each by its name and that of what it is a field of.
fn fields_that_differ(within: &str, one: &Value, other: &Value, into: &mut BTreeSet<String>) {
    match (one, other) {
        (Value::Object(these), Value::Object(those)) => {
            for (name, value) in these {
                let last = within.rsplit('.').next().unwrap();
                fields_that_differ(&format!("{last}.{name}"), value, &those[name], into);
            }
        }
        (Value::Array(these), Value::Array(those)) => {
            these.iter().zip(those).for_each(|(one, other)| fields_that_differ(".[]", one, other, into));
        }
        (one, other) if one == other => {}
        _ => _ = into.insert(within.to_owned()),
    }
}

/// What shows positions, view by view. Whoever has a view show another writes it down here, once it is shown by its place.
const SHOWN: &[(&str, &[&str])] = &[
    ("setup", &["by.position", "closed.position"]),
    ("admins", &["orphaned_since.position", "since.position"]),
    ("app-users", &["reported.position", "since.position"]),
    ("subscriptions", &["licensed_changed.position", "since.position"]),
    ("background-account", &["broken_by.position", "licence.position", "set.position"]),
    ("accounts", &["legal_hold.position", "since.position"]),
    ("sessions", &["[].session", "since.position"]),
    ("roles", &["since.position"]),
    ("groups", &["purchase.position", "since.position"]),
    ("products", &["since.position"]),
    ("communities", &["since.position"]),
    ("levels", &["since.position"]),
    ("content-authority", &["since.position"]),
    ("objects", &["since.position"]),
    ("organisations", &["since.position"]),
    ("settings", &["since.position"]),
    ("queries", &["since.position"]),
    ("visibility", &["since.position"]),
    ("findings", &["closed.position", "opened.position"]),
    ("separations", &["since.position"]),
    ("webhooks", &["[].position", "changed.position", "failing.position", "recorded.position", "since.position"]),
    ("legal-holds", &["since.position"]),
    (
        "reviews",
        &[
            // It is read from the entry that decided.
            "[].reason",
            "changed.position",
            "closed.position",
            "decided.position",
            "last_sign_in.position",
            "opened.position",
            "reported.position",
            "since.position",
        ],
    ),
    ("refusals", &["[].position"]),
];

#[test]
fn what_if_shows_the_positions_of_the_real_history_in_every_view() {
    let mut found: Vec<(&str, BTreeSet<String>)> = VIEWS.iter().map(|(name, _)| (*name, BTreeSet::new())).collect();
    let mut look = |told: &Told| {
        let history = told.otherwise(&[], app(Position(1)));
        for as_of in told.points() {
            told.asked(as_of, |shown| {
                let here = history.here(shown);
                for (name, fields) in &mut found {
                    let [mut as_in_the_real, mut as_here] =
                        [here, Shown { places: Places::REAL, ..here }].map(|shown| view(name, &shown).unwrap());
                    for answer in [&mut as_in_the_real, &mut as_here] {
                        answer["as_of"].take();
                    }
                    fields_that_differ("", &as_in_the_real, &as_here, fields);
                }
            });
        }
    };
    for told in all() {
        positions(told.last()).for_each(|last| look(&told.until(last)));
    }
    look(&given_anew());
    let found: Vec<(&str, Vec<&str>)> =
        found.iter().map(|(name, fields)| (*name, fields.iter().map(String::as_str).collect())).collect();
    let expected: Vec<(&str, Vec<&str>)> = SHOWN.iter().map(|(name, fields)| (*name, fields.to_vec())).collect();
    assert_eq!(found, expected);
}

/// An app that is looked at in a review is taken from somebody and given anew.
fn given_anew() -> Told {
    let all = all();
    let mut told = all.iter().find(|told| told.fixture == "access-review").unwrap().until(Position(46));
    let (account, app) = (AccountId::new("rebecca").unwrap(), AppName::new("iemail-cloud").unwrap());
    let taken = DashboardEvent::AppUserRemoved { account: account.clone(), app: app.clone() };
    let given = DashboardEvent::AppUserAssigned { account, app, until: None };
    for (name, event) in [("remove_app_user", taken), ("assign_app_user", given)] {
        let actor = Actor::Account { id: AccountId::new("bob").unwrap(), session: Some(Position(46)) };
        told = told.and(actor, name, Some(Position(23)), Event::Dashboard(event));
    }
    told
}

#[test]
fn what_if_a_review_looks_at_what_was_given_anew() {
    let told = given_anew();
    let changed = told.asked(told.points()[0], |shown| view("reviews", shown).unwrap().to_string());
    assert!(changed.contains(r#""changed":{"position":48}"#), "{changed}");
    positions(told.last()).for_each(|after| nothing_but_an_app(&told, after));
}

/// What it needs a session for is not there where nobody signed in, so somebody does; what was put in is why another entry
/// could not be, and it is told so.
#[test]
fn what_if_a_group_is_put_in_that_somebody_made_later() {
    let all = all();
    let told = all.iter().find(|told| told.fixture == "bought-access").unwrap();
    let made = |entry: &Entry| {
        entry.events.iter().find_map(|one| {
            let Event::Group(GroupEvent::GroupCreated { group, .. }) = &one.event else { return None };
            Some(group.clone())
        })
    };
    let made = (1..).map(Position).zip(&told.entries).find_map(|(position, entry)| Some((position, made(entry)?)));
    let (position, name) = made.unwrap();
    let told = told.until(position);
    let create = GroupCommand::CreateGroup { group: name.clone(), description: String::new() };
    let by = By::Account(AccountId::manager());
    let history = told.otherwise(&[], vec![Insertion { after: Position(1), by, command: Command::Group(create) }]);
    let as_of = told.views.timeline.as_of(told.last());
    let answer = told.asked(as_of, |shown| history.json(shown, Map::new()));
    let refused = &answer["refused"][0];
    assert_eq!(refused["position"], position.0);
    let why = refused["why"].as_str().unwrap();
    assert!(why.contains("since what was put in after position 1"), "{why}");
    let groups = told.asked(as_of, |shown| view("groups", &history.here(shown)).unwrap());
    assert_eq!(groups["groups"][name.as_str()]["since"], json!({"inserted_after": 1}));
}
