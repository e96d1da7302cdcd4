//! The vault: what must never be in the journal, in a place where overwriting is real. Password hashes, the digests of
//! tokens, and the keys of contacts (rule: C14). Its file is described in `docs/vault-format.md`.
//!
//! Invariants:
//! - A secret is only ever *added* by [`Vault::commit`], beside those that are there, and is durable when that returns. Then
//!   the entry that names it may be appended. Only [`Vault::retire`] and [`Vault::drop_unnamed`] take away, and only what no
//!   entry names (any more). So a crash between the two leaves the old secret in force, or the new one, and never none.
//! - What is taken away is overwritten with zeros in the file, not only marked free; and there was one copy of it only (see
//!   `vault/slots.rs`).
//! - The vault decides nothing: which version of a password is in force, the journal says.
//!
//! Every call blocks for the disk.

mod opening;
mod reading;
mod slots;

use std::fmt;

use rusqlite::{Connection, OptionalExtension, Params, Transaction, params};
use uuid::Uuid;

use crate::passwords::Hashed;
use crate::sealing::ContactKey;
use crate::second_factor::Seed;
use crate::tokens::TokenDigest;
use crate::webhooks::WebhookSecret;

pub use opening::OpenError;

/// The vault of an installation, with the secrets of all its tenants. One process has it open at a time.
pub struct Vault {
    db: Connection,
    /// Held as long as the vault is open; none in memory.
    _lock: Option<std::fs::File>,
}

/// A secret to be kept. Added beside what is there, never over it.
#[derive(Clone, Debug)]
pub enum VaultWrite {
    /// A password's hash, under its version.
    Password {
        /// The tenant.
        tenant: String,
        /// The account.
        account: String,
        /// Version and hash.
        hashed: Hashed,
    },
    /// The seed of a second factor, under its version.
    SecondFactor {
        /// The tenant.
        tenant: String,
        /// The account.
        account: String,
        /// The version that an event names.
        version: u64,
        /// The seed.
        seed: Seed,
    },
    /// The digest of a session's token.
    Session {
        /// The tenant.
        tenant: String,
        /// The session.
        session: Uuid,
        /// Of its token.
        digest: TokenDigest,
    },
    /// The digest of a support operator's token.
    SupportToken {
        /// The operator.
        operator: String,
        /// The token's id.
        token: Uuid,
        /// Of the token.
        digest: TokenDigest,
    },
    /// The secret that deliveries to a webhook are signed with, under its version.
    WebhookSecret {
        /// The tenant.
        tenant: String,
        /// The version that an event names.
        version: u64,
        /// The secret.
        secret: WebhookSecret,
    },
    /// The key that a contact's personal values are sealed with.
    ContactKey {
        /// The tenant.
        tenant: String,
        /// The account whose contact it is.
        account: String,
        /// The key, with its id.
        key: ContactKey,
    },
}

/// The name of a secret in the vault. Says nothing of the secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum VaultName {
    /// A version of an account's password.
    Password {
        /// The tenant.
        tenant: String,
        /// The account.
        account: String,
        /// The version that an event names.
        version: u64,
    },
    /// A version of an account's second factor.
    SecondFactor {
        /// The tenant.
        tenant: String,
        /// The account.
        account: String,
        /// The version that an event names.
        version: u64,
    },
    /// A session's token.
    Session {
        /// The tenant.
        tenant: String,
        /// The session.
        session: Uuid,
    },
    /// A support operator's token.
    SupportToken {
        /// The token's id.
        token: Uuid,
    },
    /// A webhook's secret.
    WebhookSecret {
        /// The tenant.
        tenant: String,
        /// The version that an event names.
        version: u64,
    },
    /// A contact's key.
    ContactKey {
        /// The tenant.
        tenant: String,
        /// The account whose contact it is.
        account: String,
        /// The key's id.
        key: u64,
    },
}

impl fmt::Display for VaultName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VaultName::Password { tenant, account, version } => {
                write!(f, "password {version:016x} of `{account}` in `{tenant}`")
            }
            VaultName::SecondFactor { tenant, account, version } => {
                write!(f, "second factor {version:016x} of `{account}` in `{tenant}`")
            }
            VaultName::Session { tenant, session } => write!(f, "session {session} in `{tenant}`"),
            VaultName::SupportToken { token } => write!(f, "support token {token}"),
            VaultName::WebhookSecret { tenant, version } => write!(f, "webhook secret {version:016x} in `{tenant}`"),
            VaultName::ContactKey { tenant, account, key } => {
                write!(f, "contact key {key:016x} of `{account}` in `{tenant}`")
            }
        }
    }
}

impl VaultWrite {
    /// The name of what is written.
    pub fn name(&self) -> VaultName {
        match self.clone() {
            VaultWrite::Password { tenant, account, hashed } => {
                VaultName::Password { tenant, account, version: hashed.version }
            }
            VaultWrite::SecondFactor { tenant, account, version, .. } => {
                VaultName::SecondFactor { tenant, account, version }
            }
            VaultWrite::Session { tenant, session, .. } => VaultName::Session { tenant, session },
            VaultWrite::SupportToken { token, .. } => VaultName::SupportToken { token },
            VaultWrite::WebhookSecret { tenant, version, .. } => VaultName::WebhookSecret { tenant, version },
            VaultWrite::ContactKey { tenant, account, key } => VaultName::ContactKey { tenant, account, key: key.id() },
        }
    }
}

/// A session's token as the vault knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredSession {
    /// The tenant.
    pub tenant: String,
    /// The session.
    pub session: Uuid,
    /// Of its token.
    pub digest: TokenDigest,
}

/// A support operator's token as the vault knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredSupportToken {
    /// The operator.
    pub operator: String,
    /// The token's id.
    pub token: Uuid,
    /// Of the token.
    pub digest: TokenDigest,
}

/// Why nothing of a batch was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// There is a secret of this name, and it is not overwritten: draw another version, id or key.
    #[error("the vault already holds {0}")]
    Taken(VaultName),
    /// A secret longer than a slot of the vault; the hasher makes none.
    #[error("{0} is too long to be kept")]
    TooLong(VaultName),
    /// The file could not be written. The state on disk is the one before the batch or the one after it: stop, and open again.
    #[error("the vault could not be written: {0}")]
    NotWritten(#[source] rusqlite::Error),
}

/// Why a secret was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is there, and is not what was written: the file was damaged. Says nothing of a password or token that was presented.
    #[error("the vault is damaged: {0} is not as it was written")]
    Damaged(VaultName),
    /// The file could not be read.
    #[error("the vault could not be read: {0}")]
    NotRead(#[from] rusqlite::Error),
}

/// Why nothing was dropped.
#[derive(Debug, thiserror::Error)]
pub enum DropError {
    /// The file could not be read or written. Dropping again is safe.
    #[error("the vault could not drop what nothing names: {0}")]
    NotDropped(#[from] rusqlite::Error),
}

impl Vault {
    /// Adds all these secrets in one transaction: all of them are durable on return, or none is there.
    pub fn commit(&mut self, writes: &[VaultWrite]) -> Result<(), CommitError> {
        if writes.is_empty() {
            return Ok(());
        }
        let batch = self.db.transaction().map_err(CommitError::NotWritten)?;
        for write in writes {
            insert(&batch, write)?;
        }
        batch.commit().map_err(CommitError::NotWritten)
    }

    /// Takes these away and overwrites them, in one transaction. Only for what the journal names no more, durably. A name
    /// that is not there is passed over. Gives how many were there.
    pub fn retire(&mut self, names: &[VaultName]) -> Result<usize, DropError> {
        if names.is_empty() {
            return Ok(0);
        }
        let batch = self.db.transaction()?;
        let dropped = names.iter().map(|name| delete(&batch, name)).sum::<Result<usize, _>>()?;
        batch.commit()?;
        Ok(dropped)
    }

    /// At start-up: takes away what the vault holds of a tenant and its journal does not name, such as the secret of an entry
    /// that was never appended. Call it only with a journal that was checked to be whole: a contact key that is dropped is a
    /// person erased. What is not as it was written stays, whatever it is called: its name may be what was damaged, and it
    /// another's secret. Gives what was dropped.
    pub fn drop_unnamed(
        &mut self,
        tenant: &str,
        named: impl Fn(&VaultName) -> bool,
    ) -> Result<Vec<VaultName>, DropError> {
        let mut unnamed = self.names(tenant)?;
        unnamed.retain(|name| !named(name));
        for damaged in self.damaged_of(tenant, &unnamed)? {
            tracing::error!(%damaged, "the vault holds what nothing names and what is not as it was written: it is left there");
            unnamed.retain(|name| *name != damaged);
        }
        self.retire(&unnamed)?;
        Ok(unnamed)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(hidden)")
    }
}

fn insert(batch: &Transaction<'_>, write: &VaultWrite) -> Result<(), CommitError> {
    let fill = |secret: &[u8]| match slots::fill(batch, secret) {
        Ok(Some(slot)) => Ok(slot),
        Ok(None) => Err(CommitError::TooLong(write.name())),
        Err(e) => Err(CommitError::NotWritten(e)),
    };
    let inserted = match write {
        VaultWrite::Password { tenant, account, hashed } => {
            let secret = hashed.phc.reveal().as_bytes();
            let (slot, mark) = (fill(secret)?, mark(tenant, account, hashed.version, secret));
            let values = params![tenant, account, hashed.version.cast_signed(), slot, mark];
            run(
                batch,
                "INSERT INTO passwords (tenant, account, version, slot, mark) VALUES (?1, ?2, ?3, ?4, ?5)",
                values,
            )
        }
        VaultWrite::SecondFactor { tenant, account, version, seed } => {
            let (slot, mark) = (fill(seed.secret())?, mark(tenant, account, *version, seed.secret()));
            let values = params![tenant, account, version.cast_signed(), slot, mark];
            run(
                batch,
                "INSERT INTO second_factors (tenant, account, version, slot, mark) VALUES (?1, ?2, ?3, ?4, ?5)",
                values,
            )
        }
        VaultWrite::Session { tenant, session, digest } => {
            let values = params![tenant, session.as_bytes(), start_of(digest), digest.as_bytes()];
            run(batch, "INSERT INTO sessions (tenant, session, digest_start, digest) VALUES (?1, ?2, ?3, ?4)", values)
        }
        VaultWrite::SupportToken { operator, token, digest } => {
            let values = params![token.as_bytes(), operator, start_of(digest), digest.as_bytes()];
            run(
                batch,
                "INSERT INTO support_tokens (token, operator, digest_start, digest) VALUES (?1, ?2, ?3, ?4)",
                values,
            )
        }
        VaultWrite::WebhookSecret { tenant, version, secret } => {
            let (slot, mark) = (fill(secret.secret())?, mark(tenant, "", *version, secret.secret()));
            let values = params![tenant, version.cast_signed(), slot, mark];
            run(batch, "INSERT INTO webhook_secrets (tenant, version, slot, mark) VALUES (?1, ?2, ?3, ?4)", values)
        }
        VaultWrite::ContactKey { tenant, account, key } => {
            let (slot, mark) = (fill(key.secret())?, mark(tenant, account, key.id(), key.secret()));
            let values = params![tenant, account, key.id().cast_signed(), slot, mark];
            run(
                batch,
                "INSERT INTO contact_keys (tenant, account, key, slot, mark) VALUES (?1, ?2, ?3, ?4, ?5)",
                values,
            )
        }
    };
    inserted.map(|_| ()).map_err(|e| match e.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => CommitError::Taken(write.name()),
        Some(_) | None => CommitError::NotWritten(e),
    })
}

fn delete(batch: &Transaction<'_>, name: &VaultName) -> Result<usize, rusqlite::Error> {
    match name {
        VaultName::Password { tenant, account, version } => {
            let query = "DELETE FROM passwords WHERE tenant = ?1 AND account = ?2 AND version = ?3 RETURNING slot";
            delete_with_slot(batch, query, params![tenant, account, version.cast_signed()])
        }
        VaultName::SecondFactor { tenant, account, version } => {
            let query = "DELETE FROM second_factors WHERE tenant = ?1 AND account = ?2 AND version = ?3 RETURNING slot";
            delete_with_slot(batch, query, params![tenant, account, version.cast_signed()])
        }
        VaultName::Session { tenant, session } => {
            run(batch, "DELETE FROM sessions WHERE tenant = ?1 AND session = ?2", params![tenant, session.as_bytes()])
        }
        VaultName::SupportToken { token } => {
            run(batch, "DELETE FROM support_tokens WHERE token = ?1", params![token.as_bytes()])
        }
        VaultName::WebhookSecret { tenant, version } => {
            let query = "DELETE FROM webhook_secrets WHERE tenant = ?1 AND version = ?2 RETURNING slot";
            delete_with_slot(batch, query, params![tenant, version.cast_signed()])
        }
        VaultName::ContactKey { tenant, account, key } => {
            let query = "DELETE FROM contact_keys WHERE tenant = ?1 AND account = ?2 AND key = ?3 RETURNING slot";
            delete_with_slot(batch, query, params![tenant, account, key.cast_signed()])
        }
    }
}

fn run(batch: &Transaction<'_>, query: &str, values: impl Params) -> Result<usize, rusqlite::Error> {
    batch.prepare_cached(query)?.execute(values)
}

fn delete_with_slot(batch: &Transaction<'_>, query: &str, values: impl Params) -> Result<usize, rusqlite::Error> {
    let slot: Option<i64> = batch.prepare_cached(query)?.query_row(values, |row| row.get(0)).optional()?;
    let Some(slot) = slot else { return Ok(0) };
    slots::empty(batch, slot)?;
    Ok(1)
}

/// Digests are found by their first 8 bytes and then compared whole, in constant time: the time of a look-up in an index
/// tells nothing of the rest.
fn start_of(digest: &TokenDigest) -> i64 {
    digest.as_bytes().first_chunk().map_or(0, |start| i64::from_be_bytes(*start))
}

/// Tells damage from what was written: the first 8 bytes of BLAKE3 over where a secret belongs and the secret itself. Lies
/// beside its name; guards against rot, not against people who write the file.
fn mark(tenant: &str, account: &str, name: u64, secret: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new_derive_key("grantbook vault mark, version 1");
    for part in [tenant.as_bytes(), account.as_bytes(), &name.to_be_bytes(), secret] {
        hasher.update(&(part.len() as u64).to_be_bytes()).update(part);
    }
    hasher.finalize().as_bytes().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
