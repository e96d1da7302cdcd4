//! Whom an event names: what decides who may read it (rule: U2).

use crate::{
    AccountId, BookEvent, CommunityEvent, ContactEvent, ContentAuthorityEvent, CredentialsEvent, DashboardEvent, Event,
    GroupEvent, KeepingEvent, MailEvent, ObjectEvent, OrganisationEvent, Principal, ReviewEvent, RoleEvent,
    SignInEvent, TenantEvent,
};

impl Event {
    /// Whether the event names `account` as one that it happened to, or as who did it.
    pub fn concerns(&self, account: &AccountId) -> bool {
        self.accounts().into_iter().flatten().any(|named| named == account)
    }

    /// The accounts that the event names.
    pub fn accounts(&self) -> [Option<&AccountId>; 2] {
        match self {
            Event::Tenant(event) => match event {
                TenantEvent::TenantCreated { first_admin, .. } => [first_admin.as_ref(), None],
                TenantEvent::LicenceRecorded { .. }
                | TenantEvent::AppAdded { .. }
                | TenantEvent::ModuleAdded { .. }
                | TenantEvent::SubscriptionRecorded { .. }
                | TenantEvent::TenantClosed { .. } => [None, None],
            },
            Event::Contact(
                ContactEvent::ContactAdded { account, .. }
                | ContactEvent::ContactUpdated { account, .. }
                | ContactEvent::AccountRemoved { account },
            ) => [Some(account), None],
            Event::Credentials(
                CredentialsEvent::CredentialsCreated { account, .. }
                | CredentialsEvent::UsernameChanged { account, .. }
                | CredentialsEvent::CredentialEmailSet { account, .. }
                | CredentialsEvent::CredentialsDeleted { account }
                | CredentialsEvent::PasswordSet { account, .. }
                | CredentialsEvent::PasswordChanged { account, .. }
                | CredentialsEvent::ManagerPasswordRotated { account, .. }
                | CredentialsEvent::CredentialsUnlocked { account }
                | CredentialsEvent::UserClassSet { account, .. }
                | CredentialsEvent::AccountDisabled { account }
                | CredentialsEvent::AccountEnabled { account }
                | CredentialsEvent::EffectiveDateSet { account, .. }
                | CredentialsEvent::ExpirationDateSet { account, .. }
                | CredentialsEvent::SecondFactorEnrolled { account, .. }
                | CredentialsEvent::SecondFactorConfirmed { account, .. }
                | CredentialsEvent::SecondFactorReset { account },
            ) => [Some(account), None],
            Event::SignIn(
                SignInEvent::SignedIn { account, .. }
                | SignInEvent::SignInRefused { account, .. }
                | SignInEvent::SignInsRefused { account, .. }
                | SignInEvent::CredentialsLocked { account, .. }
                | SignInEvent::SessionEnded { account, .. }
                | SignInEvent::SecondFactorPassed { account, .. }
                | SignInEvent::EnrolmentOpened { account, .. },
            ) => [Some(account), None],
            Event::Dashboard(
                DashboardEvent::AdminAdded { account, .. }
                | DashboardEvent::AdminRemoved { account }
                | DashboardEvent::AppUserAssigned { account, .. }
                | DashboardEvent::AppUserRemoved { account, .. }
                | DashboardEvent::AppUsed { account, .. }
                | DashboardEvent::BackgroundAccountSet { account, .. },
            ) => [Some(account), None],
            Event::Role(event) => match event {
                RoleEvent::RoleAssigned { account, .. }
                | RoleEvent::RoleRemoved { account, .. }
                | RoleEvent::LevelSet { account, .. } => [Some(account), None],
                RoleEvent::RoleCreated { .. } | RoleEvent::RoleEdited { .. } | RoleEvent::RoleDeleted { .. } => {
                    [None, None]
                }
            },
            Event::Group(event) => match event {
                GroupEvent::GroupMemberAdded { account, .. }
                | GroupEvent::GroupMemberRemoved { account, .. }
                | GroupEvent::PurchaseRecorded { account, .. } => [Some(account), None],
                GroupEvent::GroupCreated { .. }
                | GroupEvent::GroupDeleted { .. }
                | GroupEvent::DynamicGroupDefined { .. }
                | GroupEvent::DynamicGroupRefreshed { .. }
                | GroupEvent::ProductRegistered { .. }
                | GroupEvent::ProductUnlinked { .. } => [None, None],
            },
            Event::Object(event) => match event {
                ObjectEvent::AccessGranted { principal, .. } | ObjectEvent::AccessRevoked { principal, .. } => {
                    [of_principal(principal), None]
                }
                ObjectEvent::ObjectCreated { .. }
                | ObjectEvent::ObjectDeleted { .. }
                | ObjectEvent::AccessSet { .. }
                | ObjectEvent::AccessCleared { .. } => [None, None],
            },
            Event::Book(event) => match event {
                BookEvent::CommandRefused { account, subject, .. } => [Some(account), subject.as_ref()],
                BookEvent::CommandsRefused { account, .. }
                | BookEvent::NoticeOwed { account, .. }
                | BookEvent::NoticeHandedOver { account, .. } => [Some(account), None],
                BookEvent::HistoryRead { account, .. } => [account.as_ref(), None],
                BookEvent::SettingChanged { .. }
                | BookEvent::TextSettingChanged { .. }
                | BookEvent::CorrectionRecorded { .. }
                | BookEvent::ImportStarted { .. }
                | BookEvent::ImportFinished { .. } => [None, None],
            },
            Event::Community(event) => match event {
                CommunityEvent::CommunityRightGranted { principal, .. }
                | CommunityEvent::CommunityRightRevoked { principal, .. } => [of_principal(principal), None],
                CommunityEvent::CommunityCreated { .. }
                | CommunityEvent::CommunityOpened { .. }
                | CommunityEvent::CommunityClosed { .. } => [None, None],
            },
            Event::Mail(
                MailEvent::PasswordResetRequested { account, .. }
                | MailEvent::PasswordResetSent { account, .. }
                | MailEvent::PasswordResetCompleted { account, .. }
                | MailEvent::PasswordResetFailed { account, .. }
                | MailEvent::PasswordResetsWithheld { account, .. }
                | MailEvent::ChangesTold { account, .. }
                | MailEvent::MailNotHandedOver { account, .. },
            ) => [Some(account), None],
            Event::Keeping(event) => match event {
                KeepingEvent::LegalHoldPlaced { account }
                | KeepingEvent::LegalHoldLifted { account }
                | KeepingEvent::ContactErased { account } => [Some(account), None],
                KeepingEvent::BackupTaken { .. } | KeepingEvent::StoreRestored { .. } => [None, None],
            },
            // Reviewers are named, and not what happens to anybody; whom a decision is about is.
            Event::Review(event) => match &**event {
                ReviewEvent::ReviewItemDecided { account, .. }
                | ReviewEvent::ReviewRevocationWithheld { account, .. } => [account.as_ref(), None],
                ReviewEvent::ReviewOpened { .. } | ReviewEvent::ReviewClosed { .. } => [None, None],
            },
            // A query names nobody, and of a visible set only the condition is stored.
            Event::Query(_) | Event::Visibility(_) => [None, None],
            // The installation's own ledger has no accounts, a separation is of capabilities, and a webhook is nobody.
            Event::Installation(_) | Event::Separation(_) | Event::Webhook(_) => [None, None],
            Event::Organisation(event) => match event {
                OrganisationEvent::OrganisationMemberAdded { account, .. }
                | OrganisationEvent::OrganisationMemberEdited { account, .. }
                | OrganisationEvent::OrganisationMemberRemoved { account, .. }
                | OrganisationEvent::OrganisationAdminAssigned { account, .. }
                | OrganisationEvent::OrganisationAdminRemoved { account, .. }
                | OrganisationEvent::ChapterPaymentRecorded { account, .. } => [Some(account), None],
                OrganisationEvent::OrganisationCreated { .. } | OrganisationEvent::OrganisationEdited { .. } => {
                    [None, None]
                }
            },
            Event::ContentAuthority(event) => match event {
                ContentAuthorityEvent::ContentAuthorityMemberAdded { account, .. }
                | ContentAuthorityEvent::ContentAuthorityMemberRemoved { account, .. } => [Some(account), None],
                ContentAuthorityEvent::ContentAuthorityGroupCreated { .. }
                | ContentAuthorityEvent::ContentCoverageEnded { .. } => [None, None],
            },
        }
    }
}

fn of_principal(principal: &Principal) -> Option<&AccountId> {
    match principal {
        Principal::Account(account) => Some(account),
        Principal::Group(_) | Principal::Role(_) | Principal::MemberType(_) | Principal::Staff => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: U2
    #[test]
    fn an_event_concerns_whom_it_names() {
        let [bob, jeff, mia] = ["bob", "jeff", "mia"].map(|id| AccountId::new(id).unwrap());
        let refused = Event::Book(BookEvent::CommandRefused {
            account: bob.clone(),
            command: crate::CommandName::new("add_admin").unwrap(),
            subject: Some(jeff.clone()),
            rule: crate::RuleId::new("F9").unwrap(),
        });
        assert!(refused.concerns(&bob) && refused.concerns(&jeff) && !refused.concerns(&mia));
    }
}
