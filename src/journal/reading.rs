//! Reading a stream back from sled, record by record, entry by entry, with every check.

use std::collections::VecDeque;

use crate::contain::contained;
use crate::damage::{Damage, DamageKind};
use crate::key::Key;
use crate::name::StreamName;
use crate::record::Record;

/// Entries that were appended together: one record, or all parts of one large entry.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) first: u64,
    pub(crate) record: Record,
}

/// The records of a stream up to a position, in order.
pub(crate) struct Runs {
    records: sled::Iter,
    stream: StreamName,
    /// The position that must come next.
    next: u64,
    /// The last position that must be there.
    until: u64,
}

impl Runs {
    /// Begins with the record that holds `from`, or would hold it.
    pub(crate) fn new(db: &sled::Db, stream: &StreamName, from: u64, until: u64) -> Result<Runs, Damage> {
        let up_to = Key { stream: stream.clone(), position: from, part: u16::MAX }.encode();
        let before = contained("seeking", || db.range(Key::prefix(stream)..=up_to).next_back().transpose());
        let before = before.map_err(|e| unreadable(stream, from, &e.to_string()))?;
        // Where there is no such record, the first one must be.
        let next = before.and_then(|(key, _)| Key::decode(&key)).map_or(1, |key| key.position);
        let start = Key { stream: stream.clone(), position: next, part: 0 }.encode();
        let records = contained("seeking", || Ok(db.range(start..Key::end(stream))));
        let records = records.map_err(|e| unreadable(stream, from, &e.to_string()))?;
        Ok(Runs { records, stream: stream.clone(), next, until })
    }

    /// The next record, with the other parts of its entry if there are any. `None` after the last position.
    pub(crate) fn next(&mut self) -> Result<Option<Run>, Damage> {
        if self.next > self.until {
            return Ok(None);
        }
        let first = self.next;
        let mut record = self.record(0)?;
        let (batch, parts) = (record.batch, record.parts);
        for part in 1..parts {
            let next = self.record(part)?;
            if next.parts != parts || next.batch != batch {
                let expected = format!("part {part} of {parts} of batch {batch}");
                let found = format!("part {part} of {} of batch {}", next.parts, next.batch);
                return Err(self.damage(DamageKind::Part, expected, found));
            }
            record.go_on(&next);
        }
        self.next = first.saturating_add(record.entries().len() as u64);
        Ok(Some(Run { first, record }))
    }

    fn record(&mut self, part: u16) -> Result<Record, Damage> {
        let expected = || format!("position {} part {part}", self.next);
        let found = contained("reading a record", || self.records.next().transpose());
        match found {
            Err(trouble) => Err(unreadable(&self.stream, self.next, &trouble.to_string())),
            Ok(None) => Err(self.damage(DamageKind::Gap, expected(), "the end of the stream".into())),
            Ok(Some((key, value))) => {
                let Some(key) = Key::decode(&key) else {
                    return Err(self.damage(DamageKind::Key, expected(), crate::record::hex(&key)));
                };
                if key.position != self.next || key.part != part {
                    let kind = if key.position == self.next { DamageKind::Part } else { DamageKind::Gap };
                    return Err(self.damage(kind, expected(), format!("position {} part {}", key.position, key.part)));
                }
                Record::read(&key, &value)
            }
        }
    }

    fn damage(&self, kind: DamageKind, expected: String, found: String) -> Damage {
        Damage { stream: self.stream.clone(), position: self.next, kind, expected, found }
    }
}

fn unreadable(stream: &StreamName, position: u64, message: &str) -> Damage {
    Damage {
        stream: stream.clone(),
        position,
        kind: DamageKind::Storage,
        expected: "a readable record".into(),
        found: message.into(),
    }
}

/// The entries of a stream from a position on. After damage it ends.
pub(crate) struct SledEntries {
    runs: Option<Result<Runs, Damage>>,
    from: u64,
    until: u64,
    ready: VecDeque<(u64, Vec<u8>)>,
}

impl SledEntries {
    pub(crate) fn new(db: &sled::Db, stream: &StreamName, from: u64, until: u64) -> SledEntries {
        let from = from.max(1);
        let runs = (from <= until).then(|| Runs::new(db, stream, from, until));
        SledEntries { runs, from, until, ready: VecDeque::new() }
    }
}

impl Iterator for SledEntries {
    type Item = Result<(u64, Vec<u8>), Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Some(Ok(entry));
            }
            let run = match self.runs.as_mut()? {
                Ok(runs) => runs.next(),
                Err(damage) => Err(damage.clone()),
            };
            match run {
                Ok(Some(run)) => {
                    let wanted = self.from..=self.until;
                    let entries = (run.first..).zip(run.record.entries());
                    let wanted = entries.filter(|(position, _)| wanted.contains(position));
                    self.ready.extend(wanted.map(|(position, entry)| (position, entry.to_vec())));
                }
                Ok(None) => self.runs = None,
                Err(damage) => {
                    self.runs = None;
                    return Some(Err(damage));
                }
            }
        }
    }
}
