//! A ledger with both of its doors, spoken to in HTTP without a network.

use std::path::PathBuf;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use grantbook::api::{Door, Front, Service, router};
use grantbook_events::{Instant, OperatorName};
use grantbook_ledger::passwords::HashingCost;
use grantbook_ledger::{Clock, Ledger, Options};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Whether it comes through the operator's door.
    pub(crate) operator: bool,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) token: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answered {
    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

/// A ledger and its doors.
pub(crate) struct Installation {
    options: Options,
    ledger: Option<Ledger>,
}

impl Installation {
    /// In memory, under a clock that stands.
    pub(crate) async fn in_memory() -> Installation {
        Installation::open(Options::memory()).await
    }

    /// In a directory, so that it can be opened again.
    pub(crate) async fn in_directory(dir: PathBuf) -> Installation {
        Installation::open(Options::directory(dir)).await
    }

    /// With these options, under a clock that stands.
    pub(crate) async fn open(options: Options) -> Installation {
        let clock = Clock::standing_at(Instant::parse("2026-03-02T09:00:00Z").unwrap());
        let options = Options { hashing: HashingCost::minimum(), clock, ..options };
        let ledger = Some(Ledger::open(options.clone()).await.unwrap());
        Installation { options, ledger }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        self.ledger.as_ref().unwrap()
    }

    /// Closes the ledger and opens it again.
    pub(crate) async fn restart(&mut self) {
        self.ledger.take().unwrap().close().await.unwrap();
        self.ledger = Some(Ledger::open(self.options.clone()).await.unwrap());
    }

    /// Sets the clock.
    pub(crate) fn set_clock(&self, instant: Instant) {
        self.options.clock.set(instant);
    }

    pub(crate) fn now(&self) -> Instant {
        self.options.clock.now()
    }

    pub(crate) fn door(&self, operator: bool) -> Front {
        let door =
            if operator { Door::Operator { operator: OperatorName::new("olga").unwrap() } } else { Door::Public };
        router(Service::new(self.ledger().clone()), door)
    }

    /// What is answered.
    pub(crate) async fn answer(&self, asked: &Asked) -> Answered {
        let response = self.door(asked.operator).oneshot(request(asked)).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answered { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

pub(crate) fn request(asked: &Asked) -> Request<Body> {
    let mut request = Request::builder().method(asked.method.as_str()).uri(asked.path.as_str());
    if let Some(token) = &asked.token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    for (name, value) in &asked.headers {
        request = request.header(name.as_str(), value.as_str());
    }
    let json = asked.body.is_some() && !asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if json {
        request = request.header("content-type", "application/json");
    }
    request.body(asked.body.clone().map_or_else(Body::empty, Body::from)).unwrap()
}
