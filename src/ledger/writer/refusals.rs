//! Recording who was refused what, by which rule (rule: U1): commands and questions alike. Repeats are counted and summed
//! up, so that a flood of refusals does not fill the journal.

use grantbook_decisions::{Refusal, RefusalKind, refused};
use grantbook_events::{AccountId, Actor, CommandName, Instant, Position, ReadScope, Source};
use grantbook_projections::{AsOf, KeyScope, Views};

use super::commands::acting;
use super::{Round, WINDOW_MINUTES, Writer, not_importing};
use crate::caller::Caller;
use crate::committer::{Answer, Done};
use crate::job::{Prepared, RefusedQuestion};
use crate::refusal_window::Whence;

impl Writer {
    /// A refusal of a signed-in caller by a rule is itself recorded (rule: U1); so is an attempt on a password (rule: C6).
    pub(super) fn record_refusal(
        &mut self,
        views: &mut Views,
        caller: &Caller,
        (prepared, refusal): (&Prepared, &Refusal),
        at: Instant,
        round: &mut Round,
    ) {
        let Caller::Account { account, session, .. } = caller else { return };
        let actor = Actor::Account { id: account.clone(), session: Some(*session) };
        if !refusal.recorded.events.is_empty() {
            let attempt = (prepared.name.clone(), Whence::default());
            self.attempt_failed(views, refusal, actor.clone(), attempt, at, round);
        }
        let by_rule = refusal.kind == RefusalKind::Forbidden || refusal.kind == RefusalKind::Conflict;
        let Some(rule) = refusal.rule.filter(|_| by_rule) else { return };
        let subject = prepared.command.subject().filter(|_| prepared.unknown.is_none()).cloned();
        self.count_refusal(views, account, actor, (&prepared.name, subject, rule), at, round);
    }

    /// A question that a rule refused is recorded as a refused command is.
    pub(super) fn refused_question(&mut self, job: RefusedQuestion, round: &mut Round) -> Answer {
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        not_importing(&views)?;
        let at = tenant.next_at(&views, self.around.clock.now());
        let now = AsOf { position: views.timeline.last(), clock: at };
        let (_, actor) = acting(&views, &job.caller, now)?;
        // Whom nobody knows is not named: it may be something else in the wrong place.
        let known =
            |id: &AccountId| views.account(id).is_some_and(|who| views.accounts.ever_existed(who, now.position));
        let subject = job.subject.filter(known);
        if let Caller::Account { account, .. } = &job.caller {
            self.count_refusal(&mut views, account, actor, (&job.name, subject, job.rule), at, round);
        }
        Ok(Done::nothing())
    }

    fn count_refusal(
        &mut self,
        views: &mut Views,
        account: &AccountId,
        actor: Actor,
        (name, subject, rule): (&CommandName, Option<AccountId>, &'static str),
        at: Instant,
        round: &mut Round,
    ) {
        if !self.refusals.first(account, &Whence::default(), at, WINDOW_MINUTES) {
            return;
        }
        if let Some(event) = refused(account.clone(), name.as_str(), subject, rule) {
            self.append_now(views, vec![(None, event)], actor, name.clone(), Source::Inherited, round);
        }
    }
}

/// Where a read is recorded already: once a session, and of support, who has none, once a day (rule: U3).
pub(crate) fn read_recorded(
    views: &Views,
    reader: &KeyScope,
    session: Position,
    scope: ReadScope,
    now: Instant,
) -> Option<Position> {
    let recorded = views.book.read_recorded(reader, session, scope);
    recorded.filter(|recorded| match reader {
        KeyScope::Account(_) => true,
        KeyScope::Support(_) => views.timeline.at(*recorded).date() == now.date(),
    })
}
