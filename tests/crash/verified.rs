//! `verify` itself: what is whole passes, and what is wrong is told with its place.

use grantbook::verify::{EXIT_FINE, EXIT_PROBLEMS, EXIT_REFUSED, refused, verify};
use grantbook_ledger::Ledger;
use serde_json::json;

use crate::support::{OWN_PASSWORD, give, open, options, sign_in, staff, tenant};

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_ledger_passes_and_says_what_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).await;
    let (tenant, manager) = tenant(&ledger, "abcimis").await;
    staff(&tenant, &manager, &["bob".to_owned(), "jeff".to_owned()], |_| true).await;
    sign_in(&tenant, "bob", OWN_PASSWORD, grantbook_ledger::events::SignInPlane::Dashboard).await.unwrap();
    let mut seen = Vec::new();
    let verified = verify(&ledger, &mut |done, total| seen.push((done, total)));
    assert_eq!(verified.problems, []);
    assert_eq!(verified.exit(), EXIT_FINE);
    let last = tenant.last().0;
    let of: Vec<_> = verified.checked.iter().map(|one| (one.tenant.as_str(), one.entries)).collect();
    assert_eq!(of, [("_installation", 1), ("abcimis", last)]);
    assert!(verified.checked[1].compared.contains(&last) && verified.checked[1].compared.len() > 2);
    assert_eq!(seen.last(), Some(&(last + 1, last + 1)));
    assert_eq!(verified.json()["ok"], true);
    drop(tenant);
    ledger.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_the_vault_lost_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).await;
    let (tenant, manager) = tenant(&ledger, "abcimis").await;
    give(&tenant, &manager, json!({"name": "add_contact", "account": "bob", "full_name": "Bob S."})).await;
    drop(tenant);
    ledger.close().await.unwrap();
    // An older vault under a newer journal: it lacks what the newest entries name.
    let older = std::fs::read(dir.path().join("vault.db")).unwrap();
    let ledger = open(dir.path()).await;
    let tenant = ledger.tenant_named(&crate::support::cloud_id("abcimis")).unwrap();
    give(
        &tenant,
        &manager,
        json!({"name": "create_credentials", "account": "bob", "username": "bob",
        "password": "first password 1", "user_class": "full"}),
    )
    .await;
    give(&tenant, &manager, json!({"name": "add_contact", "account": "jeff", "full_name": "Jeff T."})).await;
    let last = tenant.last().0;
    drop(tenant);
    ledger.close().await.unwrap();
    std::fs::write(dir.path().join("vault.db"), older).unwrap();
    let ledger = open(dir.path()).await;
    let verified = verify(&ledger, &mut |_, _| {});
    let problems: Vec<_> =
        verified.problems.iter().map(|one| (one.tenant.as_deref(), one.position, one.what)).collect();
    assert_eq!(problems, [(Some("abcimis"), Some(last - 1), "vault"), (Some("abcimis"), Some(last), "vault")]);
    assert_eq!(verified.exit(), EXIT_PROBLEMS);
    let mut told = Vec::new();
    verified.write_to(&mut told).unwrap();
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains(&format!("WRONG in `abcimis`, position {last}: vault: expected contact key")), "{told}");
    ledger.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_open_elsewhere_is_refused_with_its_holder() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).await;
    let error = Ledger::open(options(dir.path())).await.err().unwrap();
    let verified = refused(&error);
    assert_eq!(verified.exit(), EXIT_REFUSED);
    assert_eq!(verified.problems[0].what, "lock");
    assert_eq!(verified.problems[0].file.as_deref(), Some("journal/lock"));
    ledger.close().await.unwrap();
}
