//! A file checked, step by step, with nothing but itself and the keys that whoever checks was given.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use grantbook_events::{Event, Sealed, TenantEvent};
use grantbook_evidence::{
    Checkpoint, Frontier, cosignatures, key_name, leaf_hash, open_checkpoint, verify_consistency, verify_inclusion,
    witness_name,
};
use serde_json::{Value, json};

use crate::derive::{Derived, LAST_POSITION, derive, sealed_bytes};
use crate::file::CaseFile;
use crate::instant::{InstantShown, instant};

/// One step of a check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// What was looked at, as a slug.
    pub what: &'static str,
    /// What was found, in words; why it does not hold, where it does not.
    pub found: String,
    /// Whether it holds.
    pub holds: bool,
}

/// What a check came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The file, where it is one.
    pub file: Option<CaseFile>,
    /// Whether whoever checked said with which key.
    pub key_given: bool,
    /// Whether whoever checked named witnesses who must have cosigned.
    pub witness_given: bool,
    /// What of its instant the file shows; `None` where it was not come to, or does not hold.
    pub instant: Option<InstantShown>,
    /// The steps, in order. After one that does not hold, those that rest on it are left out.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether every step holds.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }

    /// What the file shows, where it holds, and what it does not.
    pub fn meaning(&self) -> Vec<&'static str> {
        let Some(file) = self.file.as_ref().filter(|_| self.holds()) else {
            return vec!["It shows nothing: it is not as it was made, or was made by nobody whom you trust."];
        };
        let nothing_left_out = if file.complete {
            "It has every entry up to that position: nothing before it was left out."
        } else if file.answer.get("allowed") == Some(&Value::Bool(false)) {
            "It does not show that the answer is no: that rests on what is not there, and entries were left out (make it with all entries for that)."
        } else {
            "It does not show that nothing was left out: an entry that changed the answer could be missing (make it with all entries for that)."
        };
        let whose =
            "It does not show whose key signed: compare it with the one you were given on another way (`--key`).";
        let same_book = "It does not show that others were shown the same book: you named no witness who must have cosigned it (`--witness`).";
        let instant = match self.instant {
            Some(InstantShown::OfTheEntry) => "Its instant is that of the entry at its position.",
            Some(InstantShown::BeforeTheNext) => {
                "Its instant lies between the entry at its position and the next one: nothing else was entered before that instant."
            }
            Some(InstantShown::Claimed) | None => {
                "It does not show its instant: that this time had come, and that nothing more was entered before it, is the word of whoever made the file."
            }
        };
        let shown = [
            Some("The entries are in the book that the checkpoint is of, and the answer follows from them."),
            Some(nothing_left_out),
            Some(instant),
            Some(whose).filter(|_| !self.key_given),
            Some(same_book).filter(|_| !self.witness_given),
            Some("It does not show what came later, nor that names were opened truly: entries hold them sealed."),
        ];
        shown.into_iter().flatten().collect()
    }

    /// The report as JSON.
    pub fn json(&self) -> Value {
        let checks = self.checks.iter().map(|check| {
            let Check { what, found, holds } = check;
            json!({"check": what, "holds": holds, "found": found})
        });
        let of = |pick: &dyn Fn(&CaseFile) -> Value| self.file.as_ref().map_or(Value::Null, pick);
        json!({
            "holds": self.holds(),
            "origin": of(&|file| file.origin.as_str().into()),
            "question": of(&|file| file.question.json()),
            "answer": of(&|file| file.answer.clone()),
            "complete": of(&|file| file.complete.into()),
            "instant_shown": self.instant.map(|shown| shown != InstantShown::Claimed),
            "keys": of(&|file| file.keys.clone().into()),
            "checks": checks.collect::<Value>(),
            "meaning": self.meaning(),
        })
    }
}

/// Checks a file. `keys` are the verifier keys that whoever checks was given; where there are none, those in the file are
/// taken, and the report says so. `witnesses` are those whose cosignatures must be there; cosignatures by others in the file are
/// told, and count for nothing.
pub fn verify(bytes: &[u8], keys: &[String], witnesses: &[String]) -> Report {
    let mut report = Report {
        file: None,
        key_given: !keys.is_empty(),
        witness_given: !witnesses.is_empty(),
        instant: None,
        checks: Vec::new(),
    };
    match CaseFile::read(bytes) {
        Ok(file) => {
            report.note("form", Ok("a case file, in its one form".to_owned()));
            let checked = Checking { file: &file, keys, witnesses, report: &mut report }.run();
            report.file = Some(file);
            // What did not hold is in the report.
            let _: Option<()> = checked;
        }
        Err(wrong) => report.note("form", Err(wrong.to_string())),
    }
    report
}

impl Report {
    fn note(&mut self, what: &'static str, found: Result<String, String>) {
        let holds = found.is_ok();
        self.checks.push(Check { what, found: found.unwrap_or_else(|wrong| wrong), holds });
    }
}

struct Checking<'a> {
    file: &'a CaseFile,
    keys: &'a [String],
    witnesses: &'a [String],
    report: &'a mut Report,
}

impl Checking<'_> {
    fn run(&mut self) -> Option<()> {
        let signed = self.signature();
        let signed = self.noted("signature", signed)?;
        let cosigned = self.cosigned();
        self.noted("cosignatures", cosigned);
        let origin = self.origin(&signed);
        self.noted("origin", origin);
        let entries = self.entries(&signed);
        let stored = self.noted("entries", entries)?;
        let instant = instant(self.file, &signed, &stored);
        self.report.instant = self.noted("instant", instant);
        let answer = self.answer(&stored);
        self.noted("answer", answer)
    }

    /// Puts a step into the report, with what the steps after it need.
    fn noted<T>(&mut self, what: &'static str, found: Result<(String, T), String>) -> Option<T> {
        match found {
            Ok((words, found)) => {
                self.report.note(what, Ok(words));
                Some(found)
            }
            Err(wrong) => {
                self.report.note(what, Err(wrong));
                None
            }
        }
    }

    fn signature(&self) -> Result<(String, Checkpoint), String> {
        let CaseFile { checkpoint, keys: own, origin, .. } = self.file;
        if let Some(odd) = own.iter().find(|key| key_name(key).is_none_or(|name| name != *origin)) {
            return Err(format!("`{odd}` in the file is no key of `{origin}`"));
        }
        // A key in the file that signed nothing would be there for show.
        for key in own {
            open_checkpoint(checkpoint.as_bytes(), &[key], &[]).map_err(|error| format!("the key `{key}`: {error}"))?;
        }
        let given: Vec<&str> = if self.keys.is_empty() { own } else { self.keys }.iter().map(String::as_str).collect();
        let opened = open_checkpoint(checkpoint.as_bytes(), &given, &[]).map_err(|error| match self.keys {
            [] => error.to_string(),
            _ => format!("it is signed by none of the keys you gave, but by {}", own.join(", ")), // any other list is given
        })?;
        let signed_by: Vec<&str> =
            given.iter().copied().filter(|key| open_checkpoint(checkpoint.as_bytes(), &[key], &[]).is_ok()).collect();
        let whose = if self.keys.is_empty() { "by a key that nobody vouched for" } else { "by the key you gave" };
        let Checkpoint { size, .. } = opened.checkpoint;
        Ok((format!("the checkpoint of {size} entries is signed {whose}: {}", signed_by.join(", ")), opened.checkpoint))
    }

    fn cosigned(&self) -> Result<(String, ()), String> {
        let CaseFile { checkpoint, witnesses: own, .. } = self.file;
        for witness in own.iter().chain(self.witnesses) {
            cosignatures(checkpoint.as_bytes(), &[witness])
                .map_err(|error| format!("the witness `{witness}`: {error}"))?;
        }
        let lines = checkpoint.lines().filter(|line| line.starts_with('\u{2014}')).count();
        if lines != self.file.keys.len() + own.len() {
            return Err("there are signatures of which the file names no key".to_owned());
        }
        let given: BTreeSet<String> = self.witnesses.iter().filter_map(|key| witness_name(key)).collect();
        // Anybody can make a key, and call it what they like.
        let others: BTreeSet<&str> =
            own.iter().filter(|key| !self.witnesses.contains(key)).map(String::as_str).collect();
        let given = match Vec::from_iter(given) {
            names if names.is_empty() && others.is_empty() => "no witness cosigned it".to_owned(),
            names if names.is_empty() => "by no witness whom you named".to_owned(),
            names => format!("by {}, whom you named", names.join(", ")),
        };
        let others = match Vec::from_iter(others) {
            keys if keys.is_empty() => String::new(),
            keys => format!("; by keys that nobody vouched for (not counted): {}", keys.join(", ")),
        };
        Ok((format!("{given}{others}"), ()))
    }

    /// The book is the one whose first entry it is.
    fn origin(&self, signed: &Checkpoint) -> Result<(String, ()), String> {
        let origin = &self.file.origin;
        if signed.origin != *origin {
            return Err(format!("the checkpoint is of another book, `{}`", signed.origin));
        }
        let first = self.file.entries.first().filter(|entry| entry.position == 1);
        let first = first.ok_or("the first entry is missing, with which the book begins")?;
        let id: String = leaf_hash(&first.bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let entry = grantbook_encoding::decode(&first.bytes).map_err(|error| format!("the first entry: {error}"))?;
        let tenant = entry.events.iter().find_map(|recorded| {
            let Event::Tenant(TenantEvent::TenantCreated { cloud_id, .. }) = &recorded.event else { return None };
            Some(cloud_id.as_str())
        });
        let expected = format!("grantbook/{}/{id}", tenant.unwrap_or_default());
        if *origin != expected {
            return Err(format!("the first entry is that of `{expected}`"));
        }
        Ok((format!("the book `{origin}` begins with this first entry"), ()))
    }

    /// Every entry is in the tree of the checkpoint, in order.
    fn entries(&self, signed: &Checkpoint) -> Result<(String, BTreeMap<u64, Vec<u8>>), String> {
        let CaseFile { as_of, complete, entries, consistency, .. } = self.file;
        let upto = as_of.position.0;
        if upto > signed.size || upto > LAST_POSITION {
            return Err(format!("the answer is as of position {upto}, and the checkpoint of {} entries", signed.size));
        }
        let mut stored = BTreeMap::new();
        let mut tree = Frontier::default();
        for (index, entry) in (1u64..).zip(entries) {
            let after = stored.last_key_value().map_or(0, |(position, _)| *position);
            if entry.position <= after || entry.position > upto || (*complete && entry.position != index) {
                return Err(format!("position {} stands where another belongs", entry.position));
            }
            let leaf = leaf_hash(&entry.bytes);
            if *complete {
                tree.push(leaf);
            } else {
                let leaf_index = entry.position.saturating_sub(1);
                verify_inclusion(&leaf, leaf_index, signed.size, &entry.proof, &signed.root)
                    .map_err(|error| format!("position {}: {error}", entry.position))?;
            }
            stored.insert(entry.position, entry.bytes.clone());
        }
        if !complete {
            if !consistency.is_empty() {
                return Err("there is a proof of consistency, which belongs to a file with all entries".to_owned());
            }
            return Ok((format!("{} entries of {upto}, each proven to be in the book", stored.len()), stored));
        }
        if tree.size() != upto {
            return Err(format!("there are {} entries, and the answer is as of position {upto}", tree.size()));
        }
        verify_consistency(upto, signed.size, consistency, &tree.root(), &signed.root)
            .map_err(|error| format!("the entries are not those of the checkpoint: {error}"))?;
        Ok((format!("all {upto} entries up to position {upto}, and the book goes on from them"), stored))
    }

    /// The same answer comes out, and every opened value is one of these entries and is needed.
    fn answer(&self, stored: &BTreeMap<u64, Vec<u8>>) -> Result<(String, ()), String> {
        let used = RefCell::new(BTreeSet::new());
        let open = |sealed: &Sealed| {
            let bytes = sealed_bytes(sealed);
            let text = self.file.opened.get(&bytes).cloned();
            used.borrow_mut().insert(bytes);
            text
        };
        let derived = derive(&self.file.question, self.file.as_of, stored, &open).map_err(|error| error.to_string())?;
        let Derived { answer, .. } = derived;
        // As text, since the order of fields is part of the form.
        let (given, found) = (self.file.answer.to_string(), answer.to_string());
        if given != found {
            let place = difference("answer", &self.file.answer, &answer);
            let place = place.unwrap_or_else(|| "its fields are in another order".to_owned());
            return Err(format!("another answer follows from the entries: {place}"));
        }
        let used = used.into_inner();
        if self.file.opened.keys().any(|sealed| !used.contains(sealed)) {
            return Err("a personal value is given that is none of the answer's".to_owned());
        }
        Ok(("it follows from the entries".to_owned(), ()))
    }
}

/// Where two values differ first, in words.
fn difference(path: &str, given: &Value, found: &Value) -> Option<String> {
    if given == found {
        return None;
    }
    if let (Some(one), Some(other)) = (given.as_object(), found.as_object()) {
        let inside = one.iter().find_map(|(name, value)| match other.get(name) {
            Some(theirs) => difference(&format!("{path}.{name}"), value, theirs),
            None => Some(format!("`{path}.{name}` does not follow")),
        });
        let missing =
            || other.keys().find(|name| !one.contains_key(*name)).map(|name| format!("`{path}.{name}` is missing"));
        return inside.or_else(missing);
    }
    if let (Some(one), Some(other)) = (given.as_array(), found.as_array()) {
        let pairs = one.iter().zip(other).enumerate();
        let inside =
            pairs.filter_map(|(index, (one, other))| difference(&format!("{path}[{index}]"), one, other)).next();
        return inside.or_else(|| Some(format!("`{path}` has {} members, and {} follow", one.len(), other.len())));
    }
    Some(format!("`{path}` is {given}, and {found} follows"))
}
