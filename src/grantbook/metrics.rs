//! Figures of the program at work, for Prometheus.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use axum::http::Method;
use grantbook_ledger::Ledger;
use grantbook_ledger::figures::names;
use metrics::{Counter, Histogram, counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::self_check::ViewsHealth;

/// How long requests and commits take: bounds of the groups they are counted in, in seconds.
const SECONDS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// How many entries a commit holds.
const ENTRIES: [f64; 11] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

const REQUESTS: &str = "grantbook_http_requests_total";
const REQUEST_SECONDS: &str = "grantbook_http_request_seconds";
const REFUSALS: &str = "grantbook_refusals_total";
const START_SECONDS: &str = "grantbook_start_seconds";
const FIGURES: [&str; 6] = [
    "grantbook_tenants",
    "grantbook_entries",
    "grantbook_sessions",
    "grantbook_storage_failed",
    "grantbook_views_checked_rounds",
    "grantbook_views_drifted",
];

/// The recorder of this process. `None` where whoever uses the program as a library has one of their own.
static RECORDER: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| {
    let grouped = [
        (REQUEST_SECONDS, SECONDS.as_slice()),
        (names::COMMIT_SECONDS, &SECONDS),
        (names::SYNC_SECONDS, &SECONDS),
        (names::COMMIT_ENTRIES, &ENTRIES),
    ];
    let builder = grouped.into_iter().try_fold(PrometheusBuilder::new(), |builder, (name, bounds)| {
        builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)
    });
    let recorder = builder.ok()?.install_recorder().ok()?;
    describe();
    Some(recorder)
});

/// Begins to count.
pub(crate) fn start() {
    LazyLock::force(&RECORDER);
}

/// The ledger was opened, and all views rebuilt, in so long.
pub(crate) fn started(took: Duration) {
    gauge!(START_SECONDS).set(took.as_secs_f64());
}

/// What is counted of the requests of one method that were answered with one status.
struct Answered {
    method: &'static str,
    status: u16,
    seconds: Histogram,
    requests: Counter,
}

impl Answered {
    fn of(route: &str, method: &'static str, status: u16) -> Answered {
        let labels = [("route", route.to_owned()), ("method", method.to_owned())];
        let seconds = histogram!(REQUEST_SECONDS, &labels);
        let [route, method_label] = labels;
        let requests = counter!(REQUESTS, &[route, method_label, ("status", status.to_string())]);
        Answered { method, status, seconds, requests }
    }
}

thread_local! {
    /// What this thread has counted, by route: to find it anew by its labels takes longer than to count.
    static COUNTED: RefCell<HashMap<String, Vec<Answered>>> = RefCell::default();
}

/// A request was answered. A route is as `routes.rs` writes it: no name of anybody is in it.
pub(crate) fn answered(route: &str, method: &Method, status: u16, took: Duration) {
    let method = called(method);
    COUNTED.with_borrow_mut(|counted| {
        let of_route = match counted.get_mut(route) {
            Some(of_route) => of_route,
            None => counted.entry(route.to_owned()).or_default(),
        };
        let known = of_route.iter().position(|one| one.method == method && one.status == status);
        let known = known.unwrap_or_else(|| {
            of_route.push(Answered::of(route, method, status));
            of_route.len() - 1
        });
        if let Some(answered) = of_route.get(known) {
            answered.seconds.record(took);
            answered.requests.increment(1);
        }
    });
}

/// A method as it is told, that of any other word as OpenTelemetry's conventions say: whoever asks may make words up, and each
/// would be a figure of its own.
pub(crate) fn called(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("_OTHER")
}

/// Something was refused: what kind of problem, by which rule.
pub(crate) fn refused(kind: &'static str, rule: Option<&'static str>) {
    counter!(REFUSALS, "type" => kind, "rule" => rule.unwrap_or("none")).increment(1);
}

/// Puts what was measured since the last time into its groups: until then each request takes memory, whether or not anybody
/// reads the figures.
pub(crate) fn upkeep() {
    if let Some(recorder) = &*RECORDER {
        recorder.run_upkeep();
    }
}

/// All of it in the text form of Prometheus.
pub(crate) fn text(ledger: &Ledger, views: &ViewsHealth) -> String {
    let Some(recorder) = &*RECORDER else { return String::new() };
    let figures = ledger.figures();
    let failed = u64::from(ledger.failed());
    let checked = [views.rounds, views.drifts.len() as u64];
    let values = [figures.tenants, figures.entries, figures.sessions, failed].into_iter().chain(checked);
    for (name, value) in FIGURES.iter().zip(values) {
        gauge!(*name).set(value as f64);
    }
    recorder.run_upkeep();
    recorder.render()
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_histogram!(REQUEST_SECONDS, Unit::Seconds, "How long requests take, by route and method.");
    describe_histogram!(names::COMMIT_SECONDS, Unit::Seconds, "How long commits take, until they are published.");
    describe_histogram!(names::SYNC_SECONDS, Unit::Seconds, "How long the journal takes to make a batch durable.");
    describe_histogram!(names::COMMIT_ENTRIES, "How many entries one commit holds.");
    describe_counter!(REQUESTS, "How many requests were answered, by route, method and status.");
    describe_counter!(REFUSALS, "How many requests were refused, by kind of problem and rule.");
    describe_counter!(names::ENTRIES, "How many entries were recorded since the start.");
    describe_gauge!(names::QUEUE, "How many answers wait for the next commit.");
    describe_gauge!(START_SECONDS, Unit::Seconds, "How long opening the ledger took, all views rebuilt.");
    let [tenants, entries, sessions, failed, rounds, drifted] = FIGURES;
    describe_gauge!(tenants, "How many tenants there are.");
    describe_gauge!(entries, "How many entries they have together: how far the views are.");
    describe_gauge!(sessions, "How many sessions are open.");
    describe_gauge!(rounds, "How many times the live views of all tenants were compared with their entries.");
    describe_gauge!(
        drifted,
        "Of how many tenants the live views were not what the entries mean: 0, or something is wrong."
    );
    describe_gauge!(failed, "1 once something could not be stored: the ledger must then be opened again.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_somebody_made_up_is_no_figure_of_its_own() {
        assert_eq!([Method::GET, Method::PATCH].each_ref().map(called), ["GET", "PATCH"]);
        for made_up in ["get", "X1", "X2"] {
            assert_eq!(called(&Method::from_bytes(made_up.as_bytes()).unwrap()), "_OTHER");
        }
    }
}
