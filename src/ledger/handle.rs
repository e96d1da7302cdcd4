//! A tenant, as programs use it: give commands, sign in, ask.

use std::sync::Arc;

use grantbook_decisions::command::{Command, CommandJson, Door, PasswordShape, SupportCommand, cloud_id_of};
use grantbook_decisions::{Outside, PasswordCheck, Refusal, SignIn, history_read, kept_out};
use grantbook_events::{
    AccountId, Actor, Client, CloudId, Entry, OperatorName, Position, ReadScope, Sealed, SecretVersion, SignInPlane,
    Source, Username,
};
use grantbook_projections::{AsOf, KeyScope, Views};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::Instrument;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::alive::session_alive;
use crate::caller::{Caller, Origin, Terms};
use crate::committer::{Answer, Done, PATIENCE};
use crate::error::LedgerError;
use crate::job::{Act, Attempt, Commands, Job, LookedAt, RefusedQuestion, Work};
use crate::ledger::{Open, Shared, token_id};
use crate::passwords::{Password, random_password};
use crate::prepare::{PreparedFor, Ready, Tools, check, check_code, hashed, prepare, read, sealed_source, source};
use crate::refusal_window::Whence;
use crate::tenant::Point;
use crate::tokens::{Token, TokenKind};
use crate::vault::VaultWrite;
use crate::writer::{named, read_recorded};

/// How often a request is prepared anew when what it had learnt was overtaken.
const TRIES: usize = 4;

/// A tenant of a ledger. Cheap to clone.
#[derive(Clone)]
pub struct TenantHandle {
    cloud_id: CloudId,
    pub(crate) open: Open,
    pub(crate) shared: Arc<Shared>,
}

/// Somebody who signs in.
pub struct Credentials {
    /// The username as it was typed.
    pub username: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// What is signed in to.
    pub plane: SignInPlane,
    /// With what.
    pub client: Client,
    /// The code of the second factor, where one was given (rule: S6).
    pub code: Option<Zeroizing<String>>,
    /// What the tabs of one browser share; empty where nothing was given (rule: S5).
    pub browser: String,
}

/// What came of a sign-in.
pub enum SignedIn {
    /// The session began.
    Session {
        /// The bearer token, shown this once.
        token: Token,
        /// What was recorded.
        done: Done,
        /// Whose session it is.
        account: AccountId,
    },
    /// The password must be changed first (rule: C16).
    MustChange {
        /// Whose.
        account: AccountId,
    },
}

/// A new password for MANAGER on its way (rule: M3).
struct Rotation {
    password: Password,
    version: SecretVersion,
    write: Option<VaultWrite>,
    handed_over: bool,
}

impl Rotation {
    /// The job rotates to this password.
    fn put_into(&self, job: &mut Commands) {
        for prepared in &mut job.commands {
            if prepared.command == Command::Support(SupportCommand::RotateManagerPassword) {
                let new_password = Some((PasswordShape::ACCEPTED, self.version));
                prepared.outside = Outside { new_password, ..Outside::default() };
            }
        }
        job.secrets.extend(self.write.clone());
    }

    /// Hands it over to the tenant's contact, before it comes into force: of a crash between the two the contact has a
    /// mail too many, and never none.
    async fn hand_over(&mut self, tenant: &TenantHandle) -> Result<(), LedgerError> {
        // Without an address the decision has refused (rule: M3).
        if let Some(email) = tenant.contact_email(&AccountId::manager()) {
            let outbox = tenant.shared.outbox.clone();
            crate::notices::manager_password(outbox, &tenant.cloud_id, &email, &self.password).await?;
        }
        self.handed_over = true;
        Ok(())
    }
}

/// Puts work to a writer and waits for its answer. Errors: as the work says, or the store does not come back.
pub(crate) async fn put(jobs: &mpsc::Sender<Job>, work: Work) -> Answer {
    let (answer, answered) = oneshot::channel();
    jobs.send(Job { work, answer }).await.map_err(|_| LedgerError::Storage)?;
    match tokio::time::timeout(PATIENCE, answered).await {
        Ok(answer) => answer.unwrap_or(Err(LedgerError::Storage)),
        Err(_) => {
            tracing::error!(
                seconds = PATIENCE.as_secs(),
                "the store does not answer: end the process and start it again"
            );
            Err(LedgerError::Storage)
        }
    }
}

impl TenantHandle {
    pub(crate) fn new(cloud_id: CloudId, open: Open, shared: Arc<Shared>) -> TenantHandle {
        TenantHandle { cloud_id, open, shared }
    }

    /// The tenant's Cloud ID.
    pub fn cloud_id(&self) -> &CloudId {
        &self.cloud_id
    }

    pub(crate) fn tools(&self) -> Tools<'_> {
        self.shared.tools()
    }

    // --- Giving commands -----------------------------------------------------------------------------------------------

    /// Gives a command, or a list of commands as one entry. `body` is the contract's JSON. The answer comes when the entry
    /// is durable.
    ///
    /// Errors: see [`LedgerError`]; after [`LedgerError::Storage`] the outcome is not known.
    pub async fn command<'a>(
        &self,
        caller: &Caller,
        body: impl Into<CommandJson<'a>>,
        terms: &Terms,
    ) -> Result<Done, LedgerError> {
        if let Caller::Support { .. } = caller {
            return Err(LedgerError::Refused(grantbook_decisions::Refusal::not_of_this_door()));
        }
        self.give(caller, &body.into(), Door::Tenant, terms).await
    }

    /// Gives a command of support's on this tenant (rule: U4).
    pub async fn support_command<'a>(
        &self,
        operator: &OperatorName,
        body: impl Into<CommandJson<'a>>,
        terms: &Terms,
    ) -> Result<Done, LedgerError> {
        let caller = Caller::Support { operator: operator.clone() };
        let done = self.give(&caller, &body.into(), Door::Support, terms).await?;
        if !terms.dry_run {
            self.settle_mail().await;
        }
        Ok(done)
    }

    async fn give(
        &self,
        caller: &Caller,
        body: &CommandJson<'_>,
        door: Door,
        terms: &Terms,
    ) -> Result<Done, LedgerError> {
        self.of_here(caller)?;
        let tenant = &self.open.tenant;
        // One at a time, so that of two alike under one key the second finds what the first did, and mails nothing.
        let mut rotating = None;
        let mut rotation: Option<Rotation> = None;
        for _ in 1..TRIES {
            let read = read(tenant, body, door)?;
            let rotates = read
                .given
                .iter()
                .any(|(given, _)| given.command == Command::Support(SupportCommand::RotateManagerPassword));
            if rotates && rotating.is_none() {
                rotating = Some(tenant.rotating.lock().await);
            }
            let now = self.shared.clock.now();
            let by = PreparedFor { caller: Some(caller), dry_run: terms.dry_run, now };
            let Ready { mut commands, mut secrets, shown, webhook_secrets } =
                prepare(tenant, &by, read.given, &self.tools()).instrument(tracing::debug_span!("prepare")).await?;
            let links = self.draw_links(&mut commands, &mut secrets)?;
            let mut job = Commands {
                caller: caller.clone(),
                terms: terms.clone(),
                source: source(tenant, caller, &terms.origin),
                commands,
                sealing: read.sealing,
                secrets,
                cause: None,
                beside: None,
                links: links.iter().map(|(account, token)| (token.digest(), account.clone())).collect(),
            };
            // What was given before under the same key is told again, and no other password is handed over.
            let given_before = terms.key.is_some_and(|key| matches!(self.outcome(caller, key), Ok(Some(_))));
            if rotates && !given_before {
                let rotation = match &mut rotation {
                    Some(rotation) => rotation,
                    none => none.insert(self.rotation().await?),
                };
                rotation.put_into(&mut job);
                if !terms.dry_run && !rotation.handed_over {
                    // Nobody is handed a password by a command that would be refused.
                    self.tried(&job).await?;
                    rotation.hand_over(self).await?;
                }
            }
            let recorded = put(&self.open.jobs, Work::Commands(Box::new(job)));
            match recorded.instrument(tracing::debug_span!("decide and commit")).await {
                // What was learnt beforehand was overtaken: look again.
                Err(LedgerError::Overtaken) => {}
                Ok(done) => {
                    self.send_links(links, done.position.filter(|_| !done.repeated));
                    // Told again under the same key, what was drawn is not what was recorded, and is not shown (rule: S6).
                    let second_factor = if done.repeated { None } else { shown };
                    let webhook_secrets = if done.repeated { Vec::new() } else { webhook_secrets };
                    return Ok(Done { second_factor, webhook_secrets, ..done });
                }
                Err(error) => return Err(error),
            }
        }
        Err(LedgerError::Overtaken)
    }

    /// Whether a job would be accepted now. Errors: why not.
    async fn tried(&self, job: &Commands) -> Result<(), LedgerError> {
        let terms = Terms { dry_run: true, ..job.terms.clone() };
        let dry = Commands { terms, ..job.clone() };
        put(&self.open.jobs, Work::Commands(Box::new(dry))).await.map(|_| ())
    }

    /// A new password for MANAGER (rule: M3).
    async fn rotation(&self) -> Result<Rotation, LedgerError> {
        let password = random_password().map_err(|_| LedgerError::Storage)?;
        let (version, write) =
            hashed(&self.open.tenant, &AccountId::manager(), password.reveal(), &self.tools()).await?;
        Ok(Rotation { password, version, write, handed_over: false })
    }

    /// The email of an account's contact, opened.
    pub(crate) fn contact_email(&self, account: &AccountId) -> Option<String> {
        let tenant = &self.open.tenant;
        let views = tenant.views.read();
        let email = views.accounts.email(views.account(account)?, tenant.durable())?;
        tenant.open(&email.address)
    }

    /// What came of a command that was given with an idempotency key; `None` where nothing was recorded under it.
    pub fn outcome(&self, caller: &Caller, key: [u8; 16]) -> Result<Option<(Position, Entry)>, LedgerError> {
        self.of_here(caller)?;
        let scope = match caller {
            Caller::Account { account, .. } => KeyScope::Account(account.clone()),
            Caller::Support { operator } => KeyScope::Support(operator.clone()),
        };
        let position = self.open.tenant.views.read().book.keyed(&scope, key);
        match position.filter(|position| *position <= self.open.tenant.durable()) {
            Some(position) => {
                let entry = self.entry(position)?;
                let theirs = entry.command_id == key && KeyScope::of(&entry.actor).as_ref() == Some(&scope);
                Ok(theirs.then_some((position, entry)))
            }
            None => Ok(None),
        }
    }

    // --- The doors -----------------------------------------------------------------------------------------------------

    pub(crate) fn account_of(&self, username: &str) -> Option<AccountId> {
        let username = Username::new(username).ok()?;
        let views = self.open.tenant.views.read();
        // Whoever is told that nobody has a name is told so at once: that must not rest on what is not durable yet.
        let last = self.last();
        let number = views.names.usernames.get(username.as_str())?;
        let who = views.credentials.owner(number, last)?;
        let there = views.accounts.exists(who, last);
        views.account_id(who).filter(|_| there)
    }

    /// Signs somebody in. Unknown usernames cost what known ones cost, and are told the same (rule: C11).
    pub async fn sign_in(&self, who: &Credentials, origin: &Origin) -> Result<SignedIn, LedgerError> {
        self.shared.within_limits(origin, self.sign_in_from(who, origin)).await
    }

    async fn sign_in_from(&self, who: &Credentials, origin: &Origin) -> Result<SignedIn, LedgerError> {
        let tenant = &self.open.tenant;
        let Some(account) = self.account_of(&who.username) else {
            return Err(self.shared.nobody(&who.password).await);
        };
        for _ in 1..TRIES {
            let looked_at = LookedAt::of(&tenant.views.read(), &account);
            let check = check(tenant, &account, &who.password, &self.tools()).await?;
            let code = who.code.as_deref().map(String::as_str);
            let code = check_code(tenant, &account, code, self.shared.clock.now(), &self.tools()).await;
            let token = Token::draw(TokenKind::Session).map_err(|_| LedgerError::Storage)?;
            let version = SecretVersion(Uuid::new_v4().as_u64_pair().0);
            let attempt = Attempt {
                what: SignIn {
                    account: account.clone(),
                    plane: who.plane,
                    client: who.client,
                    browser: number_of(&who.browser),
                },
                outside: Outside { check: Some(check), code, token: Some(version), ..Outside::default() },
                looked_at,
                from: self.door_source(&account, origin),
                secrets: vec![VaultWrite::Session {
                    tenant: tenant.name.clone(),
                    session: token_id(version),
                    digest: token.digest(),
                }],
                token: Some(token.digest()),
            };
            match put(&self.open.jobs, Work::SignIn(Box::new(attempt))).await {
                Err(LedgerError::Overtaken) => {}
                Err(error) => return Err(error),
                Ok(done) if done.must_change => return Ok(SignedIn::MustChange { account }),
                Ok(done) => return Ok(SignedIn::Session { token, done, account }),
            }
        }
        Err(LedgerError::Overtaken)
    }

    /// Changes one's own password at the guest door (rule: C16).
    pub async fn change_password(
        &self,
        username: &str,
        old: &str,
        new: &str,
        origin: &Origin,
    ) -> Result<(), LedgerError> {
        self.change_password_with_code(username, old, new, None, origin).await
    }

    /// Changes one's own password at the guest door with the code of a second factor, where one is asked for (rules: C16, S6).
    pub async fn change_password_with_code(
        &self,
        username: &str,
        old: &str,
        new: &str,
        code: Option<&str>,
        origin: &Origin,
    ) -> Result<(), LedgerError> {
        self.shared.within_limits(origin, self.change_password_from(username, old, new, code, origin)).await
    }

    async fn change_password_from(
        &self,
        username: &str,
        old: &str,
        new: &str,
        code: Option<&str>,
        origin: &Origin,
    ) -> Result<(), LedgerError> {
        let tenant = &self.open.tenant;
        let Some(account) = self.account_of(username) else {
            return Err(self.shared.nobody(old).await);
        };
        for _ in 1..TRIES {
            let looked_at = LookedAt::of(&tenant.views.read(), &account);
            let check = check(tenant, &account, old, &self.tools()).await?;
            let code = check_code(tenant, &account, code, self.shared.clock.now(), &self.tools()).await;
            let shape = PasswordShape::of(new);
            let (version, write) = if check == PasswordCheck::Matched {
                hashed(tenant, &account, new, &self.tools()).await?
            } else {
                (SecretVersion(0), None)
            };
            let attempt = Attempt {
                what: account.clone(),
                outside: Outside {
                    check: Some(check),
                    new_password: Some((shape, version)),
                    same_password: old == new,
                    code,
                    ..Outside::default()
                },
                looked_at,
                from: self.door_source(&account, origin),
                secrets: write.into_iter().collect(),
                token: None,
            };
            match put(&self.open.jobs, Work::ChangePassword(Box::new(attempt))).await {
                Err(LedgerError::Overtaken) => {}
                answer => return answer.map(|_| ()),
            }
        }
        Err(LedgerError::Overtaken)
    }

    pub(crate) fn door_source(&self, account: &AccountId, origin: &Origin) -> Whence {
        let source = origin.text().map_or(Source::Inherited, |text| sealed_source(&self.open.tenant, account, &text));
        Whence { number: number_of(&origin.address), source }
    }

    /// Whether the caller may use this tenant now: a session of this tenant that is alive, or support's token.
    pub async fn admits(&self, caller: &Caller) -> Result<(), LedgerError> {
        match caller {
            Caller::Support { .. } => Ok(()),
            Caller::Account { tenant, account, session } => {
                let alive = self
                    .ask(Point::Now, |views, now| {
                        views.account(account).is_some_and(|who| session_alive(views, who, *session, now))
                    })
                    .await?;
                if alive && *tenant == self.cloud_id { Ok(()) } else { Err(LedgerError::NotSignedIn) }
            }
        }
    }

    /// Whether the caller may call: as [`TenantHandle::admits`], and an application needs its role for as long (rule: R2). A refusal
    /// is recorded (rule: U1).
    pub async fn admits_call(&self, caller: &Caller) -> Result<(), LedgerError> {
        self.admits(caller).await?;
        let Caller::Account { account, session, .. } = caller else { return Ok(()) };
        let kept_out = |views: &Views, now| kept_out(views, views.account(account)?, *session, now);
        let Some(refusal) = self.ask(Point::Now, kept_out).await? else { return Ok(()) };
        self.note_refused(caller, "call", None, &refusal).await?;
        Err(LedgerError::Refused(refusal))
    }

    // --- Asking --------------------------------------------------------------------------------------------------------

    /// Asks the views from a point. The question sees one consistent state while the writer goes on.
    pub async fn ask<R>(&self, point: Point, question: impl FnOnce(&Views, AsOf) -> R) -> Result<R, LedgerError> {
        self.open.tenant.ask(point, &self.shared.clock, question).await
    }

    /// Waits until the tenant's journal has come to `position`.
    pub async fn at_least(&self, position: Position) -> Result<(), LedgerError> {
        let last = self.open.tenant.views.read().timeline.last();
        if position > last {
            return Err(LedgerError::Beyond { asked: position, last });
        }
        let mut moved = self.open.tenant.watch();
        moved.wait_for(|durable| *durable >= position).await.map(|_| ()).map_err(|_| LedgerError::Storage)
    }

    /// The last durable position.
    pub fn last(&self) -> Position {
        self.open.tenant.durable()
    }

    /// Tells of every new durable position: how readers wait for more.
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.open.tenant.watch()
    }

    /// The entry at a position. Errors: there is none.
    pub fn entry(&self, position: Position) -> Result<Entry, LedgerError> {
        let last = self.last();
        let beyond = LedgerError::Beyond { asked: position, last };
        if position == Position::START || position > last {
            return Err(beyond);
        }
        self.entries(position).next().unwrap_or(Err(beyond)).map(|(_, entry)| entry)
    }

    /// What a sealed value says; `None` where its key is gone.
    pub fn open(&self, sealed: &Sealed) -> Option<String> {
        self.open.tenant.open(sealed)
    }

    /// Records that the caller read what concerns others: once a session and scope (rule: U3).
    pub async fn note_read(&self, caller: &Caller, scope: ReadScope) -> Result<(), LedgerError> {
        self.of_here(caller)?;
        let (reader, account, session, actor) = match caller {
            Caller::Account { account, session, .. } => {
                let actor = Actor::Account { id: account.clone(), session: Some(*session) };
                (KeyScope::Account(account.clone()), Some(account.clone()), *session, actor)
            }
            Caller::Support { operator } => {
                let actor = Actor::Support { operator: operator.clone() };
                (KeyScope::Support(operator.clone()), None, Position::START, actor)
            }
        };
        // What another reading of theirs recorded may be on its way to the disk: then this one waits for it.
        let now = self.shared.clock.now();
        let recorded = read_recorded(&self.open.tenant.views.read(), &reader, session, scope, now);
        if recorded.is_some_and(|recorded| recorded <= self.last()) {
            return Ok(());
        }
        let act = Act {
            events: vec![history_read(account, scope)],
            guard: crate::job::Guard::NotRead(reader, session, scope),
            ..Act::new(named("read_history")?, actor)
        };
        match put(&self.open.jobs, Work::Record(Box::new(act))).await {
            // While history is imported, reading it is the import's own matter.
            Ok(_) | Err(LedgerError::Importing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Records that a rule refused the caller a question, as refused commands are recorded: `what` names the question as
    /// a command is named, `on` whom it was about. Repeats are counted and summed up (rule: U1).
    pub async fn note_refused(
        &self,
        caller: &Caller,
        what: &str,
        on: Option<AccountId>,
        refusal: &Refusal,
    ) -> Result<(), LedgerError> {
        self.of_here(caller)?;
        let Some(rule) = refusal.rule else { return Ok(()) };
        let question = RefusedQuestion { caller: caller.clone(), name: named(what)?, subject: on, rule };
        match put(&self.open.jobs, Work::Refused(Box::new(question))).await {
            // While history is imported, refusals are not recorded.
            Ok(_) | Err(LedgerError::Importing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A session of another tenant is none here (rule: T5).
    fn of_here(&self, caller: &Caller) -> Result<(), LedgerError> {
        match caller {
            Caller::Account { tenant, .. } if *tenant != self.cloud_id => Err(LedgerError::NotSignedIn),
            Caller::Account { .. } | Caller::Support { .. } => Ok(()),
        }
    }
}

/// What the tabs of one browser share, or where somebody comes from, as a number; 0 where nothing was given.
fn number_of(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    let hash = blake3::hash(text.as_bytes());
    let mut number = [0u8; 8];
    number.copy_from_slice(hash.as_bytes().first_chunk::<8>().unwrap_or(&[1; 8]));
    u64::from_be_bytes(number).max(1)
}

/// The tenant that a support command is on: its `cloud_id`. Errors: it is malformed, or missing.
pub fn support_target(body: &CommandJson<'_>) -> Result<CloudId, LedgerError> {
    let found = cloud_id_of(body)?;
    found.ok_or_else(|| LedgerError::Malformed {
        field: "cloud_id".to_owned(),
        message: "expected the Cloud ID of a tenant".to_owned(),
    })
}
