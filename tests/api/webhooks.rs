//! Webhooks: entries sent to a receiver of the test's own, which looks at their signatures, and answers as it is told.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use grantbook_events::{Instant, Position, SignInPlane, WebhookName};
use grantbook_ledger::passwords::HashingCost;
use grantbook_ledger::{
    Caller, Clock, Credentials, Ledger, LedgerError, Options, Origin, Place, SignedIn, TenantHandle, TenantRequest,
    Terms, WebhookOptions, from_base64,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2_of_hmac::Sha256;
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// What a receiver answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answers {
    Status(u16),
    /// A redirect to where it would be taken.
    Elsewhere,
    /// Nothing, ever.
    Nothing,
}

#[derive(Clone, Debug)]
struct Received {
    id: String,
    seconds: i64,
    signature: String,
    body: String,
}

impl Received {
    fn position(&self) -> u64 {
        serde_json::from_str::<Value>(&self.body).unwrap()["position"].as_u64().unwrap()
    }

    /// As a receiver checks it, by what Standard Webhooks says.
    fn is_signed_with(&self, secret: &str) -> bool {
        let key = from_base64(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", self.id, self.seconds, self.body).as_bytes());
        let given = from_base64(self.signature.strip_prefix("v1,").unwrap()).unwrap();
        mac.verify_slice(&given).is_ok()
    }
}

/// A receiver on loopback.
#[derive(Clone, Default)]
struct Receiver {
    received: Arc<Mutex<Vec<Received>>>,
    /// What it answers next; then 204.
    answers: Arc<Mutex<VecDeque<Answers>>>,
    came: Arc<Notify>,
}

impl Receiver {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(take).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://127.0.0.1:{port}/in")
    }

    fn will_answer(&self, answers: &[Answers]) {
        self.answers.lock().unwrap().extend(answers);
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    fn positions(&self) -> Vec<u64> {
        self.received().iter().map(Received::position).collect()
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    let received = Received {
        id: header("webhook-id"),
        seconds: header("webhook-timestamp").parse().unwrap(),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    receiver.received.lock().unwrap().push(received);
    receiver.came.notify_one();
    let answer = receiver.answers.lock().unwrap().pop_front();
    match answer {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(Answers::Status(status)) => (StatusCode::from_u16(status).unwrap(), "what it says").into_response(),
        Some(Answers::Elsewhere) => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        Some(Answers::Nothing) => std::future::pending().await,
    }
}

/// A ledger with a tenant, whose clock stands until it is set.
struct World {
    ledger: Ledger,
    tenant: TenantHandle,
    manager: Caller,
    clock: Clock,
}

fn at(hours: i64) -> Instant {
    Instant::from_microseconds(1_800_000_000_000_000 + hours * 3_600_000_000)
}

fn options(place: Place, clock: &Clock) -> Options {
    let webhooks = WebhookOptions { loopback: true, limit: Duration::from_millis(400) };
    Options { place, hashing: HashingCost::minimum(), clock: clock.clone(), webhooks, ..Options::memory() }
}

impl World {
    async fn new() -> World {
        World::at(Place::Memory).await
    }

    async fn at(place: Place) -> World {
        let clock = Clock::standing_at(at(0));
        let ledger = Ledger::open(options(place, &clock)).await.unwrap();
        let operator = grantbook_events::OperatorName::new("op").unwrap();
        let cloud_id = grantbook_events::CloudId::new("abcimis").unwrap();
        let created = ledger.create_tenant(&operator, TenantRequest::new(cloud_id.clone())).await.unwrap();
        let tenant = ledger.tenant_named(&cloud_id).unwrap();
        let credentials = Credentials {
            username: "MANAGER".to_owned(),
            password: Zeroizing::new(created.manager_password.to_string()),
            plane: SignInPlane::Platform,
            client: grantbook_events::Client::Browser,
            code: None,
            browser: String::new(),
        };
        let SignedIn::Session { token, .. } = tenant.sign_in(&credentials, &Origin::default()).await.unwrap() else {
            panic!("MANAGER has nothing to change")
        };
        let manager = ledger.caller(token.reveal()).unwrap();
        World { ledger, tenant, manager, clock }
    }

    /// Closes the ledger and opens it again.
    async fn again(self, place: Place) -> World {
        let World { ledger, tenant, manager, clock } = self;
        drop(tenant);
        ledger.close().await.unwrap();
        let ledger = Ledger::open(options(place, &clock)).await.unwrap();
        let tenant = ledger.tenant_named(&grantbook_events::CloudId::new("abcimis").unwrap()).unwrap();
        World { ledger, tenant, manager, clock }
    }

    async fn command(&self, body: Value) -> Result<grantbook_ledger::Done, LedgerError> {
        self.tenant.command(&self.manager, &body, &Terms::default()).await
    }

    /// Adds a webhook. Gives its secret, and the entry that added it.
    async fn add(&self, url: &str, events: &[&str]) -> (String, u64) {
        let mut body = json!({"name": "add_webhook", "webhook": "siem", "url": url});
        if !events.is_empty() {
            body["events"] = json!(events);
        }
        let done = self.command(body).await.unwrap();
        (done.webhook_secrets[0].secret.to_string(), done.position.unwrap().0)
    }

    async fn contact(&self, id: &str) -> u64 {
        let body = json!({"name": "add_contact", "account": id, "full_name": format!("{id} the {id}")});
        self.command(body).await.unwrap().position.unwrap().0
    }

    /// Lets the hours pass one by one, each with a round of deliveries.
    async fn pass(&self, from: i64, to: i64) {
        for hour in from..=to {
            self.clock.set(at(hour));
            self.ledger.settle_webhooks().await;
        }
    }

    fn kinds(&self, from: u64) -> Vec<String> {
        let entries = self.tenant.entries(Position(from)).map(|read| read.unwrap().1);
        let kinds = entries.flat_map(|entry| entry.events).map(|recorded| recorded.event.kind().to_owned());
        kinds.filter(|kind| kind != "command_refused").collect()
    }

    fn state(&self) -> grantbook_ledger::DeliveryState {
        self.tenant.webhook_delivery(&WebhookName::new("siem").unwrap()).unwrap()
    }
}

#[tokio::test]
async fn every_entry_after_the_webhook_was_added_is_sent_once_in_order_and_signed() {
    let (world, receiver) = (World::new().await, Receiver::default());
    let (secret, added) = world.add(&receiver.start().await, &[]).await;
    for id in ["bob", "jeff", "mia"] {
        world.contact(id).await;
    }
    world.ledger.settle_webhooks().await;
    world.ledger.settle_webhooks().await;
    assert_eq!(receiver.positions(), [added + 1, added + 2, added + 3]);
    for received in receiver.received() {
        assert!(received.is_signed_with(&secret) && !received.is_signed_with("whsec_AAAA"));
        assert_eq!(received.seconds, at(0).microseconds() / 1_000_000);
        // What whoever reads the whole history is shown: also who it is about.
        let entry = world.tenant.entry(Position(received.position())).unwrap();
        let shown = world.tenant.show(Some(Position(received.position())), &entry);
        assert_eq!(serde_json::from_str::<Value>(&received.body).unwrap(), shown);
        assert!(received.id.starts_with(&format!("abcimis-{}-", received.position())), "{}", received.id);
    }
    assert!(receiver.received()[0].body.contains("bob the bob"));
    assert_eq!(world.state().delivered, Position(added + 3));
}

#[tokio::test]
async fn a_webhook_is_told_of_the_types_that_it_asked_for_alone() {
    let (world, receiver) = (World::new().await, Receiver::default());
    world.add(&receiver.start().await, &["role_created", "role_deleted"]).await;
    world.contact("bob").await;
    let made = world.command(json!({"name": "create_role", "role": "Helpers", "description": "help"})).await.unwrap();
    let last = world.contact("mia").await;
    world.ledger.settle_webhooks().await;
    assert_eq!(receiver.positions(), [made.position.unwrap().0]);
    assert_eq!(world.state().delivered, Position(last));
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_in_its_place_under_the_same_id() {
    let (world, receiver) = (World::new().await, Receiver::default());
    let (secret, added) = world.add(&receiver.start().await, &[]).await;
    receiver.will_answer(&[Answers::Status(500), Answers::Elsewhere, Answers::Nothing]);
    world.contact("bob").await;
    world.contact("mia").await;
    // Before a pause is over nothing is tried.
    for _ in 0..3 {
        world.ledger.settle_webhooks().await;
    }
    assert_eq!(receiver.positions(), [added + 1]);
    let state = world.state();
    assert_eq!((state.attempts, state.delivered), (1, Position(added)));
    assert_eq!(state.problem, Some((grantbook_events::ReadinessProblem::Status, Some(500))));
    world.clock.set(state.next_try.unwrap());
    world.ledger.settle_webhooks().await;
    assert_eq!(world.state().problem, Some((grantbook_events::ReadinessProblem::Redirects, Some(302))));
    world.pass(1, 1).await;
    assert_eq!(world.state().problem, Some((grantbook_events::ReadinessProblem::TooSlow, None)));
    world.pass(2, 2).await;
    assert_eq!(receiver.positions(), [added + 1, added + 1, added + 1, added + 1, added + 2]);
    let received = receiver.received();
    assert!(received[..4].iter().all(|one| one.id == received[0].id && one.is_signed_with(&secret)));
    assert_ne!(received[4].id, received[0].id);
    assert_eq!((world.state().attempts, world.state().next_try), (0, None));
}

#[tokio::test]
async fn what_the_receiver_never_takes_is_a_dead_letter_and_can_be_sent_again() {
    let (world, receiver) = (World::new().await, Receiver::default());
    let (_, added) = world.add(&receiver.start().await, &[]).await;
    receiver.will_answer(&[Answers::Status(400); 10]);
    let poison = world.contact("bob").await;
    let after = world.contact("mia").await;
    world.pass(0, 9).await;
    let positions = receiver.positions();
    assert_eq!(positions[..10], [poison; 10]);
    assert_eq!(positions[10..], [after], "the next is tried at once; of what came of deliveries no webhook is told");
    let kinds = ["webhook_failing", "webhook_delivery_given_up", "webhook_recovered"];
    assert_eq!(world.kinds(after + 1), kinds);

    // Asked again it is tried once, and stays a dead letter where it is not taken.
    receiver.will_answer(&[Answers::Status(422)]);
    let again = json!({"name": "redeliver_webhook", "webhook": "siem", "position": poison});
    world.command(again.clone()).await.unwrap();
    assert!(matches!(world.command(again.clone()).await, Err(LedgerError::Refused(_))), "asked already");
    world.pass(9, 9).await;
    assert_eq!(world.kinds(after + 4), ["webhook_redelivery_requested", "webhook_delivery_given_up"]);
    world.command(json!({"name": "redeliver_webhook", "webhook": "siem"})).await.unwrap();
    world.pass(9, 9).await;
    assert_eq!(world.kinds(after + 7), ["webhook_redelivery_requested", "webhook_redelivered"]);
    assert!(matches!(world.command(again).await, Err(LedgerError::Refused(_))), "it is no dead letter any more");
    assert_eq!(receiver.received().iter().filter(|one| one.position() == poison).count(), 12);
    assert_eq!(world.state().attempts, 0);
    assert_eq!(added + 1, poison);
}

#[tokio::test]
async fn what_cannot_be_reached_is_waited_for_and_nothing_is_given_up() {
    let (world, receiver) = (World::new().await, Receiver::default());
    // A port at which nobody listens: a receiver that is not there yet.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let (_, added) = world.add(&format!("http://{address}/in"), &[]).await;
    world.contact("bob").await;
    world.pass(0, 40).await;
    assert_eq!(world.kinds(added + 1), ["contact_added", "webhook_failing"]);
    assert_eq!(world.state().problem, Some((grantbook_events::ReadinessProblem::Unreachable, None)));
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let router = Router::new().fallback(take).with_state(receiver.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    world.pass(41, 43).await;
    assert_eq!(world.kinds(added + 3), ["webhook_recovered"]);
    // What came of deliveries is not sent.
    assert_eq!(receiver.positions(), [added + 1]);
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_is_not_public() {
    let world = World::new().await;
    for url in ["https://10.0.0.1/", "https://169.254.169.254/latest", "https://[fe80::1]/", "http://example.org/"] {
        let refused = world.command(json!({"name": "add_webhook", "webhook": "siem", "url": url})).await;
        assert!(matches!(&refused, Err(LedgerError::Malformed { field, .. }) if field == "url"), "{url} {refused:?}");
    }
}

#[tokio::test]
async fn this_machine_is_sent_nothing_where_it_is_not_said_that_it_may_be() {
    let dir = tempfile::tempdir().unwrap();
    let place = || Place::Directory(dir.path().join("data"));
    let (world, receiver) = (World::at(place()).await, Receiver::default());
    let url = receiver.start().await;
    world.add(&url, &[]).await;
    let World { ledger, tenant, manager, clock } = world;
    drop(tenant);
    ledger.close().await.unwrap();
    let usual = Options { webhooks: WebhookOptions::default(), ..options(place(), &clock) };
    let ledger = Ledger::open(usual).await.unwrap();
    let tenant = ledger.tenant_named(&grantbook_events::CloudId::new("abcimis").unwrap()).unwrap();
    let world = World { ledger, tenant, manager, clock };
    // Added while it might, it is looked at again before it is sent anything.
    world.contact("bob").await;
    world.pass(0, 0).await;
    assert_eq!(world.state().problem, Some((grantbook_events::ReadinessProblem::NotHttps, None)));
    for url in [url, "https://localhost/".to_owned(), "https://127.0.0.1/".to_owned(), "https://[::1]/".to_owned()] {
        let refused = world.command(json!({"name": "add_webhook", "webhook": "own", "url": url})).await;
        assert!(matches!(&refused, Err(LedgerError::Malformed { field, .. }) if field == "url"), "{url} {refused:?}");
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn a_webhook_that_is_removed_is_sent_nothing_more() {
    let (world, receiver) = (World::new().await, Receiver::default());
    let url = receiver.start().await;
    world.add(&url, &[]).await;
    receiver.will_answer(&[Answers::Status(503)]);
    world.contact("bob").await;
    world.pass(0, 0).await;
    world.command(json!({"name": "remove_webhook", "webhook": "SIEM"})).await.unwrap();
    world.contact("mia").await;
    world.pass(1, 3).await;
    assert_eq!(receiver.received().len(), 1);
    // Another of the same name has another secret, and begins where it was added.
    let (secret, added) = world.add(&url, &[]).await;
    world.contact("ann").await;
    world.pass(4, 4).await;
    assert_eq!(receiver.positions()[1..], [added + 1]);
    assert!(receiver.received()[1].is_signed_with(&secret));
}

#[tokio::test]
async fn after_a_restart_it_goes_on_and_what_was_under_way_is_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let place = || Place::Directory(dir.path().join("data"));
    let (world, receiver) = (World::at(place()).await, Receiver::default());
    let (secret, added) = world.add(&receiver.start().await, &[]).await;
    world.contact("bob").await;
    world.pass(0, 0).await;
    let world = world.again(place()).await;
    world.contact("mia").await;
    // The receiver has it, and the program ends before it hears of it.
    receiver.will_answer(&[Answers::Nothing]);
    let came = async {
        while receiver.received().len() < 2 {
            receiver.came.notified().await;
        }
    };
    tokio::select! {
        () = came => {}
        () = world.ledger.settle_webhooks() => panic!("it was given up half-way"),
    }
    let world = world.again(place()).await;
    world.contact("ann").await;
    world.pass(1, 1).await;
    let positions = receiver.positions();
    assert_eq!(positions[0], added + 1);
    assert_eq!(positions.last(), Some(&(added + 3)));
    let mut known = positions.clone();
    known.dedup();
    assert_eq!(known, [added + 1, added + 2, added + 3], "none left out, in order: {positions:?}");
    assert!(receiver.received().iter().all(|one| one.is_signed_with(&secret)));

    // Whoever loses the file sends everything again, under the ids that receivers know.
    let before = receiver.received();
    let world = {
        let World { ledger, tenant, manager, clock } = world;
        drop(tenant);
        ledger.close().await.unwrap();
        lose_cursors(&dir.path().join("data/webhooks/abcimis"));
        let ledger = Ledger::open(options(place(), &clock)).await.unwrap();
        let tenant = ledger.tenant_named(&grantbook_events::CloudId::new("abcimis").unwrap()).unwrap();
        World { ledger, tenant, manager, clock }
    };
    world.pass(2, 2).await;
    let sent_again = receiver.received()[before.len()..].to_vec();
    assert_eq!(sent_again.iter().map(Received::position).collect::<Vec<_>>(), [added + 1, added + 2, added + 3]);
    assert!(sent_again.iter().all(|one| before.iter().any(|known| known.id == one.id)));
}

fn lose_cursors(dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
}
