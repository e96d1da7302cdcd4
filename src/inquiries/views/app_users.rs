//! App Users (rules: A4, A8, A9): who is assigned to which app, and whether that gives anything.

use grantbook_rights::{Capability, On, Question, Standing, Who, allowed};
use serde_json::{Map, Value, json};

use crate::shown::{Shown, cause};

pub(super) fn app_users(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut apps = Map::new();
    for number in views.names.apps.in_order() {
        let Some((_, app)) = views.tenant.app(number, as_of.position) else { continue };
        let users = shown.in_force(views.app_users.users(number, as_of.position));
        let users: Vec<Value> = users
            .into_iter()
            .map(|(who, given, holding)| {
                let mut user = shown.holder(who, given, holding, effective(shown, who, number));
                let last = views.app_users.last_use(who, number, as_of.position);
                let last = last.map(|(reported, used)| {
                    json!({"at": used.to_string(), "reported": cause(grantbook_projections::Cause::Entry(reported))})
                });
                user.insert("last_use".to_owned(), last.into());
                Value::Object(user)
            })
            .collect();
        let licensed = views.subscriptions.licensed(number, as_of).is_some();
        let state = json!({
            "title": app.title, "audience": app.audience.slug(), "licensed": licensed, "users": users,
        });
        apps.insert(app.name.as_str().to_owned(), state);
    }
    shown.answer([("apps", Value::Object(apps))])
}

/// Whether the assignment gives the use of the app: a lock passes and does not count.
fn effective(shown: &Shown<'_>, who: u32, app: u32) -> bool {
    let question = Question {
        views: shown.views,
        who: Who::Account(who),
        standing: Standing::Given,
        on: On::App(app),
        as_of: shown.as_of,
    };
    allowed(&question, Capability::AppUse)
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, app, ids};
    use grantbook_events::{Date, Event, SubscriptionStatus, TenantEvent};
    use serde_json::json;

    // rule: I1
    // rule: A4
    #[test]
    fn the_example_has_its_app_users() {
        let history = History::example();
        let view = history.view("app-users");
        let apps = &view["apps"];
        assert_eq!(ids(&apps["datastation"]["users"]), ["jeff"]);
        assert_eq!(ids(&apps["cloud-sso"]["users"]), ["veronica"]);
        assert_eq!(ids(&apps["iemail-cloud"]["users"]), ["rebecca", "sarah"]);
        assert_eq!(ids(&apps["idms-iimport"]["users"]), ["sarah"]);
        assert_eq!(apps["datastation"]["users"][0]["by"], json!("jeff"));
        assert_eq!(apps["datastation"]["users"][0]["effective"], json!(true));
        assert_eq!(apps["iemail-cloud"]["users"][0]["by"], json!("bob"));
    }

    // rule: A8
    #[test]
    fn assignments_rest_while_the_subscription_is_ended_and_work_again_when_it_is_renewed() {
        let mut history = History::example();
        let record = |status, from: &str| {
            let from = Date::parse(from).unwrap();
            vec![Event::Tenant(TenantEvent::SubscriptionRecorded {
                app: app("datastation"),
                status,
                from,
                until: None,
            })]
        };
        history.support(record(SubscriptionStatus::Ended, "2026-01-01"));
        let view = history.view("app-users");
        let ended = &view["apps"]["datastation"];
        assert_eq!((&ended["licensed"], &ended["users"][0]["effective"]), (&json!(false), &json!(false)));
        assert_eq!(ids(&ended["users"]), ["jeff"]);
        history.support(record(SubscriptionStatus::Active, "2026-01-01"));
        let view = history.view("app-users");
        let renewed = &view["apps"]["datastation"];
        assert_eq!((&renewed["licensed"], &renewed["users"][0]["effective"]), (&json!(true), &json!(true)));
    }
}
