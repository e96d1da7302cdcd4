//! What lies below the API: TLS, headers that every answer has, and those who connect and say nothing, or too often.

use std::path::PathBuf;
use std::time::Duration;

use grantbook::api::Service;
use grantbook::serve::{Limits, Listen, serve_on};
use grantbook::tls::Tls;
use grantbook_ledger::{Ledger, Options};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::installation::{Asked, Installation};

/// A certificate that nobody vouches for and its key, in one file.
fn certificate() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/ledger/readiness_tests.pem"))
}

/// A server on loopback, and how to end it.
struct Served {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
}

async fn served(tls: Option<Tls>, limits: Limits) -> Served {
    let ledger = Ledger::open(Options::memory()).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (ready, listening) = oneshot::channel();
    let listen = Listen { address: "127.0.0.1:0".parse().unwrap(), tls, limits };
    let serving = tokio::spawn(async move {
        let until = async { drop(stopped.await) };
        let tell = move |address| ready.send(address).unwrap();
        serve_on(Service::new(ledger), listen, None, tell, until).await.unwrap();
    });
    Served { address: listening.await.unwrap(), stop, serving }
}

impl Served {
    async fn end(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_served_and_its_certificate_read_again() {
    let place = tempfile::tempdir().unwrap();
    let (cert, key) = (place.path().join("cert.pem"), place.path().join("key.pem"));
    for file in [&cert, &key] {
        std::fs::copy(certificate(), file).unwrap();
    }
    let tls = Tls::read(&cert, &key).unwrap();
    let served = served(Some(tls.clone()), Limits::default()).await;
    let url = format!("https://localhost:{}/readyz", served.address.port());
    let answer = client().get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    // Who speaks no TLS is told nothing.
    assert!(client().get(format!("http://localhost:{}/readyz", served.address.port())).send().await.is_err());
    // Nobody who checks certificates is served by one that nobody vouches for.
    assert!(reqwest::Client::new().get(&url).send().await.is_err());
    // A bad file changes nothing; a good one is served again.
    std::fs::write(&cert, "not a certificate").unwrap();
    let told = tls.reload().unwrap_err().to_string();
    assert!(told.contains("cert.pem") && told.contains("no certificate"), "{told}");
    assert_eq!(client().get(&url).send().await.unwrap().status(), 200);
    std::fs::copy(certificate(), &cert).unwrap();
    tls.reload().unwrap();
    assert_eq!(client().get(&url).send().await.unwrap().status(), 200);
    served.end().await;
    let missing = Tls::read(&cert, &place.path().join("nowhere.pem")).unwrap_err().to_string();
    assert!(missing.contains("nowhere.pem"), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_connects_and_says_nothing_is_let_go() {
    let limits = Limits { head: Duration::from_millis(100), ..Limits::default() };
    for tls in [None, Some(Tls::read(&certificate(), &certificate()).unwrap())] {
        let served = served(tls, limits).await;
        let mut silent = TcpStream::connect(served.address).await.unwrap();
        // It ends by itself: with nothing, or with what a server says that waited too long.
        let mut said = Vec::new();
        let _ = silent.read_to_end(&mut said).await;
        assert!(!String::from_utf8_lossy(&said).contains("200"), "{said:?}");
        served.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_shut_the_others_out() {
    let served = served(None, Limits { from_one_address: 3, ..Limits::default() }).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(TcpStream::connect(served.address).await.unwrap());
    }
    let mut beyond = TcpStream::connect(served.address).await.unwrap();
    assert_eq!(beyond.read(&mut [0; 16]).await.unwrap_or(0), 0, "closed at once");
    // Whoever ends one may have another.
    held.pop();
    let url = format!("http://{}/readyz", served.address);
    let mut answered = false;
    while !answered {
        answered = client().get(&url).send().await.is_ok_and(|answer| answer.status() == 200);
    }
    drop(held);
    served.end().await;
}

// rule: C14
#[tokio::test]
async fn every_answer_says_that_it_is_nothing_for_a_browser_to_guess_at() {
    let installation = Installation::in_memory().await;
    let get = |path: &str| Asked { method: "GET".to_owned(), path: path.to_owned(), ..Asked::default() };
    for path in
        ["/", "/healthz", "/nowhere", "/v1/commands", "/v1/tenants/abcimis/events", "/v1/tenants/x/reset-password"]
    {
        let answered = installation.ask(&get(path)).await;
        let says = |name: &str| answered.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(says("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(says("x-frame-options").as_deref(), Some("DENY"), "{path}");
        // The console loads what lies here, and its forms say where they come from; nothing else loads or says anything.
        let (referrer, loads) =
            if path == "/" { ("same-origin", "default-src 'self'") } else { ("no-referrer", "default-src 'none'") };
        assert_eq!(says("referrer-policy").as_deref(), Some(referrer), "{path}");
        assert_eq!(says("cache-control").as_deref(), Some("no-store"), "{path}");
        let policy = says("content-security-policy").unwrap_or_default();
        assert!(policy.contains(loads) && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(says("strict-transport-security"), None, "{path}: not without TLS");
    }
}

#[tokio::test]
async fn an_answer_is_compressed_last_whatever_it_is() {
    let installation = Installation::in_memory().await;
    let asked = |path: &str, accepts: &str| Asked {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: vec![("accept-encoding".to_owned(), accepts.to_owned())],
        ..Asked::default()
    };
    for (path, status) in [("/v1/rules", 200), ("/nowhere", 404), ("/metrics", 200)] {
        let packed = installation.answer(&asked(path, "gzip")).await;
        assert_eq!((packed.status, &packed.headers["content-encoding"]), (status, &"gzip".parse().unwrap()), "{path}");
        assert_eq!(packed.headers["vary"], "accept-encoding", "{path}");
        let plain = installation.answer(&asked(path, "br")).await;
        assert_eq!((plain.status, plain.headers.get("content-encoding")), (status, None), "{path}");
        // Whoever accepts nothing is told that, and nothing of ours is taken for a fault.
        let nothing = installation.answer(&asked(path, "identity;q=0, *;q=0")).await;
        assert_eq!((nothing.status, nothing.headers.get("cache-control").is_some()), (406, true), "{path}");
    }
    // What changes something is not refused once it is done.
    for accepts in ["identity;q=0", "*;q=0", "gzip;q=0, identity; q=0.0", "IDENTITY;Q=0, br"] {
        let doing = Asked { method: "POST".to_owned(), ..asked("/v1/nowhere", accepts) };
        assert_eq!(installation.answer(&doing).await.status, 404, "{accepts}");
    }
    for accepts in ["gzip, identity;q=0", "*;q=0.5", "identity;q=0, *"] {
        let doing = Asked { method: "POST".to_owned(), ..asked("/v1/nowhere", accepts) };
        let answer = installation.answer(&doing).await;
        assert_eq!((answer.status, &answer.headers["content-encoding"]), (404, &"gzip".parse().unwrap()), "{accepts}");
    }
}
