//! A store made anew from its mirror.

use std::collections::BTreeMap;
use std::path::Path;

use super::MirrorError;
use super::scan::scan;
use crate::append::{Append, AppendError};
use crate::contain::StorageTrouble;
use crate::layout::Layout;
use crate::lock::{self, Looked};
use crate::name::StreamName;
use crate::open_error::OpenError;
use crate::options::StoreOptions;
use crate::store::Store;

/// What was rebuilt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Where each stream ends. What came after was not in the mirror.
    pub streams: BTreeMap<StreamName, u64>,
    /// What a crash had left at the end of the mirror and was passed over.
    pub torn: Option<String>,
}

/// Makes the store that `options` name anew from the mirror in `mirror`, and closes it sealed. `root` gives the tree root after
/// each entry, which it is given in order of its stream. Errors: the mirror is damaged or in use, or there is a store already;
/// after any other error the half-made store is to be removed.
pub fn rebuild(
    mirror: &Path,
    options: &StoreOptions,
    root: &mut dyn FnMut(&StreamName, &[u8]) -> [u8; 32],
) -> Result<Rebuilt, MirrorError> {
    let _kept = match lock::look(&mirror.join("lock"))? {
        Looked::Free { _kept } => _kept,
        Looked::Held(holder) => return Err(OpenError::Locked { holder }.into()),
    };
    let layout = Layout::new(&options.dir);
    if layout.has_data()? || layout.head.exists() {
        return Err(MirrorError::NotEmpty(options.dir.clone()));
    }
    // Damage is met before anything is made.
    scan(mirror, &mut |_| Ok(()))?.undamaged()?;
    let (store, _) = Store::open(options)?;
    let reached = scan(mirror, &mut |frame| {
        let mut last = [0; 32];
        for entry in &frame.entries {
            last = root(&frame.stream, entry);
        }
        let append = Append { stream: &frame.stream, first: frame.first, entries: &frame.entries, root: last };
        store.append(&[append]).map_err(|error| match error {
            AppendError::StateUnknown(trouble) => MirrorError::Storage(trouble),
            AppendError::WrongPosition { .. } | AppendError::EntryTooLarge { .. } | AppendError::NoEntries { .. } => {
                MirrorError::Storage(StorageTrouble::new("writing the rebuilt store", error))
            }
        })
    })?
    .undamaged()?;
    store.close().map_err(|error| StorageTrouble::new("closing the rebuilt store", error))?;
    Ok(Rebuilt { streams: reached.lasts, torn: reached.rest.map(|rest| rest.reason) })
}
