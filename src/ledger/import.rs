//! Importing history made elsewhere (rule: U6): line by line, in order, resumable.
//!
//! What is recorded already is known by a chain: each line's link is a hash of the link before it and the line's own
//! text. A file whose links agree with the book's up to the last line recorded goes on there; nothing is doubled.
//!
//! Links stand in entries, which are given to others, and a line may hold a password or the name of somebody who is erased
//! later. So a link covers what the entry says in the clear and nothing else: no guess of a secret or of a personal value can be
//! held against it, by whomever and whatever keys they have (rule: C14).

use std::collections::VecDeque;

use grantbook_decisions::command::{Command, CommandJson, Door, FieldKind, describe, field, well_formed};
use grantbook_decisions::{import_finished, import_started};
use grantbook_events::{AccountId, Actor, Instant, OperatorName, Position, Ticket};
use serde_json_borrow::ObjectAsVec;
use tokio::sync::oneshot;

use crate::caller::Origin;
use crate::committer::Answer;
use crate::error::LedgerError;
use crate::handle::{TenantHandle, put};
use crate::job::{Act, Guard, ImportedLine, Job, Work};
use crate::prepare::{PreparedFor, Ready, prepare, read};
use crate::writer::named;

/// How many lines may be on their way to the disk at once.
const WINDOW: usize = 512;

/// Who imports, and why.
#[derive(Clone, Debug)]
pub struct ImportOrder {
    /// The person.
    pub operator: OperatorName,
    /// The ticket it rests on.
    pub ticket: Ticket,
    /// Where the request came from.
    pub origin: Origin,
}

/// What came of an import.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Imported {
    /// How many lines were in the book already.
    pub skipped: u64,
    /// How many were recorded now.
    pub recorded: u64,
    /// The last position of the import.
    pub last: Position,
}

/// Why an import stopped. What was recorded before stays, and mended the file goes on there.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ImportError {
    /// A line is at fault; nothing of it was recorded.
    #[error("line {line}: {message}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        message: String,
        /// The rule that refuses it, where one does.
        rule: Option<&'static str>,
    },
    /// The file is not the one that the import under way began with.
    #[error(
        "the import under way, begun at position {0}, is of another file: finish it, or give it up with `import --abandon`"
    )]
    OtherFile(Position),
    /// Another request stands in the way, or something could not be stored.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A line as it was read.
struct Line<'a> {
    at: Instant,
    by: AccountId,
    source: String,
    command: CommandJson<'a>,
}

/// What the links of a file cover.
#[derive(Clone, Copy)]
enum Links {
    /// Of each line what its entry says in the clear.
    OfTheClear,
    /// The whole text of each line. Lines were linked so before: what was imported then is still known.
    OfTheText,
}

impl Links {
    /// The link of a line: a hash of the link before it and the line, as it stands and as it was read.
    fn link(self, before: u64, text: &str, line: Option<&Line<'_>>) -> u64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&before.to_be_bytes());
        match (self, line) {
            (Links::OfTheClear, Some(line)) => hasher.update(in_the_clear(line).as_bytes()),
            // What is no line has no entry, and so nobody sees its link.
            (Links::OfTheClear, None) | (Links::OfTheText, _) => hasher.update(text.trim_end().as_bytes()),
        };
        let mut number = [0u8; 8];
        hasher.finalize_xof().fill(&mut number);
        u64::from_be_bytes(number)
    }

    /// The link of the last of these lines, from the first of a file on.
    fn over(self, lines: &[String]) -> u64 {
        let read = |text| match self {
            Links::OfTheClear => parse(text).ok(),
            Links::OfTheText => None,
        };
        lines.iter().fold(0, |link, text| self.link(link, text, read(text).as_ref()))
    }
}

/// A line without secrets and personal values: the fields that its command's description does not call so, as JSON.
fn in_the_clear(line: &Line<'_>) -> String {
    let hidden = |kind| matches!(kind, FieldKind::Personal | FieldKind::Email | FieldKind::Secret | FieldKind::Code);
    let described = field(&line.command, "name").and_then(CommandJson::as_str).and_then(describe);
    let clear = |name: &str| {
        let known = described.and_then(|command| command.all_fields().find(|field| field.name == name));
        name == "name" || known.is_some_and(|field| !hidden(field.kind))
    };
    let fields = line.command.as_object().into_iter().flat_map(ObjectAsVec::iter).filter(|(name, _)| clear(name));
    let command: Vec<(&str, &CommandJson<'_>)> = fields.collect();
    serde_json::json!([line.at, line.by, line.source, command]).to_string()
}

fn parse(text: &str) -> Result<Line<'_>, String> {
    let value: CommandJson<'_> = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    let object = value.as_object().ok_or("expected a JSON object")?;
    let text = |field: &str| object.get(field).and_then(CommandJson::as_str);
    if let Some(other) = object.keys().find(|key| !["at", "by", "source", "command"].contains(key)) {
        return Err(format!("`{other}` is not expected: expected at, by, source and command"));
    }
    if let Some((_, twice)) =
        object.keys().enumerate().find(|(index, key)| object.keys().take(*index).any(|one| one == *key))
    {
        return Err(format!("`{twice}` is given twice: expected it once"));
    }
    let at = text("at").ok_or("`at`: expected an RFC 3339 instant")?;
    let at = Instant::parse(at).map_err(|expected| format!("`at`: {expected}"))?;
    let by = text("by").ok_or("`by`: expected who acted, as an account id")?;
    let by = AccountId::new(by).map_err(|wrong| format!("`by`: {}", wrong.message))?;
    let source = text("source").unwrap_or_default().chars().take(200).collect();
    let command = object.get("command").cloned().ok_or("`command`: expected a command")?;
    Ok(Line { at, by, source, command })
}

/// Looks at a line without a book: at its form, and that of its command. Errors: what is wrong with it, in a sentence.
pub fn look_at_line(text: &str) -> Result<(), String> {
    let line = parse(text)?;
    well_formed(&line.command, Door::Tenant).map_err(|malformed| LedgerError::from(malformed).to_string())
}

/// When the first line of an import happened: where a tenant made for it begins.
pub fn first_instant(text: &str) -> Result<Instant, ImportError> {
    parse(text).map(|line| line.at).map_err(|message| ImportError::Line { line: 1, message, rule: None })
}

/// A line on its way, and what it is answered.
struct Sent {
    line: u64,
    chain: u64,
    at: Instant,
    /// The account whose contact or credentials it changes.
    changes: Option<AccountId>,
    answer: oneshot::Receiver<Answer>,
}

/// Whether a line is prepared from what the lines on their way bring about: it names somebody by username, or seals or
/// hashes something of an account that they change.
fn builds_on(line: &Line<'_>, sent: &VecDeque<Sent>) -> bool {
    let changes = |account: &str| {
        sent.iter()
            .filter_map(|one| one.changes.as_ref())
            .any(|changed| account.is_empty() || changed.as_str() == account)
    };
    if names_by_username(&line.command) {
        return changes("");
    }
    let text = |name: &str| field(&line.command, name).and_then(CommandJson::as_str);
    let described = text("name").and_then(describe);
    let personal = |kind| matches!(kind, FieldKind::Personal | FieldKind::Email | FieldKind::Secret);
    let prepares = described.is_some_and(|command| command.fields.iter().any(|field| personal(field.kind)));
    prepares && text("account").is_some_and(changes)
}

fn names_by_username(value: &CommandJson<'_>) -> bool {
    match value {
        CommandJson::Str(text) => text.starts_with('@'),
        CommandJson::Array(values) => values.iter().any(names_by_username),
        CommandJson::Object(fields) => fields.values().any(names_by_username),
        CommandJson::Null | CommandJson::Bool(_) | CommandJson::Number(_) => false,
    }
}

impl TenantHandle {
    /// Imports lines in order. `progress` is told how many lines are done.
    ///
    /// Errors: a line is at fault, or another import is under way; see [`ImportError`].
    pub async fn import(
        &self,
        order: &ImportOrder,
        lines: &[String],
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Imported, ImportError> {
        let (skipped, chain, under_way) = self.recorded_already(lines)?;
        let rest = lines.get(usize::try_from(skipped).unwrap_or(usize::MAX)..).unwrap_or_default();
        progress(skipped);
        let Some(first) = rest.first() else {
            if let Some(started) = under_way {
                self.finish_import(order, started, (skipped, chain), None, false).await?;
            }
            return Ok(Imported { skipped, recorded: 0, last: self.last() });
        };
        let started = match under_way {
            Some(started) => started,
            None => {
                let first =
                    parse(first).map_err(|message| ImportError::Line { line: skipped + 1, message, rule: None })?;
                self.start_import(order, first.at, skipped).await?
            }
        };
        let outcome = self.send_lines(started, rest, (skipped, chain), Links::OfTheClear, progress).await;
        let (done, chain, at, failure) = outcome?;
        let last = self.finish_import(order, started, (done, chain), at, false).await?;
        match failure {
            Some(failure) => Err(failure),
            None => Ok(Imported { skipped, recorded: done - skipped, last }),
        }
    }

    /// How many lines of a file are in the book already, and would be skipped. Errors: another file's import is under way.
    pub fn imported_already(&self, lines: &[String]) -> Result<u64, ImportError> {
        self.recorded_already(lines).map(|(skipped, _, _)| skipped)
    }

    /// Gives up the import that is under way, on a ticket of its own or, where there is none, on that which the import rests
    /// on. Returns its last line, or `None` where none is under way.
    pub async fn abandon_import(
        &self,
        operator: &OperatorName,
        ticket: Option<Ticket>,
        origin: &Origin,
    ) -> Result<Option<u64>, LedgerError> {
        let under_way = {
            let views = self.open.tenant.views.read();
            views.book.import_under_way().cloned()
        };
        let Some(import) = under_way else { return Ok(None) };
        let ticket = ticket.unwrap_or(import.ticket);
        let order = ImportOrder { operator: operator.clone(), ticket, origin: origin.clone() };
        self.finish_import(&order, import.started, (import.line, import.chain), None, true).await?;
        Ok(Some(import.line))
    }

    /// How many lines of the file are in the book, the link of the last of them, and the import that is under way.
    fn recorded_already(&self, lines: &[String]) -> Result<(u64, u64, Option<Position>), ImportError> {
        let import = self.open.tenant.views.read().book.import().cloned();
        let Some(import) = import else { return Ok((0, 0, None)) };
        let under_way = import.finished.is_none().then_some(import.started);
        let recorded = usize::try_from(import.line).unwrap_or(usize::MAX);
        if let Some(known) = lines.get(..recorded) {
            let link = Links::OfTheClear.over(known);
            if link == import.chain || Links::OfTheText.over(known) == import.chain {
                return Ok((import.line, link, under_way));
            }
        }
        // A file that was recorded as the beginning of a longer one has nothing new to say.
        let whole = Links::OfTheClear.over(lines);
        let count = lines.len() as u64;
        if under_way.is_none()
            && count < import.line
            && self.holds_line(count, [whole, Links::OfTheText.over(lines)])?
        {
            return Ok((count, whole, None));
        }
        match under_way {
            Some(started) => Err(ImportError::OtherFile(started)),
            None => Ok((0, 0, None)),
        }
    }

    /// Whether the book holds a line of this number and one of these links.
    fn holds_line(&self, line: u64, links: [u64; 2]) -> Result<bool, LedgerError> {
        for read in self.entries(Position(1)) {
            let (_, entry) = read?;
            if entry.import.is_some_and(|note| note.line == line && links.contains(&note.chain)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn start_import(&self, order: &ImportOrder, at: Instant, skipped: u64) -> Result<Position, LedgerError> {
        let continues = {
            let views = self.open.tenant.views.read();
            views.book.import().filter(|_| skipped > 0).map(|before| before.last)
        };
        let act = Act {
            at: Some(at),
            ticket: Some(order.ticket.clone()),
            source: crate::prepare::source(&self.open.tenant, &self.as_support(order), &order.origin),
            events: vec![import_started(order.ticket.clone(), continues)],
            guard: Guard::NoImport,
            ..Act::new(named("import_started")?, Actor::Support { operator: order.operator.clone() })
        };
        let done = put(&self.open.jobs, Work::Record(Box::new(act))).await?;
        done.position.ok_or(LedgerError::Importing)
    }

    fn as_support(&self, order: &ImportOrder) -> crate::caller::Caller {
        crate::caller::Caller::Support { operator: order.operator.clone() }
    }

    async fn finish_import(
        &self,
        order: &ImportOrder,
        started: Position,
        (lines, chain): (u64, u64),
        at: Option<Instant>,
        abandoned: bool,
    ) -> Result<Position, LedgerError> {
        // It takes the instant of the last line, which is the book's last.
        let at = at.unwrap_or_else(|| self.open.tenant.views.read().timeline.last_at());
        let act = Act {
            at: Some(at),
            ticket: Some(order.ticket.clone()),
            events: vec![import_finished(started, lines, chain, abandoned)],
            guard: Guard::ImportUnderWay(started),
            ..Act::new(named("import_finished")?, Actor::Support { operator: order.operator.clone() })
        };
        let done = put(&self.open.jobs, Work::Record(Box::new(act))).await?;
        Ok(done.position.unwrap_or_else(|| self.last()))
    }

    /// Sends lines to the writer, a window of them at a time. Out come the last line recorded, its link and instant, and
    /// what stopped the import, if something did.
    async fn send_lines(
        &self,
        started: Position,
        rest: &[String],
        (skipped, mut link): (u64, u64),
        links: Links,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(u64, u64, Option<Instant>, Option<ImportError>), LedgerError> {
        let mut done = (skipped, link, None);
        let mut sent: VecDeque<Sent> = VecDeque::new();
        let mut failure = None;
        for (index, text) in rest.iter().enumerate() {
            let line = skipped + index as u64 + 1;
            let read = parse(text);
            link = links.link(link, text, read.as_ref().ok());
            let parsed = match read {
                Ok(parsed) => parsed,
                Err(message) => {
                    failure = Some(ImportError::Line { line, message, rule: None });
                    break;
                }
            };
            let most = if builds_on(&parsed, &sent) { 0 } else { WINDOW };
            while sent.len() > most {
                if let Some(earlier) = settle(&mut sent, &mut done, progress).await? {
                    return Ok((done.0, done.1, done.2, Some(earlier)));
                }
            }
            match self.send_line(started, parsed, line, link).await {
                Ok(one) => sent.push_back(one),
                Err(ImportError::Ledger(LedgerError::Storage)) => return Err(LedgerError::Storage),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        // Lines before the one at fault are settled first, so that the first fault is the one told.
        while !sent.is_empty() {
            let earlier = settle(&mut sent, &mut done, progress).await?;
            if earlier.is_some() {
                failure = earlier;
                break;
            }
        }
        Ok((done.0, done.1, done.2, failure))
    }

    async fn send_line(&self, started: Position, parsed: Line<'_>, line: u64, chain: u64) -> Result<Sent, ImportError> {
        let bad = |message: String| ImportError::Line { line, message, rule: None };
        let tenant = &self.open.tenant;
        let read = read(tenant, &parsed.command, Door::Tenant).map_err(|error| bad(error.to_string()))?;
        let tools = self.shared.tools();
        let by = PreparedFor { caller: None, dry_run: false, now: parsed.at };
        let Ready { commands: prepared, secrets, .. } = prepare(tenant, &by, read.given, &tools).await?;
        let Ok([prepared]) = <[_; 1]>::try_from(prepared) else {
            return Err(bad("expected one command a line".to_owned()));
        };
        let changes = match &prepared.command {
            command @ (Command::Contact(_) | Command::Credentials(_) | Command::Keeping(_)) => {
                command.subject().cloned()
            }
            Command::Dashboard(_)
            | Command::Role(_)
            | Command::Group(_)
            | Command::Object(_)
            | Command::Organisation(_)
            | Command::ContentAuthority(_)
            | Command::Mail(_)
            | Command::Query(_)
            | Command::Visibility(_)
            | Command::Book(_)
            | Command::Support(_)
            | Command::Customer(_)
            | Command::Community(_)
            | Command::Separation(_)
            | Command::Webhook(_)
            | Command::Review(_) => None,
        };
        let imported = ImportedLine {
            at: parsed.at,
            by: parsed.by,
            prepared,
            sealing: read.sealing,
            secrets,
            started,
            line,
            source: parsed.source,
            chain,
        };
        let (answer, answered) = oneshot::channel();
        let job = Job { work: Work::Import(Box::new(imported)), answer };
        self.open.jobs.send(job).await.map_err(|_| LedgerError::Storage)?;
        Ok(Sent { line, chain, at: parsed.at, changes, answer: answered })
    }
}

/// Waits for the oldest line on its way. Out comes what was wrong with it, if something was.
async fn settle(
    sent: &mut VecDeque<Sent>,
    done: &mut (u64, u64, Option<Instant>),
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Option<ImportError>, LedgerError> {
    let Some(Sent { line, chain, at, answer, changes: _ }) = sent.pop_front() else { return Ok(None) };
    match answer.await.unwrap_or(Err(LedgerError::Storage)) {
        Ok(_) => {
            *done = (line, chain, Some(at));
            progress(line);
            Ok(None)
        }
        Err(LedgerError::Storage) => Err(LedgerError::Storage),
        Err(LedgerError::Refused(refusal)) => {
            let (message, rule) = (refusal.message.clone(), refusal.rule);
            Ok(Some(ImportError::Line { line, message, rule }))
        }
        Err(error) => Ok(Some(ImportError::Line { line, message: error.to_string(), rule: None })),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Ledger, Options, TenantRequest};
    use grantbook_events::CloudId;

    fn lines() -> Vec<String> {
        let line = |second: u32, command: serde_json::Value| {
            json!({"at": format!("2019-01-07T09:00:0{second}Z"), "by": "mo", "command": command}).to_string()
        };
        vec![
            line(0, json!({"name": "add_contact", "account": "mo", "full_name": "Mo R."})),
            line(1, json!({"name": "create_group", "group": "board"})),
            line(2, json!({"name": "create_group", "group": "crew"})),
            line(
                3,
                json!({"name": "create_credentials", "account": "mo", "username": "mo", "email": "mo@example.org", "password": "Start-7-now", "user_class": "casual"}),
            ),
        ]
    }

    fn order() -> ImportOrder {
        let (operator, ticket) = (OperatorName::new("ops").unwrap(), Ticket::new("T-1").unwrap());
        ImportOrder { operator, ticket, origin: Origin::default() }
    }

    async fn ledger() -> (Ledger, TenantHandle) {
        let ledger = Ledger::open(Options::memory()).await.unwrap();
        let cloud_id = CloudId::new("pastimis").unwrap();
        let at = Some(first_instant(&lines()[0]).unwrap());
        let request = TenantRequest { at, ..TenantRequest::new(cloud_id.clone()) };
        ledger.create_tenant(&OperatorName::new("ops").unwrap(), request).await.unwrap();
        let tenant = ledger.tenant_named(&cloud_id).unwrap();
        (ledger, tenant)
    }

    fn stored_links(tenant: &TenantHandle) -> Vec<u64> {
        tenant.entries(Position(1)).filter_map(|read| Some(read.unwrap().1.import?.chain)).collect()
    }

    // rule: C14
    #[tokio::test]
    async fn a_link_covers_no_secret_and_no_personal_value() {
        let others: Vec<String> = lines()
            .iter()
            .map(|line| line.replace("Mo R.", "Jo S.").replace("Start-7-now", "Other-8-then").replace("mo@", "jo@"))
            .collect();
        let renamed: Vec<String> = lines().iter().map(|line| line.replace("crew", "cast")).collect();
        assert_ne!(others[0], lines()[0]);
        assert_ne!(others[3], lines()[3]);
        let link = |lines: &[String]| Links::OfTheClear.over(lines);
        assert_eq!(link(&others), link(&lines()));
        assert_ne!(link(&renamed), link(&lines()), "it covers the rest");
        let (_ledger, tenant) = ledger().await;
        tenant.import(&order(), &lines(), &mut |_| {}).await.unwrap();
        let stored: Vec<u64> = (1..=lines().len()).map(|count| link(&others[..count])).collect();
        assert_eq!(stored_links(&tenant), stored, "and is what is stored");
    }

    // rule: U6
    #[tokio::test]
    async fn what_was_linked_by_whole_lines_is_known_and_goes_on_without() {
        let (_ledger, tenant) = ledger().await;
        let at = first_instant(&lines()[0]).unwrap();
        let started = tenant.start_import(&order(), at, 0).await.unwrap();
        let before = Links::OfTheText;
        let sent = tenant.send_lines(started, &lines()[..2], (0, 0), before, &mut |_| {}).await.unwrap();
        assert_eq!((sent.0, sent.1), (2, before.over(&lines()[..2])));
        let resumed = tenant.import(&order(), &lines(), &mut |_| {}).await.unwrap();
        assert_eq!((resumed.skipped, resumed.recorded), (2, 2));
        let now = Links::OfTheClear;
        let expected =
            [(before, 1), (before, 2), (now, 3), (now, 4)].map(|(links, count)| links.over(&lines()[..count]));
        assert_eq!(stored_links(&tenant), expected);
        for shorter in 1..=4 {
            let again = tenant.import(&order(), &lines()[..shorter], &mut |_| {}).await.unwrap();
            assert_eq!((again.skipped, again.recorded), (shorter as u64, 0));
        }
    }
}
