//! What is kept and what is destroyed: legal holds, people erased, and the operator's copies of it all.

use crate::AccountId;
use crate::describe::chapter;

chapter! {
    /// What happened to what is kept.
    KeepingEvent = "Keeping" {
        #[doc = "A legal hold was placed on a contact: it is not erased while the hold lasts."]
        LegalHoldPlaced = "legal_hold_placed", Platform, AccountChange {
            /// Whose contact.
            account: AccountId,
        }
        #[doc = "A legal hold was lifted."]
        LegalHoldLifted = "legal_hold_lifted", Platform, AccountChange {
            /// Whose contact.
            account: AccountId,
        }
        #[doc = "A contact was erased: its personal values can be read by nobody any more."]
        ContactErased = "contact_erased", Platform, AccountChange {
            /// Whose.
            account: AccountId,
        }
        #[doc = "A backup of the whole store was written."]
        BackupTaken = "backup_taken", Ledger, AccountChange {
            /// How many entries are in it, of all tenants and the installation.
            entries: u64,
            /// The digest at its end, in hexadecimal: it names the backup.
            digest: String,
        }
        #[doc = "The store was restored from a copy of it."]
        StoreRestored = "store_restored", Ledger, AccountChange {
            /// How many entries were restored, of all tenants and the installation.
            entries: u64,
            /// The digest at the end of the copy, in hexadecimal.
            digest: String,
        }
    }
}
