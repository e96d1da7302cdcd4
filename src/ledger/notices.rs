//! What the mails say (rules: F6, M3, P1, P6, P7, P9). They are composed when they are handed over, from what the book says.

use grantbook_events::{AccountId, Addressee, CloudId, Instant, Notice, Position, TextSetting};
use grantbook_projections::Change;
use zeroize::Zeroizing;

use crate::carrier::{About, Parcel};
use crate::error::LedgerError;
use crate::handle::TenantHandle;
use crate::outbox::{Mail, Outbox};
use crate::passwords::Password;

impl TenantHandle {
    /// The mail of a parcel; `None` where nobody can be told, or nothing is to be told any more.
    pub(crate) async fn compose(&self, parcel: &Parcel, now: Instant) -> Option<Mail> {
        let (tenant, account) = (self.cloud_id(), &parcel.account);
        match &parcel.about {
            About::Notice(Notice::AdminRestored) => mail(
                // What MANAGER is told is for the tenant's contact.
                &if *account == AccountId::manager() {
                    self.contact_email(account)?
                } else {
                    self.told_at(account, self.last())?
                },
                &format!("An Admin User was restored in {tenant}"),
                format!(
                    "Support has made an account an Admin User of the tenant {tenant}, which had none left.\n\
                     You are told because you are its contact or were an Admin User (account {account}).\n\
                     Who acted, when and under which ticket stands in the tenant's own history.\n"
                ),
            ),
            About::Notice(Notice::UsernameReminder) => mail(
                &self.address(account, self.last())?,
                &format!("Your username in {tenant}"),
                format!(
                    "Somebody asked for the username that belongs to this address in {tenant}.\nIt is: {}\n\
                     If it was not you, there is nothing to do.\n",
                    self.username(account)?
                ),
            ),
            About::Reset => {
                let link = self.link(parcel, now).await?;
                // To the nearest minute: the mail goes out moments after the link was made.
                let minutes = (link.expires_at.microseconds() - now.microseconds() + 30_000_000) / 60_000_000;
                let body = {
                    let views = self.open.tenant.views.read();
                    let template = views.settings.text(TextSetting::ResetEmailBody, self.last()).to_owned();
                    let name = self.open.tenant.name_of(&views, account, self.last()).unwrap_or_default();
                    filled(&template, &[("link", &link.url), ("name", &name), ("minutes", &minutes.max(1).to_string())])
                };
                mail(&self.address(account, self.last())?, &format!("Choose a password for {tenant}"), body)
            }
            About::Changes(changes, addressee) => {
                let position = match addressee {
                    Addressee::Current => self.last(),
                    // The last of them changed the address.
                    Addressee::Former => parcel.owed.before(),
                };
                let list: Vec<&str> = changes.iter().map(words).collect();
                let body = format!(
                    "Something of your account {account} in {tenant} changed:\n\n{}\n\n\
                     Who changed what, when and by what right stands in the history of {tenant}, where you can read it.\n\
                     If you did not expect it, tell your administrators.\n",
                    list.join("\n")
                );
                mail(&self.told_at(account, position)?, &format!("Your account in {tenant} was changed"), body)
            }
        }
    }

    /// Where somebody is told of something as of a position: at the email of their credentials, which is their own
    /// (rule: C4), else at their contact's (rules: F6, P9).
    fn told_at(&self, account: &AccountId, position: Position) -> Option<String> {
        let tenant = &self.open.tenant;
        let views = tenant.views.read();
        let who = views.account(account)?;
        let own = views.credentials.email(who, position).map(|(_, email)| email);
        tenant.open(&own.or_else(|| views.accounts.email(who, position))?.address)
    }

    /// Where a link or a username is sent as of a position: to the email of the credentials, and to the contact's only where
    /// there are none. Whoever may change a contact's email is not led into its account.
    pub(crate) fn address(&self, account: &AccountId, position: Position) -> Option<String> {
        let tenant = &self.open.tenant;
        let views = tenant.views.read();
        let who = views.account(account)?;
        let own = views.credentials.email(who, position).map(|(_, email)| email);
        let contact =
            || views.accounts.email(who, position).filter(|_| views.credentials.username(who, position).is_none());
        tenant.open(&own.or_else(contact)?.address)
    }

    fn username(&self, account: &AccountId) -> Option<String> {
        let views = self.open.tenant.views.read();
        views.credentials.username(views.account(account)?, self.last()).map(ToString::to_string)
    }
}

fn words(change: &Change) -> &'static str {
    match change {
        Change::Password => "- the password",
        Change::Email => "- the email address",
        Change::Rights => "- what you may do",
    }
}

/// A template with its placeholders filled in, in one walk: what is filled in is not looked at again.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() + 128);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, after))
        });
        match found {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

/// Hands MANAGER's new password to the tenant's contact (rule: M3).
pub(crate) async fn manager_password(
    outbox: std::sync::Arc<Outbox>,
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
    let mail = mail(email, &format!("MANAGER's password in {tenant}"), body).ok_or(LedgerError::NotHandedOver)?;
    let delivered = tokio::task::spawn_blocking(move || outbox.deliver(&mail)).await;
    match delivered {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(%error, "MANAGER's new password was not handed over");
            Err(LedgerError::NotHandedOver)
        }
        Err(_) => Err(LedgerError::NotHandedOver),
    }
}

fn mail(to: &str, subject: &str, body: String) -> Option<Mail> {
    let made = Mail::new(to, subject, Zeroizing::new(body));
    made.map_err(|error| tracing::error!(%error, "a mail could not be composed")).ok()
}

#[cfg(test)]
mod tests {
    use super::filled;

    // rule: P7
    #[test]
    fn a_template_is_filled_in_once() {
        let values = [("link", "https://x"), ("name", "{link}")];
        assert_eq!(filled("{name}: {link} {other} {", &values), "{link}: https://x {other} {");
    }
}
