//! What a fact is before anybody looks at it: its rule, whose it is, its words. One line a fact.

use grantbook_events::{CommunityRight, VisibilityAudience};
use grantbook_projections::SystemRole;

use crate::fact::Fact;
use crate::organisations;
use crate::question::{On, Question};

/// Whose a fact is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whose {
    /// The one's who asks.
    Actor,
    /// What is asked about has it, or the tenant.
    Thing,
    /// The tenant's, and no right of the actor could supply it: a refusal by it is one of the state.
    State,
}

/// What a fact is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nature {
    rule: &'static str,
    whose: Whose,
    /// Whether a refusal names the fact's rule where it is what is missing, rather than the capability's.
    speaks: bool,
    /// Whether the account gains and loses it, so that a session has it only from its sign-in on (rule: A7). What stops an
    /// account stops it at once, and what no longer does needs no new sign-in: such facts are not kept.
    pub(crate) kept: bool,
}

impl Nature {
    const fn of(whose: Whose, rule: &'static str) -> Nature {
        Nature { rule, whose, speaks: false, kept: false }
    }

    const fn actor(rule: &'static str) -> Nature {
        Nature::of(Whose::Actor, rule)
    }

    const fn thing(rule: &'static str) -> Nature {
        Nature::of(Whose::Thing, rule)
    }

    const fn state(rule: &'static str) -> Nature {
        Nature::of(Whose::State, rule)
    }

    const fn speaks(self) -> Nature {
        Nature { speaks: true, ..self }
    }

    const fn kept(self) -> Nature {
        Nature { kept: true, ..self }
    }
}

impl Fact {
    /// What the fact is.
    pub(crate) fn nature(self) -> Nature {
        match self {
            Fact::Exists => Nature::actor("C15").speaks().kept(),
            Fact::HasCredentials => Nature::actor("C1").kept(),
            Fact::NotDisabled => Nature::actor("C8").speaks(),
            Fact::Effective => Nature::thing("C9").speaks(),
            Fact::NotExpired => Nature::actor("C10").speaks(),
            Fact::NotLocked => Nature::actor("C6").speaks(),
            Fact::Full => Nature::actor("C12").kept(),
            Fact::NotFull => Nature::actor("C12"),
            Fact::Role(SystemRole::RemoteService) => Nature::actor("R1").speaks().kept(),
            Fact::Role(SystemRole::Auditor) => Nature::actor("U3").kept(),
            Fact::Role(SystemRole::OnBehalfOf) => Nature::actor("G4").kept(),
            Fact::Role(SystemRole::CompanyAdministrator) => Nature::actor("G5").kept(),
            Fact::Role(SystemRole::Everyone | SystemRole::ContentAdministrator) => Nature::actor("G3").kept(),
            Fact::Role(SystemRole::SysAdmin) => Nature::actor("G9").kept(),
            Fact::Level(..) => Nature::actor("L2").kept(),
            Fact::AdminListed => Nature::actor("F9").kept(),
            Fact::Member(_) => Nature::actor("X1").kept(),
            Fact::Manager | Fact::NotManager => Nature::actor("M1"),
            Fact::Edition2017 => Nature::thing("F7"),
            Fact::BackgroundAccount => Nature::actor("A9").kept(),
            Fact::AppAssigned => Nature::actor("A4").kept(),
            Fact::AppLicensed => Nature::thing("A4"),
            Fact::AppForAnyone => Nature::thing("A1"),
            Fact::TargetNotStaff | Fact::TargetNotSelf => Nature::thing("C7"),
            Fact::TargetSelf => Nature::thing("U2"),
            Fact::TargetNotManager => Nature::state("M2").speaks(),
            Fact::TargetHoldsNothing => Nature::thing("C17").speaks(),
            Fact::TargetNotLeftDisabled => Nature::thing("C8").speaks(),
            Fact::Access(_) => Nature::thing("N2").kept(),
            Fact::TenantOpen => Nature::state("T7"),
            Fact::CommunityOpen | Fact::CommunityRight(_) => Nature::thing("X5").kept(),
            Fact::Content(_) => Nature::actor("D1").kept(),
            Fact::ContentMember => Nature::actor("S3").kept(),
            Fact::QueryViaApi => Nature::thing("Q2").speaks(),
            Fact::IsMember => Nature::actor("V1").kept(),
            Fact::VisibleTo(_) => Nature::thing("V1"),
            Fact::Never => Nature::thing("F12"),
            Fact::OrganisationAdmin | Fact::MemberOfOrganisation => Nature::actor("O14").kept(),
            Fact::NotStaffInChapter => Nature::actor("O14"),
            Fact::PrimaryOrganisation => Nature::actor("O12").kept(),
            Fact::LicensedAsChapter => Nature::thing("O19").speaks(),
            Fact::OrganisationGives(right) => Nature::thing(right.rule()),
            Fact::OrganisationBilled => Nature::thing("O11"),
            Fact::OfNoOtherCompany => Nature::thing("O21").speaks(),
        }
    }

    /// The rule that the fact rests on.
    pub fn rule(self) -> &'static str {
        self.nature().rule
    }

    /// The rule to name when this fact is what is missing; `None` where the capability's own rule says more.
    pub fn own_rule(self) -> Option<&'static str> {
        let nature = self.nature();
        nature.speaks.then_some(nature.rule)
    }

    /// Whether it is something of the one who asks, rather than of what is asked about.
    pub fn about_the_actor(self) -> bool {
        self.nature().whose == Whose::Actor
    }

    /// Whether no right of the actor could supply it: then the refusal is one of the state.
    pub fn about_the_state(self) -> bool {
        self.nature().whose == Whose::State
    }

    /// The fact in words, for people.
    pub fn words(self, question: &Question<'_>) -> String {
        let app = || match question.on {
            On::App(app) => question
                .views
                .tenant
                .app(app, question.as_of.position)
                .map_or_else(|| "the app".to_owned(), |(_, app)| app.title.clone()),
            On::Nothing
            | On::Account(_)
            | On::Object(_)
            | On::Organisation(_)
            | On::Community(_)
            | On::Contact { .. } => "the app".to_owned(),
        };
        let organisation = || organisations::called(question);
        match self {
            Fact::Exists => "exists".to_owned(),
            Fact::HasCredentials => "has credentials".to_owned(),
            Fact::NotDisabled => "is not disabled".to_owned(),
            Fact::Effective => "its effective date has come".to_owned(),
            Fact::NotExpired => "has not expired".to_owned(),
            Fact::NotLocked => "is not locked".to_owned(),
            Fact::Full => "is staff (user class Full)".to_owned(),
            Fact::NotFull => "is not staff".to_owned(),
            Fact::Role(role) => format!("holds the role {}", role.name()),
            Fact::Level(module, level) => format!("has {module} at {level} or more"),
            Fact::AdminListed => "is an Admin User".to_owned(),
            Fact::Member(group) => format!("is a member of {group}"),
            Fact::Manager => "is MANAGER".to_owned(),
            Fact::NotManager => "is not MANAGER".to_owned(),
            Fact::Edition2017 => "the tenant runs edition 2017".to_owned(),
            Fact::BackgroundAccount => "is the Background Account".to_owned(),
            Fact::AppAssigned => format!("is assigned to {}", app()),
            Fact::AppLicensed => format!("{} is licensed", app()),
            Fact::AppForAnyone => format!("{} is for anyone", app()),
            Fact::TargetNotStaff => "the other account is not staff".to_owned(),
            Fact::TargetNotSelf => "the other account is not its own".to_owned(),
            Fact::TargetSelf => "the account is its own".to_owned(),
            Fact::TargetNotManager => "the other account is not MANAGER".to_owned(),
            Fact::TargetHoldsNothing => "the contact holds no right yet".to_owned(),
            Fact::TargetNotLeftDisabled => "the contact was not disabled when its credentials were deleted".to_owned(),
            Fact::Access(right) => format!("the access setting gives {right}"),
            Fact::TenantOpen => "the tenant is not closed".to_owned(),
            Fact::CommunityOpen => "the community is open to it".to_owned(),
            Fact::CommunityRight(CommunityRight::CreateWiki) => "may create wikis in the community".to_owned(),
            Fact::CommunityRight(CommunityRight::Administer) => "is an administrator of the community".to_owned(),
            Fact::Content(right) => format!("may {right} by a content authority group that covers the object"),
            Fact::ContentMember => "is a member of a content authority group".to_owned(),
            Fact::QueryViaApi => "the query is available over the API".to_owned(),
            Fact::IsMember => "is a member: a contact with a member type".to_owned(),
            Fact::VisibleTo(VisibilityAudience::Everyone) => "the contact is visible to everyone".to_owned(),
            Fact::VisibleTo(VisibilityAudience::Authenticated) => {
                "the contact is visible to whoever is signed in".to_owned()
            }
            Fact::VisibleTo(VisibilityAudience::Members) => "the contact is visible to members".to_owned(),
            Fact::Never => "nobody can".to_owned(),
            Fact::OrganisationAdmin => format!("administers {}", organisation()),
            Fact::MemberOfOrganisation => format!("is a member of {}, or need not be", organisation()),
            Fact::NotStaffInChapter => "is not staff, or need not be".to_owned(),
            Fact::PrimaryOrganisation => format!("belongs to {} first of all", organisation()),
            Fact::LicensedAsChapter => "the licence Group Admin PLUS is there, or need not be".to_owned(),
            Fact::OrganisationGives(right) => {
                format!("administrators of organisations of this kind may {}", right.words())
            }
            Fact::OrganisationBilled => format!("{} can be billed", organisation()),
            Fact::OfNoOtherCompany => {
                format!("the contact is of {}, or of no other company that it administers", organisation())
            }
        }
    }
}
