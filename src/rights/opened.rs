//! What groups open, and what is open in communities (rules: X4, X5).

use grantbook_events::{CommunityRight, GroupName, Principal};
use grantbook_projections::{AsOf, OpenTo, Views};

use crate::access::is_principal;
use crate::fact::Seen;
use crate::question::{On, Question, Who};

/// Whether a group opens anything as of then: a right on an object, a community, or a right in one. What it opens was set by
/// a system administrator (rule: X4), so nobody else may then change who is in it.
pub fn opens_something(views: &Views, group: &GroupName, as_of: AsOf) -> bool {
    let principal = Principal::Group(group.clone());
    let community = |(number, community): (u32, &grantbook_projections::Community)| {
        let open = community.open_to == OpenTo::Group(group.clone());
        open || views.communities.grants(number, as_of).iter().any(|grant| *grant.principal == principal)
    };
    !views.objects.access_of(&principal, as_of).is_empty()
        || views.communities.all(as_of.position).into_iter().any(community)
}

/// Whether the question's community is open to who asks.
pub(crate) fn community_open(question: &Question<'_>, as_of: AsOf) -> Seen {
    let (views, On::Community(community)) = (question.views, question.on) else { return Seen::new(false, None) };
    let (Some((set, community)), Who::Account(who)) =
        (views.communities.community(community, as_of.position), question.who)
    else {
        return Seen::new(false, None);
    };
    match &community.open_to {
        OpenTo::Accounts => Seen::new(true, Some(set)),
        OpenTo::Nobody => Seen::new(false, Some(set)),
        OpenTo::Group(group) => {
            let group = views.names.groups.get(group.as_str());
            let member = group.and_then(|group| views.groups.member(who, group, as_of));
            Seen::new(member.is_some(), Some(member.map_or(set, |(given, _)| given)))
        }
    }
}

/// Whether who asks was granted a right in the question's community; of several grants the oldest counts.
pub(crate) fn community_right(question: &Question<'_>, right: CommunityRight, as_of: AsOf) -> Seen {
    let On::Community(community) = question.on else { return Seen::new(false, None) };
    let question = Question { as_of, ..*question };
    let grants = question.views.communities.grants(community, as_of).into_iter();
    let own = grants.filter(|grant| grant.right == right && is_principal(&question, grant.principal));
    let given = own.map(|grant| grant.given).min();
    Seen::new(given.is_some(), given)
}
