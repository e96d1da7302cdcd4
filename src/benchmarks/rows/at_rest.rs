//! Bytes on disk for each event of a long history, indexes and all.

use grantbook_journal::bench::disk_bytes;

use super::stored::Stored;
use crate::Setting;
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};

/// Bytes an event; measured once, since nothing about it is chance.
pub(crate) fn row(setting: &Setting) -> anyhow::Result<Row> {
    let Stored { book, sqlite, postgres } = Stored::make(setting, "at-rest")?;
    let events = book.events as f64;
    let mut contest = Contest::new("at-rest", format!("bytes an event at rest, {events} events"), Unit::Bytes);
    if setting.is_full() {
        contest = contest.aim(Aim::Figure(95.0));
    }
    contest.takes_part(Side::Limit, "entries alone", || {
        let mut bytes = 0;
        sqlite.read(|entry| {
            bytes += entry.len();
            Ok(())
        })?;
        Ok(Turn::of(bytes as f64 / events))
    });
    let of_sqlite = std::fs::metadata(setting.dir.join("at-rest").join("sqlite"))?.len();
    contest.takes_part(Side::Peer, "SQLite", || Ok(Turn::of(of_sqlite as f64 / events)));
    match &postgres {
        Ok(cluster) => {
            contest.takes_part(Side::Peer, "PostgreSQL", || Ok(Turn::of(cluster.bytes()? as f64 / events)));
        }
        Err(why) => contest.is_absent("PostgreSQL", format!("{why:#}")),
    }
    contest.takes_part(Side::Ours, "Grantbook", || Ok(Turn::of(disk_bytes(&book.options.dir)? as f64 / events)));
    contest.run(1)
}
