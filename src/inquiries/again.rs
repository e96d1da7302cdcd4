//! An entry decided again: what it asked for and what it had learnt from outside are read back from its events, and decided
//! on views that need not be those that it was decided on.

use grantbook_decisions::command::{Command, CredentialsCommand, DashboardCommand, PasswordShape};
use grantbook_decisions::{
    Acting, Case, Catalogue, CodeCheck, NewTenant, Outcome, Outside, PasswordCheck, Refusal, STARTING_APPS,
    STARTING_MODULES, SignIn, SignInOutcome, change_password, command_of, create_tenant, decide, forgot_password,
    forgot_username, reset_again, reset_password, sign_in,
};
use grantbook_events::{
    AccountId, Actor, BookEvent, Change, Client, CommandNote, ContactEvent, CredentialsEvent, Door, Entry, Event,
    MailEvent, Position, Recorded, RefusalCause, SecretVersion, SignInEvent, SignInPlane, TenantEvent,
};
use grantbook_projections::{App, AsOf, Subscription, Views};

use crate::authority::actor_account;

/// Acts of the ledger itself, of which nothing was decided by a rule: mail handed over, history read, refusals summed up,
/// imports begun and ended, what came of deliveries to webhooks.
const ACTS: [&str; 6] =
    ["deliver_webhook", "hand_over_mail", "read_history", "sum_up_refusals", "import_started", "import_finished"];

/// Why an entry does not come about again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotAgain {
    /// A command of it is refused.
    Refused {
        /// Its name.
        command: String,
        /// Why.
        refusal: Box<Refusal>,
    },
    /// Whoever acted cannot act: there is no such account or no session of it.
    NobodyActs(String),
    /// Anything else, in a sentence.
    Otherwise(String),
}

impl NotAgain {
    fn refused(command: &str, refusal: Refusal) -> NotAgain {
        NotAgain::Refused { command: command.to_owned(), refusal: Box::new(refusal) }
    }
}

impl std::fmt::Display for NotAgain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotAgain::Refused { command, refusal } => write!(f, "`{command}` is refused: {refusal}"),
            NotAgain::NobodyActs(why) | NotAgain::Otherwise(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for NotAgain {}

impl From<String> for NotAgain {
    fn from(why: String) -> NotAgain {
        NotAgain::Otherwise(why)
    }
}

/// Looks at the password that was given for an account then: whether it is the one in force in the views.
pub type Look<'a> = &'a dyn Fn(&Views, &AccountId) -> PasswordCheck;

type Events = Vec<(Option<Position>, Event)>;

/// Decides an entry again on the views before it, which are left as they were. `None` where there is nothing to decide: the
/// entry records what happened to somebody's request or to the book. Errors: it does not come about.
pub fn decide_again(views: &mut Views, entry: &Entry, look: Look<'_>) -> Result<Option<Vec<Recorded>>, NotAgain> {
    let alone = |events: Option<Events>| {
        let recorded = |(authority, event)| Recorded { authority, command: 0, event };
        events.map(|events| events.into_iter().map(recorded).collect())
    };
    let at = AsOf { position: views.timeline.last(), clock: entry.at };
    if entry.commands.len() == 1 {
        return decided(views, at, entry, look).map(alone);
    }
    commands_again(views, at, entry, look).map(Some)
}

/// Decides an entry of one command, or of what is named like one.
fn decided(views: &mut Views, at: AsOf, entry: &Entry, look: Look<'_>) -> Result<Option<Events>, NotAgain> {
    if let Some(refused) = stopped_at_a_door(entry) {
        return Ok(Some(attempt_again(views, at, entry, &refused)?));
    }
    // Of a refused command the book says who, what, on whom and which rule, but not all that it asked for.
    if entry.events.iter().any(|one| matches!(one.event, Event::Book(BookEvent::CommandRefused { .. }))) {
        return Ok(None);
    }
    let alone = |recorded: Vec<Recorded>| recorded.into_iter().map(|one| (one.authority, one.event)).collect();
    let Some(note) = entry.commands.first() else { return Ok(None) };
    let refused = |refusal| NotAgain::refused(note.name.as_str(), refusal);
    match (note.name.as_str(), &entry.actor) {
        (name, _) if ACTS.contains(&name) => Ok(None),
        ("create_tenant" | "assign_cloud_id", _) if begins(entry) => Ok(Some(genesis_again(entry)?)),
        ("sign_in", _) => sign_in_again(views, at, entry, look).map(Some),
        ("change_own_password", Actor::Account { id, session: None }) if entry.import.is_none() => {
            let Some((_, outside)) = command_of(note, &events_of(entry, 0)) else { return Err(unknown(note).into()) };
            let outside = Outside { check: Some(look(views, id)), ..outside };
            let case = Case { views, before: at, now: at, acting: Acting::Guest, outside };
            change_password(id, &case).map(Some).map_err(refused)
        }
        ("forgot_password" | "forgot_username" | "renew_password_reset" | "reset_password", _) => {
            Ok(Some(by_mail_again(views, at, entry)?))
        }
        // Any other name is of a command.
        _ => commands_again(views, at, entry, look).map(|recorded| Some(alone(recorded))),
    }
}

fn unknown(note: &CommandNote) -> String {
    format!("what `{}` asked for is not in its events", note.name)
}

fn events_of(entry: &Entry, index: usize) -> Vec<&Event> {
    let of_command = entry.events.iter().filter(|one| one.command as usize == index);
    of_command.map(|one| &one.event).collect()
}

/// Decides a list of commands, each on what the ones before it did.
fn commands_again(views: &mut Views, before: AsOf, entry: &Entry, look: Look<'_>) -> Result<Vec<Recorded>, NotAgain> {
    let acting = acting(views, before, entry)?;
    let mut tried = Entry { events: Vec::new(), ..entry.clone() };
    views.begin(&tried);
    let outcome = entry.commands.iter().enumerate().try_for_each(|(index, note)| {
        let (command, outside) = command_of(note, &events_of(entry, index)).ok_or_else(|| unknown(note))?;
        let password = command.password_use(actor_account(&entry.actor)).filter(|_| outside.check.is_some());
        let looked_at = password.filter(|password| password.looks());
        let check = looked_at.map_or(outside.check, |password| Some(look(views, password.account())));
        let position = if index == 0 { before.position } else { views.timeline.last() };
        let outside = Outside { check, ..outside };
        let case = Case { views, before, now: AsOf { position, ..before }, acting, outside };
        let refused = |refusal| NotAgain::refused(note.name.as_str(), refusal);
        let events = decide(&command, &case).map_err(refused)?;
        let from = tried.events.len();
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let recorded = |(authority, event)| Recorded { authority, command: index, event };
        tried.events.extend(events.into_iter().map(recorded));
        views.go_on(&tried, from);
        Ok::<(), NotAgain>(())
    });
    views.retract();
    outcome.map(|()| tried.events)
}

/// Who acted, as decisions see it. Errors: nobody could act so.
fn acting(views: &Views, before: AsOf, entry: &Entry) -> Result<Acting, NotAgain> {
    if let Some(import) = &entry.import {
        return Ok(Acting::Imported { started: import.started });
    }
    match &entry.actor {
        Actor::Support { .. } if entry.cause.is_some() => Ok(Acting::Relayed),
        Actor::Support { .. } => Ok(Acting::Support),
        Actor::Guest | Actor::System => Ok(Acting::Guest),
        Actor::Account { id, session } => {
            let nobody = |why: String| NotAgain::NobodyActs(why);
            let session = session.ok_or_else(|| nobody(format!("`{id}` acted in no session")))?;
            let who = views.account(id).ok_or_else(|| nobody(format!("there is no account `{id}`")))?;
            let whose = views.sessions.session(session).is_some_and(|session| session.account == who);
            if !whose || !views.sessions.open(session, before) {
                return Err(nobody(format!("`{id}` has no open session {session}")));
            }
            Ok(Acting::Account { who, session })
        }
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "one event is looked up among those of an entry, not handled")]
fn find<'a, T>(entry: &'a Entry, pick: impl Fn(&'a Event) -> Option<T>) -> Option<T> {
    entry.events.iter().find_map(|one| pick(&one.event))
}

/// Whether an entry is a tenant's first.
fn begins(entry: &Entry) -> bool {
    entry.events.iter().any(|one| matches!(one.event, Event::Tenant(TenantEvent::TenantCreated { .. })))
}

/// What the catalogue had beyond its start, and the customer's subscriptions, when the tenant began.
#[allow(clippy::wildcard_enum_match_arm, reason = "some events are looked up among those of an entry, not handled")]
fn further(entry: &Entry) -> Catalogue {
    let mut further = Catalogue::default();
    for one in &entry.events {
        match one.event.clone() {
            Event::Tenant(TenantEvent::AppAdded { app: name, title, audience })
                if !STARTING_APPS.iter().any(|(slug, _)| *slug == name.as_str()) =>
            {
                further.apps.push(App { name, title, audience });
            }
            Event::Tenant(TenantEvent::ModuleAdded { module }) if !STARTING_MODULES.contains(&module.as_str()) => {
                further.modules.push(module);
            }
            Event::Tenant(TenantEvent::SubscriptionRecorded { app, status, from, until }) => {
                further.subscriptions.push((app, Subscription { status, from, until }));
            }
            // Any other event is of every tenant's start.
            _ => {}
        }
    }
    further
}

/// A tenant's first entry, from what was to be known of it.
#[allow(clippy::wildcard_enum_match_arm, reason = "one event is looked up among those of an entry, not handled")]
fn genesis_again(entry: &Entry) -> Result<Events, String> {
    let created = find(entry, |event| match event {
        Event::Tenant(TenantEvent::TenantCreated { cloud_id, edition, customer, first_admin }) => {
            Some((cloud_id.clone(), *edition, customer.clone(), first_admin.clone()))
        }
        // Any other event follows from the tenant's creation.
        _ => None,
    });
    let manager = find(entry, |event| match event {
        Event::Contact(ContactEvent::ContactAdded { details, .. }) => match (&details.full_name, &details.email) {
            (Change::Set(name), Change::Set(email)) => Some((name.clone(), Some(email.clone()))),
            (Change::Set(name), Change::Kept | Change::Cleared) => Some((name.clone(), None)),
            (Change::Kept | Change::Cleared, _) => None,
        },
        // Any other event is about no contact.
        _ => None,
    });
    let secret = find(entry, |event| match event {
        Event::Credentials(CredentialsEvent::CredentialsCreated { secret, .. }) => Some(*secret),
        // Any other event gives no password.
        _ => None,
    });
    let (Some((cloud_id, edition, customer, first_admin)), Some((manager_name, manager_email)), Some(secret)) =
        (created, manager, secret)
    else {
        return Err("it creates no tenant with a MANAGER".to_owned());
    };
    let further = further(entry);
    let new = NewTenant { cloud_id, edition, customer, first_admin, manager_name, manager_email, secret, further };
    Ok(create_tenant(&new).into_iter().map(|event| (None, event)).collect())
}

#[allow(clippy::wildcard_enum_match_arm, reason = "one event is looked up among those of an entry, not handled")]
fn sign_in_again(views: &Views, at: AsOf, entry: &Entry, look: Look<'_>) -> Result<Events, NotAgain> {
    let found = find(entry, |event| match event {
        Event::SignIn(SignInEvent::SignedIn { account, plane, client, browser, token, .. }) => {
            Some((SignIn { account: account.clone(), plane: *plane, client: *client, browser: *browser }, *token))
        }
        Event::SignIn(SignInEvent::EnrolmentOpened { account, plane, client, browser, token, .. }) => {
            Some((SignIn { account: account.clone(), plane: *plane, client: *client, browser: *browser }, *token))
        }
        // Any other event follows from the sign-in.
        _ => None,
    });
    let (attempt, token) = found.ok_or_else(|| "nobody signs in".to_owned())?;
    let code = find(entry, |event| match event {
        Event::SignIn(SignInEvent::SecondFactorPassed { step, .. }) => Some(CodeCheck::Matched { step: *step }),
        // Any other event used up no code.
        _ => None,
    });
    let check = look(views, &attempt.account);
    let outside = Outside { check: Some(check), token: Some(token), code, ..Outside::default() };
    let case = Case { views, before: at, now: at, acting: Acting::Guest, outside };
    match sign_in(&attempt, &case) {
        SignInOutcome::SignedIn { events, .. } => Ok(events),
        SignInOutcome::MustChange => Err(NotAgain::Otherwise("the password must be changed first".to_owned())),
        SignInOutcome::Refused(refusal) => Err(NotAgain::refused("sign_in", refusal)),
    }
}

/// What guests ask for by mail, and what their links do.
#[allow(clippy::wildcard_enum_match_arm, reason = "one event is looked up among those of an entry, not handled")]
fn by_mail_again(views: &Views, at: AsOf, entry: &Entry) -> Result<Events, String> {
    let token = find(entry, |event| match event {
        Event::Mail(MailEvent::PasswordResetRequested { account, token, .. }) => Some((account.clone(), *token)),
        // Any other event asks for no reset.
        _ => None,
    });
    let created = find(entry, |event| match event {
        Event::Credentials(CredentialsEvent::CredentialsCreated { username, secret, .. }) => {
            Some((username.clone(), *secret))
        }
        // Any other event creates no credentials.
        _ => None,
    });
    let secret = find(entry, |event| match event {
        Event::Credentials(CredentialsEvent::PasswordChanged { secret, .. }) => Some(*secret),
        // Any other event sets no password.
        _ => None,
    });
    let ended = find(entry, |event| match event {
        Event::Mail(
            MailEvent::PasswordResetCompleted { account, requested }
            | MailEvent::PasswordResetFailed { account, requested, .. },
        ) => Some((account.clone(), *requested)),
        // Any other event ends no reset.
        _ => None,
    });
    let owed = find(entry, |event| match event {
        Event::Book(BookEvent::NoticeOwed { account, .. }) => Some(account.clone()),
        // Any other event owes no notice.
        _ => None,
    });
    let shape = |secret| Some((PasswordShape::ACCEPTED, secret));
    let new_password = shape(secret.or(created.as_ref().map(|(_, secret)| *secret)).unwrap_or(SecretVersion(0)));
    let outside = Outside { token: token.as_ref().map(|(_, token)| *token), new_password, ..Outside::default() };
    let case = Case { views, before: at, now: at, acting: Acting::Guest, outside };
    let nothing = || "nothing comes of it".to_owned();
    let name = entry.commands.first().map_or("", |note| note.name.as_str());
    match (name, token, created, owed, ended) {
        ("forgot_password", Some((account, _)), ..) => forgot_password(&account, &case).ok_or_else(nothing),
        ("forgot_username", Some((account, _)), Some((username, _)), ..) => {
            forgot_username(&account, Some(&username), &case).ok_or_else(nothing)
        }
        ("forgot_username", _, _, Some(account), _) => forgot_username(&account, None, &case).ok_or_else(nothing),
        ("renew_password_reset", Some((account, _)), ..) => {
            let reset = views.account(&account).and_then(|who| views.mail.reset(who, at.position));
            let requested = reset.map(|reset| reset.requested).ok_or_else(nothing)?;
            reset_again(&account, requested, &case).map(|event| vec![(None, event)]).ok_or_else(nothing)
        }
        ("reset_password", .., Some((account, requested))) => {
            match reset_password(Some((&account, requested)), &case) {
                Ok(events) => Ok(events),
                Err(refusal) if secret.is_none() => Ok(refusal.recorded.events),
                Err(refusal) => Err(format!("it is refused: {refusal}")),
            }
        }
        // Any other entry tells not what was asked for.
        _ => Err(format!("what `{name}` asked for is not in its events")),
    }
}

/// An attempt on a password that was not accepted.
struct Stopped {
    account: AccountId,
    door: Door,
    because: RefusalCause,
}

#[allow(clippy::wildcard_enum_match_arm, reason = "one event is looked up among those of an entry, not handled")]
fn stopped_at_a_door(entry: &Entry) -> Option<Stopped> {
    find(entry, |event| match event {
        Event::SignIn(SignInEvent::SignInRefused { account, door, because }) => {
            Some(Stopped { account: account.clone(), door: *door, because: *because })
        }
        // Any other event is no refused attempt.
        _ => None,
    })
}

/// What is recorded of an attempt that is refused again.
fn attempt_again(views: &Views, at: AsOf, entry: &Entry, stopped: &Stopped) -> Result<Events, String> {
    let check = match stopped.because {
        RefusalCause::WrongPassword => PasswordCheck::Wrong,
        RefusalCause::VaultMismatch => PasswordCheck::VaultMismatch,
        RefusalCause::Locked
        | RefusalCause::Disabled
        | RefusalCause::NotYetEffective
        | RefusalCause::Expired
        | RefusalCause::NoRemoteService
        | RefusalCause::ApplicationWithoutRemoteService
        | RefusalCause::ManagerOnDashboard
        | RefusalCause::CodeMissing
        | RefusalCause::WrongCode
        | RefusalCause::CodeUsed => PasswordCheck::Matched,
    };
    // What the code was is not recorded where it was not accepted, only why.
    let code = match stopped.because {
        RefusalCause::CodeMissing => None,
        RefusalCause::CodeUsed => Some(CodeCheck::Matched { step: 0 }),
        RefusalCause::VaultMismatch => Some(CodeCheck::VaultMismatch),
        RefusalCause::WrongCode => Some(CodeCheck::Wrong),
        // Whatever it was, it stood in nobody's way.
        RefusalCause::WrongPassword
        | RefusalCause::Locked
        | RefusalCause::Disabled
        | RefusalCause::NotYetEffective
        | RefusalCause::Expired
        | RefusalCause::NoRemoteService
        | RefusalCause::ApplicationWithoutRemoteService
        | RefusalCause::ManagerOnDashboard => Some(CodeCheck::Matched { step: u64::MAX }),
    };
    let new_password = Some((PasswordShape::ACCEPTED, SecretVersion(0)));
    let outside = Outside { check: Some(check), new_password, code, ..Outside::default() };
    let case = |acting| Case { views, before: at, now: at, acting, outside };
    let given = |command: Command| -> Result<Outcome, String> {
        Ok(decide(&command, &case(acting(views, at, entry).map_err(|not| not.to_string())?)))
    };
    let plane = match stopped.door {
        Door::Platform => SignInPlane::Platform,
        Door::Dashboard => SignInPlane::Dashboard,
        Door::ChangePassword => {
            return recorded(match entry.actor {
                Actor::Guest => change_password(&stopped.account, &case(Acting::Guest)),
                Actor::Account { .. } | Actor::System | Actor::Support { .. } => {
                    given(Command::Credentials(CredentialsCommand::ChangeOwnPassword))?
                }
            });
        }
        Door::BackgroundAccount => {
            let account = stopped.account.clone();
            return recorded(given(Command::Dashboard(DashboardCommand::SetBackgroundAccount { account }))?);
        }
    };
    let by_application = stopped.because == RefusalCause::ApplicationWithoutRemoteService;
    let client = if by_application { Client::Application } else { Client::Browser };
    let attempt = SignIn { account: stopped.account.clone(), plane, client, browser: 0 };
    match sign_in(&attempt, &case(Acting::Guest)) {
        SignInOutcome::Refused(refusal) => Ok(refusal.recorded.events),
        SignInOutcome::SignedIn { .. } | SignInOutcome::MustChange => Err("the attempt is accepted".to_owned()),
    }
}

/// What is recorded of a refusal. Errors: it is none.
fn recorded(outcome: Outcome) -> Result<Events, String> {
    match outcome {
        Ok(_) => Err("the attempt is accepted".to_owned()),
        Err(refusal) => Ok(refusal.recorded.events),
    }
}
