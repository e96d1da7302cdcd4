//! Work that falls into parts which do not wait for one another, shared out among the cores.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` makes of each number below `count`, in the order of these; as many at once as there are cores. A panic of one
/// part is that of the whole.
pub fn on_all_cores<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    on_cores(usize::MAX, count, work)
}

/// The same with no more than `most` at once, where each takes memory.
pub fn on_cores<T: Send>(most: usize, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let do_some = || {
        let taken = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < count));
        taken.map(|number| (number, work(number))).collect::<Vec<_>>()
    };
    let hands = thread::available_parallelism().map_or(1, NonZero::get).min(most).min(count);
    let mut done = thread::scope(|scope| {
        let hands: Vec<_> = (0..hands).map(|_| scope.spawn(do_some)).collect();
        let done = hands.into_iter().map(|hand| hand.join().unwrap_or_else(|panic| resume_unwind(panic)));
        done.flatten().collect::<Vec<_>>()
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, done)| done).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_part_gives_is_in_its_place() {
        for count in [0, 1, 2, 1_000] {
            let expected: Vec<usize> = (0..count).map(|number| number * 3).collect();
            assert_eq!(on_all_cores(count, |number| number * 3), expected);
            assert_eq!(on_cores(1, count, |number| number * 3), expected);
        }
    }

    #[test]
    #[should_panic(expected = "the seventh")]
    fn a_part_that_panics_is_not_passed_over() {
        on_all_cores(20, |number| assert_ne!(number, 7, "the seventh"));
    }
}
