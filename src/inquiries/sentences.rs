//! Events as sentences that name people: "Bob S. made Jeff T. an Admin User".

use grantbook_events::{
    AccountId, Actor, AdminOrigin, BookEvent, CommunityEvent, CommunityRight, ContactEvent, ContentAuthorityEvent,
    CredentialsEvent, DashboardEvent, Event, GroupEvent, GroupName, Instant, KeepingEvent, MailEvent, ObjectEvent,
    OrganisationEvent, OrganisationKind, Principal, QueryEvent, ReviewDecision, ReviewEvent, RoleEvent,
    SeparationEvent, SignInEvent, TenantEvent, VisibilityEvent, WebhookEvent, due_words,
};

use crate::shown::Shown;

/// What happened, in a sentence without a full stop.
pub fn sentence(shown: &Shown<'_>, actor: &Actor, event: &Event) -> String {
    let by = actor_words(shown, actor);
    let name = |account: &AccountId| whom(shown, actor, account);
    match event {
        Event::Tenant(event) => tenant(&by, event),
        Event::Contact(event) => match event {
            ContactEvent::ContactAdded { account, .. } => format!("{by} added the contact {}", name(account)),
            ContactEvent::ContactUpdated { account, .. } => format!("{by} changed the details of {}", name(account)),
            ContactEvent::AccountRemoved { account } => format!("{by} removed the account {}", name(account)),
        },
        Event::Credentials(event) => credentials(&by, &name, event),
        Event::SignIn(event) => sign_in(&by, &|account| shown.called(account), event),
        Event::Dashboard(event) => dashboard(shown, &by, &name, event),
        Event::Role(event) => role(&by, &name, event),
        Event::Group(event) => group(&by, &name, event),
        Event::Object(event) => object(shown, &by, event),
        Event::Organisation(event) => organisation(&by, &name, event),
        Event::Community(event) => community(shown, &by, event),
        Event::ContentAuthority(event) => content_authority(&by, &name, event),
        Event::Query(event) => query(&by, event),
        Event::Visibility(VisibilityEvent::ContactVisibilityDefined { audience, condition }) => {
            format!("{by} made those contacts visible to {audience} of whom {condition}")
        }
        Event::Book(event) => book(&by, event),
        Event::Mail(event) => mail(&by, &|account| shown.called(account), event),
        Event::Separation(event) => match event {
            SeparationEvent::SeparationDefined { separation, one, other } => {
                format!("{by} defined the separation {separation}: nobody should have both {one} and {other}")
            }
            SeparationEvent::SeparationRemoved { separation } => format!("{by} removed the separation {separation}"),
        },
        Event::Webhook(event) => webhook(&by, event),
        Event::Keeping(event) => match event {
            KeepingEvent::LegalHoldPlaced { account } => format!("{by} placed a legal hold on {}", name(account)),
            KeepingEvent::LegalHoldLifted { account } => format!("{by} lifted the legal hold on {}", name(account)),
            KeepingEvent::ContactErased { account } => format!("{by} erased the contact {}", name(account)),
            KeepingEvent::BackupTaken { entries, .. } => format!("{by} took a backup of {entries} entries"),
            KeepingEvent::StoreRestored { entries, .. } => format!("{by} restored {entries} entries from a copy"),
        },
        Event::Review(event) => review(&by, &|account| shown.called(account), event),
        Event::Installation(event) => format!("{by}: {}", event.description().words.trim_end_matches('.')),
    }
}

fn webhook(by: &str, event: &WebhookEvent) -> String {
    match event {
        WebhookEvent::WebhookAdded { webhook, url, .. } => format!("{by} added the webhook {webhook} to {url}"),
        WebhookEvent::WebhookRemoved { webhook } => format!("{by} removed the webhook {webhook}"),
        WebhookEvent::WebhookFailing { webhook, since, attempts, .. } => {
            format!("deliveries to the webhook {webhook} have failed since {since}, {attempts} times")
        }
        WebhookEvent::WebhookRecovered { webhook, position } => {
            format!("the webhook {webhook} took deliveries again, from entry {position} on")
        }
        WebhookEvent::WebhookDeliveryGivenUp { webhook, position, attempts, .. } => {
            format!("the delivery of entry {position} to the webhook {webhook} was given up after {attempts} attempts")
        }
        WebhookEvent::WebhookRedeliveryRequested { webhook, position: Some(position) } => {
            format!("{by} asked that entry {position} be sent to the webhook {webhook} again")
        }
        WebhookEvent::WebhookRedeliveryRequested { webhook, position: None } => {
            format!("{by} asked that all dead letters of the webhook {webhook} be sent again")
        }
        WebhookEvent::WebhookRedelivered { webhook, position } => {
            format!("entry {position} was delivered to the webhook {webhook} after all")
        }
    }
}

/// Who acted, in words.
fn actor_words(shown: &Shown<'_>, actor: &Actor) -> String {
    match actor {
        Actor::System => "the ledger".to_owned(),
        Actor::Guest => "a guest".to_owned(),
        Actor::Account { id, .. } => shown.called(id),
        Actor::Support { operator } => format!("support ({operator})"),
    }
}

/// Whom it was done to: the actor's own self is not named twice.
fn whom(shown: &Shown<'_>, actor: &Actor, account: &AccountId) -> String {
    let own = match actor {
        Actor::Account { id, .. } => id == account,
        Actor::System | Actor::Guest | Actor::Support { .. } => false,
    };
    if own { "their own account".to_owned() } else { shown.called(account) }
}

fn review(by: &str, name: &dyn Fn(&AccountId) -> String, event: &ReviewEvent) -> String {
    match event {
        ReviewEvent::ReviewOpened { review, scope, reviewers, due, .. } => {
            let reviewers: Vec<String> = reviewers.iter().map(name).collect();
            format!(
                "{by} opened the review {review} of {scope}, for {} to decide by {}",
                reviewers.join(", "),
                due_words(*due)
            )
        }
        ReviewEvent::ReviewItemDecided { review, item, decision, .. } => {
            let decided = match decision {
                ReviewDecision::Keep => "keep",
                ReviewDecision::Revoke => "revoke",
            };
            format!("{by} decided in the review {review} to {decided} {item}")
        }
        ReviewEvent::ReviewRevocationWithheld { review, item, rule, .. } => match rule {
            Some(rule) => format!("the review {review} could not revoke {item}: rule {rule} keeps it"),
            None => format!("the review {review} found {item} gone already"),
        },
        ReviewEvent::ReviewClosed { review, kept, revoked, withheld, undecided } => format!(
            "{by} closed the review {review}: {kept} kept, {revoked} revoked, {withheld} not revoked, {undecided} undecided"
        ),
    }
}

fn until(end: Option<Instant>) -> String {
    end.map_or_else(String::new, |end| format!(" until {end}"))
}

fn tenant(by: &str, event: &TenantEvent) -> String {
    match event {
        TenantEvent::TenantCreated { cloud_id, edition, .. } => {
            format!("{by} created the tenant {cloud_id} (edition {edition}) with the account MANAGER")
        }
        TenantEvent::LicenceRecorded { licence, until: end } => {
            format!("{by} recorded the licence {licence}{}", until(*end))
        }
        TenantEvent::AppAdded { title, audience, .. } => format!("{by} added the app {title} for {audience}"),
        TenantEvent::ModuleAdded { module } => format!("{by} added the module {module}"),
        TenantEvent::SubscriptionRecorded { app, status, from, until: end } => {
            format!("{by} recorded the subscription to {app} as {status} from {from}{}", until(*end))
        }
        TenantEvent::TenantClosed { cloud_id } => format!("{by} closed the tenant {cloud_id}"),
    }
}

fn credentials(by: &str, name: &dyn Fn(&AccountId) -> String, event: &CredentialsEvent) -> String {
    match event {
        CredentialsEvent::CredentialsCreated { account, user_class, .. } => {
            format!("{by} created credentials of class {user_class} for {}", name(account))
        }
        CredentialsEvent::UsernameChanged { account, .. } => format!("{by} changed the username of {}", name(account)),
        CredentialsEvent::CredentialEmailSet { account, .. } => {
            format!("{by} set the email of the credentials of {}", name(account))
        }
        CredentialsEvent::CredentialsDeleted { account } => {
            format!("{by} deleted the credentials of {}", name(account))
        }
        CredentialsEvent::PasswordSet { account, .. } => format!("{by} set the password of {}", name(account)),
        CredentialsEvent::PasswordChanged { account, .. } => format!("{by} changed the password of {}", name(account)),
        CredentialsEvent::ManagerPasswordRotated { .. } => format!("{by} rotated MANAGER's password"),
        CredentialsEvent::CredentialsUnlocked { account } => {
            format!("{by} unlocked the credentials of {}", name(account))
        }
        CredentialsEvent::UserClassSet { account, user_class } => {
            format!("{by} set the user class of {} to {user_class}", name(account))
        }
        CredentialsEvent::AccountDisabled { account } => format!("{by} disabled {}", name(account)),
        CredentialsEvent::AccountEnabled { account } => format!("{by} enabled {}", name(account)),
        CredentialsEvent::EffectiveDateSet { account, date } => {
            let date = date.map_or_else(|| "none".to_owned(), |date| date.to_string());
            format!("{by} set the effective date of {} to {date}", name(account))
        }
        CredentialsEvent::ExpirationDateSet { account, date } => {
            let date = date.map_or_else(|| "none".to_owned(), |date| date.to_string());
            format!("{by} set the expiration date of {} to {date}", name(account))
        }
        CredentialsEvent::SecondFactorEnrolled { account, .. } => {
            format!("{by} enrolled a second factor for {}", name(account))
        }
        CredentialsEvent::SecondFactorConfirmed { account, .. } => {
            format!("{by} confirmed the second factor of {}", name(account))
        }
        CredentialsEvent::SecondFactorReset { account } => format!("{by} reset the second factor of {}", name(account)),
    }
}

fn sign_in(by: &str, name: &dyn Fn(&AccountId) -> String, event: &SignInEvent) -> String {
    match event {
        SignInEvent::SignedIn { account, plane, .. } => format!("{} signed in to the {plane}", name(account)),
        SignInEvent::SignInRefused { account, because, .. } => {
            format!("a sign-in to the account of {} was refused: {because}", name(account))
        }
        SignInEvent::SignInsRefused { account, count, .. } => {
            format!("{count} further sign-ins to the account of {} were refused", name(account))
        }
        SignInEvent::CredentialsLocked { account, until: end } => {
            format!("the credentials of {} were locked{}", name(account), until(*end))
        }
        SignInEvent::SessionEnded { account, because, .. } => {
            format!("{by} ended a session of {}: {because}", name(account))
        }
        SignInEvent::SecondFactorPassed { account, .. } => {
            format!("the code of the second factor of {} was accepted", name(account))
        }
        SignInEvent::EnrolmentOpened { account, .. } => format!("{} came in to enrol a second factor", name(account)),
    }
}

fn dashboard(shown: &Shown<'_>, by: &str, name: &dyn Fn(&AccountId) -> String, event: &DashboardEvent) -> String {
    match event {
        DashboardEvent::AdminAdded { account, until: end, origin } => match origin {
            AdminOrigin::FirstSignIn => format!("by the first sign-in, {} became an Admin User", shown.called(account)),
            AdminOrigin::AdminUser | AdminOrigin::Support => {
                format!("{by} made {} an Admin User{}", name(account), until(*end))
            }
        },
        DashboardEvent::AdminRemoved { account } => format!("{by} removed {} as Admin User", name(account)),
        DashboardEvent::AppUserAssigned { account, app, until: end } => {
            format!("{by} assigned {} to {app}{}", name(account), until(*end))
        }
        DashboardEvent::AppUserRemoved { account, app } => format!("{by} removed {} from {app}", name(account)),
        DashboardEvent::AppUsed { account, app, at } => format!("{} used {app} at {at}", shown.called(account)),
        DashboardEvent::BackgroundAccountSet { account, .. } => {
            format!("{by} set {} as the Background Account", name(account))
        }
    }
}

fn role(by: &str, name: &dyn Fn(&AccountId) -> String, event: &RoleEvent) -> String {
    match event {
        RoleEvent::RoleCreated { role, .. } => format!("{by} created the role {role}"),
        RoleEvent::RoleEdited { role, .. } => format!("{by} edited the role {role}"),
        RoleEvent::RoleDeleted { role } => format!("{by} deleted the role {role}"),
        RoleEvent::RoleAssigned { account, role, until: end } => {
            format!("{by} gave {} the role {role}{}", name(account), until(*end))
        }
        RoleEvent::RoleRemoved { account, role } => format!("{by} took the role {role} from {}", name(account)),
        RoleEvent::LevelSet { account, module, level, until: end } => {
            format!("{by} set the level of {} for {module} to {level}{}", name(account), until(*end))
        }
    }
}

fn group(by: &str, name: &dyn Fn(&AccountId) -> String, event: &GroupEvent) -> String {
    match event {
        GroupEvent::GroupCreated { group, .. } => format!("{by} created the group {group}"),
        GroupEvent::GroupDeleted { group } => format!("{by} deleted the group {group}"),
        GroupEvent::GroupMemberAdded { group, account, until: end } => {
            format!("{by} made {} a member of {group}{}", name(account), until(*end))
        }
        GroupEvent::GroupMemberRemoved { group, account } => format!("{by} took {} out of {group}", name(account)),
        GroupEvent::DynamicGroupDefined { group, condition } => {
            format!("{by} defined the group {group} as the contacts whose {condition}")
        }
        GroupEvent::DynamicGroupRefreshed { group, joined, left, .. } => {
            format!("{by} refreshed the group {group}: {joined} joined and {left} left")
        }
        GroupEvent::ProductRegistered { product, group } => match group {
            Some(group) => format!("{by} registered the product {product}, whose buyers become members of {group}"),
            None => format!("{by} registered the product {product}"),
        },
        GroupEvent::ProductUnlinked { product, group } => format!("the product {product} names {group} no longer"),
        GroupEvent::PurchaseRecorded { product, account, until: end } => {
            format!("{by} recorded that {} bought {product}{}", name(account), until(*end))
        }
    }
}

fn community(shown: &Shown<'_>, by: &str, event: &CommunityEvent) -> String {
    let to = |group: &Option<GroupName>| match group {
        Some(group) => format!("the group {group}"),
        None => "everybody who can sign in".to_owned(),
    };
    let what = |right: CommunityRight| match right {
        CommunityRight::CreateWiki => "create wikis in",
        CommunityRight::Administer => "administer",
    };
    match event {
        CommunityEvent::CommunityCreated { community, group } => {
            format!("{by} created the community {community} for {}", to(group))
        }
        CommunityEvent::CommunityOpened { community, group } => {
            format!("{by} opened the community {community} to {}", to(group))
        }
        CommunityEvent::CommunityClosed { community, group } => {
            format!("the community {community} was closed, since the group {group} is gone")
        }
        CommunityEvent::CommunityRightGranted { community, right, principal, until: end } => {
            let whom = principal_words(shown, principal);
            format!("{by} let {whom} {} the community {community}{}", what(*right), until(*end))
        }
        CommunityEvent::CommunityRightRevoked { community, right, principal } => {
            let whom = principal_words(shown, principal);
            format!("{by} let {whom} {} the community {community} no longer", what(*right))
        }
    }
}

fn organisation(by: &str, name: &dyn Fn(&AccountId) -> String, event: &OrganisationEvent) -> String {
    match event {
        OrganisationEvent::OrganisationCreated { organisation, kind, .. } => {
            format!("{by} created the {} {organisation}", kind_words(*kind))
        }
        OrganisationEvent::OrganisationEdited { organisation, .. } => {
            format!("{by} changed what is known of {organisation}")
        }
        OrganisationEvent::OrganisationMemberAdded { organisation, account, position, until: end, .. } => {
            let position = position.as_ref().map_or_else(String::new, |position| format!(" as {position}"));
            format!("{by} made {} a member of {organisation}{position}{}", name(account), until(*end))
        }
        OrganisationEvent::OrganisationMemberEdited { organisation, account, position, until: end, .. } => {
            let position = position.as_ref().map_or_else(String::new, |position| format!(" to {position}"));
            format!("{by} changed the membership of {} in {organisation}{position}{}", name(account), until(*end))
        }
        OrganisationEvent::OrganisationMemberRemoved { organisation, account } => {
            format!("{by} ended the membership of {} in {organisation}", name(account))
        }
        OrganisationEvent::OrganisationAdminAssigned { organisation, account, until: end } => {
            format!("{by} let {} administer {organisation}{}", name(account), until(*end))
        }
        OrganisationEvent::OrganisationAdminRemoved { organisation, account } => {
            format!("{by} took the right to administer {organisation} from {}", name(account))
        }
        OrganisationEvent::ChapterPaymentRecorded { organisation, account, until: end } => {
            format!("{by} recorded a payment for the membership of {} in {organisation}{}", name(account), until(*end))
        }
    }
}

/// What an organisation of a kind is called.
fn kind_words(kind: OrganisationKind) -> &'static str {
    match kind {
        OrganisationKind::Company => "company",
        OrganisationKind::Committee => "committee",
        OrganisationKind::ChapterFee => "chapter with a fee",
        OrganisationKind::ChapterNonFee => "chapter without a fee",
    }
}

fn content_authority(by: &str, name: &dyn Fn(&AccountId) -> String, event: &ContentAuthorityEvent) -> String {
    match event {
        ContentAuthorityEvent::ContentAuthorityGroupCreated { group, master, covers } => {
            let kind = if *master { "Master Admin" } else { "content authority" };
            let covers = match covers.as_slice() {
                [] => "nothing".to_owned(),
                covers => covers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            };
            format!("{by} created the {kind} group {group}, which covers {covers}")
        }
        ContentAuthorityEvent::ContentAuthorityMemberAdded { group, account, rights, until: end } => {
            let rights = rights.iter().map(|right| right.slug()).collect::<Vec<_>>().join(", ");
            format!(
                "{by} made {} a member of the content authority group {group}, to {rights}{}",
                name(account),
                until(*end)
            )
        }
        ContentAuthorityEvent::ContentAuthorityMemberRemoved { group, account } => {
            format!("{by} took {} out of the content authority group {group}", name(account))
        }
        ContentAuthorityEvent::ContentCoverageEnded { group, object } => {
            format!("the content authority group {group} covers {object} no longer")
        }
    }
}

fn query(by: &str, event: &QueryEvent) -> String {
    match event {
        QueryEvent::QueryCreated { query, via_api, .. } => {
            format!("{by} created the query {query}{}", if *via_api { ", available over the API" } else { "" })
        }
        QueryEvent::QueryEdited { query, via_api: Some(true), .. } => {
            format!("{by} made the query {query} available over the API")
        }
        QueryEvent::QueryEdited { query, via_api: Some(false), .. } => {
            format!("{by} made the query {query} unavailable over the API")
        }
        QueryEvent::QueryEdited { query, via_api: None, .. } => format!("{by} edited the query {query}"),
        QueryEvent::QueryDeleted { query } => format!("{by} deleted the query {query}"),
    }
}

fn object(shown: &Shown<'_>, by: &str, event: &ObjectEvent) -> String {
    match event {
        ObjectEvent::ObjectCreated { object, kind, .. } => format!("{by} created the {kind} {object}"),
        ObjectEvent::ObjectDeleted { object } => format!("{by} deleted {object}"),
        ObjectEvent::AccessSet { object, set } => format!("{by} set the access to {object} to {set}"),
        ObjectEvent::AccessGranted { object, principal, right, until: end } => {
            format!("{by} granted {right} on {object} to {}{}", principal_words(shown, principal), until(*end))
        }
        ObjectEvent::AccessRevoked { object, principal, right } => {
            format!("{by} revoked {right} on {object} from {}", principal_words(shown, principal))
        }
        ObjectEvent::AccessCleared { object } => format!("{by} cleared the access setting of {object}"),
    }
}

/// A principal in words.
pub(crate) fn principal_words(shown: &Shown<'_>, principal: &Principal) -> String {
    match principal {
        Principal::Group(group) => format!("the group {group}"),
        Principal::Role(role) => format!("the role {role}"),
        Principal::Account(account) => shown.called(account),
        Principal::MemberType(label) => format!("members of type {label}"),
        Principal::Staff => "all staff".to_owned(),
    }
}

fn mail(by: &str, called: &dyn Fn(&AccountId) -> String, event: &MailEvent) -> String {
    match event {
        MailEvent::PasswordResetRequested { account, .. } => {
            format!("{by} asked for a password reset of {}", called(account))
        }
        MailEvent::PasswordResetSent { account, .. } => {
            format!("the mail of the password reset of {} was handed over", called(account))
        }
        MailEvent::PasswordResetCompleted { account, .. } => {
            format!("{} completed a password reset", called(account))
        }
        MailEvent::PasswordResetFailed { account, because, .. } => {
            format!("the password reset of {} came to nothing: {because}", called(account))
        }
        MailEvent::PasswordResetsWithheld { account, count, .. } => {
            format!("{count} further password resets of {} were not sent", called(account))
        }
        MailEvent::ChangesTold { account, .. } => format!("{} was told by mail what changed", called(account)),
        MailEvent::MailNotHandedOver { account, because, .. } => {
            format!("a mail to {} was not handed over: {because}", called(account))
        }
    }
}

fn book(by: &str, event: &BookEvent) -> String {
    match event {
        BookEvent::SettingChanged { setting, value } if setting.is_yes_or_no() => {
            format!("{by} set {setting} to {}", *value != 0)
        }
        BookEvent::SettingChanged { setting, value } => format!("{by} set {setting} to {value}"),
        BookEvent::TextSettingChanged { setting, .. } => format!("{by} set the text of {setting}"),
        BookEvent::CommandRefused { command, rule, .. } => format!("{by} was refused {command} by rule {rule}"),
        BookEvent::CommandsRefused { count, .. } => format!("{by} was refused {count} further commands"),
        BookEvent::HistoryRead { scope, .. } => format!("{by} read the history of others ({scope})"),
        BookEvent::CorrectionRecorded { position, .. } => format!("{by} marked entry {position} as wrong"),
        BookEvent::ImportStarted { ticket, .. } => format!("{by} started an import on ticket {ticket}"),
        BookEvent::ImportFinished { lines, .. } => format!("{by} finished an import at line {lines}"),
        BookEvent::NoticeOwed { notice, .. } => format!("a mail was owed: {notice}"),
        BookEvent::NoticeHandedOver { .. } => "a mail was handed over".to_owned(),
    }
}
