//! Communities and their own security (rule: X5): whom each is open to, who may create wikis, who administers it.

use grantbook_events::CommunityRight;
use grantbook_projections::Cause;
use serde_json::{Map, Value};

use crate::shown::Shown;

pub(super) fn communities(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let communities = views.communities.all(as_of.position).into_iter().map(|(number, community)| {
        let mut state = Map::new();
        state.insert("open_to".to_owned(), community.open_to.slug().into());
        state.insert("group".to_owned(), community.open_to.group().map(|group| group.as_str()).into());
        if let Some((set, _)) = views.communities.community(number, as_of.position) {
            state.insert("since".to_owned(), shown.cause(Cause::Entry(set)));
            shown.put_by(Some(set), &mut state);
        }
        state.insert("wiki_creators".to_owned(), holders(shown, number, CommunityRight::CreateWiki));
        state.insert("administrators".to_owned(), holders(shown, number, CommunityRight::Administer));
        (community.name.as_str().to_owned(), Value::Object(state))
    });
    let communities: Map<String, Value> = communities.collect();
    shown.answer([("communities", Value::Object(communities))])
}

/// Those who were granted a right in a community.
fn holders(shown: &Shown<'_>, community: u32, right: CommunityRight) -> Value {
    let grants = shown.views.communities.grants(community, shown.as_of).into_iter();
    let rows = grants.filter(|grant| grant.right == right).map(|grant| {
        let mut row = Map::new();
        row.insert("principal".to_owned(), serde_json::to_value(grant.principal).unwrap_or_default());
        shown.put_grant(grant.given, grant.holding, &mut row);
        Value::Object(row)
    });
    rows.collect()
}
