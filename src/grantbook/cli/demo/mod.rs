//! The demo: the organisation example (rule: I1), told by real commands on a fresh ledger.

mod history;
mod page;
mod people;
mod story;
mod temporary;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use grantbook_ledger::passwords::HashingCost;
use grantbook_ledger::{Options, WebhookOptions};
use temporary::TemporaryDirectory;

use super::global::{Global, operator};
use super::output::Output;
use super::serve::with_cause;
use super::trouble::Trouble;
use crate::api::ServiceSettings;
use crate::client::{Client, OPERATOR_SOCKET};

/// The port that is tried first; then those after it.
const FIRST_PORT: u16 = 8080;
const PORTS: u16 = 100;

/// Tells the organisation example on a fresh ledger, answers who granted what, now and then, and serves it
///
/// The ledger lies in a temporary directory, which is removed at the end.
#[derive(clap::Args)]
pub(crate) struct Demo {
    /// End after the story instead of serving
    #[arg(long)]
    no_serve: bool,
}

impl Demo {
    pub(crate) async fn run(&self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        if global.server.is_some() {
            return Err(Trouble::Usage("the demo has a ledger of its own: leave `--server` out".to_owned()));
        }
        let directory = TemporaryDirectory::create()?;
        // The demo's passwords are printed on the screen: hashing them at full cost would protect nothing and take seconds.
        // No other ledger is opened with this cost, and `doctor` refuses it in service.
        // It is for trying out, on this machine.
        let webhooks = WebhookOptions { loopback: true, ..WebhookOptions::default() };
        let options = Options { hashing: HashingCost::minimum(), webhooks, ..Options::directory(directory.path()) };
        let client = Client::open(options, operator()?).await?;
        let told = self.tell(&client, output).await;
        let told = told.and_then(|told| output.flush().map(|()| told));
        match told {
            Ok(told) if !self.no_serve => serve(client, &directory, &told, output).await,
            Ok(_) => client.close().await.map_err(Trouble::from),
            Err(trouble) => {
                client.close().await?;
                Err(trouble)
            }
        }
    }

    /// Lets the story happen and shows it.
    async fn tell(&self, client: &Client, output: &mut Output) -> Result<Told, Trouble> {
        let manager = story::happen(client).await?;
        let before = page::show(client, output).await?;
        Ok(Told { manager, before })
    }
}

/// What the story leaves for whoever tries it.
struct Told {
    /// MANAGER's password.
    manager: String,
    /// The position just before Bob granted Jeff his right.
    before: u64,
}

async fn serve(
    client: Client,
    directory: &TemporaryDirectory,
    told: &Told,
    output: &mut Output,
) -> Result<(), Trouble> {
    let Some((ledger, service)) = client.into_service(ServiceSettings::default()) else { return Ok(()) };
    let socket = directory.path().join(OPERATOR_SOCKET);
    let ready = |address| {
        // Nothing that could go wrong here is worth ending the demo for.
        let _ = page::invite(address, told, output).and_then(|()| output.flush());
    };
    let served = crate::serve::serve(service, free_address()?.into(), Some(socket), ready).await;
    let closed = ledger.close().await;
    served.map_err(|error| Trouble::Storage(with_cause(&error)))?;
    closed.map_err(|error| Trouble::Storage(error.to_string()))
}

/// The first port of this machine's own address that nobody listens on.
fn free_address() -> Result<SocketAddr, Trouble> {
    let mut addresses = (FIRST_PORT..FIRST_PORT + PORTS).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let free = addresses.find(|address| TcpListener::bind(address).is_ok());
    free.ok_or_else(|| Trouble::Storage(format!("no port from {FIRST_PORT} on is free: `--no-serve` needs none")))
}
