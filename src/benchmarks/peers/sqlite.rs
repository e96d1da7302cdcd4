//! SQLite: a write-ahead log, synced at every commit.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use rusqlite::{Connection, params};

/// A database with a table of entries.
pub(crate) struct Sqlite {
    connection: Connection,
    last: i64,
}

impl Sqlite {
    /// Makes it in a directory.
    pub(crate) fn make(dir: &Path) -> anyhow::Result<Sqlite> {
        let connection = Connection::open(dir.join("sqlite"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE entries (position INTEGER PRIMARY KEY, entry BLOB NOT NULL);
             CREATE TABLE facts (fact INTEGER, position INTEGER, held INTEGER, PRIMARY KEY (fact, position)) WITHOUT ROWID;",
        )?;
        Ok(Sqlite { connection, last: 0 })
    }

    /// Inserts entries in one transaction; out comes how long that took.
    pub(crate) fn commit(&mut self, entries: &[Vec<u8>]) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached("INSERT INTO entries VALUES (?1, ?2)")?;
            for entry in entries {
                self.last += 1;
                insert.execute(params![self.last, entry])?;
            }
        }
        transaction.commit()?;
        Ok(began.elapsed())
    }

    /// Inserts what facts became, each with its position, in one transaction.
    pub(crate) fn put_facts(&mut self, facts: &[(u64, u64, bool)]) -> anyhow::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached("INSERT INTO facts VALUES (?1, ?2, ?3)")?;
            for (fact, position, held) in facts {
                insert.execute(params![i64::try_from(*fact)?, i64::try_from(*position)?, held])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// What a fact was as of a position, through the index.
    pub(crate) fn fact(&self, fact: u64, position: u64) -> anyhow::Result<bool> {
        let mut select = self.connection.prepare_cached(
            "SELECT held FROM facts WHERE fact = ?1 AND position <= ?2 ORDER BY position DESC LIMIT 1",
        )?;
        let mut rows = select.query(params![i64::try_from(fact)?, i64::try_from(position)?])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?.unwrap_or(false))
    }

    /// Gives every entry, in order, to `each`.
    pub(crate) fn read(&self, mut each: impl FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut select = self.connection.prepare_cached("SELECT entry FROM entries ORDER BY position")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get_ref(0)?.as_blob().context("a blob")?)?;
        }
        Ok(())
    }

    /// Brings everything into the one file.
    pub(crate) fn settle(&self) -> anyhow::Result<()> {
        Ok(self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }
}
