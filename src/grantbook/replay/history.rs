//! Entries read from JSON lines and folded into views, with everything checked that a history must be by itself.

use std::path::Path;

use grantbook_encoding::json::from_json;
use grantbook_events::{Entry, Position};
use grantbook_projections::Views;
use serde_json::Value;

use super::again::{Again, again};
use super::fixture::text;

/// A history that was read.
pub(super) struct History {
    /// What it means.
    pub(super) views: Views,
    /// Its entries, from position 1 on.
    pub(super) entries: Vec<Entry>,
    /// How many of them were decided again.
    pub(super) decided_again: usize,
    /// What is not as it should be.
    pub(super) problems: Vec<String>,
}

impl History {
    /// Reads and folds the entries of a file. Where `tenant` is given they are of that Cloud ID. Errors: a line is no entry, or
    /// is out of its place: then what follows means nothing.
    pub(super) fn read(path: &Path, tenant: Option<&str>) -> Result<History, String> {
        let mut history =
            History { views: Views::default(), entries: Vec::new(), decided_again: 0, problems: Vec::new() };
        for (index, line) in text(path)?.lines().enumerate() {
            let place = |what: String| format!("line {}: {what}", index + 1);
            let form: Value = serde_json::from_str(line).map_err(|error| place(format!("not JSON: {error}")))?;
            let (position, entry) = from_json(&form).map_err(|error| place(error.to_string()))?;
            history.in_place(position, &entry).map_err(place)?;
            let named = form.get("tenant").and_then(Value::as_str);
            if let Some(tenant) = tenant.filter(|tenant| named.is_some_and(|named| named != *tenant)) {
                history
                    .problems
                    .push(format!("entry {position} is of `{}`, not of `{tenant}`", named.unwrap_or_default()));
            }
            history.go_on(position, entry);
        }
        let genesis =
            history.views.tenant.genesis(history.views.timeline.last()).map(|genesis| genesis.cloud_id.as_str());
        match (genesis, tenant) {
            (None, _) if history.entries.is_empty() => return Err("there are no entries".to_owned()),
            (None, _) => history.problems.push("no entry creates the tenant".to_owned()),
            (Some(found), Some(tenant)) if found != tenant => {
                history.problems.push(format!("the entries create the tenant `{found}`, not `{tenant}`"));
            }
            (Some(_), _) => {}
        }
        Ok(history)
    }

    /// Positions run from 1 without a gap, and time never goes back.
    fn in_place(&self, position: Position, entry: &Entry) -> Result<(), String> {
        let last = self.views.timeline.last();
        if position != last.next() {
            return Err(format!("expected position {}, found {position}: positions have no gaps", last.next()));
        }
        let before = self.views.timeline.last_at();
        if last > Position::START && entry.at < before {
            return Err(format!("entry {position} is at {}, before the one before it at {before}", entry.at));
        }
        Ok(())
    }

    fn go_on(&mut self, position: Position, entry: Entry) {
        for recorded in &entry.events {
            let kind = recorded.event.kind();
            match recorded.authority {
                Some(Position::START) => {
                    self.problems
                        .push(format!("entry {position}: the authority of `{kind}` is 0, where no entry lies"));
                }
                Some(authority) if authority >= position => self.problems.push(format!(
                    "entry {position}: the authority of `{kind}` is {authority}, which is no earlier entry"
                )),
                Some(_) | None => {}
            }
        }
        match again(&mut self.views, &entry) {
            Ok(Again::Decided) => self.decided_again += 1,
            Ok(Again::NothingToDecide) => {}
            Err(difference) => self.problems.push(format!("entry {position}, decided again: {difference}")),
        }
        self.entries.push(entry);
    }

    /// The entry at a position.
    pub(super) fn entry(&self, position: Position) -> Option<Entry> {
        let index = usize::try_from(position.before().0).ok().filter(|_| position > Position::START)?;
        self.entries.get(index).cloned()
    }
}
