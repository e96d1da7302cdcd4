//! The guest doors: signing in and changing one's own password, and attempts that fail.

use grantbook_decisions::{Acting, Case, Refusal, SignIn, SignInOutcome, change_password, sign_in};
use grantbook_events::{AccountId, Actor, CommandName, Event, Instant, SignInEvent};
use grantbook_projections::{AsOf, Views};

use super::{Draft, Round, WINDOW_MINUTES, Writer, named, not_importing};
use crate::committer::{Answer, Done, OpenedSession};
use crate::error::LedgerError;
use crate::job::Attempt;
use crate::refusal_window::Whence;

impl Writer {
    pub(super) fn sign_in(&mut self, job: Attempt<SignIn>, round: &mut Round) -> Answer {
        let name = named("sign_in")?;
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        let (at, outcome) = self.at_a_door(&views, &job, |case| sign_in(&job.what, case))?;
        match outcome {
            SignInOutcome::MustChange => Ok(Done { must_change: true, ..Done::nothing() }),
            SignInOutcome::Refused(refusal) => Err(self.not_let_in(&mut views, refusal, (name, job.from), at, round)),
            SignInOutcome::SignedIn { events, expires_at, became_admin, only_enrols } => {
                let actor = Actor::Account { id: job.what.account.clone(), session: None };
                let draft = Draft::new(actor, at, name, job.from.source);
                let done = self.append(&mut views, events, draft, round)?;
                round.batch.secrets.extend(job.secrets);
                if let (Some(token), Some(session)) = (job.token, done.position) {
                    let tenant = self.tenant.name.clone();
                    round.batch.sessions.push((token, OpenedSession { tenant, account: job.what.account, session }));
                }
                Ok(Done { expires_at: Some(expires_at), became_admin, only_enrols, ..done })
            }
        }
    }

    pub(super) fn change_password(&mut self, job: Attempt<AccountId>, round: &mut Round) -> Answer {
        let name = named("change_own_password")?;
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        let (at, outcome) = self.at_a_door(&views, &job, |case| change_password(&job.what, case))?;
        match outcome {
            Ok(events) => {
                let actor = Actor::Account { id: job.what, session: None };
                round.batch.secrets.extend(job.secrets);
                self.append(&mut views, events, Draft::new(actor, at, name, job.from.source), round)
            }
            Err(refusal) => Err(self.not_let_in(&mut views, refusal, (name, job.from), at, round)),
        }
    }

    /// What is decided of somebody at a door, and when. The views are held until that is recorded. Errors: what was learnt
    /// beforehand was overtaken, or history is being imported.
    pub(super) fn at_a_door<T, R>(
        &self,
        views: &Views,
        job: &Attempt<T>,
        decide: impl FnOnce(&Case<'_>) -> R,
    ) -> Result<(Instant, R), LedgerError> {
        let at = self.tenant.next_at(views, self.around.clock.now());
        not_importing(views)?;
        if !job.looked_at.holds(views) {
            return Err(LedgerError::Overtaken);
        }
        let now = AsOf { position: views.timeline.last(), clock: at };
        Ok((at, decide(&Case { views, before: now, now, acting: Acting::Guest, outside: job.outside })))
    }

    fn not_let_in(
        &mut self,
        views: &mut Views,
        refusal: Refusal,
        attempt: (CommandName, Whence),
        at: Instant,
        round: &mut Round,
    ) -> LedgerError {
        self.attempt_failed(views, &refusal, Actor::Guest, attempt, at, round);
        LedgerError::Refused(refusal)
    }

    /// Attempts that count towards a lock are recorded one by one, others are grouped (rules: C6, C11).
    pub(super) fn attempt_failed(
        &mut self,
        views: &mut Views,
        refusal: &Refusal,
        actor: Actor,
        (name, from): (CommandName, Whence),
        at: Instant,
        round: &mut Round,
    ) {
        let events = &refusal.recorded.events;
        let account = events.iter().find_map(|(_, event)| {
            if let Event::SignIn(SignInEvent::SignInRefused { account, .. }) = event {
                return Some(account.clone());
            }
            None
        });
        let Some(account) = account else { return };
        if refusal.recorded.counts || self.stopped.first(&account, &from, at, WINDOW_MINUTES) {
            // At the instant that it was decided at: a lock ends so long after its own entry.
            let _ = self.append(views, events.clone(), Draft::new(actor, at, name, from.source), round);
        }
    }
}
