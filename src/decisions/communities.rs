//! Decisions on communities (rule: X5). A community's administrators look after what is in it; whom it is open to is set by
//! system administrators, like all that groups open (rule: X4).

use grantbook_events::{
    Change, CommunityEvent, CommunityName, CommunityRight, Event, GroupName, Instant, Position, Principal,
};
use grantbook_projections::{Holding, OpenTo};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::CommunityCommand;
use crate::dashboard::future_end;
use crate::objects::known;
use crate::refusal::Refusal;

pub(crate) fn decide(command: &CommunityCommand, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::CommunitiesManage, On::Nothing)?;
    match command {
        CommunityCommand::CreateCommunity { community, group } => {
            create_community(community, group.as_ref(), case, authority)
        }
        CommunityCommand::SetCommunitySecurity { community, group, wiki_creators, administrators, until } => {
            let (number, community) = found(community, case)?;
            future_end(*until, case)?;
            let mut events = open(number, &community, group, case)?;
            let named = [(CommunityRight::CreateWiki, wiki_creators), (CommunityRight::Administer, administrators)];
            for (right, principals) in named {
                if let Some(principals) = principals {
                    events.extend(give(number, &community, right, principals, *until, case)?);
                }
            }
            if events.is_empty() {
                return Err(Refusal::conflict("X5", format!("the security of `{community}` is so already")));
            }
            Ok(events.into_iter().map(|event| (authority, Event::Community(event))).collect())
        }
    }
}

fn create_community(
    community: &CommunityName,
    group: Option<&GroupName>,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    let group = group.map(|group| case.group(group)).transpose()?.map(|(_, name)| name);
    if let Ok((number, known)) = found(community, case) {
        let changes = case.views.communities.history(number).map(|history| history.changes());
        let since = changes.and_then(|mut changes| changes.next()).map(|(created, _)| created);
        return Err(Refusal::name_taken("X5", "a community", (community.as_str(), known.as_str()), since));
    }
    let created = CommunityEvent::CommunityCreated { community: community.clone(), group };
    Ok(vec![(authority, Event::Community(created))])
}

/// The community of a name, in its own spelling. Errors: there is none.
fn found(community: &CommunityName, case: &Case<'_>) -> Result<(u32, CommunityName), Refusal> {
    let number = case.views.names.communities.get(community.as_str());
    let known = number.and_then(|number| {
        let (_, known) = case.views.communities.community(number, case.now.position)?;
        Some((number, known.name.clone()))
    });
    known.ok_or_else(|| Refusal::not_found(format!("there is no community `{community}`")))
}

/// What it takes for a community to be open to a group, or to everybody who can sign in; nothing where it is.
fn open(
    number: u32,
    community: &CommunityName,
    group: &Change<GroupName>,
    case: &Case<'_>,
) -> Result<Vec<CommunityEvent>, Refusal> {
    let group = match group {
        Change::Kept => return Ok(Vec::new()),
        Change::Set(group) => Some(case.group(group)?.1),
        Change::Cleared => None,
    };
    let wanted = group.clone().map_or(OpenTo::Accounts, OpenTo::Group);
    let now = case.views.communities.community(number, case.now.position);
    if now.is_some_and(|(_, now)| now.open_to == wanted) {
        return Ok(Vec::new());
    }
    Ok(vec![CommunityEvent::CommunityOpened { community: community.clone(), group }])
}

/// What it takes for just `principals` to have a right, until then. They are all named again where anything changes, so that
/// the entry says the whole.
fn give(
    number: u32,
    community: &CommunityName,
    right: CommunityRight,
    principals: &[Principal],
    until: Option<Instant>,
    case: &Case<'_>,
) -> Result<Vec<CommunityEvent>, Refusal> {
    let grants = case.views.communities.grants(number, case.now);
    let held: Vec<_> = grants.into_iter().filter(|grant| grant.right == right).collect();
    let mut wanted: Vec<Principal> = Vec::with_capacity(principals.len());
    for principal in principals {
        let principal = known(principal, case)?;
        // A member type keeps the spelling that it has the right under.
        let now = held.iter().find(|grant| grant.principal.is_alike(&principal));
        let principal = now.map_or(principal, |grant| grant.principal.clone());
        // A group or a member type named twice in two spellings is named once.
        if !wanted.iter().any(|other| other.is_alike(&principal)) {
            wanted.push(principal);
        }
    }
    let same = |principal: &Principal| {
        held.iter().any(|grant| grant.principal == principal && grant.holding == Holding::held(1, until))
    };
    if held.len() == wanted.len() && wanted.iter().all(same) {
        return Ok(Vec::new());
    }
    let dropped = held.iter().filter(|grant| !wanted.contains(grant.principal));
    let mut events: Vec<_> = dropped
        .map(|grant| {
            let (community, principal) = (community.clone(), grant.principal.clone());
            CommunityEvent::CommunityRightRevoked { community, right, principal }
        })
        .collect();
    events.extend(wanted.into_iter().map(|principal| {
        let community = community.clone();
        CommunityEvent::CommunityRightGranted { community, right, principal, until }
    }));
    Ok(events)
}

/// The events that end what a group has in communities. One that was open to it alone is then open to nobody, rather than to
/// everybody.
pub(crate) fn end_rights_of_group(
    group: &GroupName,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Vec<(Option<Position>, Event)> {
    let principal = Principal::Group(group.clone());
    let mut events = Vec::new();
    for (number, known) in case.views.communities.all(case.now.position) {
        let community = || known.name.clone();
        if known.open_to == OpenTo::Group(group.clone()) {
            events.push(CommunityEvent::CommunityClosed { community: community(), group: group.clone() });
        }
        let grants = case.views.communities.grants(number, case.now).into_iter();
        events.extend(grants.filter(|grant| *grant.principal == principal).map(|grant| {
            let (right, principal) = (grant.right, principal.clone());
            CommunityEvent::CommunityRightRevoked { community: community(), right, principal }
        }));
    }
    events.into_iter().map(|event| (authority, Event::Community(event))).collect()
}
