//! Examples of events, by chapter. Only ever added to, at the end of a list.

use grantbook_events::{
    AccessRight, AccountId, Addressee, AdminOrigin, AppName, Audience, BadName, BookEvent, CapabilityName, Change,
    Client, CloudId, CommandName, CommunityEvent, CommunityName, CommunityRight, ContactCondition, ContactDetails,
    ContactEvent, ContactField, ContentAuthorityEvent, ContentRight, CredentialsEvent, CustomerName, DashboardEvent,
    Date, DeliveryFailure, Door, Edition, Event, EventKind, GroupEvent, GroupName, InstallationEvent, KeepingEvent,
    KeyId, Label, Licence, MailEvent, ModuleName, Notice, ObjectEvent, ObjectKind, ObjectPath, OperatorName,
    OrganisationEvent, OrganisationKind, OrganisationName, Position, Principal, ProductName, Purpose, QueryEvent,
    QueryName, ReadScope, ReadinessFinding, ReadinessProblem, RefusalCause, ResetEnd, ReviewDecision, ReviewEvent,
    ReviewItem, ReviewName, ReviewScope, RoleEvent, RoleName, RuleId, Sealed, SealedEmail, SecretVersion, SecuritySet,
    SeparationEvent, SeparationName, SessionEnd, Setting, SignInEvent, SignInPlane, SiteUrl, SubscriptionStatus,
    TenantEvent, TextSetting, Ticket, UserClass, Username, VisibilityAudience, VisibilityEvent, WebhookEvent,
    WebhookName,
};

use super::{SAMPLE_KEY, sample_at};

type Named = Result<Vec<Event>, BadName>;

/// A random number as the vault gives it: all 64 bits.
const SECRET: SecretVersion = SecretVersion(0xfedc_ba98_7654_3210);
/// 2026-11-21.
fn day() -> Date {
    Date::from_days(20_778)
}

pub(super) fn by_chapter() -> Result<[(&'static str, Vec<Event>); 20], BadName> {
    Ok([
        ("tenant", tenant()?),
        ("contact", contact()?),
        ("credentials", credentials()?),
        ("sign_in", sign_in()?),
        ("dashboard", dashboard()?),
        ("role", role()?),
        ("group", group()?),
        ("object", object()?),
        ("book", book()?),
        ("installation", installation()?),
        ("organisation", organisation()?),
        ("community", community()?),
        ("content_authority", content_authority()?),
        ("query", query()?),
        ("visibility", visibility()?),
        ("separation", separation()?),
        ("mail", mail()?),
        ("review", review()?),
        ("keeping", keeping()?),
        ("webhook", webhook()?),
    ])
}

fn jeff() -> Result<AccountId, BadName> {
    AccountId::new("jeff")
}

fn sealed(text: &str) -> Sealed {
    // Not sealed in truth: bytes that look like it, the same in every run.
    Sealed { key: SAMPLE_KEY, bytes: text.bytes().rev().chain(200..=227).collect() }
}

fn email(valid: bool) -> SealedEmail {
    SealedEmail { address: sealed("jeff@example.org"), valid }
}

fn tenant() -> Named {
    let created = |edition, first_admin| {
        let (cloud_id, customer) = (CloudId::new("abcimis")?, CustomerName::new("local")?);
        Ok::<_, BadName>(TenantEvent::TenantCreated { cloud_id, edition, customer, first_admin })
    };
    let app = || AppName::new("iemail-cloud");
    let events = [
        created(Edition::Cloud, Some(jeff()?))?,
        created(Edition::Edition2017, None)?,
        TenantEvent::LicenceRecorded { licence: Licence::ApiConnector, until: None },
        TenantEvent::LicenceRecorded { licence: Licence::GroupAdminPlus, until: Some(sample_at()) },
        TenantEvent::AppAdded { app: app()?, title: "iEmail \u{2601}".to_owned(), audience: Audience::Staff },
        TenantEvent::ModuleAdded { module: ModuleName::new("Customers")? },
        TenantEvent::SubscriptionRecorded { app: app()?, status: SubscriptionStatus::Trial, from: day(), until: None },
        TenantEvent::SubscriptionRecorded {
            app: app()?,
            status: SubscriptionStatus::Active,
            from: Date::from_days(-1),
            until: Some(sample_at().plus_days(365)),
        },
        TenantEvent::TenantClosed { cloud_id: CloudId::new("abcimis")? },
    ];
    Ok(events.map(Event::Tenant).into())
}

fn contact() -> Named {
    let all = ContactDetails {
        full_name: Change::Set(sealed("Jeff T.")),
        email: Change::Set(email(true)),
        member_type: Change::Set(Label::new("Regular Member")?),
        status: Change::Set(Label::new("Active")?),
        city: Change::Set(sealed("Z\u{fc}rich")),
        state: Change::Set(sealed("ZH")),
        country: Change::Set(sealed("Switzerland")),
        phone: Change::Set(sealed("+41 00 000 00 00")),
        picture: Change::Set(sealed("/pictures/jeff")),
    };
    let clear = ContactDetails { full_name: Change::Set(Sealed::clear("Jeff T.")), ..ContactDetails::KEPT };
    let changed = ContactDetails {
        full_name: Change::Kept,
        email: Change::Set(SealedEmail { address: Sealed::clear("no address"), valid: false }),
        member_type: Change::Cleared,
        status: Change::Cleared,
        city: Change::Cleared,
        state: Change::Cleared,
        country: Change::Cleared,
        phone: Change::Set(Sealed { key: KeyId(9), bytes: vec![0; 40] }),
        picture: Change::Cleared,
    };
    let events = [
        ContactEvent::ContactAdded { account: jeff()?, key: SAMPLE_KEY, details: Box::new(all) },
        ContactEvent::ContactAdded { account: jeff()?, key: KeyId::CLEAR, details: Box::new(clear) },
        ContactEvent::ContactAdded { account: jeff()?, key: KeyId(1), details: Box::new(ContactDetails::KEPT) },
        ContactEvent::ContactUpdated { account: jeff()?, details: Box::new(changed) },
        ContactEvent::AccountRemoved { account: jeff()? },
    ];
    Ok(events.map(Event::Contact).into())
}

fn credentials() -> Named {
    let account = jeff()?;
    let username = Username::new("Jeff.T")?;
    let clear = SealedEmail { address: Sealed::clear("jeff@example.org"), valid: true };
    let created = |user_class, email, must_change| CredentialsEvent::CredentialsCreated {
        account: account.clone(),
        username: username.clone(),
        user_class,
        email,
        secret: SECRET,
        must_change,
    };
    let account = || account.clone();
    let events = [
        created(UserClass::Full, Some(email(true)), true),
        created(UserClass::Public, None, false),
        created(UserClass::Casual, Some(clear), false),
        CredentialsEvent::UsernameChanged { account: account(), username: username.clone() },
        CredentialsEvent::CredentialEmailSet { account: account(), email: Some(email(false)) },
        CredentialsEvent::CredentialEmailSet { account: account(), email: None },
        CredentialsEvent::CredentialsDeleted { account: account() },
        CredentialsEvent::PasswordSet { account: account(), secret: SECRET, must_change: true },
        CredentialsEvent::PasswordChanged { account: account(), secret: SECRET },
        CredentialsEvent::ManagerPasswordRotated { account: AccountId::manager(), secret: SECRET },
        CredentialsEvent::CredentialsUnlocked { account: account() },
        CredentialsEvent::UserClassSet { account: account(), user_class: UserClass::Casual },
        CredentialsEvent::AccountDisabled { account: account() },
        CredentialsEvent::AccountEnabled { account: account() },
        CredentialsEvent::EffectiveDateSet { account: account(), date: Some(day()) },
        CredentialsEvent::EffectiveDateSet { account: account(), date: None },
        CredentialsEvent::ExpirationDateSet { account: account(), date: Some(day().plus_years(3)) },
        CredentialsEvent::ExpirationDateSet { account: account(), date: None },
        CredentialsEvent::SecondFactorEnrolled { account: account(), secret: SECRET },
        CredentialsEvent::SecondFactorConfirmed { account: account(), step: 59_824_380 },
        CredentialsEvent::SecondFactorReset { account: account() },
    ];
    Ok(events.map(Event::Credentials).into())
}

fn sign_in() -> Named {
    let (account, token, expires_at) = (jeff()?, SECRET, sample_at().plus_minutes(480));
    let signed_in = |plane, client, browser, expiration| SignInEvent::SignedIn {
        account: account.clone(),
        plane,
        client,
        browser,
        token,
        expires_at,
        expiration,
    };
    let account = || account.clone();
    let events = [
        signed_in(SignInPlane::Dashboard, Client::Browser, u64::MAX, Some(day().plus_years(3))),
        signed_in(SignInPlane::Platform, Client::Application, 0, None),
        SignInEvent::SignInRefused { account: account(), door: Door::Dashboard, because: RefusalCause::WrongPassword },
        SignInEvent::SignInsRefused { account: account(), count: 3, from: sample_at() },
        SignInEvent::CredentialsLocked { account: account(), until: Some(sample_at().plus_minutes(30)) },
        SignInEvent::CredentialsLocked { account: account(), until: None },
        SignInEvent::SessionEnded { account: account(), session: Position(12), because: SessionEnd::Superseded },
        SignInEvent::SecondFactorPassed { account: account(), step: 59_824_381 },
        SignInEvent::EnrolmentOpened {
            account: account(),
            plane: SignInPlane::Dashboard,
            client: Client::Browser,
            browser: 1,
            token,
            expires_at,
        },
        SignInEvent::SignInRefused { account: account(), door: Door::Platform, because: RefusalCause::WrongCode },
        SignInEvent::SessionEnded { account: account(), session: Position(13), because: SessionEnd::SecondFactorReset },
    ];
    Ok(events.map(Event::SignIn).into())
}

fn dashboard() -> Named {
    let account = jeff()?;
    let account = || account.clone();
    let app = AppName::new("datastation")?;
    let app = || app.clone();
    let events = [
        DashboardEvent::AdminAdded { account: account(), until: None, origin: AdminOrigin::FirstSignIn },
        DashboardEvent::AdminAdded { account: account(), until: Some(sample_at()), origin: AdminOrigin::AdminUser },
        DashboardEvent::AdminRemoved { account: account() },
        DashboardEvent::AppUserAssigned { account: account(), app: app(), until: None },
        DashboardEvent::AppUserAssigned { account: account(), app: app(), until: Some(sample_at()) },
        DashboardEvent::AppUserRemoved { account: account(), app: app() },
        DashboardEvent::AppUsed { account: account(), app: app(), at: sample_at().just_before() },
        DashboardEvent::BackgroundAccountSet { account: account(), secret: SECRET },
    ];
    Ok(events.map(Event::Dashboard).into())
}

fn role() -> Named {
    let account = jeff()?;
    let account = || account.clone();
    let role = RoleName::new("RemoteService")?;
    let role = || role.clone();
    let module = ModuleName::new("Customers")?;
    let new_name = Some(RoleName::new("Remote Service")?);
    let events = [
        RoleEvent::RoleCreated { role: role(), description: "May use the API".to_owned() },
        RoleEvent::RoleEdited { role: role(), new_name, description: None },
        RoleEvent::RoleEdited { role: role(), new_name: None, description: Some(String::new()) },
        RoleEvent::RoleDeleted { role: role() },
        RoleEvent::RoleAssigned { account: account(), role: role(), until: None },
        RoleEvent::RoleAssigned { account: account(), role: role(), until: Some(sample_at()) },
        RoleEvent::RoleRemoved { account: account(), role: role() },
        RoleEvent::LevelSet { account: account(), module: module.clone(), level: 8, until: None },
        RoleEvent::LevelSet { account: account(), module, level: 0, until: Some(sample_at()) },
    ];
    Ok(events.map(Event::Role).into())
}

fn group() -> Named {
    let account = jeff()?;
    let group = GroupName::new("Editors \u{e9}")?;
    let group = || group.clone();
    let product = ProductName::new("Field guide, 2nd edition")?;
    let product = || product.clone();
    let regular = ContactCondition::Is(ContactField::MemberType, Label::new("Regular Member")?);
    let unknown = ContactCondition::Not(Box::new(ContactCondition::Without(ContactField::Status)));
    let student = ContactCondition::Is(ContactField::MemberType, Label::new("Student")?);
    let condition = ContactCondition::All(vec![ContactCondition::Any(vec![regular, student]), unknown]);
    let events = [
        GroupEvent::GroupCreated { group: group(), description: String::new() },
        GroupEvent::GroupDeleted { group: group() },
        GroupEvent::GroupMemberAdded { group: group(), account: account.clone(), until: None },
        GroupEvent::GroupMemberAdded { group: group(), account: account.clone(), until: Some(sample_at()) },
        GroupEvent::GroupMemberRemoved { group: group(), account: account.clone() },
        GroupEvent::DynamicGroupDefined { group: group(), condition },
        GroupEvent::DynamicGroupRefreshed { group: group(), joined: 3, left: u32::MAX, remaining: 0 },
        GroupEvent::ProductRegistered { product: product(), group: Some(group()) },
        GroupEvent::ProductRegistered { product: product(), group: None },
        GroupEvent::ProductUnlinked { product: product(), group: group() },
        GroupEvent::PurchaseRecorded { product: product(), account: account.clone(), until: None },
        GroupEvent::PurchaseRecorded { product: product(), account, until: Some(sample_at()) },
    ];
    Ok(events.map(Event::Group).into())
}

fn object() -> Named {
    let object = ObjectPath::new("/site/pages/Home")?;
    let object = || object.clone();
    let granted = |principal, right, until| ObjectEvent::AccessGranted { object: object(), principal, right, until };
    let group = Principal::Group(GroupName::new("Editors")?);
    let events = [
        ObjectEvent::ObjectCreated { object: object(), kind: ObjectKind::Site, public: true, active: false },
        ObjectEvent::ObjectDeleted { object: object() },
        ObjectEvent::AccessSet { object: object(), set: SecuritySet::SysadminOnly },
        granted(group.clone(), AccessRight::FullControl, None),
        granted(Principal::Role(RoleName::new("SysAdmin")?), AccessRight::Read, Some(sample_at())),
        granted(Principal::Account(jeff()?), AccessRight::Add, None),
        granted(Principal::MemberType(Label::new("Regular")?), AccessRight::Edit, None),
        granted(Principal::Staff, AccessRight::Delete, None),
        ObjectEvent::AccessRevoked { object: object(), principal: group, right: AccessRight::Edit },
        ObjectEvent::AccessCleared { object: object() },
    ];
    Ok(events.map(Event::Object).into())
}

fn book() -> Named {
    let account = jeff()?;
    let account = || account.clone();
    let ticket = Ticket::new("T-1")?;
    let refused = |subject| {
        let (command, rule) = (CommandName::new("add_admin")?, RuleId::new("F9")?);
        Ok::<_, BadName>(BookEvent::CommandRefused { account: account(), command, subject, rule })
    };
    let events = [
        BookEvent::SettingChanged { setting: Setting::LockoutMinutes, value: 1_440 },
        refused(None)?,
        refused(Some(AccountId::new("erika")?))?,
        BookEvent::CommandsRefused { account: account(), count: u32::MAX, from: sample_at() },
        BookEvent::HistoryRead { account: Some(account()), scope: ReadScope::Views },
        BookEvent::HistoryRead { account: None, scope: ReadScope::Events },
        BookEvent::CorrectionRecorded { position: Position(7), corrected_by: None },
        BookEvent::CorrectionRecorded { position: Position(7), corrected_by: Some(Position(9)) },
        BookEvent::ImportStarted { ticket: ticket.clone(), continues: None },
        BookEvent::ImportStarted { ticket, continues: Some(Position(66_000)) },
        BookEvent::ImportFinished { started: Position(2), lines: 5_000_000_000, chain: SECRET.0, abandoned: false },
        BookEvent::NoticeOwed { account: account(), notice: Notice::AdminRestored },
        BookEvent::NoticeHandedOver { account: account(), owed: Position(31) },
        BookEvent::TextSettingChanged {
            setting: TextSetting::ResetEmailBody,
            value: "Hello {name},\n{link} works for {minutes} minutes.\n".to_owned(),
        },
        BookEvent::SettingChanged { setting: Setting::NotifyByMail, value: 0 },
        BookEvent::NoticeOwed { account: account(), notice: Notice::UsernameReminder },
        BookEvent::SettingChanged { setting: Setting::PublicEvidence, value: 1 },
    ];
    Ok(events.map(Event::Book).into())
}

fn mail() -> Named {
    let account = jeff()?;
    let account = || account.clone();
    let requested = Position(31);
    let not_handed_over = |because, given_up| MailEvent::MailNotHandedOver {
        account: account(),
        owed: requested,
        because,
        attempts: 4,
        given_up,
    };
    let events = [
        MailEvent::PasswordResetRequested {
            account: account(),
            site: ObjectPath::new("/public")?,
            token: SECRET,
            expires_at: sample_at(),
        },
        MailEvent::PasswordResetSent { account: account(), requested },
        MailEvent::PasswordResetCompleted { account: account(), requested },
        MailEvent::PasswordResetFailed { account: account(), requested, because: ResetEnd::Expired },
        MailEvent::PasswordResetFailed { account: account(), requested, because: ResetEnd::EmailChanged },
        MailEvent::PasswordResetsWithheld { account: account(), count: 66_000, from: sample_at() },
        MailEvent::ChangesTold { account: account(), through: Position(7), addressee: Addressee::Current },
        MailEvent::ChangesTold { account: account(), through: Position(7), addressee: Addressee::Former },
        not_handed_over(DeliveryFailure::NotReached, false),
        not_handed_over(DeliveryFailure::NotTaken, true),
    ];
    Ok(events.map(Event::Mail).into())
}

fn installation() -> Named {
    let operator = OperatorName::new("Ann Operator")?;
    let (cloud_id, customer) = (CloudId::new("abcimis")?, CustomerName::new("ABC Association")?);
    let url = || SiteUrl::new("https://abc.example:8443/members");
    let app = AppName::new("datastation")?;
    let subscribed = |status, until| InstallationEvent::CustomerSubscriptionRecorded {
        customer: customer.clone(),
        app: app.clone(),
        status,
        from: day(),
        until,
    };
    let finding = |status| ReadinessFinding {
        code: ReadinessProblem::Status,
        status,
        problem: "the answer has status 503".to_owned(),
        solution: "see that the site answers".to_owned(),
    };
    let events = [
        InstallationEvent::CloudIdAssigned { cloud_id: cloud_id.clone(), customer: customer.clone() },
        InstallationEvent::SupportTokenIssued { operator: operator.clone(), token: SECRET },
        InstallationEvent::SupportTokenRevoked { operator, token: SECRET },
        InstallationEvent::CustomerRegistered {
            customer: customer.clone(),
            key: SAMPLE_KEY,
            full_name: sealed("ABC Association of Cartographers"),
            contact_email: email(true),
        },
        subscribed(SubscriptionStatus::Demo, None),
        subscribed(SubscriptionStatus::Ended, Some(sample_at())),
        InstallationEvent::CloudIdRequested {
            customer: customer.clone(),
            purpose: Purpose::Production,
            requester_name: sealed("Bob S."),
            requester_email: email(true),
            organisation: Label::new("ABC Association of Cartographers")?,
            url: url()?,
            region: Label::new("europe")?,
        },
        InstallationEvent::ReadinessChecked {
            customer: customer.clone(),
            url: url()?,
            passed: true,
            findings: Vec::new(),
        },
        InstallationEvent::ReadinessChecked {
            customer,
            url: url()?,
            passed: false,
            findings: vec![finding(Some(503)), finding(None)],
        },
        InstallationEvent::CloudIdTermsRecorded {
            cloud_id: cloud_id.clone(),
            purpose: Purpose::Test,
            edition: Edition::Cloud,
            first_admin: Some(jeff()?),
            request: Some(Position(3)),
            check: Some(Position(4)),
        },
        InstallationEvent::CloudIdTermsRecorded {
            cloud_id: cloud_id.clone(),
            purpose: Purpose::Production,
            edition: Edition::Edition2017,
            first_admin: None,
            request: None,
            check: None,
        },
        InstallationEvent::CloudIdClosed { cloud_id },
    ];
    Ok(events.map(Event::from).into())
}

fn organisation() -> Named {
    let organisation = OrganisationName::new("Cargo Team")?;
    let organisation = || organisation.clone();
    let (account, position) = (jeff()?, Label::new("Treasurer")?);
    let created = |kind| OrganisationEvent::OrganisationCreated {
        organisation: organisation(),
        kind,
        full_name: "The Cargo Team".to_owned(),
    };
    let edited = |full_name: Option<&str>, description: Option<&str>| OrganisationEvent::OrganisationEdited {
        organisation: organisation(),
        full_name: full_name.map(str::to_owned),
        description: description.map(str::to_owned),
    };
    let added = |position, from, until| OrganisationEvent::OrganisationMemberAdded {
        organisation: organisation(),
        account: account.clone(),
        position,
        from,
        until,
    };
    let changed = |position, from, until| OrganisationEvent::OrganisationMemberEdited {
        organisation: organisation(),
        account: account.clone(),
        position,
        from,
        until,
    };
    let assigned = |until| OrganisationEvent::OrganisationAdminAssigned {
        organisation: organisation(),
        account: account.clone(),
        until,
    };
    let paid = |until| OrganisationEvent::ChapterPaymentRecorded {
        organisation: organisation(),
        account: account.clone(),
        until,
    };
    let events = [
        created(OrganisationKind::Company),
        created(OrganisationKind::Committee),
        created(OrganisationKind::ChapterFee),
        created(OrganisationKind::ChapterNonFee),
        edited(Some("Cargo"), None),
        edited(None, Some("Keeps\nthe books")),
        added(Some(position.clone()), Some(day()), Some(sample_at())),
        added(None, None, None),
        changed(Some(position), Some(day()), Some(sample_at())),
        changed(None, None, None),
        OrganisationEvent::OrganisationMemberRemoved { organisation: organisation(), account: account.clone() },
        assigned(Some(sample_at())),
        assigned(None),
        OrganisationEvent::OrganisationAdminRemoved { organisation: organisation(), account: account.clone() },
        paid(Some(sample_at())),
        paid(None),
    ];
    Ok(events.map(Event::Organisation).into())
}
fn community() -> Named {
    let community = CommunityName::new("Gardeners")?;
    let community = || community.clone();
    let group = GroupName::new("Editors")?;
    let granted = |right, principal, until| CommunityEvent::CommunityRightGranted {
        community: community(),
        right,
        principal,
        until,
    };
    let events = [
        CommunityEvent::CommunityCreated { community: community(), group: Some(group.clone()) },
        CommunityEvent::CommunityCreated { community: community(), group: None },
        CommunityEvent::CommunityOpened { community: community(), group: Some(group.clone()) },
        CommunityEvent::CommunityOpened { community: community(), group: None },
        CommunityEvent::CommunityClosed { community: community(), group: group.clone() },
        granted(CommunityRight::CreateWiki, Principal::Group(group), None),
        granted(CommunityRight::Administer, Principal::Account(jeff()?), Some(sample_at())),
        CommunityEvent::CommunityRightRevoked {
            community: community(),
            right: CommunityRight::Administer,
            principal: Principal::Account(jeff()?),
        },
    ];
    Ok(events.map(Event::Community).into())
}
fn content_authority() -> Named {
    use ContentAuthorityEvent as E;
    let group = GroupName::new("News editors")?;
    let group = || group.clone();
    let covers = vec![ObjectPath::new("/site/news")?, ObjectPath::new("/site/blog")?];
    let added = |rights, until| {
        Ok::<_, BadName>(E::ContentAuthorityMemberAdded { group: group(), account: jeff()?, rights, until })
    };
    let events = [
        E::ContentAuthorityGroupCreated { group: group(), master: true, covers },
        E::ContentAuthorityGroupCreated { group: group(), master: false, covers: Vec::new() },
        added(vec![ContentRight::Edit], None)?,
        added(ContentRight::ALL.to_vec(), Some(sample_at()))?,
        E::ContentAuthorityMemberRemoved { group: group(), account: jeff()? },
        E::ContentCoverageEnded { group: group(), object: ObjectPath::new("/site/news")? },
    ];
    Ok(events.map(Event::ContentAuthority).into())
}
fn separation() -> Named {
    let separation = || SeparationName::new("Keys and rooms");
    let (one, other) = (CapabilityName::new("roles.assign")?, CapabilityName::new("dashboard.manage_admins")?);
    let events = [
        SeparationEvent::SeparationDefined { separation: separation()?, one, other },
        SeparationEvent::SeparationRemoved { separation: separation()? },
    ];
    Ok(events.map(Event::Separation).into())
}

fn keeping() -> Named {
    let digest = "9f".repeat(32);
    let events = [
        KeepingEvent::LegalHoldPlaced { account: jeff()? },
        KeepingEvent::LegalHoldLifted { account: jeff()? },
        KeepingEvent::ContactErased { account: jeff()? },
        KeepingEvent::BackupTaken { entries: 1_000_000, digest: digest.clone() },
        KeepingEvent::StoreRestored { entries: 17, digest },
    ];
    Ok(events.map(Event::Keeping).into())
}

fn query() -> Named {
    let query = QueryName::new("All members")?;
    let query = || query.clone();
    let object = ObjectPath::new("/queries/All members")?;
    let created = |out_of_box| QueryEvent::QueryCreated {
        query: query(),
        object: object.clone(),
        out_of_box,
        via_api: true,
        personal_data: false,
        filtered_to_caller: !out_of_box,
    };
    let edited = |via_api, personal_data, filtered_to_caller| QueryEvent::QueryEdited {
        query: query(),
        via_api,
        personal_data,
        filtered_to_caller,
    };
    let events = [
        created(true),
        created(false),
        edited(Some(true), None, Some(false)),
        edited(None, Some(true), None),
        QueryEvent::QueryDeleted { query: query() },
    ];
    Ok(events.map(Event::Query).into())
}

fn visibility() -> Named {
    let is = |field, value| Ok::<_, BadName>(ContactCondition::Is(field, Label::new(value)?));
    let regular = is(ContactField::MemberType, "Regular")?;
    let lapsed = ContactCondition::Not(Box::new(is(ContactField::Status, "lapsed")?));
    let any = ContactCondition::Any(vec![regular.clone(), ContactCondition::Without(ContactField::MemberType)]);
    let defined = |audience, condition| VisibilityEvent::ContactVisibilityDefined { audience, condition };
    let events = [
        defined(VisibilityAudience::Everyone, regular),
        defined(VisibilityAudience::Authenticated, ContactCondition::All(Vec::new())),
        defined(VisibilityAudience::Members, ContactCondition::All(vec![any, lapsed])),
    ];
    Ok(events.map(Event::Visibility).into())
}

fn review() -> Named {
    use ReviewEvent as E;
    let review = |name| ReviewName::new(name);
    let opened = |scope, since_review| {
        Ok::<_, BadName>(E::ReviewOpened {
            review: review("Spring")?,
            scope,
            reviewers: vec![AccountId::new("sarah")?, AccountId::new("bob")?],
            due: sample_at(),
            since_review,
        })
    };
    let item = || ReviewItem::new("jeff/datastation");
    let on_object = || ReviewItem::new("group:News editors/edit");
    let decided = |decision| {
        let (review, item, account) = (review("Spring")?, item()?, Some(jeff()?));
        Ok::<_, BadName>(E::ReviewItemDecided { review, item, account, decision })
    };
    let events = [
        opened(ReviewScope::Apps, None)?,
        opened(ReviewScope::App(AppName::new("datastation")?), Some(review("Autumn")?))?,
        opened(ReviewScope::Role(RoleName::new("SysAdmin")?), None)?,
        opened(ReviewScope::Group(GroupName::new("Reporting")?), None)?,
        opened(ReviewScope::Admins, None)?,
        opened(ReviewScope::Object(ObjectPath::new("/site/news")?), None)?,
        decided(ReviewDecision::Keep)?,
        decided(ReviewDecision::Revoke)?,
        E::ReviewItemDecided {
            review: review("Spring")?,
            item: on_object()?,
            account: None,
            decision: ReviewDecision::Revoke,
        },
        E::ReviewRevocationWithheld {
            review: review("Spring")?,
            item: item()?,
            account: Some(jeff()?),
            rule: Some(RuleId::new("F9")?),
        },
        E::ReviewRevocationWithheld { review: review("Spring")?, item: on_object()?, account: None, rule: None },
        E::ReviewClosed { review: review("Spring")?, kept: 5, revoked: 2, withheld: 1, undecided: 300 },
    ];
    Ok(events.map(Event::from).into())
}

fn webhook() -> Named {
    use WebhookEvent as E;
    let webhook = || WebhookName::new("siem");
    let url = || SiteUrl::new("https://siem.example.org/in");
    let events = vec![EventKind::new("admin_added")?, EventKind::new("role_assigned")?];
    let given_up = |problem, status| {
        let (webhook, position, attempts) = (webhook()?, Position(17), 10);
        Ok::<_, BadName>(E::WebhookDeliveryGivenUp { webhook, position, attempts, problem, status })
    };
    let events = [
        E::WebhookAdded { webhook: webhook()?, url: url()?, events: Vec::new(), secret: SECRET },
        E::WebhookAdded { webhook: webhook()?, url: url()?, events, secret: SECRET },
        E::WebhookRemoved { webhook: webhook()? },
        E::WebhookFailing {
            webhook: webhook()?,
            position: Position(17),
            since: sample_at(),
            attempts: 12,
            problem: ReadinessProblem::Unreachable,
            status: None,
        },
        E::WebhookFailing {
            webhook: webhook()?,
            position: Position(18),
            since: sample_at(),
            attempts: 12,
            problem: ReadinessProblem::Status,
            status: Some(503),
        },
        E::WebhookRecovered { webhook: webhook()?, position: Position(17) },
        given_up(ReadinessProblem::Status, Some(500))?,
        given_up(ReadinessProblem::TooSlow, None)?,
        E::WebhookRedeliveryRequested { webhook: webhook()?, position: None },
        E::WebhookRedeliveryRequested { webhook: webhook()?, position: Some(Position(17)) },
        E::WebhookRedelivered { webhook: webhook()?, position: Position(17) },
    ];
    Ok(events.map(Event::Webhook).into())
}
