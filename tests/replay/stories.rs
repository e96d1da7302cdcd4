//! The stories behind the fixtures: who did what, told by real commands. A fixture's `entries.jsonl` is what its story leaves
//! in the book.

use std::future::Future;
use std::pin::Pin;

use grantbook_ledger::events::Edition;
use grantbook_ledger::events::SignInPlane::{Dashboard, Platform};
use serde_json::{Value, json};

use crate::teller::{Start, Teller};
use crate::{content, groups, keeping, reviews};

/// A fixture's folder, and how its story is told.
type Story = (&'static str, fn() -> Pin<Box<dyn Future<Output = Teller>>>);

/// The stories, by the fixture's folder.
pub(crate) const STORIES: [Story; 22] = [
    ("organisation", || Box::pin(organisation())),
    ("first-sign-in-race", || Box::pin(first_sign_in_race())),
    ("orphaned-and-recovered", || Box::pin(orphaned_and_recovered())),
    ("edition-2017", || Box::pin(edition_2017())),
    ("lockout-and-expiry", || Box::pin(lockout_and_expiry())),
    ("renewed-subscription", || Box::pin(renewed_subscription())),
    ("broken-background-account", || Box::pin(broken_background_account())),
    ("grant-with-an-end", || Box::pin(grant_with_an_end())),
    ("forgotten-password", || Box::pin(forgotten_password())),
    ("what-to-look-at", || Box::pin(what_to_look_at())),
    ("imported-history", || Box::pin(imported_history())),
    ("company-committee-chapters", || Box::pin(company_committee_chapters())),
    ("bought-access", || Box::pin(groups::bought_access())),
    ("dynamic-group", || Box::pin(groups::dynamic_group())),
    ("community", || Box::pin(groups::community())),
    ("customers-tenant", || Box::pin(customers_tenant())),
    ("second-factor-required", || Box::pin(second_factor_required())),
    ("content-authority", || Box::pin(content::content_authority())),
    ("queries", || Box::pin(content::queries())),
    ("visible-contacts", || Box::pin(content::visibility())),
    ("erased", || Box::pin(keeping::erased())),
    ("access-review", || Box::pin(reviews::access_review())),
];

pub(crate) async fn begin(cloud_id: &'static str, at: &'static str) -> Teller {
    Teller::begin(Start { cloud_id, at, edition: Edition::Cloud, manager_email: None }).await
}

fn subscription(app: &str, status: &str, from: &str) -> Value {
    json!({"name": "record_subscription", "app": app, "status": status, "from": from})
}

fn because(mut command: Value, reason: &str) -> Value {
    command["reason"] = reason.into();
    command
}

fn add_admin(account: &str) -> Value {
    json!({"name": "add_admin", "account": account})
}

fn remove_admin(account: &str) -> Value {
    json!({"name": "remove_admin", "account": account})
}

fn assign_app(account: &str, app: &str) -> Value {
    json!({"name": "assign_app_user", "account": account, "app": app})
}

fn until(mut command: Value, end: &str) -> Value {
    command["until"] = end.into();
    command
}

fn on(name: &str, account: &str) -> Value {
    json!({"name": name, "account": account})
}

/// Bob S., Jeff T., Veronica W., Sarah E. and Rebecca N.
async fn organisation() -> Teller {
    let mut tell = begin("abcimis", "2026-01-05T09:00:00Z").await;
    tell.support("T-100", json!({"name": "record_licence", "licence": "api_connector"})).await;
    for app in ["iemail-cloud", "idms-iimport", "datastation", "cloud-sso"] {
        tell.support("T-100", subscription(app, "active", "2026-01-01")).await;
    }
    tell.signs_in("manager", Platform).await;
    tell.hires("background", "Background Account", "full", &["SysAdmin", "RemoteService"]).await;
    for (id, name) in [
        ("bob", "Bob S."),
        ("jeff", "Jeff T."),
        ("veronica", "Veronica W."),
        ("sarah", "Sarah E."),
        ("rebecca", "Rebecca N."),
    ] {
        tell.hires(id, name, "full", &["RemoteService"]).await;
    }
    tell.pass_to("2026-01-06T09:00:00Z").await;
    tell.signs_in("bob", Dashboard).await;
    tell.gives("bob", because(add_admin("jeff"), "stands in for Bob")).await;
    tell.gives("bob", assign_app("veronica", "cloud-sso")).await;
    tell.gives("bob", assign_app("sarah", "iemail-cloud")).await;
    tell.gives("bob", assign_app("sarah", "idms-iimport")).await;
    tell.gives("bob", assign_app("rebecca", "iemail-cloud")).await;
    tell.signs_in("jeff", Dashboard).await;
    tell.gives("jeff", assign_app("jeff", "datastation")).await;
    let password = tell.password_of("background");
    tell.gives("jeff", json!({"name": "set_background_account", "account": "background", "password": password})).await;
    tell.signs_in("sarah", Dashboard).await;
    tell.is_refused("sarah", assign_app("sarah", "datastation"), "A3").await;
    tell
}

async fn first_sign_in_race() -> Teller {
    let mut tell = begin("raceimis", "2026-02-02T08:00:00Z").await;
    tell.signs_in("manager", Platform).await;
    for (id, name) in [("anna", "Anna A."), ("ben", "Ben B."), ("clara", "Clara C.")] {
        tell.hires(id, name, "full", &["RemoteService"]).await;
    }
    tell.hires("dora", "Dora D.", "full", &[]).await;
    tell.hires("emil", "Emil E.", "public", &[]).await;
    // None of these counts as the first.
    tell.is_stopped("manager", Dashboard, "M1").await;
    tell.mistypes("anna", Dashboard).await;
    tell.is_stopped("dora", Dashboard, "R1").await;
    tell.signs_in("emil", Dashboard).await;
    tell.signs_in("clara", Platform).await;
    // All at once: the clock stands.
    tell.pass_to("2026-02-02T09:00:00Z").await;
    for who in ["ben", "anna", "clara"] {
        tell.signs_in_at_once(who, Dashboard).await;
    }
    tell.is_refused("anna", add_admin("anna"), "F9").await;
    tell.is_refused("ben", remove_admin("ben"), "F9").await;
    // The rule is used up.
    tell.pass_to("2026-02-03T09:00:00Z").await;
    tell.signs_in("manager", Platform).await;
    tell.gives("manager", json!({"name": "assign_role", "account": "dora", "role": "RemoteService"})).await;
    tell.signs_in("dora", Dashboard).await;
    tell
}

async fn orphaned_and_recovered() -> Teller {
    let start = Start {
        cloud_id: "orphimis",
        at: "2026-03-02T08:00:00Z",
        edition: Edition::Cloud,
        manager_email: Some("office@example.org"),
    };
    let mut tell = Teller::begin(start).await;
    tell.signs_in("manager", Platform).await;
    tell.hires("petra", "Petra P.", "full", &["SysAdmin"]).await;
    for (id, name) in [("nora", "Nora N."), ("olaf", "Olaf O."), ("quinn", "Quinn Q."), ("rosa", "Rosa R.")] {
        tell.hires(id, name, "full", &["RemoteService"]).await;
    }
    tell.pass_to("2026-03-03T09:00:00Z").await;
    tell.signs_in("nora", Dashboard).await;
    tell.gives("nora", add_admin("olaf")).await;
    // By the platform: both admins are disabled, one after the other.
    tell.pass_to("2026-04-07T09:00:00Z").await;
    tell.signs_in("petra", Platform).await;
    tell.gives("petra", because(on("disable_account", "nora"), "left the house")).await;
    tell.support_is_refused("T-201", on("restore_admin", "quinn"), "F6").await;
    tell.gives("petra", because(on("disable_account", "olaf"), "left the house")).await;
    tell.support_is_refused("T-201", on("restore_admin", "olaf"), "F8").await;
    tell.support_is_refused("T-201", on("restore_admin", "petra"), "F6").await;
    tell.pass_to("2026-04-09T10:00:00Z").await;
    tell.support("T-201", on("restore_admin", "quinn")).await;
    // By the clock: the only effective admin expires.
    tell.pass_to("2026-05-04T09:00:00Z").await;
    tell.signs_in("petra", Platform).await;
    let date = json!({"name": "set_expiration_date", "account": "quinn", "date": "2026-06-30"});
    tell.gives("petra", because(date, "contract ends")).await;
    tell.pass_to("2026-07-06T09:00:00Z").await;
    tell.is_stopped("quinn", Dashboard, "C11").await;
    tell.support("T-315", on("restore_admin", "rosa")).await;
    // Who is made effective again is an admin again.
    tell.signs_in("petra", Platform).await;
    tell.gives("petra", because(on("enable_account", "olaf"), "came back")).await;
    tell
}

async fn edition_2017() -> Teller {
    let start =
        Start { cloud_id: "oldimis", at: "2019-05-06T08:00:00Z", edition: Edition::Edition2017, manager_email: None };
    let mut tell = Teller::begin(start).await;
    tell.signs_in("manager", Platform).await;
    tell.hires("greta", "Greta G.", "full", &["RemoteService"]).await;
    tell.hires("hugo", "Hugo H.", "full", &["SysAdmin", "RemoteService"]).await;
    // The first sign-in makes nobody an admin.
    tell.signs_in("greta", Dashboard).await;
    tell.is_refused("greta", add_admin("greta"), "F9").await;
    tell.signs_in("manager", Dashboard).await;
    tell.gives("manager", add_admin("greta")).await;
    tell.pass_to("2019-05-07T09:00:00Z").await;
    tell.signs_in("greta", Dashboard).await;
    tell.is_refused("greta", remove_admin("manager"), "F7").await;
    tell.signs_in("hugo", Platform).await;
    tell.is_refused("hugo", on("disable_account", "manager"), "M2").await;
    // With MANAGER there is always another admin, so the tenant is never orphaned.
    tell.gives("hugo", on("disable_account", "greta")).await;
    tell.signs_in("manager", Dashboard).await;
    tell.gives("manager", remove_admin("greta")).await;
    tell
}

async fn forgotten_password() -> Teller {
    let mut tell = begin("forgimis", "2026-02-02T08:00:00Z").await;
    tell.signs_in("manager", Platform).await;
    tell.hires("petra", "Petra P.", "full", &["SysAdmin"]).await;
    tell.hires("uma", "Uma U.", "public", &[]).await;
    tell.signs_in("petra", Platform).await;
    let contact =
        json!({"name": "add_contact", "account": "cora", "full_name": "Cora C.", "email": "cora@example.org"});
    tell.gives("petra", contact).await;
    // Without a site that is offered, nothing comes of it.
    tell.forgets_password("uma").await;
    tell.gives("petra", json!({"name": "create_object", "object": "/members", "kind": "site", "public": true})).await;
    let reset = json!({"name": "send_password_reset", "account": "uma", "site": "/members"});
    tell.is_refused("petra", reset.clone(), "P3").await;
    tell.gives("petra", json!({"name": "set_access", "object": "/members", "set": "everyone-full-control"})).await;
    let body = "Dear {name}, this link sets your password:\n{link}\nIt works for {minutes} minutes.\n";
    tell.gives("petra", json!({"name": "set_setting", "setting": "reset_email_body", "value": body})).await;
    // Locked out, forgotten, and in again.
    for _ in 0..5 {
        tell.mistypes("uma", Platform).await;
    }
    tell.forgets_password("uma").await;
    tell.follows_link("uma", "Uma-chose-1").await;
    tell.signs_in("uma", Platform).await;
    tell.link_is_refused("Uma-chose-2").await;
    // A changed email ends the link that went to the one before.
    tell.forgets_password("uma").await;
    tell.gives("petra", json!({"name": "set_credential_email", "account": "uma", "email": "uma@example.net"})).await;
    tell.link_is_refused("Uma-chose-2").await;
    // A link that is used too late.
    tell.gives("petra", because(reset, "asked by phone")).await;
    tell.link_is_handed_over().await;
    tell.pass_to("2026-02-02T10:00:00Z").await;
    tell.link_is_refused("Uma-chose-2").await;
    // A contact that never had credentials gets them, once the tenant allows it.
    tell.forgets_username("cora@example.org").await;
    let allow = json!({"name": "set_setting", "setting": "forgot_username_creates_credentials", "value": true});
    tell.gives("petra", allow).await;
    tell.forgets_username("cora@example.org").await;
    tell.follows_link("cora", "Cora-chose-1").await;
    tell.signs_in("cora", Platform).await;
    tell.forgets_username("cora@example.org").await;
    tell
}

async fn lockout_and_expiry() -> Teller {
    let mut tell = begin("lockimis", "2024-02-26T08:00:00Z").await;
    tell.signs_in("manager", Platform).await;
    tell.hires("petra", "Petra P.", "full", &["SysAdmin"]).await;
    tell.hires("tom", "Tom T.", "full", &["RemoteService"]).await;
    tell.hires("uma", "Uma U.", "public", &[]).await;
    tell.signs_in("petra", Platform).await;
    tell.gives("petra", json!({"name": "set_setting", "setting": "expiration_years", "value": 1})).await;
    tell.gives("petra", json!({"name": "set_effective_date", "account": "uma", "date": "2024-03-01"})).await;
    // On the day that not every year has.
    tell.pass_to("2024-02-29T23:00:00Z").await;
    tell.signs_in("tom", Dashboard).await;
    tell.is_stopped("uma", Platform, "C11").await;
    tell.pass_to("2024-03-01T00:00:00Z").await;
    tell.signs_in("uma", Platform).await;
    // Five failures lock; the lock ends by the clock.
    tell.pass_to("2025-02-10T09:00:00Z").await;
    for _ in 0..5 {
        tell.mistypes("tom", Dashboard).await;
    }
    tell.is_stopped("tom", Dashboard, "C11").await;
    tell.pass_to("2025-02-10T09:40:00Z").await;
    tell.mistypes("tom", Dashboard).await;
    tell.signs_in("tom", Dashboard).await;
    // Five failures lock again; the lock ends by an entry.
    tell.pass_to("2025-02-11T09:00:00Z").await;
    tell.signs_in("petra", Platform).await;
    tell.gives("petra", json!({"name": "set_setting", "setting": "lockout_minutes", "value": 0})).await;
    for _ in 0..5 {
        tell.mistypes("tom", Platform).await;
    }
    tell.pass_to("2025-02-14T09:00:00Z").await;
    tell.is_stopped("tom", Platform, "C11").await;
    tell.signs_in("petra", Platform).await;
    tell.gives("petra", because(on("unlock_credentials", "tom"), "called by phone")).await;
    tell.signs_in("tom", Platform).await;
    // The years pass; who does not sign in expires.
    tell.pass_to("2026-01-15T09:00:00Z").await;
    tell.signs_in("petra", Platform).await;
    tell.pass_to("2026-02-15T00:00:00Z").await;
    tell.is_stopped("tom", Platform, "C11").await;
    tell.signs_in("petra", Platform).await;
    tell.gives("petra", json!({"name": "set_expiration_date", "account": "tom", "date": "2026-02-28"})).await;
    tell.pass_to("2026-02-28T23:58:00Z").await;
    tell.signs_in("tom", Platform).await;
    tell
}

async fn renewed_subscription() -> Teller {
    let mut tell = begin("subsimis", "2026-01-12T08:00:00Z").await;
    tell.support("T-400", until(subscription("datastation", "trial", "2026-01-12"), "2026-03-31")).await;
    tell.signs_in("manager", Platform).await;
    for (id, name) in [("vera", "Vera V."), ("walt", "Walt W.")] {
        tell.hires(id, name, "full", &["RemoteService"]).await;
    }
    tell.signs_in("vera", Dashboard).await;
    tell.gives("vera", assign_app("walt", "datastation")).await;
    tell.is_refused("vera", assign_app("walt", "cloud-sso"), "A3").await;
    // The trial ends by the clock; the assignment rests.
    tell.pass_to("2026-04-13T09:00:00Z").await;
    tell.signs_in("vera", Dashboard).await;
    tell.is_refused("vera", assign_app("vera", "datastation"), "A3").await;
    // Renewed: it works again, and nobody assigned anybody.
    tell.pass_to("2026-05-04T09:00:00Z").await;
    tell.support("T-451", subscription("datastation", "active", "2026-05-04")).await;
    // Ended by support, and renewed from a day to come.
    tell.pass_to("2026-09-01T09:00:00Z").await;
    tell.support("T-502", subscription("datastation", "ended", "2026-09-01")).await;
    tell.support("T-503", subscription("datastation", "active", "2026-10-01")).await;
    tell
}

async fn broken_background_account() -> Teller {
    let mut tell = begin("backimis", "2026-01-19T08:00:00Z").await;
    tell.signs_in("manager", Platform).await;
    tell.hires("petra", "Petra P.", "full", &["SysAdmin"]).await;
    tell.hires("xena", "Xena X.", "full", &["RemoteService"]).await;
    tell.hires("relay", "Relay", "full", &["RemoteService"]).await;
    tell.signs_in("petra", Platform).await;
    tell.signs_in("xena", Dashboard).await;
    // What is asked for before it can be set.
    tell.is_refused("xena", set_background("relay", "no matter-1"), "B2").await;
    tell.support("T-600", json!({"name": "record_licence", "licence": "api_connector"})).await;
    tell.pass_to("2026-01-19T09:00:00Z").await;
    tell.is_refused("xena", set_background("manager", "no matter-1"), "B4").await;
    tell.pass_to("2026-01-19T10:00:00Z").await;
    let password = tell.password_of("relay");
    tell.is_refused("xena", set_background("relay", &password), "B3").await;
    tell.gives("petra", on("make_system_administrator", "relay")).await;
    tell.pass_to("2026-01-19T11:00:00Z").await;
    tell.is_refused("xena", set_background("relay", "mistyped-1"), "B5").await;
    tell.signs_in("relay", Dashboard).await;
    updated(&mut tell).await;
    // Each of what breaks the connection, and each time it is set anew.
    tell.pass_to("2026-01-20T09:00:00Z").await;
    tell.signs_in("petra", Platform).await;
    tell.signs_in("xena", Dashboard).await;
    tell.changes_password("relay").await;
    updated(&mut tell).await;
    tell.gives("petra", json!({"name": "change_username", "account": "relay", "username": "relay2"})).await;
    tell.is_called("relay", "relay2");
    updated(&mut tell).await;
    let remote = |name: &str| json!({"name": name, "account": "relay", "role": "RemoteService"});
    tell.gives("petra", remote("remove_role")).await;
    tell.gives("petra", remote("assign_role")).await;
    updated(&mut tell).await;
    let sysadmin = |name: &str| json!({"name": name, "account": "relay", "role": "SysAdmin"});
    tell.gives("petra", sysadmin("remove_role")).await;
    tell.gives("petra", sysadmin("assign_role")).await;
    updated(&mut tell).await;
    let class = |class: &str| json!({"name": "set_user_class", "account": "relay", "user_class": class});
    tell.gives("petra", class("casual")).await;
    tell.gives("petra", on("make_system_administrator", "relay")).await;
    updated(&mut tell).await;
    tell.gives("petra", on("disable_account", "relay")).await;
    tell.gives("petra", on("enable_account", "relay")).await;
    updated(&mut tell).await;
    let given = json!({"name": "set_password", "account": "relay", "password": "given-3-relay"});
    tell.gives("petra", given).await;
    tell.password_is("relay", "given-3-relay");
    updated(&mut tell).await;
    // By the clock.
    let expires = |date: &str| json!({"name": "set_expiration_date", "account": "relay", "date": date});
    tell.gives("petra", expires("2026-01-31")).await;
    tell.pass_to("2026-02-02T09:00:00Z").await;
    tell.signs_in("petra", Platform).await;
    tell.gives("petra", expires("2027-01-31")).await;
    tell.signs_in("xena", Dashboard).await;
    updated(&mut tell).await;
    // Somebody uses it as a person would.
    tell.changes_password("relay").await;
    updated(&mut tell).await;
    tell.signs_in("relay", Dashboard).await;
    tell
}

fn set_background(account: &str, password: &str) -> Value {
    json!({"name": "set_background_account", "account": account, "password": password})
}

async fn updated(tell: &mut Teller) {
    let password = tell.password_of("relay");
    tell.gives("xena", set_background("relay", &password)).await;
}

async fn grant_with_an_end() -> Teller {
    let mut tell = begin("grantimis", "2026-02-02T08:00:00Z").await;
    tell.support("T-700", subscription("iemail-cloud", "active", "2026-01-01")).await;
    tell.signs_in("manager", Platform).await;
    for (id, name) in [("yann", "Yann Y."), ("zoe", "Zoe Z.")] {
        tell.hires(id, name, "full", &["RemoteService"]).await;
    }
    tell.hires("walt", "Walt W.", "full", &[]).await;
    let member = json!({"name": "add_group_member", "group": "Reporting", "account": "walt"});
    tell.gives("manager", until(member, "2026-02-28")).await;
    tell.signs_in("yann", Dashboard).await;
    tell.gives("yann", because(until(add_admin("zoe"), "2026-03-31"), "while the office moves")).await;
    tell.gives("yann", until(assign_app("zoe", "iemail-cloud"), "2026-02-15T12:00:00Z")).await;
    // Who is an admin with an end leaves nobody who lasts.
    tell.is_refused("yann", remove_admin("yann"), "F9").await;
    tell.pass_to("2026-02-09T09:00:00Z").await;
    tell.signs_in("yann", Dashboard).await;
    tell.is_refused("yann", until(add_admin("yann"), "2026-12-31"), "F9").await;
    tell.pass_to("2026-02-09T10:00:00Z").await;
    tell.is_refused("yann", until(add_admin("zoe"), "2026-03-31"), "F13").await;
    // Given again with another end, before the first is over.
    tell.pass_to("2026-03-30T09:00:00Z").await;
    tell.signs_in("yann", Dashboard).await;
    tell.gives("yann", because(until(add_admin("zoe"), "2026-04-30"), "the move takes longer")).await;
    // After its end it counts as not held: there is nothing to take away, and it can be given anew.
    tell.pass_to("2026-05-04T09:00:00Z").await;
    tell.signs_in("yann", Dashboard).await;
    tell.is_refused("yann", remove_admin("zoe"), "F13").await;
    tell.gives("yann", because(add_admin("zoe"), "stays for good")).await;
    // Now that somebody lasts, the one may have an end.
    tell.gives("yann", until(add_admin("yann"), "2026-12-31")).await;
    tell
}

async fn second_factor_required() -> Teller {
    let mut tell = begin("factorimis", "2026-05-04T08:00:00Z").await;
    tell.signs_in("manager", Platform).await;
    tell.hires("sam", "Sam S.", "full", &["SysAdmin"]).await;
    tell.hires("nora", "Nora N.", "full", &["RemoteService"]).await;
    tell.signs_in("sam", Platform).await;
    let set = |setting: &str, value: Value| json!({"name": "set_setting", "setting": setting, "value": value});
    tell.gives("sam", because(set("session_timeout_minutes", json!(480)), "a working day")).await;
    tell.gives("sam", because(set("staff_second_factor", json!(true)), "an insurer asks for it")).await;
    tell.enrols("sam").await;
    // Nora comes to the dashboard with her password alone: she may enrol, and nothing else, and is no Admin User by that.
    tell.signs_in("nora", Dashboard).await;
    tell.is_refused("nora", json!({"name": "add_contact", "account": "x", "full_name": "X"}), "S6").await;
    tell.enrols("nora").await;
    tell.is_stopped("nora", Dashboard, "C11").await;
    tell.signs_in_with_code("nora", Dashboard).await;
    tell.repeats_the_code("nora", Dashboard).await;
    // Her phone is gone: Sam, who is in, resets it. She cannot do that herself.
    tell.is_refused("nora", on("reset_second_factor", "nora"), "S6").await;
    tell.gives("sam", because(on("reset_second_factor", "nora"), "the phone fell into the lake")).await;
    tell.signs_in("nora", Dashboard).await;
    tell.enrols("nora").await;
    tell.signs_in_with_code("nora", Dashboard).await;
    // A shorter timeout ends what has lasted longer: Sam's own session with it.
    tell.pass_to("2026-05-04T09:30:00Z").await;
    tell.gives("sam", because(set("session_timeout_minutes", json!(30)), "desks in the open")).await;
    tell.signs_in_with_code("sam", Platform).await;
    tell
}

async fn what_to_look_at() -> Teller {
    let mut tell = begin("lookimis", "2026-01-12T08:00:00Z").await;
    tell.support("T-800", subscription("iemail-cloud", "active", "2026-01-01")).await;
    tell.signs_in("manager", Platform).await;
    for (id, name) in [("iris", "Iris I."), ("jan", "Jan J."), ("kira", "Kira K.")] {
        tell.hires(id, name, "full", &["RemoteService"]).await;
    }
    tell.gives("manager", on("make_system_administrator", "iris")).await;
    let keys = json!({"name": "define_separation", "separation": "two keys", "one": "roles.assign",
        "other": "dashboard.manage_admins"});
    tell.gives("manager", because(keys, "who staffs the platform does not staff the dashboard")).await;
    tell.pass_to("2026-01-13T09:00:00Z").await;
    tell.signs_in("jan", Dashboard).await;
    tell.gives("jan", until(add_admin("iris"), "2026-06-30")).await;
    tell.gives("jan", until(assign_app("kira", "iemail-cloud"), "2026-03-31")).await;
    // Iris makes her right last, and takes Jan's.
    tell.signs_in("iris", Dashboard).await;
    tell.gives("iris", add_admin("iris")).await;
    tell.gives("iris", remove_admin("jan")).await;
    // Somebody looks, and takes one of the two keys from her.
    tell.pass_to("2026-02-10T09:00:00Z").await;
    tell.signs_in("manager", Platform).await;
    let role = json!({"name": "remove_role", "account": "iris", "role": "SysAdmin"});
    let level = json!({"name": "set_level", "account": "iris", "module": "System", "level": 0});
    tell.gives("manager", json!({"commands": [role, level]})).await;
    tell
}

async fn imported_history() -> Teller {
    let mut tell = begin("pastimis", "2019-01-07T08:00:00Z").await;
    tell.pass_to("2026-05-11T09:00:00Z").await;
    let line = |at: &str, by: &str, source: &str, command: Value| json!({"at": at, "by": by, "source": source, "command": command});
    let member = |name: &str, account: &str| json!({"name": name, "group": "Editors", "account": account});
    let contact = |id: &str, name: &str| json!({"name": "add_contact", "account": id, "full_name": name});
    let access = |name: &str| json!({"name": name, "object": "/journal/issues", "principal": {"group": "Editors"}, "rights": ["read", "edit"]});
    let created = json!({"name": "create_group", "group": "Editors", "description": "edit the journal"});
    let issues = json!({"name": "create_object", "object": "/journal/issues", "kind": "folder"});
    tell.imports(
        "T-900",
        &[
            line("2019-02-04T10:00:00Z", "ida", "change 1", contact("ida", "Ida I.")),
            line("2019-02-04T10:00:00Z", "ida", "change 2", contact("karl", "Karl K.")),
            line("2019-02-04T10:05:00Z", "ida", "change 3", created),
            line("2019-02-04T10:06:00Z", "ida", "change 4", member("add_group_member", "karl")),
            line("2019-03-11T09:00:00Z", "ida", "change 5", issues),
            line("2019-03-11T09:01:00Z", "ida", "change 6", access("grant_access")),
            line("2020-06-02T15:30:00Z", "long-gone", "change 7", member("add_group_member", "ida")),
            line("2021-09-30T17:00:00Z", "ida", "change 8", member("remove_group_member", "karl")),
        ],
    )
    .await;
    // From here on it is the tenant's own history.
    tell.signs_in("manager", Platform).await;
    tell.gives("manager", because(member("add_group_member", "karl"), "back from leave")).await;
    tell
}

async fn company_committee_chapters() -> Teller {
    let of = |name: &str, organisation: &str, account: &str| json!({"name": name, "organisation": organisation, "account": account});
    let mut tell = begin("orgimis", "2026-03-02T09:00:00Z").await;
    tell.support("T-700", until(json!({"name": "record_licence", "licence": "group_admin_plus"}), "2026-06-30")).await;
    tell.signs_in("manager", Platform).await;
    tell.hires("petra", "Petra P.", "full", &["SysAdmin"]).await;
    tell.hires("stella", "Stella S.", "full", &[]).await;
    for (id, name) in [("carl", "Carl C."), ("cora", "Cora K."), ("finn", "Finn F."), ("nora", "Nora N.")] {
        tell.hires(id, name, "public", &[]).await;
    }
    tell.signs_in("petra", Platform).await;
    for (organisation, kind, full_name) in [
        ("acme", "company", "Acme Ltd"),
        ("brick", "company", "Brick & Sons"),
        ("board", "committee", "The Board"),
        ("north", "chapter_fee", "Northern Chapter"),
        ("south", "chapter_non_fee", "Southern Chapter"),
    ] {
        let created = json!({"name": "create_organisation", "organisation": organisation, "kind": kind,
            "full_name": full_name});
        tell.gives("petra", created).await;
    }
    // A company: Carl administers two, and belongs to the first.
    tell.signs_in("stella", Platform).await;
    tell.gives("stella", of("add_organisation_member", "acme", "carl")).await;
    tell.gives("stella", of("assign_organisation_admin", "acme", "carl")).await;
    tell.gives("stella", of("assign_organisation_admin", "brick", "carl")).await;
    tell.signs_in("carl", Platform).await;
    let added = json!({"name": "add_contact", "account": "anna", "full_name": "Anna A.", "organisation": "acme"});
    tell.gives("carl", added).await;
    tell.is_refused("carl", of("add_organisation_member", "acme", "nora"), "O2").await;
    tell.is_refused("carl", of("assign_organisation_admin", "acme", "nora"), "O8").await;
    // A committee: positions and terms.
    let clerk =
        json!({"name": "add_organisation_member", "organisation": "board", "account": "cora", "position": "Chair"});
    tell.gives("stella", clerk).await;
    tell.gives("stella", of("assign_organisation_admin", "board", "cora")).await;
    tell.signs_in("cora", Platform).await;
    let term = json!({"name": "add_organisation_member", "organisation": "board", "account": "anna", "position": "Clerk",
        "from": "2026-04-01", "until": "2026-12-31"});
    tell.gives("cora", term).await;
    tell.is_refused("cora", of("remove_organisation_member", "board", "anna"), "O7").await;
    // A chapter that one joins by paying, and one that costs nothing.
    tell.is_refused("stella", of("add_organisation_member", "north", "finn"), "O18").await;
    tell.gives("stella", until(of("record_chapter_payment", "north", "finn"), "2027-02-28")).await;
    tell.gives("stella", of("assign_organisation_admin", "north", "finn")).await;
    tell.signs_in("finn", Platform).await;
    tell.gives("finn", until(of("record_chapter_payment", "north", "anna"), "2027-02-28")).await;
    tell.signs_in("nora", Platform).await;
    tell.gives("nora", json!({"name": "join_organisation", "organisation": "south"})).await;
    tell.gives("stella", of("assign_organisation_admin", "south", "nora")).await;
    // The licence lapses: rights on chapters rest, and wake with it.
    tell.pass_to("2026-07-01T09:00:00Z").await;
    tell.signs_in("finn", Platform).await;
    tell.is_refused("finn", with_city(on("update_contact", "anna")), "O19").await;
    tell.signs_in("stella", Platform).await;
    tell.is_refused("stella", of("assign_organisation_admin", "north", "anna"), "O19").await;
    tell.support("T-701", json!({"name": "record_licence", "licence": "group_admin_plus"})).await;
    tell.gives("finn", because(with_city(on("update_contact", "anna")), "moved")).await;
    tell
}

fn with_city(mut command: Value) -> Value {
    command["city"] = "Oslo".into();
    command
}
/// From the Cloud ID to the end, step by step.
async fn customers_tenant() -> Teller {
    let mut tell = Teller::begin_for_customer("XYZ Society", "xyzimis", "rita", "2026-02-02T08:00:00Z").await;
    tell.support("T-801", json!({"name": "record_licence", "licence": "api_connector"})).await;
    tell.signs_in("manager", Platform).await;
    tell.hires("suite", "Power Suite", "full", &["SysAdmin", "RemoteService"]).await;
    for (id, name) in [("rita", "Rita R."), ("sam", "Sam S.")] {
        tell.hires(id, name, "full", &["RemoteService"]).await;
    }
    // Support named Rita: nobody else's first sign-in counts.
    tell.pass_to("2026-02-03T09:00:00Z").await;
    tell.signs_in("sam", Dashboard).await;
    tell.is_refused("sam", add_admin("sam"), "F9").await;
    tell.signs_in("rita", Dashboard).await;
    let password = tell.password_of("suite");
    tell.gives("rita", json!({"name": "set_background_account", "account": "suite", "password": password})).await;
    // What support does at large arrives here with its cause.
    tell.support_at_large(
        "T-805",
        json!({"name": "add_app", "app": "surveys", "title": "Surveys", "audience": "anyone"}),
    )
    .await;
    tell.support_is_refused("T-806", subscription("surveys", "active", "2026-02-01"), "A2").await;
    let mut surveys = subscription("surveys", "active", "2026-02-01");
    surveys["customer"] = "XYZ Society".into();
    tell.support_at_large("T-806", surveys).await;
    tell.gives("rita", assign_app("sam", "surveys")).await;
    tell.gives("rita", because(add_admin("sam"), "stands in for Rita")).await;
    // The society is dissolved.
    tell.pass_to("2026-09-30T16:00:00Z").await;
    tell.signs_in("rita", Dashboard).await;
    let close = json!({"name": "close_tenant", "cloud_id": "xyzimis", "reason": "the society is dissolved"});
    tell.support_at_large("T-890", close).await;
    tell.is_stopped("rita", Dashboard, "T7").await;
    tell.support_is_refused("T-891", on("restore_admin", "sam"), "T7").await;
    tell
}
