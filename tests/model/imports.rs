//! Imports that go wrong: lines at fault, lines that build on the one before, other people's commands meanwhile.

use grantbook_ledger::events::{CloudId, Position, SignInPlane, Ticket};
use grantbook_ledger::{ImportError, ImportOrder, Ledger, LedgerError, Origin, TenantHandle, TenantRequest, Terms};
use serde_json::{Value, json};

use crate::installation::{House, OWN, credentials, instant, operator, options};

fn order() -> ImportOrder {
    ImportOrder { operator: operator(), ticket: Ticket::new("T-1").unwrap(), origin: Origin::default() }
}

fn line(minute: usize, by: &str, command: Value) -> String {
    let at = format!("2020-01-01T{:02}:{:02}:00Z", minute / 60, minute % 60);
    json!({"at": at, "by": by, "source": format!("change {minute}"), "command": command}).to_string()
}

async fn past(ledger: &Ledger) -> TenantHandle {
    let cloud_id = CloudId::new("pastimis").unwrap();
    let mut request = TenantRequest::new(cloud_id.clone());
    request.at = Some(instant("2020-01-01T00:00:00Z"));
    ledger.create_tenant(&operator(), request).await.unwrap();
    ledger.tenant_named(&cloud_id).unwrap()
}

/// 300 lines; each stretch of them builds on the lines just before.
fn history() -> Vec<String> {
    let mut lines = Vec::new();
    for number in 0..60 {
        let id = format!("p{number}");
        let group = format!("g{number}");
        for command in [
            json!({"name": "add_contact", "account": id, "full_name": format!("Person {number}")}),
            json!({"name": "update_contact", "account": id, "email": format!("p{number}@example.org")}),
            json!({"name": "create_credentials", "account": id, "username": format!("user{number}"),
                "password": "Start-7-word", "user_class": "full"}),
            json!({"name": "create_group", "group": group}),
            json!({"name": "add_group_member", "group": group, "account": format!("@user{number}")}),
        ] {
            lines.push(line(lines.len(), "somebody-long-gone", command));
        }
    }
    lines
}

fn line_of(error: &ImportError) -> u64 {
    let ImportError::Line { line, .. } = error else { panic!("{error}") };
    *line
}

// rule: U6
#[tokio::test(flavor = "multi_thread")]
async fn lines_may_build_on_the_lines_just_before_them() {
    let ledger = Ledger::open(options()).await.unwrap();
    let tenant = past(&ledger).await;
    let done = tenant.import(&order(), &history(), &mut |_| {}).await.unwrap();
    assert_eq!((done.skipped, done.recorded), (0, 300));
    assert_eq!(done.last, Position(1 + 1 + 300 + 1));
    // Who is said to have acted need not be an account; the authority is the import's own first entry.
    let (_, entry) = tenant.entries(Position(3)).next().unwrap().unwrap();
    assert_eq!(entry.events[0].authority, Some(Position(2)));
    assert_eq!(entry.import.as_ref().map(|note| note.started), Some(Position(2)));
    let shown = tenant.show(Some(Position(3)), &entry);
    assert_eq!(shown["actor"]["id"], "somebody-long-gone");
    assert_eq!(shown["import"]["ticket"], "T-1");
    // A second run changes nothing.
    let again = tenant.import(&order(), &history(), &mut |_| {}).await.unwrap();
    assert_eq!((again.skipped, again.recorded, again.last), (300, 0, done.last));
    assert_eq!(tenant.last(), done.last);
}

// rule: U6
#[tokio::test(flavor = "multi_thread")]
async fn nothing_after_a_line_at_fault_is_recorded_and_the_mended_file_goes_on() {
    for (at_fault, wrong) in [
        (150, json!({"name": "add_group_member", "group": "nothing", "account": "p0"})),
        (151, json!({"name": "add_group_member", "group": "g0", "account": "@nobody"})),
        (152, json!({"name": "assign_role", "account": "p0", "role": "Everyone"})),
        (153, json!({"name": "no_such_command"})),
        (154, json!({"name": "disable_account", "account": "manager"})),
        (155, json!({"name": "rotate_manager_password", "ticket": "T-1"})),
        (156, json!({"commands": []})),
        (0, json!({"name": "create_group", "group": "Reporting"})),
    ] {
        let ledger = Ledger::open(options()).await.unwrap();
        let tenant = past(&ledger).await;
        // More lines follow than are on their way at once.
        let mut lines = history();
        lines.extend((300..1_000).map(|n| line(n, "x", json!({"name": "create_group", "group": format!("more{n}")}))));
        lines[at_fault] = line(at_fault, "somebody", wrong.clone());
        let stopped = tenant.import(&order(), &lines, &mut |_| {}).await.unwrap_err();
        assert_eq!(line_of(&stopped), at_fault as u64 + 1, "{wrong}: {stopped}");
        let imported = tenant.entries(Position(1)).filter(|read| read.as_ref().unwrap().1.import.is_some()).count();
        assert_eq!(imported, at_fault, "{wrong}");
        let stopped_at = tenant.last();
        let again = tenant.import(&order(), &lines, &mut |_| {}).await.unwrap_err();
        assert_eq!(line_of(&again), at_fault as u64 + 1);
        // The line at fault, mended, and all that follows.
        let done = tenant.import(&order(), &history(), &mut |_| {}).await.unwrap();
        assert_eq!((done.skipped, done.recorded), (at_fault as u64, 300 - at_fault as u64), "{wrong}");
        assert!(tenant.last() > stopped_at);
    }
}

// rule: U6
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_imported_into_the_future() {
    let ledger = Ledger::open(options()).await.unwrap();
    let tenant = past(&ledger).await;
    let mut lines = history();
    lines.truncate(2);
    lines.push(lines[1].replace("2020-", "2030-"));
    let stopped = tenant.import(&order(), &lines, &mut |_| {}).await.unwrap_err();
    assert_eq!(line_of(&stopped), 3, "{stopped}");
    let first = vec![lines[2].clone()];
    assert!(tenant.import(&order(), &first, &mut |_| {}).await.is_err());
}

// rules: U6, U1
#[tokio::test(flavor = "multi_thread")]
async fn while_an_import_is_under_way_nothing_else_is_recorded() {
    let house = House::furnished().await;
    // A refusal is counted, to be summed up later.
    for _ in 0..3 {
        house.refused("ann", json!({"name": "create_group", "group": "mine"})).await;
    }
    house.set_clock("2026-01-05T12:00:00Z");
    let lines: Vec<String> = (0..400)
        .map(|number| {
            let at = format!("2026-01-05T10:{:02}:{:02}Z", number / 60, number % 60);
            let command = json!({"name": "create_group", "group": format!("g{number}")});
            json!({"at": at, "by": "sue", "source": "", "command": command}).to_string()
        })
        .collect();
    let (started, begun) = tokio::sync::oneshot::channel();
    let mut started = Some(started);
    let tenant = house.tenant.clone();
    let whole = lines.clone();
    let importing = tokio::spawn(async move {
        let mut progress = |line: u64| {
            if line >= 1
                && let Some(started) = started.take()
            {
                let _ = started.send(());
            }
        };
        tenant.import(&order(), &whole, &mut progress).await
    });
    begun.await.unwrap();
    // However often it is tried: refused, and nothing of it in between.
    let mut refused = 0;
    while !importing.is_finished() {
        house.ledger.sum_up().await;
        match house.give("sue", json!({"name": "create_group", "group": "live"}), &Terms::default()).await {
            Err(LedgerError::Importing) => refused += 1,
            Ok(_) | Err(LedgerError::Refused(_)) => break,
            Err(error) => panic!("{error}"),
        }
        let sign_in = credentials("ann", OWN, SignInPlane::Platform);
        match house.tenant.sign_in(&sign_in, &Origin::default()).await {
            Err(LedgerError::Importing) => refused += 1,
            Ok(_) => break,
            Err(error) => panic!("{error}"),
        }
    }
    let done = importing.await.unwrap().unwrap();
    assert_eq!(done.recorded, 400);
    let mut within = false;
    let mut last = grantbook_ledger::events::Instant::EARLIEST;
    for read in house.tenant.entries(Position(1)) {
        let (position, entry) = read.unwrap();
        assert!(entry.at >= last, "{position} goes back in time");
        last = entry.at;
        let name = entry.commands[0].name.as_str();
        assert!(!within || entry.import.is_some() || name == "import_finished", "{position}: {name} within the import");
        within = name == "import_started" || (within && name != "import_finished");
    }
    assert!(refused < 1_000_000);
    house.fingerprint().await;
}

// rule: U6
#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_another_file_does_not_go_on_with_one_that_was_stopped() {
    let ledger = Ledger::open(options()).await.unwrap();
    let tenant = past(&ledger).await;
    let mut lines = history();
    lines[10] = line(10, "x", json!({"name": "no_such_command"}));
    assert!(tenant.import(&order(), &lines, &mut |_| {}).await.is_err());
    // The same lines under another number are another file: its first line lies before the book's last entry.
    let other: Vec<String> = history()[1..].to_vec();
    assert!(tenant.import(&order(), &other, &mut |_| {}).await.is_err());
    let imported = tenant.entries(Position(1)).filter(|read| read.as_ref().unwrap().1.import.is_some()).count();
    assert_eq!(imported, 10);
    assert_eq!(
        tenant.abandon_import(&order().operator, None, &Origin::default()).await.unwrap(),
        None,
        "none is under way"
    );
}
