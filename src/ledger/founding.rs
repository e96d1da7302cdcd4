//! How a tenant comes into being: its first entry, committed beside the entry of the installation's own ledger that gives it
//! its Cloud ID.

use grantbook_decisions::{Catalogue, NewTenant, create_tenant, named_first_admin};
use grantbook_events::{
    AccountId, Actor, CloudId, CommandName, CustomerName, Edition, Instant, SealedEmail, SecretVersion, Source, Ticket,
};
use grantbook_evidence::Tree;
use grantbook_projections::Views;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::committer::{Done, Run};
use crate::error::LedgerError;
use crate::job::{Act, Job};
use crate::ledger::{Ledger, Open};
use crate::opening::stream_name;
use crate::passwords::random_password;
use crate::personal::RequestSealer;
use crate::vault::VaultWrite;
use crate::writer::Writer;

/// What a tenant is to be.
pub(crate) struct Founding {
    pub(crate) cloud_id: CloudId,
    pub(crate) edition: Edition,
    pub(crate) customer: CustomerName,
    pub(crate) first_admin: Option<AccountId>,
    pub(crate) manager_email: Option<String>,
    /// When it begins; now where none is given.
    pub(crate) at: Option<Instant>,
    pub(crate) actor: Actor,
    pub(crate) name: CommandName,
    pub(crate) reason: Option<String>,
    pub(crate) ticket: Option<Ticket>,
    pub(crate) source: Source,
}

/// A tenant that is ready to begin, and does once its first entry is durable.
pub(crate) struct Founded {
    cloud_id: CloudId,
    open: Open,
    writer: Writer,
    waiting: mpsc::Receiver<Job>,
    /// The first entry, as it will be recorded.
    pub(crate) first: Done,
    /// MANAGER's first password.
    pub(crate) password: Zeroizing<String>,
    /// What the first entry names, to be durable with it.
    pub(crate) secrets: Vec<VaultWrite>,
}

impl Founded {
    /// The first entry, to be committed beside the installation's.
    pub(crate) fn run(&mut self) -> Option<Run> {
        self.writer.take_begun()
    }

    /// What is shared of the tenant.
    pub(crate) fn open(&self) -> &Open {
        &self.open
    }
}

impl Ledger {
    /// Gets a tenant ready, with a password for MANAGER made at random (rule: M1) and the catalogue as it is so far. Errors:
    /// whoever is named as its first admin can never be one (rule: F8).
    pub(crate) async fn found(&self, founding: Founding) -> Result<Founded, LedgerError> {
        let Founding { cloud_id, edition, customer, first_admin, manager_email, at, .. } = founding;
        named_first_admin(first_admin.as_ref(), edition).map_err(LedgerError::Refused)?;
        let manager = AccountId::manager();
        let stream = stream_name(cloud_id.as_str()).map_err(|_| LedgerError::Storage)?;
        let (open, (mut writer, waiting)) = self
            .tenant(cloud_id.as_str(), stream, Vec::new(), Views::default(), Tree::default())
            .map_err(|_| LedgerError::Storage)?;
        let sealer = RequestSealer::new(&open.tenant.keys);
        let manager_name = sealer.seal(&manager, "full_name", "MANAGER");
        let manager_email =
            manager_email.map(|email| SealedEmail { address: sealer.seal(&manager, "email", &email), valid: true });
        let drawn = sealer.finish().ok_or(LedgerError::Storage)?.drawn;
        let password = random_password().map_err(|_| LedgerError::Storage)?;
        let hashed = self.shared.hasher.hash(password.clone()).await.map_err(crate::prepare::hashing)?;
        let secret = SecretVersion(hashed.version);
        let further = {
            let installation = self.installation()?;
            let views = installation.tenant.views.read();
            Catalogue::so_far(&views, &customer, views.timeline.last())
        };
        let new = NewTenant {
            cloud_id: cloud_id.clone(),
            edition,
            customer,
            first_admin,
            manager_name,
            manager_email,
            secret,
            further,
        };
        let of = || cloud_id.as_str().to_owned();
        let mut secrets = vec![VaultWrite::Password { tenant: of(), account: manager.as_str().to_owned(), hashed }];
        for (account, key) in drawn {
            let account_id = account.as_str().to_owned();
            secrets.push(VaultWrite::ContactKey { tenant: of(), account: account_id, key: key.clone() });
            open.tenant.keys.add(&account, key);
        }
        let first = writer.begin(Act {
            events: create_tenant(&new),
            at,
            reason: founding.reason,
            ticket: founding.ticket,
            source: founding.source,
            ..Act::new(founding.name, founding.actor)
        })?;
        let password = Zeroizing::new(password.reveal().to_owned());
        Ok(Founded { cloud_id, open, writer, waiting, first, password, secrets })
    }

    /// The tenant begins: its first entry is durable.
    pub(crate) fn begin(&self, founded: Founded) {
        self.run(founded.writer, founded.waiting);
        self.shared.tenants.write().insert(founded.cloud_id, founded.open);
    }
}
