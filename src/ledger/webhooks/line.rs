//! The line to one webhook: how far it is, how often it failed in a row, and when it is tried next. Lost with the process but
//! for how far it is: then it is tried at once.

use grantbook_events::{Instant, Position, ReadinessProblem};
use reqwest::Client;

use crate::calls::Destination;

/// The first pause after a failure; each further one is twice as long.
const FIRST_PAUSE_SECONDS: i64 = 5;
/// The longest pause.
const LONGEST_PAUSE_SECONDS: i64 = 3_600;
/// After how many attempts that the receiver did not take, and after how long at the least, a delivery is given up.
const MOST_REFUSALS: u32 = 10;
const LEAST_HOLD_UP_SECONDS: i64 = 3_600;
/// How long deliveries have failed until that is recorded.
const LONG_SECONDS: i64 = 3_600;

/// What was wrong with a delivery.
pub(super) type Trouble = (ReadinessProblem, Option<u16>);

/// How far a webhook is, and what holds it up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeliveryState {
    /// The last position that needs no more sending.
    pub delivered: Position,
    /// How often deliveries failed in a row.
    pub attempts: u32,
    /// Since when; none where the last one was taken.
    pub failing_since: Option<Instant>,
    /// What was wrong the last time, with the HTTP status of the answer where one came.
    pub problem: Option<(ReadinessProblem, Option<u16>)>,
    /// When it is tried next; none where nothing holds it up.
    pub next_try: Option<Instant>,
    /// Whether the vault has lost its secret, so that nothing can be signed.
    pub secret_missing: bool,
}

/// The line to one webhook.
#[derive(Default)]
pub(super) struct Line {
    /// Whether somebody is at it.
    pub(super) busy: bool,
    pub(super) delivered: Position,
    attempts: u32,
    failing_since: Option<Instant>,
    problem: Option<Trouble>,
    next_try: Option<Instant>,
    pub(super) secret_missing: bool,
    /// Since when, and how often, the receiver did not take the entry that is next.
    held_up: Option<(Instant, u32)>,
    /// The last entry that asked for haste.
    hurried: Position,
    /// The client of the last delivery, for as long as the host keeps its addresses.
    pub(super) client: Option<(Destination, Client)>,
}

/// What a failure comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    /// Since when deliveries have failed, where that is long.
    pub(super) long_since: Option<Instant>,
    /// How often in a row.
    pub(super) attempts: u32,
    /// Whether the entry is given up, and after how many attempts.
    pub(super) given_up: Option<u32>,
}

impl Line {
    pub(super) fn at(delivered: Position) -> Line {
        Line { delivered, ..Line::default() }
    }

    pub(super) fn state(&self) -> DeliveryState {
        DeliveryState {
            delivered: self.delivered,
            attempts: self.attempts,
            failing_since: self.failing_since,
            problem: self.problem,
            next_try: self.next_try,
            secret_missing: self.secret_missing,
        }
    }

    /// Whether it may be tried now.
    pub(super) fn due(&self, now: Instant) -> bool {
        !self.busy && self.next_try.is_none_or(|next| next <= now)
    }

    /// Tried at once, whatever the pause: the entry at `asked` asks for it. Once an entry.
    pub(super) fn hurry(&mut self, asked: Position) {
        if asked > self.hurried {
            (self.hurried, self.next_try) = (asked, None);
        }
    }

    /// A delivery was taken.
    pub(super) fn succeeded(&mut self) {
        (self.attempts, self.failing_since, self.problem, self.next_try) = (0, None, None, None);
        self.held_up = None;
    }

    /// A delivery failed. `spread` is a number between 0 and 255 that keeps receivers from being called all at once. Not to
    /// be reached holds everything up and nothing is given up for it; what the receiver answers badly, or not in time, can
    /// be the entry's doing, and is given up after a while so that the others can go on.
    pub(super) fn failed(&mut self, trouble: Trouble, now: Instant, spread: u8) -> Failure {
        let since = *self.failing_since.get_or_insert(now);
        self.attempts = self.attempts.saturating_add(1);
        self.problem = Some(trouble);
        self.next_try = Some(seconds_after(now, pause(self.attempts, spread)));
        let mut given_up = None;
        if was_answered(trouble.0) {
            let (from, refusals) = self.held_up.map_or((now, 1), |(from, refusals)| (from, refusals.saturating_add(1)));
            self.held_up = Some((from, refusals));
            if refusals >= MOST_REFUSALS && now >= seconds_after(from, LEAST_HOLD_UP_SECONDS) {
                given_up = Some(refusals);
                self.held_up = None;
                // The one after it is tried at once: it may have been the entry's doing.
                self.next_try = None;
            }
        }
        let long_since = (now >= seconds_after(since, LONG_SECONDS)).then_some(since);
        Failure { long_since, attempts: self.attempts, given_up }
    }
}

/// Whether the receiver was reached, so that what was sent can be what was wrong.
pub(super) fn was_answered(problem: ReadinessProblem) -> bool {
    match problem {
        ReadinessProblem::Status | ReadinessProblem::Redirects | ReadinessProblem::TooSlow => true,
        ReadinessProblem::NotHttps
        | ReadinessProblem::UnknownHost
        | ReadinessProblem::NotPublic
        | ReadinessProblem::Unreachable
        | ReadinessProblem::Certificate => false,
    }
}

fn seconds_after(instant: Instant, seconds: i64) -> Instant {
    Instant::from_microseconds(instant.microseconds().saturating_add(seconds.saturating_mul(1_000_000)))
}

/// 5 seconds, then twice as long each time, up to an hour; a quarter more at the most.
fn pause(attempts: u32, spread: u8) -> i64 {
    let pause = (FIRST_PAUSE_SECONDS << attempts.saturating_sub(1).min(10)).min(LONGEST_PAUSE_SECONDS);
    pause + pause * i64::from(spread) / 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERED: Trouble = (ReadinessProblem::Status, Some(500));
    const NOT_REACHED: Trouble = (ReadinessProblem::Unreachable, None);

    fn at(seconds: i64) -> Instant {
        Instant::from_microseconds(seconds * 1_000_000)
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_are_spread() {
        let pauses: Vec<i64> = (1..=12).map(|attempts| pause(attempts, 0)).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]);
        assert_eq!(pause(12, 255), 3_600 + 896);
        let mut line = Line::at(Position(1));
        line.failed(NOT_REACHED, at(100), 0);
        assert!(!line.due(at(104)) && line.due(at(105)));
        line.hurry(Position(7));
        assert!(line.due(at(100)));
        line.failed(NOT_REACHED, at(105), 0);
        line.hurry(Position(7));
        assert!(!line.due(at(106)));
    }

    #[test]
    fn what_the_receiver_does_not_take_is_given_up_and_the_next_is_tried_at_once() {
        let (mut line, mut now, mut last) = (Line::at(Position(1)), at(0), None);
        for _ in 0..11 {
            last = Some(line.failed(ANSWERED, now, 0));
            if last.unwrap().given_up.is_some() {
                break;
            }
            now = line.state().next_try.unwrap();
        }
        let last = last.unwrap();
        assert_eq!((last.given_up, last.attempts, now), (Some(11), 11, at(5_115)));
        assert_eq!(last.long_since, Some(at(0)));
        assert!(line.due(now));
        // The next begins anew, but pauses go on where the webhook was.
        assert_eq!(line.failed(ANSWERED, now, 0).given_up, None);
        assert_eq!(line.state().next_try, Some(at(5_115 + 3_600)));
        line.succeeded();
        assert_eq!(line.state(), DeliveryState { delivered: Position(1), ..Line::at(Position(1)).state() });
    }

    #[test]
    fn what_is_not_reached_waits_for_as_long_as_it_takes() {
        let (mut line, mut now) = (Line::at(Position(1)), at(0));
        for _ in 0..200 {
            assert_eq!(line.failed(NOT_REACHED, now, 0).given_up, None);
            now = line.state().next_try.unwrap();
        }
        assert_eq!(line.state().failing_since, Some(at(0)));
    }
}
