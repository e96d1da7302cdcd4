//! What if: history lived through again without given entries, or with commands put in. Each entry after the first change is
//! decided anew on what is so by then; what could then not have happened is left out, with the rule that refuses it and
//! the entry that it lacks. The journal is not touched: this is another history, in memory.
//!
//! # Invariants
//! - An entry that is left out leaves its place empty, so that every other keeps its position. What is put in comes right
//!   after an entry; positions in answers are those of the real history.
//! - A password opens what it opened then only while it is the password that was in force then.

mod changes;
mod moved;
mod shown;

use std::collections::{BTreeMap, BTreeSet};

use grantbook_decisions::command::{Command, PasswordShape};
use grantbook_decisions::{Acting, Case, Outside, PasswordCheck, Refusal, RefusalKind, decide};
use grantbook_events::{
    AccountId, Actor, BookEvent, Client, CommandName, CommandNote, CredentialsEvent, Entry, Event, Instant, MailEvent,
    OperatorName, Position, Recorded, SecretVersion, SignInEvent, SignInPlane,
};
use grantbook_projections::{AsOf, FastMap, Views};
use grantbook_rights::account_usable;

use crate::again::{NotAgain, decide_again};
use crate::authority::actor_account;
use crate::blast_radius::{Thing, things};
pub use changes::{Change, changes};
pub(crate) use moved::Lies;
use moved::Moved;

/// Who gives a command that is put in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum By {
    /// An account.
    Account(AccountId),
    /// Support.
    Support,
}

impl By {
    /// As an entry names them, in no session.
    fn actor(&self) -> Actor {
        match self {
            By::Account(id) => Actor::Account { id: id.clone(), session: None },
            By::Support => OperatorName::new("support").map_or(Actor::System, |operator| Actor::Support { operator }),
        }
    }
}

/// A command that is put in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Insertion {
    /// After which entry.
    pub after: Position,
    /// By whom.
    pub by: By,
    /// What.
    pub command: Command,
}

/// Why an entry is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// It was to be left out.
    LeftOut,
    /// A rule refuses a command of it.
    Refused {
        /// The command.
        command: String,
        /// The refusal.
        refusal: Refusal,
    },
    /// It cannot come about, in a sentence.
    CannotBe(String),
}

/// An entry that is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// As it was recorded; kept of those that are told one by one.
    entry: Option<Box<Entry>>,
    /// Why it is not there.
    pub why: Why,
    /// The entry that it lacks, which is not there either; none where it was to be left out, or what was put in is why.
    pub lacks: Option<Position>,
    /// Where that leads in the end, and over how many entries, that one with them.
    end: Option<(Position, u64)>,
}

/// From an entry that is not there to the one that was to be left out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Chain {
    /// The nearest ones, [`Chain::NEAREST`] at the most: each is not there for lack of the next.
    pub nearest: Vec<Position>,
    /// How many lie between these and the end. Each of them tells of its own.
    pub between: u64,
    /// The end, where it is none of the nearest.
    pub end: Option<Position>,
}

impl Chain {
    /// How many are told one by one: of a long life every entry may lack the one before it.
    pub const NEAREST: usize = 8;

    /// The positions that are told.
    pub fn told(&self) -> impl Iterator<Item = Position> {
        self.nearest.iter().copied().chain(self.end)
    }
}

/// What came of a command that was put in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inserted {
    /// After which entry.
    pub after: Position,
    /// By whom.
    pub by: By,
    /// Its events, or why it is refused.
    pub outcome: Result<Vec<Event>, Refusal>,
}

/// What an entry names that a later one may lack.
#[derive(PartialEq, Eq, Hash)]
enum Named {
    /// Something that it sets.
    Thing(Thing),
    /// An account.
    Account(AccountId),
}

/// Of what would not have happened, and of what would have come about otherwise, so many are told, the first: all are counted.
const MOST: usize = 10_000;

/// Another history, as far as it has been lived through.
pub struct WhatIf {
    without: BTreeSet<Position>,
    insertions: Vec<Insertion>,
    views: Views,
    /// Whether it differs from the real one yet.
    differs: bool,
    moved: Moved,
    /// The passwords that were really in force.
    passwords: FastMap<AccountId, SecretVersion>,
    dropped: BTreeMap<Position, Dropped>,
    inserted: Vec<Inserted>,
    /// What was put in, entry by entry: commands, and the sign-ins that they needed.
    put_in: Vec<Entry>,
    /// Entries that are there with other events than they have.
    otherwise: BTreeMap<Position, Vec<Recorded>>,
    /// The last entry not there that set a thing, and that named an account.
    missing: FastMap<Named, Position>,
    /// How many entries are not there besides those that were to be left out.
    refused: usize,
    secrets: u64,
    last: Position,
}

impl WhatIf {
    /// Nothing has happened yet. Commands that are put in after one entry come in the order given.
    pub fn new(without: BTreeSet<Position>, mut insertions: Vec<Insertion>) -> WhatIf {
        insertions.sort_by_key(|insertion| insertion.after);
        insertions.reverse();
        WhatIf {
            without,
            insertions,
            views: Views::default(),
            differs: false,
            moved: Moved::default(),
            passwords: FastMap::default(),
            dropped: BTreeMap::new(),
            inserted: Vec::new(),
            put_in: Vec::new(),
            otherwise: BTreeMap::new(),
            missing: FastMap::default(),
            refused: 0,
            secrets: u64::MAX / 2,
            last: Position::START,
        }
    }

    /// The next entry of the real history.
    pub fn live(&mut self, position: Position, entry: &Entry) {
        self.last = position;
        if self.without.contains(&position) {
            self.drop(position, entry, Why::LeftOut, None);
        } else if self.differs {
            self.live_again(position, entry);
        } else {
            self.views.apply(entry);
        }
        for recorded in &entry.events {
            self.note_password(&recorded.event);
        }
        while let Some(insertion) = self.insertions.pop_if(|insertion| insertion.after <= position) {
            self.put_in(insertion, entry.at);
        }
    }

    /// What the history that was lived through means.
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// The entries that are not there, oldest first.
    pub fn dropped(&self) -> &BTreeMap<Position, Dropped> {
        &self.dropped
    }

    /// What came of the commands that were put in, in the order in which they came.
    pub fn inserted(&self) -> &[Inserted] {
        &self.inserted
    }

    /// The entries that came about with other events, or other authorities, than they have.
    pub fn otherwise(&self) -> impl Iterator<Item = (Position, &[Recorded])> {
        self.otherwise.iter().map(|(position, events)| (*position, events.as_slice()))
    }

    /// The same point in this history: what was put in lies before what comes after it.
    pub fn point(&self, as_of: AsOf) -> AsOf {
        let position =
            if as_of.position >= self.last { self.views.timeline.last() } else { self.moved.to(as_of.position) };
        AsOf { position, ..as_of }
    }

    /// What lies at a position of this history.
    pub(crate) fn lies(&self, here: Position) -> Lies {
        self.moved.lies(here)
    }

    /// The entry at a position of this history, where `read` reads the real one; `None` where its place is empty.
    pub(crate) fn entry(&self, here: Position, read: &dyn Fn(Position) -> Option<Entry>) -> Option<Entry> {
        match self.lies(here) {
            Lies::PutIn { nth, .. } => self.put_in.get(nth).cloned(),
            Lies::Real(real) if self.dropped.contains_key(&real) => None,
            Lies::Real(real) => {
                let entry = self.moved.entry(&read(real)?);
                let events = self.otherwise.get(&real).cloned();
                Some(Entry { events: events.unwrap_or_else(|| entry.events.clone()), ..entry })
            }
        }
    }

    /// From an entry that is not there to the one that was to be left out.
    pub fn chain(&self, from: Position) -> Chain {
        let next = |position: &Position| self.dropped.get(position)?.lacks;
        let nearest: Vec<Position> = std::iter::successors(next(&from), next).take(Chain::NEAREST).collect();
        let rest = nearest.last().and_then(|last| self.dropped.get(last)?.end);
        let (end, between) = rest.map_or((None, 0), |(end, over)| (Some(end), over.saturating_sub(1)));
        Chain { nearest, between, end }
    }

    fn live_again(&mut self, position: Position, real: &Entry) {
        let entry = self.moved.entry(real);
        let lacking = self.lacking_reference(real);
        let passwords = &self.passwords;
        let look = |views: &Views, account: &AccountId| {
            let last = views.timeline.last();
            let now = views.account(account).and_then(|who| views.credentials.secret(who, last));
            match now {
                Some((_, secret)) if passwords.get(account) == Some(&secret.version) => PasswordCheck::Matched,
                Some(_) | None => PasswordCheck::Wrong,
            }
        };
        let decided = match lacking {
            Some(lacks) => {
                Err((Why::CannotBe(format!("it is about position {lacks}, which is not there")), Some(lacks)))
            }
            None => decide_again(&mut self.views, &entry, &look).map_err(|not| (why(&self.moved, not), None)),
        };
        match decided {
            Ok(None) => self.views.apply(&entry),
            Ok(Some(events)) => {
                if events != entry.events {
                    self.otherwise.insert(position, events.clone());
                }
                self.views.apply(&Entry { events, ..entry });
            }
            Err((why, lacks)) => {
                let lacks = lacks.or_else(|| self.lacks(real, &why));
                self.drop(position, real, why, lacks);
            }
        }
    }

    /// An entry that is not there leaves its place empty.
    fn drop(&mut self, position: Position, entry: &Entry, why: Why, lacks: Option<Position>) {
        self.differs = true;
        for name in names_of(entry) {
            self.missing.insert(name, position);
        }
        self.views.apply(&Entry::bare(entry.at));
        let end = lacks.map(|lacks| match self.dropped.get(&lacks).and_then(|lacking| lacking.end) {
            Some((end, over)) => (end, over + 1),
            None => (lacks, 1),
        });
        self.refused += usize::from(why != Why::LeftOut);
        let told = why == Why::LeftOut || self.refused <= MOST;
        let entry = told.then(|| Box::new(entry.clone()));
        self.dropped.insert(position, Dropped { entry, why, lacks, end });
    }

    /// The entry that is not there and that this one lacks: its session, its authority, or the last that set what it names;
    /// where a rule on the actor refuses it, the last that named the actor.
    fn lacks(&self, entry: &Entry, why: &Why) -> Option<Position> {
        let gone = |position: Position| self.dropped.contains_key(&position).then_some(position);
        let session = match &entry.actor {
            Actor::Account { session, .. } => *session,
            Actor::System | Actor::Guest | Actor::Support { .. } => None,
        };
        let authorities = entry.events.iter().filter_map(|recorded| recorded.authority);
        let direct = session.into_iter().chain(authorities).find_map(gone);
        let by_the_actor = matches!(why, Why::Refused { refusal, .. } if refusal.kind == RefusalKind::Forbidden);
        let names = match actor_account(&entry.actor).filter(|_| by_the_actor) {
            Some(actor) => vec![Named::Account(actor.clone())],
            None => names_of(entry),
        };
        direct.or_else(|| names.iter().filter_map(|name| self.missing.get(name)).max().copied())
    }

    /// An entry that this one is about, and that is not there: what is recorded of a request or of mail goes with it.
    fn lacking_reference(&self, entry: &Entry) -> Option<Position> {
        let references = entry.events.iter().filter_map(|recorded| reference(&recorded.event));
        references
            .chain(entry.import.as_ref().map(|note| note.started))
            .find(|position| self.dropped.contains_key(position))
    }

    fn note_password(&mut self, event: &Event) {
        if let Event::Credentials(
            CredentialsEvent::CredentialsCreated { account, secret, .. }
            | CredentialsEvent::PasswordSet { account, secret, .. }
            | CredentialsEvent::PasswordChanged { account, secret }
            | CredentialsEvent::ManagerPasswordRotated { account, secret },
        ) = event
        {
            self.passwords.insert(account.clone(), *secret);
        }
    }

    /// A command is put in. An account gives it in a session that it has, or else in one that it could have had.
    fn put_in(&mut self, insertion: Insertion, at: Instant) {
        self.differs = true;
        let after = insertion.after;
        let outcome = self.given(&insertion, at).map_err(|refusal| as_in_the_real(&self.moved, refusal));
        let outcome = outcome.map(|(actor, events)| {
            let name = CommandName::new(insertion.command.name()).into_iter();
            let commands = name.map(|name| CommandNote { name, reason: None }).collect();
            let told = events.iter().map(|(_, event)| self.moved.as_in_the_real(event)).collect();
            let recorded = |(authority, event)| Recorded { authority, command: 0, event };
            let events = events.into_iter().map(recorded).collect();
            self.append(after, Entry { actor, commands, events, ..Entry::bare(at) });
            told
        });
        self.inserted.push(Inserted { after, by: insertion.by, outcome });
    }

    fn given(&mut self, insertion: &Insertion, at: Instant) -> Result<(Actor, Events), Refusal> {
        let (acting, actor) = match &insertion.by {
            By::Support => {
                let operator =
                    OperatorName::new("support").map_or(Actor::System, |operator| Actor::Support { operator });
                (Acting::Support, operator)
            }
            By::Account(id) => {
                let session = self.session(insertion.after, id, at)?;
                let who = self.views.account(id).unwrap_or(u32::MAX);
                (Acting::Account { who, session }, Actor::Account { id: id.clone(), session: Some(session) })
            }
        };
        self.secrets += 1;
        let secret = SecretVersion(self.secrets);
        let outside = Outside {
            new_password: Some((PasswordShape::ACCEPTED, secret)),
            check: Some(PasswordCheck::Matched),
            token: Some(secret),
            seed: Some(secret),
            webhook: Some(secret),
            ..Outside::default()
        };
        let now = AsOf { position: self.views.timeline.last(), clock: at };
        let case = Case { views: &self.views, before: now, now, acting, outside };
        decide(&self.moved.command(&insertion.command), &case).map(|events| (actor, events))
    }

    /// A session of an account, begun now where it has none. Errors: it could not sign in.
    fn session(&mut self, after: Position, id: &AccountId, at: Instant) -> Result<Position, Refusal> {
        let now = AsOf { position: self.views.timeline.last(), clock: at };
        let there = self.views.account(id).filter(|who| account_usable(&self.views, *who, now));
        let Some(who) = there else {
            return Err(Refusal::not_found(format!("`{id}` could not have signed in then")));
        };
        let open = |session: &Position| self.views.sessions.open(*session, now);
        if let Some(session) = self.views.sessions.of_account(who).map(|session| session.position).rev().find(open) {
            return Ok(session);
        }
        self.secrets += 1;
        let event = SignInEvent::SignedIn {
            account: id.clone(),
            plane: SignInPlane::Platform,
            client: Client::Browser,
            browser: 0,
            token: SecretVersion(self.secrets),
            expires_at: at.plus_minutes(720),
            expiration: None,
        };
        let name = CommandName::new("sign_in").into_iter();
        let commands = name.map(|name| CommandNote { name, reason: None }).collect();
        let events = vec![Recorded { authority: None, command: 0, event: Event::SignIn(event) }];
        self.append(
            after,
            Entry { actor: Actor::Account { id: id.clone(), session: None }, commands, events, ..Entry::bare(at) },
        );
        Ok(self.views.timeline.last())
    }

    fn append(&mut self, after: Position, entry: Entry) {
        self.views.apply(&entry);
        self.put_in.push(entry);
        self.moved.put_in(after);
    }
}

type Events = Vec<(Option<Position>, Event)>;

fn why(moved: &Moved, not: NotAgain) -> Why {
    match not {
        NotAgain::Refused { command, refusal } => Why::Refused { command, refusal: as_in_the_real(moved, *refusal) },
        NotAgain::NobodyActs(sentence) | NotAgain::Otherwise(sentence) => Why::CannotBe(moved.sentence(&sentence)),
    }
}

/// A refusal that tells the positions of the real history.
fn as_in_the_real(moved: &Moved, refusal: Refusal) -> Refusal {
    Refusal { message: moved.sentence(&refusal.message), ..refusal }
}

/// What an entry sets, and whom it names.
fn names_of(entry: &Entry) -> Vec<Named> {
    let mut names = Vec::new();
    for recorded in &entry.events {
        names.extend(things(&recorded.event).into_iter().map(Named::Thing));
        names.extend(recorded.event.accounts().into_iter().flatten().cloned().map(Named::Account));
    }
    names
}

/// The entry that an event tells something of.
#[allow(clippy::wildcard_enum_match_arm, reason = "events that name an entry are looked up, none is handled")]
fn reference(event: &Event) -> Option<Position> {
    match event {
        Event::Mail(
            MailEvent::PasswordResetSent { requested, .. }
            | MailEvent::PasswordResetCompleted { requested, .. }
            | MailEvent::PasswordResetFailed { requested, .. },
        ) => Some(*requested),
        Event::Mail(MailEvent::ChangesTold { through, .. }) => Some(*through),
        Event::Mail(MailEvent::MailNotHandedOver { owed, .. })
        | Event::Book(BookEvent::NoticeHandedOver { owed, .. }) => Some(*owed),
        Event::Book(BookEvent::CorrectionRecorded { position, .. }) => Some(*position),
        Event::Book(BookEvent::ImportFinished { started, .. }) => Some(*started),
        // Any other tells of nothing but itself.
        _ => None,
    }
}
