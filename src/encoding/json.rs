//! The public form of an entry: JSON that people and programs outside read, and that people write as replay fixtures.
//!
//! ```json
//! {"tenant": "abcimis", "position": 17, "at": "2026-11-21T09:30:00.000000Z", "recorded_at": "2026-11-21T09:30:00.000000Z",
//!  "actor": {"kind": "account", "id": "bob", "name": "Bob S.", "session": 12},
//!  "command": "add_admin", "command_id": "6f1c...", "cause": null, "reason": "covers Bob's leave", "ticket": null,
//!  "source": {"ip": "192.0.2.7", "user_agent": "curl/8"}, "import": null,
//!  "events": [{"type": "admin_added", "version": 1, "authority": 4, "account": "jeff", "account_name": "Jeff T.",
//!              "origin": "admin_user"}]}
//! ```
//!
//! - Keys come in this order, those of an event's own in the order of its description.
//! - For a list of commands `command` is `batch`, `commands` follows with `name` and `reason` of each, and each event has its
//!   `command_index`.
//! - `"keyed": true` follows `command_id` where the caller gave it as an idempotency key; else it was drawn.
//! - An event's optional fields are left out where they are not set. Details of a contact stand among the event's own
//!   fields, those that changed; `null` for one that was cleared.
//! - A personal value is shown as its text. Where its key is gone it is `null` and the event's `erased` names the field; a
//!   `source` then is `{"ip": null, "user_agent": null, "erased": true}`.
//! - A field that names an account is followed by the account's name at that time: `account_name` after `account`.
//! - Positions and counts are numbers; what is random or a hash has 64 bits and is text of 16 hexadecimal digits.
//! - Secrets are in no event, so in no JSON (rule: C14); `secret` and `token` are the random numbers of their versions.

mod fields;
mod read;
mod schema;
mod show;

pub use fields::{DETAILS, EVENT_VERSION, inside};
pub use read::{JsonError, from_json};
pub use schema::schema;
pub use show::{Form, Shown, ShownImport, to_json};
