//! Handing mail over to an SMTP server (rule: P8).

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::{Error, SmtpTransport};
use lettre::{Message, Transport};
use zeroize::Zeroizing;

use super::OutboxError;

/// How long a server may take to answer: a slow one must not keep the mails of others waiting.
const PATIENCE: Duration = Duration::from_secs(5);

/// How mail is handed over to a server.
#[derive(Clone)]
pub struct SmtpOptions {
    /// `smtp://HOST:PORT` without encryption, with `?tls=required` or `?tls=opportunistic` with STARTTLS, or
    /// `smtps://HOST:PORT`. It holds no password.
    pub url: String,
    /// Who signs in there, and with what; nobody, where the server asks for nobody.
    pub credentials: Option<(String, Zeroizing<String>)>,
}

impl fmt::Debug for SmtpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpOptions({}, hidden)", self.url)
    }
}

/// Connects with every mail anew: mails are few, and a connection that was lost meanwhile is no trouble.
pub(super) fn transport(options: &SmtpOptions) -> Result<SmtpTransport, String> {
    let holds_password = options.url.split_once("://").is_some_and(|(_, rest)| {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        host.contains('@')
    });
    if holds_password {
        return Err(
            "the URL of the mail server names somebody: give username and password in the environment".to_owned()
        );
    }
    let transport = SmtpTransport::from_url(&options.url).map_err(|error| error.to_string())?.timeout(Some(PATIENCE));
    let transport = match &options.credentials {
        Some((username, password)) => transport.credentials(Credentials::new(username.clone(), password.to_string())),
        None => transport,
    };
    Ok(transport.build())
}

pub(super) fn deliver(transport: &SmtpTransport, message: &Message) -> Result<(), OutboxError> {
    transport.send(message).map(|_| ()).map_err(|error| failure(&error))
}

/// What a server answers may name the recipient, so only its code is kept.
fn failure(error: &Error) -> OutboxError {
    match error.status() {
        Some(code) => OutboxError::NotTaken(code.to_string()),
        None if error.is_timeout() => OutboxError::NotReached("it does not answer in time"),
        None if error.is_tls() => OutboxError::NotReached("its certificate or its encryption is not accepted"),
        None => OutboxError::NotReached("no connection came about"),
    }
}
