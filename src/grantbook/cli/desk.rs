//! Where a command is carried out: a client of the API, the tenant it is about and the token it shows.

use std::io::{ErrorKind, IsTerminal};
use std::path::Path;

use grantbook_ledger::backup::is_half_restored;
use grantbook_ledger::{JournalOpenError, OpenError, Options, Place};
use serde_json::Value;

use super::global::{Global, ledger_options, operator};
use super::stopping::waited;
use super::token_file::TokenFile;
use super::trouble::Trouble;
use crate::client::{Answer, Client, ClientError, Lines, Request};

/// Whether a ledger must be there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ledger {
    /// It must: a directory without one is a mistake.
    Existing,
    /// It is made where there is none.
    OrNew,
    /// Where there is none, an empty one in memory stands for it.
    OrNone,
}

/// Where a command is carried out.
pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) global: Global,
}

impl Desk {
    /// Finds the way to the ledger: the server that was named, the one that runs on the directory, or none.
    pub(crate) async fn open(global: &Global, needed: Ledger) -> Result<Desk, Trouble> {
        let client = match &global.server {
            Some(address) => Client::of_server(address)?,
            None => match Client::of_running_server(&global.data).await? {
                Some(client) => client,
                None => {
                    let options = match needed {
                        Ledger::Existing => {
                            expect_ledger(&global.data)?;
                            ledger_options(&global.data)?
                        }
                        Ledger::OrNone if !is_ledger(&global.data)? => in_memory(global)?,
                        Ledger::OrNew | Ledger::OrNone => ledger_options(&global.data)?,
                    };
                    open_ledger(&global.data, options).await?
                }
            },
        };
        Ok(Desk { client, global: global.clone() })
    }

    /// A desk at an empty ledger in memory, where a command would begin one: so what would be refused there leaves none behind.
    pub(crate) async fn before_a_new_one(global: &Global) -> Result<Option<Desk>, Trouble> {
        if global.server.is_some() || is_ledger(&global.data)? {
            return Ok(None);
        }
        let client = open_ledger(&global.data, in_memory(global)?).await?;
        Ok(Some(Desk { client, global: global.clone() }))
    }

    /// Closes what was opened.
    pub(crate) async fn close(self) -> Result<(), Trouble> {
        self.client.close().await.map_err(Trouble::from)
    }

    /// The tenant that was named, or the only one there is.
    pub(crate) async fn tenant(&self) -> Result<String, Trouble> {
        if let Some(tenant) = &self.global.tenant {
            return Ok(tenant.clone());
        }
        if !self.client.is_operators() {
            return Err(Trouble::Usage("which tenant? Give its Cloud ID with `--tenant`".to_owned()));
        }
        let answer = self.send(Request::get(&["operator", "tenants"])).await?;
        let tenants: Vec<&str> = tenants_in(&answer).collect();
        match tenants.as_slice() {
            [only] => Ok((*only).to_owned()),
            [] => Err(Trouble::Usage("there is no tenant yet: `grantbook tenant create` makes one".to_owned())),
            several => Err(Trouble::Usage(format!("which tenant? Give one with `--tenant`: {}", several.join(", ")))),
        }
    }

    /// Asks a question on the tenant. Where the directory is, whoever can open it can read it; a server is shown the
    /// token.
    pub(crate) async fn ask(&self, path: &[&str], with: impl FnOnce(Request) -> Request) -> Result<Value, Trouble> {
        let request = with(self.question(path).await?);
        self.asked(request).await
    }

    /// Sends a question that may take long: on a terminal it is said for how long already.
    pub(crate) async fn asked(&self, request: Request) -> Result<Value, Trouble> {
        let shows = !self.global.quiet && std::io::stderr().is_terminal();
        waited(shows, self.send(request)).await
    }

    /// A question on the tenant, to be sent.
    pub(crate) async fn question(&self, path: &[&str]) -> Result<Request, Trouble> {
        let tenant = self.tenant().await?;
        self.authorised(&tenant, Request::get(&within(&tenant, path)))
    }

    /// A question on a tenant with the token that it needs, if it needs one.
    pub(crate) fn authorised(&self, tenant: &str, request: Request) -> Result<Request, Trouble> {
        if self.client.is_operators() {
            return Ok(request);
        }
        Ok(request.bearer(&self.token(tenant)?))
    }

    /// Sends a request. Errors: the answer is a problem.
    pub(crate) async fn send(&self, request: Request) -> Result<Value, Trouble> {
        let answer = self.client.request(request).await?;
        if (200..300).contains(&answer.status) { Ok(answer.body) } else { Err(self.refused(&answer)) }
    }

    /// Sends a request whose answer is text, to be read line by line. Errors: the answer is a problem.
    pub(crate) async fn lines(&self, request: Request) -> Result<Lines, Trouble> {
        let lines = self.client.lines(request).await?;
        if (200..300).contains(&lines.status) { Ok(lines) } else { Err(self.refused(&lines.whole().await?)) }
    }

    /// What a problem means here.
    pub(crate) fn refused(&self, answer: &Answer) -> Trouble {
        match Trouble::of(answer) {
            Trouble::Refused(sentence) if answer.status == 401 && answer.body.get("rule").is_none() => {
                Trouble::Refused(format!("{sentence} (`grantbook sign-in` gets a token)"))
            }
            trouble @ (Trouble::Refused(_)
            | Trouble::Usage(_)
            | Trouble::Storage(_)
            | Trouble::NobodyReads
            | Trouble::Stopped) => trouble,
        }
    }

    /// Where the token for a tenant is kept.
    pub(crate) fn token_file(&self, tenant: &str) -> Result<TokenFile, Trouble> {
        TokenFile::of(&self.global, tenant)
    }

    /// The token to show: of the environment, else of the last sign-in.
    pub(crate) fn token(&self, tenant: &str) -> Result<String, Trouble> {
        if let Some(token) = super::token_file::from_environment() {
            return Ok(token);
        }
        let stored = self.token_file(tenant)?.read()?;
        stored.ok_or_else(|| {
            Trouble::Refused(format!("sign in first: `grantbook --tenant {tenant} sign-in` (or set GRANTBOOK_TOKEN)"))
        })
    }

    /// Refuses what only the local operator does, where a server is talked to over the network.
    pub(crate) fn operators_only(&self, what: &str) -> Result<(), Trouble> {
        if self.client.is_operators() {
            return Ok(());
        }
        Err(Trouble::Usage(format!(
            "`{what}` is the local operator's: run it where the ledger's directory is, without `--server`"
        )))
    }
}

/// The path of something of a tenant's.
pub(crate) fn within<'a>(tenant: &'a str, path: &[&'a str]) -> Vec<&'a str> {
    ["v1", "tenants", tenant].iter().chain(path).copied().collect()
}

/// The Cloud IDs in the operator's list of tenants.
pub(crate) fn tenants_in(answer: &Value) -> impl Iterator<Item = &str> {
    let tenants = answer.get("tenants").and_then(Value::as_array).into_iter().flatten();
    tenants.filter_map(|tenant| tenant.get("cloud_id").unwrap_or(tenant).as_str())
}

/// Opens the ledger in a directory, as the local operator.
pub(crate) async fn open_ledger(dir: &Path, options: Options) -> Result<Client, Trouble> {
    match Client::open(options, operator()?).await {
        Err(ClientError::Open(error)) => {
            if let OpenError::Journal(JournalOpenError::Locked { holder }) = *error {
                return Err(ClientError::Locked { dir: dir.to_owned(), holder }.into());
            }
            // The error says itself what an operator can do.
            Err(Trouble::Storage(format!("the ledger in `{}` cannot be opened: {error}", dir.display())))
        }
        opened => opened.map_err(Trouble::from),
    }
}

/// Refuses a directory without a ledger, so that none is made by looking for one. Errors: there is none, or it cannot be told.
pub(crate) fn expect_ledger(dir: &Path) -> Result<(), Trouble> {
    if is_ledger(dir)? {
        return Ok(());
    }
    Err(Trouble::Usage(format!(
        "there is no ledger in `{}`: `grantbook tenant create` begins one, `--data` names another directory",
        dir.display()
    )))
}

/// Whether a directory holds a ledger, or a restoration of one that did not end, of which the opening says more. Errors: it
/// cannot be told, which does not mean that there is none.
fn is_ledger(dir: &Path) -> Result<bool, Trouble> {
    let there = dir.join("journal").try_exists().and_then(|there| Ok(there || is_half_restored(dir)?));
    match there {
        Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(false),
        there => there.map_err(|error| Trouble::Storage(format!("`{}` cannot be looked at: {error}", dir.display()))),
    }
}

fn in_memory(global: &Global) -> Result<Options, Trouble> {
    Ok(Options { place: Place::Memory, ..ledger_options(&global.data)? })
}
