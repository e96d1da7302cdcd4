//! An import that is killed half-way and run again gives the same ledger as one that ran through.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use grantbook::verify::verify;
use grantbook_inquiries::{Places, Shown, VIEWS, view};
use grantbook_ledger::events::{Position, Ticket};
use grantbook_ledger::{ImportOrder, Ledger, Origin, Point, TenantHandle, TenantRequest, first_instant};
use serde_json::{Value, json};

use crate::support::{Random, cloud_id, number, open, operator};

const IMPORTER: &str = "GRANTBOOK_TEST_IMPORTER";
const TENANT: &str = "teamimis";

fn order() -> ImportOrder {
    ImportOrder { operator: operator(), ticket: Ticket::new("T-1").unwrap(), origin: Origin::default() }
}

/// A history of some length: people come, join groups and leave them.
fn history() -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |by: &str, command: Value| {
        let (minute, hour) = (lines.len() / 3 % 60, lines.len() / 180);
        let at = format!("2021-{:02}-{:02}T{:02}:{minute:02}:00Z", hour / 480 % 12 + 1, hour / 24 % 20 + 1, hour % 24);
        lines.push(json!({"at": at, "by": by, "source": "minutes", "command": command}).to_string());
    };
    for group in 0..10 {
        add("p0", json!({"name": "create_group", "group": format!("group {group}"), "description": "old"}));
    }
    for person in 0..number("GRANTBOOK_IMPORT_PEOPLE", 300) {
        let (account, group) = (format!("p{person}"), format!("group {}", person % 10));
        let name = format!("Person {person}");
        let email = format!("{account}@example.org");
        add("p0", json!({"name": "add_contact", "account": account, "full_name": name, "email": email}));
        add(&account, json!({"name": "add_group_member", "group": group, "account": account}));
        if person % 3 == 0 {
            add("p1", json!({"name": "remove_group_member", "group": group, "account": account}));
        }
        if person % 7 == 0 {
            let object = format!("/shelf/{person}");
            add("p1", json!({"name": "create_object", "object": object, "kind": "folder"}));
            add(
                "p1",
                json!({"name": "grant_access", "object": object, "principal": {"group": group}, "rights": ["read"]}),
            );
        }
    }
    lines
}

async fn tenant(ledger: &Ledger, lines: &[String]) -> TenantHandle {
    if !ledger.tenants().contains(&cloud_id(TENANT)) {
        let mut request = TenantRequest::new(cloud_id(TENANT));
        request.at = Some(first_instant(&lines[0]).unwrap());
        ledger.create_tenant(&operator(), request).await.unwrap();
    }
    ledger.tenant_named(&cloud_id(TENANT)).unwrap()
}

/// Not a test of its own: imports, when asked to, and tells how far it is.
#[tokio::test(flavor = "multi_thread")]
async fn an_importer() {
    let Ok(dir) = std::env::var(IMPORTER) else { return };
    let lines = history();
    let ledger = open(Path::new(&dir)).await;
    let tenant = tenant(&ledger, &lines).await;
    let mut tell = |done: u64| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\ndone\t{done}").unwrap();
        out.flush().unwrap();
    };
    tenant.import(&order(), &lines, &mut tell).await.unwrap();
    drop(tenant);
    ledger.close().await.unwrap();
}

/// Everything of a tenant, but for what may differ: when it was recorded, random ids of commands, sealed bytes (opened
/// here) with their keys' ids, and versions of secrets.
async fn all_of(tenant: &TenantHandle) -> (Vec<Value>, Vec<Value>) {
    let entries = tenant.entries(Position(1)).map(|read| {
        let (position, entry) = read.unwrap();
        let mut shown = tenant.show(Some(position), &entry);
        let fields = shown.as_object_mut().unwrap();
        fields.remove("recorded_at");
        fields.remove("command_id");
        for event in fields["events"].as_array_mut().unwrap() {
            let event = event.as_object_mut().unwrap();
            event.remove("key");
            event.remove("secret");
        }
        shown
    });
    let entries = entries.collect();
    let last = tenant.last();
    let views = tenant.ask(Point::At(last), |views, as_of| {
        let shown = Shown {
            views,
            as_of,
            open: &|_, _, sealed| tenant.open(sealed),
            entry: &|_| None,
            places: Places::REAL,
            eyes: None,
        };
        VIEWS.iter().map(|(name, _)| view(name, &shown).unwrap()).collect()
    });
    (entries, views.await.unwrap())
}

/// Starts an import and kills it at a random moment. Whether it had finished before.
fn import_and_kill(dir: &Path, lines: u64, random: &mut Random) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "imports::an_importer", "--nocapture"])
        .env(IMPORTER, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let wanted = random.below(lines);
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    let reached = told.by_ref().map_while(Result::ok).any(|line| {
        line.strip_prefix("done\t").and_then(|done| done.parse().ok()).is_some_and(|done: u64| done >= wanted)
    });
    std::thread::sleep(std::time::Duration::from_micros(random.below(3_000)));
    if reached {
        child.kill().unwrap();
    }
    child.wait().unwrap().success()
}

// rule: U6
#[test]
fn an_import_killed_and_run_again_gives_the_ledger_of_an_unbroken_one() {
    let mut random = Random::seeded("imports");
    let lines = history();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let expected = runtime.block_on(async {
        let ledger = open(whole.path()).await;
        let tenant = tenant(&ledger, &lines).await;
        let imported = tenant.import(&order(), &lines, &mut |_| {}).await.unwrap();
        assert_eq!(imported.recorded, lines.len() as u64);
        let all = all_of(&tenant).await;
        drop(tenant);
        ledger.close().await.unwrap();
        all
    });
    let mut kills = 0;
    for _ in 0..number("GRANTBOOK_IMPORT_KILLS", 4) {
        if import_and_kill(broken.path(), lines.len() as u64, &mut random) {
            break;
        }
        kills += 1;
    }
    println!("killed {kills} times");
    runtime.block_on(async {
        let ledger = open(broken.path()).await;
        let tenant = tenant(&ledger, &lines).await;
        let before = tenant.last();
        let imported = tenant.import(&order(), &lines, &mut |_| {}).await.unwrap();
        println!("{} lines had been recorded by position {before}", imported.skipped);
        assert_eq!(imported.skipped + imported.recorded, lines.len() as u64);
        let found = all_of(&tenant).await;
        assert_eq!(found.0.len(), expected.0.len());
        for (found, expected) in found.0.iter().zip(&expected.0) {
            assert_eq!(found, expected);
        }
        assert_eq!(found.1, expected.1);
        assert_eq!(verify(&ledger, &mut |_, _| {}).problems, []);
        drop(tenant);
        ledger.close().await.unwrap();
    });
}
