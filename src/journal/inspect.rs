//! Looking at a store without opening it, for `doctor`. Nothing is changed.

use std::collections::BTreeMap;
use std::path::Path;

use crate::bench::disk_bytes;
use crate::head::{Head, HeadState};
use crate::layout::Layout;
use crate::lock;
use crate::name::StreamName;
use crate::open_error::OpenError;
use crate::opening::find;
use crate::options::StoreOptions;
use crate::report::SealFound;

/// What a look at a store shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Who has it open, as the lock file names it; `None` where nobody has.
    pub holder: Option<String>,
    /// What the seal says, every sealed file compared; `None` while somebody has the store open.
    pub seal: Option<SealFound>,
    /// How far the head says that each stream has come.
    pub heads: BTreeMap<StreamName, HeadState>,
    /// The bytes of all its files.
    pub bytes: u64,
}

/// Looks at a store. Reads all of it where it is sealed.
///
/// Errors: opening it now would be refused, and why; or a file could not be read.
pub fn inspect(dir: &Path) -> Result<Inspection, OpenError> {
    let layout = Layout::new(dir);
    let bytes = if layout.dir.is_dir() { disk_bytes(&layout.dir)? } else { 0 };
    let looked = lock::look(&layout.lock)?;
    if let lock::Looked::Held(holder) = looked {
        let heads = Head::read(&layout.head)?.map(|head| head.after()).unwrap_or_default();
        return Ok(Inspection { holder: Some(holder), seal: None, heads, bytes });
    }
    let found = find(&layout, &StoreOptions::new(dir))?;
    let heads = found.head.map(|head| head.after()).unwrap_or_default();
    Ok(Inspection { holder: None, seal: Some(found.seal), heads, bytes })
}
