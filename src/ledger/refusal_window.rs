//! Counting what is refused again and again, so that a flood of refusals does not fill the journal (rules: C11, U1): the
//! first is recorded at once, the rest are counted and summed up in one entry a window. At the doors that is done for each
//! account and source apart, so that the book tells one who guesses from one who forgot.

use std::collections::HashMap;

use grantbook_events::{AccountId, Event, Instant, Source};

/// The refusals of one kind, by account and source.
#[derive(Debug, Default)]
pub(crate) struct RefusalWindows {
    windows: HashMap<AccountId, Vec<Window>>,
}

/// Where something was refused from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Whence {
    /// A number that equal sources share, in memory alone: sealed, they are not alike. 0 where it is not told apart.
    pub(crate) number: u64,
    /// The source as an entry has it.
    pub(crate) source: Source,
}

/// Sources of one account that are told apart in a window; the rest are counted together.
const MOST_SOURCES: usize = 8;

#[derive(Debug)]
struct Window {
    from: Whence,
    ends: Instant,
    count: u32,
    since: Instant,
}

impl RefusalWindows {
    /// A refusal happened. Says whether it is the first of its window, to be recorded at once.
    pub(crate) fn first(&mut self, account: &AccountId, from: &Whence, at: Instant, window_minutes: u32) -> bool {
        let windows = self.windows.entry(account.clone()).or_default();
        let known = |number: u64| move |window: &Window| window.from.number == number;
        let from = if windows.len() < MOST_SOURCES || windows.iter().any(known(from.number)) {
            from.clone()
        } else {
            Whence::default()
        };
        match windows.iter_mut().find(|window| window.from.number == from.number) {
            Some(window) => {
                if window.count == 0 {
                    window.since = at;
                }
                window.count = window.count.saturating_add(1);
                false
            }
            None => {
                windows.push(Window { from, ends: at.plus_minutes(window_minutes), count: 0, since: at });
                true
            }
        }
    }

    /// The windows that are over, or all of them: the sums to record, by account, each with the source that it came from.
    pub(crate) fn sum_up(
        &mut self,
        now: Instant,
        all: bool,
        event: fn(AccountId, u32, Instant) -> Event,
    ) -> Vec<(Source, Event)> {
        let mut over: Vec<(AccountId, Window)> = Vec::new();
        for (account, windows) in &mut self.windows {
            let ended = windows.extract_if(.., |window| all || window.ends <= now);
            over.extend(ended.map(|window| (account.clone(), window)));
        }
        self.windows.retain(|_, windows| !windows.is_empty());
        over.sort_by(|(one, of_one), (other, of_other)| (one, of_one.since).cmp(&(other, of_other.since)));
        let counted = over.into_iter().filter(|(_, window)| window.count > 0);
        counted.map(|(account, window)| (window.from.source, event(account, window.count, window.since))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grantbook_decisions::refused_again;

    // rule: U1
    #[test]
    fn the_first_is_recorded_and_the_rest_are_summed_up_once_a_window() {
        let (bob, start) = (AccountId::new("bob").unwrap(), Instant::parse("2026-01-01T00:00:00Z").unwrap());
        let mut windows = RefusalWindows::default();
        let firsts: Vec<bool> = (0..1_000).map(|_| windows.first(&bob, &Whence::default(), start, 1)).collect();
        assert_eq!(firsts.iter().filter(|first| **first).count(), 1);
        assert!(windows.sum_up(start, false, refused_again).is_empty(), "the window is not over");
        let sums = windows.sum_up(start.plus_minutes(1), false, refused_again);
        assert_eq!(sums, vec![(Source::Inherited, refused_again(bob.clone(), 999, start))]);
        assert!(windows.first(&bob, &Whence::default(), start.plus_minutes(1), 1), "a new window begins");
        assert!(windows.sum_up(start.plus_minutes(9), false, refused_again).is_empty(), "nothing was counted in it");
    }

    // rule: C11
    #[test]
    fn sources_are_told_apart_as_long_as_they_are_few() {
        let (bob, start) = (AccountId::new("bob").unwrap(), Instant::parse("2026-01-01T00:00:00Z").unwrap());
        let from = |number: u64| Whence { number, source: Source::Plain(format!("192.0.2.{number}")) };
        let mut windows = RefusalWindows::default();
        for number in (1..=100).chain(1..=100) {
            windows.first(&bob, &from(number), start, 5);
        }
        let sums = windows.sum_up(start.plus_minutes(5), false, refused_again);
        let apart = |number| (from(number).source, refused_again(bob.clone(), 1, start));
        let together = (Source::Inherited, refused_again(bob.clone(), 92 + 91, start));
        let mut expected: Vec<_> = (1..=8).map(apart).collect();
        expected.push(together);
        assert_eq!(sums, expected);
    }
}
