//! Grants of every kind, alike: who was given what, and what it is called.

use grantbook_events::Position;
use grantbook_projections::{History, Holding, RoleNumber, Views};

use crate::shown::Shown;

/// What was given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Thing {
    /// Being an Admin User.
    Admin,
    /// An app, by number.
    App(u32),
    /// A role.
    Role(RoleNumber),
    /// A level for a module, by the module's number.
    Level(u32),
    /// Membership of a group, by the group's number.
    Group(u32),
}

impl Thing {
    /// Whether Admin Users give it, rather than system administrators.
    pub(super) fn of_the_dashboard(self) -> bool {
        match self {
            Thing::Admin | Thing::App(_) => true,
            Thing::Role(_) | Thing::Level(_) | Thing::Group(_) => false,
        }
    }

    /// What it is called as of a position.
    pub(super) fn words(self, shown: &Shown<'_>, position: Position) -> String {
        let views = shown.views;
        match self {
            Thing::Admin => "being an Admin User".to_owned(),
            Thing::App(app) => {
                let title = views.tenant.app(app, position).map(|(_, app)| app.title.clone());
                title.unwrap_or_else(|| views.names.apps.text(app).to_owned())
            }
            Thing::Role(role) => format!("the role {}", views.roles.name(role, position).unwrap_or("that was deleted")),
            Thing::Level(module) => {
                let name = views.tenant.module(module, position).map(|(_, name)| name.as_str());
                format!("the level for {}", name.unwrap_or("a module"))
            }
            Thing::Group(group) => {
                let name = views.names.groups.text(group);
                let built_in = grantbook_projections::Groups::built_in(name);
                let custom = views.groups.custom(group, position).map(|(_, group)| group.name.as_str());
                format!("membership of {}", built_in.or(custom).unwrap_or(name))
            }
        }
    }
}

/// A grant: to whom, of what, and everything that it went through.
#[derive(Clone, Copy)]
pub(super) struct Grant<'a> {
    pub(super) who: u32,
    pub(super) thing: Thing,
    pub(super) history: &'a History<Holding>,
}

/// Every grant that ever had an end.
pub(super) fn ending(views: &Views) -> impl Iterator<Item = Grant<'_>> {
    let admins = views.admins.ending().map(|(who, history)| Grant { who, thing: Thing::Admin, history });
    let apps = views.app_users.ending().map(|(who, app, history)| Grant { who, thing: Thing::App(app), history });
    let roles = views.roles.ending().map(|(who, role, history)| Grant { who, thing: Thing::Role(role), history });
    let levels =
        views.levels.ending().map(|(who, module, history)| Grant { who, thing: Thing::Level(module), history });
    let groups = views.groups.ending().map(|(who, group, history)| Grant { who, thing: Thing::Group(group), history });
    admins.chain(apps).chain(roles).chain(levels).chain(groups)
}

/// Every grant that there ever was.
pub(super) fn all(views: &Views) -> impl Iterator<Item = Grant<'_>> {
    let admins = views.admins.grants().map(|(who, history)| Grant { who, thing: Thing::Admin, history });
    let apps = views.app_users.ever().map(|(who, app, history)| Grant { who, thing: Thing::App(app), history });
    let roles = views.roles.ever().map(|(who, role, history)| Grant { who, thing: Thing::Role(role), history });
    let levels = views.levels.ever().map(|(who, module, history)| Grant { who, thing: Thing::Level(module), history });
    let groups = views.groups.ever().map(|(who, group, history)| Grant { who, thing: Thing::Group(group), history });
    admins.chain(apps).chain(roles).chain(levels).chain(groups)
}
