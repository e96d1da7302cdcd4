//! Requests over HTTP: connections kept open on loopback, each sending its next request when the one before is answered.
//! The client is as plain as can be, since it shares the machine with what it measures.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use grantbook_ledger::Ledger;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::slice::Slice;
use crate::api::Service;
use crate::serve::{ServeError, serve_until};

/// The API of a ledger on a loopback address of its own.
pub struct Served {
    /// Where.
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl Served {
    /// Serves it.
    ///
    /// Errors: no address of the loopback can be listened on.
    pub async fn start(ledger: Ledger) -> anyhow::Result<Served> {
        let (stop, stopped) = oneshot::channel();
        let (ready, listening) = oneshot::channel();
        let until = async move {
            let _ = stopped.await;
        };
        let tell = move |address| {
            let _ = ready.send(address);
        };
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let serving = tokio::spawn(serve_until(Service::new(ledger), anywhere, None, tell, until));
        let address = listening.await.context("the API listens")?;
        Ok(Served { address, stop, serving })
    }

    /// Stops serving. Then nothing here holds the ledger any more.
    ///
    /// Errors: serving had failed.
    pub async fn stop(self) -> anyhow::Result<()> {
        drop(self.stop);
        Ok(self.serving.await??)
    }
}

/// Posts to `path` over so many connections for about `slice`; `next` makes the body of the connection numbered so. The
/// answer to each is to be 201.
///
/// Errors: a connection fails, or another answer comes.
pub async fn posts(
    address: SocketAddr,
    (path, token): (&str, &str),
    connections: usize,
    slice: Duration,
    next: impl Fn(usize) -> String,
) -> anyhow::Result<Slice> {
    let mut open = Vec::new();
    for number in 0..connections {
        open.push((number, Connection::open(address).await?));
    }
    let (began, next) = (Instant::now(), &next);
    let clients = open.into_iter().map(|(number, mut connection)| async move {
        let mut each = Vec::new();
        while began.elapsed() < slice {
            let sent = Instant::now();
            let answer = connection.request("POST", path, token, &next(number)).await?;
            if answer.status != 201 {
                bail!("a command was answered {answer}");
            }
            each.push(sent.elapsed());
        }
        Ok(each)
    });
    let each = futures_util::future::try_join_all(clients).await?.concat();
    Ok(Slice { done: each.len() as u64, took: began.elapsed(), each })
}

/// An answer, as it lies in what was read.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

impl std::fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.status, String::from_utf8_lossy(self.body))
    }
}

/// The status, and the length of the body, as an answer's head says.
fn head_of(head: &[u8]) -> Option<(u16, usize)> {
    let head = std::str::from_utf8(head).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let (_, length) = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    Some((status, length.trim().parse().ok()?))
}

/// One connection, one request at a time.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// Errors: nobody listens there.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, read: Vec::with_capacity(4_096) })
    }

    /// Sends a request; out comes the answer.
    ///
    /// Errors: the connection fails, or the answer does not say how long it is.
    pub async fn request(&mut self, method: &str, path: &str, token: &str, body: &str) -> anyhow::Result<Answer<'_>> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.read.clear();
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let (status, length) = head_of(self.read.get(..head).unwrap_or_default()).context("an answer with a length")?;
        while self.read.len() < head + length {
            self.more().await?;
        }
        Ok(Answer { status, body: self.read.get(head..).unwrap_or_default() })
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => bail!("the server closed the connection"),
            _ => Ok(()), // any other count is of bytes read
        }
    }
}
