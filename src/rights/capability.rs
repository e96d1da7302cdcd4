//! Everything that can be asked for, and what each needs. The table is the rulebook's, row by row.

use grantbook_events::{AccessRight, ContentRight, VisibilityAudience};
use grantbook_projections::SystemRole;

use crate::condition::Condition::{self, All, Any, Is};
use crate::fact::Fact;

/// The account is usable: it exists, has credentials and nothing stops them.
pub(crate) const USABLE: Condition = All(&[
    Is(Fact::HasCredentials),
    Is(Fact::Exists),
    Is(Fact::NotDisabled),
    Is(Fact::Effective),
    Is(Fact::NotExpired),
    Is(Fact::NotLocked),
]);

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

/// Staff reach the dashboard by RemoteService, others without it; MANAGER in edition 2017 alone (rules: A5, F7, M1, R1).
const DASHBOARD: Condition = All(&[
    USABLE,
    Any(&[
        All(&[Is(Fact::Edition2017), Is(Fact::Manager)]),
        All(&[Is(Fact::NotManager), Any(&[Is(Fact::Role(SystemRole::RemoteService)), Is(Fact::NotFull)])]),
    ]),
]);

const OBJECT_READ: Condition = Any(&[Is(Fact::Access(AccessRight::Read)), SYSADMIN]);
const OBJECT_ADD: Condition = Any(&[Is(Fact::Access(AccessRight::Add)), SYSADMIN]);
const OBJECT_EDIT: Condition = Any(&[Is(Fact::Access(AccessRight::Edit)), SYSADMIN]);
const OBJECT_DELETE: Condition = Any(&[Is(Fact::Access(AccessRight::Delete)), SYSADMIN]);
const OBJECT_FULL: Condition = Any(&[Is(Fact::Access(AccessRight::FullControl)), SYSADMIN]);

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
        Any(&[Is(Fact::Role(SystemRole::RemoteService)), Is(Fact::NotFull), All(&[Is(Fact::Edition2017), Is(Fact::Manager)])]),
    ]);
    AppReportUse = "app.report_use", "A9", Nothing, "report the use of apps", All(&[Is(Fact::BackgroundAccount), USABLE]);
    CredentialsCreate = "credentials.create", "C3", Account, "create credentials", Any(&[
        SYSADMIN,
        All(&[Is(Fact::Level("Customers", 4)), Is(Fact::Full), USABLE, Is(Fact::TargetHoldsNothing)]),
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
    AccountEndSession = "account.end_session", "S2", Account, "end a session", Any(&[
        All(&[Is(Fact::TargetSelf), USABLE]),
        SYSADMIN,
    ]);
    RolesManage = "roles.manage", "G6", Nothing, "create, edit and delete roles", SYSADMIN;
    RolesAssign = "roles.assign", "G7", Nothing, "assign and remove roles", SYSADMIN;
    GroupsManage = "groups.manage", "S2", Nothing, "create and delete groups", SYSADMIN;
    GroupsAssign = "groups.assign", "X2", Nothing, "assign group members", SYSADMIN;
    LevelsAssign = "levels.assign", "L1", Nothing, "set module authorisation levels", SYSADMIN;
    SysadminMake = "sysadmin.make", "S2", Nothing, "make a system administrator", SYSADMIN;
    SettingsUpdate = "settings.update", "S2", Nothing, "change system settings", SYSADMIN;
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
    ObjectsManage = "objects.manage", "S2", Nothing, "change the object tree and access settings", SYSADMIN;
    ObjectRead = "object.read", "N2", Object, "see an object", OBJECT_READ;
    ObjectAdd = "object.add", "N2", Object, "add below an object", OBJECT_ADD;
    ObjectEdit = "object.edit", "N2", Object, "change an object", OBJECT_EDIT;
    ObjectDelete = "object.delete", "N2", Object, "delete an object", OBJECT_DELETE;
    ObjectFullControl = "object.full_control", "N2", Object, "control an object fully", OBJECT_FULL;
    QueryRun = "query.run", "Q1", Query, "run a query", OBJECT_READ;
    QueryRunViaApi = "query.run_via_api", "Q2", Query, "run a query over the API",
        All(&[OBJECT_READ, Is(Fact::QueryViaApi)]);
    ContactView = "contact.view", "V1", Account, "see a contact", Any(&[
        STAFF,
        All(&[Is(Fact::TargetSelf), USABLE]),
        Is(Fact::VisibleTo(VisibilityAudience::Everyone)),
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
