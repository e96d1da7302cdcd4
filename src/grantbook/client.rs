//! A client of the API with three ways to it: in this process, over the Unix socket of a running `serve`, over the
//! network. Whoever asks need not know which it is.

use std::path::{Path, PathBuf};
use std::pin::Pin;

use axum::body::{Body, Bytes};
use axum::http::Request as HttpRequest;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName};
use futures_util::{Stream, StreamExt, TryStreamExt};
use grantbook_events::OperatorName;
use grantbook_ledger::{CloseError, Ledger, OpenError, Options};
use reqwest::{Method, Url};
use serde_json::Value;
use tower::ServiceExt;

use crate::api::{Door, Front, Service, ServiceSettings, router};
use crate::socket::SocketPath;

/// The name of the Unix socket in the data directory.
pub const OPERATOR_SOCKET: &str = "operator.sock";

/// The type of JSON lines.
const JSON_LINES: &str = "application/x-ndjson";

/// One request of the API.
pub struct Request {
    method: Method,
    path: Vec<String>,
    query: Vec<(String, String)>,
    headers: Vec<(HeaderName, String)>,
    body: Option<Bytes>,
}

impl Request {
    fn new(method: Method, path: &[&str]) -> Request {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        Request { method, path, query: Vec::new(), headers: Vec::new(), body: None }
    }

    /// Asks for what is at `path`, given in parts that need not be encoded.
    pub fn get(path: &[&str]) -> Request {
        Request::new(Method::GET, path)
    }

    /// Takes away what is at `path`.
    pub fn delete(path: &[&str]) -> Request {
        Request::new(Method::DELETE, path)
    }

    /// Gives `body` to what is at `path`.
    pub fn post(path: &[&str], body: &Value) -> Request {
        let mut request = Request::new(Method::POST, path).header(CONTENT_TYPE, "application/json");
        request.body = Some(Bytes::from(body.to_string()));
        request
    }

    /// Gives text of a media type to what is at `path`.
    pub fn post_text(path: &[&str], media: &str, text: impl Into<Bytes>) -> Request {
        let mut request = Request::new(Method::POST, path).header(CONTENT_TYPE, media);
        request.body = Some(text.into());
        request
    }

    /// Gives JSON lines to what is at `path`.
    pub fn post_lines(path: &[&str], lines: impl Into<Bytes>) -> Request {
        Request::post_text(path, JSON_LINES, lines)
    }

    /// The same with a parameter.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Request {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// The same with a parameter, where there is a value for it.
    pub fn maybe_query(self, name: &str, value: Option<impl ToString>) -> Request {
        match value {
            Some(value) => self.query(name, value.to_string()),
            None => self,
        }
    }

    /// The same with a header.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Request {
        self.headers.push((name, value.into()));
        self
    }

    /// The same in the name of whom the token belongs to.
    pub fn bearer(self, token: &str) -> Request {
        self.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    /// The same, asking for JSON lines.
    pub fn as_lines(self) -> Request {
        self.header(ACCEPT, JSON_LINES)
    }

    /// The request at the server whose address is `base`.
    fn at(self, base: &Url) -> Result<HttpRequest<Bytes>, ClientError> {
        let mut url = base.clone();
        url.path_segments_mut().map_err(|()| ClientError::Address(base.to_string()))?.pop_if_empty().extend(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let mut request = HttpRequest::builder().method(self.method).uri(url.as_str());
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        request.body(self.body.unwrap_or_default()).map_err(|error| ClientError::Unfit(error.to_string()))
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; null where there was none.
    pub body: Value,
}

/// What came back, as bytes.
#[derive(Debug)]
pub struct Bytewise {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Bytewise {
    /// The same as JSON. Errors: it is none.
    pub fn json(self) -> Result<Answer, ClientError> {
        let Bytewise { status, bytes } = self;
        if bytes.is_empty() {
            return Ok(Answer { status, body: Value::Null });
        }
        let body = serde_json::from_slice(&bytes).map_err(|_| ClientError::NotJson { status })?;
        Ok(Answer { status, body })
    }
}

/// What comes back line by line.
pub struct Lines {
    /// The HTTP status.
    pub status: u16,
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, ClientError>> + Send>>,
    rest: Vec<u8>,
    ended: bool,
}

impl Lines {
    /// The next line, without its end; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<String>, ClientError> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let after = self.rest.split_off(end + 1);
                let line = std::mem::replace(&mut self.rest, after);
                return Ok(Some(text(&line)));
            }
            if self.ended {
                let line = std::mem::take(&mut self.rest);
                return Ok((!line.is_empty()).then(|| text(&line)));
            }
            match self.chunks.next().await {
                Some(chunk) => self.rest.extend_from_slice(&chunk?),
                None => self.ended = true,
            }
        }
    }

    /// The next bytes, whatever lines they are; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ClientError> {
        if !self.rest.is_empty() {
            return Ok(Some(Bytes::from(std::mem::take(&mut self.rest))));
        }
        self.chunks.next().await.transpose()
    }

    /// All of it as one answer.
    pub async fn whole(self) -> Result<Answer, ClientError> {
        self.bytes().await?.json()
    }

    /// All of it, whatever it is.
    pub async fn bytes(mut self) -> Result<Bytewise, ClientError> {
        let mut bytes = std::mem::take(&mut self.rest);
        while let Some(chunk) = self.chunks.next().await {
            bytes.extend_from_slice(&chunk?);
        }
        Ok(Bytewise { status: self.status, bytes })
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned()
}

/// Why there is no answer.
#[derive(Debug)]
pub enum ClientError {
    /// The ledger in the directory could not be opened.
    Open(Box<OpenError>),
    /// Another process has the directory, and no server answers there.
    Locked {
        /// The directory.
        dir: PathBuf,
        /// Who has it: process id and program.
        holder: String,
    },
    /// The ledger was not closed cleanly.
    Close(CloseError),
    /// The server's address is none.
    Address(String),
    /// The request cannot be put as one of HTTP.
    Unfit(String),
    /// The server does not answer.
    Unreachable(String),
    /// What answers is not the API.
    NotJson {
        /// The HTTP status.
        status: u16,
    },
}

impl std::fmt::Display for ClientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ClientError::Open(error) => error.fmt(f),
            ClientError::Locked { dir, holder } => write!(
                f,
                "`{}` is in use ({holder}), and no server answers on `{OPERATOR_SOCKET}` in it: wait for that \
                 process to end or stop it",
                dir.display()
            ),
            ClientError::Close(error) => error.fmt(f),
            ClientError::Address(address) => {
                write!(f, "`{address}` is no address of a server: expected http(s)://host")
            }
            ClientError::Unfit(what) => write!(f, "the request cannot be sent: {what}"),
            ClientError::Unreachable(what) => write!(f, "the server does not answer: {what}"),
            ClientError::NotJson { status } => {
                write!(f, "what answers is not Grantbook: expected JSON, found something else with status {status}")
            }
        }
    }
}

impl std::error::Error for ClientError {}

/// A way to the API.
pub struct Client {
    way: Way,
}

enum Way {
    /// The API in this process, over a ledger of its own.
    Here { ledger: Ledger, service: Service, router: Front },
    /// The API of another process.
    There { http: reqwest::Client, base: Url, operator: bool, _socket: Option<SocketPath> },
}

impl Client {
    /// Opens the ledger itself, as the local operator.
    pub async fn open(options: Options, operator: OperatorName) -> Result<Client, ClientError> {
        let ledger = Ledger::open(options).await.map_err(|error| ClientError::Open(Box::new(error)))?;
        let service = Service::new(ledger.clone());
        let router = router(service.clone(), Door::Operator { operator });
        Ok(Client { way: Way::Here { ledger, service, router } })
    }

    /// The server that has the directory open, where one answers there.
    pub async fn of_running_server(dir: &Path) -> Result<Option<Client>, ClientError> {
        // Where there is no way to it, nobody listens there either.
        let Ok(socket) = SocketPath::of(&dir.join(OPERATOR_SOCKET)) else { return Ok(None) };
        if tokio::net::UnixStream::connect(socket.path()).await.is_err() {
            return Ok(None);
        }
        let http = reqwest::Client::builder().unix_socket(socket.path()).no_proxy();
        Client::there(http, "http://operator", Some(socket)).map(Some)
    }

    /// A server by its address.
    pub fn of_server(address: &str) -> Result<Client, ClientError> {
        let http = reqwest::Client::builder().connect_timeout(std::time::Duration::from_secs(10));
        Client::there(http, address, None)
    }

    fn there(http: reqwest::ClientBuilder, address: &str, socket: Option<SocketPath>) -> Result<Client, ClientError> {
        let base = Url::parse(address).map_err(|_| ClientError::Address(address.to_owned()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(ClientError::Address(address.to_owned()));
        }
        // A redirect would carry the token somewhere else.
        let http = http
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("grantbook/", env!("CARGO_PKG_VERSION")));
        let http = http.build().map_err(|error| ClientError::Unreachable(chain(&error)))?;
        Ok(Client { way: Way::There { http, base, operator: socket.is_some(), _socket: socket } })
    }

    /// Whether requests without a token are the local operator's own.
    pub fn is_operators(&self) -> bool {
        match &self.way {
            Way::Here { .. } => true,
            Way::There { operator, .. } => *operator,
        }
    }

    /// Whether the ledger is open in this process, so that nobody else can change it meanwhile.
    pub fn is_here(&self) -> bool {
        match &self.way {
            Way::Here { .. } => true,
            Way::There { .. } => false,
        }
    }

    /// Sends a request and waits for the whole answer.
    pub async fn request(&self, request: Request) -> Result<Answer, ClientError> {
        self.lines(request).await?.whole().await
    }

    /// Sends a request and waits for the whole answer, which need not be JSON.
    pub async fn bytes(&self, request: Request) -> Result<Bytewise, ClientError> {
        self.lines(request).await?.bytes().await
    }

    /// Sends a request whose answer comes line by line.
    pub async fn lines(&self, request: Request) -> Result<Lines, ClientError> {
        match &self.way {
            Way::Here { router, .. } => {
                let here = Url::parse("http://operator").map_err(|error| ClientError::Unfit(error.to_string()))?;
                let answer = router.clone().oneshot(request.at(&here)?.map(Body::from)).await;
                let answer = answer.unwrap_or_else(|never| match never {});
                let status = answer.status().as_u16();
                let chunks = answer.into_body().into_data_stream();
                let chunks = TryStreamExt::map_err(chunks, |error| ClientError::Unreachable(chain(&error)));
                Ok(Lines { status, chunks: Box::pin(chunks), rest: Vec::new(), ended: false })
            }
            Way::There { http, base, .. } => {
                let unreachable = |error: reqwest::Error| ClientError::Unreachable(chain(&error.without_url()));
                let request = reqwest::Request::try_from(request.at(base)?).map_err(unreachable)?;
                let answer = http.execute(request).await.map_err(unreachable)?;
                let status = answer.status().as_u16();
                let chunks = answer.bytes_stream().map_err(unreachable);
                Ok(Lines { status, chunks: Box::pin(chunks), rest: Vec::new(), ended: false })
            }
        }
    }

    /// The ledger and its API, where they are in this process: to be served. The ledger is to be closed afterwards.
    pub fn into_service(self, settings: ServiceSettings) -> Option<(Ledger, Service)> {
        match self.way {
            Way::Here { ledger, .. } => Some((ledger.clone(), Service::with(ledger, settings))),
            Way::There { .. } => None,
        }
    }

    /// Closes the ledger, where it was opened here.
    pub async fn close(self) -> Result<(), ClientError> {
        match self.way {
            Way::Here { ledger, service, router } => {
                drop((service, router));
                ledger.close().await.map_err(ClientError::Close)
            }
            Way::There { .. } => Ok(()),
        }
    }
}

/// An error with what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
