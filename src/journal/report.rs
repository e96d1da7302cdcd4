//! What was found on opening, for `doctor` and for tracing.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::head::HeadState;
use crate::name::StreamName;

/// What was found on opening, and done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReport {
    /// What the seal said.
    pub seal: SealFound,
    /// Whether the head ended in a frame that was never completed: normal after a crash.
    pub head_torn: bool,
    /// Whether the head was missing and made anew from the store, as the options allowed.
    pub head_made_anew: bool,
    /// The batch that was in flight and did not reach the store, and the streams that are short by it.
    pub newest_missing: Option<NewestMissing>,
    /// Streams that go beyond the head by the batch that was in flight.
    pub ahead: Vec<Ahead>,
    /// Leftovers of interrupted work that were cleared away, as paths within the store.
    pub leftovers: Vec<String>,
    /// The trial before an unsealed store was opened.
    pub trial: Option<TrialDone>,
    /// How far each stream has come, with the root that the head holds for it, to be compared while replaying.
    pub heads: BTreeMap<StreamName, HeadState>,
    /// How long opening took.
    pub took: Duration,
}

/// What the seal said on opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealFound {
    /// There was no store; a new one was made.
    New,
    /// The store was closed cleanly and every file is as it was.
    Whole {
        /// How many files were compared,
        files: usize,
        /// and how many bytes.
        bytes: u64,
    },
    /// The store was not closed cleanly: it is opened as after a crash.
    Broken,
    /// The seal is gone although nobody broke it on opening: somebody removed it. Opened as after a crash, but find out who.
    Removed,
}

/// A batch that was in flight when the process ended, and of which nobody was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestMissing {
    /// Its number.
    pub batch: u64,
    /// Per stream: the position that the head names, and the last one in the store.
    pub streams: Vec<(StreamName, u64, u64)>,
}

/// A stream that goes beyond the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// The stream.
    pub stream: StreamName,
    /// The last position in the head.
    pub head: u64,
    /// The last position in the store.
    pub store: u64,
}

/// A trial opening that went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialDone {
    /// Bytes copied.
    pub bytes: u64,
    /// Entries read and checked in the copy.
    pub entries: u64,
    /// How long copying, opening and reading took.
    pub took: Duration,
}

impl OpenReport {
    /// Whether an operator should look into it: more than a clean opening or a plain crash.
    pub fn is_alarming(&self) -> bool {
        self.seal == SealFound::Removed || self.head_made_anew
    }

    pub(crate) fn trace(&self) {
        let streams = self.heads.len();
        if self.is_alarming() {
            tracing::error!(streams, "journal opened: {self}");
        } else if matches!(self.seal, SealFound::Broken) {
            tracing::warn!(streams, "journal opened: {self}");
        } else {
            tracing::info!(streams, "journal opened: {self}");
        }
    }
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seal {
            SealFound::New => f.write_str("new store")?,
            SealFound::Whole { files, bytes } => write!(f, "sealed, {files} files of {bytes} bytes as they were")?,
            SealFound::Broken => f.write_str("not closed cleanly")?,
            SealFound::Removed => f.write_str("THE SEAL WAS REMOVED by somebody; opened as after a crash")?,
        }
        if self.head_made_anew {
            f.write_str("; THE HEAD WAS MISSING and made anew from the store: earlier losses cannot be noticed")?;
        }
        if self.head_torn {
            f.write_str("; the head's last frame was incomplete")?;
        }
        if let Some(missing) = &self.newest_missing {
            write!(f, "; batch {} was in flight and is not there:", missing.batch)?;
            for (stream, head, store) in &missing.streams {
                write!(f, " `{stream}` ends at {store}, not {head}")?;
            }
        }
        for Ahead { stream, head, store } in &self.ahead {
            write!(f, "; stream `{stream}` was in flight: ends at {store}, the head said {head}")?;
        }
        if !self.leftovers.is_empty() {
            write!(f, "; cleared leftovers {}", self.leftovers.join(", "))?;
        }
        if let Some(trial) = &self.trial {
            write!(
                f,
                "; tried on a copy of {} bytes, {} entries read in {:?}",
                trial.bytes, trial.entries, trial.took
            )?;
        }
        write!(f, "; took {:?}", self.took)
    }
}
