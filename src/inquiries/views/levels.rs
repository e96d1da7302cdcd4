//! Module authorisation levels (rule: L1).

use grantbook_rights::account_usable;
use serde_json::{Map, Value};

use crate::shown::Shown;

pub(super) fn levels(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut catalogue: Vec<_> = views.tenant.modules(as_of.position).collect();
    catalogue.sort_unstable_by_key(|(_, name)| *name);
    let mut modules = Map::new();
    for (number, name) in catalogue {
        let holders = shown.in_force(views.levels.holders(number, as_of.position)).into_iter();
        let holders: Vec<Value> = holders
            .map(|(who, given, holding)| {
                // Only class Full has levels (rule: C12).
                let full = views.credentials.full(who, as_of.position).is_some_and(|(_, full)| full);
                let mut row = shown.person(who);
                row.insert("level".to_owned(), holding.weight.into());
                shown.put_grant(given, holding, &mut row);
                row.insert("effective".to_owned(), (full && account_usable(views, who, as_of)).into());
                Value::Object(row)
            })
            .collect();
        modules.insert(name.as_str().to_owned(), holders.into());
    }
    shown.answer([("modules", Value::Object(modules))])
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account, ids, module};
    use grantbook_events::{Event, RoleEvent};
    use serde_json::json;

    // rule: L1
    #[test]
    fn levels_are_listed_by_module_and_level_0_is_none() {
        let mut history = History::example();
        let set = |level| {
            let account = account("sarah");
            vec![Event::Role(RoleEvent::LevelSet { account, module: module("Customers"), level, until: None })]
        };
        history.act("manager", set(4));
        let view = history.view("levels");
        assert_eq!(ids(&view["modules"]["Customers"]), ["daemon", "manager", "sarah"]);
        assert_eq!(view["modules"]["Customers"][2]["level"], json!(4));
        history.act("manager", set(0));
        assert_eq!(ids(&history.view("levels")["modules"]["Customers"]), ["daemon", "manager"]);
    }
}
