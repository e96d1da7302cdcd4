//! Traces to a collector of OpenTelemetry, where the program is built with the feature `otel` and `serve --otlp URL` names one.
//!
//! A request is a span, and what the ledger does for it are spans below. They hold what the log's line of a request holds, and
//! no more: no token, username, query or body (rule: C14). A collector that cannot be reached costs its traces and nothing else, which
//! the log says once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter as Exporter};
use reqwest::Url;
use tracing::level_filters::LevelFilter;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// The way to a collector. What is on its way is handed over when this is dropped.
pub(crate) struct Collector(SdkTracerProvider);

/// Where a collector takes traces: the URL as it is, or below its root the path that OTLP names. Errors: a sentence that says
/// what was expected.
pub(crate) fn endpoint(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| url.has_host() && ["http", "https"].contains(&url.scheme()));
    let mut url = url.ok_or("expected the URL of a collector, such as http://127.0.0.1:4318")?;
    if url.path() == "/" {
        url.set_path("/v1/traces");
    }
    Ok(url.into())
}

impl Collector {
    /// The way to the collector at an [`endpoint`]. Errors: this machine cannot make one.
    pub(crate) fn at(endpoint: &str) -> Result<Collector, String> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| error.to_string())?;
        let exporter = Telling { exporter, place: place(endpoint), works: AtomicBool::new(true) };
        let resource = Resource::builder().with_service_name("grantbook").build();
        Ok(Collector(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// What hands spans of our own over, and of no library's.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let ours = ["grantbook", "grantbook_ledger"].map(|room| (room, LevelFilter::DEBUG));
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("grantbook"))
            .with_filter(Targets::new().with_targets(ours))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::debug!(%error, "the last traces were not handed over");
        }
    }
}

/// Of an endpoint what may be said in the log: a user or query in it may be a secret.
fn place(endpoint: &str) -> String {
    let url = Url::parse(endpoint).ok();
    let port = url.as_ref().and_then(Url::port_or_known_default).unwrap_or_default();
    format!("{}:{port}", url.as_ref().and_then(Url::host_str).unwrap_or_default())
}

/// An exporter that says in the log when spans cannot be handed over any more, and when they can again.
#[derive(Debug)]
struct Telling<E> {
    exporter: E,
    place: String,
    works: AtomicBool,
}

impl<E> Telling<E> {
    /// Whether it is otherwise than the last time.
    fn is_news(&self, works: bool) -> bool {
        self.works.swap(works, Ordering::Relaxed) != works
    }
}

impl<E: Exporter> Exporter for Telling<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let outcome = self.exporter.export(batch).await;
        match (self.is_news(outcome.is_ok()), &outcome) {
            (true, Ok(())) => tracing::info!(collector = self.place, "traces are handed over again"),
            // The error names the whole address.
            (true, Err(_)) => {
                tracing::warn!(collector = self.place, "traces cannot be handed over, and are lost until they can");
            }
            (false, _) => {}
        }
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

/// The headers of a request, as a caller's trace is read from them.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}

/// A span belongs to the trace that a request says it is part of (W3C Trace Context).
pub(crate) fn go_on(span: &Span, headers: &HeaderMap) {
    let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_that_cannot_be_reached_is_told_of_once_and_without_a_secret() {
        let telling = Telling { exporter: (), place: String::new(), works: AtomicBool::new(true) };
        assert_eq!(
            [false, false, true, true, false].map(|works| telling.is_news(works)),
            [true, false, true, false, true]
        );
        assert_eq!(place("http://user:sesame@127.0.0.1:4318/v1/traces?key=sesame"), "127.0.0.1:4318");
        assert_eq!(place("https://otel.example.org/v1/traces"), "otel.example.org:443");
    }

    #[test]
    fn a_collector_is_named_by_its_root_or_by_its_path() {
        assert_eq!(endpoint("http://127.0.0.1:4318").unwrap(), "http://127.0.0.1:4318/v1/traces");
        assert_eq!(endpoint("https://otel.example.org/in/v1/traces").unwrap(), "https://otel.example.org/in/v1/traces");
        for wrong in ["127.0.0.1:4318", "grpc://127.0.0.1:4317", ""] {
            assert!(endpoint(wrong).is_err(), "{wrong}");
        }
    }
}
