//! Whether somebody held a role as of any position of a long history: ten changes of each fact, beside SQLite with an index.

use std::collections::HashMap;

use anyhow::ensure;
use grantbook::bench::history::{CHANGES, ROLES, account, role};
use grantbook::bench::reading::{Past, asked, replay};
use grantbook::bench::writing::Book;
use grantbook_events::{Event, Instant, Position, RoleEvent};
use grantbook_journal::StoreOptions;
use grantbook_projections::{AsOf, Views};

use super::stored::each_entry;
use crate::Setting;
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};
use crate::peers::sqlite::Sqlite;

/// Facts put into the peer at once.
const BATCH: usize = 100_000;
/// Answers that are compared before anything is timed.
const COMPARED: u64 = 1_000;

/// Look-ups a second.
pub(crate) fn row(setting: &Setting) -> anyhow::Result<Row> {
    let (dir, slice) = (setting.folder("as-of")?, setting.slice);
    let book = Book::write(StoreOptions::new(dir.join("journal")), setting.scaled(100_000, 10_000_000))?;
    let (views, _) = replay(&book)?;
    let mut sqlite = Sqlite::make(&dir)?;
    put_facts(&book, &mut sqlite)?;
    let (facts, last) = (u64::from(book.accounts * ROLES), book.last.0);
    compare(&views, &sqlite, facts, last)?;
    let past = Past::of(&views, book.accounts)?;
    let table: HashMap<u64, [u64; CHANGES as usize]> = (0..facts).map(|fact| (fact, changes(fact, facts))).collect();
    let work = format!("look-ups as of any position, {} transitions of {facts} facts", facts * 10);
    let mut contest = Contest::new("as-of", work, Unit::PerSecond).aim(Aim::Figure(2.5e6)).aim(Aim::Tail(1.5e-6));
    contest.takes_part(Side::Limit, "hash table of as many", || {
        let held = |random: u64| {
            let changes = table.get(&((random >> 33) % facts));
            let position = 1 + (random >> 12) % last;
            changes.is_some_and(|changes| changes.partition_point(|set| *set <= position) % 2 == 1)
        };
        Ok(Turn::rate_and_tail(&asked(slice, held)))
    });
    contest.takes_part(Side::Peer, "SQLite", || {
        let held = |random: u64| sqlite.fact((random >> 33) % facts, 1 + (random >> 12) % last).unwrap_or(false);
        Ok(Turn::rate_and_tail(&asked(slice, held)))
    });
    contest.takes_part(Side::Ours, "Grantbook", || Ok(Turn::rate_and_tail(&past.look_ups(slice))));
    contest.run(setting.rounds)
}

/// Where a fact would change, were nothing told but changes of facts, one after the other.
fn changes(fact: u64, facts: u64) -> [u64; CHANGES as usize] {
    std::array::from_fn(|turn| 1 + fact + turn as u64 * facts)
}

/// Every transition of the history as a row: its fact, its position, and what it became.
fn put_facts(book: &Book, sqlite: &mut Sqlite) -> anyhow::Result<()> {
    let mut numbers = HashMap::new();
    for who in 0..book.accounts {
        numbers.insert(account(who)?, who);
    }
    let mut roles = HashMap::new();
    for one in 0..ROLES {
        roles.insert(role(one)?, one);
    }
    let (mut waiting, mut position) = (Vec::with_capacity(BATCH), 0);
    each_entry(book, |entry| {
        position += 1;
        for recorded in grantbook_encoding::decode(&entry)?.events {
            let Event::Role(event) = recorded.event else { continue };
            let became = if let RoleEvent::RoleAssigned { account, role, .. } = event {
                Some((account, role, true))
            } else if let RoleEvent::RoleRemoved { account, role } = event {
                Some((account, role, false))
            } else {
                None
            };
            if let Some((account, role, held)) = became
                && let Some((who, one)) = numbers.get(&account).zip(roles.get(&role))
            {
                waiting.push((u64::from(who * ROLES + one), position, held));
            }
        }
        if waiting.len() < BATCH {
            return Ok(());
        }
        sqlite.put_facts(&waiting)?;
        waiting.clear();
        Ok(())
    })?;
    sqlite.put_facts(&waiting)?;
    sqlite.settle()
}

/// Both say the same.
fn compare(views: &Views, sqlite: &Sqlite, facts: u64, last: u64) -> anyhow::Result<()> {
    for number in 0..COMPARED {
        let (fact, position) = (number * 7_919 % facts, 1 + number * 104_729 % last);
        let (who, one) = (u32::try_from(fact / u64::from(ROLES))?, u32::try_from(fact % u64::from(ROLES))?);
        let as_of = AsOf { position: Position(position), clock: Instant::EARLIEST };
        let ours = views.account(&account(who)?).zip(views.roles.number(&views.names, &role(one)?, as_of.position));
        let ours = ours.is_some_and(|(who, role)| views.roles.held(who, role, as_of).is_some());
        let theirs = sqlite.fact(fact, position)?;
        ensure!(ours == theirs, "fact {fact} as of {position}: Grantbook says {ours}, SQLite says {theirs}");
    }
    Ok(())
}
