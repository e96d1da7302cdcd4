//! A backup of the whole ledger: one file that knows no store, verified as it is written, and the way back. The bytes are
//! described in `docs/backup-format.md`.
//!
//! Invariants:
//! - What is put in its place was read again and found whole. An existing file is never overwritten.
//! - A backup is of one moment: every secret that its entries name is in it, and of people erased by then no key.
//! - Restoring makes a ledger or none. Nothing is made of a backup that is not whole.

mod cut;
mod files;
mod format;
mod partial;
mod restore;
mod secrets;
mod site;
mod take;
mod whole;

pub use cut::Cut;
pub use format::BackupDamage;
pub use restore::{RestoreError, Restored, Until, rebuild_from_mirror, restore};
pub use site::is_half_restored;
pub use take::{BackupError, BackupTaken};
pub use whole::{Contents, Whole, check};
