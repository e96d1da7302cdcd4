//! Somebody is erased: what of them is left anywhere, on disk and in answers, and that a crash in between changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use grantbook_events::{
    Client, CloudId, ContactEvent, Entry, Event, Instant, OperatorName, Position, ReadScope, Sealed, SignInPlane,
    Source,
};
use grantbook_inquiries::{Places, Shown, fingerprint, view};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::passwords::HashingCost;
use crate::sealing::{self, ContactKey, Place};
use crate::{
    Caller, Clock, Credentials, Ledger, LedgerError, Options, Origin, Point, SignedIn, TenantHandle, TenantRequest,
    Terms,
};

const NAME: &str = "Otto Ausgelöscht";
const EMAIL: &str = "otto.ausgeloescht@example.org";
const FORMER: &str = "otto.before@example.net";
const CITY: &str = "Kleinkleckersdorf";

fn options(dir: &Path, clock: &Clock) -> Options {
    Options { hashing: HashingCost::minimum(), clock: clock.clone(), ..Options::directory(dir.join("data")) }
}

fn clock() -> Clock {
    Clock::standing_at(Instant::parse("2026-11-21T09:00:00Z").unwrap())
}

fn cloud_id() -> CloudId {
    CloudId::new("abcimis").unwrap()
}

fn operator() -> OperatorName {
    OperatorName::new("ops").unwrap()
}

async fn sign_in(ledger: &Ledger, username: &str, password: &str) -> Result<Caller, LedgerError> {
    let (username, password) = (username.to_owned(), Zeroizing::new(password.to_owned()));
    let (plane, client) = (SignInPlane::Platform, Client::Browser);
    let who = Credentials { username, password, plane, client, code: None, browser: String::new() };
    let tenant = ledger.tenant_named(&cloud_id()).unwrap();
    let origin = Origin { address: "198.51.100.77".to_owned(), user_agent: "Kleckerbrowser".to_owned() };
    match tenant.sign_in(&who, &origin).await? {
        SignedIn::Session { token, .. } => Ok(ledger.caller(token.reveal()).unwrap()),
        SignedIn::MustChange { .. } => panic!("a change is pending"),
    }
}

async fn give(tenant: &TenantHandle, caller: &Caller, command: Value) -> Position {
    give_with(tenant, caller, command, None).await.unwrap()
}

async fn give_with(
    tenant: &TenantHandle,
    caller: &Caller,
    command: Value,
    key: Option<[u8; 16]>,
) -> Result<Position, LedgerError> {
    let terms = Terms { key, ..Terms::default() };
    tenant.command(caller, &command, &terms).await.map(|done| done.position.unwrap())
}

/// A tenant in which Otto signed in, changed his email and was mailed to.
async fn with_otto(dir: &Path, clock: &Clock) -> (Ledger, TenantHandle, Caller) {
    let ledger = Ledger::open(options(dir, clock)).await.unwrap();
    let created = ledger.create_tenant(&operator(), TenantRequest::new(cloud_id())).await.unwrap();
    let tenant = ledger.tenant_named(&cloud_id()).unwrap();
    let manager = sign_in(&ledger, "MANAGER", &created.manager_password).await.unwrap();
    let otto = json!({"name": "add_contact", "account": "p77", "full_name": NAME, "email": FORMER, "city": CITY,
        "phone": "+49 555 7777"});
    give_with(&tenant, &manager, otto, Some([7; 16])).await.unwrap();
    give(&tenant, &manager, json!({"commands": [
        {"name": "create_credentials", "account": "p77", "username": "ox77", "password": "Start-7-word", "user_class": "full"},
        {"name": "assign_role", "account": "p77", "role": "RemoteService"},
        {"name": "add_contact", "account": "p78", "full_name": "Nora N.", "email": "nora@example.org"},
    ]})).await;
    tenant.change_password("ox77", "Start-7-word", "Own-7-word", &Origin::default()).await.unwrap();
    sign_in(&ledger, "ox77", "Own-7-word").await.unwrap();
    give(&tenant, &manager, json!({"name": "set_credential_email", "account": "p77", "email": EMAIL})).await;
    give(&tenant, &manager, json!({"name": "update_contact", "account": "p77", "email": EMAIL})).await;
    mail_everything(&ledger).await;
    (ledger, tenant, manager)
}

/// Hands over what is owed, as if what changed had been gathered for long enough.
async fn mail_everything(ledger: &Ledger) {
    let clock = ledger.clock();
    clock.set(Instant::from_microseconds(clock.now().microseconds() + 60_000_000));
    ledger.settle_mail().await;
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut waiting) = (BTreeMap::new(), vec![dir.to_owned()]);
    while let Some(next) = waiting.pop() {
        for file in fs::read_dir(&next).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let path = file.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { _ = fs::copy(&path, &target).unwrap() }
    }
}

fn contains(file: &[u8], text: &[u8]) -> bool {
    file.windows(text.len()).any(|window| window == text)
}

/// The files that hold any of these.
fn holding(dir: &Path, wanted: &[&[u8]]) -> Vec<PathBuf> {
    let found = files(dir).into_iter();
    found.filter(|(_, file)| wanted.iter().any(|text| contains(file, text))).map(|(path, _)| path).collect()
}

/// Otto's sealed values as the journal has them, each with its field.
fn sealed_values(tenant: &TenantHandle) -> Vec<(&'static str, Sealed)> {
    let mut found = Vec::new();
    for entry in tenant.entries(Position(1)) {
        let Entry { source, events, actor, .. } = entry.unwrap().1;
        if let (Source::Sealed(sealed), true) = (&source, format!("{actor:?}").contains("p77")) {
            found.push(("source", sealed.clone()));
        }
        for recorded in events {
            if let Event::Contact(ContactEvent::ContactAdded { account, details, .. }) = recorded.event
                && account.as_str() == "p77"
                && let grantbook_events::Change::Set(name) = details.full_name
            {
                found.push(("full_name", name));
            }
        }
    }
    found
}

/// How many windows of 32 bytes of any file open one of the values. A key has many different bytes; what has few is passed
/// over, to save time.
fn windows_that_open(dir: &Path, values: &[(&'static str, Sealed)]) -> usize {
    let mut tried = BTreeSet::new();
    let mut opening = 0;
    for file in files(dir).into_values() {
        for window in file.windows(32) {
            let different = window.iter().collect::<BTreeSet<_>>().len();
            if different < 20 || !tried.insert(window.to_vec()) {
                continue;
            }
            let mut secret = Zeroizing::new([0; 32]);
            secret.copy_from_slice(window);
            let key = ContactKey::new(1, secret);
            let opens = |(field, sealed): &(&'static str, Sealed)| {
                let place = Place { tenant: "abcimis", account: "p77", field };
                sealing::open(&key, place, &sealed.bytes[1..]).is_some()
            };
            opening += usize::from(values.iter().take(1).any(opens));
        }
    }
    assert!(tried.len() > 1_000, "{} windows were tried", tried.len());
    opening
}

/// Every right that anybody held at any position, and the fingerprint there.
async fn history(tenant: &TenantHandle, last: Position) -> Vec<(Value, [u8; 32])> {
    let mut found = Vec::new();
    for position in (1..=last.0).map(Position) {
        let at = tenant.ask(Point::At(position), |views, as_of| {
            let shown =
                Shown { views, as_of, open: &|_, _, _| None, entry: &|_| None, places: Places::REAL, eyes: None };
            let rights = ["roles", "groups", "admins", "app-users", "levels", "accounts", "sessions"];
            let rights: Vec<Value> = rights.iter().map(|name| view(name, &shown).unwrap()).collect();
            (Value::from(rights), fingerprint(views, position))
        });
        found.push(at.await.unwrap());
    }
    found
}

// rule: U5
#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::await_holding_lock, reason = "the committer waits for it, in a thread of its own")]
async fn nobody_reads_of_an_erasure_before_it_is_done() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (ledger, tenant, manager) = with_otto(dir.path(), &clock).await;
    let (before, (_, name)) =
        (tenant.last(), sealed_values(&tenant).into_iter().find(|of| of.0 == "full_name").unwrap());
    assert_eq!(tenant.open(&name).as_deref(), Some(NAME));
    let vault = tenant.hold_vault();
    let erasing = tokio::spawn({
        let (tenant, manager) = (tenant.clone(), manager.clone());
        async move { give(&tenant, &manager, json!({"name": "erase_contact", "account": "p77", "ticket": "T-7"})).await }
    });
    // The entry is durable by now, and the destroying has come to the vault.
    while tenant.open(&name).is_some() {
        tokio::task::yield_now().await;
    }
    assert_eq!(tenant.last(), before, "whoever reads that he is erased could search the vault");
    drop(vault);
    assert_eq!(erasing.await.unwrap(), before.next());
    drop(tenant);
    ledger.close().await.unwrap();
}

// rule: U3
#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::await_holding_lock, reason = "the committer waits for it, in a thread of its own")]
async fn nothing_is_read_before_its_reading_is_durable_whoever_recorded_it() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (ledger, tenant, manager) = with_otto(dir.path(), &clock).await;
    let before = tenant.last();
    let vault = tenant.hold_vault();
    // Nothing is committed before what this one keeps in the vault.
    let adding = tokio::spawn({
        let (tenant, manager) = (tenant.clone(), manager.clone());
        async move { give(&tenant, &manager, json!({"name": "add_contact", "account": "p79", "full_name": "N."})).await }
    });
    let first = tokio::spawn({
        let (tenant, manager) = (tenant.clone(), manager.clone());
        async move { tenant.note_read(&manager, ReadScope::Events).await.unwrap() }
    });
    while tenant.open.tenant.views.read().timeline.last() < Position(before.0 + 2) {
        tokio::task::yield_now().await;
    }
    let mut second = Box::pin(tenant.note_read(&manager, ReadScope::Events));
    let looked = std::future::poll_fn(|context| std::task::Poll::Ready(second.as_mut().poll(context)));
    assert!(looked.await.is_pending() && !first.is_finished(), "the reading is recorded, and could be lost");
    drop(vault);
    adding.await.unwrap();
    first.await.unwrap();
    second.as_mut().await.unwrap();
    assert_eq!(tenant.last(), Position(before.0 + 2));
    drop(second);
    drop(tenant);
    ledger.close().await.unwrap();
}

// rules: U5, C15, C14
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_somebody_erased_and_nothing_else_changes() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (ledger, tenant, manager) = with_otto(dir.path(), &clock).await;
    let before = tenant.last();
    let (sealed, then, root) = (sealed_values(&tenant), history(&tenant, before).await, tenant.open.tenant.root());
    let key = tenant.open.tenant.keys.current_secret("p77");
    let wanted: [&[u8]; 5] = [NAME.as_bytes(), EMAIL.as_bytes(), FORMER.as_bytes(), CITY.as_bytes(), &key[..]];
    assert_eq!(
        holding(dir.path(), &wanted[..1]),
        Vec::<PathBuf>::new(),
        "a name is sealed from the first byte written"
    );
    assert!(holding(dir.path(), &wanted).len() >= 3, "two mails and the vault: {:?}", holding(dir.path(), &wanted));
    assert_eq!(windows_that_open(dir.path(), &sealed), 1, "the one copy in the vault");

    let erase = json!({"name": "erase_contact", "account": "p77", "ticket": "T-7", "reason": "asked for it"});
    let erased = give(&tenant, &manager, erase.clone()).await;

    // The answer has come: now everything is searched, while the ledger is open and after it closed and opened again.
    assert_eq!(holding(dir.path(), &wanted), Vec::<PathBuf>::new());
    assert_eq!(windows_that_open(dir.path(), &sealed), 0);
    let look = async |ledger: &Ledger| {
        let tenant = ledger.tenant_named(&cloud_id()).unwrap();
        assert!(sealed.iter().all(|(_, value)| tenant.open(value).is_none()));
        assert_eq!(history(&tenant, before).await, then);
        let shown: Vec<String> = (1..=tenant.last().0)
            .map(|at| tenant.show(Some(Position(at)), &tenant.entry(Position(at)).unwrap()).to_string())
            .collect();
        for text in [NAME, EMAIL, FORMER, CITY, "198.51.100.77"] {
            // MANAGER came from the same address.
            let others = shown.iter().filter(|entry| entry.contains(text) && !entry.contains("\"MANAGER\"")).count();
            assert!(others == 0 || text == "198.51.100.77", "{text} is shown");
        }
        let added = shown.iter().find(|entry| entry.contains("contact_added") && entry.contains("p77")).unwrap();
        assert!(added.contains("\"erased\":[\"full_name\",\"email\",\"city\",\"phone\"]"), "{added}");
        assert!(shown.iter().any(|entry| entry.contains("Nora N.")), "nobody else is erased");
        assert!(matches!(sign_in(ledger, "ox77", "Own-7-word").await, Err(LedgerError::Refused(_))));
    };
    look(&ledger).await;
    let as_of = tenant.ask(Point::At(before), |_, as_of| as_of.position).await.unwrap();
    assert_eq!((as_of, erased > before, root.0), (before, true, before));

    // What is said again under its key is told again, though nothing is left to compare his name with.
    let again = json!({"name": "add_contact", "account": "p77", "full_name": "Another", "email": FORMER, "city": CITY,
        "phone": "+49 555 7777"});
    assert!(give_with(&tenant, &manager, again.clone(), Some([7; 16])).await.is_ok());
    assert!(matches!(give_with(&tenant, &manager, again, Some([8; 16])).await, Err(LedgerError::Refused(_))));
    mail_everything(&ledger).await;
    drop(tenant);
    ledger.close().await.unwrap();
    assert_eq!(holding(dir.path(), &wanted), Vec::<PathBuf>::new());
    let ledger = Ledger::open(options(dir.path(), &clock)).await.unwrap();
    look(&ledger).await;
    ledger.close().await.unwrap();
}

// rules: U5, P8
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_the_entry_ends_erased() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (ledger, tenant, manager) = with_otto(dir.path(), &clock).await;
    let sealed = sealed_values(&tenant);
    let key = tenant.open.tenant.keys.current_secret("p77");
    // The vault and the outbox as they were before: what a kill leaves that comes right after the entry is durable.
    let (data, kept) = (dir.path().join("data"), dir.path().join("kept"));
    copy(&data, &kept);
    give(&tenant, &manager, json!({"name": "erase_contact", "account": "p77", "ticket": "T-7"})).await;
    drop(tenant);
    ledger.close().await.unwrap();
    fs::copy(kept.join("vault.db"), data.join("vault.db")).unwrap();
    copy(&kept.join("outbox"), &data.join("outbox"));
    fs::remove_dir_all(&kept).unwrap();
    let wanted: [&[u8]; 3] = [EMAIL.as_bytes(), FORMER.as_bytes(), &key[..]];
    assert!(holding(dir.path(), &wanted).len() >= 3);
    let ledger = Ledger::open(options(dir.path(), &clock)).await.unwrap();
    assert_eq!(holding(dir.path(), &wanted), Vec::<PathBuf>::new());
    let tenant = ledger.tenant_named(&cloud_id()).unwrap();
    assert!(sealed.iter().all(|(_, value)| tenant.open(value).is_none()));
    drop(tenant);
    ledger.close().await.unwrap();
}
