//! Entries as they are shown: the public form, with names as they were then, opened by whoever holds the keys.

use grantbook_decisions::command::setting_value;
use grantbook_encoding::json::{Form, Shown, ShownImport};
use grantbook_events::{
    AccountId, Actor, BookEvent, CommunityEvent, CredentialsEvent, Entry, Event, GroupEvent, ObjectEvent, OperatorName,
    OrganisationEvent, Position, QueryEvent, RoleEvent, Sealed, SealedEmail, Source, Ticket, VisibilityEvent,
};
use grantbook_projections::{FastMap, Views};
use serde_json::{Value, json};

use crate::handle::TenantHandle;
use crate::tenant::Tenant;

impl TenantHandle {
    /// An entry in its public form. `position` is `None` for one that was decided and not recorded.
    pub fn show(&self, position: Option<Position>, entry: &Entry) -> Value {
        self.write_shown(position, entry, |form| form.to_json())
    }

    /// The same, given to whoever writes it.
    pub fn write_shown<R>(&self, position: Option<Position>, entry: &Entry, write: impl FnOnce(Form<'_>) -> R) -> R {
        let inherited = self.session_source(entry);
        write_shown(&self.open.tenant, position, entry, inherited.as_ref(), write)
    }

    /// Where the sign-in came from whose session an entry was made in.
    fn session_source(&self, entry: &Entry) -> Option<Source> {
        let Actor::Account { session: Some(session), .. } = &entry.actor else { return None };
        if entry.source != Source::Inherited {
            return None;
        }
        self.entry(*session).ok().map(|sign_in| sign_in.source)
    }
}

/// An entry in its public form, of a book that need not be a tenant's yet.
pub(crate) fn show_alone(tenant: &Tenant, position: Option<Position>, entry: &Entry) -> Value {
    write_shown(tenant, position, entry, None, |form| form.to_json())
}

fn write_shown<R>(
    tenant: &Tenant,
    position: Option<Position>,
    entry: &Entry,
    inherited: Option<&Source>,
    write: impl FnOnce(Form<'_>) -> R,
) -> R {
    let known = Known::of(tenant, &tenant.views.read(), position, entry);
    let shown = Shown {
        name_of: &|account| tenant.open(known.names.get(account)?),
        open: &|sealed| tenant.open(sealed),
        import: known.import.as_ref().map(|(ticket, operator)| ShownImport {
            ticket: ticket.as_str(),
            operator: operator.as_ref().map_or("", |operator| operator.as_str()),
        }),
        inherited,
        before: &|index| known.before.get(&index).cloned(),
        position,
        ..Shown::bare(&tenant.name, known.then)
    };
    write(Form { entry, shown: &shown })
}

/// What the views know of an entry. It is taken from them at once, and what takes long, opening names and making the form, is done
/// after: a writer waits for whoever looks at the views.
struct Known<'a> {
    /// Names are as they were then; of an entry that only might be, as they are now.
    then: Position,
    /// The sealed names of those whom the entry names.
    names: FastMap<&'a AccountId, Sealed>,
    import: Option<(Ticket, Option<OperatorName>)>,
    /// What the event of an index changed, as it was before.
    before: FastMap<usize, Value>,
}

impl<'a> Known<'a> {
    fn of(tenant: &Tenant, views: &Views, position: Option<Position>, entry: &'a Entry) -> Known<'a> {
        let then = position.unwrap_or_else(|| views.timeline.last());
        // What only would be comes after all that is.
        let before_it = position.map_or(then, Position::before);
        let import = entry.import.as_ref().and_then(|note| views.book.import_started(note.started));
        let acts = match &entry.actor {
            Actor::Account { id, .. } => Some(id),
            Actor::System | Actor::Guest | Actor::Support { .. } => None,
        };
        let events = || entry.events.iter().map(|recorded| &recorded.event);
        let mut names = FastMap::default();
        names.reserve(entry.events.len() + 1);
        for account in events().flat_map(Event::accounts).flatten().chain(acts) {
            if !names.contains_key(account)
                && let Some(name) = views.account(account).and_then(|who| views.accounts.full_name(who, then))
            {
                names.insert(account, name.clone());
            }
        }
        let before =
            events().enumerate().filter_map(|(index, event)| Some((index, before(tenant, views, before_it, event)?)));
        Known {
            then,
            names,
            import: import.map(|import| (import.ticket.clone(), import.operator.clone())),
            before: before.collect(),
        }
    }
}

/// What an event changed, as it was before. `None` for events that add or end something rather than change it.
fn before(tenant: &Tenant, views: &Views, position: Position, event: &Event) -> Option<Value> {
    let who = |account: &AccountId| views.account(account);
    let text = |value: Option<String>| value.map_or(Value::Null, Value::String);
    let email = |email: Option<&SealedEmail>| text(email.and_then(|email| tenant.open(&email.address)));
    let value = match event {
        Event::Credentials(event) => match event {
            CredentialsEvent::UsernameChanged { account, .. } => {
                text(views.credentials.username(who(account)?, position).map(ToString::to_string))
            }
            CredentialsEvent::CredentialEmailSet { account, .. } => {
                email(views.credentials.email(who(account)?, position).map(|(_, email)| email))
            }
            CredentialsEvent::UserClassSet { account, .. } => {
                text(views.credentials.class(who(account)?, position).map(|(_, class)| class.to_string()))
            }
            CredentialsEvent::EffectiveDateSet { account, .. } => {
                text(views.credentials.effective_date(who(account)?, position).map(|(_, date)| date.to_string()))
            }
            CredentialsEvent::ExpirationDateSet { account, .. } => {
                text(views.credentials.expiration_date(who(account)?, position).map(|(_, date)| date.to_string()))
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
        },
        Event::Role(event) => match event {
            RoleEvent::LevelSet { account, module, .. } => {
                let module = views.names.modules.get(module.as_str())?;
                let held = views.levels.level(who(account)?, module, views.timeline.as_of(position));
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
        },
        Event::Book(event) => match event {
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
        },
        Event::Organisation(event) => match event {
            OrganisationEvent::OrganisationEdited { organisation, .. } => {
                let number = views.names.organisations.get(organisation.as_str())?;
                let known = views.organisations.organisation(number, position)?;
                json!({"full_name": known.full_name, "description": known.description})
            }
            OrganisationEvent::OrganisationMemberEdited { organisation, account, .. } => {
                let number = views.names.organisations.get(organisation.as_str())?;
                let former = views.organisations.membership(who(account)?, number, position)?;
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
        },
        Event::Group(event) => match event {
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
        },
        Event::Object(event) => match event {
            ObjectEvent::AccessSet { object, .. } | ObjectEvent::AccessCleared { object } => {
                let number = views.names.objects.get(object.as_str())?;
                views.objects.object(number, position)?;
                views.objects.setting(number, position).1.slug().into()
            }
            ObjectEvent::ObjectCreated { .. }
            | ObjectEvent::ObjectDeleted { .. }
            | ObjectEvent::AccessGranted { .. }
            | ObjectEvent::AccessRevoked { .. } => return None,
        },
        Event::Community(event) => match event {
            CommunityEvent::CommunityOpened { community, .. } => {
                let number = views.names.communities.get(community.as_str())?;
                let former = &views.communities.community(number, position)?.1.open_to;
                json!({"open_to": former.slug(), "group": former.group()})
            }
            CommunityEvent::CommunityCreated { .. }
            | CommunityEvent::CommunityClosed { .. }
            | CommunityEvent::CommunityRightGranted { .. }
            | CommunityEvent::CommunityRightRevoked { .. } => return None,
        },
        Event::Query(event) => match event {
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
        },
        Event::Visibility(event) => match event {
            VisibilityEvent::ContactVisibilityDefined { audience, .. } => {
                json!(views.visibility.set(*audience, position).map(|(_, condition)| condition))
            }
        },
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
        | Event::Review(_) => return None,
    };
    Some(value)
}
