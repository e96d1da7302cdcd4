//! Admin Users and App Users (rules: F10, F11, A3, A4, A5, F12).

use serde_json::{Value, json};

use super::Plan;

pub(super) const PLAN: Plan = Plan {
    name: "dashboard",
    words: "what Admin Users and App Users may do on the dashboard (F10, F11, A3, A4)",
    actors: &[
        ("guest", "guest"),
        ("staff-on-site", "office"),
        ("staff", "staff"),
        ("app-user", "user"),
        ("admin-user", "admin"),
        ("admin-and-app-user", "both"),
        ("sysadmin", "sysadmin"),
    ],
    history,
    rows: &[
        ("sign in to the dashboard", "dashboard.sign_in", None),
        ("use an app it may be assigned to", "app.use", Some("datastation")),
        ("use an app whose subscription has ended", "app.use", Some("cloud-sso")),
        ("assign and remove App Users", "dashboard.manage_app_users", None),
        ("add and remove Admin Users", "dashboard.manage_admins", None),
        ("update the Background Account", "dashboard.update_background_account", None),
        ("view subscriptions", "dashboard.view_subscriptions", None),
        ("act as another account", "account.impersonate", Some("staff")),
    ],
};

fn history() -> Vec<Value> {
    let subscribe = |app: &str, status: &str| {
        json!({"name": "record_subscription", "cloud_id": "example", "app": app, "status": status, "from": "2025-01-01",
            "ticket": "examples"})
    };
    let mut history = vec![subscribe("datastation", "active"), subscribe("cloud-sso", "active")];
    history.push(
        json!({"name": "record_licence", "cloud_id": "example", "licence": "api_connector", "ticket": "examples"}),
    );
    for id in ["office", "staff", "user", "admin", "both", "sysadmin", "background"] {
        let email = format!("{id}@example.org");
        history.push(json!({"name": "add_contact", "account": id, "full_name": id, "email": email}));
        history.push(json!({"name": "create_credentials", "account": id, "username": id, "password": "Example-1",
            "user_class": "full"}));
        if id != "office" {
            history.push(json!({"name": "assign_role", "account": id, "role": "RemoteService"}));
        }
    }
    for id in ["sysadmin", "background"] {
        history.push(json!({"name": "make_system_administrator", "account": id}));
    }
    for id in ["admin", "both"] {
        history.push(json!({"name": "add_admin", "account": id}));
    }
    for (id, app) in [("user", "datastation"), ("both", "datastation"), ("user", "cloud-sso"), ("both", "cloud-sso")] {
        history.push(json!({"name": "assign_app_user", "account": id, "app": app}));
    }
    history.push(subscribe("cloud-sso", "ended"));
    history
}

#[cfg(test)]
mod tests {
    use crate::matrix::for_tests::check;

    // rules: F9, F10, F11, F12, A3, A4, A5, A8, B5, R1
    #[test]
    fn admin_users_and_app_users_may_what_the_rulebook_lists() {
        // The actors in the order of the columns: guest, staff without RemoteService, staff with it, App User, Admin User, both,
        // SysAdmin.
        let table = r#"
            dashboard.sign_in                      - - yes yes yes yes yes
            app.use datastation                    - - -   yes -   yes -
            app.use cloud-sso                      - - -   -   -   -   -
            dashboard.manage_app_users             - - -   -   yes yes - | {"name": "assign_app_user", "account": "staff", "app": "datastation"}
            dashboard.manage_admins                - - -   -   yes yes - | {"name": "add_admin", "account": "staff"}
            dashboard.update_background_account    - - -   -   yes yes - | {"name": "set_background_account", "account": "background", "password": "Example-1"}
            dashboard.view_subscriptions           - - -   -   yes yes -
            account.impersonate staff              - - -   -   -   -   -
        "#;
        check("dashboard", table);
    }
}
