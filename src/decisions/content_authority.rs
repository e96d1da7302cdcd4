//! Decisions on content authority groups (chapter D). SysAdmins alone manage them: who may change content decides nothing
//! about who else may.

use grantbook_events::{
    AccountId, ContentAuthorityEvent, ContentRight, Event, GroupName, Instant, ObjectPath, Position,
};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::ContentAuthorityCommand;
use crate::dashboard::future_end;
use crate::refusal::Refusal;

pub(crate) fn decide(command: &ContentAuthorityCommand, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::ContentAuthorityManage, On::Nothing)?;
    match command {
        ContentAuthorityCommand::CreateGroup { group, master, covers } => {
            create_group(group, *master, covers, case, authority)
        }
        ContentAuthorityCommand::AddMember { group, account, rights, until } => {
            add_member(group, account, rights, *until, case, authority)
        }
        ContentAuthorityCommand::RemoveMember { group, account } => remove_member(group, account, case, authority),
    }
}

fn one(authority: Option<Position>, event: ContentAuthorityEvent) -> Outcome {
    Ok(vec![(authority, Event::ContentAuthority(event))])
}

/// What it covers must be there; a name is unique without case among content authority groups.
fn create_group(
    group: &GroupName,
    master: bool,
    covers: &[ObjectPath],
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    for object in covers {
        case.object(object)?;
    }
    if let Ok((number, known)) = case.content_group(group) {
        let since = case.views.content_authority.group(number, case.now.position).map(|known| known.created);
        let names = (group.as_str(), known.as_str());
        return Err(Refusal::name_taken("D1", "a content authority group", names, since));
    }
    let (group, covers) = (group.clone(), covers.to_vec());
    one(authority, ContentAuthorityEvent::ContentAuthorityGroupCreated { group, master, covers })
}

/// Anybody may be made a member; one who is not staff is a finding (rule: D3). Other rights or another end replace those
/// held; the same again changes nothing and is refused (rule: G10).
fn add_member(
    group: &GroupName,
    account: &AccountId,
    rights: &[ContentRight],
    until: Option<Instant>,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    let (number, group) = case.content_group(group)?;
    let who = case.account(account)?;
    future_end(until, case)?;
    // One order, whatever order they were given in.
    let rights: Vec<ContentRight> = ContentRight::ALL.iter().copied().filter(|right| rights.contains(right)).collect();
    let held = case.views.content_authority.member(who, number, case.now);
    if held.is_some_and(|held| held.rights == rights && held.until == until) {
        return Err(Refusal::conflict("G10", format!("`{account}` has these rights in `{group}` already")));
    }
    let account = account.clone();
    one(authority, ContentAuthorityEvent::ContentAuthorityMemberAdded { group, account, rights, until })
}

fn remove_member(group: &GroupName, account: &AccountId, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let (number, group) = case.content_group(group)?;
    let who = case.account(account)?;
    if case.views.content_authority.member(who, number, case.now).is_none() {
        return Err(Refusal::conflict("D1", format!("`{account}` is no member of `{group}`")));
    }
    one(authority, ContentAuthorityEvent::ContentAuthorityMemberRemoved { group, account: account.clone() })
}

/// The events by which content authority groups cease to cover an object that is deleted.
pub(crate) fn end_coverage(
    object: &ObjectPath,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Vec<(Option<Position>, Event)> {
    let groups = case.views.content_authority.all(case.now.position).into_iter();
    let ended = groups.filter(|(_, group)| group.covers.contains(object)).map(|(_, group)| {
        let ended = ContentAuthorityEvent::ContentCoverageEnded { group: group.name.clone(), object: object.clone() };
        (authority, Event::ContentAuthority(ended))
    });
    ended.collect()
}
