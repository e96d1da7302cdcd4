//! What every command takes: where the ledger is, which tenant, how to answer.

use std::path::{Path, PathBuf};

use grantbook_ledger::Options;
use grantbook_ledger::events::OperatorName;
use grantbook_ledger::passwords::HashingCost;

use super::trouble::Trouble;
use crate::serve::{operator_of, owner_of};

/// The environment variable that makes passwords cheap to hash, for tests. `doctor` refuses it in service.
pub(crate) const HASHING: &str = "GRANTBOOK_HASHING";

/// Options of every command.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Directory of the ledger
    #[arg(
        long,
        global = true,
        env = "GRANTBOOK_DATA",
        hide_env_values = true,
        default_value = "./grantbook-data",
        value_name = "DIR"
    )]
    pub(crate) data: PathBuf,
    /// Talk to a running server instead; GRANTBOOK_TOKEN is the token to show it
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// Cloud ID of the tenant; not needed where there is only one
    #[arg(long, global = true, value_name = "CLOUD_ID")]
    pub(crate) tenant: Option<String>,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing but what was asked for
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

impl Global {
    /// Refuses what looks at the directory itself, where a server is named.
    pub(crate) fn needs_directory(&self, what: &str) -> Result<(), Trouble> {
        match self.server {
            None => Ok(()),
            Some(_) => Err(Trouble::Usage(format!("`{what}` looks at the ledger's directory: leave `--server` out"))),
        }
    }
}

/// The options with which the ledger in the directory is opened.
pub(crate) fn ledger_options(dir: impl Into<PathBuf>) -> Result<Options, Trouble> {
    let mut options = Options::directory(dir);
    if let Ok(cost) = std::env::var(HASHING) {
        options.hashing = match cost.as_str() {
            "minimum" => HashingCost::minimum(),
            _ => return Err(Trouble::Usage(format!("{HASHING}: expected `minimum`, or nothing"))),
        };
    }
    Ok(options)
}

/// The local operator: named after the system user.
pub(crate) fn operator() -> Result<OperatorName, Trouble> {
    let owner = owner_of(Path::new("/proc/self")).ok().and_then(operator_of);
    let named = || OperatorName::new(&std::env::var("USER").ok()?).ok();
    owner.or_else(named).ok_or_else(|| {
        Trouble::Usage(
            "who you are cannot be told, and the operator is named after the system user: set USER".to_owned(),
        )
    })
}

/// Where traces go, beside what is told on standard error: nowhere, where the program is built without the feature `otel`.
#[derive(Default)]
pub(crate) struct Traces {
    /// A collector, where one is named.
    #[cfg(feature = "otel")]
    pub(crate) collector: Option<crate::traces::Collector>,
}

/// Lets the program tell what it does on standard error: warnings only, or for a server what it does at all.
pub(crate) fn start_tracing(usually: &str, traces: &Traces) {
    use std::io::IsTerminal;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    use tracing_subscriber::{EnvFilter, Layer, fmt, registry};
    let filter = ["GRANTBOOK_LOG", "RUST_LOG"].into_iter().find_map(|name| EnvFilter::try_from_env(name).ok());
    let to_stderr = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let subscriber = registry().with(to_stderr.with_filter(filter.unwrap_or_else(|| EnvFilter::new(usually))));
    #[cfg(feature = "otel")]
    let subscriber = subscriber.with(traces.collector.as_ref().map(crate::traces::Collector::layer));
    #[cfg(not(feature = "otel"))]
    let _ = traces;
    // Somebody who uses the program as a library may have set one up already: theirs stays.
    let _ = subscriber.try_init();
}
