//! Who holds a role or is in a group, a page at a time: what people look through where the whole view is too long.

use grantbook_events::Position;
use grantbook_projections::{BUILT_IN_GROUPS, Holding, RoleNumber, Roles, SystemRole};
use grantbook_rights::account_usable;
use serde_json::{Map, Value, json};

use crate::shown::Shown;
use crate::views::content_administrators;

/// What is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holders {
    /// Roles that are assigned; those that are computed list nobody.
    Roles,
    /// Groups.
    Groups,
}

/// Something that can be held.
struct Held {
    name: String,
    built_in: bool,
    description: String,
    /// What makes somebody a member, in words, of a dynamic group.
    condition: Option<String>,
    number: Number,
}

/// The number of something that can be held.
#[derive(Clone, Copy)]
enum Number {
    Role(RoleNumber),
    /// None for a group that nobody was ever added to.
    Group(Option<u32>),
}

/// A holder: who, by which entry, and how.
type Holder = (u32, Position, Holding);

/// Every role or group in the order of names, each with how many hold it.
pub fn names_held(shown: &Shown<'_>, what: Holders) -> Value {
    let rows = all(shown, what).into_iter().map(|held| {
        let count = count(shown, &held);
        json!({
            "name": held.name, "built_in": held.built_in, "description": held.description,
            "condition": held.condition, "holders": count,
        })
    });
    shown.answer([("names", rows.collect())])
}

/// The holders of the role or group named `name`, in the order of their ids: at most `limit`, those after the id `after`.
/// `next` is what to give as `after` for the page that follows. `None` where there is no such role or group then.
pub fn held_by(shown: &Shown<'_>, what: Holders, name: &str, after: Option<&str>, limit: usize) -> Option<Value> {
    let wanted = name.to_lowercase();
    let held = all(shown, what).into_iter().find(|held| held.name.to_lowercase() == wanted)?;
    let all = recorded(shown, &held);
    let count = all.len();
    let mut page: Vec<Holder> =
        all.into_iter().filter(|(who, _, _)| after.is_none_or(|after| shown.id(*who) > after)).collect();
    let further = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| further).map(|(who, _, _)| shown.id(*who));
    let rows = page.iter().map(|(who, given, holding)| {
        let effective = account_usable(shown.views, *who, shown.as_of);
        Value::Object(shown.holder(*who, *given, *holding, effective))
    });
    let mut answer = Map::new();
    answer.insert("name".to_owned(), held.name.as_str().into());
    answer.insert("built_in".to_owned(), held.built_in.into());
    answer.insert("description".to_owned(), held.description.as_str().into());
    answer.insert("count".to_owned(), count.into());
    answer.insert("holders".to_owned(), rows.collect());
    answer.insert("next".to_owned(), next.into());
    Some(Value::Object(answer))
}

/// How many hold it, without putting them in order.
fn count(shown: &Shown<'_>, held: &Held) -> usize {
    let (views, position) = (shown.views, shown.position());
    match held.number {
        Number::Role(role) if Roles::system(role) == Some(SystemRole::ContentAdministrator) => {
            content_administrators(shown).len()
        }
        Number::Role(role) => shown.count_in_force(views.roles.holders(role, position)),
        Number::Group(None) => 0,
        Number::Group(Some(group)) => shown.count_in_force(views.groups.members(group, position)),
    }
}

fn recorded(shown: &Shown<'_>, held: &Held) -> Vec<Holder> {
    let (views, position) = (shown.views, shown.position());
    match held.number {
        Number::Role(role) if Roles::system(role) == Some(SystemRole::ContentAdministrator) => {
            content_administrators(shown)
        }
        Number::Role(role) => shown.in_force(views.roles.holders(role, position)),
        Number::Group(None) => Vec::new(),
        Number::Group(Some(group)) => shown.in_force(views.groups.members(group, position)),
    }
}

fn all(shown: &Shown<'_>, what: Holders) -> Vec<Held> {
    let (views, position) = (shown.views, shown.position());
    if position.0 == 0 {
        return Vec::new();
    }
    let mut all: Vec<Held> = match what {
        Holders::Roles => {
            let roles = views.roles.all(position).into_iter().filter_map(|role| {
                let system = Roles::system(role);
                let custom = views.roles.custom(role, position).map(|(_, custom)| custom.description.clone());
                Some(Held {
                    name: views.roles.name(role, position)?.to_owned(),
                    built_in: system.is_some(),
                    description: system
                        .map_or_else(|| custom.unwrap_or_default(), |role| role.description().to_owned()),
                    condition: None,
                    number: Number::Role(role),
                })
            });
            roles.collect()
        }
        Holders::Groups => {
            let built_in = BUILT_IN_GROUPS.iter().map(|name| Held {
                name: (*name).to_owned(),
                built_in: true,
                description: String::new(),
                condition: None,
                number: Number::Group(views.names.groups.get(name)),
            });
            let custom = views.groups.all_custom(position).into_iter().map(|(number, group)| Held {
                name: group.name.as_str().to_owned(),
                built_in: false,
                description: group.description.clone(),
                condition: group.condition.as_ref().map(|condition| format!("contacts whose {condition}")),
                number: Number::Group(Some(number)),
            });
            built_in.chain(custom).collect()
        }
    };
    all.sort_by_cached_key(|held| held.name.to_lowercase());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests::{History, account, group, ids};
    use grantbook_events::{Event, GroupEvent};

    // rules: G1, X1
    #[test]
    fn holders_come_in_pages_and_agree_with_the_whole_views() {
        let mut history = History::example();
        for id in ["bob", "jeff", "mia"] {
            let add = GroupEvent::GroupMemberAdded { group: group("Reporting"), account: account(id), until: None };
            history.act("manager", vec![Event::Group(add)]);
        }
        let shown = history.shown(history.last());
        for (what, view, list) in [(Holders::Roles, "roles", "holders"), (Holders::Groups, "groups", "members")] {
            let whole = history.view(view);
            let names = names_held(&shown, what);
            assert_eq!(names["names"].as_array().unwrap().len(), whole[view].as_object().unwrap().len());
            for row in names["names"].as_array().unwrap() {
                let name = row["name"].as_str().unwrap();
                let expected = ids(&whole[view][name][list]);
                assert_eq!(row["holders"].as_u64().unwrap() as usize, expected.len(), "{name}");
                let mut found = Vec::new();
                let mut after: Option<String> = None;
                loop {
                    let page = held_by(&shown, what, name, after.as_deref(), 2).unwrap();
                    found.extend(ids(&page["holders"]));
                    after = page["next"].as_str().map(str::to_owned);
                    if after.is_none() {
                        break;
                    }
                }
                assert_eq!(found, expected, "{name}");
            }
        }
        assert_eq!(held_by(&shown, Holders::Roles, "No such role", None, 2), None);
        assert_eq!(names_held(&history.shown(Position::START), Holders::Roles)["names"], json!([]));
    }
}
