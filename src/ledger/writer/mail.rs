//! What is asked for by those who cannot sign in: resets by mail and forgotten usernames (chapter P).

use std::collections::HashMap;

use grantbook_decisions::{
    Acting, Case, forgot_password, forgot_username, reset_again, reset_password, reset_withheld,
};
use grantbook_events::{AccountId, Actor, Event, Instant, MailEvent, Position};
use grantbook_projections::AsOf;

use super::{Draft, Round, Writer, named, not_importing};
use crate::committer::{Answer, Done, OpenedSession};
use crate::error::LedgerError;
use crate::job::{Asked, Attempt, Forgotten};

/// How many mails guests may ask for on one account within [`WINDOW_MINUTES`].
const MOST_MAILS: u32 = 5;
const WINDOW_MINUTES: u32 = 15;

/// Counts what guests ask for, by account, so that a flood fills neither a letterbox nor the journal.
#[derive(Debug, Default)]
pub(super) struct MailWindows {
    windows: HashMap<AccountId, Window>,
}

#[derive(Debug)]
struct Window {
    ends: Instant,
    sent: u32,
    withheld: u32,
    from: Instant,
}

impl MailWindows {
    /// Whether one more mail may go to the account; if not, it is counted.
    fn admits(&mut self, account: &AccountId, at: Instant) -> bool {
        let ends = at.plus_minutes(WINDOW_MINUTES);
        let fresh = Window { ends, sent: 0, withheld: 0, from: at };
        let window = self.windows.entry(account.clone()).or_insert(fresh);
        if window.sent < MOST_MAILS {
            window.sent += 1;
            return true;
        }
        if window.withheld == 0 {
            window.from = at;
        }
        window.withheld = window.withheld.saturating_add(1);
        false
    }

    /// The windows that are over, or all of them: the sums to record, by account.
    pub(super) fn sum_up(&mut self, now: Instant, all: bool) -> Vec<Event> {
        let mut over: Vec<(AccountId, Window)> =
            self.windows.extract_if(|_, window| all || window.ends <= now).collect();
        over.sort_by(|(one, _), (other, _)| one.cmp(other));
        let counted = over.into_iter().filter(|(_, window)| window.withheld > 0);
        counted.map(|(account, window)| reset_withheld(account, window.withheld, window.from)).collect()
    }
}

impl Writer {
    /// What somebody forgot is looked at; nothing comes of it where a rule says so, and nobody is told (rule: P1).
    pub(super) fn forgotten(&mut self, job: Forgotten, round: &mut Round) -> Answer {
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        not_importing(&views)?;
        let at = tenant.next_at(&views, self.around.clock.now());
        let now = AsOf { position: views.timeline.last(), clock: at };
        let case = Case { views: &views, before: now, now, acting: Acting::Guest, outside: job.outside };
        let (name, actor, decided) = match &job.asked {
            Asked::Password(account) => ("forgot_password", Actor::Guest, forgot_password(account, &case)),
            Asked::Username(account, username) => {
                ("forgot_username", Actor::Guest, forgot_username(account, username.as_ref(), &case))
            }
            Asked::Again(account, requested) => {
                let again = reset_again(account, *requested, &case);
                ("renew_password_reset", Actor::System, again.map(|event| vec![(None, event)]))
            }
        };
        let Some(events) = decided else { return Ok(Done::nothing()) };
        let (account, guest) = match &job.asked {
            Asked::Password(account) | Asked::Username(account, _) => (account.clone(), true),
            Asked::Again(account, _) => (account.clone(), false),
        };
        if guest && !self.mails.admits(&account, at) {
            return Ok(Done::nothing());
        }
        let links =
            events.iter().any(|(_, event)| matches!(event, Event::Mail(MailEvent::PasswordResetRequested { .. })));
        let done = self.append(&mut views, events, Draft::new(actor, at, named(name)?, job.source), round)?;
        if let (true, Some(position)) = (links, done.position) {
            round.batch.secrets.extend(job.secrets);
            let opened = OpenedSession { tenant: tenant.name.clone(), account, session: position };
            round.batch.sessions.push((job.token, opened));
        }
        Ok(done)
    }

    /// A password is set by a mailed link.
    pub(super) fn reset_password(&mut self, job: Attempt<(AccountId, Position)>, round: &mut Round) -> Answer {
        let (account, requested) = job.what.clone();
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        let (at, outcome) = self.at_a_door(&views, &job, |case| reset_password(Some((&account, requested)), case))?;
        match outcome {
            Ok(events) => {
                round.batch.secrets.extend(job.secrets);
                let actor = Actor::Account { id: account, session: None };
                let draft = Draft::new(actor, at, named("reset_password")?, job.from.source);
                self.append(&mut views, events, draft, round)
            }
            Err(refusal) => {
                let events = refusal.recorded.events.clone();
                if !events.is_empty() {
                    let draft = Draft::new(Actor::Guest, at, named("reset_password")?, job.from.source);
                    self.append(&mut views, events, draft, round)?;
                }
                Err(LedgerError::Refused(refusal))
            }
        }
    }
}
