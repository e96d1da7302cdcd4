//! Admin Users (rules: F5, F10): who is listed, whether they are effective, and since when the tenant is orphaned.

use grantbook_events::{AccountId, AdminOrigin, Edition};
use grantbook_rights::{admin_effective, orphaned};
use serde_json::{Value, json};

use crate::shown::Shown;

pub(super) fn admins(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let listed = views.admins.ever(as_of.position).filter_map(|who| {
        let (given, holding) = views.admins.listed(who, as_of)?;
        Some((who, given, holding))
    });
    let mut listed: Vec<_> = shown
        .in_force(listed)
        .into_iter()
        .map(|(who, given, holding)| {
            let mut admin = shown.holder(who, given, holding, admin_effective(views, who, as_of));
            let origin = views.admins.origin(who, as_of.position);
            if origin == Some(AdminOrigin::FirstSignIn) {
                // By the system and not by a person (rule: F1).
                admin.insert("by".to_owned(), Value::Null);
            }
            admin.insert("origin".to_owned(), origin.map(AdminOrigin::slug).into());
            (who, Value::Object(admin))
        })
        .collect();
    if let Some(manager) = manager_of_2017(shown)
        && !listed.iter().any(|(who, _)| *who == manager)
    {
        let mut admin = shown.person(manager);
        let since = json!({"position": 1});
        let effective = admin_effective(views, manager, as_of);
        let edition = Edition::Edition2017.slug();
        admin.extend([("since", since), ("by", Value::Null), ("until", Value::Null)].map(own_key));
        admin.extend([("effective", effective.into()), ("origin", format!("edition_{edition}").into())].map(own_key));
        listed.push((manager, Value::Object(admin)));
        listed.sort_unstable_by_key(|(who, _)| shown.id(*who));
    }
    let listed: Vec<Value> = listed.into_iter().map(|(_, admin)| admin).collect();
    let since = orphaned(views, as_of).map(|orphaned| orphaned.since);
    shown.answer([("admins", listed.into()), ("orphaned_since", shown.maybe_cause(since))])
}

/// MANAGER, where the edition makes it an Admin User for ever (rule: F7).
fn manager_of_2017(shown: &Shown<'_>) -> Option<u32> {
    let edition = shown.views.tenant.edition(shown.position());
    (edition == Edition::Edition2017).then(|| shown.views.account(&AccountId::manager())).flatten()
}

fn own_key((name, value): (&str, Value)) -> (String, Value) {
    (name.to_owned(), value)
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, ids};
    use grantbook_events::{CredentialsEvent, Date, Event, RoleEvent};
    use serde_json::json;

    // rule: I1
    // rule: F1
    #[test]
    fn the_example_has_two_admins_and_the_first_is_by_nobody() {
        let history = History::example();
        let admins = history.view("admins");
        assert_eq!(ids(&admins["admins"]), ["bob", "jeff"]);
        assert_eq!(admins["admins"][0]["by"], json!(null));
        assert_eq!(admins["admins"][0]["name"], json!("Bob S."));
        assert_eq!(admins["admins"][0]["effective"], json!(true));
        assert_eq!(admins["admins"][1]["by"], json!("bob"));
        assert_eq!(admins["orphaned_since"], json!(null));
        let before = history.view_at("admins", history.named("jeff is admin").before());
        assert_eq!(ids(&before["admins"]), ["bob"]);
    }

    // rule: F5
    #[test]
    fn a_tenant_is_orphaned_by_an_entry_and_healed_by_another() {
        let mut history = History::example();
        let account = |id| crate::history_for_tests::account(id);
        history.act("manager", vec![Event::Credentials(CredentialsEvent::AccountDisabled { account: account("bob") })]);
        assert_eq!(history.view("admins")["orphaned_since"], json!(null));
        let last = history.act(
            "manager",
            vec![Event::Role(RoleEvent::RoleRemoved {
                account: account("jeff"),
                role: crate::history_for_tests::role("RemoteService"),
            })],
        );
        let orphaned = history.view("admins");
        assert_eq!(orphaned["orphaned_since"], json!({"position": last.0}));
        assert_eq!(ids(&orphaned["admins"]), ["bob", "jeff"], "both stay listed");
        assert_eq!(orphaned["admins"][1]["effective"], json!(false));
        history.act("manager", vec![Event::Credentials(CredentialsEvent::AccountEnabled { account: account("bob") })]);
        assert_eq!(history.view("admins")["orphaned_since"], json!(null));
    }

    // rule: F5
    // rule: C10
    #[test]
    fn a_tenant_is_orphaned_by_the_clock() {
        let mut history = History::example();
        let date = Date::parse("2026-06-30").unwrap();
        for id in ["bob", "jeff"] {
            let account = crate::history_for_tests::account(id);
            let event = CredentialsEvent::ExpirationDateSet { account, date: Some(date) };
            history.act("manager", vec![Event::Credentials(event)]);
        }
        assert_eq!(history.view("admins")["orphaned_since"], json!(null));
        let later = history.view_on("admins", "2026-07-04T00:00:00Z");
        assert_eq!(later["orphaned_since"], json!({"clock": "2026-07-01T00:00:00.000000Z"}));
        history.pass_to("2026-07-10T00:00:00Z");
        let account = crate::history_for_tests::account("bob");
        history.act("manager", vec![Event::Credentials(CredentialsEvent::ExpirationDateSet { account, date: None })]);
        assert_eq!(history.view("admins")["orphaned_since"], json!(null));
    }
}
