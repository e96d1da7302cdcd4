//! Everything about one account, and accounts found by the start of their username (rule: A6).

use grantbook_events::Position;
use grantbook_projections::{GrantHistory, Holding};
use grantbook_rights::{
    Capability, On, OnKind, Question, Standing, Who, admin_effective, allowed, primary_organisation, seen_organisations,
};
use serde_json::{Map, Value};

use crate::shown::Shown;
use crate::views::summary;

/// A page of accounts in the order of their ids: those whose username begins with `prefix`, without case, or all where
/// it is empty; at most `limit`, those after the id `after`. `next` is what to give as `after` for the page that follows.
pub fn accounts_page(shown: &Shown<'_>, prefix: &str, after: Option<&str>, limit: usize) -> Value {
    let (views, position) = (shown.views, shown.position());
    let exists = |who: u32| views.accounts.exists(who, position);
    // One more than fits, to know whether another page follows.
    let mut found: Vec<(u32, &str)> = if prefix.is_empty() {
        let later = views.names.accounts.later(after).filter(|(who, _)| exists(*who));
        later.take(limit.saturating_add(1)).collect()
    } else {
        let mut found = called(shown, &prefix.to_lowercase());
        found.retain(|(who, id)| exists(*who) && after.is_none_or(|after| *id > after));
        found.sort_unstable_by_key(|(_, id)| *id);
        found
    };
    let further = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| further).map(|(_, id)| *id);
    let page: Vec<Value> = found.iter().map(|(who, _)| Value::Object(summary(shown, *who))).collect();
    shown.answer([("accounts", page.into()), ("next", next.into())])
}

/// Whose usernames begin with a prefix in lower case.
fn called<'a>(shown: &Shown<'a>, prefix: &str) -> Vec<(u32, &'a str)> {
    let views = shown.views;
    let numbers = views.names.usernames.beginning_with(prefix);
    let owners = numbers.filter_map(|number| views.credentials.owner(number, shown.position()));
    owners.map(|who| (who, shown.id(who))).collect()
}

/// Everything about one account; `None` where no such account was ever there up to then.
pub fn account(shown: &Shown<'_>, id: &str) -> Option<Value> {
    let (views, as_of) = (shown.views, shown.as_of);
    let who = views.names.accounts.get(id).filter(|who| views.accounts.ever_existed(*who, as_of.position))?;
    let mut answer = shown.answer([]);
    let fields = answer.as_object_mut()?;
    fields.extend(summary(shown, who));
    fields.insert("admin".to_owned(), admin(shown, who));
    let roles = views.roles.roles_of(who).map(|(role, history)| (views.roles.name(role, as_of.position), history));
    fields.insert("roles".to_owned(), held(shown, "role", roles));
    let groups = views.groups.groups_of(who).map(|(group, history)| {
        let custom = views.groups.custom(group, as_of.position).map(|(_, group)| group.name.as_str());
        (custom.or_else(|| grantbook_projections::Groups::built_in(views.names.groups.text(group))), history)
    });
    fields.insert("groups".to_owned(), held(shown, "group", groups));
    fields.insert("content_authority".to_owned(), content_authority(shown, who));
    let levels = views.levels.modules_of(who).map(|(module, history)| {
        (views.tenant.module(module, as_of.position).map(|(_, module)| module.as_str()), history)
    });
    fields.insert("levels".to_owned(), held(shown, "module", levels));
    let apps = views
        .app_users
        .apps_of(who)
        .map(|(app, history)| (views.tenant.app(app, as_of.position).map(|(_, app)| app.name.as_str()), history));
    fields.insert("apps".to_owned(), held(shown, "app", apps));
    fields.insert("organisations".to_owned(), organisations(shown, who));
    let open = views.sessions.of_account(who).filter(|session| views.sessions.open(session.position, as_of)).count();
    fields.insert("open_sessions".to_owned(), open.into());
    fields.insert("effective_rights".to_owned(), effective_rights(shown, who));
    Some(answer)
}

/// The content authority groups that the account is a member of, and what it may there.
fn content_authority(shown: &Shown<'_>, who: u32) -> Value {
    let groups = shown.views.content_authority.all(shown.position()).into_iter();
    let rows = groups.filter_map(|(number, group)| {
        let member = shown.views.content_authority.member(who, number, shown.as_of)?;
        let mut row = Map::new();
        row.insert("group".to_owned(), group.name.as_str().into());
        row.insert("rights".to_owned(), member.rights.iter().map(|right| right.slug()).collect());
        shown.put_grant(member.given, Holding::held(1, member.until), &mut row);
        Some(Value::Object(row))
    });
    rows.collect()
}

/// Whether the account is an Admin User; null where it is not listed.
fn admin(shown: &Shown<'_>, who: u32) -> Value {
    let Some((given, holding)) = shown.views.admins.listed(who, shown.as_of) else { return Value::Null };
    let mut admin = Map::new();
    shown.put_grant(given, holding, &mut admin);
    let origin = shown.views.admins.origin(who, shown.position());
    if origin == Some(grantbook_events::AdminOrigin::FirstSignIn) {
        admin.insert("by".to_owned(), Value::Null);
    }
    admin.insert("effective".to_owned(), admin_effective(shown.views, who, shown.as_of).into());
    Value::Object(admin)
}

/// What the account has to do with organisations: the memberships in force, what it administers, the primary one, and
/// those that it sees (rules: O17, O20).
fn organisations(shown: &Shown<'_>, who: u32) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let name = |number: u32| {
        let known = views.organisations.organisation(number, as_of.position);
        known.map(|known| known.name.as_str())
    };
    let mut memberships: Vec<(&str, Value)> = Vec::new();
    for number in views.organisations.organisations_of(who) {
        let (Some(name), Some(membership)) = (name(number), views.organisations.member(who, number, as_of)) else {
            continue;
        };
        let position = membership.term.position.as_ref().map(|position| position.as_str());
        let mut row =
            Map::from_iter([("organisation".to_owned(), name.into()), ("position".to_owned(), position.into())]);
        shown.put_grant(membership.given, membership.holding, &mut row);
        memberships.push((name, Value::Object(row)));
    }
    memberships.sort_by_key(|(name, _)| *name);
    let mut administers: Vec<(&str, Value)> = Vec::new();
    for (number, _) in views.organisations.administered_by(who) {
        let held = views.organisations.administrator(who, number, as_of);
        let (Some(name), Some((given, holding))) = (name(number), held) else { continue };
        let mut row = Map::from_iter([("organisation".to_owned(), name.into())]);
        shown.put_grant(given, holding, &mut row);
        row.insert("effective".to_owned(), grantbook_rights::administers(views, who, number, as_of).into());
        administers.push((name, Value::Object(row)));
    }
    administers.sort_by_key(|(name, _)| *name);
    let values = |rows: Vec<(&str, Value)>| rows.into_iter().map(|(_, row)| row).collect::<Value>();
    serde_json::json!({
        "member_of": values(memberships),
        "administers": values(administers),
        "primary": primary_organisation(views, who, as_of).and_then(name),
        "sees": seen_organisations(views, who, as_of).into_iter().filter_map(name).collect::<Vec<&str>>(),
    })
}

/// Those grants that are in force, by the name of what is held.
fn held<'a>(shown: &Shown<'_>, kind: &str, grants: impl Iterator<Item = (Option<&'a str>, &'a GrantHistory)>) -> Value {
    let in_force = |(name, history): (Option<&'a str>, &'a GrantHistory)| {
        let (given, holding) = history.change_at(shown.position())?;
        Some((name.filter(|_| holding.in_force(shown.as_of.clock))?, given, holding))
    };
    let mut grants: Vec<(&str, Position, Holding)> = grants.filter_map(in_force).collect();
    grants.sort_unstable_by_key(|(name, _, _)| *name);
    let rows = grants.into_iter().map(|(name, given, holding)| {
        let mut row = Map::new();
        row.insert(kind.to_owned(), name.into());
        if kind == "module" {
            row.insert("level".to_owned(), holding.weight.into());
        }
        shown.put_grant(given, holding, &mut row);
        Value::Object(row)
    });
    rows.collect()
}

/// What the account, freshly signed in, may do that is on nothing in particular, and the apps it may use.
fn effective_rights(shown: &Shown<'_>, who: u32) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let question = Question { views, who: Who::Account(who), standing: Standing::Fresh, on: On::Nothing, as_of };
    let general = Capability::ALL.iter().filter(|capability| capability.on() == OnKind::Nothing);
    let can: Vec<&str> =
        general.filter(|capability| allowed(&question, **capability)).map(|capability| capability.name()).collect();
    let apps = views.names.apps.in_order().filter_map(|number| {
        let (_, app) = views.tenant.app(number, as_of.position)?;
        let question = Question { on: On::App(number), ..question };
        allowed(&question, Capability::AppUse).then(|| app.name.as_str())
    });
    let apps: Vec<&str> = apps.collect();
    serde_json::json!({"can": can, "apps": apps})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests::{History, ids};
    use serde_json::json;

    // rule: A6
    #[test]
    fn accounts_are_found_by_the_start_of_their_username() {
        let history = History::example();
        let shown = history.shown(history.last());
        let page = accounts_page(&shown, "BO", None, 10);
        assert_eq!((ids(&page["accounts"]), &page["next"]), (vec!["bob".to_owned()], &json!(null)));
        let first = accounts_page(&shown, "", None, 3);
        assert_eq!(ids(&first["accounts"]), ["bob", "daemon", "jeff"]);
        let second = accounts_page(&shown, "", first["next"].as_str(), 3);
        assert_eq!(ids(&second["accounts"]), ["manager", "mia", "rebecca"]);
        assert_eq!(accounts_page(&shown, "", Some("veronica"), 3)["accounts"], json!([]));
    }

    // rule: F10
    // rule: F11
    // rule: I1
    #[test]
    fn an_account_shows_what_it_may_do() {
        let history = History::example();
        let shown = history.shown(history.last());
        let jeff = account(&shown, "jeff").unwrap();
        assert_eq!(jeff["effective_rights"]["apps"], json!(["datastation"]));
        assert_eq!(jeff["admin"]["by"], json!("bob"));
        assert_eq!(jeff["roles"][0]["role"], json!("RemoteService"));
        let bob = account(&shown, "bob").unwrap();
        assert_eq!(bob["effective_rights"]["apps"], json!([]));
        let can = bob["effective_rights"]["can"].as_array().unwrap();
        assert!(can.contains(&json!("dashboard.manage_admins")) && !can.contains(&json!("roles.assign")));
        let sarah = account(&shown, "sarah").unwrap();
        assert_eq!(sarah["effective_rights"]["apps"], json!(["idms-iimport", "iemail-cloud"]));
        assert_eq!(sarah["open_sessions"], json!(0));
        assert!(account(&shown, "nobody").is_none());
    }
}
