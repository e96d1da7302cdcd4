//! The settings as they are given and shown: of what kind each is, what it may be, and what it is until it is changed.

use grantbook_events::{NoSuchChoice, Setting, TextSetting};
use grantbook_projections::{default_of, default_text};
use serde_json::Value;

use super::form::whole;
use super::{BookCommand, CommandJson, Malformed};

/// The name of every setting.
pub const SETTING_NAMES: &[&str] = &[
    "password_min_length",
    "lockout_attempts",
    "lockout_minutes",
    "expiration_years",
    "session_timeout_minutes",
    "reset_minutes",
    "forgot_username_creates_credentials",
    "staff_second_factor",
    "company_admins_all_organisations",
    "notify_by_mail",
    "public_evidence",
    "reset_email_body",
];

/// What the body of the mail of a password reset may name, and must: the link (rule: P7).
const PLACEHOLDERS: &[&str] = &["link", "name", "minutes"];

/// The most characters of a setting that is text.
const MOST_CHARACTERS: usize = 2_000;

/// What there is to know of a setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingDescription {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: SettingKind,
    /// What it is until somebody changes it.
    pub default: Value,
    /// A sentence that says what it is for.
    pub words: &'static str,
    /// The rule that it belongs to.
    pub rule: &'static str,
}

/// What the values of a setting are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SettingKind {
    /// `true` or `false`; 1 and 0 are taken for them.
    YesOrNo,
    /// A whole number.
    Number {
        /// The least.
        least: u32,
        /// The greatest.
        most: u32,
        /// What it counts.
        unit: &'static str,
    },
    /// Text with placeholders in braces.
    Text {
        /// The most characters.
        most: usize,
        /// The names that may stand in braces; the first must.
        placeholders: &'static [&'static str],
    },
}

/// Every setting there is.
pub fn settings() -> impl Iterator<Item = SettingDescription> {
    let numbers = Setting::ALL.iter().map(|setting| {
        let (words, rule) = words(*setting);
        let default = setting_value(*setting, default_of(*setting));
        SettingDescription { name: setting.slug(), kind: kind(*setting), default, words, rule }
    });
    let texts = TextSetting::ALL.iter().map(|setting| match setting {
        TextSetting::ResetEmailBody => SettingDescription {
            name: setting.slug(),
            kind: SettingKind::Text { most: MOST_CHARACTERS, placeholders: PLACEHOLDERS },
            default: default_text(*setting).into(),
            words: "What the mail of a password reset says.",
            rule: "P7",
        },
    });
    numbers.chain(texts)
}

/// A value as it is shown: a yes or no as `true` or `false`, every other as a number.
pub fn setting_value(setting: Setting, value: u32) -> Value {
    if setting.is_yes_or_no() { (value != 0).into() } else { value.into() }
}

fn kind(setting: Setting) -> SettingKind {
    const YEAR_MINUTES: u32 = 366 * 24 * 60;
    let minutes = |least, most| SettingKind::Number { least, most, unit: "minutes" };
    match setting {
        // At most what every password that is taken at all can have.
        Setting::PasswordMinLength => SettingKind::Number { least: 1, most: 128, unit: "characters" },
        Setting::LockoutAttempts => SettingKind::Number { least: 1, most: 1_000, unit: "attempts" },
        // 0: until it is undone.
        Setting::LockoutMinutes => minutes(0, YEAR_MINUTES),
        Setting::ExpirationYears => SettingKind::Number { least: 1, most: 100, unit: "years" },
        // 0: none is required, and sessions end at a technical maximum alone.
        Setting::SessionTimeoutMinutes => minutes(0, YEAR_MINUTES),
        // A link that works for longer than a week is a second password.
        Setting::ResetMinutes => minutes(1, 7 * 24 * 60),
        Setting::ForgotUsernameCreatesCredentials
        | Setting::StaffSecondFactor
        | Setting::CompanyAdminsAllOrganisations
        | Setting::NotifyByMail
        | Setting::PublicEvidence => SettingKind::YesOrNo,
    }
}

fn words(setting: Setting) -> (&'static str, &'static str) {
    match setting {
        Setting::PasswordMinLength => ("The least length of a password.", "C5"),
        Setting::LockoutAttempts => ("How many failed attempts in a row lock credentials.", "C6"),
        Setting::LockoutMinutes => ("How long a lock lasts; 0 for until it is undone.", "C6"),
        Setting::ExpirationYears => ("How long after a sign-in credentials expire.", "C10"),
        Setting::SessionTimeoutMinutes => ("How long a session lasts; 0 where none is required to end.", "S6"),
        Setting::ResetMinutes => ("How long the link of a password reset works.", "P4"),
        Setting::ForgotUsernameCreatesCredentials => {
            ("Whether asking for a forgotten username creates credentials where there are none.", "P6")
        }
        Setting::StaffSecondFactor => ("Whether staff need a second factor to sign in.", "S6"),
        Setting::CompanyAdminsAllOrganisations => {
            ("Whether a company administrator's rights extend to every organisation that they belong to.", "O15")
        }
        Setting::NotifyByMail => ("Whether people are told by mail when their password, email or rights change.", "P9"),
        Setting::PublicEvidence => (
            "Whether everybody reads checkpoints, proofs and hashes of the book without signing in; never its entries.",
            "U2",
        ),
    }
}

/// A setting of any kind.
#[derive(Clone, Copy)]
pub(super) enum AnySetting {
    Number(Setting),
    Text(TextSetting),
}

impl AnySetting {
    /// The setting of a name. Errors: there is none.
    pub(super) fn parse(name: &str) -> Result<AnySetting, NoSuchChoice> {
        let number = Setting::parse(name).map(AnySetting::Number);
        let text = || TextSetting::parse(name).map(AnySetting::Text);
        number.or_else(|_| text()).map_err(|_| NoSuchChoice { expected: SETTING_NAMES })
    }

    /// The command that gives it `value`. Errors: it cannot have such a value.
    pub(super) fn read(self, value: &CommandJson<'_>) -> Result<BookCommand, Malformed> {
        match self {
            AnySetting::Number(setting) => {
                let value = number(setting, value)?;
                Ok(BookCommand::SetSetting { setting, value })
            }
            AnySetting::Text(setting) => {
                let value = text(setting, value)?;
                Ok(BookCommand::SetTextSetting { setting, value })
            }
        }
    }
}

fn number(setting: Setting, value: &CommandJson<'_>) -> Result<u32, Malformed> {
    let (least, most, expected) = match kind(setting) {
        SettingKind::Number { least, most, unit } => {
            (least, most, format!("expected {least} to {most} for `{setting}` ({unit})"))
        }
        SettingKind::YesOrNo | SettingKind::Text { .. } => (0, 1, format!("expected true or false for `{setting}`")),
    };
    let given = match value {
        CommandJson::Bool(yes) if setting.is_yes_or_no() => Some(u32::from(*yes)),
        CommandJson::Number(_) => whole(value).and_then(|number| u32::try_from(number).ok()),
        CommandJson::Bool(_)
        | CommandJson::Null
        | CommandJson::Str(_)
        | CommandJson::Array(_)
        | CommandJson::Object(_) => None,
    };
    let within = given.filter(|given| (least..=most).contains(given));
    within.ok_or_else(|| Malformed::new("value", expected))
}

/// A template: text whose placeholders are known, the first of them among them (rule: P7).
fn text(setting: TextSetting, value: &CommandJson<'_>) -> Result<String, Malformed> {
    let wrong = |message: String| Malformed::new("value", message);
    let clean = |text: &&str| {
        text.chars().count() <= MOST_CHARACTERS && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
    };
    let given = value.as_str().filter(clean);
    let given = given.ok_or_else(|| wrong(format!("expected text of at most {MOST_CHARACTERS} characters")))?;
    let known: Vec<String> = PLACEHOLDERS.iter().map(|name| format!("{{{name}}}")).collect();
    for piece in given.split('{').skip(1) {
        let name = piece.split('}').next().unwrap_or_default();
        if !PLACEHOLDERS.contains(&name) || !piece.contains('}') {
            let shown = super::form::shown(name);
            return Err(wrong(format!(
                "`{{{shown}}}` is no placeholder of `{setting}`: expected {}",
                known.join(", ")
            )));
        }
    }
    if !given.contains("{link}") {
        return Err(wrong(format!("expected a text with {{link}} in it for `{setting}`")));
    }
    Ok(given.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_named_and_takes_its_own_default() {
        let all: Vec<SettingDescription> = settings().collect();
        assert_eq!(all.iter().map(|setting| setting.name).collect::<Vec<_>>(), SETTING_NAMES);
        for setting in all {
            let known = AnySetting::parse(setting.name).unwrap();
            assert!(known.read(&CommandJson::from(&setting.default)).is_ok(), "{}", setting.name);
            assert!(setting.words.ends_with('.'), "{}", setting.words);
        }
    }
}
