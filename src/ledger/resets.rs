//! The doors of those who cannot sign in: forgotten passwords, forgotten usernames, and the links that set a password
//! (rules: P1, P3, P4, P6).
//!
//! Whoever asks at the first two is answered at once and always the same. What comes of it is looked at afterwards, off the
//! path of the answer, so that neither the answer nor the time it takes tells whether there is such an account.

use std::collections::HashMap;

use grantbook_decisions::command::{Command, MailCommand, PasswordShape};
use grantbook_decisions::{Case, Outside, PasswordCheck, reset_password};
use grantbook_events::{AccountId, Instant, Position, SecretVersion, Source, Username};
use grantbook_projections::AsOf;
use parking_lot::Mutex;
use uuid::Uuid;

use crate::caller::Origin;
use crate::carrier::{Carrier, Parcel};
use crate::error::LedgerError;
use crate::handle::{TenantHandle, put};
use crate::job::{Asked, Attempt, Forgotten, LookedAt, Prepared, Work};
use crate::ledger::token_id;
use crate::passwords::random_password;
use crate::prepare::{check, hashed};
use crate::tokens::{Token, TokenKind};
use crate::vault::VaultWrite;

/// How many mails are asked for from one address within [`SOURCE_MINUTES`]; further ones are passed over.
const MOST_FROM_A_SOURCE: u32 = 100;
const SOURCE_MINUTES: u32 = 5;
/// How many accounts one email address leads to at most.
const MOST_ACCOUNTS: usize = 5;

/// What mails and resets share of a ledger.
#[derive(Default)]
pub(crate) struct Post {
    pub(crate) carrier: tokio::sync::Mutex<Carrier>,
    /// The tokens of links that are not handed over yet. The vault keeps their digests alone, so what is lost of these by
    /// a restart is made anew.
    links: Mutex<HashMap<(String, AccountId), (Position, Token)>>,
    sources: Mutex<HashMap<String, (Instant, u32)>>,
    /// One search for an address at a time: it opens the email of every contact.
    searching: tokio::sync::Mutex<()>,
}

/// The link of a reset.
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) expires_at: Instant,
}

impl Post {
    fn admits(&self, source: &str, now: Instant) -> bool {
        if source.is_empty() {
            return true;
        }
        let mut sources = self.sources.lock();
        if sources.len() > 10_000 {
            sources.retain(|_, (ends, _)| now < *ends);
        }
        let (ends, count) = sources.entry(source.to_owned()).or_insert((now.plus_minutes(SOURCE_MINUTES), 0));
        if *ends <= now {
            (*ends, *count) = (now.plus_minutes(SOURCE_MINUTES), 0);
        }
        *count = count.saturating_add(1);
        *count <= MOST_FROM_A_SOURCE
    }
}

impl TenantHandle {
    /// Somebody asks for a password reset of a username (rule: P1). Returns at once; what comes of it, nobody is told.
    pub fn forgot_password(&self, username: &str, origin: &Origin) {
        let (this, username, origin) = (self.clone(), username.to_owned(), origin.clone());
        if self.shared.post.admits(&origin.address, self.shared.clock.now()) {
            self.shared.errands.begin(async move {
                if let Some(account) = this.account_of(&username) {
                    this.forgotten(Asked::Password(account), &origin).await;
                    this.settle_mail().await;
                }
            });
        }
    }

    /// Somebody asks for the username that belongs to an email address (rule: P6). Returns at once.
    pub fn forgot_username(&self, email: &str, origin: &Origin) {
        let (this, email, origin) = (self.clone(), email.to_owned(), origin.clone());
        if self.shared.post.admits(&origin.address, self.shared.clock.now()) {
            self.shared.errands.begin(async move {
                for account in this.accounts_at(&email).await {
                    let username = this.free_username(&account);
                    this.forgotten(Asked::Username(account, username), &origin).await;
                }
                this.settle_mail().await;
            });
        }
    }

    /// Keeps everybody from the vault until what is given is dropped: for tests of what is done before an answer.
    pub fn hold_vault(&self) -> parking_lot::MutexGuard<'_, crate::vault::Vault> {
        self.shared.vault.lock()
    }

    async fn forgotten(&self, asked: Asked, origin: &Origin) {
        let Ok(token) = Token::draw(TokenKind::Reset) else { return };
        let account = asked.account().clone();
        let version = SecretVersion(Uuid::new_v4().as_u64_pair().0);
        let (mut outside, mut secrets) = (Outside { token: Some(version), ..Outside::default() }, Vec::new());
        secrets.push(self.link_write(version, &token));
        if let Asked::Username(_, Some(_)) = &asked {
            // Nobody knows this password: only the mailed link sets one.
            let Ok(password) = random_password() else { return };
            let Ok((version, write)) = hashed(&self.open.tenant, &account, password.reveal(), &self.tools()).await
            else {
                return;
            };
            outside.new_password = Some((PasswordShape::ACCEPTED, version));
            secrets.extend(write);
        }
        let source = match asked {
            Asked::Again(..) => Source::Inherited,
            Asked::Password(_) | Asked::Username(..) => self.door_source(&account, origin).source,
        };
        let job = Forgotten { asked, outside, source, secrets, token: token.digest() };
        match put(&self.open.jobs, Work::Forgotten(Box::new(job))).await {
            Ok(done) => self.remember(&account, done.position, token),
            Err(error) => tracing::debug!(%error, "nothing came of a forgotten password or username"),
        }
    }

    fn link_write(&self, version: SecretVersion, token: &Token) -> VaultWrite {
        let tenant = self.open.tenant.name.clone();
        VaultWrite::Session { tenant, session: token_id(version), digest: token.digest() }
    }

    /// Keeps a link's token until it is handed over.
    fn remember(&self, account: &AccountId, requested: Option<Position>, token: Token) {
        if let Some(requested) = requested {
            let key = (self.open.tenant.name.clone(), account.clone());
            self.shared.post.links.lock().insert(key, (requested, token));
        }
    }

    /// Tokens for the resets among commands; in a dry run none is kept.
    pub(crate) fn draw_links(
        &self,
        commands: &mut [Prepared],
        secrets: &mut Vec<VaultWrite>,
    ) -> Result<Vec<(AccountId, Token)>, LedgerError> {
        let mut links = Vec::new();
        for prepared in commands {
            if let Command::Mail(MailCommand::SendPasswordReset { account, .. }) = &prepared.command {
                let token = Token::draw(TokenKind::Reset).map_err(|_| LedgerError::Storage)?;
                let version = SecretVersion(Uuid::new_v4().as_u64_pair().0);
                prepared.outside.token = Some(version);
                secrets.push(self.link_write(version, &token));
                links.push((account.clone(), token));
            }
        }
        Ok(links)
    }

    /// The links of an entry that was recorded are handed over, after its answer.
    pub(crate) fn send_links(&self, links: Vec<(AccountId, Token)>, recorded: Option<Position>) {
        if links.is_empty() || recorded.is_none() {
            return;
        }
        for (account, token) in links {
            self.remember(&account, recorded, token);
        }
        let this = self.clone();
        self.shared.errands.begin(async move { this.settle_mail().await });
    }

    /// The link of a reset, made anew where its token was lost. `None` where it expired, which is recorded.
    pub(crate) async fn link(&self, parcel: &Parcel, now: Instant) -> Option<Link> {
        let (account, requested) = (&parcel.account, parcel.owed);
        let reset = {
            let views = self.open.tenant.views.read();
            views.mail.reset(views.account(account)?, views.timeline.last())?.clone()
        };
        if now >= reset.expires_at {
            self.give_up_reset(parcel).await;
            return None;
        }
        let key = (self.open.tenant.name.clone(), account.clone());
        let kept = self.shared.post.links.lock().get(&key).filter(|(of, _)| *of == requested).cloned();
        let Some((_, token)) = kept else {
            // The new one is owed in the place of this.
            Box::pin(self.forgotten(Asked::Again(account.clone(), requested), &Origin::default())).await;
            return None;
        };
        let base = self.shared.public_url.read().clone();
        let (tenant, site) = (self.cloud_id(), encoded(reset.site.as_str()));
        let url = format!("{base}/v1/tenants/{tenant}/reset-password?site={site}#token={}", token.reveal());
        Some(Link { url, expires_at: reset.expires_at })
    }

    /// Sets a password by a mailed link (rule: P5). Errors: the link works no longer, or the password is not accepted.
    pub async fn reset_password(&self, token: &str, new: &str, origin: &Origin) -> Result<(), LedgerError> {
        let tenant = &self.open.tenant;
        for _ in 0..3 {
            let opened = Token::parse(TokenKind::Reset, token)
                .and_then(|token| self.shared.sessions.read().get(&token.digest()).cloned())
                .filter(|opened| opened.tenant == tenant.name);
            let shape = PasswordShape::of(new);
            let Some(opened) = opened else {
                let views = tenant.views.read();
                let now = AsOf { position: views.timeline.last(), clock: self.shared.clock.now() };
                let outside = Outside { new_password: Some((shape, SecretVersion(0))), ..Outside::default() };
                let acting = grantbook_decisions::Acting::Guest;
                let case = Case { views: &views, before: now, now, acting, outside };
                return Err(reset_password(None, &case).map_or_else(LedgerError::Refused, |_| LedgerError::Storage));
            };
            let account = opened.account;
            let looked_at = LookedAt::of(&tenant.views.read(), &account);
            let same = check(tenant, &account, new, &self.tools()).await? == PasswordCheck::Matched;
            let (version, write) = hashed(tenant, &account, new, &self.tools()).await?;
            let outside = Outside { new_password: Some((shape, version)), same_password: same, ..Outside::default() };
            let attempt = Attempt {
                from: self.door_source(&account, origin),
                what: (account, opened.session),
                outside,
                looked_at,
                secrets: write.into_iter().collect(),
                token: None,
            };
            match put(&self.open.jobs, Work::ResetPassword(Box::new(attempt))).await {
                Err(LedgerError::Overtaken) => {}
                answer => return answer.map(|_| ()),
            }
        }
        Err(LedgerError::Overtaken)
    }

    /// The accounts that mail to this address goes to, at most a few, by id. Looks at every contact whatever it finds.
    async fn accounts_at(&self, email: &str) -> Vec<AccountId> {
        let _alone = self.shared.post.searching.lock().await;
        let (this, email) = (self.clone(), email.to_lowercase());
        let found = tokio::task::spawn_blocking(move || {
            let everybody: Vec<AccountId> = {
                let views = this.open.tenant.views.read();
                let position = this.open.tenant.durable();
                let there = views.names.accounts.in_order().filter(|who| views.accounts.exists(*who, position));
                there.filter_map(|who| views.account_id(who)).collect()
            };
            let last = this.last();
            let at = |account: &AccountId| this.address(account, last).is_some_and(|own| own.to_lowercase() == email);
            let mut found: Vec<AccountId> = everybody.into_iter().filter(at).collect();
            found.truncate(MOST_ACCOUNTS);
            found
        });
        found.await.unwrap_or_default()
    }

    /// A username for a contact without one: its id, or its id and a number.
    fn free_username(&self, account: &AccountId) -> Option<Username> {
        let views = self.open.tenant.views.read();
        let who = views.account(account)?;
        if views.credentials.username(who, views.timeline.last()).is_some() {
            return None;
        }
        let names =
            (1..100).map(|number| if number == 1 { account.to_string() } else { format!("{account}-{number}") });
        let mut usernames = names.filter_map(|name| Username::new(&name).ok());
        // A name that came up and was never anybody's, as in a dry run, is as free as any.
        let last = views.timeline.last();
        let is_free = |username: &Username| {
            let number = views.names.usernames.get(username.as_str());
            number.is_none_or(|number| views.credentials.owners(number, last).next().is_none())
        };
        usernames.find(is_free)
    }
}

impl Asked {
    fn account(&self) -> &AccountId {
        match self {
            Asked::Password(account) | Asked::Username(account, _) | Asked::Again(account, _) => account,
        }
    }
}

/// A path as part of a URL's query.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            // Any other byte is written by its number.
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
