//! The HTTP API.

use std::sync::Arc;

use axum::Router;
use grantbook_events::OperatorName;
use grantbook_ledger::Ledger;
use tokio::sync::watch;

/// What the API serves: a ledger, and what bounds a request. Cheap to clone; all clones are the same.
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
    let _ = (service.ledger(), service.stopping(), door);
    Router::new()
}
