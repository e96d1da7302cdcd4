//! The writer: one a tenant. It drains what waits, decides each job on the views as the jobs before it left them, and
//! hands entries and answers to the committer. It never waits for the disk, and never answers by itself.
//!
//! From reading the clock to applying the entry it holds the views: whoever asked between the two would be answered for a
//! later instant than the entry's, and be told otherwise about that instant ever after.

mod acts;
mod commands;
mod doors;
mod mail;
mod refusals;
mod secrets;

pub(crate) use refusals::read_recorded;

use std::collections::VecDeque;
use std::sync::Arc;

use grantbook_encoding::encode;
use grantbook_events::{
    AccountId, Actor, CommandName, CommandNote, Entry, Event, ImportNote, Instant, Position, Recorded, Source,
};
use grantbook_evidence::leaf_hash;
use grantbook_journal::Store;
use grantbook_projections::Views;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::clock::Clock;
use crate::committer::{Answer, Batch, Committer, Done, Run, Waiting};
use crate::error::LedgerError;
use crate::job::{Act, Job, Prepared, Work};
use crate::personal::Sealing;
use crate::refusal_window::RefusalWindows;
use crate::tenant::Tenant;
use secrets::{names_key, retired};

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
    /// Entries that may not be durable yet.
    recent: VecDeque<(Position, Arc<Entry>)>,
    refusals: RefusalWindows,
    stopped: RefusalWindows,
    mails: mail::MailWindows,
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
    cause: Option<Position>,
    ticket: Option<grantbook_events::Ticket>,
    source: Source,
    import: Option<ImportNote>,
}

impl Draft {
    fn new(actor: Actor, at: Instant, name: CommandName, source: Source) -> Draft {
        let commands = vec![CommandNote { name, reason: None }];
        Draft { actor, at, recorded_at: None, commands, key: None, cause: None, ticket: None, source, import: None }
    }

    fn entry(self) -> Entry {
        Entry {
            at: self.at,
            recorded_at: self.recorded_at.filter(|recorded| *recorded != self.at),
            actor: self.actor,
            commands: self.commands,
            command_id: self.key.unwrap_or_else(|| *Uuid::new_v4().as_bytes()),
            keyed: self.key.is_some(),
            cause: self.cause,
            ticket: self.ticket,
            source: self.source,
            import: self.import,
            events: Vec::new(),
        }
    }
}

impl Writer {
    pub(crate) fn new(tenant: Arc<Tenant>, around: Surroundings) -> Writer {
        Writer {
            tenant,
            around,
            recent: VecDeque::new(),
            refusals: RefusalWindows::default(),
            stopped: RefusalWindows::default(),
            mails: mail::MailWindows::default(),
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
        let failed = self.around.committer.failed();
        for Job { work, answer } in jobs {
            let outcome = if failed { Err(LedgerError::Storage) } else { self.work(work, &mut round) };
            round.batch.answers.push(Waiting { to: answer, answer: outcome });
        }
        self.hand_over(round);
    }

    fn hand_over(&mut self, round: Round) {
        let Round { mut batch, first, entries } = round;
        if let Some(first) = first {
            let root = self.tenant.tree.lock().root();
            batch.runs.push(Run { tenant: self.tenant.clone(), first, entries, root });
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
            Work::Forgotten(forgotten) => self.forgotten(*forgotten, round),
            Work::ResetPassword(attempt) => self.reset_password(*attempt, round),
            Work::Refused(question) => self.refused_question(*question, round),
            Work::Record(act) => self.record(*act, round),
            Work::Import(line) => self.import(*line, round),
            Work::SumUp => {
                self.sum_up(round, false);
                Ok(Done::nothing())
            }
        }
    }

    fn append_now(
        &mut self,
        views: &mut Views,
        events: Vec<(Option<Position>, Event)>,
        actor: Actor,
        name: CommandName,
        source: Source,
        round: &mut Round,
    ) {
        let at = self.tenant.next_at(views, self.around.clock.now());
        // What is recorded of refusals is small, and so never too large.
        let _ = self.append(views, events, Draft::new(actor, at, name, source), round);
    }

    /// Makes an entry of events, applies it, and puts it into the round. The draft's instant was read from these views.
    fn append(
        &mut self,
        views: &mut Views,
        events: Vec<(Option<Position>, Event)>,
        draft: Draft,
        round: &mut Round,
    ) -> Answer {
        let mut entry = draft.entry();
        entry.events = events.into_iter().map(|(authority, event)| Recorded { authority, command: 0, event }).collect();
        let Some(encoded) = encoded(&entry) else { return Err(LedgerError::TooLarge) };
        views.apply(&entry);
        round.batch.retired.extend(retired(&self.tenant.name, views, &entry));
        Ok(self.push(round, views.timeline.last(), entry, encoded))
    }

    fn push(&mut self, round: &mut Round, position: Position, entry: Entry, encoded: Vec<u8>) -> Done {
        self.tenant.tree.lock().push(leaf_hash(&encoded));
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
    pub(crate) fn begin(&mut self, act: Act) -> Answer {
        let now = self.around.clock.now();
        let (recorded_at, at) = (Some(now), act.at.unwrap_or(now));
        let mut round = Round::default();
        let commands = vec![CommandNote { name: act.name.clone(), reason: act.reason }];
        let draft =
            Draft { recorded_at, commands, ticket: act.ticket, ..Draft::new(act.actor, at, act.name, act.source) };
        let events = act.events.into_iter().map(|event| (None, event)).collect();
        let tenant = self.tenant.clone();
        let done = self.append(&mut tenant.views.write(), events, draft, &mut round)?;
        let root = tenant.tree.lock().root();
        self.begun = round.first.map(|first| Run { tenant, first, entries: round.entries, root });
        Ok(done)
    }

    /// The first entry, as it is handed to the committer beside another tenant's.
    pub(crate) fn take_begun(&mut self) -> Option<Run> {
        self.begun.take()
    }
}

fn encoded(entry: &Entry) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(256);
    encode(entry, &mut bytes).ok().map(|()| bytes)
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
    if !looked.into_iter().all(|looked_at| looked_at.holds(views)) {
        return Err(LedgerError::Overtaken);
    }
    if keys_hold(views, sealing) { Ok(()) } else { Err(LedgerError::Overtaken) }
}

/// Whether what was sealed is sealed with the keys that the contacts have.
fn keys_hold(views: &Views, sealing: &Sealing) -> bool {
    let last = views.timeline.last();
    let current = |(account, key): &(AccountId, grantbook_events::KeyId)| {
        let known = views.account(account).and_then(|who| views.accounts.key(who, last));
        // Of somebody erased there is no key: what names them is for the decision to refuse.
        known.is_none_or(|known| known == *key) || erased(views, account)
    };
    sealing.used.iter().all(current)
}

fn erased(views: &Views, account: &AccountId) -> bool {
    views.account(account).is_some_and(|who| views.keeping.erased(who, views.timeline.last()).is_some())
}

pub(crate) fn named(name: &str) -> Result<CommandName, LedgerError> {
    CommandName::new(name).map_err(|wrong| LedgerError::Malformed { field: "name".to_owned(), message: wrong.message })
}

#[cfg(test)]
mod tests {
    use super::*;
    use grantbook_encoding::samples::{SAMPLE_KEY, samples};
    use grantbook_events::{AccountId, KeyId};
    use std::collections::HashMap;

    #[test]
    fn what_was_sealed_with_another_key_was_overtaken_and_is_no_sign_in() {
        let mut views = Views::default();
        let added = |entry: &Entry| entry.events.iter().any(|recorded| recorded.event.kind() == "contact_added");
        views.apply(&samples().into_iter().find(added).unwrap());
        let sealed_with = |key| Sealing { drawn: HashMap::new(), used: vec![(AccountId::new("jeff").unwrap(), key)] };
        still_true(&views, &[], &sealed_with(SAMPLE_KEY)).unwrap();
        let overtaken = still_true(&views, &[], &sealed_with(KeyId(9))).unwrap_err();
        assert!(matches!(overtaken, LedgerError::Overtaken), "{overtaken}");
        assert_eq!(overtaken.to_string(), "another request on the same contact was being recorded: send it again");
    }
}
