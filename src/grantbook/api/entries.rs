//! Entries of the journal, read in pages off the path of other requests.

use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use grantbook_events::{Entry, Position};
use grantbook_inquiries::corrections;
use grantbook_ledger::LedgerError;
use serde_json::Value;

use super::filter::Filter;
use super::params::position;
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::visit::Visit;

/// How many entries are looked at before a page is handed out, full or not: a filter that admits little must not keep one
/// request busy for ever.
const MOST_LOOKED_AT: u64 = 20_000;

/// How many entries are read at once where they are wanted newest first.
const STEP: u64 = 128;

/// What entries are wanted.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) filter: Arc<Filter>,
    /// The positions still to be looked at.
    pub(crate) range: RangeInclusive<u64>,
    /// Those of them that can be meant, in order, where that is known.
    pub(crate) among: Option<Arc<[Position]>>,
    pub(crate) newest_first: bool,
    pub(crate) limit: usize,
}

/// Some of what is wanted, and how far it went.
pub(crate) struct Page {
    pub(crate) entries: Vec<Value>,
    /// The last position looked at, where there is more beyond it.
    pub(crate) next: Option<Position>,
}

/// One entry.
pub(crate) async fn one(mut visit: Visit, Path((cloud_id, text)): Path<(String, String)>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    visit.params.finish()?;
    let position = position("position", &text)?;
    looking.wait(&reader.tenant).await?;
    let last = reader.tenant.ask(looking.point, |_, as_of| as_of.position).await?;
    reader.reads_events().await?;
    if position > last {
        return Err(LedgerError::Beyond { asked: position, last }.into());
    }
    let entry = reader.tenant.entry(position)?;
    match reader.show(position, &entry, &Filter::default()) {
        Some(mut shown) => {
            // What was said against it later is no part of the entry: it stands beside it (rule: U5).
            let said = reader
                .tenant
                .ask(looking.point, |views, as_of| corrections(views.book.corrections(position, as_of.position)));
            let said = said.await?;
            if let Some(shown) = shown.as_object_mut() {
                shown.insert("corrections".to_owned(), said);
            }
            Ok(Json(shown).into_response())
        }
        None => Err(reader.refuse_entry().await),
    }
}

/// Reads a page on a thread that may wait for the disk.
pub(crate) async fn page(reader: &Arc<Reader>, wanted: Wanted) -> Result<Page, Problem> {
    let same = reader.clone();
    let read = reader.tenant.aside(move |_| read(&same, &wanted)).await;
    read.unwrap_or_else(|| Err(Problem::new(ProblemKind::Unexpected, "the entries could not be read")))
}

fn read(reader: &Reader, wanted: &Wanted) -> Result<Page, Problem> {
    let (least, greatest) = (*wanted.range.start(), *wanted.range.end());
    let mut reading = Reading { reader, wanted, entries: Vec::new(), looked_at: 0 };
    let mut stopped = None;
    if let Some(among) = &wanted.among {
        let within = among.iter().filter(|position| wanted.range.contains(&position.0));
        let mut look =
            |position: &Position| reader.tenant.entry(*position).map(|entry| reading.look(*position, &entry));
        // Either way the first that fills the page stops it, or cannot be read.
        let stops = |looked: &Result<Option<Position>, LedgerError>| !matches!(looked, Ok(None));
        let stop = match wanted.newest_first {
            true => within.rev().map(&mut look).find(stops),
            false => within.map(&mut look).find(stops),
        };
        stopped = stop.transpose()?.flatten();
    } else if wanted.newest_first {
        let mut high = greatest;
        while stopped.is_none() && high >= least {
            let low = high.saturating_sub(STEP - 1).max(least);
            let count = usize::try_from(high - low + 1).unwrap_or(usize::MAX);
            let read = reader.tenant.entries(Position(low)).take(count);
            let chunk = read.collect::<Result<Vec<_>, LedgerError>>()?;
            stopped = chunk.iter().rev().find_map(|(position, entry)| reading.look(*position, entry));
            high = low - 1;
        }
    } else if least <= greatest {
        for read in reader.tenant.entries(Position(least)) {
            let (position, entry) = read?;
            if position.0 > greatest {
                break;
            }
            stopped = reading.look(position, &entry);
            if stopped.is_some() {
                break;
            }
        }
    }
    let end = if wanted.newest_first { least } else { greatest };
    Ok(Page { entries: reading.entries, next: stopped.filter(|position| position.0 != end) })
}

struct Reading<'a> {
    reader: &'a Reader,
    wanted: &'a Wanted,
    entries: Vec<Value>,
    looked_at: u64,
}

impl Reading<'_> {
    /// Looks at one entry. Says where to stop, where the page is full.
    fn look(&mut self, position: Position, entry: &Entry) -> Option<Position> {
        self.looked_at += 1;
        self.entries.extend(self.reader.show(position, entry, &self.wanted.filter));
        let full = self.entries.len() >= self.wanted.limit || self.looked_at >= MOST_LOOKED_AT;
        full.then_some(position)
    }
}
