//! Serving the API over TCP, and the local operator over a Unix socket.

use std::collections::HashMap;
use std::convert::identity;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::header::STRICT_TRANSPORT_SECURITY;
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use grantbook_events::OperatorName;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::util::{MapRequest, MapResponse};

use crate::api::{Door, Front, Peer, Service, router};
use crate::socket::SocketPath;
use crate::tls::Tls;

/// The most connections at once; whoever comes beyond waits until another ends.
const MOST_CONNECTIONS: usize = 4_096;

/// How long what is under way may take to its end when serving stops.
const GRACE: Duration = Duration::from_secs(10);

/// How often it is looked whether what was only counted is to be recorded (rules: C11, U1), and figures are summed up.
const SUM_UP: Duration = Duration::from_secs(30);

/// How often it is looked whether mail is to be handed over (rule: P8).
const SETTLE_MAIL: Duration = Duration::from_secs(1);

/// How often it is looked whether entries are to be sent to webhooks.
const SETTLE_WEBHOOKS: Duration = Duration::from_secs(1);

/// Why the API could not be served.
#[derive(Debug)]
pub struct ServeError {
    /// What could not be done.
    what: String,
    /// What stood in the way.
    source: io::Error,
}

impl std::fmt::Display for ServeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.source)
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// How patient the server is with those who connect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How long the head of a request may take, from the connection or the answer before it; and a TLS handshake.
    pub head: Duration,
    /// The most connections from one address at once: half of all, so that nobody shuts the others out alone, and a proxy
    /// before the server is not one that floods.
    pub from_one_address: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { head: Duration::from_secs(15), from_one_address: MOST_CONNECTIONS / 2 }
    }
}

/// Where and how the public API is served.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address.
    pub address: SocketAddr,
    /// The certificate; `None` for HTTP without TLS.
    pub tls: Option<Tls>,
    /// How patient the server is.
    pub limits: Limits,
}

impl From<SocketAddr> for Listen {
    /// Without TLS.
    fn from(address: SocketAddr) -> Listen {
        Listen { address, tls: None, limits: Limits::default() }
    }
}

/// Serves until SIGINT or SIGTERM: the public API on `listen`, the local operator's on the Unix socket `socket`, which is
/// made anew and open to its owner alone. `ready` is told the address once both listen. Then nothing more is accepted and
/// what is under way is finished, for a while. When this returns, nothing here holds the ledger any more, so that whoever
/// opened it can close it.
///
/// Errors: an address cannot be listened on, or signals cannot be waited for.
pub async fn serve(
    service: Service,
    listen: Listen,
    socket: Option<PathBuf>,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let failed = |what: String| move |source| ServeError { what, source };
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed("cannot wait for signals".to_owned()))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed("cannot wait for signals".to_owned()))?;
    let until = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    serve_on(service, listen, socket, ready, until).await
}

/// The same without TLS, until `until` is over.
pub async fn serve_until(
    service: Service,
    listen: SocketAddr,
    socket: Option<PathBuf>,
    ready: impl FnOnce(SocketAddr),
    until: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    serve_on(service, listen.into(), socket, ready, until).await
}

/// The same, until `until` is over.
pub async fn serve_on(
    service: Service,
    listen: Listen,
    socket: Option<PathBuf>,
    ready: impl FnOnce(SocketAddr),
    until: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let failed = |what: String| move |source| ServeError { what, source };
    let Listen { address: asked, tls, limits } = listen;
    let tcp = TcpListener::bind(asked).await.map_err(failed(format!("cannot listen on {asked}")))?;
    let address = tcp.local_addr().map_err(failed(format!("cannot listen on {asked}")))?;
    let local = match &socket {
        Some(path) => {
            Some(private_socket(path).map_err(failed(format!("cannot listen on the socket `{}`", path.display())))?)
        }
        None => None,
    };
    ready(address);
    let mut hangups = match &tls {
        Some(_) => Some(signal(SignalKind::hangup()).map_err(failed("cannot wait for signals".to_owned()))?),
        None => None,
    };
    let public = router(service.clone(), Door::Public);
    let peers = Arc::default();
    let mut serving = Serving { service, public, tls, limits, peers, connections: JoinSet::new() };
    let checking = serving.service.check_views().map_err(failed("cannot check views in the background".to_owned()))?;
    serving.accept(&tcp, local.as_ref(), hangups.as_mut(), until).await;
    drop((tcp, local));
    if let Some(path) = &socket {
        let _ = std::fs::remove_file(path);
    }
    serving.finish().await;
    let _ = tokio::task::spawn_blocking(move || checking.end()).await;
    Ok(())
}

/// How many connections there are from each address.
type Peers = Arc<Mutex<HashMap<IpAddr, usize>>>;

struct Serving {
    service: Service,
    public: Front,
    tls: Option<Tls>,
    limits: Limits,
    peers: Peers,
    connections: JoinSet<()>,
}

impl Serving {
    async fn accept(
        &mut self,
        tcp: &TcpListener,
        local: Option<&UnixListener>,
        mut hangups: Option<&mut Signal>,
        until: impl Future<Output = ()>,
    ) {
        let mut until = pin!(until);
        let mut sum_up = tokio::time::interval(SUM_UP);
        sum_up.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut settle_mail = tokio::time::interval(SETTLE_MAIL);
        settle_mail.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut settle_webhooks = tokio::time::interval(SETTLE_WEBHOOKS);
        settle_webhooks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let room = self.connections.len() < MOST_CONNECTIONS;
            tokio::select! {
                () = &mut until => return,
                Some(_) = self.connections.join_next() => {}
                accepted = tcp.accept(), if room => match accepted {
                    Ok((stream, from)) => self.serve_public(stream, from),
                    Err(error) => breathe(&error).await,
                },
                accepted = accept_local(local), if room => match accepted {
                    Ok(stream) => self.serve_local(stream),
                    Err(error) => breathe(&error).await,
                },
                () = hung_up(hangups.as_deref_mut()) => self.reload(),
                _ = settle_mail.tick() => {
                    let service = self.service.clone();
                    self.connections.spawn(async move { service.ledger().settle_mail().await });
                }
                _ = settle_webhooks.tick() => {
                    let (service, mut stopping) = (self.service.clone(), self.service.stopping());
                    self.connections.spawn(async move {
                        // A receiver that takes its time keeps nobody from stopping.
                        tokio::select! {
                            _ = stopping.wait_for(|stopping| *stopping) => {}
                            () = service.ledger().settle_webhooks() => {}
                        }
                    });
                }
                _ = sum_up.tick() => {
                    let service = self.service.clone();
                    self.connections.spawn(async move {
                        // First, and whatever comes of the rest: a store that stalls keeps the others waiting.
                        let _ = tokio::task::spawn_blocking(crate::metrics::upkeep).await;
                        service.ledger().sum_up().await;
                        let ledger = service.ledger().clone();
                        drop(service);
                        let _ = tokio::task::spawn_blocking(move || ledger.publish_checkpoints()).await;
                    });
                }
            }
        }
    }

    /// The certificate was renewed, an operator says by SIGHUP. A bad one changes nothing.
    fn reload(&self) {
        match self.tls.as_ref().map(Tls::reload) {
            Some(Ok(())) => tracing::info!("the certificate was read again"),
            Some(Err(error)) => tracing::error!(%error, "the former certificate stays"),
            None => {}
        }
    }

    fn serve_public(&mut self, stream: TcpStream, from: SocketAddr) {
        let Some(counted) = Counted::among(&self.peers, from.ip(), self.limits.from_one_address) else {
            tracing::debug!("an address has as many connections as one may have");
            return;
        };
        // An answer is one small write: it must not wait for another.
        let _ = stream.set_nodelay(true);
        let (front, stopping, head) = (self.public.clone(), self.service.stopping(), self.limits.head);
        let (from, acceptor) = (from.ip().to_string(), self.tls.as_ref().map(Tls::acceptor));
        self.connections.spawn(async move {
            match acceptor {
                None => connection(stream, front, identity, from, head, stopping).await,
                Some(acceptor) => match tokio::time::timeout(head, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => connection(stream, front, strict_transport, from, head, stopping).await,
                    Ok(Err(error)) => tracing::debug!(%error, "no TLS with somebody who connected"),
                    Err(_) => tracing::debug!("somebody who connected said nothing"),
                },
            }
            drop(counted);
        });
    }

    fn serve_local(&mut self, stream: UnixStream) {
        let Ok(peer) = stream.peer_cred() else { return };
        let Some(operator) = operator_of(peer.uid()) else { return };
        let front = router(self.service.clone(), Door::Operator { operator });
        let (head, stopping) = (self.limits.head, self.service.stopping());
        self.connections.spawn(connection(stream, front, identity, "local".to_owned(), head, stopping));
    }

    /// Lets what is under way come to its end, and cuts off what takes too long.
    async fn finish(mut self) {
        self.service.stop();
        let all = async { while self.connections.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, all).await.is_err() {
            tracing::warn!(connections = self.connections.len(), "connections are cut off");
            self.connections.shutdown().await;
        }
    }
}

/// A connection that counts for its address as long as it lasts.
struct Counted {
    peers: Peers,
    from: IpAddr,
}

impl Counted {
    /// Counts one more; `None` where the address has as many as it may.
    fn among(peers: &Peers, from: IpAddr, most: usize) -> Option<Counted> {
        let mut counts = peers.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(from).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Counted { peers: peers.clone(), from })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let left = counts.get_mut(&self.from).map(|count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == Some(0) {
            counts.remove(&self.from);
        }
    }
}

/// Who came by TLS once comes by nothing else for a year (RFC 6797).
fn strict_transport(mut response: Response) -> Response {
    response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    response
}

/// Waits for SIGHUP; for ever where there is nothing to read again.
async fn hung_up(hangups: Option<&mut Signal>) {
    match hangups {
        Some(hangups) => drop(hangups.recv().await),
        None => std::future::pending().await,
    }
}

/// Where no more connections can be accepted for a moment, trying again at once would only burn time.
async fn breathe(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

async fn accept_local(local: Option<&UnixListener>) -> io::Result<UnixStream> {
    match local {
        Some(listener) => listener.accept().await.map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

/// Serves one connection until it ends, or until serving stops and its last answer is given.
async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    front: Front,
    on_its_way: fn(Response) -> Response,
    from: String,
    head: Duration,
    mut stopping: watch::Receiver<bool>,
) {
    let from = Peer(from.into());
    let service = MapRequest::new(MapResponse::new(front, on_its_way), move |mut request: Request<_>| {
        request.extensions_mut().insert(from.clone());
        request
    });
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        _ = stopping.wait_for(|stopping| *stopping) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended in disorder");
    }
}

/// Listens on a socket that only its owner can open: it comes into being where nobody else reaches, and is put into its
/// place then. What was left there by a program that was killed gives way; where it cannot be, nothing is left.
fn private_socket(path: &Path) -> io::Result<UnixListener> {
    let dir = path.with_extension("new");
    let _ = std::fs::remove_dir_all(&dir);
    let listening = listen_within(&dir, path);
    let _ = std::fs::remove_dir_all(&dir);
    listening
}

fn listen_within(dir: &Path, path: &Path) -> io::Result<UnixListener> {
    std::fs::DirBuilder::new().create(dir)?;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))?;
    let inner = dir.join("socket");
    let listener = UnixListener::bind(SocketPath::of(&inner)?.path())?;
    std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&inner, path)?;
    Ok(listener)
}

/// The local operator of a user: named after the system user, else by its number.
pub fn operator_of(uid: u32) -> Option<OperatorName> {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| OperatorName::new(name).ok())?
    });
    named.or_else(|| OperatorName::new(&format!("uid-{uid}")).ok())
}

/// The user whom a file belongs to.
pub fn owner_of(path: &Path) -> io::Result<u32> {
    std::fs::metadata(path).map(|metadata| metadata.uid())
}
