//! A mirror read from its beginning.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::MirrorError;
use super::behind::{Newest, behind};
use super::segment::{End, Frame, HEADER_BYTES, Link, Segment, path};
use crate::contain::Doing;
use crate::name::StreamName;

/// Where a mirror ends.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    /// The newest segment; 0 where there is none.
    pub(crate) number: u64,
    /// Up to where it is sound, in bytes.
    pub(crate) length: u64,
    /// The hash of the newest frame.
    pub(crate) link: Link,
    /// What follows and is no frame that goes on from there.
    pub(crate) rest: Option<Rest>,
    /// The last position of each stream.
    pub(crate) lasts: BTreeMap<StreamName, u64>,
}

/// What follows where a mirror is not sound any more.
#[derive(Debug)]
pub(crate) struct Rest {
    /// What was expected there, and what was found.
    pub(crate) reason: String,
    /// The newest entries in sound frames behind it. None: it is torn, as a crash leaves it. Else it is damaged.
    pub(crate) behind: Newest,
}

impl Reached {
    /// The damage that it ends with, if it does.
    pub(crate) fn damage(&self) -> Option<MirrorError> {
        let Rest { reason, .. } = self.rest.as_ref().filter(|rest| !rest.behind.is_empty())?;
        let reason = format!("{reason}; sound frames follow behind it");
        Some(MirrorError::Damaged { segment: self.number, offset: self.length, reason })
    }

    /// Itself, unless it ends with damage.
    pub(crate) fn undamaged(self) -> Result<Reached, MirrorError> {
        self.damage().map_or(Ok(self), Err)
    }
}

/// Reads a mirror from its first frame to its last and gives each to `each`. What is broken in the newest segment is told in
/// the answer. Errors: a segment before it is damaged, the frames of a stream have a gap, or what `each` says.
pub(crate) fn scan(dir: &Path, each: &mut dyn FnMut(Frame) -> Result<(), MirrorError>) -> Result<Reached, MirrorError> {
    let newest = newest(dir)?;
    let mut reached = Reached::default();
    for number in 1..=newest {
        let mut segment = match Segment::open(dir, number, &reached.link)? {
            Ok(segment) => segment,
            // A crash just after it was begun.
            Err(End::Broken { reason }) if number == newest && header_cut_short(dir, number)? => {
                let rest = Some(Rest { reason, behind: Newest::new() });
                return Ok(Reached { number, length: 0, rest, ..reached });
            }
            Err(End::Broken { reason }) => return Err(MirrorError::Damaged { segment: number, offset: 0, reason }),
            Err(End::Whole) => continue,
        };
        let end = loop {
            let frame = match segment.next()? {
                Ok(frame) => frame,
                Err(end) => break end,
            };
            let last = reached.lasts.get(&frame.stream).copied().unwrap_or(0);
            if frame.first != last.saturating_add(1) {
                let reason = format!(
                    "expected position {} of stream `{}`, found {}",
                    last.saturating_add(1),
                    frame.stream,
                    frame.first
                );
                return Err(MirrorError::Damaged { segment: number, offset: segment.reached().1, reason });
            }
            reached.lasts.insert(frame.stream.clone(), frame.last());
            each(frame)?;
        };
        (reached.link, reached.length) = segment.reached();
        reached.number = number;
        match end {
            End::Whole => {}
            End::Broken { reason } => {
                // No segment but the newest can be torn.
                let found = if number == newest { behind(&path(dir, number), reached.length)?.ok() } else { None };
                let Some(behind) = found else {
                    return Err(MirrorError::Damaged { segment: number, offset: reached.length, reason });
                };
                reached.rest = Some(Rest { reason, behind });
            }
        }
    }
    Ok(reached)
}

fn header_cut_short(dir: &Path, number: u64) -> Result<bool, MirrorError> {
    let path = path(dir, number);
    let meta = fs::metadata(&path).doing(|| format!("looking at `{}`", path.display()))?;
    Ok(meta.len() < HEADER_BYTES)
}

/// The number of the newest segment; 0 where there is none. Errors: one before it is missing.
fn newest(dir: &Path) -> Result<u64, MirrorError> {
    let mut numbers = Vec::new();
    let list = fs::read_dir(dir).doing(|| format!("listing `{}`", dir.display()))?;
    for file in list {
        let name = file.doing(|| format!("listing `{}`", dir.display()))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("segment-")).and_then(|n| n.parse::<u64>().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    for (expected, found) in (1..).zip(&numbers) {
        if expected != *found {
            let reason = format!("expected segment {expected}, found segment {found}");
            return Err(MirrorError::Damaged { segment: expected, offset: 0, reason });
        }
    }
    Ok(numbers.last().copied().unwrap_or(0))
}
