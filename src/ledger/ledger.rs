//! The ledger: opening and closing it, its tenants, and what the operator does.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use grantbook_decisions::{NewTenant, cloud_id_assigned, create_tenant, support_token_issued, support_token_revoked};
use grantbook_events::{
    AccountId, Actor, CloudId, CustomerName, Edition, Entry, Event, Instant, OperatorName, Position, SealedEmail,
    SecretVersion, Source, is_email_address,
};
use grantbook_evidence::{Frontier, leaf_hash};
use grantbook_journal::{OpenReport, Store, StoreOptions, StreamName};
use grantbook_projections::Views;
use parking_lot::{Mutex, RwLock};
use tokio::sync::mpsc;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::caller::Caller;
use crate::clock::Clock;
use crate::committer::{Committer, Done, OpenedSession, Sessions};
use crate::error::LedgerError;
use crate::handle::TenantHandle;
use crate::job::{Act, Guard, Job, Work};
use crate::outbox::Outbox;
use crate::passwords::{HashingCost, HashingPool, PasswordHasher, random_password};
use crate::personal::{Keys, RequestSealer};
use crate::sealing::ContactKey;
use crate::tenant::Tenant;
use crate::tokens::{Token, TokenDigest, TokenKind};
use crate::vault::{Vault, VaultName, VaultWrite};
use crate::writer::{Surroundings, Writer, named};

/// How many jobs may wait for a writer before those who bring more must wait too.
const MOST_WAITING: usize = 4_096;

/// The stream of the installation's own ledger; no Cloud ID has such a name.
const INSTALLATION: &str = "_installation";

/// Where a ledger keeps itself.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a directory: journal, vault and outbox.
    Directory(PathBuf),
    /// In memory, for tests: gone when it is dropped.
    Memory,
}

/// How a ledger is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it keeps itself.
    pub place: Place,
    /// What hashing a password costs.
    pub hashing: HashingCost,
    /// How many passwords are looked at at once, and how many may wait.
    pub pool: HashingPool,
    /// Most memory of the journal's cache, in bytes.
    pub cache_bytes: u64,
    /// What tells the time.
    pub clock: Clock,
    /// Make the journal's head anew where it is missing; earlier losses can then not be noticed.
    pub accept_missing_head: bool,
}

impl Options {
    /// The usual options for a directory.
    pub fn directory(dir: impl Into<PathBuf>) -> Options {
        Options { place: Place::Directory(dir.into()), ..Options::memory() }
    }

    /// A ledger in memory, with the usual options.
    pub fn memory() -> Options {
        Options {
            place: Place::Memory,
            hashing: HashingCost::default(),
            pool: HashingPool::default(),
            cache_bytes: StoreOptions::CACHE_BYTES,
            clock: Clock::System,
            accept_missing_head: false,
        }
    }
}

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
    /// Something else stands in the way.
    #[error("{0}")]
    Other(String),
}

/// Why a ledger was not closed cleanly. Nothing acknowledged is lost; the next opening is one as after a crash.
#[derive(Debug, thiserror::Error)]
#[error("not closed cleanly: {0}")]
pub struct CloseError(String);

/// A ledger: many tenants, one store. Cheap to clone; all clones are the same ledger.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) hasher: PasswordHasher,
    pub(crate) vault: Arc<Mutex<Vault>>,
    pub(crate) store: Arc<Store>,
    pub(crate) outbox: Outbox,
    pub(crate) sessions: Sessions,
    committer: RwLock<Option<Committer>>,
    support: RwLock<HashMap<TokenDigest, (OperatorName, SecretVersion)>>,
    tenants: RwLock<BTreeMap<CloudId, Open>>,
    installation: RwLock<Option<Open>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
    writers: Mutex<Vec<tokio::task::JoinHandle<()>>>,
    report: Option<OpenReport>,
}

impl Shared {
    /// Every tenant that is open, by Cloud ID.
    pub(crate) fn tenants(&self) -> Vec<(CloudId, Open)> {
        self.tenants.read().iter().map(|(cloud_id, open)| (cloud_id.clone(), open.clone())).collect()
    }
}

/// A tenant that is open: what is shared of it, and the way to its writer.
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) jobs: mpsc::Sender<Job>,
}

/// What a new tenant is to be.
#[derive(Clone, Debug)]
pub struct TenantRequest {
    /// Its Cloud ID.
    pub cloud_id: CloudId,
    /// The edition it runs.
    pub edition: Edition,
    /// Where the tenant's contact is reached (rule: M3).
    pub manager_email: Option<String>,
    /// The one account whose first sign-in makes the admin (rule: F14).
    pub first_admin: Option<AccountId>,
    /// When it begins; now where none is given. Never in the future.
    pub at: Option<Instant>,
}

impl TenantRequest {
    /// A tenant of edition `cloud` that begins now.
    pub fn new(cloud_id: CloudId) -> TenantRequest {
        TenantRequest { cloud_id, edition: Edition::Cloud, manager_email: None, first_admin: None, at: None }
    }
}

/// A tenant that was created.
pub struct Created {
    /// Its first position.
    pub position: Position,
    /// MANAGER's first password, shown this once (rule: M1).
    pub manager_password: Zeroizing<String>,
}

impl std::fmt::Debug for Created {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Created {{ position: {} }}", self.position)
    }
}

/// A support token, as it is listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SupportToken {
    /// Whose.
    pub operator: OperatorName,
    /// Its id: what revokes it.
    pub id: SecretVersion,
    /// When it was issued.
    pub issued: Instant,
    /// When it was revoked.
    pub revoked: Option<Instant>,
}

impl Ledger {
    /// Opens a ledger: every tenant's entries are read, checked against the head and folded into views. Starts one writer
    /// a tenant on the current tokio runtime.
    ///
    /// Errors: something on disk is not as it was left, or another process has the directory.
    pub async fn open(options: Options) -> Result<Ledger, OpenError> {
        let (store, report, vault, outbox) = keepers(&options)?;
        let hasher =
            PasswordHasher::new(options.hashing, options.pool).map_err(|error| OpenError::Other(error.to_string()))?;
        let (store, vault) = (Arc::new(store), Arc::new(Mutex::new(vault)));
        let sessions = Sessions::default();
        let (committer, thread) = Committer::start(store.clone(), vault.clone(), sessions.clone())
            .map_err(|error| OpenError::Other(format!("the committer's thread could not be started: {error}")))?;
        let shared = Arc::new(Shared {
            clock: options.clock,
            hasher,
            vault,
            store,
            outbox,
            sessions,
            committer: RwLock::new(Some(committer)),
            support: RwLock::default(),
            tenants: RwLock::default(),
            installation: RwLock::default(),
            threads: Mutex::new(vec![thread]),
            writers: Mutex::default(),
            report,
        });
        let ledger = Ledger { shared };
        ledger.start()?;
        ledger.settle_mail().await;
        Ok(ledger)
    }

    /// Reads every stream and starts its writer.
    fn start(&self) -> Result<(), OpenError> {
        let installation = stream_name(INSTALLATION)?;
        for (stream, _) in self.shared.store.streams() {
            if stream != installation {
                self.open_tenant(stream)?;
            }
        }
        let (views, frontier) = self.read(&installation)?;
        let (open, writer) = self.tenant(INSTALLATION, installation, Vec::new(), views, frontier)?;
        self.run(writer.0, writer.1);
        *self.shared.installation.write() = Some(open);
        self.restore_support_tokens()
    }

    fn open_tenant(&self, stream: StreamName) -> Result<(), OpenError> {
        let (views, frontier) = self.read(&stream)?;
        let name = stream.as_str().to_owned();
        let cloud_id = CloudId::new(&name).map_err(|wrong| OpenError::Other(wrong.message))?;
        let keys = self.settle_vault(&name, &views)?;
        let (open, writer) = self.tenant(&name, stream, keys, views, frontier)?;
        self.run(writer.0, writer.1);
        self.shared.tenants.write().insert(cloud_id, open);
        Ok(())
    }

    /// Folds a stream's entries into views, checking them against the head.
    fn read(&self, stream: &StreamName) -> Result<(Views, Frontier), OpenError> {
        let head = self.shared.report.as_ref().and_then(|report| report.heads.get(stream)).cloned();
        let (mut views, mut frontier) = (Views::default(), Frontier::default());
        for read in self.shared.store.read(stream, 1) {
            let damaged =
                |position: u64, what: String| OpenError::Entry { stream: stream.as_str().to_owned(), position, what };
            let (position, bytes) = read.map_err(|damage| damaged(damage.position, damage.to_string()))?;
            let entry = grantbook_encoding::decode(&bytes).map_err(|wrong| damaged(position, wrong.to_string()))?;
            views.apply(&entry);
            frontier.push(leaf_hash(&bytes));
            let expected = head.as_ref().filter(|head| head.last == position).and_then(|head| head.root);
            if expected.is_some_and(|expected| expected != frontier.root()) {
                return Err(OpenError::Root { stream: stream.as_str().to_owned(), position });
            }
        }
        Ok((views, frontier))
    }

    /// Drops from the vault what the journal does not name, and takes up the sessions that are open.
    fn settle_vault(&self, name: &str, views: &Views) -> Result<Vec<(String, ContactKey)>, OpenError> {
        let last = views.timeline.last();
        let vault_trouble = |error: &dyn std::fmt::Display| OpenError::Other(format!("the vault: {error}"));
        let number = |account: &str| AccountId::new(account).ok().and_then(|id| views.account(&id));
        let open: HashMap<Uuid, OpenedSession> = views
            .sessions
            .all(last)
            .filter(|session| views.sessions.ended(session.position, last).is_none())
            .filter_map(|session| {
                let account = views.account_id(session.account)?;
                let opened = OpenedSession { tenant: name.to_owned(), account, session: session.position };
                Some((token_id(session.token), opened))
            })
            .collect();
        let mut vault = self.shared.vault.lock();
        let named = |secret: &VaultName| match secret {
            VaultName::Password { account, version, .. } => number(account)
                .and_then(|who| views.credentials.secret(who, last))
                .is_some_and(|(_, secret)| secret.version.0 == *version),
            VaultName::Session { session, .. } => open.contains_key(session),
            VaultName::ContactKey { account, key, .. } => {
                number(account).and_then(|who| views.accounts.key(who, last)).is_some_and(|named| named.0 == *key)
            }
            VaultName::SupportToken { .. } => true,
        };
        vault.drop_unnamed(name, named).map_err(|error| vault_trouble(&error))?;
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
    fn tenant(
        &self,
        name: &str,
        stream: StreamName,
        keys: Vec<(String, ContactKey)>,
        views: Views,
        frontier: Frontier,
    ) -> Result<(Open, (Writer, mpsc::Receiver<Job>)), OpenError> {
        let tenant = Tenant::new(name, stream, Keys::new(name, keys), views, frontier.root());
        let Some(committer) = self.shared.committer.read().clone() else {
            return Err(OpenError::Other("the ledger is closing".to_owned()));
        };
        let around = Surroundings { store: self.shared.store.clone(), committer, clock: self.shared.clock.clone() };
        let writer = Writer::new(tenant.clone(), around, frontier);
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        Ok((Open { tenant, jobs }, (writer, waiting)))
    }

    fn run(&self, writer: Writer, waiting: mpsc::Receiver<Job>) {
        self.shared.writers.lock().push(tokio::spawn(writer.run(waiting)));
    }

    /// What was found on opening; `None` in memory.
    pub fn report(&self) -> Option<&OpenReport> {
        self.shared.report.as_ref()
    }

    /// Whether something could not be stored: then the ledger must be opened again.
    pub fn failed(&self) -> bool {
        self.shared.committer.read().as_ref().is_none_or(Committer::failed)
    }

    /// The clock that the ledger goes by.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Closes the ledger: what was accepted is made durable and answered, what was only counted is recorded, and the
    /// journal is sealed. Other clones are of no use afterwards.
    pub async fn close(self) -> Result<(), CloseError> {
        // Writers end when nobody can put jobs to them; they hand over what they counted last.
        self.shared.tenants.write().clear();
        *self.shared.installation.write() = None;
        let writers: Vec<_> = self.shared.writers.lock().drain(..).collect();
        for writer in writers {
            writer.await.map_err(|error| CloseError(error.to_string()))?;
        }
        // The committer ends when the last writer is gone.
        *self.shared.committer.write() = None;
        let threads: Vec<_> = self.shared.threads.lock().drain(..).collect();
        for thread in threads {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                return Err(CloseError("the committer ended in disorder".to_owned()));
            }
        }
        let shared = Arc::try_unwrap(self.shared).map_err(|_| CloseError("requests are still under way".to_owned()))?;
        let Shared { store, .. } = shared;
        let store = Arc::try_unwrap(store).map_err(|_| CloseError("the journal is still being read".to_owned()))?;
        store.close().map_err(|error| CloseError(error.to_string()))
    }

    /// The tenants, by Cloud ID.
    pub fn tenants(&self) -> Vec<CloudId> {
        self.shared.tenants.read().keys().cloned().collect()
    }

    /// A tenant. Errors: there is none of that Cloud ID.
    pub fn tenant_named(&self, cloud_id: &CloudId) -> Result<TenantHandle, LedgerError> {
        let open = self.shared.tenants.read().get(cloud_id).cloned();
        let open = open.ok_or_else(|| LedgerError::NoSuchTenant(cloud_id.clone()))?;
        Ok(TenantHandle::new(cloud_id.clone(), open, self.shared.clone()))
    }

    /// Who a bearer token belongs to; `None` for a token that is not known. Whether its session is still alive is looked
    /// at with every request.
    pub fn caller(&self, presented: &str) -> Option<Caller> {
        if let Some(token) = Token::parse(TokenKind::Session, presented) {
            let opened = self.shared.sessions.read().get(&token.digest()).cloned()?;
            let tenant = CloudId::new(&opened.tenant).ok()?;
            return Some(Caller::Account { tenant, account: opened.account, session: opened.session });
        }
        let token = Token::parse(TokenKind::SupportOperator, presented)?;
        let (operator, _) = self.shared.support.read().get(&token.digest()).cloned()?;
        Some(Caller::Support { operator })
    }

    /// The views and the last durable position of the installation's own ledger.
    pub(crate) fn installation(&self) -> Result<Open, LedgerError> {
        self.shared.installation.read().clone().ok_or(LedgerError::Storage)
    }

    async fn record_in_installation(&self, act: Act) -> Result<Done, LedgerError> {
        crate::handle::put(&self.installation()?.jobs, Work::Record(Box::new(act))).await
    }

    /// Creates a tenant, by the local operator (rules: T1, T7, M1).
    ///
    /// Errors: the Cloud ID was given already, the email is none, the start lies in the future.
    pub async fn create_tenant(&self, operator: &OperatorName, request: TenantRequest) -> Result<Created, LedgerError> {
        let TenantRequest { cloud_id, edition, manager_email, first_admin, at } = request;
        let now = self.shared.clock.now();
        if let Some(at) = at.filter(|at| *at > now) {
            return Err(LedgerError::InTheFuture(at));
        }
        if manager_email.as_deref().is_some_and(|email| !is_email_address(email)) {
            let message = "expected an email address".to_owned();
            return Err(LedgerError::Malformed { field: "manager_email".to_owned(), message });
        }
        if self.installation()?.tenant.views.read().installation.cloud_id(&cloud_id).is_some() {
            return Err(LedgerError::CloudIdTaken(cloud_id));
        }
        let customer = CustomerName::new("local")
            .map_err(|wrong| LedgerError::Malformed { field: "customer".to_owned(), message: wrong.message })?;
        let manager = AccountId::manager();
        let stream = stream_name(cloud_id.as_str()).map_err(|_| LedgerError::Storage)?;
        let (open, (mut writer, waiting)) = self
            .tenant(cloud_id.as_str(), stream, Vec::new(), Views::default(), Frontier::default())
            .map_err(|_| LedgerError::Storage)?;
        let sealer = RequestSealer::new(&open.tenant.keys);
        let manager_name = sealer.seal(&manager, "full_name", "MANAGER");
        let manager_email =
            manager_email.map(|email| SealedEmail { address: sealer.seal(&manager, "email", &email), valid: true });
        let drawn = sealer.finish().ok_or(LedgerError::Storage)?.drawn;
        let password = random_password().map_err(|_| LedgerError::Storage)?;
        let hashed = self.shared.hasher.hash(password.clone()).await.map_err(crate::prepare::hashing)?;
        let secret = SecretVersion(hashed.version);
        let new = NewTenant {
            cloud_id: cloud_id.clone(),
            edition,
            customer: customer.clone(),
            first_admin,
            manager_name,
            manager_email,
            secret,
        };
        let actor = Actor::Support { operator: operator.clone() };
        let name = named("create_tenant")?;
        let mut secrets = vec![VaultWrite::Password {
            tenant: cloud_id.as_str().to_owned(),
            account: manager.as_str().to_owned(),
            hashed,
        }];
        for (account, key) in drawn {
            let (tenant, account_id) = (cloud_id.as_str().to_owned(), account.as_str().to_owned());
            secrets.push(VaultWrite::ContactKey { tenant, account: account_id, key: key.clone() });
            open.tenant.keys.add(&account, key);
        }
        let started = at.unwrap_or(now);
        writer.begin(create_tenant(&new), actor.clone(), name.clone(), started, Source::Inherited)?;
        let act = Act {
            events: vec![cloud_id_assigned(cloud_id.clone(), customer)],
            secrets,
            beside: writer.take_begun(),
            guard: Guard::CloudIdFree(cloud_id.clone()),
            ..Act::new(name, actor)
        };
        self.record_in_installation(act).await?;
        self.run(writer, waiting);
        self.shared.tenants.write().insert(cloud_id, open);
        Ok(Created { position: Position(1), manager_password: Zeroizing::new(password.reveal().to_owned()) })
    }

    /// Issues a token to a support operator (rule: U4). It is shown this once.
    pub async fn issue_support_token(
        &self,
        by: &OperatorName,
        operator: OperatorName,
    ) -> Result<(Token, SecretVersion), LedgerError> {
        let token = Token::draw(TokenKind::SupportOperator).map_err(|_| LedgerError::Storage)?;
        let version = SecretVersion(Uuid::new_v4().as_u64_pair().0);
        let write = VaultWrite::SupportToken {
            operator: operator.as_str().to_owned(),
            token: token_id(version),
            digest: token.digest(),
        };
        let act = Act {
            events: vec![support_token_issued(operator.clone(), version)],
            secrets: vec![write],
            ..Act::new(named("issue_support_token")?, Actor::Support { operator: by.clone() })
        };
        self.record_in_installation(act).await?;
        self.shared.support.write().insert(token.digest(), (operator, version));
        Ok((token, version))
    }

    /// Revokes a support token (rule: U4). Errors: there is no such token in force.
    pub async fn revoke_support_token(&self, by: &OperatorName, id: SecretVersion) -> Result<(), LedgerError> {
        let installation = self.installation()?;
        let known = installation.tenant.views.read().installation.token(id).cloned();
        let Some(token) = known.filter(|token| token.revoked.is_none()) else {
            let refusal = grantbook_decisions::Refusal::not_found("there is no such support token in force");
            return Err(LedgerError::Refused(refusal));
        };
        let act = Act {
            events: vec![support_token_revoked(token.operator, id)],
            ..Act::new(named("revoke_support_token")?, Actor::Support { operator: by.clone() })
        };
        self.record_in_installation(act).await?;
        self.shared.support.write().retain(|_, (_, version)| *version != id);
        let _ = self.shared.vault.lock().retire(&[VaultName::SupportToken { token: token_id(id) }]);
        Ok(())
    }

    /// Every support token ever issued, by operator.
    pub fn support_tokens(&self) -> Result<Vec<SupportToken>, LedgerError> {
        let installation = self.installation()?;
        let views = installation.tenant.views.read();
        let mut tokens: Vec<SupportToken> = views
            .installation
            .tokens()
            .map(|(id, token)| SupportToken {
                operator: token.operator.clone(),
                id,
                issued: views.timeline.at(token.issued),
                revoked: token.revoked.map(|revoked| views.timeline.at(revoked)),
            })
            .collect();
        tokens.sort_by(|one, other| (&one.operator, one.issued).cmp(&(&other.operator, other.issued)));
        Ok(tokens)
    }

    /// Writes what was only counted and whose window is over. To be called now and then.
    pub async fn sum_up(&self) {
        let open: Vec<Open> = self.shared.tenants.read().values().cloned().collect();
        for one in open {
            let _ = crate::handle::put(&one.jobs, Work::SumUp).await;
        }
    }

    /// Hands over what is still owed by mail from before.
    async fn settle_mail(&self) {
        for cloud_id in self.tenants() {
            if let Ok(tenant) = self.tenant_named(&cloud_id) {
                tenant.settle_mail().await;
            }
        }
    }

    /// The entries of the installation's own ledger, oldest first.
    pub fn installation_entries(&self) -> Result<Vec<(Position, Entry)>, LedgerError> {
        let installation = self.installation()?;
        crate::handle::entries(&self.shared.store, &installation.tenant, Position(1)).collect::<Result<Vec<_>, _>>()
    }
}

impl Act {
    pub(crate) fn new(name: grantbook_events::CommandName, actor: Actor) -> Act {
        Act {
            name,
            actor,
            ticket: None,
            source: Source::Inherited,
            at: None,
            events: Vec::<Event>::new(),
            secrets: Vec::new(),
            guard: Guard::None,
            beside: None,
        }
    }
}

/// Where the vault keeps a token's digest: a name made of its version.
pub(crate) fn token_id(version: SecretVersion) -> Uuid {
    Uuid::from_u64_pair(0, version.0)
}

fn stream_name(name: &str) -> Result<StreamName, OpenError> {
    StreamName::new(name).map_err(|wrong| OpenError::Other(wrong.to_string()))
}

type Keepers = (Store, Option<OpenReport>, Vault, Outbox);

/// Opens journal, vault and outbox. The journal comes first: if it is refused, nothing else is touched.
fn keepers(options: &Options) -> Result<Keepers, OpenError> {
    match &options.place {
        Place::Memory => Ok((Store::memory(), None, Vault::in_memory()?, Outbox::memory())),
        Place::Directory(dir) => {
            std::fs::create_dir_all(dir)
                .map_err(|error| OpenError::Other(format!("`{}` cannot be made: {error}", dir.display())))?;
            let store_options = StoreOptions {
                cache_bytes: options.cache_bytes,
                accept_missing_head: options.accept_missing_head,
                ..StoreOptions::new(dir.join("journal"))
            };
            let (store, report) = Store::open(&store_options)?;
            // A vault that is missing beside a journal with entries is lost, and not to be taken for an empty one.
            let vault = if store.streams().is_empty() { Vault::open_or_create(dir)? } else { Vault::open(dir)? };
            let outbox = Outbox::folder(&dir.join("outbox"), "grantbook@localhost")?;
            Ok((store, Some(report), vault, outbox))
        }
    }
}
