//! What is destroyed of a person once the entry that erases them is durable (rule: U5): the key of their personal values in
//! memory and in the vault, with it the secrets of their credentials, the mails to them that lie in the outbox, and the kept
//! views of their tenant, where their sealed values lie a second time.
//!
//! Invariants:
//! - The entry comes first. A crash at any moment after it ends erased: start-up finds a key that no entry needs any more,
//!   and does the same again ([`finish`]). A crash before it has erased nothing, and nobody was told so.
//! - The answer comes last: whoever reads "erased" can search the disk. What cannot be destroyed stops the ledger.
//! - The key goes last of all. Without it nobody could say whose a mail in the outbox is.

use std::collections::BTreeSet;
use std::sync::Arc;

use grantbook_events::{AccountId, Entry, Event, KeepingEvent, Position};
use grantbook_projections::Views;

use crate::committer::Keepers;
use crate::kept_views::KeptViews;
use crate::outbox::Outbox;
use crate::personal::Keys;
use crate::tenant::Tenant;
use crate::vault::{DropError, ReadError};

/// A person whom an entry on its way to the disk erases.
pub(crate) struct Erased {
    tenant: Arc<Tenant>,
    account: AccountId,
}

impl Erased {
    /// Those whom an entry of a tenant erases.
    pub(crate) fn by(tenant: &Arc<Tenant>, entry: &Entry) -> Vec<Erased> {
        let erased = entry.events.iter().filter_map(|recorded| {
            let Event::Keeping(KeepingEvent::ContactErased { account }) = &recorded.event else { return None };
            Some(Erased { tenant: tenant.clone(), account: account.clone() })
        });
        erased.collect()
    }
}

/// Why a person's key or mails are still there. Opening the ledger again tries again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ErasureError {
    /// The vault still has the key.
    #[error(transparent)]
    Vault(#[from] DropError),
    /// The vault was not read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
    /// The outbox still has mails.
    #[error("mails to somebody erased could not be removed from the outbox: {0}")]
    Outbox(#[source] std::io::Error),
    /// Kept views are still there.
    #[error("kept views in which somebody erased is could not be removed: {0}")]
    KeptViews(#[source] std::io::Error),
}

/// Destroys what is left of people whose erasing is durable.
pub(crate) fn destroy(erased: &[Erased], keepers: &Keepers) -> Result<(), ErasureError> {
    let Keepers { vault, outbox, kept_views, .. } = keepers;
    purge_kept(erased, kept_views)?;
    for Erased { tenant, account } in erased {
        let addresses = addresses(&tenant.views.read(), &tenant.keys, account);
        // From here on nothing of theirs is opened, and whoever was at handing over a mail takes it back.
        tenant.keys.erase(account);
        outbox.purge(&addresses).map_err(ErasureError::Outbox)?;
        let mut vault = vault.lock();
        let names = vault.names_of(&tenant.name, account.as_str())?;
        vault.retire(&names)?;
    }
    Ok(())
}

/// Removes what is kept of the views in which people who are erased are, and lets nothing take its place that was begun before.
pub(crate) fn purge_kept(erased: &[Erased], kept_views: &KeptViews) -> Result<(), ErasureError> {
    erased.iter().try_for_each(|one| kept_views.purge(&one.tenant.stream)).map_err(ErasureError::KeptViews)
}

/// At start-up: finishes what a crash came between. The keys themselves are dropped with whatever else no entry names.
pub(crate) fn finish(views: &Views, keys: &Keys, outbox: &Outbox, last: Position) -> Result<(), ErasureError> {
    for (who, _) in views.keeping.all_erased(last) {
        let Some(account) = views.account_id(who).filter(|account| keys.holds(account)) else { continue };
        outbox.purge(&addresses(views, keys, &account)).map_err(ErasureError::Outbox)?;
    }
    Ok(())
}

/// Every address that a person was ever known by here: the contact's and the credentials'.
fn addresses(views: &Views, keys: &Keys, account: &AccountId) -> BTreeSet<String> {
    let Some(who) = views.account(account) else { return BTreeSet::new() };
    let contact = views.accounts.email_history(who).into_iter().flat_map(|history| history.changes());
    let own = views.credentials.email_history(who).into_iter().flat_map(|history| history.changes());
    contact.chain(own).filter_map(|(_, email)| keys.open(&email.as_ref()?.address)).collect()
}
