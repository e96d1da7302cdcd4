//! The story of an access review: the apps of the organisation example, looked at by two reviewers.

use grantbook_ledger::events::Edition;
use grantbook_ledger::events::SignInPlane::{Dashboard, Platform};
use serde_json::{Value, json};

use crate::teller::{Start, Teller};

const APPS: [&str; 4] = ["iemail-cloud", "idms-iimport", "datastation", "cloud-sso"];

fn assign(account: &str, app: &str) -> Value {
    json!({"name": "assign_app_user", "account": account, "app": app})
}

fn decide(review: &str, item: &str, decision: &str, reason: &str) -> Value {
    json!({"name": "decide_review_item", "review": review, "item": item, "decision": decision, "reason": reason})
}

fn close(review: &str) -> Value {
    json!({"name": "close_review", "review": review})
}

pub(crate) async fn access_review() -> Teller {
    let start =
        Start { cloud_id: "reviewimis", at: "2026-01-12T08:00:00Z", edition: Edition::Cloud, manager_email: None };
    let mut tell = Teller::begin(start).await;
    // The people and what they have.
    for app in APPS {
        let subscription = json!({"name": "record_subscription", "app": app, "status": "active", "from": "2026-01-01"});
        tell.support("T-1000", subscription).await;
    }
    tell.support("T-1000", json!({"name": "record_licence", "licence": "api_connector"})).await;
    tell.signs_in("manager", Platform).await;
    tell.hires("audrey", "Audrey A.", "public", &["Auditor"]).await;
    let people = [("bob", "Bob S."), ("jeff", "Jeff T."), ("veronica", "Veronica W."), ("sarah", "Sarah E.")];
    for (id, name) in people.into_iter().chain([("rebecca", "Rebecca N."), ("suite", "Power Suite")]) {
        tell.hires(id, name, "full", &["RemoteService"]).await;
    }
    tell.gives("manager", json!({"name": "make_system_administrator", "account": "suite"})).await;
    tell.pass_to("2026-01-13T09:00:00Z").await;
    tell.signs_in("bob", Dashboard).await;
    tell.gives("bob", json!({"name": "add_admin", "account": "jeff", "reason": "shares the work with me"})).await;
    for (account, app) in
        [("veronica", "cloud-sso"), ("sarah", "iemail-cloud"), ("sarah", "idms-iimport"), ("rebecca", "iemail-cloud")]
    {
        tell.gives("bob", assign(account, app)).await;
    }
    tell.signs_in("jeff", Dashboard).await;
    tell.gives("jeff", assign("jeff", "datastation")).await;
    let password = tell.password_of("suite");
    tell.gives("jeff", json!({"name": "set_background_account", "account": "suite", "password": password})).await;
    // The apps report who used them (rule: A9).
    tell.pass_to("2026-06-30T22:00:00Z").await;
    tell.signs_in("suite", Platform).await;
    let used = |account: &str, app: &str, at: &str| json!({"account": account, "app": app, "at": at});
    let uses = [
        used("sarah", "iemail-cloud", "2026-06-29T14:10:00Z"),
        used("rebecca", "iemail-cloud", "2026-06-30T09:30:00Z"),
        used("sarah", "idms-iimport", "2026-01-20T11:00:00Z"),
        used("jeff", "datastation", "2026-06-12T16:45:00Z"),
    ];
    tell.gives("suite", json!({"name": "record_app_use", "uses": uses})).await;
    // Audrey opens the review; Sarah and Veronica decide, and neither on what is hers.
    tell.pass_to("2026-07-01T08:00:00Z").await;
    tell.signs_in("audrey", Platform).await;
    let open = json!({"name": "open_review", "review": "Apps 2026", "scope": {"apps": true}, "due": "2026-07-15",
        "reviewers": ["sarah", "veronica"], "reason": "every summer"});
    tell.gives("audrey", open).await;
    tell.pass_to("2026-07-02T10:00:00Z").await;
    tell.signs_in("sarah", Dashboard).await;
    tell.gives("sarah", decide("Apps 2026", "rebecca/iemail-cloud", "keep", "sends the newsletter")).await;
    tell.is_refused("sarah", decide("Apps 2026", "sarah/iemail-cloud", "keep", "I need it"), "U3").await;
    tell.gives("sarah", decide("Apps 2026", "jeff/datastation", "revoke", "he keeps the machines now")).await;
    tell.gives("sarah", decide("Apps 2026", "jeff/datastation", "keep", "asked him: twice a month")).await;
    tell.pass_to("2026-07-03T10:00:00Z").await;
    tell.signs_in("veronica", Dashboard).await;
    tell.gives("veronica", decide("Apps 2026", "sarah/iemail-cloud", "keep", "she runs the lists")).await;
    tell.gives("veronica", decide("Apps 2026", "sarah/idms-iimport", "revoke", "one import, in January")).await;
    // It comes to be overdue. Who reviews cannot carry it out; who manages the apps can.
    tell.pass_to("2026-07-20T09:00:00Z").await;
    tell.signs_in("audrey", Platform).await;
    tell.is_refused("audrey", close("Apps 2026"), "A3").await;
    tell.signs_in("bob", Dashboard).await;
    tell.gives("bob", close("Apps 2026")).await;
    tell.is_refused("bob", close("Apps 2026"), "U3").await;
    // A year later only what changed is looked at, and what nobody had decided on.
    tell.pass_to("2027-07-01T08:00:00Z").await;
    tell.signs_in("bob", Dashboard).await;
    tell.gives("bob", assign("rebecca", "idms-iimport")).await;
    tell.signs_in("audrey", Platform).await;
    let open = json!({"name": "open_review", "review": "Apps 2027", "scope": {"apps": true}, "due": "2027-07-15",
        "reviewers": ["sarah", "bob"], "since_review": "Apps 2026"});
    tell.gives("audrey", open).await;
    tell
}
