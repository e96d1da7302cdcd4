//! From the start of a process to its first answer, after the one before was killed while commands were under way.

use std::time::Instant;

use grantbook::bench::writing::LongBook;

use crate::Setting;
use crate::child::{self, Task};
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};

/// Entries for each account.
const ENTRIES_OF_ONE: u64 = 100;

/// Seconds.
pub(crate) fn row(setting: &Setting) -> anyhow::Result<Row> {
    let (dir, entries) = (setting.folder("cold-start")?, setting.scaled(100_000, 10_000_000));
    let ledger = dir.join("ledger");
    let token = setting.runtime.block_on(async {
        let mut book = LongBook::make(&ledger, u32::try_from(entries / ENTRIES_OF_ONE)?).await?;
        book.grow(entries)?;
        Ok::<_, anyhow::Error>(book.token().to_owned())
    })?;
    let work = format!("from a process's start to its first answer, {entries} entries, after SIGKILL");
    let mut contest = Contest::new("cold-start", work, Unit::Seconds);
    if setting.is_full() {
        contest = contest.aim(Aim::Figure(4.0));
    }
    let (journal, again) = (ledger.join("journal"), ledger.clone());
    contest.takes_part(Side::Limit, "journal alone, opened", move || {
        child::start(&Task::Load { dir: ledger.clone(), token: token.clone() })?.kill()?;
        let began = Instant::now();
        child::start(&Task::OpenJournal { dir: journal.clone() })?.kill()?;
        Ok(Turn::of(began.elapsed().as_secs_f64()))
    });
    contest.takes_part(Side::Ours, "Grantbook", move || {
        let began = Instant::now();
        child::start(&Task::Open { dir: again.clone() })?.kill()?;
        Ok(Turn::of(began.elapsed().as_secs_f64()))
    });
    contest.run(setting.rounds)
}
