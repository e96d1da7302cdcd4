//! Tenants side by side: nothing of one is readable or usable in another (rule: T5).

use grantbook_ledger::events::{Position, ReadScope, SignInPlane};
use grantbook_ledger::{Ledger, LedgerError, Origin, Terms};
use serde_json::json;

use crate::installation::{House, OWN, credentials, holds, options};

// rules: T1, T5, F2
#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_with_the_same_people_know_nothing_of_each_other() {
    let ledger = Ledger::open(options()).await.unwrap();
    let mut one = House::founded(&ledger, "oneimis").await;
    let mut two = House::founded(&ledger, "twoimis").await;
    one.furnish().await;
    two.furnish().await;
    assert_eq!(one.callers["sue"], one.callers["sue"].clone());
    assert_eq!(one.tenant.last(), two.tenant.last(), "position by position alike");
    let (before, views) = (two.bytes(), two.views().await);
    let mark = two.tenant.last();

    // Whatever somebody of the one has, it opens nothing in the other, though ids and positions are the same.
    for who in ["sue", "bob", "manager", "ann"] {
        let foreign = &one.callers[who];
        let create = json!({"name": "create_group", "group": "mine"});
        let terms = Terms { key: Some([9; 16]), ..Terms::default() };
        let refused = two.tenant.command(foreign, &create, &terms).await.unwrap_err();
        assert!(matches!(refused, LedgerError::NotSignedIn), "{who}: {refused}");
        let change = json!({"name": "change_own_password", "old": OWN, "new": "Other-7-word"});
        assert!(matches!(two.tenant.command(foreign, &change, &terms).await, Err(LedgerError::NotSignedIn)), "{who}");
        assert!(matches!(two.tenant.admits(foreign).await, Err(LedgerError::NotSignedIn)), "{who}");
        assert!(
            matches!(two.tenant.note_read(foreign, ReadScope::ALL[0]).await, Err(LedgerError::NotSignedIn)),
            "{who}"
        );
        assert!(matches!(two.tenant.outcome(foreign, [9; 16]), Err(LedgerError::NotSignedIn) | Ok(None)), "{who}");
    }
    assert_eq!((two.tenant.last(), two.bytes(), two.views().await), (mark, before.clone(), views.clone()));

    // What happens in the one changes nothing in the other.
    one.done("sue", json!({"name": "set_password", "account": "ann", "password": "Other-7-word"})).await;
    one.done("sue", json!({"name": "disable_account", "account": "pat"})).await;
    one.done("bob", json!({"name": "add_admin", "account": "ann"})).await;
    one.done("sue", json!({"name": "create_object", "object": "/only-here", "kind": "folder"})).await;
    one.done("sue", json!({"name": "set_setting", "setting": "lockout_attempts", "value": 1})).await;
    let key = Terms { key: Some([7; 16]), ..Terms::default() };
    one.give("sue", json!({"name": "create_group", "group": "theirs"}), &key).await.unwrap();
    assert_eq!(two.tenant.outcome(&two.callers["sue"], [7; 16]).unwrap(), None);
    assert_eq!((two.tenant.last(), two.bytes(), two.views().await), (mark, before, views));
    assert!(two.give("sue", json!({"name": "create_role", "role": "R", "description": ""}), &key).await.is_ok());
    assert!(two.enter("ann", "ann", OWN, SignInPlane::Platform).await.is_ok(), "ann's password here is her own");
    let there = one.tenant.sign_in(&credentials("ann", OWN, SignInPlane::Platform), &Origin::default()).await;
    assert!(there.is_err());
    for text in ["only-here", "theirs", "oneimis"] {
        assert!(!holds(&two.bytes(), text), "{text}");
    }

    // What is sealed in the one does not open in the other.
    let name = |house: &House| {
        let views = house.tenant.entries(Position(1)).map(|read| read.unwrap().1);
        let mut folded = grantbook_projections::Views::default();
        views.for_each(|entry| folded.apply(&entry));
        let ann = folded.names.accounts.get("ann").unwrap();
        folded.accounts.full_name(ann, house.tenant.last()).unwrap().clone()
    };
    assert_eq!(one.tenant.open(&name(&one)).as_deref(), Some("Nomen ann Nescio"));
    assert_eq!(two.tenant.open(&name(&one)), None);
    assert_ne!(name(&one).bytes, name(&two).bytes);

    // A Cloud ID is given once.
    let request = grantbook_ledger::TenantRequest::new(one.tenant.cloud_id().clone());
    let again = ledger.create_tenant(&crate::installation::operator(), request).await;
    assert!(matches!(again, Err(LedgerError::CloudIdTaken(_))));
}

// rules: F8, F14
#[tokio::test(flavor = "multi_thread")]
async fn no_tenant_begins_that_waits_for_manager_to_be_its_first_admin() {
    use grantbook_events::{AccountId, CloudId, Edition};
    let ledger = Ledger::open(options()).await.unwrap();
    let request = |edition| grantbook_ledger::TenantRequest {
        edition,
        first_admin: Some(AccountId::manager()),
        ..grantbook_ledger::TenantRequest::new(CloudId::new("waitimis").unwrap())
    };
    let operator = crate::installation::operator();
    let refused = ledger.create_tenant(&operator, request(Edition::Cloud)).await;
    assert!(matches!(refused, Err(LedgerError::Refused(refusal)) if refusal.rule == Some("F8")));
    // In edition 2017 it is one from the start (rule: F7), and the Cloud ID is still free.
    ledger.create_tenant(&operator, request(Edition::Edition2017)).await.unwrap();
}

// rules: F1, F2
#[tokio::test(flavor = "multi_thread")]
async fn of_many_racing_first_sign_ins_one_makes_an_admin_in_each_tenant() {
    let ledger = Ledger::open(options()).await.unwrap();
    for tenant in ["aimis", "bimis", "cimis"].map(|id| format!("{id}x")) {
        let house = House::founded(&ledger, &tenant).await;
        for number in 0..8 {
            let id = format!("s{number}");
            house.hire(&id, "full").await;
            house.done("manager", json!({"name": "assign_role", "account": id, "role": "RemoteService"})).await;
        }
        let mut tasks = Vec::new();
        for number in 0..24 {
            let handle = house.tenant.clone();
            tasks.push(tokio::spawn(async move {
                let who = credentials(&format!("s{}", number % 8), OWN, SignInPlane::Dashboard);
                match handle.sign_in(&who, &Origin::default()).await.unwrap() {
                    grantbook_ledger::SignedIn::Session { done, .. } => done.became_admin,
                    grantbook_ledger::SignedIn::MustChange { .. } => panic!("nothing is to be changed"),
                }
            }));
        }
        let mut became = 0;
        for task in tasks {
            became += u32::from(task.await.unwrap());
        }
        assert_eq!(became, 1, "{tenant}");
        house.fingerprint().await;
    }
}
