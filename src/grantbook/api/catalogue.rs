//! What there is: capabilities, commands, settings, rules, findings. The same for everybody, and no tenant's.

use axum::Json;
use grantbook_decisions::command::{
    self, CommandDescription, Door, FieldDescription, FieldKind, SettingDescription, SettingKind,
};
use grantbook_inquiries::finding_rules;
use grantbook_rights::{Capability, OnKind, RULES};
use serde_json::{Map, Value, json};

/// What can be asked with `do`.
pub(crate) async fn capabilities() -> Json<Value> {
    let rows = Capability::ALL.iter().map(|capability| {
        let on = match capability.on() {
            OnKind::Nothing => Value::Null,
            OnKind::Account => "account".into(),
            OnKind::App => "app".into(),
            OnKind::Object => "object".into(),
            OnKind::Organisation => "organisation".into(),
            OnKind::Community => "community".into(),
            OnKind::Query => "query".into(),
        };
        json!({"do": capability.name(), "on": on, "words": capability.words(), "rule": capability.rule()})
    });
    Json(json!({"capabilities": rows.collect::<Value>()}))
}

/// The commands, with their fields.
pub(crate) async fn commands() -> Json<Value> {
    Json(json!({"commands": command::descriptions().map(described).collect::<Value>()}))
}

fn described(command: &CommandDescription) -> Value {
    let door = match command.door {
        Door::Tenant => "tenant",
        Door::Support => "support",
        Door::Either => "either",
    };
    json!({
        "name": command.name, "door": door, "words": command.words, "grants": command.grants,
        "fields": command.all_fields().map(field).collect::<Value>(),
    })
}

fn field(field: &FieldDescription) -> Value {
    let mut row = Map::new();
    row.insert("name".to_owned(), field.name.into());
    row.insert("required".to_owned(), field.required.into());
    row.insert("or_null".to_owned(), field.clearable.into());
    row.insert("kind".to_owned(), kind(field.kind).into());
    row.insert("expected".to_owned(), field.kind.to_string().into());
    if let FieldKind::Choice(choices) | FieldKind::Choices(choices) = field.kind {
        row.insert("choices".to_owned(), choices.into());
    }
    row.insert("words".to_owned(), field.words.into());
    Value::Object(row)
}

fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Account => "account",
        FieldKind::NewAccount => "new_account",
        FieldKind::Username => "username",
        FieldKind::Name => "name",
        FieldKind::CloudId => "cloud_id",
        FieldKind::Path => "path",
        FieldKind::Url => "url",
        FieldKind::Text { .. } => "text",
        FieldKind::Personal => "personal",
        FieldKind::Email => "email",
        FieldKind::Secret => "secret",
        FieldKind::Code => "code",
        FieldKind::Until => "until",
        FieldKind::Date => "date",
        FieldKind::Number { .. } => "number",
        FieldKind::Boolean => "boolean",
        FieldKind::SettingValue => "setting_value",
        FieldKind::Choice(_) => "choice",
        FieldKind::Principal => "principal",
        FieldKind::Principals => "principals",
        FieldKind::Choices(_) => "choices",
        FieldKind::Paths => "paths",
        FieldKind::Condition => "condition",
        FieldKind::Uses => "uses",
        FieldKind::Accounts => "accounts",
        FieldKind::ReviewScope => "review_scope",
        FieldKind::EventTypes => "event_types",
    }
}

/// The settings, with the values that they may have.
pub(crate) async fn settings() -> Json<Value> {
    Json(json!({"settings": command::settings().map(setting).collect::<Value>()}))
}

fn setting(setting: SettingDescription) -> Value {
    let SettingDescription { name, kind, default, words, rule } = setting;
    let row = match kind {
        SettingKind::YesOrNo => json!({"setting": name, "kind": "boolean", "default": default}),
        SettingKind::Number { least, most, unit } => {
            json!({"setting": name, "kind": "number", "default": default, "unit": unit, "least": least, "most": most})
        }
        SettingKind::Text { most, placeholders } => json!({
            "setting": name, "kind": "text", "default": default, "unit": "characters", "most": most,
            "placeholders": placeholders,
        }),
    };
    let mut row = row.as_object().cloned().unwrap_or_default();
    row.insert("words".to_owned(), words.into());
    row.insert("rule".to_owned(), rule.into());
    Value::Object(row)
}

/// The rules that answers, refusals and findings cite, each with what it says, the capabilities that rest on it and the
/// kinds of findings that do.
pub(crate) async fn rules() -> Json<Value> {
    let rows = RULES.iter().map(|(rule, words)| {
        let capabilities = Capability::ALL.iter().filter(|capability| capability.rule() == *rule);
        let names: Vec<&str> = capabilities.map(|capability| capability.name()).collect();
        let findings: Vec<&str> =
            finding_rules().filter(|kind| kind.rule == Some(*rule)).map(|kind| kind.code).collect();
        json!({"rule": rule, "words": words, "capabilities": names, "findings": findings})
    });
    Json(json!({"rules": rows.collect::<Value>()}))
}

/// The kinds of findings, each with its words; `rule` is null for those of the ledger's own.
pub(crate) async fn findings() -> Json<Value> {
    let rows = finding_rules().map(|kind| json!({"code": kind.code, "words": kind.words, "rule": kind.rule}));
    Json(json!({"findings": rows.collect::<Value>()}))
}
