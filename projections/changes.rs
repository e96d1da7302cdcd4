//! What changes somebody's own password, email or rights, so that they are told of it (rule: P9).

use grantbook_events::{
    AccountId, CommunityEvent, ContactEvent, ContentAuthorityEvent, CredentialsEvent, DashboardEvent, Event,
    GroupEvent, ObjectEvent, OrganisationEvent, OrganisationName, Principal, RoleEvent,
};
use serde::{Deserialize, Serialize};

/// What changed of somebody's own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize)]
pub enum Change {
    /// The password.
    Password,
    /// The email.
    Email,
    /// What they may do.
    Rights,
}

/// Whose password, email or rights an event changes, and which of them; `None` for every other event. `had_position` says
/// whether a member had a position just before.
pub(crate) fn change_of<'e>(
    event: &'e Event,
    had_position: &dyn Fn(&OrganisationName, &AccountId) -> bool,
) -> Option<(&'e AccountId, Change)> {
    match event {
        Event::Contact(event) => match event {
            ContactEvent::ContactUpdated { account, details } => {
                (details.email != grantbook_events::Change::Kept).then_some((account, Change::Email))
            }
            // Whoever is added had nothing, and whoever is removed is nobody any more.
            ContactEvent::ContactAdded { .. } | ContactEvent::AccountRemoved { .. } => None,
        },
        Event::Credentials(event) => credentials(event),
        Event::Dashboard(event) => match event {
            DashboardEvent::AdminAdded { account, .. }
            | DashboardEvent::AdminRemoved { account }
            | DashboardEvent::AppUserAssigned { account, .. }
            | DashboardEvent::AppUserRemoved { account, .. } => Some((account, Change::Rights)),
            DashboardEvent::AppUsed { .. } | DashboardEvent::BackgroundAccountSet { .. } => None,
        },
        Event::Role(event) => match event {
            RoleEvent::RoleAssigned { account, .. }
            | RoleEvent::RoleRemoved { account, .. }
            | RoleEvent::LevelSet { account, .. } => Some((account, Change::Rights)),
            RoleEvent::RoleCreated { .. } | RoleEvent::RoleEdited { .. } | RoleEvent::RoleDeleted { .. } => None,
        },
        Event::Group(event) => match event {
            GroupEvent::GroupMemberAdded { account, .. } | GroupEvent::GroupMemberRemoved { account, .. } => {
                Some((account, Change::Rights))
            }
            // What a refresh or a purchase does for one person has an event of its own beside it.
            GroupEvent::GroupCreated { .. }
            | GroupEvent::GroupDeleted { .. }
            | GroupEvent::DynamicGroupDefined { .. }
            | GroupEvent::DynamicGroupRefreshed { .. }
            | GroupEvent::ProductRegistered { .. }
            | GroupEvent::ProductUnlinked { .. }
            | GroupEvent::PurchaseRecorded { .. } => None,
        },
        Event::Object(event) => match event {
            ObjectEvent::AccessGranted { principal: Principal::Account(account), .. }
            | ObjectEvent::AccessRevoked { principal: Principal::Account(account), .. } => {
                Some((account, Change::Rights))
            }
            // What is given to many is no one's own.
            ObjectEvent::AccessGranted { .. }
            | ObjectEvent::AccessRevoked { .. }
            | ObjectEvent::ObjectCreated { .. }
            | ObjectEvent::ObjectDeleted { .. }
            | ObjectEvent::AccessSet { .. }
            | ObjectEvent::AccessCleared { .. } => None,
        },
        Event::Organisation(event) => match event {
            OrganisationEvent::OrganisationAdminAssigned { account, .. }
            | OrganisationEvent::OrganisationAdminRemoved { account, .. } => Some((account, Change::Rights)),
            // A membership alone is no right (rule: O20), a position is one: who is given it or loses it is told.
            OrganisationEvent::OrganisationMemberAdded { account, position: Some(_), .. }
            | OrganisationEvent::OrganisationMemberEdited { account, position: Some(_), .. } => {
                Some((account, Change::Rights))
            }
            OrganisationEvent::OrganisationMemberAdded { organisation, account, position: None, .. }
            | OrganisationEvent::OrganisationMemberEdited { organisation, account, position: None, .. }
            | OrganisationEvent::OrganisationMemberRemoved { organisation, account } => {
                had_position(organisation, account).then_some((account, Change::Rights))
            }
            OrganisationEvent::OrganisationCreated { .. }
            | OrganisationEvent::OrganisationEdited { .. }
            | OrganisationEvent::ChapterPaymentRecorded { .. } => None,
        },
        Event::Community(event) => match event {
            CommunityEvent::CommunityRightGranted { principal: Principal::Account(account), .. }
            | CommunityEvent::CommunityRightRevoked { principal: Principal::Account(account), .. } => {
                Some((account, Change::Rights))
            }
            CommunityEvent::CommunityRightGranted { .. }
            | CommunityEvent::CommunityRightRevoked { .. }
            | CommunityEvent::CommunityCreated { .. }
            | CommunityEvent::CommunityOpened { .. }
            | CommunityEvent::CommunityClosed { .. } => None,
        },
        Event::ContentAuthority(event) => match event {
            ContentAuthorityEvent::ContentAuthorityMemberAdded { account, .. }
            | ContentAuthorityEvent::ContentAuthorityMemberRemoved { account, .. } => Some((account, Change::Rights)),
            ContentAuthorityEvent::ContentAuthorityGroupCreated { .. }
            | ContentAuthorityEvent::ContentCoverageEnded { .. } => None,
        },
        // These give and take nothing of one person alone.
        Event::Tenant(_)
        | Event::SignIn(_)
        | Event::Book(_)
        | Event::Installation(_)
        | Event::Query(_)
        | Event::Visibility(_)
        | Event::Separation(_)
        | Event::Webhook(_)
        | Event::Keeping(_)
        | Event::Review(_)
        | Event::Mail(_) => None,
    }
}

fn credentials(event: &CredentialsEvent) -> Option<(&AccountId, Change)> {
    match event {
        CredentialsEvent::PasswordSet { account, .. } | CredentialsEvent::PasswordChanged { account, .. } => {
            Some((account, Change::Password))
        }
        CredentialsEvent::CredentialEmailSet { account, .. } => Some((account, Change::Email)),
        CredentialsEvent::UserClassSet { account, .. }
        | CredentialsEvent::AccountDisabled { account }
        | CredentialsEvent::AccountEnabled { account }
        | CredentialsEvent::CredentialsDeleted { account } => Some((account, Change::Rights)),
        // A second factor is reset by somebody else.
        CredentialsEvent::SecondFactorReset { account } => Some((account, Change::Password)),
        // One enrols one's own; fresh credentials are handed over; MANAGER's new password comes by a mail of its own (rule: M3).
        CredentialsEvent::SecondFactorEnrolled { .. }
        | CredentialsEvent::SecondFactorConfirmed { .. }
        | CredentialsEvent::CredentialsCreated { .. }
        | CredentialsEvent::ManagerPasswordRotated { .. }
        | CredentialsEvent::UsernameChanged { .. }
        | CredentialsEvent::CredentialsUnlocked { .. }
        | CredentialsEvent::EffectiveDateSet { .. }
        | CredentialsEvent::ExpirationDateSet { .. } => None,
    }
}
