//! The ledger: the engine, usable as a library with no HTTP.
//!
//! One writer a tenant decides; one committer a store makes durable and answers. Start-up and live commits fold entries
//! into views through the same function, so recovery is the normal path.
//!
//! # Invariants
//! - Nothing is answered before the entry it rests on is durable; a refusal that rests on an entry waits for it too.
//! - Entries of a tenant happen one after the other: an entry is later than the one before it and than any instant for
//!   which an answer was given.
//! - No secret reaches the journal, a log line or an error (rule: C14). Secrets are durable in the vault before the entry
//!   that names them; at start-up the vault drops what no journal names.
//! - After something could not be stored the state is unknown: everything is answered so until the ledger is opened again.
//! - Nothing of one tenant is readable or usable in another (rule: T5): a tenant has its own writer, views and keys.
//!
//! # Example
//!
//! ```
//! use grantbook_ledger::{Credentials, Ledger, Options, Origin, Point, SignedIn, TenantRequest, Terms};
//! use grantbook_ledger::events::{Client, CloudId, OperatorName, SignInPlane};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let ledger = Ledger::open(Options::memory()).await?;
//! let (operator, cloud_id) = (OperatorName::new("ops")?, CloudId::new("abcimis")?);
//! let created = ledger.create_tenant(&operator, TenantRequest::new(cloud_id.clone())).await?;
//! let tenant = ledger.tenant_named(&cloud_id)?;
//!
//! // MANAGER signs in to the platform and adds a contact.
//! let manager = Credentials {
//!     username: "MANAGER".into(),
//!     password: created.manager_password,
//!     plane: SignInPlane::Platform,
//!     client: Client::Browser,
//!     code: None,
//!     browser: String::new(),
//! };
//! let SignedIn::Session { token, .. } = tenant.sign_in(&manager, &Origin::default()).await? else {
//!     return Err("MANAGER has nothing to change first".into());
//! };
//! let caller = ledger.caller(token.reveal()).ok_or("the token is known")?;
//! let add = json!({"name": "add_contact", "account": "bob", "full_name": "Bob S."});
//! let done = tenant.command(&caller, &add, &Terms::default()).await?;
//!
//! // Bob exists from that entry on, and did not before.
//! let position = done.position.ok_or("it was recorded")?;
//! for (point, expected) in [(position, true), (position.before(), false)] {
//!     let exists = tenant
//!         .ask(Point::At(point), |views, as_of| {
//!             views.names.accounts.get("bob").is_some_and(|bob| views.accounts.exists(bob, as_of.position))
//!         })
//!         .await?;
//!     assert_eq!(exists, expected);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })
//! # }
//! ```

mod alive;
pub mod backup;
mod before;
mod caller;
mod calls;
mod carrier;
mod checkpoint_fingerprints;
mod checkpoint_folder;
mod checkpoint_inspection;
mod checkpoint_keys;
mod checkpoint_shelf;
mod checkpoints;
mod clock;
mod committer;
pub mod decoding;
mod erasure;
#[cfg(test)]
mod erasure_tests;
mod errands;
mod error;
mod evidence;
pub mod figures;
mod folding;
mod founding;
mod guesses;
mod handle;
mod import;
mod integrity;
mod job;
mod kept_views;
mod ledger;
mod notices;
mod opening;
mod options;
pub mod outbox;
mod passing_on;
pub mod passwords;
mod personal;
mod prepare;
mod private;
mod readiness;
mod reading;
mod refusal_window;
mod resets;
mod same;
pub mod sealing;
pub mod second_factor;
mod show;
mod support;
mod support_tokens;
mod tenant;
pub mod tokens;
pub mod vault;
mod volume;
mod webhooks;
mod writer;

pub use caller::{Caller, Origin, Terms};
pub use checkpoint_fingerprints::RecordedFingerprint;
pub use checkpoint_inspection::KeptEvidence;
pub use checkpoint_keys::{KeyStart, KnownKey};
pub use checkpoint_shelf::SignedCheckpoint;
pub use clock::Clock;
pub use committer::Done;
pub use error::LedgerError;
pub use evidence::{ConsistencyProof, InclusionProof, base64, from_base64, origin_of};
pub use grantbook_events as events;
pub use grantbook_evidence::{
    Checkpoint, Cosignature, Hash, TILE_WIDTH, TilePath, Tree, Unproven, leaf_hash, open_checkpoint, read_checkpoint,
    verify_consistency, verify_inclusion,
};
pub use grantbook_journal::{
    Damage, HeadState, Inspection, MirrorError, OpenError as JournalOpenError, OpenReport, SealFound, SealMismatch,
    StreamName, inspect,
};
pub use handle::{Credentials, SignedIn, TenantHandle, support_target};
pub use import::{ImportError, ImportOrder, Imported, first_instant, look_at_line};
pub use integrity::{Integrity, LastCheckpoint, MirrorLag};
pub use kept_views::{FoldBegun, Folded};
pub use ledger::{CloseError, Created, Ledger, MirrorState, TenantRequest};
pub use opening::OpenError;
pub use options::{MailOptions, Options, Place, WebhookOptions};
pub use support::{InstallationView, SupportDone};
pub use support_tokens::SupportToken;
pub use tenant::Point;
pub use volume::{SecretTrouble, Volume};
pub use webhooks::{DeliveryState, ShownSecret, WebhookSecret};
