//! A mirror read from its beginning.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::MirrorError;
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
    /// What follows and is no frame, as a crash leaves it: the reason.
    pub(crate) torn: Option<String>,
    /// The last position of each stream.
    pub(crate) lasts: BTreeMap<StreamName, u64>,
}

/// Reads a mirror from its first frame to its last and gives each to `each`. Errors: a segment before the last is damaged, the
/// frames of a stream have a gap, or what `each` says.
pub(crate) fn scan(dir: &Path, each: &mut dyn FnMut(Frame) -> Result<(), MirrorError>) -> Result<Reached, MirrorError> {
    let newest = newest(dir)?;
    let mut reached = Reached::default();
    for number in 1..=newest {
        let mut segment = match Segment::open(dir, number, &reached.link)? {
            Ok(segment) => segment,
            // A crash just after it was begun.
            Err(End::Broken { reason }) if number == newest && header_cut_short(dir, number)? => {
                return Ok(Reached { number, length: 0, torn: Some(reason), ..reached });
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
            End::Broken { reason } if number == newest => reached.torn = Some(reason),
            End::Broken { reason } => {
                return Err(MirrorError::Damaged { segment: number, offset: reached.length, reason });
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
