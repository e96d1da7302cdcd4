//! Facts: the leaves of every condition. One function looks at a fact, for every question there is.

use grantbook_events::{
    AccessRight, Audience, CommunityRight, ContentRight, Edition, Instant, Position, Principal, VisibilityAudience,
};
use grantbook_projections::{AsOf, Cause, GrantHistory, History, RoleNumber, SystemRole, Views, held_throughout};

use crate::access::{object_access, object_open};
use crate::content::{content_member, content_points, content_right};
use crate::opened::{community_open, community_right};
use crate::organisations::{self, OrganisationRight};
use crate::question::{On, Question, Standing, Who};

/// What can be so of an account, or of what it acts on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fact {
    /// The account exists.
    Exists,
    /// It has credentials.
    HasCredentials,
    /// It is not disabled.
    NotDisabled,
    /// Its effective date has come.
    Effective,
    /// Its expiration date has not passed.
    NotExpired,
    /// Its credentials are not locked.
    NotLocked,
    /// Its user class is Full: it is staff.
    Full,
    /// Its user class is not Full.
    NotFull,
    /// It holds a system role.
    Role(SystemRole),
    /// It has at least this level for a module.
    Level(&'static str, u8),
    /// It is listed as an Admin User.
    AdminListed,
    /// It is a member of a built-in group.
    Member(&'static str),
    /// It is the account MANAGER.
    Manager,
    /// It is not the account MANAGER.
    NotManager,
    /// The tenant runs edition `2017`.
    Edition2017,
    /// It is the Background Account.
    BackgroundAccount,
    /// It is assigned to the app.
    AppAssigned,
    /// The app is licensed.
    AppLicensed,
    /// The app admits anyone.
    AppForAnyone,
    /// The account that it acts on is not staff.
    TargetNotStaff,
    /// The account that it acts on is another one.
    TargetNotSelf,
    /// The account that it acts on is itself.
    TargetSelf,
    /// The account that it acts on is not MANAGER.
    TargetNotManager,
    /// The contact that credentials are created for holds no right yet.
    TargetHoldsNothing,
    /// The contact that credentials are created for was not disabled when it lost those before.
    TargetNotLeftDisabled,
    /// The access setting in force on the object gives it this right.
    Access(AccessRight),
    /// The tenant is not closed.
    TenantOpen,
    /// The community is open to it.
    CommunityOpen,
    /// It was granted this right in the community.
    CommunityRight(CommunityRight),
    /// It is a member of a content authority group.
    ContentMember,
    /// A content authority group that covers the object gives it this right.
    Content(ContentRight),
    /// The query is available over the API.
    QueryViaApi,
    /// It is a member: a contact with a member type.
    IsMember,
    /// The contact that it looks at is in the set visible to an audience.
    VisibleTo(VisibilityAudience),
    /// What nobody can have.
    Never,
    /// It has the right to administer the organisation (rules: O14, O15).
    OrganisationAdmin,
    /// It is a member of the organisation, where that must be: not of a company (rule: O14).
    MemberOfOrganisation,
    /// It is not staff, where the organisation is a chapter (rule: O14).
    NotStaffInChapter,
    /// The organisation is the account's primary one (rule: O12).
    PrimaryOrganisation,
    /// The licence Group Admin PLUS is there, where the organisation is a chapter (rules: O1, O19).
    LicensedAsChapter,
    /// The matrix gives the right to administrators of organisations of this kind (rules: O2 to O13).
    OrganisationGives(OrganisationRight),
    /// The organisation is of the kind that can be billed: a company (rule: O11).
    OrganisationBilled,
    /// The contact that it looks at is of no other company that it administers than the one it acts for (rule: O21).
    OfNoOtherCompany,
}

/// What a look at a fact shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Whether it holds.
    pub holds: bool,
    /// What made it so.
    pub cause: Option<Cause>,
}

impl Seen {
    pub(crate) fn new(holds: bool, entry: Option<Position>) -> Seen {
        Seen { holds, cause: entry.map(Cause::Entry) }
    }

    /// The entry behind it; the tenant's first for what was so from the start.
    pub(crate) fn entry(self) -> Position {
        match self.cause {
            Some(Cause::Entry(position)) => position,
            Some(Cause::Clock(_)) | None => Position(1),
        }
    }

    const NO: Seen = Seen { holds: false, cause: None };
}

impl Fact {
    /// Whether the fact holds for the question: what [`Fact::look`] says without what made it so.
    pub(crate) fn holds(self, question: &Question<'_>) -> bool {
        if let (Fact::Full | Fact::NotFull, Some(now)) = (self, question.unchanged()) {
            return now.full() == (self == Fact::Full);
        }
        match (self, question.standing) {
            (_, Standing::Session { .. }) => self.look(question).holds,
            (Fact::Access(right), _) => object_open(question, right),
            _ => self.look_at(question, question.as_of).holds, // any other is found as quickly with what made it so
        }
    }

    /// Whether the fact holds for the question, and what made it so.
    pub fn look(self, question: &Question<'_>) -> Seen {
        let now = self.look_at(question, question.as_of);
        let Standing::Session { signed_in } = question.standing else { return now };
        // In a session the account has what it had at its sign-in, less what was lost since (rule: A7).
        if !now.holds || !self.nature().kept {
            return now;
        }
        let then = question.views.timeline.as_of(signed_in);
        let kept = match self.holding_history(question) {
            Some((history, at_least)) => {
                let clock_at = |position| question.views.timeline.at(position);
                held_throughout(history, then, question.as_of, at_least, &clock_at)
            }
            None => self.held_since(question, then),
        };
        if kept { now } else { Seen { holds: false, ..now } }
    }

    /// Whether it is about nothing but that the account can sign in.
    fn about_signing_in(self) -> bool {
        let facts = [Fact::HasCredentials, Fact::NotDisabled, Fact::Effective, Fact::NotExpired, Fact::NotLocked];
        facts.contains(&self)
    }

    /// Whether a fact that is no grant held at `then` and after every entry since that may have changed it.
    fn held_since(self, question: &Question<'_>, then: AsOf) -> bool {
        let (views, to) = (question.views, question.as_of.position);
        let held = |point: AsOf| self.look_at(question, point).holds;
        let held_after = |changed: Position| held(views.timeline.as_of(changed));
        let mut changes = Vec::new();
        held(then)
            && match (self, question.who) {
                (Fact::Full, Who::Account(who)) => {
                    after_each(views.credentials.classes(who), then.position, to, held_after)
                }
                (Fact::IsMember, Who::Account(who)) => {
                    after_each(views.accounts.member_type_history(who), then.position, to, held_after)
                }
                (Fact::BackgroundAccount, _) => after_each(views.background.history(), then.position, to, held_after),
                (
                    Fact::OrganisationAdmin | Fact::MemberOfOrganisation | Fact::PrimaryOrganisation,
                    Who::Account(who),
                ) => {
                    organisations::own_points(views, who, question.as_of, &mut changes);
                    points_after(question, then, changes).all(held)
                }
                (Fact::Content(_) | Fact::ContentMember, Who::Account(who)) => {
                    content_points(question, who, &mut changes);
                    points_after(question, then, changes).all(held)
                }
                // Any other fact that is no grant ends the session when it is lost.
                _ => true,
            }
    }

    fn look_at(self, question: &Question<'_>, as_of: AsOf) -> Seen {
        let views = question.views;
        let position = as_of.position;
        let Who::Account(who) = question.who else { return self.look_at_guest(question, as_of) };
        if question.standing == Standing::Granted && self.about_signing_in() {
            return Seen::new(true, None);
        }
        match self {
            Fact::Exists => {
                let change = views.accounts.existence(who).and_then(|history| history.change_at(position));
                change.map_or(Seen::NO, |(set, exists)| Seen::new(*exists, Some(set)))
            }
            Fact::HasCredentials => {
                let created = views.credentials.created(who, position);
                Seen::new(created.is_some(), created)
            }
            Fact::NotDisabled => {
                let (set, disabled) = views.credentials.disabled(who, position);
                Seen::new(!disabled, set)
            }
            Fact::Effective => match views.credentials.effective_date(who, position) {
                Some((set, date)) if as_of.clock >= date.start() => {
                    Seen { holds: true, cause: Some(reached(question, set, date.start())) }
                }
                Some((set, _)) => Seen::new(false, Some(set)),
                None => Seen::new(true, None),
            },
            Fact::NotExpired => match views.credentials.expiration_date(who, position) {
                Some((set, date)) if as_of.clock >= date.end() => {
                    Seen { holds: false, cause: Some(reached(question, set, date.end())) }
                }
                Some((set, _)) => Seen::new(true, Some(set)),
                None => Seen::new(true, None),
            },
            Fact::NotLocked => match question.standing {
                Standing::Fresh => {
                    let locked = views.credentials.locked(who, as_of);
                    Seen::new(locked.is_none(), locked.map(|(set, _)| set))
                }
                Standing::Given | Standing::Granted | Standing::Session { .. } => Seen::new(true, None),
            },
            Fact::Full | Fact::NotFull => {
                let Some((set, full)) = views.credentials.full(who, position) else {
                    return Seen::new(self == Fact::NotFull, None);
                };
                Seen::new(full == (self == Fact::Full), Some(set))
            }
            Fact::Role(_) | Fact::Level(..) | Fact::AdminListed | Fact::Member(_) | Fact::AppAssigned => {
                let history = self.holding_history(question);
                history.map_or(Seen::NO, |(history, at_least)| granted(history, at_least, as_of))
            }
            Fact::Manager => Seen::new(is_manager(question, who), start(views, position)),
            Fact::NotManager => Seen::new(!is_manager(question, who), None),
            Fact::BackgroundAccount => match views.background.set(position) {
                Some((set, background)) => Seen::new(background.account == who, Some(set)),
                None => Seen::NO,
            },
            Fact::TargetNotSelf => Seen::new(target(question) != Some(who), None),
            Fact::TargetSelf => Seen::new(target(question) == Some(who), views.credentials.created(who, position)),
            Fact::OrganisationAdmin => organisations::administrator(question, who, as_of),
            Fact::MemberOfOrganisation => organisations::member_where_needed(question, who, as_of),
            Fact::NotStaffInChapter => organisations::not_staff_in_chapter(question, who, as_of),
            Fact::PrimaryOrganisation => organisations::primary(question, who, as_of),
            Fact::OfNoOtherCompany => organisations::of_no_other_company(question, who, as_of),
            Fact::CommunityOpen => community_open(question, as_of),
            Fact::CommunityRight(right) => community_right(question, right, as_of),
            Fact::Content(right) => content_right(question, right, as_of),
            Fact::ContentMember => content_member(question, who, as_of),
            Fact::IsMember => {
                let set = views.accounts.member_type(who, position).map(|(set, _)| set);
                Seen::new(set.is_some(), set)
            }
            Fact::Edition2017
            | Fact::AppLicensed
            | Fact::AppForAnyone
            | Fact::TargetNotStaff
            | Fact::TargetNotManager
            | Fact::TargetHoldsNothing
            | Fact::TargetNotLeftDisabled
            | Fact::Access(_)
            | Fact::TenantOpen
            | Fact::LicensedAsChapter
            | Fact::OrganisationGives(_)
            | Fact::OrganisationBilled
            | Fact::QueryViaApi
            | Fact::VisibleTo(_)
            | Fact::Never => self.look_at_guest(question, as_of),
        }
    }

    /// The facts that do not depend on who asks; a guest has none of the others.
    fn look_at_guest(self, question: &Question<'_>, as_of: AsOf) -> Seen {
        let views = question.views;
        let position = as_of.position;
        match self {
            Fact::AppLicensed => {
                let On::App(app) = question.on else { return Seen::NO };
                match views.subscriptions.licensed(app, as_of) {
                    Some(recorded) => Seen::new(true, Some(recorded)),
                    None => Seen::new(false, views.subscriptions.recorded(app, position).map(|(set, _)| set)),
                }
            }
            Fact::AppForAnyone => {
                let On::App(app) = question.on else { return Seen::NO };
                let found = views.tenant.app(app, position);
                found.map_or(Seen::NO, |(set, app)| Seen::new(app.audience == Audience::Anyone, Some(set)))
            }
            Fact::TargetNotStaff => {
                let full = target(question).and_then(|target| views.credentials.full(target, position));
                full.map_or(Seen::new(true, None), |(set, full)| Seen::new(!full, Some(set)))
            }
            Fact::TargetNotManager => {
                let manager = target(question).is_some_and(|target| is_manager(question, target));
                Seen::new(!manager, Some(Position(1)))
            }
            Fact::TargetHoldsNothing => {
                let held = target(question).and_then(|target| anything_held(question, target, as_of));
                Seen::new(held.is_none(), held)
            }
            Fact::TargetNotLeftDisabled => {
                let left = target(question).and_then(|target| views.credentials.left_disabled(target, position));
                Seen::new(left.is_none(), left)
            }
            Fact::Access(right) => object_access(question, right, as_of),
            Fact::TenantOpen => {
                let closed = views.tenant.closed(position);
                Seen::new(closed.is_none(), closed)
            }
            Fact::LicensedAsChapter => organisations::licensed(question, as_of),
            Fact::OrganisationGives(right) => organisations::matrix_gives(question, right, as_of),
            Fact::OrganisationBilled => organisations::billed(question, as_of),

            Fact::QueryViaApi => {
                let On::Object(object) = question.on else { return Seen::NO };
                let query = views.queries.of_object(object, position);
                query.map_or(Seen::NO, |(set, query)| Seen::new(query.via_api, Some(set)))
            }
            Fact::VisibleTo(audience) => {
                let Some(target) = target(question) else { return Seen::NO };
                let (shown, set) = views.visibility.shows(audience, &views.accounts, target, position);
                // MANAGER is nobody's contact: its address is where its password goes (rule: M3).
                Seen::new(shown && !is_manager(question, target), set)
            }
            Fact::Edition2017 => {
                Seen::new(views.tenant.edition(position) == Edition::Edition2017, start(views, position))
            }
            Fact::Exists
            | Fact::HasCredentials
            | Fact::NotDisabled
            | Fact::Effective
            | Fact::NotExpired
            | Fact::NotLocked
            | Fact::Full
            | Fact::NotFull
            | Fact::Role(_)
            | Fact::Level(..)
            | Fact::AdminListed
            | Fact::Member(_)
            | Fact::Manager
            | Fact::NotManager
            | Fact::BackgroundAccount
            | Fact::AppAssigned
            | Fact::TargetNotSelf
            | Fact::TargetSelf
            | Fact::OrganisationAdmin
            | Fact::MemberOfOrganisation
            | Fact::NotStaffInChapter
            | Fact::PrimaryOrganisation
            | Fact::OfNoOtherCompany
            | Fact::CommunityOpen
            | Fact::CommunityRight(_)
            | Fact::Content(_)
            | Fact::ContentMember
            | Fact::IsMember
            | Fact::Never => Seen::NO,
        }
    }

    /// The history of the grant behind the fact, where it is one, and how much of it is needed.
    fn holding_history<'a>(self, question: &Question<'a>) -> Option<(&'a GrantHistory, u8)> {
        let views = question.views;
        let Who::Account(who) = question.who else { return None };
        match self {
            Fact::Role(role) => views.roles.history(who, RoleNumber::from(role)).map(|history| (history, 1)),
            Fact::Level(module, at_least) => {
                let module = views.names.modules.get(module)?;
                views.levels.history(who, module).map(|history| (history, at_least))
            }
            Fact::AdminListed => views.admins.history(who).map(|history| (history, 1)),
            Fact::Member(group) => {
                let group = views.names.groups.get(group)?;
                views.groups.history(who, group).map(|history| (history, 1))
            }
            Fact::AppAssigned => {
                let On::App(app) = question.on else { return None };
                views.app_users.history(who, app).map(|history| (history, 1))
            }
            Fact::Exists
            | Fact::HasCredentials
            | Fact::NotDisabled
            | Fact::Effective
            | Fact::NotExpired
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
            | Fact::OrganisationAdmin
            | Fact::MemberOfOrganisation
            | Fact::NotStaffInChapter
            | Fact::PrimaryOrganisation
            | Fact::OfNoOtherCompany
            | Fact::LicensedAsChapter
            | Fact::OrganisationGives(_)
            | Fact::OrganisationBilled
            | Fact::CommunityOpen
            | Fact::CommunityRight(_)
            | Fact::Content(_)
            | Fact::ContentMember
            | Fact::QueryViaApi
            | Fact::IsMember
            | Fact::VisibleTo(_)
            | Fact::Never => None,
        }
    }
}

/// What brought a moment about that the entry at `set` names: the clock, or the entry where the moment had passed by then.
fn reached(question: &Question<'_>, set: Position, moment: Instant) -> Cause {
    if moment <= question.views.timeline.at(set) { Cause::Entry(set) } else { Cause::Clock(moment) }
}

/// Whether it is so after every change of a fact between two positions.
fn after_each<T>(history: Option<&History<T>>, after: Position, to: Position, so: impl Fn(Position) -> bool) -> bool {
    history.is_none_or(|history| history.changes_between(after, to).all(|(changed, _)| so(changed)))
}

/// The points after `then` to which changes led, up to the question's.
fn points_after(question: &Question<'_>, then: AsOf, changes: Vec<Cause>) -> impl Iterator<Item = AsOf> {
    let (timeline, to) = (&question.views.timeline, question.as_of.position);
    let points = changes.into_iter().map(move |change| match change {
        Cause::Entry(changed) => timeline.as_of(changed),
        Cause::Clock(clock) => AsOf { position: timeline.position_at(clock).min(to), clock },
    });
    // Several entries may happen at one instant: those after the sign-in count.
    points.filter(move |point| (point.position, point.clock) > (then.position, then.clock))
}

/// A grant as a fact: whether at least so much is held as of then, by what it was given, or by what it ended.
pub(crate) fn granted(history: &GrantHistory, at_least: u8, as_of: AsOf) -> Seen {
    match history.change_at(as_of.position).filter(|(_, holding)| holding.in_force(as_of.clock)) {
        Some((given, holding)) => Seen::new(holding.weight >= at_least, Some(given)),
        None => Seen { holds: false, cause: ended(history, as_of) },
    }
}

/// What ended a grant that is not in force: the entry that took it away, or the clock.
pub(crate) fn ended(history: &GrantHistory, as_of: AsOf) -> Option<Cause> {
    let (given, holding) = history.change_at(as_of.position)?;
    let by_clock = holding.until().filter(|until| holding.weight > 0 && *until <= as_of.clock);
    Some(by_clock.map_or(Cause::Entry(given), Cause::Clock))
}

fn target(question: &Question<'_>) -> Option<u32> {
    match question.on {
        On::Account(target) => target,
        On::Contact { contact, .. } => Some(contact),
        On::Nothing | On::App(_) | On::Object(_) | On::Organisation(_) | On::Community(_) => None,
    }
}

/// The entry that began the tenant; before it nothing rests on it.
fn start(views: &Views, position: Position) -> Option<Position> {
    views.tenant.genesis(position).map(|_| Position(1))
}

fn is_manager(question: &Question<'_>, who: u32) -> bool {
    // By the number of its name, which is at hand: the text of who asks is one of millions.
    question.views.names.accounts.get("manager") == Some(who)
}

/// The oldest grant that a contact still holds: a role, a level, a group, a content authority group, an app,
/// an admin right, the right to administer an organisation, a right of its own on an object or in a community (rule: C17, which names
/// all but the last two: they wait for credentials just as well).
fn anything_held(question: &Question<'_>, who: u32, as_of: AsOf) -> Option<Position> {
    let views = question.views;
    let given = |history: &GrantHistory| history.given_in_force(as_of);
    let own = views.account_id(who).map(Principal::Account);
    let objects = own.iter().flat_map(|own| views.objects.given_to(own, as_of));
    let communities = own.iter().flat_map(|own| views.communities.given_to(own, as_of));
    let roles = views.roles.roles_of(who).filter_map(|(_, history)| given(history));
    let levels = views.levels.modules_of(who).filter_map(|(_, history)| given(history));
    let groups = views.groups.groups_of(who).filter_map(|(_, history)| given(history));
    let apps = views.app_users.apps_of(who).filter_map(|(_, history)| given(history));
    let content = views.content_authority.grants_of(who).filter_map(|(_, _, history)| given(history));
    let admin = views.admins.history(who).and_then(given);
    let organisations = views.organisations.administered_by(who).filter_map(|(_, history)| given(history));
    let grants = roles.chain(levels).chain(groups).chain(content).chain(apps).chain(admin).chain(organisations);
    grants.chain(objects).chain(communities).min()
}
