//! redb: a B-tree in one file, every commit synced.

use std::path::Path;
use std::time::{Duration, Instant};

use redb::{Database, TableDefinition};

const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");

/// A database with a table of entries.
pub(crate) struct Redb {
    database: Database,
    last: u64,
}

impl Redb {
    /// Makes it in a directory.
    pub(crate) fn make(dir: &Path) -> anyhow::Result<Redb> {
        Ok(Redb { database: Database::create(dir.join("redb"))?, last: 0 })
    }

    /// Inserts entries in one transaction, durable when it returns; out comes how long that took.
    pub(crate) fn commit(&mut self, entries: &[Vec<u8>]) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let transaction = self.database.begin_write()?;
        {
            let mut table = transaction.open_table(ENTRIES)?;
            for entry in entries {
                self.last += 1;
                table.insert(self.last, entry.as_slice())?;
            }
        }
        transaction.commit()?;
        Ok(began.elapsed())
    }
}
