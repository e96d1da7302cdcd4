//! Commands on the book itself: settings and corrections.

use std::ops::RangeInclusive;

use grantbook_events::{Position, Setting};

use super::form::{CommandDescription, Door, FieldDescription, FieldKind, Known, Written};
use super::{Command, Malformed};

/// What may be asked to happen to the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BookCommand {
    /// Change a setting.
    SetSetting {
        /// Which.
        setting: Setting,
        /// Its value, in the unit that the setting's name says, within [`allowed`].
        value: u32,
    },
    /// Mark an entry as wrong (rule: U5).
    RecordCorrection {
        /// The wrong entry.
        position: Position,
        /// The entry that set it right.
        corrected_by: Option<Position>,
    },
}

/// The values that a setting may have, in the unit that its name says.
pub fn allowed(setting: Setting) -> RangeInclusive<u32> {
    const YEAR_MINUTES: u32 = 366 * 24 * 60;
    match setting {
        // At most what every password that is taken at all can have.
        Setting::PasswordMinLength => 1..=128,
        Setting::LockoutAttempts => 1..=1_000,
        // 0: until it is undone.
        Setting::LockoutMinutes => 0..=YEAR_MINUTES,
        Setting::ExpirationYears => 1..=100,
        // 0: none is required, and sessions end at a technical maximum alone.
        Setting::SessionTimeoutMinutes => 0..=YEAR_MINUTES,
        // A link that works for longer than a week is a second password.
        Setting::ResetMinutes => 1..=7 * 24 * 60,
        // No or yes.
        Setting::ForgotUsernameCreatesCredentials
        | Setting::StaffSecondFactor
        | Setting::CompanyAdminsAllOrganisations
        | Setting::NotifyByMail => 0..=1,
    }
}

const POSITION: FieldKind = FieldKind::Number { least: 1, most: Position::GREATEST.0 };

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "set_setting",
            door: Door::Tenant,
            words: "Change a setting.",
            fields: &[
                FieldDescription::required("setting", FieldKind::Choice(Setting::SLUGS), "Which setting."),
                FieldDescription::required(
                    "value",
                    FieldKind::Number { least: 0, most: u32::MAX as u64 },
                    "Its value, in the unit that the setting's name says.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let (setting, value) = (form.choice("setting", Setting::parse)?, form.number("value")?);
            let allowed = allowed(setting);
            if !allowed.contains(&value) {
                let (least, most) = allowed.into_inner();
                return Err(Malformed::new("value", format!("expected {least} to {most} for `{setting}`")));
            }
            Ok(Command::Book(BookCommand::SetSetting { setting, value }))
        },
    },
    Known {
        description: CommandDescription {
            name: "record_correction",
            door: Door::Tenant,
            words: "Mark an entry as wrong and point to what set it right.",
            fields: &[
                FieldDescription::required("position", POSITION, "The position of the wrong entry."),
                FieldDescription::optional("corrected_by", POSITION, "The position of the entry that set it right."),
            ],
            grants: false,
        },
        read: |form| {
            let position = Position(form.number("position")?);
            let corrected_by = form.maybe_position("corrected_by")?;
            Ok(Command::Book(BookCommand::RecordCorrection { position, corrected_by }))
        },
    },
];

impl BookCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            BookCommand::SetSetting { .. } => "set_setting",
            BookCommand::RecordCorrection { .. } => "record_correction",
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            BookCommand::SetSetting { setting, value } => to.show("setting", setting).put("value", *value),
            BookCommand::RecordCorrection { position, corrected_by } => {
                to.put("position", position.0);
                match corrected_by {
                    Some(corrected_by) => to.put("corrected_by", corrected_by.0),
                    None => to,
                }
            }
        };
    }
}
