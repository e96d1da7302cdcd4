//! The volumes of a ledger, for verification: each tenant's entries as they lie on disk, and what is made of them in memory.
//! Everything is given as it is; who verifies does the comparing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use grantbook_decisions::command::keeper;
use grantbook_events::{CloudId, Position, SecretVersion};
use grantbook_evidence::{Hash, Tree};
use grantbook_journal::{Damage, HeadState, StreamName};
use grantbook_projections::{AsOf, Views};

use crate::checkpoints::Checkpoints;
use crate::kept_views::{FoldBegun, Folded};
use crate::ledger::{INSTALLATION, Ledger, Open, Shared, token_id};
use crate::opening::OpenError;
use crate::tenant::Tenant;
use crate::vault::{ReadError, VaultName};

/// One tenant's entries and views, or those of the installation itself.
pub struct Volume<'a> {
    open: Open,
    shared: &'a Shared,
    cloud_id: Option<CloudId>,
}

/// A secret that the journal names and the vault does not give.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretTrouble {
    /// The entry that names it.
    pub position: Position,
    /// Its name.
    pub name: VaultName,
    /// What was found instead.
    pub found: String,
}

impl Ledger {
    /// The installation's volume, then every tenant's by Cloud ID.
    pub fn volumes(&self) -> Vec<Volume<'_>> {
        let installation = self.installation().ok().map(|open| (None, open));
        let tenants = self.shared.tenants();
        let tenants = tenants.into_iter().map(|(cloud_id, open)| (Some(cloud_id), open));
        let all = installation.into_iter().chain(tenants);
        all.map(|(cloud_id, open)| Volume { open, shared: &self.shared, cloud_id }).collect()
    }

    /// What the journal's head says now, read from its file anew; `None` in memory.
    ///
    /// Errors: the file is damaged or cannot be read.
    pub fn head(&self) -> Result<Option<BTreeMap<StreamName, HeadState>>, OpenError> {
        Ok(self.shared.store.head()?)
    }
}

impl Volume<'_> {
    /// The tenant; `None` for the installation.
    pub fn cloud_id(&self) -> Option<&CloudId> {
        self.cloud_id.as_ref()
    }

    pub(crate) fn checkpoints(&self) -> &Checkpoints {
        &self.shared.checkpoints
    }

    /// Its stream in the journal.
    pub fn stream(&self) -> &StreamName {
        &self.open.tenant.stream
    }

    /// The root of the writer's tree after the last durable entry, and that entry's position.
    pub fn root(&self) -> (Position, Hash) {
        self.open.tenant.root()
    }

    /// The writer's tree as it is now, which may run ahead of what is durable.
    pub fn tree(&self) -> Tree {
        self.open.tenant.tree.lock().clone()
    }

    /// The entries as they are stored, from the first to the one at `to`, each with its position.
    pub fn stored(&self, to: Position) -> impl Iterator<Item = Result<(u64, Vec<u8>), Damage>> + use<'_> {
        let stored = self.shared.store.read(&self.open.tenant.stream, 1);
        stored.take_while(move |read| read.as_ref().map_or(true, |(position, _)| *position <= to.0))
    }

    /// Where opening folded on from, as of views that were kept; the start where it folded every entry.
    pub fn opened_from(&self) -> Position {
        self.shared.kept_views.was_opened_from(self.stream())
    }

    /// Whether so much came since views were kept last that they are to be kept anew. Gives what [`Volume::keep_views`] wants
    /// to know: to be asked before the folding begins.
    pub fn views_to_keep(&self) -> Option<FoldBegun> {
        let kept_views = &self.shared.kept_views;
        kept_views.due(self.stream(), self.open.tenant.durable()).then(|| kept_views.begin(self.stream()))
    }

    /// Keeps views that were folded from the stored entries, so that the next opening folds on from them. False where somebody
    /// was erased since the folding began. Errors: they cannot be written.
    pub fn keep_views(&self, folded: &Folded, begun: FoldBegun) -> std::io::Result<bool> {
        self.shared.kept_views.keep(self.stream(), folded.as_ref(), begun)
    }

    /// The live views are not what the entries mean: removes the kept ones and keeps none, so that opening folds every entry.
    pub fn distrust_views(&self) {
        self.shared.kept_views.distrust(self.stream());
    }

    pub(crate) fn tenant(&self) -> Arc<Tenant> {
        self.open.tenant.clone()
    }

    /// Looks at the live views, which may run ahead of what is durable. The writer waits meanwhile.
    pub fn live<R>(&self, look: impl FnOnce(&Views) -> R) -> R {
        look(&self.open.tenant.views.read())
    }

    /// The secrets that the journal names and the vault does not give: passwords, second factors and contact keys in force, tokens of
    /// open sessions, support's tokens.
    ///
    /// Errors: the vault could not be read.
    pub fn secret_troubles(&self) -> Result<Vec<SecretTrouble>, ReadError> {
        let first = self.look_for_secrets()?;
        if first.is_empty() {
            return Ok(first);
        }
        // A secret that was replaced between the two looks is not missing: what is wrong stays wrong.
        let second = self.look_for_secrets()?;
        Ok(first.into_iter().filter(|trouble| second.contains(trouble)).collect())
    }

    fn look_for_secrets(&self) -> Result<Vec<SecretTrouble>, ReadError> {
        let durable = self.open.tenant.durable();
        let named = self.live(|views| match &self.cloud_id {
            Some(tenant) => named_by(tenant, views, AsOf { position: durable, clock: self.shared.clock.now() }),
            None => of_installation(views, durable),
        });
        let vault = self.shared.vault.lock();
        let tenant = self.cloud_id.as_ref().map_or(INSTALLATION, CloudId::as_str);
        let sessions: HashMap<_, _> =
            vault.sessions()?.into_iter().map(|one| ((one.tenant, one.session), ())).collect();
        let tokens: HashMap<_, _> = vault.support_tokens()?.into_iter().map(|one| (one.token, ())).collect();
        let keys = match vault.contact_keys(tenant) {
            Ok(keys) => keys.into_iter().map(|(account, key)| ((account, key.id()), ())).collect(),
            Err(ReadError::Damaged(_)) => HashMap::new(),
            Err(error @ ReadError::NotRead(_)) => return Err(error),
        };
        let mut troubles = Vec::new();
        for (position, name) in named {
            let found = match &name {
                VaultName::Password { tenant, account, version } => {
                    as_written(vault.password(tenant, account, *version))?
                }
                VaultName::SecondFactor { tenant, account, version } => {
                    as_written(vault.second_factor(tenant, account, *version))?
                }
                VaultName::WebhookSecret { tenant, version } => as_written(vault.webhook_secret(tenant, *version))?,
                VaultName::Session { tenant, session } => {
                    let key = (tenant.clone(), *session);
                    sessions.get(&key).copied().ok_or("nothing".to_owned())
                }
                VaultName::SupportToken { token } => tokens.get(token).copied().ok_or("nothing".to_owned()),
                VaultName::ContactKey { account, key, .. } => {
                    let key = (account.clone(), *key);
                    keys.get(&key).copied().ok_or("no such key, or a damaged one".to_owned())
                }
            };
            if let Err(found) = found {
                troubles.push(SecretTrouble { position, name, found });
            }
        }
        Ok(troubles)
    }
}

/// What is wrong with a secret that was looked for, if something is. Errors: it could not be read.
fn as_written<T>(found: Result<Option<T>, ReadError>) -> Result<Result<(), String>, ReadError> {
    match found {
        Ok(found) => Ok(found.map(|_| ()).ok_or("nothing".to_owned())),
        Err(ReadError::Damaged(_)) => Ok(Err("a secret that is not as it was written".to_owned())),
        Err(error @ ReadError::NotRead(_)) => Err(error),
    }
}

/// What the entries name as in force now.
fn named_by(tenant: &CloudId, views: &Views, now: AsOf) -> Vec<(Position, VaultName)> {
    let durable = now.position;
    let of = || tenant.as_str().to_owned();
    let mut named = Vec::new();
    for who in views.names.accounts.in_order() {
        // Of somebody erased nothing is kept.
        if views.keeping.erased(who, durable).is_some() {
            continue;
        }
        let account = || views.names.accounts.text(who).to_owned();
        if let Some((set, secret)) = views.credentials.secret(who, durable) {
            let name = VaultName::Password { tenant: of(), account: account(), version: secret.version.0 };
            named.push((set, name));
        }
        if let Some((set, factor)) = views.credentials.second_factor(who, durable) {
            let name = VaultName::SecondFactor { tenant: of(), account: account(), version: factor.version.0 };
            named.push((set, name));
        }
        if let Some(key) = views.accounts.key(who, durable) {
            let known = views.accounts.existence(who).and_then(|known| known.changes_to(durable).next());
            let set = known.map_or(Position::START, |(set, _)| set);
            named.push((set, VaultName::ContactKey { tenant: of(), account: account(), key: key.0 }));
        }
    }
    for (added, webhook) in views.webhooks.all(durable) {
        named.push((added, VaultName::WebhookSecret { tenant: of(), version: webhook.secret.0 }));
    }
    for (_, reset) in views.mail.resets(durable) {
        let name = VaultName::Session { tenant: of(), session: token_id(reset.token) };
        named.push((reset.requested, name));
    }
    let sessions = views.sessions.all(durable);
    for session in sessions.filter(|session| views.sessions.open(session.position, now)) {
        let name = VaultName::Session { tenant: of(), session: token_id(session.token) };
        named.push((session.position, name));
    }
    named
}

/// Support's tokens, and the keys of customers' people.
fn of_installation(views: &Views, durable: Position) -> Vec<(Position, VaultName)> {
    let tokens = views.installation.tokens().filter(|(_, token)| token.issued <= durable && token.revoked.is_none());
    let name = |version: SecretVersion| VaultName::SupportToken { token: token_id(version) };
    let tokens = tokens.map(|(version, token)| (token.issued, name(version)));
    let keys = views.customers.all(durable).map(|(_, registered, customer)| {
        let (tenant, account) = (INSTALLATION.to_owned(), keeper(&customer.name).as_str().to_owned());
        (registered, VaultName::ContactKey { tenant, account, key: customer.key.0 })
    });
    tokens.chain(keys).collect()
}
