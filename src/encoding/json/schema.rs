//! JSON schemas of event types, from their descriptions.

use grantbook_events::{
    AccessRight, Addressee, AdminOrigin, Audience, Client, CommunityRight, ContentRight, DeliveryFailure, Description,
    Door, Edition, Licence, Notice, ObjectKind, OrganisationKind, Position, Purpose, ReadScope, ReadinessProblem,
    RefusalCause, ResetEnd, ReviewDecision, SecuritySet, SessionEnd, Setting, SignInPlane, SubscriptionStatus,
    TextSetting, UserClass, VisibilityAudience,
};
use serde_json::{Map, Value, json};

use super::fields::{DETAILS, EVENT_VERSION, Type, inside};

/// The JSON schema (draft 2020-12) of an event type's public form, as it stands in an entry's `events`.
pub fn schema(description: &Description) -> Value {
    let position = position();
    let mut properties = Map::new();
    let mut put = |name: &str, form: Value| drop(properties.insert(name.to_owned(), form));
    put("type", json!({"const": description.kind}));
    put("version", json!({"const": EVENT_VERSION}));
    put("authority", json!({"anyOf": [position, {"type": "null"}]}));
    put("command_index", json!({"type": "integer", "minimum": 0}));
    let mut required = vec!["type", "version", "authority"];
    let mut personal = false;
    for (name, written) in description.fields {
        let of = Type::of(written);
        if of.is_details() {
            personal = true;
            for (name, type_name) in DETAILS {
                put(name, json!({"anyOf": [form(type_name).unwrap_or(json!({})), {"type": "null"}]}));
            }
            continue;
        }
        let own = form(type_name(of, name)).unwrap_or(json!({}));
        if matches!(of.name, "Sealed" | "SealedEmail") {
            personal = true;
            put(name, json!({"anyOf": [own, {"type": "null"}]}));
        } else if description.kind == "setting_changed" && *name == "value" {
            // A setting that is a yes or a no is shown as such.
            put(name, json!({"anyOf": [own, {"type": "boolean"}]}));
        } else {
            put(name, own);
        }
        if of.is_account() {
            put(&format!("{name}_name"), json!({"type": "string"}));
        }
        if !of.optional {
            required.push(name);
        }
    }
    if personal {
        put("erased", json!({"type": "array", "items": {"type": "string"}}));
    }
    put("before", json!({}));
    put("after", json!({}));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": description.kind,
        "description": description.words,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn type_name<'a>(of: Type<'a>, field: &str) -> &'a str {
    if of.is_opaque(field) { "SecretVersion" } else { of.name }
}

fn position() -> Value {
    json!({"type": "integer", "minimum": 0, "maximum": Position::GREATEST.0})
}

/// The form of a field's type; `None` for a type that has none yet, of which a test makes sure that there is none.
fn form(type_name: &str) -> Option<Value> {
    let choice = |slugs: &[&str]| json!({"enum": slugs});
    let name = || json!({"type": "string", "minLength": 1, "maxLength": 128});
    if let Some(item) = inside(type_name, "Vec") {
        return Some(json!({"type": "array", "items": form(item)?}));
    }
    Some(match type_name {
        "bool" => json!({"type": "boolean"}),
        "u8" => json!({"type": "integer", "minimum": 0, "maximum": u8::MAX}),
        "u32" => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
        "Position" | "u64" => position(),
        "String" | "Sealed" | "SealedEmail" => json!({"type": "string"}),
        "SecretVersion" | "KeyId" => json!({"type": "string", "pattern": "^[0-9a-f]{16}$"}),
        "Instant" => json!({"type": "string", "format": "date-time"}),
        "Date" => json!({"type": "string", "format": "date"}),
        "AccountId" => json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
        "CloudId" => json!({"type": "string", "pattern": "^[a-z][a-z0-9]{2,31}$"}),
        "ObjectPath" => json!({"type": "string", "pattern": "^/", "maxLength": 1024}),
        "OrganisationName" | "Username" | "SeparationName" | "CapabilityName" | "RoleName" | "QueryName"
        | "GroupName" | "AppName" | "ModuleName" | "CustomerName" | "OperatorName" | "Ticket" | "RuleId"
        | "CommandName" | "Label" | "ProductName" | "CommunityName" | "ReviewName" | "WebhookName" | "EventKind" => {
            name()
        }
        "ReviewItem" => json!({"type": "string", "minLength": 1, "maxLength": 200}),
        "ReviewScope" => json!({
            "type": "object",
            "properties": {
                "app": name(), "apps": {"const": true}, "role": name(), "group": name(), "admins": {"const": true},
                "object": form("ObjectPath"),
            },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
        }),
        "Principal" => json!({
            "type": "object",
            "properties": {
                "group": name(), "role": name(), "account": form("AccountId"), "member_type": name(), "staff": {"const": true},
            },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
        }),
        // A condition on contacts: its parts lie within each other, which is for the reader of conditions to check.
        "ContactCondition" => json!({
            "type": "object",
            "properties": {
                "member_type": {}, "status": {}, "all": {"type": "array"}, "any": {"type": "array"},
                "not": {"type": "object"},
            },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
        }),
        "AccessRight" => choice(AccessRight::SLUGS),
        "AdminOrigin" => choice(AdminOrigin::SLUGS),
        "Addressee" => choice(Addressee::SLUGS),
        "Audience" => choice(Audience::SLUGS),
        "Client" => choice(Client::SLUGS),
        "CommunityRight" => choice(CommunityRight::SLUGS),
        "DeliveryFailure" => choice(DeliveryFailure::SLUGS),
        "Door" => choice(Door::SLUGS),
        "VisibilityAudience" => choice(VisibilityAudience::SLUGS),
        "ContentRight" => choice(ContentRight::SLUGS),
        "Edition" => choice(Edition::SLUGS),
        "Licence" => choice(Licence::SLUGS),
        "Notice" => choice(Notice::SLUGS),
        "ObjectKind" => choice(ObjectKind::SLUGS),
        "Purpose" => choice(Purpose::SLUGS),
        "OrganisationKind" => choice(OrganisationKind::SLUGS),
        "ReadScope" => choice(ReadScope::SLUGS),
        "u16" => json!({"type": "integer", "minimum": 0, "maximum": u16::MAX}),
        "ReadinessProblem" => choice(ReadinessProblem::SLUGS),
        "SiteUrl" => json!({"type": "string", "format": "uri", "maxLength": 500}),
        "ReadinessFinding" => json!({
            "type": "object",
            "properties": {
                "code": choice(ReadinessProblem::SLUGS),
                "status": {"type": ["integer", "null"]},
                "problem": {"type": "string"},
                "solution": {"type": "string"},
            },
            "required": ["code", "problem", "solution"],
            "additionalProperties": false,
        }),
        "RefusalCause" => choice(RefusalCause::SLUGS),
        "ResetEnd" => choice(ResetEnd::SLUGS),
        "ReviewDecision" => choice(ReviewDecision::SLUGS),
        "SecuritySet" => choice(SecuritySet::SLUGS),
        "SessionEnd" => choice(SessionEnd::SLUGS),
        "Setting" => choice(Setting::SLUGS),
        "SignInPlane" => choice(SignInPlane::SLUGS),
        "SubscriptionStatus" => choice(SubscriptionStatus::SLUGS),
        "TextSetting" => choice(TextSetting::SLUGS),
        "UserClass" => choice(UserClass::SLUGS),
        _ => return None, // any other type has no form yet
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Shown, to_json};
    use grantbook_events::{Event, Position};

    #[test]
    fn every_type_of_a_field_has_a_form() {
        for description in Event::descriptions() {
            for (name, written) in description.fields {
                let of = Type::of(written);
                assert!(of.is_details() || form(of.name).is_some(), "{}.{name}: {written}", description.kind);
            }
        }
        assert!(DETAILS.iter().all(|(_, type_name)| form(type_name).is_some()));
    }

    #[test]
    fn the_samples_have_the_fields_of_their_schemas() {
        for entry in crate::samples::samples() {
            let shown = to_json(&entry, &Shown::bare("abcimis", Position(1)));
            for event in shown["events"].as_array().unwrap() {
                let schema = schema(Event::describe(event["type"].as_str().unwrap()).unwrap());
                for (name, value) in event.as_object().unwrap() {
                    let property = &schema["properties"][name];
                    assert!(!property.is_null(), "{event}: {name}");
                    if let Some(slugs) = property["enum"].as_array() {
                        assert!(slugs.contains(value), "{event}: {name}");
                    }
                    let fits = match property["type"].as_str() {
                        Some("integer") => value.is_u64(),
                        Some("string") => value.is_string(),
                        Some("boolean") => value.is_boolean(),
                        Some("object") => value.is_object(),
                        Some("array") => value.is_array(),
                        _ => true, // any other property is not of one type
                    };
                    assert!(fits, "{event}: {name}");
                }
                for name in schema["required"].as_array().unwrap() {
                    assert!(event.get(name.as_str().unwrap()).is_some(), "{event}: {name}");
                }
            }
        }
    }

    // rule: C14
    #[test]
    fn no_field_can_hold_a_secret() {
        const SECRET: [&str; 9] = ["password", "hash", "seed", "code", "link", "old", "new", "token", "secret"];
        for description in Event::descriptions() {
            for (name, written) in description.fields {
                if SECRET.contains(name) {
                    assert_eq!(Type::of(written).name, "SecretVersion", "{}.{name}", description.kind);
                }
            }
        }
    }
}
