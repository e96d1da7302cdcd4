//! What people try: guessing passwords, learning who exists, reading secrets out of the book, repeating requests.

use std::time::Duration;

use grantbook_ledger::events::{Event, Position, SignInEvent, SignInPlane};
use grantbook_ledger::{Clock, Ledger, LedgerError, Options, Origin, Place, Point, Terms};
use serde_json::{Value, json};

use crate::installation::{House, OWN, credentials, holds, options};

fn key(number: u8) -> Terms {
    Terms { key: Some([number; 16]), ..Terms::default() }
}

fn dry() -> Terms {
    Terms { dry_run: true, ..Terms::default() }
}

// rules: U1, C11
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_changes_no_view_but_that_of_refusals() {
    let house = House::furnished().await;
    let before = house.views().await;
    for (who, body, rule) in [
        ("ann", json!({"name": "create_group", "group": "mine"}), "S2"),
        ("pat", json!({"name": "add_contact", "account": "x", "full_name": "X"}), "S1"),
        ("bob", json!({"name": "remove_admin", "account": "bob"}), "F9"),
        ("sue", json!({"name": "add_admin", "account": "sue"}), "F9"),
        ("sue", json!({"name": "delete_role", "role": "SysAdmin"}), "G1"),
        (
            "sue",
            json!({"commands": [{"name": "create_group", "group": "one"}, {"name": "create_role", "role": "r",
                "description": ""}, {"name": "assign_role", "account": "pat", "role": "r"},
                {"name": "delete_group", "group": "Reporting"}]}),
            "X1",
        ),
    ] {
        assert_eq!(house.refused(who, body).await, rule);
        assert_eq!(house.views().await, before);
        house.fingerprint().await;
    }
    // The first of each account at once, the rest counted.
    let refusals = house.refusals().await;
    let who: Vec<&str> = refusals.as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap()).collect();
    assert_eq!(who, ["ann", "pat", "bob", "sue"]);
    for _ in 0..20 {
        house.refused("ann", json!({"name": "create_group", "group": "mine"})).await;
    }
    assert_eq!(house.refusals().await, refusals);
    house.set_clock("2026-01-05T10:00:00Z");
    house.ledger.sum_up().await;
    let refusals = house.refusals().await;
    let counted = |one: &&Value| one["account"] == "ann" && one["count"] == 20;
    assert_eq!(refusals.as_array().unwrap().iter().filter(counted).count(), 1, "{refusals}");
    assert_eq!(house.views().await, before);
    house.fingerprint().await;
}

// rules: C6, C11
#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_sign_in_is_told_one_same_sentence_and_unknown_names_are_recorded_nowhere() {
    let mut house = House::furnished().await;
    for (id, state) in [
        ("dis", json!({"name": "disable_account", "account": "dis"})),
        ("exp", json!({"name": "set_expiration_date", "account": "exp", "date": "2026-01-04"})),
        ("eff", json!({"name": "set_effective_date", "account": "eff", "date": "2027-01-01"})),
        ("rem", json!({"name": "remove_account", "account": "rem"})),
        ("del", json!({"name": "delete_credentials", "account": "del"})),
    ] {
        house.hire(id, "public").await;
        house.done("manager", state).await;
    }
    house.hire("loc", "public").await;
    for _ in 0..5 {
        let wrong = credentials("loc", "Wrong-7-word", SignInPlane::Platform);
        assert!(house.tenant.sign_in(&wrong, &Origin::default()).await.is_err());
    }
    let mut told = Vec::new();
    for (username, password) in [
        ("Typed-7-word", OWN),
        ("rem", OWN),
        ("del", OWN),
        ("ann", "Wrong-7-word"),
        ("ANN", "Wrong-7-word"),
        ("dis", OWN),
        ("exp", OWN),
        ("eff", OWN),
        ("loc", OWN),
        ("loc", "Wrong-7-word"),
        ("no such name", OWN),
        ("a@b.org", OWN),
    ] {
        let tried = credentials(username, password, SignInPlane::Platform);
        let Err(error) = house.tenant.sign_in(&tried, &Origin::default()).await else { panic!("{username} got in") };
        told.push(format!("{error:?}").split("recorded").next().unwrap().to_owned());
        let Err(error) = house.tenant.change_password(username, password, "New-7-word", &Origin::default()).await
        else {
            panic!("{username} changed a password")
        };
        told.push(format!("{error:?}").split("recorded").next().unwrap().to_owned());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    let bytes = house.bytes();
    for typed in ["Typed-7-word", "typed-7-word", "no such name", "a@b.org", "Wrong-7-word", OWN] {
        assert!(!holds(&bytes, typed), "{typed}");
    }
    // Which it was is on record, of those that exist.
    let refusals = house.refusals().await.to_string();
    for cause in ["wrong_password", "disabled", "expired", "not_yet_effective", "locked"] {
        assert!(refusals.contains(cause), "{cause}: {refusals}");
    }
    for nobody in ["\"rem\"", "\"del\""] {
        assert!(!refusals.contains(nobody), "{refusals}");
    }
    assert!(house.enter("ann", "Ann", OWN, SignInPlane::Platform).await.is_ok(), "usernames have no case");
}

// rules: C6, B5
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_is_no_way_to_guess_passwords() {
    let house = House::furnished().await;
    house
        .support(json!({"name": "record_licence", "cloud_id": "abcimis", "licence": "api_connector", "ticket": "T-1"}))
        .await
        .unwrap();
    house.done("manager", json!({"name": "assign_role", "account": "sue", "role": "RemoteService"})).await;
    let last = house.tenant.last();
    let mut answers = Vec::new();
    for guess in ["Wrong-7-word", OWN] {
        let set = json!({"name": "set_background_account", "account": "sue", "password": guess});
        answers.push(house.give("bob", set, &dry()).await.map_err(|error| error.to_string()));
        let change = json!({"name": "change_own_password", "old": guess, "new": "New-7-word"});
        answers.push(house.give("ann", change, &dry()).await.map_err(|error| error.to_string()));
    }
    assert_eq!(answers[0], answers[2], "right and wrong are told the same");
    assert_eq!(answers[1], answers[3], "right and wrong are told the same");
    assert_eq!(house.tenant.last(), last, "nothing is recorded");
    // Given in earnest they count, and lock.
    for attempt in 1..=5 {
        let change = json!({"name": "change_own_password", "old": "Wrong-7-word", "new": "New-7-word"});
        assert_eq!(house.refused("ann", change).await, "C11", "{attempt}");
    }
    let change = json!({"name": "change_own_password", "old": OWN, "new": "New-7-word"});
    assert_eq!(house.refused("ann", change).await, "C11", "a lock is not to be got round by a session");
}

// rules: C14, U6
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_no_personal_value_lies_open_in_the_book() {
    let mut house = House::furnished().await;
    house
        .done("ann", json!({"name": "update_contact", "account": "pat", "city": "Reykjavik", "phone": "555-0199"}))
        .await;
    house.done("sue", json!({"name": "set_password", "account": "pat", "password": "Set-by-sue-7"})).await;
    house.tenant.change_password("pat", "Set-by-sue-7", "Mine-now-7", &Origin::default()).await.unwrap();
    house.enter("pat", "pat", "Mine-now-7", SignInPlane::Platform).await.unwrap();
    house.support(json!({"name": "rotate_manager_password", "cloud_id": "abcimis", "ticket": "T-1"})).await.unwrap();
    let (token, version) = {
        let (token, version) = house
            .ledger
            .issue_support_token(&crate::installation::operator(), crate::installation::operator())
            .await
            .unwrap();
        (token.reveal().to_owned(), version)
    };
    assert!(version.0 > 0);
    let mut text = String::new();
    for read in house.tenant.entries(Position(1)) {
        let (position, entry) = read.unwrap();
        text += &house.tenant.show(Some(position), &entry).to_string();
    }
    for (_, entry) in house.ledger.installation_entries(Position(1)).unwrap() {
        text += &format!("{entry:?}");
    }
    let bytes = house.bytes();
    let secrets = ["Start-7-word", OWN, "Set-by-sue-7", "Mine-now-7", &house.manager_password, &token, "$argon2"];
    for secret in secrets.into_iter().chain(house.tokens.iter().map(String::as_str)) {
        assert!(!holds(&bytes, secret) && !text.contains(secret), "{secret}");
    }
    for private in ["Nescio", "nescio@example.org", "it@example.org", "Reykjavik", "555-0199", "192.0.2.77", "Teapot"] {
        assert!(!holds(&bytes, private), "{private}");
    }
    assert!(text.contains("Nomen pat Nescio") && text.contains("192.0.2.77"), "who holds the keys can read it");
}

// rules: G6, X1, N2, C14
#[tokio::test(flavor = "multi_thread")]
async fn a_key_gives_the_outcome_again_and_takes_no_other_body() {
    let house = House::furnished().await;
    house.done("sue", json!({"name": "create_group", "group": "Helpers"})).await;
    house.done("sue", json!({"name": "create_role", "role": "Aide", "description": ""})).await;
    house.done("sue", json!({"name": "create_object", "object": "/a", "kind": "folder"})).await;
    let bodies = [
        json!({"name": "add_contact", "account": "new", "full_name": "New One", "email": "new@example.org", "city": "Oslo"}),
        json!({"name": "update_contact", "account": "new", "city": "Rome", "reason": "moved"}),
        json!({"name": "create_credentials", "account": "@ann", "username": "x", "password": "Start-7-word",
            "user_class": "full"}),
        json!({"name": "assign_role", "account": "@PAT", "role": "remoteservice", "until": "2027-01-01"}),
        json!({"name": "assign_role", "account": "pat", "role": "AIDE"}),
        json!({"name": "edit_role", "role": "aide", "description": "helps"}),
        json!({"name": "set_level", "account": "ann", "module": "customers", "level": 3}),
        json!({"name": "set_level", "account": "ann", "module": "customers", "level": 0, "until": "2027-01-01"}),
        json!({"name": "add_group_member", "account": "pat", "group": "HELPERS"}),
        json!({"name": "grant_access", "object": "/a", "principal": {"group": "helpers"}, "rights": ["edit", "read"]}),
        json!({"name": "revoke_access", "object": "/a", "principal": {"group": "helpers"}, "rights": ["edit"]}),
        json!({"name": "make_system_administrator", "account": "ann"}),
        json!({"name": "set_user_class", "account": "ann", "user_class": "casual"}),
        json!({"name": "set_password", "account": "pat", "password": "Fresh-7-word"}),
        json!({"name": "delete_role", "role": "aide"}),
        json!({"name": "delete_group", "group": "helpers"}),
        json!({"commands": [{"name": "create_group", "group": "one", "reason": "a"}, {"name": "add_group_member",
            "group": "ONE", "account": "pat"}, {"name": "disable_account", "account": "pat"}]}),
        json!({"name": "remove_account", "account": "new"}),
    ];
    for (number, body) in (1u8..).zip(bodies) {
        if body["name"] == "create_credentials" {
            house.done("sue", json!({"name": "delete_credentials", "account": "ann"})).await;
            let mut body = body.clone();
            body["account"] = json!("ann");
            let first = house.give("sue", body.clone(), &key(number)).await.unwrap();
            assert_eq!(house.give("sue", body, &key(number)).await.unwrap(), first);
            continue;
        }
        let dry = Terms { dry_run: true, ..key(number) };
        house.give("sue", body.clone(), &dry).await.unwrap_or_else(|error| panic!("{body}: {error}"));
        let first =
            house.give("sue", body.clone(), &key(number)).await.unwrap_or_else(|error| panic!("{body}: {error}"));
        let again = house.tenant.command(&house.callers["sue"], &body, &key(number)).await;
        let again = again.unwrap_or_else(|error| panic!("{body} again: {error}"));
        assert_eq!((again.position, again.repeated), (Some(first), true), "{body}");
        assert_eq!(house.tenant.outcome(&house.callers["sue"], [number; 16]).unwrap().unwrap().0, first);
        let other = json!({"name": "create_group", "group": "another"});
        let refused = house.give("sue", other.clone(), &key(number)).await.unwrap_err();
        assert!(matches!(refused, LedgerError::KeyReused(at) if at == first), "{body}: {refused}");
        let reasoned = match body.get("name") {
            Some(_) => {
                let mut reasoned = body.clone();
                reasoned["reason"] = json!("another reason");
                reasoned
            }
            None => json!({"commands": [body["commands"][0]]}),
        };
        let refused = house.give("sue", reasoned, &key(number)).await.unwrap_err();
        assert!(matches!(refused, LedgerError::KeyReused(at) if at == first), "{body}: {refused}");
        // The key is this actor's own.
        assert_eq!(house.tenant.outcome(&house.callers["manager"], [number; 16]).unwrap(), None);
    }
    // Secrets are left out of the comparison.
    let other = json!({"name": "set_password", "account": "pat", "password": "Quite-another-7"});
    assert!(house.give("sue", other, &key(14)).await.is_ok());
    // A refused one may be tried again.
    let group = json!({"name": "add_group_member", "group": "two", "account": "bob"});
    assert!(house.give("sue", group.clone(), &key(99)).await.is_err());
    house.done("sue", json!({"name": "create_group", "group": "two"})).await;
    assert!(house.give("sue", group, &key(99)).await.is_ok());
    house.fingerprint().await;
}

// rules: X1, U1
#[tokio::test(flavor = "multi_thread")]
async fn of_racing_duplicates_one_is_recorded() {
    let house = House::furnished().await;
    let last = house.tenant.last();
    let mut tasks = Vec::new();
    for number in 0..64u8 {
        let (tenant, sue) = (house.tenant.clone(), house.callers["sue"].clone());
        tasks.push(tokio::spawn(async move {
            let body = json!({"name": "add_contact", "account": format!("c{}", number % 4), "full_name": "C"});
            tenant.command(&sue, &body, &key(number % 4)).await.unwrap().position.unwrap()
        }));
    }
    let mut positions = Vec::new();
    for task in tasks {
        positions.push(task.await.unwrap());
    }
    positions.sort();
    positions.dedup();
    assert_eq!(positions.len(), 4);
    assert_eq!(house.tenant.last(), Position(last.0 + 4));
}

// rule: U1
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_has_not_seen_the_last_change_is_told() {
    let mut house = House::furnished().await;
    let seen = house.done("sue", json!({"name": "create_group", "group": "one"})).await;
    // Sign-ins, refusals and reads are no changes.
    house.enter("ann", "ann", OWN, SignInPlane::Platform).await.unwrap();
    house.refused("ann", json!({"name": "create_group", "group": "two"})).await;
    let terms = Terms { if_match: Some(seen), ..Terms::default() };
    let next = house.give("sue", json!({"name": "create_group", "group": "two"}), &terms).await.unwrap();
    let late = house.give("sue", json!({"name": "create_group", "group": "three"}), &terms).await.unwrap_err();
    assert!(matches!(late, LedgerError::MovedOn(at) if at == next), "{late}");
    let zero = Terms { if_match: Some(Position::START), ..Terms::default() };
    assert!(house.give("sue", json!({"name": "create_group", "group": "three"}), &zero).await.is_err());
}

// rules: M3, P8
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_rotation_hands_over_no_second_password() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { place: Place::Directory(dir.path().to_owned()), ..options() };
    let ledger = Ledger::open(options).await.unwrap();
    let house = House::founded(&ledger, "abcimis").await;
    let rotate = json!({"name": "rotate_manager_password", "cloud_id": "abcimis", "ticket": "T-1"});
    let operator = crate::installation::operator();
    let mails = || std::fs::read_dir(dir.path().join("outbox")).map_or(0, Iterator::count);
    let first = house.tenant.support_command(&operator, &rotate, &key(1)).await.unwrap();
    assert_eq!(mails(), 1);
    let again = house.tenant.support_command(&operator, &rotate, &key(1)).await.unwrap();
    assert_eq!((again.position, again.repeated), (first.position, true));
    assert_eq!(mails(), 1, "the password that was handed over last is the one in force");
    // Of two at once under one key the second is told what the first did.
    let terms = key(2);
    let (one, other) = tokio::join!(
        house.tenant.support_command(&operator, &rotate, &terms),
        house.tenant.support_command(&operator, &rotate, &terms)
    );
    assert_eq!(one.unwrap().position, other.unwrap().position);
    assert_eq!(mails(), 2);
    // Nobody is handed a password by a command that is refused.
    let stale = Terms { if_match: Some(Position(1)), ..Terms::default() };
    assert!(house.tenant.support_command(&operator, &rotate, &stale).await.is_err());
    assert_eq!(mails(), 2);
    tokio::time::timeout(Duration::from_secs(5), async { drop(house) }).await.unwrap();
}

// rule: C6
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_ends_as_long_after_its_entry_as_the_setting_says_while_the_clock_runs() {
    let running = Options { clock: Clock::System, ..options() };
    let house = House::founded(&Ledger::open(running).await.unwrap(), "abcimis").await;
    house.hire("ann", "full").await;
    for _ in 0..5 {
        let guess = credentials("ann", "Wrong-7-word", SignInPlane::Platform);
        house.tenant.sign_in(&guess, &Origin::default()).await.err().unwrap();
    }
    let last = house.tenant.ask(Point::Now, |views, _| views.timeline.last()).await.unwrap();
    let entry = house.tenant.entry(last).unwrap();
    let locks = entry.events.iter().filter_map(|recorded| {
        let Event::SignIn(SignInEvent::CredentialsLocked { until, .. }) = &recorded.event else { return None };
        *until
    });
    assert_eq!(locks.collect::<Vec<_>>(), [entry.at.plus_minutes(30)]);
}

// rule: S5
#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_session_that_is_over_is_forgotten_and_no_other() {
    let house = House::furnished().await;
    let over = house.tokens.last().unwrap().clone();
    let alive = house.tokens.first().unwrap().clone();
    house.done("pat", json!({"name": "end_session"})).await;
    let known = |token: &str| house.ledger.caller(token).is_some();
    assert!(known(&over) && known(&alive));
    house.ledger.sum_up().await;
    assert!(!known(&over) && known(&alive));
}
