//! Commands drawn by their descriptions: whatever the vocabulary has is tried, without a word about it here. Names are drawn
//! from few, so that a command often hits what another made.

use grantbook_decisions::command::{CommandDescription, Door, FieldDescription, FieldKind, descriptions};
use grantbook_ledger::events::Instant;
use serde_json::{Map, Value, json};

use crate::world::{APPS, GROUPS, MODULES, OBJECTS, ORGANISATIONS, PEOPLE, ROLES};

/// What a command is drawn from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    /// Which command.
    pub(crate) which: u16,
    /// Where the fields' values come from.
    pub(crate) numbers: [u8; 8],
}

/// The commands of both doors, and one of them.
pub(crate) fn described(draw: Draw) -> &'static CommandDescription {
    let all: Vec<&CommandDescription> = descriptions().collect();
    all[usize::from(draw.which) % all.len()]
}

/// Who gives it: support at its own door, else mostly somebody who may.
pub(crate) fn actor(draw: Draw) -> &'static str {
    let description = described(draw);
    if description.door == Door::Support {
        return "support";
    }
    if description.name.ends_with("_review") || description.name.ends_with("_review_item") {
        return pick(&["manager", "ann", "bob", "manager", "import"], usize::from(draw.numbers[0]));
    }
    let on_dashboard = ["admin", "app_user", "background_account"].iter().any(|part| description.name.ends_with(part));
    match draw.numbers[0] % 8 {
        0 => "ann",
        1 => "import",
        2 => "cy",
        _ if on_dashboard => "bob", // any other number
        _ => "manager",             // any other number
    }
}

/// The command, as somebody would give it at `now`.
pub(crate) fn command(draw: Draw, now: Instant) -> Value {
    let description = described(draw);
    let mut fields = Map::new();
    fields.insert("name".to_owned(), description.name.into());
    for (index, field) in description.fields.iter().enumerate() {
        let number = draw.numbers[(index + 1) % draw.numbers.len()].wrapping_add(u8::try_from(index / 7).unwrap_or(0));
        // What need not be given is given half the time.
        if field.required || number.is_multiple_of(2) {
            fields.insert(field.name.to_owned(), value(field, usize::from(number / 2), now));
        }
    }
    // Whoever revokes says why.
    if description.fields.iter().any(|field| field.name == "item") {
        fields.insert("reason".to_owned(), "looked at".into());
    }
    Value::Object(fields)
}

fn pick<'a>(from: &[&'a str], number: usize) -> &'a str {
    from[number % from.len()]
}

#[allow(clippy::wildcard_enum_match_arm, reason = "a kind of field that is not known here is tried with a name")]
fn value(field: &FieldDescription, number: usize, now: Instant) -> Value {
    let later = |minutes: usize| now.plus_minutes(u32::try_from(minutes).unwrap_or(0)).to_string();
    let label = || json!(pick(&["regular", "none"], number));
    match field.kind {
        FieldKind::Account => pick(&PEOPLE, number).into(),
        FieldKind::NewAccount => pick(&["dee", "eve", "con", "flo"], number).into(),
        FieldKind::Username => pick(&["dee", "eve", "con", "new", "old"], number).into(),
        FieldKind::CloudId => "abcimis".into(),
        FieldKind::Path => pick(&OBJECTS, number).into(),
        FieldKind::Text { .. } if field.name == "item" => item(number).into(),
        FieldKind::Text { .. } => pick(&["", "some words"], number).into(),
        FieldKind::Personal => pick(&["Dee D.", "Oslo"], number).into(),
        FieldKind::Email => pick(&["dee@example.org", "eve@example.org"], number).into(),
        FieldKind::Secret => "Other-7-word".into(),
        FieldKind::Until => later(1 + number % 3_000).into(),
        FieldKind::Date => now.date().to_string().into(),
        FieldKind::Number { least, most } => (least + number as u64 % (most - least + 1).min(9)).into(),
        FieldKind::Boolean => number.is_multiple_of(2).into(),
        FieldKind::Choice(slugs) => pick(slugs, number).into(),
        FieldKind::Principal => match number % 4 {
            0 => json!({"group": pick(&GROUPS, number / 4)}),
            1 => json!({"role": pick(&ROLES, number / 4)}),
            2 => json!({"account": pick(&PEOPLE, number / 4)}),
            _ => json!({"staff": true}), // any other number
        },
        FieldKind::Choices(slugs) => json!([pick(slugs, number)]),
        FieldKind::Paths => json!([pick(&OBJECTS, number)]),
        FieldKind::Accounts => json!([pick(&PEOPLE, number), pick(&["manager", "ann"], number / 8)]),
        FieldKind::EventTypes => json!([pick(&["admin_added", "role_assigned", "webhook_added"], number)]),
        FieldKind::ReviewScope => match number % 6 {
            0 => json!({"app": pick(&APPS, number / 6)}),
            1 => json!({"apps": true}),
            2 => json!({"role": pick(&ROLES, number / 6)}),
            3 => json!({"group": pick(&GROUPS, number / 6)}),
            4 => json!({"admins": true}),
            _ => json!({"object": pick(&OBJECTS, number / 6)}), // any other number
        },
        FieldKind::Principals => json!([{"account": pick(&PEOPLE, number)}, {"group": pick(&GROUPS, number)}]),
        FieldKind::SettingValue => (number % 40).into(),
        FieldKind::Url => "https://example.org/".into(),
        FieldKind::Code => "000001".into(),
        FieldKind::Uses => {
            json!([{"account": pick(&PEOPLE, number), "app": pick(&APPS, number), "at": now.to_string()}])
        }
        FieldKind::Condition => json!({"member_type": label()}),
        FieldKind::Name => named(field.name, number),
    }
}

/// A grant as a review would list it.
fn item(number: usize) -> String {
    let who = pick(&PEOPLE, number);
    match number % 7 {
        0 | 1 => format!("{who}/{}", pick(&APPS, number / 8)),
        2 | 3 => format!("{who}/{}", pick(&ROLES, number / 8)),
        4 => format!("{who}/{}", pick(&GROUPS, number / 8)),
        5 => format!("{who}/admin"),
        _ => format!("account:{who}/read"), // any other number
    }
}

/// A name for a field: of things that there are from the start, else one of two of the field's own.
fn named(field: &str, number: usize) -> Value {
    match field {
        "role" | "new_name" => pick(&ROLES, number).into(),
        "group" => pick(&GROUPS, number).into(),
        "app" => pick(&APPS, number).into(),
        "module" => pick(&MODULES, number).into(),
        "one" | "other" => pick(&["roles.assign", "dashboard.manage_admins", "app.use"], number).into(),
        "member_type" | "status" => pick(&["regular", "none"], number).into(),
        "organisation" => pick(&ORGANISATIONS, number).into(),
        "customer" => "local".into(),
        "since_review" => format!("review {}", number % 3).into(),
        "review" => format!("review {}", number % 3).into(),
        // Any other names something that comes and goes by commands.
        other => format!("{other} {}", number % 2).into(),
    }
}
