//! Where entries of the real history lie in another one, in which commands were put in.

use grantbook_decisions::command::{BookCommand, Command, CredentialsCommand, WebhookCommand};
use grantbook_events::{
    Actor, BookEvent, Entry, Event, ImportNote, InstallationEvent, MailEvent, Position, SignInEvent, WebhookEvent,
};

/// What lies at a position of another history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lies {
    /// An entry of the real history, by where it lies there; or the place that it left empty.
    Real(Position),
    /// What was put in.
    PutIn {
        /// After which entry of the real history.
        after: Position,
        /// As which of all that was put in, from 0.
        nth: usize,
    },
}

/// After which entries of the real history something was put in, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Moved {
    /// Each with where it lies here.
    put_in: Vec<(Position, Position)>,
}

impl Moved {
    /// One more entry was put in, after that one.
    pub(super) fn put_in(&mut self, after: Position) {
        self.put_in.push((after, Position(after.0 + self.put_in.len() as u64 + 1)));
    }

    /// Where an entry of the real history lies.
    pub(super) fn to(&self, real: Position) -> Position {
        Position(real.0 + self.put_in.partition_point(|(after, _)| *after < real) as u64)
    }

    /// What lies there.
    pub(super) fn lies(&self, here: Position) -> Lies {
        let nth = self.put_in.partition_point(|(_, lies)| *lies < here);
        match self.put_in.get(nth) {
            Some((after, lies)) if *lies == here => Lies::PutIn { after: *after, nth },
            Some(_) | None => Lies::Real(Position(here.0.saturating_sub(nth as u64))),
        }
    }

    /// Whether nothing was put in.
    fn nothing(&self) -> bool {
        self.put_in.is_empty()
    }

    /// An entry of the real history, with what it names where that lies here.
    pub(super) fn entry(&self, real: &Entry) -> Entry {
        let mut entry = real.clone();
        if self.nothing() {
            return entry;
        }
        if let Actor::Account { session: Some(session), .. } = &mut entry.actor {
            *session = self.to(*session);
        }
        if let Some(ImportNote { started, .. }) = &mut entry.import {
            *started = self.to(*started);
        }
        for recorded in &mut entry.events {
            recorded.authority = recorded.authority.map(|authority| self.to(authority));
            each_named(&mut recorded.event, |position| self.to(position));
        }
        entry
    }

    /// A command that names entries of the real history, with where they lie here.
    pub(super) fn command(&self, command: &Command) -> Command {
        let mut command = command.clone();
        let to = |position: &mut Position| *position = self.to(*position);
        #[allow(clippy::wildcard_enum_match_arm, reason = "commands that name entries are looked up among all")]
        match &mut command {
            Command::Book(BookCommand::RecordCorrection { position, corrected_by }) => {
                to(position);
                corrected_by.iter_mut().for_each(to);
            }
            Command::Credentials(CredentialsCommand::EndSession { session, .. }) => session.iter_mut().for_each(to),
            Command::Webhook(WebhookCommand::RedeliverWebhook { position, .. }) => position.iter_mut().for_each(to),
            // Any other command names no entry.
            _ => {}
        }
        command
    }

    /// An event of this history, with what it names where that lies in the real one: for a sentence about it.
    pub(super) fn as_in_the_real(&self, event: &Event) -> Event {
        let mut event = event.clone();
        each_named(&mut event, |here| match self.lies(here) {
            Lies::Real(position) | Lies::PutIn { after: position, .. } => position,
        });
        event
    }

    /// A sentence of a decision in this history, with the positions of the real one.
    pub(super) fn sentence(&self, sentence: &str) -> String {
        if self.nothing() {
            return sentence.to_owned();
        }
        // What was given stands between backticks; every second part is such.
        let parts = sentence.split('`').enumerate();
        let told = parts.map(|(nth, part)| if nth % 2 == 0 { self.words(part) } else { part.to_owned() });
        told.collect::<Vec<String>>().join("`")
    }

    /// Words, where a number after one that says so is a position.
    fn words(&self, text: &str) -> String {
        let mut words: Vec<String> = Vec::new();
        for word in text.split(' ') {
            let digits = word.trim_end_matches(|letter: char| !letter.is_ascii_digit());
            let named = words.last().is_some_and(|before| ["position", "entry", "session"].contains(&before.as_str()));
            let Some(here) = digits.parse().ok().map(Position).filter(|_| named) else {
                words.push(word.to_owned());
                continue;
            };
            let rest = word.strip_prefix(digits).unwrap_or_default();
            match self.lies(here) {
                Lies::Real(real) => words.push(format!("{real}{rest}")),
                Lies::PutIn { after, .. } => {
                    words.pop();
                    words.push(format!("what was put in after position {after}{rest}"));
                }
            }
        }
        words.join(" ")
    }
}

/// Every entry that an event names becomes what `to` says.
#[allow(clippy::wildcard_enum_match_arm, reason = "what names no entry stays as it is")]
fn each_named(event: &mut Event, to: impl Fn(Position) -> Position) {
    let put = |position: &mut Position| *position = to(*position);
    match event {
        Event::SignIn(SignInEvent::SessionEnded { session: named, .. })
        | Event::Mail(
            MailEvent::PasswordResetSent { requested: named, .. }
            | MailEvent::PasswordResetCompleted { requested: named, .. }
            | MailEvent::PasswordResetFailed { requested: named, .. }
            | MailEvent::ChangesTold { through: named, .. }
            | MailEvent::MailNotHandedOver { owed: named, .. },
        )
        | Event::Book(
            BookEvent::NoticeHandedOver { owed: named, .. } | BookEvent::ImportFinished { started: named, .. },
        )
        | Event::Webhook(
            WebhookEvent::WebhookFailing { position: named, .. }
            | WebhookEvent::WebhookRecovered { position: named, .. }
            | WebhookEvent::WebhookDeliveryGivenUp { position: named, .. }
            | WebhookEvent::WebhookRedelivered { position: named, .. },
        ) => put(named),
        Event::Book(BookEvent::CorrectionRecorded { position, corrected_by }) => {
            put(position);
            corrected_by.iter_mut().for_each(put);
        }
        Event::Book(BookEvent::ImportStarted { continues: named, .. })
        | Event::Webhook(WebhookEvent::WebhookRedeliveryRequested { position: named, .. }) => {
            named.iter_mut().for_each(put);
        }
        Event::Installation(event) => {
            if let InstallationEvent::CloudIdTermsRecorded { request, check, .. } = &mut **event {
                request.iter_mut().chain(check).for_each(put);
            }
        }
        // Any other event names no entry.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved() -> Moved {
        let mut moved = Moved::default();
        [3, 3, 5].map(Position).into_iter().for_each(|after| moved.put_in(after));
        moved
    }

    #[test]
    fn what_lies_after_what_was_put_in_lies_later() {
        let moved = moved();
        let there: Vec<u64> = (1..=7).map(|real| moved.to(Position(real)).0).collect();
        assert_eq!(there, [1, 2, 3, 6, 7, 9, 10]);
        let back: Vec<Lies> = (1..=10).map(|here| moved.lies(Position(here))).collect();
        let real = |position| Lies::Real(Position(position));
        let put_in = |after, nth| Lies::PutIn { after: Position(after), nth };
        let expected =
            [real(1), real(2), real(3), put_in(3, 0), put_in(3, 1), real(4), real(5), put_in(5, 2), real(6), real(7)];
        assert_eq!(back, expected);
    }

    #[test]
    fn a_sentence_tells_the_positions_of_the_real_history() {
        let moved = moved();
        for (here, real) in [
            ("it is taken, since position 7", "it is taken, since position 5"),
            ("it is taken, since position 8; names", "it is taken, since what was put in after position 5; names"),
            ("`position 7` is taken, since position 2", "`position 7` is taken, since position 2"),
            ("entry 10 is no dead letter of `a`", "entry 7 is no dead letter of `a`"),
            ("at least 10 characters", "at least 10 characters"),
        ] {
            assert_eq!(moved.sentence(here), real);
        }
    }

    /// Whoever adds an event that names an entry says in `each_named` where that lies.
    #[test]
    fn every_entry_that_an_event_names_is_known() {
        let positions = |(field, of): &(&'static str, &str)| of.replace(' ', "").contains("Position").then_some(*field);
        let naming = Event::descriptions()
            .flat_map(|event| event.fields.iter().filter_map(positions).map(|field| format!("{}.{field}", event.kind)));
        let expected = [
            "session_ended.session",
            "correction_recorded.position",
            "correction_recorded.corrected_by",
            "import_started.continues",
            "import_finished.started",
            "notice_handed_over.owed",
            "cloud_id_terms_recorded.request",
            "cloud_id_terms_recorded.check",
            "password_reset_sent.requested",
            "password_reset_completed.requested",
            "password_reset_failed.requested",
            "changes_told.through",
            "mail_not_handed_over.owed",
            "webhook_failing.position",
            "webhook_recovered.position",
            "webhook_delivery_given_up.position",
            "webhook_redelivery_requested.position",
            "webhook_redelivered.position",
        ];
        assert_eq!(naming.collect::<Vec<String>>(), expected);
    }
}
