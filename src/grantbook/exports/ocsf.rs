//! Events of the Open Cybersecurity Schema Framework, version 1.8, in the class that stands in each event's description.
//! What the schema has no place for stands in `unmapped`, as the public form has it.

use std::net::IpAddr;

use grantbook_events::Ocsf;
use serde_json::{Map, Value, json};

use super::happened::Happened;

/// The version of the schema.
const VERSION: &str = "1.8.0";

/// The activity of a class for what none of its own stands for.
const OTHER: u32 = 99;

/// What a class has of its own: its number, its title and its activities, each with the types of events that are one.
struct Class {
    uid: u32,
    title: &'static str,
    activities: &'static [(u32, &'static str, &'static [&'static str])],
}

const ACCOUNT_CHANGE: Class = Class {
    uid: 3001,
    title: "Account Change",
    activities: &[
        (1, "Create", &["contact_added", "credentials_created"]),
        (2, "Enable", &["account_enabled"]),
        (3, "Password Change", &["password_changed"]),
        (4, "Password Reset", &["password_set", "manager_password_rotated", "password_reset_completed"]),
        (5, "Disable", &["account_disabled"]),
        (6, "Delete", &["account_removed", "credentials_deleted"]),
        (9, "Lock", &["credentials_locked"]),
        (10, "MFA Factor Enable", &["second_factor_confirmed"]),
        (11, "MFA Factor Disable", &["second_factor_reset"]),
        (12, "Unlock", &["credentials_unlocked"]),
    ],
};

const AUTHENTICATION: Class = Class {
    uid: 3002,
    title: "Authentication",
    activities: &[
        (1, "Logon", &["signed_in", "sign_in_refused", "sign_ins_refused", "enrolment_opened"]),
        (2, "Logoff", &["session_ended"]),
        (3, "Authentication Ticket", &["support_token_issued"]),
    ],
};

const USER_ACCESS: Class = Class {
    uid: 3005,
    title: "User Access Management",
    activities: &[
        (
            1,
            "Assign Privileges",
            &[
                "admin_added",
                "app_user_assigned",
                "community_right_granted",
                "organisation_admin_assigned",
                "role_assigned",
                "level_set",
            ],
        ),
        (
            2,
            "Revoke Privileges",
            &[
                "admin_removed",
                "app_user_removed",
                "community_right_revoked",
                "organisation_admin_removed",
                "role_removed",
            ],
        ),
    ],
};

const GROUP_MANAGEMENT: Class = Class {
    uid: 3006,
    title: "Group Management",
    activities: &[
        (1, "Assign Privileges", &["access_granted", "community_opened"]),
        (2, "Revoke Privileges", &["access_revoked", "access_cleared", "community_closed"]),
        (3, "Add User", &["group_member_added", "content_authority_member_added", "organisation_member_added"]),
        (
            4,
            "Remove User",
            &["group_member_removed", "content_authority_member_removed", "organisation_member_removed"],
        ),
        (5, "Delete", &["group_deleted", "object_deleted", "query_deleted", "role_deleted"]),
        (
            6,
            "Create",
            &[
                "group_created",
                "content_authority_group_created",
                "object_created",
                "query_created",
                "role_created",
                "organisation_created",
                "community_created",
            ],
        ),
    ],
};

/// The fields of an event that name a thing which accounts have rights on, first the most telling.
const THINGS: [&str; 10] =
    ["group", "object", "organisation", "community", "query", "role", "product", "audience", "app", "module"];

/// One event.
pub(crate) fn event(event: &Happened<'_>) -> Value {
    let class = class(event);
    let (activity, activity_name) = activity(&class, event);
    let refused = event.refused();
    let severity = severity(event);
    let mut told = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            told.insert(name.to_owned(), value);
        }
    };
    put("class_uid", class.uid.into());
    put("class_name", class.title.into());
    put("category_uid", 3.into());
    put("category_name", "Identity & Access Management".into());
    put("activity_id", activity.into());
    put("activity_name", activity_name.as_str().into());
    put("type_uid", (u64::from(class.uid) * 100 + u64::from(activity)).into());
    put("type_name", format!("{}: {activity_name}", class.title).into());
    put("time", event.milliseconds("/at").unwrap_or_default().into());
    put("severity_id", severity.0.into());
    put("severity", severity.1.into());
    put("status_id", if refused { 2 } else { 1 }.into());
    put("status", if refused { "Failure" } else { "Success" }.into());
    put("status_detail", event.text("because").or(event.text("rule")).into());
    put("message", event.line().into());
    put("metadata", metadata(event));
    put("actor", json!({"user": actor(event)}));
    put("user", user(event, class.uid));
    put("src_endpoint", endpoint(event));
    put("http_request", event.of_entry("/source/user_agent").map_or(Value::Null, |agent| json!({"user_agent": agent})));
    match class.uid {
        3002 => put("service", json!({"name": event.text("plane").unwrap_or("ledger")})),
        3005 => {
            put("privileges", json!([privilege(event)]));
            put("resource", thing(event).map_or(Value::Null, |(kind, name)| json!({"type": kind, "name": name})));
        }
        3006 => {
            let (kind, name) = thing(event).unwrap_or(("tenant", event.of_entry("/tenant").unwrap_or_default()));
            put("group", json!({"type": kind, "name": name}));
            put("privileges", event.text("right").map_or(Value::Null, |right| json!([right])));
        }
        _ => {}
    }
    put("unmapped", unmapped(event));
    Value::Object(told)
}

fn class(event: &Happened<'_>) -> Class {
    class_of(event.described.map_or(Ocsf::AccountChange, |described| described.ocsf))
}

fn class_of(described: Ocsf) -> Class {
    match described {
        Ocsf::AccountChange => ACCOUNT_CHANGE,
        Ocsf::Authentication => AUTHENTICATION,
        Ocsf::UserAccess => USER_ACCESS,
        Ocsf::GroupManagement => GROUP_MANAGEMENT,
    }
}

fn activity(class: &Class, event: &Happened<'_>) -> (u32, String) {
    let known = class.activities.iter().find(|(_, _, kinds)| kinds.contains(&event.kind()));
    match known {
        // A level of nothing is a level taken away.
        Some((1, _, _)) if event.kind() == "level_set" && event.event.get("level") == Some(&json!(0)) => {
            (2, "Revoke Privileges".to_owned())
        }
        Some((number, name, _)) => (*number, (*name).to_owned()),
        None => (OTHER, event.words()),
    }
}

fn severity(event: &Happened<'_>) -> (u32, &'static str) {
    match event.kind() {
        "credentials_locked" => (3, "Medium"),
        _ if event.refused() => (2, "Low"),
        _ => (1, "Informational"),
    }
}

fn metadata(event: &Happened<'_>) -> Value {
    json!({
        "version": VERSION,
        "product": {"name": "Grantbook", "vendor_name": "Grantbook", "version": env!("CARGO_PKG_VERSION")},
        "tenant_uid": event.of_entry("/tenant"),
        "uid": format!("{}/{}", event.of_entry("/tenant").unwrap_or_default(), event.id()),
        "sequence": event.position(),
        "event_code": event.kind(),
        "correlation_uid": event.of_entry("/command_id"),
        "log_name": "journal",
        "logged_time": event.milliseconds("/recorded_at"),
        "original_time": event.of_entry("/at"),
    })
}

/// Who acted.
fn actor(event: &Happened<'_>) -> Value {
    let kind = event.of_entry("/actor/kind").unwrap_or("guest");
    // 1 is a user, 3 the system itself; the schema has no support and no guest.
    let number = match kind {
        "account" => 1,
        "system" => 3,
        _ => OTHER,
    };
    let mut user = Map::new();
    user.insert("uid".to_owned(), event.of_entry("/actor/id").unwrap_or(kind).into());
    if let Some(name) = event.of_entry("/actor/name") {
        user.insert("full_name".to_owned(), name.into());
    }
    user.insert("type_id".to_owned(), number.into());
    user.insert("type".to_owned(), kind.into());
    Value::Object(user)
}

/// Whom it happened to. Three classes must name somebody: where it was nobody, it was the tenant as a whole.
fn user(event: &Happened<'_>, class: u32) -> Value {
    let principal = event.event.pointer("/principal/account").and_then(Value::as_str);
    let Some(id) = event.text("account").or(principal) else {
        let tenant = event.of_entry("/tenant");
        let whole = json!({"uid": tenant, "type_id": OTHER, "type": "tenant"});
        return if class == GROUP_MANAGEMENT.uid { Value::Null } else { whole };
    };
    let mut user = Map::new();
    user.insert("uid".to_owned(), id.into());
    for (field, named) in [("name", "username"), ("full_name", "account_name")] {
        if let Some(text) = event.text(named) {
            user.insert(field.to_owned(), text.into());
        }
    }
    user.insert("type_id".to_owned(), 1.into());
    Value::Object(user)
}

/// Where the request came from: an address, or the operator's door.
fn endpoint(event: &Happened<'_>) -> Value {
    match event.of_entry("/source/ip") {
        None | Some("") => Value::Null,
        Some(address) if address.parse::<IpAddr>().is_ok() => json!({"ip": address}),
        Some(door) => json!({"name": door}),
    }
}

/// What somebody was given, or lost, in a few words.
fn privilege(event: &Happened<'_>) -> String {
    let text = |name: &str| event.text(name);
    let level = event.event.get("level").and_then(Value::as_u64);
    if let (Some(module), Some(level)) = (text("module"), level) {
        return format!("level {module} {level}");
    }
    let named = ["role", "right", "app", "organisation", "command", "scope", "separation"];
    match named.iter().find_map(|field| Some((field, text(field)?))) {
        Some((field, name)) => format!("{field} {name}"),
        None => {
            if event.kind().starts_with("admin_") {
                "Admin User".to_owned()
            } else {
                event.words()
            }
        }
    }
}

fn thing<'a>(event: &Happened<'a>) -> Option<(&'static str, &'a str)> {
    THINGS.into_iter().find_map(|field| Some((field, event.text(field)?)))
}

fn unmapped(event: &Happened<'_>) -> Value {
    let mut rest = event.fields();
    rest.insert("authority".to_owned(), event.event.get("authority").cloned().unwrap_or_default());
    for name in ["command", "reason", "ticket", "cause", "import"] {
        if let Some(value) = event.entry.get(name).filter(|value| !value.is_null()) {
            rest.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(rest)
}

#[cfg(test)]
mod tests {
    use grantbook_events::Event;

    use super::*;

    #[test]
    fn every_activity_is_of_an_event_type_of_its_class() {
        for described in [Ocsf::AccountChange, Ocsf::Authentication, Ocsf::UserAccess, Ocsf::GroupManagement] {
            for kind in class_of(described).activities.iter().flat_map(|(_, _, kinds)| *kinds) {
                assert_eq!(Event::describe(kind).map(|event| event.ocsf), Some(described), "{kind}");
            }
        }
    }

    /// What no activity of its class stands for: exported as *Other*, in the event's own words.
    const OTHERS: [&str; 71] = [
        "access_set",
        "app_added",
        "app_used",
        "background_account_set",
        "backup_taken",
        "changes_told",
        "chapter_payment_recorded",
        "cloud_id_assigned",
        "cloud_id_closed",
        "cloud_id_requested",
        "cloud_id_terms_recorded",
        "command_refused",
        "commands_refused",
        "contact_erased",
        "contact_updated",
        "contact_visibility_defined",
        "content_coverage_ended",
        "correction_recorded",
        "credential_email_set",
        "customer_registered",
        "customer_subscription_recorded",
        "dynamic_group_defined",
        "dynamic_group_refreshed",
        "effective_date_set",
        "expiration_date_set",
        "history_read",
        "import_finished",
        "import_started",
        "legal_hold_lifted",
        "legal_hold_placed",
        "licence_recorded",
        "mail_not_handed_over",
        "module_added",
        "notice_handed_over",
        "notice_owed",
        "organisation_edited",
        "organisation_member_edited",
        "password_reset_failed",
        "password_reset_requested",
        "password_reset_sent",
        "password_resets_withheld",
        "product_registered",
        "product_unlinked",
        "purchase_recorded",
        "query_edited",
        "readiness_checked",
        "review_closed",
        "review_item_decided",
        "review_opened",
        "review_revocation_withheld",
        "role_edited",
        "second_factor_enrolled",
        "second_factor_passed",
        "separation_defined",
        "separation_removed",
        "setting_changed",
        "store_restored",
        "subscription_recorded",
        "support_token_revoked",
        "tenant_closed",
        "tenant_created",
        "text_setting_changed",
        "user_class_set",
        "username_changed",
        "webhook_added",
        "webhook_delivery_given_up",
        "webhook_failing",
        "webhook_recovered",
        "webhook_redelivered",
        "webhook_redelivery_requested",
        "webhook_removed",
    ];

    /// Whoever adds an event says which activity it is, or that it is none.
    #[test]
    fn every_event_type_is_an_activity_of_its_class_or_known_to_be_none() {
        let mut others: Vec<&str> = Event::descriptions()
            .filter(|event| {
                let mut activities = class_of(event.ocsf).activities.iter();
                !activities.any(|(_, _, kinds)| kinds.contains(&event.kind))
            })
            .map(|event| event.kind)
            .collect();
        others.sort_unstable();
        assert_eq!(others, OTHERS);
    }
}
