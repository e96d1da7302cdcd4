//! Many sign in to a new tenant's dashboard at the same time: the first becomes its Admin User, and nobody else
//! (rules: F1, F2). Attempts that are refused use nothing up (rule: F3).

use grantbook::api::{Door, Service, router};
use grantbook::verify::verify;
use grantbook_events::OperatorName;
use grantbook_ledger::events::{AccountId, SignInPlane};
use grantbook_ledger::{Ledger, LedgerError, Point, SignedIn, TenantHandle};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::support::{OWN_PASSWORD, cloud_id, number, open, sign_in, staff, tenant};

/// Every tenth of the racers comes with a wrong password, every tenth without the role that the dashboard asks for.
fn is_wrong(number: usize) -> bool {
    number % 10 == 3
}

fn lacks_role(number: usize) -> bool {
    number % 10 == 7
}

fn people(racers: u64) -> Vec<String> {
    (0..racers).map(|number| format!("racer-{number}")).collect()
}

/// Who of the racers was told to have become the Admin User.
async fn race(tenant: TenantHandle, people: Vec<String>) -> Vec<String> {
    let mut racing = tokio::task::JoinSet::new();
    for (number, person) in people.into_iter().enumerate() {
        let tenant = tenant.clone();
        racing.spawn(async move {
            let password = if is_wrong(number) { "not the password 1" } else { OWN_PASSWORD };
            let came = sign_in(&tenant, &person, password, SignInPlane::Dashboard).await;
            match came {
                Ok(SignedIn::Session { done, .. }) => {
                    assert!(!is_wrong(number) && !lacks_role(number), "{person} does not get in");
                    done.became_admin.then_some(person)
                }
                Ok(SignedIn::MustChange { .. }) => panic!("{person} changed their password before"),
                Err(LedgerError::Refused(refusal)) => {
                    assert!(is_wrong(number) || lacks_role(number), "{person}: {refusal}");
                    None
                }
                Err(error) => panic!("{person}: {error}"),
            }
        });
    }
    racing.join_all().await.into_iter().flatten().collect()
}

/// Who is an Admin User, by the views.
async fn admins(tenant: &TenantHandle) -> Vec<AccountId> {
    let listed = tenant.ask(Point::Now, |views, as_of| {
        views.admins.ever(as_of.position).filter_map(|who| views.account_id(who)).collect()
    });
    listed.await.unwrap()
}

async fn one_admin_each(ledger: &Ledger, winners: &[(String, String)]) {
    for (name, winner) in winners {
        let tenant = ledger.tenant_named(&cloud_id(name)).unwrap();
        assert_eq!(admins(&tenant).await, [AccountId::new(winner).unwrap()], "{name}");
    }
}

/// The claim of each tenant's genesis as a file that anybody can check: one account became an Admin User by signing in first, and
/// no other.
async fn proven_each(ledger: &Ledger, winners: &[(String, String)]) {
    let operator = OperatorName::new("olga").unwrap();
    let service = Service::new(ledger.clone());
    for (name, winner) in winners {
        let key = ledger.tenant_named(&cloud_id(name)).unwrap().checkpoint_keys().unwrap().pop().unwrap().verifier_key;
        let request = axum::http::Request::post(format!("/v1/tenants/{name}/case-file"));
        let request = request.body(axum::body::Body::from(r#"{"question": "first-admin"}"#)).unwrap();
        let door = router(service.clone(), Door::Operator { operator: operator.clone() });
        let file = door.oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
        let report = grantbook_casefiles::verify(&file, &[key], &[]);
        assert!(report.holds(), "{name}: {:?}", report.checks);
        let file = report.file.unwrap();
        assert!(file.complete && file.answer["one_and_first"] == true, "{name}: {}", file.answer);
        assert_eq!(file.answer["made_admin_by_signing_in"][0]["account"], winner.as_str(), "{name}");
    }
    println!("{} tenants: the claim of one first Admin User proven by a file with all entries", winners.len());
}

// rules: F1, F2, F3
#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_many_racing_sign_ins_becomes_the_admin_and_nobody_else() {
    let (tenants, racers) = (number("GRANTBOOK_RACE_TENANTS", 10), number("GRANTBOOK_RACERS", 40));
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).await;
    let mut ready = Vec::new();
    for number in 0..tenants {
        let name = format!("race{number}");
        let (tenant, manager) = tenant(&ledger, &name).await;
        staff(&tenant, &manager, &people(racers), |number| !lacks_role(number)).await;
        assert_eq!(admins(&tenant).await, [], "nobody is an Admin User yet");
        ready.push((name, tenant));
    }
    // All tenants at once, and all racers of each.
    let mut races = tokio::task::JoinSet::new();
    for (name, tenant) in ready {
        let people = people(racers);
        races.spawn(async move { (name, race(tenant, people).await) });
    }
    let mut winners = Vec::new();
    for (name, told) in races.join_all().await {
        let [winner] = told.as_slice() else { panic!("{name}: {} were told so: {told:?}", told.len()) };
        winners.push((name, winner.clone()));
    }
    println!("{} tenants, {racers} racers each: one Admin User each", winners.len());
    one_admin_each(&ledger, &winners).await;
    ledger.close().await.unwrap();

    // The same after reopening, and after replaying every entry beside the live views.
    let ledger = open(dir.path()).await;
    one_admin_each(&ledger, &winners).await;
    let verified = verify(&ledger, &mut |_, _| {});
    assert_eq!(verified.problems, []);
    assert_eq!(verified.checked.len() as u64, tenants + 1);
    proven_each(&ledger, &winners).await;
    ledger.close().await.unwrap();
}

// rule: F3
#[tokio::test(flavor = "multi_thread")]
async fn refused_sign_ins_alone_make_nobody_the_admin() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).await;
    let (tenant, manager) = tenant(&ledger, "refused").await;
    let people = people(20);
    staff(&tenant, &manager, &people, |number| number == 0).await;
    let mut racing = tokio::task::JoinSet::new();
    for person in people.into_iter().skip(1) {
        let tenant = tenant.clone();
        racing.spawn(async move { sign_in(&tenant, &person, OWN_PASSWORD, SignInPlane::Dashboard).await.is_err() });
    }
    assert!(racing.join_all().await.into_iter().all(|refused| refused));
    assert_eq!(admins(&tenant).await, []);
    let first = sign_in(&tenant, "racer-0", OWN_PASSWORD, SignInPlane::Dashboard).await.unwrap();
    assert!(matches!(first, SignedIn::Session { done, .. } if done.became_admin));
    drop(tenant);
    ledger.close().await.unwrap();
}

/// What is asked of now is answered as of an entry and an instant; whatever is recorded after that entry is later than that instant,
/// whichever door it comes by.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_recorded_at_an_instant_that_was_answered_for() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).await;
    let (tenant, manager) = tenant(&ledger, "answered").await;
    let people = people(1);
    staff(&tenant, &manager, &people, |_| true).await;
    let (asking, going) = (tenant.clone(), std::sync::Arc::new(()));
    let still = std::sync::Arc::downgrade(&going);
    let handle = tokio::runtime::Handle::current();
    let asked = tokio::task::spawn_blocking(move || {
        let mut answered = std::collections::BTreeMap::new();
        while still.strong_count() > 0 {
            let as_of = handle.block_on(asking.ask(Point::Now, |_, as_of| as_of)).unwrap();
            let latest = answered.entry(as_of.position).or_insert(as_of.clock);
            *latest = as_of.clock.max(*latest);
        }
        answered
    });
    // Entries that come of no command, each after the one before is durable: only then is asked as of the clock itself.
    for person in people.iter().cycle().take(200) {
        sign_in(&tenant, person, OWN_PASSWORD, SignInPlane::Platform).await.unwrap();
    }
    drop(going);
    let (answered, last) = (asked.await.unwrap(), tenant.last());
    println!("{} entries answered for while they were the last", answered.len());
    for (position, answered) in answered.into_iter().filter(|(position, _)| *position < last) {
        let next = tenant.entry(position.next()).unwrap();
        assert!(next.at > answered, "position {}: at {}, but {answered} was answered for", position.0 + 1, next.at);
    }
    drop(tenant);
    ledger.close().await.unwrap();
}
