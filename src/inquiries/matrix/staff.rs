//! Staff and system administrators (rules: S1, S2, S4, L2).

use serde_json::{Value, json};

use super::Plan;

pub(super) const PLAN: Plan = Plan {
    name: "staff",
    words: "what staff may do on the platform, and what system administrators may beside that (S1, S2)",
    actors: &[
        ("guest", "guest"),
        ("public", "visitor"),
        ("staff", "staff"),
        ("staff-customers-4", "helper"),
        ("staff-reporting", "reporter"),
        ("sysadmin", "sysadmin"),
    ],
    history,
    rows: &[
        ("work with contacts", "contacts.access", None),
        ("work with events", "events.access", None),
        ("see dashboards", "dashboards.access", None),
        ("see reports", "reports.access", None),
        ("use the sub-areas of reports", "reports.area", None),
        ("carry out transactions on behalf of others", "transactions.on_behalf", None),
        ("create credentials", "credentials.create", Some("contact")),
        ("unlock somebody who is not staff", "credentials.unlock", Some("member")),
        ("set the password of somebody who is not staff", "credentials.set_password", Some("member")),
        ("unlock staff", "credentials.unlock", Some("colleague")),
        ("set the password of staff", "credentials.set_password", Some("colleague")),
        ("set the class of an account: make somebody staff", "account.set_class", Some("member")),
        ("make a system administrator", "sysadmin.make", None),
        ("disable an account", "account.disable", Some("member")),
        ("set effective and expiration dates", "account.set_dates", Some("member")),
        ("assign roles", "roles.assign", None),
        ("assign group members", "groups.assign", None),
        ("set module authorisation levels", "levels.assign", None),
        ("change a username", "credentials.rename", Some("member")),
        ("delete credentials", "credentials.delete", Some("member")),
        ("change the email of credentials", "credentials.set_email", Some("member")),
        ("send a password reset", "credentials.send_reset", Some("member")),
        ("remove an account", "account.remove", Some("member")),
        ("create, edit and delete roles", "roles.manage", None),
        ("create and delete groups", "groups.manage", None),
        ("change the object tree and access settings", "objects.manage", None),
        ("use the query architect", "iqa.use", None),
        ("use the business object designer", "bod.use", None),
        ("use process automation", "process_automation.use", None),
        ("use the panel designer", "panel_designer.use", None),
        ("change system settings", "settings.update", None),
        ("act as another account", "account.impersonate", Some("member")),
    ],
};

fn history() -> Vec<Value> {
    let mut history = Vec::new();
    let mut person = |id: &str, class: Option<&str>| {
        let email = format!("{id}@example.org");
        history.push(json!({"name": "add_contact", "account": id, "full_name": id, "email": email}));
        if let Some(class) = class {
            history.push(json!({"name": "create_credentials", "account": id, "username": id, "password": "Example-1",
                "user_class": class}));
        }
    };
    person("contact", None);
    person("visitor", Some("public"));
    person("member", Some("public"));
    for id in ["staff", "helper", "reporter", "sysadmin", "colleague"] {
        person(id, Some("full"));
    }
    history.push(json!({"name": "set_level", "account": "helper", "module": "Customers", "level": 4}));
    history.push(json!({"name": "add_group_member", "account": "reporter", "group": "Reporting"}));
    history.push(json!({"name": "make_system_administrator", "account": "sysadmin"}));
    history
}

#[cfg(test)]
mod tests {
    use crate::matrix::for_tests::check;

    // rules: S1, S2, S4, L2, C3, C7, C8, C9, C10, C13, G6, G7, L1, X1, X2, P2, F12
    #[test]
    fn staff_and_system_administrators_may_what_the_rulebook_lists() {
        // The actors in the order of the columns: guest, public, staff, with Customers 4, in Reporting, SysAdmin.
        let table = r#"
            contacts.access                       - - yes yes yes yes | {"name": "add_contact", "account": "new", "full_name": "N"}
            events.access                         - - yes yes yes yes
            dashboards.access                     - - yes yes yes yes
            reports.access                        - - yes yes yes yes
            reports.area                          - - -   -   yes yes
            transactions.on_behalf                - - yes yes yes yes
            credentials.create contact            - - -   yes -   yes | {"name": "create_credentials", "account": "contact", "username": "c", "password": "Example-1", "user_class": "public"}
            credentials.unlock member             - - -   yes -   yes
            credentials.set_password member       - - -   yes -   yes | {"name": "set_password", "account": "member", "password": "Example-2"}
            credentials.unlock colleague          - - -   -   -   yes
            credentials.set_password colleague    - - -   -   -   yes | {"name": "set_password", "account": "colleague", "password": "Example-2"}
            account.set_class member              - - -   -   -   yes | {"name": "set_user_class", "account": "member", "user_class": "full"}
            sysadmin.make                         - - -   -   -   yes | {"name": "make_system_administrator", "account": "colleague"}
            account.disable member                - - -   -   -   yes | {"name": "disable_account", "account": "member"}
            account.set_dates member              - - -   -   -   yes | {"name": "set_expiration_date", "account": "member", "date": "2030-01-01"}
            roles.assign                          - - -   -   -   yes | {"name": "assign_role", "account": "colleague", "role": "RemoteService"}
            groups.assign                         - - -   -   -   yes | {"name": "add_group_member", "account": "member", "group": "SegUser"}
            levels.assign                         - - -   -   -   yes | {"name": "set_level", "account": "colleague", "module": "Customers", "level": 4}
            credentials.rename member             - - -   -   -   yes | {"name": "change_username", "account": "member", "username": "m"}
            credentials.delete member             - - -   -   -   yes | {"name": "delete_credentials", "account": "member"}
            credentials.set_email member          - - -   -   -   yes | {"name": "set_credential_email", "account": "member", "email": "m@example.org"}
            credentials.send_reset member         - - -   -   -   yes
            account.remove member                 - - -   -   -   yes | {"name": "remove_account", "account": "member"}
            roles.manage                          - - -   -   -   yes | {"name": "create_role", "role": "Aide", "description": "Helps"}
            groups.manage                         - - -   -   -   yes | {"name": "create_group", "group": "aides"}
            objects.manage                        - - -   -   -   yes | {"name": "create_object", "object": "/site", "kind": "site"}
            iqa.use                               - - -   -   -   yes
            bod.use                               - - -   -   -   yes
            process_automation.use                - - -   -   -   yes
            panel_designer.use                    - - -   -   -   yes
            settings.update                       - - -   -   -   yes | {"name": "set_setting", "setting": "lockout_attempts", "value": 3}
            account.impersonate member            - - -   -   -   -
        "#;
        check("staff", table);
    }
}
