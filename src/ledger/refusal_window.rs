//! Counting what is refused again and again, so that a flood of refusals does not fill the journal (rules: C11, U1): the
//! first is recorded at once, the rest are counted and summed up in one entry a window.

use std::collections::HashMap;

use grantbook_events::{AccountId, Event, Instant};

/// The refusals of one kind, by account.
#[derive(Debug, Default)]
pub(crate) struct RefusalWindows {
    windows: HashMap<AccountId, Window>,
}

#[derive(Debug)]
struct Window {
    ends: Instant,
    count: u32,
    from: Instant,
}

impl RefusalWindows {
    /// A refusal happened. Says whether it is the first of its window, to be recorded at once.
    pub(crate) fn first(&mut self, account: &AccountId, at: Instant, window_minutes: u32) -> bool {
        match self.windows.get_mut(account) {
            Some(window) => {
                if window.count == 0 {
                    window.from = at;
                }
                window.count = window.count.saturating_add(1);
                false
            }
            None => {
                let window = Window { ends: at.plus_minutes(window_minutes), count: 0, from: at };
                self.windows.insert(account.clone(), window);
                true
            }
        }
    }

    /// The windows that are over, or all of them: the sums to record, by account.
    pub(crate) fn sum_up(
        &mut self,
        now: Instant,
        all: bool,
        event: fn(AccountId, u32, Instant) -> Event,
    ) -> Vec<Event> {
        let mut over: Vec<(AccountId, Window)> =
            self.windows.extract_if(|_, window| all || window.ends <= now).collect();
        over.sort_by(|(one, _), (other, _)| one.cmp(other));
        let counted = over.into_iter().filter(|(_, window)| window.count > 0);
        counted.map(|(account, window)| event(account, window.count, window.from)).collect()
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
        let firsts: Vec<bool> = (0..1_000).map(|_| windows.first(&bob, start, 1)).collect();
        assert_eq!(firsts.iter().filter(|first| **first).count(), 1);
        assert!(windows.sum_up(start, false, refused_again).is_empty(), "the window is not over");
        let sums = windows.sum_up(start.plus_minutes(1), false, refused_again);
        assert_eq!(sums, vec![refused_again(bob.clone(), 999, start)]);
        assert!(windows.first(&bob, start.plus_minutes(1), 1), "a new window begins");
        assert!(windows.sum_up(start.plus_minutes(9), false, refused_again).is_empty(), "nothing was counted in it");
    }
}
