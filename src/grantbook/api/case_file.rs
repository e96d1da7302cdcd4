//! Case files: a question, its answer and what proves it, to be checked without us.
//!
//! Entries cannot be shown in part without breaking their hashes, and each may tell of several people: so case files are
//! for who reads the whole history (rule: U3).

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use grantbook_casefiles::{
    Begin, CaseFile, Derived, FileEntry, History, Question, Underivable, cited, concerning, derive,
};
use grantbook_events::{AccountId, Actor, Entry, Position, Sealed};
use grantbook_ledger::{LedgerError, Point, TenantHandle};
use grantbook_projections::AsOf;
use serde_json::{Map, Value};

use super::body;
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::span::within_the_book;
use super::views::shown;
use super::visit::Visit;

/// The most entries of a file with all of them.
const MOST_ENTRIES: u64 = 200_000;

/// A case to be made.
struct Case {
    tenant: TenantHandle,
    question: Question,
    as_of: AsOf,
    /// What the ledger answers.
    answer: Value,
    complete: bool,
}

/// Makes a case file.
pub(crate) async fn create(mut visit: Visit, Path(cloud_id): Path<String>, given: Body) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let mut looking = visit.params.looking()?;
    visit.params.finish()?;
    let body = body::json(&visit.headers, given).await?;
    let (question, complete, as_of) = asked(&body)?;
    if let Some(point) = as_of {
        looking.point = point;
    }
    reader.may_read_all_entries().await?;
    looking.wait(&reader.tenant).await?;
    if let Question::WhoCan { from: Some(Begin::At(from)), .. } | Question::Diff { from: Begin::At(from), .. } =
        &question
    {
        within_the_book(&reader.tenant, Point::At(*from))?;
    }
    let tenant = reader.tenant.clone();
    // Of the entries that it is about, a live answer needs none: views remember.
    let no_entries = History::default();
    let answer = tenant.ask(looking.point, |views, as_of| {
        (as_of, shown(&tenant, views, as_of, |shown| question.answer(shown, &no_entries)))
    });
    let (as_of, answer) = answer.await?;
    if as_of.position == Position::START {
        return Err(Problem::malformed("as_of", "expected a point with entries before it, for a case file to rest on"));
    }
    let case = Case { tenant: reader.tenant.clone(), question, as_of, answer: answer.map_err(problem)?, complete };
    let made = reader.tenant.aside(move |_| case.make()).await;
    let file = made.ok_or_else(|| Problem::new(ProblemKind::Unexpected, "the case file could not be made"))??;
    Ok(([(CONTENT_TYPE, "application/json")], file.bytes()).into_response())
}

/// The question, whether all entries are wanted, and from where to look.
fn asked(body: &Value) -> Result<(Question, bool, Option<Point>), Problem> {
    body::only(body, &["question", "account", "do", "on", "from", "granted", "view", "entries", "as_of"])?;
    let complete = match body::maybe_text(body, "entries")? {
        None | Some("all") => true,
        Some("cited") => false,
        Some(_) => return Err(Problem::malformed("entries", "expected all or cited")),
    };
    let as_of = body.get("as_of").filter(|as_of| !as_of.is_null());
    let as_of = as_of.map(|as_of| {
        let text = as_of.as_str().map_or_else(|| as_of.to_string(), str::to_owned);
        Point::parse(&text).map_err(|expected| Problem::malformed("as_of", expected))
    });
    // A question as it stands in a case file, or its fields beside one another.
    let question = match body.get("question").filter(|question| question.is_object()) {
        Some(question) => question.clone(),
        None => {
            let fields = body.as_object().into_iter().flatten();
            let of_question = |name: &str| !matches!(name, "entries" | "as_of");
            let fields = fields.filter(|(name, _)| of_question(name));
            Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
        }
    };
    let question = Question::from_json(&question).map_err(|wrong| Problem::malformed(wrong.field, wrong.expected))?;
    Ok((question, complete, as_of.transpose()?))
}

/// Why no answer comes out.
fn problem(wrong: Underivable) -> Problem {
    match wrong {
        Underivable::NoSense(error) => error.into(),
        Underivable::NoSuchView(_) => Problem::not_found(wrong.to_string()),
        Underivable::TooFar(_) => Problem::new(ProblemKind::TooLarge, wrong.to_string()),
        Underivable::Entry { .. } => drifted(),
    }
}

impl Case {
    fn make(self) -> Result<CaseFile, Problem> {
        let upto = self.as_of.position.0;
        let (stored, Derived { answer, opened }) = if self.complete { self.all()? } else { self.cited()? };
        let (tenant, as_of) = (&self.tenant, self.as_of);
        let next = self.next(&stored)?;
        let needed = upto + u64::from(next.is_some());
        // One that witnesses cosigned convinces more people; else the one of the last entry that is in the file.
        let cosigned = tenant.cosigned_checkpoint()?.filter(|signed| signed.checkpoint.size >= needed);
        let signed = cosigned.map_or_else(|| tenant.checkpoint(needed), Ok)?;
        let size = signed.checkpoint.size;
        let consistency = if self.complete { tenant.prove_consistency(upto, size)?.hashes } else { Vec::new() };
        let proof = |position| Ok::<_, LedgerError>(tenant.prove_inclusion(Position(position), size)?.hashes);
        let entries = stored.into_iter().map(|(position, bytes)| {
            let proof = if self.complete { Vec::new() } else { proof(position)? };
            Ok(FileEntry { position, bytes, proof })
        });
        let entries = entries.collect::<Result<Vec<_>, LedgerError>>()?;
        let next = next.map(|bytes| Ok::<_, LedgerError>(FileEntry { position: needed, bytes, proof: proof(needed)? }));
        let keys = tenant.checkpoint_keys()?;
        Ok(CaseFile {
            origin: signed.checkpoint.origin.clone(),
            question: self.question,
            as_of,
            answer,
            complete: self.complete,
            entries,
            next: next.transpose()?,
            opened,
            consistency,
            keys: keys.last().map(|key| key.verifier_key.clone()).into_iter().collect(),
            witnesses: signed.cosignatures.iter().map(|by| by.witness.clone()).collect(),
            checkpoint: signed.note,
        })
    }

    /// The entry after the position, which shows that nothing more was entered before the instant of the answer; none where
    /// that is the instant of the last entry that counts, where there is no later one, and where the instant was asked for
    /// ahead of time.
    fn next(&self, stored: &BTreeMap<u64, Vec<u8>>) -> Result<Option<Vec<u8>>, Problem> {
        let AsOf { position: Position(upto), clock } = self.as_of;
        let at = |bytes: &[u8]| grantbook_encoding::decode(bytes).map(|entry| entry.at).map_err(|_| drifted());
        let its_own = stored.get(&upto).map(|bytes| at(bytes)).transpose()? == Some(clock);
        if its_own || self.tenant.last().0 <= upto {
            return Ok(None);
        }
        let Some(bytes) = self.tenant.stored(upto..upto + 1)?.pop() else { return Ok(None) };
        Ok(if at(&bytes)? > clock { Some(bytes) } else { None })
    }

    /// The answer from all entries up to the position.
    fn all(&self) -> Result<(BTreeMap<u64, Vec<u8>>, Derived), Problem> {
        let upto = self.as_of.position.0;
        if upto > MOST_ENTRIES {
            let detail = format!(
                "a file with all {upto} entries would be too large, {MOST_ENTRIES} are the most: ask with `entries` as \
                 `cited`, or as of an earlier position"
            );
            return Err(Problem::new(ProblemKind::TooLarge, detail));
        }
        let stored: BTreeMap<u64, Vec<u8>> = (1..).zip(self.tenant.stored(0..upto)?).collect();
        let derived = self.derive(&stored)?;
        if self.is_answer(&derived) { Ok((stored, derived)) } else { Err(drifted()) }
    }

    /// The answer from the entries that it names and the one at its position, which says when that was; where those are too
    /// few, from all that concern whom it is about or nobody in particular as well.
    fn cited(&self) -> Result<(BTreeMap<u64, Vec<u8>>, Derived), Problem> {
        if self.question.needs_all_entries() {
            return Err(Problem::malformed(
                "entries",
                "expected all: that there is nobody else and nothing else, only all of them show",
            ));
        }
        let upto = self.as_of.position.0;
        let named = cited(&self.answer, upto);
        let mut stored = BTreeMap::new();
        for position in &named {
            let bytes = self.tenant.stored(position - 1..*position)?;
            stored.extend(bytes.into_iter().map(|bytes| (*position, bytes)));
        }
        // Whom the entry at the position is about by chance, the answer is not about.
        let about = self.about(&stored);
        stored.extend(self.tenant.stored(upto - 1..upto)?.into_iter().map(|bytes| (upto, bytes)));
        if let Ok(derived) = self.derive(&stored)
            && self.is_answer(&derived)
        {
            return Ok((stored, derived));
        }
        let step = 1_024;
        for start in (0..upto).step_by(step) {
            let end = upto.min(start + step as u64);
            for (position, bytes) in (start + 1..).zip(self.tenant.stored(start..end)?) {
                if grantbook_encoding::decode(&bytes).is_ok_and(|entry| concerning(&entry, &about)) {
                    stored.insert(position, bytes);
                }
            }
        }
        let derived = self.derive(&stored)?;
        if self.is_answer(&derived) {
            return Ok((stored, derived));
        }
        let detail = "the answer rests on entries of many people: ask with `entries` as `all`";
        Err(Problem::new(ProblemKind::Conflict, detail))
    }

    /// The accounts that the answer is about: those asked about, and those who acted or are named in the entries it cites.
    fn about(&self, stored: &BTreeMap<u64, Vec<u8>>) -> BTreeSet<AccountId> {
        let entries: Vec<Entry> = stored.values().filter_map(|bytes| grantbook_encoding::decode(bytes).ok()).collect();
        let mut about = BTreeSet::new();
        for entry in &entries {
            if let Actor::Account { id, .. } = &entry.actor {
                about.insert(id.clone());
            }
            for recorded in &entry.events {
                about.extend(recorded.event.accounts().into_iter().flatten().cloned());
            }
        }
        if let Question::Can(asked) | Question::Why(asked) = &self.question {
            let named = [Some(&asked.account), asked.on.as_ref()];
            about.extend(named.into_iter().flatten().filter_map(|id| AccountId::new(id).ok()));
        }
        about
    }

    fn derive(&self, stored: &BTreeMap<u64, Vec<u8>>) -> Result<Derived, Problem> {
        let open = |sealed: &Sealed| self.tenant.open(sealed);
        derive(&self.question, self.as_of, stored, &open).map_err(problem)
    }

    /// Whether what came out is what the ledger answers.
    fn is_answer(&self, derived: &Derived) -> bool {
        self.question == Question::FirstAdmin || derived.answer == self.answer
    }
}

/// The ledger answers otherwise than its entries say: nothing is to be proven with that.
fn drifted() -> Problem {
    tracing::error!("an answer does not follow from the entries: `grantbook verify` says where");
    Problem::new(
        ProblemKind::Unexpected,
        "the ledger's answer does not follow from its entries: `grantbook verify` says where",
    )
}
