//! Groups and their members (chapter X): built-in ones and empty ones are shown too.

use std::collections::BTreeMap;

use grantbook_projections::{BUILT_IN_GROUPS, Cause};
use grantbook_rights::account_usable;
use serde_json::{Map, Value};

use crate::shown::{Shown, cause};

pub(super) fn groups(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let built_in = if as_of.position.0 == 0 { &[][..] } else { &BUILT_IN_GROUPS[..] };
    let mut groups = BTreeMap::new();
    for name in built_in {
        let mut state = Map::new();
        state.insert("built_in".to_owned(), true.into());
        state.insert("members".to_owned(), members(shown, views.names.groups.get(name)));
        groups.insert((*name).to_owned(), state);
    }
    for (number, group) in views.groups.all_custom(as_of.position) {
        let mut state = Map::new();
        state.insert("built_in".to_owned(), false.into());
        state.insert("description".to_owned(), group.description.as_str().into());
        if let Some((created, _)) = views.groups.custom(number, as_of.position) {
            state.insert("since".to_owned(), cause(Cause::Entry(created)));
            shown.put_by(Some(created), &mut state);
        }
        state.insert("members".to_owned(), members(shown, Some(number)));
        groups.insert(group.name.as_str().to_owned(), state);
    }
    let groups: Map<String, Value> = groups.into_iter().map(|(name, state)| (name, Value::Object(state))).collect();
    shown.answer([("groups", Value::Object(groups))])
}

/// The members of a group; none of one that nobody was ever added to.
fn members(shown: &Shown<'_>, group: Option<u32>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let recorded = group.into_iter().flat_map(|group| views.groups.members(group, as_of.position));
    let members = shown.in_force(recorded).into_iter();
    let shown_as =
        |(who, given, holding)| Value::Object(shown.holder(who, given, holding, account_usable(views, who, as_of)));
    members.map(shown_as).collect()
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account, group, ids};
    use grantbook_events::{Event, GroupEvent};
    use serde_json::json;

    // rule: X1
    #[test]
    fn built_in_and_empty_groups_are_shown() {
        let mut history = History::example();
        let create = GroupEvent::GroupCreated { group: group("cargo"), description: String::new() };
        history.act("manager", vec![Event::Group(create)]);
        let view = history.view("groups");
        assert_eq!(view["groups"]["Reporting"], json!({"built_in": true, "members": []}));
        assert_eq!(view["groups"]["cargo"]["members"], json!([]));
        let add = |id| {
            Event::Group(GroupEvent::GroupMemberAdded { group: group("Cargo"), account: account(id), until: None })
        };
        history.act("manager", vec![add("veronica"), add("mia")]);
        let view = history.view("groups");
        assert_eq!(ids(&view["groups"]["cargo"]["members"]), ["mia", "veronica"]);
        assert_eq!(view["groups"]["cargo"]["members"][0]["effective"], json!(false), "Mia cannot sign in");
    }
}
