//! The commands that bring a thing from the state that it is in to the state that it should be in.

use grantbook_events::{AccountId, Sealed};
use grantbook_projections::{AsOf, Views};
use serde_json::{Map, Value, json};

use super::thing::Thing;
use crate::shown::Shown;

/// What undoing takes.
pub(super) enum Undo {
    /// These commands, one after the other, as far as they are accepted.
    Commands(Vec<Value>),
    /// No command does it; why, and what a person may do instead.
    ByHand(String),
}

/// What a thing must be brought to, and from where to look.
pub(super) struct Wanted<'a> {
    /// The state that it should be in.
    pub(super) state: &'a Value,
    /// The point at which it was last in that state by right.
    pub(super) then: AsOf,
    /// Opens what is sealed.
    pub(super) shown: &'a Shown<'a>,
}

/// A command with its fields, those that are null left out.
fn command(name: &str, fields: Value) -> Value {
    let mut command = Map::from_iter([("name".to_owned(), Value::from(name))]);
    if let Value::Object(fields) = fields {
        command.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(command)
}

/// The same with the fields of a state.
fn with(name: &str, mut fields: Value, state: &Value) -> Undo {
    if let (Some(fields), Some(state)) = (fields.as_object_mut(), state.as_object()) {
        fields.extend(state.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    Undo::Commands(vec![command(name, fields)])
}

fn only(name: &str, fields: Value) -> Undo {
    Undo::Commands(vec![command(name, fields)])
}

fn by_hand(why: impl Into<String>) -> Undo {
    Undo::ByHand(why.into())
}

/// Gives it where the state is one, takes it where it is nothing.
fn grant(give: &str, take: &str, fields: Value, state: &Value) -> Undo {
    if state.is_null() { only(take, fields) } else { with(give, fields, state) }
}

/// The commands for a thing that is in the state `now`.
pub(super) fn undo(thing: &Thing, now: &Value, wanted: &Wanted<'_>) -> Undo {
    let want = wanted.state;
    match thing {
        Thing::Session(session) if want == false => only("end_session", json!({"session": session.0})),
        Thing::Session(_) => by_hand("who was signed out signs in again"),
        Thing::Password(account) => password(account),
        Thing::SecondFactor(account) if !now.is_null() => {
            only("reset_second_factor", json!({"account": account.as_str()}))
        }
        Thing::SecondFactor(account) => by_hand(format!("`{account}` enrols a second factor again")),
        Thing::Credentials(account) if want == false => {
            only("delete_credentials", json!({"account": account.as_str()}))
        }
        Thing::Credentials(account) => credentials(account, wanted),
        Thing::CredentialEmail(account) => {
            let email = email(account, wanted);
            let mut undone = command("set_credential_email", json!({"account": account.as_str()}));
            if let Some(fields) = undone.as_object_mut() {
                fields.insert("email".to_owned(), email.into());
            }
            Undo::Commands(vec![undone])
        }
        Thing::Username(account) => only("change_username", json!({"account": account.as_str(), "username": want})),
        Thing::Class(account) => only("set_user_class", json!({"account": account.as_str(), "user_class": want})),
        Thing::Disabled(account) => {
            let name = if want == true { "disable_account" } else { "enable_account" };
            only(name, json!({"account": account.as_str()}))
        }
        Thing::Effective(account) => day("set_effective_date", account, want),
        Thing::Expiration(account) => day("set_expiration_date", account, want),
        Thing::Labels(account) => {
            let mut undone = command("update_contact", json!({"account": account.as_str()}));
            if let (Some(fields), Some(labels)) = (undone.as_object_mut(), want.as_object()) {
                let changed = labels.iter().filter(|(name, value)| now.get(name.as_str()) != Some(*value));
                fields.extend(changed.map(|(name, value)| (name.clone(), value.clone())));
            }
            Undo::Commands(vec![undone])
        }
        Thing::Admin(account) => grant("add_admin", "remove_admin", json!({"account": account.as_str()}), want),
        Thing::App(account, app) => {
            let fields = json!({"account": account.as_str(), "app": app.as_str()});
            grant("assign_app_user", "remove_app_user", fields, want)
        }
        Thing::RoleThere(role) => match (now.is_null(), want.is_null()) {
            (false, true) => only("delete_role", json!({"role": role.as_str()})),
            (true, _) => with("create_role", json!({"role": role.as_str()}), want),
            (false, false) => with("edit_role", json!({"role": role.as_str()}), want),
        },
        Thing::Role(account, role) => {
            let fields = json!({"account": account.as_str(), "role": role.as_str()});
            grant("assign_role", "remove_role", fields, want)
        }
        Thing::Level(account, module) => {
            let fields = json!({"account": account.as_str(), "module": module.as_str(), "level": 0});
            with("set_level", fields, want)
        }
        Thing::GroupThere(group) => {
            let fields = json!({"group": group.as_str()});
            match (now.is_null(), want.get("condition").is_some(), want.is_null()) {
                (_, true, _) => with("define_dynamic_group", fields, want),
                (_, false, true) => only("delete_group", fields),
                (true, false, false) => with("create_group", fields, want),
                (false, false, false) => by_hand("a group's description is changed by deleting and creating it"),
            }
        }
        Thing::Member(account, group) => {
            let fields = json!({"account": account.as_str(), "group": group.as_str()});
            grant("add_group_member", "remove_group_member", fields, want)
        }
        Thing::OrganisationThere(name) if want.is_null() => {
            by_hand(format!("an organisation is not deleted; `{name}` gives nobody a right without its administrators"))
        }
        Thing::OrganisationThere(name) => with("edit_organisation", json!({"organisation": name.as_str()}), want),
        Thing::Belonging(account, name) => {
            let fields = json!({"account": account.as_str(), "organisation": name.as_str()});
            let give = if now.is_null() { "add_organisation_member" } else { "edit_organisation_member" };
            grant(give, "remove_organisation_member", fields, want)
        }
        Thing::Administration(account, name) => {
            let fields = json!({"account": account.as_str(), "organisation": name.as_str()});
            grant("assign_organisation_admin", "remove_organisation_admin", fields, want)
        }
        Thing::ObjectThere(path) if want.is_null() => only("delete_object", json!({"object": path.as_str()})),
        Thing::ObjectThere(path) => with("create_object", json!({"object": path.as_str()}), want),
        Thing::Access(path) => access(path.as_str(), now, want),
        Thing::ContentGroupThere(group) => by_hand(format!(
            "the content authority group `{group}` is neither deleted nor covers anew; its members count"
        )),
        Thing::Content(account, group) => {
            let fields = json!({"account": account.as_str(), "group": group.as_str()});
            grant("add_content_authority_member", "remove_content_authority_member", fields, want)
        }
        Thing::Query(query) if want.is_null() => by_hand(format!("the query `{query}` goes with its object")),
        Thing::Query(query) => with("edit_query", json!({"query": query.as_str()}), want),
        Thing::Product(product) => with("register_product", json!({"product": product.as_str()}), want),
        Thing::Community(name) => community(name.as_str(), now, want),
        // A set is never undefined: one that holds of nobody is as empty as it was.
        Thing::Visibility(audience) if want.is_null() => {
            let nobody = json!({"all": [{"status": null}, {"not": {"status": null}}]});
            only("define_contact_visibility", json!({"audience": audience.slug(), "condition": nobody}))
        }
        Thing::Visibility(audience) => with("define_contact_visibility", json!({"audience": audience.slug()}), want),
        Thing::Separation(name) => {
            let fields = json!({"separation": name.as_str()});
            match (now.is_null(), want.is_null()) {
                (_, true) => only("remove_separation", fields),
                (true, false) => with("define_separation", fields, want),
                (false, false) => {
                    let define = with("define_separation", fields.clone(), want);
                    let remove = command("remove_separation", fields);
                    match define {
                        Undo::Commands(define) => Undo::Commands(std::iter::once(remove).chain(define).collect()),
                        Undo::ByHand(why) => Undo::ByHand(why),
                    }
                }
            }
        }
        Thing::Webhook(name) if want.is_null() => only("remove_webhook", json!({"webhook": name.as_str()})),
        // Its receiver must be told the new secret.
        Thing::Webhook(name) => by_hand(format!("the webhook `{name}` is added again by hand, with a new secret")),
        Thing::Setting(setting) => only("set_setting", json!({"setting": setting.slug(), "value": want})),
        Thing::TextSetting(setting) => only("set_setting", json!({"setting": setting.slug(), "value": want})),
        Thing::Background => match want.get("account") {
            Some(account) => only("set_background_account", json!({"account": account})),
            None => by_hand(
                "there was no Background Account before: an Admin User sets another, or support ends the licence",
            ),
        },
        Thing::LegalHold(account) => {
            let name = if want == true { "place_legal_hold" } else { "lift_legal_hold" };
            only(name, json!({"account": account.as_str()}))
        }
        Thing::Account(account) if want == true => {
            by_hand(format!("`{account}` was removed, and an id is never given again (rule C15): add a new contact"))
        }
        Thing::Account(account) => {
            by_hand(format!("the contact `{account}` has nothing left: `remove_account` would take it away for good"))
        }
    }
}

/// MANAGER's is support's (rule: M3).
fn password(account: &AccountId) -> Undo {
    if *account == AccountId::manager() {
        return only("rotate_manager_password", json!({}));
    }
    only("set_password", json!({"account": account.as_str()}))
}

fn credentials(account: &AccountId, wanted: &Wanted<'_>) -> Undo {
    let state = |thing: Thing| thing.state(wanted.shown.views, wanted.then);
    let (username, class) = (state(Thing::Username(account.clone())), state(Thing::Class(account.clone())));
    let email = email(account, wanted);
    let fields = json!({"account": account.as_str(), "username": username, "user_class": class, "email": email});
    only("create_credentials", fields)
}

/// The email of credentials as it was.
fn email(account: &AccountId, wanted: &Wanted<'_>) -> Option<String> {
    let views: &Views = wanted.shown.views;
    let who = views.account(account)?;
    let sealed: Option<&Sealed> = views.credentials.email(who, wanted.then.position).map(|(_, email)| &email.address);
    wanted.shown.opened(who, "email", sealed)
}

fn day(name: &str, account: &AccountId, want: &Value) -> Undo {
    let mut undone = command(name, json!({"account": account.as_str()}));
    if let Some(fields) = undone.as_object_mut() {
        fields.insert("date".to_owned(), want.clone());
    }
    Undo::Commands(vec![undone])
}

/// An object's setting and rights: what is too much is revoked, what is missing granted; granting starts a custom set, which
/// choosing a set or inheriting ends (rule: N3).
fn access(path: &str, now: &Value, want: &Value) -> Undo {
    let rights = |state: &Value| state.get("access").and_then(Value::as_array).cloned().unwrap_or_default();
    let custom = |state: &Value| state.get("set").is_some_and(|set| set == "custom");
    let on = |name: &str, one: &Value| {
        let right = one.get("right").cloned().unwrap_or_default();
        let until = if name == "grant_access" { one.get("until").cloned().unwrap_or_default() } else { Value::Null };
        let principal = one.get("principal").cloned().unwrap_or_default();
        command(name, json!({"object": path, "principal": principal, "rights": [right], "until": until}))
    };
    let (held, wanted) = (rights(now), rights(want));
    match want.get("set") {
        None => only("clear_access", json!({"object": path})),
        Some(set) if !custom(want) => only("set_access", json!({"object": path, "set": set})),
        Some(_) if wanted.is_empty() && !custom(now) => {
            by_hand(format!("`{path}` was open to nobody: grant a right on it and revoke it again"))
        }
        Some(_) => {
            let missing = wanted.iter().filter(|one| !custom(now) || !held.contains(one));
            let excess = held.iter().filter(|one| custom(now) && !wanted.contains(one));
            let revoke = excess.map(|one| on("revoke_access", one));
            Undo::Commands(revoke.chain(missing.map(|one| on("grant_access", one))).collect())
        }
    }
}

/// A community is never deleted: of one that was not there before, nobody has a right any more.
fn community(name: &str, now: &Value, want: &Value) -> Undo {
    let mut undone = json!({"name": "set_community_security", "community": name});
    let none = json!({"group": now.get("group"), "wiki_creators": [], "administrators": []});
    let want = if want.is_null() { &none } else { want };
    let Some(fields) = undone.as_object_mut() else { return Undo::Commands(Vec::new()) };
    for field in ["group", "wiki_creators", "administrators"] {
        let (is, should) = (now.get(field), want.get(field));
        if is != should {
            fields.insert(field.to_owned(), should.cloned().unwrap_or_default());
        }
    }
    if want.get("group").is_some_and(|group| group == false) && now.get("group") != want.get("group") {
        return by_hand(format!("the community `{name}` was open to nobody: only a group's deletion makes it so"));
    }
    Undo::Commands(vec![undone])
}
