//! An entry decided again: its commands read back from its events, with what they had learnt from outside.

use grantbook_events::{
    BookEvent, Change, CommandNote, CommunityEvent, CommunityName, CommunityRight, ContactEvent, ContentAuthorityEvent,
    CredentialsEvent, DashboardEvent, Event, GroupEvent, InstallationEvent, Instant, KeepingEvent, MailEvent,
    ObjectEvent, OrganisationEvent, OrganisationName, QueryEvent, ReviewEvent, RoleEvent, SeparationEvent, SignInEvent,
    TenantEvent, VisibilityEvent, WebhookEvent,
};

use crate::case::{CodeCheck, Outside, PasswordCheck};
use crate::command::{
    AppUse, BookCommand, Command, CommunityCommand, ContactCommand, ContentAuthorityCommand, CredentialsCommand,
    CustomerCommand, DashboardCommand, GroupCommand, KeepingCommand, MailCommand, ObjectCommand, OrganisationCommand,
    PasswordShape, QueryCommand, ReviewCommand, RoleCommand, SeparationCommand, SupportCommand, VisibilityCommand,
    WebhookCommand,
};
use crate::readiness::Readiness;

/// The command named by `note` whose outcome `events` are, with what it had learnt from outside. `None` for what is no
/// command: sign-ins and acts of the system.
pub fn command_of(note: &CommandNote, events: &[&Event]) -> Option<(Command, Outside)> {
    events.iter().find_map(|event| from_event(note.name.as_str(), event, events))
}

/// The end of a role or a level that was granted.
fn granted_until(event: &&Event) -> Option<Instant> {
    if let Event::Role(RoleEvent::RoleAssigned { until, .. } | RoleEvent::LevelSet { until, .. }) = event {
        return *until;
    }
    None
}

/// The code by which a second factor was passed at a door.
fn passed(event: &&Event) -> Option<CodeCheck> {
    if let Event::SignIn(SignInEvent::SecondFactorPassed { step, .. }) = event {
        return Some(CodeCheck::Matched { step: *step });
    }
    None
}

#[allow(clippy::wildcard_enum_match_arm, reason = "a pair of a name and an event is looked up, not an event handled")]
fn from_event(name: &str, event: &Event, all: &[&Event]) -> Option<(Command, Outside)> {
    let plain = |command: Command| Some((command, Outside::default()));
    let set = |command: CredentialsCommand, secret, check| {
        let new_password = Some((PasswordShape::ACCEPTED, secret));
        Some((Command::Credentials(command), Outside { new_password, check, ..Outside::default() }))
    };
    match (name, event.clone()) {
        ("add_contact", Event::Contact(ContactEvent::ContactAdded { account, details, .. })) => {
            let organisation = all.iter().find_map(joined);
            plain(Command::Contact(ContactCommand::AddContact { account, details, organisation }))
        }
        ("update_contact", Event::Contact(ContactEvent::ContactUpdated { account, details })) => {
            plain(Command::Contact(ContactCommand::UpdateContact { account, details }))
        }
        ("remove_account", Event::Contact(ContactEvent::AccountRemoved { account })) => {
            plain(Command::Contact(ContactCommand::RemoveAccount { account }))
        }
        (
            "create_credentials",
            Event::Credentials(CredentialsEvent::CredentialsCreated {
                account,
                username,
                user_class,
                email,
                secret,
                ..
            }),
        ) => set(CredentialsCommand::CreateCredentials { account, username, user_class, email }, secret, None),
        ("change_username", Event::Credentials(CredentialsEvent::UsernameChanged { account, username })) => {
            plain(Command::Credentials(CredentialsCommand::ChangeUsername { account, username }))
        }
        ("set_credential_email", Event::Credentials(CredentialsEvent::CredentialEmailSet { account, email })) => {
            plain(Command::Credentials(CredentialsCommand::SetCredentialEmail { account, email }))
        }
        ("delete_credentials", Event::Credentials(CredentialsEvent::CredentialsDeleted { account })) => {
            plain(Command::Credentials(CredentialsCommand::DeleteCredentials { account }))
        }
        ("set_password", Event::Credentials(CredentialsEvent::PasswordSet { account, secret, .. })) => {
            set(CredentialsCommand::SetPassword { account }, secret, None)
        }
        ("change_own_password", Event::Credentials(CredentialsEvent::PasswordChanged { secret, .. })) => {
            let (command, outside) = set(CredentialsCommand::ChangeOwnPassword, secret, Some(PasswordCheck::Matched))?;
            Some((command, Outside { code: all.iter().find_map(passed), ..outside }))
        }
        ("unlock_credentials", Event::Credentials(CredentialsEvent::CredentialsUnlocked { account })) => {
            plain(Command::Credentials(CredentialsCommand::UnlockCredentials { account }))
        }
        ("set_user_class", Event::Credentials(CredentialsEvent::UserClassSet { account, user_class })) => {
            plain(Command::Credentials(CredentialsCommand::SetUserClass { account, user_class }))
        }
        ("disable_account", Event::Credentials(CredentialsEvent::AccountDisabled { account })) => {
            plain(Command::Credentials(CredentialsCommand::DisableAccount { account }))
        }
        ("enable_account", Event::Credentials(CredentialsEvent::AccountEnabled { account })) => {
            plain(Command::Credentials(CredentialsCommand::EnableAccount { account }))
        }
        ("set_effective_date", Event::Credentials(CredentialsEvent::EffectiveDateSet { account, date })) => {
            plain(Command::Credentials(CredentialsCommand::SetEffectiveDate { account, date }))
        }
        ("set_expiration_date", Event::Credentials(CredentialsEvent::ExpirationDateSet { account, date })) => {
            plain(Command::Credentials(CredentialsCommand::SetExpirationDate { account, date }))
        }
        ("enrol_second_factor", Event::Credentials(CredentialsEvent::SecondFactorEnrolled { secret, .. })) => {
            let outside = Outside { seed: Some(secret), ..Outside::default() };
            Some((Command::Credentials(CredentialsCommand::EnrolSecondFactor), outside))
        }
        ("confirm_second_factor", Event::Credentials(CredentialsEvent::SecondFactorConfirmed { step, .. })) => {
            let outside = Outside { code: Some(CodeCheck::Matched { step }), ..Outside::default() };
            Some((Command::Credentials(CredentialsCommand::ConfirmSecondFactor), outside))
        }
        ("reset_second_factor", Event::Credentials(CredentialsEvent::SecondFactorReset { account })) => {
            plain(Command::Credentials(CredentialsCommand::ResetSecondFactor { account }))
        }
        ("end_session", Event::SignIn(SignInEvent::SessionEnded { session, account, .. })) => {
            // Several were all that the account had.
            let (session, account) = if all.len() > 1 { (None, Some(account)) } else { (Some(session), None) };
            plain(Command::Credentials(CredentialsCommand::EndSession { session, account }))
        }
        ("add_admin", Event::Dashboard(DashboardEvent::AdminAdded { account, until, .. })) => {
            plain(Command::Dashboard(DashboardCommand::AddAdmin { account, until }))
        }
        ("remove_admin", Event::Dashboard(DashboardEvent::AdminRemoved { account })) => {
            plain(Command::Dashboard(DashboardCommand::RemoveAdmin { account }))
        }
        ("assign_app_user", Event::Dashboard(DashboardEvent::AppUserAssigned { account, app, until })) => {
            plain(Command::Dashboard(DashboardCommand::AssignAppUser { account, app, until }))
        }
        ("remove_app_user", Event::Dashboard(DashboardEvent::AppUserRemoved { account, app })) => {
            plain(Command::Dashboard(DashboardCommand::RemoveAppUser { account, app }))
        }
        ("record_app_use", Event::Dashboard(DashboardEvent::AppUsed { .. })) => {
            plain(Command::Dashboard(DashboardCommand::RecordAppUse { uses: all.iter().filter_map(app_use).collect() }))
        }
        ("set_background_account", Event::Dashboard(DashboardEvent::BackgroundAccountSet { account, .. })) => {
            let command = Command::Dashboard(DashboardCommand::SetBackgroundAccount { account });
            Some((command, Outside { check: Some(PasswordCheck::Matched), ..Outside::default() }))
        }
        ("create_role", Event::Role(RoleEvent::RoleCreated { role, description })) => {
            plain(Command::Role(RoleCommand::CreateRole { role, description }))
        }
        ("edit_role", Event::Role(RoleEvent::RoleEdited { role, new_name, description })) => {
            plain(Command::Role(RoleCommand::EditRole { role, new_name, description }))
        }
        ("delete_role", Event::Role(RoleEvent::RoleDeleted { role })) => {
            plain(Command::Role(RoleCommand::DeleteRole { role }))
        }
        ("assign_role", Event::Role(RoleEvent::RoleAssigned { account, role, until })) => {
            plain(Command::Role(RoleCommand::AssignRole { account, role, until }))
        }
        ("remove_role", Event::Role(RoleEvent::RoleRemoved { account, role })) => {
            plain(Command::Role(RoleCommand::RemoveRole { account, role }))
        }
        ("set_level", Event::Role(RoleEvent::LevelSet { account, module, level, until })) => {
            plain(Command::Role(RoleCommand::SetLevel { account, module, level, until }))
        }
        (
            "make_system_administrator",
            Event::Role(RoleEvent::RoleAssigned { account, .. } | RoleEvent::LevelSet { account, .. })
            | Event::Credentials(CredentialsEvent::UserClassSet { account, .. }),
        ) => {
            let until = all.iter().find_map(granted_until);
            plain(Command::Role(RoleCommand::MakeSystemAdministrator { account, until }))
        }
        ("create_group", Event::Group(GroupEvent::GroupCreated { group, description })) => {
            plain(Command::Group(GroupCommand::CreateGroup { group, description }))
        }
        ("delete_group", Event::Group(GroupEvent::GroupDeleted { group })) => {
            plain(Command::Group(GroupCommand::DeleteGroup { group }))
        }
        ("add_group_member", Event::Group(GroupEvent::GroupMemberAdded { group, account, until })) => {
            plain(Command::Group(GroupCommand::AddGroupMember { group, account, until }))
        }
        ("remove_group_member", Event::Group(GroupEvent::GroupMemberRemoved { group, account })) => {
            plain(Command::Group(GroupCommand::RemoveGroupMember { group, account }))
        }
        ("define_dynamic_group", Event::Group(GroupEvent::DynamicGroupDefined { group, condition })) => {
            plain(Command::Group(GroupCommand::DefineDynamicGroup { group, condition }))
        }
        ("refresh_dynamic_group", Event::Group(GroupEvent::DynamicGroupRefreshed { group, .. })) => {
            plain(Command::Group(GroupCommand::RefreshDynamicGroup { group }))
        }
        ("register_product", Event::Group(GroupEvent::ProductRegistered { product, group })) => {
            plain(Command::Group(GroupCommand::RegisterProduct { product, group }))
        }
        ("record_purchase", Event::Group(GroupEvent::PurchaseRecorded { product, account, until })) => {
            plain(Command::Group(GroupCommand::RecordPurchase { product, account, until }))
        }
        ("create_community", Event::Community(CommunityEvent::CommunityCreated { community, group })) => {
            plain(Command::Community(CommunityCommand::CreateCommunity { community, group }))
        }
        (
            "set_community_security",
            Event::Community(
                CommunityEvent::CommunityOpened { community, .. }
                | CommunityEvent::CommunityRightGranted { community, .. }
                | CommunityEvent::CommunityRightRevoked { community, .. },
            ),
        ) => plain(Command::Community(community_security(community, all))),
        ("create_object", Event::Object(ObjectEvent::ObjectCreated { object, kind, public, active })) => {
            plain(Command::Object(ObjectCommand::CreateObject { object, kind, public, active }))
        }
        ("delete_object", Event::Object(ObjectEvent::ObjectDeleted { object })) => {
            plain(Command::Object(ObjectCommand::DeleteObject { object }))
        }
        ("set_access", Event::Object(ObjectEvent::AccessSet { object, set })) => {
            plain(Command::Object(ObjectCommand::SetAccess { object, set }))
        }
        ("grant_access", Event::Object(ObjectEvent::AccessGranted { object, principal, until, .. })) => {
            let rights = access_rights(all);
            plain(Command::Object(ObjectCommand::GrantAccess { object, principal, rights, until }))
        }
        ("revoke_access", Event::Object(ObjectEvent::AccessRevoked { object, principal, .. })) => {
            let rights = access_rights(all);
            plain(Command::Object(ObjectCommand::RevokeAccess { object, principal, rights }))
        }
        ("clear_access", Event::Object(ObjectEvent::AccessCleared { object })) => {
            plain(Command::Object(ObjectCommand::ClearAccess { object }))
        }
        (
            "create_organisation",
            Event::Organisation(OrganisationEvent::OrganisationCreated { organisation, kind, full_name }),
        ) => plain(Command::Organisation(OrganisationCommand::CreateOrganisation { organisation, kind, full_name })),
        (
            "edit_organisation",
            Event::Organisation(OrganisationEvent::OrganisationEdited { organisation, full_name, description }),
        ) => {
            plain(Command::Organisation(OrganisationCommand::EditOrganisation { organisation, full_name, description }))
        }
        (
            "add_organisation_member",
            Event::Organisation(OrganisationEvent::OrganisationMemberAdded {
                organisation,
                account,
                position,
                from,
                until,
            }),
        ) => plain(Command::Organisation(OrganisationCommand::AddOrganisationMember {
            organisation,
            account,
            position,
            from,
            until,
        })),
        (
            "edit_organisation_member",
            Event::Organisation(OrganisationEvent::OrganisationMemberEdited {
                organisation,
                account,
                position,
                from,
                until,
            }),
        ) => {
            let (position, from, until) = (became(position), became(from), became(until));
            plain(Command::Organisation(OrganisationCommand::EditOrganisationMember {
                organisation,
                account,
                position,
                from,
                until,
            }))
        }
        (
            "remove_organisation_member",
            Event::Organisation(OrganisationEvent::OrganisationMemberRemoved { organisation, account }),
        ) => plain(Command::Organisation(OrganisationCommand::RemoveOrganisationMember { organisation, account })),
        ("join_organisation", Event::Organisation(OrganisationEvent::OrganisationMemberAdded { organisation, .. })) => {
            plain(Command::Organisation(OrganisationCommand::JoinOrganisation { organisation }))
        }
        (
            "assign_organisation_admin",
            Event::Organisation(OrganisationEvent::OrganisationAdminAssigned { organisation, account, until }),
        ) => {
            plain(Command::Organisation(OrganisationCommand::AssignOrganisationAdmin { organisation, account, until }))
        }
        (
            "remove_organisation_admin",
            Event::Organisation(OrganisationEvent::OrganisationAdminRemoved { organisation, account }),
        ) => plain(Command::Organisation(OrganisationCommand::RemoveOrganisationAdmin { organisation, account })),
        (
            "record_chapter_payment",
            Event::Organisation(OrganisationEvent::ChapterPaymentRecorded { organisation, account, until }),
        ) => plain(Command::Organisation(OrganisationCommand::RecordChapterPayment { organisation, account, until })),
        (
            "create_content_authority_group",
            Event::ContentAuthority(ContentAuthorityEvent::ContentAuthorityGroupCreated { group, master, covers }),
        ) => plain(Command::ContentAuthority(ContentAuthorityCommand::CreateGroup { group, master, covers })),
        (
            "add_content_authority_member",
            Event::ContentAuthority(ContentAuthorityEvent::ContentAuthorityMemberAdded {
                group,
                account,
                rights,
                until,
            }),
        ) => plain(Command::ContentAuthority(ContentAuthorityCommand::AddMember { group, account, rights, until })),
        (
            "remove_content_authority_member",
            Event::ContentAuthority(ContentAuthorityEvent::ContentAuthorityMemberRemoved { group, account }),
        ) => plain(Command::ContentAuthority(ContentAuthorityCommand::RemoveMember { group, account })),
        (
            "create_query",
            Event::Query(QueryEvent::QueryCreated {
                query,
                object: _,
                out_of_box,
                via_api,
                personal_data,
                filtered_to_caller,
            }),
        ) => plain(Command::Query(QueryCommand::CreateQuery {
            query,
            out_of_box,
            via_api,
            personal_data,
            filtered_to_caller,
        })),
        ("edit_query", Event::Query(QueryEvent::QueryEdited { query, via_api, personal_data, filtered_to_caller })) => {
            plain(Command::Query(QueryCommand::EditQuery { query, via_api, personal_data, filtered_to_caller }))
        }
        (
            "define_contact_visibility",
            Event::Visibility(VisibilityEvent::ContactVisibilityDefined { audience, condition }),
        ) => plain(Command::Visibility(VisibilityCommand::DefineContactVisibility { audience, condition })),
        ("set_setting", Event::Book(BookEvent::SettingChanged { setting, value })) => {
            plain(Command::Book(BookCommand::SetSetting { setting, value }))
        }
        ("send_password_reset", Event::Mail(MailEvent::PasswordResetRequested { account, site, token, .. })) => {
            let command = Command::Mail(MailCommand::SendPasswordReset { account, site });
            Some((command, Outside { token: Some(token), ..Outside::default() }))
        }
        ("set_setting", Event::Book(BookEvent::TextSettingChanged { setting, value })) => {
            plain(Command::Book(BookCommand::SetTextSetting { setting, value }))
        }
        ("record_correction", Event::Book(BookEvent::CorrectionRecorded { position, corrected_by })) => {
            plain(Command::Book(BookCommand::RecordCorrection { position, corrected_by }))
        }
        ("define_separation", Event::Separation(SeparationEvent::SeparationDefined { separation, one, other })) => {
            plain(Command::Separation(SeparationCommand::DefineSeparation { separation, one, other }))
        }
        ("remove_separation", Event::Separation(SeparationEvent::SeparationRemoved { separation })) => {
            plain(Command::Separation(SeparationCommand::RemoveSeparation { separation }))
        }
        ("add_webhook", Event::Webhook(WebhookEvent::WebhookAdded { webhook, url, events, secret })) => {
            let command = Command::Webhook(WebhookCommand::AddWebhook { webhook, url, events });
            Some((command, Outside { webhook: Some(secret), ..Outside::default() }))
        }
        ("remove_webhook", Event::Webhook(WebhookEvent::WebhookRemoved { webhook })) => {
            plain(Command::Webhook(WebhookCommand::RemoveWebhook { webhook }))
        }
        ("redeliver_webhook", Event::Webhook(WebhookEvent::WebhookRedeliveryRequested { webhook, position })) => {
            plain(Command::Webhook(WebhookCommand::RedeliverWebhook { webhook, position }))
        }
        ("erase_contact", Event::Keeping(KeepingEvent::ContactErased { account })) => {
            plain(Command::Keeping(KeepingCommand::EraseContact { account }))
        }
        ("place_legal_hold", Event::Keeping(KeepingEvent::LegalHoldPlaced { account })) => {
            plain(Command::Keeping(KeepingCommand::PlaceLegalHold { account }))
        }
        ("lift_legal_hold", Event::Keeping(KeepingEvent::LegalHoldLifted { account })) => {
            plain(Command::Keeping(KeepingCommand::LiftLegalHold { account }))
        }
        ("open_review", Event::Review(ReviewEvent::ReviewOpened { review, scope, reviewers, due, since_review })) => {
            plain(Command::Review(ReviewCommand::OpenReview { review, scope, reviewers, due, since_review }))
        }
        (
            "decide_review_item",
            Event::Review(ReviewEvent::ReviewItemDecided { review, item, account: _, decision }),
        ) => plain(Command::Review(ReviewCommand::DecideReviewItem { review, item, decision })),
        ("close_review", Event::Review(ReviewEvent::ReviewClosed { review, .. })) => {
            plain(Command::Review(ReviewCommand::CloseReview { review }))
        }
        ("record_subscription", Event::Tenant(TenantEvent::SubscriptionRecorded { app, status, from, until })) => {
            plain(Command::Support(SupportCommand::RecordSubscription { customer: None, app, status, from, until }))
        }
        ("record_licence", Event::Tenant(TenantEvent::LicenceRecorded { licence, until })) => {
            plain(Command::Support(SupportCommand::RecordLicence { licence, until }))
        }
        ("add_app", Event::Tenant(TenantEvent::AppAdded { app, title, audience })) => {
            plain(Command::Support(SupportCommand::AddApp { app, title, audience }))
        }
        ("add_module", Event::Tenant(TenantEvent::ModuleAdded { module })) => {
            plain(Command::Support(SupportCommand::AddModule { module }))
        }
        ("restore_admin", Event::Dashboard(DashboardEvent::AdminAdded { account, until, .. })) => {
            plain(Command::Support(SupportCommand::RestoreAdmin { account, until }))
        }
        ("rotate_manager_password", Event::Credentials(CredentialsEvent::ManagerPasswordRotated { secret, .. })) => {
            let new_password = Some((PasswordShape::ACCEPTED, secret));
            let outside = Outside { new_password, ..Outside::default() };
            Some((Command::Support(SupportCommand::RotateManagerPassword), outside))
        }
        ("unlock_manager", Event::Credentials(CredentialsEvent::CredentialsUnlocked { .. })) => {
            plain(Command::Support(SupportCommand::UnlockManager))
        }
        ("close_tenant", Event::Tenant(TenantEvent::TenantClosed { cloud_id })) => {
            plain(Command::Customer(CustomerCommand::CloseTenant { cloud_id }))
        }
        (_, Event::Installation(event)) => in_installation(name, event, all),
        // Any other pair: the event follows from the command, or the name is of no command.
        _ => None,
    }
}

/// Of the installation's own ledger.
#[allow(clippy::wildcard_enum_match_arm, reason = "a pair of a name and an event is looked up, not an event handled")]
fn in_installation(name: &str, event: InstallationEvent, all: &[&Event]) -> Option<(Command, Outside)> {
    let plain = |command: CustomerCommand| Some((Command::Customer(command), Outside::default()));
    match (name, event) {
        ("register_customer", InstallationEvent::CustomerRegistered { customer, full_name, contact_email, .. }) => {
            plain(CustomerCommand::RegisterCustomer { customer, full_name, contact_email })
        }
        (
            "record_subscription",
            InstallationEvent::CustomerSubscriptionRecorded { customer, app, status, from, until },
        ) => {
            let customer = Some(customer);
            let command = SupportCommand::RecordSubscription { customer, app, status, from, until };
            Some((Command::Support(command), Outside::default()))
        }
        (
            "request_cloud_id",
            InstallationEvent::CloudIdRequested {
                customer,
                purpose,
                requester_name,
                requester_email,
                organisation,
                url,
                region,
            },
        ) => plain(CustomerCommand::RequestCloudId {
            customer,
            purpose,
            requester_name,
            requester_email,
            organisation,
            url,
            region,
        }),
        ("check_readiness", InstallationEvent::ReadinessChecked { customer, url, findings, .. }) => {
            let outside = Outside { readiness: Some(Readiness::of(&findings)), ..Outside::default() };
            Some((Command::Customer(CustomerCommand::CheckReadiness { customer, url }), outside))
        }
        (
            "assign_cloud_id",
            InstallationEvent::CloudIdTermsRecorded { cloud_id, purpose, edition, first_admin, .. },
        ) => {
            let customer = all.iter().find_map(|event| match event {
                Event::Installation(InstallationEvent::CloudIdAssigned { customer, .. }) => Some(customer.clone()),
                // Any other event of the entry does not say whom it was given to.
                _ => None,
            });
            let customer = customer?;
            plain(CustomerCommand::AssignCloudId { customer, cloud_id, purpose, edition, first_admin })
        }
        ("close_tenant", InstallationEvent::CloudIdClosed { cloud_id }) => {
            plain(CustomerCommand::CloseTenant { cloud_id })
        }
        // Any other pair: the event follows from the command, or the name is of no command.
        _ => None,
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "a pair of a name and an event is looked up, not an event handled")]
fn app_use(event: &&Event) -> Option<AppUse> {
    match event {
        Event::Dashboard(DashboardEvent::AppUsed { account, app, at }) => {
            Some(AppUse { account: account.clone(), app: app.clone(), at: *at })
        }
        // Any other event of the entry is no use of an app.
        _ => None,
    }
}

/// The rights that a command named, each once: it has an event for every spelling of a member type that was held (rule: N2).
fn access_rights(all: &[&Event]) -> Vec<grantbook_events::AccessRight> {
    let mut rights: Vec<_> = all.iter().filter_map(access_right).collect();
    rights.dedup();
    rights
}

#[allow(clippy::wildcard_enum_match_arm, reason = "a pair of a name and an event is looked up, not an event handled")]
fn access_right(event: &&Event) -> Option<grantbook_events::AccessRight> {
    match event {
        Event::Object(ObjectEvent::AccessGranted { right, .. } | ObjectEvent::AccessRevoked { right, .. }) => {
            Some(*right)
        }
        // Any other event of the entry concerns no right on an object.
        _ => None,
    }
}

/// A change to what is now so.
fn became<T>(value: Option<T>) -> Change<T> {
    value.map_or(Change::Cleared, Change::Set)
}

#[allow(clippy::wildcard_enum_match_arm, reason = "a pair of a name and an event is looked up, not an event handled")]
fn joined(event: &&Event) -> Option<OrganisationName> {
    match event {
        Event::Organisation(OrganisationEvent::OrganisationMemberAdded { organisation, .. }) => {
            Some(organisation.clone())
        }
        // Any other event of the entry makes nobody a member.
        _ => None,
    }
}
/// What was said of a community's security: of a right that changed, all who were to have it were named.
#[allow(clippy::wildcard_enum_match_arm, reason = "events of one command are looked through, not handled")]
fn community_security(community: CommunityName, all: &[&Event]) -> CommunityCommand {
    let (mut group, mut wiki_creators, mut administrators, mut until) = (Change::Kept, None, None, None);
    for event in all {
        let Event::Community(event) = event else { continue };
        let (right, named) = match event {
            CommunityEvent::CommunityOpened { group: opened, .. } => {
                group = opened.clone().map_or(Change::Cleared, Change::Set);
                continue;
            }
            CommunityEvent::CommunityRightGranted { right, principal, until: end, .. } => {
                until = *end;
                (right, Some(principal.clone()))
            }
            CommunityEvent::CommunityRightRevoked { right, .. } => (right, None),
            // Any other event of a community is of another command.
            _ => continue,
        };
        let list = match right {
            CommunityRight::CreateWiki => &mut wiki_creators,
            CommunityRight::Administer => &mut administrators,
        };
        list.get_or_insert_with(Vec::new).extend(named);
    }
    CommunityCommand::SetCommunitySecurity { community, group, wiki_creators, administrators, until }
}
