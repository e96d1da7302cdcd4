//! The book itself: settings, refusals, reads, corrections, imports, notices (chapters U, C and F).

use crate::choice::choice;
use crate::describe::chapter;
use crate::settings::{Setting, TextSetting};
use crate::{AccountId, CommandName, Instant, Position, RuleId, Ticket};

choice! {
    /// What a reader looked at (rule: U3).
    ReadScope {
        /// Entries of the journal.
        Events = "events",
        /// Views of the whole tenant.
        Views = "views",
        /// One account's rights and their reasons.
        Accounts = "accounts",
    }
}

choice! {
    /// What people are told by mail.
    Notice {
        /// Support made an Admin User of an orphaned tenant (rule: F6).
        AdminRestored = "admin_restored",
    }
}

chapter! {
    /// What happened to the book.
    BookEvent = "Book" {
        #[doc = "A setting was changed."]
        SettingChanged = "setting_changed", Platform, AccountChange {
            /// Which.
            setting: Setting,
            /// Its value, in the unit that the setting's name says.
            value: u32,
        }
        #[doc = "A command was refused."]
        CommandRefused = "command_refused", Ledger, UserAccess {
            /// Who tried.
            account: AccountId,
            /// What.
            command: CommandName,
            /// On whom, where the command is on an account.
            subject: Option<AccountId>,
            /// Which rule refused.
            rule: RuleId,
        }
        #[doc = "Further commands of an account were refused and are summed up."]
        CommandsRefused = "commands_refused", Ledger, UserAccess {
            /// Who tried.
            account: AccountId,
            /// How many.
            count: u32,
            /// When the first came.
            from: Instant,
        }
        #[doc = "The history of others was read."]
        HistoryRead = "history_read", Ledger, UserAccess {
            /// By which account; none where the reader is support.
            account: Option<AccountId>,
            /// What was looked at.
            scope: ReadScope,
        }
        #[doc = "An entry was marked as wrong."]
        CorrectionRecorded = "correction_recorded", Ledger, AccountChange {
            /// The wrong entry.
            position: Position,
            /// The entry that set it right.
            corrected_by: Option<Position>,
        }
        #[doc = "An import of history made elsewhere began."]
        ImportStarted = "import_started", Ledger, AccountChange {
            /// The ticket it rests on.
            ticket: Ticket,
            /// The entry that the import it goes on with ended at; none for the first.
            continues: Option<Position>,
        }
        #[doc = "An import ended."]
        ImportFinished = "import_finished", Ledger, AccountChange {
            /// The entry that started it.
            started: Position,
            /// The number of the last line recorded; 0 for none.
            lines: u64,
            /// The chain over these lines.
            chain: u64,
            /// Whether it was given up before its end.
            abandoned: bool,
        }
        #[doc = "Somebody is to be told by mail."]
        NoticeOwed = "notice_owed", Ledger, AccountChange {
            /// Who.
            account: AccountId,
            /// What of.
            notice: Notice,
        }
        #[doc = "A mail was handed over for delivery."]
        NoticeHandedOver = "notice_handed_over", Ledger, AccountChange {
            /// To whom.
            account: AccountId,
            /// The entry that owed it.
            owed: Position,
        }
        #[doc = "A setting that is text was changed."]
        TextSettingChanged = "text_setting_changed", Platform, AccountChange {
            /// Which.
            setting: TextSetting,
            /// The text.
            value: String,
        }
    }
}
