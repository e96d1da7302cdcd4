//! The ledger: opening and closing it, its tenants, and what the operator does.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use grantbook_decisions::{LOCAL_CUSTOMER, cloud_id_assigned};
use grantbook_events::{
    AccountId, Actor, CloudId, CustomerName, Edition, Entry, Event, Instant, OperatorName, Position, SecretVersion,
    Source, is_email_address,
};
use grantbook_journal::{CutOff, Mirror, MirrorError, MirrorOptions, OpenReport, Store};
use grantbook_projections::AsOf;
use parking_lot::{Mutex, RwLock};
use tokio::sync::mpsc;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::caller::{Caller, Origin};
use crate::checkpoints::Checkpoints;
use crate::clock::Clock;
use crate::committer::{Committer, Done, Keepers, Sessions};
use crate::errands::Errands;
use crate::error::LedgerError;
use crate::founding::Founding;
use crate::guesses::Guesses;
use crate::handle::TenantHandle;
use crate::job::{Act, Guard, Job, Work};
use crate::kept_views::{KeptViews, keep_live};
use crate::opening::{OpenError, keepers, sealed_beside};
use crate::options::{Options, Place};
use crate::outbox::Outbox;
use crate::passwords::PasswordHasher;
use crate::prepare::Tools;
use crate::resets::Post;
use crate::tenant::Tenant;
use crate::tokens::{Token, TokenDigest, TokenKind};
use crate::vault::{Vault, VaultName};
use crate::volume::Volume;
use crate::webhooks::Courier;
use crate::writer::named;

/// How many jobs may wait for a writer before those who bring more must wait too.
pub(crate) const MOST_WAITING: usize = 4_096;

/// The stream of the installation's own ledger; no Cloud ID has such a name.
pub(crate) const INSTALLATION: &str = "_installation";

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
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) public_url: RwLock<String>,
    pub(crate) post: Post,
    pub(crate) errands: Errands,
    pub(crate) sessions: Sessions,
    pub(crate) committer: RwLock<Option<Committer>>,
    pub(crate) support: RwLock<HashMap<TokenDigest, (OperatorName, SecretVersion)>>,
    pub(crate) tenants: RwLock<BTreeMap<CloudId, Open>>,
    pub(crate) installation: RwLock<Option<Open>>,
    /// Held by whoever acts in the installation's own ledger until all that it concerns has been told: one after the other.
    pub(crate) acts: tokio::sync::Mutex<()>,
    /// How long a site may take to answer a readiness check.
    pub(crate) readiness_limit: Duration,
    pub(crate) courier: Courier,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
    pub(crate) writers: Mutex<Vec<tokio::task::JoinHandle<()>>>,
    pub(crate) report: Option<OpenReport>,
    /// Where it lies; nowhere in memory.
    pub(crate) dir: Option<std::path::PathBuf>,
    /// The second copy of the journal, and where it lies.
    pub(crate) mirror: Option<(std::path::PathBuf, Arc<Mirror>)>,
    guesses: Guesses,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) kept_views: Arc<KeptViews>,
    /// What no entry names stays in the vault.
    pub(crate) keep_unnamed_secrets: bool,
}

/// Begins to copy what is stored, and goes on with every commit.
fn follow(dir: &std::path::Path, store: &Arc<Store>) -> Result<(std::path::PathBuf, Arc<Mirror>), OpenError> {
    let (mirror, cut_off) = Mirror::follow(&MirrorOptions::new(dir), store)
        .map_err(|error| OpenError::Mirror { dir: dir.to_owned(), error: Box::new(error) })?;
    match cut_off {
        Some(CutOff::Torn(torn)) => {
            tracing::info!(
                torn,
                "the mirror ended in the middle of a frame, as a crash leaves it: it goes on from before"
            );
        }
        Some(CutOff::Damaged(damage)) => {
            tracing::error!(%damage, "the mirror was damaged: it is copied anew from there; if no power failed, look at its disk");
        }
        None => {}
    }
    Ok((dir.to_owned(), Arc::new(mirror)))
}

impl Shared {
    /// Whether something could not be stored.
    pub(crate) fn failed(&self) -> bool {
        self.committer.read().as_ref().is_none_or(Committer::failed)
    }

    pub(crate) fn tools(&self) -> Tools<'_> {
        Tools { hasher: &self.hasher, vault: &self.vault, loopback: self.courier.loopback() }
    }

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

/// How far the mirror is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MirrorState {
    /// Where it lies.
    pub dir: std::path::PathBuf,
    /// How many entries it does not have yet.
    pub behind: u64,
    /// What keeps it from going on; it is tried again.
    pub trouble: Option<String>,
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

/// What there is, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Figures {
    /// How many tenants.
    pub tenants: u64,
    /// How many entries they have, together.
    pub entries: u64,
    /// How many tokens open a session.
    pub sessions: u64,
}

impl Ledger {
    /// Opens a ledger: every tenant's entries are read, checked against the head and folded into views. Starts one writer
    /// a tenant on the current tokio runtime.
    ///
    /// Errors: something on disk is not as it was left, or another process has the directory.
    pub async fn open(options: Options) -> Result<Ledger, OpenError> {
        let dir = match &options.place {
            Place::Directory(dir) => Some(dir.clone()),
            Place::Memory => None,
        };
        let kept_views = Arc::new(KeptViews::new(dir.as_deref(), options.keep_views_every));
        kept_views.read_ahead();
        let hasher =
            PasswordHasher::new(options.hashing, options.pool).map_err(|error| OpenError::Other(error.to_string()))?;
        let (store, report, vault, outbox) = keepers(&options)?;
        let checkpoints = Checkpoints::new(dir.clone());
        let courier = Courier::new(dir.as_deref(), options.webhooks);
        let (store, vault, outbox) = (Arc::new(store), Arc::new(Mutex::new(vault)), Arc::new(outbox));
        let mirror = match options.mirror.as_deref().map(|dir| follow(dir, &store)).transpose() {
            Ok(mirror) => mirror,
            Err(refused) => {
                return Err(match Arc::into_inner(store) {
                    Some(store) => sealed_beside(store, refused),
                    None => refused,
                });
            }
        };
        let sessions = Sessions::default();
        let (committer, thread) = Committer::start(Keepers {
            store: store.clone(),
            vault: vault.clone(),
            outbox: outbox.clone(),
            kept_views: kept_views.clone(),
            mirror: mirror.as_ref().map(|(_, mirror)| mirror.clone()),
            sessions: sessions.clone(),
        })
        .map_err(|error| OpenError::Other(format!("the committer's thread could not be started: {error}")))?;
        let shared = Arc::new(Shared {
            clock: options.clock,
            hasher,
            vault,
            store,
            outbox,
            public_url: RwLock::new(options.mail.public_url),
            post: Post::default(),
            errands: Errands::default(),
            sessions,
            committer: RwLock::new(Some(committer)),
            support: RwLock::default(),
            tenants: RwLock::default(),
            installation: RwLock::default(),
            acts: tokio::sync::Mutex::default(),
            readiness_limit: options.readiness_limit,
            courier,
            threads: Mutex::new(vec![thread]),
            writers: Mutex::default(),
            report,
            dir,
            mirror,
            guesses: Guesses::default(),
            checkpoints,
            kept_views,
            keep_unnamed_secrets: options.keep_unnamed_secrets,
        });
        let ledger = Ledger { shared };
        ledger.start()?;
        ledger.shared.kept_views.opened();
        ledger.pass_on().await;
        Ok(ledger)
    }

    /// What was found on opening; `None` in memory.
    pub fn report(&self) -> Option<&OpenReport> {
        self.shared.report.as_ref()
    }

    /// Whether something could not be stored: then the ledger must be opened again.
    pub fn failed(&self) -> bool {
        self.shared.failed()
    }

    /// How many sessions are open, and how many entries all tenants have: figures without a name.
    pub fn figures(&self) -> Figures {
        let tenants = self.shared.tenants.read();
        let entries = tenants.values().map(|open| open.tenant.durable().0).sum();
        Figures { tenants: tenants.len() as u64, entries, sessions: self.shared.sessions.read().len() as u64 }
    }

    /// How far the mirror is; `None` where there is none.
    pub fn mirror(&self) -> Option<MirrorState> {
        let (dir, mirror) = self.shared.mirror.as_ref()?;
        let status = mirror.status();
        let behind = status.behind(&self.shared.store);
        Some(MirrorState { dir: dir.clone(), behind, trouble: status.trouble })
    }

    /// Holds a mirror against the journal, entry by entry. Gives how many entries it has. Errors: what is wrong, and where.
    pub fn compare_mirror(&self, dir: &std::path::Path) -> Result<u64, MirrorError> {
        grantbook_journal::compare_mirror(dir, &self.shared.store)
    }

    /// The clock that the ledger goes by.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Closes the ledger: what was accepted is made durable and answered, what was only counted is recorded, and the
    /// journal is sealed. Other clones are of no use afterwards.
    pub async fn close(self) -> Result<(), CloseError> {
        // What goes on by itself is finished first.
        self.shared.errands.ended().await;
        self.shared.checkpoints.keep();
        let open: Vec<Arc<Tenant>> = self.volumes().iter().map(Volume::tenant).collect();
        // Writers end when nobody can put jobs to them; they hand over what they counted last.
        self.shared.tenants.write().clear();
        *self.shared.installation.write() = None;
        let writers: Vec<_> = self.shared.writers.lock().drain(..).collect();
        for writer in writers {
            writer.await.map_err(|error| CloseError(error.to_string()))?;
        }
        // The committer ends when the last writer is gone, unless the store keeps it.
        let committer = self.shared.committer.write().take();
        if committer.as_ref().is_some_and(Committer::stalled) {
            return Err(CloseError("the store does not come back from a write: end the process".to_owned()));
        }
        drop(committer);
        let threads: Vec<_> = self.shared.threads.lock().drain(..).collect();
        for thread in threads {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                return Err(CloseError("the committer ended in disorder".to_owned()));
            }
        }
        let shared = Arc::try_unwrap(self.shared).map_err(|_| CloseError("requests are still under way".to_owned()))?;
        let Shared { store, mirror, kept_views, .. } = shared;
        open.iter().for_each(|tenant| keep_live(&kept_views, &store, tenant));
        // It copies what it does not have yet, and lets go of the journal.
        drop(mirror);
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

    /// Somebody signs in to a tenant that is none: told the same as for a wrong password, after as much work, so that
    /// nobody learns at the door which tenants there are (rules: C11, T5).
    pub async fn sign_in_nowhere(&self, password: &str, origin: &Origin) -> LedgerError {
        let nowhere = async { Err::<(), LedgerError>(self.shared.nobody(password).await) };
        self.shared.within_limits(origin, nowhere).await.err().unwrap_or(LedgerError::Storage)
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

    pub(crate) async fn record_in_installation(&self, act: Act) -> Result<Done, LedgerError> {
        crate::handle::put(&self.installation()?.jobs, Work::Record(Box::new(act))).await
    }

    /// Creates a tenant, by the local operator (rules: T1, T7, M1).
    ///
    /// Errors: the Cloud ID was given already, the email is none, the start lies in the future, the named first account can
    /// never be an Admin User (rule: F8).
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
        let customer = CustomerName::new(LOCAL_CUSTOMER)
            .map_err(|wrong| LedgerError::Malformed { field: "customer".to_owned(), message: wrong.message })?;
        let _one = self.shared.acts.lock().await;
        let (actor, name) = (Actor::Support { operator: operator.clone() }, named("create_tenant")?);
        let mut founded = self
            .found(Founding {
                cloud_id: cloud_id.clone(),
                edition,
                customer: customer.clone(),
                first_admin,
                manager_email,
                at,
                actor: actor.clone(),
                name: name.clone(),
                reason: None,
                ticket: None,
                source: Source::Inherited,
            })
            .await?;
        let act = Act {
            events: vec![cloud_id_assigned(cloud_id.clone(), customer)],
            secrets: std::mem::take(&mut founded.secrets),
            beside: founded.run(),
            guard: Guard::CloudIdFree(cloud_id),
            ..Act::new(name, actor)
        };
        self.record_in_installation(act).await?;
        let manager_password = founded.password.clone();
        self.begin(founded);
        Ok(Created { position: Position(1), manager_password })
    }

    /// Writes what was only counted and whose window is over, and passes on what did not reach every tenant yet. To be called
    /// now and then.
    pub async fn sum_up(&self) {
        self.pass_on().await;
        let open: Vec<Open> = self.shared.tenants.read().values().cloned().collect();
        for one in open {
            let _ = crate::handle::put(&one.jobs, Work::SumUp).await;
        }
        self.forget_sessions_that_are_over();
    }

    /// How many tokens of sessions and links are kept in memory: for tests.
    pub fn tokens_kept(&self) -> usize {
        self.shared.sessions.read().len()
    }

    /// The tokens of sessions that are over open nothing, and are kept no longer; nor are those of resets that were used, that
    /// were replaced or that expired a day ago (rule: P4): whoever comes late is still recorded as late.
    fn forget_sessions_that_are_over(&self) {
        // Looked at tenant by tenant while tokens go on being used; the list of them all is held twice, each time shortly.
        let mut of_tenant: HashMap<String, Vec<(TokenDigest, Position, AccountId)>> = HashMap::new();
        for (digest, opened) in self.shared.sessions.read().iter() {
            let token = (*digest, opened.session, opened.account.clone());
            of_tenant.entry(opened.tenant.clone()).or_default().push(token);
        }
        let (mut over, mut forgotten) = (Vec::new(), Vec::new());
        for (_, Open { tenant, .. }) in self.shared.tenants() {
            let views = tenant.views.read();
            let now = AsOf { position: tenant.durable(), clock: self.shared.clock.now() };
            for (digest, position, account) in of_tenant.remove(&tenant.name).unwrap_or_default() {
                let Some(session) = views.sessions.session(position) else {
                    // The link of a reset has a token too. The vault keeps it until the journal says that it is over.
                    let reset = views.account(&account).and_then(|who| views.mail.reset(who, now.position));
                    let in_force = reset
                        .is_some_and(|reset| reset.requested == position && now.clock < reset.expires_at.plus_days(1));
                    if position <= now.position && !in_force {
                        forgotten.push(digest);
                    }
                    continue;
                };
                // What is not durable yet may begin a session, and ends none.
                if position <= now.position && !views.sessions.open(position, now) {
                    over.push(VaultName::Session { tenant: tenant.name.clone(), session: token_id(session.token) });
                    forgotten.push(digest);
                }
            }
        }
        let mut sessions = self.shared.sessions.write();
        forgotten.iter().for_each(|digest| drop(sessions.remove(digest)));
        drop(sessions);
        if let Err(error) = self.shared.vault.lock().retire(&over) {
            tracing::warn!(%error, "tokens of sessions that are over were not dropped yet");
        }
    }

    /// Says where people reach the API from outside: links of password resets begin with it.
    pub fn set_public_url(&self, url: &str) {
        *self.shared.public_url.write() = url.trim_end_matches('/').to_owned();
    }

    /// What was handed over in memory, in order, for tests.
    pub fn mails(&self) -> Vec<crate::outbox::Mail> {
        self.shared.outbox.delivered()
    }

    /// The entries of the installation's own ledger from a position on, oldest first.
    pub fn installation_entries(&self, from: Position) -> Result<Vec<(Position, Entry)>, LedgerError> {
        let installation = self.installation()?;
        crate::reading::entries(&self.shared.store, &installation.tenant, from).collect::<Result<Vec<_>, _>>()
    }
}

impl Shared {
    /// An attempt at a guest door, as often as its source may fail. Errors: what the attempt's are, and that the source has
    /// guessed too often.
    pub(crate) async fn within_limits<T>(
        &self,
        origin: &Origin,
        attempt: impl Future<Output = Result<T, LedgerError>>,
    ) -> Result<T, LedgerError> {
        let admitted = self.guesses.admit(&origin.address, self.clock.now());
        admitted.map_err(|retry_after_seconds| LedgerError::TooManyGuesses { retry_after_seconds })?;
        let outcome = attempt.await;
        if let Err(LedgerError::Refused(refusal)) = &outcome
            && refusal.rule == Some("C11")
        {
            self.guesses.failed(&origin.address, self.clock.now());
        }
        outcome
    }

    /// What somebody is told whom nobody knows, after as much work as for somebody known (rule: C11).
    pub(crate) async fn nobody(&self, password: &str) -> LedgerError {
        let worked = match crate::prepare::password(password) {
            Ok(password) => self.hasher.verify_nothing(password).await.map_err(crate::prepare::hashing),
            Err(error) => Err(error),
        };
        match worked {
            Ok(()) => LedgerError::Refused(grantbook_decisions::Refusal::not_accepted()),
            Err(error) => error,
        }
    }
}

impl Act {
    pub(crate) fn new(name: grantbook_events::CommandName, actor: Actor) -> Act {
        Act {
            name,
            actor,
            reason: None,
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
