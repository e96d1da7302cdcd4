//! Opening a ledger: what lies on disk is read, checked against the head, and folded into views.

use std::collections::{BTreeSet, HashMap};

use grantbook_events::{AccountId, CloudId, SecretVersion};
use grantbook_evidence::Tree;
use grantbook_journal::{MirrorError, OpenReport, Store, StoreOptions, StreamName};
use grantbook_projections::{AsOf, Views};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::backup::is_half_restored;
use crate::committer::OpenedSession;
use crate::job::Job;
use crate::ledger::{INSTALLATION, Ledger, MOST_WAITING, Open, token_id};
use crate::options::{Options, Place};
use crate::outbox::Outbox;
use crate::personal::Keys;
use crate::private::private_dir;
use crate::sealing::ContactKey;
use crate::tenant::Tenant;
use crate::vault::{Vault, VaultName};
use crate::writer::{Surroundings, Writer};

/// Why a ledger could not be opened. The message says what an operator can do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journal was refused.
    #[error(transparent)]
    Journal(#[from] grantbook_journal::OpenError),
    /// An entry is damaged.
    #[error("the journal of `{stream}` is damaged at position {position}: {what}")]
    Entry {
        /// The tenant.
        stream: String,
        /// Where.
        position: u64,
        /// What is wrong.
        what: String,
    },
    /// What was read is not what was acknowledged.
    #[error(
        "the journal of `{stream}` holds other entries up to position {position} than were acknowledged: its tree root differs from the head's"
    )]
    Root {
        /// The tenant.
        stream: String,
        /// Up to where.
        position: u64,
    },
    /// The vault was refused.
    #[error(transparent)]
    Vault(#[from] crate::vault::OpenError),
    /// The outbox was refused.
    #[error(transparent)]
    Outbox(#[from] crate::outbox::OutboxOpenError),
    /// The mirror was refused: nothing is served beside a copy that contradicts it.
    #[error("the mirror in `{dir}`: {error}")]
    Mirror {
        /// Where it lies.
        dir: std::path::PathBuf,
        /// What is wrong.
        #[source]
        error: Box<MirrorError>,
    },
    /// A restoration began and did not end: an empty ledger in its place would be taken for what it was to restore.
    #[error(
        "a restoration into `{0}` is at work or was interrupted, and what lies there is no ledger yet: let it end, or restore again"
    )]
    HalfRestored(std::path::PathBuf),
    /// Something else stands in the way.
    #[error("{0}")]
    Other(String),
}

impl Ledger {
    /// Reads every stream and starts its writer.
    pub(crate) fn start(&self) -> Result<(), OpenError> {
        let installation = stream_name(INSTALLATION)?;
        let streams = self.shared.store.streams().into_iter().map(|(stream, _)| stream);
        let tenants: Vec<StreamName> = streams.filter(|stream| *stream != installation).collect();
        for (stream, read) in tenants.iter().zip(self.read_all(&tenants)) {
            let (views, tree) = read?;
            self.open_tenant(stream.clone(), views, tree)?;
        }
        let (views, tree) = self.read(&installation)?;
        let keys = self.settle_vault(INSTALLATION, &views)?;
        let (open, writer) = self.tenant(INSTALLATION, installation, keys, views, tree)?;
        self.run(writer.0, writer.1);
        *self.shared.installation.write() = Some(open);
        self.restore_support_tokens()
    }

    fn open_tenant(&self, stream: StreamName, views: Views, tree: Tree) -> Result<(), OpenError> {
        let name = stream.as_str().to_owned();
        let cloud_id = CloudId::new(&name).map_err(|wrong| OpenError::Other(wrong.message))?;
        let keys = self.settle_vault(&name, &views)?;
        let (open, writer) = self.tenant(&name, stream, keys, views, tree)?;
        self.run(writer.0, writer.1);
        self.shared.tenants.write().insert(cloud_id, open);
        Ok(())
    }

    /// Drops from the vault what the journal does not name, unless that is to be kept, and takes up the sessions that are open.
    fn settle_vault(&self, name: &str, views: &Views) -> Result<Vec<(String, ContactKey)>, OpenError> {
        let last = views.timeline.last();
        let now = AsOf { position: last, clock: self.shared.clock.now() };
        let vault_trouble = |error: &dyn std::fmt::Display| OpenError::Other(format!("the vault: {error}"));
        let number = |account: &str| AccountId::new(account).ok().and_then(|id| views.account(&id));
        let mut open: HashMap<Uuid, OpenedSession> = views
            .sessions
            .all(last)
            .filter(|session| views.sessions.open(session.position, now))
            .filter_map(|session| {
                let account = views.account_id(session.account)?;
                let opened = OpenedSession { tenant: name.to_owned(), account, session: session.position };
                Some((token_id(session.token), opened))
            })
            .collect();
        // The links of resets are kept beside the tokens of sessions.
        open.extend(views.mail.resets(last).filter_map(|(who, reset)| {
            let account = views.account_id(who)?;
            let opened = OpenedSession { tenant: name.to_owned(), account, session: reset.requested };
            Some((token_id(reset.token), opened))
        }));
        let mut vault = self.shared.vault.lock();
        // What a crash came between is finished before the keys go that it needs.
        let before = vault.contact_keys(name).map_err(|error| vault_trouble(&error))?;
        crate::erasure::finish(views, &Keys::new(name, before), &self.shared.outbox, last)
            .map_err(|error| OpenError::Other(error.to_string()))?;
        let gone = |account: &str| number(account).is_some_and(|who| views.keeping.erased(who, last).is_some());
        let webhooks: BTreeSet<u64> = views.webhooks.all(last).iter().map(|(_, webhook)| webhook.secret.0).collect();
        self.shared.courier.settle(name, &webhooks, last);
        let erased = |secret: &VaultName| match secret {
            VaultName::Password { account, .. }
            | VaultName::SecondFactor { account, .. }
            | VaultName::ContactKey { account, .. } => gone(account),
            VaultName::Session { .. } | VaultName::WebhookSecret { .. } | VaultName::SupportToken { .. } => false,
        };
        let named = |secret: &VaultName| match secret {
            VaultName::Password { account, version, .. } => number(account)
                .and_then(|who| views.credentials.secret(who, last))
                .is_some_and(|(_, secret)| secret.version.0 == *version),
            VaultName::SecondFactor { account, version, .. } => number(account)
                .and_then(|who| views.credentials.second_factor(who, last))
                .is_some_and(|(_, factor)| factor.version.0 == *version),
            VaultName::Session { session, .. } => open.contains_key(session),
            VaultName::WebhookSecret { version, .. } => webhooks.contains(version),
            VaultName::ContactKey { account, key, .. } => {
                let of_contact = number(account).and_then(|who| views.accounts.key(who, last));
                let mut of_customers = views.customers.all(last).map(|(_, _, customer)| customer.key);
                of_contact.is_some_and(|named| named.0 == *key) || of_customers.any(|named| named.0 == *key)
            }
            VaultName::SupportToken { .. } => true,
        };
        let stays = |secret: &VaultName| !erased(secret) && (self.shared.keep_unnamed_secrets || named(secret));
        vault.drop_unnamed(name, stays).map_err(|error| vault_trouble(&error))?;
        let stored = vault.sessions().map_err(|error| vault_trouble(&error))?;
        let mine = stored.into_iter().filter(|session| session.tenant == name);
        let opened = mine.filter_map(|session| Some((session.digest, open.get(&session.session)?.clone())));
        self.shared.sessions.write().extend(opened);
        vault.contact_keys(name).map_err(|error| vault_trouble(&error))
    }

    fn restore_support_tokens(&self) -> Result<(), OpenError> {
        let stored = self.shared.vault.lock().support_tokens();
        let stored = stored.map_err(|error| OpenError::Other(format!("the vault: {error}")))?;
        let Some(installation) = self.shared.installation.read().clone() else { return Ok(()) };
        let views = installation.tenant.views.read();
        let good = stored.into_iter().filter_map(|stored| {
            let version = SecretVersion(stored.token.as_u64_pair().1);
            let token = views.installation.token(version).filter(|token| token.revoked.is_none())?;
            Some((stored.digest, (token.operator.clone(), version)))
        });
        self.shared.support.write().extend(good);
        Ok(())
    }

    /// What is shared of a tenant, and its writer, not yet running.
    pub(crate) fn tenant(
        &self,
        name: &str,
        stream: StreamName,
        keys: Vec<(String, ContactKey)>,
        views: Views,
        tree: Tree,
    ) -> Result<(Open, (Writer, mpsc::Receiver<Job>)), OpenError> {
        let tenant = Tenant::new(name, stream, Keys::new(name, keys), views, tree);
        let Some(committer) = self.shared.committer.read().clone() else {
            return Err(OpenError::Other("the ledger is closing".to_owned()));
        };
        let around = Surroundings { store: self.shared.store.clone(), committer, clock: self.shared.clock.clone() };
        let writer = Writer::new(tenant.clone(), around);
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        Ok((Open { tenant, jobs }, (writer, waiting)))
    }

    pub(crate) fn run(&self, writer: Writer, waiting: mpsc::Receiver<Job>) {
        self.shared.writers.lock().push(tokio::spawn(writer.run(waiting)));
    }
}

pub(crate) fn stream_name(name: &str) -> Result<StreamName, OpenError> {
    StreamName::new(name).map_err(|wrong| OpenError::Other(wrong.to_string()))
}

pub(crate) type Keepers = (Store, Option<OpenReport>, Vault, Outbox);

/// Opens journal, vault and outbox. The journal comes first: if it is refused, nothing else is touched.
pub(crate) fn keepers(options: &Options) -> Result<Keepers, OpenError> {
    match &options.place {
        Place::Memory => {
            let outbox = match &options.mail.smtp {
                Some(server) => Outbox::smtp(server, &options.mail.from)?,
                None => Outbox::memory(),
            };
            Ok((Store::memory(), None, Vault::in_memory()?, outbox))
        }
        Place::Directory(dir) => {
            let unseen = |error| OpenError::Other(format!("`{}` cannot be looked at: {error}", dir.display()));
            if is_half_restored(dir).map_err(unseen)? {
                return Err(OpenError::HalfRestored(dir.clone()));
            }
            // What the book tells is nobody else's to read.
            private_dir(dir)
                .map_err(|error| OpenError::Other(format!("`{}` cannot be made: {error}", dir.display())))?;
            let store_options = StoreOptions {
                cache_bytes: options.cache_bytes,
                accept_missing_head: options.accept_missing_head,
                ..StoreOptions::new(dir.join("journal"))
            };
            let (store, report) = Store::open(&store_options)?;
            // A vault that is missing beside a journal with entries is lost, and not to be taken for an empty one.
            let vault = if store.streams().is_empty() { Vault::open_or_create(dir) } else { Vault::open(dir) };
            let beside = vault.map_err(OpenError::from).and_then(|vault| {
                let outbox = match &options.mail.smtp {
                    Some(server) => Outbox::smtp(server, &options.mail.from)?,
                    None => Outbox::folder(&dir.join("outbox"), &options.mail.from)?,
                };
                Ok((vault, outbox))
            });
            match beside {
                Ok((vault, outbox)) => Ok((store, Some(report), vault, outbox)),
                Err(refused) => Err(sealed_beside(store, refused)),
            }
        }
    }
}

/// The journal is left as it was found, sealed, where something beside it is refused: the next opening is none as after a crash.
pub(crate) fn sealed_beside(store: Store, refused: OpenError) -> OpenError {
    if let Err(error) = store.close() {
        tracing::warn!(%error, "the journal was not closed cleanly beside what was refused");
    }
    refused
}
