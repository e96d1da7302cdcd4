//! Content authority groups, what they cover and their members (chapter D).

use grantbook_projections::{Cause, ContentMember, Holding};
use grantbook_rights::account_usable;
use serde_json::{Map, Value};

use crate::shown::Shown;

pub(super) fn content_authority(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut groups = Map::new();
    for (number, group) in views.content_authority.all(as_of.position) {
        let mut state = Map::new();
        state.insert("master".to_owned(), group.master.into());
        state.insert("covers".to_owned(), group.covers.iter().map(|object| object.as_str()).collect());
        state.insert("since".to_owned(), shown.cause(Cause::Entry(group.created)));
        shown.put_by(Some(group.created), &mut state);
        let mut members = views.content_authority.members(number, as_of);
        members.sort_by_key(|(who, _)| shown.id(*who));
        let members = members.into_iter().map(|(who, member)| row(shown, who, &member));
        state.insert("members".to_owned(), members.collect());
        groups.insert(group.name.as_str().to_owned(), Value::Object(state));
    }
    shown.answer([("groups", Value::Object(groups))])
}

fn row(shown: &Shown<'_>, who: u32, member: &ContentMember) -> Value {
    let effective = account_usable(shown.views, who, shown.as_of);
    let mut row = shown.holder(who, member.given, Holding::held(1, member.until), effective);
    let staff = shown.views.credentials.full(who, shown.position()).is_some_and(|(_, full)| full);
    row.insert("rights".to_owned(), member.rights.iter().map(|right| right.slug()).collect());
    row.insert("staff".to_owned(), staff.into());
    Value::Object(row)
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account, group, path};
    use grantbook_events::{ContentAuthorityEvent, ContentRight, Event};
    use serde_json::json;

    // rules: D1, D3
    #[test]
    fn a_group_shows_what_it_covers_and_what_its_members_may() {
        let mut history = History::example();
        let (group, covers) = (group("Editors"), vec![path("/site")]);
        let create = ContentAuthorityEvent::ContentAuthorityGroupCreated { group: group.clone(), master: true, covers };
        history.act("manager", vec![Event::ContentAuthority(create)]);
        let (account, rights) = (account("veronica"), vec![ContentRight::Read, ContentRight::Edit]);
        let add = ContentAuthorityEvent::ContentAuthorityMemberAdded { group, account, rights, until: None };
        let added = history.act("manager", vec![Event::ContentAuthority(add)]);
        let view = history.view("content-authority");
        let editors = &view["groups"]["Editors"];
        assert_eq!((&editors["master"], &editors["covers"]), (&json!(true), &json!(["/site"])));
        let member = &editors["members"][0];
        assert_eq!((&member["account"], &member["rights"]), (&json!("veronica"), &json!(["read", "edit"])));
        assert_eq!((&member["by"], &member["since"]), (&json!("manager"), &json!({"position": added.0})));
    }
}
