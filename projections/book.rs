//! What the book knows of itself: idempotency keys, imports, corrections, reads and mails owed.

use std::collections::BTreeMap;

use grantbook_events::{
    AccountId, Actor, BookEvent, Entry, ImportNote, Notice, OperatorName, Position, ReadScope, Ticket,
};
use serde::{Deserialize, Serialize};

use crate::names::FastMap;

/// The state of importing history made elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Import {
    /// The entry that started it.
    pub started: Position,
    /// The ticket it rests on.
    pub ticket: Ticket,
    /// Who imports.
    pub operator: Option<OperatorName>,
    /// The number of the last line recorded; 0 for none.
    pub line: u64,
    /// The chain over the lines recorded.
    pub chain: u64,
    /// The last entry of the import so far.
    pub last: Position,
    /// The entry that finished it.
    pub finished: Option<Position>,
    /// Whether it was given up before its end.
    pub abandoned: bool,
}

/// A mail that somebody is owed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Owed {
    /// The entry that owes it.
    pub owed: Position,
    /// Who is to be told.
    pub account: AccountId,
    /// What of.
    pub notice: Notice,
}

/// Who gave an idempotency key: keys are scoped to the tenant and the actor.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Serialize)]
pub enum KeyScope {
    /// An account, whatever its session.
    Account(AccountId),
    /// A support operator.
    Support(OperatorName),
}

impl KeyScope {
    /// The scope of an actor; `None` for those who give no keys.
    pub fn of(actor: &Actor) -> Option<KeyScope> {
        match actor {
            Actor::Account { id, .. } => Some(KeyScope::Account(id.clone())),
            Actor::Support { operator } => Some(KeyScope::Support(operator.clone())),
            Actor::System | Actor::Guest => None,
        }
    }
}

/// What the book knows of itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Book {
    keys: FastMap<(KeyScope, [u8; 16]), Position>,
    /// Oldest first; only the last may be under way.
    imports: Vec<Import>,
    corrections: BTreeMap<Position, Vec<(Position, Option<Position>)>>,
    reads: FastMap<(KeyScope, Position, ReadScope), Position>,
    owed: Vec<Owed>,
    handed_over: FastMap<(Position, AccountId), Position>,
    // Only what is not recorded yet is ever taken back, so it need not be kept.
    #[serde(skip)]
    newest: Vec<Undo>,
    #[serde(skip)]
    newest_at: Position,
}

/// What the newest entry put in, so that it can be taken out again.
#[derive(Clone, Debug)]
enum Undo {
    Key((KeyScope, [u8; 16])),
    Correction(Position),
    Read((KeyScope, Position, ReadScope), Option<Position>),
    HandedOver((Position, AccountId)),
}

impl Book {
    pub(crate) fn begin(&mut self, at: Position, entry: &Entry) {
        self.newest.clear();
        self.newest_at = at;
        if let Some(scope) = entry.keyed.then(|| KeyScope::of(&entry.actor)).flatten() {
            let key = (scope, entry.command_id);
            self.keys.insert(key.clone(), at);
            self.newest.push(Undo::Key(key));
        }
        if let Some(note) = &entry.import {
            self.line_imported(at, note);
        }
    }

    pub(crate) fn apply(&mut self, at: Position, entry: &Entry, event: &BookEvent) {
        match event {
            BookEvent::ImportStarted { ticket, continues } => {
                let operator = match &entry.actor {
                    Actor::Support { operator } => Some(operator.clone()),
                    Actor::System | Actor::Guest | Actor::Account { .. } => None,
                };
                // An import that goes on with an earlier one goes on from its last line.
                let before = self.imports.last().filter(|_| continues.is_some());
                let (line, chain) = before.map_or((0, 0), |before| (before.line, before.chain));
                let ticket = ticket.clone();
                self.imports.push(Import {
                    started: at,
                    ticket,
                    operator,
                    line,
                    chain,
                    last: at,
                    finished: None,
                    abandoned: false,
                });
            }
            BookEvent::ImportFinished { abandoned, .. } => {
                if let Some(import) = self.imports.last_mut() {
                    import.finished = Some(at);
                    import.abandoned = *abandoned;
                    import.last = at;
                }
            }
            BookEvent::CorrectionRecorded { position, corrected_by } => {
                self.corrections.entry(*position).or_default().push((at, *corrected_by));
                self.newest.push(Undo::Correction(*position));
            }
            // Who reads is who acts.
            BookEvent::HistoryRead { account: _, scope } => {
                let session = match &entry.actor {
                    Actor::Account { session, .. } => session.unwrap_or(Position::START),
                    Actor::System | Actor::Guest | Actor::Support { .. } => Position::START,
                };
                if let Some(reader) = KeyScope::of(&entry.actor) {
                    let read = (reader, session, *scope);
                    let before = self.reads.insert(read.clone(), at);
                    self.newest.push(Undo::Read(read, before));
                }
            }
            BookEvent::NoticeOwed { account, notice } => {
                self.owed.push(Owed { owed: at, account: account.clone(), notice: *notice });
            }
            BookEvent::NoticeHandedOver { account, owed } => {
                let done = (*owed, account.clone());
                self.handed_over.insert(done.clone(), at);
                self.newest.push(Undo::HandedOver(done));
            }
            // Settings and refusals have views of their own.
            BookEvent::SettingChanged { .. }
            | BookEvent::TextSettingChanged { .. }
            | BookEvent::CommandRefused { .. }
            | BookEvent::CommandsRefused { .. } => {}
        }
    }

    fn line_imported(&mut self, at: Position, note: &ImportNote) {
        if let Some(import) = self.imports.last_mut() {
            import.line = note.line;
            import.chain = note.chain;
            import.last = at;
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        // Acts of imports are recorded as they are applied, and so never taken back.
        while self.owed.pop_if(|owed| owed.owed == at).is_some() {}
        if self.newest_at != at {
            return;
        }
        for undo in self.newest.drain(..) {
            match undo {
                Undo::Key(key) => {
                    self.keys.remove(&key);
                }
                Undo::Correction(position) => {
                    if let Some(corrections) = self.corrections.get_mut(&position) {
                        corrections.pop();
                    }
                }
                Undo::Read(read, before) => {
                    match before {
                        Some(before) => self.reads.insert(read, before),
                        None => self.reads.remove(&read),
                    };
                }
                Undo::HandedOver(done) => {
                    self.handed_over.remove(&done);
                }
            }
        }
    }

    /// The entry that an idempotency key of an actor led to.
    pub fn keyed(&self, scope: &KeyScope, key: [u8; 16]) -> Option<Position> {
        self.keys.get(&(scope.clone(), key)).copied()
    }

    /// The import last begun.
    pub fn import(&self) -> Option<&Import> {
        self.imports.last()
    }

    /// The import that is going on, if one is.
    pub fn import_under_way(&self) -> Option<&Import> {
        self.import().filter(|import| import.finished.is_none())
    }

    /// The imports, oldest first, as they stand by the newest entry.
    pub fn imports(&self) -> impl DoubleEndedIterator<Item = &Import> {
        self.imports.iter()
    }

    /// The import that the entry at `started` began: its ticket and operator (rule: U6).
    pub fn import_started(&self, started: Position) -> Option<&Import> {
        self.imports.iter().find(|import| import.started == started)
    }

    /// What was said against an entry: by which entry, and what set it right (rule: U5).
    pub fn corrections(
        &self,
        wrong: Position,
        position: Position,
    ) -> impl Iterator<Item = (Position, Option<Position>)> {
        let corrections = self.corrections.get(&wrong).map_or(&[][..], Vec::as_slice);
        corrections.iter().copied().filter(move |(at, _)| *at <= position)
    }

    /// The entry that last recorded a read of this reader, session and scope (rule: U3). Support has no sessions: position 0.
    pub fn read_recorded(&self, reader: &KeyScope, session: Position, scope: ReadScope) -> Option<Position> {
        self.reads.get(&(reader.clone(), session, scope)).copied()
    }

    /// The mails owed and not handed over yet as of a position, oldest first.
    pub fn owed(&self, position: Position) -> impl Iterator<Item = &Owed> {
        self.owed.iter().filter(move |owed| owed.owed <= position).filter(move |owed| {
            let done = self.handed_over.get(&(owed.owed, owed.account.clone()));
            done.is_none_or(|done| *done > position)
        })
    }
}
