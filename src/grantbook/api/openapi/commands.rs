//! Commands as schemas, from their own descriptions: adding a command changes nothing here.

use grantbook_decisions::command::{self, CommandDescription, Door, FieldDescription, FieldKind};
use serde_json::{Map, Value, json};

use super::shape::schema_name;

/// The schemas of all commands, each under the name of [`named`], and of the bodies of both doors.
pub(super) fn schemas() -> Map<String, Value> {
    let mut schemas = Map::new();
    for command in command::descriptions() {
        schemas.insert(schema_name("Command", command.name), described(command));
    }
    schemas.insert("Commands".to_owned(), body(Door::Tenant));
    schemas.insert("SupportCommands".to_owned(), body(Door::Support));
    schemas
}

fn body(door: Door) -> Value {
    let names: Vec<&str> =
        command::descriptions().filter(|command| command.door.admits(door)).map(|command| command.name).collect();
    let reference = |name: &str| format!("#/components/schemas/{}", schema_name("Command", name));
    let one: Vec<Value> = names.iter().map(|name| json!({"$ref": reference(name)})).collect();
    let mapping: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), reference(name).into())).collect();
    let one = json!({
        "oneOf": one,
        "discriminator": {"propertyName": "name", "mapping": mapping},
        "description": "One command, by its name.",
    });
    let words = match door {
        Door::Support => {
            "Several commands on the same tenant, or on the installation, which become one entry: all of them, or none."
        }
        Door::Tenant | Door::Either => "Several commands, which become one entry: all of them, or none.",
    };
    json!({
        "oneOf": [
            one,
            {
                "type": "object",
                "description": words,
                "properties": {
                    "commands": {"type": "array", "minItems": 1, "items": one, "description": "The commands, in order."},
                },
                "required": ["commands"],
                "additionalProperties": false,
            },
        ],
    })
}

fn described(command: &CommandDescription) -> Value {
    let mut properties = Map::new();
    let mut required = vec![Value::from("name")];
    properties
        .insert("name".to_owned(), json!({"const": command.name, "type": "string", "description": command.words}));
    for field in command.all_fields() {
        properties.insert(field.name.to_owned(), described_field(field));
        if field.required {
            required.push(field.name.into());
        }
    }
    json!({
        "type": "object", "title": command.name, "description": command.words,
        "properties": properties, "required": required, "additionalProperties": false,
    })
}

fn described_field(field: &FieldDescription) -> Value {
    let mut schema = of_kind(field.kind);
    if !field.required || field.clearable {
        schema = super::glossary::or_null(schema);
    }
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".to_owned(), format!("{} Expected: {}.", field.words, field.kind).into());
        fields.insert("examples".to_owned(), json!([example(field.kind)]));
    }
    schema
}

fn of_kind(kind: FieldKind) -> Value {
    const ID: &str = "^[A-Za-z0-9._-]{1,64}$";
    match kind {
        FieldKind::Account => json!({"type": "string", "minLength": 1, "maxLength": 129}),
        FieldKind::NewAccount => json!({"type": "string", "pattern": ID}),
        FieldKind::Username | FieldKind::Name => json!({"type": "string", "minLength": 1, "maxLength": 128}),
        FieldKind::CloudId => json!({"type": "string", "pattern": "^[a-z][a-z0-9]{2,31}$"}),
        FieldKind::Path => json!({"type": "string", "pattern": "^/"}),
        FieldKind::Url => json!({"type": "string", "format": "uri"}),
        FieldKind::Text { most } => json!({"type": "string", "maxLength": most}),
        FieldKind::Personal => json!({"type": "string", "minLength": 1, "maxLength": 200}),
        FieldKind::Email => json!({"type": "string", "format": "email"}),
        FieldKind::Secret => json!({"type": "string", "format": "password", "minLength": 1, "maxLength": 1024}),
        FieldKind::Code => json!({"type": "string", "pattern": "^[0-9]{6}$"}),
        FieldKind::Until => json!({"type": "string"}),
        FieldKind::Date => json!({"type": "string", "format": "date"}),
        FieldKind::Number { least, most } => json!({"type": "integer", "minimum": least, "maximum": most}),
        FieldKind::Boolean => json!({"type": "boolean"}),
        FieldKind::SettingValue => json!({"type": ["boolean", "integer", "string"]}),
        FieldKind::Choice(choices) => json!({"type": "string", "enum": choices}),
        FieldKind::Principal => json!({"$ref": "#/components/schemas/Principal"}),
        FieldKind::Principals => {
            json!({"type": "array", "items": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Principal"}]}})
        }
        FieldKind::Choices(choices) => {
            json!({"type": "array", "items": {"type": "string", "enum": choices}, "uniqueItems": true, "minItems": 1})
        }
        FieldKind::Paths => json!({"type": "array", "items": {"type": "string", "pattern": "^/"}, "uniqueItems": true}),
        FieldKind::Accounts => json!({"type": "array", "items": {"type": "string"}, "minItems": 1}),
        FieldKind::ReviewScope => json!({"$ref": "#/components/schemas/ReviewScope"}),
        FieldKind::EventTypes => {
            json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true, "minItems": 1, "maxItems": 100})
        }
        FieldKind::Condition => json!({"$ref": "#/components/schemas/GivenCondition"}),
        FieldKind::Uses => json!({"type": "array", "items": super::shape::schema("{account, app, at}"), "minItems": 1}),
    }
}

fn example(kind: FieldKind) -> Value {
    match kind {
        FieldKind::Account | FieldKind::NewAccount | FieldKind::Username => "jeff".into(),
        FieldKind::Name => "Editors".into(),
        FieldKind::CloudId => "abcimis".into(),
        FieldKind::Path => "/site/news".into(),
        FieldKind::Url => "https://abc.example.org/".into(),
        FieldKind::Text { .. } => "covers Bob's leave".into(),
        FieldKind::Personal => "Jeff T.".into(),
        FieldKind::Email => "jeff@example.org".into(),
        FieldKind::Secret => "Welcome-1".into(),
        FieldKind::Code => "123456".into(),
        FieldKind::Until => "2026-12-31".into(),
        FieldKind::Date => "2026-11-21".into(),
        FieldKind::Number { least, .. } => least.into(),
        FieldKind::Boolean => true.into(),
        FieldKind::SettingValue => 12.into(),
        FieldKind::Choice(choices) => choices.first().copied().unwrap_or_default().into(),
        FieldKind::Principal => json!({"group": "Editors"}),
        FieldKind::Principals => json!(["jeff", {"group": "Editors"}]),
        FieldKind::Choices(choices) => json!(choices.get(..1).unwrap_or_default()),
        FieldKind::Paths => json!(["/site/news"]),
        FieldKind::Accounts => json!(["bob"]),
        FieldKind::ReviewScope => json!({"roles": true}),
        FieldKind::EventTypes => json!(["admin_added", "role_assigned"]),
        FieldKind::Condition => json!({"status": "active"}),
        FieldKind::Uses => json!([{"account": "jeff", "app": "datastation", "at": "2026-11-21T09:30:00Z"}]),
    }
}
