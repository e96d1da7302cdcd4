//! An entry decided again: its commands read back from its events, with what they had learnt from outside.

#![allow(clippy::wildcard_enum_match_arm, reason = "a pair of a name and an event is looked up, not an event handled")]

use grantbook_events::{
    AccessRight, AccountId, BookEvent, Change, CommandNote, CommunityEvent, CommunityName, CommunityRight,
    ContactEvent, ContentAuthorityEvent, CredentialsEvent, DashboardEvent, Event, GroupEvent, InstallationEvent,
    Instant, KeepingEvent, MailEvent, ObjectEvent, OrganisationEvent, OrganisationName, QueryEvent, ReviewEvent,
    RoleEvent, SecretVersion, SeparationEvent, SignInEvent, TenantEvent, VisibilityEvent, WebhookEvent,
};

use crate::case::{CodeCheck, Outside, PasswordCheck};
use crate::command::{
    AppUse, BookCommand, Command, CommunityCommand, ContactCommand, ContentAuthorityCommand, CredentialsCommand,
    CustomerCommand, DashboardCommand, GroupCommand, KeepingCommand, MailCommand, ObjectCommand, OrganisationCommand,
    PasswordShape, QueryCommand, ReviewCommand, RoleCommand, SeparationCommand, SupportCommand, VisibilityCommand,
    WebhookCommand,
};
use crate::readiness::Readiness;

/// A command, and what it had learnt from outside.
type Decided = (Command, Outside);

/// The command named by `note` whose outcome `events` are, with what it had learnt from outside. `None` for what is no
/// command: sign-ins and acts of the system.
pub fn command_of(note: &CommandNote, events: &[&Event]) -> Option<Decided> {
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

/// What the command called `name` was, where `event` tells it. Each family of events knows its own; for any other pair the event
/// follows from the command, or the name is of no command.
fn from_event(name: &str, event: &Event, all: &[&Event]) -> Option<Decided> {
    match event.clone() {
        Event::Contact(event) => of_contact(name, event, all),
        Event::Credentials(event) => of_credentials(name, event, all),
        Event::SignIn(event) => of_sign_in(name, event, all),
        Event::Dashboard(event) => of_dashboard(name, event, all),
        Event::Role(event) => of_role(name, event, all),
        Event::Group(event) => of_group(name, event),
        Event::Community(event) => of_community(name, event, all),
        Event::Object(event) => of_object(name, event, all),
        Event::Organisation(event) => of_organisation(name, event),
        Event::ContentAuthority(event) => of_content_authority(name, event),
        Event::Query(event) => of_query(name, event),
        Event::Visibility(event) => of_visibility(name, event),
        Event::Book(event) => of_book(name, event),
        Event::Mail(event) => of_mail(name, event),
        Event::Separation(event) => of_separation(name, event),
        Event::Webhook(event) => of_webhook(name, event),
        Event::Keeping(event) => of_keeping(name, event),
        Event::Review(event) => of_review(name, *event),
        Event::Tenant(event) => of_tenant(name, event),
        Event::Installation(event) => of_installation(name, *event, all),
    }
}

/// A command that learnt nothing from outside.
fn plain(command: Command) -> Option<Decided> {
    Some((command, Outside::default()))
}

/// A command that set a password.
fn set(command: Command, secret: SecretVersion) -> Option<Decided> {
    let new_password = Some((PasswordShape::ACCEPTED, secret));
    Some((command, Outside { new_password, ..Outside::default() }))
}

/// A system administrator is made by whatever was missing for it, all to the same end.
fn made_administrator(account: AccountId, all: &[&Event]) -> Option<Decided> {
    let until = all.iter().find_map(granted_until);
    plain(Command::Role(RoleCommand::MakeSystemAdministrator { account, until }))
}

fn of_contact(name: &str, event: ContactEvent, all: &[&Event]) -> Option<Decided> {
    match (name, event) {
        ("add_contact", ContactEvent::ContactAdded { account, details, .. }) => {
            let organisation = all.iter().find_map(joined);
            plain(Command::Contact(ContactCommand::AddContact { account, details, organisation }))
        }
        ("update_contact", ContactEvent::ContactUpdated { account, details }) => {
            plain(Command::Contact(ContactCommand::UpdateContact { account, details }))
        }
        ("remove_account", ContactEvent::AccountRemoved { account }) => {
            plain(Command::Contact(ContactCommand::RemoveAccount { account }))
        }
        _ => None,
    }
}

fn of_credentials(name: &str, event: CredentialsEvent, all: &[&Event]) -> Option<Decided> {
    match (name, event) {
        (
            "create_credentials",
            CredentialsEvent::CredentialsCreated { account, username, user_class, email, secret, .. },
        ) => set(
            Command::Credentials(CredentialsCommand::CreateCredentials { account, username, user_class, email }),
            secret,
        ),
        ("change_username", CredentialsEvent::UsernameChanged { account, username }) => {
            plain(Command::Credentials(CredentialsCommand::ChangeUsername { account, username }))
        }
        ("set_credential_email", CredentialsEvent::CredentialEmailSet { account, email }) => {
            plain(Command::Credentials(CredentialsCommand::SetCredentialEmail { account, email }))
        }
        ("delete_credentials", CredentialsEvent::CredentialsDeleted { account }) => {
            plain(Command::Credentials(CredentialsCommand::DeleteCredentials { account }))
        }
        ("set_password", CredentialsEvent::PasswordSet { account, secret, .. }) => {
            set(Command::Credentials(CredentialsCommand::SetPassword { account }), secret)
        }
        ("change_own_password", CredentialsEvent::PasswordChanged { secret, .. }) => {
            let (command, outside) = set(Command::Credentials(CredentialsCommand::ChangeOwnPassword), secret)?;
            let (check, code) = (Some(PasswordCheck::Matched), all.iter().find_map(passed));
            Some((command, Outside { check, code, ..outside }))
        }
        ("unlock_credentials", CredentialsEvent::CredentialsUnlocked { account }) => {
            plain(Command::Credentials(CredentialsCommand::UnlockCredentials { account }))
        }
        ("set_user_class", CredentialsEvent::UserClassSet { account, user_class }) => {
            plain(Command::Credentials(CredentialsCommand::SetUserClass { account, user_class }))
        }
        ("disable_account", CredentialsEvent::AccountDisabled { account }) => {
            plain(Command::Credentials(CredentialsCommand::DisableAccount { account }))
        }
        ("enable_account", CredentialsEvent::AccountEnabled { account }) => {
            plain(Command::Credentials(CredentialsCommand::EnableAccount { account }))
        }
        ("set_effective_date", CredentialsEvent::EffectiveDateSet { account, date }) => {
            plain(Command::Credentials(CredentialsCommand::SetEffectiveDate { account, date }))
        }
        ("set_expiration_date", CredentialsEvent::ExpirationDateSet { account, date }) => {
            plain(Command::Credentials(CredentialsCommand::SetExpirationDate { account, date }))
        }
        ("enrol_second_factor", CredentialsEvent::SecondFactorEnrolled { secret, .. }) => {
            let outside = Outside { seed: Some(secret), ..Outside::default() };
            Some((Command::Credentials(CredentialsCommand::EnrolSecondFactor), outside))
        }
        ("confirm_second_factor", CredentialsEvent::SecondFactorConfirmed { step, .. }) => {
            let outside = Outside { code: Some(CodeCheck::Matched { step }), ..Outside::default() };
            Some((Command::Credentials(CredentialsCommand::ConfirmSecondFactor), outside))
        }
        ("reset_second_factor", CredentialsEvent::SecondFactorReset { account }) => {
            plain(Command::Credentials(CredentialsCommand::ResetSecondFactor { account }))
        }
        ("make_system_administrator", CredentialsEvent::UserClassSet { account, .. }) => {
            made_administrator(account, all)
        }
        ("rotate_manager_password", CredentialsEvent::ManagerPasswordRotated { secret, .. }) => {
            set(Command::Support(SupportCommand::RotateManagerPassword), secret)
        }
        ("unlock_manager", CredentialsEvent::CredentialsUnlocked { .. }) => {
            plain(Command::Support(SupportCommand::UnlockManager))
        }
        _ => None,
    }
}

fn of_sign_in(name: &str, event: SignInEvent, all: &[&Event]) -> Option<Decided> {
    match (name, event) {
        ("end_session", SignInEvent::SessionEnded { session, account, .. }) => {
            // Several were all that the account had.
            let (session, account) = if all.len() > 1 { (None, Some(account)) } else { (Some(session), None) };
            plain(Command::Credentials(CredentialsCommand::EndSession { session, account }))
        }
        _ => None,
    }
}

fn of_dashboard(name: &str, event: DashboardEvent, all: &[&Event]) -> Option<Decided> {
    match (name, event) {
        ("add_admin", DashboardEvent::AdminAdded { account, until, .. }) => {
            plain(Command::Dashboard(DashboardCommand::AddAdmin { account, until }))
        }
        ("remove_admin", DashboardEvent::AdminRemoved { account }) => {
            plain(Command::Dashboard(DashboardCommand::RemoveAdmin { account }))
        }
        ("assign_app_user", DashboardEvent::AppUserAssigned { account, app, until }) => {
            plain(Command::Dashboard(DashboardCommand::AssignAppUser { account, app, until }))
        }
        ("remove_app_user", DashboardEvent::AppUserRemoved { account, app }) => {
            plain(Command::Dashboard(DashboardCommand::RemoveAppUser { account, app }))
        }
        ("record_app_use", DashboardEvent::AppUsed { .. }) => {
            plain(Command::Dashboard(DashboardCommand::RecordAppUse { uses: all.iter().filter_map(app_use).collect() }))
        }
        ("set_background_account", DashboardEvent::BackgroundAccountSet { account, .. }) => {
            let command = Command::Dashboard(DashboardCommand::SetBackgroundAccount { account });
            Some((command, Outside { check: Some(PasswordCheck::Matched), ..Outside::default() }))
        }
        ("restore_admin", DashboardEvent::AdminAdded { account, until, .. }) => {
            plain(Command::Support(SupportCommand::RestoreAdmin { account, until }))
        }
        _ => None,
    }
}

fn of_role(name: &str, event: RoleEvent, all: &[&Event]) -> Option<Decided> {
    match (name, event) {
        ("create_role", RoleEvent::RoleCreated { role, description }) => {
            plain(Command::Role(RoleCommand::CreateRole { role, description }))
        }
        ("edit_role", RoleEvent::RoleEdited { role, new_name, description }) => {
            plain(Command::Role(RoleCommand::EditRole { role, new_name, description }))
        }
        ("delete_role", RoleEvent::RoleDeleted { role }) => plain(Command::Role(RoleCommand::DeleteRole { role })),
        ("assign_role", RoleEvent::RoleAssigned { account, role, until }) => {
            plain(Command::Role(RoleCommand::AssignRole { account, role, until }))
        }
        ("remove_role", RoleEvent::RoleRemoved { account, role }) => {
            plain(Command::Role(RoleCommand::RemoveRole { account, role }))
        }
        ("set_level", RoleEvent::LevelSet { account, module, level, until }) => {
            plain(Command::Role(RoleCommand::SetLevel { account, module, level, until }))
        }
        (
            "make_system_administrator",
            RoleEvent::RoleAssigned { account, .. } | RoleEvent::LevelSet { account, .. },
        ) => made_administrator(account, all),
        _ => None,
    }
}

fn of_group(name: &str, event: GroupEvent) -> Option<Decided> {
    match (name, event) {
        ("create_group", GroupEvent::GroupCreated { group, description }) => {
            plain(Command::Group(GroupCommand::CreateGroup { group, description }))
        }
        ("delete_group", GroupEvent::GroupDeleted { group }) => {
            plain(Command::Group(GroupCommand::DeleteGroup { group }))
        }
        ("add_group_member", GroupEvent::GroupMemberAdded { group, account, until }) => {
            plain(Command::Group(GroupCommand::AddGroupMember { group, account, until }))
        }
        ("remove_group_member", GroupEvent::GroupMemberRemoved { group, account }) => {
            plain(Command::Group(GroupCommand::RemoveGroupMember { group, account }))
        }
        ("define_dynamic_group", GroupEvent::DynamicGroupDefined { group, condition }) => {
            plain(Command::Group(GroupCommand::DefineDynamicGroup { group, condition }))
        }
        ("refresh_dynamic_group", GroupEvent::DynamicGroupRefreshed { group, .. }) => {
            plain(Command::Group(GroupCommand::RefreshDynamicGroup { group }))
        }
        ("register_product", GroupEvent::ProductRegistered { product, group }) => {
            plain(Command::Group(GroupCommand::RegisterProduct { product, group }))
        }
        ("record_purchase", GroupEvent::PurchaseRecorded { product, account, until }) => {
            plain(Command::Group(GroupCommand::RecordPurchase { product, account, until }))
        }
        _ => None,
    }
}

fn of_community(name: &str, event: CommunityEvent, all: &[&Event]) -> Option<Decided> {
    match (name, event) {
        ("create_community", CommunityEvent::CommunityCreated { community, group }) => {
            plain(Command::Community(CommunityCommand::CreateCommunity { community, group }))
        }
        (
            "set_community_security",
            CommunityEvent::CommunityOpened { community, .. }
            | CommunityEvent::CommunityRightGranted { community, .. }
            | CommunityEvent::CommunityRightRevoked { community, .. },
        ) => plain(Command::Community(community_security(community, all))),
        _ => None,
    }
}

fn of_object(name: &str, event: ObjectEvent, all: &[&Event]) -> Option<Decided> {
    match (name, event) {
        ("create_object", ObjectEvent::ObjectCreated { object, kind, public, active }) => {
            plain(Command::Object(ObjectCommand::CreateObject { object, kind, public, active }))
        }
        ("delete_object", ObjectEvent::ObjectDeleted { object }) => {
            plain(Command::Object(ObjectCommand::DeleteObject { object }))
        }
        ("set_access", ObjectEvent::AccessSet { object, set }) => {
            plain(Command::Object(ObjectCommand::SetAccess { object, set }))
        }
        ("grant_access", ObjectEvent::AccessGranted { object, principal, until, .. }) => {
            let rights = access_rights(all);
            plain(Command::Object(ObjectCommand::GrantAccess { object, principal, rights, until }))
        }
        ("revoke_access", ObjectEvent::AccessRevoked { object, principal, .. }) => {
            let rights = access_rights(all);
            plain(Command::Object(ObjectCommand::RevokeAccess { object, principal, rights }))
        }
        ("clear_access", ObjectEvent::AccessCleared { object }) => {
            plain(Command::Object(ObjectCommand::ClearAccess { object }))
        }
        _ => None,
    }
}

fn of_organisation(name: &str, event: OrganisationEvent) -> Option<Decided> {
    match (name, event) {
        ("create_organisation", OrganisationEvent::OrganisationCreated { organisation, kind, full_name }) => {
            plain(Command::Organisation(OrganisationCommand::CreateOrganisation { organisation, kind, full_name }))
        }
        ("edit_organisation", OrganisationEvent::OrganisationEdited { organisation, full_name, description }) => {
            plain(Command::Organisation(OrganisationCommand::EditOrganisation { organisation, full_name, description }))
        }
        (
            "add_organisation_member",
            OrganisationEvent::OrganisationMemberAdded { organisation, account, position, from, until },
        ) => plain(Command::Organisation(OrganisationCommand::AddOrganisationMember {
            organisation,
            account,
            position,
            from,
            until,
        })),
        (
            "edit_organisation_member",
            OrganisationEvent::OrganisationMemberEdited { organisation, account, position, from, until },
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
        ("remove_organisation_member", OrganisationEvent::OrganisationMemberRemoved { organisation, account }) => {
            plain(Command::Organisation(OrganisationCommand::RemoveOrganisationMember { organisation, account }))
        }
        ("join_organisation", OrganisationEvent::OrganisationMemberAdded { organisation, .. }) => {
            plain(Command::Organisation(OrganisationCommand::JoinOrganisation { organisation }))
        }
        (
            "assign_organisation_admin",
            OrganisationEvent::OrganisationAdminAssigned { organisation, account, until },
        ) => {
            plain(Command::Organisation(OrganisationCommand::AssignOrganisationAdmin { organisation, account, until }))
        }
        ("remove_organisation_admin", OrganisationEvent::OrganisationAdminRemoved { organisation, account }) => {
            plain(Command::Organisation(OrganisationCommand::RemoveOrganisationAdmin { organisation, account }))
        }
        ("record_chapter_payment", OrganisationEvent::ChapterPaymentRecorded { organisation, account, until }) => {
            plain(Command::Organisation(OrganisationCommand::RecordChapterPayment { organisation, account, until }))
        }
        _ => None,
    }
}

fn of_content_authority(name: &str, event: ContentAuthorityEvent) -> Option<Decided> {
    match (name, event) {
        (
            "create_content_authority_group",
            ContentAuthorityEvent::ContentAuthorityGroupCreated { group, master, covers },
        ) => plain(Command::ContentAuthority(ContentAuthorityCommand::CreateGroup { group, master, covers })),
        (
            "add_content_authority_member",
            ContentAuthorityEvent::ContentAuthorityMemberAdded { group, account, rights, until },
        ) => plain(Command::ContentAuthority(ContentAuthorityCommand::AddMember { group, account, rights, until })),
        (
            "remove_content_authority_member",
            ContentAuthorityEvent::ContentAuthorityMemberRemoved { group, account },
        ) => plain(Command::ContentAuthority(ContentAuthorityCommand::RemoveMember { group, account })),
        _ => None,
    }
}

fn of_query(name: &str, event: QueryEvent) -> Option<Decided> {
    match (name, event) {
        (
            "create_query",
            QueryEvent::QueryCreated { query, object: _, out_of_box, via_api, personal_data, filtered_to_caller },
        ) => plain(Command::Query(QueryCommand::CreateQuery {
            query,
            out_of_box,
            via_api,
            personal_data,
            filtered_to_caller,
        })),
        ("edit_query", QueryEvent::QueryEdited { query, via_api, personal_data, filtered_to_caller }) => {
            plain(Command::Query(QueryCommand::EditQuery { query, via_api, personal_data, filtered_to_caller }))
        }
        _ => None,
    }
}

fn of_visibility(name: &str, event: VisibilityEvent) -> Option<Decided> {
    match (name, event) {
        ("define_contact_visibility", VisibilityEvent::ContactVisibilityDefined { audience, condition }) => {
            plain(Command::Visibility(VisibilityCommand::DefineContactVisibility { audience, condition }))
        }
        _ => None,
    }
}

fn of_book(name: &str, event: BookEvent) -> Option<Decided> {
    match (name, event) {
        ("set_setting", BookEvent::SettingChanged { setting, value }) => {
            plain(Command::Book(BookCommand::SetSetting { setting, value }))
        }
        ("set_setting", BookEvent::TextSettingChanged { setting, value }) => {
            plain(Command::Book(BookCommand::SetTextSetting { setting, value }))
        }
        ("record_correction", BookEvent::CorrectionRecorded { position, corrected_by }) => {
            plain(Command::Book(BookCommand::RecordCorrection { position, corrected_by }))
        }
        _ => None,
    }
}

fn of_mail(name: &str, event: MailEvent) -> Option<Decided> {
    match (name, event) {
        ("send_password_reset", MailEvent::PasswordResetRequested { account, site, token, .. }) => {
            let command = Command::Mail(MailCommand::SendPasswordReset { account, site });
            Some((command, Outside { token: Some(token), ..Outside::default() }))
        }
        _ => None,
    }
}

fn of_separation(name: &str, event: SeparationEvent) -> Option<Decided> {
    match (name, event) {
        ("define_separation", SeparationEvent::SeparationDefined { separation, one, other }) => {
            plain(Command::Separation(SeparationCommand::DefineSeparation { separation, one, other }))
        }
        ("remove_separation", SeparationEvent::SeparationRemoved { separation }) => {
            plain(Command::Separation(SeparationCommand::RemoveSeparation { separation }))
        }
        _ => None,
    }
}

fn of_webhook(name: &str, event: WebhookEvent) -> Option<Decided> {
    match (name, event) {
        ("add_webhook", WebhookEvent::WebhookAdded { webhook, url, events, secret }) => {
            let command = Command::Webhook(WebhookCommand::AddWebhook { webhook, url, events });
            Some((command, Outside { webhook: Some(secret), ..Outside::default() }))
        }
        ("remove_webhook", WebhookEvent::WebhookRemoved { webhook }) => {
            plain(Command::Webhook(WebhookCommand::RemoveWebhook { webhook }))
        }
        ("redeliver_webhook", WebhookEvent::WebhookRedeliveryRequested { webhook, position }) => {
            plain(Command::Webhook(WebhookCommand::RedeliverWebhook { webhook, position }))
        }
        _ => None,
    }
}

fn of_keeping(name: &str, event: KeepingEvent) -> Option<Decided> {
    match (name, event) {
        ("erase_contact", KeepingEvent::ContactErased { account }) => {
            plain(Command::Keeping(KeepingCommand::EraseContact { account }))
        }
        ("place_legal_hold", KeepingEvent::LegalHoldPlaced { account }) => {
            plain(Command::Keeping(KeepingCommand::PlaceLegalHold { account }))
        }
        ("lift_legal_hold", KeepingEvent::LegalHoldLifted { account }) => {
            plain(Command::Keeping(KeepingCommand::LiftLegalHold { account }))
        }
        _ => None,
    }
}

fn of_review(name: &str, event: ReviewEvent) -> Option<Decided> {
    match (name, event) {
        ("open_review", ReviewEvent::ReviewOpened { review, scope, reviewers, due, since_review }) => {
            plain(Command::Review(ReviewCommand::OpenReview { review, scope, reviewers, due, since_review }))
        }
        ("decide_review_item", ReviewEvent::ReviewItemDecided { review, item, account: _, decision }) => {
            plain(Command::Review(ReviewCommand::DecideReviewItem { review, item, decision }))
        }
        ("close_review", ReviewEvent::ReviewClosed { review, .. }) => {
            plain(Command::Review(ReviewCommand::CloseReview { review }))
        }
        _ => None,
    }
}

fn of_tenant(name: &str, event: TenantEvent) -> Option<Decided> {
    match (name, event) {
        ("record_subscription", TenantEvent::SubscriptionRecorded { app, status, from, until }) => {
            plain(Command::Support(SupportCommand::RecordSubscription { customer: None, app, status, from, until }))
        }
        ("record_licence", TenantEvent::LicenceRecorded { licence, until }) => {
            plain(Command::Support(SupportCommand::RecordLicence { licence, until }))
        }
        ("add_app", TenantEvent::AppAdded { app, title, audience }) => {
            plain(Command::Support(SupportCommand::AddApp { app, title, audience }))
        }
        ("add_module", TenantEvent::ModuleAdded { module }) => {
            plain(Command::Support(SupportCommand::AddModule { module }))
        }
        ("close_tenant", TenantEvent::TenantClosed { cloud_id }) => {
            plain(Command::Customer(CustomerCommand::CloseTenant { cloud_id }))
        }
        _ => None,
    }
}

/// Of the installation's own ledger.
fn of_installation(name: &str, event: InstallationEvent, all: &[&Event]) -> Option<Decided> {
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
                Event::Installation(event) => match &**event {
                    InstallationEvent::CloudIdAssigned { customer, .. } => Some(customer.clone()),
                    // Any other event of the entry does not say whom it was given to.
                    _ => None,
                },
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
fn access_rights(all: &[&Event]) -> Vec<AccessRight> {
    let mut rights: Vec<_> = all.iter().filter_map(access_right).collect();
    rights.dedup();
    rights
}

fn access_right(event: &&Event) -> Option<AccessRight> {
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
