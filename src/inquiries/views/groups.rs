//! Groups and their members (chapter X): built-in ones and empty ones are shown too. A dynamic group shows its condition, a
//! group that products name those products, a member by purchase the product bought.

use std::collections::BTreeMap;

use grantbook_events::GroupName;
use grantbook_projections::{BUILT_IN_GROUPS, Cause};
use grantbook_rights::account_usable;
use serde_json::{Map, Value, json};

use super::slices::{Made, Opens, Part, Row};
use crate::shown::Shown;

pub(super) fn groups(shown: &Shown<'_>) -> Made {
    let (views, position) = (shown.views, shown.position());
    let built_in = if position.0 == 0 { &[][..] } else { &BUILT_IN_GROUPS[..] };
    let mut groups: BTreeMap<&str, Opens> = BTreeMap::new();
    for name in built_in {
        groups.insert(name, Box::new(|shown| Some(of_built_in(shown, name))));
    }
    for (number, group) in views.groups.all_custom(position) {
        groups.insert(group.name.as_str(), Box::new(move |shown| of_custom(shown, number)));
    }
    Made::Parts("groups", groups.into_values().collect())
}

fn of_built_in(shown: &Shown<'_>, name: &str) -> Part {
    let state = Map::from_iter([("built_in".to_owned(), true.into())]);
    let rows = members(shown, shown.views.names.groups.get(name), None);
    Part { name: name.to_owned(), state, list: "members", rows }
}

fn of_custom(shown: &Shown<'_>, number: u32) -> Option<Part> {
    let (views, as_of) = (shown.views, shown.as_of);
    let (created, group) = views.groups.custom(number, as_of.position)?;
    let mut state = Map::new();
    state.insert("built_in".to_owned(), false.into());
    state.insert("description".to_owned(), group.description.as_str().into());
    state.insert("since".to_owned(), shown.cause(Cause::Entry(created)));
    shown.put_by(Some(created), &mut state);
    if let Some(condition) = &group.condition {
        state.insert("dynamic".to_owned(), true.into());
        state.insert("condition".to_owned(), serde_json::to_value(condition).unwrap_or_default());
        state.insert("condition_words".to_owned(), format!("contacts whose {condition}").into());
    }
    let products = views.products.naming(&group.name, as_of.position);
    if !products.is_empty() {
        let names: Vec<&str> = products.into_iter().map(|product| product.name.as_str()).collect();
        state.insert("products".to_owned(), names.into());
    }
    let rows = members(shown, Some(number), Some(&group.name));
    Some(Part { name: group.name.as_str().to_owned(), state, list: "members", rows })
}

/// The members of a group; none of one that nobody was ever added to. Only groups of one's own are named by products.
fn members(shown: &Shown<'_>, group: Option<u32>, own: Option<&GroupName>) -> Vec<Row> {
    let recorded = group.into_iter().flat_map(|group| shown.views.groups.members(group, shown.position()));
    let row = |(who, given, holding)| -> Row {
        let own = own.cloned();
        Box::new(move |shown| {
            let (views, as_of) = (shown.views, shown.as_of);
            let mut member = shown.holder(who, given, holding, account_usable(views, who, as_of));
            if let Some(product) = own.as_ref().and_then(|group| views.products.behind(who, group, given)) {
                member.insert(
                    "purchase".to_owned(),
                    json!({"product": product.name.as_str(), "position": shown.place(given)}),
                );
            }
            Value::Object(member)
        })
    };
    shown.in_force(recorded).into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account, group, ids};
    use grantbook_events::{ContactCondition, ContactField, Event, GroupEvent, Label, ProductName};
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

    // rules: X3, X4
    #[test]
    fn what_makes_members_is_shown_with_the_group_and_the_member() {
        let mut history = History::example();
        let condition = ContactCondition::Is(ContactField::Status, Label::new("Active").unwrap());
        let guide = || ProductName::new("Field guide").unwrap();
        let define = GroupEvent::DynamicGroupDefined { group: group("actives"), condition };
        let create = GroupEvent::GroupCreated { group: group("readers"), description: String::new() };
        let register = GroupEvent::ProductRegistered { product: guide(), group: Some(group("readers")) };
        history.act("manager", [define, create, register].map(Event::Group).into());
        let by_hand = GroupEvent::GroupMemberAdded { group: group("readers"), account: account("jeff"), until: None };
        history.act("manager", vec![Event::Group(by_hand)]);
        let bought = GroupEvent::PurchaseRecorded { product: guide(), account: account("mia"), until: None };
        let joined = GroupEvent::GroupMemberAdded { group: group("readers"), account: account("mia"), until: None };
        let position = history.act("bob", [bought, joined].map(Event::Group).into());
        let view = history.view("groups");
        let actives = &view["groups"]["actives"];
        assert_eq!((&actives["dynamic"], &actives["condition"]), (&json!(true), &json!({"status": "Active"})));
        assert_eq!(actives["condition_words"], json!("contacts whose status is Active"));
        let readers = &view["groups"]["readers"];
        assert_eq!(readers["products"], json!(["Field guide"]));
        assert_eq!(readers["members"][0]["purchase"], json!(null), "Jeff was added by hand");
        assert_eq!(readers["members"][1]["purchase"], json!({"product": "Field guide", "position": position.0}));
    }
}
