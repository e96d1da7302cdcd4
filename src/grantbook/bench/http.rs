//! Commands over HTTP: connections kept open on loopback, each sending its next command when the one before is answered.
//! The client is as plain as can be, since it shares the machine with what it measures.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use grantbook_ledger::Ledger;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::commands::{Bed, CLOUD_ID};
use super::median;
use crate::api::Service;
use crate::serve::{ServeError, serve_until};

/// Some time of commands over HTTP.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Slice {
    latencies: Vec<Duration>,
    took: Duration,
}

impl Slice {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64().max(1e-9)
    }

    pub(crate) fn median_seconds(&self) -> f64 {
        median(self.latencies.iter().map(Duration::as_secs_f64))
    }
}

/// The API of a ledger on a loopback address of its own.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl Served {
    pub(crate) async fn start(ledger: Ledger) -> anyhow::Result<Served> {
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
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        drop(self.stop);
        Ok(self.serving.await??)
    }
}

pub(crate) async fn measure(
    address: SocketAddr,
    bed: &Bed,
    connections: usize,
    slice: Duration,
) -> anyhow::Result<Slice> {
    let mut open = Vec::new();
    for number in 0..connections {
        open.push((number, Connection::open(address).await?));
    }
    let began = Instant::now();
    let clients = open.into_iter().map(|(number, mut connection)| async move {
        let mut latencies = Vec::new();
        while began.elapsed() < slice {
            let sent = Instant::now();
            let (status, answer) = connection.command(&bed.token, &bed.next_command(number).to_string()).await?;
            if status != 201 {
                bail!("a command was answered {status}: {answer}");
            }
            latencies.push(sent.elapsed());
        }
        Ok(latencies)
    });
    let latencies = futures_util::future::try_join_all(clients).await?.concat();
    Ok(Slice { latencies, took: began.elapsed() })
}

/// One connection, one request at a time.
struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> anyhow::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, read: Vec::with_capacity(4_096) })
    }

    /// Gives a command; out come the status and the body.
    async fn command(&mut self, token: &str, body: &str) -> anyhow::Result<(u16, String)> {
        let request = format!(
            "POST /v1/tenants/{CLOUD_ID}/commands HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
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
        let text = String::from_utf8_lossy(self.read.get(..head).unwrap_or_default()).to_ascii_lowercase();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        let (status, length) = status.zip(length).with_context(|| format!("an answer with a length: {text}"))?;
        while self.read.len() < head + length {
            self.more().await?;
        }
        let body = self.read.get(head..).unwrap_or_default();
        Ok((status, String::from_utf8_lossy(body).into_owned()))
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => bail!("the server closed the connection"),
            _ => Ok(()), // any other count is of bytes read
        }
    }
}
