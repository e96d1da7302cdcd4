//! What every request goes through, whatever its route.
//!
//! Around a route: one line of the log, one shape of refusals, answers that the asker has already, compression. Around all
//! routes: which other sites' pages may ask, and which methods there are, which the router says last.
//!
//! Services of our own, since a layer of the router costs every request a copy and a box of all that lies within it: with five
//! of them a command over HTTP took a fifteenth longer.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::header::ACCEPT_ENCODING;
use axum::http::{HeaderMap, Method, Request};
use axum::response::Response;
use axum::routing::Route;
use futures_util::TryFutureExt;
use futures_util::future::{BoxFuture, MapOk};
use tower::Service;
use tower::layer::layer_fn;
use tower_http::compression::Compression;
use tower_http::cors::CorsLayer;
use tracing::Instrument;

use super::conditional::Known;
use super::log::Line;
use super::methods::{told, with_options};

/// The API as it is served: a service of requests, cheap to clone.
#[derive(Clone, Debug)]
pub struct Front {
    routes: Router,
}

impl Front {
    /// Routes as they are served.
    pub(crate) fn of(routes: Router, cross_origin: Option<CorsLayer>) -> Front {
        let routes = routes.layer(layer_fn(|route| Compression::new(Fronted { route })));
        let routes = match cross_origin {
            Some(layer) => routes.layer(layer),
            None => routes,
        };
        Front { routes }
    }
}

impl<B> Service<Request<B>> for Front
where
    Router: Service<Request<B>, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = MapOk<<Router as Service<Request<B>>>::Future, fn(Response) -> Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if !request.method().is_safe() && !takes_some(request.headers()) {
            request.headers_mut().remove(ACCEPT_ENCODING);
        }
        let asks_for_methods = *request.method() == Method::OPTIONS;
        self.routes.call(request).map_ok(if asks_for_methods { told } else { with_options })
    }
}

/// Whether whoever asks takes an answer as it is, or compressed as it can be here. Compression refuses the others after the route has
/// answered: whoever changes something must not be told that nothing came of it, and is answered as if they had not said so.
fn takes_some(headers: &HeaderMap) -> bool {
    let mut taken = [None; 3]; // gzip, as it is, any other
    let given = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    for coding in given.flat_map(|value| value.split(',')) {
        let (coding, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let which = ["gzip", "identity", "*"].iter().position(|known| coding.trim().eq_ignore_ascii_case(known));
        let weight = weight.trim().split_once('=').and_then(|(_, weight)| weight.trim().parse::<f32>().ok());
        if let Some(taken) = which.and_then(|which| taken.get_mut(which)) {
            *taken = Some(weight.unwrap_or(0.0) > 0.0);
        }
    }
    let [gzip, identity, any] = taken;
    gzip.or(any).unwrap_or(false) || identity.or(any).unwrap_or(true)
}

/// A route, and what goes before and after it but for compression, which has the last word: it refuses who accepts nothing.
#[derive(Clone)]
struct Fronted {
    route: Route,
}

impl Service<Request<Body>> for Fronted {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let known = Known::to_asker(&request);
        let line = Line::begin(&mut request);
        let answered = self.route.call(request).instrument(line.span());
        Box::pin(async move {
            let response = answered.await?;
            Ok(line.end(known.left_out(response)))
        })
    }
}
