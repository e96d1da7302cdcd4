//! Which secrets an entry brings into force, and which it puts out of force.

use std::collections::BTreeSet;

use grantbook_events::{AccountId, ContactEvent, Entry, Event, InstallationEvent, MailEvent, Position, WebhookEvent};
use grantbook_projections::Views;

use crate::ledger::token_id;
use crate::personal::Sealing;
use crate::vault::{VaultName, VaultWrite};

/// Whether an entry adds a contact with this key.
pub(super) fn names_key(entry: &Entry, key: u64) -> bool {
    let named = |event: &Event| {
        if let Event::Contact(ContactEvent::ContactAdded { key, .. }) = event {
            return Some(key.0);
        }
        let Event::Installation(event) = event else { return None };
        if let InstallationEvent::CustomerRegistered { key, .. } = &**event { Some(key.0) } else { None }
    };
    entry.events.iter().any(|recorded| named(&recorded.event) == Some(key))
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

/// The secrets that the newest entry of `views` put out of force: they are dropped once it is durable. Whatever event it
/// was: what an account named by the entry had before it and has no longer.
pub(super) fn retired(tenant: &str, views: &Views, entry: &Entry) -> Vec<VaultName> {
    let last = views.timeline.last();
    let secrets_set = views.credentials.secrets_set_by(last);
    let events = entry.events.iter().filter(|_| secrets_set);
    let named: BTreeSet<&AccountId> = events.flat_map(|recorded| recorded.event.accounts()).flatten().collect();
    let mut retired = Vec::new();
    for account in named {
        let Some(who) = views.account(account) else { continue };
        let whose = || (tenant.to_owned(), account.as_str().to_owned());
        let password = |at: Position| views.credentials.secret(who, at).map(|(_, secret)| secret.version);
        if let Some(version) = password(last.before()).filter(|version| password(last) != Some(*version)) {
            let (tenant, account) = whose();
            retired.push(VaultName::Password { tenant, account, version: version.0 });
        }
        let factor = |at: Position| views.credentials.second_factor(who, at).map(|(_, factor)| factor.version);
        if let Some(version) = factor(last.before()).filter(|version| factor(last) != Some(*version)) {
            let (tenant, account) = whose();
            retired.push(VaultName::SecondFactor { tenant, account, version: version.0 });
        }
    }
    retired.extend(retired_links(tenant, views, entry));
    retired.extend(retired_webhooks(tenant, views, entry));
    retired
}

/// The secrets of webhooks that an entry removes.
fn retired_webhooks(tenant: &str, views: &Views, entry: &Entry) -> Vec<VaultName> {
    let before = views.timeline.last().before();
    let removed = entry.events.iter().filter_map(|recorded| {
        if let Event::Webhook(WebhookEvent::WebhookRemoved { webhook }) = &recorded.event {
            return views.webhooks.named(webhook, before);
        }
        None
    });
    let secrets = removed.map(|(_, webhook)| webhook.secret.0);
    secrets.map(|version| VaultName::WebhookSecret { tenant: tenant.to_owned(), version }).collect()
}

/// The links that an entry puts out of force: replaced by newer ones, used, or come to nothing (rule: P4).
fn retired_links(tenant: &str, views: &Views, entry: &Entry) -> Vec<VaultName> {
    let ended = entry.events.iter().filter_map(|recorded| {
        if let Event::Mail(MailEvent::PasswordResetRequested { account, token, .. }) = &recorded.event {
            return Some((account, Some(*token)));
        }
        if let Event::Mail(
            MailEvent::PasswordResetCompleted { account, .. } | MailEvent::PasswordResetFailed { account, .. },
        ) = &recorded.event
        {
            return Some((account, None));
        }
        None
    });
    let tokens = ended.filter_map(|(account, new)| views.mail.token_before(views.account(account)?, new));
    tokens.map(|token| VaultName::Session { tenant: tenant.to_owned(), session: token_id(token) }).collect()
}
