//! Event types as schemas, from their own descriptions. Adding an event changes nothing here, unless it is told with what was
//! before it: then the form of that is stated here, as `ledger/before.rs` makes it.

use grantbook_events::{Description, Event};
use serde_json::{Map, Value, json};

use super::shape::schema_name;
use super::{glossary, shape};

/// The schemas of all events, each under the name of [`schema_name`], and of any of them.
pub(super) fn schemas() -> Map<String, Value> {
    let mut schemas: Map<String, Value> =
        Event::descriptions().map(|event| (schema_name("Event", event.kind), described(event))).collect();
    let reference = |event: &Description| format!("#/components/schemas/{}", schema_name("Event", event.kind));
    let mapping: Map<String, Value> =
        Event::descriptions().map(|event| (event.kind.to_owned(), reference(event).into())).collect();
    let any = json!({
        "oneOf": Event::descriptions().map(|event| json!({"$ref": reference(event)})).collect::<Value>(),
        "discriminator": {"propertyName": "type", "mapping": mapping},
        "description": "Something that happened, by its type. A field that is not there is not set.",
    });
    schemas.insert("Event".to_owned(), any);
    schemas
}

fn described(event: &Description) -> Value {
    let Value::Object(mut schema) = grantbook_encoding::json::schema(event) else { return Value::Null };
    schema.remove("$schema");
    schema.insert("x-plane".to_owned(), event.plane.to_string().into());
    schema.insert("x-ocsf".to_owned(), event.ocsf.to_string().into());
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut).map(std::mem::take).unwrap_or_default();
    let told = fields.into_iter().filter_map(|(name, form)| {
        let own = event.fields.iter().zip(event.field_words).find(|((field, _), _)| *field == name);
        let field = match own {
            Some(((_, written), words)) => with(of_type(written, form), words.trim(), written),
            None => of_the_form(event.kind, &name, form)?,
        };
        Some((name, field))
    });
    let told: Map<String, Value> = told.collect();
    schema.insert("properties".to_owned(), told.into());
    Value::Object(schema)
}

/// A field that is not the event's own; `None` where events of this type never show it.
fn of_the_form(kind: &str, name: &str, form: Value) -> Option<Value> {
    Some(match name {
        "type" => with(json!({"type": "string", "const": kind}), "What happened.", ""),
        "version" => {
            with(json!({"type": "integer", "const": form.get("const")?}), "The version of the type's form.", "")
        }
        "authority" => glossary::schema(name),
        "command_index" => with(form, "Of a list of commands, by which it happened, from 0.", ""),
        "erased" => with(form, "The fields whose values were erased since: their keys are gone.", ""),
        "before" => {
            let before = match kind {
                "role_edited" => shape::schema("{role, description}"),
                "organisation_edited" => shape::schema("{full_name, description}"),
                "organisation_member_edited" => shape::schema("{position=office, from, until}"),
                "level_set" => with(json!({"type": "integer"}), "", ""),
                "setting_changed" | "text_setting_changed" => glossary::schema("value"),
                "username_changed"
                | "credential_email_set"
                | "user_class_set"
                | "effective_date_set"
                | "expiration_date_set" => with(json!({"type": ["string", "null"]}), "", ""),
                "access_set" | "access_cleared" => shape::schema("set"),
                "product_registered" => with(json!({"type": ["string", "null"]}), "", ""),
                "dynamic_group_defined" | "contact_visibility_defined" => {
                    json!({"anyOf": [shape::schema("@Condition"), {"type": "null"}]})
                }
                "community_opened" => shape::schema("{open_to, group}"),
                "query_edited" => shape::schema("{via_api?, personal_data?, filtered_to_caller?}"),
                // Any other event adds or ends something rather than to change it.
                _ => return None,
            };
            let mut before = before;
            before.as_object_mut()?.insert("description".to_owned(), "What it was before.".into());
            before
        }
        // Nobody says what it was after, which the event itself does.
        "after" => return None,
        name => match name.strip_suffix("_name") {
            Some(_) if name != "full_name" => with(form, "The name that the account had then.", "Personal"),
            // A detail of a contact.
            _ => {
                let known = if name == "full_name" { "shown_name" } else { name };
                let words = glossary::words(known);
                with(
                    single(form),
                    &format!("{words} Left out where it did not change; null where it was cleared, or erased since."),
                    "",
                )
            }
        },
    })
}

/// The form of a field, where a schema of its own name says more.
fn of_type(written: &str, form: Value) -> Value {
    let named = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let written = written.replace(' ', "");
    let inner = written.trim_start_matches("Option<").trim_start_matches("Box<").trim_end_matches('>');
    match inner {
        "Principal" | "ReviewScope" => named(inner),
        "ContactCondition" => named("Condition"),
        _ if written == "Vec<ReadinessFinding>" => json!({"type": "array", "items": named("ReadinessFinding")}),
        // Any other form says all there is.
        _ => single(form),
    }
}

/// `anyOf` a form and null, or of two simple forms, as one form.
fn single(form: Value) -> Value {
    let Some([own, other]) = form.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) else { return typed(form) };
    let (own, other) = (typed(own.clone()), typed(other.clone()));
    if other == json!({"type": "null"}) { glossary::or_null(own) } else { json!({"anyOf": [own, other]}) }
}

/// Words are text, which a list of them does not say.
fn typed(mut form: Value) -> Value {
    if let Some(items) = form.get_mut("items") {
        *items = typed(items.take());
    }
    let words_alone = form.get("enum").is_some() && form.get("type").is_none();
    if let (Some(fields), true) = (form.as_object_mut(), words_alone) {
        fields.insert("type".to_owned(), "string".into());
    }
    form
}

fn with(mut form: Value, words: &str, written: &str) -> Value {
    let example = example(&form, written);
    if let Some(fields) = form.as_object_mut() {
        fields.insert("description".to_owned(), words.into());
        fields.extend(example.map(|example| ("examples".to_owned(), json!([example]))));
    }
    form
}

/// A value of a form, by the type that it is written with; `None` where the form is described elsewhere.
fn example(form: &Value, written: &str) -> Option<Value> {
    if let Some(one) = form.get("const").or(form.pointer("/enum/0")) {
        return Some(one.clone());
    }
    if let Some(items) = form.get("items") {
        return Some(json!([example(items, written)?]));
    }
    if let Some(one) = form.pointer("/anyOf/0") {
        return example(one, written);
    }
    let text = |known: &str| form.get("format").or(form.get("pattern")).is_some_and(|found| found == known);
    let kind = form.get("type")?;
    let kind = kind.as_str().or_else(|| kind.get(0)?.as_str())?;
    Some(match kind {
        "boolean" => true.into(),
        "integer" => 7.into(),
        "string" if text("date-time") => "2026-11-21T09:30:00.000000Z".into(),
        "string" if text("date") => "2026-12-31".into(),
        "string" if text("uri") => "https://abc.example.org/".into(),
        "string" if text("^[0-9a-f]{16}$") => "5241d06455b78e5d".into(),
        "string" => {
            let known = NAMES.iter().find(|(name, _)| written.contains(name));
            known.map_or("as it was given", |(_, example)| *example).into()
        }
        _ => return None, // any other form is described elsewhere
    })
}

/// Names, as they look.
const NAMES: &[(&str, &str)] = &[
    ("AccountId", "jeff"),
    ("AppName", "datastation"),
    ("CapabilityName", "roles.assign"),
    ("CloudId", "abcimis"),
    ("CommandName", "add_admin"),
    ("CommunityName", "Alumni"),
    ("CustomerName", "XYZ"),
    ("EventKind", "admin_added"),
    ("GroupName", "Editors"),
    ("ModuleName", "System"),
    ("ObjectPath", "/site/news"),
    ("OperatorName", "sue"),
    ("OrganisationName", "acme"),
    ("Personal", "Jeff T."),
    ("ProductName", "Annual dinner"),
    ("QueryName", "Members by city"),
    ("ReviewItem", "ann/Reporting"),
    ("ReviewName", "Spring"),
    ("RoleName", "RemoteService"),
    ("RuleId", "F9"),
    ("SealedEmail", "jeff@example.org"),
    ("Sealed", "Jeff T."),
    ("SeparationName", "two keys"),
    ("Ticket", "T-100"),
    ("Username", "jeff.t"),
    ("WebhookName", "siem"),
];
