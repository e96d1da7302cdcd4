//! A file beside the journal is lost, or an old one is put back; the clock goes backwards; two want the same directory. What
//! comes of each is written down in `docs/failure-modes.md`.

use std::fs;
use std::path::Path;

use grantbook::verify::verify;
use grantbook_ledger::events::{Instant, Position, SignInPlane};
use grantbook_ledger::{Clock, Ledger, Options, Point};
use serde_json::json;

use crate::support::{FIRST_PASSWORD, OWN_PASSWORD, cloud_id, copy_dir, give, open, options, sign_in, staff, tenant};

/// A closed ledger with Bob, and a copy of its directory as it was before Bob chose a new password.
async fn with_copy(place: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let (dir, old) = (place.join("data"), place.join("old"));
    let ledger = open(&dir).await;
    let (handle, manager) = tenant(&ledger, "abcimis").await;
    staff(&handle, &manager, &["bob".to_owned()], |_| true).await;
    drop(handle);
    ledger.close().await.unwrap();
    copy_dir(&dir, &old);
    let ledger = open(&dir).await;
    let handle = ledger.tenant_named(&cloud_id("abcimis")).unwrap();
    let origin = grantbook_ledger::Origin::default();
    handle.change_password("bob", OWN_PASSWORD, "new password 3", &origin).await.unwrap();
    give(&handle, &manager, json!({"name": "add_contact", "account": "late", "full_name": "Late L."})).await;
    drop(handle);
    ledger.close().await.unwrap();
    (dir, old)
}

async fn refusal(dir: &Path) -> String {
    Ledger::open(options(dir)).await.err().expect("it is refused").to_string()
}

// rules: C14, U5
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_vault_is_never_taken_for_an_empty_one() {
    let place = tempfile::tempdir().unwrap();
    let (dir, _) = with_copy(place.path()).await;
    fs::remove_file(dir.join("vault.db")).unwrap();
    let told = refusal(&dir).await;
    assert!(told.contains("there is no vault"), "{told}");
    assert!(!dir.join("vault.db").exists(), "none is made in its place");
    fs::write(dir.join("vault.db"), b"").unwrap();
    fs::set_permissions(dir.join("vault.db"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let told = refusal(&dir).await;
    assert!(told.contains("no vault"), "{told}");
}

// rules: C14
#[tokio::test(flavor = "multi_thread")]
async fn an_old_vault_opens_no_password_but_the_one_that_the_journal_names() {
    let place = tempfile::tempdir().unwrap();
    let (dir, old) = with_copy(place.path()).await;
    fs::copy(old.join("vault.db"), dir.join("vault.db")).unwrap();
    let ledger = open(&dir).await;
    let handle = ledger.tenant_named(&cloud_id("abcimis")).unwrap();
    for password in [FIRST_PASSWORD, OWN_PASSWORD, "new password 3"] {
        assert!(sign_in(&handle, "bob", password, SignInPlane::Platform).await.is_err(), "{password}");
    }
    // What was lost is told by `verify`, name by name.
    let problems = verify(&ledger, &mut |_, _| {}).problems;
    let told = format!("{problems:?}");
    assert!(told.contains("`bob`") && told.contains("`late`"), "{told}");
    drop(handle);
    ledger.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_head_an_old_seal_and_an_old_store_are_noticed() {
    let place = tempfile::tempdir().unwrap();
    let (dir, old) = with_copy(place.path()).await;
    for file in ["head", "seal"] {
        let there = place.path().join(file);
        copy_dir(&dir, &there);
        fs::copy(old.join("journal").join(file), there.join("journal").join(file)).unwrap();
        let told = refusal(&there).await;
        assert!(told.contains(file) || told.contains("differ") || told.contains("expected"), "{file}: {told}");
    }
    let there = place.path().join("store");
    copy_dir(&dir, &there);
    fs::remove_dir_all(there.join("journal").join("sled")).unwrap();
    copy_dir(&old.join("journal").join("sled"), &there.join("journal").join("sled"));
    let told = refusal(&there).await;
    assert!(told.contains("sled/db"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_spares_work_may_be_lost() {
    let place = tempfile::tempdir().unwrap();
    let (dir, _) = with_copy(place.path()).await;
    fs::remove_dir_all(dir.join("outbox")).unwrap();
    fs::remove_file(dir.join("vault.lock")).unwrap();
    fs::remove_file(dir.join("journal").join("lock")).unwrap();
    let ledger = open(&dir).await;
    assert_eq!(verify(&ledger, &mut |_, _| {}).problems, []);
    ledger.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_opens_a_directory_and_the_second_is_told() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("data");
    let ledger = open(&dir).await;
    let told = refusal(&dir).await;
    assert!(told.contains("open") && told.contains(&std::process::id().to_string()), "{told}");
    ledger.close().await.unwrap();
    open(&dir).await.close().await.unwrap();
}

// rules: U5, C6
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_backwards_does_not_turn_history_round() {
    let place = tempfile::tempdir().unwrap();
    let at = |text: &str| Instant::parse(text).unwrap();
    let clock = Clock::standing_at(at("2026-11-21T09:00:00Z"));
    let with_clock = Options { clock: clock.clone(), ..options(&place.path().join("data")) };
    let ledger = Ledger::open(with_clock.clone()).await.unwrap();
    let (handle, manager) = tenant(&ledger, "abcimis").await;
    let add = |number: u32| json!({"name": "add_contact", "account": format!("c{number}"), "full_name": "Somebody"});
    give(&handle, &manager, add(1)).await;
    let before = handle.ask(Point::Now, |views, now| (views.timeline.last_at(), now.clock)).await.unwrap();
    // An hour back, while it runs; then again over a restart.
    clock.set(at("2026-11-21T08:00:00Z"));
    give(&handle, &manager, add(2)).await;
    let now = handle.ask(Point::Now, |_, now| now.clock).await.unwrap();
    assert!(now >= before.0, "the clock of an answer is never before the book's last entry");
    drop(handle);
    ledger.close().await.unwrap();
    clock.set(at("2020-01-01T00:00:00Z"));
    let ledger = Ledger::open(with_clock).await.unwrap();
    let handle = ledger.tenant_named(&cloud_id("abcimis")).unwrap();
    give(&handle, &manager, add(3)).await;
    let times = handle.ask(Point::Now, |views, _| {
        (1..=views.timeline.last().0).map(|position| views.timeline.at(Position(position))).collect::<Vec<_>>()
    });
    let times = times.await.unwrap();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    assert_eq!(verify(&ledger, &mut |_, _| {}).problems, []);
    drop(handle);
    ledger.close().await.unwrap();
}
