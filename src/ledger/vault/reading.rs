//! What the vault is asked for: secrets by their names, and the names of all that it holds.

use rusqlite::params;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{ReadError, StoredSession, StoredSupportToken, Vault, VaultName, VaultWrite, mark, slots, start_of};
use crate::passwords::{Hashed, Phc};
use crate::sealing::ContactKey;
use crate::second_factor::Seed;
use crate::tokens::TokenDigest;
use crate::webhooks::WebhookSecret;

impl Vault {
    /// The tenants that the vault holds anything of, in order.
    pub fn tenants(&self) -> Result<Vec<String>, ReadError> {
        let mut query = self.db.prepare_cached(
            "SELECT tenant FROM passwords UNION SELECT tenant FROM second_factors UNION SELECT tenant FROM sessions
             UNION SELECT tenant FROM webhook_secrets UNION SELECT tenant FROM contact_keys ORDER BY 1",
        )?;
        let tenants = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(tenants)
    }

    /// The hash of one version of an account's password: of the version that the journal names. `None` where the vault does
    /// not hold it (an old vault under a newer journal), which blocks that sign-in.
    pub fn password(&self, tenant: &str, account: &str, version: u64) -> Result<Option<Phc>, ReadError> {
        let mut query = self.db.prepare_cached(
            "SELECT version, bytes, mark FROM passwords LEFT JOIN slots USING (slot)
             WHERE tenant = ?1 AND account = ?2 AND version = ?3",
        )?;
        let mut rows = query.query(params![tenant, account, version.cast_signed()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(stored_password(tenant, account, row)?.phc))
    }

    /// The seed of one version of an account's second factor. `None` where the vault does not hold it, which blocks that
    /// sign-in.
    pub fn second_factor(&self, tenant: &str, account: &str, version: u64) -> Result<Option<Seed>, ReadError> {
        let mut query = self.db.prepare_cached(
            "SELECT bytes, mark FROM second_factors LEFT JOIN slots USING (slot)
             WHERE tenant = ?1 AND account = ?2 AND version = ?3",
        )?;
        let mut rows = query.query(params![tenant, account, version.cast_signed()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let stored_mark: [u8; 8] = row.get(1)?;
        let secret = slots::secret_in(row, 0)?;
        let whole = secret.filter(|secret| stored_mark == mark(tenant, account, version, secret));
        whole.and_then(Seed::from_bytes).map(Some).ok_or_else(|| {
            let (tenant, account) = (tenant.to_owned(), account.to_owned());
            ReadError::Damaged(VaultName::SecondFactor { tenant, account, version })
        })
    }

    /// One version of a webhook's secret. `None` where the vault does not hold it: then nothing can be sent.
    pub fn webhook_secret(&self, tenant: &str, version: u64) -> Result<Option<WebhookSecret>, ReadError> {
        let mut query = self.db.prepare_cached(
            "SELECT bytes, mark FROM webhook_secrets LEFT JOIN slots USING (slot) WHERE tenant = ?1 AND version = ?2",
        )?;
        let mut rows = query.query(params![tenant, version.cast_signed()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let stored_mark: [u8; 8] = row.get(1)?;
        let secret = slots::secret_in(row, 0)?;
        let whole = secret.filter(|secret| stored_mark == mark(tenant, "", version, secret));
        let damaged = || ReadError::Damaged(VaultName::WebhookSecret { tenant: tenant.to_owned(), version });
        whole.and_then(WebhookSecret::from_bytes).map(Some).ok_or_else(damaged)
    }

    /// All versions of an account's password, in no order that means anything: the journal says which is in force.
    pub fn passwords(&self, tenant: &str, account: &str) -> Result<Vec<Hashed>, ReadError> {
        let mut query = self.db.prepare_cached(
            "SELECT version, bytes, mark FROM passwords LEFT JOIN slots USING (slot) WHERE tenant = ?1 AND account = ?2",
        )?;
        let mut rows = query.query(params![tenant, account])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(stored_password(tenant, account, row)?);
        }
        Ok(all)
    }

    /// The session whose token has this digest.
    pub fn session(&self, digest: &TokenDigest) -> Result<Option<StoredSession>, ReadError> {
        let mut query =
            self.db.prepare_cached("SELECT tenant, session, digest FROM sessions WHERE digest_start = ?1")?;
        let mut rows = query.query([start_of(digest)])?;
        while let Some(row) = rows.next()? {
            let stored = stored_session(row)?;
            if stored.digest == *digest {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    /// All sessions' tokens, for a map in memory: a request should not wait while the vault commits.
    pub fn sessions(&self) -> Result<Vec<StoredSession>, ReadError> {
        let mut query = self.db.prepare_cached("SELECT tenant, session, digest FROM sessions")?;
        let all = query.query_map([], stored_session)?.collect::<Result<_, _>>()?;
        Ok(all)
    }

    /// The support operator's token with this digest.
    pub fn support_token(&self, digest: &TokenDigest) -> Result<Option<StoredSupportToken>, ReadError> {
        let mut query =
            self.db.prepare_cached("SELECT operator, token, digest FROM support_tokens WHERE digest_start = ?1")?;
        let mut rows = query.query([start_of(digest)])?;
        while let Some(row) = rows.next()? {
            let stored = stored_support_token(row)?;
            if stored.digest == *digest {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    /// All support operators' tokens, by operator.
    pub fn support_tokens(&self) -> Result<Vec<StoredSupportToken>, ReadError> {
        let mut query =
            self.db.prepare_cached("SELECT operator, token, digest FROM support_tokens ORDER BY operator, token")?;
        let all = query.query_map([], stored_support_token)?.collect::<Result<_, _>>()?;
        Ok(all)
    }

    /// All keys of a tenant's contacts, by account, for its [`KeyRing`](crate::sealing::KeyRing).
    pub fn contact_keys(&self, tenant: &str) -> Result<Vec<(String, ContactKey)>, ReadError> {
        let mut query = self.db.prepare_cached(
            "SELECT account, key, bytes, mark FROM contact_keys LEFT JOIN slots USING (slot) WHERE tenant = ?1",
        )?;
        let mut rows = query.query([tenant])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(stored_key(tenant, row)?);
        }
        Ok(all)
    }

    /// Everything that the vault holds, for a backup.
    pub fn everything(&self) -> Result<Vec<VaultWrite>, ReadError> {
        let mut all = Vec::new();
        let mut tenants = self.tenants()?;
        tenants.dedup();
        for tenant in tenants {
            for name in self.names(&tenant)? {
                let read = match &name {
                    VaultName::Password { account, version, .. } => {
                        self.password(&tenant, account, *version)?.map(|phc| VaultWrite::Password {
                            tenant: tenant.clone(),
                            account: account.clone(),
                            hashed: Hashed { version: *version, phc },
                        })
                    }
                    VaultName::SecondFactor { account, version, .. } => {
                        self.second_factor(&tenant, account, *version)?.map(|seed| VaultWrite::SecondFactor {
                            tenant: tenant.clone(),
                            account: account.clone(),
                            version: *version,
                            seed,
                        })
                    }
                    VaultName::WebhookSecret { version, .. } => self
                        .webhook_secret(&tenant, *version)?
                        .map(|secret| VaultWrite::WebhookSecret { tenant: tenant.clone(), version: *version, secret }),
                    // These are read at once below.
                    VaultName::Session { .. } | VaultName::SupportToken { .. } | VaultName::ContactKey { .. } => None,
                };
                all.extend(read);
            }
            let keys = self.contact_keys(&tenant)?.into_iter();
            all.extend(keys.map(|(account, key)| VaultWrite::ContactKey { tenant: tenant.clone(), account, key }));
        }
        let sessions = self.sessions()?.into_iter();
        all.extend(sessions.map(|StoredSession { tenant, session, digest }| VaultWrite::Session {
            tenant,
            session,
            digest,
        }));
        let tokens = self.support_tokens()?.into_iter();
        all.extend(tokens.map(|StoredSupportToken { operator, token, digest }| VaultWrite::SupportToken {
            operator,
            token,
            digest,
        }));
        Ok(all)
    }

    /// The names of all that the vault holds of one account: versions of its password and second factor, keys.
    pub fn names_of(&self, tenant: &str, account: &str) -> Result<Vec<VaultName>, ReadError> {
        let of = || (tenant.to_owned(), account.to_owned());
        let mut all = Vec::new();
        let mut find = |query: &str, named: &dyn Fn(u64) -> VaultName| -> Result<(), rusqlite::Error> {
            let mut query = self.db.prepare_cached(query)?;
            let mut rows = query.query([tenant, account])?;
            while let Some(row) = rows.next()? {
                all.push(named(name(row, 0)?));
            }
            Ok(())
        };
        find("SELECT version FROM passwords WHERE tenant = ?1 AND account = ?2", &|version| {
            let (tenant, account) = of();
            VaultName::Password { tenant, account, version }
        })?;
        find("SELECT version FROM second_factors WHERE tenant = ?1 AND account = ?2", &|version| {
            let (tenant, account) = of();
            VaultName::SecondFactor { tenant, account, version }
        })?;
        find("SELECT key FROM contact_keys WHERE tenant = ?1 AND account = ?2", &|key| {
            let (tenant, account) = of();
            VaultName::ContactKey { tenant, account, key }
        })?;
        Ok(all)
    }

    /// Those of these names of a tenant whose secrets are not as they were written. Tokens have no mark to tell it by.
    pub(super) fn damaged_of(&self, tenant: &str, names: &[VaultName]) -> Result<Vec<VaultName>, rusqlite::Error> {
        let mut damaged = Vec::new();
        for name in names {
            let read = match name {
                VaultName::Password { account, version, .. } => self.password(tenant, account, *version).map(|_| ()),
                VaultName::SecondFactor { account, version, .. } => {
                    self.second_factor(tenant, account, *version).map(|_| ())
                }
                VaultName::WebhookSecret { version, .. } => self.webhook_secret(tenant, *version).map(|_| ()),
                VaultName::ContactKey { account, key, .. } => self.contact_key(tenant, account, *key),
                VaultName::Session { .. } | VaultName::SupportToken { .. } => Ok(()),
            };
            match read {
                Ok(()) => {}
                Err(ReadError::Damaged(name)) => damaged.push(name),
                Err(ReadError::NotRead(error)) => return Err(error),
            }
        }
        Ok(damaged)
    }

    /// Looks at one key. Errors: it is not as it was written.
    fn contact_key(&self, tenant: &str, account: &str, key: u64) -> Result<(), ReadError> {
        let mut query = self.db.prepare_cached(
            "SELECT account, key, bytes, mark FROM contact_keys LEFT JOIN slots USING (slot)
             WHERE tenant = ?1 AND account = ?2 AND key = ?3",
        )?;
        let mut rows = query.query(params![tenant, account, key.cast_signed()])?;
        rows.next()?.map_or(Ok(()), |row| stored_key(tenant, row).map(|_| ()))
    }

    /// The names of all that the vault holds of a tenant.
    pub(super) fn names(&self, tenant: &str) -> Result<Vec<VaultName>, rusqlite::Error> {
        let of = || tenant.to_owned();
        let mut all = Vec::new();
        let mut query = self.db.prepare_cached("SELECT account, version FROM passwords WHERE tenant = ?1")?;
        let mut rows = query.query([tenant])?;
        while let Some(row) = rows.next()? {
            all.push(VaultName::Password { tenant: of(), account: row.get(0)?, version: name(row, 1)? });
        }
        let mut query = self.db.prepare_cached("SELECT account, version FROM second_factors WHERE tenant = ?1")?;
        let mut rows = query.query([tenant])?;
        while let Some(row) = rows.next()? {
            all.push(VaultName::SecondFactor { tenant: of(), account: row.get(0)?, version: name(row, 1)? });
        }
        let mut query = self.db.prepare_cached("SELECT version FROM webhook_secrets WHERE tenant = ?1")?;
        let mut rows = query.query([tenant])?;
        while let Some(row) = rows.next()? {
            all.push(VaultName::WebhookSecret { tenant: of(), version: name(row, 0)? });
        }
        let mut query = self.db.prepare_cached("SELECT session FROM sessions WHERE tenant = ?1")?;
        let mut rows = query.query([tenant])?;
        while let Some(row) = rows.next()? {
            all.push(VaultName::Session { tenant: of(), session: Uuid::from_bytes(row.get(0)?) });
        }
        let mut query = self.db.prepare_cached("SELECT account, key FROM contact_keys WHERE tenant = ?1")?;
        let mut rows = query.query([tenant])?;
        while let Some(row) = rows.next()? {
            all.push(VaultName::ContactKey { tenant: of(), account: row.get(0)?, key: name(row, 1)? });
        }
        Ok(all)
    }
}

fn stored_session(row: &rusqlite::Row<'_>) -> Result<StoredSession, rusqlite::Error> {
    Ok(StoredSession {
        tenant: row.get(0)?,
        session: Uuid::from_bytes(row.get(1)?),
        digest: TokenDigest::from_bytes(row.get(2)?),
    })
}

fn stored_support_token(row: &rusqlite::Row<'_>) -> Result<StoredSupportToken, rusqlite::Error> {
    Ok(StoredSupportToken {
        operator: row.get(0)?,
        token: Uuid::from_bytes(row.get(1)?),
        digest: TokenDigest::from_bytes(row.get(2)?),
    })
}

/// A contact's key, of a row of account, key, bytes and mark.
fn stored_key(tenant: &str, row: &rusqlite::Row<'_>) -> Result<(String, ContactKey), ReadError> {
    let (account, key): (String, _) = (row.get(0)?, name(row, 1)?);
    let damaged =
        || ReadError::Damaged(VaultName::ContactKey { tenant: tenant.to_owned(), account: account.clone(), key });
    let stored = slots::secret_in(row, 2)?.ok_or_else(damaged)?;
    if stored.len() != 32 || row.get::<_, [u8; 8]>(3)? != mark(tenant, &account, key, stored) {
        return Err(damaged());
    }
    let mut secret = Zeroizing::new([0; 32]);
    secret.copy_from_slice(stored);
    Ok((account, ContactKey::new(key, secret)))
}

fn stored_password(tenant: &str, account: &str, row: &rusqlite::Row<'_>) -> Result<Hashed, ReadError> {
    let version = name(row, 0)?;
    let stored_mark: [u8; 8] = row.get(2)?;
    slots::secret_in(row, 1)?
        .filter(|secret| stored_mark == mark(tenant, account, version, secret))
        .and_then(|secret| std::str::from_utf8(secret).ok())
        .map(|phc| Hashed { version, phc: Phc::new(Zeroizing::new(phc.to_owned())) })
        .ok_or_else(|| {
            let (tenant, account) = (tenant.to_owned(), account.to_owned());
            ReadError::Damaged(VaultName::Password { tenant, account, version })
        })
}

/// A number that names something: SQLite's integers have a sign, ours have none.
fn name(row: &rusqlite::Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    row.get(column).map(i64::cast_unsigned)
}
