//! The things that events set, each with the state that it is in as of a point: what must be put back, and what must not
//! have changed besides.

use grantbook_events::{
    AccountId, AppName, BookEvent, CommunityEvent, CommunityName, CommunityRight, ContactEvent, ContentAuthorityEvent,
    CredentialsEvent, DashboardEvent, Event, EventKind, GroupEvent, GroupName, KeepingEvent, ModuleName, ObjectEvent,
    ObjectPath, OrganisationEvent, OrganisationName, Position, ProductName, QueryEvent, QueryName, RoleEvent, RoleName,
    SeparationEvent, SeparationName, Setting, SignInEvent, TextSetting, VisibilityAudience, VisibilityEvent,
    WebhookEvent, WebhookName,
};
use grantbook_projections::{AccessSetting, AsOf, Holding, OpenTo, SecondFactor, Views};
use serde_json::{Value, json};

/// Something that events set. In the order in which it is put back: first what lets somebody in, then what they have, what
/// is the Admin Users' to give at the end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Thing {
    /// An account's password.
    Password(AccountId),
    /// A session, by the entry of its sign-in.
    Session(Position),
    /// An account's second factor.
    SecondFactor(AccountId),
    /// That an account has credentials.
    Credentials(AccountId),
    /// The email of credentials.
    CredentialEmail(AccountId),
    /// A username.
    Username(AccountId),
    /// A user class.
    Class(AccountId),
    /// Whether an account is disabled.
    Disabled(AccountId),
    /// From when on credentials work.
    Effective(AccountId),
    /// Until when credentials work, as it was set by hand.
    Expiration(AccountId),
    /// Member type and status, on which rights may rest.
    Labels(AccountId),
    /// A role's being there.
    RoleThere(RoleName),
    /// A role.
    Role(AccountId, RoleName),
    /// A level for a module.
    Level(AccountId, ModuleName),
    /// A group's being there, with the condition of a dynamic one.
    GroupThere(GroupName),
    /// Membership of a group.
    Member(AccountId, GroupName),
    /// An organisation's being there.
    OrganisationThere(OrganisationName),
    /// Membership of an organisation.
    Belonging(AccountId, OrganisationName),
    /// The right to administer an organisation.
    Administration(AccountId, OrganisationName),
    /// An object's being there.
    ObjectThere(ObjectPath),
    /// The access setting of an object with the rights on it.
    Access(ObjectPath),
    /// A content authority group's being there.
    ContentGroupThere(GroupName),
    /// Membership of a content authority group.
    Content(AccountId, GroupName),
    /// A query's flags.
    Query(QueryName),
    /// A product, with the group that it names.
    Product(ProductName),
    /// A community's security.
    Community(CommunityName),
    /// Which contacts an audience sees.
    Visibility(VisibilityAudience),
    /// A separation of duties.
    Separation(SeparationName),
    /// A webhook.
    Webhook(WebhookName),
    /// A setting.
    Setting(Setting),
    /// A setting that is text.
    TextSetting(TextSetting),
    /// A legal hold on a contact.
    LegalHold(AccountId),
    /// Being an Admin User.
    Admin(AccountId),
    /// An app.
    App(AccountId, AppName),
    /// The Background Account.
    Background,
    /// An account's being there.
    Account(AccountId),
}

/// What an event sets; nothing where it only tells of something.
pub(crate) fn things(event: &Event) -> Vec<Thing> {
    match event {
        Event::Contact(event) => contact(event),
        Event::Credentials(event) => credentials(event),
        Event::SignIn(event) => sign_in(event),
        Event::Dashboard(event) => dashboard(event),
        Event::Role(event) => role(event),
        Event::Group(event) => group(event),
        Event::Object(event) => object(event),
        Event::Book(event) => book(event),
        Event::Organisation(event) => organisation(event),
        Event::Community(event) => match event {
            CommunityEvent::CommunityCreated { community, .. }
            | CommunityEvent::CommunityOpened { community, .. }
            | CommunityEvent::CommunityClosed { community, .. }
            | CommunityEvent::CommunityRightGranted { community, .. }
            | CommunityEvent::CommunityRightRevoked { community, .. } => vec![Thing::Community(community.clone())],
        },
        Event::ContentAuthority(event) => content_authority(event),
        Event::Query(event) => query(event),
        Event::Visibility(VisibilityEvent::ContactVisibilityDefined { audience, .. }) => {
            vec![Thing::Visibility(*audience)]
        }
        Event::Separation(
            SeparationEvent::SeparationDefined { separation, .. } | SeparationEvent::SeparationRemoved { separation },
        ) => vec![Thing::Separation(separation.clone())],
        Event::Webhook(event) => webhook(event),
        // Support's own, which no account of the tenant does; and mail, which has gone out.
        Event::Tenant(_) | Event::Installation(_) | Event::Mail(_) => Vec::new(),
        // A review gives nothing: what it revokes is an event beside it.
        Event::Review(_) => Vec::new(),
        Event::Keeping(event) => keeping(event),
    }
}

fn contact(event: &ContactEvent) -> Vec<Thing> {
    match event {
        ContactEvent::ContactAdded { account, .. } | ContactEvent::AccountRemoved { account } => {
            vec![Thing::Account(account.clone())]
        }
        ContactEvent::ContactUpdated { account, .. } => vec![Thing::Labels(account.clone())],
    }
}

fn credentials(event: &CredentialsEvent) -> Vec<Thing> {
    let one = |thing: fn(AccountId) -> Thing, account: &AccountId| vec![thing(account.clone())];
    match event {
        CredentialsEvent::CredentialsCreated { account, .. } | CredentialsEvent::CredentialsDeleted { account } => {
            const OF_CREDENTIALS: [fn(AccountId) -> Thing; 8] = [
                Thing::Credentials,
                Thing::Password,
                Thing::Username,
                Thing::Class,
                Thing::CredentialEmail,
                Thing::Disabled,
                Thing::Effective,
                Thing::Expiration,
            ];
            OF_CREDENTIALS.into_iter().map(|thing| thing(account.clone())).collect()
        }
        CredentialsEvent::UsernameChanged { account, .. } => one(Thing::Username, account),
        CredentialsEvent::CredentialEmailSet { account, .. } => one(Thing::CredentialEmail, account),
        CredentialsEvent::PasswordSet { account, .. }
        | CredentialsEvent::PasswordChanged { account, .. }
        | CredentialsEvent::ManagerPasswordRotated { account, .. } => one(Thing::Password, account),
        CredentialsEvent::UserClassSet { account, .. } => one(Thing::Class, account),
        CredentialsEvent::AccountDisabled { account } | CredentialsEvent::AccountEnabled { account } => {
            one(Thing::Disabled, account)
        }
        CredentialsEvent::EffectiveDateSet { account, .. } => one(Thing::Effective, account),
        CredentialsEvent::ExpirationDateSet { account, .. } => one(Thing::Expiration, account),
        CredentialsEvent::SecondFactorEnrolled { account, .. }
        | CredentialsEvent::SecondFactorConfirmed { account, .. }
        | CredentialsEvent::SecondFactorReset { account } => one(Thing::SecondFactor, account),
        // A lock passes, and unlocking gives nothing.
        CredentialsEvent::CredentialsUnlocked { .. } => Vec::new(),
    }
}

fn sign_in(event: &SignInEvent) -> Vec<Thing> {
    match event {
        SignInEvent::SessionEnded { session, .. } => vec![Thing::Session(*session)],
        // Which session it is, is told by where the entry lies; the clock moves the expiration with every sign-in.
        SignInEvent::SignedIn { .. }
        | SignInEvent::EnrolmentOpened { .. }
        | SignInEvent::SignInRefused { .. }
        | SignInEvent::SignInsRefused { .. }
        | SignInEvent::CredentialsLocked { .. }
        | SignInEvent::SecondFactorPassed { .. } => Vec::new(),
    }
}

fn dashboard(event: &DashboardEvent) -> Vec<Thing> {
    match event {
        DashboardEvent::AdminAdded { account, .. } | DashboardEvent::AdminRemoved { account } => {
            vec![Thing::Admin(account.clone())]
        }
        DashboardEvent::AppUserAssigned { account, app, .. } | DashboardEvent::AppUserRemoved { account, app } => {
            vec![Thing::App(account.clone(), app.clone())]
        }
        DashboardEvent::BackgroundAccountSet { .. } => vec![Thing::Background],
        DashboardEvent::AppUsed { .. } => Vec::new(),
    }
}

fn role(event: &RoleEvent) -> Vec<Thing> {
    match event {
        RoleEvent::RoleAssigned { account, role, .. } | RoleEvent::RoleRemoved { account, role } => {
            vec![Thing::Role(account.clone(), role.clone())]
        }
        RoleEvent::LevelSet { account, module, .. } => vec![Thing::Level(account.clone(), module.clone())],
        RoleEvent::RoleCreated { role, .. } | RoleEvent::RoleDeleted { role } => {
            vec![Thing::RoleThere(role.clone())]
        }
        RoleEvent::RoleEdited { role, new_name, .. } => {
            std::iter::once(role).chain(new_name).map(|role| Thing::RoleThere(role.clone())).collect()
        }
    }
}

fn group(event: &GroupEvent) -> Vec<Thing> {
    match event {
        GroupEvent::GroupMemberAdded { group, account, .. } | GroupEvent::GroupMemberRemoved { group, account } => {
            vec![Thing::Member(account.clone(), group.clone())]
        }
        GroupEvent::GroupCreated { group, .. }
        | GroupEvent::GroupDeleted { group }
        | GroupEvent::DynamicGroupDefined { group, .. } => vec![Thing::GroupThere(group.clone())],
        GroupEvent::ProductRegistered { product, .. } | GroupEvent::ProductUnlinked { product, .. } => {
            vec![Thing::Product(product.clone())]
        }
        // Who joined and left, and what a purchase brings, are events beside them.
        GroupEvent::DynamicGroupRefreshed { .. } | GroupEvent::PurchaseRecorded { .. } => Vec::new(),
    }
}

fn object(event: &ObjectEvent) -> Vec<Thing> {
    match event {
        ObjectEvent::ObjectCreated { object, .. } => vec![Thing::ObjectThere(object.clone())],
        ObjectEvent::ObjectDeleted { object } => {
            vec![Thing::ObjectThere(object.clone()), Thing::Access(object.clone())]
        }
        ObjectEvent::AccessSet { object, .. }
        | ObjectEvent::AccessGranted { object, .. }
        | ObjectEvent::AccessRevoked { object, .. }
        | ObjectEvent::AccessCleared { object } => vec![Thing::Access(object.clone())],
    }
}

fn book(event: &BookEvent) -> Vec<Thing> {
    match event {
        BookEvent::SettingChanged { setting, .. } => vec![Thing::Setting(*setting)],
        BookEvent::TextSettingChanged { setting, .. } => vec![Thing::TextSetting(*setting)],
        BookEvent::CommandRefused { .. }
        | BookEvent::CommandsRefused { .. }
        | BookEvent::HistoryRead { .. }
        | BookEvent::CorrectionRecorded { .. }
        | BookEvent::ImportStarted { .. }
        | BookEvent::ImportFinished { .. }
        | BookEvent::NoticeOwed { .. }
        | BookEvent::NoticeHandedOver { .. } => Vec::new(),
    }
}

fn organisation(event: &OrganisationEvent) -> Vec<Thing> {
    match event {
        OrganisationEvent::OrganisationCreated { organisation, .. }
        | OrganisationEvent::OrganisationEdited { organisation, .. } => {
            vec![Thing::OrganisationThere(organisation.clone())]
        }
        OrganisationEvent::OrganisationMemberAdded { organisation, account, .. }
        | OrganisationEvent::OrganisationMemberEdited { organisation, account, .. }
        | OrganisationEvent::OrganisationMemberRemoved { organisation, account } => {
            vec![Thing::Belonging(account.clone(), organisation.clone())]
        }
        OrganisationEvent::OrganisationAdminAssigned { organisation, account, .. }
        | OrganisationEvent::OrganisationAdminRemoved { organisation, account } => {
            vec![Thing::Administration(account.clone(), organisation.clone())]
        }
        // What was paid was paid; the membership that it brings is an event beside it.
        OrganisationEvent::ChapterPaymentRecorded { .. } => Vec::new(),
    }
}

fn content_authority(event: &ContentAuthorityEvent) -> Vec<Thing> {
    match event {
        ContentAuthorityEvent::ContentAuthorityMemberAdded { group, account, .. }
        | ContentAuthorityEvent::ContentAuthorityMemberRemoved { group, account } => {
            vec![Thing::Content(account.clone(), group.clone())]
        }
        ContentAuthorityEvent::ContentAuthorityGroupCreated { group, .. }
        | ContentAuthorityEvent::ContentCoverageEnded { group, .. } => {
            vec![Thing::ContentGroupThere(group.clone())]
        }
    }
}

fn query(event: &QueryEvent) -> Vec<Thing> {
    match event {
        QueryEvent::QueryCreated { query, object, .. } => {
            vec![Thing::ObjectThere(object.clone()), Thing::Access(object.clone()), Thing::Query(query.clone())]
        }
        QueryEvent::QueryEdited { query, .. } | QueryEvent::QueryDeleted { query } => {
            vec![Thing::Query(query.clone())]
        }
    }
}

fn webhook(event: &WebhookEvent) -> Vec<Thing> {
    match event {
        WebhookEvent::WebhookAdded { webhook, .. } | WebhookEvent::WebhookRemoved { webhook } => {
            vec![Thing::Webhook(webhook.clone())]
        }
        // What was sent has gone out.
        WebhookEvent::WebhookFailing { .. }
        | WebhookEvent::WebhookRecovered { .. }
        | WebhookEvent::WebhookDeliveryGivenUp { .. }
        | WebhookEvent::WebhookRedeliveryRequested { .. }
        | WebhookEvent::WebhookRedelivered { .. } => Vec::new(),
    }
}

fn keeping(event: &KeepingEvent) -> Vec<Thing> {
    match event {
        KeepingEvent::LegalHoldPlaced { account } | KeepingEvent::LegalHoldLifted { account } => {
            vec![Thing::LegalHold(account.clone())]
        }
        // What was erased stays so.
        KeepingEvent::ContactErased { .. } | KeepingEvent::BackupTaken { .. } | KeepingEvent::StoreRestored { .. } => {
            Vec::new()
        }
    }
}

/// A grant in force, by what a command that gives it says besides whom and what; null where nothing is.
fn grant(found: Option<(Position, Holding)>) -> Value {
    found.map_or(Value::Null, |(_, holding)| json!({"until": holding.until().map(|until| until.to_string())}))
}

impl Thing {
    /// The state that it is in: what a command would say to bring it about; null for nothing. Sealed values stay sealed.
    pub(crate) fn state(&self, views: &Views, as_of: AsOf) -> Value {
        self.known(views, as_of).unwrap_or(Value::Null)
    }

    /// `None` where nothing is known of it at all.
    fn known(&self, views: &Views, as_of: AsOf) -> Option<Value> {
        let position = as_of.position;
        let who = |account: &AccountId| views.account(account);
        let credentials = &views.credentials;
        let there = |account: &AccountId| who(account).filter(|who| credentials.created(*who, position).is_some());
        Some(match self {
            Thing::Session(session) => json!(views.sessions.open(*session, as_of)),
            Thing::Password(account) => json!(credentials.secret(who(account)?, position)?.0.0),
            Thing::SecondFactor(account) => {
                let (_, SecondFactor { version, confirmed, .. }) =
                    credentials.second_factor(who(account)?, position)?;
                json!([version.0, confirmed])
            }
            Thing::Credentials(account) => json!(there(account).is_some()),
            Thing::CredentialEmail(account) => json!(credentials.email(there(account)?, position)?.0.0),
            Thing::Username(account) => json!(credentials.username(who(account)?, position)?.as_str()),
            Thing::Class(account) => json!(credentials.class(there(account)?, position)?.1.slug()),
            Thing::Disabled(account) => json!(credentials.disabled(who(account)?, position).1),
            Thing::Effective(account) => json!(credentials.effective_date(who(account)?, position)?.1.to_string()),
            Thing::Expiration(account) => json!(credentials.expiration_date(who(account)?, position)?.1.to_string()),
            Thing::Labels(account) => {
                let who = who(account)?;
                let member_type = views.accounts.member_type(who, position).map(|(_, label)| label.as_str());
                json!({"member_type": member_type, "status": views.accounts.status(who, position).map(|one| one.as_str())})
            }
            Thing::Admin(account) => grant(views.admins.listed(who(account)?, as_of)),
            Thing::App(account, app) => {
                let app = views.names.apps.get(app.as_str())?;
                grant(views.app_users.assigned(who(account)?, app, as_of))
            }
            Thing::RoleThere(role) => {
                let number = views.roles.number(&views.names, role, position)?;
                let (_, known) = views.roles.custom(number, position)?;
                json!({"description": known.description})
            }
            Thing::Role(account, role) => {
                let number = views.roles.number(&views.names, role, position)?;
                grant(views.roles.held(who(account)?, number, as_of))
            }
            Thing::Level(account, module) => {
                let module = views.names.modules.get(module.as_str())?;
                let (_, held) = views.levels.level(who(account)?, module, as_of)?;
                json!({"level": held.weight, "until": held.until().map(|until| until.to_string())})
            }
            Thing::GroupThere(group) => {
                let (_, known) = views.groups.custom(views.names.groups.get(group.as_str())?, position)?;
                match &known.condition {
                    Some(condition) => json!({"condition": condition}),
                    None => json!({"description": known.description}),
                }
            }
            Thing::Member(account, group) => {
                let group = views.names.groups.get(group.as_str())?;
                grant(views.groups.member(who(account)?, group, as_of))
            }
            Thing::OrganisationThere(name) => {
                let known =
                    views.organisations.organisation(views.names.organisations.get(name.as_str())?, position)?;
                json!({"full_name": known.full_name, "description": known.description})
            }
            Thing::Belonging(account, name) => {
                let number = views.names.organisations.get(name.as_str())?;
                let found = views.organisations.membership(who(account)?, number, position)?;
                if !found.holding.in_force(as_of.clock) {
                    return None;
                }
                let held = found.term.position.as_ref().map(|position| position.as_str());
                let (from, until) = (found.term.from.map(|from| from.to_string()), found.holding.until());
                json!({"position": held, "from": from, "until": until.map(|until| until.to_string())})
            }
            Thing::Administration(account, name) => {
                let number = views.names.organisations.get(name.as_str())?;
                grant(views.organisations.administrator(who(account)?, number, as_of))
            }
            Thing::ObjectThere(path) => {
                let (_, object) = views.objects.object(views.names.objects.get(path.as_str())?, position)?;
                if object.implied {
                    return None;
                }
                json!({"kind": object.kind.slug(), "public": object.public, "active": object.active})
            }
            Thing::Access(path) => access(views, views.names.objects.get(path.as_str())?, as_of),
            Thing::ContentGroupThere(group) => {
                let group = views.names.content_groups.get(group.as_str())?;
                let known = views.content_authority.group(group, position)?;
                json!({"master": known.master, "covers": known.covers.iter().map(ObjectPath::as_str).collect::<Vec<_>>()})
            }
            Thing::Content(account, group) => {
                let group = views.names.content_groups.get(group.as_str())?;
                let member = views.content_authority.member(who(account)?, group, as_of)?;
                let rights: Vec<&str> = member.rights.iter().map(|right| right.slug()).collect();
                json!({"rights": rights, "until": member.until.map(|until| until.to_string())})
            }
            Thing::Query(query) => {
                let (_, known) = views.queries.query(views.names.queries.get(query.as_str())?, position)?;
                let (via_api, personal_data) = (known.via_api, known.personal_data);
                json!({"via_api": via_api, "personal_data": personal_data, "filtered_to_caller": known.filtered_to_caller})
            }
            Thing::Product(product) => {
                let (_, known) = views.products.product(views.names.products.get(product.as_str())?, position)?;
                json!({"group": known.group.as_ref().map(GroupName::as_str)})
            }
            Thing::Community(name) => community(views, views.names.communities.get(name.as_str())?, as_of)?,
            Thing::Visibility(audience) => json!({"condition": views.visibility.set(*audience, position)?.1}),
            Thing::Separation(name) => {
                let (_, known) = views.separations.named(name, position)?;
                json!({"one": known.one.as_str(), "other": known.other.as_str()})
            }
            Thing::Webhook(name) => {
                let (_, known) = views.webhooks.named(name, position)?;
                let events: Vec<&str> = known.events.iter().map(EventKind::as_str).collect();
                json!({"url": known.url.as_str(), "events": events})
            }
            Thing::Setting(setting) => {
                grantbook_decisions::command::setting_value(*setting, views.settings.value(*setting, position))
            }
            Thing::TextSetting(setting) => json!(views.settings.text(*setting, position)),
            Thing::Background => {
                let (set, background) = views.background.set(position)?;
                json!({"account": views.names.accounts.text(background.account), "set": set.0})
            }
            Thing::LegalHold(account) => json!(views.keeping.held(who(account)?, position).is_some()),
            Thing::Account(account) => json!(views.accounts.exists(who(account)?, position)),
        })
    }
}

/// An object's own setting, and every right on it with its end.
fn access(views: &Views, object: u32, as_of: AsOf) -> Value {
    let setting = views.objects.setting(object, as_of.position).1;
    if setting == AccessSetting::Inherited {
        return Value::Null;
    }
    let rights = views.objects.access(object, as_of).into_iter().map(|access| {
        let until = access.holding.until().map(|until| until.to_string());
        json!({"principal": access.principal, "right": access.right.slug(), "until": until})
    });
    json!({"set": setting.slug(), "access": rights.collect::<Value>()})
}

fn community(views: &Views, community: u32, as_of: AsOf) -> Option<Value> {
    let (_, known) = views.communities.community(community, as_of.position)?;
    let group = match &known.open_to {
        OpenTo::Accounts => Value::Null,
        OpenTo::Group(group) => json!(group.as_str()),
        OpenTo::Nobody => json!(false),
    };
    let granted = views.communities.grants(community, as_of);
    let holders = |right: CommunityRight| -> Value {
        granted.iter().filter(|grant| grant.right == right).map(|grant| json!(grant.principal)).collect()
    };
    let creators = holders(CommunityRight::CreateWiki);
    Some(json!({"group": group, "wiki_creators": creators, "administrators": holders(CommunityRight::Administer)}))
}
