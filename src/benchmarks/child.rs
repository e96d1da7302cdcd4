//! Work that needs a process of its own: to be killed, to be started anew, or to have its memory looked at. The child says
//! one line on its standard output when it is ready, and goes on until it is killed.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use grantbook::bench::commands::Bed;
use grantbook::bench::founding::{CLOUD_ID, Founded};
use grantbook::bench::history::{Making, account, role};
use grantbook::bench::sustained::resident_bytes;
use grantbook_journal::{Store, StoreOptions};
use grantbook_ledger::events::CloudId;
use grantbook_ledger::{Ledger, Options, Point};
use grantbook_projections::Views;

/// Changes of each fact, where memory is looked at.
const CHANGES: u32 = 10;
/// Commands in flight when a child is killed.
const IN_FLIGHT: usize = 64;

/// What a child does.
#[derive(clap::Subcommand, Clone)]
pub(crate) enum Task {
    /// Opens a ledger and gives commands until it is killed
    Load {
        /// The ledger's directory
        dir: PathBuf,
        /// Who gives them
        token: String,
    },
    /// Opens a ledger and answers a question
    Open {
        /// The ledger's directory
        dir: PathBuf,
    },
    /// Opens a journal
    OpenJournal {
        /// The journal's directory
        dir: PathBuf,
    },
    /// Holds views of so many accounts
    Memory {
        /// How many
        accounts: u32,
    },
}

impl Task {
    fn arguments(&self) -> Vec<String> {
        let path = |dir: &PathBuf| dir.display().to_string();
        match self {
            Task::Load { dir, token } => vec!["load".to_owned(), path(dir), token.clone()],
            Task::Open { dir } => vec!["open".to_owned(), path(dir)],
            Task::OpenJournal { dir } => vec!["open-journal".to_owned(), path(dir)],
            Task::Memory { accounts } => vec!["memory".to_owned(), accounts.to_string()],
        }
    }
}

/// A child that is ready.
pub(crate) struct Started {
    child: Child,
    /// What it said.
    pub(crate) said: String,
}

/// Starts a child and waits until it is ready.
///
/// Errors: it ended before.
pub(crate) fn start(task: &Task) -> anyhow::Result<Started> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut child = command.arg("child").args(task.arguments()).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut said = String::new();
    BufReader::new(child.stdout.take().context("its output")?).read_line(&mut said)?;
    if said.is_empty() {
        bail!("the child ended: {}", child.wait()?);
    }
    Ok(Started { child, said })
}

impl Started {
    /// Kills it where it stands.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// What memory grew by, in bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Grown {
    /// An account, with its contact and its credentials.
    pub(crate) account: f64,
    /// A change of a fact.
    pub(crate) transition: f64,
}

impl Grown {
    /// Reads what a child said.
    pub(crate) fn read(said: &str) -> anyhow::Result<Grown> {
        let (account, transition) = said.trim().split_once(' ').context("two figures")?;
        Ok(Grown { account: account.parse()?, transition: transition.parse()? })
    }
}

/// Does what a child is to do.
pub(crate) fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Load { dir, token } => tokio::runtime::Runtime::new()?.block_on(async {
            let ledger = Ledger::open(Options::directory(dir)).await?;
            let bed = Bed::make(Founded { ledger, token }, IN_FLIGHT).await?;
            bed.commands(IN_FLIGHT, Duration::from_millis(100)).await?;
            say("under way")?;
            let parent = rustix::process::getppid();
            while rustix::process::getppid() == parent {
                bed.commands(IN_FLIGHT, Duration::from_secs(1)).await?;
            }
            Ok(())
        }),
        Task::Open { dir } => tokio::runtime::Runtime::new()?.block_on(async {
            let ledger = Ledger::open(Options::directory(dir)).await?;
            let (tenant, asked) = (ledger.tenant_named(&CloudId::new(CLOUD_ID)?)?, account(0)?);
            let there = tenant.ask(Point::Now, |views, _| views.account(&asked).is_some()).await?;
            say(if there { "yes" } else { "no" })?;
            wait()
        }),
        Task::OpenJournal { dir } => {
            let (store, _) = Store::open(&StoreOptions::new(dir))?;
            say(&store.streams().len().to_string())?;
            wait()
        }
        Task::Memory { accounts } => {
            let (_views, grown) = grown(accounts)?;
            say(&format!("{} {}", grown.account, grown.transition))?;
            wait()
        }
    }
}

fn grown(accounts: u32) -> anyhow::Result<(Views, Grown)> {
    let (mut views, mut making) = (Views::default(), Making::default());
    views.apply(&making.genesis()?);
    making.roles()?.iter().for_each(|entry| views.apply(entry));
    let before = resident_bytes()?;
    for number in 0..accounts {
        making.account(number)?.iter().for_each(|entry| views.apply(entry));
    }
    let with_accounts = resident_bytes()?;
    for turn in 0..CHANGES {
        for number in 0..accounts {
            views.apply(&making.turn(number, role(0)?, turn)?);
        }
    }
    let of = |more: u64, less: u64, count: f64| more.saturating_sub(less) as f64 / count;
    let account = of(with_accounts, before, f64::from(accounts));
    let transition = of(resident_bytes()?, with_accounts, f64::from(accounts) * f64::from(CHANGES));
    Ok((views, Grown { account, transition }))
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// Until it is killed; or until whoever started it is gone, so that no child is left over.
fn wait() -> anyhow::Result<()> {
    let parent = rustix::process::getppid();
    while rustix::process::getppid() == parent {
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}
