//! What every command takes: where the ledger is, which tenant, how to answer.

use std::path::PathBuf;

use grantbook_ledger::Options;
use grantbook_ledger::events::OperatorName;
use grantbook_ledger::passwords::HashingCost;

use super::trouble::Trouble;

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
    let user = user_of_this_process().or_else(|| std::env::var("USER").ok());
    OperatorName::new(user.as_deref().unwrap_or("operator")).map_err(|wrong| {
        Trouble::Usage(format!("the name of the system user cannot be an operator's: {}", wrong.message))
    })
}

fn user_of_this_process() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let id = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = users.lines().map(|line| line.split(':'));
    fields.find_map(|mut user| {
        let name = user.next()?;
        (user.nth(1) == Some(id.as_str())).then(|| name.to_owned())
    })
}

/// Lets the program tell what it does on standard error: warnings only, or for a server what it does at all.
pub(crate) fn start_tracing(usually: &str) {
    use std::io::IsTerminal;
    use tracing_subscriber::EnvFilter;
    let filter = ["GRANTBOOK_LOG", "RUST_LOG"].into_iter().find_map(|name| EnvFilter::try_from_env(name).ok());
    let to_stderr = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // Somebody who uses the program as a library may have set one up already: theirs stays.
    let _ = to_stderr.with_env_filter(filter.unwrap_or_else(|| EnvFilter::new(usually))).try_init();
}
