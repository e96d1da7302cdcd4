//! Writing made entries into a journal, with no ledger around it, since no ledger is to be measured by it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use grantbook_events::{Entry, Instant, Position};
use grantbook_journal::{Append, Store, StoreOptions, StreamName};
use grantbook_ledger::{Ledger, Options, Tree, leaf_hash};

use super::founding::{CLOUD_ID, Founded, cloud_id};
use super::history::{CHANGES, Making, ROLES};

/// Entries appended at once.
const BATCH: usize = 4_096;

/// A journal with a history in it.
pub struct Book {
    /// Where it lies.
    pub options: StoreOptions,
    /// The stream.
    pub stream: StreamName,
    /// Accounts, each with its ten roles.
    pub accounts: u32,
    /// Events in all.
    pub events: u64,
    /// The position of the last entry.
    pub last: Position,
}

impl Book {
    /// Writes a history of so many transitions, ten for each fact, into a new store, and closes it.
    ///
    /// Errors: the store cannot be written.
    pub fn write(options: StoreOptions, transitions: u32) -> anyhow::Result<Book> {
        let accounts = (transitions / CHANGES / ROLES).max(1);
        let (mut writing, mut making) = (Writing::new(&options, Tree::default())?, Making::default());
        writing.put(making.genesis()?)?;
        writing.staff(&mut making, accounts)?;
        for number in 0..u64::from(accounts * CHANGES * ROLES) {
            writing.put(making.transition(number, accounts)?)?;
        }
        let (stream, events) = (writing.stream.clone(), writing.events);
        let tree = writing.close()?;
        Ok(Book { options, stream, accounts, events, last: Position(tree.size()) })
    }
}

/// A ledger's directory whose tenant has a long history, which can grow on while the ledger is closed.
pub struct LongBook {
    dir: PathBuf,
    token: String,
    making: Making,
    tree: Tree,
    accounts: u32,
    transitions: u64,
}

impl LongBook {
    /// Founds a ledger with so many accounts in a directory, and closes it.
    ///
    /// Errors: the directory cannot be used.
    pub async fn make(dir: &Path, accounts: u32) -> anyhow::Result<LongBook> {
        let Founded { ledger, token } = Founded::make(dir).await?;
        let (making, tree) = (Making::default(), Tree::default());
        let mut book = LongBook { dir: dir.to_owned(), token, making, tree, accounts, transitions: 0 };
        book.close(ledger).await?;
        let mut writing = book.writing()?;
        writing.staff(&mut book.making, accounts)?;
        book.tree = writing.close()?;
        Ok(book)
    }

    /// The bearer token of MANAGER.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// How many entries there are.
    pub fn entries(&self) -> u64 {
        self.tree.size()
    }

    /// Lets it grow by transitions to so many entries.
    ///
    /// Errors: the store cannot be written.
    pub fn grow(&mut self, entries: u64) -> anyhow::Result<()> {
        let mut writing = self.writing()?;
        while writing.tree.size() < entries {
            writing.put(self.making.transition(self.transitions, self.accounts)?)?;
            self.transitions += 1;
        }
        self.tree = writing.close()?;
        Ok(())
    }

    fn writing(&mut self) -> anyhow::Result<Writing> {
        Writing::new(&StoreOptions::new(self.dir.join("journal")), std::mem::take(&mut self.tree))
    }

    /// Opens the ledger.
    ///
    /// Errors: it is refused.
    pub async fn open(&self) -> anyhow::Result<Founded> {
        let ledger = Ledger::open(Options::directory(&self.dir)).await?;
        Ok(Founded { ledger, token: self.token.clone() })
    }

    /// Closes the ledger, so that the history can grow on from what it holds now.
    ///
    /// Errors: it is still used elsewhere.
    pub async fn close(&mut self, ledger: Ledger) -> anyhow::Result<()> {
        let tenant = ledger.tenant_named(&cloud_id()?)?;
        let last = tenant.last();
        let at: Instant = tenant.entry(last)?.at;
        drop(tenant);
        let volumes = ledger.volumes();
        let volume = volumes.iter().find(|volume| volume.stream().as_str() == CLOUD_ID);
        self.tree = volume.context("the tenant is open")?.tree();
        self.making = Making::after(last, at);
        drop(volumes);
        Ok(ledger.close().await?)
    }
}

struct Writing {
    store: Store,
    stream: StreamName,
    /// Over all entries, those that wait too.
    tree: Tree,
    waiting: Vec<Vec<u8>>,
    events: u64,
}

impl Writing {
    /// Goes on from a tree over what the store has.
    fn new(options: &StoreOptions, tree: Tree) -> anyhow::Result<Writing> {
        let (store, _) = Store::open(options)?;
        Ok(Writing { store, stream: StreamName::new(CLOUD_ID)?, tree, waiting: Vec::new(), events: 0 })
    }

    /// The roles, and so many accounts.
    fn staff(&mut self, making: &mut Making, accounts: u32) -> anyhow::Result<()> {
        for entry in making.roles()? {
            self.put(entry)?;
        }
        for number in 0..accounts {
            for entry in making.account(number)? {
                self.put(entry)?;
            }
        }
        Ok(())
    }

    fn put(&mut self, entry: Entry) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        grantbook_encoding::encode(&entry, &mut bytes)?;
        self.events += entry.events.len() as u64;
        self.tree.push(leaf_hash(&bytes));
        self.waiting.push(bytes);
        if self.waiting.len() < BATCH { Ok(()) } else { self.commit() }
    }

    fn commit(&mut self) -> anyhow::Result<()> {
        let entries = std::mem::take(&mut self.waiting);
        if entries.is_empty() {
            return Ok(());
        }
        let first = self.tree.size() - entries.len() as u64 + 1;
        self.store.append(&[Append { stream: &self.stream, first, entries: &entries, root: self.tree.root() }])?;
        Ok(())
    }

    fn close(mut self) -> anyhow::Result<Tree> {
        self.commit()?;
        self.store.close()?;
        Ok(self.tree)
    }
}
