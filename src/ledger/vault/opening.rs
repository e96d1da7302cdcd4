//! Opening the vault: the file's rights, its lock, SQLite's settings and the tables, each checked before anything is read.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::Vault;

/// Says that an SQLite file is a vault: `GbVt`.
const APPLICATION_ID: i32 = 0x4762_5674;
/// The layout of the tables below.
const FORMAT: i32 = 3;
/// The layouts before it, which are brought to this one when they are opened: the oldest knew no second factors ...
const FORMAT_WITHOUT_SECOND_FACTORS: i32 = 1;
/// ... and this one no webhooks.
const FORMAT_WITHOUT_WEBHOOKS: i32 = 2;
const FILE: &str = "vault.db";
const LOCK: &str = "vault.lock";

const SECOND_FACTORS: &str = "
    CREATE TABLE second_factors (
        tenant TEXT NOT NULL, account TEXT NOT NULL, version INTEGER NOT NULL, slot INTEGER NOT NULL, mark BLOB NOT NULL,
        PRIMARY KEY (tenant, account, version)
    ) STRICT, WITHOUT ROWID;
";

const WEBHOOK_SECRETS: &str = "
    CREATE TABLE webhook_secrets (
        tenant TEXT NOT NULL, version INTEGER NOT NULL, slot INTEGER NOT NULL, mark BLOB NOT NULL,
        PRIMARY KEY (tenant, version)
    ) STRICT, WITHOUT ROWID;
";

const TABLES: &str = "
    CREATE TABLE slots (slot INTEGER PRIMARY KEY, bytes BLOB NOT NULL CHECK (length(bytes) = 128)) STRICT;
    CREATE TABLE free_slots (slot INTEGER PRIMARY KEY) STRICT;
    CREATE TABLE passwords (
        tenant TEXT NOT NULL, account TEXT NOT NULL, version INTEGER NOT NULL, slot INTEGER NOT NULL, mark BLOB NOT NULL,
        PRIMARY KEY (tenant, account, version)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sessions (
        tenant TEXT NOT NULL, session BLOB NOT NULL, digest_start INTEGER NOT NULL, digest BLOB NOT NULL,
        PRIMARY KEY (tenant, session)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_by_digest ON sessions (digest_start);
    CREATE TABLE support_tokens (
        token BLOB NOT NULL PRIMARY KEY, operator TEXT NOT NULL, digest_start INTEGER NOT NULL, digest BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX support_tokens_by_digest ON support_tokens (digest_start);
    CREATE TABLE contact_keys (
        tenant TEXT NOT NULL, account TEXT NOT NULL, key INTEGER NOT NULL, slot INTEGER NOT NULL, mark BLOB NOT NULL,
        PRIMARY KEY (tenant, account, key)
    ) STRICT, WITHOUT ROWID;
";

/// Why the vault was not opened. No secret was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no vault here. Under a journal with entries this means that it was lost: bring back its latest copy.
    #[error("there is no vault at `{0}`")]
    Missing(PathBuf),
    /// Another process has it open.
    #[error("the vault at `{0}` is open in another process")]
    InUse(PathBuf),
    /// Others than its owner may read or write the file, so its secrets may be known: find out who could, then `chmod 600`.
    #[error("the vault at `{file}` is open to others than its owner (mode {mode:03o}, not 600)")]
    OpenToOthers {
        /// The file.
        file: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is no vault, or its making was interrupted before anything was kept in it.
    #[error("the file `{0}` is no vault")]
    NotAVault(PathBuf),
    /// Another version of the program made it.
    #[error("the vault at `{file}` has format {format}; this program knows {FORMAT}")]
    UnknownFormat {
        /// The file.
        file: PathBuf,
        /// Its format.
        format: i32,
    },
    /// Its pages do not fit together.
    #[error("the vault at `{file}` is damaged: {what}")]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was found.
        what: String,
    },
    /// SQLite did not take a setting that the vault's promises rest on.
    #[error("the setting `{0}` of the vault could not be made")]
    NotSet(&'static str),
    /// SQLite failed.
    #[error("the vault could not be opened: {0}")]
    Store(#[from] rusqlite::Error),
    /// The file system failed.
    #[error("the vault could not be opened: {0}")]
    Disk(#[from] io::Error),
}

impl Vault {
    /// Opens the vault in a folder. It must be there: under a journal with entries, an empty vault in place of a lost one
    /// would be taken for everybody erased.
    pub fn open(dir: &Path) -> Result<Vault, OpenError> {
        let file = dir.join(FILE);
        if !file.try_exists()? {
            return Err(OpenError::Missing(file));
        }
        let lock = lock(dir)?;
        let mut db = connect(&file)?;
        check_kind(&db, &file)?;
        check_pages(&db, &file)?;
        bring_up(&mut db)?;
        Ok(Vault { db, _lock: Some(lock) })
    }

    /// Opens the vault in a folder, or makes it where there is none: for a ledger that has no entries yet.
    pub fn open_or_create(dir: &Path) -> Result<Vault, OpenError> {
        let (file, lock) = (dir.join(FILE), lock(dir)?);
        if !file.try_exists()? {
            // SQLite gives its own journal the rights of this file.
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?.sync_all()?;
            File::open(dir)?.sync_all()?;
        }
        let mut db = connect(&file)?;
        make_tables_if_blank(&mut db)?;
        check_kind(&db, &file)?;
        check_pages(&db, &file)?;
        bring_up(&mut db)?;
        Ok(Vault { db, _lock: Some(lock) })
    }

    /// A vault in memory, for tests and for ledgers that are not kept.
    pub fn in_memory() -> Result<Vault, OpenError> {
        let mut db = Connection::open_in_memory()?;
        make_tables_if_blank(&mut db)?;
        Ok(Vault { db, _lock: None })
    }
}

/// A file of its own holds the lock: SQLite's own locks on the database would be lost when any handle to it is closed, and
/// its exclusive mode would leave old pages in the rollback journal.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(dir.join(FILE))),
        Err(TryLockError::Error(e)) => Err(e.into()),
    }
}

fn connect(file: &Path) -> Result<Connection, OpenError> {
    let mode = fs::metadata(file)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(OpenError::OpenToOthers { file: file.to_owned(), mode });
    }
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let not_a_vault = |e: rusqlite::Error| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => OpenError::NotAVault(file.to_owned()),
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => OpenError::Damaged { file: file.to_owned(), what: e.to_string() },
        Some(_) | None => OpenError::Store(e),
    };
    // The first read of the file. No write-ahead log: it would keep what was overwritten.
    let journal: String = db.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(not_a_vault)?;
    if journal != "delete" {
        return Err(OpenError::NotSet("journal_mode = DELETE"));
    }
    // Zeros over what is deleted; a commit is on disk, its journal gone and that synced as well, when it returns; nothing
    // temporary on disk.
    for (set, get, value) in [
        ("secure_delete = ON", "secure_delete", 1),
        ("synchronous = EXTRA", "synchronous", 3),
        ("temp_store = MEMORY", "temp_store", 2),
        ("trusted_schema = OFF", "trusted_schema", 0),
        ("cell_size_check = ON", "cell_size_check", 1),
    ] {
        db.execute_batch(&format!("PRAGMA {set}")).map_err(not_a_vault)?;
        if number(&db, get)? != value {
            return Err(OpenError::NotSet(set));
        }
    }
    Ok(db)
}

/// Makes the tables in a file that holds nothing at all. In one transaction, so that the making is whole or has not begun.
fn make_tables_if_blank(db: &mut Connection) -> Result<(), OpenError> {
    let making = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let things: i64 = making.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if things == 0 && number(&making, "application_id")? == 0 {
        making.execute_batch(TABLES)?;
        making.execute_batch(SECOND_FACTORS)?;
        making.execute_batch(WEBHOOK_SECRETS)?;
        making.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};"))?;
        making.commit()?;
    }
    Ok(())
}

/// Brings an older layout to this one, in one transaction: only tables are added, so that no secret moves.
fn bring_up(db: &mut Connection) -> Result<(), OpenError> {
    let bringing = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let format = number(&bringing, "user_version")?;
    if format == FORMAT_WITHOUT_SECOND_FACTORS {
        bringing.execute_batch(SECOND_FACTORS)?;
    }
    if format < FORMAT {
        bringing.execute_batch(WEBHOOK_SECRETS)?;
        bringing.execute_batch(&format!("PRAGMA user_version = {FORMAT};"))?;
        bringing.commit()?;
    }
    Ok(())
}

fn check_kind(db: &Connection, file: &Path) -> Result<(), OpenError> {
    if number(db, "application_id")? != APPLICATION_ID {
        return Err(OpenError::NotAVault(file.to_owned()));
    }
    match number(db, "user_version")? {
        FORMAT | FORMAT_WITHOUT_WEBHOOKS | FORMAT_WITHOUT_SECOND_FACTORS => Ok(()),
        format => Err(OpenError::UnknownFormat { file: file.to_owned(), format }),
    }
}

fn check_pages(db: &Connection, file: &Path) -> Result<(), OpenError> {
    let damaged = |what: String| OpenError::Damaged { file: file.to_owned(), what };
    let found: String =
        db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|e| damaged(e.to_string()))?;
    if found != "ok" {
        return Err(damaged(found));
    }
    // A slot that is called free is filled again: it must not be anybody's.
    let held =
        "SELECT count(*) FROM free_slots LEFT JOIN slots USING (slot) WHERE bytes IS NULL OR bytes <> zeroblob(128)";
    match db.query_row(held, [], |row| row.get::<_, i64>(0)).map_err(|error| damaged(error.to_string()))? {
        0 => Ok(()),
        held => Err(damaged(format!("slots that hold something are called free: {held}"))),
    }
}

fn number(db: &Connection, pragma: &str) -> Result<i32, rusqlite::Error> {
    db.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
}
