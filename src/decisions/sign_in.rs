//! Signing in (chapters C, F, R, M): who gets through a door, and what follows at once from it.

use grantbook_events::{
    AccountId, AdminOrigin, Client, DashboardEvent, Door, Edition, Event, Instant, Position, RefusalCause, SessionEnd,
    Setting, SignInEvent, SignInPlane,
};
use grantbook_projections::{AsOf, LONGEST_SESSION_MINUTES, RoleNumber, SystemRole, Views};
use grantbook_rights::{Capability, On, Question, Standing, Who, allowed};

use crate::case::{Case, PasswordCheck};
use crate::credentials::{changed_password, lock_after_failure};
use crate::refusal::Refusal;
use crate::second_factor::accepted;

/// Somebody at the door, whose account is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignIn {
    /// The account that the username belongs to.
    pub account: AccountId,
    /// What is signed in to.
    pub plane: SignInPlane,
    /// With what.
    pub client: Client,
    /// A number that the tabs of one browser share; 0 where none was given.
    pub browser: u64,
}

/// What comes of a sign-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignInOutcome {
    /// The session begins.
    SignedIn {
        /// What happened, each with its authority.
        events: Vec<(Option<Position>, Event)>,
        /// When the session ends by itself.
        expires_at: Instant,
        /// Whether it made the account the first Admin User (rule: F1).
        became_admin: bool,
        /// Whether the session is for enrolling a second factor alone (rule: S6).
        only_enrols: bool,
    },
    /// The password was right, and must be changed before anything else (rule: C16). Nothing happened.
    MustChange,
    /// The attempt is refused; the refusal carries what is recorded of it.
    Refused(Refusal),
}

/// The one sentence for every refused sign-in (rule: C11).
pub const NOT_ACCEPTED: &str = "the username, the password or the code is not accepted";

/// How long a session for enrolling a second factor lasts at most, in minutes: long enough to fetch the device.
const ENROLMENT_MINUTES: u32 = 30;

/// Decides on a sign-in. `case.outside` holds what a look at the password showed and the version of a token.
pub fn sign_in(attempt: &SignIn, case: &Case<'_>) -> SignInOutcome {
    let door = match attempt.plane {
        SignInPlane::Platform => Door::Platform,
        SignInPlane::Dashboard => Door::Dashboard,
    };
    if case.views.tenant.closed(case.now.position).is_some() {
        return SignInOutcome::Refused(at_a_closed_door(case));
    }
    let Some(who) = somebody(&attempt.account, case) else {
        return SignInOutcome::Refused(Refusal::not_accepted());
    };
    if let Some(because) = obstacle(who, case) {
        return SignInOutcome::Refused(not_let_in(&attempt.account, who, door, because, case));
    }
    match case.outside.check {
        Some(PasswordCheck::Matched) => {}
        Some(PasswordCheck::Wrong) | None => {
            return SignInOutcome::Refused(not_let_in(&attempt.account, who, door, RefusalCause::WrongPassword, case));
        }
        Some(PasswordCheck::VaultMismatch) => {
            return SignInOutcome::Refused(not_let_in(&attempt.account, who, door, RefusalCause::VaultMismatch, case));
        }
    }
    // What a second factor lets through is only told apart once the password was right, and told to nobody (rule: S6).
    let factor = case.views.credentials.second_factor(who, case.now.position).map(|(_, factor)| factor);
    let step = match factor.filter(|factor| factor.confirmed).map(|factor| accepted(&factor, case.outside.code)) {
        None => None,
        Some(Ok(step)) => Some(step),
        Some(Err(because)) => return SignInOutcome::Refused(not_let_in(&attempt.account, who, door, because, case)),
    };
    let manager = case.is_manager(&attempt.account);
    if let Some(because) = not_admitted(attempt, who, manager, case) {
        return SignInOutcome::Refused(not_let_in(&attempt.account, who, door, because, case));
    }
    if case.views.credentials.secret(who, case.now.position).is_some_and(|(_, secret)| secret.must_change) {
        return SignInOutcome::MustChange;
    }
    if step.is_none() && case.full(who) && case.setting(Setting::StaffSecondFactor) > 0 {
        return enrolment_opened(attempt, who, case);
    }
    signed_in(attempt, who, manager, step, case)
}

/// Nobody signs in to a closed tenant, and nothing is recorded there. Whoever knows the password is told why; nobody else
/// learns that there is such a tenant (rules: C11, T7).
fn at_a_closed_door(case: &Case<'_>) -> Refusal {
    match case.outside.check {
        Some(PasswordCheck::Matched) => Refusal::forbidden("T7", "the tenant is closed: nobody signs in any more"),
        Some(PasswordCheck::Wrong | PasswordCheck::VaultMismatch) | None => Refusal::not_accepted(),
    }
}

/// The account at a door, where it exists and has credentials. Of anybody else nothing is recorded (rule: C11): it was
/// removed, or lost its credentials, while its password was looked at.
fn somebody(account: &AccountId, case: &Case<'_>) -> Option<u32> {
    let position = case.now.position;
    let known = case.views.account(account).filter(|who| case.views.accounts.exists(*who, position));
    known.filter(|who| case.views.credentials.created(*who, position).is_some())
}

fn signed_in(attempt: &SignIn, who: u32, manager: bool, step: Option<u64>, case: &Case<'_>) -> SignInOutcome {
    let account = attempt.account.clone();
    // What an account does for itself rests on the entry that created its credentials.
    let authority = case.views.credentials.created(who, case.now.position);
    let expires_at = expires_at(case);
    let years = case.setting(Setting::ExpirationYears);
    let expiration = (!manager).then(|| case.at().date().plus_years(years));
    let mut events = superseded(attempt, who, case, authority);
    events.push((
        authority,
        Event::SignIn(SignInEvent::SignedIn {
            account: account.clone(),
            plane: attempt.plane,
            client: attempt.client,
            browser: attempt.browser,
            token: case.outside.token.unwrap_or(grantbook_events::SecretVersion(0)),
            expires_at,
            expiration,
        }),
    ));
    let passed = step.map(|step| SignInEvent::SecondFactorPassed { account: account.clone(), step });
    events.extend(passed.map(|passed| (authority, Event::SignIn(passed))));
    let became_admin = makes_first_admin(attempt, who, manager, case);
    if became_admin {
        // By the system and not by a person (rule: F1), so it rests on nobody's right.
        let added = DashboardEvent::AdminAdded { account, until: None, origin: AdminOrigin::FirstSignIn };
        events.push((None, Event::Dashboard(added)));
    }
    SignInOutcome::SignedIn { events, expires_at, became_admin, only_enrols: false }
}

/// Staff need a second factor and this account has none: it comes in to enrol one. That is no sign-in (for F1, F3, C10), as
/// giving a password that another set is none (rule: C16).
fn enrolment_opened(attempt: &SignIn, who: u32, case: &Case<'_>) -> SignInOutcome {
    let authority = case.views.credentials.created(who, case.now.position);
    let expires_at = expires_at(case).min(case.at().plus_minutes(ENROLMENT_MINUTES));
    let mut events = superseded(attempt, who, case, authority);
    events.push((
        authority,
        Event::SignIn(SignInEvent::EnrolmentOpened {
            account: attempt.account.clone(),
            plane: attempt.plane,
            client: attempt.client,
            browser: attempt.browser,
            token: case.outside.token.unwrap_or(grantbook_events::SecretVersion(0)),
            expires_at,
        }),
    ));
    SignInOutcome::SignedIn { events, expires_at, became_admin: false, only_enrols: true }
}

/// When a session that begins now ends by itself: at the timeout that is required, else at the technical maximum (rule: S6).
fn expires_at(case: &Case<'_>) -> Instant {
    let minutes = match case.setting(Setting::SessionTimeoutMinutes) {
        0 => LONGEST_SESSION_MINUTES,
        required => required,
    };
    case.at().plus_minutes(minutes)
}

/// A staff account is for one person: a sign-in from another browser ends the earlier session (rule: S5).
fn superseded(
    attempt: &SignIn,
    who: u32,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Vec<(Option<Position>, Event)> {
    if !case.full(who) || attempt.client != Client::Browser {
        return Vec::new();
    }
    let open = case.views.sessions.of_account(who).filter(|session| {
        let same_browser = attempt.browser != 0 && session.browser == attempt.browser;
        session.client == Client::Browser && !same_browser && case.views.sessions.open(session.position, case.now)
    });
    let ended = open.map(|session| SignInEvent::SessionEnded {
        account: attempt.account.clone(),
        session: session.position,
        because: SessionEnd::Superseded,
    });
    ended.map(|event| (authority, Event::SignIn(event))).collect()
}

/// Whether this sign-in is the one that makes the first Admin User (rules: F1 to F4, F7, F8, F14).
fn makes_first_admin(attempt: &SignIn, who: u32, manager: bool, case: &Case<'_>) -> bool {
    let position = case.now.position;
    let Some(genesis) = case.views.tenant.genesis(position) else { return false };
    attempt.plane == SignInPlane::Dashboard
        && genesis.edition == Edition::Cloud
        && !manager
        && case.full(who)
        && !case.views.admins.any_ever(position)
        && genesis.first_admin.as_ref().is_none_or(|named| *named == attempt.account)
}

/// What stops the credentials whatever the password is.
fn obstacle(who: u32, case: &Case<'_>) -> Option<RefusalCause> {
    let (views, now) = (case.views, case.now);
    if views.credentials.locked(who, now).is_some() {
        return Some(RefusalCause::Locked);
    }
    if views.credentials.disabled(who, now.position).1 {
        return Some(RefusalCause::Disabled);
    }
    if views.credentials.effective_date(who, now.position).is_some_and(|(_, date)| now.clock < date.start()) {
        return Some(RefusalCause::NotYetEffective);
    }
    let expired = views.credentials.expiration_date(who, now.position).is_some_and(|(_, date)| now.clock >= date.end());
    expired.then_some(RefusalCause::Expired)
}

/// What keeps a call out although its session is open: it is an application's, and its account holds RemoteService no more
/// (rule: R2). With the role the same session goes on.
pub fn kept_out(views: &Views, who: u32, session: Position, now: AsOf) -> Option<Refusal> {
    let application = views.sessions.session(session).is_some_and(|begun| begun.client == Client::Application);
    let holds = || views.roles.held(who, RoleNumber::from(SystemRole::RemoteService), now).is_some();
    (application && !holds()).then(|| {
        Refusal::forbidden("R2", "an application calls with the role RemoteService: ask a system administrator for it")
    })
}

/// What keeps an account out of this door although its password was right.
fn not_admitted(attempt: &SignIn, who: u32, manager: bool, case: &Case<'_>) -> Option<RefusalCause> {
    if attempt.client == Client::Application && !case.holds(who, SystemRole::RemoteService) {
        return Some(RefusalCause::ApplicationWithoutRemoteService);
    }
    if attempt.plane == SignInPlane::Platform {
        return None;
    }
    let question = Question {
        views: case.views,
        who: Who::Account(who),
        standing: Standing::Fresh,
        on: On::Nothing,
        as_of: case.now,
    };
    if allowed(&question, Capability::DashboardSignIn) {
        return None;
    }
    Some(if manager { RefusalCause::ManagerOnDashboard } else { RefusalCause::NoRemoteService })
}

/// The refusal of an attempt at a door, with what is recorded of it: the attempt, and the lock that it brings about.
fn not_let_in(account: &AccountId, who: u32, door: Door, because: RefusalCause, case: &Case<'_>) -> Refusal {
    let lock = if because.counts() { lock_after_failure(account, who, case) } else { None };
    let refused = SignInEvent::SignInRefused { account: account.clone(), door, because };
    let events = std::iter::once(refused).chain(lock).map(|event| (None, Event::SignIn(event))).collect();
    told(because).recording(events, because.counts())
}

/// What the caller is told: one same sentence, except where the password was right and another rule stood in the way.
fn told(because: RefusalCause) -> Refusal {
    match because {
        RefusalCause::WrongPassword
        | RefusalCause::Locked
        | RefusalCause::Disabled
        | RefusalCause::NotYetEffective
        | RefusalCause::Expired
        | RefusalCause::VaultMismatch
        | RefusalCause::CodeMissing
        | RefusalCause::WrongCode
        | RefusalCause::CodeUsed => Refusal::forbidden("C11", NOT_ACCEPTED),
        RefusalCause::NoRemoteService => {
            Refusal::forbidden("R1", "staff need the role RemoteService to sign in to the dashboard")
        }
        RefusalCause::ApplicationWithoutRemoteService => {
            Refusal::forbidden("R2", "an application's account needs the role RemoteService")
        }
        RefusalCause::ManagerOnDashboard => Refusal::forbidden("M1", "MANAGER signs in to the platform only"),
    }
}

/// Decides on changing one's own password at the guest door (rule: C16). A second factor is asked for as at the others, and
/// its code used up: else this door would tell whether a password is right, and let it alone change the password (rule: S6).
pub fn change_password(account: &AccountId, case: &Case<'_>) -> Result<Vec<(Option<Position>, Event)>, Refusal> {
    if case.views.tenant.closed(case.now.position).is_some() {
        return Err(at_a_closed_door(case));
    }
    let secret = case.new_password("new")?;
    let Some(who) = somebody(account, case) else { return Err(Refusal::not_accepted()) };
    let authority = case.views.credentials.created(who, case.now.position);
    if let Some(because) = obstacle(who, case) {
        return Err(not_let_in(account, who, Door::ChangePassword, because, case));
    }
    failed_attempt(account, who, Door::ChangePassword, case)?;
    let factor = case.views.credentials.second_factor(who, case.now.position).map(|(_, factor)| factor);
    let step = match factor.filter(|factor| factor.confirmed).map(|factor| accepted(&factor, case.outside.code)) {
        None => None,
        Some(Ok(step)) => Some(step),
        Some(Err(because)) => return Err(not_let_in(account, who, Door::ChangePassword, because, case)),
    };
    if case.is_manager(account) {
        return Err(Refusal::conflict("M2", "MANAGER's password is rotated by support alone"));
    }
    let mut events = changed_password(account, who, secret, None, case, authority)?;
    let passed = step.map(|step| SignInEvent::SecondFactorPassed { account: account.clone(), step });
    events.extend(passed.map(|passed| (authority, Event::SignIn(passed))));
    Ok(events)
}

/// A password that was looked at and not accepted is an attempt that counts (rules: B5, C6). Errors: it was not accepted;
/// the refusal carries what is recorded of it.
pub(crate) fn failed_attempt(account: &AccountId, who: u32, door: Door, case: &Case<'_>) -> Result<(), Refusal> {
    // A lock does not reveal whether the password was right, nor to a session that it does not end.
    let because = match case.outside.check {
        _ if case.views.credentials.locked(who, case.now).is_some() => RefusalCause::Locked,
        Some(PasswordCheck::Matched) => return Ok(()),
        Some(PasswordCheck::Wrong) | None => RefusalCause::WrongPassword,
        Some(PasswordCheck::VaultMismatch) => RefusalCause::VaultMismatch,
    };
    Err(not_let_in(account, who, door, because, case))
}
