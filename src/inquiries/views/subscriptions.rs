//! Subscriptions (rule: A2): what was recorded of each app, and whether that licenses it.

use grantbook_projections::{Cause, Moments};
use serde_json::{Map, Value, json};

use crate::shown::{Shown, instant};

pub(super) fn subscriptions(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut apps = Map::new();
    for number in views.names.apps.in_order() {
        let Some((_, app)) = views.tenant.app(number, as_of.position) else { continue };
        let Some((recorded, subscription)) = views.subscriptions.recorded(number, as_of.position) else { continue };
        let mut points = Vec::new();
        views.subscriptions.turning_points(number, as_of, &mut points);
        let licensed = |point| views.subscriptions.licensed(number, point).is_some();
        let since = Moments::new(&views.timeline, points, as_of).since(as_of, &licensed);
        let mut state = Map::new();
        state.insert("title".to_owned(), app.title.as_str().into());
        state.insert("status".to_owned(), subscription.status.slug().into());
        state.insert("from".to_owned(), subscription.from.to_string().into());
        state.insert("until".to_owned(), instant(subscription.until));
        state.insert("since".to_owned(), shown.cause(Cause::Entry(recorded)));
        shown.put_by(Some(recorded), &mut state);
        state.insert("licensed".to_owned(), licensed(as_of).into());
        state.insert("licensed_changed".to_owned(), shown.maybe_cause(since));
        apps.insert(app.name.as_str().to_owned(), json!(state));
    }
    shown.answer([("subscriptions", Value::Object(apps))])
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, app};
    use grantbook_events::{Date, Event, Instant, SubscriptionStatus, TenantEvent};
    use serde_json::json;

    // rule: A2
    #[test]
    fn a_subscription_ends_by_the_clock() {
        let mut history = History::example();
        let event = TenantEvent::SubscriptionRecorded {
            app: app("datastation"),
            status: SubscriptionStatus::Trial,
            from: Date::parse("2026-01-01").unwrap(),
            until: Some(Instant::parse("2026-05-01T00:00:00Z").unwrap()),
        };
        history.support(vec![Event::Tenant(event)]);
        let now = history.view("subscriptions");
        assert_eq!(now["subscriptions"]["datastation"]["licensed"], json!(true));
        assert_eq!(now["subscriptions"]["datastation"]["by_support"], json!("Sue"));
        let later = history.view_on("subscriptions", "2026-05-01T00:00:00Z");
        assert_eq!(later["subscriptions"]["datastation"]["licensed"], json!(false));
        assert_eq!(
            later["subscriptions"]["datastation"]["licensed_changed"],
            json!({"clock": "2026-05-01T00:00:00.000000Z"})
        );
    }
}
