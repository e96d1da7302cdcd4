//! What is missing for a right, and what would supply it: the shortest sufficient alternative first.

use std::collections::BTreeSet;

use grantbook_events::{AccountId, CommunityRight, VisibilityAudience};
use grantbook_projections::{AsOf, OpenTo, SystemRole};
use grantbook_rights::{Fact, Node, NodeKind, On, Question, Who};

/// A fact that is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// Which.
    pub fact: Fact,
    /// In words.
    pub words: String,
    /// The rule it rests on.
    pub rule: &'static str,
    /// What would supply it, as an instruction.
    pub supply: String,
}

/// Facts that together would be enough.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alternative {
    /// All of them are missing.
    pub missing: Vec<Missing>,
}

/// More alternatives than a person reads are cut.
const MOST_ALTERNATIVES: usize = 16;

/// What would be enough for the node to hold, shortest first; empty where it holds or nothing can supply it.
pub(crate) fn alternatives(question: &Question<'_>, node: &Node) -> Vec<Alternative> {
    if node.holds || question.who == Who::Guest {
        return Vec::new();
    }
    let mut leaves = Vec::new();
    gather(question, node, &mut leaves);
    let ways = sufficient(question, &leaves, node, &mut 0);
    let chosen = ways.into_iter().map(|way| {
        let missing = way.missing.into_iter().filter_map(|index| leaves.get(index)?.clone()).collect();
        Alternative { missing }
    });
    let mut alternatives: Vec<Alternative> = chosen.collect();
    alternatives.sort_by_key(|alternative| (alternative.missing.len(), lowers_somebody(&alternative.missing)));
    let mut shown: Vec<Alternative> = Vec::new();
    for alternative in alternatives {
        // What is enough without more needs no longer way.
        let covered = shown.iter().any(|shorter| shorter.missing.iter().all(|one| alternative.missing.contains(one)));
        if !covered && shown.len() < MOST_ALTERNATIVES {
            shown.push(alternative);
        }
    }
    shown
}

/// The facts of a tree in order: for one that is missing, what would supply it; `None` where it holds or nothing can.
fn gather(question: &Question<'_>, node: &Node, into: &mut Vec<Option<Missing>>) {
    match &node.kind {
        NodeKind::Fact { fact, words, rule, .. } => {
            let supply = if node.holds { None } else { supply(*fact, question) };
            into.push(supply.map(|supply| Missing { fact: *fact, words: words.clone(), rule, supply }));
        }
        NodeKind::All(nodes) | NodeKind::Any(nodes) => nodes.iter().for_each(|node| gather(question, node, into)),
    }
}

/// A way in which a node would hold: the leaves that are missing for it, by index, and every fact that it rests on, missing
/// or not.
#[derive(Clone, Default)]
struct Way {
    missing: BTreeSet<usize>,
    rests_on: Vec<Fact>,
}

/// The ways that would be enough. `next` is the index of the node's first leaf. A fact is named once.
fn sufficient(question: &Question<'_>, leaves: &[Option<Missing>], node: &Node, next: &mut usize) -> Vec<Way> {
    match &node.kind {
        NodeKind::Fact { fact, .. } => {
            let index = *next;
            *next += 1;
            let mut way = Way { missing: BTreeSet::new(), rests_on: vec![*fact] };
            if node.holds {
                return vec![way];
            }
            let Some(Some(missing)) = leaves.get(index) else { return Vec::new() };
            let same = leaves.iter().position(|leaf| leaf.as_ref().is_some_and(|leaf| leaf.fact == missing.fact));
            way.missing.insert(same.unwrap_or(index));
            vec![way]
        }
        NodeKind::All(nodes) => {
            let mut ways = vec![Way::default()];
            for node in nodes {
                let further = sufficient(question, leaves, node, next);
                let joined = ways.iter().flat_map(|way| further.iter().map(move |more| way.and(more)));
                let possible = joined.filter(|way| !contradictory(question, &way.rests_on));
                ways = possible.take(MOST_ALTERNATIVES).collect();
            }
            ways
        }
        NodeKind::Any(nodes) => nodes.iter().flat_map(|node| sufficient(question, leaves, node, next)).collect(),
    }
}

impl Way {
    fn and(&self, other: &Way) -> Way {
        let rests_on = self.rests_on.iter().chain(&other.rests_on).copied().collect();
        Way { missing: &self.missing | &other.missing, rests_on }
    }
}

/// Whether facts cannot all be so of one account at once.
fn contradictory(question: &Question<'_>, facts: &[Fact]) -> bool {
    let asks = |fact| facts.contains(&fact);
    let chapter = match question.on {
        On::Organisation(organisation) | On::Contact { acting_for: organisation, .. } => {
            let known = question.views.organisations.organisation(organisation, question.as_of.position);
            known.is_some_and(|known| known.kind.is_chapter())
        }
        On::Nothing | On::Account(_) | On::App(_) | On::Object(_) | On::Community(_) => false,
    };
    // Whoever acts on their own account is what it is.
    let own = match (question.who, question.on) {
        (Who::Account(who), On::Account(target)) => target == Some(who),
        (Who::Account(who), On::Contact { contact, .. }) => contact == who,
        (Who::Account(_) | Who::Guest, _) => false,
    };
    let full = asks(Fact::Full);
    let lower =
        asks(Fact::NotFull) || (chapter && asks(Fact::NotStaffInChapter)) || (own && asks(Fact::TargetNotStaff));
    let holds = facts.iter().any(|fact| matches!(fact, Fact::Role(_) | Fact::Level(..) | Fact::AdminListed));
    (full && lower) || (own && holds && asks(Fact::TargetHoldsNothing))
}

/// Whether somebody would have to lose something for it: such a way is named after the others.
fn lowers_somebody(missing: &[Missing]) -> bool {
    let lowering = [Fact::NotFull, Fact::NotStaffInChapter, Fact::TargetNotStaff, Fact::TargetHoldsNothing];
    missing.iter().any(|missing| lowering.contains(&missing.fact))
}

/// What would supply a missing fact; `None` where nothing can.
fn supply(fact: Fact, question: &Question<'_>) -> Option<String> {
    let Who::Account(who) = question.who else { return None };
    let (views, as_of) = (question.views, question.as_of);
    let app = || match question.on {
        On::App(app) => {
            let found = views.tenant.app(app, as_of.position);
            found.map_or_else(|| "the app".to_owned(), |(_, app)| app.title.clone())
        }
        On::Nothing | On::Account(_) | On::Object(_) | On::Organisation(_) | On::Community(_) | On::Contact { .. } => {
            "the app".to_owned()
        }
    };
    let full = views.credentials.full(who, as_of.position).is_some_and(|(_, full)| full);
    Some(match fact {
        // An id is never given again (rule: C15).
        Fact::Exists if views.accounts.ever_existed(who, as_of.position) => return None,
        Fact::Exists => "add the contact".to_owned(),
        Fact::HasCredentials => "create credentials for it".to_owned(),
        Fact::NotDisabled => "enable the account".to_owned(),
        Fact::Effective => "set an earlier effective date, or wait for it".to_owned(),
        Fact::NotExpired => "set a later expiration date".to_owned(),
        Fact::NotLocked => unlock(question, who, as_of),
        Fact::Full => "set its user class to full".to_owned(),
        // MANAGER's class is never changed (rule: M2).
        Fact::NotFull | Fact::NotStaffInChapter if Fact::Manager.look(question).holds => return None,
        Fact::NotFull => "set its user class to public or casual".to_owned(),
        // SysAdmin needs class Full and a valid email (rule: G2).
        Fact::Role(SystemRole::SysAdmin) if !full => {
            "set its user class to full, see that it has a valid email, and assign the role SysAdmin".to_owned()
        }
        Fact::Role(role) => format!("assign the role {}", role.name()),
        Fact::Level(module, level) => format!("set its level for {module} to {level} or more"),
        Fact::AdminListed => "make it an Admin User".to_owned(),
        Fact::Member(group) => format!("add it to the group {group}"),
        Fact::BackgroundAccount => "set it as the Background Account".to_owned(),
        Fact::AppAssigned => format!("assign it to {}", app()),
        Fact::AppLicensed => format!("have support record an active subscription to {}", app()),
        Fact::TargetNotStaff => "set the user class of the other account to public or casual".to_owned(),
        Fact::TargetHoldsNothing => "take away what the contact still holds".to_owned(),
        Fact::Access(right) => {
            let On::Object(object) = question.on else { return None };
            format!("grant {right} on {} to it or to a group or role that it has", views.names.objects.text(object))
        }
        Fact::OrganisationAdmin => "give it the right to administer the organisation".to_owned(),
        Fact::MemberOfOrganisation => "make it a member of the organisation".to_owned(),
        Fact::NotStaffInChapter => "set its user class to public or casual".to_owned(),
        Fact::LicensedAsChapter => "have support record the licence Group Admin PLUS".to_owned(),
        Fact::CommunityOpen => {
            let On::Community(community) = question.on else { return None };
            let (_, community) = views.communities.community(community, as_of.position)?;
            match &community.open_to {
                OpenTo::Group(group) => format!("add it to the group {group}"),
                OpenTo::Nobody => format!("open the community {} to a group that it is in", community.name),
                OpenTo::Accounts => return None,
            }
        }
        Fact::CommunityRight(CommunityRight::CreateWiki) => {
            "name it among those who may create wikis in the community".to_owned()
        }
        Fact::CommunityRight(CommunityRight::Administer) => "name it among the community's administrators".to_owned(),
        Fact::ContentMember => "add it to a content authority group".to_owned(),
        Fact::Content(right) => {
            let On::Object(object) = question.on else { return None };
            let path = views.names.objects.text(object);
            format!("let it {right} as a member of a content authority group that covers {path}")
        }
        Fact::QueryViaApi => "set the flag `via_api` of the query".to_owned(),
        Fact::IsMember => "give its contact a member type".to_owned(),
        Fact::VisibleTo(audience) => {
            // Who is not there, or no more, is in no set, and MANAGER never is.
            let (On::Account(Some(target)) | On::Contact { contact: target, .. }) = question.on else { return None };
            let manager = views.account(&AccountId::manager()) == Some(target);
            if manager || !views.accounts.exists(target, as_of.position) {
                return None;
            }
            let audience = match audience {
                VisibilityAudience::Everyone => "everyone",
                VisibilityAudience::Authenticated => "whoever is signed in",
                VisibilityAudience::Members => "members",
            };
            format!("let the contact be one of those visible to {audience}")
        }
        Fact::Manager
        | Fact::NotManager
        | Fact::Edition2017
        | Fact::AppForAnyone
        | Fact::TargetNotSelf
        | Fact::TargetSelf
        | Fact::TargetNotManager
        // Only a SysAdmin's new credentials end it, and then there is nothing left to create (rule: C8).
        | Fact::TargetNotLeftDisabled
        // A closed tenant stays closed (rule: T7).
        | Fact::TenantOpen
        | Fact::PrimaryOrganisation
        | Fact::OrganisationGives(_)
        | Fact::OrganisationBilled
        | Fact::OfNoOtherCompany
        | Fact::Never => return None,
    })
}

fn unlock(question: &Question<'_>, who: u32, as_of: AsOf) -> String {
    let end = question.views.credentials.locked(who, as_of).and_then(|(_, lock)| lock.until);
    end.map_or_else(
        || "unlock the credentials".to_owned(),
        |end| format!("unlock the credentials, or wait until {end}"),
    )
}
