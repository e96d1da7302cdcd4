//! Acts that rest on no right of an account: the system's, support's imports, and sums of what was only counted.

use grantbook_decisions::{Acting, Case, refused_again, stopped_again};
use grantbook_events::{Actor, CommandNote, Event, ImportNote, Position, Recorded, Source};
use grantbook_projections::AsOf;

use super::commands::decided;
use super::refusals::read_recorded;
use super::secrets::new_keys;
use super::{Draft, Round, Writer, encoded, named, not_importing, still_true};
use crate::committer::{Answer, Done};
use crate::error::LedgerError;
use crate::job::{Act, Guard, ImportedLine};

/// What happened, each with its authority.
type Events = Vec<(Option<Position>, Event)>;

impl Writer {
    pub(super) fn record(&mut self, job: Act, round: &mut Round) -> Answer {
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        match &job.guard {
            Guard::None => {}
            Guard::StillOwed(account, owed) => {
                not_importing(&views)?;
                let mut waiting = views.book.owed(views.timeline.last());
                if !waiting.any(|one| one.account == *account && one.owed == *owed) {
                    return Ok(Done::nothing());
                }
            }
            Guard::ResetUnsent(account, requested) => {
                not_importing(&views)?;
                let reset = views.account(account).and_then(|who| views.mail.reset(who, views.timeline.last()));
                if reset.is_none_or(|reset| reset.requested != *requested || reset.sent.is_some()) {
                    return Ok(Done::nothing());
                }
            }
            Guard::NoImportUnderWay => not_importing(&views)?,
            Guard::WebhookThere(webhook, secret) => {
                not_importing(&views)?;
                let known = views.webhooks.named(webhook, views.timeline.last());
                if known.is_none_or(|(_, known)| known.secret != *secret) {
                    return Ok(Done::nothing());
                }
            }
            Guard::NotRead(reader, session, scope) => {
                not_importing(&views)?;
                let now = tenant.next_at(&views, self.around.clock.now());
                if read_recorded(&views, reader, *session, *scope, now).is_some() {
                    return Ok(Done::nothing());
                }
            }
            Guard::CloudIdFree(cloud_id) => {
                if views.installation.cloud_id(cloud_id).is_some() {
                    return Err(LedgerError::CloudIdTaken(cloud_id.clone()));
                }
            }
            Guard::NoImport => {
                not_importing(&views)?;
                if let Some(at) = job.at.filter(|at| *at > self.around.clock.now()) {
                    return Err(LedgerError::Malformed {
                        field: "at".to_owned(),
                        message: format!("the first line is at {at}, which lies in the future"),
                    });
                }
                if let Some(at) = job.at.filter(|at| *at < views.timeline.last_at()) {
                    return Err(LedgerError::Malformed {
                        field: "at".to_owned(),
                        message: format!(
                            "the first line is at {at}, before the book's last entry at {}",
                            views.timeline.last_at()
                        ),
                    });
                }
            }
            Guard::ImportUnderWay(started) => {
                let under_way = views.book.import_under_way();
                if under_way.is_none_or(|import| import.started != *started) {
                    return Ok(Done::nothing());
                }
            }
        }
        let now = self.around.clock.now();
        let at = job.at.unwrap_or_else(|| tenant.next_at(&views, now));
        round.batch.secrets.extend(job.secrets);
        let draft = Draft {
            recorded_at: job.at.map(|_| now),
            ticket: job.ticket,
            commands: vec![CommandNote { name: job.name.clone(), reason: job.reason }],
            ..Draft::new(job.actor, at, job.name, job.source)
        };
        let events = job.events.into_iter().map(|event| (None, event)).collect();
        let done = self.append(&mut views, events, draft, round)?;
        round.batch.runs.extend(job.beside);
        Ok(done)
    }

    pub(super) fn import(&mut self, line: ImportedLine, round: &mut Round) -> Answer {
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        let before = AsOf { position: views.timeline.last(), clock: line.at };
        if line.at > self.around.clock.now() {
            return Err(LedgerError::Malformed { field: "at".to_owned(), message: "lies in the future".to_owned() });
        }
        if line.at < views.timeline.last_at() {
            let message = format!("is before the line before it, at {}", views.timeline.last_at());
            return Err(LedgerError::Malformed { field: "at".to_owned(), message });
        }
        let prepared = [line.prepared];
        still_true(&views, &prepared, &line.sealing)?;
        // After a line at fault those behind it, on their way already, are out of turn.
        let in_turn = views.book.import_under_way().filter(|import| import.started == line.started);
        if in_turn.is_none_or(|import| import.line + 1 != line.line) {
            return Err(LedgerError::Importing);
        }
        let [prepared] = prepared;
        let acting = Acting::Imported { started: line.started };
        let case = Case { views: &views, before, now: before, acting, outside: prepared.outside };
        let events = decided(&prepared, &case)?;
        let import = ImportNote { started: line.started, line: line.line, source: line.source, chain: line.chain };
        let actor = Actor::Account { id: line.by, session: None };
        let mut draft = Draft {
            recorded_at: Some(self.around.clock.now()),
            import: Some(import),
            ..Draft::new(actor, line.at, prepared.name.clone(), Source::Inherited)
        };
        draft.commands = vec![CommandNote { name: prepared.name.clone(), reason: prepared.reason.clone() }];
        let mut entry = draft.entry();
        entry.events = events.into_iter().map(|(authority, event)| Recorded { authority, command: 0, event }).collect();
        let Some(encoded) = encoded(&entry) else { return Err(LedgerError::TooLarge) };
        views.apply(&entry);
        let position = views.timeline.last();
        drop(views);
        self.keep(&line.sealing, &entry);
        round.batch.secrets.extend(line.secrets);
        round.batch.secrets.extend(new_keys(&tenant.name, line.sealing, &entry));
        Ok(self.push(round, position, entry, encoded))
    }

    pub(super) fn sum_up(&mut self, round: &mut Round, all: bool) {
        let now = self.around.clock.now();
        let tenant = self.tenant.clone();
        let mut views = tenant.views.write();
        // Between an import's lines nothing else is recorded; at the end it takes the instant of the last of them.
        let importing = views.book.import_under_way().is_some();
        if importing && !all {
            return;
        }
        let mut sums = self.refusals.sum_up(now, all, refused_again);
        sums.extend(self.stopped.sum_up(now, all, stopped_again));
        sums.extend(self.mails.sum_up(now, all).into_iter().map(|event| (Source::Inherited, event)));
        // An entry has one source, so what came from one place is in one entry.
        let mut entries: Vec<(Source, Events)> = Vec::new();
        for (source, event) in sums {
            match entries.iter_mut().find(|(known, _)| *known == source) {
                Some((_, events)) => events.push((None, event)),
                None => entries.push((source, vec![(None, event)])),
            }
        }
        for (source, events) in entries {
            let Ok(name) = named("sum_up_refusals") else { return };
            if importing {
                let at = views.timeline.last_at();
                let draft = Draft { recorded_at: Some(now), ..Draft::new(Actor::System, at, name, source) };
                // What is recorded of refusals is small, and so never too large.
                let _ = self.append(&mut views, events, draft, round);
            } else {
                self.append_now(&mut views, events, Actor::System, name, source, round);
            }
        }
    }
}
