//! Everything that can be asked for, and what each needs. The table is the rulebook's, row by row.

use grantbook_events::{AccessRight, CommunityRight, ContentRight, VisibilityAudience};
use grantbook_projections::SystemRole;

use crate::areas::{
    CAMPAIGNS_FULL, CAMPAIGNS_READ, CAMPAIGNS_WORK, CERTIFICATION_MAILS, PROCESS_ADD, PROCESS_FULL, PROCESS_OWNERS,
    PROCESS_READ, PROCESS_WORK, QUERY_INTEGRATION, RFM_FULL, RFM_READ, RFM_WORK, SEGMENTATION_FULL, SEGMENTATION_READ,
    SEGMENTATION_WORK, SITE_WORK,
};
use crate::condition::Condition::{self, All, Any, Is};
use crate::fact::Fact;
use crate::organisations as organisation;

/// The account is usable.
pub(crate) const USABLE: Condition = Condition::Usable;

/// A guest, or an account that is usable.
const NOT_SHUT_OUT: Condition = Condition::NotShutOut;

/// A system administrator (rule: G9).
pub(crate) const SYSADMIN: Condition = All(&[Is(Fact::Role(SystemRole::SysAdmin)), USABLE]);

/// Staff, system administrators included (rule: S1).
pub(crate) const STAFF: Condition = All(&[Is(Fact::Full), USABLE]);

/// An effective Admin User (rules: F5, F7).
pub(crate) const ADMIN: Condition = Any(&[
    All(&[Is(Fact::AdminListed), Is(Fact::Full), USABLE, Is(Fact::Role(SystemRole::RemoteService))]),
    All(&[Is(Fact::Edition2017), Is(Fact::Manager), USABLE]),
]);

/// Whoever reaches the reports area (rule: X1).
pub(crate) const REPORTING: Condition = Any(&[All(&[Is(Fact::Member("Reporting")), USABLE]), SYSADMIN]);

/// Staff with Customers 4 or more (rule: L2).
const CUSTOMERS_4: Condition = All(&[Is(Fact::Level("Customers", 4)), Is(Fact::Full), USABLE]);

/// Staff reach the dashboard and its apps by RemoteService, others without it; MANAGER in edition 2017 alone (rules: A5, F7,
/// M1, R1).
const REACHES_DASHBOARD: Condition = Any(&[
    All(&[Is(Fact::Edition2017), Is(Fact::Manager)]),
    All(&[Is(Fact::NotManager), Any(&[Is(Fact::Role(SystemRole::RemoteService)), Is(Fact::NotFull)])]),
]);
/// Whoever signs in to the dashboard.
const DASHBOARD: Condition = All(&[USABLE, REACHES_DASHBOARD]);

const OBJECT_READ: Condition = Any(&[All(&[Is(Fact::Access(AccessRight::Read)), NOT_SHUT_OUT]), SYSADMIN]);
const OBJECT_ADD: Condition = Any(&[All(&[Is(Fact::Access(AccessRight::Add)), NOT_SHUT_OUT]), SYSADMIN]);
const OBJECT_EDIT: Condition = Any(&[All(&[Is(Fact::Access(AccessRight::Edit)), NOT_SHUT_OUT]), SYSADMIN]);
const OBJECT_DELETE: Condition = Any(&[All(&[Is(Fact::Access(AccessRight::Delete)), NOT_SHUT_OUT]), SYSADMIN]);
const OBJECT_FULL: Condition = Any(&[All(&[Is(Fact::Access(AccessRight::FullControl)), NOT_SHUT_OUT]), SYSADMIN]);

/// Whoever administers a community: those who were named, and system administrators (rule: X5).
const COMMUNITY_ADMINISTER: Condition =
    Any(&[All(&[Is(Fact::CommunityRight(CommunityRight::Administer)), USABLE]), SYSADMIN]);
const COMMUNITY_READ: Condition = Any(&[All(&[Is(Fact::CommunityOpen), USABLE]), COMMUNITY_ADMINISTER]);
/// Wikis are created by whoever was named for it and is let in.
const COMMUNITY_CREATE_WIKI: Condition = Any(&[
    All(&[Is(Fact::CommunityRight(CommunityRight::CreateWiki)), Is(Fact::CommunityOpen), USABLE]),
    COMMUNITY_ADMINISTER,
]);
const CONTENT_READ: Condition = Any(&[All(&[Is(Fact::Content(ContentRight::Read)), USABLE]), SYSADMIN]);
const CONTENT_CREATE: Condition = Any(&[All(&[Is(Fact::Content(ContentRight::Create)), USABLE]), SYSADMIN]);
const CONTENT_EDIT: Condition = Any(&[All(&[Is(Fact::Content(ContentRight::Edit)), USABLE]), SYSADMIN]);
const CONTENT_PUBLISH: Condition = Any(&[All(&[Is(Fact::Content(ContentRight::Publish)), USABLE]), SYSADMIN]);
const CONTENT_DELETE: Condition = Any(&[All(&[Is(Fact::Content(ContentRight::Delete)), USABLE]), SYSADMIN]);

/// What a capability is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnKind {
    /// Nothing in particular.
    Nothing,
    /// An account.
    Account,
    /// An app.
    App,
    /// An object.
    Object,
    /// An organisation.
    Organisation,
    /// A community.
    Community,
    /// A query: to the question the object that it is.
    Query,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Right {
    pub(crate) name: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) on: OnKind,
    pub(crate) words: &'static str,
    pub(crate) needs: Condition,
}

/// The table of capabilities: each stated once. A macro, because it must define the enum beside its rows.
macro_rules! capabilities {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal, $rule:literal, $on:ident, $words:literal, $needs:expr; )*) => {
        /// Something that can be asked for with `do`.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Capability {
            $( #[doc = $words] $variant, )*
        }

        impl Capability {
            /// Every capability, in the order of the table.
            pub const ALL: &'static [Capability] = &[ $( Capability::$variant, )* ];

            /// Its row of the table.
            pub(crate) fn right(self) -> &'static Right {
                match self {
                    $( Capability::$variant => {
                        const RIGHT: Right =
                            Right { name: $name, rule: $rule, on: OnKind::$on, words: $words, needs: $needs };
                        &RIGHT
                    } )*
                }
            }
        }
    };
}

capabilities! {
    DashboardSignIn = "dashboard.sign_in", "A5", Nothing, "sign in to the dashboard", DASHBOARD;
    DashboardViewSubscriptions = "dashboard.view_subscriptions", "F10", Nothing, "view subscriptions", ADMIN;
    DashboardManageAdmins = "dashboard.manage_admins", "F9", Nothing, "add and remove Admin Users", ADMIN;
    DashboardManageAppUsers = "dashboard.manage_app_users", "A3", Nothing, "assign and remove App Users", ADMIN;
    DashboardUpdateBackgroundAccount =
        "dashboard.update_background_account", "B5", Nothing, "set the Background Account", ADMIN;
    AppUse = "app.use", "A4", App, "use an app", All(&[
        Is(Fact::AppAssigned),
        Is(Fact::AppLicensed),
        USABLE,
        Any(&[Is(Fact::AppForAnyone), Is(Fact::Full)]),
        REACHES_DASHBOARD,
    ]);
    AppReportUse =
        "app.report_use", "A9", Nothing, "report the use of apps", All(&[Is(Fact::BackgroundAccount), USABLE]);
    CredentialsCreate = "credentials.create", "C3", Account, "create credentials", Any(&[
        SYSADMIN,
        All(&[
            Is(Fact::Level("Customers", 4)),
            Is(Fact::Full),
            USABLE,
            Is(Fact::TargetHoldsNothing),
            Is(Fact::TargetNotLeftDisabled),
        ]),
    ]);
    CredentialsRename = "credentials.rename", "C3", Account, "change a username",
        All(&[SYSADMIN, Is(Fact::TargetNotManager)]);
    CredentialsDelete = "credentials.delete", "C3", Account, "delete credentials",
        All(&[SYSADMIN, Is(Fact::TargetNotManager)]);
    CredentialsUnlock = "credentials.unlock", "C7", Account, "unlock credentials", Any(&[
        All(&[SYSADMIN, Is(Fact::TargetNotSelf)]),
        All(&[CUSTOMERS_4, Is(Fact::TargetNotSelf), Is(Fact::TargetNotStaff)]),
    ]);
    CredentialsSetPassword = "credentials.set_password", "C7", Account, "set somebody's password", All(&[
        Any(&[SYSADMIN, All(&[CUSTOMERS_4, Is(Fact::TargetNotStaff)])]),
        Is(Fact::TargetNotSelf),
        Is(Fact::TargetNotManager),
    ]);
    CredentialsChangeOwnPassword = "credentials.change_own_password", "C16", Account, "change one's own password",
        All(&[Is(Fact::TargetSelf), USABLE, Is(Fact::TargetNotManager)]);
    CredentialsEnrolSecondFactor = "credentials.enrol_second_factor", "S6", Account, "enrol a second factor",
        All(&[Is(Fact::TargetSelf), USABLE]);
    CredentialsResetSecondFactor = "credentials.reset_second_factor", "S6", Account, "reset somebody's second factor",
        All(&[SYSADMIN, Is(Fact::TargetNotSelf)]);
    CredentialsSetEmail = "credentials.set_email", "C13", Account, "set the email of credentials", SYSADMIN;
    CredentialsSendReset = "credentials.send_reset", "P2", Account, "send a password reset",
        All(&[SYSADMIN, Is(Fact::TargetNotManager)]);
    AccountDisable = "account.disable", "C8", Account, "disable and enable an account",
        All(&[SYSADMIN, Is(Fact::TargetNotManager)]);
    AccountSetEffectiveDate = "account.set_effective_date", "C9", Account, "set the effective date",
        All(&[SYSADMIN, Is(Fact::TargetNotManager)]);
    AccountSetDates = "account.set_dates", "C10", Account, "set effective and expiration dates",
        All(&[SYSADMIN, Is(Fact::TargetNotManager)]);
    AccountSetClass = "account.set_class", "C13", Account, "set a user class",
        All(&[SYSADMIN, Is(Fact::TargetNotManager)]);
    AccountRemove = "account.remove", "S2", Account, "remove an account",
        All(&[SYSADMIN, Is(Fact::TargetNotManager)]);
    AccountErase = "account.erase", "S2", Account, "erase a contact",
        All(&[SYSADMIN, Is(Fact::TargetNotManager)]);
    AccountHold = "account.hold", "S2", Account, "place and lift legal holds", SYSADMIN;
    AccountEndSession = "account.end_session", "S2", Account, "end a session", Any(&[
        All(&[Is(Fact::TargetSelf), USABLE]),
        SYSADMIN,
    ]);
    RolesManage = "roles.manage", "G6", Nothing, "create, edit and delete roles", SYSADMIN;
    RolesAssign = "roles.assign", "G7", Nothing, "assign and remove roles", SYSADMIN;
    GroupsManage = "groups.manage", "S2", Nothing, "create and delete groups", SYSADMIN;
    GroupsAssign = "groups.assign", "X2", Nothing, "assign group members", SYSADMIN;
    GroupsDefine = "groups.define", "X4", Nothing, "define and refresh dynamic groups", STAFF;
    GroupsOpen = "groups.open", "X4", Nothing, "change who is in a group that opens something", SYSADMIN;
    ProductsManage = "products.manage", "X3", Nothing, "register products and the groups they name", SYSADMIN;
    PurchasesRecord = "purchases.record", "X3", Account, "record a purchase", Any(&[
        All(&[STAFF, Is(Fact::TargetNotSelf)]),
        SYSADMIN,
    ]);
    CommunitiesManage = "communities.manage", "X5", Nothing, "create communities and set their security", SYSADMIN;
    CommunityRead = "community.read", "X5", Community, "read a community", COMMUNITY_READ;
    CommunityCreateWiki = "community.create_wiki", "X5", Community, "create wikis in a community", COMMUNITY_CREATE_WIKI;
    CommunityAdminister = "community.administer", "X5", Community, "administer a community", COMMUNITY_ADMINISTER;
    LevelsAssign = "levels.assign", "L1", Nothing, "set module authorisation levels", SYSADMIN;
    SysadminMake = "sysadmin.make", "S2", Nothing, "make a system administrator", SYSADMIN;
    SettingsUpdate = "settings.update", "S2", Nothing, "change system settings", SYSADMIN;
    SeparationsDefine = "separations.define", "S2", Nothing, "define separations of duties", SYSADMIN;
    WebhooksManage = "webhooks.manage", "S2", Nothing, "add and remove webhooks", SYSADMIN;
    ContactsAccess = "contacts.access", "S1", Nothing, "work with contacts", STAFF;
    EventsAccess = "events.access", "S1", Nothing, "work with events", STAFF;
    DashboardsAccess = "dashboards.access", "S1", Nothing, "see dashboards", STAFF;
    ReportsAccess = "reports.access", "S1", Nothing, "see reports", STAFF;
    ReportsArea = "reports.area", "X1", Nothing, "use the reports area", REPORTING;
    TransactionsOnBehalf = "transactions.on_behalf", "S1", Nothing, "carry out transactions on behalf of others", STAFF;
    IqaUse = "iqa.use", "S2", Nothing, "use the query architect", SYSADMIN;
    BodUse = "bod.use", "S2", Nothing, "use the business object designer", SYSADMIN;
    ProcessAutomationUse = "process_automation.use", "S2", Nothing, "use process automation", SYSADMIN;
    PanelDesignerUse = "panel_designer.use", "S2", Nothing, "use the panel designer", SYSADMIN;
    CampaignsRead = "campaigns.read", "X1", Nothing, "read campaigns", CAMPAIGNS_READ;
    CampaignsAdd = "campaigns.add", "X1", Nothing, "add campaigns", CAMPAIGNS_WORK;
    CampaignsEdit = "campaigns.edit", "X1", Nothing, "edit campaigns", CAMPAIGNS_WORK;
    CampaignsDelete = "campaigns.delete", "X1", Nothing, "delete campaigns", CAMPAIGNS_WORK;
    CampaignsFull = "campaigns.full", "X1", Nothing, "control campaigns fully", CAMPAIGNS_FULL;
    CampaignsObjectRead = "campaigns.object_read", "X1", Nothing, "read the objects of campaigns", CAMPAIGNS_READ;
    CampaignsObjectEdit = "campaigns.object_edit", "X1", Nothing, "edit the objects of campaigns", CAMPAIGNS_WORK;
    CampaignsObjectFull =
        "campaigns.object_full", "X1", Nothing, "control the objects of campaigns fully", CAMPAIGNS_FULL;
    ProcessManagerRead = "process_manager.read", "X1", Nothing, "read projects of the process manager", PROCESS_READ;
    ProcessManagerAdd = "process_manager.add", "X1", Nothing, "add projects of the process manager", PROCESS_ADD;
    ProcessManagerEdit = "process_manager.edit", "X1", Nothing, "edit projects of the process manager", PROCESS_WORK;
    ProcessManagerDelete =
        "process_manager.delete", "X1", Nothing, "delete projects of the process manager", PROCESS_WORK;
    ProcessManagerFull =
        "process_manager.full", "X1", Nothing, "control projects of the process manager fully", PROCESS_FULL;
    ProcessManagerEditOwn = "process_manager.edit_own", "X1", Nothing, "edit one's own projects", PROCESS_ADD;
    ProcessManagerDeleteOwn = "process_manager.delete_own", "X1", Nothing, "delete one's own projects", PROCESS_ADD;
    ProcessManagerAddOwner =
        "process_manager.add_owner", "X1", Nothing, "add to a project's owner or contact group", PROCESS_OWNERS;
    ProcessManagerObjectRead =
        "process_manager.object_read", "X1", Nothing, "read the objects of the process manager", PROCESS_READ;
    ProcessManagerObjectEdit =
        "process_manager.object_edit", "X1", Nothing, "edit the objects of the process manager", PROCESS_WORK;
    ProcessManagerObjectFull =
        "process_manager.object_full", "X1", Nothing, "control the objects of the process manager fully", PROCESS_FULL;
    RfmRead = "rfm.read", "X1", Nothing, "read the RFM area", RFM_READ;
    RfmAdd = "rfm.add", "X1", Nothing, "add to the RFM area", RFM_WORK;
    RfmEdit = "rfm.edit", "X1", Nothing, "edit the RFM area", RFM_WORK;
    RfmDelete = "rfm.delete", "X1", Nothing, "delete from the RFM area", RFM_WORK;
    RfmFull = "rfm.full", "X1", Nothing, "control the RFM area fully", RFM_FULL;
    RfmObjectRead = "rfm.object_read", "X1", Nothing, "read the objects of the RFM area", RFM_READ;
    RfmObjectEdit = "rfm.object_edit", "X1", Nothing, "edit the objects of the RFM area", RFM_WORK;
    RfmObjectFull = "rfm.object_full", "X1", Nothing, "control the objects of the RFM area fully", RFM_FULL;
    SegmentationRead = "segmentation.read", "X1", Nothing, "read segmentation", SEGMENTATION_READ;
    SegmentationAdd = "segmentation.add", "X1", Nothing, "add to segmentation", SEGMENTATION_WORK;
    SegmentationEdit = "segmentation.edit", "X1", Nothing, "edit segmentation", SEGMENTATION_WORK;
    SegmentationDelete = "segmentation.delete", "X1", Nothing, "delete from segmentation", SEGMENTATION_WORK;
    SegmentationFull = "segmentation.full", "X1", Nothing, "control segmentation fully", SEGMENTATION_FULL;
    SegmentationObjectRead =
        "segmentation.object_read", "X1", Nothing, "read the objects of segmentation", SEGMENTATION_READ;
    SegmentationObjectEdit =
        "segmentation.object_edit", "X1", Nothing, "edit the objects of segmentation", SEGMENTATION_WORK;
    SegmentationObjectFull =
        "segmentation.object_full", "X1", Nothing, "control the objects of segmentation fully", SEGMENTATION_FULL;
    SiteBuilderUse = "site_builder.use", "S3", Nothing, "use the site builder", SITE_WORK;
    PageBuilderUse = "page_builder.use", "S3", Nothing, "use the page builder", SITE_WORK;
    TaggingUse = "tagging.use", "S3", Nothing, "use tagging", SITE_WORK;
    EasyEditUse = "easy_edit.use", "S3", Nothing, "use easy edit", SITE_WORK;
    CertificationMails =
        "certification.mails", "X1", Nothing, "receive the mails of certification stages", CERTIFICATION_MAILS;
    QueryIntegrationUse = "query_integration.use", "X1", Nothing, "use the query integration", QUERY_INTEGRATION;
    QueriesSelect = "queries.select", "S4", Nothing, "select other queries or email", STAFF;
    RelationshipsEdit = "relationships.edit", "S4", Nothing, "edit relationships on profiles", STAFF;
    ObjectsManage = "objects.manage", "S2", Nothing, "change the object tree and access settings", SYSADMIN;
    ObjectRead = "object.read", "N2", Object, "see an object", OBJECT_READ;
    ObjectAdd = "object.add", "N2", Object, "add below an object", OBJECT_ADD;
    ObjectEdit = "object.edit", "N2", Object, "change an object", OBJECT_EDIT;
    ObjectDelete = "object.delete", "N2", Object, "delete an object", OBJECT_DELETE;
    ObjectFullControl = "object.full_control", "N2", Object, "control an object fully", OBJECT_FULL;
    OrganisationsManage = "organisations.manage", "S2", Nothing, "create organisations", SYSADMIN;
    OrganisationJoin = "organisation.join", "O22", Organisation, "join an organisation", USABLE;
    OrganisationAddContact =
        "organisation.add_contact", "O2", Organisation, "add new contacts to the organisation", organisation::ADD_CONTACT;
    OrganisationAddExistingContact = "organisation.add_existing_contact", "O2", Organisation,
        "add existing contacts to the organisation", organisation::ADD_EXISTING_CONTACT;
    OrganisationEditContact =
        "organisation.edit_contact", "O3", Organisation, "edit contacts of the organisation", organisation::EDIT_CONTACT;
    OrganisationEdit = "organisation.edit", "O4", Organisation, "edit the organisation itself", organisation::EDIT;
    OrganisationAddRole =
        "organisation.add_role", "O5", Organisation, "add roles in the organisation", organisation::ADD_ROLE;
    OrganisationAddPosition = "organisation.add_position", "O5", Organisation,
        "give members of the organisation a position", organisation::ADD_POSITION;
    OrganisationEditRole =
        "organisation.edit_role", "O6", Organisation, "edit roles in the organisation", organisation::EDIT_ROLE;
    OrganisationEditPosition = "organisation.edit_position", "O6", Organisation,
        "edit positions in the organisation, and terms of those who have one", organisation::EDIT_POSITION;
    OrganisationDeleteRole =
        "organisation.delete_role", "O7", Organisation, "delete roles in the organisation", organisation::DELETE_ROLE;
    OrganisationRemoveMember = "organisation.remove_member", "O7", Organisation,
        "end memberships and positions in the organisation", organisation::REMOVE_MEMBER;
    OrganisationAssignAdmin = "organisation.assign_admin", "O8", Organisation,
        "make members administrators of the organisation", organisation::ASSIGN_ADMIN;
    OrganisationPay = "organisation.pay", "O11", Organisation,
        "pay for members of the organisation and join on their behalf", organisation::PAY;
    OrganisationBill = "organisation.bill", "O11", Organisation, "bill the organisation", organisation::BILL;
    OrganisationRegisterEvent = "organisation.register_event", "O12", Organisation,
        "register members for events and bill the organisation", organisation::REGISTER_EVENT;
    OrganisationEditRelationships = "organisation.edit_relationships", "O9", Organisation,
        "edit relationships on profiles", organisation::EDIT_RELATIONSHIPS;
    OrganisationSelectQueries = "organisation.select_queries", "O10", Organisation,
        "select other queries or email", organisation::SELECT_QUERIES;
    OrganisationDonate =
        "organisation.donate", "O13", Organisation, "donate on behalf of contacts", organisation::DONATE;
    QueryRun = "query.run", "Q1", Query, "run a query", OBJECT_READ;
    QueryRunViaApi = "query.run_via_api", "Q2", Query, "run a query over the API",
        All(&[OBJECT_READ, Is(Fact::QueryViaApi)]);
    ContactView = "contact.view", "V1", Account, "see a contact", Any(&[
        STAFF,
        All(&[Is(Fact::TargetSelf), USABLE]),
        All(&[Is(Fact::VisibleTo(VisibilityAudience::Everyone)), NOT_SHUT_OUT]),
        All(&[Is(Fact::VisibleTo(VisibilityAudience::Authenticated)), USABLE]),
        All(&[Is(Fact::VisibleTo(VisibilityAudience::Members)), Is(Fact::IsMember), USABLE]),
    ]);
    ContentAuthorityManage =
        "content_authority.manage", "S2", Nothing, "manage content authority groups and their members", SYSADMIN;
    ContentRead = "content.read", "D1", Object, "see content by content authority", CONTENT_READ;
    ContentCreate = "content.create", "D1", Object, "create content", CONTENT_CREATE;
    ContentEdit = "content.edit", "D1", Object, "edit content", CONTENT_EDIT;
    ContentPublish = "content.publish", "D1", Object, "publish content", CONTENT_PUBLISH;
    ContentDelete = "content.delete", "D1", Object, "delete content", CONTENT_DELETE;
    LedgerRead = "ledger.read", "U3", Nothing, "read the whole history",
        Any(&[SYSADMIN, All(&[Is(Fact::Role(SystemRole::Auditor)), USABLE])]);
    LedgerReadDashboard = "ledger.read_dashboard", "U3", Nothing, "read the history of the dashboard", Any(&[
        ADMIN,
        SYSADMIN,
        All(&[Is(Fact::Role(SystemRole::Auditor)), USABLE]),
    ]);
    LedgerReview = "ledger.review", "U3", Nothing, "review rights",
        Any(&[SYSADMIN, All(&[Is(Fact::Role(SystemRole::Auditor)), USABLE])]);
    LedgerCorrect = "ledger.correct", "S2", Nothing, "mark an entry as wrong", SYSADMIN;
    AccountImpersonate = "account.impersonate", "F12", Account, "act as another account", Is(Fact::Never);
}

impl Capability {
    /// Its name in questions.
    pub fn name(self) -> &'static str {
        self.right().name
    }

    /// The rule that says who has it.
    pub fn rule(self) -> &'static str {
        self.right().rule
    }

    /// What it is on.
    pub fn on(self) -> OnKind {
        self.right().on
    }

    /// What it is, in words that follow "may".
    pub fn words(self) -> &'static str {
        self.right().words
    }

    /// Whether nobody has it on MANAGER by any right (rule: M2).
    pub fn spares_manager(self) -> bool {
        self.right().needs.asks(Fact::TargetNotManager)
    }

    /// The capability of a name; `None` where there is none.
    pub fn named(name: &str) -> Option<Capability> {
        Capability::ALL.iter().copied().find(|capability| capability.name() == name)
    }
}
