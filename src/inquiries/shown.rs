//! What a question needs besides itself, and how causes and people are shown.

use grantbook_events::{AccountId, Entry, Event, Instant, Position, Sealed};
use grantbook_projections::{AsOf, By, Cause, Holding, Import, Views};
use grantbook_rights::{Fact, On, Question, Who};
use serde_json::{Map, Value, json};

use crate::places::Places;

/// Whether what is asked of an account is on another one.
pub(crate) fn on_somebody_else(who: Who, on: On) -> bool {
    let target = match on {
        On::Account(target) => target,
        On::Contact { contact, .. } => Some(contact),
        On::Nothing | On::App(_) | On::Object(_) | On::Organisation(_) | On::Community(_) => return false,
    };
    !matches!((who, target), (Who::Account(who), Some(target)) if who == target)
}

/// Which events of which entries a reader may see.
pub type Eyes<'a> = &'a dyn Fn(&Entry, &Event) -> bool;

/// What a question needs: the history, the point to look from, and who opens and who reads.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// What the history means.
    pub views: &'a Views,
    /// From where to look.
    pub as_of: AsOf,
    /// Opens a personal value of an account, by the name of the contact's field (`full_name`, `email`, `city`, `state`,
    /// `country`, `phone`, `picture`); `None` where the key is gone. The email of credentials is an `email` too.
    pub open: &'a dyn Fn(&AccountId, &'static str, &Sealed) -> Option<String>,
    /// Reads an entry of the journal, by where it lies in the real history: [`Shown::read`] reads that of any.
    pub entry: &'a dyn Fn(Position) -> Option<Entry>,
    /// How positions of the history are shown.
    pub places: Places<'a>,
    /// What of an entry's events the reader may see, where that is not all (rule: U2): whoever asks about themselves is told what is
    /// theirs with all that is known of it, of who gave it on whose authority the deed alone, and nothing of anybody else.
    pub eyes: Option<Eyes<'a>>,
}

impl<'a> Shown<'a> {
    /// The position from which to look.
    pub fn position(&self) -> Position {
        self.as_of.position
    }

    /// Whether the reader sees all that is told of an event: why it was done, and the ticket.
    pub(crate) fn sees(&self, entry: &Entry, event: &Event) -> bool {
        self.eyes.is_none_or(|sees| sees(entry, event))
    }

    /// Whether the reader may be told what made a fact so: it is the asker's own, or something that lets the asker in, and not
    /// somebody else's.
    pub(crate) fn may_tell(&self, question: &Question<'_>, fact: Fact, holds: bool) -> bool {
        self.eyes.is_none() || fact.about_the_actor() || (holds && !on_somebody_else(question.who, question.on))
    }

    /// The entry at a position of the history.
    pub fn read(&self, position: Position) -> Option<Entry> {
        self.places.entry(position, self.entry)
    }

    /// A position of the history, as answers show it.
    pub(crate) fn place(&self, position: Position) -> Value {
        self.places.position(position)
    }

    /// A cause, as answers show it.
    pub(crate) fn cause(&self, cause: Cause) -> Value {
        self.places.cause(cause)
    }

    /// A cause, or null.
    pub(crate) fn maybe_cause(&self, found: Option<Cause>) -> Value {
        self.places.maybe_cause(found)
    }

    /// The point from which to look at what a cause did.
    pub fn point(&self, cause: Cause) -> AsOf {
        let timeline = &self.views.timeline;
        match cause {
            Cause::Entry(position) => timeline.as_of(position),
            Cause::Clock(clock) => AsOf { position: timeline.position_at(clock).min(self.position()), clock },
        }
    }

    /// An answer: what it is as of, then its fields.
    pub(crate) fn answer<const N: usize>(&self, fields: [(&str, Value); N]) -> Value {
        answer(self.as_of, fields)
    }

    /// The id of an account.
    pub(crate) fn id(&self, who: u32) -> &'a str {
        self.views.names.accounts.text(who)
    }

    /// The full name of an account, opened.
    pub(crate) fn name(&self, who: u32) -> Option<String> {
        self.opened(who, "full_name", self.views.accounts.full_name(who, self.position()))
    }

    /// The name by which people know an account: its full name, else its id.
    pub(crate) fn called(&self, id: &AccountId) -> String {
        let name = self.views.account(id).and_then(|who| self.name(who));
        name.unwrap_or_else(|| id.as_str().to_owned())
    }

    /// A personal value of an account, opened.
    pub(crate) fn opened(&self, who: u32, field: &'static str, sealed: Option<&Sealed>) -> Option<String> {
        (self.open)(&self.views.account_id(who)?, field, sealed?)
    }

    /// Who brought something about at `position`: `by` is an account or null for anyone else, and support is named
    /// beside it. Imported history looks imported (rule: U6).
    pub(crate) fn put_by(&self, position: Option<Position>, into: &mut Map<String, Value>) {
        let by = position.map(|position| self.views.timeline.by(position));
        let account = match by {
            Some(By::Account(who)) => Value::from(self.id(who)),
            Some(By::System | By::Guest | By::Support(_)) | None => Value::Null,
        };
        into.insert("by".to_owned(), account);
        if let Some(By::Support(number)) = by {
            let operator = self.views.timeline.operator(number);
            into.insert("by_support".to_owned(), operator.map_or(Value::Null, |name| name.as_str().into()));
        }
        if let Some(import) = position.and_then(|position| self.imported(position)) {
            into.insert("import".to_owned(), import_json(import));
        }
    }

    /// The import that an entry is a line of, if it is one.
    pub(crate) fn imported(&self, position: Position) -> Option<&'a Import> {
        let imported = self.views.timeline.imported(position);
        self.views.book.imports().rfind(|import| imported && import.started < position)
    }

    /// An account by id and name, as a list's member begins.
    pub(crate) fn person(&self, who: u32) -> Map<String, Value> {
        let mut person = Map::new();
        person.insert("account".to_owned(), self.id(who).into());
        person.insert("name".to_owned(), self.name(who).into());
        person
    }

    /// A holder of a grant: who, since when, by whom, until when, and whether it gives anything.
    pub(crate) fn holder(&self, who: u32, given: Position, holding: Holding, effective: bool) -> Map<String, Value> {
        let mut holder = self.person(who);
        self.put_grant(given, holding, &mut holder);
        holder.insert("effective".to_owned(), effective.into());
        holder
    }

    /// Since when a grant is held, by whom and until when.
    pub(crate) fn put_grant(&self, given: Position, holding: Holding, into: &mut Map<String, Value>) {
        into.insert("since".to_owned(), self.cause(Cause::Entry(given)));
        self.put_by(Some(given), into);
        into.insert("until".to_owned(), instant(holding.until()));
    }

    /// How many of `recorded` have a grant that has not ended.
    pub(crate) fn count_in_force(&self, recorded: impl Iterator<Item = (u32, Position, Holding)>) -> usize {
        recorded.filter(|(_, _, holding)| holding.in_force(self.as_of.clock)).count()
    }

    /// Those of `recorded` whose grant has not ended, in the order of their ids.
    pub(crate) fn in_force(
        &self,
        recorded: impl Iterator<Item = (u32, Position, Holding)>,
    ) -> Vec<(u32, Position, Holding)> {
        let mut held: Vec<_> = recorded.filter(|(_, _, holding)| holding.in_force(self.as_of.clock)).collect();
        held.sort_unstable_by_key(|(who, _, _)| self.id(*who));
        held
    }
}

/// An answer: what it is as of, then its fields.
pub(crate) fn answer<const N: usize>(of: AsOf, fields: [(&str, Value); N]) -> Value {
    let mut answer = Map::new();
    answer.insert("as_of".to_owned(), as_of(of));
    answer.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(answer)
}

/// A point to look from, as every answer states it. Before everything the clock reads nothing.
pub fn as_of(as_of: AsOf) -> Value {
    let clock = (as_of.clock > Instant::EARLIEST).then_some(as_of.clock);
    json!({"position": as_of.position.0, "instant": instant(clock)})
}

/// A cause of the real history as it is shown. What tells of any history shows its causes by [`Shown::cause`].
pub(crate) fn cause(cause: Cause) -> Value {
    Places::REAL.cause(cause)
}

/// A cause of the real history, or null.
pub(crate) fn maybe_cause(found: Option<Cause>) -> Value {
    Places::REAL.maybe_cause(found)
}

/// What was said against an entry, by which entries, and what set it right (rule: U5).
pub fn corrections(said: impl Iterator<Item = (Position, Option<Position>)>) -> Value {
    let one = |(said, right): (Position, Option<Position>)| json!({"position": said.0, "corrected_by": right.map(|right| right.0)});
    said.map(one).collect()
}

/// An instant, or null.
pub(crate) fn instant(moment: Option<Instant>) -> Value {
    moment.map_or(Value::Null, |moment| moment.to_string().into())
}

fn import_json(import: &Import) -> Value {
    let operator = import.operator.as_ref().map(|operator| operator.as_str());
    json!({"operator": operator, "ticket": import.ticket.as_str()})
}

#[cfg(test)]
mod tests {
    use crate::ask::ask;
    use crate::history_for_tests::{History, account, group};
    use grantbook_events::{Actor, BookEvent, Event, GroupEvent, ImportNote, Ticket};
    use serde_json::json;

    // rule: U5
    #[test]
    fn an_entry_that_was_corrected_says_so_wherever_it_is_the_reason() {
        let mut history = History::example();
        let wrong = history.named("jeff is admin");
        let right = history.last();
        let correction = BookEvent::CorrectionRecorded { position: wrong, corrected_by: Some(right) };
        let said = history.act("manager", vec![Event::Book(correction)]);
        let why = |position| {
            let shown = history.shown(position);
            let asked = ask(&history.views, shown.as_of, "jeff", "dashboard.manage_admins", None).unwrap();
            crate::why(&shown, &asked).lines().join("\n")
        };
        let expected = format!("(said to be wrong by position {said}, set right by position {right})");
        assert!(why(said).contains(&expected), "{}", why(said));
        assert!(why(said).starts_with("yes"), "a correction changes no right by itself");
        assert!(!why(said.before()).contains("said to be wrong"));
    }

    // rule: U6
    #[test]
    fn imported_history_looks_imported() {
        let mut history = History::example();
        let ticket = Ticket::new("T-1").unwrap();
        let started = history.support(vec![Event::Book(BookEvent::ImportStarted { ticket, continues: None })]);
        let joined = GroupEvent::GroupMemberAdded { group: group("Reporting"), account: account("mia"), until: None };
        let actor = Actor::Account { id: account("somebody-else"), session: None };
        let mut scratch = History::example();
        scratch.add(actor, Some(started), "", vec![Event::Group(joined)]);
        let mut entry = scratch.entries.pop().unwrap();
        entry.at = history.views.timeline.last_at();
        entry.import = Some(ImportNote { started, line: 1, source: "change 310".to_owned(), chain: 1 });
        history.push(entry);
        let finished = BookEvent::ImportFinished { started, lines: 1, chain: 1, abandoned: false };
        history.support(vec![Event::Book(finished)]);
        let member = &history.view("groups")["groups"]["Reporting"]["members"][0];
        assert_eq!(member["by"], json!("somebody-else"));
        assert_eq!(member["import"], json!({"operator": "Sue", "ticket": "T-1"}));
        let shown = history.shown(history.last());
        let asked = ask(&history.views, shown.as_of, "mia", "reports.area", None).unwrap();
        let lines = crate::why(&shown, &asked).lines().join("\n");
        assert!(lines.contains("somebody-else made Mia M. a member of Reporting"), "{lines}");
        assert!(lines.contains("support (Sue) started an import on ticket T-1"), "{lines}");
    }
}
