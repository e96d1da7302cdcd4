//! Mails that the ledger owes: composed when they are handed over, recorded when they were (rules: F6, M3, P8).

use grantbook_decisions::handed_over;
use grantbook_events::{AccountId, Actor, CloudId, Notice};
use zeroize::Zeroizing;

use crate::error::LedgerError;
use crate::handle::{TenantHandle, put};
use crate::job::{Act, Guard, Work};
use crate::outbox::{Mail, Outbox};
use crate::passwords::Password;
use crate::writer::named;

impl TenantHandle {
    /// Hands over the mails that are owed, and records each that was. What could not be handed over stays owed.
    pub(crate) async fn settle_mail(&self) {
        let owed: Vec<_> = {
            let views = self.open.tenant.views.read();
            views.book.owed(self.open.tenant.durable()).cloned().collect()
        };
        for owed in owed {
            let Some(email) = self.contact_email(&owed.account) else {
                tracing::warn!(tenant = %self.cloud_id(), account = %owed.account, "nobody can be told: no email");
                continue;
            };
            let told = compose(self.cloud_id(), &owed.account, &email, owed.notice);
            let delivered = told.and_then(|mail| deliver(&self.shared.outbox, &mail));
            if delivered.is_ok()
                && let Ok(name) = named("hand_over_mail")
            {
                let act = Act {
                    events: vec![handed_over(owed.account.clone(), owed.owed)],
                    guard: Guard::StillOwed(owed.account, owed.owed),
                    ..Act::new(name, Actor::System)
                };
                let _ = put(&self.open.jobs, Work::Record(Box::new(act))).await;
            }
        }
    }
}

fn compose(tenant: &CloudId, account: &AccountId, email: &str, notice: Notice) -> Result<Mail, LedgerError> {
    match notice {
        Notice::AdminRestored => mail(
            email,
            &format!("An Admin User was restored in {tenant}"),
            format!(
                "Support has made an account an Admin User of the tenant {tenant}, which had none left.\n\
                 You are told because you are its contact or were an Admin User (account {account}).\n\
                 Who acted, when and under which ticket stands in the tenant's own history.\n"
            ),
        ),
    }
}

/// Hands MANAGER's new password to the tenant's contact (rule: M3).
pub(crate) fn manager_password(
    outbox: &Outbox,
    tenant: &CloudId,
    email: &str,
    password: &Password,
) -> Result<(), LedgerError> {
    let body = format!(
        "The password of MANAGER in the tenant {tenant} was rotated.\n\
         The new one is: {}\n\
         The one before opens nothing any more.\n",
        password.reveal()
    );
    deliver(outbox, &mail(email, &format!("MANAGER's password in {tenant}"), body)?)
}

fn mail(to: &str, subject: &str, body: String) -> Result<Mail, LedgerError> {
    Mail::new(to, subject, Zeroizing::new(body)).map_err(|error| {
        tracing::error!(%error, "a mail could not be composed");
        LedgerError::Storage
    })
}

fn deliver(outbox: &Outbox, mail: &Mail) -> Result<(), LedgerError> {
    outbox.deliver(mail).map(|_| ()).map_err(|error| {
        tracing::error!(%error, "a mail could not be handed over");
        LedgerError::Storage
    })
}
