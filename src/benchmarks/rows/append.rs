//! Durable commands in process, the full path: authorise, decide, encode, hash the leaf, append, sync, apply. Everybody else
//! stores as many entries of the same size in one commit as are in flight.

use std::cell::RefCell;
use std::time::Duration;

use grantbook::bench::commands::Bed;
use grantbook::bench::disk::{Disk, Payloads, commits};
use grantbook::bench::founding::Founded;
use grantbook::bench::slice::Slice;

use crate::Setting;
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};
use crate::peers::postgres::Cluster;
use crate::peers::redb::Redb;
use crate::peers::sqlite::Sqlite;

/// With many in flight: commands a second.
pub(crate) fn many(setting: &Setting, in_flight: usize) -> anyhow::Result<Row> {
    let contest = Contest::new(
        format!("append-{in_flight}"),
        format!("durable commands in process, {in_flight} in flight"),
        Unit::PerSecond,
    );
    let contest = match in_flight {
        64 => contest.aim(Aim::ShareOf("bare sled", 0.85)),
        256 => contest.aim(Aim::ShareOf("bare sled", 0.8)),
        _ => contest.aim(Aim::ShareOf("bare sled", 0.7)).aim(Aim::Figure(500e3)), // any other is the most in flight
    };
    measure(setting, in_flight, contest, Turn::rate_and_tail)
}

/// With one in flight: how long one takes at the median.
pub(crate) fn one(setting: &Setting) -> anyhow::Result<Row> {
    let contest = Contest::new("append-1", "a durable command in process, alone, at the median", Unit::Seconds);
    measure(setting, 1, contest.aim(Aim::Figure(300e-6)), |slice| Turn {
        tail: Some(slice.quantile_seconds(0.99)),
        ..Turn::of(slice.median_seconds())
    })
}

fn measure(
    setting: &Setting,
    in_flight: usize,
    contest: Contest<'static>,
    turn: fn(&Slice) -> Turn,
) -> anyhow::Result<Row> {
    let (dir, slice) = (setting.folder(&format!("append-{in_flight}"))?, setting.slice);
    let runtime = &setting.runtime;
    let founded = runtime.block_on(Founded::make(&dir.join("ledger")))?;
    let bed = runtime.block_on(Bed::make(founded, in_flight))?;
    let bytes = runtime.block_on(bed.entry_bytes())?;
    let disk = RefCell::new(Disk::make(&dir.join("disk"), in_flight, bytes)?);
    let cluster = Cluster::start(&dir);
    let mut contest = contest;
    contest.takes_part(Side::Limit, "raw file", || Ok(turn(&disk.borrow_mut().raw(slice)?)));
    contest.takes_part(Side::Limit, "bare sled", || Ok(turn(&disk.borrow_mut().bare_sled(slice)?)));
    let stored = Stored { slice, in_flight, bytes, turn };
    let mut sqlite = Sqlite::make(&dir)?;
    contest.takes_part(Side::Peer, "SQLite", stored.by(move |entries| sqlite.commit(entries)));
    let mut redb = Redb::make(&dir)?;
    contest.takes_part(Side::Peer, "redb", stored.by(move |entries| redb.commit(entries)));
    match &cluster {
        Ok(cluster) => {
            let mut inserting = cluster.inserting(0)?;
            contest.takes_part(Side::Peer, "PostgreSQL", stored.by(move |entries| inserting.commit(entries)));
        }
        Err(why) => contest.is_absent("PostgreSQL", format!("{why:#}")),
    }
    contest.takes_part(Side::Ours, "Grantbook", || Ok(turn(&runtime.block_on(bed.commands(in_flight, slice))?)));
    let row = contest.run(setting.rounds);
    runtime.block_on(bed.close())?;
    row
}

/// Entries of one size that are stored as many at once as are in flight.
#[derive(Clone, Copy)]
struct Stored {
    slice: Duration,
    in_flight: usize,
    bytes: usize,
    turn: fn(&Slice) -> Turn,
}

impl Stored {
    /// The turns of somebody who stores them.
    fn by(
        self,
        mut commit: impl FnMut(&[Vec<u8>]) -> anyhow::Result<Duration>,
    ) -> impl FnMut() -> anyhow::Result<Turn> {
        let mut payloads = Payloads::new(self.bytes);
        move || {
            let commits = commits(self.slice, self.in_flight, &mut payloads, |entries| commit(&entries))?;
            Ok((self.turn)(&commits))
        }
    }
}
