//! The guest doors: signing in and changing one's own password, and attempts that fail.

use grantbook_decisions::{Acting, Case, Refusal, SignIn, SignInOutcome, change_password, sign_in};
use grantbook_events::{AccountId, Actor, CommandName, Event, Instant, SignInEvent, Source};
use grantbook_projections::AsOf;

use super::{Draft, Round, WINDOW_MINUTES, Writer, named, not_importing, version_holds};
use crate::committer::{Answer, Done, OpenedSession};
use crate::error::LedgerError;
use crate::job::Attempt;

impl Writer {
    pub(super) fn sign_in(&mut self, job: Attempt<SignIn>, round: &mut Round) -> Answer {
        let name = named("sign_in")?;
        let tenant = self.tenant.clone();
        let views = tenant.views.read();
        let at = tenant.next_at(&views, self.around.clock.now());
        not_importing(&views)?;
        if !version_holds(&views, &job.looked_at) {
            return Err(LedgerError::Busy);
        }
        let now = AsOf { position: views.timeline.last(), clock: at };
        let case = Case { views: &views, before: now, now, acting: Acting::Guest, outside: job.outside };
        let outcome = sign_in(&job.what, &case);
        drop(views);
        match outcome {
            SignInOutcome::MustChange => Ok(Done { must_change: true, ..Done::nothing() }),
            SignInOutcome::Refused(refusal) => {
                self.attempt_failed(&refusal, Actor::Guest, name, job.source, at, round);
                Err(LedgerError::Refused(refusal))
            }
            SignInOutcome::SignedIn { events, expires_at, became_admin } => {
                let actor = Actor::Account { id: job.what.account.clone(), session: None };
                let done = self.append(events, Draft::new(actor, at, name, job.source), round)?;
                round.batch.secrets.extend(job.secrets);
                if let (Some(token), Some(session)) = (job.token, done.position) {
                    let opened = OpenedSession { tenant: tenant.name.clone(), account: job.what.account, session };
                    round.batch.sessions.push((token, opened));
                }
                Ok(Done { expires_at: Some(expires_at), became_admin, ..done })
            }
        }
    }

    pub(super) fn change_password(&mut self, job: Attempt<AccountId>, round: &mut Round) -> Answer {
        let name = named("change_own_password")?;
        let tenant = self.tenant.clone();
        let views = tenant.views.read();
        let at = tenant.next_at(&views, self.around.clock.now());
        not_importing(&views)?;
        if !version_holds(&views, &job.looked_at) {
            return Err(LedgerError::Busy);
        }
        let now = AsOf { position: views.timeline.last(), clock: at };
        let case = Case { views: &views, before: now, now, acting: Acting::Guest, outside: job.outside };
        let outcome = change_password(&job.what, &case);
        drop(views);
        match outcome {
            Ok(events) => {
                let actor = Actor::Account { id: job.what, session: None };
                round.batch.secrets.extend(job.secrets);
                self.append(events, Draft::new(actor, at, name, job.source), round)
            }
            Err(refusal) => {
                self.attempt_failed(&refusal, Actor::Guest, name, job.source, at, round);
                Err(LedgerError::Refused(refusal))
            }
        }
    }

    /// Attempts that count towards a lock are recorded one by one, others are grouped (rules: C6, C11).
    pub(super) fn attempt_failed(
        &mut self,
        refusal: &Refusal,
        actor: Actor,
        name: CommandName,
        source: Source,
        at: Instant,
        round: &mut Round,
    ) {
        let events = &refusal.recorded.events;
        let account = events.iter().find_map(|(_, event)| match event {
            Event::SignIn(SignInEvent::SignInRefused { account, .. }) => Some(account.clone()),
            Event::SignIn(_)
            | Event::Tenant(_)
            | Event::Contact(_)
            | Event::Credentials(_)
            | Event::Dashboard(_)
            | Event::Role(_)
            | Event::Group(_)
            | Event::Object(_)
            | Event::Book(_)
            | Event::Installation(_)
            | Event::ContentAuthority(_)
            | Event::Query(_)
            | Event::Visibility(_) => None,
        });
        let Some(account) = account else { return };
        if refusal.recorded.counts || self.stopped.first(&account, at, WINDOW_MINUTES) {
            self.append_now(events.clone(), actor, name, source, round);
        }
    }
}
