use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use axum::http::HeaderValue;
use grantbook_events::SiteUrl;
use grantbook_ledger::outbox::{SmtpOptions, check_sender};
use grantbook_ledger::{MailOptions, Options, WebhookOptions};
use zeroize::Zeroizing;

use super::desk::open_ledger;
use super::global::{Global, Traces, ledger_options};
use super::output::Output;
use super::trouble::Trouble;
use crate::api::ServiceSettings;
use crate::client::{Client, OPERATOR_SOCKET};
use crate::serve::Listen;
use crate::tls::Tls;

/// Serves the API, and lets the other commands work on the directory meanwhile
#[derive(clap::Args)]
pub(crate) struct Serve {
    /// Address to listen on: a number or a name, and a port
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS", value_parser = address)]
    listen: SocketAddr,
    /// Certificate to serve TLS with, and those of who signed it, in PEM; read again on SIGHUP
    #[arg(long, value_name = "FILE", env = "GRANTBOOK_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", env = "GRANTBOOK_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Where the ledger is kept: `sled:` and a directory; else `--data`
    #[arg(long, value_name = "STORE", value_parser = store)]
    store: Option<PathBuf>,
    /// Mail server that mail is handed over to: `smtp://HOST:PORT` (with `?tls=required` for STARTTLS) or
    /// `smtps://HOST:PORT`. Who signs in there stands in GRANTBOOK_SMTP_USERNAME and GRANTBOOK_SMTP_PASSWORD. Without it,
    /// mail is put into the folder `outbox` beside the journal
    #[arg(long, value_name = "URL", env = "GRANTBOOK_SMTP", value_parser = mail_server)]
    smtp: Option<String>,
    /// The sender of mail
    #[arg(long, value_name = "EMAIL", env = "GRANTBOOK_MAIL_FROM", default_value = "grantbook@localhost", value_parser = sender)]
    mail_from: String,
    /// Where people reach this server: links in mail begin with it; else the address listened on
    #[arg(long, value_name = "URL", env = "GRANTBOOK_PUBLIC_URL", value_parser = public_url)]
    public_url: Option<String>,
    /// Pages of this origin may ask by script, such as https://portal.example.org; none may, where it is not said
    #[arg(long = "cors-origin", value_name = "ORIGIN", env = "GRANTBOOK_CORS_ORIGIN", value_delimiter = ',', value_parser = origin)]
    origins: Vec<HeaderValue>,
    /// Collector of OpenTelemetry that traces go to, by OTLP over HTTP, such as http://127.0.0.1:4318
    #[cfg(feature = "otel")]
    #[arg(long, value_name = "URL", env = "GRANTBOOK_OTLP", value_parser = crate::traces::endpoint)]
    otlp: Option<String>,
    /// Settings in a TOML file: each flag of `serve` by its name, such as `listen = "0.0.0.0:8080"`. A flag or a variable of the environment
    /// goes before it
    #[arg(long, value_name = "FILE", env = "GRANTBOOK_CONFIG")]
    config: Option<PathBuf>,
    /// Directory, on another disk at best, that every entry is also written to in plain files; the ledger can be rebuilt from it
    /// with `restore --from-mirror`
    #[arg(long, value_name = "DIR", env = "GRANTBOOK_MIRROR")]
    mirror: Option<PathBuf>,
    /// Let webhooks lead to this machine itself (http://127.0.0.1:PORT/), to try things out; not where tenants must not reach what
    /// listens here
    #[arg(long, env = "GRANTBOOK_LOOPBACK_WEBHOOKS")]
    loopback_webhooks: bool,
    /// Where the journal's head is missing, make it anew: earlier losses can then not be noticed
    #[arg(long)]
    accept_missing_head: bool,
}

/// The address that a text stands for; of those of a name the first of version 4, which is what others mean by `localhost`.
fn address(text: &str) -> Result<SocketAddr, String> {
    let wrong = |why: std::io::Error| {
        format!("expected an address and a port, such as 127.0.0.1:8080 or localhost:8080: {why}")
    };
    let found: Vec<SocketAddr> = text.to_socket_addrs().map_err(wrong)?.collect();
    let best = found.iter().find(|address| address.is_ipv4()).or(found.first());
    best.copied().ok_or_else(|| format!("`{text}` has no address here"))
}

fn store(text: &str) -> Result<PathBuf, String> {
    let dir = text.strip_prefix("sled:").filter(|dir| !dir.is_empty());
    dir.map(PathBuf::from).ok_or_else(|| "expected `sled:` and a directory, such as sled:/var/lib/grantbook".to_owned())
}

fn origin(text: &str) -> Result<HeaderValue, String> {
    let named = text.starts_with("https://") || text.starts_with("http://");
    let whole = named && text.matches('/').count() == 2;
    let value = HeaderValue::from_str(text).ok().filter(|_| whole);
    value.ok_or_else(|| "expected an origin without a path, such as https://portal.example.org".to_owned())
}

fn mail_server(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("smtp://").or_else(|| text.strip_prefix("smtps://"));
    let named = host.filter(|host| !host.is_empty()).map(|_| text.to_owned());
    named.ok_or_else(|| "expected smtp://HOST:PORT or smtps://HOST:PORT".to_owned())
}

fn sender(text: &str) -> Result<String, String> {
    let sender = check_sender(text).map(|()| text.to_owned());
    sender.map_err(|_| "expected one email address, such as grantbook@example.org".to_owned())
}

/// What links in mail begin with: a way back that is none would be found out by whoever lost a password.
fn public_url(text: &str) -> Result<String, String> {
    let whole = SiteUrl::new(text).is_ok() && !text.contains('?');
    if whole {
        Ok(text.to_owned())
    } else {
        Err("expected http(s)://HOST, such as https://grants.example.org".to_owned())
    }
}

impl Serve {
    /// The certificate, where one is named.
    fn tls(&self, output: &Output) -> Result<Option<Tls>, Trouble> {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            if !self.listen.ip().is_loopback() {
                output.note("Without TLS (`--tls-cert`, `--tls-key`) passwords and tokens cross the network in clear.");
            }
            return Ok(None);
        };
        let tls = Tls::read(certificate, key).map_err(|error| Trouble::Usage(error.to_string()))?;
        if tls.key_is_open().unwrap_or(false) {
            output.note(format_args!("`{}` can be read by everybody here: chmod 600.", key.display()));
        }
        Ok(Some(tls))
    }

    /// The way to the collector of traces, where one is named. To be called outside of the runtime: it has threads of its own.
    pub(crate) fn traces(&self) -> Result<Traces, Trouble> {
        #[cfg(feature = "otel")]
        let collector = self.otlp.as_deref().map(crate::traces::Collector::at).transpose().map_err(Trouble::Usage)?;
        Ok(Traces {
            #[cfg(feature = "otel")]
            collector,
        })
    }

    fn mail(&self) -> Result<MailOptions, Trouble> {
        let secret = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let credentials = secret("GRANTBOOK_SMTP_USERNAME").zip(secret("GRANTBOOK_SMTP_PASSWORD"));
        let credentials = credentials.map(|(username, password)| (username, Zeroizing::new(password)));
        let smtp = self.smtp.clone().map(|url| SmtpOptions { url, credentials });
        if smtp.is_none() && secret("GRANTBOOK_SMTP_USERNAME").is_some() {
            return Err(Trouble::Usage(
                "somebody is to sign in to a mail server, but none is named: `--smtp`".to_owned(),
            ));
        }
        let public_url = self.public_url.as_deref().unwrap_or_default().trim_end_matches('/').to_owned();
        Ok(MailOptions { smtp, from: self.mail_from.clone(), public_url })
    }

    pub(crate) async fn run(&self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        if global.server.is_some() {
            return Err(Trouble::Usage("`serve` is a server: leave `--server` out".to_owned()));
        }
        let data = self.store.clone().unwrap_or_else(|| global.data.clone());
        let runs_already = || Trouble::Storage(format!("a server runs on `{}` already", data.display()));
        if Client::of_running_server(&data).await?.is_some() {
            return Err(runs_already());
        }
        let tls = self.tls(output)?;
        let mail = self.mail()?;
        let (accept_missing_head, mirror) = (self.accept_missing_head, self.mirror.clone());
        let webhooks = WebhookOptions { loopback: self.loopback_webhooks, ..WebhookOptions::default() };
        let options = Options { accept_missing_head, mail, mirror, webhooks, ..ledger_options(&data)? };
        crate::metrics::start();
        let began = std::time::Instant::now();
        let client = open_ledger(&data, options).await?;
        crate::metrics::started(began.elapsed());
        let settings = ServiceSettings { origins: self.origins.clone() };
        let (ledger, service) = client.into_service(settings).ok_or_else(runs_already)?;
        let (links, here) = (ledger.clone(), self.public_url.is_none());
        let place = data.display().to_string();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listen = Listen { tls, ..self.listen.into() };
        let ready = move |address| {
            if here {
                links.set_public_url(&format!("{scheme}://{address}"));
            }
            output.note(format_args!(
                "Serving on {scheme}://{address}, and on the socket in `{}`. Ctrl-C ends it.",
                place
            ));
        };
        let served = crate::serve::serve(service, listen, Some(data.join(OPERATOR_SOCKET)), ready).await;
        let closed = ledger.close().await;
        served.map_err(|error| Trouble::Storage(with_cause(&error)))?;
        closed.map_err(|error| Trouble::Storage(error.to_string()))
    }
}

/// An error and what caused it.
pub(crate) fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) if !error.to_string().contains(&cause.to_string()) => format!("{error}: {cause}"),
        Some(_) | None => error.to_string(),
    }
}
