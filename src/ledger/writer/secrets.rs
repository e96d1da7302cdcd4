//! Which secrets an entry brings into force, and which it puts out of force.

use grantbook_events::{AccountId, Entry, Event, SecretVersion};
use grantbook_projections::Views;

use crate::personal::Sealing;
use crate::vault::{VaultName, VaultWrite};

/// Whether an entry adds a contact with this key.
pub(super) fn names_key(entry: &Entry, key: u64) -> bool {
    entry.events.iter().any(|recorded| match &recorded.event {
        Event::Contact(grantbook_events::ContactEvent::ContactAdded { key: named, .. }) => named.0 == key,
        Event::Contact(_)
        | Event::Tenant(_)
        | Event::Credentials(_)
        | Event::SignIn(_)
        | Event::Dashboard(_)
        | Event::Role(_)
        | Event::Group(_)
        | Event::Object(_)
        | Event::Book(_)
        | Event::Installation(_)
        | Event::ContentAuthority(_)
        | Event::Query(_)
        | Event::Visibility(_) => false,
    })
}

pub(super) fn new_keys(tenant: &str, sealing: Sealing, entry: &Entry) -> Vec<VaultWrite> {
    let kept = sealing.drawn.into_iter().filter(|(_, key)| names_key(entry, key.id()));
    kept.map(|(account, key)| VaultWrite::ContactKey {
        tenant: tenant.to_owned(),
        account: account.as_str().to_owned(),
        key,
    })
    .collect()
}

/// The secrets that an entry puts out of force: they are dropped once the entry is durable.
pub(super) fn retired(tenant: &str, views: &Views, entry: &Entry) -> Vec<VaultName> {
    use grantbook_events::CredentialsEvent as C;
    let changed = entry.events.iter().filter_map(|recorded| match &recorded.event {
        Event::Credentials(
            C::PasswordSet { account, .. }
            | C::PasswordChanged { account, .. }
            | C::ManagerPasswordRotated { account, .. }
            | C::CredentialsDeleted { account },
        ) => Some(account),
        Event::Credentials(_)
        | Event::Tenant(_)
        | Event::Contact(_)
        | Event::SignIn(_)
        | Event::Dashboard(_)
        | Event::Role(_)
        | Event::Group(_)
        | Event::Object(_)
        | Event::Book(_)
        | Event::Installation(_)
        | Event::ContentAuthority(_)
        | Event::Query(_)
        | Event::Visibility(_) => None,
    });
    let last = views.timeline.last();
    let retired = changed.filter_map(|account| {
        let who = views.account(account)?;
        // The version before this entry: the views may hold the entry already.
        let mut versions = Vec::new();
        versions.extend(
            views.credentials.secrets(who)?.changes_to(last).filter_map(|(_, secret)| Some((*secret)?.version)),
        );
        let named = new_version(entry, account);
        let version = versions.into_iter().rev().find(|version| Some(*version) != named)?;
        Some(VaultName::Password {
            tenant: tenant.to_owned(),
            account: account.as_str().to_owned(),
            version: version.0,
        })
    });
    retired.collect()
}

pub(super) fn new_version(entry: &Entry, whose: &AccountId) -> Option<SecretVersion> {
    use grantbook_events::CredentialsEvent as C;
    entry.events.iter().find_map(|recorded| match &recorded.event {
        Event::Credentials(
            C::PasswordSet { account, secret, .. }
            | C::PasswordChanged { account, secret }
            | C::ManagerPasswordRotated { account, secret },
        ) if account == whose => Some(*secret),
        Event::Credentials(_)
        | Event::Tenant(_)
        | Event::Contact(_)
        | Event::SignIn(_)
        | Event::Dashboard(_)
        | Event::Role(_)
        | Event::Group(_)
        | Event::Object(_)
        | Event::Book(_)
        | Event::Installation(_)
        | Event::ContentAuthority(_)
        | Event::Query(_)
        | Event::Visibility(_) => None,
    })
}
