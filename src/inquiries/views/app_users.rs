//! App Users (rules: A4, A8, A9): who is assigned to which app, and whether that gives anything.

use grantbook_events::Position;
use grantbook_projections::{Cause, Holding};
use grantbook_rights::{Capability, On, Question, Standing, Who, allowed};
use serde_json::{Map, Value, json};

use super::slices::{Made, Opens, Part, Row};
use crate::shown::Shown;

pub(super) fn app_users(shown: &Shown<'_>) -> Made {
    let opens = |number| -> Opens { Box::new(move |shown| of_app(shown, number)) };
    Made::Parts("apps", shown.views.names.apps.in_order().map(opens).collect())
}

fn of_app(shown: &Shown<'_>, number: u32) -> Option<Part> {
    let (views, as_of) = (shown.views, shown.as_of);
    let (_, app) = views.tenant.app(number, as_of.position)?;
    let users = shown.in_force(views.app_users.users(number, as_of.position)).into_iter();
    let row = |(who, given, holding)| -> Row { Box::new(move |shown| user(shown, number, who, given, holding)) };
    let licensed = views.subscriptions.licensed(number, as_of).is_some();
    let mut state = Map::new();
    state.insert("title".to_owned(), app.title.as_str().into());
    state.insert("audience".to_owned(), app.audience.slug().into());
    state.insert("licensed".to_owned(), licensed.into());
    Some(Part { name: app.name.as_str().to_owned(), state, list: "users", rows: users.map(row).collect() })
}

fn user(shown: &Shown<'_>, app: u32, who: u32, given: Position, holding: Holding) -> Value {
    let mut user = shown.holder(who, given, holding, effective(shown, who, app));
    let last = shown.views.app_users.last_use(who, app, shown.position());
    let last =
        last.map(|(reported, used)| json!({"at": used.to_string(), "reported": shown.cause(Cause::Entry(reported))}));
    user.insert("last_use".to_owned(), last.into());
    Value::Object(user)
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
