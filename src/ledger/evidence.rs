//! Evidence for those who do not trust us: checkpoints of a tenant's tree, proofs, tiles.
//!
//! The tree keeps the roots of full tiles; the hashes of single leaves come from the entries as they are stored, a few
//! hundred a proof, read while the writer goes on.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use grantbook_events::Position;
use grantbook_evidence::{
    Cosignature, Hash, Leaves, MissingLeaves, TILE_WIDTH, TilePath, Tree, cosignatures, entry_bundle, leaf_hash,
    witness_name,
};
use parking_lot::Mutex;

use crate::checkpoint_keys::KnownKey;
use crate::checkpoint_shelf::{Shelf, SignedCheckpoint};
use crate::error::LedgerError;
use crate::handle::TenantHandle;
use crate::ledger::Ledger;

/// A proof that an entry is in the tree of the first `size` entries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InclusionProof {
    /// The entry.
    pub position: Position,
    /// How many entries the tree has.
    pub size: u64,
    /// The hash of the entry's bytes as a leaf.
    pub leaf: Hash,
    /// The root of that tree.
    pub root: Hash,
    /// The hashes that lead from the leaf to the root.
    pub hashes: Vec<Hash>,
}

/// A proof that the tree of the first `to` entries goes on from that of the first `from`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsistencyProof {
    /// The size of the earlier tree.
    pub from: u64,
    /// The size of the later tree.
    pub to: u64,
    /// The root of the earlier tree.
    pub from_root: Hash,
    /// The root of the later tree.
    pub to_root: Hash,
    /// The hashes that lead to both.
    pub hashes: Vec<Hash>,
}

/// How a tenant's tree is called in its checkpoints: by the tenant and its first entry, which no other tree has.
pub fn origin_of(tenant: &str, first_leaf: &Hash) -> String {
    let id: String = first_leaf.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("grantbook/{tenant}/{id}")
}

impl TenantHandle {
    /// The root that the tree had after `size` entries. Errors: there are not as many.
    pub fn root_at(&self, size: u64) -> Result<Hash, LedgerError> {
        self.there(size)?;
        self.asked_of_tree(|tree, leaves| tree.root_at(size, leaves))
    }

    /// The proof that the entry at `position` is in the tree of the first `size`. Errors: there is no such entry, or there
    /// are not as many.
    pub fn prove_inclusion(&self, position: Position, size: u64) -> Result<InclusionProof, LedgerError> {
        self.there(size)?;
        let index = position.0.checked_sub(1).filter(|index| *index < size);
        let index = index.ok_or(LedgerError::Beyond { asked: position, last: Position(size) })?;
        let hashes = self.asked_of_tree(|tree, leaves| tree.inclusion(index, size, leaves))?;
        let leaf = self.leaf_hashes(index..index + 1)?.first().copied().ok_or(LedgerError::Storage)?;
        Ok(InclusionProof { position, size, leaf, root: self.root_at(size)?, hashes })
    }

    /// The proof that the tree of the first `to` entries goes on from that of the first `from`. Errors: there are not as
    /// many, or the second is the smaller.
    pub fn prove_consistency(&self, from: u64, to: u64) -> Result<ConsistencyProof, LedgerError> {
        self.there(to)?;
        self.there(from)?;
        if from > to {
            let message = format!("expected at most `to`, {to}: a tree goes on from smaller ones");
            return Err(LedgerError::Malformed { field: "from".to_owned(), message });
        }
        let hashes = self.asked_of_tree(|tree, leaves| tree.consistency(from, to, leaves))?;
        Ok(ConsistencyProof { from, to, from_root: self.root_at(from)?, to_root: self.root_at(to)?, hashes })
    }

    /// The bytes of a tile of hashes, as wide as it was asked for. Errors: the tree has no such tile, or none as wide.
    pub fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, LedgerError> {
        let Some(level) = path.level else { return self.bundle(path) };
        let shift = level.saturating_mul(TILE_WIDTH.trailing_zeros());
        let there = self.last().0.checked_shr(shift).unwrap_or(0);
        let end = path.index.saturating_mul(TILE_WIDTH).saturating_add(path.width);
        if end > there {
            return Ok(None);
        }
        let hashes = self.asked_of_tree(|tree, leaves| tree.tile(level, path.index, leaves))?;
        let wanted = usize::try_from(path.width).unwrap_or(usize::MAX);
        Ok((hashes.len() >= wanted).then(|| hashes.iter().take(wanted).flatten().copied().collect()))
    }

    /// Entries side by side, as they are stored. Errors: one of them is too large for the form.
    fn bundle(&self, path: TilePath) -> Result<Option<Vec<u8>>, LedgerError> {
        let start = path.index.saturating_mul(TILE_WIDTH);
        let range = start..start.saturating_add(path.width);
        if range.end > self.last().0 {
            return Ok(None);
        }
        let bundle = entry_bundle(&self.stored(range)?);
        bundle.map(Some).map_err(|wrong| LedgerError::NoEvidence(format!("{wrong} (position {})", start + 1)))
    }

    /// The checkpoint of the first `size` entries, signed now, with the cosignatures that witnesses gave of it. Errors: there
    /// are not as many, or nothing is signed any more, and why.
    pub fn checkpoint(&self, size: u64) -> Result<SignedCheckpoint, LedgerError> {
        let root = self.root_at(size)?;
        let shelf = self.shelf()?;
        let signed = shelf.lock().sign(size, root);
        signed.map_err(LedgerError::NoEvidence)
    }

    /// The newest checkpoint that a witness cosigned; `None` where there is none. Errors: as for [`Self::checkpoint`].
    pub fn cosigned_checkpoint(&self) -> Result<Option<SignedCheckpoint>, LedgerError> {
        let size = self.shelf()?.lock().newest_cosigned();
        size.map(|size| self.checkpoint(size)).transpose()
    }

    /// Every key that ever signed checkpoints of this tenant, oldest first; the last is the one in use. Errors: nothing is
    /// signed, and why.
    pub fn checkpoint_keys(&self) -> Result<Vec<KnownKey>, LedgerError> {
        let shelf = self.shelf()?;
        let known = shelf.lock().known().map(<[KnownKey]>::to_vec);
        known.map_err(LedgerError::NoEvidence)
    }

    /// A new key signs from now on; it and the old one sign a checkpoint together. Errors: nothing is signed, and why.
    pub fn rotate_checkpoint_key(&self) -> Result<Vec<KnownKey>, LedgerError> {
        let size = self.last().0;
        let root = self.root_at(size)?;
        let shelf = self.shelf()?;
        let rotated = shelf.lock().rotate(size, root);
        rotated.map_err(LedgerError::NoEvidence)?;
        self.checkpoint_keys()
    }

    /// Keeps the cosignatures that known witnesses gave of a checkpoint of this tenant. Those that are news are told.
    /// Errors: the note is none, of another tree or of other entries, or of no known witness.
    pub fn take_cosignatures(&self, note: &str) -> Result<Vec<Cosignature>, LedgerError> {
        let wrong = |message: String| LedgerError::Malformed { field: "body".to_owned(), message };
        let witnesses = self.shared.checkpoints.witnesses();
        let witnesses: Vec<&str> = witnesses.iter().map(String::as_str).collect();
        let (checkpoint, found) = cosignatures(note.as_bytes(), &witnesses)
            .map_err(|error| wrong(format!("no known witness cosigned it: {error}")))?;
        let ours = self.checkpoint(checkpoint.size)?;
        if ours.checkpoint != checkpoint {
            return Err(wrong(format!("the checkpoint is not ours of size {}", checkpoint.size)));
        }
        let shelf = self.shelf()?;
        let mut shelf = shelf.lock();
        let mut news = Vec::new();
        for by in found {
            if shelf.cosign(&checkpoint, by.clone()).map_err(LedgerError::NoEvidence)? {
                news.push(by);
            }
        }
        Ok(news)
    }

    /// Makes the live views other than the entries say: the last one's events did not happen. For tests of who notices.
    #[cfg(feature = "inject-drift")]
    pub fn inject_drift(&self) -> Result<(), LedgerError> {
        let entry = self.entry(self.last())?;
        let mut views = self.open.tenant.views.write();
        views.retract();
        views.apply(&grantbook_events::Entry { events: Vec::new(), ..entry });
        Ok(())
    }

    /// What the tenant's tree is called in checkpoints.
    pub fn origin(&self) -> Result<String, LedgerError> {
        let first = self.leaf_hashes(0..1)?.first().copied().ok_or(LedgerError::Storage)?;
        Ok(origin_of(&self.open.tenant.name, &first))
    }

    /// What is kept of checkpoints, compared with the tree.
    pub(crate) fn shelf(&self) -> Result<Arc<Mutex<Shelf>>, LedgerError> {
        let size = self.last().0;
        let shelf = self.shared.checkpoints.shelf(&self.open.tenant.name, &self.origin()?, size);
        let to_compare = shelf.lock().to_compare().map(|newest| newest.size);
        if let Some(newest) = to_compare {
            let root = if newest <= size { Some(self.root_at(newest)?) } else { None };
            shelf.lock().compare(size, root);
        }
        Ok(shelf)
    }

    fn there(&self, size: u64) -> Result<(), LedgerError> {
        let last = self.last();
        if size <= last.0 { Ok(()) } else { Err(LedgerError::Beyond { asked: Position(size), last }) }
    }

    /// The stored bytes of entries, by their index from 0.
    pub fn stored(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, LedgerError> {
        let wanted = range.end.saturating_sub(range.start);
        let read = self.shared.store.read(&self.open.tenant.stream, range.start.saturating_add(1));
        let entries = read.take(usize::try_from(wanted).unwrap_or(usize::MAX)).map(|read| {
            read.map(|(_, bytes)| bytes).map_err(|damage| {
                tracing::error!(%damage, "an entry could not be read");
                LedgerError::Storage
            })
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        if entries.len() as u64 == wanted { Ok(entries) } else { Err(LedgerError::Storage) }
    }

    fn leaf_hashes(&self, range: Range<u64>) -> Result<Vec<Hash>, LedgerError> {
        Ok(self.stored(range)?.iter().map(|entry| leaf_hash(entry)).collect())
    }

    /// Asks the tree, and reads the leaves that it asks for while the tree goes on growing.
    fn asked_of_tree<R>(&self, ask: impl Fn(&Tree, &Leaves<'_>) -> Result<R, MissingLeaves>) -> Result<R, LedgerError> {
        let mut read: HashMap<Range<u64>, Vec<Hash>> = HashMap::new();
        loop {
            let wanted = RefCell::new(None);
            let leaves = |range: Range<u64>| {
                let found = read.get(&range).cloned();
                if found.is_none() {
                    wanted.replace(Some(range));
                }
                found.unwrap_or_default()
            };
            let answer = ask(&self.open.tenant.tree.lock(), &leaves);
            match (answer, wanted.into_inner()) {
                (Ok(answer), _) => return Ok(answer),
                (Err(_), Some(range)) => {
                    let hashes = self.leaf_hashes(range.clone())?;
                    read.insert(range, hashes);
                }
                (Err(missing), None) => {
                    tracing::error!(%missing, "the tree cannot answer");
                    return Err(LedgerError::Storage);
                }
            }
        }
    }
}

impl Ledger {
    /// Signs and keeps a checkpoint of every tenant that has moved on and of which one was ever asked for. To be called now
    /// and then.
    pub fn publish_checkpoints(&self) {
        for cloud_id in self.tenants() {
            if !self.shared.checkpoints.in_use(cloud_id.as_str()) {
                continue;
            }
            let Ok(tenant) = self.tenant_named(&cloud_id) else { continue };
            if let Err(error) = tenant.checkpoint(tenant.last().0) {
                tracing::warn!(%error, "a checkpoint was not signed");
            }
        }
        self.shared.checkpoints.keep();
    }

    /// The verifier keys of the witnesses whose cosignatures are taken.
    pub fn witnesses(&self) -> Vec<String> {
        self.shared.checkpoints.witnesses()
    }

    /// Takes cosignatures of a witness from now on. Errors: the key is none of a witness, or cannot be stored.
    pub fn add_witness(&self, key: &str) -> Result<(), LedgerError> {
        if witness_name(key).is_none() {
            let message = "expected a witness's verifier key, such as `name+0a1b2c3d+BA...`".to_owned();
            return Err(LedgerError::Malformed { field: "key".to_owned(), message });
        }
        let added = self.shared.checkpoints.set_witnesses(|known| {
            if !known.iter().any(|known| known == key) {
                known.push(key.to_owned());
            }
        });
        added.map_err(|error| LedgerError::NoEvidence(format!("the list of witnesses cannot be written: {error}")))
    }

    /// Takes no more cosignatures of a witness, given by its key or its name. False where there was none. Errors: the list
    /// cannot be stored.
    pub fn remove_witness(&self, named: &str) -> Result<bool, LedgerError> {
        let is_meant = |key: &str| key == named || witness_name(key).is_some_and(|name| name == named);
        let before = self.witnesses();
        if !before.iter().any(|key| is_meant(key)) {
            return Ok(false);
        }
        let removed = self.shared.checkpoints.set_witnesses(|known| known.retain(|key| !is_meant(key)));
        let unwritten = |error| LedgerError::NoEvidence(format!("the list of witnesses cannot be written: {error}"));
        removed.map(|()| true).map_err(unwritten)
    }
}

/// Bytes as C2SP writes them.
pub fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// The bytes that were so written; `None` where the text is none of any.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}
