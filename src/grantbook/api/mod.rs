//! The HTTP API: every route of it stands in `routes.rs`, in one list.
//!
//! # Invariants
//! - Refused by default: no route answers about a tenant before it knows who asks and what they may (rule: U1).
//! - Where several things are wrong, 401 comes before 422, 422 before 403, 403 before 404, 404 before 409.
//! - No line of the log holds a token, a password, a username, a query or a body (rule: C14).
//! - Nothing here decides: commands are the ledger's, answers are the inquiries'.

mod accounts;
mod body;
mod can;
mod catalogue;
mod commands;
mod doors;
mod entries;
mod events;
mod filter;
mod health;
mod import;
mod log;
mod operator;
mod params;
mod problem;
mod reader;
mod routes;
mod stream;
mod support;
mod views;
mod visit;

use std::sync::Arc;

use axum::Router;
use grantbook_events::OperatorName;
use grantbook_ledger::Ledger;
use tokio::sync::watch;

/// What the API serves: a ledger. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    ledger: Ledger,
    stopping: watch::Sender<bool>,
}

/// Which door a request comes through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Door {
    /// From outside.
    Public,
    /// The operator's: the Unix socket of a running server, or the command line that opened the directory itself. What
    /// comes without a token is the local operator's own.
    Operator {
        /// Who that is.
        operator: OperatorName,
    },
}

/// Where a request comes from, put beside it by whoever accepted the connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Peer(pub(crate) String);

/// What every route has at hand.
#[derive(Clone)]
pub(crate) struct Api {
    service: Service,
    door: Door,
}

impl Service {
    /// The API of a ledger.
    pub fn new(ledger: Ledger) -> Service {
        Service { inner: Arc::new(Inner { ledger, stopping: watch::channel(false).0 }) }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    /// Ends what would else go on for ever: streams of entries to come.
    pub(crate) fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.inner.stopping.subscribe()
    }
}

/// The API's routes, as they are seen through `door`.
pub fn router(service: Service, door: Door) -> Router {
    let operator = matches!(door, Door::Operator { .. });
    let routes = if operator { routes::public().merge(routes::operator()) } else { routes::public() };
    routes.layer(axum::middleware::from_fn(log::line)).with_state(Api { service, door })
}
