//! Why: the tree of facts that decides a question, yes or no, each fact with what made it so and on whose authority, back
//! to the tenant's start; and for a no, what would make it a yes.

use grantbook_events::{AccountId, AppName, CommunityName, Licence, ObjectPath, OrganisationName, Position};
use grantbook_projections::{AsOf, Cause, RoleNumber};
use grantbook_rights::{Fact, Node, NodeKind, On, Question, Verdict, Who, effective_setting, explain, may};

use crate::ask::Asked;
use crate::authority::{About, Origin, chain, sets};
use crate::shortest::{ShortReason, short_reason};
use crate::shown::Shown;
use crate::supply::{Alternative, alternatives};
use crate::through::access;

/// The answer with its reasons.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Why {
    /// Yes or no.
    pub allowed: bool,
    /// Who was asked about, as people know them.
    pub who: String,
    /// What was asked for, in words that follow "may".
    pub words: &'static str,
    /// The capability's name.
    pub capability: &'static str,
    /// On what, where it is on something.
    pub on: Option<String>,
    /// The rule that gives or refuses it.
    pub rule: &'static str,
    /// From where it was looked at.
    pub as_of: AsOf,
    /// Where the answer is yes: the shortest reason that is enough.
    pub shortest: Option<ShortReason>,
    /// The tree of facts.
    pub reason: Reason,
    /// Where the answer is no: what would be enough, shortest first; empty where nothing is.
    pub would_do: Vec<Alternative>,
}

/// One node of the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// Whether it holds.
    pub holds: bool,
    /// What it is.
    pub kind: ReasonKind,
}

/// What a node of the tree is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReasonKind {
    /// A fact.
    Fact(Box<FactReason>),
    /// All of the nodes below must hold.
    All(Vec<Reason>),
    /// One of the nodes below must hold; what comes closest is first.
    Any(Vec<Reason>),
}

/// A fact with what made it so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FactReason {
    /// Which.
    pub fact: Fact,
    /// In words.
    pub words: String,
    /// The rule it rests on.
    pub rule: &'static str,
    /// What made it so; none where nothing was ever recorded.
    pub origin: Option<Origin>,
    /// What it goes through: the object whose setting is in force, the group or role that the right was granted to.
    pub through: Vec<Link>,
}

/// Something that a fact goes through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// In words.
    pub words: String,
    /// What made it so.
    pub origin: Option<Origin>,
}

impl FactReason {
    /// A fact of which nothing is told yet.
    pub(crate) fn bare(fact: Fact) -> FactReason {
        FactReason { fact, words: String::new(), rule: fact.rule(), origin: None, through: Vec::new() }
    }
}

/// The question's answer with its reasons.
pub fn why(shown: &Shown<'_>, asked: &Asked<'_>) -> Why {
    let question = Question { views: shown.views, as_of: shown.as_of, ..asked.question };
    let node = explain(&question, asked.capability);
    let rule = match may(&question, asked.capability) {
        Verdict::Allowed { .. } => asked.capability.rule(),
        Verdict::Refused(refused) => refused.rule,
    };
    let named = Named::of(shown, &question);
    let who = match (&question.who, &named.who) {
        (Who::Account(_), Some(id)) => shown.called(id),
        (Who::Account(_), None) | (Who::Guest, _) => "a guest".to_owned(),
    };
    Why {
        allowed: node.holds,
        who,
        words: asked.capability.words(),
        capability: asked.capability.name(),
        on: named.on(shown, &question),
        rule,
        as_of: shown.as_of,
        shortest: short_reason(shown, &question, asked.capability, &named),
        reason: reason(shown, &question, &named, &node),
        would_do: alternatives(&question, &node),
    }
}

/// The names behind the numbers of a question.
pub(crate) struct Named {
    pub(crate) who: Option<AccountId>,
    pub(crate) target: Option<AccountId>,
    pub(crate) app: Option<AppName>,
    /// The object whose access setting is in force.
    pub(crate) setting_of: Option<ObjectPath>,
    pub(crate) organisation: Option<OrganisationName>,
    pub(crate) community: Option<CommunityName>,
}

impl Named {
    pub(crate) fn of(shown: &Shown<'_>, question: &Question<'_>) -> Named {
        let views = shown.views;
        let mut named =
            Named { who: None, target: None, app: None, setting_of: None, organisation: None, community: None };
        if let Who::Account(who) = question.who {
            named.who = views.account_id(who);
        }
        match question.on {
            On::Nothing => {}
            On::Account(target) => named.target = target.and_then(|target| views.account_id(target)),
            On::App(app) => named.app = views.tenant.app(app, shown.position()).map(|(_, app)| app.name.clone()),
            On::Contact { contact, acting_for } => {
                named.target = views.account_id(contact);
                let known = views.organisations.organisation(acting_for, shown.position());
                named.organisation = known.map(|known| known.name.clone());
            }
            On::Organisation(organisation) => {
                let known = views.organisations.organisation(organisation, shown.position());
                named.organisation = known.map(|known| known.name.clone());
            }
            On::Community(community) => {
                let known = views.communities.community(community, shown.position());
                named.community = known.map(|(_, known)| known.name.clone());
            }
            On::Object(object) => {
                let from = effective_setting(views, object, shown.position()).from;
                named.setting_of = from.and_then(|from| ObjectPath::new(views.names.objects.text(from)).ok());
            }
        }
        named
    }

    pub(crate) fn about(&self) -> About<'_> {
        About {
            who: self.who.as_ref(),
            target: self.target.as_ref(),
            app: self.app.as_ref().map(AppName::as_str),
            object: self.setting_of.as_ref(),
            organisation: self.organisation.as_ref().map(OrganisationName::as_str),
            community: self.community.as_ref(),
        }
    }

    /// What a question is on, by name.
    pub(crate) fn on(&self, shown: &Shown<'_>, question: &Question<'_>) -> Option<String> {
        match question.on {
            On::Nothing => None,
            On::Account(_) | On::Contact { .. } => self.target.as_ref().map(|target| target.as_str().to_owned()),
            On::App(_) => self.app.as_ref().map(|app| app.as_str().to_owned()),
            On::Organisation(_) => self.organisation.as_ref().map(|organisation| organisation.as_str().to_owned()),
            On::Object(object) => Some(shown.views.names.objects.text(object).to_owned()),
            On::Community(_) => self.community.as_ref().map(|community| community.as_str().to_owned()),
        }
    }
}

fn reason(shown: &Shown<'_>, question: &Question<'_>, named: &Named, node: &Node) -> Reason {
    let below = |nodes: &[Node]| nodes.iter().map(|node| reason(shown, question, named, node)).collect();
    let kind = match &node.kind {
        NodeKind::All(nodes) => ReasonKind::All(below(nodes)),
        NodeKind::Any(nodes) => {
            let mut reasons: Vec<Reason> = below(nodes);
            // What holds comes first, then what lacks least; of those the shortest.
            reasons.sort_by_key(|reason| (lacking(reason), leaves(reason)));
            ReasonKind::Any(reasons)
        }
        NodeKind::Fact { fact, words, rule, cause } => {
            let mut found = FactReason { words: words.clone(), rule, ..FactReason::bare(*fact) };
            if !shown.may_tell(question, *fact, node.holds) {
                // What stands against the asker here is somebody else's affair.
            } else if let Fact::Access(right) = fact {
                access(shown, question, named, *right, *cause, &mut found);
            } else {
                found.origin = cause.map(|cause| origin(shown, question, named, *fact, cause));
            }
            ReasonKind::Fact(Box::new(found))
        }
    };
    Reason { holds: node.holds, kind }
}

/// How many facts are missing on the shortest way.
fn lacking(reason: &Reason) -> usize {
    match &reason.kind {
        ReasonKind::Fact(_) => usize::from(!reason.holds),
        ReasonKind::All(reasons) => reasons.iter().map(lacking).sum(),
        ReasonKind::Any(reasons) => reasons.iter().map(lacking).min().unwrap_or(0),
    }
}

fn leaves(reason: &Reason) -> usize {
    match &reason.kind {
        ReasonKind::Fact(_) => 1,
        ReasonKind::All(reasons) | ReasonKind::Any(reasons) => reasons.iter().map(leaves).sum(),
    }
}

fn origin(shown: &Shown<'_>, question: &Question<'_>, named: &Named, fact: Fact, cause: Cause) -> Origin {
    let recorded = match cause {
        Cause::Entry(position) => Some(position),
        Cause::Clock(_) => behind_the_clock(question, fact),
    };
    let about = named.about();
    let steps = recorded.map(|position| chain(shown, position, &|event| sets(fact, &about, event)));
    Origin { cause, chain: steps.unwrap_or_default() }
}

/// The entry that set the date which the clock reached.
fn behind_the_clock(question: &Question<'_>, fact: Fact) -> Option<Position> {
    let (views, position) = (question.views, question.as_of.position);
    let Who::Account(who) = question.who else { return None };
    match fact {
        Fact::Effective => views.credentials.effective_date(who, position).map(|(set, _)| set),
        Fact::NotExpired => views.credentials.expiration_date(who, position).map(|(set, _)| set),
        Fact::Role(role) => {
            let history = views.roles.history(who, RoleNumber::from(role))?;
            history.change_at(position).map(|(set, _)| set)
        }
        Fact::Level(module, _) => {
            let history = views.levels.history(who, views.names.modules.get(module)?)?;
            history.change_at(position).map(|(set, _)| set)
        }
        Fact::AdminListed => views.admins.history(who)?.change_at(position).map(|(set, _)| set),
        Fact::Member(group) => {
            let history = views.groups.history(who, views.names.groups.get(group)?)?;
            history.change_at(position).map(|(set, _)| set)
        }
        Fact::AppAssigned => {
            let On::App(app) = question.on else { return None };
            views.app_users.history(who, app)?.change_at(position).map(|(set, _)| set)
        }
        Fact::OrganisationAdmin => {
            let On::Organisation(organisation) = question.on else { return None };
            views.organisations.administrator_history(who, organisation)?.change_at(position).map(|(set, _)| set)
        }
        Fact::MemberOfOrganisation => {
            let On::Organisation(organisation) = question.on else { return None };
            views.organisations.membership_history(who, organisation)?.change_at(position).map(|(set, _)| set)
        }
        Fact::LicensedAsChapter => {
            views.tenant.licence_recorded(Licence::GroupAdminPlus, position).map(|(recorded, _)| recorded)
        }
        Fact::Content(right) => {
            let On::Object(object) = question.on else { return None };
            let path = views.names.objects.text(object);
            let grants = views.content_authority.grants_on(who, path, right, position);
            grants.filter_map(|history| history.change_at(position)).map(|(set, _)| set).max()
        }
        Fact::ContentMember => {
            let grants = views.content_authority.grants_of(who);
            grants.filter_map(|(_, _, history)| history.change_at(position)).map(|(set, _)| set).max()
        }
        // The clock alone never changes these.
        Fact::Exists
        | Fact::HasCredentials
        | Fact::NotDisabled
        | Fact::NotLocked
        | Fact::Full
        | Fact::NotFull
        | Fact::Manager
        | Fact::NotManager
        | Fact::Edition2017
        | Fact::BackgroundAccount
        | Fact::AppLicensed
        | Fact::AppForAnyone
        | Fact::TargetNotStaff
        | Fact::TargetNotSelf
        | Fact::TargetSelf
        | Fact::TargetNotManager
        | Fact::TargetHoldsNothing
        | Fact::TargetNotLeftDisabled
        | Fact::Access(_)
        | Fact::TenantOpen
        | Fact::NotStaffInChapter
        | Fact::PrimaryOrganisation
        | Fact::OrganisationGives(_)
        | Fact::OrganisationBilled
        | Fact::OfNoOtherCompany
        | Fact::CommunityOpen
        | Fact::CommunityRight(_)
        | Fact::QueryViaApi
        | Fact::IsMember
        | Fact::VisibleTo(_)
        | Fact::Never => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::ask;
    use crate::history_for_tests::{History, account, group, path, role};
    use grantbook_events::{
        AccessRight, ContentAuthorityEvent, ContentRight, CredentialsEvent, Date, Event, GroupEvent, ObjectEvent,
        ObjectKind, Principal,
    };

    fn why_of(history: &History, who: &str, capability: &str, on: Option<&str>) -> Why {
        let shown = history.shown(history.last());
        why(&shown, &ask(&history.views, shown.as_of, who, capability, on).unwrap())
    }

    fn facts(reason: &Reason) -> Vec<&FactReason> {
        match &reason.kind {
            ReasonKind::Fact(fact) => vec![fact],
            ReasonKind::All(reasons) | ReasonKind::Any(reasons) => reasons.iter().flat_map(facts).collect(),
        }
    }

    // rule: I1
    // rule: F1
    #[test]
    fn jeff_is_an_admin_back_to_the_first_sign_in() {
        let history = History::example();
        let why = why_of(&history, "jeff", "dashboard.manage_admins", None);
        assert!(why.allowed);
        let listed = facts(&why.reason).into_iter().find(|fact| fact.fact == Fact::AdminListed).unwrap();
        let chain = &listed.origin.as_ref().unwrap().chain;
        let told: Vec<(Position, &str, Option<Position>)> =
            chain.iter().map(|step| (step.position, step.sentence.as_str(), step.authority)).collect();
        let (first, made) = (history.named("first sign-in"), history.named("jeff is admin"));
        assert_eq!(
            told,
            [
                (made, "Bob S. made Jeff T. an Admin User", Some(first)),
                (first, "by the first sign-in, Bob S. became an Admin User", None),
            ]
        );
        assert_eq!(chain[0].reason.as_deref(), Some("covers Bob's leave"));
        let lines = why.lines().join("\n");
        assert!(lines.contains(&format!("on the authority of position {first}")), "{lines}");
    }

    // rule: I1
    #[test]
    fn every_app_right_of_the_example_goes_back_to_the_first_sign_in() {
        let history = History::example();
        let first = history.named("first sign-in");
        for (who, app) in [("jeff", "datastation"), ("veronica", "cloud-sso"), ("sarah", "idms-iimport")] {
            let why = why_of(&history, who, "app.use", Some(app));
            let assigned = facts(&why.reason).into_iter().find(|fact| fact.fact == Fact::AppAssigned).unwrap();
            let chain = &assigned.origin.as_ref().unwrap().chain;
            assert_eq!(chain.last().unwrap().position, first, "{who}: {chain:?}");
        }
        let why = why_of(&history, "manager", "roles.assign", None);
        assert_eq!(facts(&why.reason)[0].origin.as_ref().unwrap().chain.len(), 1, "from the start");
    }

    // rule: C9
    // rule: C10
    #[test]
    fn a_date_that_had_passed_when_it_was_set_is_the_doing_of_the_entry() {
        let mut history = History::example();
        let date = Date::parse("2025-12-31").ok();
        let set = CredentialsEvent::ExpirationDateSet { account: account("bob"), date };
        let set = history.act("manager", vec![Event::Credentials(set)]);
        let why = why_of(&history, "bob", "dashboard.sign_in", None);
        let expired = facts(&why.reason).into_iter().find(|fact| fact.fact == Fact::NotExpired).unwrap();
        assert_eq!(expired.origin.as_ref().unwrap().cause, Cause::Entry(set));
        let date = Date::parse("2026-02-01").ok();
        let set = CredentialsEvent::ExpirationDateSet { account: account("bob"), date };
        let set = history.act("manager", vec![Event::Credentials(set)]);
        history.pass_to("2026-03-01T00:00:00Z");
        history.sign_in("jeff", grantbook_events::SignInPlane::Platform);
        let why = why_of(&history, "bob", "dashboard.sign_in", None);
        let expired = facts(&why.reason).into_iter().find(|fact| fact.fact == Fact::NotExpired).unwrap();
        let origin = expired.origin.as_ref().unwrap();
        assert_eq!(origin.cause, Cause::Clock(date.unwrap().end()));
        assert_eq!(origin.chain[0].position, set);
        assert_eq!(why.would_do[0].missing[0].supply, "set a later expiration date");
    }

    // rule: A5
    // rule: R1
    #[test]
    fn a_no_says_what_would_do_shortest_first() {
        let history = History::example();
        let why = why_of(&history, "rebecca", "dashboard.manage_admins", None);
        assert!(!why.allowed);
        let supplies = |alternative: &Alternative| -> Vec<String> {
            alternative.missing.iter().map(|missing| missing.supply.clone()).collect()
        };
        assert_eq!(supplies(&why.would_do[0]), ["make it an Admin User"]);
        let why = why_of(&history, "mia", "dashboard.sign_in", None);
        assert_eq!(supplies(&why.would_do[0]), ["create credentials for it"]);
        assert!(why_of(&history, "bob", "account.impersonate", Some("jeff")).would_do.is_empty());
        assert!(why_of(&history, "guest", "roles.assign", None).would_do.is_empty());
        assert!(why_of(&history, "bob", "dashboard.manage_admins", None).would_do.is_empty());
    }

    // rule: N2
    // rule: N3
    #[test]
    fn access_through_a_group_names_the_grant_and_the_membership() {
        let mut history = History::example();
        let object = path("/permissions/crates-io");
        let create = ObjectEvent::ObjectCreated { object, kind: ObjectKind::Document, public: false, active: true };
        let create_group = GroupEvent::GroupCreated { group: group("cargo"), description: String::new() };
        history.act("manager", vec![Event::Object(create), Event::Group(create_group)]);
        let grant = |principal| {
            Event::Object(ObjectEvent::AccessGranted {
                object: path("/permissions"),
                principal,
                right: AccessRight::FullControl,
                until: None,
            })
        };
        let given = history.act(
            "manager",
            vec![
                grant(Principal::Account(account("sarah"))),
                grant(Principal::Group(group("cargo"))),
                grant(Principal::Account(account("bob"))),
            ],
        );
        let add = GroupEvent::GroupMemberAdded { group: group("cargo"), account: account("veronica"), until: None };
        let joined = history.act("manager", vec![Event::Group(add)]);
        let why = why_of(&history, "veronica", "object.edit", Some("/permissions/crates-io"));
        assert!(why.allowed);
        let all = facts(&why.reason);
        let access = all[0];
        let chain = &access.origin.as_ref().unwrap().chain;
        assert_eq!((chain[0].position, chain[0].authority), (given, Some(Position(1))));
        assert!(chain[0].sentence.contains("to the group cargo"), "{}", chain[0].sentence);
        assert_eq!(access.through[0].words, "the access setting of /permissions, which is inherited: custom");
        assert_eq!(access.through[2].words, "is a member of cargo");
        assert_eq!(access.through[2].origin.as_ref().unwrap().cause, Cause::Entry(joined));
        let why = why_of(&history, "rebecca", "object.edit", Some("/permissions/crates-io"));
        assert!(why.would_do[0].missing[0].supply.starts_with("grant edit on /permissions/crates-io"));
    }

    // rules: D1, D2, G3
    #[test]
    fn content_and_content_administrator_go_back_to_the_membership_that_gave_them() {
        let mut history = History::example();
        let create = |object| ObjectEvent::ObjectCreated { object, kind: ObjectKind::Site, public: true, active: true };
        let created = ContentAuthorityEvent::ContentAuthorityGroupCreated {
            group: group("masters"),
            master: true,
            covers: vec![path("/site")],
        };
        let to_administrators = ObjectEvent::AccessGranted {
            object: path("/site"),
            principal: Principal::Role(role("Content Administrator")),
            right: AccessRight::Delete,
            until: None,
        };
        history.act(
            "manager",
            vec![
                Event::Object(create(path("/site"))),
                Event::Object(to_administrators),
                Event::ContentAuthority(created),
            ],
        );
        let add = ContentAuthorityEvent::ContentAuthorityMemberAdded {
            group: group("masters"),
            account: account("veronica"),
            rights: vec![ContentRight::Edit],
            until: None,
        };
        let joined = history.act("manager", vec![Event::ContentAuthority(add)]);
        let why = why_of(&history, "veronica", "content.edit", Some("/site"));
        assert!(why.allowed);
        let chain = &facts(&why.reason)[0].origin.as_ref().unwrap().chain;
        assert_eq!((chain[0].position, chain[0].event), (joined, "content_authority_member_added"));
        let why = why_of(&history, "veronica", "content.delete", Some("/site"));
        assert!(
            why.would_do.iter().any(|way| way.missing[0].supply.contains("delete as a member")),
            "{:?}",
            why.would_do
        );
        let why = why_of(&history, "veronica", "object.delete", Some("/site"));
        let access = facts(&why.reason)[0];
        assert_eq!(access.through[2].words, "is a member of a Master Admin group");
        assert_eq!(access.through[2].origin.as_ref().unwrap().cause, Cause::Entry(joined));
    }
}
