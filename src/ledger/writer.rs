//! The writer: one a tenant. It drains what waits, decides each job on the views as the jobs before it left them, and
//! hands entries and answers to the committer. It never waits for the disk, and never answers by itself.

use std::collections::VecDeque;
use std::sync::Arc;

use grantbook_decisions::{
    Acting, Case, Refusal, RefusalKind, SignIn, SignInOutcome, change_password, command_of, decide, refused,
    refused_again, sign_in, stopped_again,
};
use grantbook_encoding::encode;
use grantbook_events::{
    AccountId, Actor, CommandName, CommandNote, Entry, Event, ImportNote, Instant, Position, Recorded, SecretVersion,
    Source,
};
use grantbook_evidence::{Frontier, leaf_hash};
use grantbook_journal::Store;
use grantbook_projections::{AsOf, KeyScope, Views};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::alive::session_alive;
use crate::caller::Caller;
use crate::clock::Clock;
use crate::committer::{Answer, Batch, Committer, Done, OpenedSession, Run, Waiting};
use crate::error::LedgerError;
use crate::job::{Act, Attempt, Commands, Guard, ImportedLine, Job, Prepared, Work};
use crate::personal::Sealing;
use crate::refusal_window::RefusalWindows;
use crate::same::same_command;
use crate::tenant::Tenant;
use crate::vault::{VaultName, VaultWrite};

/// How many jobs are decided before what came of them is handed over.
const MOST_JOBS_A_BATCH: usize = 256;

/// How long refusals of an account are counted before they are summed up.
const WINDOW_MINUTES: u32 = 5;

/// What all writers share.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) store: Arc<Store>,
    pub(crate) committer: Committer,
    pub(crate) clock: Clock,
}

/// The writer of one tenant.
pub(crate) struct Writer {
    tenant: Arc<Tenant>,
    around: Surroundings,
    frontier: Frontier,
    /// Entries that may not be durable yet.
    recent: VecDeque<(Position, Arc<Entry>)>,
    refusals: RefusalWindows,
    stopped: RefusalWindows,
    /// A first entry that was decided before the writer ran, to be committed beside another tenant's.
    begun: Option<Run>,
}

/// What one round of the writer gathers for the committer.
#[derive(Default)]
struct Round {
    batch: Batch,
    first: Option<Position>,
    entries: Vec<Vec<u8>>,
}

/// An entry in the making.
struct Draft {
    actor: Actor,
    at: Instant,
    recorded_at: Option<Instant>,
    commands: Vec<CommandNote>,
    key: Option<[u8; 16]>,
    ticket: Option<grantbook_events::Ticket>,
    source: Source,
    import: Option<ImportNote>,
}

impl Draft {
    fn new(actor: Actor, at: Instant, name: CommandName, source: Source) -> Draft {
        let commands = vec![CommandNote { name, reason: None }];
        Draft { actor, at, recorded_at: None, commands, key: None, ticket: None, source, import: None }
    }

    fn entry(self) -> Entry {
        Entry {
            at: self.at,
            recorded_at: self.recorded_at.filter(|recorded| *recorded != self.at),
            actor: self.actor,
            commands: self.commands,
            command_id: self.key.unwrap_or_else(|| *Uuid::new_v4().as_bytes()),
            keyed: self.key.is_some(),
            cause: None,
            ticket: self.ticket,
            source: self.source,
            import: self.import,
            events: Vec::new(),
        }
    }
}

impl Writer {
    pub(crate) fn new(tenant: Arc<Tenant>, around: Surroundings, frontier: Frontier) -> Writer {
        Writer {
            tenant,
            around,
            frontier,
            recent: VecDeque::new(),
            refusals: RefusalWindows::default(),
            stopped: RefusalWindows::default(),
            begun: None,
        }
    }

    /// Works until every sender is gone; then writes what was only counted.
    pub(crate) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.recv().await {
            let mut waiting = vec![first];
            while waiting.len() < MOST_JOBS_A_BATCH
                && let Ok(next) = jobs.try_recv()
            {
                waiting.push(next);
            }
            self.round(waiting);
        }
        let mut round = Round::default();
        self.sum_up(&mut round, true);
        self.hand_over(round);
    }

    fn round(&mut self, jobs: Vec<Job>) {
        let mut round = Round::default();
        for Job { work, answer } in jobs {
            let outcome =
                if self.around.committer.failed() { Err(LedgerError::Storage) } else { self.work(work, &mut round) };
            round.batch.answers.push(Waiting { to: answer, answer: outcome });
        }
        self.hand_over(round);
    }

    fn hand_over(&mut self, round: Round) {
        let Round { mut batch, first, entries } = round;
        if let Some(first) = first {
            batch.runs.push(Run { tenant: self.tenant.clone(), first, entries, root: self.frontier.root() });
        }
        if !batch.is_empty() {
            self.around.committer.commit(batch);
        }
        let durable = self.tenant.durable();
        while self.recent.front().is_some_and(|(position, _)| *position <= durable) {
            self.recent.pop_front();
        }
    }

    fn work(&mut self, work: Work, round: &mut Round) -> Answer {
        match work {
            Work::Commands(commands) => self.commands(*commands, round),
            Work::SignIn(attempt) => self.sign_in(*attempt, round),
            Work::ChangePassword(attempt) => self.change_password(*attempt, round),
            Work::Record(act) => self.record(*act, round),
            Work::Import(line) => self.import(*line, round),
            Work::SumUp => {
                self.sum_up(round, false);
                Ok(Done::nothing())
            }
        }
    }

    // --- Commands -------------------------------------------------------------------------------------------------

    fn commands(&mut self, job: Commands, round: &mut Round) -> Answer {
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        let at = tenant.next_at(&views, self.around.clock.now());
        let before = AsOf { position: views.timeline.last(), clock: at };
        let (acting, actor) = acting(&views, &job.caller, before)?;
        if let Some(answer) = self.told_before(&views, &job, &actor) {
            // A duplicate that was prepared before the first was decided sealed with keys of its own: it looks again.
            let reused = matches!(answer, Err(LedgerError::KeyReused(_)));
            return if reused { still_true(&views, &job.commands, &job.sealing).and(answer) } else { answer };
        }
        if let Some(moved) = job.terms.if_match.and_then(|seen| views.timeline.moved_since(seen)) {
            return Err(LedgerError::MovedOn(moved));
        }
        not_importing(&views)?;
        still_true(&views, &job.commands, &job.sealing)?;
        let mut draft = Draft { key: job.terms.key, ..Draft::new(actor, at, unnamed(&job.commands)?, job.source) };
        draft.commands = notes(&job.commands);
        draft.ticket = job.commands.iter().find_map(|prepared| prepared.ticket.clone());
        let mut entry = draft.entry();
        views.begin(&entry);
        for (index, prepared) in job.commands.iter().enumerate() {
            let position = if index == 0 { before.position } else { views.timeline.last() };
            let now = AsOf { position, clock: at };
            let case = Case { views: &views, before, now, acting, outside: prepared.outside };
            match decided(prepared, &case) {
                Ok(events) => {
                    let from = entry.events.len();
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    entry.events.extend(events.into_iter().map(|(authority, event)| Recorded {
                        authority,
                        command: index,
                        event,
                    }));
                    views.go_on(&entry, from);
                }
                Err(refusal) => {
                    views.retract();
                    drop(views);
                    if !job.terms.dry_run {
                        self.record_refusal(&job.caller, prepared, &refusal, at, round);
                    }
                    return Err(LedgerError::Refused(refusal));
                }
            }
        }
        if job.terms.dry_run {
            views.retract();
            return Ok(Done { entry: Some(Arc::new(entry)), ..Done::nothing() });
        }
        let retired = retired(&tenant.name, &views, &entry);
        let position = views.timeline.last();
        let Some(encoded) = encoded(&entry) else {
            views.retract();
            return Err(LedgerError::TooLarge);
        };
        drop(views);
        self.keep(&job.sealing, &entry);
        round.batch.secrets.extend(job.secrets);
        round.batch.secrets.extend(new_keys(&tenant.name, job.sealing, &entry));
        round.batch.retired.extend(retired);
        Ok(self.push(round, position, entry, encoded))
    }

    /// The outcome of a command given before under the same key (decided 5 of the house: idempotency is a projection).
    fn told_before(&self, views: &Views, job: &Commands, actor: &Actor) -> Option<Answer> {
        let key = job.terms.key?;
        let position = views.book.keyed(&KeyScope::of(actor)?, key)?;
        let Some(entry) = self.entry(position) else { return Some(Err(LedgerError::Storage)) };
        let same = entry.commands.len() == job.commands.len()
            && entry.commands.iter().zip(&job.commands).enumerate().all(|(index, (note, prepared))| {
                let events: Vec<&Event> = entry
                    .events
                    .iter()
                    .filter(|recorded| recorded.command as usize == index)
                    .map(|recorded| &recorded.event)
                    .collect();
                let reason = note.reason == prepared.reason;
                reason
                    && command_of(note, &events)
                        .is_some_and(|(command, _)| same_command(&command, &prepared.command, &entry.actor))
            });
        Some(if same {
            Ok(Done { repeated: true, ..Done::recorded(position, entry) })
        } else {
            Err(LedgerError::KeyReused(position))
        })
    }

    fn entry(&self, position: Position) -> Option<Arc<Entry>> {
        let recent = self.recent.iter().find(|(recent, _)| *recent == position);
        recent.map(|(_, entry)| entry.clone()).or_else(|| {
            let read = self.around.store.read(&self.tenant.stream, position.0).next()?.ok()?;
            grantbook_encoding::decode(&read.1).ok().map(Arc::new)
        })
    }

    /// A refusal of a signed-in caller by a rule is itself recorded, repeats are summed up (rule: U1); so is an attempt
    /// on a password (rule: C6).
    fn record_refusal(
        &mut self,
        caller: &Caller,
        prepared: &Prepared,
        refusal: &Refusal,
        at: Instant,
        round: &mut Round,
    ) {
        let Caller::Account { account, session, .. } = caller else { return };
        let actor = Actor::Account { id: account.clone(), session: Some(*session) };
        if !refusal.recorded.events.is_empty() {
            self.attempt_failed(refusal, actor.clone(), prepared.name.clone(), Source::Inherited, at, round);
        }
        let by_rule = refusal.kind == RefusalKind::Forbidden || refusal.kind == RefusalKind::Conflict;
        let Some(rule) = refusal.rule.filter(|_| by_rule) else { return };
        if !self.refusals.first(account, at, WINDOW_MINUTES) {
            return;
        }
        let subject = prepared.command.subject().filter(|_| prepared.unknown.is_none()).cloned();
        if let Some(event) = refused(account.clone(), prepared.name.as_str(), subject, rule) {
            self.append_now(vec![(None, event)], actor, prepared.name.clone(), Source::Inherited, round);
        }
    }

    // --- The doors ------------------------------------------------------------------------------------------------

    fn sign_in(&mut self, job: Attempt<SignIn>, round: &mut Round) -> Answer {
        let name = named("sign_in")?;
        let tenant = self.tenant.clone();
        let views = tenant.views.read();
        let at = tenant.next_at(&views, self.around.clock.now());
        not_importing(&views)?;
        if !version_holds(&views, &job.looked_at) {
            return Err(LedgerError::Busy);
        }
        let now = AsOf { position: views.timeline.last(), clock: at };
        let case = Case { views: &views, before: now, now, acting: Acting::Guest, outside: job.outside };
        let outcome = sign_in(&job.what, &case);
        drop(views);
        match outcome {
            SignInOutcome::MustChange => Ok(Done { must_change: true, ..Done::nothing() }),
            SignInOutcome::Refused(refusal) => {
                self.attempt_failed(&refusal, Actor::Guest, name, job.source, at, round);
                Err(LedgerError::Refused(refusal))
            }
            SignInOutcome::SignedIn { events, expires_at, became_admin } => {
                let actor = Actor::Account { id: job.what.account.clone(), session: None };
                let done = self.append(events, Draft::new(actor, at, name, job.source), round)?;
                round.batch.secrets.extend(job.secrets);
                if let (Some(token), Some(session), Ok(_)) =
                    (job.token, done.position, grantbook_events::CloudId::new(&tenant.name))
                {
                    let opened = OpenedSession { tenant: tenant.name.clone(), account: job.what.account, session };
                    round.batch.sessions.push((token, opened));
                }
                Ok(Done { expires_at: Some(expires_at), became_admin, ..done })
            }
        }
    }

    fn change_password(&mut self, job: Attempt<AccountId>, round: &mut Round) -> Answer {
        let name = named("change_own_password")?;
        let tenant = self.tenant.clone();
        let views = tenant.views.read();
        let at = tenant.next_at(&views, self.around.clock.now());
        not_importing(&views)?;
        if !version_holds(&views, &job.looked_at) {
            return Err(LedgerError::Busy);
        }
        let now = AsOf { position: views.timeline.last(), clock: at };
        let case = Case { views: &views, before: now, now, acting: Acting::Guest, outside: job.outside };
        let outcome = change_password(&job.what, &case);
        drop(views);
        match outcome {
            Ok(events) => {
                let actor = Actor::Account { id: job.what, session: None };
                round.batch.secrets.extend(job.secrets);
                self.append(events, Draft::new(actor, at, name, job.source), round)
            }
            Err(refusal) => {
                self.attempt_failed(&refusal, Actor::Guest, name, job.source, at, round);
                Err(LedgerError::Refused(refusal))
            }
        }
    }

    /// Attempts that count towards a lock are recorded one by one, others are grouped (rules: C6, C11).
    fn attempt_failed(
        &mut self,
        refusal: &Refusal,
        actor: Actor,
        name: CommandName,
        source: Source,
        at: Instant,
        round: &mut Round,
    ) {
        let events = &refusal.recorded.events;
        let account = events.iter().find_map(|(_, event)| match event {
            Event::SignIn(grantbook_events::SignInEvent::SignInRefused { account, .. }) => Some(account.clone()),
            Event::SignIn(_)
            | Event::Tenant(_)
            | Event::Contact(_)
            | Event::Credentials(_)
            | Event::Dashboard(_)
            | Event::Role(_)
            | Event::Group(_)
            | Event::Object(_)
            | Event::Book(_)
            | Event::Installation(_) => None,
        });
        let Some(account) = account else { return };
        if refusal.recorded.counts || self.stopped.first(&account, at, WINDOW_MINUTES) {
            self.append_now(events.clone(), actor, name, source, round);
        }
    }

    // --- Acts of the system, and imports -----------------------------------------------------------------------------

    fn record(&mut self, job: Act, round: &mut Round) -> Answer {
        let tenant = self.tenant.clone();
        let views = tenant.views.read();
        match &job.guard {
            Guard::None => {}
            Guard::StillOwed(account, owed) => {
                not_importing(&views)?;
                let mut waiting = views.book.owed(views.timeline.last());
                if !waiting.any(|one| one.account == *account && one.owed == *owed) {
                    return Ok(Done::nothing());
                }
            }
            Guard::NotRead(reader, session, scope) => {
                not_importing(&views)?;
                if views.book.read_recorded(reader.as_ref(), *session, *scope) {
                    return Ok(Done::nothing());
                }
            }
            Guard::CloudIdFree(cloud_id) => {
                if views.installation.cloud_id(cloud_id).is_some() {
                    return Err(LedgerError::CloudIdTaken(cloud_id.clone()));
                }
            }
            Guard::NoImport => {
                not_importing(&views)?;
                if let Some(at) = job.at.filter(|at| *at > self.around.clock.now()) {
                    return Err(LedgerError::Malformed {
                        field: "at".to_owned(),
                        message: format!("the first line is at {at}, which lies in the future"),
                    });
                }
                if let Some(at) = job.at.filter(|at| *at < views.timeline.last_at()) {
                    return Err(LedgerError::Malformed {
                        field: "at".to_owned(),
                        message: format!(
                            "the first line is at {at}, before the book's last entry at {}",
                            views.timeline.last_at()
                        ),
                    });
                }
            }
            Guard::ImportUnderWay(started) => {
                let under_way = views.book.import_under_way();
                if under_way.is_none_or(|import| import.started != *started) {
                    return Ok(Done::nothing());
                }
            }
        }
        let now = self.around.clock.now();
        let at = job.at.unwrap_or_else(|| tenant.next_at(&views, now));
        drop(views);
        round.batch.secrets.extend(job.secrets);
        let draft = Draft {
            recorded_at: job.at.map(|_| now),
            ticket: job.ticket,
            ..Draft::new(job.actor, at, job.name, job.source)
        };
        let events = job.events.into_iter().map(|event| (None, event)).collect();
        let done = self.append(events, draft, round)?;
        round.batch.runs.extend(job.beside);
        Ok(done)
    }

    fn import(&mut self, line: ImportedLine, round: &mut Round) -> Answer {
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        let before = AsOf { position: views.timeline.last(), clock: line.at };
        if line.at > self.around.clock.now() {
            return Err(LedgerError::Malformed { field: "at".to_owned(), message: "lies in the future".to_owned() });
        }
        if line.at < views.timeline.last_at() {
            let message = format!("is before the line before it, at {}", views.timeline.last_at());
            return Err(LedgerError::Malformed { field: "at".to_owned(), message });
        }
        let prepared = [line.prepared];
        still_true(&views, &prepared, &line.sealing)?;
        // After a line at fault those behind it, on their way already, are out of turn.
        let in_turn = views.book.import_under_way().filter(|import| import.started == line.started);
        if in_turn.is_none_or(|import| import.line + 1 != line.line) {
            return Err(LedgerError::Importing);
        }
        let [prepared] = prepared;
        let acting = Acting::Imported { started: line.started };
        let case = Case { views: &views, before, now: before, acting, outside: prepared.outside };
        let events = decided(&prepared, &case)?;
        let import = ImportNote { started: line.started, line: line.line, source: line.source, chain: line.chain };
        let actor = Actor::Account { id: line.by, session: None };
        let mut draft = Draft {
            recorded_at: Some(self.around.clock.now()),
            import: Some(import),
            ..Draft::new(actor, line.at, prepared.name.clone(), Source::Inherited)
        };
        draft.commands = vec![CommandNote { name: prepared.name.clone(), reason: prepared.reason.clone() }];
        let mut entry = draft.entry();
        entry.events = events.into_iter().map(|(authority, event)| Recorded { authority, command: 0, event }).collect();
        let Some(encoded) = encoded(&entry) else { return Err(LedgerError::TooLarge) };
        views.apply(&entry);
        let position = views.timeline.last();
        drop(views);
        self.keep(&line.sealing, &entry);
        round.batch.secrets.extend(line.secrets);
        round.batch.secrets.extend(new_keys(&tenant.name, line.sealing, &entry));
        Ok(self.push(round, position, entry, encoded))
    }

    fn sum_up(&mut self, round: &mut Round, all: bool) {
        let now = self.around.clock.now();
        // Between an import's lines nothing else is recorded; at the end it takes the instant of the last of them.
        let importing = self.tenant.views.read().book.import_under_way().is_some();
        if importing && !all {
            return;
        }
        let mut events = self.refusals.sum_up(now, all, refused_again);
        events.extend(self.stopped.sum_up(now, all, stopped_again));
        if let (false, Ok(name)) = (events.is_empty(), named("sum_up_refusals")) {
            let events = events.into_iter().map(|event| (None, event)).collect();
            if importing {
                let at = self.tenant.views.read().timeline.last_at();
                let draft = Draft { recorded_at: Some(now), ..Draft::new(Actor::System, at, name, Source::Inherited) };
                // What is recorded of refusals is small, and so never too large.
                let _ = self.append(events, draft, round);
            } else {
                self.append_now(events, Actor::System, name, Source::Inherited, round);
            }
        }
    }

    // --- Entries ------------------------------------------------------------------------------------------------------

    fn append_now(
        &mut self,
        events: Vec<(Option<Position>, Event)>,
        actor: Actor,
        name: CommandName,
        source: Source,
        round: &mut Round,
    ) {
        let at = self.tenant.next_at(&self.tenant.views.read(), self.around.clock.now());
        // What is recorded of refusals is small, and so never too large.
        let _ = self.append(events, Draft::new(actor, at, name, source), round);
    }

    /// Makes an entry of events, applies it, and puts it into the round.
    fn append(&mut self, events: Vec<(Option<Position>, Event)>, draft: Draft, round: &mut Round) -> Answer {
        let mut entry = draft.entry();
        entry.events = events.into_iter().map(|(authority, event)| Recorded { authority, command: 0, event }).collect();
        let Some(encoded) = encoded(&entry) else { return Err(LedgerError::TooLarge) };
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        round.batch.retired.extend(retired(&tenant.name, &views, &entry));
        views.apply(&entry);
        let position = views.timeline.last();
        drop(views);
        Ok(self.push(round, position, entry, encoded))
    }

    fn push(&mut self, round: &mut Round, position: Position, entry: Entry, encoded: Vec<u8>) -> Done {
        self.frontier.push(leaf_hash(&encoded));
        round.first = round.first.or(Some(position));
        round.entries.push(encoded);
        let entry = Arc::new(entry);
        self.recent.push_back((position, entry.clone()));
        Done::recorded(position, entry)
    }

    /// The keys of contacts that the entry adds come into use.
    fn keep(&self, sealing: &Sealing, entry: &Entry) {
        for (account, key) in &sealing.drawn {
            if names_key(entry, key.id()) {
                self.tenant.keys.add(account, key.clone());
            }
        }
    }

    /// Decides a first entry outside of a run: what a new tenant begins with, to be committed beside another's entry.
    pub(crate) fn begin(
        &mut self,
        events: Vec<Event>,
        actor: Actor,
        name: CommandName,
        at: Instant,
        source: Source,
    ) -> Answer {
        let recorded_at = Some(self.around.clock.now());
        let mut round = Round::default();
        let draft = Draft { recorded_at, ..Draft::new(actor, at, name, source) };
        let events = events.into_iter().map(|event| (None, event)).collect();
        let done = self.append(events, draft, &mut round)?;
        let (tenant, root) = (self.tenant.clone(), self.frontier.root());
        self.begun = round.first.map(|first| Run { tenant, first, entries: round.entries, root });
        Ok(done)
    }

    /// The first entry, as it is handed to the committer beside another tenant's.
    pub(crate) fn take_begun(&mut self) -> Option<Run> {
        self.begun.take()
    }
}

fn names_key(entry: &Entry, key: u64) -> bool {
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
        | Event::Installation(_) => false,
    })
}

fn new_keys(tenant: &str, sealing: Sealing, entry: &Entry) -> Vec<VaultWrite> {
    let kept = sealing.drawn.into_iter().filter(|(_, key)| names_key(entry, key.id()));
    kept.map(|(account, key)| VaultWrite::ContactKey {
        tenant: tenant.to_owned(),
        account: account.as_str().to_owned(),
        key,
    })
    .collect()
}

/// The secrets that an entry puts out of force: they are dropped once the entry is durable.
fn retired(tenant: &str, views: &Views, entry: &Entry) -> Vec<VaultName> {
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
        | Event::Installation(_) => None,
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

fn new_version(entry: &Entry, whose: &AccountId) -> Option<SecretVersion> {
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
        | Event::Installation(_) => None,
    })
}

fn encoded(entry: &Entry) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(256);
    encode(entry, &mut bytes).ok().map(|()| bytes)
}

/// Decides on one command, as far as what it names is known.
fn decided(prepared: &Prepared, case: &Case<'_>) -> Result<Vec<(Option<Position>, Event)>, Refusal> {
    let outcome = decide(&prepared.command, case);
    let Some(message) = &prepared.unknown else { return outcome };
    // The command was decided on a stand-in: whoever may not do it at all is told so before that nobody is there.
    match outcome {
        Err(refusal) if refusal.kind == RefusalKind::Forbidden => Err(refusal),
        Ok(_) | Err(_) => Err(Refusal::not_found(message.clone())),
    }
}

/// Who acts, as decisions see it. Errors: the session is over.
fn acting(views: &Views, caller: &Caller, now: AsOf) -> Result<(Acting, Actor), LedgerError> {
    match caller {
        Caller::Account { account, session, .. } => {
            let who = views.account(account).filter(|who| session_alive(views, *who, *session, now));
            let who = who.ok_or(LedgerError::NotSignedIn)?;
            let actor = Actor::Account { id: account.clone(), session: Some(*session) };
            Ok((Acting::Account { who, session: *session }, actor))
        }
        Caller::Support { operator } => Ok((Acting::Support, Actor::Support { operator: operator.clone() })),
    }
}

fn not_importing(views: &Views) -> Result<(), LedgerError> {
    match views.book.import_under_way() {
        Some(_) => Err(LedgerError::Importing),
        None => Ok(()),
    }
}

/// Whether what was learnt before the writer's turn is still so: passwords looked at, keys that sealed. Errors: it is not;
/// the caller prepares again.
fn still_true(views: &Views, commands: &[Prepared], sealing: &Sealing) -> Result<(), LedgerError> {
    let looked = commands.iter().filter_map(|prepared| prepared.looked_at.as_ref());
    if !looked.into_iter().all(|looked_at| version_holds(views, looked_at)) {
        return Err(LedgerError::Busy);
    }
    let last = views.timeline.last();
    let current = |(account, key): &(AccountId, grantbook_events::KeyId)| {
        let known = views.account(account).and_then(|who| views.accounts.key(who, last));
        known.is_none_or(|known| known == *key)
    };
    if sealing.used.iter().all(current) { Ok(()) } else { Err(LedgerError::Busy) }
}

fn version_holds(views: &Views, (account, version): &(AccountId, Option<SecretVersion>)) -> bool {
    let last = views.timeline.last();
    let now = views.account(account).and_then(|who| views.credentials.secret(who, last));
    now.map(|(_, secret)| secret.version) == *version
}

fn notes(commands: &[Prepared]) -> Vec<CommandNote> {
    let note = |prepared: &Prepared| CommandNote { name: prepared.name.clone(), reason: prepared.reason.clone() };
    commands.iter().map(note).collect()
}

fn unnamed(commands: &[Prepared]) -> Result<CommandName, LedgerError> {
    let first = commands.first().map(|prepared| prepared.name.clone());
    first.ok_or_else(|| LedgerError::Malformed {
        field: "commands".to_owned(),
        message: "expected at least one command".to_owned(),
    })
}

pub(crate) fn named(name: &str) -> Result<CommandName, LedgerError> {
    CommandName::new(name).map_err(|wrong| LedgerError::Malformed { field: "name".to_owned(), message: wrong.message })
}
