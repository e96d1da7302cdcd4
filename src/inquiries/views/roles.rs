//! Roles and their holders (chapter G). Who holds Everyone is not listed: everybody does.

use grantbook_events::Position;
use grantbook_projections::{Cause, Holding, RoleNumber, Roles, SystemRole};
use grantbook_rights::account_usable;
use serde_json::{Map, Value};

use super::slices::{Made, Opens, Part, Row};
use crate::shown::Shown;

pub(super) fn roles(shown: &Shown<'_>) -> Made {
    let position = shown.position();
    let all = if position.0 == 0 { Vec::new() } else { shown.views.roles.all(position) };
    let opens = |role| -> Opens { Box::new(move |shown| of_role(shown, role)) };
    Made::Parts("roles", all.into_iter().map(opens).collect())
}

fn of_role(shown: &Shown<'_>, role: RoleNumber) -> Option<Part> {
    let (views, as_of) = (shown.views, shown.as_of);
    let name = views.roles.name(role, as_of.position)?.to_owned();
    let system = Roles::system(role);
    let mut state = Map::new();
    state.insert("system".to_owned(), system.is_some().into());
    state.insert("computed".to_owned(), system.is_some_and(SystemRole::computed).into());
    match (system, views.roles.custom(role, as_of.position)) {
        (None, Some((changed, custom))) => {
            state.insert("description".to_owned(), custom.description.as_str().into());
            state.insert("since".to_owned(), shown.cause(Cause::Entry(changed)));
            shown.put_by(Some(changed), &mut state);
        }
        (system, _) => {
            state.insert("description".to_owned(), system.map(SystemRole::description).into());
        }
    }
    let holders = match system {
        Some(SystemRole::ContentAdministrator) => content_administrators(shown),
        Some(_) | None => shown.in_force(views.roles.holders(role, as_of.position)),
    };
    let row = |(who, given, holding)| -> Row {
        Box::new(move |shown| {
            let usable = account_usable(shown.views, who, shown.as_of);
            Value::Object(shown.holder(who, given, holding, usable))
        })
    };
    Some(Part { name, state, list: "holders", rows: holders.into_iter().map(row).collect() })
}

/// The members of Master Admin groups: they hold Content Administrator by that (rules: D2, G3). One who is a member of
/// several holds it by the oldest.
pub(crate) fn content_administrators(shown: &Shown<'_>) -> Vec<(u32, Position, Holding)> {
    let (views, as_of) = (shown.views, shown.as_of);
    let masters = views.content_authority.all(as_of.position).into_iter().filter(|(_, group)| group.master);
    let mut members: Vec<_> = masters.flat_map(|(number, _)| views.content_authority.members(number, as_of)).collect();
    members.sort_by_key(|(who, member)| (shown.id(*who), member.given));
    members.dedup_by_key(|(who, _)| *who);
    members.into_iter().map(|(who, member)| (who, member.given, Holding::held(1, member.until))).collect()
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account, ids, role};
    use grantbook_events::{Event, Instant, RoleEvent};
    use serde_json::json;

    // rule: G1
    // rule: G3
    #[test]
    fn system_roles_are_shown_and_computed_ones_list_nobody() {
        let view = History::example().view("roles");
        let roles = &view["roles"];
        assert_eq!(roles["Everyone"]["computed"], json!(true));
        assert_eq!(roles["Everyone"]["holders"], json!([]));
        assert_eq!(ids(&roles["SysAdmin"]["holders"]), ["daemon", "manager"]);
        assert_eq!(roles["SysAdmin"]["system"], json!(true));
    }

    // rule: G10
    #[test]
    fn a_grant_that_has_ended_counts_as_not_held() {
        let mut history = History::example();
        let create = RoleEvent::RoleCreated { role: role("Editor"), description: "edits".to_owned() };
        history.act("manager", vec![Event::Role(create)]);
        let until = Some(Instant::parse("2026-11-01T00:00:00Z").unwrap());
        let assign = RoleEvent::RoleAssigned { account: account("sarah"), role: role("editor"), until };
        history.act("manager", vec![Event::Role(assign)]);
        let view = history.view("roles");
        assert_eq!(view["roles"]["Editor"]["holders"][0]["until"], json!("2026-11-01T00:00:00.000000Z"));
        let later = history.view_on("roles", "2026-11-01T00:00:00Z");
        assert_eq!(later["roles"]["Editor"]["holders"], json!([]));
    }
}
