//! The settings of a tenant, each with the value in force (rules: C5, P7).

use grantbook_events::{Position, Setting, TextSetting};
use grantbook_projections::{Cause, default_of, default_text};
use serde_json::{Map, Value};

use crate::shown::Shown;

/// Settings that are shown once somebody sets them: they came when histories with all the others had been frozen, and a view of
/// a past that knew nothing of them stays what it was.
const SHOWN_ONCE_SET: [Setting; 1] = [Setting::PublicEvidence];

pub(super) fn settings(shown: &Shown<'_>) -> Value {
    let (settings, position) = (&shown.views.settings, shown.position());
    let mut all = Map::new();
    if shown.views.tenant.genesis(position).is_some() {
        let shown_now =
            |setting: &&Setting| !SHOWN_ONCE_SET.contains(setting) || settings.set_by(**setting, position).is_some();
        for setting in Setting::ALL.iter().filter(shown_now) {
            let worth = |value: u32| if setting.is_yes_or_no() { Value::from(value != 0) } else { value.into() };
            let (value, default) = (worth(settings.value(*setting, position)), worth(default_of(*setting)));
            all.insert(setting.slug().to_owned(), row(shown, value, default, settings.set_by(*setting, position)));
        }
        for setting in TextSetting::ALL {
            let (text, default) = (settings.text(*setting, position), default_text(*setting));
            let set = settings.text_set_by(*setting, position);
            all.insert(setting.slug().to_owned(), row(shown, text.into(), default.into(), set));
        }
    }
    shown.answer([("settings", Value::Object(all))])
}

fn row(shown: &Shown<'_>, value: Value, default: Value, set: Option<Position>) -> Value {
    let mut row = Map::new();
    row.insert("value".to_owned(), value);
    row.insert("default".to_owned(), default);
    row.insert("since".to_owned(), shown.maybe_cause(set.map(Cause::Entry)));
    shown.put_by(set, &mut row);
    Value::Object(row)
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::History;
    use grantbook_events::{BookEvent, Event, Setting, TextSetting};
    use serde_json::json;

    // rules: P7, P9
    #[test]
    fn a_setting_has_its_default_until_somebody_changes_it() {
        let mut history = History::example();
        let before = history.last();
        let off = BookEvent::SettingChanged { setting: Setting::NotifyByMail, value: 0 };
        let body = BookEvent::TextSettingChanged { setting: TextSetting::ResetEmailBody, value: "{link}".to_owned() };
        history.act("manager", vec![Event::Book(off), Event::Book(body)]);
        let view = history.view("settings");
        assert_eq!(view["settings"]["notify_by_mail"]["value"], json!(false));
        assert_eq!(view["settings"]["notify_by_mail"]["by"], json!("manager"));
        assert_eq!(view["settings"]["reset_email_body"]["value"], json!("{link}"));
        assert_eq!(view["settings"]["lockout_attempts"]["value"], json!(5));
        let then = history.view_at("settings", before);
        assert_eq!(then["settings"]["notify_by_mail"]["value"], json!(true));
        assert_eq!(then["settings"]["notify_by_mail"]["since"], json!(null));
    }
}
