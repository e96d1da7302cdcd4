//! The vocabulary as a whole: every command is read as it is described, written as it is read, and refused in words.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;

const BESIDE: [&str; 7] = ["reason", "password", "old", "new", "code", "cloud_id", "ticket"];

fn read(value: &Value, door: Door) -> Result<Given, Problem> {
    let manager = |name: &Username| name.as_str().eq_ignore_ascii_case("manager").then(AccountId::manager);
    parse(
        &CommandJson::from(value),
        door,
        &Lookup { account_by_username: &manager, seal: &|_, _, text| Sealed::clear(text) },
    )
}

fn read_anywhere(value: &Value) -> Result<Given, Problem> {
    let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
    let support = describe(name).is_some_and(|description| description.door.admits(Door::Support));
    read(value, if support { Door::Support } else { Door::Tenant })
}

fn show(command: &Command) -> Value {
    command.to_json(&|sealed| sealed.as_clear().map(str::to_owned))
}

/// Every command with every field that it has; `record_subscription` without `customer`, which excludes `cloud_id`.
fn samples() -> Vec<Value> {
    let until = "2027-01-01T00:00:00.000000Z";
    let email = "jeff@example.org";
    let secret = "Start-7-word";
    let details = json!({"full_name": "Jeff T.", "email": email, "member_type": "M", "status": "active",
        "city": "Oslo", "state": "O", "country": "Norway", "phone": "1", "picture": "p.png"});
    let on = |name: &str| json!({"name": name, "account": "jeff"});
    let with = |name: &str, more: Value| {
        let mut whole = on(name);
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    let mut added = details.clone();
    added["organisation"] = json!("acme");
    let mut samples = vec![
        with("add_contact", added),
        with("update_contact", details),
        on("remove_account"),
        with(
            "create_credentials",
            json!({"username": "jeff", "password": secret, "user_class": "full", "email": email}),
        ),
        with("change_username", json!({"username": "jeffrey"})),
        with("set_credential_email", json!({"email": email})),
        on("delete_credentials"),
        with("set_password", json!({"password": secret})),
        json!({"name": "change_own_password", "old": "Before-7", "new": secret}),
        on("unlock_credentials"),
        with("set_user_class", json!({"user_class": "casual"})),
        on("disable_account"),
        on("enable_account"),
        with("set_effective_date", json!({"date": "2026-01-01"})),
        with("set_expiration_date", json!({"date": "2026-01-01"})),
        json!({"name": "enrol_second_factor"}),
        json!({"name": "confirm_second_factor", "code": "012345"}),
        on("reset_second_factor"),
        json!({"name": "end_session", "session": 17, "account": "jeff"}),
        json!({"name": "set_setting", "setting": "lockout_attempts", "value": 1}),
        with("send_password_reset", json!({"site": "/site"})),
        json!({"name": "record_correction", "position": 3, "corrected_by": 9}),
        with("add_admin", json!({"until": until})),
        on("remove_admin"),
        with("assign_app_user", json!({"app": "datastation", "until": until})),
        with("remove_app_user", json!({"app": "datastation"})),
        json!({"name": "record_app_use", "uses": [{"account": "jeff", "app": "datastation", "at": until}]}),
        with("set_background_account", json!({"password": secret})),
        json!({"name": "create_role", "role": "Helper", "description": "Helps"}),
        json!({"name": "edit_role", "role": "Helper", "new_name": "Aide", "description": ""}),
        json!({"name": "delete_role", "role": "Helper"}),
        with("assign_role", json!({"role": "Helper", "until": until})),
        with("remove_role", json!({"role": "Helper"})),
        with("set_level", json!({"module": "Customers", "level": 8, "until": until})),
        with("make_system_administrator", json!({"until": until})),
        json!({"name": "create_group", "group": "readers", "description": "They read\nmuch"}),
        json!({"name": "delete_group", "group": "readers"}),
        with("add_group_member", json!({"group": "readers", "until": until})),
        with("remove_group_member", json!({"group": "readers"})),
        json!({"name": "define_dynamic_group", "group": "regulars", "condition":
            {"all": [{"any": [{"member_type": "Regular"}, {"member_type": "Student"}]}, {"not": {"status": null}}]}}),
        json!({"name": "refresh_dynamic_group", "group": "regulars"}),
        json!({"name": "register_product", "product": "Field guide", "group": "readers"}),
        with("record_purchase", json!({"product": "Field guide", "until": until})),
        json!({"name": "create_community", "community": "Gardeners", "group": "readers"}),
        json!({"name": "set_community_security", "community": "Gardeners", "group": "readers", "wiki_creators":
            [{"group": "readers"}, {"member_type": "Regular"}], "administrators": [{"account": "jeff"}],
            "until": until}),
        json!({"name": "create_object", "object": "/site", "kind": "site", "public": true, "active": false}),
        json!({"name": "delete_object", "object": "/site"}),
        json!({"name": "set_access", "object": "/site", "set": "members-read"}),
        json!({"name": "grant_access", "object": "/site", "principal": {"group": "readers"},
            "rights": ["read", "edit"], "until": until}),
        json!({"name": "revoke_access", "object": "/site", "principal": {"account": "jeff"}, "rights": ["read"]}),
        json!({"name": "clear_access", "object": "/site"}),
        json!({"name": "create_organisation", "organisation": "acme", "kind": "company", "full_name": "Acme"}),
        json!({"name": "edit_organisation", "organisation": "acme", "full_name": "Acme", "description": "Makes\nall"}),
        with(
            "add_organisation_member",
            json!({"organisation": "acme", "position": "Treasurer", "from": "2026-01-01", "until": until}),
        ),
        with(
            "edit_organisation_member",
            json!({"organisation": "acme", "position": "Chair", "from": "2026-01-01", "until": until}),
        ),
        with("remove_organisation_member", json!({"organisation": "acme"})),
        json!({"name": "join_organisation", "organisation": "acme"}),
        with("assign_organisation_admin", json!({"organisation": "acme", "until": until})),
        with("remove_organisation_admin", json!({"organisation": "acme"})),
        with("record_chapter_payment", json!({"organisation": "north", "until": until})),
        json!({"name": "create_content_authority_group", "group": "Editors", "master": true,
            "covers": ["/site/news", "/site/blog"]}),
        with(
            "add_content_authority_member",
            json!({"group": "Editors", "rights": ["read", "publish"],
            "until": until}),
        ),
        with("remove_content_authority_member", json!({"group": "Editors"})),
        json!({"name": "add_webhook", "webhook": "siem", "url": "https://siem.example.org/in",
            "events": ["admin_added", "role_assigned"]}),
        json!({"name": "remove_webhook", "webhook": "siem"}),
        json!({"name": "redeliver_webhook", "webhook": "siem", "position": 17}),
        json!({"name": "define_separation", "separation": "keys", "one": "roles.assign",
            "other": "dashboard.manage_admins"}),
        json!({"name": "remove_separation", "separation": "keys"}),
        json!({"name": "open_review", "review": "Spring", "scope": {"app": "datastation"},
            "reviewers": ["sarah", "jeff"], "due": until, "since_review": "Autumn"}),
        json!({"name": "decide_review_item", "review": "Spring", "item": "jeff/datastation", "decision": "keep"}),
        json!({"name": "close_review", "review": "Spring"}),
        json!({"name": "create_query", "query": "All members", "out_of_box": true, "via_api": true,
            "personal_data": true, "filtered_to_caller": true}),
        json!({"name": "edit_query", "query": "All members", "via_api": false, "personal_data": true,
            "filtered_to_caller": false}),
        json!({"name": "define_contact_visibility", "audience": "members",
            "condition": {"all": [{"member_type": "Regular"}, {"not": {"status": "lapsed"}}]}}),
        json!({"name": "record_subscription", "app": "datastation", "status": "trial", "from": "2020-01-01",
            "until": until, "cloud_id": "abcimis", "ticket": "T-1"}),
        with("restore_admin", json!({"until": until, "cloud_id": "abcimis", "ticket": "T-1"})),
        json!({"name": "rotate_manager_password", "cloud_id": "abcimis", "ticket": "T-1"}),
        json!({"name": "unlock_manager", "cloud_id": "abcimis", "ticket": "T-1"}),
        json!({"name": "add_app", "cloud_id": "abcimis", "app": "surveys", "title": "Surveys",
            "audience": "anyone", "ticket": "T-1"}),
        json!({"name": "add_module", "cloud_id": "abcimis", "module": "Events", "ticket": "T-1"}),
        json!({"name": "record_licence", "cloud_id": "abcimis", "licence": "api_connector", "until": until,
            "ticket": "T-1"}),
        json!({"name": "register_customer", "customer": "ABC", "full_name": "ABC Association",
            "contact_email": email, "ticket": "T-1"}),
        json!({"name": "request_cloud_id", "customer": "ABC", "purpose": "production", "requester_name": "Bob S.",
            "requester_email": email, "organisation": "ABC Association", "url": "https://abc.example/",
            "region": "europe", "ticket": "T-1"}),
        json!({"name": "check_readiness", "customer": "ABC", "url": "https://abc.example/", "ticket": "T-1"}),
        json!({"name": "assign_cloud_id", "customer": "ABC", "cloud_id": "abcimis", "purpose": "production",
            "edition": "cloud", "first_admin": "jeff", "ticket": "T-1"}),
        json!({"name": "close_tenant", "cloud_id": "abcimis", "ticket": "T-1"}),
        on("place_legal_hold"),
        on("lift_legal_hold"),
        json!({"name": "erase_contact", "account": "jeff", "cloud_id": "abcimis", "ticket": "T-1"}),
    ];
    for sample in &mut samples {
        sample["reason"] = json!("as asked");
    }
    samples
}

fn without(sample: &Value, fields: &[&str]) -> Value {
    let kept = sample.as_object().unwrap().iter().filter(|(field, _)| !fields.contains(&field.as_str()));
    Value::Object(kept.map(|(field, value)| (field.clone(), value.clone())).collect())
}

#[test]
fn every_command_is_read_as_described_and_written_as_it_was_read() {
    let mut seen = BTreeSet::new();
    for sample in samples() {
        let given = read_anywhere(&sample).unwrap_or_else(|problem| panic!("{sample}: {problem}"));
        let description = describe(given.command.name()).unwrap();
        assert_eq!(sample["name"], description.name);
        assert!(seen.insert(description.name), "{}", description.name);
        assert_eq!(given.reason.as_deref(), Some("as asked"));
        assert_eq!(given.ticket.is_some(), description.door.admits(Door::Support));

        let mut fields: BTreeSet<_> = description.all_fields().map(|field| field.name).collect();
        // One of two, of which the sample has the other.
        if description.name == "record_subscription" {
            fields.remove("customer");
        }
        let sampled: BTreeSet<_> =
            sample.as_object().unwrap().keys().map(String::as_str).filter(|field| *field != "name").collect();
        assert_eq!(fields, sampled, "{}", description.name);

        // Everything but what comes beside a command is in what is written, as it was given.
        let mut written = show(&given.command);
        if let Command::Customer(_) = given.command {
            // There the Cloud ID is what the command is about.
            written = without(&written, &["cloud_id"]);
        }
        assert_eq!(written, without(&sample, &BESIDE));
        let mut again: Map<_, _> = written.as_object().unwrap().clone();
        for field in BESIDE {
            again.extend(sample.get(field).map(|value| (field.to_owned(), value.clone())));
        }
        assert_eq!(read_anywhere(&Value::Object(again)).unwrap().command, given.command);
    }
    assert_eq!(seen, descriptions().map(|description| description.name).collect());
}

#[test]
fn what_is_required_must_be_there_and_nothing_else_must() {
    for sample in samples() {
        let description = describe(sample["name"].as_str().unwrap()).unwrap();
        for field in description.all_fields() {
            // One of two, or one of several, is needed though neither is.
            let either = matches!(
                (description.name, field.name),
                ("record_subscription", "cloud_id") | ("record_subscription", "customer")
            );
            match read_anywhere(&without(&sample, &[field.name])) {
                Ok(_) => assert!(!field.required, "{}.{}", description.name, field.name),
                Err(problem) => {
                    assert!(field.required || either, "{}.{}: {problem}", description.name, field.name);
                    assert!(problem.to_string().starts_with(&format!("`{}`: expected", field.name)), "{problem}");
                }
            }
            let mut nulled = sample.clone();
            nulled[field.name] = Value::Null;
            let name_kept = description.name == "update_contact" && field.name == "full_name";
            let not_sampled = (description.name, field.name) == ("record_subscription", "customer");
            let taken = (!field.required || field.clearable) && !name_kept && !not_sampled;
            assert_eq!(
                read_anywhere(&nulled).is_ok(),
                (taken && !either) || not_sampled,
                "{}.{}",
                description.name,
                field.name
            );
        }
    }
}

#[test]
fn every_offered_choice_is_taken_and_descriptions_are_sentences() {
    for sample in samples() {
        let description = describe(sample["name"].as_str().unwrap()).unwrap();
        assert!(description.words.ends_with('.'), "{}", description.words);
        assert_eq!(description.grants, description.fields.iter().any(|field| field.name == "until"));
        for field in description.all_fields() {
            assert!(field.words.ends_with('.'), "{}", field.words);
            let FieldKind::Choice(slugs) = field.kind else { continue };
            for slug in slugs {
                let mut chosen = sample.clone();
                chosen[field.name] = json!(slug);
                if *slug == "reset_email_body" {
                    chosen["value"] = json!("{link}");
                }
                assert!(read_anywhere(&chosen).is_ok(), "{chosen}");
            }
        }
    }
}

#[test]
fn malformed_commands_are_told_which_field_and_what_was_expected() {
    let long = "x".repeat(1_025);
    let many = vec![json!({"account": "a", "app": "b", "at": "2026-01-01T00:00:00Z"}); 1_001];
    let grant = |more: Value| {
        let mut whole = json!({"name": "grant_access", "object": "/s", "principal": {"staff": true},
            "rights": ["read"]});
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    let visible =
        |condition: Value| json!({"name": "define_contact_visibility", "audience": "members", "condition": condition});
    let webhook = |events: Value| json!({"name": "add_webhook", "webhook": "w", "url": "https://w.example.org/", "events": events});
    let covering = |covers: Value| json!({"name": "create_content_authority_group", "group": "g", "master": false, "covers": covers});
    let table = [
        (json!([]), "command", "expected an object"),
        (json!({}), "name", "expected the name of a command"),
        (json!({"name": 7}), "name", "expected the name of a command"),
        (json!({"name": "asign_role"}), "name", "did you mean `assign_role`?"),
        (json!({"name": "make_tea"}), "name", "there is no command `make_tea`"),
        (json!({"name": long}), "name", "there is no command"),
        (json!({"name": "assign_role", "account": "j"}), "role", "expected a name"),
        (json!({"name": "assign_role", "account": "j", "role": "R", "rol": 1}), "rol", "expected account, role, until"),
        (json!({"name": "assign_role", "account": 7, "role": "R"}), "account", "expected an account"),
        (json!({"name": "assign_role", "account": "a b", "role": "R"}), "account", "1 to 64"),
        (json!({"name": "assign_role", "account": "@", "role": "R"}), "account", "expected an account"),
        (json!({"name": "assign_role", "account": "j", "role": " R"}), "role", "no space at either end"),
        (json!({"name": "assign_role", "account": "j", "role": "R", "until": "soon"}), "until", "RFC 3339"),
        (json!({"name": "assign_role", "account": "j", "role": "R", "until": 7}), "until", "RFC 3339"),
        (json!({"name": "disable_account", "account": "j", "reason": "a\tb"}), "reason", "at most 500"),
        (json!({"name": "disable_account", "account": "j", "reason": long}), "reason", "at most 500"),
        (json!({"name": "add_contact", "account": "@j", "full_name": "J"}), "account", "1 to 64"),
        (json!({"name": "add_contact", "account": "j"}), "full_name", "1 to 200"),
        (json!({"name": "add_contact", "account": "j", "full_name": "  "}), "full_name", "1 to 200"),
        (json!({"name": "add_contact", "account": "j", "full_name": long}), "full_name", "1 to 200"),
        (json!({"name": "add_contact", "account": "j", "full_name": "J", "city": "a\nb"}), "city", "1 to 200"),
        (json!({"name": "add_contact", "account": "j", "full_name": "J", "email": "j"}), "email", "an email address"),
        (json!({"name": "update_contact", "account": "j"}), "full_name", "detail to change"),
        (json!({"name": "update_contact", "account": "j", "full_name": null}), "full_name", "cannot be cleared"),
        (json!({"name": "change_username", "account": "j", "username": "j@x.org"}), "username", "no `@`"),
        (json!({"name": "set_credential_email", "account": "j"}), "email", "an email address"),
        (json!({"name": "set_password", "account": "j", "password": long}), "password", "1 to 1024 bytes"),
        (json!({"name": "set_password", "account": "j", "password": ""}), "password", "1 to 1024 bytes"),
        (json!({"name": "set_user_class", "account": "j", "user_class": "vip"}), "user_class", "public, casual, full"),
        (json!({"name": "confirm_second_factor", "code": "12345"}), "code", "six digits"),
        (json!({"name": "confirm_second_factor", "code": 123456}), "code", "six digits"),
        (json!({"name": "confirm_second_factor", "code": "12345\u{661}"}), "code", "six digits"),
        (json!({"name": "set_effective_date", "account": "j"}), "date", "a day such as"),
        (json!({"name": "set_effective_date", "account": "j", "date": "2026-02-30"}), "date", "a day such as"),
        (json!({"name": "end_session", "session": 0}), "session", "from 1 to 9007199254740991"),
        (json!({"name": "set_setting", "setting": "colour", "value": 1}), "setting", "lockout_attempts"),
        (json!({"name": "set_setting", "setting": "lockout_attempts", "value": 0}), "value", "1 to 1000"),
        (json!({"name": "set_setting", "setting": "lockout_attempts", "value": -1}), "value", "1 to 1000"),
        (json!({"name": "set_setting", "setting": "lockout_attempts", "value": true}), "value", "1 to 1000"),
        (json!({"name": "set_setting", "setting": "notify_by_mail", "value": 2}), "value", "true or false"),
        (json!({"name": "set_setting", "setting": "notify_by_mail", "value": "no"}), "value", "true or false"),
        (json!({"name": "set_setting", "setting": "reset_email_body", "value": 1}), "value", "text of at most"),
        (json!({"name": "set_setting", "setting": "reset_email_body", "value": "Hello"}), "value", "{link}"),
        (json!({"name": "set_setting", "setting": "reset_email_body", "value": "{link} {user}"}), "value", "{user}"),
        (json!({"name": "record_correction", "position": 1.5}), "position", "a whole number"),
        (json!({"name": "set_level", "account": "j", "module": "M", "level": 9}), "level", "from 0 to 8"),
        (json!({"name": "set_level", "account": "j", "module": "M", "level": "4"}), "level", "from 0 to 8"),
        (json!({"name": "edit_role", "role": "R"}), "new_name", "or `description`"),
        (json!({"name": "create_role", "role": "R", "description": long}), "description", "at most 1000"),
        (json!({"name": "create_object", "object": "s", "kind": "site"}), "object", "/part/part"),
        (json!({"name": "create_object", "object": "/s", "kind": "site", "public": "no"}), "public", "true or false"),
        (grant(json!({"rights": []})), "rights", "one or more"),
        (grant(json!({"rights": ["read", "read"]})), "rights", "twice"),
        (grant(json!({"rights": ["see"]})), "rights", "full_control"),
        (json!({"name": "create_query", "query": "a//b"}), "query", "object path"),
        (json!({"name": "edit_query", "query": "a", "out_of_box": true}), "out_of_box", "no such field"),
        (visible(json!([])), "condition", "member_type"),
        (visible(json!({"city": "Oslo"})), "condition", "member_type"),
        (visible(json!({"any": [{"member_type": 7}]})), "condition", "member_type"),
        (covering(json!("/site")), "covers", "at most 100"),
        (covering(json!(["/site", "/site"])), "covers", "none of them twice"),
        (covering(json!(["/site", "site"])), "covers[1]", "no object path"),
        (grant(json!({"principal": {}})), "principal", "member_type"),
        (grant(json!({"principal": "staff"})), "principal", "member_type"),
        (grant(json!({"principal": {"staff": false}})), "principal", "member_type"),
        (grant(json!({"principal": {"staff": true, "group": "g"}})), "principal", "member_type"),
        (grant(json!({"principal": {"group": ""}})), "principal.group", "no name"),
        (grant(json!({"principal": {"account": "@a@b"}})), "principal.account", "an account"),
        (
            json!({"name": "define_separation", "separation": "s", "one": "fly", "other": "app.use"}),
            "one",
            "/v1/capabilities",
        ),
        (
            json!({"name": "define_separation", "separation": "s", "one": "app.use", "other": "object.read"}),
            "other",
            "`object.read` is not",
        ),
        (
            json!({"name": "define_separation", "separation": "s", "one": "app.use", "other": "app.use"}),
            "other",
            "other than",
        ),
        (webhook(json!([])), "events", "1 to 100"),
        (webhook(json!(["admin_added", "admin_added"])), "events", "none of them twice"),
        (webhook(json!(["admin_added", "admin_add"])), "events[1]", "did you mean `admin_added`"),
        (webhook(json!(["webhook_failing"])), "events[0]", "the view `webhooks`"),
        (json!({"name": "record_app_use", "uses": []}), "uses", "1 to 1000"),
        (json!({"name": "record_app_use", "uses": many}), "uses", "1 to 1000"),
        (json!({"name": "record_app_use", "uses": [{"account": "a"}]}), "uses[0]", "instant"),
        (
            json!({"name": "record_app_use", "uses": [{"account": "a", "app": "b", "at": "2026-01-01"}]}),
            "uses[0].at",
            "RFC 3339",
        ),
        (json!({"name": "add_contact", "account": "guest", "full_name": "G"}), "account", "not signed in"),
        (json!({"name": "unlock_manager", "cloud_id": "abcimis"}), "ticket", "a name"),
        (json!({"name": "unlock_manager", "ticket": "T-1"}), "cloud_id", "a Cloud ID"),
        (json!({"name": "unlock_manager", "ticket": "T-1", "cloud_id": "A"}), "cloud_id", "3 to 32"),
        (
            json!({"name": "record_subscription", "app": "a", "status": "demo", "from": "2020-01-01",
                "ticket": "T-1", "customer": "c", "cloud_id": "abc"}),
            "cloud_id",
            "not both",
        ),
        (
            json!({"name": "add_app", "app": "a", "title": " ", "audience": "staff", "ticket": "T-1"}),
            "title",
            "one line",
        ),
    ];
    for (value, field, message) in table {
        match read_anywhere(&value) {
            Err(Problem::Malformed(malformed)) => {
                assert_eq!(malformed.field, field, "{value}: {malformed}");
                assert!(malformed.message.contains(message), "{value}: {malformed}");
                assert!(malformed.message.len() < 400, "{malformed}");
            }
            other => panic!("{value}: {other:?}"),
        }
    }
}

// rule: U4
#[test]
fn a_command_is_known_at_its_own_door_alone() {
    for sample in samples() {
        let other = match describe(sample["name"].as_str().unwrap()).unwrap().door {
            Door::Tenant => Door::Support,
            Door::Support => Door::Tenant,
            Door::Either => continue,
        };
        let Err(Problem::Malformed(malformed)) = read(&sample, other) else { panic!("{sample}") };
        assert_eq!(malformed.field, "name");
    }
}

#[test]
fn usernames_lead_to_ids_and_an_unknown_one_comes_after_what_is_malformed() {
    let on = |account: &str, level: u8| json!({"name": "set_level", "account": account, "module": "M", "level": level});
    let given = read_anywhere(&on("@MANAGER", 1)).unwrap();
    assert_eq!(given.command.subject(), Some(&AccountId::manager()));
    let Err(Problem::UnknownAccount(unknown)) = read_anywhere(&on("@nobody", 1)) else { panic!() };
    assert_eq!((unknown.field.as_str(), unknown.username.as_str()), ("account", "nobody"));
    assert_eq!(unknown.stand_in.command.name(), "set_level");
    assert!(matches!(read_anywhere(&on("@nobody", 9)), Err(Problem::Malformed(_))));

    let grant = json!({"name": "grant_access", "object": "/s", "principal": {"account": "@manager"},
        "rights": ["read"]});
    assert_eq!(read_anywhere(&grant).unwrap().command.subject(), Some(&AccountId::manager()));

    let update = json!({"name": "update_contact", "account": "@nobody", "city": "Oslo"});
    let Err(Problem::UnknownAccount(unknown)) = read_anywhere(&update) else { panic!() };
    assert_eq!(show(&unknown.stand_in.command)["city"], "");
}

// rule: G10
#[test]
fn a_grant_until_a_day_lasts_through_its_end() {
    for (until, instant) in
        [("2026-11-21", "2026-11-22T00:00:00.000000Z"), ("2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00.000000Z")]
    {
        let given = read_anywhere(&json!({"name": "add_admin", "account": "jeff", "until": until})).unwrap();
        assert_eq!(show(&given.command)["until"], instant);
    }
}

#[test]
fn null_takes_away_what_there_was() {
    for cleared in [
        json!({"name": "update_contact", "account": "j", "email": null, "status": null, "city": null}),
        json!({"name": "set_credential_email", "account": "j", "email": null}),
        json!({"name": "set_effective_date", "account": "j", "date": null}),
        json!({"name": "set_expiration_date", "account": "j", "date": null}),
    ] {
        assert_eq!(show(&read_anywhere(&cleared).unwrap().command), cleared);
    }
    let created = read_anywhere(&json!({"name": "create_object", "object": "/s", "kind": "site"})).unwrap();
    assert_eq!(show(&created.command)["public"], false);
    assert_eq!(show(&created.command)["active"], true);
}

// rule: C14
#[test]
fn secrets_are_beside_the_command_and_nothing_shows_them() {
    let secret = "Start-7-word";
    for sample in samples() {
        let given = read_anywhere(&sample).unwrap();
        let has = sample.as_object().unwrap().values().any(|value| *value == secret);
        assert_eq!(given.secrets.password.as_ref().map(|password| password.as_str()), has.then_some(secret));
        let shown = format!("{given:?} {}", show(&given.command));
        assert!(!shown.contains(secret) && !shown.contains("Before-7"), "{shown}");
    }
    let changed = json!({"name": "change_own_password", "old": "Before-7", "new": secret});
    let confirmed = json!({"name": "confirm_second_factor", "code": "012345"});
    assert_eq!(read_anywhere(&confirmed).unwrap().secrets.code.unwrap().as_str(), "012345");
    assert_eq!(read_anywhere(&changed).unwrap().secrets.old.unwrap().as_str(), "Before-7");
}

/// Whoever describes a command with a password says in `password_use` what becomes of it.
#[test]
fn of_every_password_it_is_known_what_becomes_of_it() {
    let giver = AccountId::manager();
    for sample in samples() {
        let command = read_anywhere(&sample).unwrap().command;
        let described = describe(command.name()).unwrap().password();
        assert_eq!(command.password_use(Some(&giver)).is_some(), described.is_some(), "{}", command.name());
    }
}

// rule: C14
#[test]
fn no_error_repeats_a_secret_or_a_personal_value() {
    let mut refused = BTreeSet::new();
    for sample in samples() {
        for field in describe(sample["name"].as_str().unwrap()).unwrap().all_fields() {
            let private = match field.kind {
                FieldKind::Secret => format!("sesame{}", "x".repeat(1_024)),
                FieldKind::Account | FieldKind::Accounts | FieldKind::NewAccount | FieldKind::Username => {
                    "sesame@x.org".to_owned()
                }
                FieldKind::Code => "sesame".to_owned(),
                FieldKind::Personal | FieldKind::Email => "sesame\n".to_owned(),
                FieldKind::Url => "https://me:sesame@x.org".to_owned(),
                FieldKind::Name
                | FieldKind::CloudId
                | FieldKind::Path
                | FieldKind::Text { .. }
                | FieldKind::Until
                | FieldKind::Date
                | FieldKind::Number { .. }
                | FieldKind::Boolean
                | FieldKind::SettingValue
                | FieldKind::Choice(_)
                | FieldKind::Principal
                | FieldKind::Principals
                | FieldKind::Choices(_)
                | FieldKind::Paths
                | FieldKind::Uses
                | FieldKind::ReviewScope
                | FieldKind::EventTypes
                | FieldKind::Condition => continue,
            };
            for value in [json!(private), json!([private]), json!({"sesame": private})] {
                let mut wrong = sample.clone();
                wrong[field.name] = value;
                let problem = read_anywhere(&wrong).unwrap_err();
                assert!(!format!("{problem} {problem:?}").contains("sesame"), "{problem}");
                refused.insert(field.name);
            }
        }
    }
    for name in ["account", "email", "full_name", "new", "old", "password", "phone", "username"] {
        assert!(refused.contains(name), "{name}");
    }
}

// rule: C5
#[test]
fn a_password_shape_counts_characters_of_any_script() {
    let shape = |characters, has_digit, has_letter| PasswordShape { characters, has_digit, has_letter };
    assert_eq!(PasswordShape::of("Start-7"), shape(7, true, true));
    assert_eq!(PasswordShape::of("åß!"), shape(3, false, true));
    assert_eq!(PasswordShape::of("12"), shape(2, true, false));
}

#[test]
fn what_stands_twice_is_refused_and_not_chosen_from() {
    let wrong = |text: &str| {
        let given: CommandJson<'_> = serde_json::from_str(text).unwrap();
        well_formed(&given, Door::Tenant).unwrap_err().to_string()
    };
    let twice = r#"{"name": "assign_role", "account": "bob", "role": "a", "role": "b"}"#;
    assert_eq!(wrong(twice), "`role`: is given twice: expected it once");
    let named_twice = r#"{"name": "assign_role", "account": "bob", "role": "a", "name": "remove_role"}"#;
    assert_eq!(wrong(named_twice), "`name`: is given twice: expected it once");
    let within =
        r#"{"name": "grant_access", "object": "/a", "rights": ["read"], "principal": {"role": "a", "role": "b"}}"#;
    assert!(wrong(within).starts_with("`principal`: expected"), "{}", wrong(within));
}

#[test]
fn the_tenant_of_a_command_of_support_is_known_before_the_command_is_read() {
    assert_eq!(cloud_id_of(&CommandJson::from(&json!({"cloud_id": "abcimis"}))).unwrap().unwrap().as_str(), "abcimis");
    assert_eq!(cloud_id_of(&CommandJson::from(&json!({"cloud_id": null}))), Ok(None));
    assert_eq!(cloud_id_of(&CommandJson::from(&json!(7))), Ok(None));
    assert_eq!(cloud_id_of(&CommandJson::from(&json!({"cloud_id": 7}))).unwrap_err().field, "cloud_id");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "[@a-z0-9/:TZ-]{0,24}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("(account|app|at|group|staff|name|.{0,4})", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(
        value in any_json(),
        sample in prop::sample::select(samples()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 0..3),
    ) {
        let _ = read_anywhere(&value);
        let mut changed = sample;
        let fields: Vec<String> = changed.as_object().unwrap().keys().cloned().collect();
        for (which, value) in changes {
            changed[which.get(&fields).as_str()] = value;
        }
        // What is read is well formed: it is written and read again.
        if let Ok(given) = read_anywhere(&changed) {
            let mut again = changed.clone();
            again.as_object_mut().unwrap().extend(show(&given.command).as_object().unwrap().clone());
            prop_assert_eq!(read_anywhere(&again).unwrap().command, given.command);
        }
    }
}

#[test]
fn a_name_is_as_far_as_its_letters_to_change() {
    for (from, to, steps) in [
        ("", "", 0),
        ("role", "", 4),
        ("", "role", 4),
        ("my_role", "role", 3),
        ("role", "my_role", 3),
        ("roles", "rule", 2),
    ] {
        assert_eq!(distance(from, to), steps, "{from} {to}");
    }
}
