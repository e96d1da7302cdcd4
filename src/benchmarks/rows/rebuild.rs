//! All views rebuilt from the journal. The peers read the same entries and decode them by the same function, and fold nothing.

use std::hint::black_box;
use std::time::Instant;

use grantbook::bench::reading::replay;

use super::stored::{Stored, each_entry};
use crate::Setting;
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};

/// Events a second.
pub(crate) fn row(setting: &Setting) -> anyhow::Result<Row> {
    let Stored { book, sqlite, postgres } = Stored::make(setting, "rebuild")?;
    let work = format!("all views rebuilt from {} events (the peers only decode)", book.events);
    let mut contest = Contest::new("rebuild", work, Unit::PerSecond).aim(Aim::Figure(3.5e6));
    let events = book.events as f64;
    let rate = |began: Instant| Turn::of(events / began.elapsed().as_secs_f64());
    contest.takes_part(Side::Limit, "journal, read alone", || {
        let began = Instant::now();
        each_entry(&book, |entry| {
            black_box(entry);
            Ok(())
        })?;
        Ok(rate(began))
    });
    contest.takes_part(Side::Peer, "SQLite", || {
        let began = Instant::now();
        sqlite.read(decoded)?;
        Ok(rate(began))
    });
    match &postgres {
        Ok(cluster) => contest.takes_part(Side::Peer, "PostgreSQL", || {
            let began = Instant::now();
            cluster.read(decoded)?;
            Ok(rate(began))
        }),
        Err(why) => contest.is_absent("PostgreSQL", format!("{why:#}")),
    }
    contest.takes_part(Side::Ours, "Grantbook", || Ok(Turn::rate(&replay(&book)?.1)));
    contest.run(setting.rounds)
}

/// Decodes an entry, and keeps nothing of it.
fn decoded(entry: &[u8]) -> anyhow::Result<()> {
    black_box(grantbook_encoding::decode(entry)?);
    Ok(())
}
