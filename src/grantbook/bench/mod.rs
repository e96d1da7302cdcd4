//! `grantbook bench`: what this machine's disk can do, what bare sled does with it, and what the ledger does; and how fast
//! history is read. All in one run, in interleaved rounds, so that what else the machine does falls on all alike and the
//! ratios can be trusted. Medians over the rounds.
//!
//! `growth` asks every question of ever longer histories; `sustained` goes on for as long as asked for. What any of them
//! stands on is public, so that the benchmark beside peers (`src/benchmarks`) measures the same work.

pub mod commands;
pub mod disk;
mod figures;
pub mod founding;
pub mod growth;
pub mod history;
pub mod http;
pub mod reading;
pub mod slice;
pub mod sustained;
mod tables;
pub mod writing;

use std::path::{Path, PathBuf};
use std::time::Duration;

use grantbook_journal::StoreOptions;
use grantbook_journal::bench::disk_bytes;

pub use figures::{Aim, Figure, Figures, shown, shown_time};
pub use tables::{growth_json, sustained_json, write_growth, write_sustained};

use commands::Bed;
use founding::Founded;
use slice::{Slice, median};

/// How many commands are in flight at once.
pub const IN_FLIGHT: [usize; 4] = [1, 64, 256, 1024];

/// How many connections HTTP is measured over.
pub const CONNECTIONS: usize = 64;

/// How large the histories are that are measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scale {
    /// A hundred thousand entries at most: a minute or two.
    #[default]
    Small,
    /// Ten million entries, a million accounts: the best part of an hour.
    Full,
}

/// What is to be measured, and for how long.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// A directory on the disk that is meant; a new one in it is used and removed. The system's temporary one where none is
    /// given, which may not be a disk at all.
    pub dir: Option<PathBuf>,
    /// About how long writing is measured, in seconds.
    pub seconds: f64,
    /// Over how many rounds.
    pub rounds: usize,
    /// How many transitions the history that is read has: ten for each of its facts.
    pub transitions: u32,
}

impl Default for Plan {
    /// Half a minute of writing over five rounds; a million transitions over a hundred thousand facts.
    fn default() -> Plan {
        Plan { dir: None, seconds: 30.0, rounds: 5, transitions: 1_000_000 }
    }
}

/// Runs all of it. `told` hears what is being measured. Needs a tokio runtime of several threads.
///
/// Errors: the directory cannot be used, or what is measured fails.
pub async fn run(plan: &Plan, told: &mut dyn FnMut(&str)) -> anyhow::Result<Figures> {
    let rounds = plan.rounds.max(1);
    let place = Place::make(plan.dir.as_deref())?;
    let dir = place.dir();
    let mut figures = Figures::default();

    told("preparing");
    let accounts = IN_FLIGHT.into_iter().max().unwrap_or(1);
    let bed = Bed::make(Founded::make(&dir.join("ledger")).await?, accounts).await?;
    let entry_bytes = bed.entry_bytes().await?;
    let served = http::Served::start(bed.ledger.clone()).await?;
    // Raw file, bare sled and ledger at each number in flight, and two kinds of HTTP.
    let slices = IN_FLIGHT.len() * 3 + 2;
    let slice = Duration::from_secs_f64((plan.seconds / (rounds * slices) as f64).max(0.02));
    let mut disk = Vec::new();
    for in_flight in IN_FLIGHT {
        disk.push(disk::Disk::make(&dir.join(format!("disk-{in_flight}")), in_flight, entry_bytes)?);
    }
    let mut writing = Writing::default();
    for round in 1..=rounds {
        told(&format!("writing, round {round} of {rounds}"));
        for (number, disk) in disk.iter_mut().enumerate() {
            let in_flight = IN_FLIGHT.get(number).copied().unwrap_or(1);
            let (raw, bare) = (disk.raw(slice)?, disk.bare_sled(slice)?);
            let commands = bed.commands(in_flight, slice).await?;
            writing.of(number, raw, bare, commands);
        }
        for (connections, rounds) in [(1, &mut writing.http_one), (CONNECTIONS, &mut writing.http)] {
            let next = |number| bed.next_command(number).to_string();
            rounds.push(http::posts(served.address, (&Bed::path(), &bed.token), connections, slice, next).await?);
        }
    }
    writing.tell(&mut figures);
    served.stop().await?;
    let events = bed.last().0 as f64;
    bed.close().await?;
    let bytes = disk_bytes(&dir.join("ledger").join("journal"))?;
    figures.add("live_bytes_an_event", "bytes an event on disk, as these commands left it", "B", bytes as f64 / events);

    told("making a history to read");
    let book = writing::Book::write(StoreOptions::new(dir.join("history")), plan.transitions)?;
    let bytes = disk_bytes(&book.options.dir)?;
    let each = bytes as f64 / book.events as f64;
    figures.add("bytes_an_event", "bytes an event on disk, of a long history", "B", each);
    let mut reading = reading::Reading::default();
    for round in 1..=rounds {
        told(&format!("reading, round {round} of {rounds}"));
        reading.round(&book)?;
    }
    reading.tell(&mut figures);
    Ok(figures)
}

/// What the rounds of writing gave.
#[derive(Default)]
struct Writing {
    raw: [Vec<Slice>; IN_FLIGHT.len()],
    bare: [Vec<Slice>; IN_FLIGHT.len()],
    commands: [Vec<Slice>; IN_FLIGHT.len()],
    http_one: Vec<Slice>,
    http: Vec<Slice>,
}

impl Writing {
    fn of(&mut self, number: usize, raw: Slice, bare: Slice, commands: Slice) {
        let all = [(&mut self.raw, raw), (&mut self.bare, bare), (&mut self.commands, commands)];
        for (rounds, slice) in all {
            if let Some(rounds) = rounds.get_mut(number) {
                rounds.push(slice);
            }
        }
    }

    fn tell(&self, figures: &mut Figures) {
        let per_second = |slices: &[Slice]| median(slices.iter().map(Slice::per_second));
        let each = IN_FLIGHT.iter().zip(&self.raw).zip(&self.bare).zip(&self.commands);
        for (((in_flight, raw), bare), commands) in each {
            let n = *in_flight;
            figures.add(format!("raw_{n}"), format!("raw append + fdatasync, {n} a sync"), "/s", per_second(raw));
            figures.add(format!("bare_sled_{n}"), format!("bare sled, {n} a sync"), "/s", per_second(bare));
            let words = format!("durable commands in process, {n} in flight");
            figures.add(format!("commands_{n}"), words, "/s", per_second(commands));
            // Of each round the ratio, then the median: what disturbed a round disturbed both.
            let ratio = |to: &[Slice]| {
                median(commands.iter().zip(to).map(|(one, other)| one.per_second() / other.per_second()))
            };
            figures.add(format!("commands_{n}_to_raw"), "  their ratio to raw", "", ratio(raw));
            let to_bare =
                Figure::new(format!("commands_{n}_to_bare_sled"), "  their ratio to bare sled", "", ratio(bare));
            figures.push(if n == 64 { to_bare.aiming(Aim::AtLeast(0.7)) } else { to_bare });
        }
        let http = median(self.http.iter().map(Slice::per_second));
        figures.add("http_commands_64", format!("commands over HTTP, {CONNECTIONS} connections"), "/s", http);
        let latency = median(self.http_one.iter().map(Slice::median_seconds));
        figures.add("http_latency", "one command over HTTP, at the median", "ms", latency * 1e3);
        let Some(raw) = self.raw.first() else { return };
        let raw = median(raw.iter().map(Slice::median_seconds));
        figures.add("raw_latency", "one raw append + fdatasync, at the median", "ms", raw * 1e3);
        let ratio = Figure::new("http_latency_to_raw", "  their ratio", "", latency / raw);
        figures.push(ratio.aiming(Aim::AtMost(3.0)));
    }
}

/// A directory of the bench's own, removed when it ends.
pub struct Place(PathBuf);

impl Place {
    /// A new one in `above`, or in the system's temporary one.
    ///
    /// Errors: it cannot be made.
    pub fn make(above: Option<&Path>) -> std::io::Result<Place> {
        let above = above.map_or_else(std::env::temp_dir, Path::to_owned);
        let dir = above.join(format!("grantbook-bench-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir_all(&dir)?;
        Ok(Place(dir.canonicalize()?))
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed is left for the system, or for who named the directory.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn every_row_is_measured() {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan { dir: Some(dir.path().to_owned()), seconds: 0.5, rounds: 2, transitions: 2_000 };
        let figures = run(&plan, &mut |_| {}).await.unwrap();
        assert!(figures.all().iter().all(|figure| figure.value > 0.0), "{figures:?}");
        let mut shown = Vec::new();
        figures.write_to(&mut shown).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        for figure in figures.all() {
            assert!(shown.contains(figure.words.trim()), "{shown}");
            assert!(figures.json()[&figure.key]["value"].is_number());
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
    }
}
