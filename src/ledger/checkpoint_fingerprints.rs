//! Fingerprints of views, recorded beside the checkpoints of a tenant: what its history meant, as of a position, to the
//! program that was at work then.
//!
//! ```text
//! checkpoints/<tenant>/fingerprints    <position> <version of the rendering> <fingerprint, hex> <root of the tree, base64>
//! ```

use grantbook_events::Position;
use grantbook_evidence::Hash;

use crate::evidence::{base64, from_base64};
use crate::volume::Volume;

const FILE: &str = "fingerprints";

/// How many are kept, the newest.
const MOST: usize = 8;

/// What views were as of a position.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedFingerprint {
    /// As of which entry.
    pub position: Position,
    /// The version of the rendering that the fingerprint is of.
    pub version: u32,
    /// The fingerprint of all views.
    pub fingerprint: Hash,
    /// The root of the tree over the entries up to there.
    pub root: Hash,
}

impl Volume<'_> {
    /// The fingerprints that were recorded, oldest first. Errors: what is wrong with the file.
    pub fn recorded_fingerprints(&self) -> Result<Vec<RecordedFingerprint>, String> {
        let folder = self.checkpoints().folder(self.stream().as_str());
        let text = folder.read(FILE).map_err(|error| format!("it cannot be read: {error}"))?.unwrap_or_default();
        let read = |(index, line)| parsed(line).ok_or(format!("something else in line {}", index + 1));
        text.lines().enumerate().map(read).collect()
    }

    /// Records one more. Errors: why it could not be.
    pub fn record_fingerprint(&self, recorded: RecordedFingerprint) -> Result<(), String> {
        let mut all = self.recorded_fingerprints()?;
        all.retain(|earlier| earlier.position != recorded.position);
        all.push(recorded);
        let newest = all.iter().skip(all.len().saturating_sub(MOST));
        let text: String = newest.map(line).collect();
        let folder = self.checkpoints().folder(self.stream().as_str());
        folder.write(FILE, &text).map_err(|error| format!("`{}` cannot be written: {error}", folder.shown(FILE)))
    }
}

fn line(recorded: &RecordedFingerprint) -> String {
    let RecordedFingerprint { position, version, fingerprint, root } = recorded;
    let fingerprint: String = fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{position} {version} {fingerprint} {}\n", base64(root))
}

fn parsed(line: &str) -> Option<RecordedFingerprint> {
    let mut words = line.split(' ');
    let (position, version) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let (fingerprint, root) = (words.next()?, words.next()?);
    let bytes = (0..fingerprint.len()).step_by(2).map(|at| u8::from_str_radix(fingerprint.get(at..at + 2)?, 16).ok());
    let fingerprint = bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()?;
    let root = from_base64(root)?.try_into().ok()?;
    words.next().is_none().then_some(RecordedFingerprint { position: Position(position), version, fingerprint, root })
}
