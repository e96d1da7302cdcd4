//! From the start of a process to its first answer, after the one before was killed while commands were under way.

use std::time::Instant;

use grantbook::bench::founding::Founded;
use grantbook::bench::writing::LongBook;

use crate::Setting;
use crate::child::{self, Task};
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};

/// Entries for each account.
const ENTRIES_OF_ONE: u64 = 100;

/// Seconds, with every entry folded.
pub(crate) fn row(setting: &Setting) -> anyhow::Result<Row> {
    measure(setting, "cold-start", "every entry folded", 4.0, |_| Ok(()))
}

/// Seconds, from views that were kept when the ledger was closed before it was opened again and killed.
pub(crate) fn from_kept_views(setting: &Setting) -> anyhow::Result<Row> {
    measure(setting, "cold-start-kept", "from kept views", 1.2, |book| {
        setting.runtime.block_on(async {
            let Founded { ledger, .. } = book.open().await?;
            book.close(ledger).await
        })
    })
}

fn measure(
    setting: &Setting,
    name: &str,
    how: &str,
    aim: f64,
    prepare: impl Fn(&mut LongBook) -> anyhow::Result<()>,
) -> anyhow::Result<Row> {
    let (dir, entries) = (setting.folder(name)?, setting.scaled(100_000, 10_000_000));
    let ledger = dir.join("ledger");
    let accounts = u32::try_from(entries / ENTRIES_OF_ONE)?;
    let mut book = setting.runtime.block_on(LongBook::make(&ledger, accounts))?;
    book.grow(entries)?;
    prepare(&mut book)?;
    let token = book.token().to_owned();
    let work = format!("from a process's start to its first answer, {entries} entries, after SIGKILL, {how}");
    let mut contest = Contest::new(name, work, Unit::Seconds);
    if setting.is_full() {
        contest = contest.aim(Aim::Figure(aim));
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
