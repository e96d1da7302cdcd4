//! Grants of every kind, alike: who was given what, and what it is called.

use grantbook_events::{AccessRight, CommunityRight, Position, Principal};
use grantbook_projections::{Cause, GrantHistory, Groups, RoleNumber, Views};

use super::stretches::existence_points;
use crate::sentences::principal_words;
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
    /// A right on an object, by the object's number.
    Access(u32, AccessRight),
    /// A right in a community, by the community's number.
    Community(u32, CommunityRight),
    /// Membership of a content authority group, by the group's number. Each right that it gives is a grant of its own.
    Content(u32),
    /// The right to administer an organisation, by the organisation's number.
    Administrator(u32),
    /// A position in an organisation: a membership without one is no right (rule: O20).
    Position(u32),
}

/// To whom something was given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Holder<'a> {
    /// An account.
    Account(u32),
    /// All whom a principal stands for.
    Many(&'a Principal),
}

/// A grant: to whom, of what, and everything that it went through.
#[derive(Clone, Copy)]
pub(super) struct Grant<'a> {
    pub(super) to: Holder<'a>,
    pub(super) thing: Thing,
    pub(super) history: &'a GrantHistory,
}

impl<'a> Grant<'a> {
    pub(super) fn of(who: u32, thing: Thing, history: &'a GrantHistory) -> Grant<'a> {
        Grant { to: Holder::Account(who), thing, history }
    }

    fn open(views: &Views, to: &'a Principal, thing: Thing, history: &'a GrantHistory) -> Grant<'a> {
        let account = match to {
            Principal::Account(account) => views.account(account),
            Principal::Group(_) | Principal::Role(_) | Principal::MemberType(_) | Principal::Staff => None,
        };
        Grant { to: account.map_or(Holder::Many(to), Holder::Account), thing, history }
    }

    /// Whether whoever it was given to is there.
    pub(super) fn held_by_somebody(&self, views: &Views, position: Position) -> bool {
        match self.to {
            Holder::Account(who) => views.accounts.exists(who, position),
            Holder::Many(_) => true,
        }
    }

    /// When whoever it was given to came and went.
    pub(super) fn existence_points(&self, shown: &Shown<'_>) -> Vec<Cause> {
        match self.to {
            Holder::Account(who) => existence_points(shown, who),
            Holder::Many(_) => Vec::new(),
        }
    }

    /// Whether what is held as of a position is a right at all: a membership of an organisation is one by its position.
    pub(super) fn is_right(&self, views: &Views, position: Position) -> bool {
        match (self.thing, self.to) {
            (Thing::Position(organisation), Holder::Account(who)) => {
                let membership = views.organisations.membership(who, organisation, position);
                membership.is_some_and(|membership| membership.term.position.is_some())
            }
            (
                Thing::Admin
                | Thing::App(_)
                | Thing::Role(_)
                | Thing::Level(_)
                | Thing::Group(_)
                | Thing::Access(..)
                | Thing::Community(..)
                | Thing::Content(_)
                | Thing::Administrator(_)
                | Thing::Position(_),
                _,
            ) => true,
        }
    }

    /// Whom a finding about it is on: the account; what is open to many, where it is no account's own.
    pub(super) fn subject(&self, shown: &Shown<'_>) -> String {
        match (self.to, self.thing) {
            (Holder::Account(who), _) => shown.id(who).to_owned(),
            (Holder::Many(_), Thing::Access(object, _)) => shown.views.names.objects.text(object).to_owned(),
            (Holder::Many(_), Thing::Community(community, _)) => community_name(shown, community),
            (Holder::Many(principal), _) => principal_words(shown, principal),
        }
    }

    /// To whom it was given, in words.
    pub(super) fn holder_words(&self, shown: &Shown<'_>) -> String {
        match self.to {
            Holder::Account(who) => shown.id(who).to_owned(),
            Holder::Many(principal) => principal_words(shown, principal),
        }
    }

    /// What was given, as it is called as of a position.
    pub(super) fn words(&self, shown: &Shown<'_>, position: Position) -> String {
        let views = shown.views;
        match self.thing {
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
                let custom = views.groups.custom(group, position).map(|(_, group)| group.name.as_str());
                format!("membership of {}", Groups::built_in(name).or(custom).unwrap_or(name))
            }
            Thing::Access(object, right) => format!("the right {right} on {}", views.names.objects.text(object)),
            Thing::Community(community, CommunityRight::CreateWiki) => {
                format!("the right to create wikis in the community {}", community_name(shown, community))
            }
            Thing::Community(community, CommunityRight::Administer) => {
                format!("the right to administer the community {}", community_name(shown, community))
            }
            Thing::Content(group) => {
                let known = views.content_authority.group(group, position).map(|group| group.name.as_str());
                let name = known.unwrap_or_else(|| views.names.content_groups.text(group));
                format!("membership of the content authority group {name}")
            }
            Thing::Administrator(organisation) => {
                format!("the right to administer {}", organisation_name(views, organisation, position))
            }
            Thing::Position(organisation) => {
                let name = organisation_name(views, organisation, position);
                let held = match self.to {
                    Holder::Account(who) => views.organisations.membership(who, organisation, position),
                    Holder::Many(_) => None,
                };
                let label = held.and_then(|held| held.term.position.as_ref());
                label.map_or_else(|| format!("membership of {name}"), |label| format!("being {label} of {name}"))
            }
        }
    }
}

fn community_name(shown: &Shown<'_>, community: u32) -> String {
    let known = shown.views.communities.community(community, shown.position());
    known.map_or_else(
        || shown.views.names.communities.text(community).to_owned(),
        |(_, community)| community.name.as_str().to_owned(),
    )
}

fn organisation_name(views: &Views, organisation: u32, position: Position) -> &str {
    let known = views.organisations.organisation(organisation, position);
    known.map_or_else(|| views.names.organisations.text(organisation), |known| known.full_name.as_str())
}

/// What a view tells of a grant to an account: who, what, and everything that it went through.
type Told<'a, T> = (u32, T, &'a GrantHistory);

fn of_admin<'a>((who, history): (u32, &'a GrantHistory)) -> Grant<'a> {
    Grant::of(who, Thing::Admin, history)
}

fn of_app(told: Told<'_, u32>) -> Grant<'_> {
    Grant::of(told.0, Thing::App(told.1), told.2)
}

fn of_role(told: Told<'_, RoleNumber>) -> Grant<'_> {
    Grant::of(told.0, Thing::Role(told.1), told.2)
}

fn of_level(told: Told<'_, u32>) -> Grant<'_> {
    Grant::of(told.0, Thing::Level(told.1), told.2)
}

fn of_group(told: Told<'_, u32>) -> Grant<'_> {
    Grant::of(told.0, Thing::Group(told.1), told.2)
}

fn of_content(told: Told<'_, u32>) -> Grant<'_> {
    Grant::of(told.0, Thing::Content(told.1), told.2)
}

fn of_administrator(told: Told<'_, u32>) -> Grant<'_> {
    Grant::of(told.0, Thing::Administrator(told.1), told.2)
}

fn of_position(told: Told<'_, u32>) -> Grant<'_> {
    Grant::of(told.0, Thing::Position(told.1), told.2)
}

/// Every grant that ever had an end.
pub(super) fn ending(views: &Views) -> impl Iterator<Item = Grant<'_>> {
    let admins = views.admins.ending().map(of_admin);
    let accounts = admins.chain(views.app_users.ending().map(of_app)).chain(views.roles.ending().map(of_role));
    let accounts = accounts.chain(views.levels.ending().map(of_level)).chain(views.groups.ending().map(of_group));
    let accounts = accounts.chain(views.content_authority.ending().map(of_content));
    let accounts = accounts.chain(views.organisations.administered_ending().map(of_administrator));
    let accounts = accounts.chain(views.organisations.members_ending().map(of_position));
    let access = views.objects.ending();
    let access = access.map(|(on, to, right, history)| Grant::open(views, to, Thing::Access(on, right), history));
    let rights = views.communities.ending();
    let rights = rights.map(|(on, right, to, history)| Grant::open(views, to, Thing::Community(on, right), history));
    accounts.chain(access).chain(rights)
}

/// Every grant that there ever was, those in organisations aside.
pub(super) fn all(views: &Views) -> impl Iterator<Item = Grant<'_>> {
    let admins = views.admins.grants().map(of_admin);
    let accounts = admins.chain(views.app_users.ever().map(of_app)).chain(views.roles.ever().map(of_role));
    let accounts = accounts.chain(views.levels.ever().map(of_level)).chain(views.groups.ever().map(of_group));
    let accounts = accounts.chain(views.content_authority.ever().map(of_content));
    let access = views.objects.ever();
    let access = access.map(|(on, to, right, history)| Grant::open(views, to, Thing::Access(on, right), history));
    let rights = views.communities.ever();
    let rights = rights.map(|(on, right, to, history)| Grant::open(views, to, Thing::Community(on, right), history));
    accounts.chain(access).chain(rights)
}

/// Every grant in organisations that there ever was.
pub(super) fn in_organisations(views: &Views) -> impl Iterator<Item = Grant<'_>> {
    let administrators = views.organisations.ever_administered().map(of_administrator);
    administrators.chain(views.organisations.ever_members().map(of_position))
}
