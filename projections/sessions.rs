//! Sessions: who signed in, to what, until when. A session is named by the entry of its sign-in.
//!
//! A session ends by an entry or by the clock. The timeout that was required at its sign-in is in its event; one that is
//! required later shortens it from that entry on, and nothing ever lengthens it (rule: S6).

use grantbook_events::{
    BookEvent, Client, Instant, Position, SecretVersion, SessionEnd, Setting, SignInEvent, SignInPlane,
};
use serde::{Deserialize, Serialize};

use crate::history::{AsOf, Facts, History};
use crate::names::{FastMap, Names};
use crate::settings::Settings;
use crate::timeline::Timeline;

/// How long a session lasts where no timeout is required, in minutes: a token that is lost does not open for ever.
pub const LONGEST_SESSION_MINUTES: u32 = 720;

/// What is kept of a sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Session {
    /// The account number.
    pub account: u32,
    /// The entry of the sign-in.
    pub position: Position,
    /// What was signed in to.
    pub plane: SignInPlane,
    /// With what.
    pub client: Client,
    /// A number that the tabs of one browser share; 0 where none was given.
    pub browser: u64,
    /// The token's version in the vault.
    pub token: SecretVersion,
    /// Whether it is for enrolling a second factor alone (rule: S6).
    pub only_enrols: bool,
    /// When it began.
    pub begun: Instant,
    /// When it ends by itself, as was known at its beginning.
    pub expires_at: Instant,
}

/// The sessions of a tenant, in the order of their sign-ins.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Sessions {
    sessions: Vec<Session>,
    ended: Facts<SessionEnd>,
    of_account: FastMap<u32, Vec<u32>>,
    /// The timeouts that were required, in minutes; 0 for none.
    timeouts: Vec<Timeout>,
}

/// A timeout as an entry required it.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Timeout {
    set: Position,
    at: Instant,
    minutes: u32,
}

impl Sessions {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, clock: Instant, event: &SignInEvent) {
        match event {
            SignInEvent::SignedIn { account, plane, client, browser, token, expires_at, .. } => {
                self.begin(Session {
                    account: names.accounts.intern(account.as_str()),
                    position: at,
                    plane: *plane,
                    client: *client,
                    browser: *browser,
                    token: *token,
                    only_enrols: false,
                    begun: clock,
                    expires_at: *expires_at,
                });
            }
            SignInEvent::EnrolmentOpened { account, plane, client, browser, token, expires_at } => {
                self.begin(Session {
                    account: names.accounts.intern(account.as_str()),
                    position: at,
                    plane: *plane,
                    client: *client,
                    browser: *browser,
                    token: *token,
                    only_enrols: true,
                    begun: clock,
                    expires_at: *expires_at,
                });
            }
            SignInEvent::SessionEnded { session, because, .. } => {
                if let Some(number) = self.number(*session) {
                    self.ended.set(number, at, *because);
                }
            }
            // Attempts that failed began no session, a lock ends none (rule: C6), and a code is one of a sign-in.
            SignInEvent::SignInRefused { .. }
            | SignInEvent::SignInsRefused { .. }
            | SignInEvent::CredentialsLocked { .. }
            | SignInEvent::SecondFactorPassed { .. } => {}
        }
    }

    fn begin(&mut self, session: Session) {
        let number = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
        self.of_account.entry(session.account).or_default().push(number);
        self.sessions.push(session);
    }

    /// A timeout that is required shortens the sessions that are open.
    pub(crate) fn apply_setting(&mut self, at: Position, clock: Instant, event: &BookEvent) {
        if let BookEvent::SettingChanged { setting: Setting::SessionTimeoutMinutes, value } = event {
            self.timeouts.push(Timeout { set: at, at: clock, minutes: *value });
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.ended.retract(at);
        while self.timeouts.pop_if(|timeout| timeout.set == at).is_some() {}
        while let Some(session) = self.sessions.pop_if(|session| session.position == at) {
            if let Some(numbers) = self.of_account.get_mut(&session.account) {
                numbers.pop();
            }
        }
    }

    /// The session that the sign-in at `position` began.
    pub fn session(&self, position: Position) -> Option<&Session> {
        self.sessions.get(self.number(position)? as usize)
    }

    /// Whether a session is open as of then: begun, not ended and not run out.
    pub fn open(&self, session: Position, as_of: AsOf) -> bool {
        let Some(number) = self.number(session) else { return false };
        let begun = self.sessions.get(number as usize);
        begun.is_some_and(|begun| begun.position <= as_of.position && as_of.clock < self.ends_at(begun, as_of.position))
            && self.ended.at(number, as_of.position).is_none()
    }

    /// When a session ends by itself, as far as is known at `position`.
    pub fn ends_at(&self, session: &Session, position: Position) -> Instant {
        let later = self.timeouts.partition_point(|timeout| timeout.set <= session.position);
        let required = self.timeouts.iter().skip(later).take_while(|timeout| timeout.set <= position);
        let shortened = required.filter(|timeout| timeout.minutes > 0);
        // What lasted longer than the new timeout already ends as it is required.
        let ends = shortened.map(|timeout| session.begun.plus_minutes(timeout.minutes).max(timeout.at));
        ends.fold(session.expires_at, Instant::min)
    }

    /// How a session ended, and by which entry.
    pub fn ended(&self, session: Position, position: Position) -> Option<(Position, SessionEnd)> {
        self.ended.change_at(self.number(session)?, position).map(|(at, because)| (at, *because))
    }

    /// The sign-ins of an account, oldest first: coming in to enrol a second factor is none (rule: S6).
    pub fn sign_ins_of(&self, account: u32) -> impl DoubleEndedIterator<Item = &Session> {
        self.of_account(account).filter(|session| !session.only_enrols)
    }

    /// The sessions of an account, oldest first.
    pub fn of_account(&self, account: u32) -> impl DoubleEndedIterator<Item = &Session> {
        let numbers = self.of_account.get(&account).map_or(&[][..], Vec::as_slice);
        numbers.iter().filter_map(|number| self.sessions.get(*number as usize))
    }

    /// All sessions up to `position`, oldest first.
    pub fn all(&self, position: Position) -> impl DoubleEndedIterator<Item = &Session> {
        let later = self.sessions.partition_point(|session| session.position <= position);
        self.sessions.iter().take(later)
    }

    /// Whether a session, by its place among all, is among its account's, and began when its entry happened.
    pub fn agrees(&self, timeline: &Timeline, number: u32, session: &Session) -> bool {
        let own = self.of_account.get(&session.account).map_or(&[][..], Vec::as_slice);
        session.begun == timeline.at(session.position) && own.binary_search(&number).is_ok()
    }

    /// Whether accounts have no more sessions between them than there are.
    pub fn counted(&self) -> bool {
        self.of_account.values().map(Vec::len).sum::<usize>() == self.sessions.len()
    }

    /// Whether the timeouts are those that the settings say. Of several in one entry the settings know the last alone; what
    /// came before it can only shorten a session.
    pub fn timeouts_agree(&self, timeline: &Timeline, settings: &Settings) -> bool {
        let last_of_entry = self.timeouts.chunk_by(|one, next| one.set == next.set).filter_map(<[Timeout]>::last);
        let required = last_of_entry.map(|timeout| (timeout.set, timeout.minutes));
        let set = settings.history(Setting::SessionTimeoutMinutes).into_iter().flat_map(History::changes);
        self.timeouts.iter().all(|timeout| timeout.at == timeline.at(timeout.set))
            && required.eq(set.map(|(set, minutes)| (set, *minutes)))
    }

    fn number(&self, position: Position) -> Option<u32> {
        let index = self.sessions.binary_search_by_key(&position, |session| session.position).ok()?;
        u32::try_from(index).ok()
    }
}
