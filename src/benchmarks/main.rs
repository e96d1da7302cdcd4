//! The benchmark: Grantbook beside the limit of the machine and beside its peers, on the same work, in one run.
//!
//! Every row of the table is a contest (`contest.rs`): the limit, the peers and Grantbook take turns, round after round, so
//! that what else the machine does falls on all alike and the ratios can be trusted. `rows/` has one file a row, `peers/`
//! one file a peer. What Grantbook does in a row is what `grantbook bench` measures (`grantbook::bench`).

mod child;
mod contest;
mod curves;
mod peers;
mod report;
mod rows;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use grantbook::bench::{Place, growth, growth_json, write_growth};

use crate::contest::Row;

/// The program's own: see docs/adr/0026.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Grantbook beside the limit of the machine and beside its peers, on the same work, in one run
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    table: TablePlan,
}

#[derive(clap::Subcommand)]
enum Command {
    /// The curves of a command and of every question on ever longer histories, as a table and as a picture
    Growth {
        #[command(flatten)]
        place: PlacePlan,
        /// Writes the curves as a picture
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
        /// Writes the curves as JSON
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// What the rows about processes start
    #[command(subcommand, hide = true)]
    Child(child::Task),
}

#[derive(clap::Args)]
struct PlacePlan {
    /// A directory on the disk that is meant; a new one in it is used and removed. PostgreSQL joins in where its user can
    /// reach it
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// How long histories become: small ends at 100,000 entries and 10,000 accounts, full at ten million and a million
    #[arg(long, value_enum, default_value = "small")]
    scale: Scale,
}

#[derive(clap::Args)]
struct TablePlan {
    #[command(flatten)]
    place: PlacePlan,
    /// Only the rows whose name begins so; several may be given
    #[arg(long, value_name = "ROW")]
    only: Vec<String>,
    /// Over how many rounds
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each contestant has its turn in a round
    #[arg(long, default_value_t = 0.5)]
    seconds: f64,
    /// Writes all figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes the table as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// How long histories become.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scale {
    /// To be looked at quickly.
    Small,
    /// What the table is about.
    Full,
}

/// What every row is told.
pub(crate) struct Setting {
    /// A directory of the run's own.
    pub(crate) dir: PathBuf,
    /// How long histories become.
    scale: Scale,
    /// Over how many rounds.
    pub(crate) rounds: usize,
    /// How long each contestant has its turn in a round.
    pub(crate) slice: Duration,
    /// Runs what is asynchronous.
    pub(crate) runtime: tokio::runtime::Runtime,
}

impl Setting {
    /// One figure for the small scale, another for the full one.
    pub(crate) fn scaled<T>(&self, small: T, full: T) -> T {
        match self.scale {
            Scale::Small => small,
            Scale::Full => full,
        }
    }

    /// Whether the table's own sizes are measured, which its aims in seconds are about.
    pub(crate) fn is_full(&self) -> bool {
        self.scaled(false, true)
    }

    /// A new directory for a row, or for a contestant in it.
    pub(crate) fn folder(&self, name: &str) -> std::io::Result<PathBuf> {
        let folder = self.dir.join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Nothing of a row is left to the next: neither files in the kernel's memory nor what it has yet to write.
    fn clear(&self) -> std::io::Result<()> {
        std::fs::remove_dir_all(&self.dir)?;
        std::fs::create_dir(&self.dir)?;
        rustix::fs::sync();
        Ok(())
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            tell(format_args!("grantbook-benchmarks: {error:#}"));
            ExitCode::from(3)
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        None => table(&arguments.table),
        Some(Command::Growth { place, svg, json }) => curves(&place, svg.as_deref(), json.as_deref()),
        Some(Command::Child(task)) => child::run(task).map(|()| ExitCode::SUCCESS),
    }
}

/// Runs the table's rows; the exit status is 1 where one did not reach what it is to.
fn table(plan: &TablePlan) -> anyhow::Result<ExitCode> {
    // A whole name means that row alone, though others begin so.
    let means = |only: &String, name: &str| match rows::ALL.iter().any(|row| row.name == only) {
        true => only == name,
        false => name.starts_with(only.as_str()),
    };
    let is_chosen = |row: &&rows::Entry| plan.only.is_empty() || plan.only.iter().any(|only| means(only, row.name));
    let chosen: Vec<&rows::Entry> = rows::ALL.iter().filter(is_chosen).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = rows::ALL.iter().map(|row| row.name).collect();
        anyhow::bail!("no row begins so; there are {}", names.join(", "));
    }
    let place = Place::make(Some(&plan.place.dir))?;
    let setting = Setting {
        dir: place.dir().to_owned(),
        scale: plan.place.scale,
        rounds: plan.rounds.max(1),
        slice: Duration::from_secs_f64(plan.seconds.clamp(0.02, 600.0)),
        runtime: tokio::runtime::Runtime::new()?,
    };
    let mut found: Vec<Row> = Vec::new();
    for row in chosen {
        tell(format_args!("measuring: {}", row.name));
        let row = (row.measure)(&setting).with_context(|| format!("the row `{}`", row.name))?;
        setting.clear()?;
        print(report::table(&row))?;
        found.push(row);
    }
    print(report::verdicts(&found))?;
    if let Some(file) = &plan.json {
        write_json(file, &report::json(&found))?;
    }
    if let Some(file) = &plan.markdown {
        write(file, &report::markdown(&found))?;
    }
    let reached = found.iter().flat_map(Row::verdicts).all(|verdict| verdict.reached);
    Ok(if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn curves(plan: &PlacePlan, svg: Option<&Path>, json: Option<&Path>) -> anyhow::Result<ExitCode> {
    let place = Place::make(Some(&plan.dir))?;
    let scale = match plan.scale {
        Scale::Small => grantbook::bench::Scale::Small,
        Scale::Full => grantbook::bench::Scale::Full,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let mut told = |what: &str| tell(format_args!("measuring: {what}"));
    let growth = runtime.block_on(growth::growth(place.dir(), scale, &mut told))?;
    write_growth(&growth, &mut std::io::stdout().lock())?;
    if let Some(file) = svg {
        write(file, &curves::svg(&growth))?;
    }
    if let Some(file) = json {
        write_json(file, &growth_json(&growth))?;
    }
    let all = growth.entries.iter().chain(&growth.accounts).all(growth::Curve::as_it_may);
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_json(file: &Path, value: &serde_json::Value) -> anyhow::Result<()> {
    write(file, &format!("{value:#}\n"))
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| file.display().to_string())
}

/// Data, on standard output.
fn print(text: String) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").context("standard output")
}

/// A message, on standard error. Where nobody hears it, nothing is lost.
fn tell(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
