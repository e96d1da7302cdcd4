//! Commands on the book itself: settings and corrections.

use grantbook_events::{Position, Setting, TextSetting};

use super::Command;
use super::description::{CommandDescription, Door, FieldDescription, FieldKind};
use super::form::Known;
use super::settings::{AnySetting, SETTING_NAMES, setting_value};
use super::written::Written;

/// What may be asked to happen to the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BookCommand {
    /// Change a setting.
    SetSetting {
        /// Which.
        setting: Setting,
        /// Its value, in the unit that the setting's name says; of a yes or no, 1 or 0.
        value: u32,
    },
    /// Change a setting that is text (rule: P7).
    SetTextSetting {
        /// Which.
        setting: TextSetting,
        /// The text.
        value: String,
    },
    /// Mark an entry as wrong (rule: U5).
    RecordCorrection {
        /// The wrong entry.
        position: Position,
        /// The entry that set it right.
        corrected_by: Option<Position>,
    },
}

const POSITION: FieldKind = FieldKind::Number { least: 1, most: Position::GREATEST.0 };

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "set_setting",
            door: Door::Tenant,
            words: "Change a setting.",
            fields: &[
                FieldDescription::required("setting", FieldKind::Choice(SETTING_NAMES), "Which setting."),
                FieldDescription::required(
                    "value",
                    FieldKind::SettingValue,
                    "Its value, in the unit that the setting's name says.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let setting = form.choice("setting", AnySetting::parse)?;
            setting.read(form.any("value")?).map(Command::Book)
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
            BookCommand::SetSetting { .. } | BookCommand::SetTextSetting { .. } => "set_setting",
            BookCommand::RecordCorrection { .. } => "record_correction",
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            BookCommand::SetSetting { setting, value } => {
                to.show("setting", setting).put("value", setting_value(*setting, *value))
            }
            BookCommand::SetTextSetting { setting, value } => to.show("setting", setting).put("value", value.as_str()),
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
