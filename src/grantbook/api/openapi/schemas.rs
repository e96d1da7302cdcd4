//! Schemas of answers, bodies and problems.

use serde_json::{Map, Value, json};

use super::super::problem::{PROBLEM_JSON, ProblemKind};
use super::operations::Operation;
use super::shape::schema;
use super::{commands, events};

/// What each view says, beside `as_of`.
pub(super) const VIEWS: &[(&str, &str)] = &[
    ("accounts", "{as_of, accounts: [@Account]}"),
    (
        "admins",
        "{as_of, admins: [{account, name, since, by, until, effective, origin, by_support?, import?}], orphaned_since}",
    ),
    (
        "app-users",
        "{as_of, apps: {*: {title, audience, licensed, users: [{account, name, since, by, until, effective, last_use, by_support?, import?}]}}}",
    ),
    ("background-account", "{as_of, account?, name?, set?=set_by_entry, by?, connected, broken_by?, licence}"),
    (
        "communities",
        "{as_of, communities: {*: {open_to, group, since, by, wiki_creators: [{principal, since, by, until, import?}], administrators: [{principal, since, by, until, import?}], import?}}}",
    ),
    (
        "content-authority",
        "{as_of, groups: {*: {master, covers, since, by, members: [{account, name, since, by, until, effective, rights, staff, import?}], import?}}}",
    ),
    ("findings", "{as_of, findings: [{code, subject, opened, closed, detail}]}"),
    (
        "groups",
        "{as_of, groups: {*: {built_in, members: [{account, name, since, by, until, effective, purchase?: {product=group, position}, import?}], description?, since?, by?, by_support?, products?, dynamic?, condition?, condition_words?, import?}}}",
    ),
    (
        "legal-holds",
        "{as_of, legal_holds: [{account, name, since, by, by_support?, import?}], erased: [{account, name, since, by, by_support?, import?}]}",
    ),
    ("levels", "{as_of, modules: {*: [{account, name, level, since, by, until, effective, by_support?, import?}]}}"),
    (
        "objects",
        "{as_of, objects: {*: {kind, public, active, set, since, by, access: [{principal, right, since, by, until, by_support?, import?}], import?, by_support?}}}",
    ),
    (
        "organisations",
        "{as_of, organisations: {*: {kind, full_name, description, since, by, administrators: [{account, name, since, by, until, effective, rests?: {rule, since}, import?}], members: [{account, name, since, by, until, effective, position=office, from, primary, can_sign_in, paid?: {since, by, until}, import?}], import?}}}",
    ),
    (
        "products",
        "{as_of, products: {*: {group, since, by, buyers: [{account, name, since, by, until, effective, import?}], import?}}}",
    ),
    (
        "queries",
        "{as_of, queries: {*: {object, set, out_of_box, via_api, personal_data, filtered_to_caller, open_beyond_staff, since, by, import?}}}",
    ),
    (
        "refusals",
        "{as_of, refusals: [{position, at, account, name, refused, command?, subject?, rule?, door?, because?, count?, from?}]}",
    ),
    ("reviews", "{as_of, reviews}"),
    (
        "roles",
        "{as_of, roles: {*: {system, computed, description, holders: [{account, name, since, by, until, effective, by_support?, import?}]}}}",
    ),
    ("separations", "{as_of, separations: [{separation, one, other, since, by, broken_by}]}"),
    ("sessions", "{as_of, sessions: [{session, account, name, plane, client, only_enrols, since, expires_at}]}"),
    ("settings", "{as_of, settings: {*: {value, default, since, by}}}"),
    (
        "setup",
        "{as_of, tenant: {cloud_id, edition, customer, first_admin, closed?}, steps: [{step, words, done, by=by_entry}], next=next_step}",
    ),
    (
        "subscriptions",
        "{as_of, subscriptions: {*: {title, status, from, until, since, by, by_support?, licensed, licensed_changed, import?}}}",
    ),
    (
        "webhooks",
        "{as_of, webhooks: [{webhook, url=webhook_url, events=event_types, since, by, by_support?, import?, state=webhook_state, failing: {since=failing_since, position, attempts, problem=delivery_problem, status=http_status, recorded=changed}|null, dead_letters: [{position, at, attempts, problem=delivery_problem, status=http_status, changed, asked_again}], delivery: {delivered, waiting, attempts, failing_since, problem=delivery_problem, status=http_status, next_try}|null}]}",
    ),
    ("visibility", "{as_of, visibility: {*: {condition, contacts, since, by, condition_words?}}}"),
];

/// An account as lists show it.
const ACCOUNT: &str = "{account, name, exists, since, by, by_support?, import?, email, member_type, status, city, state, country, phone, picture, credentials: {username, user_class, email, disabled, effective_date, expiration_date, locked, failed_attempts, must_change_password, second_factor, usable, since, by, by_support?, import?}|null}";

/// What there is to know of one beside that.
const WHOLE: &str = "{as_of, account, name, exists, since, by, by_support?, import?, email, member_type, status, city, state, country, phone, picture, credentials, admin, roles, groups, content_authority, levels, apps, organisations, open_sessions, effective_rights: {can, apps}}";

const ENTRY: &str = "{tenant, position?, at, recorded_at, actor, command, commands?, command_id, cause, reason, ticket, source?, import, events: [@Event], corrections?}";

/// Every schema that has a name.
pub(super) fn schemas() -> Value {
    let mut schemas = commands::schemas();
    let views: Vec<Value> = VIEWS
        .iter()
        .filter(|(name, _)| there(name))
        .map(|(name, _)| json!({"$ref": format!("#/components/schemas/{}", view(name))}))
        .collect();
    for (name, shape) in VIEWS.iter().filter(|(name, _)| there(name)) {
        let mut made = schema(shape);
        let words = grantbook_inquiries::VIEWS.iter().find(|(known, _)| known == name).map_or("", |(_, words)| *words);
        if let Some(fields) = made.as_object_mut() {
            fields.insert("title".to_owned(), (*name).into());
            fields.insert("description".to_owned(), words.into());
        }
        schemas.insert(view(name), made);
    }
    let named = [
        (
            "View",
            json!({"anyOf": views.into_iter().chain([json!({"type": "object", "required": ["as_of"]})]).collect::<Value>(),
                        "description": "The view that was asked for, by its name."}),
        ),
        ("Account", schema(ACCOUNT)),
        ("WholeAccount", schema(WHOLE)),
        (
            "Entry",
            described(schema(ENTRY), "One commit of the journal: the outcome of one command, or of a list of them."),
        ),
        ("Event", events::schema()),
        (
            "CloudEvents",
            json!({"type": "array", "description": "CloudEvents 1.0, the batch of their JSON format.", "items": {
                "type": "object", "required": ["specversion", "id", "source", "type"],
                "properties": {
                    "specversion": {"type": "string", "const": "1.0", "description": "The version of CloudEvents."},
                    "id": {"type": "string", "description": "Position and number of the event.", "examples": ["17.0"]},
                    "source": {"type": "string", "format": "uri-reference", "description": "The tenant.", "examples": ["/v1/tenants/abcimis"]},
                    "type": {"type": "string", "description": "The event type and its version.", "examples": ["grantbook.admin_added.v1"]},
                    "subject": {"type": "string", "description": "Whom it happened to.", "examples": ["jeff"]},
                    "time": {"type": "string", "format": "date-time", "description": "When it happened.", "examples": ["2026-11-21T09:30:00.000000Z"]},
                    "datacontenttype": {"type": "string", "description": "What `data` is.", "examples": ["application/json"]},
                    "data": {"type": "object", "description": "The entry, with this event alone as `event`."},
                },
            }}),
        ),
        ("AsOf", described(schema("{position, instant}"), "What an answer is as of.")),
        (
            "Cause",
            json!({
                "description": "What brought a state about: an entry, or the clock where only time passed.",
                "anyOf": [schema("{position}"), {"type": "object", "required": ["clock"], "properties": {
                    "clock": {"type": "string", "format": "date-time", "description": "When it happened by itself.", "examples": ["2026-07-01T00:00:00.000000Z"]}}}],
            }),
        ),
        (
            "Actor",
            json!({
                "type": "object", "description": "Who acted.", "required": ["kind"],
                "properties": {
                    "kind": {"type": "string", "enum": ["account", "support", "system", "guest"], "description": "Of which kind.", "examples": ["account"]},
                    "id": {"type": ["string", "null"], "description": "The account's id, or the operator's name.", "examples": ["bob"]},
                    "name": {"type": ["string", "null"], "description": "The name of then.", "examples": ["Bob S."]},
                    "session": {"type": ["integer", "null"], "description": "The position of the sign-in whose session it was.", "examples": [18]},
                },
            }),
        ),
        (
            "Import",
            described(json!({"type": "object"}), "Who imported it, under which ticket, from which line of what."),
        ),
        (
            "Principal",
            json!({
                "description": "Whom a right is for.",
                "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
                "properties": {
                    "group": {"type": "string", "description": "The members of a group.", "examples": ["Editors"]},
                    "role": {"type": "string", "description": "The holders of a role.", "examples": ["Everyone"]},
                    "account": {"type": "string", "description": "One account.", "examples": ["jeff"]},
                    "member_type": {"type": "string", "description": "The contacts of a member type.", "examples": ["Regular"]},
                    "staff": {"type": "boolean", "const": true, "description": "All staff.", "examples": [true]},
                },
            }),
        ),
        (
            "Point",
            json!({
                "description": "A position, or an RFC 3339 instant.",
                "anyOf": [
                    {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991_u64},
                    {"type": "string", "format": "date-time"},
                ],
            }),
        ),
        ("Problem", problem()),
    ];
    schemas.extend(named.into_iter().map(|(name, schema)| (name.to_owned(), schema)));
    Value::Object(schemas)
}

/// Whether there is such a view.
fn there(name: &str) -> bool {
    grantbook_inquiries::VIEWS.iter().any(|(known, _)| *known == name)
}

/// `app-users` is `ViewAppUsers`.
fn view(name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    format!("View{}", name.split('-').map(part).collect::<String>())
}

fn described(mut schema: Value, words: &str) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".to_owned(), words.into());
    }
    schema
}

fn problem() -> Value {
    let slugs: Vec<&str> = ProblemKind::ALL.iter().map(|kind| kind.told().1).collect();
    json!({
        "type": "object",
        "description": "Why a request was not carried out (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "enum": slugs, "description": "What kind of problem: a slug that stays.", "examples": ["forbidden"]},
            "title": {"type": "string", "description": "The same for a person.", "examples": ["A rule does not let you"]},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status.", "examples": [403]},
            "detail": {"type": "string", "description": "A sentence for a person.", "examples": ["only an effective Admin User adds or removes Admin Users"]},
            "rule": {"type": "string", "description": "The rule that refused, where one did.", "examples": ["F9"]},
            "rule_words": {"type": "string", "description": "What the rule says.", "examples": ["only an effective Admin User adds or removes Admin Users"]},
            "position": {"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64, "description": "Where one matters, the position.", "examples": [17]},
            "field": {"type": "string", "description": "Which field or parameter is not as expected.", "examples": ["account"]},
        },
    })
}

/// The answers that are problems, by status.
pub(super) fn problems() -> Value {
    let one = |kind: &ProblemKind| {
        let (status, slug, title) = kind.told();
        let mut headers = Map::new();
        for (header, of) in [("WWW-Authenticate", 401), ("Retry-After", 429)] {
            if status.as_u16() == of {
                headers.insert(header.to_owned(), json!({"$ref": format!("#/components/headers/{header}")}));
            }
        }
        let example = json!({"type": slug, "title": title, "status": status.as_u16(), "detail": "a sentence that says what and why"});
        let content = json!({"schema": {"$ref": "#/components/schemas/Problem"}, "example": example});
        let described = json!({
            "description": format!("{title} (`{slug}`)."), "headers": headers, "content": {PROBLEM_JSON: content},
        });
        (status.as_u16().to_string(), described)
    };
    Value::Object(ProblemKind::ALL.iter().map(one).collect())
}

/// A body that is taken.
pub(super) fn request_body(shape: &str) -> Value {
    let mut body = schema(shape);
    if body.get("properties").is_some_and(|fields| fields.as_object().is_some_and(|fields| !fields.is_empty()))
        && let Some(fields) = body.as_object_mut()
    {
        fields.insert("additionalProperties".to_owned(), false.into());
    }
    json!({"required": true, "content": {"application/json": {"schema": body}}})
}

/// What an operation answers.
pub(super) fn responses(operation: &Operation) -> Value {
    let mut responses = Map::new();
    for (status, media, shape) in operation.answers {
        let words = match status {
            200 => "Done, or answered.",
            201 => "Recorded: it is durable.",
            202 => "Taken.",
            204 => "Done.",
            _ => "Nothing changed since.",
        };
        let response = responses.entry(status.to_string()).or_insert_with(|| json!({"description": words}));
        if let Some(fields) = response.as_object_mut() {
            if !media.is_empty() {
                let held = if shape.is_empty() { json!({"type": "string"}) } else { schema(shape) };
                let content = fields.entry("content").or_insert_with(|| json!({}));
                if let Some(content) = content.as_object_mut() {
                    content.insert((*media).to_owned(), json!({"schema": held}));
                }
            }
            let header = match (*status, operation.takes.contains(&"as_of")) {
                (201, _) => Some("Location"),
                (200 | 304, true) if operation.tag == "questions" && operation.method == "get" => Some("ETag"),
                _ => None,
            };
            if let Some(header) = header {
                fields
                    .insert("headers".to_owned(), json!({header: {"$ref": format!("#/components/headers/{header}")}}));
            }
        }
    }
    for status in operation.problems {
        responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{status}")}));
    }
    // Parameters that nobody asks for are refused everywhere; so there always is one.
    responses.entry("500").or_insert_with(|| json!({"$ref": "#/components/responses/500"}));
    Value::Object(responses)
}
