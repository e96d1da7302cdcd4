//! The instant of an answer: between which entries it lies.

use std::collections::BTreeMap;

use grantbook_encoding::decode;
use grantbook_events::Instant;
use grantbook_evidence::{Checkpoint, leaf_hash, verify_inclusion};

use crate::file::{CaseFile, FileEntry};

/// What of its instant a file shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InstantShown {
    /// It is that of the entry at the position.
    OfTheEntry,
    /// It lies between that entry and the next one, both of which are in the file.
    BeforeTheNext,
    /// It is not before the entries of the file; the rest is the word of whoever made it.
    Claimed,
}

/// Holds the instant of a file against the entries up to its position, which are `stored`, and the one after them, where it
/// is given. What was found comes in words too. Errors: the instant is before an entry that counts or not before the next one,
/// or the next one is not in the book there.
pub(crate) fn instant(
    file: &CaseFile,
    signed: &Checkpoint,
    stored: &BTreeMap<u64, Vec<u8>>,
) -> Result<(String, InstantShown), String> {
    let (position, clock) = (file.as_of.position.0, file.as_of.clock);
    // Later entries are never of an earlier instant, so the last one that is here stands for those before it.
    let (&last, bytes) = stored.last_key_value().ok_or("there is no entry")?;
    let at = at(last, bytes)?;
    if clock < at {
        return Err(format!("it is {clock}, and the entry at position {last} is of {at}"));
    }
    if let Some(next) = &file.next {
        if last != position {
            return Err(format!("the entry at position {position} is missing, which the next one comes after"));
        }
        let before = next_at(next, position, signed)?;
        if clock >= before {
            return Err(format!("it is {clock}, and the entry at position {} is of {before} already", next.position));
        }
        let words = format!("it lies between the entry at position {position}, of {at}, and the next, of {before}");
        return Ok((words, InstantShown::BeforeTheNext));
    }
    if last == position && clock == at {
        return Ok((format!("it is that of the entry at position {position}"), InstantShown::OfTheEntry));
    }
    let words = format!(
        "it is not before the entry at position {last}, of {at}; how much later is the word of whoever made the file"
    );
    Ok((words, InstantShown::Claimed))
}

/// When the entry after the position happened. Errors: it is not in the book there.
fn next_at(next: &FileEntry, position: u64, signed: &Checkpoint) -> Result<Instant, String> {
    if next.position.checked_sub(1) != Some(position) {
        return Err(format!("position {} stands where the one after {position} belongs", next.position));
    }
    verify_inclusion(&leaf_hash(&next.bytes), position, signed.size, &next.proof, &signed.root)
        .map_err(|error| format!("position {}: {error}", next.position))?;
    at(next.position, &next.bytes)
}

fn at(position: u64, bytes: &[u8]) -> Result<Instant, String> {
    let entry = decode(bytes).map_err(|error| format!("the entry at position {position} is none: {error}"))?;
    Ok(entry.at)
}
