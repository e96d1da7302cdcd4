//! The Background Account (rules: B1, B2, B6): which it is, whether it is connected, and what broke it.

use grantbook_events::{Licence, Position};
use grantbook_projections::{AsOf, Background, Cause, Moments, RoleNumber, SystemRole, Views, turning_points};
use grantbook_rights::account_usable;
use serde_json::{Map, Value};

use crate::shown::Shown;

pub(super) fn background_account(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let licence = views.tenant.licence(Licence::ApiConnector, as_of).map(Cause::Entry);
    let found = views.background.set(as_of.position);
    let broken_by = found.and_then(|(set, background)| broken_by(views, set, background, as_of));
    let mut state = found.map_or_else(Map::new, |(_, background)| shown.person(background.account));
    state.entry("account").or_insert(Value::Null);
    state.entry("name").or_insert(Value::Null);
    state.insert("set".to_owned(), found.map_or(Value::Null, |(set, _)| shown.cause(Cause::Entry(set))));
    shown.put_by(found.map(|(set, _)| set), &mut state);
    state.insert("connected".to_owned(), (found.is_some() && broken_by.is_none()).into());
    state.insert("broken_by".to_owned(), shown.maybe_cause(broken_by));
    state.insert("licence".to_owned(), shown.maybe_cause(licence));
    let mut answer = shown.answer([]);
    if let Some(fields) = answer.as_object_mut() {
        fields.extend(state);
    }
    answer
}

/// What broke the connection since it was set at `set`. Once broken it stays so until it is set again (rule: B6).
fn broken_by(views: &Views, set: Position, background: &Background, as_of: AsOf) -> Option<Cause> {
    let who = background.account;
    let mut points = vec![Cause::Entry(set)];
    views.credentials.turning_points(who, as_of, &mut points);
    views.credentials.secret_points(who, as_of, &mut points);
    for role in [SystemRole::SysAdmin, SystemRole::RemoteService] {
        if let Some(history) = views.roles.history(who, RoleNumber::from(role)) {
            turning_points(history, as_of, &mut points);
        }
    }
    if let Some(history) = views.accounts.existence(who) {
        points.extend(history.changes_to(as_of.position).map(|(changed, _)| Cause::Entry(changed)));
    }
    let broken = |point: AsOf| point.position >= set && !stands(views, background, point);
    let stretches = Moments::new(&views.timeline, points, as_of).stretches(&broken);
    stretches.first().map(|(began, _)| *began)
}

/// Whether everything that the connection rests on is as it was when it was set.
fn stands(views: &Views, background: &Background, as_of: AsOf) -> bool {
    let (who, position) = (background.account, as_of.position);
    let holds = |role| views.roles.held(who, RoleNumber::from(role), as_of).is_some();
    views.credentials.secret(who, position).is_some_and(|(_, secret)| secret.version == background.secret)
        && views.credentials.username(who, position) == background.username.as_ref()
        && views.credentials.full(who, position).is_some_and(|(_, full)| full)
        && holds(SystemRole::SysAdmin)
        && holds(SystemRole::RemoteService)
        && account_usable(views, who, as_of)
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account, role};
    use grantbook_events::{CredentialsEvent, DashboardEvent, Event, RoleEvent, SecretVersion};
    use serde_json::json;

    // rule: B1
    // rule: B2
    #[test]
    fn it_is_set_once_it_is_set() {
        let history = History::example();
        let before = history.view_at("background-account", history.named("background set").before());
        assert_eq!((&before["account"], &before["connected"]), (&json!(null), &json!(false)));
        assert_eq!(before["licence"], json!({"position": history.named("licence").0}));
        let after = history.view("background-account");
        assert_eq!((&after["account"], &after["connected"]), (&json!("daemon"), &json!(true)));
        assert_eq!(after["by"], json!("jeff"));
    }

    // rule: B6
    #[test]
    fn it_stays_broken_until_it_is_set_again() {
        let mut history = History::example();
        let removed = RoleEvent::RoleRemoved { account: account("daemon"), role: role("SysAdmin") };
        let assigned = RoleEvent::RoleAssigned { account: account("daemon"), role: role("SysAdmin"), until: None };
        let broke = history.act("manager", vec![Event::Role(removed)]);
        history.act("manager", vec![Event::Role(assigned)]);
        let broken = history.view("background-account");
        assert_eq!(broken["broken_by"], json!({"position": broke.0}));
        assert_eq!(broken["connected"], json!(false));
        let secret = history.secret("daemon");
        let again = DashboardEvent::BackgroundAccountSet { account: account("daemon"), secret };
        history.act("jeff", vec![Event::Dashboard(again)]);
        assert_eq!(history.view("background-account")["connected"], json!(true));
        let changed = CredentialsEvent::PasswordChanged { account: account("daemon"), secret: SecretVersion(99) };
        let broke = history.act("daemon", vec![Event::Credentials(changed)]);
        assert_eq!(history.view("background-account")["broken_by"], json!({"position": broke.0}));
    }
}
