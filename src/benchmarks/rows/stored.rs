//! The same long history in Grantbook's journal, in SQLite and in PostgreSQL.

use grantbook::bench::writing::Book;
use grantbook_journal::{Store, StoreOptions};

use crate::Setting;
use crate::peers::postgres::Cluster;
use crate::peers::sqlite::Sqlite;

/// Entries put into a peer at once.
const BATCH: usize = 4_096;

/// A history, and the peers that hold the same entries.
pub(crate) struct Stored {
    pub(crate) book: Book,
    pub(crate) sqlite: Sqlite,
    pub(crate) postgres: anyhow::Result<Cluster>,
}

impl Stored {
    /// Makes it in a directory of the row's own.
    pub(crate) fn make(setting: &Setting, name: &str) -> anyhow::Result<Stored> {
        let dir = setting.folder(name)?;
        let book = Book::write(StoreOptions::new(dir.join("journal")), setting.scaled(100_000, 10_000_000))?;
        let (mut sqlite, postgres) = (Sqlite::make(&dir)?, Cluster::start(&dir));
        let mut inserting = match &postgres {
            Ok(cluster) => Some(cluster.inserting(0)?),
            Err(_) => None,
        };
        let mut put = |entries: &mut Vec<Vec<u8>>| {
            sqlite.commit(entries)?;
            if let Some(inserting) = &mut inserting {
                inserting.commit(entries)?;
            }
            entries.clear();
            Ok::<_, anyhow::Error>(())
        };
        let mut waiting = Vec::with_capacity(BATCH);
        each_entry(&book, |entry| {
            waiting.push(entry);
            if waiting.len() == BATCH { put(&mut waiting) } else { Ok(()) }
        })?;
        put(&mut waiting)?;
        sqlite.settle()?;
        Ok(Stored { book, sqlite, postgres })
    }
}

/// Gives every entry of a book, as it is stored, to `each`.
pub(crate) fn each_entry(book: &Book, mut each: impl FnMut(Vec<u8>) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let (store, _) = Store::open(&book.options)?;
    for read in store.read(&book.stream, 1) {
        each(read?.1)?;
    }
    Ok(store.close()?)
}
