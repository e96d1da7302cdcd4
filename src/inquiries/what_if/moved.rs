//! Where entries of the real history lie in another one, in which commands were put in.

use grantbook_events::{Actor, BookEvent, Entry, Event, ImportNote, MailEvent, Position, SignInEvent};

/// After which entries of the real history something was put in, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Moved {
    after: Vec<Position>,
}

impl Moved {
    /// One more entry was put in, after that one.
    pub(super) fn put_in(&mut self, after: Position) {
        self.after.push(after);
    }

    /// Where an entry of the real history lies.
    pub(super) fn to(&self, real: Position) -> Position {
        Position(real.0 + self.after.partition_point(|after| *after < real) as u64)
    }

    /// Which entry of the real history lies there; that before it, where one was put in.
    pub(super) fn from(&self, position: Position) -> Position {
        let mut before = 0;
        for after in &self.after {
            if after.0 + before < position.0 {
                before += 1;
            }
        }
        Position(position.0.saturating_sub(before))
    }

    /// Whether nothing was put in.
    pub(super) fn nothing(&self) -> bool {
        self.after.is_empty()
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
            self.event(&mut recorded.event);
        }
        entry
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "what names no entry stays as it is")]
    fn event(&self, event: &mut Event) {
        let named = match event {
            Event::SignIn(SignInEvent::SessionEnded { session, .. }) => session,
            Event::Mail(
                MailEvent::PasswordResetSent { requested, .. }
                | MailEvent::PasswordResetCompleted { requested, .. }
                | MailEvent::PasswordResetFailed { requested, .. },
            ) => requested,
            Event::Mail(MailEvent::ChangesTold { through, .. }) => through,
            Event::Mail(MailEvent::MailNotHandedOver { owed, .. })
            | Event::Book(BookEvent::NoticeHandedOver { owed, .. }) => owed,
            Event::Book(BookEvent::CorrectionRecorded { position, corrected_by }) => {
                *corrected_by = corrected_by.map(|right| self.to(right));
                position
            }
            Event::Book(BookEvent::ImportFinished { started, .. }) => started,
            // Any other event names no entry.
            _ => return,
        };
        *named = self.to(*named);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_after_what_was_put_in_lies_later() {
        let moved = Moved { after: vec![Position(3), Position(3), Position(5)] };
        let there: Vec<u64> = (1..=7).map(|real| moved.to(Position(real)).0).collect();
        assert_eq!(there, [1, 2, 3, 6, 7, 9, 10]);
        let back: Vec<u64> = (1..=10).map(|position| moved.from(Position(position)).0).collect();
        assert_eq!(back, [1, 2, 3, 3, 3, 4, 5, 5, 6, 7]);
    }
}
