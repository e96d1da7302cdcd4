//! What an event changed, as it was before it.

use grantbook_decisions::command::setting_value;
use grantbook_events::{
    AccountId, BookEvent, CommunityEvent, CredentialsEvent, Event, GroupEvent, ObjectEvent, OrganisationEvent,
    Position, QueryEvent, RoleEvent, SealedEmail, VisibilityEvent,
};
use grantbook_projections::Views;
use serde_json::{Value, json};

use crate::tenant::Tenant;

/// A tenant as it was before the entry that is shown.
pub(crate) struct Before<'a> {
    /// Whose they are, and who opens what is sealed in them.
    pub(crate) tenant: &'a Tenant,
    /// The views.
    pub(crate) views: &'a Views,
    /// The entry before.
    pub(crate) position: Position,
}

impl Before<'_> {
    /// What an event changed, as it was before. `None` for events that add or end something rather than change it.
    pub(crate) fn of(&self, event: &Event) -> Option<Value> {
        match event {
            Event::Credentials(event) => self.credentials(event),
            Event::Role(event) => self.role(event),
            Event::Book(event) => self.book(event),
            Event::Organisation(event) => self.organisation(event),
            Event::Group(event) => self.group(event),
            Event::Object(event) => self.object(event),
            Event::Community(event) => self.community(event),
            Event::Query(event) => self.query(event),
            Event::Visibility(event) => self.visibility(event),
            // What a contact was before is for staff alone, who find it in the entry that set it (rules: V1, V2); whoever may change a
            // detail need not see the former one.
            Event::Contact(_)
            | Event::Tenant(_)
            | Event::SignIn(_)
            | Event::Dashboard(_)
            | Event::Installation(_)
            | Event::ContentAuthority(_)
            | Event::Mail(_)
            | Event::Separation(_)
            | Event::Webhook(_)
            | Event::Keeping(_)
            | Event::Review(_) => None,
        }
    }

    fn who(&self, account: &AccountId) -> Option<u32> {
        self.views.account(account)
    }

    fn credentials(&self, event: &CredentialsEvent) -> Option<Value> {
        let Before { views, position, .. } = *self;
        Some(match event {
            CredentialsEvent::UsernameChanged { account, .. } => {
                text(views.credentials.username(self.who(account)?, position).map(ToString::to_string))
            }
            CredentialsEvent::CredentialEmailSet { account, .. } => {
                self.email(views.credentials.email(self.who(account)?, position).map(|(_, email)| email))
            }
            CredentialsEvent::UserClassSet { account, .. } => {
                text(views.credentials.class(self.who(account)?, position).map(|(_, class)| class.to_string()))
            }
            CredentialsEvent::EffectiveDateSet { account, .. } => {
                text(views.credentials.effective_date(self.who(account)?, position).map(|(_, date)| date.to_string()))
            }
            CredentialsEvent::ExpirationDateSet { account, .. } => {
                text(views.credentials.expiration_date(self.who(account)?, position).map(|(_, date)| date.to_string()))
            }
            CredentialsEvent::CredentialsCreated { .. }
            | CredentialsEvent::CredentialsDeleted { .. }
            | CredentialsEvent::PasswordSet { .. }
            | CredentialsEvent::PasswordChanged { .. }
            | CredentialsEvent::ManagerPasswordRotated { .. }
            | CredentialsEvent::CredentialsUnlocked { .. }
            | CredentialsEvent::AccountDisabled { .. }
            | CredentialsEvent::AccountEnabled { .. }
            | CredentialsEvent::SecondFactorEnrolled { .. }
            | CredentialsEvent::SecondFactorConfirmed { .. }
            | CredentialsEvent::SecondFactorReset { .. } => return None,
        })
    }

    fn role(&self, event: &RoleEvent) -> Option<Value> {
        let Before { views, position, .. } = *self;
        Some(match event {
            RoleEvent::LevelSet { account, module, .. } => {
                let module = views.names.modules.get(module.as_str())?;
                let held = views.levels.level(self.who(account)?, module, views.timeline.as_of(position));
                json!(held.map_or(0, |(_, held)| held.weight))
            }
            RoleEvent::RoleEdited { role, .. } => {
                let number = views.roles.number(&views.names, role, position)?;
                let (_, former) = views.roles.custom(number, position)?;
                json!({"role": former.name.as_str(), "description": former.description})
            }
            RoleEvent::RoleCreated { .. }
            | RoleEvent::RoleDeleted { .. }
            | RoleEvent::RoleAssigned { .. }
            | RoleEvent::RoleRemoved { .. } => return None,
        })
    }

    fn book(&self, event: &BookEvent) -> Option<Value> {
        let Before { views, position, .. } = *self;
        Some(match event {
            BookEvent::SettingChanged { setting, .. } => {
                setting_value(*setting, views.settings.value(*setting, position))
            }
            BookEvent::TextSettingChanged { setting, .. } => json!(views.settings.text(*setting, position)),
            BookEvent::CommandRefused { .. }
            | BookEvent::CommandsRefused { .. }
            | BookEvent::HistoryRead { .. }
            | BookEvent::CorrectionRecorded { .. }
            | BookEvent::ImportStarted { .. }
            | BookEvent::ImportFinished { .. }
            | BookEvent::NoticeOwed { .. }
            | BookEvent::NoticeHandedOver { .. } => return None,
        })
    }

    fn organisation(&self, event: &OrganisationEvent) -> Option<Value> {
        let Before { views, position, .. } = *self;
        Some(match event {
            OrganisationEvent::OrganisationEdited { organisation, .. } => {
                let number = views.names.organisations.get(organisation.as_str())?;
                let known = views.organisations.organisation(number, position)?;
                json!({"full_name": known.full_name, "description": known.description})
            }
            OrganisationEvent::OrganisationMemberEdited { organisation, account, .. } => {
                let number = views.names.organisations.get(organisation.as_str())?;
                let former = views.organisations.membership(self.who(account)?, number, position)?;
                let held = former.term.position.as_ref().map(|position| position.as_str());
                let from = former.term.from.map(|from| from.to_string());
                json!({"position": held, "from": from, "until": former.holding.until().map(|until| until.to_string())})
            }
            OrganisationEvent::OrganisationCreated { .. }
            | OrganisationEvent::OrganisationMemberAdded { .. }
            | OrganisationEvent::OrganisationMemberRemoved { .. }
            | OrganisationEvent::OrganisationAdminAssigned { .. }
            | OrganisationEvent::OrganisationAdminRemoved { .. }
            | OrganisationEvent::ChapterPaymentRecorded { .. } => return None,
        })
    }

    fn group(&self, event: &GroupEvent) -> Option<Value> {
        let Before { views, position, .. } = *self;
        Some(match event {
            GroupEvent::DynamicGroupDefined { group, .. } => {
                let (_, former) = views.groups.custom(views.names.groups.get(group.as_str())?, position)?;
                json!(former.condition)
            }
            GroupEvent::ProductRegistered { product, .. } => {
                let (_, former) = views.products.product(views.names.products.get(product.as_str())?, position)?;
                json!(former.group)
            }
            GroupEvent::GroupCreated { .. }
            | GroupEvent::GroupDeleted { .. }
            | GroupEvent::GroupMemberAdded { .. }
            | GroupEvent::GroupMemberRemoved { .. }
            | GroupEvent::DynamicGroupRefreshed { .. }
            | GroupEvent::ProductUnlinked { .. }
            | GroupEvent::PurchaseRecorded { .. } => return None,
        })
    }

    fn object(&self, event: &ObjectEvent) -> Option<Value> {
        let Before { views, position, .. } = *self;
        Some(match event {
            ObjectEvent::AccessSet { object, .. } | ObjectEvent::AccessCleared { object } => {
                let number = views.names.objects.get(object.as_str())?;
                views.objects.object(number, position)?;
                views.objects.setting(number, position).1.slug().into()
            }
            ObjectEvent::ObjectCreated { .. }
            | ObjectEvent::ObjectDeleted { .. }
            | ObjectEvent::AccessGranted { .. }
            | ObjectEvent::AccessRevoked { .. } => return None,
        })
    }

    fn community(&self, event: &CommunityEvent) -> Option<Value> {
        let Before { views, position, .. } = *self;
        Some(match event {
            CommunityEvent::CommunityOpened { community, .. } => {
                let number = views.names.communities.get(community.as_str())?;
                let former = &views.communities.community(number, position)?.1.open_to;
                json!({"open_to": former.slug(), "group": former.group()})
            }
            CommunityEvent::CommunityCreated { .. }
            | CommunityEvent::CommunityClosed { .. }
            | CommunityEvent::CommunityRightGranted { .. }
            | CommunityEvent::CommunityRightRevoked { .. } => return None,
        })
    }

    fn query(&self, event: &QueryEvent) -> Option<Value> {
        let Before { views, position, .. } = *self;
        Some(match event {
            QueryEvent::QueryEdited { query, via_api, personal_data, filtered_to_caller } => {
                let (_, former) = views.queries.query(views.names.queries.get(query.as_str())?, position)?;
                let changed = [
                    ("via_api", via_api, former.via_api),
                    ("personal_data", personal_data, former.personal_data),
                    ("filtered_to_caller", filtered_to_caller, former.filtered_to_caller),
                ];
                let changed = changed.into_iter().filter(|(_, now, _)| now.is_some());
                changed.map(|(name, _, former)| (name.to_owned(), json!(former))).collect()
            }
            QueryEvent::QueryCreated { .. } | QueryEvent::QueryDeleted { .. } => return None,
        })
    }

    fn visibility(&self, event: &VisibilityEvent) -> Option<Value> {
        let Before { views, position, .. } = *self;
        Some(match event {
            VisibilityEvent::ContactVisibilityDefined { audience, .. } => {
                json!(views.visibility.set(*audience, position).map(|(_, condition)| condition))
            }
        })
    }

    fn email(&self, email: Option<&SealedEmail>) -> Value {
        text(email.and_then(|email| self.tenant.open(&email.address)))
    }
}

fn text(value: Option<String>) -> Value {
    value.map_or(Value::Null, Value::String)
}
