//! Access to objects: which setting is in force on one, and whom it admits (chapter N).

use grantbook_events::{AccessRight, ObjectKind, ObjectPath, Position, Principal, RoleName, SecuritySet};
use grantbook_projections::{AccessSetting, AsOf, Meant, RoleNumber, SystemRole, ToWhom, Views};

use crate::capability::{REPORTING, SYSADMIN};
use crate::fact::{Fact, Seen};
use crate::question::{On, Question, Standing, Who, holds};

/// The setting in force on an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effective {
    /// The object whose own setting it is; `None` for the root's default.
    pub from: Option<u32>,
    /// The entry that made it so; `None` for the root's default.
    pub set_by: Option<Position>,
    /// The setting; never inherited.
    pub setting: AccessSetting,
}

/// The setting in force on `object`: its own, or that of the nearest object above it that has one, or the root's, which is
/// Staff Full Control (rule: N3).
pub fn effective_setting(views: &Views, object: u32, position: Position) -> Effective {
    let own = |number: u32| {
        let (set_by, setting) = views.objects.setting(number, position);
        (setting != AccessSetting::Inherited).then_some(Effective { from: Some(number), set_by, setting })
    };
    let paths = &views.names.objects;
    let inherited = || {
        let mut above =
            std::iter::successors(ObjectPath::parent_of(paths.text(object)), |path| ObjectPath::parent_of(path));
        above.find_map(|path| paths.get(path).and_then(own))
    };
    let root = AccessSetting::Set(SecuritySet::StaffFullControl);
    own(object).or_else(inherited).unwrap_or(Effective { from: None, set_by: None, setting: root })
}

/// Whether the setting in force on the question's object gives `right` to who asks: of several grants the oldest counts.
/// System administrators need none.
pub(crate) fn object_access(question: &Question<'_>, right: AccessRight, as_of: AsOf) -> Seen {
    let On::Object(object) = question.on else { return Seen::new(false, None) };
    let question = Question { as_of, ..*question };
    let in_force = effective_setting(question.views, object, as_of.position);
    match in_force.setting {
        AccessSetting::Set(set) => Seen::new(set_gives(&question, set, right), in_force.set_by),
        AccessSetting::Custom => {
            let given = in_force.from.and_then(|object| custom_grants(&question, object, right).min());
            Seen::new(given.is_some(), given.or(in_force.set_by))
        }
        AccessSetting::Inherited => Seen::new(false, in_force.set_by),
    }
}

/// The same as a bare yes or no: of several grants any will do.
pub(crate) fn object_open(question: &Question<'_>, right: AccessRight) -> bool {
    let On::Object(object) = question.on else { return false };
    let in_force = effective_setting(question.views, object, question.as_of.position);
    match in_force.setting {
        AccessSetting::Set(set) => set_gives(question, set, right),
        AccessSetting::Custom => {
            in_force.from.is_some_and(|object| custom_grants(question, object, right).next().is_some())
        }
        AccessSetting::Inherited => false,
    }
}

/// The sites that the link of a password reset may lead to: active, public, and fully controlled by everyone; by path
/// (rules: N4, P3). Everyone is a guest too (rule: G3), so a site counts where a guest has full control of it.
pub fn reset_sites(views: &Views, as_of: AsOf) -> Vec<ObjectPath> {
    let question =
        |object| Question { views, who: Who::Guest, standing: Standing::Fresh, on: On::Object(object), as_of };
    let offered = |object: &u32| {
        let found = views.objects.object(*object, as_of.position);
        let site = found.is_some_and(|(_, found)| found.kind == ObjectKind::Site && found.public && found.active);
        site && object_open(&question(*object), AccessRight::FullControl)
    };
    let sites = views.objects.in_order(&views.names.objects, as_of.position).into_iter().filter(offered);
    sites.filter_map(|object| ObjectPath::new(views.names.objects.text(object)).ok()).collect()
}

/// Whether a preconfigured set gives `right` to who asks (rule: N2); whether they are shut out is not asked here.
fn set_gives(question: &Question<'_>, set: SecuritySet, right: AccessRight) -> bool {
    let reads = right == AccessRight::Read;
    let account = question.who != Who::Guest;
    match set {
        SecuritySet::EveryoneFullControl => true,
        SecuritySet::EveryoneRead => reads,
        SecuritySet::AuthenticatedFullControl => account,
        SecuritySet::AuthenticatedRead => reads && account,
        SecuritySet::MembersRead => reads && member(question),
        SecuritySet::StaffFullControl => Fact::Full.holds(question),
        SecuritySet::StaffRead => reads && Fact::Full.holds(question),
        SecuritySet::ReportingFullControl => holds(question, &REPORTING),
        SecuritySet::SysadminOnly => holds(question, &SYSADMIN),
    }
}

/// A member is a contact with a member type.
fn member(question: &Question<'_>) -> bool {
    let Who::Account(who) = question.who else { return false };
    question.views.accounts.member_type(who, question.as_of.position).is_some()
}

/// The entries that gave `right` on the object itself to who asks.
fn custom_grants<'a>(
    question: &'a Question<'_>,
    object: u32,
    right: AccessRight,
) -> impl Iterator<Item = Position> + 'a {
    let enough = move |granted| granted == right || granted == AccessRight::FullControl;
    let asked = move |granted, to_whom: ToWhom<'_>| enough(granted) && is_meant(question, to_whom);
    question.views.objects.rights_on(object, question.as_of, asked).map(|access| access.given)
}

/// Whether who asks is one of those that a principal stands for, shut out or not.
pub fn is_principal(question: &Question<'_>, principal: &Principal) -> bool {
    is_meant(question, ToWhom { principal, meant: Meant::of(&question.views.names, principal) })
}

/// The same of a principal whose meaning is known.
fn is_meant(question: &Question<'_>, ToWhom { principal, meant }: ToWhom<'_>) -> bool {
    let (Question { views, as_of, .. }, Some(meant)) = (*question, meant) else { return false };
    if meant == Meant::System(SystemRole::Everyone) {
        // Guests hold it too (rule: G3).
        return true;
    }
    let Who::Account(who) = question.who else { return false };
    let holds_role = |role: RoleNumber| views.roles.held(who, role, as_of).is_some();
    match meant {
        Meant::Group(group) => views.groups.member(who, group, as_of).is_some(),
        // Computed: held by the members of Master Admin groups (rules: D2, G3).
        Meant::System(SystemRole::ContentAdministrator) => views.content_authority.administrator(who, as_of).is_some(),
        Meant::System(role) => holds_role(role.into()),
        Meant::Called(name) => views.roles.called(name, as_of.position).is_some_and(holds_role),
        Meant::Account(account) => account == who,
        Meant::MemberType => {
            let own = views.accounts.member_type(who, as_of.position);
            matches!(principal, Principal::MemberType(label)
                if own.is_some_and(|(_, own)| own.is_alike(label)))
        }
        Meant::Staff => Fact::Full.holds(question),
    }
}

/// Whether a role is Content Administrator.
pub fn is_content_administrator(role: &RoleName) -> bool {
    role.as_str().eq_ignore_ascii_case(SystemRole::ContentAdministrator.name())
}

/// Whether the setting in force on an object lets somebody see it who need not be staff (rule: Q3). It goes by what the
/// setting says, not by who happens to be in a group: only staff, their roles and staff accounts are closed to others.
pub fn open_beyond_staff(views: &Views, object: u32, as_of: AsOf) -> bool {
    let in_force = effective_setting(views, object, as_of.position);
    match in_force.setting {
        AccessSetting::Set(set) => match set {
            SecuritySet::EveryoneFullControl
            | SecuritySet::EveryoneRead
            | SecuritySet::AuthenticatedFullControl
            | SecuritySet::AuthenticatedRead
            | SecuritySet::MembersRead
            | SecuritySet::ReportingFullControl => true,
            SecuritySet::StaffFullControl | SecuritySet::StaffRead | SecuritySet::SysadminOnly => false,
        },
        AccessSetting::Custom => {
            let granted = in_force.from.into_iter().flat_map(|object| views.objects.access(object, as_of));
            let mut reads =
                granted.filter(|access| matches!(access.right, AccessRight::Read | AccessRight::FullControl));
            reads.any(|access| beyond_staff(views, access.principal, as_of))
        }
        AccessSetting::Inherited => false,
    }
}

fn beyond_staff(views: &Views, principal: &Principal, as_of: AsOf) -> bool {
    match principal {
        Principal::Staff => false,
        // Held by class Full alone (rules: G2, G4).
        Principal::Role(role) => {
            let staff_only = [SystemRole::SysAdmin, SystemRole::OnBehalfOf];
            !staff_only.iter().any(|held| held.name().eq_ignore_ascii_case(role.as_str()))
        }
        Principal::Account(account) => {
            let class = views.account(account).and_then(|who| views.credentials.full(who, as_of.position));
            !class.is_some_and(|(_, full)| full)
        }
        Principal::Group(_) | Principal::MemberType(_) => true,
    }
}
