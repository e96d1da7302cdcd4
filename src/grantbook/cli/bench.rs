//! `bench`: how fast, beside the bare disk and the bare store; how cost grows with history; how it holds under load.

use std::path::PathBuf;
use std::time::Duration;

use crate::bench::{Place, Plan, Scale, growth, sustained};
use crate::bench::{growth_json, sustained_json, write_growth, write_sustained};

use super::output::Output;
use super::trouble::Trouble;

/// Measures in one run: raw file, bare sled, durable commands, HTTP, rebuilding, checks; and the ratios
#[derive(clap::Args)]
pub(crate) struct Bench {
    /// A directory on the disk that is meant; a new one in it is used and removed
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// About how long writing is measured
    #[arg(long, default_value_t = 30.0, conflicts_with_all = ["growth", "sustained"])]
    seconds: f64,
    /// Instead: a command and every question on ever longer histories, by entries and by accounts
    #[arg(long, conflicts_with = "sustained")]
    growth: bool,
    /// How long these histories become: small takes a minute or two and ends at 100,000 entries; full ends at ten million
    /// entries and at a million accounts, in some four minutes and at most 14 GiB of memory
    #[arg(long, value_enum, default_value = "small", requires = "growth")]
    scale: Size,
    /// Instead: commands over HTTP for so many minutes, each told with its throughput, latencies and memory
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..))]
    sustained: Option<u32>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Size {
    Small,
    Full,
}

impl Bench {
    pub(crate) async fn run(&self, output: &mut Output) -> Result<(), Trouble> {
        if self.growth {
            self.growth(output).await
        } else if let Some(minutes) = self.sustained {
            self.sustained(minutes, output).await
        } else {
            self.rows(output).await
        }
    }

    async fn rows(&self, output: &mut Output) -> Result<(), Trouble> {
        let plan = Plan { dir: Some(self.dir.clone()), seconds: self.seconds, ..Plan::default() };
        let figures = crate::bench::run(&plan, &mut telling(output)).await.map_err(unmeasured)?;
        if output.json { output.json(&figures.json()) } else { output.written(|out| figures.write_to(out)) }
    }

    async fn growth(&self, output: &mut Output) -> Result<(), Trouble> {
        let scale = match self.scale {
            Size::Small => Scale::Small,
            Size::Full => Scale::Full,
        };
        let place = self.place()?;
        let growth = growth::growth(place.dir(), scale, &mut telling(output)).await.map_err(unmeasured)?;
        if output.json { output.json(&growth_json(&growth)) } else { output.written(|out| write_growth(&growth, out)) }
    }

    async fn sustained(&self, minutes: u32, output: &mut Output) -> Result<(), Trouble> {
        let place = self.place()?;
        let loaded = {
            let mut tell = telling(output);
            let mut told = |minute: &sustained::Minute| tell(&format!("minute {} of {minutes} is over", minute.number));
            let periods = usize::try_from(minutes).unwrap_or(usize::MAX);
            sustained::sustained(place.dir(), periods, Duration::from_secs(60), &mut told).await
        };
        let minutes = loaded.map_err(unmeasured)?;
        if output.json {
            output.json(&sustained_json(&minutes))
        } else {
            output.written(|out| write_sustained(&minutes, out))
        }
    }

    fn place(&self) -> Result<Place, Trouble> {
        Place::make(Some(&self.dir))
            .map_err(|error| Trouble::Storage(format!("`{}` cannot be used: {error}", self.dir.display())))
    }
}

/// Tells on a terminal what is being measured.
fn telling(output: &Output) -> impl FnMut(&str) {
    let shows = output.shows_progress();
    move |what| {
        if shows {
            output.note(format_args!("measuring: {what}"));
        }
    }
}

fn unmeasured(error: anyhow::Error) -> Trouble {
    Trouble::Storage(format!("it could not be measured: {error:#}"))
}
