//! The checkpoints of all tenants, and the witnesses whose cosignatures are taken.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use grantbook_evidence::witness_name;
use parking_lot::{Mutex, RwLock};

use crate::checkpoint_folder::Folder;
use crate::checkpoint_shelf::Shelf;

const WITNESSES: &str = "witnesses";

/// The checkpoints of all tenants, each taken up when it is first asked for.
pub(crate) struct Checkpoints {
    dir: Option<PathBuf>,
    shelves: Mutex<HashMap<String, Arc<Mutex<Shelf>>>>,
    witnesses: RwLock<Vec<String>>,
}

impl Checkpoints {
    /// Those of a data directory, or of nowhere.
    pub(crate) fn new(data: Option<PathBuf>) -> Checkpoints {
        let dir = data.map(|data| data.join("checkpoints"));
        let listed = Folder(dir.clone()).read(WITNESSES).unwrap_or_else(|error| {
            tracing::warn!(%error, "the list of witnesses cannot be read: none is known");
            None
        });
        let lines = listed.iter().flat_map(|text| text.lines()).map(str::to_owned);
        let (known, odd): (Vec<String>, Vec<String>) = lines.partition(|line| witness_name(line).is_some());
        if !odd.is_empty() {
            tracing::warn!(lines = odd.len(), "the list of witnesses has lines that are no keys of witnesses");
        }
        Checkpoints { dir, shelves: Mutex::default(), witnesses: RwLock::new(known) }
    }

    /// Where a tenant's files lie.
    pub(crate) fn folder(&self, tenant: &str) -> Folder {
        Folder(self.dir.as_ref().map(|dir| dir.join(tenant)))
    }

    /// What is kept of a tenant's checkpoints; `origin` and `size` are those of its tree.
    pub(crate) fn shelf(&self, tenant: &str, origin: &str, size: u64) -> Arc<Mutex<Shelf>> {
        let mut shelves = self.shelves.lock();
        let open = || Arc::new(Mutex::new(Shelf::open(self.folder(tenant), origin, size, &self.witnesses.read())));
        shelves.entry(tenant.to_owned()).or_insert_with(open).clone()
    }

    /// Writes what was signed and does not lie in its file yet.
    pub(crate) fn keep(&self) {
        let shelves: Vec<_> = self.shelves.lock().values().cloned().collect();
        for shelf in shelves {
            if let Err(wrong) = shelf.lock().keep() {
                tracing::warn!(wrong, "a checkpoint that was signed could not be kept");
            }
        }
    }

    /// The verifier keys of the witnesses whose cosignatures are taken.
    pub(crate) fn witnesses(&self) -> Vec<String> {
        self.witnesses.read().clone()
    }

    /// Changes the list of witnesses. Errors: it cannot be written, and stays as it was.
    pub(crate) fn set_witnesses(&self, change: impl FnOnce(&mut Vec<String>)) -> std::io::Result<()> {
        let mut witnesses = self.witnesses.write();
        let mut changed = witnesses.clone();
        change(&mut changed);
        let text: String = changed.iter().map(|key| format!("{key}\n")).collect();
        Folder(self.dir.clone()).write(WITNESSES, &text)?;
        *witnesses = changed;
        drop(witnesses);
        // Shelves are taken up anew, with the cosignatures of those who are known now.
        self.keep();
        self.shelves.lock().clear();
        Ok(())
    }
}
