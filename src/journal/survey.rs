//! What an opened store holds, compared with what the head says that it must.

use std::collections::{BTreeMap, BTreeSet};

use crate::contain::contained;
use crate::cores::on_all_cores;
use crate::damage::{Damage, DamageKind};
use crate::head::{Head, HeadState, Heads};
use crate::key::Key;
use crate::name::StreamName;
use crate::open_error::OpenError;
use crate::reading::Runs;
use crate::record::{Record, hex};
use crate::report::{Ahead, NewestMissing};

/// The end of a stream in the store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) last: u64,
    batch: u64,
}

pub(crate) type Ends = BTreeMap<StreamName, End>;

/// Finds the end of every stream. The cost is that of the number of streams.
pub(crate) fn ends(db: &sled::Db) -> Result<Ends, OpenError> {
    let mut ends = Ends::new();
    let mut from = Vec::new();
    loop {
        let first = contained("looking for streams", || db.range(from.as_slice()..).next().transpose());
        let Some((key, _)) = first.map_err(OpenError::Unopenable)? else { return Ok(ends) };
        let stream = Key::decode(&key).ok_or_else(|| OpenError::ForeignKey { key: hex(&key) })?.stream;
        let end = Key::end(&stream);
        let last =
            contained("looking for a stream's end", || db.range(key..end.clone().into()).next_back().transpose());
        if let Some((key, value)) = last.map_err(OpenError::Unopenable)? {
            let key = Key::decode(&key).ok_or_else(|| OpenError::ForeignKey { key: hex(&key) })?;
            ends.insert(stream, end_of(&key, &value)?);
        }
        from = end;
    }
}

fn end_of(key: &Key, value: &[u8]) -> Result<End, Damage> {
    let record = Record::read(key, value)?;
    if record.part + 1 != record.parts {
        return Err(Damage {
            stream: key.stream.clone(),
            position: key.position,
            kind: DamageKind::Part,
            expected: format!("{} parts", record.parts),
            found: format!("{}", record.part + 1),
        });
    }
    let last = key.position.saturating_add(record.entries().len() as u64).saturating_sub(1);
    Ok(End { last, batch: record.batch })
}

/// How many positions are read in one go where all are.
const SHARE: u64 = 8_192;

/// Reads every entry of every stream with all checks, on all cores. Returns how many. Errors: the first damage, by stream and
/// position.
pub(crate) fn read_all(db: &sled::Db, ends: &Ends) -> Result<u64, Damage> {
    let starts = |end: &End| (1..=end.last).step_by(SHARE as usize);
    let shares: Vec<_> =
        ends.iter().flat_map(|(stream, end)| starts(end).map(move |from| (stream, from, end))).collect();
    let read = on_all_cores(shares.len(), |number| match shares.get(number) {
        Some((stream, from, end)) => read_share(db, stream, *from, end.last.min(from + SHARE - 1)),
        None => Ok(()),
    });
    read.into_iter().collect::<Result<(), Damage>>()?;
    // Every position up to a stream's last was there, or is the damage.
    Ok(ends.values().map(|end| end.last).sum())
}

/// Reads the records that hold some of a stream's positions: that of the first may begin in the share before.
fn read_share(db: &sled::Db, stream: &StreamName, from: u64, until: u64) -> Result<(), Damage> {
    let mut runs = Runs::new(db, stream, from, until)?;
    while runs.next()?.is_some() {}
    Ok(())
}

/// A store that may be opened: where its streams are, and how that differs from the head.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The newest batch in the store.
    pub(crate) batch: u64,
    /// Every stream as it is in the store, with its root where that is known.
    pub(crate) heads: Heads,
    pub(crate) newest_missing: Option<NewestMissing>,
    pub(crate) ahead: Vec<Ahead>,
}

/// Compares the store with the head. After a crash the newest batch may be missing, or one more may be there.
pub(crate) fn compare(db: &sled::Db, ends: &Ends, head: &Head, sealed: bool) -> Result<Standing, OpenError> {
    let after = head.after();
    let mut heads = Heads::new();
    let mut missing = Vec::new();
    let mut ahead = Vec::new();
    let streams: BTreeSet<&StreamName> = after.keys().chain(ends.keys()).collect();
    for stream in streams {
        let named = after.get(stream).copied().unwrap_or_default();
        let before = head.before.get(stream).copied().unwrap_or_default();
        let found = ends.get(stream).map_or(0, |end| end.last);
        let state = if found == named.last {
            named
        } else if found < named.last {
            let in_flight = !sealed && head.newest.contains_key(stream);
            let expected = if in_flight { before.last } else { named.last };
            if found < expected {
                return Err(OpenError::Short { stream: stream.clone(), expected, found });
            }
            missing.push((stream.clone(), named.last, found));
            if found == before.last { before } else { HeadState { last: found, root: None } }
        } else {
            only_in_flight(db, stream, named.last, found, (!sealed).then_some(head.batch))?;
            ahead.push(Ahead { stream: stream.clone(), head: named.last, store: found });
            HeadState { last: found, root: None }
        };
        if state.last > 0 {
            heads.insert(stream.clone(), state);
        }
    }
    // A batch is begun only when the one before is durable, so a store cannot lack one and hold the next.
    if let (Some((stream, expected, found)), false) = (missing.first(), ahead.is_empty()) {
        return Err(OpenError::Short { stream: stream.clone(), expected: *expected, found: *found });
    }
    let named = if missing.is_empty() { head.batch } else { head.batch.saturating_sub(1) };
    let newest_missing = (!missing.is_empty()).then_some(NewestMissing { batch: head.batch, streams: missing });
    Ok(Standing { batch: named.max(newest_batch(ends)), heads, newest_missing, ahead })
}

/// The store as it is, where there is no head to compare it with.
pub(crate) fn without_head(ends: &Ends) -> Standing {
    let heads = ends.iter().map(|(stream, end)| (stream.clone(), HeadState { last: end.last, root: None })).collect();
    Standing { batch: newest_batch(ends), heads, newest_missing: None, ahead: Vec::new() }
}

fn newest_batch(ends: &Ends) -> u64 {
    ends.values().map(|end| end.batch).max().unwrap_or(0)
}

/// What lies beyond the head must all be of the batch after the newest that it names.
fn only_in_flight(
    db: &sled::Db,
    stream: &StreamName,
    head: u64,
    store: u64,
    newest: Option<u64>,
) -> Result<(), OpenError> {
    let mut runs = Runs::new(db, stream, head.saturating_add(1), store)?;
    while let Some(run) = runs.next()? {
        if newest.and_then(|n| n.checked_add(1)) != Some(run.record.batch) {
            let (stream, batch) = (stream.clone(), run.record.batch);
            return Err(OpenError::HeadBehind { stream, expected: head, found: run.first, batch });
        }
    }
    Ok(())
}
