//! Room: journal. Alone knows stores. Keeps opaque entries by stream and position, durably, and knows no events.
//!
//! # The durability contract
//!
//! * When [`Store::append`] returns `Ok`, every entry of the batch is on disk and stays there: through a kill of the process, a
//!   crash of the system, a loss of power. No answer about an entry may be given before that.
//! * When the process ends before it returns, an entry is there whole or not at all. A batch of several streams is there whole or not at
//!   all; of a batch of one stream the first entries may be there without the last ones.
//! * When it returns [`AppendError::StateUnknown`], the same is true. The store refuses all further appends; the caller opens it
//!   again and replays. Every other error is found before anything is written and changes nothing.
//! * [`Store::read`] gives what was appended, in order, without gaps, or [`Damage`] that says where. It never gives less in silence.
//! * [`Store::open`] refuses a store that is not what it was, says where and what differs, and leaves its bytes as they are.
//! * Nothing is ever updated or deleted (rule: U5): there is no function for it.
//!
//! What is deliberately absent: waiting for more. Only the ledger knows when an entry may be seen, which is when its
//! committer has published it to the views; a second signal here could run ahead of that. So the ledger tells readers.
//!
//! The bytes are described in `docs/journal-format.md`, those of a [`Mirror`] in `docs/mirror-format.md`.

mod append;
pub mod bench;
mod contain;
mod cores;
mod damage;
mod head;
mod head_thread;
mod inspect;
mod key;
mod layout;
mod lock;
mod memory;
mod mirror;
mod name;
mod open_error;
mod opening;
mod options;
mod packing;
mod reading;
mod record;
mod report;
mod seal;
mod sled_store;
mod store;
mod survey;
mod trial;

pub use append::{Append, AppendError, MAX_ENTRY_BYTES};
pub use contain::StorageTrouble;
pub use cores::{on_all_cores, on_cores};
pub use damage::{Damage, DamageKind};
pub use head::HeadState;
pub use inspect::{Inspection, inspect};
pub use key::Key;
pub use memory::MemoryStore;
pub use mirror::{
    CutOff, Mirror, MirrorError, MirrorOptions, MirrorStatus, Rebuilt, compare as compare_mirror, rebuild,
};
pub use name::{InvalidStreamName, StreamName};
pub use open_error::{OpenError, SealMismatch};
pub use options::{StoreOptions, Trial};
pub use packing::Packing;
pub use record::{Record, RecordLimits};
pub use report::{Ahead, NewestMissing, OpenReport, SealFound, TrialDone};
pub use seal::Seal;
pub use sled_store::{CloseError, SledStore};
pub use store::{Entries, Store};
