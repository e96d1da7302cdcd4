//! Deciding commands: who acts, whether it was done before, and what a list of them comes to.

use std::sync::Arc;

use grantbook_decisions::command::{Command, CredentialsCommand};
use grantbook_decisions::{Acting, Case, Refusal, RefusalKind, command_of, decide, kept_out};
use grantbook_events::{Actor, CommandName, CommandNote, Entry, Event, Position, Recorded};
use grantbook_projections::{AsOf, KeyScope, Views};

use super::secrets::{new_keys, retired};
use super::{Draft, Round, Writer, encoded, erased, keys_hold, not_importing, still_true};
use crate::alive::session_alive;
use crate::caller::Caller;
use crate::committer::{Answer, Done, OpenedSession};
use crate::erasure::Erased;
use crate::error::LedgerError;
use crate::job::{Commands, Prepared};
use crate::same::{same_but_for_personal, same_command};

impl Writer {
    pub(super) fn commands(&mut self, job: Commands, round: &mut Round) -> Answer {
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        let at = tenant.next_at(&views, self.around.clock.now());
        let before = AsOf { position: views.timeline.last(), clock: at };
        let (acting, actor) = match acting(&views, &job.caller, before)? {
            (Acting::Support, actor) if job.cause.is_some() => (Acting::Relayed, actor),
            found => found, // any other acts for itself
        };
        if job.cause.is_some_and(|cause| views.relays.arrived(cause).is_some()) {
            return Ok(Done::nothing());
        }
        if let Some(answer) = self.told_before(&views, &job, &actor) {
            return answer;
        }
        if let Some(moved) = job.terms.if_match.and_then(|seen| views.timeline.moved_since(seen)) {
            return Err(LedgerError::MovedOn(moved));
        }
        not_importing(&views)?;
        still_true(&views, &job.commands, &job.sealing)?;
        if let Some(refusal) = kept_from_calling(&views, &job, acting, before) {
            if let Some(first) = job.commands.first().filter(|_| !job.terms.dry_run) {
                self.record_refusal(&mut views, &job.caller, (first, &refusal), at, round);
            }
            return Err(LedgerError::Refused(refusal));
        }
        let mut draft = Draft { key: job.terms.key, ..Draft::new(actor, at, unnamed(&job.commands)?, job.source) };
        draft.commands.clear();
        draft.cause = job.cause;
        draft.ticket = job.commands.iter().find_map(|prepared| prepared.ticket.clone());
        let mut entry = draft.entry();
        views.begin(&entry);
        for (place, prepared) in job.commands.iter().enumerate() {
            let index = entry.commands.len();
            let position = if index == 0 { before.position } else { views.timeline.last() };
            let now = AsOf { position, clock: at };
            let case = Case { views: &views, before, now, acting, outside: prepared.outside };
            let stale = if place > 0 { changed_before(&views, prepared) } else { None };
            match stale.map_or_else(|| decided(prepared, &case), Err) {
                Ok(events) => {
                    let from = entry.events.len();
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    entry.events.extend(events.into_iter().map(|(authority, event)| Recorded {
                        authority,
                        command: index,
                        event,
                    }));
                    entry.commands.push(note(prepared));
                    // Of a dry run nobody looks at what the last command leaves; and a name, once given a number, keeps it.
                    if !job.terms.dry_run || place + 1 < job.commands.len() {
                        views.go_on(&entry, from);
                    }
                }
                // A tenant that has it already, or is closed, needs no more.
                Err(_) if job.cause.is_some() => {}
                Err(refusal) => {
                    views.retract();
                    if !job.terms.dry_run {
                        self.record_refusal(&mut views, &job.caller, (prepared, &refusal), at, round);
                    }
                    // Of a list it is said which.
                    let command_index = (job.commands.len() > 1).then_some(index);
                    return Err(LedgerError::Refused(Refusal { command_index, ..refusal }));
                }
            }
        }
        if entry.commands.is_empty() {
            views.retract();
            return Ok(Done::nothing());
        }
        if job.terms.dry_run {
            views.retract();
            return Ok(Done { entry: Some(Arc::new(entry)), ..Done::nothing() });
        }
        let retired = retired(&tenant.name, &views, &entry);
        let position = views.timeline.last();
        let Some(encoded) = encoded(&entry) else {
            views.retract();
            return Err(LedgerError::TooLarge);
        };
        drop(views);
        self.keep(&job.sealing, &entry);
        round.batch.secrets.extend(job.secrets);
        round.batch.secrets.extend(new_keys(&tenant.name, job.sealing, &entry));
        round.batch.retired.extend(retired);
        round.batch.erased.extend(Erased::by(&tenant, &entry));
        round.batch.runs.extend(job.beside);
        let opened =
            |(digest, account)| (digest, OpenedSession { tenant: tenant.name.clone(), account, session: position });
        round.batch.sessions.extend(job.links.into_iter().map(opened));
        Ok(self.push(round, position, entry, encoded))
    }

    /// The outcome of a command given before under the same key (decided 5 of the house: idempotency is a projection).
    fn told_before(&self, views: &Views, job: &Commands, actor: &Actor) -> Option<Answer> {
        let key = job.terms.key?;
        let position = views.book.keyed(&KeyScope::of(actor)?, key)?;
        let Some(entry) = self.entry(position) else { return Some(Err(LedgerError::Storage)) };
        // Of somebody erased nothing is left to compare a personal value with.
        let forgotten = job.sealing.used.iter().any(|(account, _)| erased(views, account));
        let same = entry.commands.len() == job.commands.len()
            && entry.commands.iter().zip(&job.commands).enumerate().all(|(index, (note, prepared))| {
                let events: Vec<&Event> = entry
                    .events
                    .iter()
                    .filter(|recorded| recorded.command as usize == index)
                    .map(|recorded| &recorded.event)
                    .collect();
                let reason = note.reason == prepared.reason;
                let recorded = command_of(note, &events);
                reason
                    && recorded.is_some_and(|(command, _)| match forgotten {
                        true => same_but_for_personal(&command, &prepared.command),
                        false => same_command(&command, &prepared.command, &entry.actor),
                    })
            });
        Some(if same {
            Ok(Done { repeated: true, ..Done::recorded(position, entry) })
        } else if !keys_hold(views, &job.sealing) {
            // Sealed with a key drawn before the first of two alike was recorded: sealed again it can be compared.
            Err(LedgerError::Overtaken)
        } else {
            Err(LedgerError::KeyReused(position))
        })
    }

    fn entry(&self, position: Position) -> Option<Arc<Entry>> {
        let recent = self.recent.iter().find(|(recent, _)| *recent == position);
        recent.map(|(_, entry)| entry.clone()).or_else(|| {
            let read = self.around.store.read(&self.tenant.stream, position.0).next()?.ok()?;
            grantbook_encoding::decode(&read.1).ok().map(Arc::new)
        })
    }
}

/// Decides on one command, as far as what it names is known.
pub(super) fn decided(prepared: &Prepared, case: &Case<'_>) -> Result<Vec<(Option<Position>, Event)>, Refusal> {
    let outcome = decide(&prepared.command, case);
    let Some(message) = &prepared.unknown else { return outcome };
    // The command was decided on a stand-in: whoever may not do it at all is told so before that nobody is there.
    match outcome {
        Err(refusal) if refusal.kind == RefusalKind::Forbidden => Err(refusal),
        Ok(_) | Err(_) => Err(Refusal::not_found(message.clone())),
    }
}

/// That a command before it in a list changed the secret that was looked at for this one, if one was.
fn changed_before(views: &Views, prepared: &Prepared) -> Option<Refusal> {
    let looked = prepared.looked_at.as_ref()?;
    let asked = prepared.outside.check.is_some() || prepared.outside.code.is_some();
    (asked && !looked.holds(views)).then(|| Refusal::secret_changed_before(&looked.account))
}

/// What keeps commands of an open session out, if something does (rule: R2). Anybody may sign out.
fn kept_from_calling(views: &Views, job: &Commands, acting: Acting, now: AsOf) -> Option<Refusal> {
    let Acting::Account { who, session } = acting else { return None };
    let ends = |one: &Prepared| matches!(one.command, Command::Credentials(CredentialsCommand::EndSession { .. }));
    if job.commands.iter().all(ends) { None } else { kept_out(views, who, session, now) }
}

/// Who acts, as decisions see it. Errors: the session is over.
pub(super) fn acting(views: &Views, caller: &Caller, now: AsOf) -> Result<(Acting, Actor), LedgerError> {
    match caller {
        Caller::Account { account, session, .. } => {
            let who = views.account(account).filter(|who| session_alive(views, *who, *session, now));
            let who = who.ok_or(LedgerError::NotSignedIn)?;
            let actor = Actor::Account { id: account.clone(), session: Some(*session) };
            Ok((Acting::Account { who, session: *session }, actor))
        }
        Caller::Support { operator } => Ok((Acting::Support, Actor::Support { operator: operator.clone() })),
    }
}

fn note(prepared: &Prepared) -> CommandNote {
    CommandNote { name: prepared.name.clone(), reason: prepared.reason.clone() }
}

fn unnamed(commands: &[Prepared]) -> Result<CommandName, LedgerError> {
    let first = commands.first().map(|prepared| prepared.name.clone());
    first.ok_or_else(|| LedgerError::Malformed {
        field: "commands".to_owned(),
        message: "expected at least one command".to_owned(),
    })
}
