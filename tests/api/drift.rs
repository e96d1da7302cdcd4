//! Views that are no longer what the entries mean are found while the server is at work, and it serves on.

use std::time::{Duration, Instant};

use grantbook::api::{Door, Service, router};
use grantbook::self_check::PAUSE;
use grantbook::serve::serve_until;
use grantbook::verify::verify;
use grantbook_events::{CloudId, OperatorName};
use grantbook_ledger::passwords::HashingCost;
use grantbook_ledger::{Ledger, Options, TenantRequest};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::oneshot;
use tower::ServiceExt;

async fn ask(service: &Service, path: &str) -> Value {
    let door = Door::Operator { operator: OperatorName::new("olga").unwrap() };
    let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
    let response = router(service.clone(), door).oneshot(request).await.unwrap();
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

/// Asks until the answer is as wanted; how long it took is told by the caller.
async fn until(service: &Service, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let answer = ask(service, path).await;
        if wanted(&answer) {
            return answer;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drift_is_found_within_a_round_and_the_server_serves_on() {
    // A round of a small ledger takes milliseconds, so that what a minute allows is the pause between two.
    assert!(PAUSE < Duration::from_secs(30));
    let dir = tempfile::tempdir().unwrap();
    let options = || Options {
        hashing: HashingCost::minimum(),
        keep_views_every: 1,
        ..Options::directory(dir.path().join("data"))
    };
    let ledger = Ledger::open(options()).await.unwrap();
    let (operator, cloud_id) = (OperatorName::new("olga").unwrap(), CloudId::new("abcimis").unwrap());
    ledger.create_tenant(&operator, TenantRequest::new(cloud_id.clone())).await.unwrap();
    let service = Service::checking_every(ledger.clone(), Duration::from_millis(20));
    let (stop, stopped) = oneshot::channel::<()>();
    let until_told = async {
        let _ = stopped.await;
    };
    let serving = tokio::spawn(serve_until(service.clone(), "127.0.0.1:0".parse().unwrap(), None, |_| {}, until_told));

    let fine = until(&service, "/healthz", |health| health["views"]["rounds"].as_u64() > Some(1)).await;
    assert_eq!(fine["status"], "ok", "{fine}");
    // What is well is recorded, for whoever verifies later.
    let volumes = ledger.volumes();
    assert!(volumes.iter().all(|volume| !volume.recorded_fingerprints().unwrap().is_empty()));
    drop(volumes);
    // And the views are kept for the next start.
    let kept_views = dir.path().join("data/views/abcimis.views");
    assert!(kept_views.is_file());

    let began = Instant::now();
    ledger.tenant_named(&cloud_id).unwrap().inject_drift().unwrap();
    let drifted = until(&service, "/healthz", |health| health["status"] == "drifted").await;
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    assert!(drifted["views"]["drifted"].as_u64() > Some(0), "{drifted}");
    let full = ask(&service, "/operator/health").await;
    let drifts = full["views"]["drifts"].as_array().unwrap();
    assert!(drifts.iter().all(|drift| drift["tenant"] == "abcimis" && drift["position"] == 1), "{full}");
    assert!(drifts.iter().any(|drift| drift["views"] == "accounts"), "{full}");
    // It serves on.
    assert_eq!(ask(&service, "/readyz").await["status"], "ready");
    assert_eq!(ask(&service, "/operator/tenants").await["tenants"][0]["cloud_id"], "abcimis");

    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    drop(service);
    assert!(!kept_views.exists(), "views that drifted are kept no longer");
    ledger.close().await.unwrap();
    assert!(!kept_views.exists(), "nor are they kept at the end");
    // Opened again the views are built anew, and are those that were recorded.
    let ledger = Ledger::open(options()).await.unwrap();
    assert_eq!(verify(&ledger, &mut |_, _| {}).problems, []);
    // A record of other views is noticed, and where.
    let file = dir.path().join("data/checkpoints/abcimis/fingerprints");
    let text = std::fs::read_to_string(&file).unwrap();
    let digit = text.split(' ').nth(2).unwrap();
    let other = if digit.starts_with('0') { digit.replacen('0', "1", 1) } else { digit.replacen(&digit[..1], "0", 1) };
    std::fs::write(&file, text.replace(digit, &other)).unwrap();
    let problems = verify(&ledger, &mut |_, _| {}).problems;
    assert!(matches!(&problems[..], [one] if one.what == "fingerprint" && one.position == Some(1)), "{problems:?}");
    std::fs::write(&file, "nonsense\n").unwrap();
    let problems = verify(&ledger, &mut |_, _| {}).problems;
    assert!(matches!(&problems[..], [one] if one.what == "fingerprint" && one.file.is_some()), "{problems:?}");
}
