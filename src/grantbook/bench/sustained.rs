//! Commands over HTTP for as long as asked for, told minute by minute: whether throughput stays, what memory grows by, and
//! the longest that anybody waited.

use std::path::Path;
use std::time::Duration;

use super::CONNECTIONS;
use super::commands::Bed;
use super::founding::Founded;
use super::http::{Served, posts};

/// A part of the load, usually a minute.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Minute {
    /// Which, from 1.
    pub number: usize,
    /// Commands answered a second.
    pub per_second: f64,
    /// What half of the commands took at most, in seconds.
    pub p50_seconds: f64,
    /// What 99 of 100 commands took at most, in seconds.
    pub p99_seconds: f64,
    /// What the slowest took, in seconds: nothing stood still for longer.
    pub longest_seconds: f64,
    /// Memory that the process holds after it, in bytes, the callers' included.
    pub resident_bytes: u64,
    /// Entries after it.
    pub entries: u64,
}

/// Loads a new ledger in a directory for so many periods. `told` hears of each when it is over. Needs a tokio runtime of
/// several threads.
///
/// Errors: the directory cannot be used, or a command is refused.
pub async fn sustained(
    dir: &Path,
    periods: usize,
    period: Duration,
    told: &mut dyn FnMut(&Minute),
) -> anyhow::Result<Vec<Minute>> {
    let bed = Bed::make(Founded::make(dir).await?, CONNECTIONS).await?;
    let served = Served::start(bed.ledger.clone()).await?;
    let mut minutes = Vec::new();
    for number in 1..=periods {
        let next = |connection| bed.next_command(connection).to_string();
        let mut slice = posts(served.address, (&Bed::path(), &bed.token), CONNECTIONS, period, next).await?;
        slice.each.sort_unstable();
        let minute = Minute {
            number,
            per_second: slice.per_second(),
            p50_seconds: slice.quantile_seconds(0.5),
            p99_seconds: slice.quantile_seconds(0.99),
            longest_seconds: slice.quantile_seconds(1.0),
            resident_bytes: {
                drop(slice);
                resident_bytes()?
            },
            entries: bed.last().0,
        };
        told(&minute);
        minutes.push(minute);
    }
    served.stop().await?;
    bed.close().await?;
    Ok(minutes)
}

/// Memory that this process holds, in bytes.
///
/// Errors: the system does not say.
pub fn resident_bytes() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: u64 = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
    Ok(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn each_period_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let mut told = 0;
        let minutes = sustained(dir.path(), 2, Duration::from_millis(100), &mut |_| told += 1).await.unwrap();
        assert_eq!((minutes.len(), told), (2, 2));
        for minute in &minutes {
            assert!(minute.per_second > 0.0 && minute.resident_bytes > 1_000_000, "{minute:?}");
            assert!(minute.p50_seconds <= minute.p99_seconds && minute.p99_seconds <= minute.longest_seconds);
        }
        assert!(minutes[0].entries < minutes[1].entries);
    }
}
