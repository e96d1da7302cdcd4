//! Importing history made elsewhere: eight years of a real organisation's changes where that data is there, and a small
//! slice of our own that always is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use grantbook_inquiries::{Places, Shown, view};
use grantbook_ledger::events::{CloudId, OperatorName, Ticket};
use grantbook_ledger::{
    ImportError, ImportOrder, Ledger, LedgerError, Options, Origin, Point, TenantHandle, TenantRequest,
};
use serde_json::{Value, json};

type Groups = BTreeMap<String, Vec<String>>;

/// What a view of groups or objects says: the members of groups that have any, the groups among an object's principals.
#[derive(Debug, PartialEq, Eq)]
struct State {
    groups: Groups,
    access: Groups,
}

async fn state(tenant: &TenantHandle, at: &str) -> State {
    let point = Point::parse(at).unwrap();
    let (groups, objects) = tenant
        .ask(point, |views, as_of| {
            let shown = Shown {
                views,
                as_of,
                open: &|_, _, sealed| tenant.open(sealed),
                entry: &|_| None,
                places: Places::REAL,
                eyes: None,
            };
            (view("groups", &shown).unwrap(), view("objects", &shown).unwrap())
        })
        .await
        .unwrap();
    let names = |list: &Value, key: &dyn Fn(&Value) -> Option<String>| {
        let mut names: Vec<String> = list.as_array().unwrap().iter().filter_map(key).collect();
        names.sort();
        names
    };
    let sorted = |map: &Value, field: &str, key: &dyn Fn(&Value) -> Option<String>| -> Groups {
        let all = map.as_object().unwrap().iter();
        let some = all.map(|(name, one)| (name.clone(), names(&one[field], key)));
        some.filter(|(_, names)| !names.is_empty()).collect()
    };
    State {
        groups: sorted(&groups["groups"], "members", &|member| member["account"].as_str().map(str::to_owned)),
        access: sorted(&objects["objects"], "access", &|one| one["principal"]["group"].as_str().map(str::to_owned)),
    }
}

fn expected(line: &Value) -> State {
    let groups = |value: &Value| -> Groups {
        let all = value.as_object().unwrap().iter();
        let some = all.map(|(name, list)| {
            let mut names: Vec<String> =
                list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect();
            names.sort();
            (name.clone(), names)
        });
        some.filter(|(_, names)| !names.is_empty()).collect()
    };
    State { groups: groups(&line["groups"]), access: groups(&line["access"]) }
}

async fn ledger_for(lines: &[String]) -> (Ledger, TenantHandle) {
    let ledger = Ledger::open(Options::memory()).await.unwrap();
    let cloud_id = CloudId::new("teamimis").unwrap();
    let mut request = TenantRequest::new(cloud_id.clone());
    request.at = Some(grantbook_ledger::first_instant(&lines[0]).unwrap());
    ledger.create_tenant(&OperatorName::new("ops").unwrap(), request).await.unwrap();
    let tenant = ledger.tenant_named(&cloud_id).unwrap();
    (ledger, tenant)
}

fn order() -> ImportOrder {
    ImportOrder {
        operator: OperatorName::new("ops").unwrap(),
        ticket: Ticket::new("T-1").unwrap(),
        origin: Origin::default(),
    }
}

fn lines(file: &Path) -> Option<Vec<String>> {
    Some(std::fs::read_to_string(file).ok()?.lines().map(str::to_owned).collect())
}

/// Where the real history lies: beside the project, or where `GRANTBOOK_TEAM_HISTORY` says.
fn team_history() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/team-history");
    std::env::var_os("GRANTBOOK_TEAM_HISTORY").map_or(beside, PathBuf::from)
}

// rule: U6
#[tokio::test(flavor = "multi_thread")]
async fn a_real_organisation_is_as_it_truly_was_at_every_known_instant() {
    let dir = team_history();
    let (Some(history), Some(truth)) = (lines(&dir.join("history.jsonl")), lines(&dir.join("as-of.jsonl"))) else {
        eprintln!("SKIPPED: no real history at {}: set GRANTBOOK_TEAM_HISTORY to try it", dir.display());
        return;
    };
    let (_ledger, tenant) = ledger_for(&history).await;
    let imported = tenant.import(&order(), &history, &mut |_| {}).await.unwrap();
    assert_eq!((imported.skipped, imported.recorded), (0, history.len() as u64));
    let mut equal = 0;
    for line in &truth {
        let line: Value = serde_json::from_str(line).unwrap();
        let at = line["at"].as_str().unwrap();
        assert_eq!(state(&tenant, at).await, expected(&line), "as of {at}");
        equal += 1;
    }
    eprintln!("{equal} of {} instants equal", truth.len());
    assert_eq!(equal, truth.len());
    let again = tenant.import(&order(), &history, &mut |_| {}).await.unwrap();
    assert_eq!((again.skipped, again.recorded), (history.len() as u64, 0));
    assert_eq!(again.last, imported.last, "a second run changes nothing");
}

/// A small organisation's history: who made the change, the change, and nothing else.
fn slice() -> Vec<String> {
    let line = |at: &str, by: &str, command: Value| {
        json!({"at": at, "by": by, "source": "minutes", "command": command}).to_string()
    };
    vec![
        line("2019-01-07T09:00:00Z", "mo", json!({"name": "add_contact", "account": "mo", "full_name": "Mo R."})),
        line("2019-01-07T09:00:00Z", "mo", json!({"name": "add_contact", "account": "lin", "full_name": "Lin K."})),
        line("2019-01-07T09:00:00Z", "mo", json!({"name": "create_group", "group": "board", "description": ""})),
        line("2019-01-07T09:00:00Z", "mo", json!({"name": "add_group_member", "group": "board", "account": "mo"})),
        line(
            "2019-03-01T18:30:00Z",
            "mo",
            json!({"name": "create_object", "object": "/minutes/2019", "kind": "folder"}),
        ),
        line(
            "2019-03-01T18:30:00Z",
            "mo",
            json!({"name": "grant_access", "object": "/minutes/2019", "principal": {"group": "board"}, "rights": ["full_control"]}),
        ),
        line(
            "2020-06-15T12:00:00Z",
            "elsewhere",
            json!({"name": "add_group_member", "group": "board", "account": "lin"}),
        ),
        line(
            "2020-06-15T12:00:00Z",
            "elsewhere",
            json!({"name": "remove_group_member", "group": "board", "account": "mo"}),
        ),
        line(
            "2021-02-02T08:00:00Z",
            "lin",
            json!({"name": "revoke_access", "object": "/minutes/2019", "principal": {"group": "board"}, "rights": ["full_control"]}),
        ),
    ]
}

fn of(groups: &[(&str, &[&str])]) -> Groups {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    groups.iter().map(|(group, names)| ((*group).to_owned(), own(names))).collect()
}

// rule: U6
#[tokio::test(flavor = "multi_thread")]
async fn a_small_history_is_as_it_was_at_each_of_its_instants() {
    let history = slice();
    let (_ledger, tenant) = ledger_for(&history).await;
    tenant.import(&order(), &history, &mut |_| {}).await.unwrap();
    type Named<'a> = &'a [(&'a str, &'a [&'a str])];
    let cases: [(&str, Named<'_>, Named<'_>); 5] = [
        ("2019-01-07T08:59:59Z", &[], &[]),
        ("2019-01-07T09:00:00Z", &[("board", &["mo"])], &[]),
        ("2020-06-15T11:59:59Z", &[("board", &["mo"])], &[("/minutes/2019", &["board"])]),
        ("2020-06-15T12:00:00Z", &[("board", &["lin"])], &[("/minutes/2019", &["board"])]),
        ("2021-02-02T08:00:00Z", &[("board", &["lin"])], &[]),
    ];
    for (at, groups, access) in cases {
        assert_eq!(state(&tenant, at).await, State { groups: of(groups), access: of(access) }, "as of {at}");
    }
}

// rules: U6, X2
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_stops_the_import_there_and_the_mended_file_goes_on() {
    let mut history = slice();
    let good = history[7].clone();
    history[7] = good.replace("\"account\":\"mo\"", "\"account\":\"nobody\"");
    let (_ledger, tenant) = ledger_for(&history).await;
    let stopped = tenant.import(&order(), &history, &mut |_| {}).await.unwrap_err();
    let ImportError::Line { line, message, .. } = stopped else { panic!("{stopped}") };
    assert_eq!((line, message.as_str()), (8, "there is no account `nobody`"));
    let whole = State { groups: of(&[("board", &["lin", "mo"])]), access: of(&[("/minutes/2019", &["board"])]) };
    assert_eq!(state(&tenant, "2030-01-01T00:00:00Z").await, whole, "nothing of the bad line, nothing after it");
    history[7] = good;
    let mended = tenant.import(&order(), &history, &mut |_| {}).await.unwrap();
    assert_eq!((mended.skipped, mended.recorded), (7, 2));
    let shorter = tenant.import(&order(), &history[..5], &mut |_| {}).await.unwrap();
    assert_eq!((shorter.skipped, shorter.recorded, shorter.last), (5, 0, mended.last), "nothing new");
    let mut longer = history.clone();
    longer.push(slice()[4].replace("/minutes/2019", "/minutes/2021").replace("2019-03-01", "2021-03-01"));
    let further = tenant.import(&order(), &longer, &mut |_| {}).await.unwrap();
    assert_eq!((further.skipped, further.recorded), (9, 1), "a longer file goes on where the shorter ended");
}

// rule: U6
#[tokio::test(flavor = "multi_thread")]
async fn history_before_the_books_last_entry_is_not_imported() {
    let history = slice();
    let (_ledger, tenant) = ledger_for(&history[6..]).await;
    let refused = tenant.import(&order(), &history, &mut |_| {}).await.unwrap_err();
    let ImportError::Ledger(LedgerError::Malformed { field, .. }) = &refused else { panic!("{refused}") };
    assert_eq!(field, "at");
}
