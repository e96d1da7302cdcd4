//! The settings of a tenant.

use grantbook_events::{BookEvent, Position, Setting, TextSetting};
use serde::{Deserialize, Serialize};

use crate::history::{Facts, History};

/// The settings of a tenant, each with its default until it is changed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Settings {
    values: Facts<u32>,
    texts: Facts<String>,
}

/// What a setting is worth until somebody changes it (rules: C5, C6, C10, S6, P4, P6, O15, P9).
pub fn default_of(setting: Setting) -> u32 {
    match setting {
        Setting::PasswordMinLength => 7,
        Setting::LockoutAttempts => 5,
        Setting::LockoutMinutes => 30,
        Setting::ExpirationYears => 5,
        Setting::ResetMinutes => 60,
        // 0: none is required (rule: S6).
        Setting::SessionTimeoutMinutes => 0,
        Setting::ForgotUsernameCreatesCredentials
        | Setting::StaffSecondFactor
        | Setting::CompanyAdminsAllOrganisations
        | Setting::PublicEvidence => 0,
        Setting::NotifyByMail => 1,
    }
}

/// What a setting that is text says until somebody changes it (rule: P7).
pub fn default_text(setting: TextSetting) -> &'static str {
    match setting {
        TextSetting::ResetEmailBody => {
            "Hello {name},\n\n\
             somebody asked for a new password for your account. To choose one, open this link within {minutes} minutes:\n\n\
             {link}\n\n\
             It works once. If it was not you who asked, do nothing: your password stays as it is.\n"
        }
    }
}

impl Settings {
    pub(crate) fn apply(&mut self, at: Position, event: &BookEvent) {
        match event {
            BookEvent::SettingChanged { setting, value } => self.values.set(*setting as u32, at, *value),
            BookEvent::TextSettingChanged { setting, value } => self.texts.set(*setting as u32, at, value.clone()),
            // What the book records of itself sets nothing.
            BookEvent::CommandRefused { .. }
            | BookEvent::CommandsRefused { .. }
            | BookEvent::HistoryRead { .. }
            | BookEvent::CorrectionRecorded { .. }
            | BookEvent::ImportStarted { .. }
            | BookEvent::ImportFinished { .. }
            | BookEvent::NoticeOwed { .. }
            | BookEvent::NoticeHandedOver { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.values.retract(at);
        self.texts.retract(at);
    }

    /// The value as of a position, in the unit that the setting's name says.
    pub fn value(&self, setting: Setting, position: Position) -> u32 {
        self.values.at(setting as u32, position).copied().unwrap_or_else(|| default_of(setting))
    }

    /// Whether a setting that is a yes or a no says yes.
    pub fn is_on(&self, setting: Setting, position: Position) -> bool {
        self.value(setting, position) != 0
    }

    /// The text of a setting as of a position.
    pub fn text(&self, setting: TextSetting, position: Position) -> &str {
        self.texts.at(setting as u32, position).map_or(default_text(setting), String::as_str)
    }

    /// The entry that set the text; `None` for the default.
    pub fn text_set_by(&self, setting: TextSetting, position: Position) -> Option<Position> {
        self.texts.change_at(setting as u32, position).map(|(set, _)| set)
    }

    /// The history of a setting; `None` where it was never changed.
    pub fn history(&self, setting: Setting) -> Option<&History<u32>> {
        self.values.history(setting as u32)
    }

    /// The entry that set the value; `None` for the default.
    pub fn set_by(&self, setting: Setting, position: Position) -> Option<Position> {
        self.values.change_at(setting as u32, position).map(|(set, _)| set)
    }
}
