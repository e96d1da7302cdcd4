//! The HTTP API: every route of it stands in `routes.rs`, in one list.
//!
//! # Invariants
//! - Refused by default: no route answers about a tenant before it knows who asks and what they may (rule: U1).
//! - Where several things are wrong, 401 comes before 422, 422 before 403, 403 before 404, 404 before 409.
//! - No line of the log holds a token, a password, a username, a query or a body (rule: C14).
//! - Nothing here decides: commands are the ledger's, answers are the inquiries'.
//!
//! # Where the contract is silent
//! - Whoever has no token of a tenant does not learn that there is one: without a token, or with another tenant's, every
//!   tenant is 401, and at the guest doors one that does not exist is told the sentence for a wrong password (rules: T5,
//!   C11). Support and the local operator are told 404.
//! - Guests may look at contacts, of a tenant that shows some to everyone; contacts of other tenants are 401 to them.
//! - A refused question counts as a refused command (rule: U1), named `read_view`, `read_events`, `read_account`,
//!   `find_accounts`, `read_contacts`, `read_review`, `read_personal_data`, `ask_can`, `ask_why`, `ask_who_can`, `ask_diff`,
//!   `ask_timeline`, `ask_lineage`, `ask_reach`, `ask_reconcile`, `ask_blast_radius`, `ask_what_if` or `back_test`.
//! - A review is answered whole to whoever reads the whole history, and to Admin Users where it looks at the dashboard; to its
//!   other reviewers without the rights of their own while it is under way (rules: U2, U3).
//! - Support has no sessions: an operator's reading is recorded once a day and scope (rule: U3).
//! - Whoever reads not everything sees of an entry the events that are theirs, the reasons of the commands behind those
//!   alone (the others are null), and `source` only of what they did themselves (rule: U2).
//! - Parameters and fields that nobody asks for are 422, so that a mistyped filter does not answer another question.
//! - A page of events may be short, or empty, and still have a `next`: it ends after so many entries were looked at.
//! - `ETag` of answers as of a point is the position and a fingerprint of what is said, weak because the instant of asking
//!   is part of the answer; `If-Match` takes it as it is, and goes by the position.
//! - What support does on customers and Cloud IDs, and `add_app` and `add_module` without `cloud_id`, is an entry of the
//!   installation's own ledger: its position is the answer's, and `tenants` says where it arrived, at which positions. The
//!   acts that make or close a tenant are answered with that tenant's position, as every act on one tenant is.
//! - `/can` for many is all or nothing: a question that makes no sense is told with its place.
//! - Checkpoints, proofs and tiles of hashes are read by whoever is signed in, and by everybody where the setting
//!   `public_evidence` says so; bundles of entries by who reads the whole history. `/checkpoint` is the note itself, and
//!   JSON with all keys that ever signed for who accepts `application/json`. A cosignature vouches for itself: whoever
//!   may read a checkpoint may bring those of known witnesses.
//! - A stream of entries without `Last-Event-ID`, `after` and `as_of` begins now. It ends with the session. A position to
//!   begin after that the book has not come to is 404: whoever waits there would miss what comes before it.
//! - A span ends at `to`, else at `as_of`, else now. It may end before `as_of` and not after it (422).
//! - `from`, `to` and `after` of `/events` are filters: beyond the last position they admit nothing yet, and are no error.
//! - What a contact was before a change is not told with the change, but in the entry that set it, to those who read that
//!   (rules: V1, V2): whoever may change a detail need not see the former one.
//! - A list of one command is that command, and not a `batch`: the entry that either leaves is the same.
//! - A list of commands under different tickets is 422: an entry rests on one.
//! - The last day of the calendar, 9999-12-31, is no end where something is given until then, and the latest moment elsewhere.
//! - A write whose client accepts neither gzip nor plain answers is answered plainly, not 406: it was carried out.

mod accounts;
mod backup;
mod blast_radius;
mod body;
mod can;
mod case_file;
mod catalogue;
mod commands;
mod conditional;
mod contacts;
mod cross_origin;
mod customers;
mod diff;
mod doors;
mod entries;
mod events;
mod evidence;
mod filter;
mod findings;
mod front;
mod headers;
mod health;
mod import;
mod integrity;
mod lineage;
mod log;
mod methods;
mod openapi;
mod operator;
mod params;
mod personal_data;
mod problem;
mod reach;
mod reader;
mod reconcile;
mod resets;
mod reviews;
mod routes;
mod rows;
mod slices;
mod span;
mod stream;
mod support;
mod timeline;
mod views;
mod visit;
mod webhooks;
mod what_if;
mod who_can;

pub use front::Front;
pub(crate) use health::about;
pub(crate) use log::Note;
pub(crate) use problem::Problem;
pub(crate) use reader::Reader;
pub(crate) use views::{shown, view_for};
pub(crate) use visit::Visit;

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use grantbook_events::OperatorName;
use grantbook_ledger::Ledger;
use tokio::sync::watch;

use crate::self_check::{Findings, PAUSE, SelfCheck, ViewsHealth};

/// What the API serves: a ledger. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    ledger: Ledger,
    settings: ServiceSettings,
    stopping: watch::Sender<bool>,
    views: Arc<Findings>,
    /// How long is rested between two checks of all views.
    check_every: Duration,
}

/// What of the API is settled where the server is started.
#[derive(Clone, Debug, Default)]
pub struct ServiceSettings {
    /// The origins whose pages may ask, such as `https://portal.example.org`; none by default.
    pub origins: Vec<HeaderValue>,
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
pub(crate) struct Peer(pub(crate) Arc<str>);

/// What every route has at hand.
#[derive(Clone)]
pub(crate) struct Api {
    service: Service,
    door: Door,
}

impl Service {
    /// The API of a ledger, with nothing settled otherwise.
    pub fn new(ledger: Ledger) -> Service {
        Service::with(ledger, ServiceSettings::default())
    }

    /// The API of a ledger whose views are checked, while it is served, with such a pause between two rounds.
    pub fn checking_every(ledger: Ledger, check_every: Duration) -> Service {
        Service::made(ledger, ServiceSettings::default(), check_every)
    }

    /// The API of a ledger, as these settings say.
    pub fn with(ledger: Ledger, settings: ServiceSettings) -> Service {
        Service::made(ledger, settings, PAUSE)
    }

    fn made(ledger: Ledger, settings: ServiceSettings, check_every: Duration) -> Service {
        let (stopping, views) = (watch::channel(false).0, Arc::default());
        Service { inner: Arc::new(Inner { ledger, settings, stopping, views, check_every }) }
    }

    /// What the checking of views found last.
    pub fn views_health(&self) -> ViewsHealth {
        self.inner.views.health()
    }

    /// What the checking of views found of a tenant last; `None` where it was not looked at yet.
    pub(crate) fn views_checked(&self, tenant: &str) -> Option<crate::self_check::Checked> {
        self.inner.views.checked(tenant)
    }

    /// Begins to check views in the background.
    pub(crate) fn check_views(&self) -> std::io::Result<SelfCheck> {
        SelfCheck::start(self.inner.ledger.clone(), self.inner.views.clone(), self.inner.check_every)
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

/// The API's routes, as they are seen through `door`; from outside with the console for people.
pub fn router(service: Service, door: Door) -> Front {
    let operator = matches!(door, Door::Operator { .. });
    let cross_origin = cross_origin::of(&service.inner.settings.origins);
    let api = Api { service, door };
    let routes = if operator {
        routes::public().merge(routes::operator()).with_state(api)
    } else {
        let asked = routes::public().with_state(api.clone());
        crate::console::console(api, asked.clone()).merge(asked)
    };
    Front::of(routes, cross_origin)
}
