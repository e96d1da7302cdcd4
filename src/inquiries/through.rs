//! What access to an object goes through: the object whose setting is in force, the grant, the group or role behind it.

use grantbook_events::{AccessRight, Event, Position, Principal, SecuritySet};
use grantbook_projections::{AccessSetting, Cause, RoleNumber, SystemRole};
use grantbook_rights::{Fact, On, Question, Who, effective_setting, is_content_administrator, is_principal};

use crate::authority::{
    Origin, chain, sets, sets_access, sets_contact, sets_content_membership, sets_membership, sets_role,
};
use crate::sentences::principal_words;
use crate::shown::Shown;
use crate::why::{FactReason, Link, Named};

/// Access to an object: the grant or the set, the object whose setting it is, and how the account is one of those meant.
pub(crate) fn access(
    shown: &Shown<'_>,
    question: &Question<'_>,
    named: &Named,
    right: AccessRight,
    cause: Option<Cause>,
    into: &mut FactReason,
) {
    let (views, as_of) = (shown.views, shown.as_of);
    let On::Object(asked) = question.on else { return };
    let in_force = effective_setting(views, asked, as_of.position);
    let about = named.about();
    let granted = in_force.from.into_iter().flat_map(|object| views.objects.access(object, as_of));
    let enough = granted.filter(|access| access.right == right || access.right == AccessRight::FullControl);
    let grant = enough
        .filter(|access| is_principal(question, access.principal))
        .min_by_key(|access| access.given)
        .filter(|_| in_force.setting == AccessSetting::Custom);
    let picked = grant.map(|access| (access.principal, access.right));
    if let Some(Cause::Entry(position)) = cause {
        let steps = chain(shown, position, &|event| sets_access(&about, picked, event));
        into.origin = Some(Origin { cause: Cause::Entry(position), chain: steps });
    }
    let whose = match &named.setting_of {
        None => "the root's access setting, with which every tenant starts".to_owned(),
        Some(path) if in_force.from == Some(asked) => format!("the access setting of {path} itself"),
        Some(path) => format!("the access setting of {path}, which is inherited"),
    };
    let setting = in_force.setting.slug();
    into.through.push(Link { words: format!("{whose}: {setting}"), origin: None });
    match (grant, in_force.setting) {
        (Some(access), _) => {
            let words = format!("{} is granted to {}", access.right, principal_words(shown, access.principal));
            into.through.push(Link { words, origin: None });
            into.through.extend(belonging(shown, question, named, access.principal));
        }
        (None, AccessSetting::Set(set)) => into.through.extend(set_belonging(shown, question, named, set)),
        (None, AccessSetting::Custom | AccessSetting::Inherited) => {}
    }
}

/// Which event of an entry is meant.
type Wanted<'a> = Box<dyn Fn(&Event) -> bool + 'a>;

/// How the account is one of those that a principal stands for; nothing where it is that account itself.
fn belonging(shown: &Shown<'_>, question: &Question<'_>, named: &Named, principal: &Principal) -> Option<Link> {
    let (views, as_of) = (shown.views, shown.as_of);
    let Who::Account(who) = question.who else { return None };
    let id = named.who.as_ref();
    let (words, given, wanted): (String, Position, Wanted<'_>) = match principal {
        Principal::Group(group) => {
            let (given, _) = views.groups.member(who, views.names.groups.get(group.as_str())?, as_of)?;
            let wanted = move |event: &Event| sets_membership(id, group.as_str(), event);
            (format!("is a member of {group}"), given, Box::new(wanted))
        }
        Principal::Role(role) if is_content_administrator(role) => {
            let given = views.content_authority.administrator(who, as_of)?;
            let wanted = move |event: &Event| sets_content_membership(id, event);
            ("is a member of a Master Admin group".to_owned(), given, Box::new(wanted))
        }
        Principal::Role(role) => {
            let number = views.roles.number(&views.names, role, as_of.position)?;
            let (given, _) = views.roles.held(who, number, as_of)?;
            // A role may have been called otherwise when it was given.
            let then = views.roles.name(number, given).unwrap_or(role.as_str());
            (format!("holds the role {role}"), given, Box::new(move |event: &Event| sets_role(id, then, event)))
        }
        Principal::MemberType(label) => {
            let (given, _) = views.accounts.member_type(who, as_of.position)?;
            (format!("is a member of type {label}"), given, Box::new(move |event: &Event| sets_contact(id, event)))
        }
        Principal::Staff => return staff(shown, named, who),
        Principal::Account(_) => return None,
    };
    let steps = chain(shown, given, &*wanted);
    Some(Link { words, origin: Some(Origin { cause: Cause::Entry(given), chain: steps }) })
}

/// How the account is one of those that a preconfigured set means.
fn set_belonging(shown: &Shown<'_>, question: &Question<'_>, named: &Named, set: SecuritySet) -> Option<Link> {
    let Who::Account(who) = question.who else { return None };
    let (views, as_of) = (shown.views, shown.as_of);
    let link = |words: &str, given: Position, fact: Fact| {
        let about = named.about();
        let steps = chain(shown, given, &|event| sets(fact, &about, event));
        Link { words: words.to_owned(), origin: Some(Origin { cause: Cause::Entry(given), chain: steps }) }
    };
    match set {
        SecuritySet::EveryoneFullControl | SecuritySet::EveryoneRead => None,
        SecuritySet::AuthenticatedFullControl | SecuritySet::AuthenticatedRead => {
            let created = views.credentials.created(who, as_of.position)?;
            Some(link("has credentials", created, Fact::HasCredentials))
        }
        SecuritySet::MembersRead => {
            let (given, label) = views.accounts.member_type(who, as_of.position)?;
            let steps = chain(shown, given, &|event| sets_contact(named.who.as_ref(), event));
            let origin = Origin { cause: Cause::Entry(given), chain: steps };
            Some(Link { words: format!("is a member of type {label}"), origin: Some(origin) })
        }
        SecuritySet::StaffFullControl | SecuritySet::StaffRead => staff(shown, named, who),
        SecuritySet::ReportingFullControl => {
            let group = views.names.groups.get("Reporting")?;
            let (given, _) = views.groups.member(who, group, as_of)?;
            Some(link("is a member of Reporting", given, Fact::Member("Reporting")))
        }
        SecuritySet::SysadminOnly => {
            let role = SystemRole::SysAdmin;
            let (given, _) = views.roles.held(who, RoleNumber::from(role), as_of)?;
            Some(link("holds the role SysAdmin", given, Fact::Role(role)))
        }
    }
}

fn staff(shown: &Shown<'_>, named: &Named, who: u32) -> Option<Link> {
    let (given, _) = shown.views.credentials.full(who, shown.position()).filter(|(_, full)| *full)?;
    let about = named.about();
    let steps = chain(shown, given, &|event| sets(Fact::Full, &about, event));
    let origin = Origin { cause: Cause::Entry(given), chain: steps };
    Some(Link { words: "is staff (user class Full)".to_owned(), origin: Some(origin) })
}
